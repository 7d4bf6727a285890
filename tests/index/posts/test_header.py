"""Where a header begins and ends, in every kind of front matter, sound and damaged."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import PostError
from index.posts.encoding import decode
from index.posts.header import Header, read_header
from index.posts.metadata import read_metadata


def read(text: str) -> Header:
    return read_header(decode(text.encode())[0])


@pytest.mark.parametrize(
    ("text", "kind", "line"),
    [
        ("---\ntitle: x\n---\nbody", "yaml", 4),
        ("---\ntitle: x\n...\nbody", "yaml", 4),
        ("---  \ntitle: x\n-----\nbody", "yaml", 4),
        ("---yaml\ntitle: x\n---\nbody", "yaml", 4),
        ("\ufeff---\ntitle: x\n---\nbody", "yaml", 4),
        ("\n \n---\ntitle: x\n---\nbody", "yaml", 6),
        ("---\r\ntitle: x\r\n---\r\nbody", "yaml", 4),
        ("---\rtitle: x\r---\rbody", "yaml", 4),
        ("---\n{title: x}\n---\nbody", "yaml", 4),
        ("+++\ntitle = 'x'\n+++\nbody", "toml", 4),
        ("---toml\ntitle = 'x'\n---\nbody", "toml", 4),
        ('{\n "title": "x"\n}\nbody', "json", 4),
        ('{"title": "x"}\nbody', "json", 2),
        ('<!--{\n "title": "x"\n}-->\nbody', "json", 4),
        ('---json\n{"title": "x"}\n---\nbody', "json", 4),
        ("title: x\n\nbody", "bare", 3),
        ("<!--\n.. title: x\n-->\nbody", "marked", 4),
        (".. title: x\n\nbody", "marked", 3),
        ("#+title: x\nbody", "marked", 2),
        (":title: x\n\nbody", "marked", 3),
        ("title:: x\n\nbody", "logseq", 3),
        ("- title:: [[x]]\nbody", "logseq", 2),
        ('"title": "x"\n;;;\nbody', "json", 3),
        (';;;\n"title": "x",\n;;;\nbody', "json", 4),
        (';;;\n{"title": "x"}\n;;;\nbody', "json", 4),
        ("---\n? title\n: x\n---\nbody", "yaml", 5),
        ('---\n? "title"\n:\n  x\n---\nbody', "yaml", 6),
        ("---\n&" + "a" * 90 + " title: x\n---\nbody", "yaml", 4),
    ],
)
def test_each_kind_is_read(text: str, kind: str, line: int) -> None:
    header = read(text)

    assert header.metadata == {"title": "x"}
    assert (header.kind, header.body.strip(), header.body_line) == (kind, "body", line)
    assert header.warnings == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Only text.",
        "# A heading\n\ntext",
        "---\n\nA rule, and prose.",
        "---\nProse between rules.\n---\nMore prose.",
        "---\n- a\n- b\n---\nmore",
        "+++\nprose",
        "std:: vector\nprose",
        "id:: 63d1\n- a",
        "{% include x.html %}\nbody",
        "{{ x }}\nbody",
        "{: .class}\nbody",
        "{:toc}\nbody",
        "{{< code >}}\ndraft: true\n{{< /code >}}",
        '{{% code\n  file="x"\n%}}\ndraft: true\n{{% /code %}}',
        "{% raw %}\ndraft: true\n{% endraw %}",
        "Note: this is prose.\n\nbody",
        "A heading\n---\ntext\n---\ntext",
        "Front matter looks so:\n\n```yaml\n---\ntitle: x\n---\n```\n",
        "| a | b |\n|---|---|\n",
        "Put this into it.\n\n    exclude: [vendor]\n",
        "Some words.\n\nStatus: works on my machine",
        "Some words.\n\ndraft: true\n\nbody",
        "# Standards\n\nStatus: draft standard\nDate: 2013-06-19",
        "> From: Ann\n> Date: 2013-06-19\n> Title: x",
        "<style>\n  .tip {\n  visibility: hidden;\n}\n</style>",
        "{% highlight yaml %}\ntitle: x\ndraft: true\n{% endhighlight %}",
        "<!-- a comment -->\n<p>body</p>",
        "<!--\n.. a comment\n-->\nbody",
        ".. note:: of reST",
        ":smile: text",
        "- An item of a list that says in one sentence, with many words, what it is about\n\nvisibility: hidden",
        'Put `<meta name="robots" content="noindex">` into the head.\n\nMore.',
    ],
)
def test_prose_is_body(text: str) -> None:
    header = read(text)

    assert (header.metadata, header.body, header.body_line, header.kind) == ({}, text, 1, "")


@pytest.mark.parametrize(
    "body",
    [
        "Add this:\n\n    search:\n      boost: 2\n",
        "Text.\n\n    exclude: true\n",
        "Status: works for me\n",
        'Put `<meta name="robots" content="noindex">`.\n',
    ],
)
def test_what_only_looks_like_hiding_stays_text(body: str) -> None:
    assert read("---\ntitle: x\n---\n" + body).body == body.rstrip()


HEADS = {
    "yaml": "---\ntitle: x\n---\n",
    "toml": "+++\ntitle = 'x'\n+++\n",
    "json": '{"title": "x"}\n',
    "bare": "Title: x\nDate: 2013-06-19\n\n",
    "html": "<html><head><title>x</title></head>\n",
}
SAMPLES = [
    "Title: Dune\nAuthor: Herbert\n\nA review.",
    "Status: draft standard\n\nOf the RFC.",
    "Public: no\n\nMore of it.",
    "From: Ann\nDate: 2013-06-19\nSubject: x\n\nA mail.",
    "<style>\n.tip {\n  visibility: hidden;\n}\n</style>",
    "visibility: hidden;\n\nis CSS.",
    "{{< code-toggle fm=true >}}\ntitle: x\ntags:\n  - one\ndraft: true\n{{< /code-toggle >}}",
    "# Chains\n\nLook at this:\n\n{% raw %}\n---\nlayout: main\ntitle: y\ndraft: true\n---\n{% endraw %}",
    "{% highlight yaml %}\ntitle: x\ndraft: true\n{% endhighlight %}",
    "Use:\n\n{% codeblock lang:yaml %}\ntitle: x\ndate: y\n{% endcodeblock %}",
    "Use:\n\n[code]\ntitle: x\nstatus: draft\n[/code]",
    "<pre>\ntitle: x\ntags: y\n</pre>",
    "<Tabs>\ntitle: x\ndate: y\nprivate: yes\n</Tabs>",
]


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
@pytest.mark.parametrize("body", SAMPLES)
def test_below_a_whole_header_all_is_text(head: str, body: str) -> None:
    assert read(head + body).body.endswith(body)


def test_a_line_that_would_hide_above_is_told() -> None:
    header = read("---\ntitle: x\n---\n\nprivate: yes\n\nbody")

    assert [(finding.line, "would hide" in finding.message) for finding in header.warnings] == [(5, True)]


@pytest.mark.parametrize("head", ["---\ntitle: x\n---\n\n", "+++\n+++\n", '{"title": "x"}\n', "Title: x\n\n"])
def test_code_at_the_beginning_of_the_body_stays_code(head: str) -> None:
    """python-frontmatter would cut off what makes code of its first line."""
    header = read(head + "    first\n    second\n\n")

    assert header.body == "    first\n    second"
    assert header.body_line == head.count("\n") + 1


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("---\ntitle: x\ndraft: true\n\nbody", 1),
        ("---\n\ntitle: x\ndraft: true\nbody", 1),
        ("+++\ndraft = true\n", 1),
        ("+++\ntitle = 'x'\n+++\ndraft = true\n+++\nbody", 4),
        ('{\n "draft": true\nbody', 3),
        ("<!--{ draft: true }-->", 1),
        ("+++\ntitle = x\n+++\n", 2),
        ("---title: x\ndraft: true\n---\nbody", 1),
        ("---js\n{draft: true}\n---\nbody", 1),
        ("Hello there\n---\ntitle: x\ndraft: true\n---\nbody", 1),
        ("---\n- draft: true\n---\nbody", 2),
        ("--\ntitle: x\nsearch:\n  exclude: true\n---\nbody", 4),
        ("---\n---\nsearch:\n  exclude: true\n---\nbody", 4),
        ("---\ntitle: x\n---\nsearch:\n  exclude: true\n---\nbody", 5),
        ("---\ntitle: x\n---\nseo:\n    noindex: true\n---\nbody", 5),
        ("---\ntitle: x\nsearch:\n---\n  exclude: true\n---\nbody", 5),
        ("---\ntitle: x\n---\n\u00a0draft: true\n---\nbody", 4),
        ("---\ntitle: x\n---\ndraft：true\n---\nbody", 4),
        ("---\ntitle: x\ndraft：true\n---\nbody", 3),
        ("---\ntitle：x\ndraft： true\n---\nbody", 3),
        ("---\ntitle: x\n  draft：true\n---\nbody", 3),
        ("Title: x\nStatus：draft\n\nbody", 2),
        ("---\ntitle: a\n<<<<<<< HEAD\ndraft: true\n=======\n>>>>>>> b\n---\nbody", 3),
        ("<<<<<<< HEAD\n---\ndraft: true\n---\n", 1),
        ("Title: x\n<<<<<<< HEAD\nStatus: draft\n", 2),
        ("Title: x\na broken line\nStatus: draft\n\nbody", 3),
        ("\n\n---\ntitle: [\ndraft: true\n x: y\n---\n", 6),
        ("-- -\ntitle: x\ndate: 2013\ndraft: true\n---\nbody", 3),
        ("words\n\ndraft: true\n\nbody", 3),
        ("Title: x\n\nStatus: draft\nTags: y\n\nbody", 3),
        ("--\n#+DRAFT: t\nbody", 2),
        ("<!--\n.. title: x\n.. status: draft\n\nbody", 1),
        (":draft: no\npublishDate: 2999-01-01\n\nbody", 2),
        ("Title: x\nbody\n\ny\nStatus: draft\n\nbody", 5),
        ('<html><head><title\n<meta name="draft" content="true">\n</head>', 1),
        ('<html><head>\n<title>x</title\n<meta name="draft" content="true">\n</head>', 2),
        ("<title><title>---\npublished: false\n---\nbody", 1),
        ('<html>\n<title>x</title>\n<link\n<meta name="draft" content="true">\n</head>', 3),
        ("<!--\n.. title: x\n.. draft true\n-->\nbody", 3),
        (';;;\n"title": "x"\n\nbody', 1),
        ("---js\n{draft: true}\n", 1),
        ("Title:: A post\nDate: 2013-06-19\nStatus: draft\n\nbody", 3),
        ("x\n.. status: private\n\nbody", 2),
        ("---\ntitle: x\n---\ndraft: true\nlayout: y\n---\nbody", 4),
        ("+++\n+++\ntitle = 'x'\ndraft = true\n+++\nbody", 4),
        ("draft: no\n\ntitle = 'x'\ndraft = true\n+++\nbody", 4),
        ('  "title": "x",\n  "draft": true\n}\nbody', 2),
        ('{"title": "x"},\n"draft": true}\nbody', 1),
        ('{% "title": "x",\n"draft": true}\nbody', 2),
        ('{{% title": "x",\n"draft": true,\n"tags": ["y"]}\nbody', 2),
        ('{%title": "x",\n"draft": true}\n\n{% raw %}', 2),
        ("title\u00a0a b\u00a0c d\u00a0e\ndraft = true\n+++\nbody", 2),
        ("draft: no\n------\ndraft: true\nbody", 3),
        ("title: x\n---\nstatus: draft\nbody", 3),
        ("Title: x\n  Status: draft\n\nbody", 2),
        ("+++\n" + "a." * 20_000 + "b = 1\n+++\n", 2),
        ("+++\nx = 1\n" + '"\\"" . ' * 20_000 + "b = 1\n+++\n", 3),
        ("+++\na = " + "[" * 100_000 + "\n+++\n", 1),
        ('{"a": ' + "[" * 100_000, 1),
        ('{"a": ' + "[" * 100 + "]" * 100 + "}", 1),
        ("+++\na = 0x" + "f" * 5_000 + "\n+++\n", 1),
        ("---\na: " + "x" * 300_000 + "\n---\n", 1),
        ("---\n? draft\n: true\n\nbody", 1),
        ("? draft\n: true\n---\nbody", 2),
        ("---\ntitle: x\n---\n? draft\n: true\n---\nbody", 5),
        ("-- -\npublishDate: 2999-01-01\nwords\n", 2),
        ("-- -\nexpiryDate: 2001-01-01\nwords\n", 2),
        ("Words.\n-\ndate: 2999-01-01\nwords\n---\nbody", 5),
        ('<h tml>\n<head>\n<META name="robots" content="noindex">\nbody', 3),
        ("Title: x\n\n: y\nStatus: draft\n\nbody", 4),
        ("Title:: x\nDate: y\nStatus: draft\n\nbody", 3),
        ("> x\nDate: y\nStatus: draft\n\nbody", 3),
        ('<html><head><title>x<meta name="robots" content="noindex"></head>body', 1),
    ],
)
def test_a_header_that_can_not_be_read_is_never_body(text: str, line: int) -> None:
    with pytest.raises(PostError) as caught:
        read(text)

    assert caught.value.line == line
    assert caught.value.column >= 1


@pytest.mark.parametrize(
    ("text", "metadata", "said"),
    [
        ("GitHub issue:\n---\ntitle: x\n---\nbody", {"GitHub issue": None, "title": "x"}, "before the opening fence"),
        ("expirydate: 2025-01-01\n---\ntitle: x\n---\nbody", {"expirydate": "2025-01-01", "title": "x"}, "before"),
        ("title: x\ntags:\n- a\n---\nbody", {"title": "x", "tags": ["a"]}, "no opening fence"),
        ("---\n---\ntitle: x\n---\nbody", {"title": "x"}, "two opening fences"),
    ],
)
def test_damage_around_the_fences_is_mended_and_reported(text: str, metadata: object, said: str) -> None:
    header = read(text)

    assert header.metadata == metadata
    assert header.body.strip() == "body"
    assert said in header.warnings[0].message


def test_an_empty_header_is_one() -> None:
    assert read("---\n---\nbody") == Header({}, "body", 3, "yaml")
    assert read("---\n# nothing\n---\nbody").body == "body"


def test_bare_lines_continue_and_keep_what_a_fence_would_forbid() -> None:
    header = read("Title: KB: x\nSummary: one\n    two\nTags: a, b\n\nbody\n\n---\nmore")

    assert header.metadata == {"Title": "KB: x", "Summary": "one two", "Tags": "a, b"}
    assert header.body == "body\n\n---\nmore"


def test_values_of_all_kinds_become_texts() -> None:
    toml = read("+++\na = true\nb = 1.5\nc = 2013-02-03\nd = [1, {e = 2013-02-03T04:05:06Z}]\n+++\n")
    json = read('{"a": true, "b": 1.5, "c": null, "n": ' + "9" * 5_000 + "}")

    assert toml.metadata == {"a": "true", "b": "1.5", "c": "2013-02-03", "d": ["1", {"e": "2013-02-03T04:05:06+00:00"}]}
    assert json.metadata == {"a": "true", "b": "1.5", "c": None, "n": "9" * 5_000}


def test_of_a_json_key_given_twice_the_hiding_value_counts() -> None:
    assert read('{"draft": true, "draft": false}').metadata == {"draft": "true"}


def test_the_head_of_a_page_is_a_header() -> None:
    page = (
        '<!DOCTYPE html>\n<html lang="de"><head><title>A &amp; B</title><meta name="robots" content="noindex"></head>x'
    )

    assert read(page).metadata == {"title": "A & B", "lang": "de", "robots": "noindex"}
    assert read(page).body == page
    assert read(page.replace("</head>", "")).metadata == read(page).metadata


@pytest.mark.parametrize(
    "prolog",
    ["<!doctype html>\n", '<?xml version="1.0"?>\n', "<!-- x -->\n<!DOCTYPE html>", "<html lang=de>", "<head>", ""],
)
def test_the_tags_of_a_head_may_be_left_out(prolog: str) -> None:
    page = f'{prolog}<title>x</title><!-- <body> --><script>"</head>"</script><meta name=robots content=none><p>body'

    assert {"title": "x", "robots": "none"}.items() <= read(page).metadata.items()


def test_the_head_of_an_xhtml_page_and_one_that_leads_away() -> None:
    page = '<html xml:lang="de"><head><title>x</title><meta http-equiv="Refresh" content="0; URL=/new/"/></head>'

    assert read(page).metadata == {"title": "x", "lang": "de", "redirect_to": "0; URL=/new/"}


@pytest.mark.parametrize(
    "text",
    [
        "<!--\n.. title: x\n.. status: private\n-->\nbody",
        "<!--\n.. title: x\n.. tags: a, draft\n-->\nbody",
        ".. title: x\n.. status: draft\n\nbody",
        "#+title: x\n\n#+DRAFT: t\nbody",
        "#+HUGO_DRAFT: true\nbody",
        "A title\n=======\n\n:date: 2013-06-19\n:status: draft\n\nbody",
        ';;;\n"title": "x",\n"draft": true\n;;;\nbody',
    ],
)
def test_every_kind_of_header_hides(text: str) -> None:
    assert read_metadata(read(text).metadata, "x.md").excluded


def test_the_properties_of_a_page_of_logseq_end_with_its_first_block() -> None:
    header = read("tags:: [[a b]], #c, #[[d]]\nicon::\nalias:: e\n- f\n  title:: g")

    assert header.metadata == {"tags": "a b, c, d", "icon": "", "alias": "e"}
    assert header.body == "- f\n  title:: g"


def test_all_of_nikolas_header_is_read() -> None:
    lines = (
        "<!--\n.. title: x\n.. slug: y\n.. date: 2013-06-19 01:02:03 UTC+01:00\n.. tags: a, b\n.. author: Ann Lee\n-->"
    )
    metadata = read_metadata(read(f"{lines}\n\nbody").metadata, "x.md")

    assert (metadata.title, metadata.slug, metadata.tags, metadata.author) == ("x", "y", ("a", "b"), ("Ann Lee",))
    assert str(metadata.date) == "2013-06-19 01:02:03+01:00"
    assert metadata.warnings == ()


def test_lines_of_warnings_are_those_of_the_file() -> None:
    header = read("\n\n---\ntitle: KB: x\ntitle: y\n---\nbody\n<<<<<<< HEAD\n")

    assert [(warning.line, warning.message[:12]) for warning in header.warnings] == [
        (4, "title: not v"),
        (5, "title: given"),
        (8, "the body hol"),
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_with_its_mark_is_read(encoding: str) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    text, findings = decode(mark + "---\ntitle: é\n---\n".encode(encoding))

    assert read_header(text).metadata == {"title": "é"}
    assert "UTF-16" in findings[0].message


def test_bytes_that_are_no_utf_8_are_read_as_windows_1252() -> None:
    text, findings = decode("---\ntitle: café “x”\n---\nnaïve".encode("cp1252"))

    assert read_header(text).metadata == {"title": "café “x”"}
    assert (findings[0].line, findings[0].column) == (2, 11)


@pytest.mark.parametrize(
    ("declared", "codec", "title"),
    [
        ("<meta charset=Shift_JIS>", "cp932", "①日本語のページ"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=gb2312">', "gbk", "中文网页"),
        ("<meta charset='ISO-8859-2'>", "iso8859-2", "Příliš žluťoučký"),
        ('<meta charset="euc-kr">', "cp949", "한국어 페이지"),
        ("<meta charset=windows-1251>", "cp1251", "Русский"),
        ("<meta charset=iso-2022-jp>", "iso2022_jp", "日本語"),
        ("<meta charset=latin1>", "cp1252", "naïve “x”"),
        ("<meta charset=utf-8>", "cp1252", "naïve"),
        ("<meta charset=unicode_escape>", "cp1252", "naïve"),
        ("<meta charset=iso-8859-2>", "utf-8", "Příliš"),
    ],
)
def test_a_page_is_read_in_the_encoding_that_it_declares(declared: str, codec: str, title: str) -> None:
    text, _ = decode(f"<html><head>{declared}<title>{title}</title></head>".encode(codec), html=True)

    assert read_header(text).metadata["title"] == title


def test_an_xml_declaration_names_the_encoding_too() -> None:
    data = '<?xml version="1.0" encoding="Shift_JIS"?><html><title>日本</title>'.encode("cp932")
    text, findings = decode(data, html=True)

    assert read_header(text).metadata == {"title": "日本"}
    assert "shift_jis" in findings[0].message


def test_bytes_that_are_nothing_in_the_declared_encoding_spoil_a_header() -> None:
    with pytest.raises(PostError, match="not UTF-8"):
        read_header(decode(b"<html><meta charset=iso-8859-3><meta name=dr\xa5aft content=true>", html=True)[0])


def test_bytes_that_are_nothing_spoil_a_header_but_not_a_body() -> None:
    assert read_header(decode(b"---\ntitle: x\n---\na\x81b")[0]).body == "a\ufffdb"
    with pytest.raises(PostError, match="not UTF-8") as caught:
        read_header(decode(b"---\ntitle: x\ndr\x81aft: true\n---\nb")[0])
    assert caught.value.line == 3


def test_control_characters_are_removed_and_can_not_disguise_a_key() -> None:
    text, findings = decode(b"---\ndra\x00ft: true\n---\nb\x07c")

    assert read_header(text).metadata == {"draft": "true"}
    assert (findings[0].line, findings[0].message) == (2, "control characters were removed")


@pytest.mark.parametrize("data", [b"a\x00b\xffc", "plain text".encode("utf-16-le"), b"\x00" * 10])
def test_what_is_no_text_is_an_error(data: bytes) -> None:
    with pytest.raises(PostError, match="not text"):
        decode(data)


YAML = [
    "title: A post",
    "date: 2013-06-19",
    "tags:",
    "  - one",
    'excerpt: "Some, words"',
    "text: >",
    "  folded",
    "draft: true",
]
TOML = ['title = "A post"', "date = 2013-06-19", 'tags = ["one", "two"]', "draft = true", "[extra]", "x = 1"]
JSON = ['  "title": "A post",', '  "tags": ["a", "b"],', '  "draft": true,', '  "date": "2013-06-19"']
BARE = ["Title: A post", "Date: 2013-06-19", "Tags: a, b", "Status: draft", "Summary: x"]
HIDDEN = {
    "draft: true": ["---", *YAML, "---", "", "Body."],
    "draft = true": ["+++", *TOML, "+++", "", "Body."],
    '  "draft": true,': ["{", *JSON, "}", "", "Body."],
    "Status: draft": [*BARE, "", "Body."],
}
SLIPS = [
    "'",
    '"',
    ": ",
    "\t",
    "- ",
    "[",
    "]",
    "{",
    "}",
    "#",
    "&a ",
    "*a",
    "!",
    "|",
    ">",
    "%",
    "@",
    "\n",
    "---",
    "\0",
    " ",
    ",",
]


@given(st.data())
@settings(max_examples=400, deadline=None, print_blob=True)
def test_no_slip_of_the_hand_publishes_a_draft(data: st.DataObject) -> None:
    """Whatever is put in or cut out in one place of the other lines, the post is hidden or fails."""
    key = data.draw(st.sampled_from(sorted(HIDDEN)))
    lines = list(HIDDEN[key])
    number = data.draw(st.sampled_from([n for n, line in enumerate(lines) if line != key]))
    start, length = data.draw(st.integers(0, len(lines[number]))), data.draw(st.integers(0, 6))
    lines[number] = lines[number][:start] + data.draw(st.sampled_from(SLIPS)) + lines[number][start + length :]

    try:
        header = read("\n".join(lines))
    except PostError:
        return

    assert read_metadata(header.metadata, "x.md").excluded


HEAPS = {
    "comments": "<!-- x -->" * 25_000,
    "pages": "<html " * 40_000,
    "strays": "---\na: b: c\n" + "x\n" * 120_000 + "---\n",
    "mistakes": "---\n" + "a: b: c\n" * 30_000 + "---\n",
    "quotes": "---\na: " + "'\"" * 120_000 + "\n---\n",
    "spaces": "---\na:" + " " * 250_000 + "b: c: d\n---\n",
    "tables": "+++\n" + "[[a]]\n" * 40_000 + "+++\n",
    "keys": "+++\n" + "a.b." * 31 + "c = 1\n" + '"\\' * 120_000 + "\n+++\n",
    "dashes": "-" * 250_000,
    "words": "a " * 120_000 + ":",
    "lines": "Title: x\n" + " y\n" * 80_000,
}


@pytest.mark.parametrize("text", HEAPS.values(), ids=HEAPS)
def test_a_heap_of_anything_takes_little_time(text: str) -> None:
    """In a process of its own, so that one that takes for ever can be ended."""
    program = (
        "import sys\nfrom index.errors import PostError\nfrom index.posts.header import read_header\n"
        "try:\n    read_header(sys.stdin.read())\nexcept PostError:\n    pass\n"
    )

    subprocess.run([sys.executable, "-c", program], input=text, text=True, timeout=20, check=True)
