"""Nodes of a cluster die and hang while posts are saved and asked for: none is lost, and no answer is an error."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import count, pairwise
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from urllib.request import urlopen
from uuid import uuid4

import pytest

from bench.client import HITS_PATH, Client
from bench.processes import GUNICORN, Server, serving
from bench.rounds import percentile
from dev.opensearch.cluster import Nodes
from index.indexer.run import reindex
from index.schema import Document
from index.settings import PREFIX, Settings
from search.engine import open_searcher
from search.query import Query
from tests.example_sites import eventually
from tests.gunicorn import watching
from tests.stress.conftest import Scorecard

ROW = 17
WORKERS = 2
POSTS = 60
SAVES_A_SECOND = 4
READERS = 4
READER_PAUSE_SECONDS = 0.1
QUIET_SECONDS = 10.0
"""For which the cluster is whole, before the first fault and after each."""

CATCH_UP_SECONDS = 120.0
"""For the watcher, which tries again after half a minute at most, to index what was saved meanwhile."""

VOCABULARY = ("amber", "birch", "cedar", "dahlia", "elm", "fern", "gorse", "hazel", "ivy", "jasmine")


class Asked(NamedTuple):
    """An answer: when it was asked for, in seconds of the monotonic clock, and what came; status 0 is no answer."""

    at: float
    seconds: float
    status: int
    retry_after: str


def ask_until(stop: threading.Event, server: Server, chance: Random) -> list[Asked]:
    """What one visitor is answered, whose questions are new ones, so that none is answered from memory."""
    answers = []
    connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
    while not stop.wait(READER_PAUSE_SECONDS):
        words = chance.sample(VOCABULARY, 3)
        started, status, retry_after = time.monotonic(), 0, ""
        try:
            connection.request("GET", f"{HITS_PATH}?q={'+'.join(words)}&per_page={chance.randint(1, 50)}")
            answer = connection.getresponse()
            answer.read()
            status, retry_after = answer.status, answer.headers.get("Retry-After", "")
        except (OSError, http.client.HTTPException):
            connection.close()
        answers.append(Asked(started, time.monotonic() - started, status, retry_after))
    connection.close()
    return answers


def save(posts: Path, name: str, number: int, chance: Random) -> None:
    """Save a post as editors do, by a rename; the number of the save stands in all that is made of it."""
    new = posts / f"{name}.new"
    text = " ".join(chance.choices(VOCABULARY, k=30))
    new.write_text(f"---\ntitle: Save {number}\ntags: [s{number}]\n---\nThe text of s{number}: {text}\n", "utf-8")
    new.replace(posts / name)


@contextmanager
def saving(posts: Path, chance: Random, saves: Iterator[int]) -> Iterator[None]:
    """Save, edit and remove posts, one after the other, while the block runs."""
    stop = threading.Event()

    def go_on() -> None:
        while not stop.wait(1 / SAVES_A_SECOND):
            name = f"post-{chance.randrange(POSTS):02}.md"
            if chance.random() < 0.2:
                (posts / name).unlink(missing_ok=True)
            else:
                save(posts, name, next(saves), chance)

    with ThreadPoolExecutor(1) as thread:
        done = thread.submit(go_on)
        try:
            yield
        finally:
            stop.set()
        done.result()


def faults_in(answers: Iterable[Asked]) -> Counter[str]:
    """What was answered that must not be, and how often: none is 500, and 503 says when to come back."""
    wrong = Counter[str]()
    for answer in answers:
        if answer.status not in (200, 503):
            wrong[f"answered with {answer.status}" if answer.status else "not answered"] += 1
        elif answer.status == 503 and not answer.retry_after:
            wrong["503 without Retry-After"] += 1
    return wrong


def differences(found: Mapping[str, Document], wanted: Mapping[str, Document]) -> list[str]:
    """What is lost, stale or not removed, by comparing with what a fresh index holds."""
    lost = [f"{id} is lost" for id in wanted.keys() - found.keys()]
    kept = [f"{id} is gone from the folder" for id in found.keys() - wanted.keys()]
    return sorted(lost + kept + [f"{id} is stale" for id in wanted.keys() & found.keys() if found[id] != wanted[id]])


def documents(settings: Settings) -> dict[str, Document]:
    """All documents that a search finds now, by id."""
    matches = open_searcher(settings).search(Query(per_page=2 * POSTS), datetime.now(UTC)).matches
    return {match.document.id: match.document for match in matches}


def longest_gap(answers: Sequence[Asked], start: float, end: float) -> float:
    """The longest time in seconds for which nobody was answered with hits."""
    good = sorted(a.at + a.seconds for a in answers if a.status == 200 and start < a.at + a.seconds < end)
    times = [start, *good, end]
    return max(later - earlier for earlier, later in pairwise(times))


def told(answers: Sequence[Asked]) -> str:
    """The median and the 99th percentile of the times of answers, in milliseconds."""
    times = [1000 * answer.seconds for answer in answers]
    return f"p50 {percentile(times, 0.5):.0f} and p99 {percentile(times, 0.99):,.0f} ms" if times else "no answers"


def cat(nodes: Nodes, what: str) -> list[dict[str, Any]]:
    """A table of the cluster, as any node that runs tells it."""
    with urlopen(f"{nodes.urls[min(nodes.processes)]}/_cat/{what}?format=json", timeout=30) as answer:
        rows: list[dict[str, Any]] = json.load(answer)
    return rows


def with_most_primaries(nodes: Nodes, settings: Settings) -> int:
    """The number of the node that holds the most primaries of the index."""
    shards = cat(nodes, f"shards/{settings.opensearch_index}")
    return int(Counter(row["node"] for row in shards if row["prirep"] == "p").most_common(1)[0][0].rpartition("-")[2])


def manager(nodes: Nodes) -> int:
    """The number of the node that is the cluster manager."""
    return int(cat(nodes, "cluster_manager")[0]["node"].rpartition("-")[2])


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to the cluster, how long it lasts, and the longest time without hits that is fine meanwhile."""

    name: str
    begin: Callable[[Nodes, Settings], list[int]]
    end: Callable[[Nodes, int], None]
    seconds: float
    gap_goal: float


