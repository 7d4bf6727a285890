"""The read side of an engine: a `Query` goes in, `Matches` come out.

See ARCHITECTURE.md for what a further engine writes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime

from index.errors import SettingsError
from index.schema import Document
from index.settings import Settings
from search.query import Query
from search.results import IndexState, Matches

__all__ = ["Searcher", "open_searcher"]


class Searcher(ABC):
    """Answers queries from the newest commit, seen afresh at each call; safe to share between threads.

    Raises `IndexMissing` while nothing has been indexed and `IndexDamaged` when the files can't be read.
    """

    @abstractmethod
    def search(self, query: Query, now: datetime) -> Matches:
        """The page of matches that the query wants, among the posts that may be found at `now`.

        Posts whose whole title is the query come first, then those that hold more of the clauses, then by score.
        A query without clauses matches every post that its filters let pass. Never fails on any `Query`.
        """

    @abstractmethod
    def at(self, path: str, now: datetime) -> Document | None:
        """The post that may be found at `now` and whose address has this path (see `path_of`); of several the first
        by its id."""

    @abstractmethod
    def state(self, now: datetime) -> IndexState:
        """Which index would answer at `now`; cheap enough to ask at every request."""

    @abstractmethod
    def close(self) -> None:
        """Release what is held open. Closing twice is no error."""


def open_searcher(settings: Settings) -> Searcher:
    """The searcher of the engine that the settings name; the index itself is opened by the first question."""
    if settings.engine == "whoosh":
        from search.engine.searcher import WhooshSearcher  # an engine is imported only where it is used

        return WhooshSearcher(settings)
    raise SettingsError(f"engine: {settings.engine!r} is not an engine; use `whoosh`")
