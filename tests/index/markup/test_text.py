"""Bodies become text that reads as the page does, and no body takes the process down."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.markup.anchors import ANCHOR_RULES
from index.markup.dialect import Dialect
from index.markup.html import is_harmless, is_tame, parse_html
from index.markup.markdown import MAX_HEADINGS, PARSER, read_markdown
from index.markup.text import Markup, lay_out, mark_html, read_markup, take_titles
from tests import ROOT


def text(source: str, *, html: bool = False) -> str:
    return read_markup(source, html=html).text


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("", ""),
        ("a *b* **c** `d` [e](f) <http://g.h>", "a b c d e http://g.h"),
        ("a\nb\n\nc", "a b\nc"),
        ("- a\n- b\n  - c", "a\nb\nc"),
        ("- [x] a\n- [ ] b", "a\nb"),
        ("| a | b |\n|---|---|\n| `c` | **d** |", "a\fb\nc\fd"),
        ("~~a~~ b", "a b"),
        ('"a" -- b...', '"a" -- b...'),
        ("a[^1]b\n\n[^1]: note", "ab\nnote"),
        ("term\n: meaning", "term\nmeaning"),
        ("![alt & text](a.png)", "\falt & text"),
        ("a![b](c.png)d", "a\fb\fd"),
        ("a ![](c.png) b\n\n![](c.png) d\n\n![](c.png)", "a b\nd"),
        ("# ![a](b.png) c ![d](e.png)\n\n![f](g.png)", "\fa\fc\fd\n\ff"),
        ("> [!NOTE]\n> a", "a"),
        ("a  \nb", "a\nb"),
        ("a\r\n\r\nb\rc", "a\nb c"),
        ("# a\nb\n## c `d`", "a\nb\nc d"),
        ("&lt;b&gt; &amp;amp; &eacute;", "<b> &amp; é"),
        ("text <b>fo</b>o <script>x</script> y", "text foo y"),
    ],
)
def test_markdown_becomes_text(source: str, wanted: str) -> None:
    assert text(source) == wanted


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("<b>fo</b>o<i>ba</i>r", "foobar"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a\fb\nc"),
        ("a<br>b<hr>c<p>d<p>e<div>f</div>g", "a\nb\nc\nd\ne\nf\ng"),
        ("<ul><li>a<li>b</ul><dl><dt>c<dd>d</dl>", "a\nb\nc\nd"),
        ("a <!-- b <p> c --> d", "a d"),
        (
            "a<script>if (a<b) c()</script><style>d{}</style><svg><title>e</title></svg><template><p>f</p></template>g",
            "ag",
        ),
        ("<html><head><title>t</title><meta x></head><body>a</body></html>", "a"),
        ("<iframe src=x>old</iframe>a<noscript>b</noscript>", "a\nb"),
        ("<img alt='a &quot;b&quot; > c' src=x>", '\fa "b" > c'),
        ("<a href='x' title=\"y > z\">a</a>b", "ab"),
        ('<a href="x"">a</a> "b"', 'a "b"'),
        ("a&nbsp;&nbsp;b&#160;c \t\n d", "a b c d"),
        ("<select><option>a<option>b</select>", "a b"),
        ("<my-element>a</my-element>b", "ab"),
        ("5 < 6 && 7 > 2 <3", "5 < 6 && 7 > 2 <3"),
        ("so&shy;ft zero\u200bwidth \u202eback &#x202d;wards &#2;a&#0;\ufeff", "soft zerowidth back wards a\ufffd"),
        ("mi\u200cned \u0001\u0007a\u0000b", "mi\u200cned ab"),
        ("<frameset><frame></frameset>", ""),
    ],
)
def test_html_becomes_text(source: str, wanted: str) -> None:
    assert text(source, html=True) == wanted


def test_code_blocks_stay_as_they_are() -> None:
    code = "if a < b:\n\tc = d\n\n    # {{ e }} <f>"
    assert text(f"before\n\n```py\n{code}\n```\n\nafter") == f"before\n{code}\nafter"
    escaped = code.replace("<", "&lt;")
    assert text(f"a<pre><code class='x'>{escaped}\n</code></pre>b", html=True) == f"a\n{code}\nb"


def test_lines_of_code_keep_what_indents_them_and_single_blanks() -> None:
    assert text("```\na\u00a0 =  b\t\t# c \t\n\n\t  d\f= e \n```") == "a = b # c\n\n\t  d = e"


def test_highlighted_code_reads_as_code() -> None:
    assert text("<pre><span>a</span> <span>=</span> 1<br>b</pre>", html=True) == "a = 1\nb"


def test_sections_stand_where_their_headings_stand() -> None:
    markup = read_markup("intro\n\n# One *two*\n\na\n\n```\n# no\n```\n\n## Three\nb\n\n<h3>Four</h3>", html=False)
    assert [(section.title, section.level) for section in markup.sections] == [
        ("One two", 1),
        ("Three", 2),
        ("Four", 3),
    ]
    for section in markup.sections:
        line = markup.text[section.start :].split("\n")[0]
        assert line == section.title
        assert section.start == 0 or markup.text[section.start - 1] == "\n"


@pytest.mark.parametrize("heading", ["# a\n\n", "<h1>a</h1>\n\n"])
@pytest.mark.parametrize("html", [False, True])
def test_headings_beyond_the_most_are_text(heading: str, html: bool) -> None:
    markup = read_markup(f"<i></i>\n\n{heading * (MAX_HEADINGS + 5)}b", html=html)

    assert len(markup.sections) == (MAX_HEADINGS if "<" in heading or not html else 0)
    assert markup.text.count("a") == MAX_HEADINGS + 5
    assert markup.text.endswith("b")


def test_a_heading_over_lines_has_a_title_of_one_line() -> None:
    markup = read_markup("<h2>a<br>b</h2><h2><img src=x></h2><h2> </h2>c", html=True)
    assert [section.title for section in markup.sections] == ["a b"]
    assert markup.text == "a\nb\nc"


def test_mdx_can_be_said_to_be_mdx() -> None:
    assert read_markup("    <b>a</b>", html=False, mdx=True).text == "a"
    assert read_markup("    <b>a</b>", html=False).text == "<b>a</b>"


def test_lone_surrogates_do_no_harm() -> None:
    assert text("a\ud800b") == "a?b"
    assert text("a\ud800b", html=True) == "a?b"


TAGS = st.sampled_from(
    [
        "p",
        "b",
        "i",
        "a",
        "div",
        "h2",
        "pre",
        "code",
        "table",
        "td",
        "ul",
        "li",
        "span",
        "script",
        "svg",
        "br",
        "img alt=x",
    ]
)
HTML = st.lists(
    TAGS.map(lambda tag: f"<{tag}>")
    | TAGS.map(lambda tag: f"</{tag.split()[0]}>")
    | st.sampled_from(
        ["<!--", "-->", "<h1 id='a\"b'>", "&amp;", "&#x202e;", "<", ">", '"', "'", "=", "\n", "# ", "    "]
    )
    | st.text(max_size=5)
).map("".join)


@given(HTML | st.text(), st.booleans(), st.sampled_from(["", *ANCHOR_RULES]))
@settings(print_blob=True, deadline=None, max_examples=400)
def test_any_body_gives_text_with_its_headings_in_it(source: str, html: bool, rule: str) -> None:
    markup = read_markup(source, html=html, dialect=Dialect(anchors=rule))
    assert not re.search("[\x00-\x08\x0b\x0e-\x1f\u202a-\u202e]", markup.text)
    starts = [section.start for section in markup.sections]
    assert starts == sorted(set(starts))
    for section in markup.sections:
        assert section.title
        assert " ".join(markup.text[section.start :].split()).startswith(section.title)


WHOLE = st.recursive(
    st.text(alphabet="ab &;\"'<é", max_size=8).map(lambda t: t.replace("&", "&amp;").replace("<", "&lt;")),
    lambda inner: st.builds(
        lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>",
        st.sampled_from(["div", "b", "span", "ul", "section", "em"]),
        st.lists(inner, max_size=4),
    ),
    max_leaves=20,
)


@given(WHOLE)
@settings(print_blob=True, deadline=None)
def test_html_that_is_not_parsed_reads_as_if_it_were(html: str) -> None:
    assert take_titles(lay_out(mark_html(html)[0])) == take_titles(lay_out(mark_html(parse_html(html))[0]))


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000,
        "<h2><div>" * 30_000,
        "<a " + " ".join(f"a{i}=1" for i in range(50_000)) + ">",
        "<p>" + "".join(f"<b a={i}>" for i in range(3_000)) + "</p>" + "<p>x" * 30_000,
    ],
)
def test_html_that_would_take_minutes_is_known_beforehand(html: str) -> None:
    assert not is_tame(html)


def test_long_ordinary_html_is_parsed() -> None:
    assert is_tame("<div><p>a <b>b</b> <a href='x'>c</a></p><ul><li>d<li>e</ul></div>" * 20_000)


HUGO = Dialect(anchors="goldmark", templates=("shortcodes",), raw_html=False)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        pytest.param("a <b>b</b> <title>c <textarea>d", "a b c d", id="tags within a line"),
        pytest.param("<div>a</div>\nb\n\nc", "c", id="block up to an empty line"),
        pytest.param("<div>\n\na **b**\n\n</div>", "a b", id="between blocks"),
        pytest.param("<script>\na\n\nb\n</script> c\n\nd <script>e</script>", "d e", id="script"),
        pytest.param("<!-- a\n\nb --> c\n\nd", "d", id="comment up to its end"),
        pytest.param("<span>\na\n\n- b <em>c</em>", "b c", id="tag alone on its line"),
        pytest.param("a<br>b", "ab", id="break"),
        pytest.param("A {{ b }} {% c %} [gallery ids='d'] {: .e}", None, id="syntax of others"),
        pytest.param("{{< rawhtml >}}<p>a <i>b</i></p><script>c</script>{{< /rawhtml >}}", "a b", id="raw shortcode"),
        pytest.param("{{< highlight go >}}\na <b>\n\n``` c\n{{< /highlight >}}", "a <b>\n\n``` c", id="highlight"),
        pytest.param("{{< rawhtml >}}<p>a", "", id="raw shortcode that is not closed"),
    ],
)
def test_without_raw_html_a_page_reads_as_hugo_builds_it(source: str, text: str | None) -> None:
    """The texts are those of the pages that Hugo 0.168 built."""
    assert read_markup(source, html=False, dialect=HUGO).text == (source if text is None else text)


def test_pages_in_html_are_raw() -> None:
    assert read_markup("<div>a</div> {{ b }}", html=True, dialect=HUGO).text == "a\n{{ b }}"


HOSTILE = {
    "nested divs": ("'<div>' * 100_000 + 'x'", True),
    "nested divs in Markdown": ("'<div>' * 100_000 + 'x'", False),
    "one line of 5 MB": ("'word ' * 1_000_000", False),
    "one word of 5 MB": ("'x' * 5_000_000", True),
    "quotes": ("'>' * 30_000 + 'x'", False),
    "lists": ("'- ' * 20_000 + 'x'", False),
    "brackets": ("'[' * 100_000", False),
    "images": ("'![' * 100_000", False),
    "open links": ("'[a](b' * 100_000", False),
    "stars": ("'**a _b ' * 50_000", False),
    "attributes": ("'<a ' + ' '.join(f'a{i}=1' for i in range(100_000)) + '>x'", True),
    "open formatting": ("'<p>' + ''.join(f'<b a={i}>' for i in range(3_000)) + '</p>' + '<p>x' * 30_000", True),
    "open tables": ("'<table><tr><td>' * 20_000 + 'x'", True),
    "open comments": ("'<!--' * 200_000 + 'x'", True),
    "open tags": ("'<a ' * 300_000 + 'x'", True),
    "less than": ("'<' * 1_000_000", True),
    "ampersands": ("'&' * 1_000_000", True),
    "footnotes": ("'[^a] ' * 100_000", False),
    "backslashes": ("chr(92) * 500_000", False),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bodies_neither_kill_the_process_nor_hold_it_up(name: str) -> None:
    expression, html = HOSTILE[name]
    script = f"""
        import time
        from index.markup.dialect import Dialect
        from index.markup.text import read_markup
        source = {expression}
        start = time.process_time()
        read_markup(source, html={html}, dialect=Dialect(anchors="kramdown"))
        print(time.process_time() - start)
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-500:]
    assert float(run.stdout) < 5


