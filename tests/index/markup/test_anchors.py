"""Anchors are those of the real generators: the tables below were made by running them on the same headings."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from index.markup.anchors import ANCHOR_RULES
from index.markup.dialect import Dialect
from index.markup.text import read_markup

HEADINGS = """
## What's New?

## The `foo_bar()` method

## [Link](http://x.y/z_a) here

## **Bold** and _em_ text

## a -- b --- c ... d

## Café Übung 日本語

## 🎉 Party 🎉

## 1. First things

## Duplicate

## Duplicate

## Duplicate-1

## Duplicate

## C++ & C# / .NET

## A <em>raw</em> B

## Trailing hashes ##

## &amp; entity &copy; x

## 日本語

## !!!

## "Quoted" text's

## under_score and Ünïcode ½ ² ①

## Custom {#my-id}

## my id

## image ![alt text](a.png) x

## <a name="old"></a>Named

## esc \\*star\\* \\_u\\_

## footnote[^1] here

## ref [text][r] and [r]

Setext *one*
------------

## a--b –en —em

<h2>Raw html</h2>

<h2 id="raw-id">Raw html with an id</h2>

> ## in quote

- ## in list

[r]: http://r.example
[^1]: note
"""

JEKYLL_4_3 = """
whats-new|the-foo_bar-method|link-here|bold-and-em-text|a--b--c--d|café-übung-日本語|-party-|1-first-things
duplicate|duplicate-1|duplicate-1|duplicate-2|c--c--net|a-raw-b|trailing-hashes|-entity--x|日本語||quoted-texts
under_score-and-ünïcode---|my-id|my-id|image--x|named|esc-star-_u_|footnote-here|ref-text-and-r|setext-one|ab-en-em
|raw-id|in-quote|in-list
"""
HUGO_0_168 = """
whats-new|the-foo_bar-method|link-here|bold-and-em-text|a--b--c--d|café-übung-日本語|-party-
1-first-things|duplicate|duplicate-1|duplicate-1-1|duplicate-2|c--c--net|a-raw-b|trailing-hashes
-entity--x|日本語|heading|quoted-texts|under_score-and-ünïcode---|my-id|my-id-1|image-alt-text-x
named|esc-star-_u_|footnote-here|ref-text-and-r|setext-one|ab-en-em||raw-id|in-quote|in-list
"""
PYTHON_MARKDOWN_3 = """
whats-new|the-foo_bar-method|link-here|bold-and-em-text|a-b-c-d|cafe-ubung|party|1-first-things|duplicate
duplicate_1|duplicate-1|duplicate_2|c-c-net|a-raw-b|trailing-hashes|entity-x|_1|_2|quoted-texts
under_score-and-unicode-12-2-1|my-id|my-id_1|image-x|named|esc-star-_u_|footnote-here|ref-text-and-r|setext-one
a-b-en-em||raw-id|in-quote|in-list
"""
GITHUB_SLUGGER_2 = """
whats-new|the-foo_bar-method|link-here|bold-and-em-text|a----b-----c--d|café-übung-日本語|-party-|1-first-things
duplicate|duplicate-1|duplicate-1-1|duplicate-2|c--c--net|a-raw-b|trailing-hashes|-entity--x|日本語||quoted-texts
under_score-and-ünïcode---|custom-my-id|my-id|image--x|named|esc-star-_u_|footnote-here|ref-text-and-r|setext-one
a--b-en-em||raw-id|in-quote|in-list
"""  # by rehype-slug 6, but for the number of the footnote
DOCUSAURUS_3 = """
whats-new|the-foo_bar-method|link-here|bold-and-em-text|a----b-----c--d|café-übung-日本語|-party-|1-first-things
duplicate|duplicate-1|duplicate-1-1|duplicate-2|c--c--net|a-raw-b|trailing-hashes|-entity--x|日本語||quoted-texts
under_score-and-ünïcode---|my-id|my-id|image-alt-text-x|named|esc-star-_u_|footnote-here|ref-text-and-r|setext-one
a--b-en-em||raw-id|in-quote|in-list
"""
HEXO_8 = """
What’s-New|The-foo-bar-method|Link-here|Bold-and-em-text|a-–-b-—-c-…-d|Cafe-Ubung-日本語|🎉-Party-🎉|1-First-things
Duplicate|Duplicate-1|Duplicate-1|Duplicate-2|C-C-NET|A-raw-B|Trailing-hashes|entity-copy-x|日本語||“Quoted”-text’s
under-score-and-Unicode-½-²-①|Custom|my-id|image-x|Named|esc-star-u|footnote-1-here|ref-text-and-r|Setext-one
a–b-–en-—em||raw-id|in-quote|in-list
"""
MDBOOK_0_5 = """
whats-new|the-foo_bar-method|link-here|bold-and-em-text|a--b--c--d|café-übung-日本語|-party-|1-first-things
duplicate|duplicate-1|duplicate-1-1|duplicate-2|c--c--net|a-raw-b|trailing-hashes|-entity--x|日本語||quoted-texts
under_score-and-ünïcode-½-²-①|my-id|my-id|image--x|named|esc-star-_u_|footnote1-here|ref-text-and-r|setext-one
ab-en-em||raw-id|in-quote|in-list
"""
ZOLA_0_22 = """
what-s-new|the-foo-bar-method|link-here|bold-and-em-text|a-b-c-d|cafe-ubung-ri-ben-yu|tada-party-tada|1-first-things
duplicate|duplicate-1|duplicate-1-1|duplicate-2|c-c-net|a-raw-b|trailing-hashes|entity-c-x|ri-ben-yu||quoted-text-s
under-score-and-unicode-1-2-2-1|my-id|my-id-1|image-alt-text-x|named|esc-star-u|footnote-here|ref-text-and-r
setext-one|a-b-en-em||raw-id|in-quote|in-list
"""
ZOLA_0_22_WITHOUT_SLUGS = """
What's_New?|The_foo_bar()_method|Link_here|Bold_and_em_text|a_--_b_---_c_..._d|Café_Übung_日本語|🎉_Party_🎉
1._First_things|Duplicate|Duplicate-1|Duplicate-1-1|Duplicate-2|C++_&_C#_/_.NET|A_raw_B|Trailing_hashes|&_entity_©_x
日本語|!!!|"Quoted"_text's|under_score_and_Ünïcode_½_²_①|my-id|my_id|image_alt_text_x|Named|esc_*star*__u_
footnote_here|ref_text_and_r|Setext_one|a--b_–en_—em||raw-id|in_quote|in_list
"""
NOT_KNOWN = {"footnote1-here": "footnote-here"} | dict.fromkeys(
    ["cafe-ubung-ri-ben-yu", "tada-party-tada", "ri-ben-yu"], ""
)
"""What is not known here: the numbers of footnotes, which mdBook has in anchors, and Zola's tables of other scripts."""
VITEPRESS_1_6 = """
what-s-new|the-foo-bar-method|link-here|bold-and-em-text|a-b-c-d|cafe-ubung-日本語|🎉-party-🎉|_1-first-things
duplicate|duplicate-1|duplicate-1-1|duplicate-2|c-c-net|a-raw-b|trailing-hashes|amp-entity-copy-x|日本語||quoted-text-s
under-score-and-unicode-1⁄2-2-1|my-id|my-id-1|image-x|named|esc-star-u|footnote-1-here|ref-text-and-r|setext-one
a-b-–en-—em||raw-id|in-quote|in-list
"""
ASTRO_5 = """
whats-new|the-foo_bar-method|link-here|bold-and-em-text|a--b-----c--d|café-übung-日本語|-party|1-first-things
duplicate|duplicate-1|duplicate-1-1|duplicate-2|c--c--net|a-raw-b|trailing-hashes|-entity--x|日本語||quoted-texts
under_score-and-ünïcode--|custom-my-id|my-id|image--x|named|esc-star-_u_|footnote-here|ref-text-and-r|setext-one
ab-en-em||raw-id|in-quote|in-list
"""  # but for the number of the footnote


