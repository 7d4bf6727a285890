"""What the trials of servers share: posts to search in, words to ask for, and what is asked of a server for a while."""

from __future__ import annotations

import os
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path
from random import Random
from urllib.parse import quote

from bench.client import HITS_PATH, Client
from bench.corpus import write_posts
from bench.processes import Server, run_postsearch, serving
from index.settings import Settings
from tests.example_sites import eventually

__all__ = ["ask_for_words", "hits_path", "indexed", "naive_server", "read_words", "real_or_made_posts", "until_ready"]

WORD = re.compile(r"\b[a-z]{4,12}\b")
SAMPLED_POSTS = 2_000
LEAST_POSTS = 5
"""What people ask for stands in more posts than a misspelling does."""


def real_or_made_posts(folder: Path, count: int) -> Path:
    """The largest collection of real posts where it is unpacked, else so many made ones in the folder."""
    real = Path(os.environ.get("POSTSEARCH_TEST_DATA", ""), "posts", "cpp-docs")
    if real.is_dir():
        return real
    write_posts(folder, count)
    return folder


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


def ask_for_words(server: Server, words: Sequence[str], seconds: float, pause: float = 0.05) -> list[float]:
    """The milliseconds that the answers took, of a visitor who asks for one word after the other."""
    never, deadline = threading.Event(), time.monotonic() + seconds
    times = []
    with Client(server) as client:
        for word in words:
            if time.monotonic() > deadline:
                break
            times.append(client.milliseconds(hits_path(word)))
            never.wait(pause)
    return times


def until_ready(server: Server) -> None:
    """Wait until it answers well."""

    def answered() -> bool:
        with suppress(OSError, HTTPException, RuntimeError), Client(server) as client:
            return bool(client.get(hits_path("ready")))
        return False

    eventually(answered)


@contextmanager
def naive_server(posts: Path, index: Path) -> Iterator[Server]:
    """The naive search, in one process that answers one request after the other."""
    index.mkdir()
    with serving(f"tests.stress.naive:create_app({str(posts)!r}, {str(index)!r})", 1, {}, ()) as server:
        until_ready(server)
        yield server
