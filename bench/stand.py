"""What the parts of the bench share: how much is measured, and one folder of posts with what was built of it.

Each thing is made when the first part asks for it, so that a run of one part makes no more than it needs.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from bench.corpus import Corpus, read_corpus
from bench.figures import Figure
from bench.peers import Peer
from bench.processes import run_postsearch
from index.schema import Document

__all__ = ["Built", "Plan", "Stand", "build"]

CLOCK_SECONDS = 2.1
"""For as long after it was written a file may change again and look the same, so postsearch looks at it once more."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured, by which engines, and who is told of it."""

    kinds: tuple[type[Peer], ...]
    questions: int = 40
    rounds: int = 7
    saves: int = 100
    budget: float = 60.0
    sizes: tuple[int, ...] = (1_000,)
    seconds: float = 5.0
    say: Callable[[str], None] = field(default=lambda text: print(text, file=sys.stderr, flush=True))


@dataclass(frozen=True, slots=True)
class Built:
    """An engine that holds all posts, the seconds that indexing them took, and the size of its files."""

    peer: Peer
    seconds: float
    megabytes: float


class Stand:
    """One folder of posts and all that is measured with it; `notes` are lines about what a part left out."""

    def __init__(self, posts: Path, scratch: Path, plan: Plan) -> None:
        self.posts = posts
        self.scratch = scratch
        self.plan = plan
        self.notes: list[str] = []

    @cached_property
    def corpus(self) -> Corpus:
        """The posts, copied and read."""
        self.plan.say(f"reading {self.posts}")
        return read_corpus(self.posts, self.scratch, self.plan.questions)

    @cached_property
    def built(self) -> list[Built]:
        """Every engine, with all posts in it."""
        folder = self.scratch / "engines"
        return [build(kind(), self.corpus.documents, folder, self.plan) for kind in self.plan.kinds]

    @cached_property
    def indexed(self) -> float:
        """The seconds of `postsearch reindex` of the files, in a process of its own; from then on there is an index."""
        self.plan.say("reindexing from the files")
        started = time.perf_counter()
        self.reindex()
        seconds = time.perf_counter() - started
        time.sleep(max(0.0, CLOCK_SECONDS - seconds))
        self.reindex()
        return seconds

    def need_index(self) -> None:
        """See that there is an index of the files, and nothing left to do for it."""
        _ = self.indexed

    def reindex(self) -> str:
        """Run `postsearch reindex` and give its report as JSON."""
        settings = self.corpus.settings
        return run_postsearch("reindex", settings.posts, "--index", settings.index, "--json", fine=(0, 1))

    def figure(self, part: str, what: str, engine: str, value: float, unit: str) -> Figure:
        """A figure over the posts of this folder."""
        return Figure(part, what, self.corpus.name, len(self.corpus.documents), engine, value, unit)

    def note(self, text: str) -> None:
        """Tell of something that was left out, now and in the record."""
        self.plan.say(text)
        self.notes.append(text)

    def close(self) -> None:
        """Release the engines that were built."""
        for built in self.__dict__.get("built", ()):
            built.peer.close()


def build(peer: Peer, documents: Iterable[Document], folder: Path, plan: Plan) -> Built:
    """Build an engine in a folder of its own below this one."""
    plan.say(f"indexing with {peer.name}")
    place = folder / peer.key
    place.mkdir(parents=True, mode=0o700)
    seconds = peer.build(documents, place)
    return Built(peer, seconds, peer.size_mb(place))
