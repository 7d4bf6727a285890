"""Meaning: the best posts for a long question are rescored by how near they are to what it means (see `similarity`).

Words find the posts, and their scores say where all others stand. Few words, and what is asked for word for word or in
a field, name a post rather than a meaning: these are left alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.embedding import Embedder
from index.segments.segment import Embeddings
from search.engine.ranking import Candidates
from search.engine.similarity import Floats, meaning_factor
from search.engine.terms import Ints
from search.query import Query, Word, options_of

__all__ = ["MeaningRescorer", "meant_words"]

MIN_TELLING_WORDS = 5
"""A question of fewer words that are no stop words is left alone: a post that holds them all is likely meant."""


class MeaningRescorer:
    """Compares what a query means with the documents of some segments, by the embeddings of one model."""

    def __init__(self, words: str, embedder: Embedder, embeddings: Sequence[Embeddings]) -> None:
        self._model = embedder.id
        self._vector = embedder.embed(words)
        self._embeddings = embeddings

    def factors(self, found: Candidates) -> Floats:
        """What the score of each document is to be multiplied by: 1 and more."""
        factors = np.ones(len(found))
        for number in set(found.segment.tolist()):
            rows = np.flatnonzero(found.segment == number)
            factors[rows] = meaning_factor(self._cosines(self._embeddings[number], found.doc_id[rows]))
        return factors

    def _cosines(self, embeddings: Embeddings, doc_ids: Ints) -> NDArray[np.float32]:
        """Those of the angles between the query and the documents; 0 where another model embedded these."""
        vectors = embeddings.vectors
        if embeddings.model.tobytes() != self._model or vectors.shape[1] != len(self._vector):
            return np.zeros(len(doc_ids), np.float32)
        rows = vectors[doc_ids].astype(np.float32)
        cosines: NDArray[np.float32] = rows @ self._vector / np.maximum(np.linalg.norm(rows, axis=1), 1)
        return cosines


def meant_words(query: Query) -> str:
    """The words of a query by whose meaning posts are rescored, or nothing."""
    telling = [clause for clause in query.clauses if not clause.weak]
    options = [option for clause in telling for option in options_of(clause)]
    words = [option for option in options if isinstance(option, Word) and option.field is None]
    # The last word may be still being typed; other beginnings of words mean nothing.
    begun = sum(word.prefix for word in words)
    if query.excluded or len(words) < len(options) or begun > 1 or len(set(telling)) < MIN_TELLING_WORDS:
        return ""
    return " ".join(word.text for word in words)
