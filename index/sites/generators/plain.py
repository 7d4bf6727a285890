"""URLs of sites whose generator is not known: in go the path of a post and what its header says, out comes a path."""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.posts.metadata import Metadata
from index.sites.generators.paths import split_path, text, written

__all__ = ["Plain", "plain_path"]

TEMPLATE = re.compile(r"\{[{%]")
"""What only the site's generator can fill in."""

PAGES = frozenset({".html", ".htm"})
INDEXES = frozenset({"index", "_index", "readme"})


@dataclass(frozen=True, slots=True)
class Plain:
    """The rules of a site without a generator that is known: front matter first, then the path."""

    def url(self, path: str, post: Metadata) -> str | None:
        """Where the page of the post lies."""
        link = "" if TEMPLATE.search(text(post.url)) else written(post.url)
        return link or slugged(path, text(post.slug)) or plain_path(path)


def plain_path(path: str) -> str:
    """The path of the page by that of the file: `a/b.html.md` is `/a/b.html`, `a/index.md` is `/a/`, `b.md` `/b/`."""
    folder, stem, suffix = split_path(path)
    name = f"{stem}{suffix}" if suffix.lower() in PAGES else stem
    if re.sub(r"\.html?$", "", name.lower()) in INDEXES:
        name = ""
    ending = "" if not name or name.lower().endswith(tuple(PAGES)) else "/"
    return "/" + (f"{folder}/" if folder else "") + name + ending


def slugged(path: str, slug: str) -> str:
    """The path with the slug in place of the name of the file, or of its folder's; "" without a slug to use."""
    link = written(slug)
    if not link or not link.startswith("/") or not link.strip("/"):
        return ""
    if "/" in link.strip("/"):
        return link if link.endswith("/") or "." in link else f"{link}/"
    place = plain_path(path)
    head, _, name = place.rstrip("/").rpartition("/")
    ending = name[name.rfind(".") :] if name.lower().endswith(tuple(PAGES)) else "/"
    return f"{head}{link.rstrip('/')}{'' if link.endswith(ending) else ending}"
