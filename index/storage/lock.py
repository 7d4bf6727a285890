"""The folder of the index, safe to write in, and the locks in it that keep writers and watchers one at a time."""

from __future__ import annotations

import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from index.errors import IndexBusy, SettingsError
from index.log import get_logger
from index.segments.files import naming
from index.settings import Settings
from index.storage.builds import sync_folder

__all__ = ["WATCHER_LOCK", "Lock", "index_lock", "make_index_folder", "may_write", "watcher_lock"]

logger = get_logger(__name__)

RETRY_SECONDS = 0.02
"""Between two tries for a lock: the kernel offers no wait with a limit."""

WATCHER_LOCK = "watcher.lock"


def make_index_folder(settings: Settings) -> Path:
    """The folder of the index, made where there is none, with mode 0700.

    One that holds nothing gets a `.gitignore` that keeps it out of git.

    Raises `SettingsError` where it is not ours alone to write to: others could change what visitors find.
    """
    folder = settings.index
    try:
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with suppress(PermissionError):  # a folder can be made in one that can't be read
                sync_folder(folder.parent)
        status = folder.stat()
    except OSError as error:
        raise SettingsError(f"index: {folder} can't be made: {error.strerror}; choose another folder") from error
    if status.st_uid != os.geteuid():
        raise SettingsError(f"index: {folder} belongs to another user; choose a folder of your own")
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise SettingsError(f"index: others may write to {folder}; run `chmod go-w {folder}` or choose another folder")
    with suppress(OSError):
        # Empty, it was made just now, or by a run that was killed then. What is written follows no link.
        if not any(folder.iterdir()):
            with (folder / ".gitignore").open("x", encoding="utf-8") as file:
                file.write("*\n")
    return folder


def may_write(settings: Settings) -> bool:
    """Whether the folder of the index is ours to write to; also True where there is none that can be looked at."""
    try:
        return settings.index.stat().st_uid == os.geteuid() and os.access(settings.index, os.W_OK)
    except OSError:
        return True


class Lock:
    """A lock on a file in the folder of the index, which one process holds from `take` to `close` or its end.

    The file can be removed, and the folder with it, and others then lock another one: `in_place` tells.
    """

    def __init__(self, settings: Settings, name: str) -> None:
        # a host that changes its working directory later must not move the folder
        self._settings = replace(settings, index=settings.index.absolute())
        self._path = self._settings.index / name
        self._file: int | None = None
        self._held = False

    def in_place(self) -> bool:
        """Whether the lock is ours, and on the file that others find."""
        return self._held and self._is_current()

    def _is_current(self) -> bool:
        """Whether the file that we opened is the one that others find."""
        if self._file is None:
            return False
        try:
            return os.path.samestat(os.fstat(self._file), self._path.lstat())
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:
            return True  # what can't be seen now is not gone

    def take(self) -> bool:
        """Whether the lock is ours now: it still was, or it could be taken (anew)."""
        if self._file is None or not self._is_current():
            self.close()
            make_index_folder(self._settings)
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with naming(self._path), suppress(BlockingIOError):  # the file stays open for the next try
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._held = True
        return self.in_place()

    def identity(self) -> tuple[int, int] | None:
        """The device and inode of the file that `take` found; None before it was called."""
        if self._file is None:
            return None
        status = os.fstat(self._file)
        return status.st_dev, status.st_ino

    def depose(self) -> bool:
        """Take the lock from the process that holds the file which `take` found, by putting another one in its place.

        That process may be stopped, and sees by `in_place` what happened once it goes on. False where another process
        was faster. Only for a lock whose holder can do no harm then; the one on writing is none.
        """
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            with naming(self._path), suppress(BlockingIOError):
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)  # one at a time, or the second deposes the first
                if self._is_current():
                    new = self._path.with_name(self._path.name + ".new")
                    new.unlink(missing_ok=True)
                    file = os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
                    self.close()
                    self._file = file
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    new.replace(self._path)
                    self._held = True
        finally:
            os.close(folder)
        return self.in_place()

    def close(self) -> None:
        """Give the lock back, if it is ours, and close its file."""
        file, self._file, self._held = self._file, None, False
        if file is not None:
            with suppress(OSError):
                os.close(file)


@contextmanager
def index_lock(settings: Settings) -> Iterator[Path]:
    """Be the only one who writes to the index; gives its folder.

    Waits as long as the settings say for another process, then raises `IndexBusy`. What the system refuses in the
    block without a word on the file is told of the folder.
    """
    folder, lock = settings.index, Lock(settings, "lock")
    deadline = time.monotonic() + settings.lock_timeout
    try:
        if settings.lock_timeout and not lock.take():
            logger.info("Another process is writing to %s; waiting up to %g s", folder, settings.lock_timeout)
        while not lock.take():
            if time.monotonic() >= deadline:
                raise IndexBusy(
                    f"another process has been writing to {folder} for {settings.lock_timeout:g} seconds;"
                    " try again when it is done, or raise lock_timeout"
                )
            time.sleep(RETRY_SECONDS)
        with naming(folder):
            yield folder
    finally:
        lock.close()


@contextmanager
def watcher_lock(settings: Settings) -> Iterator[Lock | None]:
    """Be the one process that watches; gives None at once where another one is. Held until the block ends."""
    lock = Lock(settings, WATCHER_LOCK)
    try:
        yield lock if lock.take() else None
    finally:
        lock.close()
