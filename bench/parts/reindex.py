"""From files on disk to a committed index, in a process of its own; then the same again with nothing changed.

The others are given the time that one core takes to read the same files, since they have no reading of their own.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from statistics import median

from bench.figures import Figure
from bench.peers import OURS
from bench.stand import Stand

__all__ = ["measure"]

RUNS = 5


def measure(stand: Stand) -> Iterator[Figure]:
    """Seconds of a whole reindex for all engines, and of one that finds nothing to do for ours."""
    yield stand.figure("reindex", "all posts", OURS, stand.indexed, "s")
    for one in stand.built:
        if one.peer.key != OURS:
            yield stand.figure("reindex", "all posts", one.peer.key, stand.corpus.reading + one.seconds, "s")
    yield stand.figure("reindex", "unchanged posts", OURS, median(idle(stand) for _ in range(RUNS)), "s")


def idle(stand: Stand) -> float:
    """The seconds of a reindex of nothing. Raises `RuntimeError` where there was something to do."""
    started = time.perf_counter()
    report = json.loads(stand.reindex())
    seconds = time.perf_counter() - started
    if report["indexed"]:
        raise RuntimeError(f"{report['indexed']} posts were indexed again though nothing had changed")
    return seconds
