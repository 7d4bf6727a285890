"""The memory searcher: one segment of all documents, made anew for each commit; for tests and for trying things out."""

from __future__ import annotations

import numpy as np

from index.errors import IndexMissing
from index.schema.memory import STORES
from index.segments.inversion import invert
from index.settings import Settings
from search.engine.collector import Member
from search.engine.segmented import SegmentedSearcher, Snapshot

__all__ = ["MemorySearcher"]


class MemorySearcher(SegmentedSearcher):
    """See `Searcher`."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._path = settings.index.absolute()

    def newest(self, held: Snapshot | None) -> Snapshot:
        store = STORES.get(self._path)
        if store is None:
            raise IndexMissing(f"{self._path} holds no index yet; run `postsearch reindex`")
        if held and held.generation == store.generation:
            return held
        segment = invert(list(store.documents.values()))
        alive = np.ones(segment.size, np.bool_)
        return Snapshot.of(store.generation, store.updated_at, [Member(segment)], [alive])
