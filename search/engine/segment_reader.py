"""One segment, opened for searching: its terms, its columns and its documents, and where words and phrases stand.

Scoring and highlighting both look up postings and match phrases here, so that what is marked is what was found.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.analysis import Pattern, Slot
from index.arrays import are_in, distinct, joined_ranges, offsets_of, union
from index.schema import FIELD_NUMBERS
from index.segments.segment import Postings, Segment
from search.engine.columns import Columns, Mask
from search.engine.names import SegmentNames
from search.engine.terms import Ints, TermDictionary
from search.engine.vocabulary import Vocabulary

__all__ = ["Places", "Positions", "SegmentReader", "log_counts"]


Places = Mapping[int, Ints]
"""Where to look for words: by field, the ids of documents, ascending."""


class Positions(NamedTuple):
    """Where a slot stands in some documents, a row for each time it stands there.

    `doc_rows` index the documents that were asked for, those of each field behind those of the fields before;
    `positions` are word positions in the field, and `tokens` are rows of the segment's token arrays.
    """

    doc_rows: Ints
    positions: Ints
    tokens: Ints


class SegmentReader:
    """Looks things up in one segment. Shared between threads: nothing changes in it but what is cached."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self.terms = TermDictionary(segment)
        self.columns = Columns(segment.records.doc_values)

    @cached_property
    def title_words(self) -> Ints:
        """The number of words in each title."""
        postings, title = self.terms.postings, FIELD_NUMBERS["title"]
        words = np.zeros(self.segment.size, np.int64)
        entries = np.flatnonzero(postings.fields == title)
        first = postings.postings[entries].astype(np.int64)
        found = joined_ranges(first, postings.postings[entries + 1] - first)
        counts = postings.tokens.sizes(found)
        positions = postings.positions[joined_ranges(postings.tokens[found], counts)]
        np.maximum.at(words, np.repeat(postings.docs[found], counts), positions.astype(np.int64) + 1)
        return words

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words, among which those near a misspelt one are looked for."""
        return Vocabulary.of(self.segment.postings)

    @cached_property
    def names(self) -> SegmentNames:
        """The names by which what is typed can be completed."""
        return SegmentNames(self.segment.records.doc_values)

    @cached_property
    def norms(self) -> NDArray[np.float64]:
        """The length of the vector of each document (see `similar`), which never changes; 1 where it has no words."""
        postings = self.terms.postings
        squares = log_counts(postings, np.arange(len(postings.docs))) ** 2
        return np.sqrt(np.maximum(np.bincount(postings.docs, squares, self.segment.size), 1.0))

    def forms(self, slot: Slot) -> Iterator[tuple[str, Mask | None]]:
        """The terms that may stand at a slot, each with the documents in which it may (None: in all)."""
        yield slot.term, None
        for stem, algorithm in sorted(slot.stems):
            if stem != slot.term:
                yield stem, self.columns.stemmed(algorithm)

    def lang_counts(self, term: str) -> dict[str, int]:
        """How many documents of each language hold a term in any field."""
        doc_ids = self.terms.docs(term).doc_ids
        if not doc_ids.size:
            return {}
        counts = self.columns.lang.count(union([doc_ids], self.segment.size)).tolist()
        return {name: count for name, count in zip(self.columns.lang.names, counts, strict=True) if count}

    def postings(self, slot: Slot, places: Places) -> tuple[Ints, Ints]:
        """The postings of all that may stand at a slot in some documents, and the rows of these, as in `Positions`."""
        arrays = self.terms.postings
        none = np.zeros(0, np.int64)
        found, rows, base = [none], [none], 0
        begun = self.terms.prefix_postings(slot.prefix, places) if slot.prefix else {}
        forms = [(self.terms.entries(term), mask) for term, mask in self.forms(slot)]
        for field, doc_ids in places.items():
            wanted = doc_ids.astype(arrays.docs.dtype)
            for entries, mask in forms:
                if field not in entries:
                    continue
                first, last = entries[field]
                docs = arrays.docs[first:last]
                ranks = docs.searchsorted(wanted)
                held = docs.take(ranks, mode="clip") == wanted
                here = (held if mask is None else held & mask[doc_ids]).nonzero()[0]
                found.append(ranks[here] + first)
                rows.append(here + base)
            if field in begun:
                found.append(begun[field])
                rows.append(wanted.searchsorted(arrays.docs[begun[field]]) + base)
            base += len(doc_ids)
        return np.concatenate(found), np.concatenate(rows)

    def tokens(self, postings: Ints) -> tuple[Ints, Ints]:
        """How many tokens some postings have each, and the rows of all of these."""
        offsets = self.terms.postings.tokens
        counts = offsets.sizes(postings)
        return counts, joined_ranges(offsets[postings], counts)

    def positions(self, slot: Slot, places: Places) -> Positions:
        """Where a slot stands in some documents; twice, where it does so by its term and by its prefix."""
        postings, doc_rows = self.postings(slot, places)
        counts, tokens = self.tokens(postings)
        positions = self.terms.postings.positions[tokens].astype(np.int64)
        return Positions(np.repeat(doc_rows, counts), positions, tokens)

    def phrase(self, pattern: Pattern, places: Places) -> tuple[Ints, Ints]:
        """Where the slots of a pattern follow one another in some documents.

        For each time they do: the row of its document, as in `Positions`, and the position of the first slot.
        """
        # The rarest slot first, and the others only in the documents that are left: so a phrase costs about what its
        # rarest word does. A document and a position are one number. What is sorted is in order, but for a run of each
        # form of a word: a stable sort is quick with that.
        counted = sorted((self.count(slot, places), distance) for distance, slot in enumerate(pattern))
        least, rarest = counted[0]
        first = self.positions(pattern[rarest], places if least else {})
        span = int(first.positions.max(initial=0)) + len(pattern) + 1
        keys = np.sort(first.doc_rows * span + first.positions, kind="stable")
        found = {pattern[rarest]: keys}
        starts = distinct(keys[keys % span >= rarest] - rarest)
        for _, distance in counted[1:]:
            if not starts.size:
                break
            slot = pattern[distance]
            if slot not in found:
                rows = distinct(starts // span)
                here = self.positions(slot, taken(places, rows))
                keys = (rows[here.doc_rows] * span + here.positions)[here.positions < span]
                found[slot] = np.sort(keys, kind="stable")
            starts = starts[are_in(starts + distance, found[slot])]
        return starts // span, starts % span

    def spans(self, slot: Slot, fields: Collection[int]) -> list[tuple[int, int]]:
        """The postings [first, last) of all that may stand at a slot in some fields: in all documents, whatever their
        language; and of what begins with its prefix, in all fields."""
        entries = self.terms.entries
        found = [span for term in slot.terms for field, span in entries(term).items() if field in fields]
        return [*found, self.terms.prefix_span(slot.prefix)] if slot.prefix else found

    def count(self, slot: Slot, fields: Collection[int]) -> int:
        """How often something stands at a slot, as in `spans`."""
        spans = np.array(self.spans(slot, fields), np.int64).reshape(-1, 2)
        return int(np.diff(self.terms.postings.tokens[spans]).sum())


def log_counts(postings: Postings, rows: Ints) -> NDArray[np.float64]:
    """1 + ln(count) of some postings, where count is how often the term stands in the document."""
    weights: NDArray[np.float64] = 1 + np.log(postings.tokens.sizes(rows), dtype=np.float64)
    return weights


def taken(places: Places, rows: Ints) -> Places:
    """Those of the documents that have these rows (ascending)."""
    bounds = offsets_of(np.array([len(doc_ids) for doc_ids in places.values()]))
    cuts = np.searchsorted(rows, bounds).tolist()
    return {
        field: doc_ids[rows[start:end] - base]
        for (field, doc_ids), base, (start, end) in zip(places.items(), bounds.tolist(), pairwise(cuts), strict=False)
    }
