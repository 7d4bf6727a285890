"""The headings of a post go in; the fragment identifiers that the site's generator gives them come out.

Jekyll: kramdown's GFM parser, `generate_gfm_header_id` (kramdown-parser-gfm, lib/kramdown/parser/gfm.rb): the text
in lower case, without what is no word, spaces as hyphens; repeats get -1, -2.

Hugo: `sanitizeAnchorName` of type `github` (hugo, markup/goldmark/autoid.go): the same, of the text that
`hugo_heading.py` finds; repeats get -1, -2, never one that is taken. A heading without text gets none. Before 0.144 it
was the heading's source, link targets and all; a site does not say which release builds it, and the newer ones count.

Pelican: `slugify` and `unique` of Python-Markdown's toc extension (markdown/extensions/toc.py): ASCII only, repeats get
_1, _2. Pelican turns that extension on only when asked; without it a link with such an anchor still opens the page.

Eleventy and unknown generators give none. An `id` that the author wrote always wins.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from index.markup.markdown import MarkdownHeading, read_headings

__all__ = ["find_anchors", "hugo_ids", "jekyll_ids", "pelican_ids"]

NOT_LETTERS = re.compile(r"[\W_]+")
LOOK_AHEAD = 8
"""Headings of the Markdown that may be skipped when one of the page is looked up among them."""


def find_anchors(source: str, headings: Sequence[tuple[int, str, str]], generator: str) -> list[str]:
    """The anchors of a page's headings, each given as level, written id and title; `source` is the page's Markdown.

    Headings that were written as HTML within the Markdown get no anchor but their own `id`, as in every generator.
    """
    if generator not in RULES or not headings:
        return [id for _, id, _ in headings]
    ours = read_headings(source)
    ids = RULES[generator](ours)
    keys = [(heading.level, NOT_LETTERS.sub("", heading.title)) for heading in ours]
    anchors, at = [], 0
    for level, id, title in headings:
        key = (level, NOT_LETTERS.sub("", title))
        place = next((i for i in range(at, min(at + LOOK_AHEAD, len(keys))) if keys[i] == key), None)
        anchors.append(id if place is None else ours[place].id or ids[place] or id)
        at = at if place is None else place + 1
    return anchors


def jekyll_ids(headings: Iterable[MarkdownHeading]) -> list[str]:
    """The ids that Jekyll gives; an id that the author wrote is not counted among the repeats."""
    seen: Counter[str] = Counter()
    ids = []
    for heading in headings:
        if heading.id:
            ids.append(heading.id)
            continue
        id = slug(heading.typeset, marks=True)
        repeat = seen[id]
        seen[id] += 1
        ids.append(f"{id}-{repeat}" if repeat else id)
    return ids


def hugo_ids(headings: Iterable[MarkdownHeading]) -> list[str]:
    """The ids that Hugo gives with its own settings, from 0.144 on."""
    taken: dict[str, int] = {}
    ids = []
    for heading in headings:
        id = heading.id
        if not id:
            text = heading.hugo.text
            if not text:
                ids.append("")
                continue
            base = id = slug(text.replace("\t", ""), marks=False) or "heading"
            while id in taken:
                taken[base] += 1
                id = f"{base}-{taken[base]}"
        taken.setdefault(id, 0)
        ids.append(id)
    return ids


def pelican_ids(headings: Iterable[MarkdownHeading]) -> list[str]:
    """The ids that Python-Markdown's toc extension gives; those that authors wrote are taken from the start."""
    ours = list(headings)
    taken = {heading.id: 0 for heading in ours if heading.id}
    ids = []
    for heading in ours:
        id = heading.id
        if not id:
            text = unicodedata.normalize("NFKD", heading.text).encode("ascii", "ignore").decode()
            id = unused(re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", text).strip().lower()), taken)
            taken.setdefault(id, 0)
        ids.append(id)
    return ids


def unused(id: str, taken: dict[str, int]) -> str:
    """The id, or the first of `id_1`, `id_2` … that is free; an id that ends so itself is counted on from there."""
    if id and id not in taken:
        return id
    counted = re.fullmatch(r"(.*)_([0-9]{1,9})", id)
    base, first = (counted[1], int(counted[2])) if counted and id else (id, 0)
    number = max(first, taken.get(id, 0)) + 1
    while f"{base}_{number}" in taken:
        number += 1
    taken[id] = number
    return f"{base}_{number}"


def slug(text: str, *, marks: bool) -> str:
    """The text in lower case with hyphens for spaces and tabs, and no other sign than letters, digits, `_` and `-`.

    With `marks` combining marks count as letters, as they do in Ruby and do not in Go.
    """
    kinds = "LM" if marks else "L"
    low = text.lower() if marks else "".join(c.lower()[0] for c in text.strip())
    return "".join(
        "-" if sign in " \t" else sign
        for sign in low
        if sign in " \t-_" or (category := unicodedata.category(sign))[0] in kinds or is_word(category, marks)
    )


def is_word(category: str, marks: bool) -> bool:
    """Whether signs of a Unicode category, besides letters, are kept in an id."""
    return category == "Nd" or (marks and category in {"Pc", "Nl"})


RULES: dict[str, Callable[[Iterable[MarkdownHeading]], list[str]]] = {
    "hugo": hugo_ids,
    "jekyll": jekyll_ids,
    "pelican": pelican_ids,
}
