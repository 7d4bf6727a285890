"""Patterns of paths as generators write them: `*`, `?` and `[ab]` never match a slash, `**` does, `{a,b}` is either.

So is `@(a|b)`, for which other signs say how often: `+`, `?`, `*`, and `!` for never.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

__all__ = ["gitignore", "glob", "matching", "selected"]

MAX_PATTERN_CHARS = 4000
PART = re.compile(
    r"(?P<sign>[@+?*!])\(|(?P<wild>(?:\*\*/)+|\*+|\?)|\[(?P<no>[!^]?)(?P<any>\]?[^\]/]*)\]|\\?(?P<char>.)", re.DOTALL
)
CHOICES = {"{": ("(?:", ")"), "@": ("(?:", ")"), "+": ("(?:", ")+"), "?": ("(?:", ")?"), "*": ("(?:", ")*")}
CHOICES |= {"!": ("(?!(?:", ")(?![^./]))[^/]*")}
"""How `{a,b}`, and `@(a|b)` and the like, begin and end as regular expressions."""
WILD = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@lru_cache(4096)
def glob(pattern: str) -> re.Pattern[str]:
    """The pattern as a regular expression; `**/` stands for any number of folders, also for none.

    One that is longer than allowed matches nothing.
    """
    if len(pattern) > MAX_PATTERN_CHARS:
        return re.compile("(?!)")
    last_brace = pattern.rfind("}")
    parts, closings = list[str](), list[tuple[str, str]]()
    for part in PART.finditer(pattern):
        sign = part["sign"] or part[0]
        if part["any"]:
            parts.append(one_of(part["any"], no=bool(part["no"])) or re.escape(part[0]))
        elif part["wild"]:
            parts.append(WILD.get(part["wild"]) or WILD["**/" if part["wild"][-1] == "/" else "**"])
        elif part["sign"] or (sign == "{" and part.end() <= last_brace):
            opening, closing = CHOICES[sign]
            parts.append(opening)
            closings.append((")" if part["sign"] else "}", closing))
        elif closings and sign == closings[-1][0]:
            parts.append(closings.pop()[1])
        elif closings and sign == ("," if closings[-1][0] == "}" else "|"):
            parts.append("|")
        else:
            parts.append(re.escape(part["char"] or part[0]))
    parts += (closing for _, closing in reversed(closings))
    return re.compile("".join(parts), re.DOTALL)


def matching(patterns: Iterable[str], *paths: str) -> str | None:
    """The first of the patterns that one of the paths is matched by."""
    return next((pattern for pattern in patterns if any(glob(pattern).fullmatch(path) for path in paths)), None)


def selected(path: str, include: tuple[str, ...], exclude: tuple[str, ...]) -> bool:
    """Whether one of the patterns to include, if there are any, is the path's, and none of those to exclude."""
    return not matching(exclude, path) and (not include or matching(include, path) is not None)


def one_of(letters: str, *, no: bool) -> str:
    """A regular expression for one of the letters and ranges, or for none of them; "" where they can't be read."""
    written = re.sub(r"(?<!\w)-|-(?!\w)|[^\w-]", lambda sign: f"\\{sign[0]}", letters)
    found = f"(?!/)[{'^' if no else ''}{written}]"
    try:
        re.compile(found)
    except re.error:
        return ""
    return found


@lru_cache(4096)
def gitignore(line: str) -> re.Pattern[str]:
    """A line of a `.gitignore`, without `!`, as a regular expression for the paths of files."""
    place = "" if "/" in line.rstrip("/") else "(?:.*/)?"
    return re.compile(f"{place}{glob(line.strip('/')).pattern}{'/.*' if line.endswith('/') else '(?:/.*)?'}", re.DOTALL)
