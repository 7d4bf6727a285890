"""The Whoosh writer: a batch of documents becomes one commit of a Whoosh index.

A fresh writer builds beside the live index and swaps it in when it commits; others add to the live one.
"""

from __future__ import annotations

import contextlib
import math
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Self

from whoosh.codec.base import Segment
from whoosh.codec.whoosh3 import W3Codec
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex, LockError
from whoosh.reading import SegmentReader
from whoosh.writing import SegmentWriter

from index.engines import Writer
from index.errors import IndexBusy, IndexDamaged, IndexFault, IndexMissing
from index.schema import Document
from index.schema.whoosh import SCHEMA, from_stored, to_fields
from index.settings import Settings
from index.store import BUILD, live, next_location, publish, sweep, sync_folder

__all__ = ["WhooshWriter"]

ENGINE = "whoosh"
MEMORY_MB = 128
"""What Whoosh may use for postings before it spills them to disk."""

TABLE = re.compile(r"_MAIN_(\d+)\.toc")
"""The name of a table of contents, with Whoosh's own generation."""

TIER = 8
"""How many segments of about one size are merged into one; Whoosh's own rule merges ever more at every few commits."""

DELETED_SHARE = 0.25
"""A segment of which more is deleted than this is rewritten without it."""


class WhooshWriter(Writer):
    """See `Writer`. Opening raises `IndexBusy` when another process writes, `IndexDamaged` for unreadable files."""

    def __init__(self, settings: Settings, *, fresh: bool = False) -> None:
        self._root = settings.index.absolute()
        self._generation = 0
        self._old: FileIndex | None = None
        self._reader: Any = None
        self._open_live(tolerant=fresh)
        if fresh or self._old is None:
            self._location = next_location(self._root, ENGINE, newest_generation(self._root))
            self._whoosh = SyncedStorage(str(self._location.path(self._root))).create_index(SCHEMA)
            self._fresh = True
        else:
            self._whoosh = self._old
            self._fresh = False
        self._writer = self._lock()
        self._seen: set[str] = set()
        self._committed = False

    @classmethod
    def open(cls, settings: Settings, *, fresh: bool = False) -> Self:
        """A writer, with what Whoosh raises over damaged files as `IndexDamaged`."""
        with damage_told(settings.index):
            return cls(settings, fresh=fresh)

    def _open_live(self, *, tolerant: bool) -> None:
        """Open the live index; there is none to open at first, or (tolerant) where it can't be read."""
        try:
            self._location = live(self._root, ENGINE)
            files = SyncedStorage(str(self._location.path(self._root))).open_index(schema=SCHEMA)
            self._reader = files.reader()
            self._old = files
            self._generation = self._location.base + int(files.latest_generation())
        except IndexMissing:
            return
        except Exception:  # a damaged index is what a fresh one is built to replace
            if not tolerant:
                raise

    def _lock(self) -> SegmentWriter:
        try:
            return self._whoosh.writer(limitmb=MEMORY_MB, codec=W3Codec(compression=0))
        except LockError:
            self._close_reader()
            raise IndexBusy(f"another process is writing to {self._root}; try again when it is done") from None

    def put(self, document: Document) -> None:
        values = to_fields(document)
        if document.id in self._seen:
            raise ValueError(f"{document.id} was put or deleted in this batch already")
        self.delete([document.id])
        with damage_told(self._root):
            self._writer.add_document(**values)

    def delete(self, ids: Iterable[str]) -> None:
        for id in ids:
            self._seen.add(id)
            if not self._fresh and (number := self._number(id)) is not None:
                self._writer.delete_document(number)

    @property
    def generation(self) -> int:
        return self._generation

    def ids(self) -> frozenset[str]:
        if not self._reader:
            return frozenset()
        with damage_told(self._root):
            ids = [term.decode() for term in self._reader.lexicon("id")]
        return frozenset(id for id in ids if self._number(id) is not None)

    def get(self, id: str) -> Document | None:
        number = self._number(id)
        if number is None or not self._reader:
            return None
        with damage_told(self._root):
            return from_stored(self._reader.stored_fields(number))

    def _number(self, id: str) -> int | None:
        """Whoosh's number of the live document with this id."""
        with damage_told(self._root):
            if not self._reader or ("id", id) not in self._reader:
                return None
            postings = self._reader.postings("id", id)
            return postings.id() if postings.is_active() else None

    def commit(self) -> int:
        with damage_told(self._root):
            self._writer.commit(mergetype=merge_tiers)
        self._committed = True
        if self._fresh:
            publish(self._root, self._location)
            sweep(self._root, self._location)
        generation = self._location.base + int(self._whoosh.latest_generation())
        self.close()
        return generation

    def close(self) -> None:
        if not self._committed:
            self._committed = True
            with contextlib.suppress(Exception):  # cancelling a writer that failed half way is best effort
                self._writer.cancel()
            if self._fresh:
                shutil.rmtree(self._location.path(self._root), ignore_errors=True)
        self._close_reader()

    def _close_reader(self) -> None:
        if self._reader:
            self._reader.close()
            self._reader = None


@contextlib.contextmanager
def damage_told(root: Path) -> Iterator[None]:
    """What Whoosh raises over damaged files, a dozen kinds and none of them its own, comes out as `IndexDamaged`.

    What the system refuses (a full disk, permissions) is no damage and comes out as it is.
    """
    try:
        yield
    except (IndexFault, MemoryError):
        raise
    except Exception as error:
        if isinstance(error, OSError) and not isinstance(error, FileNotFoundError):
            raise
        raise IndexDamaged(f"{root} can't be read ({error!r}); run `postsearch reindex --full`") from error


class SyncedStorage(FileStorage):  # type: ignore[misc]
    """Files that last: what was written is synced to disk before a rename makes it count, which Whoosh leaves out."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._written: set[str] = set()

    def create_file(self, name: str, **options: Any) -> Any:
        """A new file to write to."""
        self._written.add(name)
        return super().create_file(name, **options)

    def rename_file(self, name: str, new: str, safe: bool = False) -> None:
        """Sync all that was written, and let the file count under its new name."""
        for path in (Path(self.folder, written) for written in self._written):
            with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
                os.fsync(file.fileno())
        self._written.clear()
        super().rename_file(name, new, safe=safe)
        sync_folder(Path(self.folder))


def merge_tiers(writer: SegmentWriter, segments: list[Segment]) -> list[Segment]:
    """The segments to keep; those of a tier that is full, and those with much deleted, go into the new segment."""
    live = [segment for segment in segments if segment.doc_count()]
    tiers = Counter(tier(segment) for segment in live)
    kept = []
    for segment in live:
        if tiers[tier(segment)] < TIER and segment.deleted_count() <= segment.doc_count_all() * DELETED_SHARE:
            kept.append(segment)
        else:
            with contextlib.closing(SegmentReader(writer.storage, writer.schema, segment)) as reader:
                writer.add_reader(reader)
    return kept


def tier(segment: Segment) -> int:
    return int(math.log(segment.doc_count(), TIER))


def newest_generation(root: Path) -> int:
    """A number that no generation in the index folder has passed, by the names of its files alone."""
    paths = root.glob("build-*/_MAIN_*.toc")
    tables = ((BUILD.fullmatch(path.parent.name), TABLE.fullmatch(path.name)) for path in paths)
    return max((int(build[1]) + int(table[1]) for build, table in tables if build and table), default=0)
