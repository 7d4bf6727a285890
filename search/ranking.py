"""The order of matches: coverage, scores and attributes go in, the best come out first.

By relevance, posts whose whole title is the query come first, then those that hold more of its clauses; among
those, the score (BM25F) times the post's own boost times freshness decides. All weights but those of the fields
(`index.schema.FIELDS`) are here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.query import Sort

__all__ = ["FRESHNESS", "HALF_LIFE", "Candidates", "order"]

FRESHNESS = 0.2
"""By how much of its score a post of today is lifted."""

HALF_LIFE = 730 * 86400.0
"""Seconds in which the lift by freshness halves: two years."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The documents that match, as arrays of one length; `date` is in seconds since 1970, NaN where there is none."""

    coverage: NDArray[np.int64]
    score: NDArray[np.float64]
    titled: NDArray[np.bool_]
    date: NDArray[np.float64]
    boost: NDArray[np.float64]
    tie: NDArray[np.int64]


def final_scores(found: Candidates, now: float) -> NDArray[np.float64]:
    """The scores with boost and freshness; a post without a date is treated as one a half-life old."""
    age = np.nan_to_num(np.maximum(now - found.date, 0.0), nan=HALF_LIFE)
    lift: NDArray[np.float64] = 1.0 + FRESHNESS * np.exp2(-age / HALF_LIFE)
    return found.score * found.boost * lift


def order(found: Candidates, sort: Sort, now: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The rows of all candidates, the best first, and the final score of each row."""
    scores = final_scores(found, now)
    newest = np.nan_to_num(found.date, nan=-np.inf)
    keys: tuple[NDArray[np.generic], ...]
    if sort == "newest":
        keys = (found.tie, -scores, -newest)
    elif sort == "oldest":
        keys = (found.tie, -scores, np.nan_to_num(found.date, nan=np.inf))
    else:
        keys = (found.tie, -newest, -scores, -found.coverage, ~found.titled)
    return np.lexsort(keys), scores
