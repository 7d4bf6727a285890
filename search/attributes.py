"""What the posts of a segment are, as arrays: facts go in; filter masks, facet counts and sort keys come out.

A segment never changes, so its attributes are made once and kept. Row i of every array is document i of the segment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from index.analysis import stemmable
from index.schema.facts import Facts, name_key
from search.query import Filters

__all__ = ["Attributes", "Mask"]

Mask = NDArray[np.bool_]


class Names:
    """A list field of all documents, in codes: `codes[starts[i]:starts[i + 1]]` are the names of document i."""

    def __init__(self, rows: Sequence[Sequence[str]]) -> None:
        table: dict[str, int] = {}
        self.codes = np.array([table.setdefault(name, len(table)) for name in chain.from_iterable(rows)], np.int64)
        self.owners = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
        self.names = list(table)
        self.size = len(rows)
        self.by_key: dict[str, list[int]] = {}
        for code, name in enumerate(self.names):
            self.by_key.setdefault(name_key(name), []).append(code)

    def having(self, keys: Iterable[str]) -> Mask:
        """Which documents have one of the names, given as `name_key` folds them."""
        wanted = [code for key in keys for code in self.by_key.get(key, ())]
        mask = np.zeros(self.size, np.bool_)
        if wanted:
            mask[self.owners[np.isin(self.codes, wanted)]] = True
        return mask

    def count(self, among: Mask) -> Counter[str]:
        """How many of the documents have each name."""
        if not self.codes.size:
            return Counter()
        counts = np.bincount(self.codes[among[self.owners]], minlength=len(self.names))
        return Counter({self.names[code]: int(counts[code]) for code in np.flatnonzero(counts)})


@dataclass(frozen=True, slots=True)
class Attributes:
    """The attributes of a segment's documents; times are seconds since 1970, `date` is NaN and `day` 0 where unknown.

    `day` is the calendar day as the author wrote it (a proleptic ordinal), by which people filter and count; `date` is
    the moment, by which posts are sorted.
    """

    date: NDArray[np.float64]
    visible_from: NDArray[np.float64]
    visible_to: NDArray[np.float64]
    day: NDArray[np.int64]
    boost: NDArray[np.float64]
    tie: NDArray[np.int64]
    title: Names
    lang: Names
    tags: Names
    author: Names
    category: Names

    @classmethod
    def of(cls, facts: Iterable[Facts]) -> Attributes:
        """The attributes of documents in the order of their numbers."""
        rows = list(facts)
        return cls(
            date=times((row.date for row in rows), np.nan),
            visible_from=times((row.visible_from for row in rows), -np.inf),
            visible_to=times((row.visible_to for row in rows), np.inf),
            day=np.array([row.day for row in rows], np.int64),
            boost=np.array([row.boost for row in rows], np.float64),
            tie=np.array([row.tie for row in rows], np.int64),
            title=Names([(row.title,) for row in rows]),
            lang=Names([(row.lang,) for row in rows]),
            tags=Names([row.tags for row in rows]),
            author=Names([row.author for row in rows]),
            category=Names([row.category for row in rows]),
        )

    def visible(self, now: float) -> Mask:
        """Which documents may be found at this time."""
        return (self.visible_from <= now) & (now < self.visible_to)

    def passing(self, filters: Filters) -> Mask:
        """Which documents the filters let pass."""
        mask = np.ones(len(self.date), np.bool_)
        for names, wanted in (
            (self.tags, filters.tag), (self.author, filters.author), (self.category, filters.category),
        ):  # fmt: skip
            if wanted:
                mask &= names.having({name_key(value) for value in wanted})
        if filters.lang:
            starts = tuple(f"{lang.lower()}-" for lang in filters.lang)
            mask &= self.lang.having(key for key in self.lang.by_key if f"{key}-".startswith(starts))
        if filters.since:
            mask &= self.day >= filters.since.toordinal()
        if filters.until:
            mask &= (self.day > 0) & (self.day < filters.until.toordinal())
        return mask

    def stemmed(self, algorithm: str) -> Mask:
        """Which documents are in a language that is stemmed by the algorithm."""
        return self.lang.having(key for key in self.lang.by_key if stemmable(key) == algorithm)

    def facets(self, among: Mask) -> dict[str, Counter[str]]:
        """How many of the documents there are of each tag, author and year."""
        days = self.day[among]
        return {
            "tags": self.tags.count(among),
            "author": self.author.count(among),
            "year": Counter(str(date.fromordinal(day).year) for day in days[days > 0].tolist()),
        }


def times(values: Iterable[float | None], missing: float) -> NDArray[np.float64]:
    return np.array([missing if value is None else value for value in values], np.float64)
