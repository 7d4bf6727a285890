"""The engines that postsearch is measured beside, each set up as its own documentation says.

In go documents that postsearch has read already; out come ten ranked hits with a marked snippet for each question. All
of them stem English, weigh the fields as we do, and want every word of a question, which is the cheaper way to ask.
"""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar

import tantivy
from whoosh import index as whoosh_index
from whoosh.analysis import StemmingAnalyzer
from whoosh.fields import ID, TEXT, Schema
from whoosh.qparser import MultifieldParser

from bench.corpus import Question
from index.schema import Document

__all__ = ["PEERS", "Answer", "Fts5", "Peer", "Tantivy", "Whoosh"]

HITS = 10
WEIGHTS = {"title": 5.0, "body": 1.0, "tags": 3.0, "author": 2.0}


@dataclass(frozen=True, slots=True)
class Answer:
    """One hit as a results page would show it."""

    title: str
    snippet: str


class Peer(ABC):
    """An engine: build it once in an empty folder, then ask."""

    name: ClassVar[str]

    @abstractmethod
    def build(self, documents: Iterable[Document], folder: Path) -> None:
        """Index all documents, until questions can be asked."""

    @abstractmethod
    def ask(self, question: Question) -> list[Answer]:
        """The ten best hits with their snippets."""

    @abstractmethod
    def close(self) -> None:
        """Release files."""


def texts(document: Document) -> dict[str, str]:
    """What every peer is given of a document."""
    tags, author = ", ".join(document.tags), ", ".join(document.author)
    return {"title": document.title, "body": document.body, "tags": tags, "author": author}


class Whoosh(Peer):
    """Whoosh as it comes: `StemmingAnalyzer`, `MultifieldParser`, `highlights()`."""

    name = "Whoosh 2.7.4"

    def build(self, documents: Iterable[Document], folder: Path) -> None:
        fields = {name: TEXT(stored=True, analyzer=StemmingAnalyzer()) for name in WEIGHTS}
        self.files = whoosh_index.create_in(str(folder), Schema(id=ID(stored=True, unique=True), **fields))
        writer = self.files.writer(limitmb=256)
        for document in documents:
            writer.add_document(id=document.id, **texts(document))
        writer.commit()
        self.searcher = self.files.searcher()
        self.parser = MultifieldParser(list(WEIGHTS), self.files.schema, fieldboosts=WEIGHTS)

    def ask(self, question: Question) -> list[Answer]:
        text = question.text + "*" * (question.kind == "prefix")
        results = self.searcher.search(self.parser.parse(text), limit=HITS)
        return [Answer(hit["title"], hit.highlights("body")) for hit in results]

    def close(self) -> None:
        self.searcher.close()
        self.files.close()


class Fts5(Peer):
    """SQLite's full-text search: the `porter` tokenizer, `bm25` weights, `snippet()`."""

    name = f"SQLite FTS5 {sqlite3.sqlite_version}"

    def build(self, documents: Iterable[Document], folder: Path) -> None:
        self.database = sqlite3.connect(folder / "posts.sqlite")
        columns = ", ".join(WEIGHTS)
        weights = ", ".join(map(str, WEIGHTS.values()))
        self.database.execute(f"create virtual table posts using fts5({columns}, tokenize='porter unicode61')")
        self.database.execute(f"insert into posts (posts, rank) values ('rank', 'bm25({weights})')")
        rows = (tuple(texts(document).values()) for document in documents)
        self.database.executemany("insert into posts values (?, ?, ?, ?)", rows)
        self.database.commit()

    def ask(self, question: Question) -> list[Answer]:
        text = " ".join(f'"{word}"' for word in question.words)
        if question.kind == "phrase":
            text = question.text
        elif question.kind == "prefix":
            text += "*"
        rows = self.database.execute(
            "select title, snippet(posts, 1, '<mark>', '</mark>', '…', 32) from posts(?) order by rank limit ?",
            (text, HITS),
        )
        return [Answer(title, snippet) for title, snippet in rows]

    def close(self) -> None:
        self.database.close()


class Tantivy(Peer):
    """Tantivy, in Rust: the `en_stem` tokenizer and `SnippetGenerator`. It has no snippets for beginnings of words."""

    name = f"Tantivy {version('tantivy')}"

    def build(self, documents: Iterable[Document], folder: Path) -> None:
        builder = tantivy.SchemaBuilder()
        for name in WEIGHTS:
            builder.add_text_field(name, stored=True, tokenizer_name="en_stem")
        self.schema = builder.build()
        self.files = tantivy.Index(self.schema, path=str(folder))
        writer = self.files.writer()
        for document in documents:
            writer.add_document(tantivy.Document(**texts(document)))
        writer.commit()
        writer.wait_merging_threads()
        self.files.reload()
        self.searcher = self.files.searcher()

    def ask(self, question: Question) -> list[Answer]:
        query = self.query(question)
        snippets = tantivy.SnippetGenerator.create(self.searcher, query, self.schema, "body")
        documents = [self.searcher.doc(address) for _, address in self.searcher.search(query, HITS).hits]
        return [Answer(str(d.get_first("title")), snippets.snippet_from_doc(d).to_html()) for d in documents]

    def query(self, question: Question) -> tantivy.Query:
        if question.kind != "prefix":
            return self.files.parse_query(
                question.text, list(WEIGHTS), field_boosts=WEIGHTS, conjunction_by_default=True
            )
        parts: list[Any] = [
            (
                tantivy.Occur.Should,
                tantivy.Query.boost_query(
                    tantivy.Query.regex_query(self.schema, name, question.words[0] + ".*"), weight
                ),
            )
            for name, weight in WEIGHTS.items()
        ]
        return tantivy.Query.boolean_query(parts)

    def close(self) -> None:
        del self.searcher, self.files


PEERS: tuple[type[Peer], ...] = (Whoosh, Fts5, Tantivy)
