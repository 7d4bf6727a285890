"""Patterns of paths as generators write them: `*` and `?` never match a slash, `**` does, `{a,b}` is either."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["glob"]

PART = re.compile(r"(\*\*/|\*\*|\*|\?|\{[^{}]*\})")
WILD = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@lru_cache(4096)
def glob(pattern: str) -> re.Pattern[str]:
    """The pattern as a regular expression; `**/` stands for any number of folders, also for none."""
    return re.compile("".join(map(translated, PART.split(pattern))), re.DOTALL)


def translated(part: str) -> str:
    """One part of the pattern as a regular expression."""
    if part.startswith("{") and part.endswith("}"):
        return f"(?:{'|'.join(glob(choice).pattern for choice in part[1:-1].split(','))})"
    return WILD.get(part) or re.escape(part)
