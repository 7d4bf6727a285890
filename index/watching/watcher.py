"""The watcher: keeps the index equal to the folder for as long as it runs.

Events only say where to look first: the truth is what is on disk, and all of it is looked at on every doubt, and at
intervals without any.
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from index.errors import ClusterFault, IndexBusy, PostSearchError, SettingsError, UnlikelyRemoval
from index.indexer.report import Report
from index.indexer.run import reindex, update
from index.log import get_logger, without_details
from index.settings import Settings
from index.storage.lock import Lock
from index.storage.mark import is_marked
from index.storage.verification import PAUSE_SECONDS, Verification
from index.watching.heartbeat import MAX_STOP_SECONDS, Heartbeat, Pulse
from index.watching.hints import Hints, Work
from index.watching.observer import Observer
from index.watching.source import Events, Source

__all__ = ["Watcher"]

logger = get_logger(__name__)

TICK_SECONDS = 1.0
"""Between two looks at whether the folder, the lock and the observer are still what they were."""

POLL_SECONDS = 1.0
"""Between two sweeps while events can't be relied on."""

SECOND_LOOK_SECONDS = 15.0
"""How long most posts have to be gone before they are removed: longer than a folder is empty that is being deployed or
mounted, and no longer than people wait who have removed them."""

MAX_LOCK_WAIT_SECONDS = 1.0
"""For another process that writes, before that is told; the watcher goes on trying."""

MAX_RETRY_SECONDS = 30.0
"""Between two tries, at most, after tries that failed."""

MAX_BUSY_SECONDS = 120.0
"""After this time without a step in what it does the watcher is taken to hang, and gives no sign of life. The longest
step is the merge that ends a commit."""


