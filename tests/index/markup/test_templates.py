"""Template syntax goes, the text inside it stays, and what stands in code is left alone."""

from __future__ import annotations

import time
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.markup.dialect import PLAIN, Dialect, Template
from index.markup.templates import strip_templates

MEGABYTE = 1_000_000


def words(source: str, *, html: bool = False, mdx: bool = False) -> str:
    return " ".join(strip_templates(source, html=html, mdx=mdx).split())


@pytest.mark.parametrize(
    ("source", "left"),
    [
        pytest.param("a {% if x %}b{% else %}c{% endif %} d", "a bc d", id="liquid keeps both branches"),
        pytest.param("a {{ page.title | upcase }} b", "a b", id="output"),
        pytest.param("{%- assign x = 'some words here' -%}a", "a", id="assignments are not read"),
        pytest.param('{% image "assets/a b.jpg" "A talk at 18F" %}', "assets/a b.jpg A talk at 18F", id="image"),
        pytest.param('{% image "assets/a.jpg" "A talk at 18F" %}', "A talk at 18F", id="image with a path"),
        pytest.param('{% include figure.html src="x y" caption="A cap" %}', "A cap", id="include with a caption"),
        pytest.param("{% comment %}a\n\nb{% endcomment %}c", "c", id="comment"),
        pytest.param("{# a b #}c", "c", id="nunjucks comment"),
        pytest.param("{% raw %}{{ keep }}{% endraw %}", "{{ keep }}", id="raw"),
        pytest.param("[t]({{ site.baseurl }}/x)", "[t](/x)", id="link target"),
        pytest.param('[t]({{ "/a b/" | url }})', "[t]()", id="link target with a text"),
        pytest.param('[t]: {{ "/x" | url }}', "[t]: #", id="link definition stays one"),
        pytest.param('{{ "Read more" | t }}', "Read more", id="literal text"),
        pytest.param('{{ page.date | date: "%B %d" }}', "", id="date format"),
        pytest.param('{{< figure src="a.png" caption="A cap" alt="An alt" >}}', "A cap An alt", id="hugo figure"),
        pytest.param('{{% notice "note" %}}a **b**{{% /notice %}}', "a **b**", id="hugo pair"),
        pytest.param("{{< youtube w7Ft2ymGmfc >}}a", "a", id="hugo without words"),
        pytest.param("{{</* figure src=x */>}}", "{{&lt; figure src=x &gt;}}", id="hugo shortcode that is shown"),
        pytest.param('a {{Glossary("Foo")}} b', "a Foo b", id="cross reference"),
        pytest.param('{{jsxref("Array.prototype.map", "map()")}}', "map()", id="cross reference with a text"),
        pytest.param("{{HTTPStatus(404)}}", "404", id="cross reference by number"),
        pytest.param('{{EmbedLiveSample("Examples", "100%")}}a', "a", id="other macros"),
        pytest.param('for i {{raw "<"}} n', "for i < n", id="go string"),
        pytest.param("{{raw `\n\ta\n\n\tb\n`}}", "a b", id="go string of lines"),
        pytest.param('[caption id="x"]<img> A cap[/caption]', "<img> A cap", id="wordpress caption"),
        pytest.param('a [gallery ids="1,2"] b [gallery]', "a b", id="wordpress gallery"),
        pytest.param("[su_box]a[/su_box]", "a", id="unknown pair"),
        pytest.param("a\n{: .note}\nb {:.c}", "a b", id="attribute lists"),
        pytest.param("# A\n{: #b .c}", "# A {#b}", id="id below a heading"),
        pytest.param("# A {: #b}", "# A {#b}", id="id beside a heading"),
        pytest.param("A\n===\n{: #b}", "A {#b} ===", id="id below an underlined heading"),
        pytest.param("{::comment}a{:/comment}b", "b", id="kramdown comment"),
        pytest.param("::: note A title\na\n:::\n:::tip[B]\n:::", "A title a B", id="directive"),
        pytest.param(':::image source="x" alt-text="An alt":::', "An alt", id="image directive"),
        pytest.param('::: moniker range=">=msvc-150"\na\n::: moniker-end', "a", id="moniker"),
        pytest.param("[!code-cpp[A#1](a/b.cpp)] a [!INCLUDE [b](c.md)]", "a", id="docs includes"),
        pytest.param("a\n\nREADMORE\n\nb", "a b", id="middleman"),
        pytest.param("<Tabs groupId='x'><Tab label=\"One\">a</Tab></Tabs>", "One a", id="components"),
        pytest.param("<Tab f={() => { a }} g={[1]} />b", "b", id="component with code"),
        pytest.param("<Link href='x'>a</Link>.", "a.", id="component within a sentence"),
    ],
)
def test_template_syntax_goes_and_what_readers_see_stays(source: str, left: str) -> None:
    assert words(source) == left


