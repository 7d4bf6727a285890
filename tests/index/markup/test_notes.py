"""Notes become text as their readers see them, and what they hide is in no text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.markup.dialect import PLAIN, Dialect, Template
from index.markup.notes import STRIPPERS
from index.markup.text import Markup, read_markup


def read(source: str, notes: str, templates: tuple[Template, ...] = ()) -> Markup:
    return read_markup(source, html=False, dialect=Dialect(notes=notes, templates=templates))


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        pytest.param("a [[b]] [[c|d]] [[e/f g]] [[g|h|i]]", "a b d e/f g h|i", id="links"),
        pytest.param(
            "[[a#b]] [[#c]] [[d#e#f]] [[g#^h]] [[#^i]] [[j|]]", "a > b c d > e > f g j", id="links to headings"
        ),
        pytest.param("| a |\n|---|\n| [[b\\|c]] |", "a\nc", id="link in a table"),
        pytest.param("[a]([[b c]]) ([[d]])", "a (d)", id="link as a target"),
        pytest.param("\\[[a]] `[[b]]` [[c", "[[a]] [[b]] [[c", id="no links"),
        pytest.param("![[a.png]]![[b.png|c d]] ![[e.png|30x20]] ![[f.png|g|30]] ![[note#h]]", "c d g", id="embeds"),
        pytest.param("> [!note] A *b*\n> c\n\n> [!faq]- \n> d\n\n> > [!x|y]+ e", "A b c\nd\ne", id="callouts"),
        pytest.param("- > [!note] a\n\nb [!note] c", "a\nb [!note] c", id="callout in a list"),
        pytest.param("a %%b%% c %%\nd\n\n# e\n%%\nf", "a c f", id="comments"),
        pytest.param("a %%b\n\n# c\n\nd", "a", id="a comment that is not closed"),
        pytest.param("`%%` a\n\n```\n%% b\n```\n\nc", "%% a\n%% b\nc", id="no comments in code"),
        pytest.param("a ^b-1\n\n- c ^d2\n\n| e |\n|-|\n\n^f\n\nx^2", "a\nc\ne\nx^2", id="ids of blocks"),
        pytest.param("==a [[b|c]]== d == e == f\n====", "a c d == e == f", id="marked"),
        pytest.param("a #b/c d", "a #b/c d", id="tags stay"),
        pytest.param("$[[a|b]]_{==c==}$\n\n$$\n[[d,e]]\n$$", "$[[a|b]]_{==c==}$\n$$ [[d,e]] $$", id="formulas"),
        pytest.param("$5 %%b%% in US$, (US$6 %%c\n\nd US$)", "$5 in US$, (US$6", id="prices around comments"),
        pytest.param("{{a}} {% b %} {: .c}", "{{a}} {% b %} {: .c}", id="no templates"),
    ],
)
def test_notes_of_obsidian(source: str, wanted: str) -> None:
    assert read(source, "obsidian").text == wanted


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        pytest.param("- TODO a [[b]]\n  id:: 63d1\n  collapsed:: true\n\t- c\n\t  d", "TODO a b\nc d", id="properties"),
        pytest.param("- a:: b\n  - c\n- std::vector d::e", "c\nstd::vector d::e", id="a block of properties"),
        pytest.param("a ((63d1a0b2-1111-4222-8333-abcdefabcdef)) ((b))", "a ((b))", id="references to blocks"),
        pytest.param("a {{embed [[b]]}}{{query (and [[c]] [[d]])}}{{cloze e f}}", "a e f", id="macros"),
        pytest.param("- DONE a\n  :LOGBOOK:\n  CLOCK: [2022-01-01]\n  :END:\n  b", "DONE a b", id="times at work"),
        pytest.param(
            "#+BEGIN_QUOTE\na\n#+END_QUOTE\n#+BEGIN_QUERY\n{:b 1}\n#+END_QUERY\nc", "a\nc", id="blocks of Org"
        ),
        pytest.param("^^a b^^ ==c== 50%% d", "a b c 50%% d", id="marked"),
        pytest.param("$\\frac{{a}}{b}$ {% c %}", "$\\frac{{a}}{b}$ {% c %}", id="formula"),
        pytest.param("- $5\n  key:: secret\n  US$", "$5 US$", id="prices around a property"),
    ],
)
def test_notes_of_logseq(source: str, wanted: str) -> None:
    assert read(source, "logseq").text == wanted


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        pytest.param("(a)=\n# B\n% c\n+++ {}\nd 5%", "B\nd 5%", id="labels, comments and breaks"),
        pytest.param("```{note} A\n:class: b\nc *d*\n```\ne", "A\nc d\ne", id="directive"),
        pytest.param("````{a} B\n```{tip}\nc\n```\nd\n````\n```\ne\n```", "B\nc\nd\ne", id="directive in a directive"),
        pytest.param(":::{figure} a.png\n:alt: b\n:width: 1\nc\n:::\nd", "b\nc\nd", id="figure"),
        pytest.param("```{code-block} python\n:linenos:\na_b * c_d\n```", "a_b * c_d", id="code"),
        pytest.param("```{code-cell}\n---\ntags: [a]\n---\nb()\n```\nc", "b()\nc", id="options in YAML"),
        pytest.param(":::{math}\na_1 * b_1\n:::\nc", "a_1 * b_1\nc", id="formula"),
        pytest.param("```{toctree}\na\nb\n```\nc", "c", id="list of pages"),
        pytest.param("{ref}`A b <c>` {doc}`d/e` {math}`f_1<g>` {py:func}`~h.i` {j}", "A b f_1<g> h.i {j}", id="roles"),
        pytest.param("::: warning A\nb\n:::\n```{note}\nc", "A b\nc", id="what is not closed"),
    ],
)
def test_pages_of_myst(source: str, wanted: str) -> None:
    assert read(source, "myst").text == wanted


DRAWING = """==⚠  Switch to EXCALIDRAW VIEW in the MORE OPTIONS menu of this document. ⚠==

