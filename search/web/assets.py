"""The static files: a name goes in, its version and its type come out."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

__all__ = ["ICONS", "STATIC", "mime_type", "release", "version_of"]

STATIC = Path(__file__).parent / "static"
SHEET = "postsearch.css"

ICONS = (("icon.ico", "image/x-icon", 16), ("icon.png", "image/png", 64))
"""The pictures of the search: name, type, and size in pixels."""

# Written down, for what a machine calls these depends on its own tables, and modules of another type are not run.
TYPES = {
    ".css": "text/css",
    ".ico": "image/x-icon",
    ".js": "text/javascript",
    ".json": "application/json",
    ".mjs": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}


def mime_type(name: str) -> str:
    """What a file of this name holds."""
    return TYPES.get(Path(name).suffix, "application/octet-stream")


def version_of(name: str) -> str:
    """A text that changes whenever the file does; "" where there is none. The name has to be one of ours."""
    path = STATIC / name
    try:
        facts = path.stat()
    except (OSError, ValueError):
        return ""
    return digest(path, facts.st_mtime_ns, facts.st_size) if path.is_file() else ""


def release() -> str:
    """A text that changes whenever a file does that pages name by its version."""
    return " ".join(map(version_of, (SHEET, *(name for name, *_ in ICONS))))


@lru_cache(maxsize=256)
def digest(path: Path, changed: int, size: int) -> str:  # noqa: ARG001 - another time or size is another file
    return blake2b(path.read_bytes(), digest_size=6).hexdigest()
