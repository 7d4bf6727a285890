"""What the text of a configuration in JavaScript tells, which is never run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

__all__ = ["blocks", "string_value", "without_comments"]

STRING = r"""("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)"""
COMMENT = re.compile(rf"{STRING}|/\*.*?\*/|//[^\n]*", re.DOTALL)
"""A comment, or, as its only group, a string, in which there is none."""

MAX_BLOCKS = 20
"""How many that have one key are looked at, each of which may go to the end of the text."""

BRACE = re.compile(rf"{STRING}|[{{}}]", re.DOTALL)


def without_comments(source: str) -> str:
    """The text without its comments."""
    return COMMENT.sub(r"\1", source)


def blocks(source: str, key: str) -> Iterator[str]:
    """What stands between the braces behind each `key: {`, without what stands in braces there."""
    for match in islice(re.finditer(rf"\b{key}[\"']?\s*:\s*\{{", source), MAX_BLOCKS):
        depth, since, parts = 1, match.end(), []
        for brace in BRACE.finditer(source, match.end()):
            if depth == 1 and brace[0] in "{}":
                parts.append(source[since : brace.start()])
            depth += {"{": 1, "}": -1}.get(brace[0], 0)
            if depth == 1 and brace[0] == "}":
                since = brace.end()
            if not depth:
                yield "".join(parts)
                break


def string_value(source: str, key: str) -> str | None:
    """The first text that stands behind `key:`; None where there is none."""
    found = re.search(rf"\b{key}[\"']?\s*:\s*([\"'`])([^\"'`$\n]*)\1", source)
    return found[2] if found else None
