"""Clauses against the postings of one segment: which documents hold them, in which fields, with what score.

In goes a clause and a `Postings` (what an engine can say of a term); out comes a `Held`: arrays with a row for each
document of the segment. The score of a word is the weighted sum of its BM25F scores over the fields; where it may
stand in several forms, the best form counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.analysis import Pattern, Slot, patterns
from index.schema import FIELDS
from search.query import AnyOf, Clause, Phrase, Word

__all__ = ["COMPLETIONS", "Held", "Postings", "Rows", "Scores", "held"]

Rows = NDArray[np.int64]
Scores = NDArray[np.float64]

COMPLETIONS = 100
"""How many terms a prefix may stand for in one field of one segment."""

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


def held(clause: Clause, postings: Postings, langs: Collection[str]) -> Held:
    """How well each document of the segment holds the clause."""
    if isinstance(clause, AnyOf):
        options = [held(option, postings, langs) for option in clause.options]
        score = np.maximum.reduce([option.score for option in options])
        return Held(score, np.bitwise_or.reduce([option.fields for option in options]))
    return held_in_fields(clause, postings, langs)


def held_in_fields(clause: Word | Phrase, postings: Postings, langs: Collection[str]) -> Held:
    ways = patterns(clause.text, langs, prefix=isinstance(clause, Word) and clause.prefix)
    total = np.zeros(postings.size)
    fields = np.zeros(postings.size, np.int64)
    for bit, field in enumerate(FIELDS):
        if clause.field in {None, field.name}:
            score = best(postings.size, (pattern_scores(way, field.name, postings) for way in ways))
            total += field.weight * score
            fields |= (score > 0).astype(np.int64) << bit
    return Held(total, fields)


def best(size: int, found: Iterable[tuple[Rows, Scores]]) -> Scores:
    """The best score of each document, 0 for those not found."""
    score = np.zeros(size)
    for rows, scores in found:
        score[rows] = np.maximum(score[rows], scores)
    return score


def pattern_scores(pattern: Pattern, field: str, postings: Postings) -> tuple[Rows, Scores]:
    """The documents where the slots of the pattern stand in a row, and the sum of the scores of the slots."""
    found = [slot_scores(slot, field, postings) for slot in pattern]
    if len(found) == 1:
        return found[0]
    rows = found[0][0]
    for others, _ in found[1:]:
        rows = np.intersect1d(rows, others, assume_unique=True)
    rows = rows_in_a_row(pattern, field, postings, rows)
    total = np.zeros(len(rows))
    for others, scores in found:
        total += scores[np.searchsorted(others, rows)]
    return rows, total


def rows_in_a_row(pattern: Pattern, field: str, postings: Postings, rows: Rows) -> Rows:
    """Those of the documents in which the slots follow one another."""
    if not rows.size:
        return rows
    places = [slot_positions(slot, field, postings) for slot in pattern]
    return np.array([row for row in rows.tolist() if follow([place(row) for place in places])], np.int64)


def follow(places: Sequence[set[int]]) -> bool:
    starts = places[0]
    for distance, place in enumerate(places[1:], start=1):
        starts = {start for start in starts if start + distance in place}
    return bool(starts)


def slot_terms(slot: Slot, field: str, postings: Postings) -> list[str]:
    """The terms of a slot, then those that complete its prefix."""
    exact = sorted(slot.terms)
    if not slot.prefix:
        return exact
    return exact + [t for t in postings.completions(field, slot.prefix, COMPLETIONS) if t not in slot.terms]


def slot_scores(slot: Slot, field: str, postings: Postings) -> tuple[Rows, Scores]:
    found = []
    for term in slot_terms(slot, field, postings):
        rows, scores = postings.scores(field, term)
        found.append((rows, scores if term in slot.terms else scores * COMPLETED))
    if len(found) == 1:
        return found[0]
    score = best(postings.size, found)
    rows = np.flatnonzero(score)
    return rows, score[rows]


class slot_positions:  # noqa: N801 - used as the function that it makes
    """Where any term of a slot stands, by document; each term's positions are read once."""

    def __init__(self, slot: Slot, field: str, postings: Postings) -> None:
        self._found = [postings.positions(field, term) for term in slot_terms(slot, field, postings)]

    def __call__(self, row: int) -> set[int]:
        return {place for found in self._found for place in found.get(row, ())}
