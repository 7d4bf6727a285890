"""The read side of the index on disk: the newest commit, opened once and shared by all who read it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.errors import IndexDamaged, IndexMissing
from index.segments.files import damaged
from index.segments.segment import Segment
from index.stamps import is_settled
from index.storage.builds import POINTER, live
from index.storage.mark import mark_damaged
from index.storage.toc import newest_toc, read_toc, toc_path

__all__ = ["LiveSegment", "Reader", "Snapshot"]

MAX_ATTEMPTS = 5
"""How often to look for a commit whose files writers take away meanwhile."""


@dataclass(frozen=True, slots=True, eq=False)
class LiveSegment:
    """A segment as it stands in one commit.

    `key` tells its file from any other, also from one that takes its place. `live_docs` [segment.size] is False for the
    documents that are deleted.
    """

    key: str
    segment: Segment
    live_docs: NDArray[np.bool_]

    def find(self, id: str) -> int | None:
        """The number of the document with this id; None where it is not here or deleted."""
        doc_id = self.segment.records.find(id)
        return doc_id if doc_id is not None and self.live_docs[doc_id] else None

    def ids(self) -> Iterator[str]:
        """The ids of the documents that are not deleted."""
        ids = zip(self.segment.records.ids, self.live_docs.tolist(), strict=True)
        return (id.decode() for id, live in ids if live)


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """One commit: the build that holds it (the name of its folder), its generation, when it was made (UTC), and its
    segments.

    `commit_id` is a text that no other commit has, also none of another history of the same build. `toc` is the file of
    its table of contents, `toc_stamp` how that looked: inode, size in bytes, time of its last change in nanoseconds.
    """

    build: str
    commit_id: str
    toc: Path
    toc_stamp: tuple[int, int, int]
    generation: int
    updated_at: datetime
    segments: tuple[LiveSegment, ...]


Looks = tuple[tuple[int, int, int], ...]
"""How files and folders look: the inode of each, and when it and what is known of it last changed, in nanoseconds."""


class Reader:
    """Opens the newest commit of an index; safe to share between threads. Nothing is opened before it is asked for.

    `command` is what people are told to run where there is none.
    """

    def __init__(self, root: Path, command: str = "") -> None:
        self.root = root.absolute()
        self._command = command
        self._swap = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._suspected: Snapshot | None = None
        self._settled: tuple[Snapshot, Looks] | None = None

    def snapshot(self, *, anew: bool = False) -> Snapshot:
        """The newest commit: the very same object while there is no newer one.

        With `anew` it is opened again where files are not those that were opened before, as after damage. Raises
        `IndexMissing`, and `IndexDamaged` for files that can't be read; what the system refuses, such as one open file
        more, is an `OSError`. An index that is damaged, or went, is marked as that.
        """
        vanished = 0
        while True:
            held, now = self._snapshot, time.time_ns()
            looks = looks_of(self.root, held) if held else ()
            if held and looks and not anew and self._settled == (held, looks):
                return held
            try:
                newest = self._open(held, anew=anew)
            except FileNotFoundError as error:
                vanished += 1
                if vanished == MAX_ATTEMPTS:
                    mark_damaged(self.root, error)
                    raise damaged(self.root, error) from error
                continue
            except (IndexDamaged, IndexMissing) as error:
                if held or isinstance(error, IndexDamaged):
                    mark_damaged(self.root, error)
                raise
            with self._swap:
                if self._snapshot is held:
                    self._snapshot = newest
                    if newest is held and looks and is_settled(max(map(max, looks)), now):
                        self._settled = held, looks
                    return newest
            # Another thread opened a commit meanwhile: look again, so that an older one never replaces a newer.

    def _open(self, held: Snapshot | None, *, anew: bool) -> Snapshot:
        """One look at the newest commit, outside of any lock; segments that are open already are shared."""
        location = live(self.root, self._command)
        folder = location.path(self.root)
        number = newest_toc(folder)
        # A copy that was put back goes on with the same numbers, so these alone do not tell one commit from another.
        status = (path := toc_path(folder, number)).lstat()
        stamp = status.st_ino, status.st_size, status.st_mtime_ns
        commit = location.folder, location.base + number, stamp
        if held and not anew and (held.build, held.generation, held.toc_stamp) == commit:
            return held
        toc = read_toc(folder, number)
        opened = {segment.key: segment.segment for segment in held.segments} if held else {}
        segments = []
        for info in toc.segments:
            key = f"{location.folder}/{info.id}/{info.identity(folder)}"
            segments.append(LiveSegment(key, opened.get(key) or info.open(folder), info.live_docs()))
        return Snapshot(
            build=location.folder,
            commit_id=f"{location.folder}/{toc.digest}",
            toc=path,
            toc_stamp=stamp,
            generation=location.base + number,
            updated_at=toc.written,
            segments=tuple(segments),
        )

    def suspect(self, error: BaseException) -> None:
        """Mark the index as damaged: what was read of it makes no sense. Once for each commit, as the error may also be
        a mistake in the code."""
        if self._suspected is not self._snapshot:
            self._suspected = self._snapshot
            mark_damaged(self.root, repr(error))

    def close(self) -> None:
        """Let go of all that is open; a later `snapshot` opens it again. Closing twice is no error."""
        with self._swap:
            self._snapshot = self._settled = None


def looks_of(root: Path, snapshot: Snapshot) -> Looks:
    """How all that tells a newer commit from this one looks; () where something is gone."""
    # Names, as this is asked at every query: to make paths takes half as long as to look.
    names = str(root), f"{root}/{POINTER}", str(snapshot.toc).rpartition("/")[0], str(snapshot.toc)
    try:
        found = [os.stat(name) for name in names]  # noqa: PTH116
    except OSError:
        return ()
    return tuple((status.st_ino, status.st_mtime_ns, status.st_ctime_ns) for status in found)
