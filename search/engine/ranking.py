"""The order of matches: coverage, scores and attributes go in, the best come out first.

By relevance, posts whose whole title is the query come first, then those that hold more of its clauses; among those,
the score (BM25, summed over the fields by weight) times the post's own boost times freshness decides. All weights but
those of the fields (`index.schema.FIELDS`) are here.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from search.query import Sort

__all__ = ["FRESHNESS", "HALF_LIFE", "Candidates", "final_scores", "order"]

FRESHNESS = 0.2
"""By how much of its score a post of today is lifted."""

HALF_LIFE = 730 * 86400.0
"""Seconds in which the lift by freshness halves: two years."""

SAME = 1e-9
"""Keys that differ by less than this may be equal but for rounding."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The documents that match, as arrays of one length; `date` is in seconds since 1970, NaN where there is none."""

    coverage: NDArray[np.int64]
    score: NDArray[np.float64]
    titled: NDArray[np.bool_]
    date: NDArray[np.float64]
    boost: NDArray[np.float64]
    tie: NDArray[np.int64]

    def only(self, rows: NDArray[np.int64]) -> Candidates:
        """Those in some rows."""
        return Candidates(*(getattr(self, field.name)[rows] for field in fields(self)))


def final_scores(found: Candidates, now: float) -> NDArray[np.float64]:
    """The scores with boost and freshness; a post without a date is treated as one a half-life old."""
    age = np.maximum(now - found.date, 0.0)
    lift: NDArray[np.float64] = 1.0 + FRESHNESS * np.exp2(np.where(np.isnan(age), -1.0, age / -HALF_LIFE))
    return found.score * found.boost * lift


def order(found: Candidates, sort: Sort, now: float, most: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The rows of the best candidates, `most` of them, the best first, and the final score of each of these."""
    scores = final_scores(found, now)
    rows = leading(found, scores, sort, most)
    found, kept = found.only(rows), scores[rows]
    newest = np.nan_to_num(found.date, nan=-np.inf)
    keys: tuple[NDArray[np.generic], ...]
    if sort == "newest":
        keys = (found.tie, -kept, -newest)
    elif sort == "oldest":
        keys = (found.tie, -kept, np.nan_to_num(found.date, nan=np.inf))
    else:
        keys = (found.tie, -newest, -kept, -found.coverage, ~found.titled)
    ranks = np.lexsort(keys)[:most]
    return rows[ranks], kept[ranks]


def leading(found: Candidates, scores: NDArray[np.float64], sort: Sort, most: int) -> NDArray[np.int64]:
    """The rows among which the best are, in no order: sorting all matches by five keys is what takes time."""
    size = len(scores)
    if size <= 4 * most:
        return np.arange(size)
    if sort == "newest":
        key = np.nan_to_num(found.date, nan=-np.inf)
    elif sort == "oldest":
        key = -np.nan_to_num(found.date, nan=np.inf)
    else:
        key = found.titled * 1e6 + found.coverage + scores / (2 * scores.max() + 1e-300)
    least = np.partition(key, size - most)[size - most]
    return np.flatnonzero(key >= least - SAME)
