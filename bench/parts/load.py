"""Requests a second with 16 connections and 2 workers, beside a view that returns a constant of the same size."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from statistics import mean, median

from bench.client import Client, path_of
from bench.constant import BYTES
from bench.figures import Figure
from bench.peers import OURS
from bench.processes import search_server, serving
from bench.questions import SEED, Question, draw_questions, keystrokes
from bench.stand import Stand
from bench.wrk import find_wrk, requests_a_second

__all__ = ["measure"]

WORKERS = 2
TURNS = 3
DIFFERENT = 1_000
"""Questions; with their beginnings some 7,500 requests."""

TYPED = 3_000
"""How often one of them is typed: more than any server answers meanwhile."""


def measure(stand: Stand) -> Iterator[Figure]:
    """Requests a second of both, in turns, of a server that has answered nothing before."""
    wrk = find_wrk()
    if not wrk:
        stand.note("requests a second are left out: wrk is not installed (on Debian, `apt install wrk`)")
        return
    stand.need_index()
    questions = draw_questions(stand.corpus.documents, DIFFERENT)
    for kind, paths in (("as typed", as_typed(questions)), ("each once", each_once(questions))):
        stand.plan.say(f"asking with wrk, {kind}")
        with search_server(stand.corpus.settings, WORKERS) as ours:
            with Client(ours) as client:
                size = round(mean(len(client.get(path)) for path in paths[:20]))
            with serving("bench.constant:app", WORKERS, {BYTES: str(size)}) as constant:
                with Client(constant) as client:
                    client.get(paths[0])
                rates: dict[str, list[float]] = {OURS: [], "constant": []}
                for turn in range(TURNS):
                    part = paths[len(paths) * turn // TURNS : len(paths) * (turn + 1) // TURNS]
                    for key, server in ((OURS, ours), ("constant", constant)):
                        rate = requests_a_second(wrk, server, part, stand.plan.seconds, stand.scratch)
                        rates[key].append(rate)
        for key, values in rates.items():
            yield stand.figure("load", f"requests a second, {kind}", key, median(values), "/s")


def as_typed(questions: Sequence[Question]) -> list[str]:
    """What is asked at each key by many people, who type the first question most often, the second half as often, …"""
    weights = [1 / rank for rank in range(1, len(questions) + 1)]
    return list(map(path_of, keystrokes(random.Random(SEED).choices(questions, weights, k=TYPED))))


def each_once(questions: Sequence[Question]) -> list[str]:
    """The same, but nothing twice, so that no answer is there already."""
    paths = list(dict.fromkeys(map(path_of, keystrokes(questions))))
    random.Random(SEED).shuffle(paths)
    return paths
