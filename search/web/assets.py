"""The static files: their MIME types, and version strings that let browsers cache them."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

__all__ = ["ICONS", "STATIC", "mime_type", "release", "version_of"]

STATIC = Path(__file__).parent / "static"
STYLE_SHEET = "postsearch.css"

ICONS = (("icon.ico", "image/x-icon", 16), ("icon.png", "image/png", 64))
"""The pictures of the search: name, type, and size in pixels."""

MIME_TYPES = {
    ".css": "text/css",
    ".ico": "image/x-icon",
    ".js": "text/javascript",
    ".json": "application/json",
    ".mjs": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
"""Not those of the machine, whose tables differ, since browsers run no module of another type."""


def mime_type(name: str) -> str:
    """What a file of this name holds."""
    return MIME_TYPES.get(Path(name).suffix, "application/octet-stream")


def version_of(name: str) -> str:
    """A text that changes whenever the file of this name, one of ours, does; "" where there is none."""
    path = STATIC / name
    try:
        status = path.stat()
    except (OSError, ValueError):
        return ""
    return digest(path, status.st_mtime_ns, status.st_size) if path.is_file() else ""


def release() -> str:
    """A text that changes whenever the style sheet or an icon does: pages hold the versions of these."""
    return " ".join(map(version_of, (STYLE_SHEET, *(name for name, *_ in ICONS))))


@lru_cache(maxsize=256)
def digest(path: Path, changed: int, size: int) -> str:  # noqa: ARG001 - another time or size is another file
    return blake2b(path.read_bytes(), digest_size=6).hexdigest()
