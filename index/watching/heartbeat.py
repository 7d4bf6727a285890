"""A sign of life that a watcher leaves in the folder of the index, so that other processes see that it watches.

The file is JSON with the fields of `Heartbeat` but for the last, which is the time of the file itself: a thread of the
watcher touches it twice a second, and writes it anew when what it says has changed. Touching works on a full disk too;
where writing does not, the file is left empty. The query side reads it as well.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta

from index.errors import IndexDamaged
from index.log import get_logger
from index.segments.files import open_regular
from index.settings import Settings

__all__ = ["HEARTBEAT_NAME", "MAX_STOP_SECONDS", "Heartbeat", "Pulse", "read_heartbeat"]

logger = get_logger(__name__)

HEARTBEAT_NAME = "watcher.json"
MAX_HEARTBEAT_BYTES = 10_000
MAX_ERROR_CHARS = 500
"""The rest of an error is left out: in JSON, each character may take 12 bytes."""

BEAT_SECONDS = 0.5
"""Between two signs of life."""

STALE_AFTER = timedelta(seconds=1.8)
"""After this silence a watcher counts as dead, so that a stopped one is noticed within two seconds."""

MAX_STOP_SECONDS = 30.0
"""How long who stops a watcher waits for the update that is being made."""

MODES = ("events", "polling", "unknown")


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Which process watches, how it fares, and when it last said so.

    `mode` is "events", or "polling" while the system does not tell of every change; `watched` of the `folders` of posts
    have events. `error` is what last went wrong, which may name paths, or "", and `reason` says it for anybody, without
    paths, where there is such a reason. `pending` counts the posts that are known to wait, at least 1 while a run goes
    on, and `swept_at` is when all of the folder was last looked at, in ISO 8601, or "".
    """

    pid: int
    mode: str
    error: str = ""
    reason: str = ""
    pending: int = 0
    swept_at: str = ""
    watched: int = 0
    folders: int = 0
    seen_at: datetime = field(default=datetime.fromtimestamp(0, UTC), compare=False)

    def alive(self, now: datetime) -> bool:
        """Whether the watcher said so only just before."""
        return abs(now - self.seen_at) < STALE_AFTER


SPEECHLESS = Heartbeat(0, "unknown", "the sign of life can't be written", "the watcher can't write its sign of life")
"""What an empty file says."""


def read_heartbeat(settings: Settings) -> Heartbeat | None:
    """What the watcher last said; None where none did, where it cleanly stopped, and for what no watcher writes."""
    try:
        with open_regular(settings.index / HEARTBEAT_NAME) as file:
            text = file.read(MAX_HEARTBEAT_BYTES)
            seen_at = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
        told = json.loads(text) if text else as_dict(SPEECHLESS)
        beat = Heartbeat(**told, seen_at=seen_at)
        kinds = {one.name: int if one.type == "int" else str for one in fields(Heartbeat)}
        right = all(type(value) is kinds[name] for name, value in told.items()) and beat.mode in MODES
    except (OSError, IndexDamaged, ValueError, TypeError, OverflowError, RecursionError):
        return None
    return beat if right else None


def as_dict(beat: Heartbeat) -> dict[str, object]:
    """What stands in the file."""
    told = asdict(replace(beat, error=beat.error[:MAX_ERROR_CHARS]))
    del told["seen_at"]
    return told


class Pulse:
    """Gives signs of life, in a thread of its own, from `start` to `stop`.

    A thread, since what a watcher does may take long: so a process that is busy is told from one that is stopped.
    `tell` says what to say now, or None for nothing, as where the watcher itself hangs. Never fails: a full disk must
    not stop a watcher.
    """

    def __init__(self, settings: Settings, tell: Callable[[], Heartbeat | None]) -> None:
        self._path = settings.index / HEARTBEAT_NAME
        self._settings = settings
        self._tell = tell
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="postsearch-pulse", daemon=True)
        self._said: Heartbeat | None = None
        self._inode = 0  # of the file that says it
        self._problem = ""

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Say that nobody watches any more; leaves alone what another process says that watches by now."""
        self._ended.set()
        self._thread.join()
        beat = read_heartbeat(self._settings)
        if beat and beat.pid not in (os.getpid(), SPEECHLESS.pid):
            return
        try:
            self._path.unlink(missing_ok=True)
        except OSError as problem:
            logger.warning("%s can't be removed: %s", self._path, problem)

    def _run(self) -> None:
        while True:
            try:
                if beat := self._tell():
                    self.beat(beat)
            except Exception:
                logger.exception("A sign of life could not be given")
            if self._ended.wait(BEAT_SECONDS):
                return

    def beat(self, beat: Heartbeat) -> None:
        """Give one sign of life."""
        try:
            if beat == self._said and self._path.lstat().st_ino == self._inode:
                os.utime(self._path, follow_symlinks=False)
                return
        except OSError:  # such as that the folder was removed
            pass
        try:
            self._said, self._inode = beat, self._write(beat)
            self._problem = ""
        except FileNotFoundError:  # there is no folder yet, or none any more
            self._said = None
        except OSError as problem:
            self._said = None
            if str(problem) != self._problem:  # which may last
                self._problem = str(problem)
                logger.warning("%s can't be written: %s", self._path, problem)
            with suppress(OSError):  # an empty file needs no room
                flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK
                os.close(os.open(self._path, flags, 0o600))
                os.utime(self._path, follow_symlinks=False)

    def _write(self, beat: Heartbeat) -> int:
        """Put a new file in place of the old one; its inode."""
        new = self._path.with_suffix(".new")
        new.unlink(missing_ok=True)  # what a killed process left there, or a link to where nothing is to be written
        with new.open("x", encoding="utf-8") as file:
            json.dump(as_dict(beat), file)
            file.flush()
            inode = os.fstat(file.fileno()).st_ino
        new.replace(self._path)
        return inode
