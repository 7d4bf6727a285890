"""Small sites on disk, and how posts of them are taken."""

from __future__ import annotations

from pathlib import Path

from index.indexer.post import Post, read_post
from index.settings import Settings
from index.sites.site import read_site

__all__ = ["read", "write"]


def write(root: Path, files: dict[str, str]) -> Path:
    """Write files, by their paths below the folder, which comes back."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


def read(root: Path, id: str) -> Post:
    """The post as a run of the indexer takes it."""
    return read_post((root / id).read_bytes(), id, read_site(root, Settings(posts=root)))
