"""One commit, opened for searching: its segments, what scoring knows of them together, and what may be found when."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from index.arrays import distinct
from index.schema import FIELDS
from index.storage.reader import Snapshot
from search.engine.budget import Costs
from search.engine.columns import Mask
from search.engine.facets import Facets
from search.engine.segment_reader import SegmentReader
from search.engine.similarity import CollectionStatistics, SegmentStatistics
from search.engine.terms import Ints
from search.matches import IndexState
from search.query import NO_FILTERS, Filters

__all__ = ["Findable", "SegmentReaders", "SnapshotReader"]


class SegmentReaders:
    """The readers of some segments, which are searched together.

    `live_docs` are, for each segment, the documents that are not deleted; `statistics` are those of all documents.
    """

    def __init__(
        self, segments: Sequence[SegmentReader], live_docs: Sequence[Mask], statistics: CollectionStatistics
    ) -> None:
        self.segments = segments
        self.live_docs = live_docs
        self.statistics = statistics


class SnapshotReader(SegmentReaders):
    """The readers of all segments of a commit. Shared between threads: nothing changes in it but what is cached.

    Times are seconds since 1970.
    """

    def __init__(self, snapshot: Snapshot, before: SnapshotReader | None) -> None:
        """`before` is an earlier commit: the readers of segments that are still there are kept."""
        self.snapshot = snapshot
        opened = before._opened if before else {}
        segments = [opened.get(live.key) or SegmentReader(live.segment) for live in snapshot.segments]
        self._opened: dict[str, SegmentReader] = {
            live.key: reader for live, reader in zip(snapshot.segments, segments, strict=True)
        }
        super().__init__(segments, [live.live_docs for live in snapshot.segments], SegmentStatistics(segments))
        # When the clock alone changes what may be found.
        times = [
            time[live_docs]
            for reader, live_docs in zip(self.segments, self.live_docs, strict=True)
            for time in (reader.columns.doc_values.visible_from, reader.columns.doc_values.visible_to)
        ]
        moments = np.concatenate([np.zeros(0), *times])
        self._changes: list[float] = distinct(moments[np.isfinite(moments)]).tolist()
        self._findable: Findable | None = None

    @cached_property
    def costs(self) -> Costs:
        """What words and phrases cost."""
        return Costs(self.segments, self.statistics.langs)

    @cached_property
    def facets(self) -> Facets:
        """Counts the facets of matches."""
        return Facets([reader.columns for reader in self.segments])

    def find(self, id: str) -> tuple[int, int] | None:
        """The number of the segment, and that of the document in it, of the post of this id, unless it is deleted."""
        for number, live in enumerate(self.snapshot.segments):
            if (doc_id := live.find(id)) is not None:
                return number, doc_id
        return None

    def doc_freq(self, term: str, now: float, *, prefix: bool = False) -> int:
        """See `Searcher.doc_freq`."""
        posts = self.statistics.doc_freq(term, range(len(FIELDS)), prefix=prefix)
        findable = self.findable(now)
        # Which documents these are needs to be known only where all may be hidden.
        if posts > sum(reader.segment.size for reader in self.segments) - findable.posts:
            return posts
        held = posts and any(reader.terms.is_held(term, mask, prefix=prefix) for reader, mask in findable)
        return posts if held else 0

    def findable(self, now: float) -> Findable:
        """What may be found now: the same object until a commit or the clock changes that."""
        epoch, findable = bisect_right(self._changes, now), self._findable
        if findable is None or findable.epoch != epoch:
            masks = [
                live_docs & reader.columns.visible(now)
                for reader, live_docs in zip(self.segments, self.live_docs, strict=True)
            ]
            findable = self._findable = Findable(epoch, self.segments, masks)
        return findable

    def state(self, now: float) -> IndexState:
        """Which index answers now."""
        findable = self.findable(now)
        return IndexState(self.snapshot.generation, self.snapshot.updated_at, findable.posts, findable.epoch)


class Findable:
    """The documents of a commit that may be found while the clock does not change that: a mask for each segment."""

    def __init__(self, epoch: int, segments: Sequence[SegmentReader], masks: Sequence[Mask]) -> None:
        self.epoch = epoch
        self.segments = segments
        self.masks = masks
        for mask in masks:
            mask.flags.writeable = False  # threads share them

    def __iter__(self) -> Iterator[tuple[SegmentReader, Mask]]:
        return zip(self.segments, self.masks, strict=True)

    def passing(self, filters: Filters) -> Findable:
        """Those of the documents that filters let pass."""
        if filters == NO_FILTERS:
            return self
        passing = [(mask, reader.columns.passing(filters)) for reader, mask in self]
        masks = [mask if passes is None else mask & passes for mask, passes in passing]
        return Findable(self.epoch, self.segments, masks)

    @cached_property
    def posts(self) -> int:
        """How many there are."""
        return sum(map(int, map(np.count_nonzero, self.masks)))

    @cached_property
    def name_posts(self) -> list[Ints]:
        """In how many of them each name of each segment stands."""
        return [reader.names.posts(mask) for reader, mask in self]
