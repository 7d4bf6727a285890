"""Reading while another process commits and merges: every answer is of one commit, whole, and no error happens.

The writer changes all posts in each commit, so that they bear one number; now and then it builds the index anew.
POSTSEARCH_SECONDS says how long the long run takes, and POSTSEARCH_SEED repeats what its writer does.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from index.schema import Document
from index.settings import Settings
from index.storage import open_writer
from index.storage.lock import index_lock
from search.engine import open_searcher
from search.matches import Matches
from search.query import Filters, Phrase, Query, Word
from tests import ROOT

SECONDS = float(os.environ.get("POSTSEARCH_SECONDS", "600"))
POSTS, READERS, THREADS = 120, 2, 2
NUMBER = re.compile(r"number(\d+)")

QUERIES = (
    Query(clauses=(Word("common"),), per_page=POSTS),
    Query(clauses=(Word("filler"), Word("comm", prefix=True, required=True)), per_page=POSTS),
    Query(clauses=(Phrase("common words"),), per_page=POSTS, sort="newest"),
    Query(filters=Filters(tag=("all",)), per_page=POSTS),
    Query(clauses=(Word("number", field="title", prefix=True),), per_page=POSTS),
)


def numbered(name: int, number: int, filler: int) -> Document:
    """A post whose every field says the number of its commit."""
    words = "filler " * filler + f"common words of number{number}"
    return Document(f"{name}.md", f"/{name}/", f"Post number{number}", words, tags=(f"number{number}", "all"))


def write(options: Settings, *documents: Document, fresh: bool = False) -> None:
    with index_lock(options), open_writer(options, fresh=fresh) as writer:
        for document in documents:
            writer.put(document)
        writer.commit()


def write_on(options: Settings, seconds: float, seed: int) -> int:
    """Commit until the time is over: all posts with the next number, and small changes in between."""
    chance = random.Random(seed)
    ends = time.monotonic() + seconds
    number = 0
    while number < 3 or time.monotonic() < ends:
        number += 1
        posts = [numbered(name, number, chance.randrange(40)) for name in range(POSTS)]
        write(options, *chance.sample(posts, POSTS), fresh=chance.random() < 0.1)
        for _ in range(chance.randrange(4)):
            write(options, Document(f"extra-{chance.randrange(9)}.md", "/extra/", "Extra", "a small change"))
    return number


class Readers:
    """Threads that ask one searcher: `wrong` is what was wrong, `numbers` which number each generation bore."""

    def __init__(self, options: Settings) -> None:
        self.searcher = open_searcher(options)
        self.done = threading.Event()
        self.wrong: list[str] = []
        self.numbers: dict[int, int] = {}
        self.answers = 0

    def run(self) -> None:
        """Ask until it is done."""
        threads = [threading.Thread(target=self.ask) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        sys.stdin.read()  # Ends when the one that started us closes it.
        self.done.set()
        for thread in threads:
            thread.join()

    def ask(self) -> None:
        last = 0
        while not self.done.is_set() and len(self.wrong) < 10:
            for query in QUERIES:
                try:
                    matches = self.searcher.search(query, datetime.now(UTC))
                    self.check(matches, last)
                    last = matches.state.generation
                    self.answers += 1
                except Exception as error:
                    self.wrong.append(f"{type(error).__name__}: {error}")

    def check(self, matches: Matches, last: int) -> None:
        """An answer must hold all posts, all of one number, and no other than another answer of its generation."""
        generation = matches.state.generation
        said = {found for match in matches.matches for text in texts(match.document) for found in NUMBER.findall(text)}
        marked = {match.document.body[a:b] for match in matches.matches for a, b, _ in match.highlights.body}
        tags = matches.facets["tags"]
        number = int(min(said))
        assert generation >= last, f"generation {generation} after {last}"
        assert (matches.total, len({match.document.id for match in matches.matches})) == (POSTS, POSTS)
        assert said == {str(number)}, f"generation {generation} holds {sorted(said)}"
        assert marked <= {"filler", "comm", "common", "common words"}, f"marks of other texts: {sorted(marked)[:3]}"
        assert tags == {"all": POSTS, f"number{number}": POSTS}
        assert self.numbers.setdefault(generation, number) == number


def texts(document: Document) -> Sequence[str]:
    return (document.title, document.body, *document.tags)


def started(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.index.storage.test_concurrent_reading", *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True)


def read_while_writing(options: Settings, seconds: float) -> tuple[int, list[dict[str, Any]]]:
    """How many numbers were written, and what each process of readers says."""
    seed = int(os.environ.get("POSTSEARCH_SEED", random.randrange(2**32)))
    print(f"POSTSEARCH_SEED={seed}")
    write(options, *(numbered(name, 0, name) for name in range(POSTS)))
    readers = [started("read", options.index) for _ in range(READERS)]
    writer = started("write", options.index, seconds, seed)
    try:
        written = int(writer.communicate()[0])
        told = [json.loads(reader.communicate()[0]) for reader in readers]
    finally:
        for process in (writer, *readers):
            process.kill()
            process.communicate()
    return written, told


def hold(tmp_path: Path, seconds: float) -> None:
    options = Settings(index=tmp_path / "index")
    written, told = read_while_writing(options, seconds)
    numbers: dict[str, int] = {}
    for of in told:
        print(f"{of['answers']} answers over {len(of['numbers'])} generations, while {written} times all was changed")
        assert of["wrong"] == []
        assert of["answers"] > written
        for generation, number in of["numbers"].items():
            assert numbers.setdefault(generation, number) == number
    assert len(set(numbers.values())) > 2
    assert len(list(options.index.glob("build-*"))) <= 2


@pytest.mark.full
def test_reading_while_another_process_commits_and_merges(tmp_path: Path) -> None:
    hold(tmp_path, 5)


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_reading_for_long_while_another_process_commits_and_merges(tmp_path: Path) -> None:
    hold(tmp_path, SECONDS)


def test_an_answer_of_two_commits_would_be_noticed(tmp_path: Path) -> None:
    options = Settings(index=tmp_path / "index")
    write(options, *(numbered(name, 1 + (name == 7), 3) for name in range(POSTS)))
    readers = Readers(options)

    with pytest.raises(AssertionError, match="holds"):
        readers.check(readers.searcher.search(QUERIES[0], datetime.now(UTC)), 0)


if __name__ == "__main__":
    settings = Settings(index=Path(sys.argv[2]))
    if sys.argv[1] == "write":
        print(write_on(settings, float(sys.argv[3]), int(sys.argv[4])))
    else:
        asking = Readers(settings)
        asking.run()
        print(json.dumps({"wrong": asking.wrong, "numbers": asking.numbers, "answers": asking.answers}))
