"""Operations on arrays of non-negative integers that several modules share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "are_in", "distinct", "joined_ranges", "narrow", "offsets_of", "sizes_of", "union"]

Array = NDArray[Any]

SPARSE_RATIO = 32
"""`union` sorts while fewer than one in this many of the possible numbers are given; else it marks them in a mask."""


def offsets_of(sizes: Array) -> Array:
    """Offsets (n+1) of consecutive runs of these sizes (n): where each begins, and where the last one ends."""
    offsets = np.zeros(len(sizes) + 1, np.int64)
    sizes.cumsum(out=offsets[1:])
    return offsets


def sizes_of(offsets: Array) -> Array:
    """Differences of an offsets array (n+1 → n), int64: the sizes of its runs."""
    found: Array = offsets[1:].astype(np.int64) - offsets[:-1].astype(np.int64)
    return found


def joined_ranges(starts: Array, counts: Array) -> Array:
    """The numbers starts[0], starts[0] + 1, …, `counts[0]` of them, then those from starts[1] on, and so forth."""
    ends = counts.cumsum()
    found: Array = np.arange(ends[-1] if ends.size else 0) + (starts - (ends - counts)).repeat(counts)
    return found


def narrow(values: Array) -> Array:
    """The numbers, none negative, in the smallest unsigned type that holds them; `Segment.check` asks for unsigned."""
    return values.astype(np.min_scalar_type(int(values.max(initial=0))))


def are_in(values: Array, ordered: Array) -> NDArray[np.bool_]:
    """Which of the values are among others, which ascend."""
    if not ordered.size:
        return np.zeros(len(values), np.bool_)
    found: NDArray[np.bool_] = ordered.take(ordered.searchsorted(values), mode="clip") == values
    return found


def distinct(values: Array) -> Array:
    """The numbers once each, ascending.

    Quick where they are few, or some runs that ascend; `numpy.unique` makes a table.
    """
    ordered = np.sort(values, kind="stable")
    first = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]


def union(arrays: Sequence[Array], size: int) -> Array:
    """All of the numbers, which are below `size`, once each and ascending."""
    if sum(map(len, arrays)) * SPARSE_RATIO < size:
        return distinct(np.concatenate(arrays))
    held = np.zeros(size, np.bool_)
    for numbers in arrays:
        held[numbers] = True
    return np.flatnonzero(held)
