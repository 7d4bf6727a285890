"""Paths and URLs as people and generators write them, and which of them are safe to link to."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from posixpath import normpath
from urllib.parse import unquote, urlsplit

from index.sites.generators.values import as_text

__all__ = [
    "MAX_LINK_CHARS",
    "is_absolute",
    "is_safe",
    "marked_name",
    "named_folder",
    "path_and_folders",
    "path_below",
    "rooted",
    "safe_link",
    "split_date",
    "split_path",
    "without_index",
]

MAX_LINK_CHARS = 2000
"""The most characters that a path or an absolute URL may have."""

URL_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
HARMFUL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\\]")
DATED_NAME = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})-(.+)")


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


def path_below(path: str, folder: str) -> str | None:
    """The path as seen from the folder, None where it does not lie below it."""
    folder = folder.strip("/")
    if folder in {"", "."}:
        return path
    return path[len(folder) + 1 :] if path.startswith(f"{folder}/") else None


def path_and_folders(path: str) -> list[str]:
    """The path, and those of the folders that it lies in."""
    return [path, *(path[: slash.start()] for slash in re.finditer("/", path))]


def named_folder(value: object, usual: str) -> str:
    """The folder that a configuration names, or else the usual one; "" is that of the site itself."""
    folder = normpath(as_text(value) or usual).strip("/")
    return "" if folder == "." else folder


def marked_name(path: str, generator: str, signs: str = "_") -> str | None:
    """Why the generator makes no page of the file: a name in its path that begins with one of the signs."""
    name = next((step for step in path.split("/") if step.startswith(tuple(signs))), None)
    return f"{name} begins with {name[0]}, so that {generator} makes no page of it" if name else None


def rooted(*parts: str) -> str:
    """The parts as one path from the root of the site, with single slashes between them."""
    return re.sub("/{2,}", "/", f"/{'/'.join(parts)}")


def without_index(address: str) -> str:
    """The address of a file: that of its folder where the file is the `index.html` of that."""
    return address.removesuffix("index.html") if f"/{address}".endswith("/index.html") else address


def split_path(path: str) -> tuple[str, str, str]:
    """The folder, the name without its suffix, and the suffix of the path."""
    pure = PurePosixPath(path)
    folder = "" if str(pure.parent) == "." else str(pure.parent)
    return folder, pure.stem, pure.suffix


def split_date(stem: str) -> tuple[str, str]:
    """The date that a file name begins with, or "", and the rest of the name."""
    dated = DATED_NAME.fullmatch(stem)
    return (dated[1], dated[2]) if dated else ("", stem)
