"""One saved post to searchable, in process: without the watcher's wait for a quiet moment, with all else.

`bench.freshness` measures the same with the watcher and over HTTP.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bench.figures import Figure
from bench.peers import OURS
from bench.questions import SEED
from bench.rounds import percentile
from bench.stand import Stand
from index.indexer.run import update
from search.service import Search

__all__ = ["measure"]


def measure(stand: Stand) -> Iterator[Figure]:
    """The times from the update of a saved post to the first answer that holds it."""
    stand.need_index()
    stand.plan.say(f"saving {stand.plan.saves} posts")
    chance = random.Random(SEED)
    ids = [document.id for document in stand.corpus.documents]
    service = Search(stand.corpus.settings)
    service.run(stand.corpus.questions[0].text)
    drawn = [chance.choice(ids) for _ in range(stand.plan.saves)]
    times = [1000 * save(stand, service, id, f"zq{number}x{time.time_ns()}") for number, id in enumerate(drawn)]
    service.close()
    yield stand.figure("saves", "median", OURS, median(times), "ms")
    yield stand.figure("saves", "p95", OURS, percentile(times, 0.95), "ms")
    yield stand.figure("saves", "slowest", OURS, max(times), "ms")


def save(stand: Stand, service: Search, id: str, word: str) -> float:
    """Save a post with a word that no other holds. Raises `RuntimeError` where it is not found then."""
    settings = stand.corpus.settings
    path = Path(settings.posts, id)
    new = stand.scratch / "saved"
    new.write_bytes(path.read_bytes() + f"\n\n{word}\n".encode())
    new.replace(path)
    started = time.perf_counter()
    update(settings, [id])
    found = service.run(word, prefix=False)
    seconds = time.perf_counter() - started
    if found.total != 1:
        raise RuntimeError(f"{id} was saved with {word}, and {found.total} posts were found for that")
    return seconds
