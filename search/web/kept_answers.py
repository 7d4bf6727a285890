"""Answers that are kept in memory to be given again, as long as the index is as it was when they were made."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, NamedTuple, Self, TypeVar

import zstandard

from search.matches import IndexState

__all__ = ["Kept", "KeptAnswer", "KeptRequest"]

MAX_SHARE = 16
"""One thing may take at most so many-th a part of the bytes of all."""

OVERHEAD_BYTES = 500
"""What each takes beside the bytes that it is kept with."""

Value = TypeVar("Value")


class KeptAnswer(NamedTuple):
    """An answer of status 200: its body, packed by zstd, its media type, and what it was made of beside the index."""

    packed: bytes
    content_type: str
    made_of: str

    @classmethod
    def of(cls, body: bytes, content_type: str, made_of: str) -> Self:
        return cls(zstandard.compress(body), content_type, made_of)

    @property
    def body(self) -> bytes:
        return zstandard.decompress(self.packed)


class KeptRequest(NamedTuple):
    """What a request got: the tag of the answer, and its headers."""

    tag: str
    headers: tuple[tuple[str, str], ...]


class Kept(Generic[Value]):
    """Things by their names, within a number of bytes; those go first that were not asked for longest.

    Shared by threads. What depends on the index is put and asked for with its state: with another one all is forgotten.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._lock = Lock()
        self._state: IndexState | None = None
        self._kept: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()
        self._bytes = 0

    def get(self, name: Hashable, state: IndexState | None = None) -> Value | None:
        """What is kept by this name, if anything is; `state` is that of the index now."""
        with self._lock:
            if state != self._state:
                self._state, self._bytes = state, 0
                self._kept.clear()
            if name not in self._kept:
                return None
            self._kept.move_to_end(name)
            return self._kept[name][0]

    def put(self, name: Hashable, value: Value, size: int, state: IndexState | None = None) -> None:
        """Keep something of so many bytes, unless it is very large or the index is in another state by now."""
        size += OVERHEAD_BYTES
        with self._lock:
            if state != self._state or size * MAX_SHARE > self._max_bytes:
                return
            _, freed = self._kept.pop(name, (value, 0))
            self._kept[name] = value, size
            self._bytes += size - freed
            while self._bytes > self._max_bytes:
                _, (_, freed) = self._kept.popitem(last=False)
                self._bytes -= freed
