"""A query over all segments of an index: which documents match, the wanted page of them, and the facets of all.

In go a `Query` and the segments of one commit; out comes a `Collected`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.segments.segment import Segment
from search.engine.columns import Attributes, Mask
from search.engine.facets import Facets
from search.engine.ranking import Candidates, order
from search.engine.scorer import Executor, Index, Shard
from search.engine.terms import Lexicon
from search.query import Query

__all__ = ["Collected", "Collection", "Member", "Ranked"]

Numbers = NDArray[np.int64]


class Member:
    """One segment, with what is made of its arrays once and kept."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self.attributes = Attributes(segment.records.doc_values)
        self.shard = Shard(segment, Lexicon(segment), self.attributes.stemmed)


class Ranked(NamedTuple):
    """One match: document `row` of segment `segment`, its score, and the names of the fields that hold it."""

    segment: int
    row: int
    score: float
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Collected:
    """The wanted page of matches, how many there are in all, and the facets of all of them."""

    page: tuple[Ranked, ...]
    total: int
    facets: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Matched:
    """The matches of one segment: their rows, and for each its coverage, score and whether by title."""

    rows: Numbers
    coverage: Numbers
    score: NDArray[np.float64]
    titled: Mask
    executor: Executor


class Collection:
    """The segments of one commit, and which of their documents are not deleted."""

    def __init__(self, members: Sequence[Member], alive: Sequence[Mask]) -> None:
        self.members = members
        self.alive = alive
        self.langs = frozenset(name for member in members for name in member.attributes.lang.names)
        self.index = Index([member.shard for member in members], self.langs)
        self.facets = Facets(member.attributes for member in members)

    def collect(self, query: Query, now: float) -> Collected:
        """The matches among the documents that may be found at `now` (seconds since 1970)."""
        matched = [self._match(query, number, now) for number in range(len(self.members))]
        total = sum(len(found.rows) for found in matched)
        facets = self.facets.of([found.rows for found in matched], query.facet_size)
        if not total:
            return Collected((), 0, facets)
        last = query.page * query.per_page
        ranks, scores = order(self._candidates(matched), query.sort, now, last)
        owners = np.repeat(np.arange(len(matched)), [len(found.rows) for found in matched])
        rows = np.concatenate([found.rows for found in matched])
        first = last - query.per_page
        return Collected(self._page(matched, owners[ranks][first:], rows[ranks][first:], scores[first:]), total, facets)

    def _page(
        self, matched: Sequence[Matched], owners: Numbers, rows: Numbers, scores: NDArray[np.float64]
    ) -> tuple[Ranked, ...]:
        """The matches of a page by their segment and row."""
        fields = {
            (owner, row): names
            for owner in set(owners.tolist())
            for row, names in zip(
                rows[owners == owner].tolist(), matched[owner].executor.fields(rows[owners == owner]), strict=True
            )
        }
        places = zip(owners.tolist(), rows.tolist(), strict=True)
        return tuple(Ranked(*place, score, fields[place]) for place, score in zip(places, scores.tolist(), strict=True))

    def _match(self, query: Query, number: int, now: float) -> Matched:
        """The documents of a segment that match the query."""
        member, alive = self.members[number], self.alive[number]
        titled = member.attributes.titled(query.text)
        also = np.flatnonzero(titled) if query.clauses else np.arange(member.segment.size)
        executor = Executor((*query.clauses, *query.excluded), self.index, member.shard, also)
        rows = executor.rows
        good = self._findable(member, alive, query, now, rows)
        strong = [clause for clause in query.clauses if not clause.weak] or list(query.clauses)
        coverage, score = np.zeros(len(rows), np.int64), np.zeros(len(rows))
        for clause in query.clauses:
            one = executor.scores(clause)
            score += one
            if clause in strong:
                coverage += one > 0
            if clause.required:
                good &= one > 0
        if query.clauses:
            good &= (coverage > 0) | titled[rows]
        for clause in query.excluded:
            good &= executor.scores(clause) == 0
        kept = np.flatnonzero(good)
        return Matched(rows[kept], coverage[kept], score[kept], titled[rows[kept]], executor)

    def _findable(self, member: Member, alive: Mask, query: Query, now: float, rows: Numbers) -> Mask:
        """Which of the rows are not deleted, may be found now, and pass the filters."""
        good = alive[rows]
        if not member.attributes.timeless:
            good &= member.attributes.visible(now)[rows]
        passing = member.attributes.passing(query.filters)
        return good if passing is None else good & passing[rows]

    def _candidates(self, matched: Sequence[Matched]) -> Candidates:
        facts = [
            (member.segment.records.doc_values, found.rows) for member, found in zip(self.members, matched, strict=True)
        ]
        return Candidates(
            coverage=np.concatenate([found.coverage for found in matched]),
            score=np.concatenate([found.score for found in matched]),
            titled=np.concatenate([found.titled for found in matched]),
            date=np.concatenate([of.date[rows] for of, rows in facts]),
            boost=np.concatenate([of.boost[rows] for of, rows in facts]),
            tie=np.concatenate([of.tie[rows] for of, rows in facts]).astype(np.int64),
        )
