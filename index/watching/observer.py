"""The events of the file system, as watchdog tells them, turned into hints; and whether they can be relied on.

Whatever goes wrong in watchdog becomes a hint that anything may have changed, or an observer that is no longer `alive`.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Mapping
from pathlib import Path

from watchdog.events import (
    DirAttribEvent,
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileAttribEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer as NativeObserver

from index.indexer.folder import POST_SUFFIXES, is_build_output, is_text
from index.log import get_logger
from index.watching.hints import Hints

__all__ = ["Observer", "folders_of_posts", "tells_of_changes"]

logger = get_logger(__name__)

WANTED: list[type[FileSystemEvent]] = [
    DirAttribEvent,
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileAttribEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
]
"""Events that writing causes; those of reading would let the indexer wake itself."""

COMING_AND_GOING = frozenset({"created", "deleted", "moved"})
SITE_SUFFIXES = (".yml", ".yaml", ".toml", ".json", ".py", ".js", ".mjs", ".cjs", ".ts", ".rb")
"""What the names of a site's own settings end with, on which the URLs of all posts depend."""

SILENT = ("nfs", "cifs", "smb", "9p", "virtiofs", "fuse", "vboxsf", "prl_fs", "afs", "ceph", "lustre", "glusterfs")
"""File systems that others may write to without this kernel knowing."""

MAX_JOIN_SECONDS = 5.0


class Observer:
    """watchdog at work on folders, each with what its ids begin with, but for `left_out` in them. Raises `OSError`
    where it hears nothing of one."""

    def __init__(self, roots: Mapping[str, Path], left_out: Path, hints: Hints) -> None:
        # watchdog warns of a watch that it sets twice, with the whole table of watches each time
        warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"watchdog\.")
        self._native = NativeObserver()
        self._overflow = OverflowListener(hints)
        for begin, root in roots.items():
            handler = EventHandler(root, left_out, hints, begin)
            self._native.schedule(handler, str(root), recursive=True, event_filter=WANTED)
        logging.getLogger("watchdog").addHandler(self._overflow)
        try:
            self._native.start()
        except BaseException:
            self.stop()
            raise

    @property
    def alive(self) -> bool:
        """Whether every thread of it runs: each can die for itself, and says so to no one."""
        reader = getattr(self._native, "_inotify_fd", self._native)  # has no public name, and its death is silent
        threads = (self._native, reader, *self._native.emitters)
        return bool(self._native.emitters) and all(thread.is_alive() for thread in threads)

    def watches(self) -> frozenset[str] | None:
        """The paths of the folders of which events come; None where the system tells of all below the root.

        watchdog goes on without those that the system refuses to watch, and says so to no one.
        """
        found = []
        for emitter in self._native.emitters:
            paths = getattr(getattr(emitter, "_inotify", None), "_active_callbacks_by_path", None)  # no public name
            if paths is None:
                return None
            found += [os.fsdecode(path) for path, watch in dict(paths).items() if watch >= 0]
        return frozenset(found)

    def stop(self) -> None:
        """End it; what its threads say at that is of no interest."""
        logging.getLogger("watchdog").removeHandler(self._overflow)
        try:
            self._native.stop()
            if self._native.is_alive():
                self._native.join(MAX_JOIN_SECONDS)
        except Exception:
            logger.debug("watchdog did not stop cleanly", exc_info=True)


class OverflowListener(logging.Handler):
    """Hears watchdog say that events were lost: it says so in its log and nowhere else."""

    def __init__(self, hints: Hints) -> None:
        super().__init__(logging.WARNING)
        self._hints = hints

    def emit(self, record: logging.LogRecord) -> None:
        logger.debug("Looking at everything, as watchdog says: %s", record.getMessage())
        self._hints.note_everything()


class EventHandler(FileSystemEventHandler):
    """Turns events into hints. Never raises: an exception would end watchdog's thread, and nobody would know."""

    def __init__(self, root: Path, left_out: Path, hints: Hints, begin: str = "") -> None:
        self._begin = begin
        self._root = str(root)
        self._left_out = str(left_out)
        self._hints = hints

    def dispatch(self, event: FileSystemEvent) -> None:
        try:
            for path in (event.src_path, event.dest_path):
                if path:
                    self._consider(event, os.fsdecode(path))
        except Exception:
            logger.exception("An event could not be understood: %r", event)
            self._hints.note_everything()

    def _consider(self, event: FileSystemEvent, path: str) -> None:
        """Note what the event says of one path."""
        if (path + "/").startswith(self._left_out + "/"):
            return
        id = path[len(self._root) + 1 :]
        parts = id.split("/")
        if any(part.startswith(".") for part in parts):
            return
        if any(is_build_output("/".join([self._root, *parts[:depth]])) for depth in range(1, len(parts) + 1)):
            return
        if not event.is_directory and id.lower().endswith(POST_SUFFIXES) and is_text(id):
            self._hints.note(self._begin + id)
        elif self._concerns_all(event, id):
            self._hints.note_everything(folders_went=event.is_directory and event.event_type == "deleted")

    def _concerns_all(self, event: FileSystemEvent, id: str) -> bool:
        """Whether an event of something that is no post may matter to posts: it may be a folder, or a link to one."""
        if event.is_directory:
            return event.event_type != "modified"
        return event.event_type in COMING_AND_GOING or id.lower().endswith(SITE_SUFFIXES)


def folders_of_posts(root: Path, left_out: Path) -> frozenset[str]:
    """The paths of the folders in which posts may lie and whose events matter, but for those that can't be read."""
    found = []
    for path, names, _files in os.walk(root):
        found.append(path)
        inner = {name: os.path.join(path, name) for name in names if not name.startswith(".")}  # noqa: PTH118  many
        names[:] = [
            name
            for name, full in inner.items()
            if not is_build_output(full) and full != str(left_out) and not os.path.islink(full)  # noqa: PTH114
        ]
    return frozenset(path for path in found if os.access(path, os.R_OK | os.X_OK))


def tells_of_changes(root: Path, table: Path = Path("/proc/self/mountinfo")) -> bool:
    """Whether the file system of the folder is one whose every change this kernel hears of."""
    try:
        device = root.stat().st_dev
        number = f"{os.major(device)}:{os.minor(device)}"
        mounts = [line.split() for line in table.read_text("utf-8", "replace").splitlines()]
        return not any(m[2] == number and m[m.index("-") + 1].startswith(SILENT) for m in mounts)
    except (OSError, ValueError, IndexError):
        return True
