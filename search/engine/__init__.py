"""The engine: which posts answer a `Query`, in what order, and what to mark in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.embedding import open_embedder
from index.errors import SettingsError
from index.settings import Settings

if TYPE_CHECKING:
    from search.engine.searcher import Searcher

__all__ = ["open_searcher"]


def open_searcher(settings: Settings) -> Searcher:
    """The searcher of the engine that the settings name; the index itself is opened by the first question.

    Raises `SettingsError` for an engine that there is not, and for a model that can't be used.
    """
    # "whoosh" names the format on disk: searching runs on the arrays of its segments, without Whoosh.
    if settings.engine == "whoosh":
        from index.storage.builds import reindex_command  # an engine is loaded only where it is used
        from index.storage.reader import Reader
        from search.engine.searcher import IndexSearcher

        return IndexSearcher(Reader(settings.index, reindex_command(settings)), open_embedder(settings.meaning))
    if settings.engine == "opensearch":
        from search.opensearch.searcher import OpenSearchSearcher

        return OpenSearchSearcher(settings, open_embedder(settings.meaning))
    raise SettingsError(f"engine: {settings.engine!r} is not an engine; use `whoosh` or `opensearch`")
