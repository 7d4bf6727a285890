"""Minutes of questions at a steady rate while posts are saved: a server takes no more, and no longer, than it did."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from random import Random
from statistics import median
from urllib.parse import quote

import pytest

from bench.client import Client
from bench.corpus import write_posts
from bench.processes import Server, private_mb, search_server
from tests.stress.conftest import Scorecard
from tests.stress.load import indexed, naive_server, read_words, until_ready
from tests.stress.test_saves import save_beacon

SECONDS = 600.0
REQUESTS_A_SECOND = 100
SAVES_A_SECOND = 2
CLIENTS = 16
WORKERS = 2

PATHS = (
    "/search/hits?q={0}",
    "/search/hits?q={0}+{1}&page=2",
    "/search/hits?q=%22{0}+{1}%22",
    "/search/hits?q={0}+-{1}&sort=newest&prefix=0",
    "/search/hits?q=tag:{0}+{1}&suggest=3",
    "/search/?q={0}+{1}",
    "/search/suggest?q={0}",
    "/search/feed?q={0}",
    "/search/health",
)
"""What is asked, with two words."""

MAX_GROWTH = {"MB": 1.05, "files": 1.0, "threads": 1.0, "ms": 1.5}
"""The last fifth of the time may have so many times what the second has. Of the machine's noise the times take most."""

SPARE = {"MB": 5.0, "files": 4.0, "threads": 2.0, "ms": 5.0}
"""And so much more."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A moment of a server, with all its processes: private memory, open files, threads; or how long an answer took."""

    seconds: float
    values: dict[str, float]


def family(pid: int) -> list[int]:
    """The process and all that came of it."""
    children = [
        int(child) for path in Path(f"/proc/{pid}/task").glob("*/children") for child in path.read_text("utf-8").split()
    ]
    return [pid, *(each for child in children for each in family(child))]


def look(pid: int) -> dict[str, float]:
    """What a server takes by now."""
    processes = family(pid)
    return {
        "MB": sum(map(private_mb, processes)),
        "files": sum(len(list(Path(f"/proc/{one}/fd").iterdir())) for one in processes),
        "threads": sum(len(list(Path(f"/proc/{one}/task").iterdir())) for one in processes),
    }


def soak(
    server: Server, paths: Sequence[str], seconds: float, save: Callable[[int], object]
) -> tuple[list[Sample], list[str]]:
    """Samples of a server that is asked for the paths at the rate, in turn, and the errors among its answers."""
    started, clients, errors = time.monotonic(), threading.local(), list[str]()
    pause, opened = threading.Event(), list[Client]()

    def ask(number: int) -> Sample:
        if not hasattr(clients, "own"):
            clients.own = Client(server)
            opened.append(clients.own)
        due = number / REQUESTS_A_SECOND
        pause.wait(started + due - time.monotonic())
        try:
            clients.own.get(paths[number % len(paths)])
        except (OSError, HTTPException, RuntimeError) as error:
            errors.append(str(error))
        # From when it was due: an answer that is late makes those after it late, and none of them is left out.
        return Sample(due, {"ms": 1000 * (time.monotonic() - started - due)})

    def sample(number: int) -> Sample:
        pause.wait(started + number - time.monotonic())
        return Sample(number, look(server.pid))

    def change(number: int) -> Sample:
        pause.wait(started + number / SAVES_A_SECOND - time.monotonic())
        save(number)
        return Sample(number, {})

    with ThreadPoolExecutor(CLIENTS) as asking, ThreadPoolExecutor(1) as sampling, ThreadPoolExecutor(1) as saving:
        rounds = (
            asking.map(ask, range(int(seconds * REQUESTS_A_SECOND))),
            sampling.map(sample, range(int(seconds))),
            saving.map(change, range(int(seconds * SAVES_A_SECOND))),
        )
        samples = [sample for samples in rounds for sample in samples]
    for client in opened:
        client.connection.close()
    return samples, errors


def fifths(samples: Sequence[Sample], seconds: float) -> dict[str, tuple[float, float]]:
    """The medians of the second and of the last fifth of the time."""

    def middle(name: str, fifth: int) -> float:
        start, end = fifth * seconds / 5, (fifth + 1) * seconds / 5
        return median(s.values[name] for s in samples if name in s.values and start <= s.seconds < end)

    return {name: (middle(name, 1), middle(name, 4)) for name in MAX_GROWTH}


def grown(medians: dict[str, tuple[float, float]]) -> list[str]:
    """What grew by more than it may."""
    return [name for name, (early, late) in medians.items() if late > early * MAX_GROWTH[name] + SPARE[name]]


def fill(server: Server, paths: Sequence[str]) -> None:
    """Have the server start all threads that it may, which gunicorn does when that many requests come at once."""

    def ask(path: str) -> None:
        with Client(server) as client:
            client.get(path)

    with ThreadPoolExecutor(4 * CLIENTS) as clients:
        list(clients.map(ask, paths[:500]))


def soak_ours(
    folder: Path, posts: int, seconds: float, chance: Random
) -> tuple[dict[str, tuple[float, float]], list[str]]:
    """The medians and the errors of gunicorn as documented, one of whose workers watches, over made posts."""
    write_posts(folder / "posts", posts)
    settings = indexed(folder / "posts", folder / "index")
    words = read_words(settings.posts, chance)
    pairs = [chance.sample(words, 2) for _ in range(1_000)]
    paths = [PATHS[number % len(PATHS)].format(*map(quote, pair)) for number, pair in enumerate(pairs)]
    with search_server(settings, WORKERS, watch=True) as server:
        until_ready(server)
        fill(server, paths)
        samples, errors = soak(server, paths, seconds, lambda number: save_beacon(settings.posts, number))
        return fifths(samples, seconds), errors


def test_what_grows_is_seen() -> None:
    samples = [Sample(float(second), {"MB": 100, "files": second, "threads": 9, "ms": 5}) for second in range(50)]

    assert grown(fifths(samples, 50)) == ["files"]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_server_takes_no_more_after_minutes_of_questions_and_saves(
    tmp_path: Path, chance: Random, scorecard: Scorecard
) -> None:
    medians, errors = soak_ours(tmp_path, 2_000, SECONDS, chance)

    told = ", ".join(f"{early:.1f} to {late:.1f} {name}" for name, (early, late) in medians.items())
    figure = f"{told}; {len(errors)} errors in {SECONDS:g} s"
    scorecard(15, figure, "flat, and no errors", not grown(medians) and not errors)


@pytest.mark.full
def test_a_server_takes_no_more_after_seconds_of_questions_and_saves(tmp_path: Path, chance: Random) -> None:
    medians, errors = soak_ours(tmp_path, 100, 10, chance)

    assert errors == []
    assert {"files", "threads"}.isdisjoint(grown(medians))


@pytest.mark.full
def test_a_naive_search_takes_more_and_more(tmp_path: Path) -> None:
    for number in range(20):
        save_beacon(tmp_path, number)
    with naive_server(tmp_path, tmp_path / "index") as server:
        samples, _ = soak(server, ["/search/hits?q=beacon"], 8, lambda number: save_beacon(tmp_path, number))

    assert "files" in grown(fifths(samples, 8))
