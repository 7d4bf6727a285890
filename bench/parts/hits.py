"""Ten ranked hits with a highlighted snippet of the body each: every engine, the same posts, the same questions."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from bench.figures import Figure
from bench.rounds import Timing, interleaved, percentile, take_rounds
from bench.stand import Built, Stand

__all__ = ["measure", "rows"]

INTERLEAVED = 3
"""Rounds in which the engines take turns at every question."""


def measure(stand: Stand) -> Iterator[Figure]:
    """Times of the questions, how many were answered and marked, time and size of the index."""
    built = stand.built
    stand.plan.say("asking all engines in turns")
    peers = [one.peer for one in built]
    timings = take_rounds(peers, stand.corpus.questions, stand.plan.rounds, stand.plan.budget)
    for one in built:
        for what, (value, unit) in rows(one, timings[one.peer.key]).items():
            yield stand.figure("hits", what, one.peer.key, value, unit)
    for peer, times in zip(peers, interleaved(peers, stand.corpus.questions, INTERLEAVED), strict=True):
        yield stand.figure("hits", "median, interleaved", peer.key, median(times), "ms")
        yield stand.figure("hits", "p95, interleaved", peer.key, percentile(times, 0.95), "ms")


def rows(one: Built, timing: Timing) -> dict[str, tuple[float, str]]:
    """What is told of an engine that was built and asked: values and their units by name."""
    return {
        "median": (median(timing.times), "ms"),
        "p95": (percentile(timing.times, 0.95), "ms"),
        "median, first time": (median(timing.first), "ms"),
        "answered": (timing.answered, ""),
        "marked": (timing.marked, ""),
        "rounds": (timing.rounds, ""),
        "indexing": (one.seconds, "s"),
        "index size": (one.megabytes, "MB"),
    }
