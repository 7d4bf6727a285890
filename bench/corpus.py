"""Posts to measure with, and questions drawn from them by a fixed rule.

In goes a folder, or a number of posts to make up; out come questions that are the same at every run: words that stand
in one post, phrases as written there, and beginnings of words.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from index.schema import Document

__all__ = ["Question", "draw_questions", "write_posts"]

Kind = Literal["one word", "two words", "three words", "four words", "phrase", "prefix"]
SEED = 20130619
KINDS: tuple[Kind, ...] = ("one word", "two words", "three words", "four words", "phrase", "prefix")
LENGTHS = {"one word": 1, "two words": 2, "three words": 3, "four words": 4, "phrase": 2, "prefix": 1}
WORD = re.compile(r"\b[a-z]{4,12}\b")
PAIR = re.compile(r"\b([a-z]{4,12}) ([a-z]{4,12})\b")
RARE, COMMON = 10, 0.25
"""People search for words that stand in at least ten posts (a page of hits), and not in a quarter of all."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of every engine, each in its own syntax."""

    kind: Kind
    words: tuple[str, ...]

    @property
    def text(self) -> str:
        """The question as a person types it."""
        return f'"{" ".join(self.words)}"' if self.kind == "phrase" else " ".join(self.words)


def draw_questions(documents: Sequence[Document], count: int, seed: int = SEED) -> list[Question]:
    """As many different questions, each from one post, the kinds in turn."""
    chance = random.Random(seed)
    words = middling_words(documents)
    questions: dict[Question, None] = {}
    for _ in range(count * 50):
        kind = KINDS[len(questions) % len(KINDS)]
        if question := draw_question(chance, kind, chance.choice(documents), words):
            questions[question] = None
        if len(questions) == count:
            break
    return list(questions)


def draw_question(chance: random.Random, kind: Kind, document: Document, words: set[str]) -> Question | None:
    """A question in these words that the document answers, or None where it holds too few of them."""
    text = document.body.lower()
    if kind == "phrase":
        pairs = sorted({pair for pair in PAIR.findall(text) if words.issuperset(pair)})
        return Question(kind, chance.choice(pairs)) if pairs else None
    held = sorted(words.intersection(WORD.findall(text)))
    if len(held) < LENGTHS[kind]:
        return None
    drawn = chance.sample(held, LENGTHS[kind])
    return Question(kind, (drawn[0][:4],) if kind == "prefix" else tuple(drawn))


def middling_words(documents: Sequence[Document]) -> set[str]:
    """The words that are neither rare nor common in these documents."""
    counts = Counter(word for document in documents for word in set(WORD.findall(document.body.lower())))
    least = min(RARE, len(documents) // 20)
    return {word for word, count in counts.items() if least <= count <= COMMON * len(documents)}


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
