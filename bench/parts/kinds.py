"""The time of each kind of question, and of the dear ones, which many posts answer or which hold many words."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from bench.figures import Figure
from bench.questions import dear_questions
from bench.rounds import percentile, take_rounds
from bench.stand import Stand

__all__ = ["measure"]

DEAR = 10
"""Questions of each dear kind."""


def measure(stand: Stand) -> Iterator[Figure]:
    """Median and 95th percentile by kind, of every engine that can be asked for all that begins with a letter."""
    questions = [*stand.corpus.questions, *dear_questions(stand.corpus.documents, DEAR)]
    stand.plan.say("asking questions of each kind")
    peers = [one.peer for one in stand.built if one.peer.types]
    timings = take_rounds(peers, questions, stand.plan.rounds, stand.plan.budget)
    for kind in dict.fromkeys(question.kind for question in questions):
        for key, timing in timings.items():
            times = [time for time, question in zip(timing.times, questions, strict=True) if question.kind == kind]
            yield stand.figure("kinds", kind, key, median(times), "ms")
            yield stand.figure("kinds", f"{kind}, p95", key, percentile(times, 0.95), "ms")
