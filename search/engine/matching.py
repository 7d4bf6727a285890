"""Turns a query into the documents that match it in one segment, and scores those that may come onto the page;
`ranking` puts these in order."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import reduce
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.analysis import Pattern, patterns
from index.arrays import are_in, distinct
from search.engine.columns import Mask
from search.engine.facets import FACET_FILTERS
from search.engine.ranking import ROUNDING, Candidates, by_date, reached
from search.engine.scorer import SegmentScorer, Weights, document_scores
from search.engine.segment_reader import SegmentReader
from search.engine.similarity import FRESHNESS, Floats
from search.engine.terms import NO_DOCS, Ints
from search.query import Query, options_of

__all__ = ["MAX_ROW_TOKENS", "SegmentMatches", "candidates", "in_a_row", "matches_in", "pin_ranks", "typed_row"]

MAX_ROW_TOKENS = 1 << 16
"""Words in a row are looked for in a field where the rarest of them stands no more often than this."""

MANY = 5000
"""Up to so many matches are all scored; of more, only those that may come onto the page."""

TIGHTNESS = 0.8
"""The scores of the documents with the highest bounds are seldom less than this part of the bounds."""


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


def candidates(query: Query, found: Sequence[SegmentMatches], langs: Collection[str], count: int) -> Candidates:
    """Those of the documents found in some segments, of which there is at least one, that may be among the best
    `count`."""
    holding = [number for number, one in enumerate(found) if one.doc_ids.size] or [0]
    found = [found[number] for number in holding]
    in_row = [in_a_row(query, one.reader, one.scorer, langs, one.matches) for one in found]
    pinned = [np.array(pinned_ids(query, one.reader), np.int64) for one in found]
    first = [
        np.concatenate([own[one.matches[own]], one.titled, row])
        for own, one, row in zip(pinned, found, in_row, strict=True)
    ]
    chosen = [one.doc_ids for one in found]
    by_score = query.sort == "relevance" and query.clauses
    if sum(map(len, chosen)) > count and not by_score:
        keys = [by_date(one.reader.columns.doc_values.date[one.doc_ids], query.sort) for one in found]
        enough = reached(np.concatenate(keys), count)
        chosen = [
            ids[(key >= enough) | are_in(ids, np.sort(own))] for ids, key, own in zip(chosen, keys, first, strict=True)
        ]
    if sum(map(len, chosen)) > count and by_score:
        chosen, score = best(found, first, count)
    else:
        score = document_scores([one.scorer for one in found], chosen).factors.product
    parts = []
    for number, one, doc_ids, own_score, row in zip(holding, found, chosen, split(score, chosen), in_row, strict=True):
        doc_values = one.reader.columns.doc_values
        parts.append(
            Candidates(
                segment=np.full(len(doc_ids), number),
                doc_id=doc_ids,
                score=own_score,
                pin=pin_ranks(query, one.reader, doc_ids),
                titled=are_in(doc_ids, one.titled),
                in_row=are_in(doc_ids, row),
                date=doc_values.date[doc_ids],
                boost=doc_values.boost[doc_ids],
                tie=doc_values.tie[doc_ids].astype(np.int64),
                meaning=np.ones(len(doc_ids)),
            )
        )
    return Candidates.joined(parts)


def best(found: Sequence[SegmentMatches], first: Sequence[Ints], count: int) -> tuple[list[Ints], Floats]:
    """The documents of each segment that may be among the best `count` by their scores, with these but for boost and
    freshness; documents that come `first`, whatever their scores, are among them.

    How often a document holds the words, and how long it is, tell quickly what its score does not exceed. Those of the
    highest bounds are scored, and of the others such as may still come before the best of these.
    """
    columns = [one.reader.columns for one in found]
    # Freshness, which is not known here, lifts a score by so much at most, and lowers none.
    most = 1 + FRESHNESS if any(one.dated for one in columns) else 1.0

    def boosted(values: NDArray[np.floating], doc_ids: Sequence[Ints]) -> NDArray[np.floating]:
        if not any(one.boosted for one in columns):
            return values
        boosts = [one.doc_values.boost.take(ids) for one, ids in zip(columns, doc_ids, strict=True)]
        return values * np.concatenate(boosts, dtype=np.float64)

    scorers, doc_ids = [one.scorer for one in found], [one.doc_ids for one in found]
    scored, every = doc_ids, sum(map(len, doc_ids)) <= max(MANY, count)
    if not every:
        bounds = boosted(np.concatenate([one.scorer.bounds(one.doc_ids) for one in found]), doc_ids)
        chosen = bounds >= reached(bounds, count) * TIGHTNESS / most  # a guess: what it misses is scored below
        for mask, own, ids in zip(split(chosen, doc_ids), first, doc_ids, strict=True):
            mask[ids.searchsorted(own)] = True
        scored = [ids[mask.nonzero()[0]] for ids, mask in zip(doc_ids, split(chosen, doc_ids), strict=True)]
    score = document_scores(scorers, scored).factors.product
    worth = boosted(score, scored)
    enough = reached(worth, count) * (1 - ROUNDING) / most
    if not every and (more := (bounds >= enough) > chosen).any():
        others = [ids[mask.nonzero()[0]] for ids, mask in zip(doc_ids, split(more, doc_ids), strict=True)]
        others_score = document_scores(scorers, others).factors.product
        pairs = zip(split(score, scored), split(others_score, others), strict=True)
        score = np.concatenate([part for pair in pairs for part in pair])
        scored = [np.concatenate(pair) for pair in zip(scored, others, strict=True)]
        worth = boosted(score, scored)
        enough = reached(worth, count) * (1 - ROUNDING) / most
    leading = worth >= enough
    leading |= np.concatenate([are_in(ids, np.sort(own)) for ids, own in zip(scored, first, strict=True)])
    return [ids[own] for ids, own in zip(scored, split(leading, scored), strict=True)], score[leading]


def split(values: NDArray[Any], like: Sequence[Ints]) -> list[NDArray[Any]]:
    """The values in parts that are as long as some arrays."""
    return [values[end - len(one) : end] for one, end in zip(like, accumulate(map(len, like)), strict=True)]


def matches_in(query: Query, reader: SegmentReader, findable: Mask, weights: Weights) -> SegmentMatches:
    """The documents that match in a segment: they hold the clauses of the query, of these weights, are titled like it
    or pinned to it, pass its filters and are `findable`."""
    columns, scorer = reader.columns, SegmentScorer(weights, reader)
    titled = columns.titled(query.wanted)
    matches = findable
    if query.clauses:
        matches = reduce(np.logical_or, (found.held for found in scorer.strong), np.zeros_like(findable))
        matches[titled] = True
        for found in scorer.clauses:
            if found.weight.clause.required:
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
    pattern = typed_row(query, langs)
    whole = scorer.whole[among.take(scorer.whole)] if pattern else NO_DOCS.doc_ids
    if not whole.size:
        return whole
    fields = [
        field
        for field, tokens in enumerate(reader.terms.token_counts)
        if tokens <= MAX_ROW_TOKENS or any(reader.count(slot, [field]) <= MAX_ROW_TOKENS for slot in pattern)
    ]
    cells, _ = reader.in_a_row(pattern, fields, whole)
    return distinct(cells % reader.segment.size)
