"""Known items: somebody remembers a post and types what is left of it in memory.

Each kind takes the posts in an order of its own, drawn by a fixed seed, and passes over those that hold too little.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import islice
from math import log

from bench.questions import SEED
from bench.relevance.cases import Case, words
from index import Document

__all__ = ["known_item_cases", "title_cases"]

WORD = re.compile(r"\w+")
LETTERS = re.compile(r"\b[^\W\d_]{4,}\b")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
SENTENCE_WORDS = range(8, 13)
STAR_LETTERS = 3
TELLING_WORDS, ASKED_WORDS = 6, 3
RARE_POSTS = range(2, 6)
"""In how many posts a rare word stands."""

Draw = Callable[[random.Random, Document], str]
"""What is typed of a post, or nothing where the post holds too little for it."""

HALF_TYPED, STARS, SENTENCE = "last word half typed", "three letters and a star each", "sentence of 8 to 12 words"


def known_item_cases(documents: Sequence[Document], count: int, seed: int = SEED) -> list[Case]:
    """At most `count` cases of each kind, each from another post.

    What is left of a title is passed over where it fits another title too, and a sentence that other posts hold, since
    nobody could say then which post is meant. Posts of the same title are all right.
    """
    holding = Counter(word for document in documents for word in set(content_words(document)))
    whole: dict[str, Draw] = {"title": lambda _chance, document: document.title}
    left: dict[str, Draw] = {
        "title less a word": title_less_a_word,
        HALF_TYPED: half_typed_title,
        "first half of the title": first_half_of_title,
        STARS: starred_title,
    }
    bodies: dict[str, Draw] = {
        SENTENCE: sentence,
        "three telling words": partial(telling_words, holding, len(documents)),
        "tag and a rare word": partial(tag_and_rare_word, holding),
    }
    twins = same_titles(documents)
    titles = {document.id: words(document.title) for document in documents}

    def case_of(kind: str, text: str, document: Document) -> Case | None:
        asked = asked_words(kind, text)
        right = [document.id] if kind in bodies else twins[document.id]
        others = titles.keys() - right
        if kind in left and any(fits(asked, titles[id]) for id in others):
            return None
        if kind == SENTENCE and any(text in other.body for other in documents if other is not document):
            return None
        return Case(kind, text, asked, dict.fromkeys(right, 1))

    cases: list[Case] = []
    for kind, draw in (whole | left | bodies).items():
        chance = random.Random(f"{seed} {kind}")
        drawn = ((document, draw(chance, document)) for document in chance.sample(documents, len(documents)))
        made = (case_of(kind, text, document) for document, text in drawn if text)
        cases += islice(filter(None, made), count)
    return cases


def asked_words(kind: str, text: str) -> tuple[str, ...]:
    """The words of the text for engines that know no query language, with a star behind those that are beginnings."""
    if kind not in {HALF_TYPED, STARS}:
        return words(text)
    return tuple(re.findall(r"\w+\*?", text.lower() + "*" * (kind == HALF_TYPED)))


def fits(asked: Sequence[str], title: Sequence[str]) -> bool:
    """Whether the title holds all of these words and beginnings of words."""
    return all(
        any(held.startswith(word[:-1]) for held in title) if word.endswith("*") else word in title for word in asked
    )


def title_cases(documents: Sequence[Document]) -> list[Case]:
    """The title of every post; any post of the same title is right."""
    twins = same_titles(documents)
    return [
        Case("title", document.title, words(document.title), dict.fromkeys(twins[document.id], 1))
        for document in documents
    ]


def same_titles(documents: Sequence[Document]) -> dict[str, list[str]]:
    """By each post's id those of all posts of the same title, whatever its spaces and capitals."""
    keys = {document.id: " ".join(document.title.casefold().split()) for document in documents}
    ids: dict[str, list[str]] = {}
    for id, key in keys.items():
        ids.setdefault(key, []).append(id)
    return {id: ids[key] for id, key in keys.items()}


def title_less_a_word(chance: random.Random, document: Document) -> str:
    """A title of three words or more without one of them."""
    kept = document.title.split()
    if len(kept) < 3:
        return ""
    kept.pop(chance.randrange(len(kept)))
    return " ".join(kept)


def half_typed_title(_chance: random.Random, document: Document) -> str:
    """The title up to the middle of its last word, which is four letters or more."""
    *_, last = [None, *WORD.finditer(document.title)]
    return document.title[: last.start() + len(last[0]) // 2] if last and LETTERS.fullmatch(last[0]) else ""


def first_half_of_title(_chance: random.Random, document: Document) -> str:
    """The first half of a title of four words or more."""
    held = document.title.split()
    return " ".join(held[: (len(held) + 1) // 2]) if len(held) >= 4 else ""


def starred_title(_chance: random.Random, document: Document) -> str:
    """Each word of the title as three letters and a star, where there are two that are longer; numbers stay whole."""
    held = WORD.findall(document.title)
    cut = [word[:STAR_LETTERS] + "*" if LETTERS.fullmatch(word) else word for word in held]
    return " ".join(cut) if sum(word.endswith("*") for word in cut) >= 2 else ""


def sentence(chance: random.Random, document: Document) -> str:
    """A sentence of the body."""
    parts = [part.strip() for line in document.body.split("\n") for part in SENTENCE_END.split(line)]
    whole = [part for part in parts if len(part.split()) in SENTENCE_WORDS and part[0].isupper() and part[-1] in ".!?"]
    return chance.choice(whole) if whole else ""


def telling_words(holding: Mapping[str, int], count: int, chance: random.Random, document: Document) -> str:
    """Three of the six words that tell most about the post: often in it, in few others (tf·idf)."""
    weights = {word: times * log(count / holding[word]) for word, times in Counter(content_words(document)).items()}
    telling = sorted(weights, key=lambda word: (-weights[word], word))[:TELLING_WORDS]
    return " ".join(chance.sample(telling, ASKED_WORDS)) if len(telling) >= ASKED_WORDS else ""


def tag_and_rare_word(holding: Mapping[str, int], chance: random.Random, document: Document) -> str:
    """A tag of the post and a word that it shares with few others."""
    rare = sorted({word for word in content_words(document) if holding[word] in RARE_POSTS})
    return f"{chance.choice(document.tags)} {chance.choice(rare)}" if document.tags and rare else ""


def content_words(document: Document) -> list[str]:
    """The words of the body that have four letters or more, and letters alone."""
    return LETTERS.findall(document.body.lower())