DATA = Path(os.environ.get("POSTSEARCH_TEST_DATA", ""), "posts")
POST = DATA / "osas/source/blog/2013-06-19-event-recap-ovirt-shanghai-workshop.html.md"


@pytest.mark.full
@pytest.mark.skipif(not POST.is_file(), reason="POSTSEARCH_TEST_DATA names no folder with the collections of posts")
def test_every_fifth_real_post_is_read_and_little_markup_is_left() -> None:
    left = total = 0
    for path in sorted(DATA.rglob("*.*"))[::5]:
        if path.suffix in {".md", ".mdx", ".html", ".markdown"}:
            html = path.suffix == ".html"
            markup = read_markup(path.read_text("utf-8", "replace"), html=html, dialect=Dialect(anchors="kramdown"))
            total += 1
            left += bool(re.search(r"\{%|</p>|\]\(http|className=", markup.text))
    assert total > 2_000
    assert left < total * 0.01


@pytest.mark.full
@pytest.mark.skipif(not POST.is_file(), reason="POSTSEARCH_TEST_DATA names no folder with the collections of posts")
def test_a_real_post_reads_as_its_page() -> None:
    words = read_markup(POST.read_text("utf-8"), html=False).text
    assert "libgfapi" in words
    assert "Gluster Operations Track" in words
    assert "<" not in words


