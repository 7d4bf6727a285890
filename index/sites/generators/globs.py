"""Patterns of paths as generators write them: `*` and `?` never match a slash, `**` does, `{a,b}` is either."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

__all__ = ["gitignore", "glob", "matching", "selected"]

PART = re.compile(r"(\*\*/|\*\*|\*|\?|\{[^{}]*\})")
WILD = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@lru_cache(4096)
def glob(pattern: str) -> re.Pattern[str]:
    """The pattern as a regular expression; `**/` stands for any number of folders, also for none."""
    return re.compile("".join(map(translated, PART.split(pattern))), re.DOTALL)


def matching(patterns: Iterable[str], *paths: str) -> str | None:
    """The first of the patterns that one of the paths is matched by."""
    return next((pattern for pattern in patterns if any(glob(pattern).fullmatch(path) for path in paths)), None)


def selected(path: str, include: tuple[str, ...], exclude: tuple[str, ...]) -> bool:
    """Whether one of the patterns to include, if there are any, is the path's, and none of those to exclude."""
    return not matching(exclude, path) and (not include or matching(include, path) is not None)


def translated(part: str) -> str:
    """One part of the pattern as a regular expression."""
    if part.startswith("{") and part.endswith("}"):
        return f"(?:{'|'.join(glob(choice).pattern for choice in part[1:-1].split(','))})"
    return WILD.get(part) or re.escape(part)


@lru_cache(4096)
def gitignore(line: str) -> re.Pattern[str]:
    """A line of a `.gitignore`, without `!`, as a regular expression for the paths of files."""
    place = "" if "/" in line.rstrip("/") else "(?:.*/)?"
    return re.compile(f"{place}{glob(line.strip('/')).pattern}{'/.*' if line.endswith('/') else '(?:/.*)?'}", re.DOTALL)
