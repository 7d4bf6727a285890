"""Where hints come from: the events of the folder that stands at a path now, and how far these can be relied on."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from index.log import get_logger
from index.settings import Settings
from index.watching.hints import Hints
from index.watching.observer import folders_of_posts, tells_of_changes

__all__ = ["Events", "Source"]

logger = get_logger(__name__)

DISTRUST_SECONDS = 60.0
"""How long events are not relied on after a sweep has found what none of them told, and between two tries to have
events of all folders."""

LIMITS = {errno.ENOSPC: "fs.inotify.max_user_watches", errno.EMFILE: "fs.inotify.max_user_instances"}
"""The setting of the system by which it refuses events, by the error."""


class Events(Protocol):
    """What gives hints until it is stopped, or dies. `watches` is as in `Observer`."""

    @property
    def alive(self) -> bool: ...

    def watches(self) -> frozenset[str] | None: ...

    def stop(self) -> None: ...


class Source:
    """Keeps an observer at work on the folder of posts, whatever becomes of that and of the observer.

    `observe` makes one for the folder `root`, which the path of the settings leads to, and raises `OSError` where the
    system gives no events. `watched` of the `folders` of posts have events.
    """

    def __init__(self, settings: Settings, observe: Callable[[], Events], hints: Hints) -> None:
        self.root = settings.posts
        self.watched = self.folders = 0
        self._settings = settings
        self._observe = observe
        self._hints = hints
        self._observer: Events | None = None
        self._observed: tuple[int, int] | None = None  # the device and inode of the folder that the observer watches
        self._local = True
        self._distrusted_until = self._next_try = 0.0

    @property
    def reliable(self) -> bool:
        """Whether events tell of every change."""
        distrusted = time.monotonic() < self._distrusted_until
        return self._observer is not None and self._local and not distrusted and self.watched >= self.folders

    def ensure_observed(self) -> None:
        """See that there is an observer, that it lives, and that it watches the folder that is there now."""
        try:
            self.root = Path(os.path.realpath(self._settings.posts))
            status = self.root.stat()
            there = status.st_dev, status.st_ino
        except OSError:
            there = None
        if self._observer and (there != self._observed or not self._observer.alive):
            logger.warning("Watching %s anew", self.root)
            self.stop_observer()
            self._hints.note_everything()
        due = time.monotonic() >= self._next_try
        if self._observer and due and self.watched < self.folders:
            self.stop_observer()  # the system may give more watches by now
        if self._observer or not there or not due:
            return
        self._observed, self._local = there, tells_of_changes(self.root)
        problem: Exception | None = None
        try:
            self._observer = self._observe()
        except FileNotFoundError:
            logger.info("%s went before it could be watched", self.root)
        except Exception as error:
            problem = error
        self.count()
        if self.watched < self.folders:
            self._next_try = time.monotonic() + DISTRUST_SECONDS
            limit = LIMITS.get(getattr(problem, "errno", errno.ENOSPC), "")
            logger.warning(
                "%d of %d folders in %s give events (%s): polling, which takes more of the machine%s",
                *(self.watched, self.folders, self.root, problem or "inotify watch limit reached"),
                f"; raise {limit} by sysctl" if limit else "",
            )
        self._hints.note_everything()  # no one watched until now

    def count(self) -> None:
        """Count the folders of posts, and those of them that have events."""
        folders = folders_of_posts(self.root, Path(os.path.realpath(self._settings.index)))
        watches = self._observer.watches() if self._observer else frozenset()
        self.folders = len(folders)
        self.watched = len(folders if watches is None else folders & watches)

    def recount(self) -> None:
        """Count again, after a look at all of the folder; where a new one has no events, all are watched anew."""
        if self._observer and self.watched >= self.folders:
            self.count()
            if self.watched < self.folders:
                self.stop_observer()

    def distrust_events(self) -> None:
        """Where changes were found that an event should have told of, rely on none for a while, and watch anew."""
        if self._observer and self.watched >= self.folders:
            logger.info("Changes were found that no event told of: polling for %g s", DISTRUST_SECONDS)
            self._distrusted_until = time.monotonic() + DISTRUST_SECONDS
            self.stop_observer()

    def stop_observer(self) -> None:
        """End the observer; `ensure_observed` makes another one."""
        if self._observer:
            self._observer.stop()
            self._observer = None
        self._next_try = 0.0
