"""One saved post to searchable, in process: without the watcher's wait for a quiet moment, with all else.

Then the questions of the bench, beside a copy of the index from before: each save left it in more segments.
`bench.freshness` measures the same with the watcher and over HTTP.
"""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bench.figures import WHOLE, Figure
from bench.peers import OURS
from bench.peers.postsearch import Postsearch
from bench.questions import SEED
from bench.rounds import interleaved, percentile
from bench.stand import Stand
from index.indexer.run import update
from index.settings import Settings
from search.service import Search

__all__ = ["measure"]

SAVES = 40
"""After so many it is measured how fast answers are."""


def measure(stand: Stand) -> Iterator[Figure]:
    """The times from the update of a saved post to the first answer that holds it, and of answers after saves."""
    stand.need_index()
    before = shutil.copytree(stand.corpus.settings.index, stand.scratch / "before")
    stand.plan.say(f"saving {stand.plan.saves} posts")
    chance = random.Random(SEED)
    ids = [document.id for document in stand.corpus.documents]
    service = Search(stand.corpus.settings)
    service.run(stand.corpus.questions[0].text)
    drawn = [chance.choice(ids) for _ in range(stand.plan.saves)]
    times = [1000 * save(stand, service, id) for id in drawn[:SAVES]]
    engines = [Postsearch(service), Postsearch(Search(Settings(index=before)))]
    for engine, hits in zip(
        (OURS, WHOLE), interleaved(engines, stand.corpus.questions, stand.plan.rounds), strict=True
    ):
        yield stand.figure("saves", f"hits after {SAVES} saves", engine, median(hits), "ms")
    times += [1000 * save(stand, service, id) for id in drawn[SAVES:]]
    for peer in engines:
        peer.close()
    yield stand.figure("saves", "median", OURS, median(times), "ms")
    yield stand.figure("saves", "p95", OURS, percentile(times, 0.95), "ms")
    yield stand.figure("saves", "slowest", OURS, max(times), "ms")


def save(stand: Stand, service: Search, id: str) -> float:
    """Save a post with a word that no other holds. Raises `RuntimeError` where it is not found then."""
    settings, word = stand.corpus.settings, f"zq{time.time_ns()}"
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