@pytest.mark.parametrize(
    "source",
    [
        "no templates at all",
        "```liquid\n{{ page.title }} {% if x %} {# y #} {: .a}\n```",
        "~~~~\n```\n{{ x }}\n~~~~",
        "- ```\n  {{ x }}\n  ```",
        "inline `{{ page.title }}` and ``a ` {% b %}``",
        "<pre>{{ x }}</pre> <code>{% y %}</code>",
        r"escaped \{{ x \}} \[gallery] \<Tabs>",
        "[link](u) [ref][gallery] [ref] ![caption](x) [^note] [caption]: http://x",
        "- [ ] a\n- [x] b",
        "a[i] = b[j] + c[key]",
        "[in] the [out] parameter",
        "println!({:?}, {:#?}, {:>8}, {:.2f})",
        "# Heading {#id} and {#other .cls}",
        "unclosed {{ x and {% y and {# z",
        "<P>a<BR>b <A HREF='x'>c</A> <Table><Tr>",
        "    <Grid x='y'>\n\tcode <Window />",
        "import duties rose\nexport them",
        "> [!TIP]\n> a",
        "1 << 2 {a} {{",
    ],
)
def test_what_is_no_template_or_stands_in_code_is_left_as_it_is(source: str) -> None:
    assert strip_templates(source) == source


def test_raw_marks_around_code_go_and_the_code_stays() -> None:
    assert words("```\n{% raw %}{{ x }}{% endraw %}\n```") == "``` {{ x }} ```"
    assert words("`{% raw %}{{{% endraw %} }}`") == "`{{ }}`"


@pytest.mark.parametrize(
    "source",
    [
        "{% highlight ruby linenos %}\nif a <b> *c*\n\n{{ d }}\n{% endhighlight %}",
        "{{< highlight ruby >}}\nif a <b> *c*\n\n{{ d }}\n{{< /highlight >}}",
        '[code lang="ruby"]\nif a <b> *c*\n\n{{ d }}\n[/code]',
    ],
)
def test_code_in_a_template_block_stays_code(source: str) -> None:
    assert strip_templates(source).strip() == "<pre>if a &lt;b&gt; *c*\n\n{{ d }}</pre>"


def test_a_tag_ends_before_the_next_empty_line() -> None:
    assert words("a {{ b\n\nc }} d") == "a {{ b c }} d"
    assert words("a {{ b\nc }} d") == "a d"


def test_backticks_are_no_code_in_html() -> None:
    assert words("`{{ a }}`", html=True) == "``"
    assert words("<pre>{{ a }}</pre>", html=True) == "<pre>{{ a }}</pre>"


def test_mdx_loses_its_modules_and_remarks() -> None:
    source = (
        "import A from 'a'\nimport {\n  B,\n} from \"b\";\n\nexport const meta = {\n  x: 1,\n};\n\na{/* b */} c{' '}d"
    )
    assert words(source) == "a c d"


def test_mdx_has_no_indented_code() -> None:
    source = '<Box x={1}>\n\n      <Label className="y">a</Label>\n\n</Box>'
    assert "    " not in strip_templates(source)
    assert words("    <Label>a</Label>", mdx=True) == "a"


def test_an_attribute_of_a_tag_over_lines_leaves_the_tag_whole() -> None:
    assert strip_templates("<a\n  style={{\n    x: 1\n  }}\n>b</a>") == '<a\n  style="">b</a>'


HOSTILE = [
    *("{{", "[[[[", "{% ", "<", "{", "[", "`", "``` ", "\n```\n", "{#", "{: #a}", "# {: #a}", "\n{: #a}", "{/*", "\\"),
    *("{% raw %}", "{% comment %}", "{% highlight x %}", "{{< x >}}", "{{< x ", "{{raw `", '{{raw "', "{{\n\n"),
    *("<Ab ", "<Ab c={", '<Ab c="', "[a b=", '[a b="', "[/a]", "[a]", "[code]", "[!code-x[", "[!INCLUDE [x]("),
    *("[[a|", "[[a|b]]", "![[a]]", "\n> [!a|", "\n> [!a]"),
    *("$", "$a ", "$$", "\\$", "\\(", "\\(](", "\\(\\)", "$a\\", "{{#include ", "{{ #"),
    *("\n<div ", "\n<div>", "\n<a", '\n<div a="', "\n<p a={", "{a", "{<a ", "{}", "{ {}", "{'", "{`", "> ", ">\n"),
    *("\n\nexport const a = {", "\nexport const a = {\n", "<>", "\n\n ", "\n     ```\n", "<A a=<", "<p>"),
    *("\nimport ", "\nimport {", "\nexport {", "\n:::", '{{Glossary("', "<pre>", "<code>", "\n> - ", "\n    "),
]


@pytest.mark.parametrize("unit", HOSTILE)
@pytest.mark.parametrize("kind", ["html", "md", "mdx"])
def test_a_megabyte_of_openings_takes_the_time_of_a_megabyte(unit: str, kind: str) -> None:
    """A bound of ten times what it takes: work that grew with the square would take hours."""
    source = (unit * MEGABYTE)[:MEGABYTE]
    start = time.process_time()
    strip_templates(source, html=kind == "html", mdx=kind == "mdx")
    assert time.process_time() - start < 5


