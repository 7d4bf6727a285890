"""The scorecard of the long trials, and the seed that chooses what they try."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest

__all__ = ["Scorecard"]

SEED = "POSTSEARCH_SEED"
"""The variable that names the seed of an earlier run, to repeat it."""

Scorecard = Callable[[int, str, str, bool], None]
"""Notes what a trial measured: the number of its row, the figure, the goal, and whether the figure reaches it."""


@pytest.fixture
def scorecard(record_property: Callable[[str, object], None]) -> Iterator[Scorecard]:
    """Notes rows of the scorecard. The test fails at its end where a figure misses its goal."""
    missed = []

    def note(row: int, figure: str, goal: str, reached: bool) -> None:
        record_property("scorecard", [row, figure, goal, reached])
        if not reached:
            missed.append(f"row {row}: {figure}, but the goal is {goal}")

    yield note
    assert not missed, missed


@pytest.fixture
def chance(record_property: Callable[[str, object], None]) -> Random:
    """What chooses by chance in a trial, from a seed that is printed with the scorecard."""
    seed = int(os.environ.get(SEED) or random.randrange(1_000_000))
    record_property("seed", seed)
    print(f"{SEED}={seed}")
    return Random(seed)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the scorecard."""
    rows = set()  # a test has a report for each of its phases, with the properties that it had by then
    for report in (report for reports in terminalreporter.stats.values() for report in reports):
        properties = getattr(report, "user_properties", ())
        seed = next((value for name, value in properties if name == "seed"), "")
        test = report.nodeid.rpartition("::")[2] if properties else ""
        rows |= {(*value, test, seed) for name, value in properties if name == "scorecard"}
    if rows:
        terminalreporter.section("scorecard")
    for row, figure, goal, reached, test, seed in sorted(rows):
        told = f"{row:>2}  {'reached' if reached else 'MISSED ':7}  {figure}  (goal: {goal})  {test}"
        terminalreporter.write_line(f"{told}  {SEED}={seed}" if seed != "" else told)
