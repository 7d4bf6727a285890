"""`python -m bench [POSTS]`: index the same posts in every engine, ask the same questions, print how they compare.

Without POSTS it takes real posts from the folder that POSTSEARCH_TEST_DATA names, and makes some up where there are
none. The figures are kept as JSON in bench/results.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

from bench.corpus import Question, draw_questions, write_posts
from bench.measure import Figures, measure, timed
from bench.ours import Postsearch, read_documents
from bench.peers import PEERS
from bench.table import table
from index.indexer import reindex
from index.schema import Document
from index.settings import Settings

__all__ = ["main"]

RESULTS = Path(__file__).with_name("results")
REAL = ("posts/twir", "posts/cpp-docs")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark over each folder and print its table."""
    options = parser().parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        for number, posts in enumerate(folders(options.posts, options.made_up, Path(scratch))):
            compare(posts, options.questions, Path(scratch, str(number)))


def parser() -> argparse.ArgumentParser:
    flags = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    flags.add_argument("posts", nargs="?", type=Path, help="the folder of posts")
    flags.add_argument("--questions", type=int, default=40, help="how many questions to ask")
    flags.add_argument("--made-up", type=int, default=2000, help="how many posts to make up where there are none")
    return flags


def folders(given: Path | None, made_up: int, scratch: Path) -> Iterator[Path]:
    """The folders to measure with."""
    data = os.environ.get("POSTSEARCH_TEST_DATA")
    real = [Path(data, name) for name in REAL if Path(data, name).is_dir()] if data else []
    if given or real:
        yield from [given] if given else real
    else:
        write_posts(scratch / "made-up", made_up)
        yield scratch / "made-up"


def compare(posts: Path, count: int, scratch: Path) -> None:
    """Measure every engine with the posts of one folder."""
    settings = Settings(posts=posts, index=scratch / "whole")
    say(f"reading {posts}")
    documents: list[Document] = []
    reading = timed(lambda: documents.extend(read_documents(settings)))
    questions = draw_questions(documents, count)
    figures = []
    for peer in (Postsearch(settings), *(peer() for peer in PEERS)):
        say(f"measuring {peer.name}")
        figures.append(measure(peer, documents, questions, scratch / type(peer).__name__, reading))
    say("indexing from the files")
    figures[0] = replace(figures[0], reading_and_indexing=timed(lambda: reindex(settings)))
    print(f"\n{describe(documents, questions, posts)}\n\n{table(figures)}\n")
    keep(posts, documents, questions, figures)


def describe(documents: Sequence[Document], questions: Sequence[Question], posts: Path) -> str:
    text = sum(len(document.body) for document in documents) / 1e6
    python = platform.python_version()
    return f"{posts.name}: {len(documents):,} posts, {text:.1f} MB of text, {len(questions)} questions, Python {python}"


def keep(posts: Path, documents: Sequence[Document], questions: Sequence[Question], figures: Sequence[Figures]) -> None:
    """Write all of it to a file of its own."""
    now = datetime.now(UTC)
    record = {
        "at": now.isoformat(timespec="seconds"),
        "posts": posts.name,
        "documents": len(documents),
        "characters": sum(len(document.body) for document in documents),
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "questions": [question.text for question in questions],
        "engines": [asdict(one) for one in figures],
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{posts.name}-{now:%Y%m%dT%H%M%SZ}.json"
    path.write_text(json.dumps(record, indent=2, ensure_ascii=False), "utf-8")
    say(f"kept in {path}")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
