"""The watcher: keeps the index equal to the folder for as long as it runs.

Events only say where to look first: the truth is what is on disk, and all of it is looked at on every doubt, and at
intervals without any.
"""

from __future__ import annotations

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
from index.log import get_logger
from index.settings import Settings
from index.storage.lock import Lock
from index.storage.mark import is_marked
from index.storage.verification import PAUSE_SECONDS, Verification
from index.watching.heartbeat import remove_heartbeat, write_heartbeat
from index.watching.hints import Hints, Work
from index.watching.observer import Observer, tells_of_changes

__all__ = ["Events", "Watcher"]

logger = get_logger(__name__)

TICK_SECONDS = 1.0
"""Between two looks at whether the folder, the lock and the observer are still what they were."""

POLL_SECONDS = 1.0
"""Between two sweeps while events can't be relied on."""

DOUBT_SECONDS = 60.0
"""How long events are not relied on after a sweep has found what none of them told."""

MAX_RETRY_SECONDS = 30.0
"""Between two tries, at most, after tries that failed."""

HEARTBEAT_SECONDS = 5.0
"""Between two signs of life."""

MAX_STOP_SECONDS = 30.0
"""How long `stop` waits for the update that is being made."""


class Events(Protocol):
    """What gives hints until it is stopped, or dies."""

    @property
    def alive(self) -> bool: ...

    def stop(self) -> None: ...


