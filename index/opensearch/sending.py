"""Operations on their way to the cluster: kept until a commit, and sent several requests at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from tempfile import SpooledTemporaryFile

from index.opensearch.client import Cluster, Operation
from index.opensearch.commits import writing_alias

__all__ = ["Sender", "Spool"]

MAX_REQUEST_BYTES = 1_000_000
"""Of the operations of one request: some hundred posts, which take a node less than a second."""

MAX_REQUESTS = 4
"""That are under way at once, so that no node waits for us."""

MAX_MEMORY_BYTES = 8_000_000
"""Of operations that are kept, until they lie in a temporary file."""


class Spool:
    """Operations that are kept for later, in memory and then in a temporary file."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(MAX_MEMORY_BYTES)  # noqa: SIM115 - `close` closes it
        self._kept: list[tuple[str, int]] = []

    def add(self, operation: Operation) -> None:
        self._file.write(operation.lines)
        self._kept.append((operation.id, len(operation.lines)))

    def __iter__(self) -> Iterator[Operation]:
        if self._kept:
            self._file.seek(0)
        for id, size in self._kept:
            yield Operation(id, self._file.read(size))

    def close(self) -> None:
        """Let go of all. Closing twice is no error."""
        self._kept = []
        self._file.close()


class Sender:
    """Sends operations to an index, in requests of a good size. Each method raises what a request raised before."""

    def __init__(self, cluster: Cluster, index: str) -> None:
        """`index` is the index's own name."""
        self._cluster = cluster
        self._alias = writing_alias(index)
        self._threads = ThreadPoolExecutor(MAX_REQUESTS, thread_name_prefix="bulk")
        self._under_way: deque[Future[None]] = deque()
        self._next: list[Operation] = []
        self._bytes = 0

    def add(self, operation: Operation) -> None:
        """Send the operation, soon; waits where the cluster falls behind."""
        self._next.append(operation)
        self._bytes += len(operation.lines)
        if self._bytes >= MAX_REQUEST_BYTES:
            self._send()

    def _send(self) -> None:
        while len(self._under_way) >= MAX_REQUESTS:
            self._under_way.popleft().result()
        if self._next:
            self._under_way.append(self._threads.submit(self._cluster.bulk, self._alias, self._next))
        self._next, self._bytes = [], 0

    def finish(self) -> None:
        """Send the rest; when this returns, all is written."""
        self._send()
        while self._under_way:
            self._under_way.popleft().result()

    def close(self) -> None:
        """Send nothing more; nothing is under way after this. Closing twice is no error."""
        self._threads.shutdown(cancel_futures=True)
