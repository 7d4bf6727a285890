"""Turns a query into the ids and scores of the documents that match it in one segment; `ranking` picks the best."""

from __future__ import annotations

import numpy as np

from search.engine.bm25 import CollectionStatistics
from search.engine.columns import Mask
from search.engine.ranking import Candidates
from search.engine.scorer import SegmentScorer
from search.engine.segment_reader import SegmentReader
from search.query import Query

__all__ = ["matches_in"]


def matches_in(
    query: Query, segment: int, reader: SegmentReader, live_docs: Mask, statistics: CollectionStatistics, now: float
) -> tuple[Candidates, SegmentScorer]:
    """The documents that match in segment number `segment` at `now` (seconds since 1970), and what scored them.

    They hold the clauses of the query, or are titled like it, pass its filters and may be found now. `live_docs` are
    the documents that are not deleted.
    """
    columns = reader.columns
    titled = columns.titled(query.text)
    also = np.flatnonzero(titled) if query.clauses else np.arange(reader.segment.size)
    scorer = SegmentScorer((*query.clauses, *query.excluded), statistics, reader, also)

    doc_ids = scorer.doc_ids
    matches = live_docs[doc_ids]
    if not columns.timeless:
        matches &= columns.visible(now)[doc_ids]
    passing = columns.passing(query.filters)
    if passing is not None:
        matches &= passing[doc_ids]

    # Weak clauses bring no document in, unless there are no others.
    strong = [clause for clause in query.clauses if not clause.weak] or list(query.clauses)
    coverage, score = np.zeros(len(doc_ids), np.int64), np.zeros(len(doc_ids))
    for clause in query.clauses:
        clause_score = scorer.scores(clause)
        score += clause_score
        if clause in strong:
            coverage += clause_score > 0
        if clause.required:
            matches &= clause_score > 0
    if query.clauses:
        matches &= (coverage > 0) | titled[doc_ids]
    for clause in query.excluded:
        matches &= scorer.scores(clause) == 0

    rows = np.flatnonzero(matches)
    doc_ids = doc_ids[rows]
    doc_values = columns.doc_values
    candidates = Candidates(
        segment=np.full(len(rows), segment, np.int64),
        doc_id=doc_ids,
        coverage=coverage[rows],
        score=score[rows],
        titled=titled[doc_ids],
        date=doc_values.date[doc_ids],
        boost=doc_values.boost[doc_ids],
        tie=doc_values.tie[doc_ids].astype(np.int64),
    )
    return candidates, scorer
