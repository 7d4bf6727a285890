"""Times built engines side by side on the same questions, with a `Timing` for each.

The engines take turns, a round of all questions each, so that a noisy neighbour on the machine hits all alike; by
`interleaved` they do so at every question, so that each finds in the processor's caches what another has left there.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from bench.peers import Peer
from bench.questions import Question

__all__ = ["Timing", "interleaved", "percentile", "take_rounds"]


@dataclass(frozen=True, slots=True)
class Timing:
    """The milliseconds of each question: the median of all rounds, and `first`, before anything was warm.

    `answered` is how many questions had a hit, `marked` how many a hit with a marked snippet.
    """

    times: tuple[float, ...]
    first: tuple[float, ...]
    rounds: int
    answered: int
    marked: int


def take_rounds(peers: Sequence[Peer], questions: Sequence[Question], rounds: int, budget: float) -> dict[str, Timing]:
    """The timings by the engines' keys; an engine that has used up its seconds stops before the last round."""
    # The documents of the bench lie in memory, as they would not in a server: the collector is to pass over them.
    gc.collect()
    gc.freeze()
    first = {peer.key: asked(peer, questions) for peer in peers}
    answers = {peer.key: [peer.ask(question) for question in questions] for peer in peers}
    taken: dict[str, list[list[float]]] = {peer.key: [] for peer in peers}
    for number in range(rounds if peers else 0):
        turn = number % len(peers)
        for peer in [*peers[turn:], *peers[:turn]]:
            spent = sum(map(sum, taken[peer.key])) / 1000
            if not taken[peer.key] or spent * (1 + 1 / len(taken[peer.key])) <= budget:
                taken[peer.key].append(asked(peer, questions))
    return {
        peer.key: Timing(
            times=tuple(median(times) for times in zip(*taken[peer.key], strict=True)),
            first=tuple(first[peer.key]),
            rounds=len(taken[peer.key]),
            answered=sum(bool(hits) for hits in answers[peer.key]),
            marked=sum(any(hit.marked for hit in hits) for hits in answers[peer.key]),
        )
        for peer in peers
    }


def interleaved(peers: Sequence[Peer], questions: Sequence[Question], rounds: int) -> list[list[float]]:
    """The milliseconds of each question by each engine, the median of the rounds; they take turns at every question."""
    taken = [[[1000 * peer.seconds(question) for peer in peers] for question in questions] for _ in range(rounds)]
    times: list[list[float]] = np.median(taken, axis=0).T.tolist()
    return times


def asked(peer: Peer, questions: Sequence[Question]) -> list[float]:
    """The milliseconds of one round."""
    return [1000 * peer.seconds(question) for question in questions]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed; an empty sequence is an error."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]
