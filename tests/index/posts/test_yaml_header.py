"""YAML headers: what people write, what they get wrong, and what is written to do harm."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import PostError
from index.posts.yaml_header import read_yaml


def data(text: str) -> Any:
    return read_yaml(text)[0]


def messages(text: str) -> list[str]:
    return [finding.message for finding in read_yaml(text)[1]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("title: 404", {"title": "404"}),
        ("title: no", {"title": "no"}),
        ("a: ~\nb: null\nc:\nd: '~'", {"a": None, "b": None, "c": None, "d": "~"}),
        ("n: 012\nt: 12:30:45\nd: 2013-02-30", {"n": "012", "t": "12:30:45", "d": "2013-02-30"}),
        ("n: " + "9" * 5000, {"n": "9" * 5000}),
        ("a: !ruby/object:Hpricot::Doc\nb: !!python/object:os.system x", {"a": None, "b": "x"}),
        ("a: !important news\nb: ! x", {"a": "!important news", "b": "! x"}),
        ("a: &x [b, c]\nd: *x", {"a": ["b", "c"], "d": ["b", "c"]}),
        ("base: &b {k: v, l: m}\np:\n  <<: *b\n  l: own", {"base": {"k": "v", "l": "m"}, "p": {"k": "v", "l": "own"}}),
        ("title: {{ page.title }}", {"title": "{{ page.title }}"}),
        ("- a\n- b", ["a", "b"]),
        ("", None),
        ("# only a comment", None),
    ],
)
def test_yaml_becomes_plain_data(text: str, expected: object) -> None:
    assert data(text) == expected
    assert messages(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("title: KB: x", "KB: x"),
        ("title: @home", "@home"),
        ("title: %x", "%x"),
        ("title: `code` first", "`code` first"),
        ("title: *bold* words", "*bold* words"),
        ("title: & more", "& more"),
        ("title: [WIP] a post", "[WIP] a post"),
        ("title: {{ x }} and more", "{{ x }} and more"),
        ("title: 'it's mine'", "it's mine"),
        ('title: the "x": y', 'the "x": y'),
        ('title: "How we say "guys""', 'How we say "guys"'),
        ('title: "not closed', "not closed"),
        ('title: "\\uD83D\\uDE03 smile"', "\U0001f603 smile"),
        ("title: a\x07b", "ab"),
        ("title: one line\nand another without indent", "one line and another without indent"),
        ("title:no space", "no space"),
    ],
)
def test_a_mistake_in_a_value_is_mended_and_named(text: str, expected: str) -> None:
    text = f"layout: post\n{text}\ntags:\n- a\n"

    assert data(text) == {"layout": "post", "title": expected, "tags": ["a"]}
    [finding] = read_yaml(text)[1]
    assert finding.message.startswith("title: ")
    assert (finding.line, finding.column > 0) == (2, True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("search:\n\texclude: true\nx: @", {"search": {"exclude": "true"}, "x": "@"}),
        ("tags:\n- %\n- a: b: c\n- good", {"tags": ["%", {"a": "b: c"}, "good"]}),
        ("tags:\n-go\n-rust", {"tags": ["go", "rust"]}),
        ("tags:\n- a\ncSpell:ignore b\n", {"tags": ["a"]}),
        ("a: x: y\nb: |\n  keep: this: as\n  it is\n", {"a": "x: y", "b": "keep: this: as\nit is\n"}),
        ("excerpt: >\nnot indented\n", {"excerpt": "not indented"}),
    ],
)
def test_mistakes_in_lists_and_mappings_are_mended(text: str, expected: object) -> None:
    assert data(text) == expected
    assert messages(text)


@pytest.mark.parametrize(
    "text",
    [
        "title: x: y\n\tdraft: true",
        "title: 'a' b\n draft: true",
        "tags:\n- a\n draft: true\n",
        "title: x: y\ndraft true",
        "title: @\nbase: &b {draft: true}\n<<: *b",
        "a line of prose\ntitle: x: y",
        "title: x: y\n\nA paragraph of the body.\n",
        "{title: x, draft: true",
        "title: x\n--- y\ndraft: true",
        "? [a, b]\n: c",
        "title: x: y\n? draft\n: true",
        "title: x: y\n&a draft: true",
        "title: x: y\n!!str draft: true",
        "tags:\n- a\n? draft\n: true\ntitle: x: y",
        "tags:\n- %\n? draft\n: true",
        "just text",
    ],
)
def test_what_may_hide_the_post_or_can_not_be_told_is_an_error_with_its_place(text: str) -> None:
    with pytest.raises(PostError) as caught:
        read_yaml(text)

    assert caught.value.line >= 1
    assert caught.value.column >= 1


def test_a_broken_line_that_hides_still_hides() -> None:
    assert data("title: x: y\ndraft:true")["draft"] == "true"
    assert data("title: x: y\ndraft: @true")["draft"] == "@true"
    assert data('text: "not closed\ndraft: true\nother: closed"')["draft"] == "true"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("title: a\ntitle: b", {"title": "b"}),
        ("draft: true\ndraft: false", {"draft": "true"}),
        ("draft: false\ndraft: true", {"draft": "true"}),
        ("published: false\npublished: true", {"published": "false"}),
        ("search:\n  exclude: true\n  exclude: false", {"search": {"exclude": "true"}}),
        ("draft: true\nx: @\ndraft: false", {"draft": "true", "x": "@"}),
    ],
)
def test_of_a_key_given_twice_the_last_counts_or_the_one_that_hides(text: str, expected: object) -> None:
    assert data(text) == expected
    assert any("twice" in message for message in messages(text))


def test_an_alias_of_nothing_is_text() -> None:
    assert data("author: *me\nlist: &l [*l]") == {"author": "*me", "list": ["*l"]}
    assert len(messages("author: *me")) == 1


LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
MERGES = "a0: &a0 {x: 1, y: 2}\n" + "".join(
    f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 12)
)


READ_STDIN = """
import sys
from index.errors import PostError
from index.posts.yaml_header import read_yaml
for text in sys.stdin.read().split("\\0"):
    try:
        read_yaml(text)
        print("0 read")
    except PostError as error:
        print(error.line, error.message)