def kill(nodes: Nodes, *numbers: int) -> list[int]:
    for number in numbers:
        nodes.kill(number)
    return list(numbers)


def pause(nodes: Nodes, number: int) -> list[int]:
    nodes.pause(number)
    return [number]


DEAD_PRIMARIES = Fault(
    "kill -9 of the node with the primaries",
    lambda nodes, settings: kill(nodes, with_most_primaries(nodes, settings)),
    Nodes.start,
    seconds=15,
    gap_goal=5,
)
FAULTS = (
    DEAD_PRIMARIES,
    Fault(
        "kill -9 of the cluster manager",
        lambda nodes, _: kill(nodes, manager(nodes)),
        Nodes.start,
        seconds=15,
        gap_goal=5,
    ),
    Fault(
        "a node that hangs",
        lambda nodes, settings: pause(nodes, with_most_primaries(nodes, settings)),
        Nodes.resume,
        seconds=30,
        gap_goal=30,
    ),
    Fault(
        "a cluster manager that hangs",
        lambda nodes, _: pause(nodes, manager(nodes)),
        Nodes.resume,
        seconds=30,
        gap_goal=30,
    ),
    Fault(
        "kill -9 of all nodes", lambda nodes, _: kill(nodes, *nodes.processes), Nodes.start, seconds=10, gap_goal=120
    ),
)


def found_ids(server: Server, text: str) -> list[str]:
    """The ids of the posts that the server finds; none while it does not answer."""
    try:
        with Client(server) as client:
            return [hit["id"] for hit in json.loads(client.get(f"{HITS_PATH}?q={text}&prefix=0"))["hits"]]
    except (OSError, http.client.HTTPException, RuntimeError):
        return []


def lacking(server: Server, settings: Settings) -> list[str]:
    """What the cluster lacks of what a fresh index of the folder holds, also by the words of the newest saves."""
    embedded = replace(settings, engine="whoosh", index=settings.index / "embedded")
    reindex(embedded, allow_removal=True)
    wanted = documents(embedded)
    unfound = [id for id, post in wanted.items() if found_ids(server, f"s{post.title.split()[1]}") != [id]]
    return differences(documents(settings), wanted) + [f"{id} is not found by its words" for id in sorted(unfound)]


class Trial(NamedTuple):
    """A fault that happened: when all was quiet before it, when it began, when the cluster was whole again, until when
    posts were saved, and when the last of these was found; and what was lacking then."""

    fault: Fault
    quiet: float
    begun: float
    whole: float
    over: float
    caught_up: float
    lacks: list[str]


def note(scorecard: Scorecard, trial: Trial, answers: Sequence[Asked]) -> None:
    """Note the figures of a trial."""
    fault, start, begun, whole, over, caught_up, lacks = trial
    periods = (start, begun), (begun, whole), (whole, over)
    before, during, after = ([a for a in answers if first <= a.at < last] for first, last in periods)
    wrong = faults_in([*before, *during, *after])
    away = sum(answer.status == 503 for answer in (*during, *after))
    gap = longest_gap(answers, begun, over)
    figure = (
        f"{fault.name}, {whole - begun:.0f} s until green: {wrong.total()} wrong of {len(before + during + after):,}"
        f" answers {dict(wrong) or ''}, {away} of 503, {gap:.1f} s without hits at most; {told(before)} before,"
        f" {told(during)} during, {told(after)} after; {len(lacks)} posts lost or stale {lacks or ''}, the last one"
        f" found after {caught_up - over:.1f} s"
    )
    goal = f"0 wrong, 0 lost or stale, under {fault.gap_goal:g} s without hits"
    scorecard(ROW, figure, goal, not wrong and not lacks and gap < fault.gap_goal)


