"""Requests a second with 16 connections and 2 workers, beside a view that returns a constant of the same size."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import mean, median

from bench.client import Client, path_of
from bench.constant import BYTES
from bench.figures import Figure
from bench.peers import OURS
from bench.processes import search_server, serving
from bench.stand import Stand
from bench.wrk import find_wrk, requests_a_second

__all__ = ["measure"]

WORKERS = 2
TURNS = 3


def measure(stand: Stand) -> Iterator[Figure]:
    """Requests a second of both, in turns."""
    wrk = find_wrk()
    if not wrk:
        stand.note("requests a second are left out: wrk is not installed (on Debian, `apt install wrk`)")
        return
    stand.need_index()
    stand.plan.say("asking with wrk")
    paths = [path_of(question) for question in stand.corpus.questions]
    with search_server(stand.corpus.settings, WORKERS) as ours:
        with Client(ours) as client:
            size = round(mean(len(client.get(path)) for path in paths))
        with serving("bench.constant:app", WORKERS, {BYTES: str(size)}) as constant:
            with Client(constant) as client:
                client.get(paths[0])
            rates: dict[str, list[float]] = {OURS: [], "constant": []}
            for _ in range(TURNS):
                for key, server in ((OURS, ours), ("constant", constant)):
                    rate = requests_a_second(wrk, server, paths, stand.plan.seconds, stand.scratch)
                    rates[key].append(rate)
    for key, values in rates.items():
        yield stand.figure("load", "requests a second", key, median(values), "/s")
