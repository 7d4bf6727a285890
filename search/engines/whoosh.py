"""The Whoosh searcher: the segments of the newest commit, scored by Whoosh's own BM25F.

Nothing of Whoosh leaves this module: postings come out as arrays, stored fields as documents.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from heapq import nsmallest
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex
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

K1, B = 1.2, 0.75
"""How fast more of a word counts for less, and how much longer texts count for less: Whoosh's own BM25F."""

NO_ROWS: Rows = np.zeros(0, np.int64)
NO_SCORES: Scores = np.zeros(0)

ATTEMPTS = 5
"""How often to open an index that a writer is committing to just now."""


class WhooshPostings:
    """The postings of one Whoosh segment; scores use the statistics of the whole index.

    Whoosh's matchers go from posting to posting, a few calls each. Here its blocks of postings are taken whole, and
    its BM25F is done on arrays: the same scores in a tenth of the time.
    """

    def __init__(self, leaf: WhooshTop, top: WhooshTop, lengths: dict[str, Scores]) -> None:
        self._reader = leaf.reader()
        self._top = top
        self._lengths = lengths
        self.size = int(self._reader.doc_count_all())

    def scores(self, field: str, term: str) -> tuple[Rows, Scores]:
        rows, counts = [NO_ROWS], [NO_SCORES]
        for matcher in self._blocks(field, term):
            matcher._read_ids()
            matcher._read_weights()
            rows.append(np.array(matcher._ids, np.int64))
            counts.append(np.array(matcher._weights, np.float64))
        found, count = np.concatenate(rows), np.concatenate(counts)
        return found, self._bm25(field, term, count, self._field_lengths(field)[found])

    def _bm25(self, field: str, term: str, count: Scores, length: Scores) -> Scores:
        mean = self._top.avg_field_length(field) or 1
        idf = self._top.idf(field, term.encode()) if count.size else 0.0
        scores: Scores = idf * count * (K1 + 1) / (count + K1 * (1 - B + B * length / mean))
        return scores

    def _field_lengths(self, field: str) -> Scores:
        if field not in self._lengths:
            lengths = (self._reader.doc_field_length(row, field) for row in range(self.size))
            self._lengths[field] = np.fromiter(lengths, np.float64, self.size)
        return self._lengths[field]

    def positions(self, field: str, term: str) -> Mapping[int, Sequence[int]]:
        places: dict[int, Sequence[int]] = {}
        decode = SCHEMA[field].format.decode_positions
        for matcher in self._blocks(field, term):
            matcher._read_ids()
            matcher._read_values()
            places.update(zip(matcher._ids, map(decode, matcher._values), strict=True))
        return places

    def completions(self, field: str, prefix: str, limit: int) -> list[str]:
        terms = (term.decode() for term in self._reader.expand_prefix(field, prefix))
        return nsmallest(limit, terms, key=lambda term: (len(term), term))

    def _blocks(self, field: str, term: str) -> Iterator[Any]:
        """Whoosh's matcher of the term, at each of its blocks in turn; it counts deleted documents too."""
        try:
            matcher = self._reader._terms.matcher(field, term.encode(), SCHEMA[field].format)
        except TermNotFound:
            return
        while matcher.is_active():
            yield matcher
            matcher._next_block()


class WhooshSearcher(SegmentedSearcher):
    """See `Searcher`. What Whoosh raises over damaged files comes out as `IndexDamaged`."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._root = settings.index.absolute()
        self._opened: tuple[Location, FileIndex] | None = None
        self._attributes: dict[str, Attributes] = {}
        self._lengths: dict[str, dict[str, Scores]] = {}

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
        before = self._opened
        location, files = self._files()
        if held and self._opened is before and held.generation == location.base + int(files.latest_generation()):
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
        top = files.searcher()
        leaves = [leaf for leaf, _ in top.leaf_searchers()] if top.doc_count_all() else []
        segments = tuple(self._segment(leaf, top, segment_name(location, leaf)) for leaf in leaves)
        self._forget_all_but({segment_name(location, leaf) for leaf in leaves})
        generation = top.reader().generation()  # None while no document was ever written
        number = location.base + int(files.latest_generation() if generation is None else generation)
        return Snapshot.of(number, updated_at(location.path(self._root)), segments, reading(leaves), top.close)

    def _segment(self, leaf: WhooshTop, top: WhooshTop, name: str) -> Segment:
        """A segment, with what is made of its files once and kept: they never change."""
        reader = leaf.reader()
        if name not in self._attributes:
            rows = reader.column_reader("facts")
            self._attributes[name] = Attributes.of(Facts(*json.loads(row)) for row in rows)
        alive = np.ones(int(reader.doc_count_all()), np.bool_)
        alive[list(reader.segment().deleted_docs())] = False
        postings = WhooshPostings(leaf, top, self._lengths.setdefault(name, {}))
        return Segment(postings, self._attributes[name], alive)

    def _forget_all_but(self, names: set[str]) -> None:
        self._attributes = {name: kept for name, kept in self._attributes.items() if name in names}
        self._lengths = {name: kept for name, kept in self._lengths.items() if name in names}


def segment_name(location: Location, leaf: WhooshTop) -> str:
    return f"{location.folder}/{leaf.reader().segment().segment_id()}"


def reading(leaves: Sequence[WhooshTop]) -> Callable[[int, int], Document]:
    return lambda segment, row: from_stored(leaves[segment].stored_fields(row))


def updated_at(folder: Path) -> datetime:
    """When the newest commit in the folder was made."""
    written = max((path.stat().st_mtime for path in folder.glob("_MAIN_*.toc")), default=0.0)
    return datetime.fromtimestamp(written, UTC)
