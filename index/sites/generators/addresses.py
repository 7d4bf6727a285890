"""Addresses of pages as people and generators write them, and which of them are safe to link to."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

__all__ = ["MAX_LINK_CHARS", "is_absolute", "is_safe", "rooted", "safe_link", "without_index"]

MAX_LINK_CHARS = 2000
"""The most characters that a path or an absolute URL may have."""

URL_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
HARMFUL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\\]")


def is_absolute(url: str) -> bool:
    """Whether it is a URL with a host that a page may link to."""
    if HARMFUL.search(url) or " " in url or len(url) > MAX_LINK_CHARS:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def is_safe(path: str) -> bool:
    """Whether it is a path from the root of the site that leads to no other host and to no other folder."""
    steps = path.split("/")
    return path.startswith("/") and not path.startswith("//") and ".." not in steps and len(path) <= MAX_LINK_CHARS


def safe_link(value: object) -> str:
    """The path, decoded and with a leading slash, or the absolute URL that an author wrote; "" for anything else."""
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_LINK_CHARS:
        return ""
    if is_absolute(url := value.strip()):
        return url
    path = unquote(url)
    if URL_SCHEME.match(path) or HARMFUL.search(path) or path.startswith("//"):
        return ""
    path = path if path.startswith("/") else f"/{path}"
    return path if is_safe(path) else ""


def rooted(*parts: str) -> str:
    """The parts as one path from the root of the site, with single slashes between them."""
    return re.sub("/{2,}", "/", f"/{'/'.join(parts)}")


def without_index(address: str) -> str:
    """The address of a file: that of its folder where the file is the `index.html` of that."""
    return address.removesuffix("index.html") if f"/{address}".endswith("/index.html") else address
