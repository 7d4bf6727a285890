"""Search as you type: every beginning of every question is asked, one request a key."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from bench.figures import Figure
from bench.questions import keystrokes
from bench.rounds import percentile, take_rounds
from bench.stand import Stand

__all__ = ["measure"]

ROUNDS = 3


def measure(stand: Stand) -> Iterator[Figure]:
    """The times of all keys, in process, of every engine that can be asked at every key."""
    keys = list(keystrokes(stand.corpus.questions))
    peers = [one.peer for one in stand.built if one.peer.types]
    for one in stand.built:
        if not one.peer.types:
            stand.note(f"{one.peer.name} is not asked at every key: a single letter takes it seconds")
    stand.plan.say(f"typing {len(keys)} keys")
    for key, timing in take_rounds(peers, keys, min(ROUNDS, stand.plan.rounds), stand.plan.budget).items():
        yield stand.figure("keys", "median", key, median(timing.times), "ms")
        yield stand.figure("keys", "p95", key, percentile(timing.times, 0.95), "ms")
        yield stand.figure("keys", "median, first time", key, median(timing.first), "ms")
        yield stand.figure("keys", "keys", key, len(keys), "")
        yield stand.figure("keys", "answered", key, timing.answered, "")
        yield stand.figure("keys", "rounds", key, timing.rounds, "")
