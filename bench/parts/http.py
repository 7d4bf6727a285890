"""Search as you type over HTTP: one gunicorn worker, one client that keeps its connection; and the worker's memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from bench.client import Client, path_of
from bench.figures import Figure
from bench.peers import OURS
from bench.processes import Server, private_mb, search_server
from bench.questions import Question, keystrokes
from bench.rounds import percentile
from bench.stand import Stand

__all__ = ["measure", "worker_memory"]


def measure(stand: Stand) -> Iterator[Figure]:
    """The memory of a fresh worker after all questions, then the times of all keys."""
    stand.need_index()
    stand.plan.say("asking over HTTP")
    paths = [path_of(key) for key in keystrokes(stand.corpus.questions)]
    with search_server(stand.corpus.settings, workers=1) as server, Client(server) as client:
        memory = worker_memory(server, client, stand.corpus.questions)
        yield stand.figure("http", "memory of a worker", OURS, memory, "MB")
        times = [client.milliseconds(path) for path in paths]
    yield stand.figure("http", "median", OURS, median(times), "ms")
    yield stand.figure("http", "p95", OURS, percentile(times, 0.95), "ms")


def worker_memory(server: Server, client: Client, questions: Sequence[Question]) -> float:
    """The MB that the only worker of a server has for itself after all questions."""
    for question in questions:
        client.get(path_of(question))
    (worker,) = server.workers()
    return private_mb(worker)
