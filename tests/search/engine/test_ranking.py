"""The order of matches, on arrays alone."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from search.engine.ranking import Candidates, top
from search.engine.similarity import FRESHNESS, HALF_LIFE_SECONDS
from search.query import Sort

NOW = 2e9
NAN = float("nan")


def candidates(**columns: list[float]) -> Candidates:
    """As many candidates as the named columns have rows, which differ in these only; `doc_id` counts them."""
    count = max(map(len, columns.values()))
    plain: dict[str, list[float]] = {
        "segment": [0] * count, "doc_id": list(range(count)), "score": [1] * count,
        "titled": [0] * count, "in_row": [0] * count, "date": [NAN] * count, "boost": [1] * count,
        "pin": [0] * count, "tie": list(range(count)), "meaning": [1] * count,
    }  # fmt: skip
    kinds = {
        "score": np.float64,
        "meaning": np.float64,
        "titled": np.bool_,
        "in_row": np.bool_,
        "date": np.float64,
        "boost": np.float64,
    }
    return Candidates(**{name: np.array(rows, kinds.get(name, np.int64)) for name, rows in (plain | columns).items()})


@pytest.mark.parametrize(
    "second_is_better",
    [
        {"score": [1, 1.1]},
        {"in_row": [0, 1], "score": [100, 1]},
        {"titled": [0, 1], "in_row": [1, 0], "score": [100, 1]},
        {"pin": [0, 1], "titled": [1, 0], "in_row": [1, 0], "score": [100, 1]},
        {"pin": [1, 2], "titled": [1, 0], "in_row": [1, 0], "score": [100, 1]},
        {"boost": [1, 3], "score": [2, 1]},
        {"date": [NOW - 9 * HALF_LIFE_SECONDS, NOW]},
        {"date": [NOW - 9 * HALF_LIFE_SECONDS, NAN]},
        {"date": [NAN, NOW]},
        {"tie": [1, 0]},
    ],
)
def test_relevance_prefers(second_is_better: dict[str, list[float]]) -> None:
    assert top(candidates(**second_is_better), "relevance", NOW, 10).doc_id.tolist() == [1, 0]


def test_freshness_is_small_and_bounded() -> None:
    scores = top(candidates(date=[NOW, NOW - 99 * HALF_LIFE_SECONDS]), "relevance", NOW, 10).score

    assert scores[0] == pytest.approx(1 + FRESHNESS)
    assert scores[1] == pytest.approx(1)


def test_a_date_in_the_future_is_no_fresher_than_today() -> None:
    scores = top(candidates(date=[NOW, NOW + HALF_LIFE_SECONDS]), "relevance", NOW, 10).score

    assert scores[0] == scores[1]


@pytest.mark.parametrize(("sort", "wanted"), [("newest", [2, 0, 1]), ("oldest", [0, 2, 1])])
def test_sorting_by_date_leaves_the_undated_last(sort: Sort, wanted: list[int]) -> None:
    three = candidates(score=[1, 9, 1], date=[1, NAN, 2])

    assert top(three, sort, NOW, 10).doc_id.tolist() == wanted


@pytest.mark.parametrize("sort", get_args(Sort))
def test_the_best_of_many_are_those_that_come_first_of_all(sort: Sort) -> None:
    chance = np.random.default_rng(5)
    many = candidates(
        score=chance.random(500).tolist(),
        pin=[*[0] * 250, 2, *[0] * 150, 1, *[0] * 98],
        titled=(chance.random(500) < 0.01).tolist(),
        in_row=(chance.random(500) < 0.02).tolist(),
        date=(NOW - chance.random(500) * 1e9).tolist(),
    )

    assert top(many, sort, NOW, 10).doc_id.tolist() == top(many, sort, NOW, 500).doc_id.tolist()[:10]
