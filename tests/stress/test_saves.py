"""Posts are saved and the index is built anew: every answer is of one commit, and soon of the newest."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from http.client import HTTPException
from pathlib import Path

import pytest

from bench.client import HITS_PATH, Client
from bench.corpus import write_posts
from bench.freshness import time_save
from bench.processes import Server, run_postsearch, search_server
from bench.rounds import percentile
from tests.example_sites import eventually
from tests.stress.conftest import Scorecard
from tests.stress.load import indexed, naive_server, until_ready

WORKERS = 2
BEACONS = 20
"""The posts that are saved, one after the other: each carries the number of its last save in all that it is made of."""

BEACONS_PATH = f"{HITS_PATH}?q=beacon&prefix=0&per_page={BEACONS}"
READERS = 50
SAVES_A_SECOND = 10
SECONDS = 80.0
P50_GOAL, P99_GOAL = 0.12, 0.25
TIMED_SAVES = 150


def save_beacon(posts: Path, number: int) -> None:
    """Save the next beacon as editors do, by a rename."""
    path = posts / f"beacon-{number % BEACONS:02}.md"
    new = path.with_suffix(".new")
    new.write_text(f"---\ntitle: Save {number}\ntags: [s{number}]\n---\nThe beacon of save {number}.\n", "utf-8")
    new.replace(path)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reader was shown: the commit, how many posts in all, and each beacon with the saves that it tells of."""

    commit: str
    total: int
    beacons: tuple[tuple[str, frozenset[int]], ...]


def read_answer(body: bytes) -> Answer:
    answer = json.loads(body)
    beacons = []
    for hit in answer["hits"]:
        told = " ".join([hit["title"], hit["plain_snippet"], *hit.get("tags", ())])
        beacons.append((hit["id"], frozenset(map(int, re.findall(r"\d+", told)))))
    return Answer(str(answer["index"]), answer["total"], tuple(sorted(beacons)))


def read_until(stop: threading.Event, server: Server) -> list[Answer | str]:
    """All that one connection is answered, or why it was not."""
    answers = list[Answer | str]()
    with Client(server) as client:
        while not stop.is_set():
            try:
                answers.append(read_answer(client.get(BEACONS_PATH)))
            except (OSError, HTTPException, RuntimeError) as error:
                answers.append(str(error))
    return answers


def faults_in(readers: Iterable[Sequence[Answer | str]]) -> Iterator[str]:
    """Answers that are errors, or mixed of several commits, or older than the one before."""
    commits: dict[str, Answer] = {}
    for answers in readers:
        newest = 0
        for answer in answers:
            if isinstance(answer, str):
                yield f"an error: {answer}"
                continue
            if answer.total != BEACONS or len(dict(answer.beacons)) != BEACONS:
                yield f"posts are missing, or there twice: {answer}"
            if any(len(saves) != 1 for _, saves in answer.beacons):
                yield f"a post is of several saves: {answer}"
            if commits.setdefault(answer.commit, answer) != answer:
                yield f"a commit is shown in two ways: {answer} {commits[answer.commit]}"
            age = sum(max(saves, default=0) for _, saves in answer.beacons)
            if age < newest:
                yield f"older than the answer before: {answer}"
            newest = age


def read_while_saving(
    server: Server, posts: Path, readers: int, seconds: float, rebuild: Callable[[], object]
) -> tuple[list[list[Answer | str]], int, int]:
    """All answers of the readers while beacons are saved, and how often that was and the index was built anew."""
    stop, deadline, saves, rebuilds = threading.Event(), time.monotonic() + seconds, BEACONS, 0
    with ThreadPoolExecutor(readers + 1) as threads:
        reading = [threads.submit(read_until, stop, server) for _ in range(readers)]
        rebuilding = threads.submit(rebuild)
        while time.monotonic() < deadline:
            save_beacon(posts, saves)
            saves += 1
            if rebuilding.done():
                rebuilding.result()
                rebuilds += 1
                rebuilding = threads.submit(rebuild)
            stop.wait(1 / SAVES_A_SECOND)
        rebuilding.result()
        stop.set()
        return [each.result() for each in reading], saves - BEACONS, rebuilds + 1


def with_beacons(posts: Path, count: int) -> Path:
    """So many made posts, and the beacons."""
    write_posts(posts, count)
    for number in range(BEACONS):
        save_beacon(posts, number)
    return posts


