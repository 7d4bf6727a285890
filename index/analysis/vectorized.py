"""Tokenizes many texts at once, into arrays; the tokens are those that `tokenize` finds.

It is quick because a chunk (what stands between blanks and punctuation) is analysed only when it is met for the first
time: all texts are cut by one call, each chunk becomes a number, and the numbers become tokens by lookups in arrays.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from index.analysis.cuts import cuts
from index.analysis.stems import stemmer_for
from index.analysis.tokens import chunk_terms
from index.arrays import Array, joined_ranges

__all__ = ["BatchTokenizer", "Tokens"]


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a batch of texts, in the order of the texts; arrays have a row for each token.

    `terms[term[i]]` is the term of token i; `words` are the numbers of the terms that stand in some text as they are,
    not only as stems or in another spelling. `text[i]` is the number of its text, `position[i]` its position in it
    (words counted from 0), and it stands in the `width[i]` characters from `start[i]` on. `spans[j]` is the number of
    positions that text j takes.
    """

    terms: list[str]
    words: set[int]
    term: Array
    text: Array
    position: Array
    start: Array
    width: Array
    spans: Array


class BatchTokenizer:
    """Takes texts one by one, and gives the tokens of all of them."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._algorithms: list[str] = []

    def add(self, text: str, lang: str) -> None:
        """Add a text in a language."""
        self._texts.append(text)
        self._algorithms.append(stemmer_for(lang))

    def tokens(self) -> Tokens:
        """The tokens of all texts."""
        vocabulary = Vocabulary()
        chunks = chunks_of(self._texts)
        numbers: list[int] = []
        done = 0
        for algorithm, count in zip(self._algorithms, chunks.counts.tolist(), strict=True):
            numbers += map(vocabulary.numbering(algorithm), chunks.texts[done : done + count])
            done += count
        return expanded(np.array(numbers, np.int32), chunks, vocabulary)


def expanded(numbers: Array, chunks: Chunks, vocabulary: Vocabulary) -> Tokens:
    """The tokens of chunks that are given by their numbers in the vocabulary."""
    table = vocabulary.table()
    spans = table.spans[numbers]
    # Positions of all texts in a row; below, those of each text begin at 0 again.
    after = np.concatenate([[0], np.cumsum(spans)])
    ends = after[np.cumsum(chunks.counts)]
    first = np.concatenate([[0], ends[:-1]])[: len(ends)]
    position = (after[:-1] - np.repeat(first, chunks.counts)).astype(np.int32)
    sizes = table.first[numbers + 1] - table.first[numbers]
    rows = joined_ranges(table.first[numbers], sizes)
    text = np.repeat(np.arange(len(ends), dtype=np.int32), chunks.counts)
    return Tokens(
        terms=vocabulary.terms,
        words=vocabulary.words,
        term=table.term[rows],
        text=np.repeat(text, sizes),
        position=np.repeat(position, sizes) + table.position[rows],
        start=np.repeat(chunks.starts, sizes) + table.start[rows],
        width=table.width[rows],
        spans=ends - first,
    )


@dataclass(frozen=True, slots=True)
class Chunks:
    """The chunks of all texts in a row: where each begins in its text, and how many there are in each text."""

    texts: list[str]
    starts: Array
    counts: Array


def chunks_of(texts: list[str]) -> Chunks:
    """The chunks of the texts, all cut at once."""
    whole = "\n".join(texts)
    begins = np.cumsum([0, *(len(text) + 1 for text in texts)])
    starts, ends = cuts(whole)
    found = [whole[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    counts = np.diff(np.searchsorted(starts, begins))
    return Chunks(found, (starts - np.repeat(begins[:-1], counts)).astype(np.int32), counts)


@dataclass(frozen=True, slots=True)
class Table:
    """The distinct chunks of a batch.

    `spans[i]` is how many positions chunk i takes; its tokens are the rows `first[i]` to `first[i + 1]`: term number,
    position and start in the chunk, and width.
    """

    first: Array
    spans: Array
    term: Array
    position: Array
    start: Array
    width: Array


@dataclass(slots=True)
class Vocabulary:
    """The distinct chunks and terms that were met, each with its number."""

    terms: list[str] = field(default_factory=list)
    words: set[int] = field(default_factory=set)
    _numbers: dict[str, int] = field(default_factory=dict)
    _lookups: dict[str, Lookup] = field(default_factory=dict)
    _spans: list[int] = field(default_factory=list)
    _sizes: list[int] = field(default_factory=list)
    _rows: array[int] = field(default_factory=lambda: array("i"))

    def numbering(self, algorithm: str) -> Callable[[str], int]:
        """A function that gives the number of a chunk in texts stemmed by this algorithm."""
        if algorithm not in self._lookups:
            self._lookups[algorithm] = Lookup(lambda chunk: self._add(chunk, algorithm))
        return self._lookups[algorithm].__getitem__

    def _add(self, chunk: str, algorithm: str) -> int:
        span, before = 0, len(self._rows)
        for term, position, start, end, derived in chunk_terms(chunk, algorithm):
            number = self._numbers.get(term)
            if number is None:
                number = self._numbers[term] = len(self.terms)
                self.terms.append(term)
            if not derived:
                self.words.add(number)
            self._rows.extend((number, position, start, end - start))
            if position >= span:
                span = position + 1
        self._spans.append(span)
        self._sizes.append((len(self._rows) - before) // 4)
        return len(self._sizes) - 1

    def table(self) -> Table:
        term, position, start, width = np.frombuffer(self._rows, np.int32).reshape(-1, 4).T.copy()
        first = np.concatenate([[0], np.cumsum(np.array(self._sizes, np.int64))])
        return Table(first, np.array(self._spans, np.int64), term, position, start, width)


class Lookup(dict[str, int]):
    """Numbers by chunk, as a dict, since `map` finds known ones without Python code; `add` numbers a new one."""

    def __init__(self, add: Callable[[str], int]) -> None:
        self.add = add

    def __missing__(self, chunk: str) -> int:
        number = self[chunk] = self.add(chunk)
        return number
