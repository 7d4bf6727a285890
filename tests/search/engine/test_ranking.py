"""The order of matches, on arrays alone."""

from __future__ import annotations

import numpy as np
import pytest

from search.engine.ranking import FRESHNESS, HALF_LIFE, Candidates, order
from search.query import Sort

NOW = 2e9
NAN = float("nan")


def candidates(**columns: list[float]) -> Candidates:
    """Candidates of two that differ in the named columns only."""
    plain = {"coverage": [1, 1], "score": [1, 1], "titled": [0, 0], "date": [NAN, NAN], "boost": [1, 1], "tie": [0, 1]}
    given = plain | columns
    kinds = {"coverage": np.int64, "titled": np.bool_, "tie": np.int64}
    return Candidates(**{name: np.array(rows, kinds.get(name, np.float64)) for name, rows in given.items()})


@pytest.mark.parametrize(
    "second_is_better",
    [
        {"score": [1, 1.1]},
        {"coverage": [1, 2], "score": [100, 1]},
        {"titled": [0, 1], "coverage": [9, 1], "score": [100, 1]},
        {"boost": [1, 3], "score": [2, 1]},
        {"date": [NOW - 9 * HALF_LIFE, NOW]},
        {"date": [NOW - 9 * HALF_LIFE, NAN]},
        {"date": [NAN, NOW]},
        {"tie": [1, 0]},
    ],
)
def test_relevance_prefers(second_is_better: dict[str, list[float]]) -> None:
    ranks, _ = order(candidates(**second_is_better), "relevance", NOW, 10)

    assert ranks.tolist() == [1, 0]


def test_freshness_is_small_and_bounded() -> None:
    _, scores = order(candidates(date=[NOW, NOW - 99 * HALF_LIFE]), "relevance", NOW, 10)

    assert scores[0] == pytest.approx(1 + FRESHNESS)
    assert scores[1] == pytest.approx(1)


def test_a_date_in_the_future_is_no_fresher_than_today() -> None:
    _, scores = order(candidates(date=[NOW, NOW + HALF_LIFE]), "relevance", NOW, 10)

    assert scores[0] == scores[1]


@pytest.mark.parametrize(("sort", "wanted"), [("newest", [2, 0, 1]), ("oldest", [0, 2, 1])])
def test_sorting_by_date_leaves_the_undated_last(sort: Sort, wanted: list[int]) -> None:
    three = Candidates(
        coverage=np.ones(3, np.int64), score=np.array([1.0, 9.0, 1.0]), titled=np.zeros(3, np.bool_),
        date=np.array([1.0, NAN, 2.0]), boost=np.ones(3), tie=np.arange(3),
    )  # fmt: skip

    assert order(three, sort, NOW, 10)[0].tolist() == wanted
