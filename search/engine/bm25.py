"""BM25: the score of a term in a document, by how often it stands there, how long the text is and how rare the term is.

The formula is that of Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with the
inverse document frequency that Whoosh takes, log(N / (n + 1)) + 1, which is never negative.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.schema import FIELDS
from index.segments.lengths import LENGTHS
from search.engine.segment_reader import SegmentReader
from search.engine.terms import Ints

__all__ = ["CollectionStatistics", "Floats"]

Floats = NDArray[np.float64]

K1 = 1.2
"""How soon a further occurrence of a word counts for little."""

B = 0.75
"""How much of the length of a text counts against its words."""


class CollectionStatistics:
    """What scoring needs to know of all segments of a commit together, deleted documents included.

    `langs` are the languages of the documents, in lower case.
    """

    def __init__(self, readers: Sequence[SegmentReader]) -> None:
        self.langs = frozenset(name for reader in readers for name in reader.columns.lang.names)
        self._terms = [reader.terms for reader in readers]
        self._doc_count = sum(terms.doc_count for terms in self._terms)
        token_counts = sum((terms.token_counts for terms in self._terms), np.zeros(len(FIELDS), np.int64))
        means = np.where(token_counts > 0, token_counts / max(self._doc_count, 1), 1.0)
        # [fields, 256]: the part of the formula that depends on the length of a text alone, by the code of its length.
        self._norms = K1 * (1 - B + B * LENGTHS / means[:, np.newaxis])

    def idf(self, term: str, field: int) -> float:
        """The inverse document frequency of a term in a field."""
        spans = (terms.entries(term).get(field, (0, 0)) for terms in self._terms)
        return self._idf(sum(last - first for first, last in spans))

    def prefix_idf(self, prefix: str, field: int) -> float:
        """That of whatever begins so, as if it were one term."""
        found = (terms.prefix_docs(prefix).get(field) for terms in self._terms)
        return self._idf(sum(len(docs.doc_ids) for docs in found if docs))

    def _idf(self, doc_frequency: int) -> float:
        return math.log(max(self._doc_count, 1) / (doc_frequency + 1)) + 1.0

    def scores(self, field: int, lengths: NDArray[np.uint8], counts: Ints, idf: float) -> Floats:
        """The scores of documents by the codes of their lengths and how often they hold a term."""
        scores: Floats = counts / (counts + self._norms[field][lengths]) * (idf * (K1 + 1))
        return scores
