"""The vocabulary of some documents: their words as written, and which of them a misspelt one may be meant for.

An edit is a letter added, left out or changed, or two neighbours swapped. Near words begin with the same letter, or
differ in the first letter alone: most misspellings spare it, and to compare a word with all others takes ten times as
long.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from importlib import import_module
from itertools import chain
from typing import Self

import numpy as np

from index.analysis import is_plain_word
from index.arrays import sizes_of
from index.segments.segment import Postings
from search.engine.columns import Mask
from search.engine.terms import TermDictionary, begun_with
from search.matches import NearWord

__all__ = ["Vocabulary", "near_words"]


def near_words(
    segments: Iterable[tuple[Vocabulary, TermDictionary, Mask]], word: str, edits: int, *, begins: bool
) -> list[NearWord]:
    """The words of several segments that so many edits or fewer make of a word; with `begins` beginnings of words.

    Words of hidden posts alone are nobody's business: one counts where a document that its segment's mask names holds
    it.
    """
    found: dict[str, NearWord] = {}
    for vocabulary, terms, findable in segments:
        hidden = len(findable) - int(np.count_nonzero(findable))
        near = vocabulary.begun_near if begins else vocabulary.near
        for one in near(word, edits, partial(is_told, terms, findable, hidden)):
            key = one.begins or one.text
            before = found.get(key)
            found[key] = one._replace(posts=one.posts + (before.posts if before else 0))
    return list(found.values())


def is_told(terms: TermDictionary, findable: Mask, hidden: int, text: str, posts: int) -> bool:
    """Whether a findable document holds a word; which do needs to be known only where all of its may be `hidden`."""
    return posts > hidden or terms.is_held(text, findable)


def within(edits: int, word: str, texts: Sequence[str]) -> Sequence[tuple[str, int, int]]:
    """The texts that so many edits or fewer make of a word, each with how many these are, and its row."""
    # Loaded where a word is misspelt, which few are.
    scorer = import_module("rapidfuzz.distance").OSA.distance
    found: list[tuple[str, int, int]] = import_module("rapidfuzz.process").extract(
        word, texts, scorer=scorer, score_cutoff=edits, limit=None
    )
    return found


Told = Callable[[str, int], bool]
"""Whether a word that so many documents hold may be told of."""


class Vocabulary:
    """The words in order, with the number of documents that hold each.

    Words are given and found as `index.analysis` folds them, of letters alone.
    """

    def __init__(self, texts: Sequence[str], posts: Sequence[int]) -> None:
        self._texts = texts
        self._posts = posts
        # A dict of all words by their tails would take ten times as much memory as these hashes.
        hashes = np.fromiter((hash(text[1:]) for text in self._texts), np.int64)
        self._by_tail = np.argsort(hashes, kind="stable")  # in the order of the words
        self._tails = hashes[self._by_tail]

    @classmethod
    def of(cls, postings: Postings) -> Self:
        """That of a segment; of the documents, those count that hold a word in the field in which most do."""
        terms = [text.decode(errors="replace") for text in postings.terms]
        kept = [number for number in postings.words.tolist() if is_plain_word(terms[number])]
        sizes = sizes_of(postings.postings)
        most = np.maximum.reduceat(sizes, postings.entries[:-1]) if sizes.size else sizes
        return cls([terms[number] for number in kept], most[kept].tolist())

    def near(self, word: str, edits: int, is_told: Told = lambda *_: True) -> Iterator[NearWord]:
        """The words that this many edits or fewer make of a word, the first letter kept, or one edit in that."""
        if not edits:
            yield from (
                NearWord(word, 0, self._posts[row]) for row in self._find(word) if is_told(word, self._posts[row])
            )
            return
        first, last = begun_with(self._texts, word[0])
        likes = within(edits, word, self._texts[first:last])
        found = {first + row: distance for _, distance, row in likes}
        # The first letter is another or missing, one too many, or swapped with the second.
        for row in chain(
            self._ending_with(word[1:]),
            self._ending_with(word),
            self._find(word[1:]),
            self._find(word[1] + word[0] + word[2:]),
        ):
            found.setdefault(row, 1)
        for row, distance in found.items():
            if is_told(self._texts[row], self._posts[row]):
                yield NearWord(self._texts[row], distance, self._posts[row])

    def begun_near(self, beginning: str, edits: int, is_told: Told = lambda *_: True) -> Iterator[NearWord]:
        """The beginnings of words, as long or a letter longer or shorter, that so many edits or fewer make of one; each
        with the word that most posts hold of those that begin so."""
        first, last = begun_with(self._texts, beginning[0])
        sizes = range(len(beginning) - 1, len(beginning) + 2)
        begins = list(
            dict.fromkeys(text[:size] for size in sizes for text in self._texts[first:last] if len(text) >= size)
        )
        for text, distance, _ in within(edits, beginning, begins):
            rows = sorted(range(*begun_with(self._texts, text)), key=lambda row: -self._posts[row])
            row = next((row for row in rows if is_told(self._texts[row], self._posts[row])), None)
            if row is not None:
                yield NearWord(self._texts[row], distance, self._posts[row], text)

    def _find(self, text: str) -> list[int]:
        """The row of a word, if it is there."""
        row = bisect_left(self._texts, text)
        return [row] if self._texts[row : row + 1] == [text] else []

    def _ending_with(self, tail: str) -> list[int]:
        """The rows of the words that are this after their first letter."""
        first, last = (self._tails.searchsorted(hash(tail), side) for side in ("left", "right"))
        return [row for row in self._by_tail[first:last].tolist() if self._texts[row][1:] == tail]
