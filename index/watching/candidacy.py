"""How one of several processes becomes the one that watches, and takes the place of one that has gone silent."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from importlib import import_module
from typing import TYPE_CHECKING

from index.errors import PostSearchError
from index.log import get_logger
from index.settings import Settings
from index.storage.lock import WATCHER_LOCK, Lock
from index.watching.heartbeat import HEARTBEAT_NAME, MAX_STOP_SECONDS

if TYPE_CHECKING:
    from index.indexer.report import Report
    from index.watching.watcher import Watcher

__all__ = ["Candidacy"]

logger = get_logger(__name__)

LOOK_SECONDS = 0.5
"""Between two looks at who watches."""

SILENT_LOOKS = 5
"""After so many looks in a row at the same sign of life its watcher is taken for stopped. Looks are counted, and no
clocks compared: none must be deposed for the time that all processes were stopped, as with the lid of a laptop."""

RETRY_SECONDS = 5.0
"""Between two tries while the lock can't be had at all."""


class Candidacy:
    """Stands, in a thread from `start` to `close`, for being the one process that watches, and watches while it is.

    `on_report` is as of `Watcher`.
    """

    def __init__(self, settings: Settings, on_report: Callable[[Report], None]) -> None:
        self._settings = settings
        self._on_report = on_report
        self._lock = Lock(settings, WATCHER_LOCK)
        self._heartbeat = settings.index.absolute() / HEARTBEAT_NAME
        self._seen: object = None
        self._looks = 0
        self._watcher: Watcher | None = None
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self.run_forever, name="postsearch-election", daemon=True)

    def start(self) -> None:
        """Stand in a thread of its own."""
        self._thread.start()

    def close(self) -> None:
        """End the candidacy, and the watching after the update that is being made."""
        self._closed.set()
        if self._watcher:
            self._watcher.stop()
        if self._thread.is_alive():
            self._thread.join(MAX_STOP_SECONDS)

    def run_forever(self) -> None:
        """Stand in this thread, until another one calls `close`."""
        told = ""
        while not self._closed.is_set():
            pause = LOOK_SECONDS
            try:
                if self._won():
                    with closing(self._lock):
                        # Loaded by who won, since it takes 6 MB of every process that has it.
                        watcher: type[Watcher] = import_module("index.watching.watcher").Watcher
                        self._watcher = watcher(self._settings, self._on_report, lock=self._lock)
                        if not self._closed.is_set():  # else `close` may have come too early to stop it
                            self._watcher.run_forever()
            except (PostSearchError, OSError) as error:
                pause = RETRY_SECONDS
                if told != str(error):  # such as that the index may only be read, which may last
                    logger.warning("Nobody watches the posts from here; tried every %g s: %s", pause, error)
                told = str(error)
            self._closed.wait(pause)

    def _won(self) -> bool:
        """Whether the lock of the one that watches is ours by now.

        Raises `SettingsError` and `OSError` where there can be none in the folder of the index.
        """
        if self._lock.take():
            return True
        try:
            status = self._heartbeat.lstat()
            beat = (status.st_ino, status.st_mtime_ns)
        except FileNotFoundError:
            beat = None
        seen = (self._lock.identity(), beat)
        self._looks = self._looks + 1 if seen == self._seen else 0
        self._seen = seen
        if self._looks < SILENT_LOOKS or not self._lock.depose():
            return False
        logger.warning("The process that watched for %s has gone silent: watching from here", self._heartbeat.parent)
        return True
