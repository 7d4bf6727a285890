"""One segment, opened for searching: its terms, its columns and its documents, and where words and phrases stand.

Scoring and highlighting both look up postings and match phrases here, so that what is marked is what was found.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from index.analysis import Pattern, Slot
from index.arrays import joined_ranges, union
from index.segments.segment import Segment
from search.engine.columns import Columns, Mask
from search.engine.terms import Ints, TermDictionary

__all__ = ["Positions", "SegmentReader"]


class Positions(NamedTuple):
    """Where a slot stands in some documents, a row for each time it stands there.

    `doc_rows` index the `doc_ids` that were asked for, `positions` are word positions in the field, and `tokens` are
    rows of the segment's token arrays.
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

    def forms(self, slot: Slot) -> Iterator[tuple[str, Mask | None]]:
        """The terms that may stand at a slot, each with the documents in which it may (None: in all)."""
        yield slot.term, None
        for stem, algorithm in sorted(slot.stems):
            if stem != slot.term:
                yield stem, self.columns.stemmed(algorithm)

    def postings(self, slot: Slot, field: int, doc_ids: Ints) -> Ints:
        """The postings in a field of whatever may stand at a slot that are of some documents; both ascend."""
        found = [np.zeros(0, np.int64)]
        docs = self.terms.postings.docs
        for term, mask in self.forms(slot):
            first, last = self.terms.entries(term).get(field, (0, 0))
            if first == last:
                continue
            wanted = doc_ids if mask is None else doc_ids[mask[doc_ids]]
            ranks = docs[first:last].searchsorted(wanted.astype(docs.dtype))
            found.append(ranks[docs[first:last].take(ranks, mode="clip") == wanted] + first)
        if slot.prefix:
            found.append(self.terms.prefix_postings(slot.prefix, field, doc_ids))
        filled = [postings for postings in found if postings.size]
        return filled[0] if len(filled) == 1 else union(found, len(docs))

    def positions(self, slot: Slot, field: int, doc_ids: Ints) -> Positions:
        """Where a slot stands in a field of some documents (ascending)."""
        arrays = self.terms.postings
        postings = self.postings(slot, field, doc_ids)
        starts = arrays.tokens[postings].astype(np.int64)
        counts = arrays.tokens[postings + 1] - starts
        tokens = joined_ranges(starts, counts)
        doc_rows = np.searchsorted(doc_ids, arrays.docs[postings].astype(np.int64))
        return Positions(np.repeat(doc_rows, counts), arrays.positions[tokens].astype(np.int64), tokens)

    def phrase(self, pattern: Pattern, field: int, doc_ids: Ints) -> tuple[Ints, Ints]:
        """Where the slots of a pattern follow one another in a field of some documents (ascending).

        For each time they do: the row of its document in `doc_ids`, and the position of the first slot.
        """
        first = self.positions(pattern[0], field, doc_ids)
        # A document and a position as one number, as small as can be: `isin` then looks in a table and sorts nothing.
        span = int(first.positions.max(initial=0)) + len(pattern) + 1
        starts = first.doc_rows * span + first.positions
        by_slot = {pattern[0]: starts}
        for distance, slot in enumerate(pattern[1:], 1):
            if not starts.size:
                break
            if slot not in by_slot:
                here = self.positions(slot, field, doc_ids)
                by_slot[slot] = (here.doc_rows * span + here.positions)[here.positions < span]
            starts = starts[np.isin(starts + distance, by_slot[slot])]
        return starts // span, starts % span