PIECES = st.sampled_from(
    ["a", "b c", " ", "\n", "\n\n", "# ", "## ", "- ", "> ", "    ", "`", "``", "```\n", "*", "**", "[", "](x)", "![",
     "|", "|---|\n", "\\", "&lt;", "&amp;copy;", "&copy", "<", ">", "<br>", "<br/>", "<b>", "</b>", "<sup>", "</sub>",
     "<a name=\"x\"></a>", "<a id=\"y\"></a>", "<p>", "</p>", "<div>", "</div>", "<table>", "<td>", "<pre>", "</pre>",
     "<!-- c -->", "<!-- c\n\nd -->", "<!-->", "<!-- <b -->", "<?x?>", "<script>", "</script>", "<http://a.b>",
     "<em", "<x-y>", "vector<int>", "{#id}", " {#a id=b}\n", " {ID=b}\n", "[^1]", "\n\n[^1]: ", "\n: ", "~~",
     "- [ ] "]
)  # fmt: skip


@settings(max_examples=300, print_blob=True)
@given(st.lists(PIECES, max_size=14).map("".join))
def test_markdown_reads_as_the_page_that_the_parser_itself_makes(source: str) -> None:
    """pyromark's HTML, which we do without, is the oracle; but for the numbers of footnotes, which are not read."""
    page = re.sub(r'<sup class="footnote-[^"]*">(<a href="#[^"]*">)?\d+(</a>)?</sup>', "", PARSER.html(source))
    ours, wanted = read_markup(source, html=False), read_markup(page, html=True)
    # In what a parser mends, white space may move; and how many empty lines are in a `pre` around Markdown is all one.
    space = " " if is_harmless(read_markdown(source).html) else ""
    assert lines(ours.text, space) == lines(wanted.text, space)
    assert headings(ours, space) == headings(wanted, space)


def lines(text: str, space: str) -> list[str]:
    return [space.join(line.split()) for line in text.split("\n") if line.strip()]


def headings(markup: Markup, space: str) -> list[tuple[list[str], str, int]]:
    return [(lines(section.title, space), section.anchor, section.level) for section in markup.sections]


@pytest.mark.parametrize("source", ["a `<div>` b", "a <br> b", '# <a name="x"></a>A\n', "`vector<int>` `<x>`", "a < b"])
def test_most_pages_need_no_parser(source: str) -> None:
    assert is_harmless(read_markdown(source).html)


@pytest.mark.parametrize(
    "source", ["a <div> b", "<p>", "a </p> b", "<table><b>x", "a <x-y> b", "<!-- <p> -->", "<?a?>", "<b>\na"]
)
def test_html_that_authors_wrote_is_parsed(source: str) -> None:
    assert not is_harmless(read_markdown(source).html)
