"""The way of a query through an engine that gives us postings: a `Snapshot` of its newest commit goes in.

An engine subclasses `SegmentedSearcher` and answers one question: what is the newest commit, as segments?
"""

from __future__ import annotations

import threading
from abc import abstractmethod
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import numpy as np

from index.schema import Document
from search.collector import Segment, collect
from search.engines import Searcher
from search.query import Query
from search.results import IndexState, Match, Matches

__all__ = ["SegmentedSearcher", "Snapshot"]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One commit: its segments, how to read a document of one (segment, row), and the languages of its posts.

    `boundaries` are the times, ascending, at which the clock alone changes what may be found.
    """

    generation: int
    updated_at: datetime
    segments: tuple[Segment, ...]
    document: Callable[[int, int], Document]
    langs: frozenset[str]
    boundaries: tuple[float, ...]
    close: Callable[[], None]

    @classmethod
    def of(
        cls,
        generation: int,
        updated_at: datetime,
        segments: tuple[Segment, ...],
        document: Callable[[int, int], Document],
        close: Callable[[], None],
    ) -> Self:
        """A snapshot, with what follows from the attributes of its segments."""
        times = [
            attribute[segment.alive]
            for segment in segments
            for attribute in (segment.attributes.visible_from, segment.attributes.visible_to)
        ]
        moments = np.concatenate(times) if times else np.zeros(0)
        langs = frozenset(name for segment in segments for name in segment.attributes.lang.names)
        boundaries = tuple(np.unique(moments[np.isfinite(moments)]).tolist())
        return cls(generation, updated_at, segments, document, langs, boundaries, close)


class SegmentedSearcher(Searcher):
    """Asks the newest snapshot; one query at a time, for readers of files are seldom safe to share."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._snapshot: Snapshot | None = None
        self._counted: tuple[int, int, int] = (-1, -1, 0)

    @abstractmethod
    def newest(self, held: Snapshot | None) -> Snapshot:
        """The newest commit: the snapshot that is held, where it still is. Raises `IndexMissing`, `IndexDamaged`."""

    def search(self, query: Query, now: datetime) -> Matches:
        with self._lock:
            snapshot = self._current()
            found = collect(query, snapshot.segments, now.timestamp(), snapshot.langs)
            matches = tuple(Match(snapshot.document(one.segment, one.row), one.score, one.fields) for one in found.page)
            return Matches(matches, found.total, found.facets, self._state(snapshot, now.timestamp()))

    def state(self, now: datetime) -> IndexState:
        with self._lock:
            return self._state(self._current(), now.timestamp())

    def _state(self, snapshot: Snapshot, now: float) -> IndexState:
        epoch = bisect_right(snapshot.boundaries, now)
        if self._counted[:2] != (snapshot.generation, epoch):
            posts = sum(int((s.alive & s.attributes.visible(now)).sum()) for s in snapshot.segments)
            self._counted = (snapshot.generation, epoch, posts)
        return IndexState(snapshot.generation, snapshot.updated_at, self._counted[2], epoch)

    def _current(self) -> Snapshot:
        newest = self.newest(self._snapshot)
        if newest is not self._snapshot:
            if self._snapshot:
                self._snapshot.close()
            self._snapshot = newest
            self._counted = (-1, -1, 0)
        return newest

    def close(self) -> None:
        with self._lock:
            if self._snapshot:
                self._snapshot.close()
                self._snapshot = None
