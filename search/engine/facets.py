"""How many of the matches have each tag, author and year: rows of segments go in, the commonest values come out.

Names that differ only as `name_key` folds them are one, shown as most of the matches spell it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from index.schema.columns import name_key
from search.engine.columns import Attributes, NameIndex

__all__ = ["Facets"]

Numbers = NDArray[np.int64]


class NameTable:
    """The names of one kind in all segments, each with one number, however many segments know it."""

    def __init__(self, indexes: Sequence[NameIndex]) -> None:
        self.names = sorted({name for index in indexes for name in index.names})
        numbers = {name: number for number, name in enumerate(self.names)}
        self.numbers = [np.array([numbers[name] for name in index.names], np.int64) for index in indexes]
        groups: dict[str, int] = {}
        self.groups = np.array([groups.setdefault(name_key(name), len(groups)) for name in self.names], np.int64)

    def top(self, counts: Numbers, size: int) -> dict[str, int]:
        """The commonest names with their counts, equally common ones by name; a post of two spellings counts twice."""
        if not counts.any():
            return {}
        sums = np.bincount(self.groups, counts).astype(np.int64)
        least = np.partition(sums, -size)[-size] if 0 < size < len(sums) else 1
        best = np.flatnonzero(counts * (sums >= max(least, 1))[self.groups])
        spelled: dict[int, str] = {}
        for number in best[np.argsort(-counts[best], kind="stable")].tolist():
            spelled.setdefault(int(self.groups[number]), self.names[number])
        ranked = sorted((-int(sums[group]), name) for group, name in spelled.items())
        return {name: -count for count, name in ranked[:size]}


class Facets:
    """Counts the facets of the matches in the segments of one commit."""

    def __init__(self, attributes: Iterable[Attributes]) -> None:
        self._attributes = list(attributes)
        self._tags = NameTable([of.tags for of in self._attributes])
        self._author = NameTable([of.author for of in self._attributes])

    def of(self, matched: Sequence[Numbers], size: int) -> Mapping[str, Mapping[str, int]]:
        """The facets of the documents `matched[i]` of segment i."""
        return {
            "tags": self._names(self._tags, [of.tags for of in self._attributes], matched, size),
            "author": self._names(self._author, [of.author for of in self._attributes], matched, size),
            "year": self._years(matched, size),
        }

    def _names(
        self, table: NameTable, indexes: Sequence[NameIndex], matched: Sequence[Numbers], size: int
    ) -> dict[str, int]:
        counts = np.zeros(len(table.names), np.int64)
        for index, numbers, rows in zip(indexes, table.numbers, matched, strict=True):
            if rows.size:
                counts[numbers] += index.count(rows)
        return table.top(counts, size)

    def _years(self, matched: Sequence[Numbers], size: int) -> dict[str, int]:
        years = [of.years[rows] for of, rows in zip(self._attributes, matched, strict=True)]
        counts = np.bincount(np.concatenate([np.zeros(0, np.int64), *years]), minlength=1)
        found = np.flatnonzero(counts[1:])[::-1] + 1
        return {str(year): int(counts[year]) for year in found[:size].tolist()}
