"""The index on disk: the contract of a writer, and the writer of the engine that the settings name.

This folder alone knows Whoosh. `reader` opens the newest commit, and needs neither a writer nor Whoosh for that.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Any, Self

from index.errors import SettingsError
from index.schema import Document
from index.settings import Settings

__all__ = ["Writer", "open_writer"]


class Writer(ABC):
    """One batch of changes to the index, in a `with` block: what is put and deleted counts once `commit` returns.

    Leaving the block without a commit leaves the index as it was. There is one writer at a time.
    """

    def preparation(self) -> Callable[[Sequence[Document]], Any]:
        """What makes documents ready for `put_prepared`, in any process; here it leaves them as they are.

        It can be pickled, and takes only documents that `check_text` lets pass.
        """
        return list

    def put_prepared(self, prepared: Any) -> None:
        """Add what the preparation made of documents, as `put` adds one."""
        for document in prepared:
            self.put(document)

    @abstractmethod
    def put(self, document: Document) -> None:
        """Add the document, in place of any that has the same id.

        Raises `ValueError`, with the writer none the worse, for text that can't be encoded and for an id that was put
        or deleted in this batch already.
        """

    @abstractmethod
    def delete(self, ids: Iterable[str]) -> None:
        """Remove the documents with these ids; ids that are not there are no error."""

    @property
    @abstractmethod
    def generation(self) -> int:
        """The generation of the newest commit; 0 while nothing has been committed."""

    @property
    @abstractmethod
    def commit_id(self) -> str:
        """A text that the newest commit has and no other ever gets; "" while there is none.

        Two histories of one index, such as that of a copy which was put back, may give a generation to two commits.
        """

    @property
    def posts(self) -> str:
        """The folder of posts that the newest commit was made of, for an engine whose indexes several sites may share;
        else ""."""
        return ""

    @abstractmethod
    def ids(self) -> frozenset[str]:
        """The ids of all documents in the newest commit."""

    @abstractmethod
    def get(self, id: str) -> Document | None:
        """The document in the newest commit, or None."""

    @abstractmethod
    def commit(self) -> int:
        """Make the batch the newest commit, on disk for good, and return its generation.

        A generation is a number that grows with each commit, also over rebuilds. After this the writer is closed.
        """

    @abstractmethod
    def close(self) -> None:
        """Release the lock; undo what was not committed. Closing twice is no error."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_writer(settings: Settings, *, fresh: bool = False) -> Writer:
    """The writer of the engine that the settings name; the caller holds the index lock.

    A fresh writer starts from nothing and takes the live index's place when it commits; until then `ids` and `get`
    read the live one, as they do for every writer. Raises `IndexBusy`, `IndexDamaged` and `ClusterFault`.
    """
    if settings.engine == "whoosh":
        from index.storage.writer import WhooshWriter  # an engine is imported only where it is used

        return WhooshWriter(settings, fresh=fresh)
    if settings.engine == "opensearch":
        from index.opensearch.writer import OpenSearchWriter

        return OpenSearchWriter(settings, fresh=fresh)
    raise SettingsError(f"engine: {settings.engine!r} is not an engine; use `whoosh` or `opensearch`")