def anchors(source: str, rule: str, *, html: bool = False) -> list[str]:
    return [section.anchor for section in read_markup(source, html=html, dialect=Dialect(anchors=rule)).sections]


@pytest.mark.parametrize(
    ("rule", "table"),
    [
        ("kramdown", JEKYLL_4_3),
        ("goldmark", HUGO_0_168),
        ("python-markdown", PYTHON_MARKDOWN_3),
        ("github", GITHUB_SLUGGER_2),
        ("astro", ASTRO_5),
        ("docusaurus", DOCUSAURUS_3),
        ("hexo", HEXO_8),
        ("mdbook", MDBOOK_0_5),
        ("zola", ZOLA_0_22),
        ("zola-unslugged", ZOLA_0_22_WITHOUT_SLUGS),
        ("mdit-vue", VITEPRESS_1_6),
    ],
)
def test_anchors_are_those_of_the_generator(rule: str, table: str) -> None:
    wanted = [NOT_KNOWN.get(anchor, anchor) for line in table.strip().splitlines() for anchor in line.split("|")]
    # Hexo stops at an id of the author's, which opens a comment to it.
    assert anchors(HEADINGS.replace(" {#my-id}", "") if rule == "hexo" else HEADINGS, rule) == wanted


def test_other_generators_give_only_what_the_author_wrote() -> None:
    assert anchors("# A\n\n# B {#b}\n\n<h2 id='c'>C</h2>\n\n<h2><a name='d'></a>D</h2>", "") == [
        "",
        "b",
        "c",
        "d",
    ]


