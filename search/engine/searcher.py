"""The Whoosh searcher: the segments of the newest commit of a Whoosh index, which our codec wrote.

Whoosh tells which segments there are and what of them is deleted; the rest is done on their arrays.
"""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from pathlib import Path

from whoosh.filedb.filestore import FileStorage
from whoosh.index import EmptyIndexError, FileIndex

from index.schema import Document
from index.settings import Settings
from index.storage.builds import Location, damage_told, live
from index.storage.codec import alive_rows, open_segment
from index.storage.schema import SCHEMA
from search.engine.collector import Member
from search.engine.segmented import SegmentedSearcher, Snapshot
from search.query import Query
from search.results import IndexState, Matches

__all__ = ["WhooshSearcher"]

ATTEMPTS = 5
"""How often to open an index that a writer is committing to just now."""


class WhooshSearcher(SegmentedSearcher):
    """See `Searcher`. What Whoosh raises over damaged files comes out as `IndexDamaged`."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._root = settings.index.absolute()
        self._opened: tuple[Location, FileIndex] | None = None
        self._members: dict[str, Member] = {}

    def search(self, query: Query, now: datetime) -> Matches:
        with damage_told(self._root, refusals=True):
            return super().search(query, now)

    def at(self, path: str, now: datetime) -> Document | None:
        with damage_told(self._root, refusals=True):
            return super().at(path, now)

    def state(self, now: datetime) -> IndexState:
        with damage_told(self._root, refusals=True):
            return super().state(now)

    def newest(self, held: Snapshot | None) -> Snapshot:
        for _ in range(ATTEMPTS - 1):
            with contextlib.suppress(OSError, EmptyIndexError):
                return self._newest(held)
        return self._newest(held)

    def _newest(self, held: Snapshot | None) -> Snapshot:
        """One look; a commit just then may take away a file that was about to be opened."""
        location, files = self._files()
        same = self._opened == (location, files)
        if held and same and held.generation == location.base + int(files.latest_generation()):
            return held
        snapshot = self._open(location, files)
        self._opened = location, files
        return snapshot

    def close(self) -> None:
        super().close()
        self._members, self._opened = {}, None

    def _files(self) -> tuple[Location, FileIndex]:
        """The live build; opened once, for the pointer to it seldom changes."""
        location = live(self._root, "whoosh")
        if self._opened and self._opened[0] == location:
            return self._opened
        return location, FileStorage(str(location.path(self._root))).open_index(schema=SCHEMA)

    def _open(self, location: Location, files: FileIndex) -> Snapshot:
        """The newest commit; what is made of a segment is made once, for its file never changes."""
        table = files._read_toc()
        names = [f"{location.folder}/{segment.segment_id()}" for segment in table.segments]
        self._members = {
            name: self._members.get(name) or Member(open_segment(files.storage, segment))
            for name, segment in zip(names, table.segments, strict=True)
        }
        generation = location.base + int(table.generation)
        alive = [alive_rows(segment) for segment in table.segments]
        members = [self._members[name] for name in names]
        return Snapshot.of(generation, updated_at(location.path(self._root)), members, alive)


def updated_at(folder: Path) -> datetime:
    """When the newest commit in the folder was made."""
    written = max((path.stat().st_mtime for path in folder.glob("_MAIN_*.toc")), default=0.0)
    return datetime.fromtimestamp(written, UTC)
