"""The names of one segment: the titles, tags and headings of its posts, and which of them complete a text being typed.

A name completes the text if it holds all its words, the last of which may be the beginning of one; phrases in names do
if they begin with it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple, get_args

import numpy as np

from index.analysis import STOP_WORDS, fold
from index.analysis.names import MAX_SUGGESTED_CHARS, NAME_WORD, words_of
from index.arrays import distinct, joined_ranges
from index.segments.segment import DocValues
from search.engine.columns import Mask, NameIndex
from search.engine.terms import Ints, begun_with
from search.matches import SuggestionKind

__all__ = ["HEADING", "KINDS", "MAX_PHRASE_PLACES", "PHRASE", "TAG", "TITLE", "Completion", "SegmentNames"]

KINDS = get_args(SuggestionKind)
"""What may complete a text; of two that are equal in all else, the former kind comes first."""

TITLE, TAG, HEADING, PHRASE = range(4)

PHRASE_WORDS = range(2, 5)

HASH_FACTOR = np.uint64(0x9E3779B97F4A7C15)
"""Odd, and without a pattern: of a hundred thousand phrases two share a hash once in a billion cases."""

MAX_PHRASE_PLACES = 2000
"""How often a text may stand in names for that phrases are looked for that begin with it."""


class Completion(NamedTuple):
    """A name or phrase that completes a text: as it is shown, the words that it is compared by, a number in `KINDS`.

    `begins` says that it begins with the text, `whole` that it holds the last word as it was typed. It stands in so
    many `posts`, the newest of this `day` (an ordinal). `name` is its number in the segment, or -1 for a phrase.
    """

    text: str
    words: str
    kind: int
    begins: bool
    whole: bool
    posts: int
    day: int = 0
    segment: int = -1
    name: int = -1

    @property
    def rank(self) -> tuple[object, ...]:
        """What it is sorted by, the best first."""
        counted = 1 if self.kind == HEADING else self.posts  # what many posts have, such as "Conclusion", tells little
        return not self.begins, not self.whole, -counted, self.kind, -self.day, self.text


class SegmentNames:
    """The titles, tags and headings of one segment, in arrays. Shared between threads: nothing changes in it.

    `words` are the words of all names, name after name, as numbers in the sorted `vocabulary`, with -1 behind the last
    of each name; `name_of` says whose they are. The documents of name i are `doc_ids[starts[i]:starts[i + 1]]`.
    """

    def __init__(self, doc_values: DocValues) -> None:
        self.texts: list[str] = []
        kinds: list[int] = []
        pairs = [np.zeros(0, np.int64)]  # of names with their documents, each as one number
        numbers: dict[str, int] = {}
        words: list[int] = []
        sizes: list[int] = []
        for kind, names in enumerate(map(NameIndex, (doc_values.titles, doc_values.tags, doc_values.headings))):
            # Names of the same words are one.
            ids = np.full(len(names.names), -1, np.int64)
            known: dict[tuple[str, ...], int] = {}
            for code, text in enumerate(names.names):
                found = words_of(text) if len(text) <= MAX_SUGGESTED_CHARS else ()
                if found and found not in known:
                    known[found] = len(self.texts)
                    self.texts.append(text)
                    kinds.append(kind)
                    words += [numbers.setdefault(word, len(numbers)) for word in found]
                    words.append(-1)
                    sizes.append(len(found) + 1)
                ids[code] = known.get(found, -1)
            kept = ids[names.codes] >= 0
            pairs.append((ids[names.codes] * names.doc_count + names.doc_ids)[kept])
        self.kinds = np.array(kinds, np.int64)
        self.doc_count = max(len(doc_values.day), 1)
        name_docs = distinct(np.concatenate(pairs))
        self.doc_ids, self.names_of_docs = name_docs % self.doc_count, name_docs // self.doc_count
        self.starts = self.names_of_docs.searchsorted(np.arange(len(self.texts) + 1))
        self.days = np.zeros(len(self.texts), np.int64)
        np.maximum.at(self.days, self.names_of_docs, doc_values.day[self.doc_ids])

        self.vocabulary = sorted(numbers)
        ranks = np.full(len(numbers) + 1, -1, np.int32)  # the last one is for -1
        ranks[[numbers[word] for word in self.vocabulary]] = np.arange(len(numbers))
        self.words = ranks[words]
        self.name_of = np.repeat(np.arange(len(self.texts)), sizes)
        # The places of each word, one word after the other.
        self.by_word = np.argsort(self.words, kind="stable")
        self.word_starts = self.words[self.by_word].searchsorted(np.arange(len(numbers) + 1))
        self.is_stop_word = np.array([word in STOP_WORDS for word in self.vocabulary], np.bool_)

    def posts(self, findable: Mask) -> Ints:
        """In how many of the documents each name stands."""
        return np.bincount(self.names_of_docs[findable[self.doc_ids]], minlength=len(self.texts))

    def docs(self, name: int, findable: Mask) -> Ints:
        """Those of the documents that have a name."""
        docs: Ints = self.doc_ids[self.starts[name] : self.starts[name + 1]]
        return docs[findable[docs]]

    def complete(
        self, typed: Sequence[str], *, prefix: bool, count: int, posts: Ints, findable: Mask
    ) -> Iterator[Completion]:
        """What completes the words typed, of which there is at least one: the best here, enough for `count` in the end.

        `prefix` says that the last may be the beginning of one; `posts` are those of the names among `findable`.
        """
        spans = [self.span(word) for word in typed[:-1]] + [self.span(typed[-1], prefix=prefix)]
        exact = self.span(typed[-1])
        held = posts > 0
        for span in spans:
            held &= self.names_at(self.places(span))
        whole = self.names_at(self.places(exact))
        # Where the words follow one another as typed; beyond the last name, as behind each, stands -1.
        places = self.places(spans[0])
        for distance, (first, last) in enumerate(spans[1:], 1):
            words = self.words.take(places + distance, mode="clip")
            places = places[(words >= first) & (words < last)]
        begins = self.names_at(places[self.words[places - 1] < 0])

        names = np.flatnonzero(held)
        kinds = self.kinds[names]
        # What a completion is ranked by in one number: to sort by several keys is what would take time.
        rank = (begins * 2 + whole)[names] << 60
        rank += (np.where(kinds == HEADING, 1, posts[names]) << 32) - (kinds << 24) + self.days[names]
        if len(names) > 2 * count:  # a tag may be a title too
            best = np.argpartition(-rank, 2 * count)[: 2 * count]
            names, kinds = names[best], kinds[best]
        for name, kind in zip(names.tolist(), kinds.tolist(), strict=True):
            yield Completion(
                text=self.texts[name],
                words=" ".join(words_of(self.texts[name])),
                kind=kind,
                begins=bool(begins[name]),
                whole=bool(whole[name]),
                posts=int(posts[name]),
                day=int(self.days[name]),
                name=name,
            )
        places = places[posts[self.name_of[places]] > 0]
        if places.size <= MAX_PHRASE_PLACES:
            for size in PHRASE_WORDS:
                if size >= len(typed):
                    found = self.phrases(places, size, findable, exact[0] if exact[0] < exact[1] else -1, len(typed))
                    yield from islice(found, count)

    def span(self, word: str, *, prefix: bool = False) -> tuple[int, int]:
        """The numbers [first, last) of a word, or of all that begin with it."""
        if prefix:
            return begun_with(self.vocabulary, word)
        first = bisect_left(self.vocabulary, word)
        return first, first + (self.vocabulary[first : first + 1] == [word])

    def places(self, span: tuple[int, int]) -> Ints:
        """Where words with these numbers stand."""
        return self.by_word[self.word_starts[span[0]] : self.word_starts[span[1]]]

    def names_at(self, places: Ints) -> Mask:
        """The names that stand at some places."""
        mask = np.zeros(len(self.texts), np.bool_)
        mask[self.name_of[places]] = True
        return mask

    def phrases(self, places: Ints, size: int, findable: Mask, exact: int, typed: int) -> Iterator[Completion]:
        """The phrases of `size` words that begin at some places, those in the most posts first.

        So many words of them are typed, the last of which is as it was typed where its number is `exact`.
        """
        words = self.words.take(places[:, np.newaxis] + np.arange(size), mode="clip")
        # All words are of one name, and a phrase neither begins nor ends in a stop word.
        kept = (words >= 0).all(axis=1) & ~self.is_stop_word[words[:, 0]] & ~self.is_stop_word[words[:, -1]]
        places, words = places[kept], words[kept]
        hashes = np.zeros(len(places), np.uint64)
        for column in words.T:
            hashes = hashes * HASH_FACTOR + column.astype(np.uint64)
        _, first, phrase = np.unique(hashes, return_index=True, return_inverse=True)
        # The documents of the names, each once a phrase.
        names = self.name_of[places]
        counts = self.starts[names + 1] - self.starts[names]
        docs = self.doc_ids[joined_ranges(self.starts[names], counts)]
        pairs = (np.repeat(phrase, counts) * self.doc_count + docs)[findable[docs]]
        posts = np.bincount(distinct(pairs) // self.doc_count, minlength=len(first))
        for number in np.argsort(-posts, kind="stable").tolist():
            row = first[number]
            key, text = " ".join(map(self.vocabulary.__getitem__, words[row])), self.text_at(int(places[row]), size)
            if fold(text) == key:  # nothing but blanks between the words
                whole = bool(words[row, typed - 1] == exact)
                yield Completion(text, key, PHRASE, begins=True, whole=whole, posts=int(posts[number]))

    def text_at(self, place: int, size: int) -> str:
        """Some words of a name as they stand there; as they are compared, where folding changes their length."""
        name = int(self.name_of[place])
        text, folded = self.texts[name], fold(self.texts[name])
        found = list(NAME_WORD.finditer(folded))
        first = place - int(self.name_of.searchsorted(name))
        shown = text if len(text) == len(folded) else folded
        return shown[found[first].start() : found[first + size - 1].end()]
