"""Clauses against the postings of one segment: which documents hold them, with what score, and in which fields.

In go clauses and an `Index`; out come arrays with a row for each document in question. The score of a word is the
weighted sum of its BM25 scores over the fields; where it may stand in several forms, the best form counts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.analysis import Pattern, Slot, patterns
from index.arrays import union
from index.schema import FIELD_NUMBERS, FIELDS
from index.segments.segment import Segment
from search.engine.bm25 import Statistics
from search.engine.terms import Found, Lexicon, Rows
from search.query import AnyOf, Clause, Phrase, Word

__all__ = ["COMPLETED", "Executor", "Index", "Leaf", "Scores", "Shard"]

Scores = NDArray[np.float64]

COMPLETED = 0.8
"""The score of a word that begins as asked, against the word itself."""

DENSE = 1 << 15
"""Documents; in segments of up to so many every document is given a row, in larger ones those in question."""

NAMES = [field.name for field in FIELDS]
WEIGHTS = [field.weight for field in FIELDS]


class Shard(NamedTuple):
    """A segment with what is looked up in it; `stemmed` gives the documents of a stemming algorithm (None: all)."""

    segment: Segment
    lexicon: Lexicon
    stemmed: Callable[[str], NDArray[np.bool_] | None]


class Index:
    """All segments of one commit: how rare terms are in all of it."""

    def __init__(self, shards: Sequence[Shard], langs: Collection[str]) -> None:
        self.shards = shards
        self.langs = langs
        self.statistics = Statistics.of((shard.segment.size, shard.lexicon.totals) for shard in shards)

    def idf(self, term: str, field: int) -> float:
        """The weight of a term in a field."""
        spans = (shard.lexicon.entries(term).get(field, (0, 0)) for shard in self.shards)
        return self.statistics.idf(sum(last - first for first, last in spans))

    def prefix_idf(self, prefix: str, field: int) -> float:
        """The weight of whatever begins so, as if it were one term."""
        found = (shard.lexicon.prefixed(prefix).get(field) for shard in self.shards)
        return self.statistics.idf(sum(len(of.rows) for of in found if of))


class Leaf(NamedTuple):
    """Documents, ascending, that hold a word or a row of words in a field, and the score of each (weight 1)."""

    field: int
    rows: Rows
    scores: Scores


@dataclass(frozen=True)
class Option:
    """One word or phrase with its leaves, of which there may be several a field: the best counts."""

    leaves: Sequence[Leaf]

    @cached_property
    def by_field(self) -> Mapping[int, list[Leaf]]:
        """The leaves of each field."""
        found: dict[int, list[Leaf]] = {}
        for leaf in self.leaves:
            found.setdefault(leaf.field, []).append(leaf)
        return found


class Executor:
    """Holds clauses against one segment. `rows` are the documents in question: every other one holds no clause."""

    def __init__(self, clauses: Iterable[Clause], index: Index, shard: Shard, also: Rows) -> None:
        """The documents `also` are in question whatever they hold."""
        self._index = index
        self._shard = shard
        self._lexicon = shard.lexicon
        self._options = {clause: [Option(self._leaves(o)) for o in options(clause)] for clause in clauses}
        found = [also, *(leaf.rows for of in self._options.values() for option in of for leaf in option.leaves)]
        size = shard.segment.size
        self._dense = size <= DENSE or sum(map(len, found)) * 2 > size
        self.rows = np.arange(size) if self._dense else union(found, size)
        if not self._dense:
            self._numbers = np.empty(size, np.int64)
            self._numbers[self.rows] = np.arange(len(self.rows))

    def scores(self, clause: Clause) -> Scores:
        """The score of the clause in each of the documents; 0 where it is not held."""
        found = [self._score(option) for option in self._options[clause]]
        return found[0] if len(found) == 1 else np.maximum.reduce(found)

    def _score(self, option: Option) -> Scores:
        total = np.zeros(len(self.rows))
        for field, leaves in option.by_field.items():
            if len(leaves) == 1:
                total[self._places(leaves[0].rows)] += WEIGHTS[field] * leaves[0].scores
                continue
            best = np.zeros(len(self.rows))
            for leaf in leaves:
                places = self._places(leaf.rows)
                best[places] = np.maximum(best[places], leaf.scores)
            total += WEIGHTS[field] * best
        return total

    def _places(self, rows: Rows) -> Rows:
        return rows if self._dense else self._numbers[rows]

    def fields(self, rows: Rows) -> list[tuple[str, ...]]:
        """The fields in which each of some documents holds any of the clauses."""
        held = np.zeros((len(FIELDS), len(rows)), np.bool_)
        for leaf in (leaf for of in self._options.values() for option in of for leaf in option.leaves):
            if leaf.rows.size:
                held[leaf.field] |= leaf.rows.take(leaf.rows.searchsorted(rows), mode="clip") == rows
        return [tuple(compress(NAMES, of)) for of in held.T.tolist()]

    def _leaves(self, option: Word | Phrase) -> list[Leaf]:
        """The leaves of a word or phrase, in the fields that it names."""
        only = None if option.field is None else FIELD_NUMBERS[option.field]
        found: list[Leaf] = []
        for way in patterns(option.text, self._index.langs, prefix=isinstance(option, Word) and option.prefix):
            leaves = {slot: list(self._slot(slot, only)) for slot in way}
            found += leaves[way[0]] if len(way) == 1 else self._in_a_row(way, leaves)
        return found

    def _slot(self, slot: Slot, only: int | None) -> Iterator[Leaf]:
        """The leaves of one place: of the term, of its stems, and of what completes its prefix."""
        for term, algorithm in [(slot.term, ""), *sorted(slot.stems)]:
            if algorithm and term == slot.term:
                continue
            for field, (first, last) in self._lexicon.entries(term).items():
                if only in (None, field):
                    found = self._of_algorithm(self._lexicon.found(first, last), algorithm)
                    yield self._leaf(field, found, self._index.idf(term, field))
        for field, found in self._lexicon.prefixed(slot.prefix).items() if slot.prefix else ():
            if only in (None, field):
                yield self._leaf(field, found, COMPLETED * self._index.prefix_idf(slot.prefix, field))

    def _of_algorithm(self, found: Found, algorithm: str) -> Found:
        """What is found in the documents that are stemmed by the algorithm; "" is any."""
        mask = self._shard.stemmed(algorithm) if algorithm else None
        if mask is None:
            return found
        kept = mask[found.rows]
        return Found(found.rows[kept], found.counts[kept])

    def _leaf(self, field: int, found: Found, idf: float) -> Leaf:
        lengths = self._shard.segment.records.lengths[field][found.rows]
        return Leaf(field, found.rows, self._index.statistics.scores(field, lengths, found.counts, idf))

    def _in_a_row(self, way: Pattern, slots: Mapping[Slot, Sequence[Leaf]]) -> Iterator[Leaf]:
        """The leaves of slots that follow one another, which score as the sum of the slots."""
        for field in set.intersection(*({leaf.field for leaf in leaves} for leaves in slots.values())):
            here = {slot: best_of([leaf for leaf in of if leaf.field == field]) for slot, of in slots.items()}
            rows = here[way[0]].rows
            for leaf in here.values():
                rows = np.intersect1d(rows, leaf.rows, assume_unique=True)
            rows = self._standing(way, field, rows)
            scores = [here[slot].scores[np.searchsorted(here[slot].rows, rows)] for slot in way]
            if rows.size:
                yield Leaf(field, rows, np.add.reduce(scores))

    def _standing(self, way: Pattern, field: int, rows: Rows) -> Rows:
        """Those of the documents in which the slots follow one another in the field."""
        owners, positions = self._places_of(way[0], field, rows)
        # One number a place, as small as can be: then a table tells which are there, and nothing need be sorted.
        span = int(positions.max(initial=0)) + len(way) + 1
        starts = owners * span + positions
        keys: dict[Slot, Rows] = {}
        for distance, slot in enumerate(way[1:], 1):
            if not starts.size:
                break
            if slot not in keys:
                owners, positions = self._places_of(slot, field, rows)
                keys[slot] = (owners * span + positions)[positions < span]
            starts = starts[np.isin(starts + distance, keys[slot])]
        return rows[union([starts // span], len(rows))]

    def _places_of(self, slot: Slot, field: int, rows: Rows) -> tuple[Rows, Rows]:
        """Where a slot stands in the field of the documents: the numbers of these among `rows`, and the positions."""
        postings = self._slot_postings(slot, field, rows)
        owners, tokens = self._lexicon.places(postings)
        numbers = np.searchsorted(rows, self._lexicon.postings.docs[postings].astype(np.int64))
        return numbers[owners], self._lexicon.postings.positions[tokens].astype(np.int64)

    def _slot_postings(self, slot: Slot, field: int, rows: Rows) -> Rows:
        """The numbers of the postings of a slot in the field of the documents."""
        found = [np.zeros(0, np.int64)]
        for term, algorithm in [(slot.term, ""), *slot.stems]:
            first, last = self._lexicon.entries(term).get(field, (0, 0))
            docs = self._lexicon.postings.docs[first:last]
            mask = self._shard.stemmed(algorithm) if algorithm else None
            wanted = rows if mask is None else rows[mask[rows]]
            places = np.searchsorted(docs, wanted.astype(docs.dtype))
            here = places < len(docs)
            here[here] = docs[places[here]] == wanted[here]
            found.append(places[here] + first)
        if slot.prefix:
            postings = self._lexicon.prefix_postings(slot.prefix, field)
            found.append(postings[np.isin(self._lexicon.postings.docs[postings], rows)])
        return union(found, len(self._lexicon.postings.docs))


def options(clause: Clause) -> tuple[Word | Phrase, ...]:
    return clause.options if isinstance(clause, AnyOf) else (clause,)


def best_of(leaves: Sequence[Leaf]) -> Leaf:
    """One leaf of those of a field, with the best score of each document."""
    if len(leaves) == 1:
        return leaves[0]
    rows = np.unique(np.concatenate([leaf.rows for leaf in leaves]))
    best = np.zeros(len(rows))
    for leaf in leaves:
        places = np.searchsorted(rows, leaf.rows)
        best[places] = np.maximum(best[places], leaf.scores)
    return Leaf(leaves[0].field, rows, best)
