"""The characters of a text that are to be marked: places go in, ranges in order that do not overlap come out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

__all__ = ["Marks", "Range", "merged"]


class Range(NamedTuple):
    """The characters [start, end) of a text, and which words of the query they are: a bit for each."""

    start: int
    end: int
    words: int = 1


Marks = Mapping[str, tuple[tuple[Range, ...], ...]]
"""By field, the ranges of each of its texts."""


def merged(found: Iterable[tuple[int, int, int]]) -> tuple[Range, ...]:
    """The ranges (start, end, words) in order, those that overlap made one."""
    whole: list[Range] = []
    reached = -1
    for start, end, words in sorted(found):
        if start < reached:
            last = whole[-1]
            reached = max(reached, end)
            whole[-1] = Range(last.start, reached, last.words | words)
        else:
            reached = end
            whole.append(Range(start, end, words))
    return tuple(whole)
