"""Whoosh as it comes: `StemmingAnalyzer`, `MultifieldParser`, `highlights()`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from whoosh import index as whoosh_index
from whoosh import versionstring
from whoosh.analysis import StemmingAnalyzer
from whoosh.fields import ID, TEXT, Schema
from whoosh.qparser import MultifieldParser, OrGroup

from bench.peers import HITS, WEIGHTS, Answer, Ranker, texts
from bench.questions import Question
from index.schema import Document

__all__ = ["ENGINE", "Whoosh"]

MEMORY_MB = 256


class Whoosh(Ranker):
    """Plain Whoosh, which answers one letter in seconds, so it is not asked at every key."""

    key = "whoosh"
    types = False
    name = f"Whoosh {versionstring()}"

    def index(self, documents: Iterable[Document], folder: Path) -> None:
        fields = {name: TEXT(stored=True, analyzer=StemmingAnalyzer()) for name in WEIGHTS}
        self.files = whoosh_index.create_in(str(folder), Schema(id=ID(stored=True, unique=True), **fields))
        writer = self.files.writer(limitmb=MEMORY_MB)
        for document in documents:
            writer.add_document(id=document.id, **texts(document))
        writer.commit()
        self.searcher = self.files.searcher()
        names, schema = list(WEIGHTS), self.files.schema
        self.parser = MultifieldParser(names, schema, fieldboosts=WEIGHTS)
        # Without weights, which put its ranking of any of the words behind.
        self.any_parser = MultifieldParser(names, schema, group=OrGroup)

    def ask(self, question: Question) -> list[Answer]:
        text = question.text + "*" * question.begins
        results = self.searcher.search(self.parser.parse(text), limit=HITS)
        return [Answer(hit["title"], hit.highlights("body")) for hit in results]

    def rank(self, words: Sequence[str], limit: int) -> list[str]:
        return [hit["id"] for hit in self.searcher.search(self.any_parser.parse(" ".join(words)), limit=limit)]

    def close(self) -> None:
        self.searcher.close()
        self.files.close()


ENGINE = Whoosh
