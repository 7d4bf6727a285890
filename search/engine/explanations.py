"""Explanations: what the score of a document is made of, and why a document does not match.

Both ask what search asks, so that they say what it does: the scorer, the columns, and the row of words.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from search.engine.matching import in_a_row, pin_ranks
from search.engine.scorer import SegmentScorer, Weights, document_scores
from search.engine.segment_reader import SegmentReader
from search.engine.similarity import CollectionStatistics, Floats, freshness
from search.engine.terms import Ints
from search.matches import ClauseScore, Explanation, ScoreParts
from search.query import Filters, Query
from search.query.parser import clause_text

__all__ = ["explained", "score_parts"]


def explained(
    explanation: Explanation,
    query: Query,
    reader: SegmentReader,
    statistics: CollectionStatistics,
    doc_id: int,
    meaning: Floats,
    now: float,
) -> Explanation:
    """The explanation, with what there is to say of one document: its score, and why it does not match.

    `meaning` [1] is the part that rescoring has in its score; `now` is in seconds since 1970.
    """
    doc_ids = np.array([doc_id])
    scorer = SegmentScorer(Weights(query, statistics), reader)
    return replace(
        explanation,
        document=reader.documents[doc_id],
        parts=score_parts(query, reader, scorer, statistics.langs, doc_ids, meaning, now)[0],
        missing=reasons(query, reader, scorer, doc_id, now),
    )


def score_parts(
    query: Query,
    reader: SegmentReader,
    scorer: SegmentScorer,
    langs: Collection[str],
    doc_ids: Ints,
    meaning: Floats,
    now: float,
) -> list[ScoreParts]:
    """The parts of the scores that documents (ascending) of a segment have at `now`, in seconds since 1970.

    Also of those that don't match: these would have them. `scorer` is that of the query, `langs` are the languages of
    all posts, and `meaning` is the part that rescoring has.
    """
    scores = document_scores([scorer], [doc_ids])
    clauses: list[list[ClauseScore]] = [[] for _ in doc_ids]
    for found, clause_scores in zip(scorer.clauses, scores.clauses, strict=True):
        weight, fields = found.weight, scorer.fields(doc_ids, [found])
        for scored, score, names in zip(clauses, (weight.share * clause_scores).tolist(), fields, strict=True):
            scored.append(ClauseScore(clause_text(weight.clause), weight.idf, score, names))
    doc_values = reader.columns.doc_values
    every = np.ones(reader.segment.size, np.bool_)
    columns = (
        pin_ranks(query, reader, doc_ids) > 0,
        np.isin(doc_ids, reader.columns.titled(query.wanted)),
        np.isin(doc_ids, in_a_row(query, reader, scorer, langs, every)),
        *scores.factors,
        doc_values.boost[doc_ids].astype(np.float64),
        freshness(doc_values.date[doc_ids], now),
        meaning,
    )
    return list(map(ScoreParts, *(column.tolist() for column in columns), map(tuple, clauses)))


def reasons(query: Query, reader: SegmentReader, scorer: SegmentScorer, doc_id: int, now: float) -> tuple[str, ...]:
    """Why a candidate that is not deleted does not match at `now`, in sentences; none where it does."""
    columns, document, told = reader.columns, reader.documents[doc_id], []
    if not columns.visible(now)[doc_id]:
        since, until = document.visible_from, document.visible_to
        told.append(
            f"It is hidden until {since}." if since and now < since.timestamp() else f"It is hidden since {until}."
        )

    day = document.date.date() if document.date else None
    own: dict[str, Sequence[object] | date | None] = {
        "tag": document.tags, "author": document.author, "category": document.category, "lang": (document.lang,),
        "since": day, "until": day, "year": (day.year,) if day else (),
        "site": (document.site,) if document.site else (),
    }  # fmt: skip
    for name, values in own.items():
        wanted = getattr(query.filters, name)
        passing = columns.passing(Filters(**{name: wanted}))
        if passing is not None and not passing[doc_id]:
            told.append(f"It does not pass the filter {name}: {listed(wanted)}; its own: {listed(values)}.")

    for found in scorer.excluded:
        if found.held[doc_id]:
            names = listed(*scorer.fields(np.array([doc_id]), [found]))
            told.append(f"It holds {clause_text(found.weight.clause)}, which the query excludes, in: {names}.")
    if document.id in query.pinned:
        return tuple(told)  # It matches whatever it holds.
    lacked = [found for found in scorer.clauses if not found.held[doc_id]]
    required = [clause_text(found.weight.clause) for found in lacked if found.weight.clause.required]
    if required:
        told.append(f"It lacks what the query requires: {listed(required)}.")
    elif query.clauses and not (
        any(found.held[doc_id] for found in scorer.strong) or doc_id in columns.titled(query.wanted)
    ):
        words = listed([clause_text(found.weight.clause) for found in lacked])
        told.append(f"It holds none of the words that could bring it in: {words}.")
    return tuple(told)


def listed(values: Sequence[object] | date | None) -> str:
    """The values of a filter, or of a post, as a sentence names them."""
    if isinstance(values, date):
        return str(date.fromordinal(values.toordinal()))
    return ", ".join(map(str, values or ["none"]))
