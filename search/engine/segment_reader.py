"""One segment, opened for searching: its terms, its columns and its documents, and where words and phrases stand.

Scoring and highlighting both look up postings and match phrases here, so that what is marked is what was found.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.analysis import Pattern, Slot
from index.arrays import distinct, joined_ranges, offsets_of, sizes_of, union
from index.schema import FIELD_NUMBERS
from index.segments.segment import Postings, Segment
from search.engine.columns import Columns, Mask
from search.engine.documents import Documents
from search.engine.names import SegmentNames
from search.engine.terms import NO_DOCS, Ints, TermDictionary
from search.engine.vocabulary import Vocabulary

__all__ = ["Places", "Positions", "SegmentReader", "log_counts"]


MAX_TOGETHER = 1000
"""In more documents it is looked first which hold all words of a row."""

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
        self.documents = Documents(segment)

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

    def postings(self, slots: Sequence[Slot], places: Places) -> tuple[Ints, Ints, Ints]:
        """What may stand at some slots in some documents, by its term or its prefix: the rows of the documents, as in
        `Positions`, the numbers of the slots, and the postings."""
        arrays, size = self.terms.postings, self.segment.size
        wanted = np.concatenate([NO_DOCS.doc_ids, *(field * size + doc_ids for field, doc_ids in places.items())])
        among = np.zeros(size, np.bool_)
        for doc_ids in places.values():
            among[doc_ids] = True
        spans, hits, begun = [(0, 0, 0, 0)], [], []
        for number, slot in enumerate(slots):
            for term, mask in self.forms(slot):
                if entries := self.terms.entries(term):
                    spans += [(number, field, first, last - first) for field, (first, last) in entries.items()]
                    last, (_, _, first, _) = spans[-1][2] + spans[-1][3], spans[-len(entries)]
                    docs = arrays.docs[first:last]
                    hits.append(among.take(docs) if mask is None else among.take(docs) & mask.take(docs))
            if slot.prefix:
                found = self.terms.prefix_postings(slot.prefix, places, among)
                begun += [(number, field, postings) for field, postings in found.items()]
        numbers, fields, firsts, sizes = np.array(spans, np.int64).T
        offsets = offsets_of(sizes)
        kept = np.concatenate([NO_DOCS.doc_ids, *hits]).nonzero()[0]
        held = sizes_of(kept.searchsorted(offsets))
        postings = kept + (firsts - offsets[:-1]).repeat(held)
        numbers, fields = numbers.repeat(held), fields.repeat(held)
        if begun:
            postings = np.concatenate([postings, *(found for _, _, found in begun)])
            numbers = np.concatenate([numbers, *(np.full(len(found), number) for number, _, found in begun)])
            fields = np.concatenate([fields, *(np.full(len(found), field) for _, field, found in begun)])
        cells = fields * size + arrays.docs[postings]
        order = wanted.argsort(kind="stable")
        ordered = wanted[order]
        rows = ordered.searchsorted(cells)
        here = (ordered.take(rows, mode="clip") == cells).nonzero()[0] if wanted.size else NO_DOCS.doc_ids
        return order[rows[here]], numbers[here], postings[here]

    def tokens(self, postings: Ints) -> tuple[Ints, Ints]:
        """How many tokens some postings have each, and the rows of all of these."""
        offsets = self.terms.postings.tokens
        counts = offsets.sizes(postings)
        return counts, joined_ranges(offsets[postings], counts)

    def positions(self, slot: Slot, places: Places) -> Positions:
        """Where a slot stands in some documents; twice, where it does so by its term and by its prefix."""
        doc_rows, _, postings = self.postings([slot], places)
        counts, tokens = self.tokens(postings)
        positions = self.terms.postings.positions[tokens].astype(np.int64)
        return Positions(np.repeat(doc_rows, counts), positions, tokens)

    def phrase(self, pattern: Pattern, places: Places) -> tuple[Ints, Ints]:
        """Where the slots of a pattern follow one another in some documents.

        For each time they do: the row of its document, as in `Positions`, and the position of the first slot.
        """
        doc_rows, distances, postings = self.postings(pattern, places)
        count = sum(map(len, places.values()))
        if count > MAX_TOGETHER:
            # Positions are read only where all slots stand: so a phrase costs about what its rarest word does.
            whole = np.ones(count, np.bool_)
            for distance in range(len(pattern)):
                held = np.zeros(count, np.bool_)
                held[doc_rows[distances == distance]] = True
                whole &= held
            kept = whole.take(doc_rows).nonzero()[0]
            doc_rows, distances, postings = doc_rows.take(kept), distances.take(kept), postings.take(kept)
        counts, tokens = self.tokens(postings)
        positions = self.terms.postings.positions[tokens].astype(np.int64)
        doc_rows, distances = doc_rows.repeat(counts), distances.repeat(counts)
        # A document, the position at which the pattern would begin, and the slot that stands where it asks for are one
        # number; where all slots do, theirs follow one another.
        size, span = len(pattern), int(positions.max(initial=0)) + 1
        begins = positions - distances
        keys = (doc_rows * span + begins) * size + distances
        ordered = distinct(keys[begins >= 0]) // size
        last = ordered[size - 1 :]
        found = last[last == ordered[: len(last)]]
        return found // span, found % span

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

    def places(
        self, pattern: Pattern, fields: Iterable[int], among: Mask | None = None, most: int | None = None
    ) -> dict[int, Ints]:
        """Where the slots of a pattern may follow one another, in some fields: in the documents that hold the slot that
        is rarest there. Only those `among` count; fields in which also that one stands more than `most` times are left
        out."""
        tokens, docs = self.terms.postings.tokens, self.terms.postings.docs
        counts = []
        for slot in pattern:
            first, last = self.terms.prefix_span(slot.prefix) if slot.prefix else (0, 0)
            # What begins with a prefix may stand in any field.
            count = dict.fromkeys(fields, int(tokens[last]) - int(tokens[first])) if slot.prefix else {}
            for term in slot.terms:
                for field, (first, last) in self.terms.entries(term).items():
                    count[field] = count.get(field, 0) + int(tokens[last]) - int(tokens[first])
            counts.append(count)
        found = {}
        for field in fields:
            least, rarest = min((count.get(field, 0), number) for number, count in enumerate(counts))
            if not least or (most is not None and least > most):
                continue
            slot = pattern[rarest]
            held = [slice(*self.terms.entries(term).get(field, (0, 0))) for term in slot.terms]
            parts = [docs[span].astype(np.int64) for span in held]
            if slot.prefix:
                parts.append(dict(self.terms.prefix_docs(slot.prefix).by_field()).get(field, NO_DOCS.doc_ids))
            if among is not None:
                parts = [doc_ids[among.take(doc_ids)] for doc_ids in parts]
            found[field] = parts[0] if len(parts) == 1 else union(parts, self.segment.size)
        return found


def log_counts(postings: Postings, rows: Ints) -> NDArray[np.float64]:
    """1 + ln(count) of some postings, where count is how often the term stands in the document."""
    weights: NDArray[np.float64] = 1 + np.log(postings.tokens.sizes(rows), dtype=np.float64)
    return weights
