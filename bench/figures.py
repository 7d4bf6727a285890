"""What was measured, and what was aimed at: `Figure`, `Goal`, and the one table of goals.

A goal is looked up by the part of the bench and the name of the figure. It bounds our figure, by itself or as a
multiple of an engine's; `verdicts` says how each stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bench.peers import OURS
from bench.questions import KINDS

__all__ = ["GOALS", "WHOLE", "Figure", "Goal", "Verdict", "verdicts"]

WHOLE = "one segment"
"""Our engine once more, over an index of one segment."""

TEN_THOUSAND = range(12_000)
HUNDRED_THOUSAND = range(100_000, 100_001)
MILLION = range(1_000_000, 1_000_001)
ANY = range(10_000_001)


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement: in which part of the bench, of what, over which posts and how many, of which engine."""

    part: str
    what: str
    corpus: str
    posts: int
    engine: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Goal:
    """Our figure is to be at most `limit`, or at least (`least`); `against` an engine, that many times its figure.

    It holds over as many posts as `posts` says, and, where `corpus` names a folder, over those of that folder alone.
    """

    part: str
    what: str
    limit: float
    against: str = ""
    posts: range = ANY
    corpus: str = ""
    least: bool = False

    def met_by(self, ours: float, theirs: float) -> bool:
        """Whether our figure reaches the goal; `theirs` is 1 where it is measured against nothing."""
        return ours >= self.limit * theirs if self.least else ours <= self.limit * theirs


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one goal stands over one folder: `bound` is what our figure is held to, in its unit."""

    goal: Goal
    ours: Figure
    bound: float
    met: bool


GOALS = (
    Goal("hits", "median", 0.7, "tantivy"),
    Goal("hits", "p95", 0.5, "tantivy"),
    Goal("hits", "median, interleaved", 0.9, "tantivy"),
    Goal("hits", "p95, interleaved", 0.7, "tantivy"),
    Goal("hits", "median", 0.15, "tantivy", corpus="twir"),
    Goal("hits", "p95", 0.15, "tantivy", corpus="twir"),
    Goal("hits", "median", 1 / 50, "whoosh"),
    Goal("hits", "p95", 1 / 50, "whoosh"),
    Goal("hits", "index size", 2.5, "tantivy"),
    *(Goal("kinds", kind, 1.0, "tantivy") for kind in KINDS),
    Goal("growth", "median", 2.0, "tantivy", HUNDRED_THOUSAND),
    Goal("growth", "median", 3.0, "tantivy", MILLION),
    Goal("growth", "memory of a worker", 300, posts=HUNDRED_THOUSAND),
    Goal("keys", "p95", 2, posts=TEN_THOUSAND),
    Goal("http", "p95", 3.5, posts=TEN_THOUSAND),
    Goal("http", "memory of a worker", 80, posts=TEN_THOUSAND),
    Goal("load", "requests a second, as typed", 0.6, "constant", least=True),
    Goal("load", "requests a second, each once", 0.15, "constant", least=True),
    Goal("reindex", "all posts", 1.2, "tantivy"),
    Goal("reindex", "all posts", 1 / 8, "whoosh"),
    Goal("reindex", "unchanged posts", 0.6, posts=TEN_THOUSAND),
    Goal("start", "first answer", 0.25, posts=TEN_THOUSAND),
    Goal("saves", "median", 20, posts=TEN_THOUSAND),
    Goal("saves", "p95", 60, posts=TEN_THOUSAND),
    Goal("saves", "hits after 40 saves", 1.1, WHOLE),
)
"""All goals. A figure that is in none is shown for comparison alone."""


def verdicts(figures: Sequence[Figure], goals: Iterable[Goal] = GOALS) -> Iterator[Verdict]:
    """How the goals stand that these figures can tell of, in the order of the figures."""
    known = {(f.part, f.what, f.corpus, f.posts, f.engine): f for f in figures}
    goals = tuple(goals)
    for ours in figures:
        for goal in goals:
            if ours.engine != OURS or (goal.part, goal.what) != (ours.part, ours.what) or ours.posts not in goal.posts:
                continue
            if goal.corpus not in ("", ours.corpus):
                continue
            theirs = known.get((ours.part, ours.what, ours.corpus, ours.posts, goal.against))
            if theirs or not goal.against:
                unit = theirs.value if theirs else 1.0
                yield Verdict(goal, ours, goal.limit * unit, goal.met_by(ours.value, unit))
