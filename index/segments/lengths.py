"""The token count of a field as a one-byte code, coarser as it grows: as much as BM25 needs (Lucene's norms).

The scale is Whoosh's own, so that its scorer gives the scores that ours gives: code c is 27 (1.033^c - 1) tokens.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["LENGTHS", "length_codes"]

LENGTHS = np.rint((1.033 ** np.arange(256) - 1) * 27).astype(np.int64)
"""The token count that each code stands for."""


def length_codes(lengths: NDArray[np.int64]) -> NDArray[np.uint8]:
    """The code of each token count: the first whose length is not smaller; 255 for all beyond."""
    return np.searchsorted(LENGTHS[:-1], lengths).astype(np.uint8)
