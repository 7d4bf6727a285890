"""Filling the templates that stand in permalinks of Eleventy, such as `/blog/{{ page.fileSlug }}/`.

Only what Liquid and Nunjucks supply without a program is known: values, `slugify`, `slug`, `date`, `downcase`,
`lower`, `upcase`, `upper`, `strip`, `trim`; see https://www.11ty.dev/docs/filters/ and
https://liquidjs.com/filters/overview.html.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC

from index.latin import latin_letters
from index.posts.metadata import Metadata
from index.sites.generators.addresses import MAX_LINK_CHARS
from index.sites.generators.values import as_text

__all__ = ["render_permalink"]

EXPRESSION = re.compile(r"\{\{-?(.*?)-?\}\}", re.DOTALL)
DATE_FORMAT = re.compile(r"date\s*:\s*([\"'])(.*?)\1")

EAST_ASIA = re.compile(r"[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef]+")
GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


def render_permalink(template: str, supplied: Mapping[str, str], post: Metadata) -> str | None:
    """The template with its expressions filled; None where it holds what only the site's program knows."""
    if "{%" in template or len(template) > MAX_LINK_CHARS:
        return None
    values = [evaluate(expression, supplied, post) or "" for expression in EXPRESSION.findall(template)]
    filled = iter(values)
    return EXPRESSION.sub(lambda _: next(filled), template).strip() if all(values) else None


def evaluate(expression: str, supplied: Mapping[str, str], post: Metadata) -> str | None:
    name, *filters = [part.strip() for part in re.split(r"\|(?=(?:[^\"']|\"[^\"]*\"|'[^']*')*$)", expression)]
    if name in {"page.date", "date"} and filters:
        form = DATE_FORMAT.fullmatch(filters[0])
        if not form or not post.date or len(filters) > 1:
            return None
        try:
            return post.date.astimezone(UTC).strftime(form[2]) or None
        except ValueError:
            return None
    value = supplied.get(name, as_text(post.raw.get(name.lower())))
    value = value or (post.title if name == "title" else "")
    for filter in filters:
        filtered = FILTERS[filter](value) if filter in FILTERS else None
        if filtered is None:
            return None
        value = filtered
    return value or None


def hyphenated(value: str) -> str | None:
    """The text as `slug` makes it of ASCII letters; None for others."""
    return re.sub(r"\s+", "-", value.strip()).lower() if re.fullmatch(r"[\w\s.-]+", value, re.ASCII) else None


def latin_slug(value: str) -> str | None:
    """The text as `slugify` makes it of Latin letters, dropping those of East Asia; None for scripts with a table."""
    plain = EAST_ASIA.sub(" ", latin_letters(value.translate(GERMAN).replace("&", " and ")).lower())
    plain = re.sub(r"([a-z\d]+)'([ts])(\s|$)", r"\1\2\3", plain)
    return re.sub(r"[^a-z\d]+", "-", plain).strip("-") if plain.isascii() else None


FILTERS: dict[str, Callable[[str], str | None]] = {
    "slugify": latin_slug, "slug": hyphenated, "downcase": str.lower, "lower": str.lower, "upcase": str.upper,
    "upper": str.upper, "strip": str.strip, "trim": str.strip,
}  # fmt: skip
"""What each filter makes of a text, None where that is not known."""
