"""What may have changed: any thread notes hints, and one loop takes them together, once none has come for a while."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

__all__ = ["Hints", "Work"]

MIN_SWEEP_IDS = 500
"""From so many ids on, a look at all of the folder is cheaper, and what was lost among so many is found too."""

MAX_WAIT_SECONDS = 1.0
"""After this, hints are given out though more keep coming."""


@dataclass(frozen=True, slots=True)
class Work:
    """What to look at: these ids, or `everything`. `folders_went` says that watches may be left on what went."""

    ids: frozenset[str] = frozenset()
    everything: bool = False
    folders_went: bool = False


class Hints:
    """Hints that wait to be taken, after `quiet_period` seconds without a new one.

    `idle` is set while there are none and the last that were taken are `done`.
    """

    def __init__(self, quiet_period: float) -> None:
        self.idle = threading.Event()
        self._quiet = quiet_period
        self._longest = max(MAX_WAIT_SECONDS, quiet_period)
        self._changed = threading.Condition()
        self._ids: set[str] = set()
        self._everything = self._folders_went = False
        self._first = self._last = 0.0
        self._closed = False

    def note(self, id: str) -> None:
        """This post may have changed."""
        with self._changed:
            self._ids.add(id)
            self._stir()

    def note_everything(self, *, folders_went: bool = False) -> None:
        """Anything may have changed, and perhaps folders went."""
        with self._changed:
            self._everything = True
            self._folders_went |= folders_went
            self._stir()

    def _stir(self) -> None:
        self._last = time.monotonic()
        self._first = self._first or self._last
        self.idle.clear()
        self._changed.notify_all()

    @property
    def pending(self) -> int:
        """How many posts are hinted at and not taken yet."""
        return len(self._ids)

    @property
    def _waiting(self) -> bool:
        return self._everything or bool(self._ids)

    def take(self, timeout: float) -> Work | None:
        """All hints, once it is quiet; None where none came within `timeout` seconds, and after `close`."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed, timeout)
            while self._waiting and not self._closed:
                now = time.monotonic()
                left = min(self._last + self._quiet, self._first + self._longest) - now
                if left <= 0:
                    return self._give()
                self._changed.wait(left)
            return None

    def _give(self) -> Work:
        work = Work(frozenset(self._ids), self._everything or len(self._ids) >= MIN_SWEEP_IDS, self._folders_went)
        self._ids, self._first = set(), 0.0
        self._everything = self._folders_went = False
        return work

    def done(self) -> None:
        """What was taken is dealt with."""
        with self._changed:
            if not self._waiting:
                self.idle.set()

    def close(self) -> None:
        """Let no one wait any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
