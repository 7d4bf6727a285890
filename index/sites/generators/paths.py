"""Paths of files, and what generators take from their names."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from posixpath import normpath

from index.sites.generators.values import as_text

__all__ = ["marked_name", "named_folder", "path_and_folders", "path_below", "split_date", "split_path"]

DATED_NAME = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})-(.+)")


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


def split_path(path: str) -> tuple[str, str, str]:
    """The folder, the name without its suffix, and the suffix of the path."""
    pure = PurePosixPath(path)
    folder = "" if str(pure.parent) == "." else str(pure.parent)
    return folder, pure.stem, pure.suffix


def split_date(stem: str) -> tuple[str, str]:
    """The date that a file name begins with, or "", and the rest of the name."""
    dated = DATED_NAME.fullmatch(stem)
    return (dated[1], dated[2]) if dated else ("", stem)
