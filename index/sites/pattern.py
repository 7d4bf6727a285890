"""Checks the setting `url_pattern`, and lists the placeholders that it may use."""

from __future__ import annotations

import re

from index.errors import SettingsError

__all__ = ["PLACEHOLDER", "PLACEHOLDERS", "check_pattern"]

PLACEHOLDER = re.compile(r":([a-z_]+)")
"""A placeholder in a pattern, such as `:slug`."""

PLACEHOLDERS = {
    "slug": "the slug of the header, else the name of the file without date and suffix",
    "title": "the title, in lower case with hyphens",
    "filename": "the name of the file without suffix",
    "path": "the folders and the name of the file without suffix",
    "section": "the first folder",
    "sections": "all folders",
    "category": "the first category",
    "categories": "all categories",
    "lang": "the language",
    "year": "of the date",
    "month": "of the date, two digits",
    "day": "of the date, two digits",
    "hour": "of the date, two digits",
    "minute": "of the date, two digits",
    "second": "of the date, two digits",
    "short_year": "of the date, two digits",
    "i_month": "of the date, without a leading zero",
    "i_day": "of the date, without a leading zero",
    "y_day": "of the date, three digits",
}
"""What `url_pattern` may name, as `:slug`, and what each stands for."""


def check_pattern(pattern: str) -> None:
    """Raises `SettingsError` for a pattern with a name that stands for nothing, or with none at all."""
    names = PLACEHOLDER.findall(pattern)
    unknown = [name for name in names if name not in PLACEHOLDERS]
    if unknown:
        raise SettingsError(f"url_pattern: :{unknown[0]} stands for nothing; use :{', :'.join(PLACEHOLDERS)}")
    if pattern and not names:
        raise SettingsError(f"url_pattern: {pattern!r} would give all posts one URL; use names such as /:year/:slug/")
