"""Runs an example by its name as people run it, and gives the addresses at which it answers.

The folder of examples is copied, since it holds the ports that people see, and other ports are written into the copy.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from dev.opensearch.cluster import hold_ports
from tests import ROOT

__all__ = ["EXAMPLES", "eventually", "fetch", "free_ports", "running"]

EXAMPLES = ROOT / "examples"
PORTS = ("8000", "8001", "8080")
PATIENCE = 60.0

HELD: list[socket.socket] = []

Found = TypeVar("Found")


def free_ports(count: int) -> list[str]:
    """Ports that nobody listens on, all of them different; until the end nobody gets one who does not name it."""
    held = hold_ports(count)
    HELD.extend(held)
    return [str(each.getsockname()[1]) for each in held]


def copy_examples(folder: Path, ports: dict[str, str]) -> Path:
    """The examples with those ports in place of theirs."""
    copy = shutil.copytree(EXAMPLES, folder / "examples", ignore=shutil.ignore_patterns(".postsearch", "tmp", "__py*"))
    for path in copy.rglob("*"):
        if path.is_file() and path.parent.parent.name != "posts":
            text = path.read_text("utf-8")
            for old, new in ports.items():
                text = text.replace(f":{old}", f":{new}").replace(f" {old}", f" {new}")
            # Started by root, nginx reads files as another user, who may not look into the folders of tests.
            user = "user root;\n" if path.suffix == ".conf" and os.geteuid() == 0 else ""
            path.write_text(user + text, "utf-8")
    return copy


def fetch(url: str, **headers: str) -> tuple[int, str]:
    """The status and the text of the answer, whatever it is; redirects are followed."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
            return answer.status, answer.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode("utf-8", "replace")


@contextmanager
def running(folder: Path, name: str, *awaited: str, script: str = "run") -> Iterator[dict[str, str]]:
    """The example, running; a mapping of the addresses that the example names to those where it answers.

    `awaited` are addresses, as the example names them, that have to answer before the test goes on.
    """
    ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
    command = copy_examples(folder, ports) / name / script
    places = {f"http://127.0.0.1:{old}": f"http://127.0.0.1:{new}" for old, new in ports.items()}
    log = folder / "log"
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    with log.open("wb") as file:
        process = subprocess.Popen(
            [command], env=os.environ | {"PATH": path}, stdout=file, stderr=file, start_new_session=True
        )
    try:
        for url in awaited:
            old = next(old for old in places if url.startswith(old))
            until_answered(url.replace(old, places[old]), process, log)
        yield places
    finally:
        # The script and all that it started are one group.
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(10)


def until_answered(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the address answers well."""

    def answers() -> bool:
        assert process.poll() is None, f"the example has ended: {log.read_text('utf-8')}"
        try:
            return fetch(url)[0] == 200
        except OSError:
            return False

    try:
        eventually(answers)
    except TimeoutError as error:
        raise AssertionError(f"{url} does not answer; the example says:\n{log.read_text('utf-8')}") from error


def eventually(look: Callable[[], Found], *, seconds: float = PATIENCE) -> Found:
    """What is seen as soon as there is something to see; nothing tells us, for other processes make it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.05)
    raise TimeoutError(f"nothing within {seconds:g} s")