@pytest.mark.parametrize("rule", [*ANCHOR_RULES, ""])
def test_headings_of_an_html_post_have_their_own_ids_or_none(rule: str) -> None:
    source = "<h1>A</h1><h2 id=b>B</h2><h3><a id='c' href='#c'>C</a></h3><h2><span>x</span></h2><a name='d'>y</a>"
    assert anchors(source, rule, html=True) == ["", "b", "c", ""]


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("[What's new](u) in x", "what-in-x"),
        ("**Bold `code` x** y", "bold--y"),
        ("[`code` and text](u)", "code"),
        ("[![alt text](i.png) more](u) end", "alt-text-end"),
        ("[a_b](u)", "a_"),
        ('["Q" it](u)', "heading"),
        ("[a -- b](u)", "a"),
        ("a www.foo.com/x b", "a--b"),
        ("x <http://a.b> y", "x--y"),
        ("What&#39;s &eacute;", "what39s-é"),
        ("`a--b` -- c", "a--b--c"),
        ("a ---- b", "a---b"),
        ("-- a", "-a"),
        ("Term <b>it's</b>", "term-its"),
        ("*a<br>b* c", "a-c"),
    ],
)
def test_what_hugo_leaves_out_of_a_heading_is_not_in_its_anchor(heading: str, anchor: str) -> None:
    """Each was tried with Hugo 0.168; those of links are its own oddities."""
    assert anchors(f"## {heading}", "goldmark") == [anchor]


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("## constructor\n\n## constructor\n\n## toString()", ["constructor-NaN", "constructor", "toString-NaN"]),
        ("## `Vec<T>` and Map&lt;K, V&gt; done", ["Vec-and-Map-done"]),
        ("## don't 'quote' \"me\" -- or --- me...", ["don’t-‘quote’-“me”-–-or-—-me…"]),
        ("## **Bold**'s and (‘x’) \"*em*\" 'x'", ["Bold‘s-and-‘x’-“em“-‘x’"]),
        ("## www.foo.com/x and <http://a.b>", ["www-foo-com-x-and-http-a-b"]),
        ("## Straße Đà Nẵng ™ Œuvre ＡＢ ⓐ", ["Strase-Da-Nang-™-OEuvre-AB-a"]),
        ("## a < b and c > d", ["a-b-and-c-d"]),
        ("one\ntwo *three*\n---", ["onetwo-three"]),
        ("## it's `it's`\n\n## 100% --flag", ["it’s-it-s", "100-–flag"]),
        ("## [a \"b\"](u) 'c'", ["a-“b”-‘c’"]),
        ("## !!!\n\n## a\n\n## ???", ["", "a", "-1"]),
    ],
)
def test_hexo_makes_the_anchor_of_what_the_heading_is_as_html(source: str, wanted: list[str]) -> None:
    """Each was tried with Hexo 8.1 and hexo-renderer-marked 7.0."""
    assert anchors(source, "hexo") == wanted


def test_hugo_names_a_heading_of_several_lines_by_the_last() -> None:
    assert anchors("one\ntwo *three*\n---\n", "goldmark") == ["two-three"]


@pytest.mark.parametrize("rule", ["github", "docusaurus"])
def test_github_slugger_keeps_what_unicode_calls_alphabetic_and_counts_what_is_taken(rule: str) -> None:
    source = "## Ⓐ circled Ⅷ e\u0301 a&#9;b\n\n## dup-1\n\n## dup\n\n## dup\n\n## dup-1\n\ntwo\nlines\n---\n"
    assert anchors(source, rule) == ["ⓐ-circled-ⅷ-e\u0301-ab", "dup-1", "dup", "dup-2", "dup-1-1", "twolines"]


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("Ⓐ circled Ⅷ e\u0301 a\tb", "a-circled-viii-e-ab"),
        ("`code_x` &lt;T&gt; :tada: e", "code-x-lt-t-gt-e"),
        ("İstanbul ΑΣ ﬁ Å", "istanbul-ας-fi-a"),
        ("a{.cls} b {.cls #own}", "own"),
        ("---", ""),
    ],
)
def test_vitepress_makes_anchors_of_plain_letters(heading: str, anchor: str) -> None:
    """Each was tried with VitePress 1.6."""
    assert anchors(f"## {heading}", "mdit-vue") == [anchor]


