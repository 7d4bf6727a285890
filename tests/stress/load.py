"""What the trials of servers share: posts to search in, words to ask for, and the naive search."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from urllib.parse import quote

from bench.client import HITS_PATH, Client
from bench.processes import Server, run_postsearch, serving
from index.settings import Settings

__all__ = ["hits_path", "indexed", "naive_server", "read_words", "until_ready"]

WORD = re.compile(r"\b[a-z]{4,12}\b")
SAMPLED_POSTS = 2_000
LEAST_POSTS = 5
"""What people ask for stands in more posts than a misspelling does."""


def indexed(posts: Path, index: Path) -> Settings:
    """The settings for the posts, which are indexed by the command, in a process of its own."""
    run_postsearch("reindex", posts, "--index", index, "--quiet", fine=(0, 1))
    return Settings(posts=posts, index=index)


def read_words(posts: Path, chance: Random) -> list[str]:
    """Ordinary words of the posts in an order by chance, each once."""
    paths = sorted(posts.rglob("*.md"))
    sample = chance.sample(paths, min(SAMPLED_POSTS, len(paths)))
    counts = Counter(word for path in sample for word in set(WORD.findall(path.read_text("utf-8", "replace"))))
    words = sorted(word for word, count in counts.items() if count >= LEAST_POSTS)
    chance.shuffle(words)
    return words


def hits_path(text: str) -> str:
    return f"{HITS_PATH}?q={quote(text)}"


def until_ready(server: Server) -> None:
    """Wait for the first answer."""
    with Client(server) as client:
        client.get(hits_path("ready"))


@contextmanager
def naive_server(posts: Path, index: Path, *, keeps_up: bool = True) -> Iterator[Server]:
    """The naive search, in one process that answers one request after the other."""
    index.mkdir()
    app = f"tests.stress.naive:create_app({str(posts)!r}, {str(index)!r}, keeps_up={keeps_up})"
    with serving(app, 1, {}, ()) as server:
        until_ready(server)
        yield server
