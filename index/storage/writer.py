"""The Whoosh writer: a batch of documents becomes one commit of a Whoosh index.

A fresh writer builds beside the live index and swaps it in when it commits; others add to the live one.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from whoosh.fields import Schema
from whoosh.filedb.filestore import FileStorage, RamStorage
from whoosh.index import TOC, FileIndex, LockError
from whoosh.writing import SegmentWriter

from index.embedding import open_embedder
from index.errors import IndexBusy, IndexDamaged, IndexMissing
from index.schema import Document, check_text
from index.segments.files import damaged
from index.segments.inversion import invert
from index.segments.merging import MergeInput
from index.segments.segment import Segment
from index.settings import Settings
from index.storage import Writer
from index.storage.builds import BUILD, live, next_location, publish, sync_folder
from index.storage.codec import PostCodec, PostSegment
from index.storage.leftovers import sweep_builds, sweep_files
from index.storage.mark import is_marked, unmark
from index.storage.reader import Reader, Snapshot
from index.storage.toc import TOC_NAME, newest_toc, read_toc
from index.storage.verification import check_index
from index.storage.whoosh_schema import SCHEMA

__all__ = ["WhooshWriter"]

MAX_BATCH_CHARACTERS = 8_000_000
"""How many characters of bodies are inverted at a time."""

MAX_GENERATION = 10**12
"""What seems to have passed it was made by someone else, and is not counted on from."""

MERGE_RATIO = 2
"""A segment is merged with what is written once it is no more than so many times as large. So the segments that stay
are few (about the logarithm of the number of documents), and a document is rewritten about as often."""

MAX_SMALL_DOCUMENTS = 64
"""Segments of up to so many documents are merged at every commit, which takes some milliseconds."""

MAX_DELETED_SHARE = 0.25
"""A segment of which more is deleted is rewritten without it."""

OPEN_READERS: dict[Path, Reader] = {}
"""Of each index that this process writes to, so that a commit need open only what is new."""


class WhooshWriter(Writer):
    """See `Writer`."""

    def __init__(self, settings: Settings, *, fresh: bool = False) -> None:
        self._root = settings.index.absolute()
        self._invert = partial(invert, embedder=open_embedder(settings.meaning))
        passed = newest_generation(self._root)  # what is swept counts too
        sweep_builds(self._root)
        newest = newest_snapshot(self._root, fresh=fresh)
        self._fresh = fresh or newest is None
        if self._fresh:
            self._location = next_location(self._root, passed)
        else:
            self._location = live(self._root)
        folder = self._location.path(self._root)
        try:
            if self._fresh:
                self._whoosh = SyncedStorage(str(folder)).create_index(SCHEMA, indexclass=PostIndex)
            else:
                self._whoosh = PostIndex(SyncedStorage(str(folder_of_files(folder))))
            self._writer: SegmentWriter = self._whoosh.writer(codec=PostCodec())
            if not self._fresh:
                with contextlib.suppress(OSError):  # a run goes on without
                    sweep_files(folder)
        except BaseException as error:
            if self._fresh:  # nobody else would remove it, and room may be what is wanting
                shutil.rmtree(folder, ignore_errors=True)
            if isinstance(error, LockError):
                raise IndexBusy(f"another process is writing to {self._root}; try again when it is done") from None
            raise
        self._segments = newest.segments if newest else ()
        self._generation = newest.generation if newest else 0
        self._commit_id = newest.commit_id if newest else ""
        self._waiting: list[Document] = []
        self._characters = 0
        self._seen: set[str] = set()
        self._copies = False
        self._committed = False

    def preparation(self) -> Callable[[Sequence[Document]], Segment]:
        return self._invert

    def put_prepared(self, prepared: Segment) -> None:
        self._replace([id.decode() for id in prepared.records.ids])
        self._add(MergeInput.whole(prepared))

    def put(self, document: Document) -> None:
        check_text(document)
        self._replace([document.id])
        self._waiting.append(document)
        self._characters += len(document.body)
        if self._characters > MAX_BATCH_CHARACTERS:
            self._hand_on()

    def _replace(self, ids: Sequence[str]) -> None:
        """Make room for documents with these ids."""
        for id in ids:
            if id in self._seen:
                raise ValueError(f"{id} was put or deleted in this batch already")
        self.delete(ids)

    def _hand_on(self) -> None:
        """Hand on the documents that wait."""
        if self._waiting:
            self._add(MergeInput.whole(self._invert(self._waiting)))
        self._waiting = []
        self._characters = 0

    def _add(self, part: MergeInput) -> None:
        """Let what is kept of a segment be the next documents of Whoosh's writer."""
        self._writer.perdocwriter.add(part)
        self._writer.docnum += int(part.live_docs.sum())
        self._writer._added = True

    def delete(self, ids: Iterable[str]) -> None:
        for id in ids:
            self._seen.add(id)
            if self._fresh:
                continue
            first = 0
            for segment in self._segments:
                if (doc_id := segment.find(id)) is not None:
                    self._writer.delete_document(first + doc_id)
                first += segment.segment.size

    @property
    def generation(self) -> int:
        return self._generation

    @property
    def commit_id(self) -> str:
        return self._commit_id

    def ids(self) -> frozenset[str]:
        return frozenset(id for segment in self._segments for id in segment.ids())

    def get(self, id: str) -> Document | None:
        for segment in self._segments:
            if (doc_id := segment.find(id)) is not None:
                self._copies = True
                return segment.segment.document(doc_id)
        return None

    def commit(self) -> int:
        if self._copies:  # what was copied of damaged files would pass for sound ever after
            for _ in check_index(self._root):
                pass
        self._hand_on()
        self._writer.commit(mergetype=self._merge_small)
        self._committed = True
        number = int(self._writer.generation)
        digest = read_toc(self._location.path(self._root), number).digest
        self._commit_id = f"{self._location.folder}/{digest}"
        if self._fresh:
            publish(self._root, self._location)
            sweep_builds(self._root)
        self.close()
        return self._location.base + number

    def _merge_small(self, writer: SegmentWriter, segments: list[PostSegment]) -> list[PostSegment]:
        """The segments to keep; those that are small beside what is written, or much deleted, go into the new one."""
        if self._fresh:
            return []
        folder, kept = self._location.path(self._root), []
        for entry in sorted(segments, key=PostSegment.doc_count):
            size, gone = entry.doc_count(), entry.deleted_count()
            small = writer.docnum > 0 and size <= max(MAX_SMALL_DOCUMENTS, MERGE_RATIO * writer.docnum)
            if size and not small and gone <= entry.doc_count_all() * MAX_DELETED_SHARE:
                kept.append(entry)
            elif size:
                # Not what is mapped already: it may be damaged by now, and would be written with fresh checksums.
                try:
                    segment = entry.info.open(folder, private=True)
                except FileNotFoundError as error:
                    raise damaged(folder, error) from error
                self._add(MergeInput(segment, entry.info.live_docs()))
        return kept

    def close(self) -> None:
        if not self._committed:
            self._committed = True
            with contextlib.suppress(Exception):  # cancelling a writer that failed half way is best effort
                self._writer.perdocwriter.forget()
                self._writer.cancel()
            if self._fresh:
                shutil.rmtree(self._location.path(self._root), ignore_errors=True)