def test_an_id_from_an_attribute_list_is_the_anchor() -> None:
    assert anchors("## A\n{: #one .x}\n\nB\n---\n{: #two}\n\n## C {: #three}\n", "kramdown") == ["one", "two", "three"]


def test_a_heading_without_text_gives_no_section_but_counts() -> None:
    source = "## ![](a)\n\n## a\n\n## !!!\n\n## ???\n"
    assert anchors(source, "goldmark") == ["a", "heading", "heading-1"]


def test_headings_written_as_html_do_not_shift_those_around_them() -> None:
    source = "## Same\n\n<h2>Other</h2>\n\n<!-- <h2>no</h2> -->\n\n## Same\n\n<h2>Last</h2>"
    assert anchors(source, "kramdown") == ["same", "", "same-1", ""]


@pytest.mark.parametrize(
    ("rule", "repeat"), [(rule, "a_1" if rule == "python-markdown" else "a-1") for rule in ANCHOR_RULES]
)
def test_a_heading_written_as_html_takes_no_anchor_from_one_that_reads_the_same(rule: str, repeat: str) -> None:
    assert anchors("<h2>a</h2>\n\n## b\n\n## a", rule) == ["", "b", "a"]
    assert anchors("## a\n\n<h2>a</h2>\n\n## a", rule) == ["a", "", repeat]
    assert anchors("<h2 id='a'>a</h2>\n\n## b\n\n### a\n\n## a", rule) == ["a", "b", "a", repeat]


@pytest.mark.parametrize("rule", sorted(ANCHOR_RULES.keys() - {"zola-unslugged"}))
def test_headings_that_no_reader_sees_leave_the_others_their_anchors(rule: str) -> None:
    hidden = "".join(f"## Hidden {number}\n\n" for number in range(20))
    assert anchors(f"<template>\n\n{hidden}</template>\n\n## shown", rule) == ["shown"]


def test_an_id_among_the_attributes_of_a_heading_is_its_anchor() -> None:
    assert anchors('## A {.c id=one}\n\n## B {ID="two" #three}', "") == ["one", "three"]


def test_headings_in_code_are_no_headings() -> None:
    assert anchors("```\n# a\n<h2>b</h2>\n```\n\n# c", "kramdown") == ["c"]


@pytest.mark.parametrize("rule", ANCHOR_RULES)
def test_thousands_of_equal_headings_get_thousands_of_anchors(rule: str) -> None:
    found = anchors("# a\n" * 5_000, rule)
    assert len(set(found)) == len(found) == 5_000


@pytest.mark.timeout(20)
def test_thousands_of_headings_with_the_same_word_and_other_numbers_take_little_time() -> None:
    found = anchors("".join(f"# a_{number}\n# a_{number}\n" for number in range(5_000)), "python-markdown")
    assert len(set(found)) == len(found) == 10_000


def unique_anchors(slugs: list[str]) -> list[str]:
    """Distinct anchors in the plain way of Python-Markdown: one step after another from the slug itself."""
    found: list[str] = []
    for slug in slugs:
        anchor = slug
        while not anchor or anchor in found:
            counted = re.fullmatch(r"(.*)_([0-9]+)", anchor)
            anchor = f"{counted[1]}_{int(counted[2]) + 1}" if counted else f"{anchor}_1"
        found.append(anchor)
    return found


@given(
    st.lists(st.sampled_from(["", "a", "a_0", "a_1", "a_2", "a_02", "a_4", "a_1_1", "_1", "a_999999998"]), max_size=40)
)
@example(["a_2", "a_2", "a", "a", "a_1", "a", "a_02"])
@settings(max_examples=300, deadline=None, print_blob=True)
def test_anchors_of_pelican_are_those_of_counting_step_by_step(slugs: list[str]) -> None:
    source = "".join(f"# !{slug.replace('_', chr(92) + '_')} <!-- -->\n" for slug in slugs)
    assert anchors(source, "python-markdown") == unique_anchors(slugs)
