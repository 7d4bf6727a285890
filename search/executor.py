"""Clauses against the postings of one segment: which documents hold them, in which fields, with what score.

In goes a clause and a `Postings` (what an engine can say of a term); out comes a `Held`: arrays with a row for each
document of the segment. The score of a word is the weighted sum of its BM25F scores over the fields; where it may
stand in several forms, the best form counts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from index.analysis import Pattern, Slot, patterns
from index.schema import FIELDS
from search.attributes import Mask
from search.query import AnyOf, Clause, Word

__all__ = ["COMPLETIONS", "Executor", "Held", "Postings", "Rows", "Scores"]

Rows = NDArray[np.int64]
Scores = NDArray[np.float64]

COMPLETIONS = 100
"""How many terms the prefixes of a query may stand for, taken together, in one field of one segment."""

COMPLETED = 0.8
"""The score of a word that begins as asked, against the word itself."""


class Postings(Protocol):
    """What an engine says of the terms of one segment; documents are counted from 0 to `size`, the deleted too."""

    size: int

    def scores(self, field: str, term: str) -> tuple[Rows, Scores]:
        """The documents that have the term in the field, ascending, and the BM25F score of each (weight 1)."""

    def positions(self, field: str, term: str) -> Mapping[int, Sequence[int]]:
        """Where the term stands in the field of each document that has it, ascending."""

    def completions(self, field: str, prefix: str, limit: int) -> list[str]:
        """At most `limit` terms of the field that begin with the prefix, the shortest first."""


@dataclass(frozen=True, slots=True)
class Held:
    """How well each document holds a clause: `score` (0 where it does not), and a bit for each field of `FIELDS`."""

    score: Scores
    fields: NDArray[np.int64]

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Which documents hold the clause."""
        return self.fields > 0


class Wanted(NamedTuple):
    """A term to look for, in the documents of one stemming algorithm or ("") in all, and what its score counts."""

    term: str
    algorithm: str = ""
    weight: float = 1.0


class Executor:
    """Holds the clauses of one query against the postings of one segment."""

    def __init__(
        self,
        clauses: Iterable[Clause],
        postings: Postings,
        langs: Collection[str],
        stemmed: Callable[[str], Mask],
    ) -> None:
        """`stemmed` tells which documents of the segment are in a language of a stemming algorithm."""
        self.postings = postings
        self.langs = langs
        self.stemmed = cache(stemmed)
        self.completions = COMPLETIONS // max(1, sum(map(prefixes, clauses)))

    def held(self, clause: Clause) -> Held:
        """How well each document of the segment holds the clause."""
        if isinstance(clause, AnyOf):
            options = [self.held(option) for option in clause.options]
            score = np.maximum.reduce([option.score for option in options])
            return Held(score, np.bitwise_or.reduce([option.fields for option in options]))
        total = np.zeros(self.postings.size)
        fields = np.zeros(self.postings.size, np.int64)
        ways = patterns(clause.text, self.langs, prefix=isinstance(clause, Word) and clause.prefix)
        for bit, field in enumerate(FIELDS):
            if clause.field in {None, field.name}:
                score = best(self.postings.size, (self.pattern_scores(way, field.name) for way in ways))
                total += field.weight * score
                fields |= (score > 0).astype(np.int64) << bit
        return Held(total, fields)

    def pattern_scores(self, pattern: Pattern, field: str) -> tuple[Rows, Scores]:
        """The documents where the slots of the pattern stand in a row, and the sum of the scores of the slots."""
        terms = [self.slot_terms(slot, field) for slot in pattern]
        found = [self.slot_scores(field, of) for of in terms]
        if len(found) == 1:
            return found[0]
        rows = found[0][0]
        for others, _ in found[1:]:
            rows = np.intersect1d(rows, others, assume_unique=True)
        rows = self.rows_in_a_row(terms, field, rows)
        total = np.zeros(len(rows))
        for others, scores in found:
            total += scores[np.searchsorted(others, rows)]
        return rows, total

    def slot_terms(self, slot: Slot, field: str) -> tuple[Wanted, ...]:
        """The terms of a slot: itself, its stems, then those that complete its prefix."""
        stems = (Wanted(term, algorithm) for term, algorithm in sorted(slot.stems) if term != slot.term)
        exact = (Wanted(slot.term), *stems)
        if not slot.prefix:
            return exact
        completions = self.postings.completions(field, slot.prefix, max(1, self.completions))
        return exact + tuple(Wanted(term, weight=COMPLETED) for term in completions if term != slot.term)

    def slot_scores(self, field: str, terms: tuple[Wanted, ...]) -> tuple[Rows, Scores]:
        found = []
        for term, algorithm, weight in terms:
            rows, scores = self.postings.scores(field, term)
            if algorithm:
                kept = self.stemmed(algorithm)[rows]
                rows, scores = rows[kept], scores[kept]
            found.append((rows, scores * weight))
        if len(found) == 1:
            return found[0]
        score = best(self.postings.size, found)
        rows = np.flatnonzero(score)
        return rows, score[rows]

    def rows_in_a_row(self, slots: Sequence[tuple[Wanted, ...]], field: str, rows: Rows) -> Rows:
        """Those of the documents in which a term of each slot follows one of the slot before."""
        if not rows.size:
            return rows
        places = {term: self.postings.positions(field, term) for term in {wanted.term for of in slots for wanted in of}}

        def standing(row: int) -> Iterator[set[int]]:
            for terms in slots:
                here = (term for term, algorithm, _ in terms if not algorithm or self.stemmed(algorithm)[row])
                yield {place for term in here for place in places[term].get(row, ())}

        return np.array([row for row in rows.tolist() if follow(standing(row))], np.int64)


def prefixes(clause: Clause) -> int:
    """How many words of the clause may go on."""
    if isinstance(clause, AnyOf):
        return sum(map(prefixes, clause.options))
    return int(isinstance(clause, Word) and clause.prefix)


def follow(places: Iterator[set[int]]) -> bool:
    """Whether there is a place in the first set from which each next set goes on by one."""
    starts = next(places)
    for distance, later in enumerate(places, start=1):
        starts = {start for start in starts if start + distance in later}
    return bool(starts)


def best(size: int, found: Iterable[tuple[Rows, Scores]]) -> Scores:
    """The best score of each document, 0 for those not found."""
    score = np.zeros(size)
    for rows, scores in found:
        score[rows] = np.maximum(score[rows], scores)
    return score
