"""Markdown with the extensions of Python-Markdown becomes text as the pages of MkDocs show it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.markup.dialect import Dialect
from index.markup.pymdown import plain_markdown
from index.markup.text import Markup, read_markup


def read(source: str) -> Markup:
    return read_markup(source, html=False, dialect=Dialect(anchors="python-markdown", pymdown=True))


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        pytest.param('a\n!!! note "B *c*"\n    d *e*\nf', "a\nB c\nd e\nf", id="admonition"),
        pytest.param('!!! warning inline end\n\n    a\n\n    - b\n\n??? tip "C"\n\n\td', "a\nb\nC\nd", id="no title"),
        pytest.param('???+ question "A"\n    b\n\n\n    c\n\nd', "A\nb\nc\nd", id="unfolded"),
        pytest.param('=== "A"\n\n    b *c*\n\n===+ "D"\n\n        e_f * g_h\n', "A\nb c\nD\ne_f * g_h", id="tabs"),
        pytest.param(
            '!!! a "B"\n\n    === "C"\n\n        d\n\n        ??? e "F"\n\n            g *h*\n\n    i *j*\n\nk',
            "B\nC\nd\nF\ng h\ni j\nk",
            id="nested",
        ),
        pytest.param(
            '1.  a\n\n    !!! b "C"\n\n        d *e*\n\n        - f\n\n    g *h*\n\n2.  i',
            "a\nC\nd e\nf\ng h\ni",
            id="list",
        ),
        pytest.param('- a\n    - b\n\n        !!! c "D"\n            e *f*', "a\nb\nD\ne f", id="list in a list"),
        pytest.param('a\n\n    !!! b "C"\n        d *e*', 'a\n!!! b "C"\n    d *e*', id="in code"),
        pytest.param('```\n!!! a "B"\n    ==c==\n```\nd', '!!! a "B"\n    ==c==\nd', id="in fenced code"),
        pytest.param("!!! a\n\n    ``` py\n    b_c\n\n      d == e\n    ```\n\n    f", "b_c\n\n  d == e\nf", id="code"),
        pytest.param(
            "```\n=== a\n    ```\n    b\n    ```\n=== c\n```", "=== a\n    ```\n    b\n    ```\n=== c", id="fence"
        ),
        pytest.param("!!! a\n\n    ```\n    b *c*\nd *e*", "b *c*\nd e", id="code that is not closed"),
        pytest.param('=== "1. # A"\n    b\n=== "# C"\n=== "- D"\n', "1. # A\nb\n# C\n- D", id="signs in titles"),
        pytest.param('A\n===\nb\n\n!!!\n\n??? "C"\n\n====', "A\nb\n!!!\nC\n====", id="no blocks"),
    ],
)
def test_blocks(source: str, wanted: str) -> None:
    assert read(source).text == wanted


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        pytest.param(":material-a: b :octicons-c-16:{ .d .e } f :g: h:i:", "b f :g: h:i:", id="icons"),
        pytest.param("-   :material-a:{ .b } __c__\n    *d*\n-   e:custom-f: g", "c d\ne g", id="icons in a list"),
        pytest.param('[a](b){ .md-button .md-button--primary }\n![c](d){: width="3 0" #e}', "a\fc", id="attributes"),
        pytest.param(
            "a\n{ .b }\n\n|c|\n|-|\n|d { .e }|\n\n`f`{.g} {h} i { .j } {k=l m}",
            "a\nc\nd\nf {h} i { .j } {k=l m}",
            id="attributes of blocks",
        ),
        pytest.param("{==a==} {++b++} {--c--} {>>d<<} {~~e~>f~~} {g}", "a b c d e f {g}", id="changes"),
        pytest.param("{==\n\na\n\n==}", "a", id="changed blocks"),
        pytest.param(
            "^^a b^^ ==c *d*== ~~e~~ f==g and h==i ^^ j ^^ C++/C++ k++",
            "a b c d e f==g and h==i ^^ j ^^ C++/C++ k++",
            id="marks",
        ),
        pytest.param('++ctrl+alt+"x y"++ ++a++', 'ctrl+alt+"x y" a', id="keys"),
        pytest.param("`:material-a:` `{ .b }` `#!py c()` `` `==e==` ``", ":material-a: { .b } c() `==e==`", id="code"),
        pytest.param(
            "$a^^b^^c$ [d](e==f==) <https://g/h==i==j> \\==k==", "$a^^b^^c$ d https://g/h==i==j ==k==", id="none"
        ),
        pytest.param(
            '--8<-- "a.md"\nb\n\n--8<--\nc.md\n--8<--\n\n;--8<-- "d.md"', 'b\n--8<-- "d.md"', id="other files"
        ),
        pytest.param("[TOC]\n\na HTML\n\n*[HTML]: Hyper Text\n*[W3C]: World", "a HTML", id="abbreviations"),
        pytest.param(
            '<div class="grid cards" markdown>\n-   a *b*\n\n    ---\n    c\n</div>\n*d*\n\n'
            '<figure markdown="span">\n  ![e](f){ width="3" }\n  <figcaption>g</figcaption>\n</figure>',
            "a b\nc\nd\n\fe\ng",
            id="Markdown in HTML",
        ),
    ],
)
def test_what_stands_in_lines(source: str, wanted: str) -> None:
    assert read(source).text == wanted


def test_headings_keep_their_anchors() -> None:
    source = '# A :material-b: c :d_e:\n\n## D { #e .f }\n\nG { #h }\n===\n\n!!! i "J"\n\n    ## K *l* { .m }\n'
    sections = read(source).sections

    assert [(section.title, section.anchor) for section in sections] == [
        ("A c", "a-c"), ("D", "e"), ("G", "h"), ("K l", "k-l"),
    ]  # fmt: skip


def test_elsewhere_it_is_text() -> None:
    assert read_markup('!!! a "B"\n==c==', html=False).text == '!!! a "B" ==c=='


@given(st.text(alphabet="ab .,;\n", max_size=60).filter(lambda text: "\n    " not in text))
def test_markdown_without_extensions_stays_as_it_is(source: str) -> None:
    assert plain_markdown(source).split() == source.split()
