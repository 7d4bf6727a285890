"""The watcher: keeps the index equal to the folder for as long as it runs.

In go the settings; out come reports, as changes happen. Events only say where to look first: the truth is what is on
disk, and all of it is looked at on every doubt, and at intervals without any.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from index.errors import PostSearchError
from index.indexer.report import Report
from index.indexer.run import reindex, update
from index.settings import Settings
from index.storage.lock import Lock
from index.watching.heartbeat import remove_heartbeat, write_heartbeat
from index.watching.hints import Hints, Work
from index.watching.observer import Observer, tells_of_changes

__all__ = ["Events", "Watcher"]

logger = logging.getLogger(__name__)

TICK = 1.0
"""Seconds between two looks at whether the folder and the observer are still what they were."""

POLL_SECONDS = 1.0
"""Seconds between two sweeps while events can't be relied on."""

DOUBT_SECONDS = 60.0
"""How long events are not relied on after a sweep has found what none of them told."""

LONGEST_PAUSE = 30.0
"""Seconds between two tries, at most, after tries that failed."""

BEAT_SECONDS = 5.0

JOIN_SECONDS = 30.0

Identity = tuple[int, int]


class Events(Protocol):
    """What gives hints until it is stopped, or dies."""

    @property
    def alive(self) -> bool: ...

    def stop(self) -> None: ...


