"""The first answer of a fresh process, from its start: `postsearch search`, with Python's own start and end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

from bench.figures import Figure
from bench.peers import OURS
from bench.processes import run_postsearch
from bench.questions import Question
from bench.stand import Stand

__all__ = ["measure"]

RUNS = 7


def measure(stand: Stand) -> Iterator[Figure]:
    """The median over several processes, each with a question of its own."""
    stand.need_index()
    stand.plan.say("starting processes")
    times = [answer_seconds(stand, question) for question in stand.corpus.questions[:RUNS]]
    yield stand.figure("start", "first answer", OURS, median(times), "s")


def answer_seconds(stand: Stand, question: Question) -> float:
    started = time.perf_counter()
    run_postsearch("search", question.text, "--json", "--index", stand.corpus.settings.index, fine=(0, 1))
    return time.perf_counter() - started
