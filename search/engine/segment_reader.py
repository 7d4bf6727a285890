"""One segment, opened for searching: its terms, its columns and its documents, and where words and phrases stand.

Scoring and highlighting both look up postings and match phrases here, so that what is marked is what was found.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from index.analysis import Pattern, Slot
from index.arrays import distinct, joined_ranges, union
from index.schema import FIELD_NUMBERS
from index.segments.segment import Postings, Segment
from search.engine.columns import Columns, Mask
from search.engine.documents import Documents
from search.engine.names import SegmentNames
from search.engine.terms import NO_DOCS, Ints, TermDictionary
from search.engine.vocabulary import Vocabulary

__all__ = ["POSITION_BITS", "SegmentReader", "log_counts", "stems_of"]

POSITION_BITS = 32
"""How many bits a position may take."""

BISECTED = 64
"""A list of documents that is so many times as long as those that are looked up in it is not gone through."""


class SegmentReader:
    """Looks things up in one segment. Shared between threads: nothing changes in it but what is cached."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self.terms = TermDictionary(segment)
        self.columns = Columns(segment.records.doc_values)
        self.documents = Documents(segment)
        self.title_words = segment.records.anchors.spans[FIELD_NUMBERS["title"]]  # how many each title has

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
        for term, algorithm in stems_of(slot):
            yield term, self.columns.stemmed(algorithm) if algorithm else None

    def lang_counts(self, term: str) -> dict[str, int]:
        """How many documents of each language hold a term in any field."""
        doc_ids = self.terms.docs(term).doc_ids
        if not doc_ids.size:
            return {}
        counts = self.columns.lang.count(union([doc_ids], self.segment.size)).tolist()
        return {name: count for name, count in zip(self.columns.lang.names, counts, strict=True) if count}

    def standing(self, slot: Slot, fields: Collection[int], doc_ids: Ints) -> tuple[Ints, Ints]:
        """What may stand at a slot in some fields of documents (ascending), by its term or its prefix: the cells, each
        the number of the field times that of all documents and the document's own, and the postings."""
        arrays, size = self.terms.postings, self.segment.size
        among = np.zeros(size, np.bool_)
        among[doc_ids] = True
        found, bases, sizes = [NO_DOCS.doc_ids], [0], [0]
        for term, mask in self.forms(slot):
            for field, (first, last) in self.terms.entries(term).items():
                if field in fields:
                    docs = arrays.docs[first:last]
                    if len(docs) > BISECTED * len(doc_ids):
                        rows = docs.searchsorted(doc_ids.astype(docs.dtype))
                        rows = rows[docs.take(rows, mode="clip") == doc_ids]
                    else:
                        rows = among.take(docs).nonzero()[0]
                    if mask is not None:
                        rows = rows[mask[docs[rows]]]
                    found.append(rows + first)
                    bases.append(field * size)
                    sizes.append(len(rows))
        if slot.prefix:
            for field, postings in self.terms.prefix_postings(slot.prefix, fields, among).items():
                found.append(postings)
                bases.append(field * size)
                sizes.append(len(postings))
        postings = np.concatenate(found)
        return np.array(bases).repeat(sizes) + arrays.docs[postings], postings

    def tokens(self, postings: Ints) -> tuple[Ints, Ints]:
        """How many tokens some postings have each, and the rows of all of these."""
        offsets = self.terms.postings.tokens
        counts = offsets.sizes(postings)
        return counts, joined_ranges(offsets[postings], counts)

    def places(self, slot: Slot, fields: Collection[int], doc_ids: Ints) -> tuple[Ints, Ints]:
        """Where a slot stands in some fields of documents (ascending), and the token of each.

        A place is one number: the cell, as of `standing`, shifted by `POSITION_BITS`, and the position.
        """
        cells, postings = self.standing(slot, fields, doc_ids)
        counts, tokens = self.tokens(postings)
        return (cells << POSITION_BITS).repeat(counts) + self.terms.postings.positions[tokens], tokens

    def in_a_row(self, pattern: Pattern, fields: Collection[int], doc_ids: Ints | None = None) -> tuple[Ints, Ints]:
        """Where the slots of a pattern follow one another in some fields of documents (ascending; None: of all): for
        each time they do the cell, as of `standing`, ascending, and the position of the first slot."""
        docs = self.terms.postings.docs
        spans = [self.spans(slot, fields) for slot in pattern]
        rarest = sorted(range(len(pattern)), key=lambda number: sum(last - first for first, last in spans[number]))
        if doc_ids is None:
            among = np.ones(self.segment.size, np.bool_)
            for found in spans:
                held = np.zeros_like(among)
                for first, last in found:
                    held[docs[first:last].astype(np.int64)] = True
                among &= held
            doc_ids = among.nonzero()[0]
        # A cell and the position at which the pattern would begin are one number. The rarest slot comes first, and each
        # further one is looked for only where those before it stand.
        begins = distinct(self.places(pattern[rarest[0]], fields, doc_ids)[0] - rarest[0])
        for slot in rarest[1:]:
            if not begins.size:
                break
            doc_ids = distinct((begins >> POSITION_BITS) % self.segment.size)
            begins = shared(begins, distinct(self.places(pattern[slot], fields, doc_ids)[0] - slot))
        return begins >> POSITION_BITS, begins & (1 << POSITION_BITS) - 1

    def spans(self, slot: Slot, fields: Collection[int]) -> list[tuple[int, int]]:
        """The postings [first, last) of all that may stand at a slot in some fields: in all documents, whatever their
        language; and of what begins with its prefix, in all fields."""
        entries = self.terms.entries
        found = [span for term in slot.terms for field, span in entries(term).items() if field in fields]
        return [*found, self.terms.prefix_span(slot.prefix)] if slot.prefix else found

    def count(self, slot: Slot, fields: Collection[int]) -> int:
        """How often something stands at a slot, as in `spans`."""
        tokens = self.terms.postings.tokens
        return sum(int(tokens[last]) - int(tokens[first]) for first, last in self.spans(slot, fields))


def stems_of(slot: Slot) -> Iterator[tuple[str, str]]:
    """The terms that may stand at a slot, each with the algorithm of the documents in which it may ("": in all)."""
    yield slot.term, ""
    for stem, algorithm in sorted(slot.stems):
        if stem != slot.term:
            yield stem, algorithm


def shared(first: Ints, second: Ints) -> Ints:
    """The numbers that are in both arrays, each of which ascends and has none twice."""
    both = np.sort(np.concatenate([first, second]), kind="stable")  # which merges them
    found: Ints = both[1:][both[1:] == both[:-1]]
    return found


def log_counts(postings: Postings, rows: Ints) -> NDArray[np.float64]:
    """1 + ln(count) of some postings, where count is how often the term stands in the document."""
    weights: NDArray[np.float64] = 1 + np.log(postings.tokens.sizes(rows), dtype=np.float64)
    return weights
