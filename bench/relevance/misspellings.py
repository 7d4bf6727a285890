"""Misspelled questions: somebody remembers words of a title, or all of it, and writes one of the words wrong.

Each case holds its clean twin, the question before it was misspelled, so that both are asked in one run.
"""

from __future__ import annotations

import csv
import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from string import ascii_lowercase

from bench.questions import SEED
from bench.relevance.cases import Case, words
from bench.relevance.known_items import LETTERS, fits, same_titles
from index import Document

__all__ = ["misspelled_cases", "one_edit"]

MISSPELLINGS = "misspellings.tsv"
"""What people wrote for a word, a row each, with the number of edits between them as `damerau_osa_distance`."""

FEW_EDITS = 2
LEAST_POSTS = 2
CUT_LETTERS = 6
"""How many letters a word has at least that is cut or left unfinished."""

TYPED_SHARE = 0.65
"""How much of an unfinished word is typed."""

UNFINISHED, JOINED = "last word misspelled and unfinished", "two words joined"

Misspell = Callable[[random.Random, str], str]
"""What is written for a word, or nothing where it can't be misspelled so."""

Draw = Callable[[random.Random, str], tuple[str, str] | None]
"""A misspelled question about a title and the same before it was misspelled."""


def misspelled_cases(documents: Sequence[Document], folder: Path, count: int, seed: int = SEED) -> list[Case]:
    """At most `count` cases of each kind, each from another post; `folder` holds what people misspell, if anything.

    Most are of the two words of a title that the fewest posts hold. A misspelling that is a word of some post is passed
    over, and so are two words that fit another title too.
    """
    titles = {document.id: words(document.title) for document in documents}
    holding = Counter(word for document in documents for word in {*titles[document.id], *words(document.body)})
    twins = same_titles(documents)
    listed = partial(by_people, holding, read_misspellings(folder / MISSPELLINGS))
    few_edits = partial(by_people, holding, read_misspellings(folder / MISSPELLINGS, FEW_EDITS))
    in_two_words: dict[str, Misspell] = {
        "misspelled by people": listed,
        "by people, one or two edits": few_edits,
        "one edit by chance": one_edit,
        "first letter wrong": first_letter_wrong,
        "one word split": split,
    }
    in_titles: dict[str, Misspell] = {"title, one edit by chance": one_edit, "title, misspelled by people": listed}
    draws: dict[str, Draw] = {
        **{kind: partial(two_words, holding, misspell) for kind, misspell in in_two_words.items()},
        JOINED: partial(joined, holding),
        UNFINISHED: partial(unfinished, holding, sorted(holding)),
        **{kind: partial(whole_title, holding, misspell) for kind, misspell in in_titles.items()},
    }

    def case_of(kind: str, wrong: str, clean: str, document: Document) -> Case | None:
        asked = [
            words(text) if kind != UNFINISHED else (*words(text)[:-1], words(text)[-1] + "*") for text in (wrong, clean)
        ]
        others = () if kind in in_titles else titles.keys() - twins[document.id]
        if any(fits(asked[1], titles[id]) for id in others):
            return None
        right = dict.fromkeys(twins[document.id], 1)
        return Case(kind, wrong, asked[0], right, Case(kind, clean, asked[1], right))

    cases: list[Case] = []
    for kind, draw in draws.items():
        chance = random.Random(f"{seed} {kind}")
        drawn = ((document, draw(chance, document.title)) for document in chance.sample(documents, len(documents)))
        made = (case_of(kind, *texts, document) for document, texts in drawn if texts)
        cases += islice(filter(None, made), count)
    return cases


def read_misspellings(path: Path, edits: int | None = None) -> dict[str, list[str]]:
    """By word what people wrote for it, in letters alone and with at most so many edits; without the file nothing."""
    found: dict[str, list[str]] = {}
    if path.is_file():
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                if row["misspelling"].isalpha() and (edits is None or int(row["damerau_osa_distance"]) <= edits):
                    found.setdefault(row["correct"].lower(), []).append(row["misspelling"].lower())
    return found


def rarest(holding: Mapping[str, int], title: str) -> tuple[str, ...]:
    """The two words of four letters and more that the fewest posts hold, but two at least, in their order; or none."""
    # A word that one post holds finds it alone, whatever becomes of the other.
    long = [word for word in dict.fromkeys(LETTERS.findall(title.lower())) if holding[word] >= LEAST_POSTS]
    few = sorted(long, key=lambda word: (holding[word], word))[:2]
    return tuple(word for word in long if word in few) if len(few) == 2 else ()


def two_words(
    holding: Mapping[str, int], misspell: Misspell, chance: random.Random, title: str
) -> tuple[str, str] | None:
    """The two rarest words, either of them misspelled."""
    pair = rarest(holding, title)
    for place in chance.sample(range(len(pair)), len(pair)):
        if (wrong := misspell(chance, pair[place])) and wrong not in holding:
            return " ".join((*pair[:place], wrong, *pair[place + 1 :])), " ".join(pair)
    return None


def joined(holding: Mapping[str, int], _chance: random.Random, title: str) -> tuple[str, str] | None:
    """The two rarest words as one."""
    wrong = "".join(pair := rarest(holding, title))
    return (wrong, " ".join(pair)) if pair and wrong not in holding else None


def unfinished(
    holding: Mapping[str, int], held: Sequence[str], chance: random.Random, title: str
) -> tuple[str, str] | None:
    """The rarest words, the last cut short with an edit in it, so that no word begins like it."""
    if not (pair := rarest(holding, title)) or len(pair[1]) < CUT_LETTERS:
        return None
    typed = pair[1][: round(len(pair[1]) * TYPED_SHARE)]
    wrong = one_edit(chance, typed)
    place = bisect_left(held, wrong)
    begins = place < len(held) and held[place].startswith(wrong)
    return None if begins else (f"{pair[0]} {wrong}", f"{pair[0]} {typed}")


def whole_title(
    holding: Mapping[str, int], misspell: Misspell, chance: random.Random, title: str
) -> tuple[str, str] | None:
    """The title with one of its words misspelled, where it has another word too."""
    found = list(LETTERS.finditer(title)) if len(words(title)) > 1 else []
    for word in chance.sample(found, len(found)):
        if (wrong := misspell(chance, word[0].lower())) and wrong not in holding:
            return title[: word.start()] + wrong + title[word.end() :], title
    return None


def by_people(holding: Mapping[str, int], listed: Mapping[str, Sequence[str]], chance: random.Random, word: str) -> str:
    """What people wrote for the word."""
    unheld = [wrong for wrong in listed.get(word, ()) if wrong not in holding]
    return chance.choice(unheld) if unheld else ""


def one_edit(chance: random.Random, word: str) -> str:
    """The word with a letter dropped, added, changed, or swapped with the next; not the first."""
    place = chance.randrange(1, len(word) - 1)
    before, letter, after = word[:place], word[place], word[place + 1 :]
    drawn = chance.choice(ascii_lowercase)
    return chance.choice(
        (
            before + after,
            before + drawn + letter + after,
            before + drawn + after,
            before + after[0] + letter + after[1:],
        )
    )


def first_letter_wrong(chance: random.Random, word: str) -> str:
    return chance.choice(ascii_lowercase) + word[1:]


def split(chance: random.Random, word: str) -> str:
    """The word cut in two, of two letters or more each."""
    if len(word) < CUT_LETTERS:
        return ""
    end = chance.randint(2, len(word) - 2)
    return f"{word[:end]} {word[end:]}"