class Watcher:
    """Watches the folder of the settings, in a thread from `start` to `stop` or in the caller's with `run_forever`.

    `on_report` is called with each report, in the watcher's thread; what it raises counts as a run that failed. Where
    others may watch the same index, give it the `lock` of the one that does (`watcher_lock`), and it sees that the lock
    stays its own: where that went with the folder of the index, it is taken anew and the index rebuilt at once, or, if
    another process was faster, the watcher stops.

    While it waits, the files of the index are verified round by round, with pauses of `verify_pause` seconds. Where
    they are damaged, or marked so by others, the index is built anew.

    `idle` is set while nothing waits to be indexed, and `stopped` once it is told to stop. `error` is why the last run
    failed, or "". Nothing that goes wrong ends the watching: runs that fail are tried again, after 1 to 30 seconds.
    """

    def __init__(
        self,
        settings: Settings,
        on_report: Callable[[Report], None] | None = None,
        *,
        lock: Lock | None = None,
        verify_pause: float = PAUSE_SECONDS,
    ) -> None:
        here = Path.cwd()  # a host that changes its working directory later must not move the folders
        self.settings = replace(settings, posts=here / settings.posts, index=here / settings.index)
        self.stopped = threading.Event()
        self.error = ""
        self._on_report = on_report or (lambda _report: None)
        self._lock = lock
        self._hints = Hints(settings.quiet_period)
        self._thread: threading.Thread | None = None
        self._root = self.settings.posts
        self._observer: Events | None = None
        self._observed: tuple[int, int] | None = None  # the device and inode of the folder that the observer watches
        self._local = True
        self._failures = 0
        self._verification = Verification(self.settings.index, verify_pause)
        self._doubted_until = self._next_sweep = self._next_beat = self._next_observer = 0.0

    @property
    def idle(self) -> threading.Event:
        return self._hints.idle

    @property
    def mode(self) -> str:
        """Either "events", or "polling" while the system does not tell of every change."""
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
            self._thread.join(MAX_STOP_SECONDS)

    def run_forever(self) -> None:
        """Watch in this thread, until another one calls `stop`."""
        try:
            self._hints.note_everything()
            while not self.stopped.is_set():
                try:
                    self._turn()
                except Exception:
                    logger.exception("The watcher goes on after an unforeseen error")
                    self.stopped.wait(TICK_SECONDS)
        finally:
            self._drop_observer()
            remove_heartbeat(self.settings)

    def observe(self) -> Events:
        """Start what gives hints of changes in the folder. Raises `OSError` where the system gives none."""
        return Observer(self._root, Path(os.path.realpath(self.settings.index)), self._hints)

    def on_progress(self, _done: int, _total: int) -> None:
        """Give signs of life also in a long run, and end it where the watcher is to stop."""
        if self.stopped.is_set():
            raise InterruptedError("the watcher was stopped")
        self._beat()

    def _turn(self) -> None:
        """Wait for something to do, but not long, and do it."""
        self._tend_observer()
        self._verification.go_on()
        if is_marked(self.settings.index) and not self._failures:
            self._hints.note_everything()
        work = self._hints.take(max(0.0, min(TICK_SECONDS, self._next_sweep - time.monotonic())))
        if work and work.folders_went:
            # A folder that was moved out takes its watches along, and watchdog can't tell that from a removal.
            self._drop_observer()
            self._tend_observer()
        evicted = self._lock is not None and not self._lock.in_place()
        due = time.monotonic() >= self._next_sweep or (evicted and not self._failures)
        if not self.stopped.is_set() and (work or due):
            self._bring_up_to_date(work, evicted=evicted, sweeps=work is None or work.everything or due or evicted)
        if not self.stopped.is_set():
            self._beat()

    def _bring_up_to_date(self, work: Work | None, *, evicted: bool, sweeps: bool) -> None:
        """Run the indexer over what the hints name or, with `sweeps`, all of the folder, and see when to look again.

        `work` is None where no hint led here; `evicted` says that the lock went.
        """
        try:
            if self._lock and evicted:
                logger.warning("%s was removed: building the index anew", self.settings.index)
                if not self._lock.take():
                    logger.warning("Another process watches %s by now: standing down", self._root)
                    self.stop()
                    return
            if work is None or sweeps:
                report = reindex(self.settings, progress=self.on_progress, allow_removal=True)
            else:
                report = update(self.settings, work.ids)
            self._on_report(report)
        except Exception as error:
            if self.stopped.is_set():
                return
            # Whatever was wrong, all of the folder is looked at next time.
            pause = min(MAX_RETRY_SECONDS, 2.0 ** min(self._failures, 10))
            self._next_sweep = time.monotonic() + pause
            self._failures += 1
            self.idle.clear()
            self.error, self._next_beat = f"{type(error).__name__}: {error}", 0.0
            expected = isinstance(error, PostSearchError | OSError)
            logger.warning("The index was not updated; next try in %g s: %s", pause, error, exc_info=not expected)
            return
        if self.error:
            self.error, self._next_beat = "", 0.0
        self._failures = 0
        if work is None and not evicted and self._observer and report.indexed + report.removed > 0:
            logger.info("Changes were found that no event told of: polling for %g s", DOUBT_SECONDS)
            self._doubted_until = time.monotonic() + DOUBT_SECONDS
            self._drop_observer()  # its watches are set anew
        if sweeps:
            pause = self.settings.sweep_interval if self.mode == "events" else POLL_SECONDS
            self._next_sweep = time.monotonic() + min(pause, self.settings.sweep_interval)
        self._hints.done()

    def _beat(self) -> None:
        """Give a sign of life, now and then."""
        if time.monotonic() >= self._next_beat:
            self._next_beat = time.monotonic() + HEARTBEAT_SECONDS
            write_heartbeat(self.settings, self.mode, self.error)

    def _tend_observer(self) -> None:
        """See that there is an observer, that it lives, and that it watches the folder that is there now."""
        try:
            self._root = Path(os.path.realpath(self.settings.posts))
            status = self._root.stat()
            there = status.st_dev, status.st_ino
        except OSError:
            there = None
        if self._observer and (there != self._observed or not self._observer.alive):
            logger.warning("Watching %s anew", self._root)
            self._drop_observer()
            self._hints.note_everything()
        if self._observer or not there or time.monotonic() < self._next_observer:
            return
        self._observed, self._local = there, tells_of_changes(self._root)
        try:
            self._observer = self.observe()
        except FileNotFoundError:
            logger.info("%s went before it could be watched", self._root)
        except Exception as error:
            self._next_observer = time.monotonic() + DOUBT_SECONDS
            logger.warning("The system gives no events for %s (%s): polling", self._root, error)
        self._hints.note_everything()  # no one watched until now

    def _drop_observer(self) -> None:
        if self._observer:
            self._observer.stop()
            self._observer = None
        self._next_observer = 0.0
