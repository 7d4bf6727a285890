"""Scores clauses in one segment: which documents hold each clause, with what score and in which fields.

The score of a word is the sum of its BM25 scores over the fields, each times the field's weight; where it may stand in
several forms, the best form counts. A phrase scores as the sum of its words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress
from typing import NamedTuple

import numpy as np

from index.analysis import Pattern, Slot, patterns
from index.arrays import union
from index.schema import FIELD_NUMBERS, FIELDS
from search.engine.bm25 import CollectionStatistics, Floats
from search.engine.segment_reader import SegmentReader
from search.engine.terms import Ints, TermDocs
from search.query import AnyOf, Clause, Phrase, Word

__all__ = ["PREFIX_SHARE", "SegmentScorer", "TermScorer"]

PREFIX_SHARE = 0.8
"""The score of a word that begins as asked, against that of the word itself."""

MAX_DENSE_DOCS = 1 << 15
"""Documents of a segment up to which every one has a row in the scores; above, only the candidates, if they are few."""

FIELD_NAMES = [field.name for field in FIELDS]
FIELD_WEIGHTS = [field.weight for field in FIELDS]


class TermScorer(NamedTuple):
    """The documents that hold a term or a phrase in a field, ascending, and the score of each before the weight."""

    field: int
    doc_ids: Ints
    scores: Floats


FormsByField = Mapping[int, Sequence[TermScorer]]
"""By field number, the forms of a word or phrase in it. The best form of a field counts; the fields are summed."""


class SegmentScorer:
    """Scores clauses in one segment. `doc_ids`: candidates, int64, ascending; no other document holds any clause."""

    def __init__(
        self, clauses: Iterable[Clause], statistics: CollectionStatistics, reader: SegmentReader, also: Ints
    ) -> None:
        """The documents `also` are candidates whatever they hold."""
        self._statistics = statistics
        self._reader = reader
        self._options = {clause: [self._option(option) for option in options_of(clause)] for clause in clauses}
        found = [also, *(scorer.doc_ids for scorer in self._scorers())]
        doc_count = reader.segment.size
        self._dense = doc_count <= MAX_DENSE_DOCS or sum(map(len, found)) * 2 > doc_count
        self.doc_ids = np.arange(doc_count) if self._dense else union(found, doc_count)
        if not self._dense:
            self._rows = np.empty(doc_count, np.int64)
            self._rows[self.doc_ids] = np.arange(len(self.doc_ids))

    def scores(self, clause: Clause) -> Floats:
        """The score of the clause in each candidate; 0 where it is not held."""
        found = [self._sum_of_fields(option) for option in self._options[clause]]
        return found[0] if len(found) == 1 else np.maximum.reduce(found)

    def fields(self, doc_ids: Ints) -> list[tuple[str, ...]]:
        """The names of the fields in which each of some documents holds any of the clauses."""
        held = np.zeros((len(FIELDS), len(doc_ids)), np.bool_)
        for scorer in self._scorers():
            if scorer.doc_ids.size:
                ranks = scorer.doc_ids.searchsorted(doc_ids)
                held[scorer.field] |= scorer.doc_ids.take(ranks, mode="clip") == doc_ids
        return [tuple(compress(FIELD_NAMES, row)) for row in held.T.tolist()]

    def _scorers(self) -> Iterator[TermScorer]:
        for options in self._options.values():
            for option in options:
                for scorers in option.values():
                    yield from scorers

    def _sum_of_fields(self, option: FormsByField) -> Floats:
        total = np.zeros(len(self.doc_ids))
        for field, scorers in option.items():
            if len(scorers) == 1:
                total[self._rows_of(scorers[0].doc_ids)] += FIELD_WEIGHTS[field] * scorers[0].scores
                continue
            best = np.zeros(len(self.doc_ids))
            for scorer in scorers:
                rows = self._rows_of(scorer.doc_ids)
                best[rows] = np.maximum(best[rows], scorer.scores)
            total += FIELD_WEIGHTS[field] * best
        return total

    def _rows_of(self, doc_ids: Ints) -> Ints:
        """The rows of candidates in the arrays of scores."""
        return doc_ids if self._dense else self._rows[doc_ids]

    def _option(self, option: Word | Phrase) -> FormsByField:
        """The scorers of a word or phrase in the field that it names, or in all."""
        only = None if option.field is None else FIELD_NUMBERS[option.field]
        by_field: dict[int, list[TermScorer]] = {}
        for pattern in patterns(option.text, self._statistics.langs, prefix=isinstance(option, Word) and option.prefix):
            scorers = {slot: list(self._slot(slot, only)) for slot in pattern}
            for scorer in scorers[pattern[0]] if len(pattern) == 1 else self._phrase(pattern, scorers):
                by_field.setdefault(scorer.field, []).append(scorer)
        return by_field

    def _slot(self, slot: Slot, only: int | None) -> Iterator[TermScorer]:
        """The scorers of one slot: of the term, of its stems, and of what completes its prefix."""
        for term, mask in self._reader.forms(slot):
            for field, (first, last) in self._reader.terms.entries(term).items():
                if only in (None, field):
                    docs = self._reader.terms.term_docs(first, last)
                    if mask is not None:
                        kept = mask[docs.doc_ids]
                        docs = TermDocs(docs.doc_ids[kept], docs.counts[kept])
                    yield self._term(field, docs, self._statistics.idf(term, field))
        for field, docs in self._reader.terms.prefix_docs(slot.prefix).items() if slot.prefix else ():
            if only in (None, field):
                yield self._term(field, docs, PREFIX_SHARE * self._statistics.prefix_idf(slot.prefix, field))

    def _term(self, field: int, docs: TermDocs, idf: float) -> TermScorer:
        lengths = self._reader.segment.records.lengths[field][docs.doc_ids]
        return TermScorer(field, docs.doc_ids, self._statistics.scores(field, lengths, docs.counts, idf))

    def _phrase(self, pattern: Pattern, scorers: Mapping[Slot, Sequence[TermScorer]]) -> Iterator[TermScorer]:
        """The scorers of slots that follow one another."""
        for field in set.intersection(*({scorer.field for scorer in found} for found in scorers.values())):
            here = {slot: best_of([s for s in found if s.field == field]) for slot, found in scorers.items()}
            doc_ids = here[pattern[0]].doc_ids
            for scorer in here.values():
                doc_ids = np.intersect1d(doc_ids, scorer.doc_ids, assume_unique=True)
            doc_rows, _ = self._reader.phrase(pattern, field, doc_ids)
            doc_ids = doc_ids[union([doc_rows], len(doc_ids))]
            if doc_ids.size:
                found = [here[slot].scores[np.searchsorted(here[slot].doc_ids, doc_ids)] for slot in pattern]
                yield TermScorer(field, doc_ids, np.add.reduce(found))


def options_of(clause: Clause) -> tuple[Word | Phrase, ...]:
    return clause.options if isinstance(clause, AnyOf) else (clause,)


def best_of(scorers: Sequence[TermScorer]) -> TermScorer:
    """One scorer for several of a field, with the best score of each document."""
    if len(scorers) == 1:
        return scorers[0]
    doc_ids = np.unique(np.concatenate([scorer.doc_ids for scorer in scorers]))
    best = np.zeros(len(doc_ids))
    for scorer in scorers:
        rows = np.searchsorted(doc_ids, scorer.doc_ids)
        best[rows] = np.maximum(best[rows], scorer.scores)
    return TermScorer(scorers[0].field, doc_ids, best)
