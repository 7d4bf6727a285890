"""What is asked, and what came back: a `Case`, an engine's `Answer` to it, and the `Row` of measures over many."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import NamedTuple

import ir_measures
from ir_measures import AP, RR, P, R, Success, nDCG

from bench.rounds import percentile

__all__ = [
    "JUDGED",
    "KNOWN",
    "NEIGHBOURS",
    "PAGE",
    "Answer",
    "Case",
    "Engine",
    "Measures",
    "Row",
    "ask",
    "make_row",
    "mean_row",
    "words",
]


class Measures(NamedTuple):
    """The measures of the package ir-measures, and how many hits are looked at for them."""

    measures: tuple[ir_measures.Measure, ...]
    hits: int


JUDGED = Measures((nDCG @ 10, AP @ 100, R @ 100), 100)
"""Where posts were judged for a question: is the best first, and is all found."""

KNOWN = Measures((Success @ 1, Success @ 5, RR @ 10), 10)
"""Where somebody looks for one post."""

PAGE = Measures((Success @ 1, Success @ 10, RR @ 10), 10)
"""Where any post on the first page will do."""

NEIGHBOURS = Measures((P @ 5,), 5)
"""Where as many posts as possible should do."""


@dataclass(frozen=True, slots=True)
class Case:
    """A text as a person types it, and the ids of the posts that answer it with how well they do (1 and more).

    `words` is what engines are asked that look for any of the words; one that ends in `*` is the beginning of a word.
    `clean` is the same before it was misspelled, where it was.
    """

    kind: str
    text: str
    words: tuple[str, ...]
    right: Mapping[str, int]
    clean: Case | None = None


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine with all posts of a collection in it. `find` gives the ids of at most so many posts, best first."""

    key: str
    name: str
    find: Callable[[Case, int], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """The ids of the posts that an engine found for a case of a collection, and how long it took.

    `clean` is its answer to the clean twin of a misspelled case, `corrected` the text that it says it answered instead.
    """

    collection: str
    engine: str
    case: Case
    found: tuple[str, ...]
    milliseconds: float
    clean: Answer | None = None
    corrected: str | None = None

    @property
    def first(self) -> bool:
        """Whether a post that answers stands first."""
        return bool(self.found) and self.found[0] in self.case.right


@dataclass(frozen=True, slots=True)
class Row:
    """The mean of each measure over `cases` answers of one engine, and how long they took."""

    kind: str
    collection: str
    engine: str
    cases: int
    measures: Mapping[str, float]
    median_ms: float
    p95_ms: float


def words(text: str) -> tuple[str, ...]:
    """The words of a text for engines that know no query language."""
    return tuple(re.findall(r"\w+", text.lower()))


def ask(collection: str, engine: Engine, cases: Sequence[Case], hits: int) -> Iterator[Answer]:
    """Each case, asked once; the first one is asked twice, since an engine opens its files at its first question."""

    def answer(case: Case) -> Answer:
        clean = answer(case.clean) if case.clean else None
        started = time.perf_counter()
        found = tuple(engine.find(case, hits))
        return Answer(collection, engine.key, case, found, 1000 * (time.perf_counter() - started), clean)

    for case in cases[:1]:
        engine.find(case, hits)
    yield from map(answer, cases)


def make_row(kind: str, collection: str, answers: Sequence[Answer], measures: Measures) -> Row:
    """The measures over one engine's answers, of which there is at least one.

    Of misspelled cases it tells too what share of their clean twins' successes is left.
    """
    judgements = {str(number): dict(answer.case.right) for number, answer in enumerate(answers)}
    ranked = {
        str(number): {id: float(-place) for place, id in enumerate(answer.found)}
        for number, answer in enumerate(answers)
        if answer.found
    }
    aggregate = ir_measures.calc_aggregate(measures.measures, judgements, ranked)
    values = {str(measure): aggregate[measure] for measure in measures.measures}
    if clean := [answer.clean for answer in answers if answer.clean]:
        for name, value in make_row(kind, collection, clean, measures).measures.items():
            if name.startswith("Success"):
                values[f"{name} of clean"] = values[name] / value if value else 1.0
    times = [answer.milliseconds for answer in answers]
    return Row(
        kind=kind,
        collection=collection,
        engine=answers[0].engine,
        cases=len(answers),
        measures=values,
        median_ms=median(times),
        p95_ms=percentile(times, 0.95),
    )


def mean_row(rows: Sequence[Row], answers: Sequence[Answer]) -> Row:
    """The mean of rows of one engine, each of which counts the same; the times are of all answers."""
    times = [answer.milliseconds for answer in answers]
    means = {name: fmean(row.measures[name] for row in rows) for name in rows[0].measures}
    return Row("mean", "all", rows[0].engine, len(answers), means, median(times), percentile(times, 0.95))
