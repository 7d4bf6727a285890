"""The term dictionary of one segment: which documents hold a term, or any term with a given beginning, by field."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache, partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.arrays import narrow, sizes_of
from index.schema import FIELDS
from index.segments.segment import Postings, Segment

__all__ = ["MAX_CACHED_TERMS", "NO_DOCS", "Ints", "TermDictionary", "TermDocs", "begun_with"]

Ints = NDArray[np.int64]

LAST_CHAR = "\U0010ffff"

MAX_CACHED_TERMS = 10_000
"""Terms of one segment whose entries are kept."""

MAX_CACHED_PREFIXES = 500
"""Beginnings of words of one segment that are kept, each with all its documents."""

SPARSE_RATIO = 32
"""Postings are sorted while they are fewer than one in this many (field, document) cells; else a cell counts each."""


class TermDocs(NamedTuple):
    """The documents that hold a term, those of each field behind those of the fields before, ascending, and how often
    each does. `sizes` are how many there are of each field that holds it, by its number in `FIELDS`, ascending."""

    sizes: Mapping[int, int]
    doc_ids: Ints
    counts: NDArray[np.integer]

    def where(self, kept: NDArray[np.bool_]) -> TermDocs:
        """Those of them that are kept."""
        rows = kept.nonzero()[0]
        bounds = rows.searchsorted(np.cumsum([0, *self.sizes.values()])).tolist()
        sizes = {field: last - first for field, (first, last) in zip(self.sizes, pairwise(bounds), strict=True)}
        return TermDocs(sizes, self.doc_ids[rows], self.counts[rows])

    def within(self, fields: Sequence[int]) -> TermDocs:
        """Those of some fields: of one, or of all."""
        if len(fields) > 1:
            return self
        [field] = fields
        first = sum(size for other, size in self.sizes.items() if other < field)
        rows = slice(first, first + self.sizes.get(field, 0))
        return TermDocs({field: rows.stop - first}, self.doc_ids[rows], self.counts[rows])

    def until(self, last: int) -> TermDocs:
        """Those of the fields up to one."""
        sizes = {field: size for field, size in self.sizes.items() if field <= last}
        end = sum(sizes.values())
        return TermDocs(sizes, self.doc_ids[:end], self.counts[:end])

    def among(self, doc_ids: Ints) -> TermDocs:
        """Those of them that are among a few documents (ascending)."""
        sizes, kept, first = {}, [NO_DOCS.doc_ids], 0
        for field, docs, _ in self.by_field():
            found = docs.searchsorted(doc_ids)
            kept.append(found[docs.take(found, mode="clip") == doc_ids] + first)
            sizes[field] = len(kept[-1])
            first += len(docs)
        rows = np.concatenate(kept)
        return TermDocs(sizes, self.doc_ids.take(rows), self.counts.take(rows))

    def by_field(self) -> Iterator[tuple[int, Ints, NDArray[np.integer]]]:
        """Each field with its documents, and how often each of these holds the term in it."""
        last = 0
        for field, size in self.sizes.items():
            rows = slice(last, last := last + size)
            yield field, self.doc_ids[rows], self.counts[rows]


NO_DOCS = TermDocs({}, np.zeros(0, np.int64), np.zeros(0, np.uint8))


class TermDictionary:
    """Looks up the terms of a segment; what was looked up is kept, within bounds, as a segment never changes."""

    def __init__(self, segment: Segment) -> None:
        self.doc_count = segment.size
        self.postings = segment.postings
        # Safe to share between threads. They hold the arrays and not `self`: no ring of references keeps a file mapped.
        self.entries = lru_cache(MAX_CACHED_TERMS)(partial(find_entries, self.postings))
        self.entry_range = lru_cache(MAX_CACHED_TERMS)(partial(find_entry_range, self.postings))
        self._prefix_docs = lru_cache(MAX_CACHED_PREFIXES)(partial(find_prefix_docs, self.postings, self.doc_count))

    @cached_property
    def token_counts(self) -> Ints:
        """The number of tokens in each field."""
        return self.postings.totals()

    def docs(self, term: str, *, prefix: bool = False) -> TermDocs:
        """The documents that hold a term, or anything that begins with it."""
        if prefix:
            return self.prefix_docs(term)
        spans = self.entries(term)
        if not spans:
            return NO_DOCS
        # The postings of its fields follow one another.
        sizes = self.sizes(term)
        first = next(iter(spans.values()))[0]
        last = first + sum(sizes.values())
        return TermDocs(
            sizes,
            self.postings.docs[first:last].astype(np.int64),
            self.postings.tokens.narrow_sizes(slice(first, last)),
        )

    def sizes(self, term: str) -> Mapping[int, int]:
        """By field, how many documents hold a term."""
        return {field: last - first for field, (first, last) in self.entries(term).items()}

    def prefix_docs(self, prefix: str) -> TermDocs:
        """The documents that hold anything that begins so."""
        sizes, doc_ids, counts = self._prefix_docs(prefix)
        return TermDocs(sizes, doc_ids.astype(np.int64), counts)

    def is_held(self, term: str, among: NDArray[np.bool_], *, prefix: bool = False) -> bool:
        """Whether one of the documents `among` holds a term, or anything that begins with it."""
        return bool(among[self.docs(term, prefix=prefix).doc_ids].any())

    def prefix_span(self, prefix: str) -> tuple[int, int]:
        """The postings [first, last) of all terms with this beginning, in all fields."""
        first, last = self.entry_range(prefix)
        return int(self.postings.postings[first]), int(self.postings.postings[last])

    def prefix_postings(self, prefix: str, fields: Iterable[int], among: NDArray[np.bool_]) -> dict[int, Ints]:
        """By field, the postings of all terms with this beginning in the documents `among`."""
        first, last = self.entry_range(prefix)
        bounds = self.postings.postings[first : last + 1]
        start, end = bounds[[0, -1]].tolist()
        found = among.take(self.postings.docs[start:end]).nonzero()[0] + start
        entries = np.searchsorted(bounds, found.astype(bounds.dtype), side="right") - 1 + first
        fields_there = self.postings.fields[entries]
        return {field: found[fields_there == field] for field in fields}


def find_entries(postings: Postings, term: str) -> Mapping[int, tuple[int, int]]:
    """By field, the postings [first, last) of a term."""
    number = postings.terms.find(term.encode(errors="replace"))
    if number < 0:
        return {}
    first, last = postings.entries[number : number + 2].tolist()
    bounds = postings.postings[first : last + 1].tolist()
    return dict(zip(postings.fields[first:last].tolist(), pairwise(bounds), strict=True))


def find_prefix_docs(postings: Postings, doc_count: int, prefix: str) -> TermDocs:
    """The documents that hold any term with this beginning, and how often they hold them all; in types that take little
    memory."""
    first, last = find_entry_range(postings, prefix)
    if first == last:
        return NO_DOCS
    bounds = postings.postings[first : last + 1]
    span = slice(*bounds[[0, -1]].tolist())
    cells = (postings.fields[first:last].astype(np.int64) * doc_count).repeat(sizes_of(bounds))
    cells += postings.docs[span]
    counts = postings.tokens.sizes(span)
    offsets = np.arange(len(FIELDS) + 1) * doc_count
    if len(cells) * SPARSE_RATIO > offsets[-1]:
        sums = np.zeros(offsets[-1], np.int64)
        np.add.at(sums, cells, counts)
        held = (sums > 0).nonzero()[0]
        sums = sums[held]
    else:
        held, ranks = np.unique(cells, return_inverse=True)
        sums = np.bincount(ranks, counts)
    bounds = held.searchsorted(offsets)
    sizes = {field: end - start for field, (start, end) in enumerate(pairwise(bounds.tolist())) if start < end}
    return TermDocs(sizes, narrow(held - offsets[:-1].repeat(sizes_of(bounds))), narrow(sums))


def begun_with(texts: Sequence[str], beginning: str) -> tuple[int, int]:
    """Which rows [first, last) of sorted texts begin so."""
    first = bisect_left(texts, beginning)
    return first, bisect_left(texts, beginning + LAST_CHAR, first)


def find_entry_range(postings: Postings, prefix: str) -> tuple[int, int]:
    """The entries [first, last) of all terms with this beginning."""
    start = prefix.encode(errors="replace")
    first, last = postings.terms.rank(start), postings.terms.rank(start + b"\xff")
    return int(postings.entries[first]), int(postings.entries[last])
