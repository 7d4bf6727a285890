"""The way of a query through an engine that keeps segments of ours: a `Snapshot` of its newest commit goes in.

An engine subclasses `SegmentedSearcher` and answers one question: what is the newest commit, as segments?
"""

from __future__ import annotations

import threading
from abc import abstractmethod
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import numpy as np

from index.schema import Document
from index.schema.columns import path_of, text_hash
from search.engine import Searcher
from search.engine.collector import Collection, Member, Ranked
from search.engine.columns import Mask
from search.engine.highlights import Marker
from search.query import Query
from search.results import IndexState, Match, Matches

__all__ = ["SegmentedSearcher", "Snapshot"]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One commit: its number, when it was made, and its segments.

    `boundaries` are the times, ascending, at which the clock alone changes what may be found.
    """

    generation: int
    updated_at: datetime
    collection: Collection
    boundaries: tuple[float, ...]

    @classmethod
    def of(cls, generation: int, updated_at: datetime, members: Sequence[Member], alive: Sequence[Mask]) -> Self:
        """A snapshot, with what follows from the facts of its segments."""
        facts = [(member.segment.records.doc_values, mask) for member, mask in zip(members, alive, strict=True)]
        times = [time[mask] for of, mask in facts for time in (of.visible_from, of.visible_to)]
        moments = np.concatenate(times) if times else np.zeros(0)
        boundaries = tuple(np.unique(moments[np.isfinite(moments)]).tolist())
        return cls(generation, updated_at, Collection(members, alive), boundaries)

    def posts(self, now: float) -> int:
        """How many posts may be found at `now`."""
        return sum(int(mask.sum()) for _, mask in self._findable(now))

    def at(self, path: str, now: float) -> Iterator[Document]:
        """The posts that may be found at `now` and have this path in their address."""
        wanted = np.uint64(text_hash(path))
        for member, mask in self._findable(now):
            rows = np.flatnonzero(mask & (member.segment.records.doc_values.path == wanted)).tolist()
            yield from (post for post in map(member.segment.document, rows) if path_of(post.url) == path)

    def _findable(self, now: float) -> Iterator[tuple[Member, Mask]]:
        """The segments, with which of their documents may be found at `now`."""
        for member, alive in zip(self.collection.members, self.collection.alive, strict=True):
            yield member, alive & member.attributes.visible(now)


class SegmentedSearcher(Searcher):
    """Asks the newest snapshot; one query at a time, since what is looked up is kept in dicts that queries fill."""

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
            found = snapshot.collection.collect(query, now.timestamp())
            matches = matches_of(snapshot, Marker(query), found.page)
            return Matches(matches, found.total, found.facets, self._state(snapshot, now.timestamp()))

    def at(self, path: str, now: datetime) -> Document | None:
        with self._lock:
            found = self._current().at(path, now.timestamp())
            return min(found, key=lambda document: document.id, default=None)

    def state(self, now: datetime) -> IndexState:
        with self._lock:
            return self._state(self._current(), now.timestamp())

    def _state(self, snapshot: Snapshot, now: float) -> IndexState:
        epoch = bisect_right(snapshot.boundaries, now)
        if self._counted[:2] != (snapshot.generation, epoch):
            self._counted = (snapshot.generation, epoch, snapshot.posts(now))
        return IndexState(snapshot.generation, snapshot.updated_at, self._counted[2], epoch)

    def _current(self) -> Snapshot:
        newest = self.newest(self._snapshot)
        if newest is not self._snapshot:
            self._snapshot = newest
            self._counted = (-1, -1, 0)
        return newest

    def close(self) -> None:
        with self._lock:
            self._snapshot = None


def matches_of(snapshot: Snapshot, marker: Marker, page: Sequence[Ranked]) -> tuple[Match, ...]:
    """The matches with their documents, and what to mark in these."""
    matches: dict[Ranked, Match] = {}
    for number, member in enumerate(snapshot.collection.members):
        if here := [found for found in page if found.segment == number]:
            documents = [member.segment.document(found.row) for found in here]
            marks = marker.marks(member.shard, [found.row for found in here], documents)
            for found, document, of in zip(here, documents, marks, strict=True):
                matches[found] = Match(document, found.score, found.fields, of)
    return tuple(matches[found] for found in page)
