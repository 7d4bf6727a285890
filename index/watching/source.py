"""Where hints come from: the events of the folders that stand at some paths now, and how far these can be relied on."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from index.indexer.folders import overlapping
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
    """Keeps an observer at work on the folders of posts, whatever becomes of them and of the observer.

    `observe` makes one for the `roots`, the folders to which paths of the settings lead, by what their ids begin with,
    and raises `OSError` where the system gives no events. `watched` of the `folders` of posts have events. `missing`
    says which of several folders are not there, or overlap another one, or is "".
    """

    def __init__(self, settings: Settings, observe: Callable[[], Events], hints: Hints) -> None:
        self.roots: dict[str, Path] = {}
        self.missing = ""
        self.watched = self.folders = 0
        self._told = settings.posts_text
        self._paths = {begin: part.posts for begin, part in settings.parts.items()}
        self._index = settings.index
        self._observe = observe
        self._hints = hints
        self._observer: Events | None = None
        self._observed: dict[str, tuple[Path, int, int]] = {}  # the device and inode of each folder that it watches
        self._local = True
        self._distrusted_until = self._next_try = 0.0

    @property
    def reliable(self) -> bool:
        """Whether events tell of every change."""
        distrusted = time.monotonic() < self._distrusted_until
        return self._observer is not None and self._local and not distrusted and self.watched >= self.folders

    def ensure_observed(self) -> None:
        """See that there is an observer, that it lives, and that it watches the folders that are there now."""
        there: dict[str, tuple[Path, int, int]] = {}
        for begin, path in self._paths.items():
            with suppress(OSError):
                root = Path(os.path.realpath(path))
                status = root.stat()
                if stat.S_ISDIR(status.st_mode):
                    there[begin] = root, status.st_dev, status.st_ino
        missing = ", ".join(begin[:-1] for begin in self._paths if begin and begin not in there)
        faults = [f"the folder of {missing} is missing"] if missing else []
        for begin, other in overlapping({begin: self._paths[begin] for begin in there}).items():
            faults.append(f"the folder of {begin[:-1]} overlaps that of {other[:-1]}")
            del there[begin]
        self.missing = f"{', '.join(faults)}; what was indexed of it is still found" if faults else ""
        self.roots = {begin: root for begin, (root, _, _) in there.items()}
        if self._observer and (there != self._observed or not self._observer.alive):
            logger.warning("Watching %s anew", self._told)
            self.stop_observer()
            self._hints.note_everything()
        due = time.monotonic() >= self._next_try
        if self._observer and due and self.watched < self.folders:
            self.stop_observer()  # the system may give more watches by now
        if self._observer or not there or not due:
            return
        self._observed, self._local = there, all(map(tells_of_changes, self.roots.values()))
        problem: Exception | None = None
        try:
            self._observer = self._observe()
        except FileNotFoundError:
            logger.info("%s went before it could be watched", self._told)
            self.roots = {}  # so that none is counted before the next look at them
        except Exception as error:
            problem = error
        self.count()
        if self.watched < self.folders:
            self._next_try = time.monotonic() + DISTRUST_SECONDS
            limit = LIMITS.get(getattr(problem, "errno", errno.ENOSPC), "")
            logger.warning(
                "%d of %d folders in %s give events (%s): polling, which takes more of the machine%s",
                *(self.watched, self.folders, self._told, problem or "inotify watch limit reached"),
                f"; raise {limit} by sysctl" if limit else "",
            )
        self._hints.note_everything()  # no one watched until now

    def count(self) -> None:
        """Count the folders of posts, and those of them that have events."""
        left_out = Path(os.path.realpath(self._index))
        folders = frozenset[str]().union(*(folders_of_posts(root, left_out) for root in self.roots.values()))
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