class Watcher:
    """Watches the folder of the settings, in a thread from `start` to `stop` or in the caller's with `run_forever`.

    `idle` is set while nothing waits to be indexed, and `stopped` once it is told to stop. `on_report` is called with
    each report, in the watcher's thread. `mode` is "events", or "polling" where the system does not tell of every
    change. With the lock of the one that watches, it sees that the lock stays its own: where that went with the
    folder of the index, it is taken anew and the index rebuilt at once, or, if another process was faster, the
    watcher stops.
    """

    def __init__(
        self,
        settings: Settings,
        on_report: Callable[[Report], None] | None = None,
        *,
        lock: Lock | None = None,
        reindex: Callable[..., Report] = reindex,
        update: Callable[[Settings, frozenset[str]], Report] = update,
        observe: Callable[[Path, Path, Hints], Events] = Observer,
    ) -> None:
        here = Path.cwd()  # a host that changes its working directory later must not move the folders
        self.settings = replace(settings, posts=here / settings.posts, index=here / settings.index)
        self.error = ""
        self._on_report = on_report or (lambda _report: None)
        self._lock = lock
        self._reindex, self._update, self._observe = reindex, update, observe
        self._hints = Hints(settings.quiet_period)
        self._root = self.settings.posts
        self.stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._observer: Events | None = None
        self._identity: Identity | None = None
        self._local = True
        self._failures = 0
        self._doubted_until = self._next_sweep = self._next_beat = self._next_try = 0.0

    @property
    def idle(self) -> threading.Event:
        return self._hints.idle

    @property
    def mode(self) -> str:
        doubted = time.monotonic() < self._doubted_until
        return "events" if self._observer and self._local and not doubted else "polling"

    def start(self) -> None:
        """Watch in a thread of its own."""
        self._thread = threading.Thread(target=self.run_forever, name="postsearch-watcher", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the watching, after the update that is being made. Stopping twice is no error."""
        self.stopped.set()
        self._hints.close()
        if self._thread and self._thread is not threading.current_thread():
            self._thread.join(JOIN_SECONDS)

    def run_forever(self) -> None:
        """Watch in this thread, until another one calls `stop`."""
        try:
            self._hints.note_everything()
            while not self.stopped.is_set():
                try:
                    self._step()
                except Exception:
                    logger.exception("The watcher goes on after an unforeseen error")
                    self.stopped.wait(TICK)
        finally:
            self._drop_observer()
            remove_heartbeat(self.settings)

    def _step(self) -> None:
        """Wait for something to do, but not long, and do it."""
        self._tend_observer()
        work = self._hints.take(max(0.0, min(TICK, self._next_sweep - time.monotonic())))
        if not self.stopped.is_set():
            self._turn(work)
            self._beat()

    def _turn(self, work: Work | None) -> None:
        """Do what is to be done now, if anything."""
        if work and work.folders_went:
            # a folder that was moved out takes its watches along, and watchdog can't tell that from a removal
            self._drop_observer()
            self._tend_observer()
        evicted = self._lock is not None and not self._lock.in_place()
        due = time.monotonic() >= self._next_sweep or (evicted and not self._failures)
        if work or due:
            self._bring_up_to_date(work, due=due or evicted, evicted=evicted)

    def _beat(self) -> None:
        """Give a sign of life, now and then."""
        if time.monotonic() >= self._next_beat:
            self._next_beat = time.monotonic() + BEAT_SECONDS
            write_heartbeat(self.settings, self.mode, self.error)

    def _bring_up_to_date(self, work: Work | None, *, due: bool, evicted: bool) -> None:
        """Run the indexer; whatever goes wrong is tried again later with all of the folder."""
        sweeps = due or work is None or work.everything
        try:
            if evicted and not self._takes_lock_anew():
                return
            if work is None or sweeps:
                report = self._reindex(self.settings, progress=self._go_on)
            else:
                report = self._update(self.settings, work.ids)
            self._on_report(report)
        except Exception as error:
            if not self.stopped.is_set():
                self._fail(error)
            return
        self._succeed(report, sweeps=sweeps, told=work is not None or evicted)

    def _takes_lock_anew(self) -> bool:
        """Whether this is still the one that watches, now that its lock was removed; if not, it stops."""
        logger.warning("%s was removed: building the index anew", self.settings.index)
        if self._lock and self._lock.take():
            return True
        logger.warning("Another process watches %s by now: standing down", self._root)
        self.stop()
        return False

    def _go_on(self, _done: int, _total: int) -> None:
        """Give signs of life also in a long run, and end it where the watcher is to stop."""
        if self.stopped.is_set():
            raise InterruptedError("the watcher was stopped")
        self._beat()

    def _succeed(self, report: Report, *, sweeps: bool, told: bool) -> None:
        self._failures = 0
        if self.error:
            self.error, self._next_beat = "", 0.0
        if not told and self._observer and report.indexed + report.removed > 0:
            self._doubt()
        if sweeps:
            pause = self.settings.sweep_interval if self.mode == "events" else POLL_SECONDS
            self._next_sweep = time.monotonic() + min(pause, self.settings.sweep_interval)
        self._hints.done()

    def _fail(self, error: Exception) -> None:
        """Note the failure, and when to try again."""
        pause = min(LONGEST_PAUSE, 2.0**self._failures)
        self._failures += 1
        self._next_sweep, self._next_beat = time.monotonic() + pause, 0.0
        self.idle.clear()
        self.error = f"{type(error).__name__}: {error}"
        expected = isinstance(error, PostSearchError | OSError)
        logger.warning("The index was not updated; next try in %g s: %s", pause, error, exc_info=not expected)

    def _doubt(self) -> None:
        """A sweep found what no event told: sweep often for a while, with watches that are set anew."""
        logger.info("Changes were found that no event told of: polling for %g s", DOUBT_SECONDS)
        self._doubted_until = time.monotonic() + DOUBT_SECONDS
        self._drop_observer()

    def _tend_observer(self) -> None:
        """See that there is an observer, that it lives, and that it watches the folder that is there now."""
        identity = self._look_at_root()
        if self._observer and (identity != self._identity or not self._observer.alive):
            logger.warning("Watching %s anew", self._root)
            self._drop_observer()
            self._hints.note_everything()
        if not self._observer and identity and time.monotonic() >= self._next_try:
            self._start_observer(identity)

    def _look_at_root(self) -> Identity | None:
        """Which folder the settings' path leads to now; None for none."""
        try:
            self._root = Path(os.path.realpath(self.settings.posts))
            status = self._root.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def _start_observer(self, identity: Identity) -> None:
        """Start an observer, then look at everything, as no one watched until now."""
        self._identity, self._local = identity, tells_of_changes(self._root)
        try:
            self._observer = self._observe(self._root, Path(os.path.realpath(self.settings.index)), self._hints)
        except FileNotFoundError:
            logger.info("%s went before it could be watched", self._root)
        except Exception as error:
            self._next_try = time.monotonic() + DOUBT_SECONDS
            logger.warning("The system gives no events for %s (%s): polling", self._root, error)
        self._hints.note_everything()

    def _drop_observer(self) -> None:
        if self._observer:
            self._observer.stop()
            self._observer = None
        self._next_try = 0.0
