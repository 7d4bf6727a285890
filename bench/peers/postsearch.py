"""postsearch behind the same contract as its peers: its own writer, and `Search` as the endpoint calls it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bench.peers import HITS, OURS, Answer, Peer
from bench.questions import Question
from index.schema import Document
from index.settings import Settings
from index.storage import open_writer
from search.service import Search

__all__ = ["ENGINE", "Postsearch"]


class Postsearch(Peer):
    """Ours: whole results, with facets, sections and marked titles, not only titles and snippets."""

    key = OURS
    name = OURS

    def __init__(self, service: Search | None = None) -> None:
        if service:
            self.service = service

    def settings(self, folder: Path) -> Settings:
        """The settings of an index whose files lie in a folder."""
        return Settings(index=folder)

    def index(self, documents: Iterable[Document], folder: Path) -> None:
        settings = self.settings(folder)
        with open_writer(settings, fresh=True) as writer:
            for document in documents:
                writer.put(document)
            writer.commit()
        self.service = Search(settings)

    def ask(self, question: Question) -> list[Answer]:
        results = self.service.run(question.text, per_page=HITS, prefix=question.begins)
        return [Answer(hit.title, hit.snippet) for hit in results.hits]

    def close(self) -> None:
        self.service.close()


ENGINE = Postsearch
