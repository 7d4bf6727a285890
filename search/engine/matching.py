"""Turns a query into the documents that match it in one segment, and scores those that may come onto the page;
`ranking` puts these in order."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import reduce
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.analysis import Pattern, patterns
from index.arrays import are_in, distinct
from index.schema import FIELDS
from search.engine.columns import Mask
from search.engine.facets import FACET_FILTERS
from search.engine.ranking import ROUNDING, Candidates, by_date, reached
from search.engine.scorer import SegmentScorer
from search.engine.segment_reader import SegmentReader
from search.engine.similarity import ALL_WORDS_LIFT, FRESHNESS, CollectionStatistics, Floats
from search.engine.terms import NO_DOCS, Ints
from search.query import Query, options_of

__all__ = ["MAX_ROW_TOKENS", "SegmentMatches", "in_a_row", "matches_in", "pin_ranks", "typed_row"]

MAX_ROW_TOKENS = 1 << 16
"""Words in a row are looked for in a field where the rarest of them stands no more often than this."""

MANY = 5000
"""Up to so many matches are all scored; of more, only those that may come onto the page."""

MAX_BITS = 8
"""The clauses that tell one match from another before they are scored, those of the highest scores."""


class SegmentMatches(NamedTuple):
    """What matches in one segment.

    `matches` says which documents do, `doc_ids` are the same, ascending. `titled` are those whose title the query is,
    and `counted` by facet the documents that are counted (see `facets`).
    """

    reader: SegmentReader
    scorer: SegmentScorer
    matches: Mask
    doc_ids: Ints
    titled: Ints
    counted: Mapping[str, Ints]

    def candidates(self, query: Query, segment: int, langs: Collection[str], count: int) -> Candidates:
        """Those of the documents that may be among the best `count`; `segment` is the number of the segment."""
        doc_ids, doc_values = self.doc_ids, self.reader.columns.doc_values
        in_row = in_a_row(query, self.reader, self.scorer, langs, self.matches)
        pinned = np.array(pinned_ids(query, self.reader), np.int64)
        first = np.concatenate([pinned[self.matches[pinned]], self.titled, in_row])
        if len(doc_ids) <= count:
            score = self.scorer.document_scores(doc_ids).factors.product
        elif query.sort == "relevance" and query.clauses:
            doc_ids, score = self._best(count, first)
        else:
            key = by_date(doc_values.date[doc_ids], query.sort)
            leading = key >= reached(key, count)
            leading[doc_ids.searchsorted(first)] = True
            doc_ids = doc_ids[leading]
            score = self.scorer.document_scores(doc_ids).factors.product
        return Candidates(
            segment=np.full(len(doc_ids), segment),
            doc_id=doc_ids,
            score=score,
            pin=pin_ranks(query, self.reader, doc_ids),
            titled=are_in(doc_ids, self.titled),
            in_row=are_in(doc_ids, in_row),
            date=doc_values.date[doc_ids],
            boost=doc_values.boost[doc_ids],
            tie=doc_values.tie[doc_ids].astype(np.int64),
            meaning=np.ones(len(doc_ids)),
        )

    def _best(self, count: int, first: Ints) -> tuple[Ints, Floats]:
        """The documents that may be among the best `count` by their scores, with these but for boost and freshness;
        documents that come `first`, whatever their scores, are among them.

        This is MAXSCORE: the words that a document holds tell what its score does not exceed. Those of the highest
        bounds are scored, and of the others such as may still come before the best of these. Documents with a word in
        the title or in tags, whose scores may be many times as high, are few: they are all scored.
        """
        least, most = self.reader.columns.boosts
        if self.reader.columns.dated:
            most *= 1 + FRESHNESS
        doc_ids, every = self.doc_ids, len(self.doc_ids) <= max(MANY, count)
        chosen = np.full(len(doc_ids), every)
        if not every:
            special = np.zeros_like(self.matches)
            special[np.concatenate([first, self.scorer.in_title_or_tags()])] = True
            chosen = special.take(doc_ids)
            held, bounds = self._bounds()
            order = np.argsort(-bounds)
            posts = np.bincount(held, minlength=len(bounds))[order].cumsum()
            chosen |= (bounds >= bounds[order[posts.searchsorted(count)]]).take(held)
        scored = doc_ids[chosen]
        score = self.scorer.document_scores(scored).factors.product
        enough = reached(score, count) * least * (1 - ROUNDING)
        if not every and (more := (bounds * most >= enough).take(held) > chosen).any():
            others = doc_ids[more]
            scored = np.concatenate([scored, others])
            score = np.concatenate([score, self.scorer.document_scores(others).factors.product])
            enough = reached(score, count) * least * (1 - ROUNDING)
        leading = (score * most >= enough) | are_in(scored, distinct(first))
        return scored[leading], score[leading]

    def _bounds(self) -> tuple[NDArray[np.uint8], Floats]:
        """For each document a number whose bits say which clauses it holds; and for each such number what the score of
        a document does not exceed, but for boost and freshness, if its title and its tags hold no word. `whole` are the
        numbers of documents that may hold all strong clauses."""
        strong = {found.clause for found in self.scorer.strong}
        clauses = sorted(self.scorer.clauses, key=lambda found: -found.most)
        held = np.zeros(len(self.doc_ids), np.uint8)
        bounds, whole = np.full(1, sum(found.most for found in clauses[MAX_BITS:])), np.ones(1, np.bool_)
        for bit, found in enumerate(clauses[:MAX_BITS]):
            held |= found.held.view(np.uint8).take(self.doc_ids) << bit
            bounds = np.concatenate([bounds, bounds + found.most])
            whole = np.concatenate([whole & (found.clause not in strong), whole])
        return held, np.where(whole, bounds * ALL_WORDS_LIFT, bounds)


def matches_in(query: Query, reader: SegmentReader, findable: Mask, statistics: CollectionStatistics) -> SegmentMatches:
    """The documents that match in a segment: they hold the clauses of the query, are titled like it or pinned to it,
    pass its filters and are `findable`."""
    columns, scorer = reader.columns, SegmentScorer(query, statistics, reader)
    titled = columns.titled(query.wanted)
    matches = findable
    if query.clauses:
        matches = reduce(np.logical_or, (found.held for found in scorer.strong), np.zeros_like(findable))
        matches[titled] = True
        for found in scorer.clauses:
            if found.clause.required:
                matches &= found.held
        matches[pinned_ids(query, reader)] = True
        matches &= findable
    for found in scorer.excluded:
        matches = matches & ~found.held

    counted = {}
    for facet, name in FACET_FILTERS.items():
        if query.facet_size and getattr(query.filters, name):
            passing = columns.passing(query.filters.without(name))
            counted[facet] = (matches if passing is None else matches & passing).nonzero()[0]
    passing = columns.passing(query.filters)
    if passing is not None:
        matches = matches & passing
    doc_ids = matches.nonzero()[0]
    counted = dict.fromkeys(FACET_FILTERS, doc_ids) | counted
    return SegmentMatches(reader, scorer, matches, doc_ids, titled[matches[titled]], counted)


def pinned_ids(query: Query, reader: SegmentReader) -> list[int]:
    """The documents that are pinned to the query."""
    return [doc_id for id in query.pinned if (doc_id := reader.segment.records.find(id)) is not None]


def pin_ranks(query: Query, reader: SegmentReader, doc_ids: Ints) -> Ints:
    """For each of some documents 0, or, where it is pinned to the query, the more the sooner it comes."""
    ranks = np.zeros(len(doc_ids), np.int64)
    for rank, id in enumerate(reversed(query.pinned), 1):
        if (doc_id := reader.segment.records.find(id)) is not None:
            ranks[doc_ids == doc_id] = rank
    return ranks


def typed_row(query: Query, langs: Collection[str]) -> Pattern:
    """The words of the query as they may follow one another in a post as typed; () where they are not several."""
    several = sum(option.share == 1 for clause in query.clauses for option in options_of(clause)) > 1
    typed = patterns(query.wanted, langs) if several else ()
    return typed[-1] if typed else ()


def in_a_row(query: Query, reader: SegmentReader, scorer: SegmentScorer, langs: Collection[str], among: Mask) -> Ints:
    """Those of the documents `among`, ascending, in which the words of the query follow one another in a field as
    typed. Only such as hold all of its clauses are looked at."""
    whole = reduce(np.logical_and, (found.held for found in scorer.strong), among)
    if not whole.any() or not (pattern := typed_row(query, langs)):
        return NO_DOCS.doc_ids
    fields = [
        field
        for field in reader.fields_of(pattern)
        if reader.terms.token_counts[field] <= MAX_ROW_TOKENS
        or any(reader.count(slot, [field]) <= MAX_ROW_TOKENS for slot in pattern)
    ]
    cells, _ = reader.in_a_row(pattern, fields, whole.nonzero()[0])
    return distinct(cells % reader.segment.size)
