"""The same questions while the posts grow more: made of real paragraphs, and fed to the engines without touching disk.

An engine whose indexing would take longer than the budget, by its time for the size before, is left out with a line.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from itertools import islice

from bench.client import Client
from bench.figures import Figure
from bench.mixture import Mixture
from bench.parts.hits import rows
from bench.parts.http import worker_memory
from bench.peers import OURS
from bench.processes import search_server
from bench.questions import Question, draw_questions
from bench.rounds import take_rounds
from bench.stand import Built, Stand, build
from index.settings import Settings

__all__ = ["measure"]

SAMPLE = 10_000
"""The questions are drawn from the first posts, the same for all sizes."""

MEMORY_FROM = 100_000
CORPUS = "growth"


def measure(stand: Stand) -> Iterator[Figure]:
    """Times and sizes for each number of posts."""
    mixture = Mixture(stand.corpus.documents)
    sizes = sorted(stand.plan.sizes)
    sample = list(islice(mixture.posts(SAMPLE), sizes[-1]))
    questions = draw_questions(sample, stand.plan.questions)
    del sample
    pace: dict[str, float] = {}
    for size in sizes:
        built = build_all(stand, mixture, size, pace)
        try:
            yield from figures(stand, built, questions, size)
        finally:
            for one in built:
                one.peer.close()
            shutil.rmtree(stand.scratch / str(size), ignore_errors=True)


def build_all(stand: Stand, mixture: Mixture, size: int, pace: dict[str, float]) -> list[Built]:
    """Every engine that is fast enough, with so many posts; `pace` is each one's seconds for a post so far."""
    built = []
    for kind in stand.plan.kinds:
        expected = pace.get(kind.key, 0.0) * size
        if expected > stand.plan.budget:
            least = f"indexing would take at least {expected:,.0f} s"
            stand.note(f"{kind.name} is left out at {size:,} posts: {least} (--budget {stand.plan.budget:g})")
            continue
        stand.plan.say(f"{size:,} posts")
        one = build(kind(), mixture.posts(size), stand.scratch / str(size), stand.plan)
        pace[kind.key] = one.seconds / size
        built.append(one)
    return built


def figures(stand: Stand, built: Sequence[Built], questions: Sequence[Question], size: int) -> Iterator[Figure]:
    """What is told of each engine at this size, and our worker's memory at the larger ones."""
    stand.plan.say("asking all engines in turns")
    timings = take_rounds([one.peer for one in built], questions, stand.plan.rounds, stand.plan.budget)
    for one in built:
        for what, (value, unit) in rows(one, timings[one.peer.key]).items():
            yield Figure("growth", what, CORPUS, size, one.peer.key, value, unit)
    if size >= MEMORY_FROM and OURS in timings:
        settings = Settings(posts=stand.scratch, index=stand.scratch / str(size) / OURS)
        with search_server(settings, workers=1) as server, Client(server) as client:
            value = worker_memory(server, client, questions)
        yield Figure("growth", "memory of a worker", CORPUS, size, OURS, value, "MB")