class PostIndex(FileIndex):  # type: ignore[misc]
    """A build as Whoosh's writer takes it, whose table of contents is read by `read_toc`.

    Raises `IndexDamaged`, and `FileNotFoundError` where there is no table.
    """

    def __init__(self, storage: FileStorage, schema: Schema = SCHEMA, indexname: str = "MAIN") -> None:
        # Not the constructor of Whoosh, which loads the pickle.
        self.storage = storage
        self.indexname = indexname
        self._schema = schema
        self._read_toc()

    def _read_toc(self) -> TOC:
        folder = Path(self.storage.folder)
        toc = read_toc(folder, newest_toc(folder))
        return TOC(self._schema, list(map(PostSegment.of, toc.segments)), toc.number)


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

    def temp_storage(self, name: str | None = None) -> RamStorage:  # noqa: ARG002 - Whoosh gives it
        """Where Whoosh would gather postings, of which we give it none.

        Its own would be a folder of a known name, which it empties when it is done: also where a link to another
        folder had been put there.
        """
        return RamStorage()


def newest_snapshot(root: Path, *, fresh: bool) -> Snapshot | None:
    """The newest commit, for a writer; None where there is none, and for a fresh writer where it can't be read.

    Raises `IndexDamaged`.
    """
    reader = OPEN_READERS.setdefault(root, Reader(root))
    if is_marked(root):
        reader.close()  # so that all checksums are compared anew
        if not fresh:
            unmark(root)  # what is damaged indeed is marked again
    try:
        return reader.snapshot(anew=True)
    except IndexMissing:
        return None
    except (IndexDamaged, PermissionError):
        if not fresh:  # one that can't be read is what a fresh one is built to replace
            raise
    return None


def folder_of_files(folder: Path) -> Path:
    """The folder, which holds files and nothing else: Whoosh's writer goes through a link to wherever that leads.

    Raises `IndexDamaged`.
    """
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.is_file(follow_symlinks=False):
                raise damaged(entry.path, "it is not a file")
    return folder


def newest_generation(root: Path) -> int:
    """A number that no generation in the index folder has passed, by the names of its files alone."""
    paths = root.glob("build-*/_MAIN_*.toc")
    tocs = ((BUILD.fullmatch(path.parent.name), TOC_NAME.fullmatch(path.name)) for path in paths)
    generations = (int(build[1]) + int(toc[1]) for build, toc in tocs if build and toc)
    return max((number for number in generations if number < MAX_GENERATION), default=0)
