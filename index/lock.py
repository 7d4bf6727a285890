"""The folder of the index, safe to write in, and the locks in it that keep writers and watchers one at a time."""

from __future__ import annotations

import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from index.errors import IndexBusy, SettingsError
from index.settings import Settings

__all__ = ["index_lock", "make_index_folder", "watcher_lock"]

POLL = 0.02
"""Seconds between two tries for a lock: the kernel offers no wait with a limit."""


def make_index_folder(settings: Settings) -> Path:
    """The folder of the index, made with mode 0700 where there is none.

    Raises `SettingsError` where someone else could have planted files in it: opening an index runs what it holds.
    """
    folder = settings.index
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat()
    except OSError as error:
        raise SettingsError(f"index: {folder} can't be made: {error.strerror}; choose another folder") from error
    if status.st_uid != os.geteuid():
        raise SettingsError(f"index: {folder} belongs to another user; choose a folder of your own")
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise SettingsError(f"index: others may write to {folder}; run `chmod go-w {folder}` or choose another folder")
    return folder


@contextmanager
def index_lock(settings: Settings) -> Iterator[Path]:
    """Be the only one who writes to the index; gives its folder.

    Waits as long as the settings say for another process, then raises `IndexBusy`.
    """
    folder = make_index_folder(settings)
    deadline = time.monotonic() + settings.lock_timeout
    with opened(folder / "lock") as file:
        while not taken(file):
            if time.monotonic() >= deadline:
                raise IndexBusy(
                    f"another process has been writing to {folder} for {settings.lock_timeout:g} seconds;"
                    " try again when it is done, or raise lock_timeout"
                )
            time.sleep(POLL)
        yield folder


@contextmanager
def watcher_lock(settings: Settings) -> Iterator[bool]:
    """Be the one process that watches; gives False at once where another one is. Held until the block ends."""
    with opened(make_index_folder(settings) / "watcher.lock") as file:
        yield taken(file)


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """A file to lock, by its number; closing it gives the lock back."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        yield file
    finally:
        with suppress(OSError):
            os.close(file)


def taken(file: int) -> bool:
    """Whether the lock is ours now."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
