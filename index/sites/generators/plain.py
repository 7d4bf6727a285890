"""The addresses of pages on sites whose generator is not known: by the header, else by the path of the file."""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.posts.metadata import Metadata
from index.posts.titles import INDEX_NAMES
from index.sites.generators import Rules
from index.sites.generators.addresses import safe_link
from index.sites.generators.paths import split_path
from index.sites.generators.values import as_text

__all__ = ["Plain", "plain_path"]

TEMPLATE = re.compile(r"\{[{%]")
"""What only the site's generator can fill in."""

PAGE_SUFFIXES = frozenset({".html", ".htm"})


@dataclass(frozen=True, slots=True)
class Plain(Rules):
    """The rules of a site without a generator that is known: front matter first, then the path."""

    def url(self, path: str, post: Metadata) -> str | None:
        link = "" if TEMPLATE.search(as_text(post.url)) else safe_link(post.url)
        return link or slugged(path, as_text(post.slug)) or plain_path(path)


def plain_path(path: str) -> str:
    """The path of the page by that of the file: `a/b.html.md` is `/a/b.html`, `a/index.md` is `/a/`, `b.md` `/b/`."""
    folder, stem, suffix = split_path(path)
    name = f"{stem}{suffix}" if suffix.lower() in PAGE_SUFFIXES else stem
    if re.sub(r"\.html?$", "", name.lower()) in INDEX_NAMES:
        name = ""
    ending = "" if not name or name.lower().endswith(tuple(PAGE_SUFFIXES)) else "/"
    return "/" + (f"{folder}/" if folder else "") + name + ending


def slugged(path: str, slug: str) -> str:
    """The path with the slug in place of the name of the file, or of its folder's; "" without a slug to use."""
    link = safe_link(slug)
    if not link or not link.startswith("/") or not link.strip("/"):
        return ""
    if "/" in link.strip("/"):
        return link if link.endswith("/") or "." in link else f"{link}/"
    place = plain_path(path)
    head, _, name = place.rstrip("/").rpartition("/")
    ending = name[name.rfind(".") :] if name.lower().endswith(tuple(PAGE_SUFFIXES)) else "/"
    return f"{head}{link.rstrip('/')}{'' if link.endswith(ending) else ending}"
