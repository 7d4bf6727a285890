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
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

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

DOUBLE_HYPHEN = re.compile("(?<!-)--(?!-)")
CIRCLED_LETTER = re.compile("[\u24b6-\u24e9\U0001f130-\U0001f149\U0001f150-\U0001f169\U0001f170-\U0001f189]")
"""The only symbols that are `Alphabetic` in Unicode."""
ACCENT, CONTROL = re.compile("[\u0300-\u036f]"), re.compile("[\\x00-\\x1f]")
VUE_SPECIAL = re.compile(r"""[\s\ufeff~`!@#$%^&*()\-_+=\[\]{}|\\;:"'“”‘’<>,.?/]+""")
EMOJI = re.compile(r"(?<![\w:]):[+-]?[a-z0-9][a-z0-9_+-]*:(?![\w:])")
DIGITS = frozenset("0123456789")
BLANK = re.compile(r"[ \t\n\f\r]")


def find_anchors(headings: Sequence[MarkdownHeading], rule: str) -> list[str]:
    """The anchors of a page's headings by the rule of that name, in order; "" for one that gets none.

    Without a name only ids that authors wrote are anchors. Headings that are written as HTML do not take part: no
    generator gives them an anchor, nor counts theirs among the repeats.
    """
    if not rule:
        return [heading.id for heading in headings]
    slug, ids, number = ANCHOR_RULES[rule].slug, ANCHOR_RULES[rule].ids, ANCHOR_RULES[rule].number
    taken = {heading.id: 0 for heading in headings if heading.id} if ids == "first" else {}
    anchors = []
    for heading in headings:
        anchor = "" if ids == "text" else heading.id
        if anchor and ids == "in order":
            taken.setdefault(anchor, 0)
        elif not anchor and (base := slug(heading)) is not None:
            anchor = number(base, taken)
        anchors.append(anchor)
    return anchors


def unique(slug: str, taken: dict[str, int]) -> str:
    """The slug, with -1, -2 where it is taken; `taken` keeps the highest number that follows each anchor."""
    anchor = slug
    while anchor in taken:
        taken[slug] += 1
        anchor = f"{slug}-{taken[slug]}"
    taken[anchor] = 0
    return anchor


def numbered(slug: str, taken: dict[str, int]) -> str:
    """The slug, with -1, -2 where it was given before; that may be the slug of another heading."""
    number = taken.get(slug, 0)
    taken[slug] = number + 1
    return f"{slug}-{number}" if number else slug


def underscored(slug: str, taken: dict[str, int]) -> str:
    """The slug, with _1, _2 where it is empty or taken; one that ends in a number already is counted on from there."""
    ending = re.fullmatch(r"(.*)_([0-9]{1,9})", slug)
    base, number = (ending[1], int(ending[2])) if ending else (slug, 0)
    anchor, passed = slug, []
    while not anchor or anchor in taken:
        passed.append(anchor)
        number = max(number, taken.get(anchor, 0)) + 1
        anchor = f"{base}_{number}"
    # Whoever comes to one of these again goes on from here, so that no row of numbers is walked twice.
    taken |= dict.fromkeys([*passed, anchor], number)
    return anchor


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


def kramdown_slug(heading: MarkdownHeading) -> str:
    """What Jekyll makes of a heading."""
    text = heading_text(heading.events_outside_images(), dashes=False)
    return github_slug(text.replace("\n", " "), marks=True)


def goldmark_slug(heading: MarkdownHeading) -> str | None:
    """What Hugo from 0.144 on makes of a heading with its own settings; None of one without text."""
    text = hugo_text(heading.events)
    return github_slug(text.strip().replace("\t", ""), marks=False) or "heading" if text else None


def rehype_slug(heading: MarkdownHeading) -> str:
    """What rehype-slug makes of a heading, with the id as a part of it."""
    text = heading_text(heading.events_outside_images()) + (heading.id and f" {heading.id}")
    return github_slug(text.replace("\t", ""), marks=True)


def astro_slug(heading: MarkdownHeading) -> str:
    """What Astro makes of a heading, and Starlight: the same but for dashes."""
    events = heading.events_outside_images()
    dashed = ({"Text": DOUBLE_HYPHEN.sub("", event["Text"])} if "Text" in event else event for event in events)
    return github_slug((heading_text(dashed) + (heading.id and f" {heading.id}")).replace("\t", ""), marks=True)


