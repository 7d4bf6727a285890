"""How one of several processes becomes the one that watches, and takes the place of one that has gone silent."""

from __future__ import annotations

from index.log import get_logger
from index.settings import Settings
from index.storage.lock import WATCHER_LOCK, Lock
from index.watching.heartbeat import HEARTBEAT_NAME

__all__ = ["LOOK_SECONDS", "Candidacy"]

logger = get_logger(__name__)

LOOK_SECONDS = 0.5
"""Between two looks at who watches."""

SILENT_LOOKS = 5
"""After so many looks in a row at the same sign of life its watcher is taken for stopped. Looks are counted, and no
clocks compared: none must be deposed for the time that all processes were stopped, as with the lid of a laptop."""


class Candidacy:
    """One process that stands for being the one that watches."""

    def __init__(self, settings: Settings) -> None:
        self._index = settings.index.absolute()
        self._lock = Lock(settings, WATCHER_LOCK)
        self._seen: object = None
        self._looks = 0

    def won(self) -> Lock | None:
        """The lock of the one that watches, if it is ours by now. To be asked every `LOOK_SECONDS`.

        Raises `SettingsError` and `OSError` where there can be none in the folder of the index.
        """
        if self._lock.take():
            return self._lock
        try:
            status = (self._index / HEARTBEAT_NAME).lstat()
            beat = (status.st_ino, status.st_mtime_ns)
        except FileNotFoundError:
            beat = None
        seen = (self._lock.identity(), beat)
        self._looks = self._looks + 1 if seen == self._seen else 0
        self._seen = seen
        if self._looks < SILENT_LOOKS or not self._lock.depose():
            return None
        logger.warning("The process that watched for %s has gone silent: watching from here", self._index)
        return self._lock
