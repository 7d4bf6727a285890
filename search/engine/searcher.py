"""The Whoosh searcher: the segments of the newest commit of a Whoosh index, which our codec wrote."""

from __future__ import annotations

from index.settings import Settings
from index.storage.reader import Reader
from index.storage.reader import Snapshot as Commit
from search.engine.collector import Member
from search.engine.segmented import SegmentedSearcher, Snapshot

__all__ = ["WhooshSearcher"]


class WhooshSearcher(SegmentedSearcher):
    """See `Searcher`."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._reader = Reader(settings.index)
        self._commit: Commit | None = None
        self._members: dict[str, Member] = {}

    def newest(self, held: Snapshot | None) -> Snapshot:
        commit = self._reader.snapshot()
        if held and commit is self._commit:
            return held
        self._members = {of.key: self._members.get(of.key) or Member(of.segment) for of in commit.segments}
        live_docs = [of.live_docs for of in commit.segments]
        self._commit = commit
        return Snapshot.of(commit.generation, commit.updated_at, list(self._members.values()), live_docs)

    def close(self) -> None:
        super().close()
        self._members, self._commit = {}, None
        self._reader.close()
