"""Turns a query into the ids and scores of the documents that match it in one segment; `ranking` picks the best."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np

from index.analysis import Pattern, patterns
from index.schema import FIELDS
from search.engine.columns import Mask
from search.engine.facets import FACET_FILTERS
from search.engine.ranking import Candidates
from search.engine.scorer import SegmentScorer
from search.engine.segment_reader import SegmentReader
from search.engine.similarity import CollectionStatistics
from search.engine.terms import Ints
from search.query import Query, options_of

__all__ = ["MAX_ROW_TOKENS", "SegmentMatches", "in_a_row", "matches_in", "pin_ranks", "typed_row"]

MAX_ROW_TOKENS = 1 << 16
"""How often the rarest word of a query may stand in a field for that the words are looked for in a row."""


class SegmentMatches(NamedTuple):
    """What matches in one segment, what scored it, and by facet the documents that are counted (see `facets`)."""

    candidates: Candidates
    scorer: SegmentScorer
    counted: Mapping[str, Ints]


def matches_in(
    query: Query, segment: int, reader: SegmentReader, live_docs: Mask, statistics: CollectionStatistics, now: float
) -> SegmentMatches:
    """The documents that match in segment number `segment` at `now`, in seconds since 1970.

    They hold the clauses of the query, are titled like it or pinned to it, pass its filters and may be found now.
    `live_docs` are the documents that are not deleted.
    """
    columns = reader.columns
    titled = columns.titled(query.wanted)
    also = np.flatnonzero(titled) if query.clauses else np.arange(reader.segment.size)
    if query.pinned:
        found = [doc_id for id in query.pinned if (doc_id := reader.segment.records.find(id)) is not None]
        also = np.union1d(also, np.array(found, np.int64))
    scorer = SegmentScorer((*query.clauses, *query.excluded), statistics, reader, also)
    scores = scorer.document_scores(query.clauses)

    doc_ids = scorer.doc_ids
    pin = pin_ranks(query, reader, doc_ids)
    matches = live_docs[doc_ids]
    if not columns.timeless:
        matches &= columns.visible(now)[doc_ids]
    for clause in query.excluded:
        matches &= scorer.clause_scores(clause).scores == 0
    if query.clauses:
        matches &= (scores.required & (scores.any_word | titled[doc_ids])) | (pin > 0)

    counted = {}
    for facet, name in FACET_FILTERS.items():
        if query.facet_size and getattr(query.filters, name):
            passing = columns.passing(query.filters.without(name))
            counted[facet] = doc_ids[matches if passing is None else matches & passing[doc_ids]]
    passing = columns.passing(query.filters)
    if passing is not None:
        matches &= passing[doc_ids]

    rows = np.flatnonzero(matches)
    doc_ids = doc_ids[rows]
    doc_values = columns.doc_values
    candidates = Candidates(
        segment=np.full(len(rows), segment, np.int64),
        doc_id=doc_ids,
        score=scores.factors.product[rows],
        pin=pin[rows],
        titled=titled[doc_ids],
        in_row=in_a_row(query, reader, statistics.langs, doc_ids, scores.all_words[rows]),
        date=doc_values.date[doc_ids],
        boost=doc_values.boost[doc_ids],
        tie=doc_values.tie[doc_ids].astype(np.int64),
        meaning=np.ones(len(rows)),
    )
    return SegmentMatches(candidates, scorer, dict.fromkeys(FACET_FILTERS, doc_ids) | counted)


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


def in_a_row(query: Query, reader: SegmentReader, langs: Collection[str], doc_ids: Ints, all_words: Mask) -> Mask:
    """In which of some documents (ascending) the words follow one another in a field as typed.

    Only those that `all_words` says to hold them all are looked at.
    """
    found = np.zeros(len(doc_ids), np.bool_)
    rows = np.flatnonzero(all_words)
    if not rows.size or not (pattern := typed_row(query, langs)):
        return found
    candidates = doc_ids[rows]
    counts = {field: min(reader.count(slot, [field]) for slot in pattern) for field in range(len(FIELDS))}
    places = {field: candidates for field, count in counts.items() if 0 < count <= MAX_ROW_TOKENS}
    found[rows[reader.phrase(pattern, places)[0] % len(rows)]] = True
    return found
