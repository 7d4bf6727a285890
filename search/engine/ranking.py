"""The order of matches: by pin, title, row and score, or by date.

By relevance, posts that are pinned to the query come first, then those whose whole title it is, then those that hold
its words in a row as typed, so that what was copied from a post finds it; among those, the score decides (see
`similarity`). The best may be rescored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.engine.similarity import freshness
from search.query import Sort

__all__ = ["MAX_RESCORED", "ROUNDING", "Candidates", "by_date", "reached", "top"]

ROUNDING = 1e-9
"""Sort keys that differ by less than this may be equal but for rounding."""

MAX_RESCORED = 100
"""How many of the best are rescored by relevance, so that this takes the same time however many match."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Documents that match, as columns of one length.

    `segment` and `doc_id` say which; `pin` is 0 or, of a pinned one, the more the sooner it comes; `titled` says
    whether the query is its title, `in_row` whether its words stand there in a row as typed; `date` is in seconds since
    1970, NaN where there is none, and `tie` decides between equals. `meaning` is the part that rescoring has in the
    score, 1 before it.
    """

    segment: NDArray[np.int64]
    doc_id: NDArray[np.int64]
    score: NDArray[np.float64]
    pin: NDArray[np.int64]
    titled: NDArray[np.bool_]
    in_row: NDArray[np.bool_]
    date: NDArray[np.float64]
    boost: NDArray[np.float64]
    tie: NDArray[np.int64]
    meaning: NDArray[np.float64]

    @classmethod
    def joined(cls, parts: Sequence[Candidates]) -> Candidates:
        """Those of all parts, of which there is at least one."""
        if len(parts) == 1:
            return parts[0]
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))

    def take(self, rows: NDArray[np.int64] | slice) -> Candidates:
        """Those in some rows, in that order."""
        return Candidates(*(getattr(self, field.name)[rows] for field in fields(self)))

    def __len__(self) -> int:
        return len(self.doc_id)


def top(
    found: Candidates,
    sort: Sort,
    now: float,
    count: int,
    rescore: Callable[[Candidates], NDArray[np.float64]] | None = None,
) -> Candidates:
    """The best `count` candidates, the best first, with their final scores: times boost and freshness at `now`.

    By relevance, `rescore` gives a further factor of the best `MAX_RESCORED` of all. It is 1 or more, so that all
    others stay behind these.
    """
    found = replace(found, score=found.score * found.boost * freshness(found.date, now))
    if rescore is None or sort != "relevance":
        return found.take(best(found, sort, count))
    found = found.take(best(found, sort, max(count, MAX_RESCORED)))
    meaning = found.meaning.copy()
    meaning[:MAX_RESCORED] = rescore(found.take(slice(MAX_RESCORED)))
    found = replace(found, score=found.score * meaning, meaning=meaning)
    return found.take(best(found, sort, count))


def best(found: Candidates, sort: Sort, count: int) -> NDArray[np.int64]:
    """The rows of the best `count` candidates by their scores as they are, the best first."""
    latest, tier = by_date(found.date, sort), 4 * found.pin + 2 * found.titled + found.in_row
    by_relevance = sort == "relevance"
    keys = (found.tie, -latest, -found.score, -tier) if by_relevance else (found.tie, -found.score, -latest)
    if len(found) <= 4 * count:
        return np.lexsort(keys)[:count]
    # To sort all matches by several keys is what takes time.
    leading = tier + found.score / (2 * found.score.max() + 1e-300) if by_relevance else latest
    rows = np.flatnonzero(leading >= reached(leading, count) - ROUNDING)
    return rows[np.lexsort([key[rows] for key in keys])][:count]


def by_date(date: NDArray[np.float64], sort: Sort) -> NDArray[np.float64]:
    """What is the higher the sooner a document comes by its date; one without a date comes last."""
    return np.where(np.isnan(date), -np.inf, -date if sort == "oldest" else date)


def reached(keys: NDArray[Any], count: int) -> float:
    """A number that at least `count` of the keys reach; there must be so many. Not always the highest such number.

    Of many keys the best of each of some blocks are compared, which takes a tenth of the time; what is left over behind
    the last block is passed over.
    """
    blocks = 64 * count
    if len(keys) >= 4 * blocks:
        keys = keys[: len(keys) // blocks * blocks].reshape(-1, blocks).max(axis=0)
    return float(np.partition(keys, -count)[-count])
