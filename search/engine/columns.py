"""The columns of one segment: which documents pass a filter, may be found now, or have a title or a language."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from index.analysis import stemmer_for
from index.arrays import joined_ranges
from index.schema.keys import name_key, text_hash
from index.segments.segment import DocValues, NameColumn
from search.engine.terms import Ints
from search.query import NO_FILTERS, Filters

__all__ = ["Columns", "Mask", "NameIndex"]

Mask = NDArray[np.bool_]

MAX_TABLE_NAMES = 8
"""So many names of each document are counted by a table, which is several times as quick; more take too much room."""


class NameIndex:
    """A list of names for each document, such as its tags: which documents have a name, how many have each."""

    def __init__(self, names: NameColumn) -> None:
        self.starts = names.starts.astype(np.int64)
        self.codes = names.codes
        self.names = [name.decode() for name in names.table]
        self.doc_count = len(self.starts) - 1

    @cached_property
    def doc_ids(self) -> Ints:
        """The document of each code."""
        return np.repeat(np.arange(self.doc_count), np.diff(self.starts))

    @cached_property
    def by_key(self) -> dict[str, list[int]]:
        """The codes of the names that `name_key` folds alike."""
        codes: dict[str, list[int]] = {}
        for code, name in enumerate(self.names):
            codes.setdefault(name_key(name), []).append(code)
        return codes

    def having(self, keys: Iterable[str]) -> Mask:
        """Which documents have one of the names, given as `name_key` folds them."""
        wanted = np.zeros(len(self.names), np.bool_)
        wanted[[code for key in keys for code in self.by_key.get(key, ())]] = True
        mask = np.zeros(self.doc_count, np.bool_)
        mask[self.doc_ids[wanted[self.codes]]] = True
        return mask

    @cached_property
    def table(self) -> NDArray[np.unsignedinteger]:
        """The codes of each document in a column, filled up with the number of names; no rows where a document has more
        than `MAX_TABLE_NAMES`."""
        sizes = np.diff(self.starts)
        height = int(sizes.max(initial=0))
        shape = height if height <= MAX_TABLE_NAMES else 0, self.doc_count
        table = np.full(shape, len(self.names), np.min_scalar_type(len(self.names)))
        for number, row in enumerate(table):
            doc_ids = (sizes > number).nonzero()[0]
            row[doc_ids] = self.codes[self.starts[doc_ids] + number]
        return table

    def count(self, doc_ids: Ints) -> Ints:
        """How many of the documents have each name, by its code."""
        if len(self.table):
            return np.bincount(self.table.take(doc_ids, axis=1).ravel(), minlength=len(self.names) + 1)[:-1]
        starts = self.starts[doc_ids]
        codes = self.codes[joined_ranges(starts, self.starts[doc_ids + 1] - starts)]
        return np.bincount(codes, minlength=len(self.names))


class Columns:
    """Asks the doc values of a segment; what is made of them is kept, as a segment never changes."""

    def __init__(self, doc_values: DocValues) -> None:
        self.doc_values = doc_values
        self.aliases = NameIndex(doc_values.aliases)
        self.tags = NameIndex(doc_values.tags)
        self.author = NameIndex(doc_values.author)
        self.category = NameIndex(doc_values.category)
        self.site = NameIndex(doc_values.site)
        self.lang = NameIndex(doc_values.lang)
        self._stemmed: dict[str, Mask | None] = {}

    @cached_property
    def years(self) -> NDArray[np.uint16]:
        """The year of each document, 0 where there is no date."""
        days = self.doc_values.day.astype(np.int64)
        # Numpy counts days from 1970, ordinals from the year 1.
        years = (days - 719_163).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
        return np.where(days > 0, years, 0).astype(np.uint16)

    @cached_property
    def boosted(self) -> bool:
        """Whether any document has a boost but 1."""
        return bool((self.doc_values.boost != 1).any())

    @cached_property
    def dated(self) -> bool:
        """Whether any document has a date."""
        return bool(self.doc_values.day.any())

    def visible(self, now: float) -> Mask:
        """Which documents may be found at this time, in seconds since 1970."""
        return (self.doc_values.visible_from <= now) & (now < self.doc_values.visible_to)

    @cached_property
    def by_title(self) -> NDArray[np.uint32]:
        """The documents in the order of their titles' hashes."""
        return np.argsort(self.doc_values.title, kind="stable").astype(np.uint32)

    def titled(self, text: str) -> Ints:
        """The documents, ascending, that have this text for a title, or for an alias, folded as names are."""
        key = name_key(text)
        if not key:
            return np.zeros(0, np.int64)
        wanted, title = text_hash(key), self.doc_values.title
        first, last = (bisect(self.by_title, wanted, key=title.item) for bisect in (bisect_left, bisect_right))
        found = self.by_title[first:last].astype(np.int64)
        return np.union1d(found, self.aliases.having([key]).nonzero()[0]) if key in self.aliases.by_key else found

    def passing(self, filters: Filters) -> Mask | None:
        """Which documents the filters let pass; None: all of them."""
        if filters == NO_FILTERS:
            return None
        mask = np.ones(len(self.doc_values.date), np.bool_)
        for names, wanted in (
            (self.tags, filters.tag), (self.author, filters.author), (self.category, filters.category),
            (self.site, filters.site),
        ):  # fmt: skip
            if wanted:
                mask &= names.having({name_key(value) for value in wanted})
        if filters.lang:
            mask &= self.in_languages(filters.lang)
        if filters.year:
            mask &= np.isin(self.years, filters.year)
        if filters.since:
            mask &= self.doc_values.day >= filters.since.toordinal()
        if filters.until:
            mask &= (self.doc_values.day > 0) & (self.doc_values.day < filters.until.toordinal())
        return mask

    def in_languages(self, langs: Collection[str]) -> Mask:
        """Which documents are in one of the languages, or in a regional variant of one."""
        return self.lang.having(regional(langs, self.lang.by_key))

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
