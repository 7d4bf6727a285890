"""Answers that are kept in memory to be given again, as long as the index is as it was when they were made."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import NamedTuple

from search.matches import IndexState

__all__ = ["KeptAnswer", "KeptAnswers"]

MAX_KEPT_BYTES = 16 << 20
"""Of all kept answers of one process: some 1,000 pages of hits."""

MAX_SHARE = 16
"""One answer may take at most so many-th a part of that."""

OVERHEAD_BYTES = 300
"""What an answer takes beside its body."""


class KeptAnswer(NamedTuple):
    """The body of an answer of status 200, and its media type as the header says it."""

    body: bytes
    content_type: str


class KeptAnswers:
    """The answers from one state of the index, by their entity tags; those go first that were not asked for longest.

    Shared by threads. With another state of the index all are forgotten.
    """

    def __init__(self, max_bytes: int = MAX_KEPT_BYTES) -> None:
        self._max_bytes = max_bytes
        self._lock = Lock()
        self._state: IndexState | None = None
        self._answers: OrderedDict[str, KeptAnswer] = OrderedDict()
        self._bytes = 0

    def get(self, tag: str, state: IndexState) -> KeptAnswer | None:
        """The answer of this tag, if it is kept; `state` is that of the index now."""
        with self._lock:
            if state != self._state:
                self._state, self._bytes = state, 0
                self._answers.clear()
            if tag not in self._answers:
                return None
            self._answers.move_to_end(tag)
            return self._answers[tag]

    def put(self, tag: str, state: IndexState, answer: KeptAnswer) -> None:
        """Keep an answer, unless it is very large or the index is in another state by now."""
        size = len(answer.body) + OVERHEAD_BYTES
        with self._lock:
            if state != self._state or tag in self._answers or size * MAX_SHARE > self._max_bytes:
                return
            self._answers[tag] = answer
            self._bytes += size
            while self._bytes > self._max_bytes:
                _, oldest = self._answers.popitem(last=False)
                self._bytes -= len(oldest.body) + OVERHEAD_BYTES
