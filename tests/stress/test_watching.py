"""Whatever happens to the folder, to the process that watches it or to the system: the index follows, or health tells.

POSTSEARCH_SEED repeats a run.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from typing import Any

import pytest

from index.indexer.run import reindex
from index.settings import Settings
from index.watching.watcher import Watcher
from tests.gunicorn import gunicorn, watching
from tests.stored import stored_documents
from tests.stress.conftest import Scorecard
from tests.test_convergence import Converging, ConvergingFolders, converge, post

OPERATIONS = 10_000
BURST = 20_000
MAX_BURST_RATIO = 1.3
"""Of the time that a run over the same files takes that are all there when it begins."""

NOTICED_SECONDS = 2.0
CONVERGED_SECONDS = 5.0
PATIENCE = 60.0
"""How long a trial waits before it gives up."""


@pytest.mark.slow
@pytest.mark.full
@pytest.mark.timeout(600)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # as there
@pytest.mark.parametrize("machine", [Converging, ConvergingFolders])
def test_the_index_follows_ten_thousand_operations(
    machine: type[Converging], scorecard: Scorecard, chance: Random
) -> None:
    deadline, done = time.monotonic() + 150, 0
    while done < OPERATIONS and time.monotonic() < deadline:
        converge(250, 50, chance.randrange(2**32), machine)
        done += 250

    figure = f"{done} operations on {len(machine.options) or 1} folders, each index equal to a fresh one"
    scorecard(5, figure, f"{OPERATIONS} operations", True)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_burst_takes_little_longer_than_a_run(tmp_path: Path, scorecard: Scorecard) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    settings = Settings(posts=posts, index=tmp_path / "live")
    watcher = Watcher(settings)
    watcher.start()
    assert watcher.idle.wait(PATIENCE)
    started = time.monotonic()
    write_many(posts, BURST)
    watcher.idle.wait(1.0)
    assert watcher.idle.wait(400)
    burst = time.monotonic() - started
    watcher.stop()
    run = reindex(replace(settings, index=tmp_path / "fresh")).seconds

    assert len(stored_documents(settings)) == BURST
    reached = burst <= MAX_BURST_RATIO * run
    scorecard(5, f"{BURST} files at once: {burst:.1f} s, a run {run:.1f} s", f"{MAX_BURST_RATIO} of a run", reached)


def write_many(posts: Path, count: int) -> None:
    """So many posts of a few hundred words, as a `git checkout` or a copy writes them."""
    words = " ".join(f"word{number % 97} and" for number in range(150))
    for number in range(count):
        folder = posts / str(number % 50)
        folder.mkdir(exist_ok=True)
        (folder / f"{number}.md").write_text(post(f"{words} number{number}", f"title: Post {number}"), "utf-8")


class Site:
    """Folders of posts that gunicorn serves with two workers, and what it says of itself; `posts` is one of them."""

    def __init__(self, folder: Path, names: Sequence[str] = ("posts",)) -> None:
        self.folder = folder
        self.folders = [folder / name for name in names]
        self.posts = self.folders[0]
        self.number = 0

    def ask(self, path: str) -> dict[str, Any]:
        """What the server answers, whichever worker that is; nothing where none answers at once."""
        connection = HTTPConnection("localhost", timeout=1)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(1)
        with suppress(OSError, ValueError):
            connection.sock.connect(str(self.folder / "socket"))
            connection.request("GET", path)
            answer: dict[str, Any] = json.loads(connection.getresponse().read())
            connection.close()
            return answer
        connection.close()
        return {}

    def health(self) -> dict[str, Any]:
        return self.ask("/search/health")

    def save(self) -> str:
        """A word that only a new post holds."""
        self.number += 1
        word = f"canary{self.number}"
        new = self.posts / ".new"
        new.write_text(post(word), "utf-8")
        new.replace(self.posts / f"{self.number}.md")
        return word

    def finds(self, word: str) -> bool:
        return self.ask(f"/search/hits?q={word}&typos=0").get("total") == 1

    def rests(self) -> bool:
        report = self.health()
        watcher = report.get("watcher") or {}
        return report.get("status") == "ok" and watcher.get("pending") == 0 and bool(watcher.get("swept_at"))


def seconds_until(look: Callable[[], object], patience: float = PATIENCE) -> float:
    """How long it takes until there is something to see; infinite where there is nothing for so many seconds."""
    started = time.monotonic()
    while time.monotonic() < started + patience:
        if look():
            return time.monotonic() - started
        time.sleep(0.02)  # nobody tells: it is another process that is looked at
    return float("inf")


@contextmanager
def served(
    folder: Path, count: int = 0, prefix: Sequence[str] = (), names: Sequence[str] = ("posts",)
) -> Iterator[Site]:
    """A site of so many posts more in each folder of these names, once all of them are found."""
    site = Site(folder, names)
    threads = ("--worker-class", "gthread", "--threads", "4", "--timeout", "120")
    several = {"POSTSEARCH_POSTS": ",".join(f"{path.name}={path}" for path in site.folders)} if len(names) > 1 else {}
    with gunicorn(folder, *threads, prefix=prefix, environment=several):
        for folder in site.folders:
            site.posts = folder
            folder.mkdir(exist_ok=True)
            for _ in range(count):
                site.save()
        assert seconds_until(site.rests) < PATIENCE
        yield site


def die(site: Site) -> Iterator[Callable[[], bool]]:
    """The watcher is killed."""
    first = watching(site.folder)
    os.kill(first, signal.SIGKILL)
    word = site.save()
    yield lambda: watching(site.folder) not in (0, first) or site.health().get("status") == "degraded"
    yield lambda: site.finds(word)


def stop(site: Site) -> Iterator[Callable[[], bool]]:
    """The watcher is stopped, and goes on later."""
    first = watching(site.folder)
    os.kill(first, signal.SIGSTOP)
    word = site.save()
    yield lambda: site.health().get("status") == "degraded"
    yield lambda: site.finds(word)
    os.kill(first, signal.SIGCONT)


def swap(site: Site) -> Iterator[Callable[[], bool]]:
    """Another folder stands at the path of the posts."""
    new, word = site.folder / "next", site.save()
    site.number += 1
    other = f"canary{site.number}"
    shutil.copytree(site.posts, new)
    (new / f"{site.number}.md").write_text(post(other), "utf-8")
    site.posts.rename(site.folder / f"old{site.number}")
    new.rename(site.posts)
    yield lambda: site.finds(other)
    yield lambda: site.finds(other) and site.finds(word)


def empty(site: Site) -> Iterator[Callable[[], bool]]:
    """The folder is empty for a while, as one that is not mounted."""
    away, posts = site.folder / "away", site.health()["posts"]
    site.posts.rename(away)
    site.posts.mkdir()
    yield lambda: "posts are gone" in site.health().get("reason", "") and site.health().get("posts") == posts
    site.posts.rmdir()
    away.rename(site.posts)
    word = site.save()
    yield lambda: site.finds(word) and site.health().get("status") == "ok"


def lose(site: Site) -> Iterator[Callable[[], bool]]:
    """One of several folders is missing for a while; what was found of it still is, and another one is followed."""
    lost, away, before = site.posts, site.folder / "away", site.save()
    assert seconds_until(lambda: site.finds(before)) < PATIENCE
    lost.rename(away)
    site.posts = next(folder for folder in site.folders if folder != lost)
    word = site.save()
    yield lambda: f"the folder of {lost.name} is missing" in site.health().get("reason", "")
    assert seconds_until(lambda: site.finds(word) and site.finds(before)) < PATIENCE
    away.rename(lost)
    yield lambda: site.finds(before) and site.health().get("status") == "ok"


@pytest.mark.full
def test_an_index_that_nobody_keeps_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTSEARCH_WATCH", "false")
    with gunicorn(tmp_path):
        site = Site(tmp_path)
        reindex(Settings(posts=site.posts, index=tmp_path / "index"))
        assert seconds_until(lambda: site.health().get("status") == "ok") < PATIENCE
        word = site.save()

        assert seconds_until(lambda: site.finds(word) or site.rests(), 1.0) == float("inf")


Accident = Callable[[Site], Iterator[Callable[[], bool]]]

ACCIDENTS = (die, stop, swap, empty)


@pytest.mark.slow
@pytest.mark.full
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("names", "accidents"), [(["posts"], ACCIDENTS), (["posts", "docs", "notes"], (*ACCIDENTS, lose))]
)
def test_accidents_are_noticed_and_made_good(
    names: list[str], accidents: Sequence[Accident], tmp_path: Path, scorecard: Scorecard, chance: Random
) -> None:
    deadline = time.monotonic() + 90
    noticed: dict[str, list[float]] = {accident.__name__: [] for accident in accidents}
    converged: dict[str, list[float]] = {accident.__name__: [] for accident in accidents}
    with served(tmp_path, count=15, names=names) as site:
        while time.monotonic() < deadline:
            accident, site.posts = chance.choice(accidents), chance.choice(site.folders)
            steps = accident(site)
            noticed[accident.__name__].append(seconds_until(next(steps)))
            converged[accident.__name__].append(seconds_until(next(steps)))
            assert next(steps, None) is None
            assert seconds_until(site.rests) < PATIENCE
    for name, seconds in noticed.items():
        worst, last = max(seconds, default=0.0), max(converged[name], default=0.0)
        times = f"noticed in {worst:.1f} s, followed {last:.1f} s later, at most"
        figure = f"{name}, {len(names)} folders: {len(seconds)} times, {times}"
        reached = worst <= NOTICED_SECONDS and last <= CONVERGED_SECONDS
        scorecard(6, figure, f"{NOTICED_SECONDS:g} s, {CONVERGED_SECONDS:g} s", reached)


LIMITED = ("unshare", "--map-root-user", "sh", "-c", 'echo 3 >/proc/sys/user/max_inotify_watches && exec "$@"', "sh")
"""Runs a command that may watch no more than three folders."""


@pytest.mark.slow
@pytest.mark.full
def test_folders_without_events_are_told_and_polled(tmp_path: Path, scorecard: Scorecard) -> None:
    if not shutil.which("unshare") or subprocess.run([*LIMITED, "true"], capture_output=True, check=False).returncode:
        pytest.skip("the system gives no namespace in which the number of watches may be limited")
    with served(tmp_path, prefix=LIMITED) as site:
        for number in range(9):
            (site.posts / str(number)).mkdir()
        noticed = seconds_until(lambda: (site.health().get("watcher") or {}).get("mode") == "polling")
        seconds = []
        for number in range(9):
            (site.posts / str(number) / "a.md").write_text(post(f"deep{number}"), "utf-8")
            seconds.append(seconds_until(lambda number=number: site.finds(f"deep{number}")))  # type: ignore[misc]
    figure = f"watches exhausted: noticed in {noticed:.1f} s, a save found in {max(seconds):.1f} s at most"
    reached = noticed <= NOTICED_SECONDS and max(seconds) <= CONVERGED_SECONDS
    scorecard(6, figure, f"{NOTICED_SECONDS:g} s, {CONVERGED_SECONDS:g} s", reached)


@pytest.mark.slow
@pytest.mark.full
def test_a_full_disk_is_told_while_the_old_index_answers(tmp_path: Path, scorecard: Scorecard) -> None:
    (tmp_path / "index").mkdir(mode=0o700)
    mount = f'mount -t tmpfs -o size=600k,mode=700 none "{tmp_path}/index" && exec "$@"'
    alone = ("unshare", "--map-root-user", "--mount", "sh", "-c", mount, "sh")
    if not shutil.which("unshare") or subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("the system gives no namespace to mount a small disk in")
    with served(tmp_path, prefix=alone) as site:
        word = site.save()
        assert seconds_until(lambda: site.finds(word)) < PATIENCE
        for number in range(300):
            (site.posts / f"large{number}.md").write_text(post(f"large{number} " * 500), "utf-8")
        told = seconds_until(lambda: site.health().get("status") == "degraded")
        assert site.finds(word)
        for path in site.posts.glob("large*.md"):
            path.unlink()
        mended = seconds_until(site.rests)

    figure = f"disk full: told, and mended {mended:.1f} s after there was room"
    scorecard(6, figure, "told, and mended", told < PATIENCE and mended < PATIENCE)
