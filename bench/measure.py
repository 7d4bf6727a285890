"""Times one engine: documents and questions go in, `Figures` come out."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.corpus import Question
from bench.peers import Peer
from index.schema import Document

__all__ = ["Figures", "measure", "timed"]

ROUNDS = 3
"""Every question is asked this often; its best time counts, so that a neighbour on the machine does not."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured of one engine; `answered` is how many questions had a hit, `marked` how many a marked snippet.

    `indexing` takes documents that have been read; `reading_and_indexing` takes files.
    """

    name: str
    median_ms: float
    p95_ms: float
    indexing: float
    reading_and_indexing: float
    answered: int
    marked: int


def measure(
    peer: Peer, documents: Sequence[Document], questions: Sequence[Question], folder: Path, reading: float
) -> Figures:
    """Build the engine in an empty folder and ask all questions; `reading` is the time that reading the files took."""
    folder.mkdir(parents=True)
    indexing = timed(lambda: peer.build(documents, folder))
    answers = [peer.ask(question) for question in questions]
    times = [1000 * min(timed(partial(peer.ask, question)) for _ in range(ROUNDS)) for question in questions]
    peer.close()
    return Figures(
        name=peer.name,
        median_ms=statistics.median(times),
        p95_ms=sorted(times)[int(0.95 * (len(times) - 1))],
        indexing=indexing,
        reading_and_indexing=reading + indexing,
        answered=sum(bool(hits) for hits in answers),
        marked=sum(any("<" in hit.snippet for hit in hits) for hits in answers),
    )


def timed(work: Callable[[], object]) -> float:
    """How many seconds the work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
