"""`postsearch serve` outlives the process that serves for it, and leaves none behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from index.settings import Settings
from index.storage.lock import watcher_lock
from tests.example_sites import eventually
from tests.rot import segment_files

SUPERVISED = """
import logging, os, signal, sys
from search.commands.foreground import end_when_terminated
from search.commands.supervisor import supervised

logging.basicConfig(format="%(message)s")
end_when_terminated()
service = supervised()
"""


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`postsearch serve` over one post: the address, and the process that was started."""
    (folder / "posts").mkdir()
    (folder / "posts" / "a.md").write_text("# A post\n\nText.\n", "utf-8")
    command = [sys.executable, "-m", "search.cli", "serve", "posts", "--port", "0", *options]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[2], process
        finally:
            process.kill()


def server_of(process: subprocess.Popen[str]) -> int:
    """The process that serves."""
    (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("utf-8").split()
    return int(child)


def asks(url: str, path: str) -> dict[str, object]:
    with urllib.request.urlopen(url + path, timeout=20) as answer:
        found: dict[str, object] = json.load(answer)
        return found


def ended(process: int) -> bool:
    """Whether the process has ended; where nobody waits for it, it may be left as a zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_a_server_that_was_killed_is_started_again_at_once(tmp_path: Path) -> None:
    with serving(tmp_path) as (url, process):
        assert asks(url, "hits?q=text")["total"] == 1
        first = server_of(process)
        started = time.monotonic()
        os.kill(first, signal.SIGKILL)

        assert asks(url, "hits?q=text")["total"] == 1
        assert time.monotonic() - started < 2
        assert server_of(process) != first
        (tmp_path / "posts" / "b.md").write_text("# Another post\n\nText.\n", "utf-8")
        assert eventually(lambda: asks(url, "hits?q=text")["total"] == 2)
        process.terminate()

        assert process.wait(20) == 0
    log = (tmp_path / "log").read_text("utf-8")
    assert "The server was ended by SIGKILL (the system may have run out of memory): starting it again at once" in log
    assert "Traceback" not in log


@pytest.mark.parametrize("options", [(), ("--no-watch",)], ids=["watching", "not watching"])
def test_a_segment_that_is_cut_short_under_a_server_is_healed(tmp_path: Path, options: tuple[str, ...]) -> None:
    with serving(tmp_path, *options) as (url, process):
        assert asks(url, "hits?q=text")["total"] == 1
        os.truncate(segment_files(Settings(index=tmp_path / ".postsearch"))[-1], 100)

        def answers() -> bool:
            try:
                return asks(url, "hits?q=post")["total"] == 1
            except OSError:  # the server that died, or 503
                return False

        assert eventually(answers)
        assert process.poll() is None
    assert "The server was ended by SIGBUS (a file was cut short while it was in use)" in (tmp_path / "log").read_text()


def test_no_server_is_left_behind(tmp_path: Path) -> None:
    with serving(tmp_path) as (url, process):
        assert asks(url, "hits?q=text")["total"] == 1
        server = server_of(process)
        process.kill()

        assert eventually(lambda: ended(server))
        assert eventually(lambda: not (tmp_path / ".postsearch" / "watcher.json").exists())


def test_a_server_watches_once_the_process_that_watched_no_longer_does(tmp_path: Path) -> None:
    with watcher_lock(Settings(index=tmp_path / ".postsearch")) as lock, serving(tmp_path) as (url, _process):
        assert lock
        assert asks(url, "health")["watcher"] is None
        lock.close()

        assert eventually(lambda: asks(url, "health")["watcher"])


def run(program: str) -> tuple[int, str]:
    """The exit code and the log of a program that is supervised."""
    done = subprocess.run(
        [sys.executable, "-c", SUPERVISED + program], capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize(("program", "code"), [("sys.exit(4)", 4), ("pass", 0), ("os.kill(os.getpid(), 9)", 137)])
def test_how_a_process_ended_that_was_never_ready_is_passed_on(program: str, code: int) -> None:
    assert run(program) == (code, "")


def test_a_process_that_dies_again_and_again_is_started_after_growing_pauses() -> None:
    program = """
service.ready()
if os.read(0, 1):
    os.kill(os.getpid(), signal.SIGKILL)
"""
    command = [sys.executable, "-c", SUPERVISED + program]
    done = subprocess.run(command, input="xxx", capture_output=True, text=True, timeout=60, check=False)

    assert [line.rpartition("starting it again ")[2] for line in done.stderr.splitlines()] == [
        "at once", "in 1 s", "in 2 s",
    ]  # fmt: skip
    assert done.returncode == 0


def test_a_pause_ends_when_the_service_is_to_end() -> None:
    program = "service.ready(); os.kill(os.getpid(), signal.SIGKILL)"
    with subprocess.Popen([sys.executable, "-c", SUPERVISED + program], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        while "in 2 s" not in process.stderr.readline():
            pass
        process.terminate()

        assert process.wait(20) == 0
        assert process.stderr.read() == ""


def test_a_service_is_not_ended_by_what_it_ignores() -> None:
    """As where a script starts it in the background, and Ctrl-C is for another program."""
    ignoring = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    program = """
if not service.restarted:
    service.ready()
    os.kill(os.getppid(), signal.SIGINT)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    command = [sys.executable, "-c", ignoring + SUPERVISED + program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0
    assert "starting it again at once" in done.stderr