def try_faults(
    nodes: Nodes, folder: Path, faults: Sequence[Fault], quiet: float, chance: Random, scorecard: Scorecard
) -> None:
    """Let the faults happen one after the other to the cluster of a site that is served and watched by processes which
    nobody starts anew."""
    posts, saves = folder / "posts", count()
    posts.mkdir()
    for number in range(POSTS):
        save(posts, f"post-{number:02}.md", next(saves), chance)
    settings = Settings(
        posts=posts,
        index=folder / "index",
        engine="opensearch",
        opensearch_url=nodes.urls,
        opensearch_index=f"faults-{uuid4().hex}",
        opensearch_shards=3,
        opensearch_timeout=2.0,
    )
    names = "posts", "index", "engine", "opensearch_index", "opensearch_shards", "opensearch_timeout"
    environment = {f"{PREFIX}{name.upper()}": str(getattr(settings, name)) for name in names}
    environment |= {f"{PREFIX}OPENSEARCH_URL": ",".join(nodes.urls), f"{PREFIX}WATCH": "true"}
    log, stop = folder / "gunicorn.log", threading.Event()
    arguments = (*GUNICORN, "--capture-output", "--log-file", str(log))
    trials = []
    with serving("wsgi:app", WORKERS, environment, arguments) as server, ThreadPoolExecutor(READERS) as threads:
        eventually(lambda: found_ids(server, "amber"), seconds=CATCH_UP_SECONDS)
        processes = server.workers(), watching(folder)
        reading = [threads.submit(ask_until, stop, server, Random(chance.random())) for _ in range(READERS)]
        try:
            for fault in faults:
                start = time.monotonic()
                with saving(posts, chance, saves):
                    stop.wait(quiet)
                    begun = time.monotonic()
                    struck = fault.begin(nodes, settings)
                    stop.wait(fault.seconds)
                    for number in struck:
                        fault.end(nodes, number)
                    nodes.wait()
                    whole = time.monotonic()
                    stop.wait(quiet)
                over = time.monotonic()
                last = f"s{next(saves)}"
                save(posts, "post-00.md", int(last[1:]), chance)
                eventually(partial(found_ids, server, last), seconds=CATCH_UP_SECONDS)
                caught_up = time.monotonic()
                trials.append(Trial(fault, start, begun, whole, over, caught_up, lacking(server, settings)))
        finally:
            stop.set()
        answers = [answer for each in reading for answer in each.result()]
        assert (server.workers(), watching(folder)) == processes, "a process of ours was started anew"
    for trial in trials:
        note(scorecard, trial, answers)
    assert "Traceback" not in log.read_text("utf-8"), log.read_text("utf-8")


def test_the_checks_see_what_is_wrong(tmp_path: Path) -> None:
    chance = Random(1)
    settings = Settings(posts=tmp_path / "posts", index=tmp_path / "index")
    settings.posts.mkdir()
    for number in range(3):
        save(settings.posts, f"post-{number}.md", number, chance)
    reindex(settings)
    before = documents(settings)
    save(settings.posts, "post-0.md", 3, chance)
    save(settings.posts, "post-3.md", 4, chance)
    (settings.posts / "post-1.md").unlink()
    reindex(settings)
    answers = [Asked(at, 0.5, status, "") for at, status in enumerate((200, 500, 503, 0, 200))]

    assert differences(before, documents(settings)) == [
        "post-0.md is stale", "post-1.md is gone from the folder", "post-3.md is lost",
    ]  # fmt: skip
    assert faults_in(answers) == {"answered with 500": 1, "503 without Retry-After": 1, "not answered": 1}
    assert longest_gap(answers, 0, 5) == 4


def test_the_node_with_the_primaries_dies(
    own_nodes: Nodes, tmp_path: Path, chance: Random, scorecard: Scorecard
) -> None:
    try_faults(own_nodes, tmp_path, [replace(DEAD_PRIMARIES, seconds=5, gap_goal=60)], 3, chance, scorecard)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_nodes_die_and_hang(own_nodes: Nodes, tmp_path: Path, chance: Random, scorecard: Scorecard) -> None:
    try_faults(own_nodes, tmp_path, FAULTS, QUIET_SECONDS, chance, scorecard)