My notes
%%
# Excalidraw Data

## Text Elements
Hello world ^abc123de

Other [[x|y]] ^xyz

## Embedded Files
abc: [[i.png]]
%%
## Drawing
```compressed-json
N4Ig
```
%%"""


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        (DRAWING, "My notes\nHello world\nOther y"),
        ("# Text Elements\nHello ^a\n\n%%\n# Drawing\n```json\n{}\n```\n%%", "Hello"),
        ("# Drawing\n```json\n{}\n```", ""),
    ],
)
def test_a_drawing_is_its_texts(source: str, wanted: str) -> None:
    assert read(source, "excalidraw").text == wanted


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("[[a]] [[b|c]] ![[d.png]] ![[e.png|f]]", "[[a]] c f"),
        ("if [[ -f x ]] [[ $a || $b ]] `[[c|d]]`", "if [[ -f x ]] [[ $a || $b ]] [[c|d]]"),
        ("> [!tip]+ A\n> b", "A b"),
        ("$[[a|b]]$ $$\n[[c|d]]\n$$ \\([[e|f]]\\)", "$[[a|b]]$ $$ [[c|d]] $$ ([[e|f]])"),
        ("\\\\[[a|b]] \\[[c|d]]", "\\b [[c|d]]"),
        ("50%% a == b == c ^d\n\n==e==", "50%% a == b == c ^d\n==e=="),
    ],
)
@pytest.mark.parametrize("templates", [(), PLAIN.templates], ids=["no templates", "all templates"])
def test_elsewhere_only_what_cannot_be_anything_else_is_taken_for_a_notes(
    source: str, wanted: str, templates: tuple[Template, ...]
) -> None:
    markup = read(source, "", templates)

    assert (markup.text, markup.tags) == (wanted, ())


@pytest.mark.parametrize(
    ("source", "notes", "tags"),
    [
        ("#a b #c/d-e_1 #Ü #🙂 #a", "obsidian", ("a", "c/d-e_1", "Ü", "🙂")),
        ("#12 #1/2 x#a # b `#c` (#d) \\#e http://f/#g #", "obsidian", ()),
        ("# A\n\n    #include <b>\n\n```\n#c\n```\n\n- d\n\t- #e\n", "obsidian", ("e",)),
        ("# A #b\n\n#c, #d. %%#e%%", "obsidian", ("b", "c", "d")),
        ("#a #[[b c]] [[d]]", "logseq", ("a", "b c")),
        ("#a", "myst", ()),
    ],
)
def test_tags_in_the_text(source: str, notes: str, tags: tuple[str, ...]) -> None:
    assert read(source, notes).tags == tags


def test_a_flood_of_tags_ends() -> None:
    assert len(read(" ".join(f"#a{n}" for n in range(5_000)), "obsidian").tags) == 1_000


@given(st.text(alphabet="a`~%[]|#\n \\>-", max_size=40), st.text(alphabet="a `~[]|#\n\\", max_size=40))
def test_nothing_behind_a_comment_that_is_not_closed_is_found(before: str, after: str) -> None:
    """But for what stands in code, where the mark begins no comment."""
    source = f"{before.replace('`', '').replace('~', '').replace('%', '')}\n\n%%secret {after}"

    assert "secret" not in read(source, "obsidian").text


TOKENS = (
    "a",
    "[[",
    "]]",
    "%%",
    "==",
    "^^",
    "# ",
    "#a",
    "`",
    "```",
    ":::",
    "{a}",
    "{math}",
    "\n:a: b",
    "\n",
    "|",
    "((",
    "$",
    "{{",
)


@given(
    st.sampled_from(sorted(STRIPPERS)),
    st.lists(st.sampled_from(TOKENS), max_size=30),
    st.sampled_from([(), PLAIN.templates]),
)
def test_any_text_can_be_read(notes: str, tokens: list[str], templates: tuple[Template, ...]) -> None:
    read("".join(tokens), notes, templates)
    read(" ".join(tokens), notes, templates)
    read("\n".join(tokens), notes, templates)
