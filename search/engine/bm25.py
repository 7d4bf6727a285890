"""BM25: how often a term stands in a text, how long the text is and how rare the term go in, a score comes out.

The formula is that of Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with the
inverse document frequency that Whoosh takes, log(N / (n + 1)) + 1, which is never negative.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.schema import FIELDS
from index.segments.lengths import LENGTHS

__all__ = ["Statistics"]

K1 = 1.2
"""How soon a further occurrence of a word counts for little."""

B = 0.75
"""How much of the length of a text counts against its words."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """What BM25 wants to know of all segments together, the deleted documents included.

    `size` is the number of documents; `norms` [fields, 256] is K1 (1 - B + B length / mean length) for each length that
    a code stands for.
    """

    size: int
    norms: NDArray[np.float64]

    @classmethod
    def of(cls, segments: Iterable[tuple[int, NDArray[np.int64]]]) -> Statistics:
        """The statistics of segments of so many documents, with so many tokens in each field."""
        sizes, tokens = zip((0, np.zeros(len(FIELDS), np.int64)), *segments, strict=True)
        size, totals = sum(sizes), np.sum(tokens, axis=0)
        means = np.where(totals > 0, totals / max(size, 1), 1.0)
        return cls(size, K1 * (1 - B + B * LENGTHS / means[:, np.newaxis]))

    def idf(self, documents: int) -> float:
        """The weight of a term that so many documents hold."""
        return math.log(max(self.size, 1) / (documents + 1)) + 1.0

    def scores(
        self, field: int, lengths: NDArray[np.uint8], counts: NDArray[np.int64], idf: float
    ) -> NDArray[np.float64]:
        """The scores of documents by the codes of their lengths and how often they hold a term."""
        scores: NDArray[np.float64] = counts / (counts + self.norms[field][lengths]) * (idf * (K1 + 1))
        return scores