"""


def outcomes(*texts: str) -> list[tuple[int, str]]:
    """Line and message for each text, of a process of its own, since a fault in libyaml would end this one."""
    done = subprocess.run(
        [sys.executable, "-c", READ_STDIN],
        input="\0".join(texts),
        capture_output=True,
        text=True,
        timeout=50,
        check=True,
    )
    pairs = [line.split(" ", 1) for line in done.stdout.splitlines()]
    return [(int(line), message) for line, message in pairs]


@pytest.mark.parametrize("text", [LAUGHS, MERGES], ids=["laughs", "merges"])
def test_a_header_that_is_too_large_when_its_aliases_are_expanded_is_an_error(text: str) -> None:
    [(line, message)] = outcomes(text)

    assert line >= 1
    assert "more than" in message


DEPTHS = {
    "brackets": (2, lambda levels: "a:\n  " + "[" * levels),
    "closed brackets": (2, lambda levels: "a:\n  " + "[" * levels + "]" * levels),
    "braces": (1, lambda levels: "{" * levels),
    "brackets and braces": (1, lambda levels: "[{" * (levels // 2) + "[" * (levels % 2)),
    "brackets of lines": (65, lambda levels: "[\n" * levels),
    "mappings in braces": (2, lambda levels: "a:\n  " + "{b: " * levels),
    "dashes": (1, lambda levels: "- " * levels),
    "question marks": (1, lambda levels: "? " * levels),
    "indentation": (65, lambda levels: "".join(" " * level + "a:\n" for level in range(min(levels, 2000)))),
    "behind a mistake": (2, lambda levels: "a: b: c\nd: " + "[" * levels),
    "behind a mistake in a list": (4, lambda levels: "a: b\ntags:\n- %\n- " + "[" * levels),
}
"""Ways to nest, each with the line on which it goes too deep."""


@pytest.mark.parametrize("form", DEPTHS)
def test_a_header_that_is_too_deep_is_refused_with_its_line(form: str) -> None:
    """Whatever the limits of libyaml (1,000 levels in PyYAML 6.0.4) and of Python's stack."""
    line, nested = DEPTHS[form]

    said = outcomes(*map(nested, [66, 200, 900, 960, 998, 999, 1000, 1001, 1002, 1500, 30_000]))

    assert set(said) == {(line, "the header is nested deeper than 64 levels")}


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 63 + "]" * 63,
        "a: " + "{b: " * 63 + "}" * 63,
        "- " * 64,
        "? " * 63 + "x",
        "".join(" " * level + "a:\n" for level in range(64)),
        "a: '" + "[" * 2000 + "'",
        "a: '" + "[" * 2000 + "'\nb: c: d",
        "a: |\n  " + "[" * 2000 + "\nb: @",
    ],
)
def test_as_deep_as_may_be_and_brackets_in_texts_are_read(text: str) -> None:
    assert data(text)


plain = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn"]), max_size=12)
values = st.recursive(
    plain | st.none(), lambda below: st.lists(below, max_size=3) | st.dictionaries(plain, below, max_size=3)
)


@given(st.dictionaries(plain, values, max_size=4))
@settings(max_examples=150, deadline=None, print_blob=True)
def test_what_yaml_itself_writes_is_read_back(mapping: dict[str, object]) -> None:
    text = yaml.safe_dump(mapping, allow_unicode=True, default_style='"')

    assert data(text) == yaml.load(text, Loader=yaml.BaseLoader) or "null" in text


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("tags: [x", "read as '[x'; close it with ]"),
        ("tags: {x: [y]", "; close it with }"),
        ('title: "x', "read as 'x'; close it with \""),
        ('title: "x" and y', "; put the value in quotes"),
        ("title: [Draft] x", "; put the value in quotes"),
        ("title: a: b", "; put the value in quotes"),
    ],
)
def test_what_is_left_open_is_to_be_closed_and_all_else_put_in_quotes(header: str, told: str) -> None:
    _, (finding,) = read_yaml(header)

    assert finding.message.endswith(told)
