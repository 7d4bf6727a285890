"""Runs gunicorn with the app of `wsgi.py`, and tells which of its workers watches."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from tests import ROOT

__all__ = ["gunicorn", "parent_of", "watching"]


@contextmanager
def gunicorn(
    folder: Path,
    *arguments: str,
    stderr: int | IO[bytes] = subprocess.DEVNULL,
    environment: Mapping[str, str] | None = None,
    prefix: Sequence[str] = (),
) -> Iterator[subprocess.Popen[bytes]]:
    """A server of two workers on a socket of its own, run by the command `prefix` and ended with all its workers."""
    posts = folder / "posts"
    posts.mkdir(exist_ok=True)
    (posts / "a.md").write_text("---\ntitle: A post\n---\nText.\n", "utf-8")
    command = [sys.executable, "-m", "gunicorn", "--workers", "2", "--bind", f"unix:{folder}/socket", *arguments]
    settings = {"POSTSEARCH_POSTS": str(posts), "POSTSEARCH_INDEX": str(folder / "index")}
    process = subprocess.Popen(
        [*prefix, *command, "--chdir", str(folder), "--pythonpath", str(ROOT), "wsgi:app"],
        env=os.environ | settings | dict(environment or {}),
        stderr=stderr,
    )
    try:
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()


def watching(folder: Path) -> int:
    """The process that says it watches, or 0."""
    try:
        return int(json.loads((folder / "index" / "watcher.json").read_bytes())["pid"])
    except (OSError, ValueError):
        return 0


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[1])
