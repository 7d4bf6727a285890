"""Folders of posts to measure with: real ones, copied so that they may be changed, or made-up ones.

`read_corpus` copies a folder of posts and gives its `Corpus`: settings, documents, the seconds that one core took to
read them, and questions.
"""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.questions import SEED, Question, draw_questions
from index.errors import PostError
from index.indexer.folder import Folder
from index.indexer.post import read_post
from index.schema import Document
from index.settings import Settings
from index.sites.site import Site, read_site

__all__ = ["Corpus", "read_corpus", "read_documents", "write_posts"]


@dataclass(frozen=True, slots=True)
class Corpus:
    """The posts of one folder. `settings` name the copy; `reading` is how many seconds one core took to read it."""

    name: str
    settings: Settings
    documents: tuple[Document, ...]
    reading: float
    questions: tuple[Question, ...]

    def __str__(self) -> str:
        text = sum(len(document.body) for document in self.documents) / 1e6
        return f"{self.name}: {len(self.documents):,} posts, {text:.1f} MB of text, {len(self.questions)} questions"


def read_corpus(posts: Path, scratch: Path, count: int) -> Corpus:
    """The corpus of a folder, copied below `scratch`, with as many questions. Raises `ValueError` for no posts."""
    settings = copy_posts(posts, scratch)
    started = time.perf_counter()
    documents = tuple(read_documents(settings))
    reading = time.perf_counter() - started
    if not documents:
        raise ValueError(f"there is no post to read in {posts}; name the folder that holds the posts")
    questions = tuple(draw_questions(documents, count))
    if not questions:
        raise ValueError(f"the posts in {posts} are too few or too short to draw questions from; name a larger folder")
    return Corpus(posts.resolve().name, settings, documents, reading, questions)


def copy_posts(posts: Path, scratch: Path) -> Settings:
    """The settings for a copy of the posts alone, which may be changed and lies in the file cache for every engine."""
    original = Folder(Settings(posts=posts))
    copy = scratch / "posts"
    copy.mkdir(parents=True)
    for id in original.scan().files:
        target = copy / id
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(original.path(id), target)
    return Settings(posts=copy, index=scratch / "index")


def read_documents(settings: Settings) -> Iterator[Document]:
    """Every post of the folder that can be read and found, read in this process alone."""
    folder = Folder(settings)
    site = read_site(folder.root, settings)
    documents = (read(folder.path(id), id, site) for id in folder.scan().files)
    return (document for document in documents if document)


def read(path: Path, id: str, site: Site) -> Document | None:
    try:
        return read_post(path.read_bytes(), id, site).document
    except PostError:
        return None


def write_posts(folder: Path, count: int, seed: int = SEED) -> None:
    """Made-up posts, for machines without real ones: words as rare and as common as in a language."""
    chance = random.Random(seed)
    vocabulary = made_up_words(chance, 20_000)
    weights = [1 / (rank + 3) for rank in range(len(vocabulary))]
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        words = chance.choices(vocabulary, weights, k=chance.randint(200, 1500))
        (folder / f"{number:06}.md").write_text("\n".join(post_lines(chance, number, words)), "utf-8")


def post_lines(chance: random.Random, number: int, words: Sequence[str]) -> Iterator[str]:
    yield "---"
    yield f"title: {' '.join(words[:5]).capitalize()}"
    yield f"date: {2010 + number % 15}-{1 + number % 12:02}-{1 + number % 28:02}"
    yield f"author: {words[5].capitalize()} {words[6].capitalize()}"
    yield f"tags: [{', '.join(words[7:10])}]"
    yield "---"
    for start in range(10, len(words), 60):
        if chance.random() < 0.3:
            yield f"\n## {' '.join(words[start : start + 3]).capitalize()}"
        yield f"\n{' '.join(words[start : start + 60]).capitalize()}."


def made_up_words(chance: random.Random, count: int) -> list[str]:
    syllables = [
        consonant + vowel for consonant in "bdfghklmnprstvz" for vowel in ("a", "e", "i", "o", "u", "an", "er")
    ]
    words: dict[str, None] = {}
    while len(words) < count:
        words["".join(chance.choices(syllables, k=chance.randint(2, 4)))] = None
    return list(words)
