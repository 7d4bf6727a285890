"""Similarity: how well a document answers a query, as one formula.

score = words · title · tags · all words · boost · freshness · meaning, where

- words is the sum of the scores of the query's words: idf · (K1 + 1) · tf / (tf + K1). tf is the word's weighted
  frequency: over the fields that hold it, the sum of weight · count / (1 - B + B · length / mean length). This is BM25F
  of Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with Lucene's
  idf = ln(1 + (N - n + ½) / (n + ½)) for N documents, n of which hold the word in the field that most do. Of the forms
  of a word, as typed, as stems and as its parts in a row, the best counts; in a row the idf of all parts is added up. A
  word that was typed twice counts twice, a stop word beside others `STOP_WORD_SHARE`.
  What stands in for a word counts by its share, here and below, and is worth no more than the first option.
- title is 1 + TITLE_LIFT · T² · C, with T the share of the query's idf that the title holds, and C the share of the
  title's words that are in the query; tags is 1 + TAGS_LIFT · G, with G the share of the idf that tags hold.
- all words is `ALL_WORDS_LIFT` where every word is held, but for stop words.
- boost is the post's own, and freshness 1 + FRESHNESS · 2^(-age / HALF_LIFE_SECONDS).
- meaning is 1 + MEANING_LIFT · max(0, cos), with cos that of the angle between the embeddings of the post and of the
  query's words. It is 1 without a model, for queries that `meaning` leaves alone, and for all but the best
  `ranking.MAX_RESCORED` posts.

The constants were chosen on judged collections, known items and questions together, and all lie on a plateau. The
weights of the fields are those of `index.schema.FIELDS`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache, partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.schema import FIELDS
from index.segments.lengths import LENGTHS
from search.engine.segment_reader import SegmentReader
from search.engine.terms import MAX_CACHED_TERMS, Ints, TermDictionary

__all__ = [
    "ALL_WORDS_LIFT",
    "BOUND_ROUNDING",
    "FRESHNESS",
    "HALF_LIFE_SECONDS",
    "MAX_COUNT",
    "MEANING_LIFT",
    "PREFIX_SHARE",
    "STOP_WORD_SHARE",
    "CollectionStatistics",
    "Factors",
    "Floats",
    "SegmentStatistics",
    "freshness",
    "meaning_factor",
    "saturated",
    "tags_factor",
    "title_factor",
]

Floats = NDArray[np.float64]

K1 = 1.2
"""How soon a further occurrence of a word counts for little."""

B = 0.8
"""How much of the length of a text counts against its words."""

STOP_WORD_SHARE = 0.25
"""The idf of a stop word beside other words, against that of the same word alone."""

PREFIX_SHARE = 0.8
"""The score of a word that begins as asked, against that of the word itself."""

MAX_COUNT = 15
"""From so many occurrences on a word may be worth as much as any number of them, where it is not looked at closely."""

BOUND_ROUNDING = 1e-5
"""By how much bounds are raised, so that they are some even where they are rounded and added up as 32 bits."""

TITLE_LIFT = 4.0
TAGS_LIFT = 0.5
ALL_WORDS_LIFT = 1.2

FRESHNESS = 0.2
"""By how much of its score a post of today is lifted."""

HALF_LIFE_SECONDS = 730 * 86400.0
"""The time in which the lift by freshness halves: two years."""

MEANING_LIFT = 3.0
"""By how often its score a post is lifted that means just what is asked for."""


class CollectionStatistics(ABC):
    """What scoring needs to know of all documents of a commit together, those that are deleted included.

    `langs` are the languages of the documents, in lower case.
    """

    def __init__(self, langs: Iterable[str], doc_count: int, token_counts: Ints) -> None:
        """`token_counts` [fields] are the numbers of tokens in each field of all documents."""
        self.langs = frozenset(langs)
        self._doc_count = doc_count
        means = np.where(token_counts > 0, token_counts / max(doc_count, 1), 1.0)
        weights = np.array([field.weight for field in FIELDS])
        # [fields, 256]: what one occurrence of a word adds to its weighted frequency, by the code of the length.
        self._shares = weights[:, np.newaxis] / (1 - B + B * LENGTHS / means[:, np.newaxis])

    @cached_property
    def bounds(self) -> NDArray[np.float32]:
        """What the score of a word does not exceed for an idf of 1, for each field by count and code of the length; the
        last count stands for all greater ones."""
        scores = saturated(self._shares[:, np.newaxis] * np.arange(MAX_COUNT + 1)[:, np.newaxis])
        scores[:, MAX_COUNT] = MAX_SATURATED
        return (scores * (1 + BOUND_ROUNDING)).astype(np.float32).reshape(len(FIELDS), -1)

    @abstractmethod
    def doc_freqs(self, term: str, *, prefix: bool = False) -> Sequence[int]:
        """How many documents hold a term, or anything that begins with it, in each field."""

    @abstractmethod
    def lang_counts(self, term: str) -> Mapping[str, int]:
        """How many documents of each language hold a term, in any field."""

    def doc_freq(self, term: str, fields: Iterable[int], *, prefix: bool = False) -> int:
        """How many documents hold a term, or anything that begins with it, in that of some fields in which most do."""
        counts = self.doc_freqs(term, prefix=prefix)
        return max(map(counts.__getitem__, fields))

    def idf(self, term: str, fields: Iterable[int]) -> float:
        """The inverse document frequency of a term in some fields."""
        return self._idf(self.doc_freq(term, fields))

    def prefix_idf(self, prefix: str, fields: Iterable[int]) -> float:
        """That of whatever begins so, as if it were one term."""
        return self._idf(self.doc_freq(prefix, fields, prefix=True))

    def _idf(self, doc_frequency: int) -> float:
        return float(np.log1p((self._doc_count - doc_frequency + 0.5) / (doc_frequency + 0.5)))

    def idfs(self, doc_frequencies: Ints) -> Floats:
        """The inverse document frequencies of terms that so many documents hold."""
        idfs: Floats = np.log1p((self._doc_count - doc_frequencies + 0.5) / (doc_frequencies + 0.5))
        return idfs

    def frequencies(self, fields: Ints, sizes: Ints, lengths: NDArray[np.uint8], counts: NDArray[np.integer]) -> Floats:
        """What each of some fields adds to the weighted frequencies of documents that hold a word so often in it.

        So many documents (`sizes`) of each field follow those of the one before; `lengths` are the codes of the lengths
        of the field in them.
        """
        shares: Floats = self._shares.ravel().take((fields * len(LENGTHS)).repeat(sizes) + lengths)
        return shares * counts


class SegmentStatistics(CollectionStatistics):
    """Those of the segments of a commit."""

    def __init__(self, readers: Sequence[SegmentReader]) -> None:
        terms = [reader.terms for reader in readers]
        self._doc_freqs = lru_cache(MAX_CACHED_TERMS)(partial(count_docs, terms))
        self._lang_counts = lru_cache(MAX_CACHED_TERMS)(partial(count_langs, readers))
        langs = (name for reader in readers for name in reader.columns.lang.names)
        token_counts = sum((one.token_counts for one in terms), np.zeros(len(FIELDS), np.int64))
        super().__init__(langs, sum(one.doc_count for one in terms), token_counts)

    def doc_freqs(self, term: str, *, prefix: bool = False) -> Sequence[int]:
        return self._doc_freqs(term, prefix)

    def lang_counts(self, term: str) -> Mapping[str, int]:
        return self._lang_counts(term)


def count_docs(segments: Sequence[TermDictionary], term: str, prefix: bool) -> Sequence[int]:
    """How many documents of some segments hold a term, or anything that begins with it, in each field."""
    counts = [0] * len(FIELDS)
    for terms in segments:
        sizes = terms.prefix_docs(term).sizes if prefix else terms.sizes(term)
        for field, size in sizes.items():
            counts[field] += size
    return counts


def count_langs(readers: Sequence[SegmentReader], term: str) -> Mapping[str, int]:
    """How many documents of some segments hold a term, by their languages."""
    counts: Counter[str] = Counter()
    for reader in readers:
        counts.update(reader.lang_counts(term))
    return counts


MAX_SATURATED = K1 + 1
"""The score to which ever higher frequencies come near, for an idf of 1."""


def saturated(frequencies: Floats) -> Floats:
    """The scores of weighted frequencies for an idf of 1."""
    scores: Floats = frequencies * (K1 + 1) / (frequencies + K1)
    return scores


class Factors(NamedTuple):
    """The factors of the scores of some documents, each an array with a row for each; their names are as above."""

    words: Floats
    title: Floats
    tags: Floats
    all_words: Floats

    @property
    def product(self) -> Floats:
        """The scores, before what does not depend on the query: boost and freshness."""
        return self.words * self.title * self.tags * self.all_words


def title_factor(idf_share: Floats, words_share: Floats) -> Floats:
    """By the share of the query's idf that the title holds, and that of the title's words that are in the query."""
    return 1 + TITLE_LIFT * idf_share**2 * words_share


def tags_factor(idf_share: Floats) -> Floats:
    """By the share of the query's idf that tags hold."""
    return 1 + TAGS_LIFT * idf_share


def freshness(dates: Floats, now: float) -> Floats:
    """By the date, in seconds since 1970; a post without one (NaN) is treated as one a half-life old."""
    age = np.maximum(now - dates, 0.0)
    factor: Floats = 1.0 + FRESHNESS * np.exp2(np.where(np.isnan(age), -1.0, age / -HALF_LIFE_SECONDS))
    return factor


def meaning_factor(cosines: NDArray[np.float32]) -> Floats:
    """By the cosines of the angles between the embeddings of documents and of the query."""
    return 1 + MEANING_LIFT * np.maximum(cosines, 0).astype(np.float64)
