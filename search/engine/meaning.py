"""Meaning: the best posts for a long question are rescored by how near they are to what it means (see `similarity`).

Words find the posts, and their scores say where all others stand. Few words, and what is asked for word for word or in
a field, name a post rather than a meaning: these are left alone. Where words find few posts, those nearest in meaning
are told beside them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.embedding import Embedder
from index.segments.segment import Embeddings
from search.engine.ranking import Candidates
from search.engine.segment_reader import SegmentReader
from search.engine.similarity import Floats, meaning_factor
from search.engine.snapshot_reader import Findable
from search.engine.terms import Ints
from search.matches import Match
from search.query import Query, Word, options_of

__all__ = ["is_embedded", "meaning_of", "meant_words", "related"]

MIN_TELLING_WORDS = 5
"""A question of fewer words that are no stop words is left alone: a post that holds them all is likely meant."""

FEW_MATCHES = 3
"""A query that fewer posts match has related ones told."""

MAX_RELATED = 5
"""How many posts are told as related."""

MIN_RELATED_COSINE = 0.3
"""Nonsense, and what no post is about, stays below this with all posts that were tried."""

BLOCK_DOCUMENTS = 1 << 13
"""The embeddings of how many documents are made fractions of at a time, at 4 bytes a number."""


def is_embedded(segments: Sequence[SegmentReader], embedder: Embedder) -> bool:
    """Whether the model embedded the documents of any segment; also true where there are none."""
    models = {reader.segment.records.embeddings.model.tobytes() for reader in segments}
    return not models or embedder.id in models


def meaning_of(
    query: Query, embedder: Embedder | None, segments: Sequence[SegmentReader], *, least_words: int = MIN_TELLING_WORDS
) -> QueryMeaning | None:
    """What the query means; None without a model, for fewer telling words, and for a query that is left alone."""
    words = meant_words(query, least_words) if embedder else ""
    if not embedder or not words:
        return None
    return QueryMeaning(words, embedder, [reader.segment.records.embeddings for reader in segments])


def related(query: Query, embedder: Embedder | None, found: Sequence[Ints], findable: Findable) -> tuple[Match, ...]:
    """The posts nearest to the query in meaning, of those that its filters let pass and its words don't find.

    `found` are the documents that the words find in each segment. None are told beside enough of them, nor beside a
    later page.
    """
    segments = findable.segments
    if sum(map(len, found)) >= FEW_MATCHES or query.page > 1:
        return ()
    meaning = meaning_of(query, embedder, segments, least_words=1)
    if not meaning:
        return ()
    near: list[tuple[float, int, int]] = []
    for number, (matched, (reader, mask)) in enumerate(zip(found, findable, strict=True)):
        passing = reader.columns.passing(query.filters)
        others = mask.copy() if passing is None else mask & passing
        others[matched] = False
        doc_ids = np.flatnonzero(others)
        cosines = meaning.cosines(number, doc_ids)
        rows = np.flatnonzero(cosines >= MIN_RELATED_COSINE)
        near += zip((-cosines[rows]).tolist(), [number] * len(rows), doc_ids[rows].tolist(), strict=True)
    return tuple(
        Match.unmarked(segments[number].documents[doc_id], -cosine)
        for cosine, number, doc_id in sorted(near)[:MAX_RELATED]
    )


class QueryMeaning:
    """Compares what the words of a query mean with the documents of all segments, by the embeddings of one model."""

    def __init__(self, words: str, embedder: Embedder, embeddings: Sequence[Embeddings]) -> None:
        self._model = embedder.id
        self._vector = embedder.embed(words)
        self._embeddings = embeddings

    def factors(self, found: Candidates) -> Floats:
        """What the score of each document is to be multiplied by: 1 and more."""
        factors = np.ones(len(found))
        for number in set(found.segment.tolist()):
            rows = np.flatnonzero(found.segment == number)
            factors[rows] = meaning_factor(self.cosines(number, found.doc_id[rows]))
        return factors

    def cosines(self, segment: int, doc_ids: Ints) -> NDArray[np.float32]:
        """Those of the angles between the query and documents of a segment; 0 where another model embedded these."""
        embeddings = self._embeddings[segment]
        vectors = embeddings.vectors
        if embeddings.model.tobytes() != self._model or vectors.shape[1] != len(self._vector):
            return np.zeros(len(doc_ids), np.float32)
        cosines = np.empty(len(doc_ids), np.float32)
        for first in range(0, len(doc_ids), BLOCK_DOCUMENTS):
            block = slice(first, first + BLOCK_DOCUMENTS)
            rows = vectors[doc_ids[block]].astype(np.float32)
            cosines[block] = rows @ self._vector / np.maximum(np.linalg.norm(rows, axis=1), 1)
        return cosines


def meant_words(query: Query, least_words: int = MIN_TELLING_WORDS) -> str:
    """The words of a query whose meaning counts; none where they are fewer than `least_words`, or it is left alone."""
    telling = [clause for clause in query.clauses if not clause.weak]
    options = [option for clause in telling for option in options_of(clause)]
    words = [option for option in options if isinstance(option, Word) and option.field is None]
    # The last word may be still being typed; other beginnings of words mean nothing.
    begun = sum(word.prefix for word in words)
    if query.excluded or len(words) < len(options) or begun > 1 or len(set(telling)) < least_words:
        return ""
    return " ".join(word.text for word in words)