class Watcher:
    """Watches the folder of the settings, in a thread from `start` to `stop` or in the caller's with `run_forever`.

    `on_report` is called with each report, in the watcher's thread; what it raises counts as a run that failed. Where
    others may watch the same index, give it the `lock` of the one that does (`watcher_lock`), and it sees that the lock
    stays its own: where that went with the folder of the index, it is taken anew and the index rebuilt at once, or, if
    another process was faster or has taken this one's place, the watcher stops.

    While it waits, the files of the index are verified round by round, with pauses of `verify_pause` seconds. Where
    they are damaged, or marked so by others, the index is built anew.

    `idle` is set while nothing waits to be indexed, and `stopped` once it is told to stop. `error` is why the last run
    failed, or "", and `reason` says it for anybody, without paths, where there is such a reason. Nothing that goes
    wrong ends the watching: runs that fail are tried again, after 1 to 30 seconds.
    """

    second_look_seconds = SECOND_LOOK_SECONDS

    def __init__(
        self,
        settings: Settings,
        on_report: Callable[[Report], None] | None = None,
        *,
        lock: Lock | None = None,
        verify_pause: float = PAUSE_SECONDS,
    ) -> None:
        here = Path.cwd()  # a host that changes its working directory later must not move the folders
        self.settings = replace(
            settings,
            posts=here / settings.posts,
            folders=tuple(replace(folder, posts=here / folder.posts) for folder in settings.folders),
            index=here / settings.index,
            lock_timeout=min(settings.lock_timeout, MAX_LOCK_WAIT_SECONDS),
        )
        self.stopped = threading.Event()
        self.error = self.reason = ""
        self._on_report = on_report or (lambda _report: None)
        self._lock = lock
        self._hints = Hints(settings.quiet_period)
        self._source = Source(self.settings, self.observe, self._hints)
        self._thread: threading.Thread | None = None
        self._failures = 0
        self._verification = Verification(self.settings.index, verify_pause)
        self._left = 0  # posts that the present run has still to read
        self._swept_at = ""
        self._most_gone_since = math.inf
        self._emptied = frozenset[str]()
        self._next_sweep = 0.0
        self._stepped = time.monotonic()

    @property
    def idle(self) -> threading.Event:
        return self._hints.idle

    @property
    def mode(self) -> str:
        """Either "events", or "polling" while the system does not tell of every change."""
        return "events" if self._source.reliable else "polling"

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
        pulse = Pulse(self.settings, self._sign_of_life)
        pulse.start()
        try:
            self._hints.note_everything()
            while not self.stopped.is_set():
                self._stepped = time.monotonic()
                try:
                    self._turn()
                except Exception:
                    logger.exception("The watcher goes on after an unforeseen error")
                    self.stopped.wait(TICK_SECONDS)
        finally:
            self._source.stop_observer()
            pulse.stop()

    def observe(self) -> Events:
        """Start what gives hints of changes in the folders. Raises `OSError` where the system gives none."""
        return Observer(self._source.roots, Path(os.path.realpath(self.settings.index)), self._hints)

    def on_progress(self, done: int, total: int) -> None:
        """Note the steps of a long run, and end it where the watcher is to stop."""
        self._left, self._stepped = total - done, time.monotonic()
        if self._evicted or self.stopped.is_set():
            raise InterruptedError("the watcher was stopped, or another process watches by now")

    @property
    def _evicted(self) -> bool:
        """Whether the lock on watching went, with its folder or to another process."""
        return self._lock is not None and not self._lock.in_place()

    def _sign_of_life(self) -> Heartbeat | None:
        """What others are told; None where they are to see that the watcher hangs, or that it is another's turn."""
        if self._evicted or time.monotonic() - self._stepped > MAX_BUSY_SECONDS:
            return None
        source, pending = self._source, self._left + self._hints.pending or int(not self.idle.is_set())
        return Heartbeat(
            pid=os.getpid(),
            mode=self.mode,
            error=self.error or source.missing,
            reason=self.reason or source.missing,
            pending=pending,
            swept_at=self._swept_at,
            watched=source.watched,
            folders=source.folders,
        )

    def _turn(self) -> None:
        """Wait for something to do, but not long, and do it."""
        self._source.ensure_observed()
        if self.settings.engine == "whoosh":  # the nodes of a cluster verify what they hold
            self._verification.go_on()
        if not self._failures and (self._evicted or is_marked(self.settings.index)):
            self._hints.note_everything()
        work = self._hints.take(max(0.0, min(TICK_SECONDS, self._next_sweep - time.monotonic())))
        if work and work.folders_went:
            # A folder that was moved out takes its watches along, and watchdog can't tell that from a removal.
            self._source.stop_observer()
            self._source.ensure_observed()
        if not self.stopped.is_set() and (work or time.monotonic() >= self._next_sweep):
            self._bring_up_to_date(work)

    def _bring_up_to_date(self, work: Work | None) -> None:
        """Run the indexer over what the hints name or, where it is time for that, all of the folder, and see when to
        look again. `work` is None where no hint led here."""
        self._left, evicted = 0, self._evicted
        sweeps = work is None or work.everything or evicted or time.monotonic() >= self._next_sweep
        try:
            if self._lock and evicted:
                if not self._lock.take():
                    logger.warning("Another process watches %s by now: standing down", self.settings.posts_text)
                    self.stop()
                    return
                logger.warning("%s was removed: building the index anew", self.settings.index)
            if work is None or sweeps:
                second_look = time.monotonic() - self._most_gone_since >= self.second_look_seconds
                report = reindex(self.settings, progress=self.on_progress, allow_removal=second_look)
                self._most_gone_since, self._emptied = math.inf, frozenset()
                self._swept_at = datetime.now(UTC).isoformat(timespec="milliseconds")
            else:
                report = update(self.settings, work.ids)
            self._on_report(report)
        except Exception as error:
            if not self.stopped.is_set() and (evicted or not self._evicted):
                self._note_failure(error)
            return
        retried, self.error, self.reason = self.error, "", ""
        if retried:
            logger.info("The index is up to date again")
        self._failures = 0
        if work is None and not evicted and not retried and report.indexed + report.removed > 0:
            self._source.distrust_events()
        if sweeps:
            self._source.recount()
            pause = self.settings.sweep_interval if self.mode == "events" else POLL_SECONDS
            self._next_sweep = time.monotonic() + min(pause, self.settings.sweep_interval)
        self._hints.done()

    def _note_failure(self, error: Exception) -> None:
        """Tell of a run that failed, and see that all of the folder is looked at again, whatever was wrong."""
        now = time.monotonic()
        pause = min(MAX_RETRY_SECONDS, 2.0 ** min(self._failures, 10))
        reason = ""
        unlikely = error if isinstance(error, UnlikelyRemoval) else None
        if unlikely and unlikely.origin and not self._swept_at:
            unlikely = None  # that it was started with another folder than that of the index is no matter of time
            reason = "the index is of other posts; the log of the watcher says what to do"
        if unlikely:
            if not unlikely.folders.keys() <= self._emptied:  # each folder gets its time
                self._most_gone_since = now
            self._emptied = frozenset(unlikely.folders)
            pause = POLL_SECONDS
            names = " and ".join(begin[:-1] for begin in unlikely.folders)
            gone = f"{unlikely.gone} of {unlikely.posts} posts are gone from the folder{names and f' of {names}'}"
            reason = f"{gone}; they stay until a second look, which removes them unless they are back"
        elif isinstance(error, IndexBusy):
            pause = POLL_SECONDS
            reason = "another process is writing to the index"
        else:
            self._failures += 1
            setting = str(error).partition(":")[0]
            if isinstance(error, SettingsError) and setting.isidentifier():
                reason = f"the setting {setting} can't be used; the log of the watcher says why"
            elif isinstance(error, ClusterFault):
                reason = without_details(error)
        self._next_sweep = now + pause
        self.idle.clear()
        told, self.error, self.reason = self.error, f"{type(error).__name__}: {error}", reason
        if self.error == told:
            return
        if unlikely:
            logger.warning(
                "%d of %d posts are gone from %s: unless they are back in %g s, they are removed from the index",
                unlikely.gone,
                unlikely.posts,
                " and ".join(map(str, unlikely.folders.values())),
                self.second_look_seconds,
            )
        else:
            expected = isinstance(error, PostSearchError | OSError)
            logger.warning("The index was not updated; next try in %g s: %s", pause, error, exc_info=not expected)
