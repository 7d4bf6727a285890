"""The documents of a segment. Those read lately are kept: who types sees the same ones over again."""

from __future__ import annotations

from itertools import chain
from sys import getsizeof

from index.schema import Document
from index.segments.segment import Segment

__all__ = ["MAX_KEPT_BYTES", "Documents"]

MAX_KEPT_BYTES = 8_000_000
"""How much text is kept of one segment before half of it makes room: twice as much at most, with what is older."""

OBJECT_BYTES, SECTION_BYTES = 1500, 80
"""About what a document and a section take beside what they hold."""


class Documents:
    """Reads the documents of a segment, by their numbers. Shared between threads, which at worst read one twice."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._recent: dict[int, Document] = {}
        self._older: dict[int, Document] = {}
        self._bytes = 0

    def __getitem__(self, doc_id: int) -> Document:
        """Raises `IndexDamaged`, as `Segment.document` does."""
        document = self._recent.get(doc_id)
        if document is None:
            document = self._older.get(doc_id) or self._segment.document(doc_id)
            size = size_of(document)
            if self._bytes + size > MAX_KEPT_BYTES:
                self._older, self._recent, self._bytes = self._recent, {}, 0
            if size <= MAX_KEPT_BYTES:
                self._recent[doc_id] = document
                self._bytes += size
        return document


def size_of(document: Document) -> int:
    """About how many bytes a document takes in memory."""
    texts = document.id, document.url, document.title, document.body, document.description
    names = *document.author, *document.tags, *document.category, *document.aliases
    held = sum(map(getsizeof, chain(texts, names, chain.from_iterable(document.sections))))
    return held + OBJECT_BYTES + SECTION_BYTES * len(document.sections)
