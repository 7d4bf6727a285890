"""The contract of the engines that are measured, and which of them can be had here.

Each engine indexes documents that postsearch has read, and answers a question with ten ranked hits and a marked snippet
of each. All of them stem English, search title, body, tags and author with our weights, keep the texts themselves, and
want every word of a question, which is the cheaper way to ask.
"""

from __future__ import annotations

import re
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import ClassVar

from bench.questions import Question
from index.schema import FIELDS, Document

__all__ = [
    "ASKED_FOR",
    "HITS",
    "OURS",
    "PEERS",
    "WEIGHTS",
    "Answer",
    "Feed",
    "Peer",
    "PeerMissing",
    "Ranker",
    "kinds_of_peer",
    "texts",
]

HITS = 10
SEARCHED = ("title", "body", "tags", "author")
WEIGHTS = {name: weight for name in SEARCHED for field, weight in ((f.name, f.weight) for f in FIELDS) if field == name}
"""What every engine searches, the body among them, and how much a word in each field weighs."""

OURS = "postsearch"
PEERS = (OURS, "whoosh", "fts5", "tantivy", "xapian")
"""The keys of the engines, ours first; each is a module here of that name, with its engine as `ENGINE`."""

ASKED_FOR = ("opensearch",)
"""The keys of engines that are measured only where they are named, as they need more than a package."""

MARK = re.compile(r"<(?:b|mark)\b[^>]*>")


class PeerMissing(Exception):
    """An engine that is not installed; the message says how to get it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One hit as a results page would show it."""

    title: str
    snippet: str

    @property
    def marked(self) -> bool:
        """Whether the snippet shows what was found."""
        return MARK.search(self.snippet) is not None


class Feed:
    """Documents, with a count of the seconds that making them took, which is no engine's work."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self.documents = documents
        self.seconds = 0.0

    def __iter__(self) -> Iterator[Document]:
        source = iter(self.documents)
        while True:
            started = time.perf_counter()
            document = next(source, None)
            self.seconds += time.perf_counter() - started
            if document is None:
                return
            yield document


class Peer(ABC):
    """An engine: build it once in an empty folder, then ask.

    `key` names it in goals and records, `name` with its version for people. `types` says whether it can be asked at
    every key in a time that is worth waiting for.
    """

    key: ClassVar[str]
    types: ClassVar[bool] = True
    name: str

    def build(self, documents: Iterable[Document], folder: Path) -> float:
        """Index all documents, until questions can be asked; gives the seconds, without those of making documents."""
        feed = Feed(documents)
        started = time.perf_counter()
        self.index(feed, folder)
        return time.perf_counter() - started - feed.seconds

    def seconds(self, question: Question) -> float:
        """How long the answer takes."""
        started = time.perf_counter()
        self.ask(question)
        return time.perf_counter() - started

    @abstractmethod
    def index(self, documents: Iterable[Document], folder: Path) -> None:
        """Index all documents, until questions can be asked."""

    @abstractmethod
    def ask(self, question: Question) -> Sequence[Answer]:
        """The ten best hits with their snippets."""

    @abstractmethod
    def close(self) -> None:
        """Release files and processes."""

    def size_mb(self, folder: Path) -> float:
        """The size of what was built in a folder: of all files below it."""
        return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


class Ranker(Peer):
    """An engine that can also be asked for posts with any of the words, by which its ranking is measured."""

    @abstractmethod
    def rank(self, words: Sequence[str], limit: int) -> list[str]:
        """The ids of at most so many posts; a word that ends in `*` is the beginning of one."""


def texts(document: Document) -> dict[str, str]:
    """What every peer is given of a document."""
    tags, author = ", ".join(document.tags), ", ".join(document.author)
    return {"title": document.title, "body": document.body, "tags": tags, "author": author}


def kinds_of_peer(keys: Sequence[str] = PEERS) -> tuple[list[type[Peer]], list[str]]:
    """The engines of these keys that are installed, and a line for each that is not."""
    found: list[type[Peer]] = []
    notes = []
    for key in keys:
        try:
            found.append(import_module(f"bench.peers.{key}").ENGINE)
        except PeerMissing as error:
            notes.append(str(error))
    return found, notes
