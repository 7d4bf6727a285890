"""The memory writer: an engine without files, for tests and for trying things out in one process."""

from __future__ import annotations

from collections.abc import Iterable

from index.schema import Document, check_text
from index.schema.memory import STORES, Store
from index.settings import Settings
from index.storage import Writer

__all__ = ["MemoryWriter"]


class MemoryWriter(Writer):
    """See `Writer`."""

    def __init__(self, settings: Settings, *, fresh: bool = False) -> None:
        self._path = settings.index.absolute()
        self._live = STORES.get(self._path, Store())
        self._documents = {} if fresh else dict(self._live.documents)
        self._seen: set[str] = set()

    def put(self, document: Document) -> None:
        check_text(document)
        if document.id in self._seen:
            raise ValueError(f"{document.id} was put or deleted in this batch already")
        self._seen.add(document.id)
        self._documents[document.id] = document

    def delete(self, ids: Iterable[str]) -> None:
        for id in ids:
            self._seen.add(id)
            self._documents.pop(id, None)

    @property
    def generation(self) -> int:
        return self._live.generation

    @property
    def build(self) -> str:
        return "memory" if self._live.generation else ""

    def ids(self) -> frozenset[str]:
        return frozenset(self._live.documents)

    def get(self, id: str) -> Document | None:
        return self._live.documents.get(id)

    def commit(self) -> int:
        STORES[self._path] = Store(self._documents, self._live.generation + 1)
        return self._live.generation + 1

    def close(self) -> None:
        self._documents = {}
