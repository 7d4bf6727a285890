"""Rewritten paths as path-to-regexp 6 writes them, for VitePress: `packages/:name/src/:rest*` and the like.

The rules are those of https://github.com/pillarjs/path-to-regexp/tree/v6.3.0: a sign `/` or `.` before a parameter
belongs to it, case does not count, and braces, which group, are not known here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

__all__ = ["check_rewrite", "rewritten"]

TOKEN = re.compile(
    r"\\(?P<escaped>.)|(?P<prefix>[./]?)(?::(?P<name>\w+)(?:\((?P<limits>[^()]*)\))?|\((?P<pattern>[^()]+)\))(?P<sign>[*+?]?)"
    r"|(?P<char>.)",
    re.DOTALL,
)
SEGMENT = "[^/#?]+?"


class Parameter(NamedTuple):
    """A part of a path that varies: `sign` is "", "?", "*" or "+", as in regular expressions."""

    name: str
    prefix: str
    pattern: str
    sign: str


def rewritten(path: str, source: str, target: str) -> str | None:
    """The path by the pattern `target` where it is one of `source`, else None; both must have been checked."""
    expression, names = expression_of(source)
    if not (match := expression.fullmatch(path)):
        return None
    values = dict(zip(names, match.groups(), strict=True))
    parts = (
        token if isinstance(token, str) else token.prefix + value if (value := values[token.name]) else ""
        for token in tokens(f"/{target}")
    )
    return "".join(parts).removeprefix("/")


def check_rewrite(source: str, target: str) -> None:
    """Raises `ValueError` for a pattern that can't be read, or that needs what the other does not give."""
    _, names = expression_of(source)
    wanted = {token.name for token in tokens(f"/{target}") if isinstance(token, Parameter)}
    if unknown := wanted - set(names):
        raise ValueError(f"{source} gives no {' '.join(sorted(unknown))} for {target}")


@lru_cache(256)
def expression_of(source: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """The pattern as a regular expression, and the names of its groups. Raises `ValueError` where it can't be read."""
    parts, names = [], []
    for token in tokens(source):
        if isinstance(token, str):
            parts.append(re.escape(token))
            continue
        name, prefix, pattern, sign = token
        before = re.escape(prefix)
        names.append(name)
        if sign in {"*", "+"}:
            if not prefix:
                raise ValueError(f"nothing parts what {source} repeats")
            parts.append(f"(?:{before}((?:{pattern})(?:{before}(?:{pattern}))*)){'?' if sign == '*' else ''}")
        else:
            parts.append(f"(?:{before}({pattern})){sign}")
    try:
        return re.compile(f"{''.join(parts)}[/#?]?", re.IGNORECASE | re.DOTALL), tuple(names)
    except re.error as error:
        raise ValueError(f"{source} is no pattern: {error}") from error


@lru_cache(256)
def tokens(pattern: str) -> tuple[str | Parameter, ...]:
    """The texts and parameters of the pattern, in order; one without a name is named by its number."""
    found: list[str | Parameter] = []
    for match in TOKEN.finditer(pattern):
        if match["char"] in {"{", "}"}:
            raise ValueError(f"{pattern} has braces")
        if match["name"] or match["pattern"]:
            number = str(sum(isinstance(one, Parameter) and one.name.isdigit() for one in found))
            limits = match["limits"] or match["pattern"] or SEGMENT
            found.append(Parameter(match["name"] or number, match["prefix"], limits, match["sign"]))
        else:
            found.append(match["escaped"] or match["char"])
    return tuple(found)
