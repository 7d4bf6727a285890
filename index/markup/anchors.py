"""Anchors: the fragment identifiers that the site's generator gives to the headings of a post.

kramdown, of Jekyll: its GFM parser, `generate_gfm_header_id` (kramdown-parser-gfm, lib/kramdown/parser/gfm.rb): the
text in lower case, without what is no word, spaces as hyphens; repeats get -1, -2.

goldmark, of Hugo: `sanitizeAnchorName` of type `github` (hugo, markup/goldmark/autoid.go): the same, of the text that
`hugo_heading.py` finds; repeats get -1, -2, never one that is taken. A heading without text gets none. Before 0.144 it
was the heading's source, link targets and all; a site does not say which release builds it, and the newer ones count.

Python-Markdown, of Pelican: `slugify` and `unique` of its toc extension (markdown/extensions/toc.py): ASCII only,
repeats get _1, _2. Pelican turns that extension on only when asked; without it a link with such an anchor still opens
the page.

github-slugger, of all that use rehype-slug: the same as kramdown but for dashes, of the text that a reader sees, where
an `{#id}` is but text; repeats are counted as Hugo does. (The numbers of footnotes, which it takes too, are left out.)
Astro (markdown-remark, rehype-collect-headings) takes `--` for a dash and leaves out a hyphen at the end. Docusaurus
(mdx-loader, src/remark/headings) takes the texts of images too; ids that authors wrote are not counted.

hexo-renderer-marked, of Hexo: `heading` (lib/renderer.js), by the slugs and texts of `hexo_slug.py`; repeats get -1,
-2, which may be taken. With it a site that writes `{#id}` is not built, so such an id is of another renderer.

Zola: `slugify_anchors` and `find_anchor` (zola, components/markdown): ASCII only, or, as the site may say, only blanks
become `_`; repeats get -1, -2.

mdBook from 0.5 on: `id_from_content` and `unique_id` (mdBook, crates/mdbook-html/src/utils.rs): as kramdown, but with
all kinds of numbers; repeats get -1, -2. The numbers of footnotes are left out here.

@mdit-vue/shared, of VitePress: its `slugify`, of the text without emoji by name and with entities as they are written;
repeats as in Hugo.

Other generators give none, as far as they are known here. An `id` that the author wrote always wins.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from index.latin import ascii_slug
from index.markup.hexo_slug import hexo_text, slugize
from index.markup.hugo_heading import HYPHENS, hugo_text
from index.markup.markdown import MarkdownHeading
from index.unicode import normalize

__all__ = ["ANCHOR_RULES", "SOURCE_RULES", "find_anchors", "github_slug"]

PROTOTYPE = frozenset(
    {"constructor", "toString", "valueOf", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString"}
)
"""What any object of JavaScript has: to Hexo the first heading of such a name repeats one whose number is none."""

DASH = re.compile("(?<!-)--(?!-)")
CIRCLED_LETTER = re.compile("[\u24b6-\u24e9\U0001f130-\U0001f149\U0001f150-\U0001f169\U0001f170-\U0001f189]")
"""The only symbols that are `Alphabetic` in Unicode."""
ACCENT, CONTROL = re.compile("[\u0300-\u036f]"), re.compile("[\\x00-\\x1f]")
VUE_SPECIAL = re.compile(r"""[\s\ufeff~`!@#$%^&*()\-_+=\[\]{}|\\;:"'“”‘’<>,.?/]+""")
EMOJI = re.compile(r"(?<![\w:]):[+-]?[a-z0-9][a-z0-9_+-]*:(?![\w:])")
DIGITS = frozenset("0123456789")


def find_anchors(headings: Sequence[MarkdownHeading], rule: str) -> list[str]:
    """The anchors of a page's headings by the rule of that name, in order; "" for one that gets none.

    Headings that are written as HTML do not take part: no generator gives them an anchor, nor counts theirs among the
    repeats.
    """
    return ANCHOR_RULES[rule](headings) if rule else [heading.id for heading in headings]


def heading_text(events: Iterable[Any], *, dashes: bool = True) -> str:
    """The text in the events within a heading, with breaks of lines; without `dashes` those of more than one hyphen are
    left out.
    """
    parts = []
    for event in events:
        if isinstance(event, str):
            parts.append("\n")
        elif "Text" in event:
            parts.append(event["Text"] if dashes else HYPHENS.sub("", event["Text"]))
        elif "Code" in event:
            parts.append(event["Code"])
    return "".join(parts)


def kramdown_anchors(headings: Sequence[MarkdownHeading]) -> list[str]:
    """The anchors that Jekyll gives; an id that the author wrote is not counted among the repeats."""
    seen: Counter[str] = Counter()
    anchors = []
    for heading in headings:
        if heading.id:
            anchors.append(heading.id)
            continue
        text = heading_text(heading.events_outside_images(), dashes=False)
        base = github_slug(text.replace("\n", " "), marks=True)
        anchors.append(f"{base}-{seen[base]}" if seen[base] else base)
        seen[base] += 1
    return anchors


def goldmark_anchors(headings: Sequence[MarkdownHeading]) -> list[str]:
    """The anchors that Hugo from 0.144 on gives with its own settings; headings must have been read `with_source`."""
    taken: dict[str, int] = {}
    anchors = []
    for heading in headings:
        anchor = heading.id
        if anchor:
            taken.setdefault(anchor, 0)
        elif text := hugo_text(heading.events):
            anchor = counted(github_slug(text.strip().replace("\t", ""), marks=False) or "heading", taken)
        anchors.append(anchor)
    return anchors


def rehype_slug_anchors(headings: Sequence[MarkdownHeading]) -> list[str]:
    """The anchors that rehype-slug gives."""
    taken: dict[str, int] = {}
    anchors = []
    for heading in headings:
        text = heading_text(heading.events_outside_images()) + (heading.id and f" {heading.id}")
        anchors.append(counted(github_slug(text.replace("\t", ""), marks=True), taken))
    return anchors


def astro_anchors(headings: Sequence[MarkdownHeading]) -> list[str]:
    """The anchors that Astro gives, and Starlight."""
    taken: dict[str, int] = {}
    anchors = []
    for heading in headings:
        events = heading.events_outside_images()
        dashed = ({"Text": DASH.sub("", event["Text"])} if "Text" in event else event for event in events)
        text = heading_text(dashed) + (heading.id and f" {heading.id}")
        anchors.append(counted(github_slug(text.replace("\t", ""), marks=True), taken).removesuffix("-"))
    return anchors


def docusaurus_anchors(headings: Sequence[MarkdownHeading]) -> list[str]:
    """The anchors that Docusaurus gives; an id that the author wrote is not counted among the repeats."""
    taken: dict[str, int] = {}
    anchors = []
    for heading in headings:
        text = heading_text(heading.events)
        anchors.append(heading.id or counted(github_slug(text.replace("\t", ""), marks=True), taken))
    return anchors


def counted(base: str, taken: dict[str, int]) -> str:
    """The anchor, with -1, -2 where it is taken; `taken` keeps the highest number that follows each anchor."""
    anchor = base
    while anchor in taken:
        taken[base] += 1
        anchor = f"{base}-{taken[base]}"
    taken[anchor] = 0
    return anchor


def zola_anchors(headings: Sequence[MarkdownHeading], slug: Callable[[str], str] = ascii_slug) -> list[str]:
    """The anchors that Zola gives; those that authors wrote are taken from the start.

    A heading gets none here whose letters can't be written in ASCII where Zola does so.
    """
    taken = {heading.id: 0 for heading in headings if heading.id}
    anchors = []
    for heading in headings:
        events = [event for event in heading.events if isinstance(event, dict)]
        text = "".join(event.get("Text") or event.get("Code") or "" for event in events)
        anchor = heading.id or counted(slug(text), taken)
        anchors.append(anchor if slug is not ascii_slug or anchor.isascii() or heading.id else "")
    return anchors


def mdbook_anchors(headings: Sequence[MarkdownHeading]) -> list[str]:
    """The anchors that mdBook from 0.5 on gives; an id that the author wrote is not counted among the repeats."""
    taken: dict[str, int] = {}
    anchors = []
    for heading in headings:
        text = heading_text(heading.events_outside_images(), dashes=False).strip().lower()
        slug = "".join(sign if is_word(sign) else "-" for sign in text if is_word(sign) or sign.isspace())
        anchors.append(heading.id or counted(slug, taken))
    return anchors


def is_word(sign: str) -> bool:
    """Whether it is a letter or number for Rust, which takes the signs of vowels for letters too, or `_` or `-`."""
    vowel = unicodedata.category(sign)[0] == "M" and not unicodedata.combining(sign)
    return sign.isalnum() or sign in "_-" or vowel


def python_markdown_anchors(headings: Sequence[MarkdownHeading]) -> list[str]:
    """The anchors that Python-Markdown's toc extension gives; those that authors wrote are taken from the start."""
    taken = {heading.id for heading in headings if heading.id}
    last: dict[tuple[str, int], int] = {}  # by base and number, the number up to which those that follow are taken
    anchors = []
    for heading in headings:
        anchor = heading.id
        if not anchor:
            text = normalize("NFKD", heading_text(heading.events_outside_images())).encode("ascii", "ignore").decode()
            anchor = re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", text).strip().lower())
            # An anchor that ends in a number already is counted on from there.
            numbered = re.fullmatch(r"(.*)_([0-9]{1,9})", anchor)
            base, number = (numbered[1], int(numbered[2])) if numbered else (anchor, 0)
            passed = []
            while not anchor or anchor in taken:
                passed.append((base, number))
                number = last.get((base, number), number) + 1
                anchor = f"{base}_{number}"
            # Whoever comes to one of these again goes on from here, so that no row of numbers is walked twice.
            last |= dict.fromkeys(passed, number)
            taken.add(anchor)
        anchors.append(anchor)
    return anchors


def hexo_anchors(headings: Sequence[MarkdownHeading]) -> list[str]:
    """The anchors that Hexo gives with hexo-renderer-marked; headings must have been read `with_source`."""
    seen: Counter[str] = Counter()
    anchors = []
    for heading in headings:
        if heading.id:
            anchors.append(heading.id)
            continue
        base = anchor = slugize(hexo_text(heading.events_outside_images()))
        if base in PROTOTYPE and base not in seen:
            anchor, seen[base] = f"{base}-NaN", 0
        elif seen[base]:
            anchor, seen[base] = f"{base}-{seen[base]}", seen[base] + 1
        else:
            seen[base] = 1
        anchors.append(anchor)
    return anchors


def mdit_vue_anchors(headings: Sequence[MarkdownHeading]) -> list[str]:
    """The anchors that VitePress gives; headings must have been read `with_source`."""
    taken: dict[str, int] = {}
    anchors = []
    for heading in headings:
        if heading.id:
            taken.setdefault(heading.id, 0)
            anchors.append(heading.id)
            continue
        parts = []
        for event in heading.events_outside_images():
            if "Text" in event:
                parts.append(event["Source"] if event["Source"].startswith("&") else EMOJI.sub("", event["Text"]))
            elif "Code" in event or "FootnoteReference" in event:  # VitePress knows no footnotes
                parts.append(event.get("Code") or f"[^{event['FootnoteReference']}]")
        text = ACCENT.sub("", normalize("NFKD", "".join(parts)))
        slug = VUE_SPECIAL.sub("-", CONTROL.sub("", text)).strip("-").lower()
        anchors.append(counted(f"_{slug}" if slug[:1] in DIGITS else slug, taken))
    return anchors


def github_slug(text: str, *, marks: bool) -> str:
    """The text in lower case with hyphens for spaces and tabs, and no other sign than letters, digits, `_` and `-`.

    With `marks` combining marks, letter numbers, letters in circles and connectors count as letters, as they do in Ruby
    and JavaScript and do not in Go.
    """
    kept = {"L", "M", "Nd", "Pc", "Nl"} if marks else {"L", "Nd"}
    lower = text.lower() if marks else "".join(sign.lower()[0] for sign in text)
    return "".join(
        "-" if sign in " \t" else sign
        for sign in lower
        if sign in " \t-_"
        or (category := unicodedata.category(sign)) in kept
        or category[0] in kept
        or (marks and CIRCLED_LETTER.match(sign))
    )


ANCHOR_RULES: dict[str, Callable[[Sequence[MarkdownHeading]], list[str]]] = {
    "astro": astro_anchors,
    "docusaurus": docusaurus_anchors,
    "github": rehype_slug_anchors,
    "goldmark": goldmark_anchors,
    "hexo": hexo_anchors,
    "kramdown": kramdown_anchors,
    "mdbook": mdbook_anchors,
    "mdit-vue": mdit_vue_anchors,
    "python-markdown": python_markdown_anchors,
    "zola": zola_anchors,
    "zola-unslugged": partial(zola_anchors, slug=partial(re.compile(r"[ \t\n\f\r]").sub, "_")),
}

SOURCE_RULES = frozenset({"goldmark", "hexo", "mdit-vue"})
"""Those whose headings must be read `with_source`."""