def docusaurus_slug(heading: MarkdownHeading) -> str:
    """What Docusaurus makes of a heading, images included."""
    return github_slug(heading_text(heading.events).replace("\t", ""), marks=True)


def zola_text(heading: MarkdownHeading) -> str:
    """What Zola makes a slug of: without breaks of lines."""
    return heading_text(event for event in heading.events if isinstance(event, dict))


def ascii_only(slug: str, taken: dict[str, int]) -> str:
    """The slug as Zola numbers it, or "" where it holds letters that Zola writes in ASCII and that can't be so here."""
    anchor = unique(slug, taken)
    return anchor if anchor.isascii() else ""


def mdbook_slug(heading: MarkdownHeading) -> str:
    """What mdBook from 0.5 on makes of a heading."""
    text = heading_text(heading.events_outside_images(), dashes=False).strip().lower()
    return "".join(sign if is_word(sign) else "-" for sign in text if is_word(sign) or sign.isspace())


def is_word(sign: str) -> bool:
    """Whether it is a letter or number for Rust, which takes the signs of vowels for letters too, or `_` or `-`."""
    vowel = unicodedata.category(sign)[0] == "M" and not unicodedata.combining(sign)
    return sign.isalnum() or sign in "_-" or vowel


def python_markdown_slug(heading: MarkdownHeading) -> str:
    """What Python-Markdown's toc extension makes of a heading."""
    text = normalize("NFKD", heading_text(heading.events_outside_images())).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", text).strip().lower())


def hexo_number(slug: str, taken: dict[str, int]) -> str:
    """The slug as Hexo numbers it, in an object of JavaScript."""
    if slug in PROTOTYPE and slug not in taken:
        taken[slug] = 0
        return f"{slug}-NaN"
    return numbered(slug, taken)


def mdit_vue_slug(heading: MarkdownHeading) -> str:
    """What VitePress makes of a heading."""
    parts = []
    for event in heading.events_outside_images():
        if "Text" in event:
            parts.append(event["Source"] if event["Source"].startswith("&") else EMOJI.sub("", event["Text"]))
        elif "Code" in event or "FootnoteReference" in event:  # VitePress knows no footnotes
            parts.append(event.get("Code") or f"[^{event['FootnoteReference']}]")
    text = ACCENT.sub("", normalize("NFKD", "".join(parts)))
    slug = VUE_SPECIAL.sub("-", CONTROL.sub("", text)).strip("-").lower()
    return f"_{slug}" if slug[:1] in DIGITS else slug


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


@dataclass(frozen=True, slots=True)
class AnchorRule:
    """How a generator names headings: what `slug` makes of one without an id, None where that gets no anchor, as
    `number` tells it from those before.

    Ids that authors wrote count among these as `ids` says: not at all, all from the first heading on, each in its
    order, or as mere text. With `source` headings must be read `with_source`.
    """

    slug: Callable[[MarkdownHeading], str | None]
    ids: Literal["apart", "first", "in order", "text"] = "apart"
    number: Callable[[str, dict[str, int]], str] = unique
    source: bool = False


ANCHOR_RULES = {
    "astro": AnchorRule(astro_slug, "text", lambda slug, taken: unique(slug, taken).removesuffix("-")),
    "docusaurus": AnchorRule(docusaurus_slug),
    "github": AnchorRule(rehype_slug, "text"),
    "goldmark": AnchorRule(goldmark_slug, "in order", source=True),
    "hexo": AnchorRule(lambda heading: slugize(hexo_text(heading.events_outside_images())), "apart", hexo_number, True),
    "kramdown": AnchorRule(kramdown_slug, "apart", numbered),
    "mdbook": AnchorRule(mdbook_slug),
    "mdit-vue": AnchorRule(mdit_vue_slug, "in order", source=True),
    "python-markdown": AnchorRule(python_markdown_slug, "first", underscored),
    "zola": AnchorRule(lambda heading: ascii_slug(zola_text(heading)), "first", ascii_only),
    "zola-unslugged": AnchorRule(lambda heading: BLANK.sub("_", zola_text(heading)), "first"),
}

SOURCE_RULES = frozenset(name for name, rule in ANCHOR_RULES.items() if rule.source)
"""Those whose headings must be read `with_source`."""
