"""`gunicorn wsgi:app` with several workers: exactly one of them indexes and watches."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PATIENCE = 20.0


@contextmanager
def gunicorn(folder: Path, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A server of two workers on a socket of its own, ended with all its workers."""
    posts = folder / "posts"
    posts.mkdir()
    (posts / "a.md").write_text("---\ntitle: A post\n---\nText.\n", "utf-8")
    command = [sys.executable, "-m", "gunicorn", "--workers", "2", "--bind", f"unix:{folder}/socket", *arguments]
    settings = {"POSTSEARCH_POSTS": str(posts), "POSTSEARCH_INDEX": str(folder / "index"), **environment}
    process = subprocess.Popen(
        [*command, "--chdir", str(folder), "--pythonpath", str(ROOT), "wsgi:app"],
        env=os.environ | settings,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()


def eventually(told: Callable[[], int]) -> int:
    """The first number other than 0 that is told."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if number := told():
            return number
        time.sleep(0.05)
    raise AssertionError(f"nothing within {PATIENCE:g} s")


def watching(folder: Path) -> int:
    """The process that says it watches, or 0."""
    try:
        return int(json.loads((folder / "index" / "watcher.json").read_bytes())["pid"])
    except (OSError, ValueError):
        return 0


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[1])


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="tells processes apart by /proc")
@pytest.mark.parametrize("arguments", [(), ("--preload",)], ids=["plain", "preload"])
def test_one_worker_watches_and_another_takes_over_when_it_dies(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with gunicorn(tmp_path, *arguments) as server:
        first = eventually(lambda: watching(tmp_path))
        assert parent_of(first) == server.pid

        os.kill(first, signal.SIGKILL)
        second = eventually(lambda: pid if (pid := watching(tmp_path)) != first else 0)

        assert parent_of(second) == server.pid
        assert (tmp_path / "index" / "current.json").exists()


@pytest.mark.parametrize(("watch", "threads"), [("false", []), ("true", ["postsearch-election"])])
def test_nobody_stands_for_election_when_told_not_to(tmp_path: Path, watch: str, threads: list[str]) -> None:
    program = "import threading, wsgi; print([t.name for t in threading.enumerate() if 'postsearch' in t.name])"

    told = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"POSTSEARCH_WATCH": watch, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.strip() == str(threads)
