"""SQLite's full-text search: the `porter` tokenizer, `bm25` weights, `snippet()`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from bench.peers import HITS, WEIGHTS, Answer, PeerMissing, Ranker, texts
from bench.questions import Question
from index.schema import Document

__all__ = ["ENGINE", "Fts5"]

BODY = list(WEIGHTS).index("body")
QUERY = f"select title, snippet(posts, {BODY}, '<mark>', '</mark>', '…', 32) from posts(?) order by rank limit {HITS}"


class Fts5(Ranker):
    """FTS5 as its documentation sets it up for English."""

    key = "fts5"
    name = f"SQLite FTS5 {sqlite3.sqlite_version}"
    weights = WEIGHTS

    def index(self, documents: Iterable[Document], folder: Path) -> None:
        self.database = sqlite3.connect(folder / "posts.sqlite")
        columns = ", ".join(WEIGHTS)
        weights = ", ".join(map(str, self.weights.values()))
        options = "id unindexed, tokenize='porter unicode61'"
        self.database.execute(f"create virtual table posts using fts5({columns}, {options})")
        self.database.execute(f"insert into posts (posts, rank) values ('rank', 'bm25({weights})')")
        places = ", ".join("?" * (len(WEIGHTS) + 1))
        rows = ((*texts(document).values(), document.id) for document in documents)
        self.database.executemany(f"insert into posts values ({places})", rows)
        self.database.commit()

    def ask(self, question: Question) -> list[Answer]:
        text = question.text
        if "phrase" not in question.kind:
            text = " ".join(f'"{word}"' for word in question.words) + "*" * question.begins
        return [Answer(title, snippet) for title, snippet in self.database.execute(QUERY, (text,))]

    def rank(self, words: Sequence[str], limit: int) -> list[str]:
        text = " OR ".join(f'"{word.rstrip("*")}"' + "*" * word.endswith("*") for word in words)
        query = "select id from posts(?) order by rank limit ?"
        return [id for (id,) in self.database.execute(query, (text, limit))] if words else []

    def close(self) -> None:
        self.database.close()


def installed() -> None:
    """Raises `PeerMissing` where this SQLite was built without FTS5."""
    with closing(sqlite3.connect(":memory:")) as database:
        if not database.execute("select sqlite_compileoption_used('ENABLE_FTS5')").fetchone()[0]:
            raise PeerMissing("SQLite FTS5 is left out: this Python's SQLite was built without it")


installed()
ENGINE = Fts5
