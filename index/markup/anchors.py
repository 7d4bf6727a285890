"""Anchors: the fragment identifiers that the site's generator gives to the headings of a post.

Each rule is that of a program's source, which is named beside it, but for the numbers of footnotes, which some programs
take for used. Generators without a rule give no anchors, as far as is known. An `id` that the author wrote always wins.
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


def heading_text(events: Iterable[Any], dashes: re.Pattern[str] | None = None) -> str:
    """The text in the events within a heading, with breaks of lines and without `dashes`, if any."""
    parts = []
    for event in events:
        if isinstance(event, str):
            parts.append("\n")
        elif "Text" in event:
            parts.append(dashes.sub("", event["Text"]) if dashes else event["Text"])
        elif "Code" in event:
            parts.append(event["Code"])
    return "".join(parts)


def kramdown_slug(heading: MarkdownHeading) -> str:
    """kramdown's, of Jekyll: `generate_gfm_header_id` (kramdown-parser-gfm, lib/kramdown/parser/gfm.rb)."""
    text = heading_text(heading.events_outside_images(), HYPHENS)
    return github_slug(text.replace("\n", " "), marks=True)


def goldmark_slug(heading: MarkdownHeading) -> str | None:
    """Hugo's with its own settings, None without text: `sanitizeAnchorName` (hugo, markup/goldmark/autoid.go).

    Before 0.144 it was of the heading's source, link targets and all; no site says which release builds it.
    """
    text = hugo_text(heading.events)
    return github_slug(text.strip().replace("\t", ""), marks=False) or "heading" if text else None


def rehype_slug(heading: MarkdownHeading, dashes: re.Pattern[str] | None = None) -> str:
    """That of github-slugger, of all that use rehype-slug: an `{#id}` is mere text.

    So is Astro's, and Starlight's, but for dashes (markdown-remark, rehype-collect-headings).
    """
    text = heading_text(heading.events_outside_images(), dashes) + (heading.id and f" {heading.id}")
    return github_slug(text.replace("\t", ""), marks=True)


def docusaurus_slug(heading: MarkdownHeading) -> str:
    """Docusaurus': that of github-slugger, with the texts of images (mdx-loader, src/remark/headings)."""
    return github_slug(heading_text(heading.events).replace("\t", ""), marks=True)


def zola_text(heading: MarkdownHeading) -> str:
    """What Zola makes a slug of (`find_anchor` in zola, components/markdown): the text without breaks of lines."""
    return heading_text(event for event in heading.events if isinstance(event, dict))


def ascii_only(slug: str, taken: dict[str, int]) -> str:
    """The slug as Zola numbers it, or "" where it holds letters that Zola writes in ASCII and that can't be so here."""
    anchor = unique(slug, taken)
    return anchor if anchor.isascii() else ""


def mdbook_slug(heading: MarkdownHeading) -> str:
    """mdBook's from 0.5 on: `id_from_content` (mdBook, crates/mdbook-html/src/utils.rs)."""
    text = heading_text(heading.events_outside_images(), HYPHENS).strip().lower()
    return "".join(sign if is_word(sign) else "-" for sign in text if is_word(sign) or sign.isspace())


def is_word(sign: str) -> bool:
    """Whether it is a letter or number for Rust, which takes the signs of vowels for letters too, or `_` or `-`."""
    vowel = unicodedata.category(sign)[0] == "M" and not unicodedata.combining(sign)
    return sign.isalnum() or sign in "_-" or vowel


def python_markdown_slug(heading: MarkdownHeading) -> str:
    """Python-Markdown's, of MkDocs and Pelican: `slugify` of its toc extension (markdown/extensions/toc.py).

    Pelican turns that on only when asked; without it a link with such an anchor still opens the page.
    """
    text = normalize("NFKD", heading_text(heading.events_outside_images())).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", text).strip().lower())


def hexo_number(slug: str, taken: dict[str, int]) -> str:
    """The slug as hexo-renderer-marked numbers it, in an object of JavaScript: `heading` (lib/renderer.js).

    With it a site that writes `{#id}` is not built, so such an id is of another renderer.
    """
    if slug in PROTOTYPE and slug not in taken:
        taken[slug] = 0
        return f"{slug}-NaN"
    return numbered(slug, taken)


def mdit_vue_slug(heading: MarkdownHeading) -> str:
    """VitePress': `slugify` of @mdit-vue/shared, of the text without emoji by name and with entities as written."""
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
    "astro": AnchorRule(
        lambda heading: rehype_slug(heading, DOUBLE_HYPHEN),
        "text",
        lambda slug, taken: unique(slug, taken).removesuffix("-"),
    ),
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
