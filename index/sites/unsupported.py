"""The generators whose addresses are not known here: by which of their files a site is one of theirs.

Such a site is taken as one without a generator, and people are told why its hits may lead nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from index.sites.generators.config import ConfigFiles

__all__ = ["unsupported_generator"]


class Unsupported(NamedTuple):
    """A generator: files of which only its sites hold one, or one that `says` this, and the pattern of its addresses
    where one fits.
    """

    name: str
    files: tuple[str, ...]
    url_pattern: str = ""
    says: str = ""


SCRIPT_SUFFIXES = (".js", ".mjs", ".ts")
UNSUPPORTED = (
    Unsupported("Jupyter Book", ("_toc.yml",), "/:path.html"),
    Unsupported("MyST", ("myst.yml",)),
    Unsupported("Nikola", ("conf.py",), "/posts/:slug/", says="BLOG_TITLE"),
    Unsupported("Sphinx", ("conf.py",), "/:path.html", says="html_theme"),
    Unsupported("Quarto", ("_quarto.yml", "_quarto.yaml"), "/:path.html"),
    Unsupported("VuePress", tuple(f".vuepress/config{suffix}" for suffix in SCRIPT_SUFFIXES), "/:path.html"),
    Unsupported("Nextra", tuple(f"next.config{suffix}" for suffix in SCRIPT_SUFFIXES), "/:path", says="nextra"),
    Unsupported("Gatsby", tuple(f"gatsby-config{suffix}" for suffix in SCRIPT_SUFFIXES)),
    Unsupported("Bridgetown", ("bridgetown.config.yml",), "/:categories/:year/:month/:day/:slug/"),
    Unsupported("Cobalt", ("_cobalt.yml",), "/:path.html"),
    Unsupported("GitBook", (".gitbook.yaml",), "/:path"),
    Unsupported("Publish", ("Package.swift",), "/:path/", says='"Publish"'),
    Unsupported("Lektor", ("contents.lr", "content/contents.lr")),
    Unsupported("Logseq", ("logseq/config.edn",)),
)


def unsupported_generator(folders: Iterable[Path]) -> tuple[Path, str] | None:
    """The file that tells the generator of a site in one of the folders, the nearest first, and what to do about it."""
    for folder in folders:
        for name, names, pattern, says in UNSUPPORTED:
            files, path = ConfigFiles(), None
            with suppress(PermissionError):
                path = files.first(folder, *names)
            if path and says in (files.text(path) if says else ""):
                remedy = f"set url_pattern, as in {pattern}" if pattern else "set url_pattern"
                known = f"the site looks like one of {name}, whose addresses aren't known here"
                return path, f"{known}; if hits lead nowhere, {remedy}"
    return None
