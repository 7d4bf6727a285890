"""Sites without any files, for tests of how a post is read."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from index.markup.dialect import Dialect
from index.markup.notes import STRIPPERS
from index.settings import Settings
from index.sites.site import GENERATORS, Site, read_site

__all__ = ["SITE_GENERATORS", "bare_site"]

SITE_GENERATORS = (*GENERATORS, *STRIPPERS, "none")
"""Generators, and programs for notes."""


@cache
def bare_site(generator: str) -> Site:
    """A site that takes every file, and reads it in the dialect of the generator or program."""
    if generator in STRIPPERS:
        return Site(dialect=Dialect(templates=(), notes=generator))
    nowhere = Path("nowhere")
    return Site(generator, dialect=read_site(nowhere, Settings(posts=nowhere, generator=generator)).dialect)
