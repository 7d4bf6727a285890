"""What the trials of crashes try: ours, and writers that do it wrong, which the trials must catch."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from index.errors import IndexDamaged, IndexMissing
from index.indexer.run import reindex, update
from index.settings import Settings
from index.storage.builds import BUILD, live
from index.storage.reader import Reader
from search.cli import main
from search.engine import open_searcher
from search.engine.searcher import Searcher
from search.query import Filters, Phrase, Query, Word

__all__ = ["SCENARIOS", "STORES", "Damaged", "Missing", "Store"]

POSTS = 70
"""More than the writer merges at every commit, so that there are runs that merge and runs that do not."""

PAST = 1_700_000_000
"""When the posts were saved, in seconds: so long ago that a run need not look twice."""

Damaged, Missing = IndexDamaged, IndexMissing
Answers = Any
"""What is found, as plain values that can be compared."""

QUERIES = (
    Query(clauses=(Word("vers", prefix=True, required=True), Phrase("common words")), per_page=100, sort="newest"),
    Query(filters=Filters(tag=("all",)), per_page=100),
)

SCENARIOS = ("first", "update", "named", "merge", "rebuild")
"""Runs: the first; one that changes little; the same, of files that are named; one over an index of which much is
deleted; and one that builds the index anew."""


class Store(ABC):
    """An index of the posts in one folder. `posts` and `root` are the folders; a run must come from `old` to `new`."""

    def __init__(self, folder: Path) -> None:
        self.posts = folder / "posts"
        self.root = folder / "index"

    def write_posts(self, scenario: str, *, changed: bool) -> None:
        """Save the posts as they are before or after what the run of the scenario is to find."""
        shutil.rmtree(self.posts, ignore_errors=True)
        self.posts.mkdir(parents=True)
        gone = 25 if scenario == "merge" else 1
        for number in range(POSTS):
            version = 2 if changed and number % 30 == 5 else 1
            if not (changed and number < gone):
                text = (
                    f"---\ntitle: Post {number}\ntags: [all, version{version}]\n---\ncommon words of version{version}\n"
                )
                path = self.posts / self.id(number)
                path.parent.mkdir(exist_ok=True)
                path.write_text(text + "more words " * (number % 7), "utf-8")
                os.utime(path, (PAST + version, PAST + version))

    def id(self, number: int) -> str:
        """That of the post of this number: the path of its file."""
        return f"{number:02}.md"

    @abstractmethod
    def run(self, scenario: str, /) -> None:
        """Bring the index up to date."""

    @abstractmethod
    def open(self) -> Searcher | None:
        """What answers."""

    @abstractmethod
    def read(self, searcher: Searcher | None, /) -> Answers:
        """All that is found. Raises `Missing` where there is no index, and `Damaged` where it is to be built anew."""

    def command(self, scenario: str) -> tuple[int, str]:
        """Do so from the command line: the exit code, and what is said of it."""
        try:
            self.run(scenario)
        except OSError as error:
            return 5, f"postsearch: {error.strerror}"
        return 0, ""

    def leaked(self) -> list[str]:
        """The files that lie in the index for nothing."""
        return []


class PostSearch(Store):
    """Ours."""

    @property
    def arguments(self) -> list[str]:
        """The folders as the command line names them."""
        return [str(self.posts)]

    @property
    def settings(self) -> Settings:
        return Settings(posts=",".join(self.arguments), index=self.root, workers=2)  # type: ignore[arg-type]

    def run(self, scenario: str, /) -> None:
        if scenario == "named":
            update(self.settings, map(self.id, range(POSTS)))
        else:
            reindex(self.settings, full=scenario == "rebuild")

    def open(self) -> Searcher | None:
        return open_searcher(self.settings)

    def read(self, searcher: Searcher | None, /) -> Answers:
        assert searcher
        found = [searcher.search(query, datetime.now(UTC)) for query in QUERIES]
        assert len({matches.state.generation for matches in found}) == 1
        return [
            (
                matches.total,
                sorted((match.document.id, match.document.body, match.document.tags) for match in matches.matches),
                {name: dict(counts) for name, counts in matches.facets.items()},
            )
            for matches in found
        ]

    def command(self, scenario: str) -> tuple[int, str]:
        full = ["--full"] if scenario == "rebuild" else []
        told, standard = io.StringIO(), sys.stderr
        sys.stderr = told  # also for what logs
        try:
            main(["reindex", *self.arguments, "--index", str(self.root), "--quiet", *full])
        except SystemExit as end:
            return int(end.code or 0), told.getvalue()
        finally:
            sys.stderr = standard
        return 0, told.getvalue()

    def leaked(self) -> list[str]:
        snapshot = Reader(self.root).snapshot()
        location = live(self.root)
        build = location.path(self.root)
        others = {path.name for path in self.root.iterdir()}
        others -= {".gitignore", "current.json", "ledger.sqlite", "lock", location.folder}
        bases = {name: int(found[1]) for name in others if (found := BUILD.fullmatch(name))}
        if before := [name for name, base in bases.items() if base < location.base]:
            others.discard(before[0])  # readers may still be opening its files
        inside = sorted(path.suffix for path in build.iterdir())
        segments = [".posts" for segment in snapshot.segments if segment.segment.size]
        if inside != sorted(["", ".toc", *segments]):
            others |= {path.name for path in build.iterdir()}
        return sorted(others)


class SeveralFolders(PostSearch):
    """Ours, over two folders with files of the same names."""

    def id(self, number: int) -> str:
        return f"{'docs' if number % 2 else 'blog'}/{number // 2:02}.md"

    @property
    def arguments(self) -> list[str]:
        return [f"{name}={self.posts / name}" for name in ("blog", "docs")]


class Naive(Store):
    """Keeps all texts in one file of JSON, and writes that in place."""

    @property
    def file(self) -> Path:
        return self.root / "index.json"

    def texts(self) -> Mapping[str, str]:
        return {path.name: path.read_text("utf-8") for path in sorted(self.posts.iterdir())}

    def run(self, _scenario: str, /) -> None:
        self.root.mkdir(exist_ok=True)
        with self.file.open("w") as file:
            json.dump(self.texts(), file)

    def open(self) -> Searcher | None:
        return None

    def read(self, _searcher: Searcher | None, /) -> Answers:
        try:
            return json.loads(self.file.read_text("utf-8"))
        except FileNotFoundError:
            raise Missing from None


class NaiveRename(Naive):
    """Writes beside and renames, but syncs only after that."""

    def run(self, _scenario: str, /) -> None:
        self.root.mkdir(exist_ok=True)
        new = self.file.with_suffix(".new")
        with new.open("w") as file:
            json.dump(self.texts(), file)
        new.rename(self.file)
        with self.file.open("rb") as file_again:
            os.fsync(file_again.fileno())


STORES: Mapping[str, type[Store]] = {
    "postsearch": PostSearch,
    "folders": SeveralFolders,
    "naive": Naive,
    "naive-rename": NaiveRename,
}
