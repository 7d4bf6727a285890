"""Small sites on disk, and how posts of them are taken."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from index.indexer.post import Post, read_post
from index.posts.metadata import Metadata
from index.settings import Settings
from index.sites.permalinks import permalink
from index.sites.site import Site, read_site

__all__ = ["read", "site_of", "url_of", "write"]

DAY = datetime(2013, 6, 19, 23, 30, tzinfo=UTC)


def write(root: Path, files: Mapping[str, str]) -> Path:
    """Write files, by their paths below the folder, which comes back."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


def site_of(posts: Path, **options: str) -> Site:
    """The site of the posts in a folder, which is made where there is none, with these settings."""
    posts.mkdir(parents=True, exist_ok=True)
    return read_site(posts, Settings(posts=posts, **options))  # type: ignore[arg-type]  # texts are taken for any option


def url_of(site: Site, id: str, **fields: str) -> str | None:
    """The address of a post of 19 June 2013 with this header."""
    return permalink(id, Metadata(title=fields.get("title", "A title"), date=DAY, raw=fields), site)


def read(root: Path, id: str) -> Post:
    """The post as a run of the indexer takes it."""
    return read_post((root / id).read_bytes(), id, site_of(root))
