"""What the posts of a segment are: its facts go in; filter masks and facet counts come out.

A segment never changes, so what is made of its facts is made once and kept. Row i of every array is document i.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from index.analysis import stemmer_for
from index.arrays import ranges
from index.schema.columns import name_key, text_hash
from index.segments.segment import DocValues, NameColumn
from search.query import Filters

__all__ = ["Attributes", "Mask", "NameIndex"]

Mask = NDArray[np.bool_]
Numbers = NDArray[np.int64]


class NameIndex:
    """A list of names for each document, looked up by name and counted."""

    def __init__(self, names: NameColumn) -> None:
        self.starts = names.starts.astype(np.int64)
        self.codes = names.codes
        self.names = [name.decode() for name in names.table]
        self.size = len(self.starts) - 1

    @cached_property
    def owners(self) -> Numbers:
        """The document of each code."""
        return np.repeat(np.arange(self.size), np.diff(self.starts))

    @cached_property
    def by_key(self) -> dict[str, list[int]]:
        """The codes of the names that `name_key` folds alike."""
        found: dict[str, list[int]] = {}
        for code, name in enumerate(self.names):
            found.setdefault(name_key(name), []).append(code)
        return found

    def having(self, keys: Iterable[str]) -> Mask:
        """Which documents have one of the names, given as `name_key` folds them."""
        wanted = np.zeros(len(self.names), np.bool_)
        wanted[[code for key in keys for code in self.by_key.get(key, ())]] = True
        mask = np.zeros(self.size, np.bool_)
        mask[self.owners[wanted[self.codes]]] = True
        return mask

    def count(self, rows: Numbers) -> Numbers:
        """How many of the documents have each name, by its code."""
        if not self.codes.size:
            return np.zeros(len(self.names), np.int64)
        starts = self.starts[rows]
        return np.bincount(self.codes[ranges(starts, self.starts[rows + 1] - starts)], minlength=len(self.names))


class Attributes:
    """The attributes of a segment's documents; see `DocValues` for the meaning of the arrays."""

    def __init__(self, facts: DocValues) -> None:
        self.facts = facts
        self.tags = NameIndex(facts.tags)
        self.author = NameIndex(facts.author)
        self.category = NameIndex(facts.category)
        self.lang = NameIndex(facts.lang)
        self._stemmed: dict[str, Mask | None] = {}

    @cached_property
    def years(self) -> NDArray[np.int64]:
        """The year of each document, 0 where there is no date."""
        days = self.facts.day.astype(np.int64)
        # Numpy counts days from 1970, ordinals from the year 1.
        years = (days - 719_163).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
        return np.where(days > 0, years, 0)

    @cached_property
    def timeless(self) -> bool:
        """Whether every document may be found at any time."""
        return not (np.isfinite(self.facts.visible_from).any() or np.isfinite(self.facts.visible_to).any())

    def visible(self, now: float) -> Mask:
        """Which documents may be found at this time."""
        return (self.facts.visible_from <= now) & (now < self.facts.visible_to)

    def titled(self, text: str) -> Mask:
        """Which documents have this text for a title, folded as names are."""
        key = name_key(text)
        if not key:
            return np.zeros(len(self.facts.title), np.bool_)
        mask: Mask = self.facts.title == np.uint64(text_hash(key))
        return mask

    def passing(self, filters: Filters) -> Mask | None:
        """Which documents the filters let pass; None: all of them."""
        if filters == Filters():
            return None
        mask = np.ones(len(self.facts.date), np.bool_)
        for names, wanted in (
            (self.tags, filters.tag), (self.author, filters.author), (self.category, filters.category),
        ):  # fmt: skip
            if wanted:
                mask &= names.having({name_key(value) for value in wanted})
        if filters.lang:
            mask &= self.lang.having(regional(filters.lang, self.lang.by_key))
        if filters.since:
            mask &= self.facts.day >= filters.since.toordinal()
        if filters.until:
            mask &= (self.facts.day > 0) & (self.facts.day < filters.until.toordinal())
        return mask

    def stemmed(self, algorithm: str) -> Mask | None:
        """Which documents are in a language that is stemmed by the algorithm; None: all of them."""
        if algorithm not in self._stemmed:
            mask = self.lang.having(key for key in self.lang.by_key if stemmer_for(key) == algorithm)
            self._stemmed[algorithm] = None if mask.all() else mask
        return self._stemmed[algorithm]


def regional(langs: Collection[str], known: Iterable[str]) -> list[str]:
    """Those of the known languages that are one of `langs` or a regional variant of one."""
    starts = tuple(f"{lang.lower()}-" for lang in langs)
    return [key for key in known if f"{key}-".startswith(starts)]
