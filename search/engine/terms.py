"""The terms of one segment: a term or the beginning of one goes in, the documents that hold it come out, by field.

What was looked up is kept, within bounds; a segment never changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.arrays import ranges
from index.schema import FIELDS
from index.segments.segment import Postings, Segment

__all__ = ["Found", "Lexicon", "Rows"]

Rows = NDArray[np.int64]

MOST_TERMS = 10_000
"""How many terms are kept that were looked up."""

MOST_PREFIXES = 100
"""How many beginnings of words are kept, each with all its documents."""

LARGE = 1 << 16
"""Cells; over more, what is few is sorted rather than counted."""


class Found(NamedTuple):
    """The documents that hold a term in a field, ascending, and how often."""

    rows: Rows
    counts: Rows


class Lexicon:
    """Looks up the terms of a segment."""

    def __init__(self, segment: Segment) -> None:
        self.size = segment.size
        self.postings: Postings = segment.postings
        self._entries: dict[str, Mapping[int, tuple[int, int]]] = {}
        self._prefixed: dict[str, Mapping[int, Found]] = {}

    @cached_property
    def totals(self) -> Rows:
        """The number of tokens in each field."""
        return self.postings.totals()

    def entries(self, term: str) -> Mapping[int, tuple[int, int]]:
        """By field, the postings of the term: from the first to before the last."""
        if term not in self._entries:
            if len(self._entries) > MOST_TERMS:
                self._entries.clear()
            self._entries[term] = self._look_up(term)
        return self._entries[term]

    def _look_up(self, term: str) -> Mapping[int, tuple[int, int]]:
        number = self.postings.terms.find(term.encode(errors="replace"))
        if number < 0:
            return {}
        first, last = self.postings.entries[number : number + 2].tolist()
        bounds = self.postings.postings[first : last + 1].tolist()
        fields = self.postings.fields[first:last].tolist()
        return {field: (bounds[i], bounds[i + 1]) for i, field in enumerate(fields)}

    def found(self, first: int, last: int) -> Found:
        """The documents of some postings of one entry."""
        counts = np.diff(self.postings.tokens[first : last + 1])
        return Found(self.postings.docs[first:last].astype(np.int64), counts)

    def prefixed(self, prefix: str) -> Mapping[int, Found]:
        """By field, the documents that hold any term with this beginning, and how often they hold them all."""
        if prefix not in self._prefixed:
            if len(self._prefixed) > MOST_PREFIXES:
                self._prefixed.clear()
            self._prefixed[prefix] = self._sum(prefix)
        return self._prefixed[prefix]

    def _sum(self, prefix: str) -> Mapping[int, Found]:
        first, last = self.range(prefix)
        if first == last:
            return {}
        bounds = self.postings.postings[first : last + 1].astype(np.int64)
        fields = np.repeat(self.postings.fields[first:last].astype(np.int64), np.diff(bounds))
        cells = fields * self.size + self.postings.docs[bounds[0] : bounds[-1]]
        counts = np.diff(self.postings.tokens[bounds[0] : bounds[-1] + 1])
        whole = len(FIELDS) * self.size
        if len(cells) * 8 > whole or whole < LARGE:
            sums = np.bincount(cells, counts, whole)
            held = np.flatnonzero(sums)
            sums = sums[held]
        else:
            held, owners = np.unique(cells, return_inverse=True)
            sums = np.bincount(owners, counts)
        ends = np.searchsorted(held, np.arange(len(FIELDS) + 1) * self.size).tolist()
        return {
            field: Found(held[a:b] - field * self.size, sums[a:b])
            for field, (a, b) in enumerate(pairwise(ends))
            if a < b
        }

    def range(self, prefix: str) -> tuple[int, int]:
        """The entries of all terms with this beginning: from the first to before the last."""
        start = prefix.encode(errors="replace")
        first, last = self.postings.terms.place(start), self.postings.terms.place(start + b"\xff")
        return int(self.postings.entries[first]), int(self.postings.entries[last])

    def prefix_postings(self, prefix: str, field: int) -> Rows:
        """The numbers of all postings in a field of terms with this beginning."""
        first, last = self.range(prefix)
        entries = np.flatnonzero(self.postings.fields[first:last] == field) + first
        starts = self.postings.postings[entries].astype(np.int64)
        return ranges(starts, self.postings.postings[entries + 1] - starts)

    def prefix_postings_in(self, prefix: str, field: int, rows: Rows) -> Rows:
        """Those of `prefix_postings` that are of some documents."""
        first, last = self.range(prefix)
        bounds = self.postings.postings[first : last + 1]
        start, end = bounds[[0, -1]].tolist()
        among = np.zeros(self.size, np.bool_)
        among[rows] = True
        found = np.flatnonzero(among[self.postings.docs[start:end]]) + start
        owners = np.searchsorted(bounds, found.astype(bounds.dtype), side="right") - 1 + first
        kept: Rows = found[self.postings.fields[owners] == field]
        return kept

    def places(self, postings: Rows) -> tuple[Rows, Rows]:
        """The tokens of postings: for each the number of its posting among these, and its own number."""
        starts = self.postings.tokens[postings].astype(np.int64)
        counts = self.postings.tokens[postings + 1] - starts
        return np.repeat(np.arange(len(postings)), counts), ranges(starts, counts)
