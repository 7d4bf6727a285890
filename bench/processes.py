"""Processes that are measured from outside: the `postsearch` command, servers, and how much memory they take.

What they print goes nowhere but into errors, and no setting of the surroundings reaches them.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from index.settings import PREFIX, Settings

__all__ = ["GUNICORN", "Server", "private_mb", "run_postsearch", "search_server", "serving"]

ROOT = Path(__file__).parents[1]
COMMAND = "from search.cli import main; main()"
STOP_SECONDS = 20
GUNICORN = ("--worker-class", "gthread", "--threads", "16", "--keep-alive", "75")
"""How docs/deployment.md starts it, but for the number of workers."""


@dataclass(frozen=True, slots=True)
class Server:
    """A gunicorn on the loopback interface."""

    host: str
    port: int
    pid: int

    def workers(self) -> list[int]:
        """The processes that answer."""
        return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text("utf-8").split()]


def surroundings(**extra: str) -> dict[str, str]:
    """The environment without any setting of postsearch, and with these variables."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return kept | {"PYTHONPATH": str(ROOT)} | extra


def run_postsearch(*arguments: str | Path, fine: tuple[int, ...] = (0,)) -> str:
    """What the command prints. Raises `RuntimeError` with its errors where it ends with a code that is not fine."""
    command = [sys.executable, "-c", COMMAND, *map(str, arguments)]
    # In a folder without a postsearch.toml.
    with tempfile.TemporaryDirectory() as empty:
        ended = subprocess.run(command, capture_output=True, text=True, env=surroundings(), cwd=empty, check=False)
    if ended.returncode not in fine:
        raise RuntimeError(f"postsearch {arguments[0]} ended with {ended.returncode}: {ended.stderr.strip()}")
    return ended.stdout


@contextmanager
def serving(
    app: str, workers: int, environment: Mapping[str, str], arguments: Sequence[str] = GUNICORN
) -> Iterator[Server]:
    """The app behind gunicorn while the block runs; its door is open at once, and answers as soon as it can."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as door, tempfile.TemporaryDirectory() as empty:
        # As gunicorn sets it for a door that it opens itself; without it, an answer of two packets takes 40 ms more.
        door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        host, port = door.getsockname()[:2]
        command = [sys.executable, "-m", "gunicorn", "--bind", f"fd://{door.fileno()}", "--workers", str(workers)]
        command += [*arguments, "--log-level", "warning", app]
        process = subprocess.Popen(
            command, env=surroundings(**environment), cwd=empty, pass_fds=[door.fileno()], stderr=subprocess.DEVNULL
        )
        try:
            yield Server(host, port, process.pid)
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def search_server(settings: Settings, workers: int, *, watch: bool = False) -> Iterator[Server]:
    """Our own app, which answers from the index and, with `watch`, has one of the workers watch the posts."""
    names = {"POSTS": str(settings.posts), "INDEX": str(settings.index), "WATCH": str(watch).lower()}
    with serving("wsgi:app", workers, {PREFIX + name: value for name, value in names.items()}) as server:
        yield server


def private_mb(pid: int) -> float:
    """The memory that a process shares with no other, in MB. Raises `OSError` where the system does not tell."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8").splitlines()
    counts = [line.split()[1] for line in lines if line.startswith(("Private_Clean:", "Private_Dirty:"))]
    return sum(map(int, counts)) * 1024 / 1e6
