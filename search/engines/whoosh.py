"""The Whoosh searcher: the segments of the newest commit, scored by Whoosh's own BM25F.

Nothing of Whoosh leaves this module: postings come out as arrays, stored fields as documents.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from heapq import nsmallest
from pathlib import Path
from typing import Any

import numpy as np
from whoosh import scoring
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex
from whoosh.matching import NullMatcher
from whoosh.reading import TermNotFound
from whoosh.searching import Searcher as WhooshTop

from index.errors import IndexDamaged, IndexFault
from index.schema import Document
from index.schema.facts import Facts
from index.schema.whoosh import SCHEMA, from_stored
from index.settings import Settings
from index.store import Location, live
from search.attributes import Attributes
from search.collector import Segment
from search.engines.segmented import SegmentedSearcher, Snapshot
from search.executor import Rows, Scores
from search.query import Query
from search.results import IndexState, Matches

__all__ = ["WhooshSearcher"]

ATTEMPTS = 5
"""How often to open an index that a writer is committing to just now."""


class WhooshPostings:
    """The postings of one Whoosh segment; scores use the statistics of the whole index."""

    def __init__(self, leaf: WhooshTop) -> None:
        self._leaf = leaf
        self._reader = leaf.reader()
        self.size = int(self._reader.doc_count_all())

    def scores(self, field: str, term: str) -> tuple[Rows, Scores]:
        matcher = self._matcher(field, term)
        rows, scores = [], []
        while matcher.is_active():
            rows.append(matcher.id())
            scores.append(matcher.score())
            matcher.next()
        return np.array(rows, np.int64), np.array(scores, np.float64)

    def positions(self, field: str, term: str) -> Mapping[int, Sequence[int]]:
        matcher = self._matcher(field, term)
        places = {}
        while matcher.is_active():
            places[matcher.id()] = matcher.value_as("positions")
            matcher.next()
        return places

    def completions(self, field: str, prefix: str, limit: int) -> list[str]:
        terms = (term.decode() for term in self._reader.expand_prefix(field, prefix))
        return nsmallest(limit, terms, key=lambda term: (len(term), term))

    def _matcher(self, field: str, term: str) -> Any:
        try:
            return self._leaf.postings(field, term.encode())
        except TermNotFound:
            return NullMatcher()


class WhooshSearcher(SegmentedSearcher):
    """See `Searcher`. What Whoosh raises over damaged files comes out as `IndexDamaged`."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._root = settings.index.absolute()
        self._opened: tuple[Location, FileIndex] | None = None
        self._attributes: dict[str, Attributes] = {}

    def search(self, query: Query, now: datetime) -> Matches:
        with self._translated():
            return super().search(query, now)

    def state(self, now: datetime) -> IndexState:
        with self._translated():
            return super().state(now)

    @contextlib.contextmanager
    def _translated(self) -> Any:
        try:
            yield
        except IndexFault:
            raise
        except Exception as error:  # Whoosh raises a dozen kinds over damaged files, none of them its own
            raise IndexDamaged(f"{self._root} can't be read ({error!r}); run `postsearch reindex --full`") from error

    def newest(self, held: Snapshot | None) -> Snapshot:
        location, files = self._files()
        if held and held.generation == location.base + int(files.latest_generation()):
            return held
        for _ in range(ATTEMPTS - 1):
            with contextlib.suppress(OSError):
                return self._open(*self._files())
        return self._open(*self._files())

    def _files(self) -> tuple[Location, FileIndex]:
        """The live build; opened once, for the pointer to it seldom changes."""
        location = live(self._root, "whoosh")
        if not self._opened or self._opened[0] != location:
            storage = FileStorage(str(location.path(self._root)))
            self._opened = location, storage.open_index(schema=SCHEMA)
        return self._opened

    def _open(self, location: Location, files: FileIndex) -> Snapshot:
        top = files.searcher(weighting=scoring.BM25F())
        leaves = [leaf for leaf, _ in top.leaf_searchers()] if top.doc_count_all() else []
        segments = tuple(self._segment(leaf) for leaf in leaves)
        names = {segment_name(location, leaf) for leaf in leaves}
        self._attributes = {name: kept for name, kept in self._attributes.items() if name in names}
        generation = top.reader().generation()  # None while no document was ever written
        number = location.base + int(files.latest_generation() if generation is None else generation)
        return Snapshot.of(number, updated_at(location.path(self._root)), segments, reading(leaves), top.close)

    def _segment(self, leaf: WhooshTop) -> Segment:
        reader = leaf.reader()
        name = segment_name(self._files()[0], leaf)
        if name not in self._attributes:
            rows = reader.column_reader("facts")
            self._attributes[name] = Attributes.of(Facts(*json.loads(row)) for row in rows)
        size = int(reader.doc_count_all())
        alive = np.ones(size, np.bool_)
        alive[list(reader.segment().deleted_docs())] = False
        return Segment(WhooshPostings(leaf), self._attributes[name], alive)


def segment_name(location: Location, leaf: WhooshTop) -> str:
    return f"{location.folder}/{leaf.reader().segment().segment_id()}"


def reading(leaves: Sequence[WhooshTop]) -> Callable[[int, int], Document]:
    return lambda segment, row: from_stored(leaves[segment].stored_fields(row))


def updated_at(folder: Path) -> datetime:
    """When the newest commit in the folder was made."""
    written = max((path.stat().st_mtime for path in folder.glob("_MAIN_*.toc")), default=0.0)
    return datetime.fromtimestamp(written, UTC)
