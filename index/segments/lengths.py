"""The lengths of texts in one byte each: the longer a text, the coarser, which is as much as ranking by BM25 needs.

The scale is Whoosh's own, so that its scorer gives the scores that ours gives: code c is 27 (1.033^c - 1) tokens.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["LENGTHS", "length_codes"]

LENGTHS = np.rint((1.033 ** np.arange(256) - 1) * 27).astype(np.int64)
"""The length that each code stands for."""


def length_codes(lengths: NDArray[np.int64]) -> NDArray[np.uint8]:
    """The codes of lengths: the next that is not shorter."""
    return np.searchsorted(LENGTHS[:-1], lengths).astype(np.uint8)
