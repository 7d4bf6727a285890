"""Filling Jekyll's permalink patterns, such as `/:year/:title/`.

The placeholders are those of https://jekyllrb.com/docs/permalinks/#placeholders, the slugs those of
https://jekyllrb.com/docs/liquid/filters/#options-for-the-slugify-filter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, tzinfo

from index.posts.metadata import Metadata
from index.sites.generators.addresses import MAX_LINK_CHARS, rooted
from index.sites.generators.values import as_text

__all__ = ["DATE_PLACEHOLDERS", "ZONE_AT_END", "date_values", "fill", "slugify", "squeeze"]

DATE_PLACEHOLDERS = {
    "year": "%Y", "month": "%m", "day": "%d", "hour": "%H", "minute": "%M", "second": "%S", "i_day": "%-d",
    "i_month": "%-m", "short_month": "%b", "long_month": "%B", "short_year": "%y", "w_year": "%G", "week": "%V",
    "w_day": "%u", "short_day": "%a", "long_day": "%A", "y_day": "%j",
}  # fmt: skip
"""https://jekyllrb.com/docs/permalinks/#placeholders: those that are made of the date."""

ZONE_AT_END = re.compile(r":\d\d(?:\.\d+)?\s*(?:Z|[+-]\d{1,2}:?(?:\d\d)?|[A-Za-z]{2,5})$")
YAML_MOMENT = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:[Tt]|\s+)\d{1,2}:\d\d:\d\d(?:\.\d*)?")


def date_values(post: Metadata, zone: tzinfo) -> dict[str, str]:
    """The placeholders that are made of the date, in the zone of the site; none without one but the time of the build.

    A time without a zone is UTC where YAML reads it as a moment, and else of the site, which is why the text counts.
    """
    if post.date is None:
        return {}
    said, moment = as_text(post.raw.get("date")), post.date
    if not ZONE_AT_END.search(said):
        moment = moment.replace(tzinfo=UTC if YAML_MOMENT.fullmatch(said) else zone)
    try:
        moment = moment.astimezone(zone)
    except OverflowError:
        moment = post.date
    return {name: moment.strftime(form) for name, form in DATE_PLACEHOLDERS.items()}


def fill(pattern: str, values: Mapping[str, str]) -> str | None:
    """The pattern with its placeholders filled; None where it names one that has no value."""
    names = re.findall(r":([a-z_]+)", pattern)
    if any(name not in values and name.removesuffix("_") not in values for name in names):
        return None

    def value(match: re.Match[str]) -> str:
        return values[match[1]] if match[1] in values else values[match[1].removesuffix("_")] + "_"

    return re.sub(r":([a-z_]+)", value, pattern)


def squeeze(path: str) -> str:
    """The path as Jekyll cleans it: without steps upwards and without doubled slashes."""
    return rooted(path.replace("..", "/").replace("./", ""))


def slugify(name: str, kept: str = "", *, cased: bool = False) -> str:
    """The name with each run of other characters than letters, digits and those kept as one hyphen."""
    letters = [
        c if c in kept or unicodedata.category(c)[0] in "LM" or c.isdecimal() else " " for c in name[:MAX_LINK_CHARS]
    ]
    slug = re.sub(" +", "-", "".join(letters))
    slug = slug.removeprefix("-").removesuffix("-")
    return slug if cased else slug.lower()