def test_code_marks_of_all_lengths_take_little_time() -> None:
    source = "".join("`" * length + " " for length in range(1, 1_400))
    start = time.process_time()
    strip_templates("{{" + source)
    assert time.process_time() - start < 5


PIECES = st.sampled_from(
    [*HOSTILE, "a", " ", "\n", "\n\n", "}}", "%}", "#}", "}", "]", ">", '"', "'", "/>", "{% endraw %}"]
)


@given(st.lists(PIECES | st.text(max_size=3)).map("".join), st.booleans(), st.booleans())
@settings(print_blob=True, deadline=None, max_examples=300)
def test_any_text_is_taken(source: str, html: bool, mdx: bool) -> None:
    strip_templates(source, html=html, mdx=mdx)


@given(st.text(alphabet="ab \n.,*_#->1", max_size=200))
@settings(print_blob=True, deadline=None)
def test_plain_text_is_not_touched(source: str) -> None:
    assert strip_templates(source) == source


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("Intro\n\n* TOC\n{:toc}\n\nText\n", "Intro\n\n\n\nText\n"),
        ("1. Contents\n{:toc}\n", "\n"),
        ("* an item\n\n{:toc}\n", "* an item\n\n\n"),
        ("* an item\n{:.class}\n", "* an item\n\n"),
    ],
)
def test_the_item_that_a_table_of_contents_replaces_goes_with_it(source: str, left: str) -> None:
    assert strip_templates(source) == left


SYNTAX: dict[Template, tuple[str, str]] = {
    "tags": ("a {% if x %}b{% endif %}", "a b"),
    "outputs": ("a {{ x.y }} b", "a  b"),
    "comments": ("a {# x #} b", "a  b"),
    "helpers": ("a\n\n{{#include b.md}}\n\n{{ #playground c.rs }}", "a\n\n\n\n"),
    "shortcodes": ('{{< figure src="a" alt="b" >}} {{% c %}}', "b "),
    "wordpress": ("a [gallery ids='1'] b", "a  b"),
    "attributes": ("a\n{: .note}", "a\n"),
    "directives": ("::: tip B\na\n:::", "B\na\n"),
    "docfx": ("a [!INCLUDE [b](c.md)]", "a "),
    "readmore": ("a\n\nREADMORE\n\nb", "a\n\n\n\nb"),
    "components": ("<Badge type='x' text='New' /> a {/* b */}", " New  a "),
    "mdx": ("a {b.c} d", "a  d"),
}


def test_each_kind_of_syntax_is_known() -> None:
    assert tuple(SYNTAX) == get_args(Template)


@pytest.mark.parametrize("kind", SYNTAX)
def test_a_dialect_has_the_syntax_that_it_names_and_no_other(kind: Template) -> None:
    source, left = SYNTAX[kind]
    others = tuple(other for other in PLAIN.templates if other != kind)
    assert strip_templates(source, Dialect(templates=(kind,))) == left
    assert strip_templates(source, Dialect(templates=())) == source
    if kind not in {"helpers", "shortcodes"}:
        assert strip_templates(source, Dialect(templates=others)) == source


def test_includes_of_mdbook_go_from_code_too() -> None:
    helpers = Dialect(templates=("helpers",))
    assert strip_templates("```rust\n{{#include a.rs:2}}\n{{ x }}\n```", helpers) == "```rust\n\n{{ x }}\n```"
    assert strip_templates(r"\{{#include a.rs}} {{#each b}}", helpers) == r"\{{#include a.rs}} {{#each b}}"


@pytest.mark.parametrize(
    "source",
    [
        r"$\frac{{a}}{b}$",
        r"$$x_{{n}}$$",
        "$$\nx_{{n}} {%\n$$",
        r"the $n_{{i}}$th of \(x_{{j}}\) and \[x_{{k}}\]",
        r"\\(x_{{j}}\\) and \\[x_{{k}}\\]",
        r"$5\$_{{i}}$",
        "$a[b c=d]$ $x<Ab>$ $\\{: .a}$",
    ],
)
@pytest.mark.parametrize("html", [False, True])
def test_formulas_are_left_as_they_are(source: str, html: bool) -> None:
    assert strip_templates(source, html=html) == source


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("from $5 {{ a }} to $6", "from $5  to $6"),
        ("(${{ a }}-${{ b }})", "($-$)"),
        ("$5{{ a }}$6", "$5$6"),
        ("$HOME{{ a }} $PATH", "$HOME $PATH"),
        ("$a {{ b }}\n\nc$", "$a \n\nc$"),
        ("set `$A`, {{ a }} and `$B`", "set `$A`,  and `$B`"),
        (r"\$a {{ b }}\$", r"\$a \$"),
        (r"\[[a]({{ b }})\]", r"\[[a]()\]"),
        (r"\(a {{ b }}", r"\(a "),
        ("$x{% if a %}b{% endif %}$", "$xb$"),
    ],
)
def test_prices_variables_and_escaped_brackets_are_no_formulas(source: str, left: str) -> None:
    assert strip_templates(source) == left
