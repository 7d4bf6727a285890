"""The cheap scan of a text for words that could hold one of some terms, ahead of the analysis that decides.

In go the terms, and the stemmer of the text's language; out come the places of words. It leaves out no word in which
the analysis would find a term: in a word of ASCII, a term stands letter by letter, but for hyphens and apostrophes
within and for the last letters of a stem (`CHANGED`); words with other letters are never left out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

__all__ = ["Scan", "around", "first_of", "lowered"]

LONGEST_WORD = 50_000
LONGEST_CORE = 20

BREAK = re.compile(r"[\s,;:!?()\[\]{}<>/\\\"|=*。，、！？：；「」『』（）“”–—…]")
"""Signs that are part of no word: a text can be cut there and its words stay what they are."""

OTHER = r"[^\x00-\x7f。，、！？：；「」『』（）“”–—…’]"
JOINT = "['’-]?"

CHANGED = {
    "": 0, "catalan": 1, "danish": 0, "english": 1, "french": 2, "hungarian": 1, "italian": 1, "norwegian": 0,
    "portuguese": 0, "romanian": 1, "spanish": 1, "swedish": 0,
}  # fmt: skip
"""How many letters at the end of a stem may differ from the word, by stemmer; of others all words are looked at."""


class Scan:
    """Finds the words of texts in which one of the terms, or what begins like it, could be."""

    def __init__(self, terms: Collection[str], stemmer: str) -> None:
        cores = {core(term, stemmer) for term in terms}
        likely = any_of([JOINT.join(map(re.escape, core)) for core in shortest(cores)])
        self.in_ascii = re.compile(likely if stemmer in CHANGED else r"\w")
        self.in_other = re.compile(f"{self.in_ascii.pattern}|{OTHER}")

    def words(self, text: str) -> Iterator[tuple[int, int]]:
        """The words that are to be looked at, in order."""
        probe = self.in_ascii if text.isascii() else self.in_other
        low = lowered(text)
        end = 0
        while hit := probe.search(low, end):
            start, end = around(text, end, hit.start())
            if start < end:
                yield start, end
            end = max(end, hit.start() + 1)


def core(term: str, stemmer: str) -> str:
    """What of the term stands in any word of ASCII that gives it."""
    changed = CHANGED.get(stemmer, 0)
    if stemmer == "english":
        # `dying` gives `die`; else only these letters come in place of others: happy, hoping, skies, ability.
        changed = 2 if term[1:] == "ie" else 1 if term[-1:] in set("ieyl") else 0
    return term[: max(1, len(term) - changed)][:LONGEST_CORE]


def shortest(cores: Collection[str]) -> list[str]:
    """The texts without those that hold another of them."""
    return [c for c in sorted(cores) if not any(other != c and other in c for other in cores)]


def any_of(patterns: Collection[str]) -> str:
    return "|".join(patterns) or r"(?!)"


def lowered(text: str) -> str:
    """The text in lower case, each character where it was; only `İ` would become two."""
    return text.replace("İ", "ı").lower()


def first_of(terms: Collection[str], low: str, start: int) -> int:
    """Where the first of the terms stands as it is in a lowered text, from `start` on, or -1."""
    hit = re.compile(any_of([re.escape(term) for term in shortest(terms)])).search(low, start)
    return hit.start() if hit else -1


def around(text: str, floor: int, place: int) -> tuple[int, int]:
    """The word in which a place of the text is, as far as it lies beyond `floor`; of endless ones, what is near."""
    floor, ceiling = max(floor, place - LONGEST_WORD), min(len(text), place + LONGEST_WORD)
    start = max(text.rfind(" ", floor, place), text.rfind("\n", floor, place), floor - 1) + 1
    if place - start > 100:
        for found in BREAK.finditer(text, start, place):
            start = found.end()
    stop = BREAK.search(text, place, ceiling)
    return start, stop.start() if stop else ceiling
