"""The questions that every engine is asked, drawn from the posts by a fixed rule.

They are the same at every run: words that stand in one post, phrases as written there, and beginnings of words.
`dear_questions` are those that most posts answer, and `keystrokes` what is asked while questions are typed.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from index.schema import Document

__all__ = ["KINDS", "SEED", "UNASKED", "Question", "dear_questions", "draw_questions", "keystrokes"]

Kind = Literal[
    "one word", "two words", "three words", "four words", "phrase", "prefix", "typed",
    "one letter", "two letters", "sentence", "common phrase",
]  # fmt: skip
SEED = 20130619
KINDS: tuple[Kind, ...] = ("one word", "two words", "three words", "four words", "phrase", "prefix")
LENGTHS = {"one word": 1, "two words": 2, "three words": 3, "four words": 4, "prefix": 1}
WORD = re.compile(r"\b[a-z]{4,12}\b")
PLAIN_PAIR = re.compile(r"\b([a-z]+) (?=([a-z]+)\b)")
PLAIN_SENTENCE = re.compile(r"\b[a-z]{2,}(?: [a-z]+){7,19}(?=[.!?]\s)")
PAIR = re.compile(r"\b([a-z]{4,12}) ([a-z]{4,12})\b")
RARE, COMMON = 10, 0.25
"""People search for words that stand in at least ten posts (a page of hits), and not in a quarter of all."""

BEGINNING = 4
LONG = 6
"""A beginning of four letters is drawn from a longer word, so that there is something left to complete."""

UNASKED = frozenset({"from", "have", "that", "this", "when", "will", "with", "your"})
"""Whoosh's analyzer drops these: a question that holds one would be less work for it than for the others."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of every engine, each in its own syntax: the words, and the text as a person types it.

    The last word of a `prefix` and of a `typed` question, and a letter or two, are the beginning of a word.
    """

    kind: Kind
    words: tuple[str, ...]
    text: str

    @property
    def begins(self) -> bool:
        """Whether the last word may go on."""
        return self.kind in {"prefix", "typed", "one letter", "two letters"}


def draw_questions(documents: Sequence[Document], count: int, seed: int = SEED) -> list[Question]:
    """As many different questions, each from one post, the kinds in turn."""
    chance = random.Random(seed)
    words = middling_words(documents)
    questions: dict[Question, None] = {}
    for _ in range(count * 50 if documents else 0):
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
        drawn = chance.choice(pairs) if pairs else ()
        return Question(kind, drawn, f'"{" ".join(drawn)}"') if drawn else None
    held = sorted(word for word in words.intersection(WORD.findall(text)) if kind != "prefix" or len(word) >= LONG)
    if len(held) < LENGTHS[kind]:
        return None
    drawn = tuple(chance.sample(held, LENGTHS[kind]))
    drawn = (drawn[0][:BEGINNING],) if kind == "prefix" else drawn
    return Question(kind, drawn, " ".join(drawn))


def middling_words(documents: Sequence[Document]) -> set[str]:
    """The words that are neither rare nor common in these documents."""
    counts = Counter(word for document in documents for word in set(WORD.findall(document.body.lower())))
    least = min(RARE, len(documents) // 20)
    return {word for word, count in counts.items() if least <= count <= COMMON * len(documents)} - UNASKED


def dear_questions(documents: Sequence[Document], count: int, seed: int = SEED) -> list[Question]:
    """Up to as many of each kind: the beginnings and the pairs of words that most posts hold, and ends of sentences."""
    bodies = [document.body.lower() for document in documents]
    words = [word for body in bodies for word in set(WORD.findall(body))]
    pairs = Counter(pair for body in bodies for pair in set(PLAIN_PAIR.findall(body)))
    drawn = random.Random(seed).sample(bodies, len(bodies))
    sentences = (found[0] for body in drawn if (found := PLAIN_SENTENCE.search(body)))
    one, two = (Counter(word[:size] for word in words).most_common(count) for size in (1, 2))
    return [
        *(Question("one letter", (start,), start) for start, _ in one),
        *(Question("two letters", (start,), start) for start, _ in two),
        *(Question("sentence", tuple(text.split()), text) for text in islice(sentences, count)),
        *(Question("common phrase", pair, f'"{" ".join(pair)}"') for pair, _ in pairs.most_common(count)),
    ]


def keystrokes(questions: Sequence[Question]) -> Iterator[Question]:
    """What is asked at each key while the questions are typed; a space or a quotation mark asks nothing new."""
    for question in questions:
        for end in range(1, len(question.text) + 1):
            typed = question.text[:end]
            if typed[-1].isalnum():
                yield Question("typed", tuple(re.findall(r"\w+", typed)), typed)
