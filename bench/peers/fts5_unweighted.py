"""SQLite's full-text search as it ranks when nobody sets weights: a word of a title counts like any other."""

from __future__ import annotations

from bench.peers import WEIGHTS
from bench.peers.fts5 import Fts5

__all__ = ["ENGINE", "UnweightedFts5"]


class UnweightedFts5(Fts5):
    """See `Fts5`."""

    key = "fts5_unweighted"
    name = f"{Fts5.name}, unweighted"
    weights = dict.fromkeys(WEIGHTS, 1.0)


ENGINE = UnweightedFts5
