"""Row 14: a container of 600 MB holds the service, whatever post is saved, and each is indexed or refused by name."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Self

import pytest

from tests import ROOT
from tests.example_sites import eventually, fetch, free_ports
from tests.stress.conftest import Scorecard
from tests.test_hostile_posts import KINDS, SIZE

ROW = 14
MAX_MB = 600
"""Of memory that all our processes hold together, at any time: pages that they share count for each."""

SAMPLE_SECONDS = 0.02
REINDEX_SECONDS, SERVE_SECONDS = 90.0, 45.0
"""In which so many posts are tried as fit; a post that was begun is waited for."""

MORE_KINDS = {
    "paragraphs alone": "<p>",
    "breaks": "<br>",
    "quotes in quotes": ">",
    "links": "[a](b) ",
    "rows": "<tr><td>a",
    "html headings": "<h1>a</h1>",
    "lists": "- a\n",
    "lines": "a\n",
    "images": "![",
    "components": "<Ab ",
    "hyphens": "a-",
    "Thai": "กำ",
}
CASES = [(kind, token, suffix) for kind, token in (KINDS | MORE_KINDS).items() for suffix in ("md", "html")]

NAIVE = """
import sys
from whoosh.fields import Schema, TEXT
from whoosh.filedb.filestore import RamStorage
from index.markup.markdown import PARSER
events = list(PARSER.events_with_range(open(sys.argv[1], encoding="utf-8").read()))
writer = RamStorage().create_index(Schema(body=TEXT(stored=True, phrase=True))).writer()
writer.add_document(body=" ".join(event["Text"] for event, _ in events if "Text" in event))
"""
"""Reads a post as it is, in the process that serves."""


def limit_memory() -> None:
    """Let no process ask for more than all may have."""
    resource.setrlimit(resource.RLIMIT_DATA, (MAX_MB << 20, MAX_MB << 20))


class Watch:
    """Adds up, all the time, what a process and all that it started hold; `peak_mb` is the most."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.peak_mb = 0.0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.over.set()
        self.thread.join()

    def run(self) -> None:
        while not self.over.wait(SAMPLE_SECONDS):
            self.peak_mb = max(self.peak_mb, sum(map(resident_mb, family(self.pid))))


def family(pid: int) -> Iterator[int]:
    """The process and all that it started, directly or not."""
    yield pid
    with suppress(OSError):
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in children.read_text("ascii").split():
                yield from family(int(child))


def resident_mb(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * resource.getpagesize() / (1 << 20)
    except OSError:
        return 0.0


def write_post(posts: Path, number: int) -> str:
    """Write the hostile post of a case, with a title that finds it; its id."""
    _, token, suffix = CASES[number]
    id = f"bad{number}.{suffix}"
    text = f"---\ntitle: hostile{number}\n---\n{token * ((SIZE - 100) // len(token.encode()))}"
    (posts / f"{id}.part").write_text(text, "utf-8")
    (posts / f"{id}.part").rename(posts / id)
    return id


@contextmanager
def started(folder: Path, *command: str, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process in the folder, within the memory; it and all that it started are ended."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1", **settings}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=folder, env=environment, preexec_fn=limit_memory, stdout=subprocess.PIPE,
            stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=10)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "posts").mkdir()
    for number in range(3):
        (tmp_path / "posts" / f"good{number}.md").write_text(f"# Good {number}\n\nA harmless text.", "utf-8")
    return tmp_path


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_posts_are_indexed_within_the_memory(folder: Path, chance: Random, scorecard: Scorecard) -> None:
    """Four hostile posts at a time, which are read in as many processes as there are cores."""
    numbers, until = chance.sample(range(len(CASES)), len(CASES)), time.monotonic() + REINDEX_SECONDS
    peak, tried, wrong = 0.0, 0, list[str]()
    while numbers and time.monotonic() < until:
        ids = [write_post(folder / "posts", numbers.pop()) for _ in range(min(4, len(numbers)))]
        command = ("-m", "search.cli", "reindex", "posts", "--index", "index", "--json", "--full")
        with started(folder, *command) as process, Watch(process.pid) as watch:
            assert process.stdout
            out = process.stdout.read()
            code = process.wait()
        peak, tried = max(peak, watch.peak_mb), tried + len(ids)
        report = json.loads(out or "{}")
        failed = {post["path"] for post in report.get("failed", ())}
        if code not in {0, 1} or report.get("total") != len(ids) + 3 or not failed <= set(ids):
            wrong.append(f"{ids}: exit code {code}, {report}")
        for id in ids:
            (folder / "posts" / id).unlink()
    print(*wrong, sep="\n")
    figure = f"reindex: {tried} of {len(CASES)} hostile posts, {len(wrong)} deaths or losses, {peak:.0f} MB"
    scorecard(ROW, figure, f"0, under {MAX_MB} MB", not wrong and peak < MAX_MB)


@pytest.mark.slow
@pytest.mark.parametrize("server", ["serve", "gunicorn"])
def test_a_server_lives_through_saved_posts(folder: Path, chance: Random, scorecard: Scorecard, server: str) -> None:
    [port] = free_ports(1)
    commands = {
        "serve": ("-m", "search.cli", "serve", "posts", "--index", "index", "--port", port),
        "gunicorn": ("-m", "gunicorn", "-w", "2", "--threads", "4", "-b", f"127.0.0.1:{port}", "wsgi:app"),
    }
    settings = {"POSTSEARCH_POSTS": "posts", "POSTSEARCH_INDEX": "index"}
    tried, until = 0, time.monotonic() + SERVE_SECONDS
    with started(folder, *commands[server], **settings) as process, Watch(process.pid) as watch:
        eventually(lambda: found(port, "harmless") == 3, seconds=60)
        workers = set(family(process.pid))
        for number in chance.sample(range(len(CASES)), len(CASES)):
            if time.monotonic() > until:
                break
            id = write_post(folder / "posts", number)
            eventually(partial(settled, port, number, folder / "log"), seconds=100)
            tried += 1
            (folder / "posts" / id).unlink()
        lives = process.poll() is None and found(port, "harmless") == 3 and workers <= set(family(process.pid))
    print((folder / "log").read_text("utf-8")[-2_000:])
    figure = f"{server}: {tried} hostile posts saved, {'0 deaths' if lives else 'died'}, {watch.peak_mb:.0f} MB"
    scorecard(ROW, figure, f"0 deaths, under {MAX_MB} MB", lives and watch.peak_mb < MAX_MB)


def found(port: str, word: str) -> int:
    """How many posts the server finds, or -1 while it answers nothing."""
    try:
        return int(json.loads(fetch(f"http://127.0.0.1:{port}/search/hits?typos=0&q={word}")[1])["total"])
    except (OSError, ValueError, KeyError):
        return -1


def settled(port: str, number: int, log: Path) -> bool:
    """Whether the hostile post of a case is found, or refused by name."""
    told = log.read_text("utf-8", "replace").splitlines()
    return found(port, f"hostile{number}") == 1 or any(f"bad{number}." in line and "smaller" in line for line in told)


@pytest.mark.full
def test_a_reader_in_the_process_that_serves_dies_of_such_a_post(folder: Path) -> None:
    number = next(number for number, (kind, _, _) in enumerate(CASES) if kind == "lines")
    id = write_post(folder / "posts", number)

    with started(folder, "-c", NAIVE, f"posts/{id}") as process, Watch(process.pid) as watch:
        code = process.wait()

    assert code != 0 or watch.peak_mb > MAX_MB, watch.peak_mb
    assert watch.peak_mb > MAX_MB / 2