def hold_readers(folder: Path, posts: int, readers: int, seconds: float) -> tuple[list[str], str]:
    """The faults of a trial, and what was done in it."""
    settings = indexed(with_beacons(folder / "posts", posts), folder / "index")
    with search_server(settings, WORKERS, watch=True) as server:
        until_ready(server)

        def rebuild() -> None:
            run_postsearch("reindex", settings.posts, "--index", settings.index, "--full", "--quiet")

        read, saves, rebuilds = read_while_saving(server, settings.posts, readers, seconds, rebuild)
        newest = {(f"beacon-{n % BEACONS:02}.md", frozenset([n])) for n in range(saves, saves + BEACONS)}
        with Client(server) as client:
            eventually(lambda: set(read_answer(client.get(BEACONS_PATH)).beacons) == newest)
    faults, answers = list(faults_in(read)), sum(map(len, read))
    return faults, f"{len(faults)} of {answers:,} answers; {saves:,} saves, {rebuilds} rebuilds"


SOUND = Answer("1", BEACONS, tuple((f"{number:02}", frozenset([number])) for number in range(BEACONS)))
MIXED = replace(SOUND, beacons=(("00", frozenset([0, 20])), *SOUND.beacons[1:]))
OLDER = replace(SOUND, commit="0", beacons=(("00", frozenset([-20])), *SOUND.beacons[1:]))


@pytest.mark.parametrize(
    ("readers", "fault"),
    [
        ([[SOUND], [SOUND, "no answer"]], "an error"),
        ([[replace(SOUND, beacons=SOUND.beacons[1:])]], "posts are missing"),
        ([[replace(SOUND, total=21)]], "posts are missing, or there twice"),
        ([[MIXED]], "a post is of several saves"),
        ([[SOUND], [replace(OLDER, commit="1")]], "a commit is shown in two ways"),
        ([[SOUND, OLDER]], "older than the answer before"),
    ],
)
def test_an_answer_that_is_not_of_one_commit_is_seen(readers: list[list[Answer | str]], fault: str) -> None:
    assert list(faults_in([[OLDER, SOUND, SOUND], [SOUND]])) == []

    assert fault in "".join(faults_in(readers))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_fifty_readers_see_whole_commits_while_posts_are_saved_and_the_index_is_rebuilt(
    tmp_path: Path, scorecard: Scorecard
) -> None:
    faults, done = hold_readers(tmp_path, 2_000, READERS, SECONDS)

    assert faults[:3] == []
    scorecard(11, f"errors or mixed: {done}", "none", not faults)


@pytest.mark.full
def test_readers_see_whole_commits_while_posts_are_saved_and_the_index_is_rebuilt(tmp_path: Path) -> None:
    faults, _ = hold_readers(tmp_path, 100, 8, 3)

    assert faults[:3] == []


@pytest.mark.full
def test_readers_of_a_naive_search_see_mixtures_and_errors(tmp_path: Path) -> None:
    posts = with_beacons(tmp_path / "posts", 0)
    with naive_server(posts, tmp_path / "index") as server:

        def seen() -> bool:
            faults = " ".join(faults_in(read_while_saving(server, posts, 4, 2, lambda: None)[0]))
            return "a post is of several saves" in faults and "a commit is shown in two ways" in faults

        assert eventually(seen)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_saved_post_is_found_soon_by_every_worker(tmp_path: Path, scorecard: Scorecard) -> None:
    times = time_saves(tmp_path, 2_000, TIMED_SAVES)

    p50, p99 = percentile(times, 0.5), percentile(times, 0.99)
    figure = f"p50 {p50:.3f} s, p99 {p99:.3f} s of {len(times)} saves"
    scorecard(12, figure, f"p50 {P50_GOAL} s, p99 {P99_GOAL} s", p50 <= P50_GOAL and p99 <= P99_GOAL)


@pytest.mark.full
def test_a_saved_post_is_found_by_every_worker(tmp_path: Path) -> None:
    assert len(time_saves(tmp_path, 50, 5)) == 5


@pytest.mark.full
def test_a_naive_search_finds_a_saved_post_late(tmp_path: Path) -> None:
    write_posts(posts := tmp_path / "posts", 3)
    with naive_server(posts, tmp_path / "index") as server:
        assert percentile([time_save(posts, [search_url(server)], number) for number in range(3)], 0.5) > P50_GOAL


def time_saves(folder: Path, posts: int, saves: int) -> list[float]:
    """The seconds until both of two workers find what was saved, each behind a door of its own; one of them watches."""
    write_posts(folder / "posts", posts)
    settings = indexed(folder / "posts", folder / "index")
    with search_server(settings, 1, watch=True) as one, search_server(settings, 1, watch=True) as other:
        until_ready(one)
        until_ready(other)
        assert eventually(lambda: (settings.index / "watcher.json").exists())
        return [time_save(settings.posts, [search_url(one), search_url(other)], number) for number in range(saves)]


def search_url(server: Server) -> str:
    return f"http://{server.host}:{server.port}/search/"
