"""Hand-written stand-ins for the parts around the indexer: a tiny language for posts, and an engine that can fail.

A post of the tiny language is lines: `draft`, `broken`, `boom`, `warn`, `from DATE` and `to DATE` mean what they say,
and all else is body.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from index.errors import Finding, IndexDamaged, PostError
from index.indexer.changes import Progress
from index.indexer.post import Post
from index.indexer.run import Run
from index.schema import Document
from index.settings import Settings
from index.sites.site import Site
from index.storage import Writer


def read_tiny(data: bytes, id: str, site: Site) -> Post:
    """A post of the tiny language."""
    lines = data.decode("utf-8").splitlines()
    if "broken" in lines:
        raise PostError("a broken header", line=2, column=3)
    if "boom" in lines:
        raise RuntimeError("a bug in the reader")
    warnings = (Finding("a word of warning", 1, 4),) if "warn" in lines else ()
    if "draft" in lines:
        return Post(None, "draft: true", warnings)
    dates = {words[0]: words[1] for line in lines if (words := line.split()) and words[0] in {"from", "to"}}
    since, until = (
        datetime.fromisoformat(dates[k]).replace(tzinfo=UTC) if k in dates else None for k in ("from", "to")
    )
    return Post(Document(id, "/" + id, id, "\n".join(lines), visible_from=since, visible_to=until), None, warnings)


@dataclass
class Shelf:
    """An engine in memory, which does as it is told: `damaged` can't be opened, `breaks` names ids it breaks over, and
    `refusal` is raised by commits."""

    documents: dict[str, Document] = field(default_factory=dict)
    generation: int = 0
    opened: int = 0
    fresh: int = 0
    damaged: bool = False
    refusal: Exception | None = None
    breaks: set[str] = field(default_factory=set)
    at_commit: Callable[[], None] = lambda: None

    def open(self, _settings: Settings, *, fresh: bool = False) -> Writer:
        self.opened += 1
        self.fresh += fresh
        if self.damaged and not fresh:
            raise IndexDamaged("the shelf is broken")
        return ShelfWriter(self, fresh=fresh)

    def bodies(self) -> dict[str, str]:
        """What can be found, by id."""
        return {id: document.body for id, document in self.documents.items()}

    def run(
        self,
        settings: Settings,
        *,
        now: datetime | None = None,
        progress: Progress | None = None,
        read: Callable[[bytes, str, Site], Post] = read_tiny,
        allow_removal: bool = False,
    ) -> Run:
        """A run with this engine and the tiny language."""
        return Run(settings, now=now, progress=progress, read=read, open_writer=self.open, allow_removal=allow_removal)


class ShelfWriter(Writer):
    """See `Shelf`."""

    def __init__(self, shelf: Shelf, *, fresh: bool) -> None:
        self.shelf = shelf
        self.documents = {} if fresh else dict(shelf.documents)
        self.seen: set[str] = set()

    def preparation(self) -> Callable[[Sequence[Document]], list[Document]]:
        return self.prepare

    def prepare(self, documents: Sequence[Document]) -> list[Document]:
        for document in documents:
            if document.id in self.shelf.breaks:
                raise KeyError(document.id)
        return list(documents)

    def put(self, document: Document) -> None:
        assert document.id not in self.seen, f"{document.id} was put twice"
        self.seen.add(document.id)
        self.documents[document.id] = document

    def delete(self, ids: Iterable[str]) -> None:
        for id in ids:
            self.documents.pop(id, None)

    @property
    def generation(self) -> int:
        return self.shelf.generation

    @property
    def commit_id(self) -> str:
        return f"shelf-{self.shelf.generation}" if self.shelf.generation else ""

    def ids(self) -> frozenset[str]:
        return frozenset(self.shelf.documents)

    def get(self, id: str) -> Document | None:
        return self.shelf.documents.get(id)

    def commit(self) -> int:
        if self.shelf.refusal:
            raise self.shelf.refusal
        self.shelf.documents, self.shelf.damaged = self.documents, False
        self.shelf.generation += 1
        self.shelf.at_commit()
        return self.shelf.generation

    def close(self) -> None:
        self.documents = {}
