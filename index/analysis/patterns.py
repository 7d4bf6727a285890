"""Patterns: the sequences of terms that match a typed word or phrase in a post."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import NamedTuple

from index.analysis.pieces import CHUNK, LAST, PART, SPELLED, WHOLE, Piece, chunk_pieces
from index.analysis.stems import stem, stemmer_for

__all__ = ["Pattern", "Slot", "patterns"]


class Slot(NamedTuple):
    """One position of a pattern, with all that may stand there.

    `term` in any post; each stem of `stems`, with its algorithm, in the posts that are stemmed by that; and, unless
    it is "", whatever begins with `prefix`.
    """

    term: str
    stems: frozenset[tuple[str, str]] = frozenset()
    prefix: str = ""

    @property
    def terms(self) -> frozenset[str]:
        """The term and the stems of all algorithms."""
        return frozenset({self.term, *(stem for stem, _ in self.stems)})


Pattern = tuple[Slot, ...]
"""Slots in a row, each at the position after the one before."""

MAX_CACHED_CHARS = 100
"""Length of a text whose patterns are cached."""


def patterns(text: str, langs: Collection[str] = ("en",), *, prefix: bool = False) -> tuple[Pattern, ...]:
    """The ways in which what a person typed may stand in posts of these languages, the likeliest first.

    One word gives its whole and, where it is a compound without a sign of its own, its parts in a row; several words
    give one row. A row with umlauts is given with `ae`, `oe` and `ue` for them, too. With `prefix` the last word may
    go on. Nothing that is a word gives ().
    """
    compute = cached_patterns if len(text) <= MAX_CACHED_CHARS else compute_patterns
    return compute(text, frozenset(map(stemmer_for, langs)) - {""}, prefix)


def compute_patterns(text: str, algorithms: frozenset[str], prefix: bool) -> tuple[Pattern, ...]:
    """The patterns by the stemming algorithms of the languages."""
    chunks = [pieces for found in CHUNK.finditer(text) if (pieces := tuple(chunk_pieces(found.group())))]
    if not chunks:
        return ()
    last = chunks[-1][-1]
    rows: dict[Pattern, None] = {}
    for kinds in ((LAST, PART), (LAST, PART, SPELLED)):
        row = tuple(slot(piece, algorithms) for pieces in chunks for piece in parts_of(pieces, kinds))
        if prefix and last.kind != LAST:
            row = (*row[:-1], row[-1]._replace(prefix=row[-1].term))
        rows[row] = None
    if len(chunks) != 1 or last.kind != WHOLE:
        return tuple(rows)
    whole = (Slot(last.term, prefix=last.term if prefix else ""),)
    bears_sign = last.term.startswith(("-", ".")) or last.term.endswith(("++", "#"))
    return (whole,) if bears_sign or len(row) == 1 else (whole, *rows)


def parts_of(pieces: tuple[Piece, ...], kinds: Sequence[int]) -> list[Piece]:
    """The pieces that follow one another, of two at one position the one of the later kind.

    A part that has a sign of its own, such as `C++`, stands for itself with the sign; the number of `v4` with its `v`.
    """
    row = {piece.position: piece for kind in kinds for piece in pieces if piece.kind == kind}
    if len(row) == 1 and pieces[-1].kind == WHOLE and pieces[-1].term[0] not in "-.":
        return [pieces[-1]]
    return [row[position] for position in sorted(row)]


def slot(piece: Piece, algorithms: Collection[str]) -> Slot:
    """What may stand for a piece: its term, its stem by any of the algorithms, and a pair that a last letter begins."""
    stems = frozenset((stem(piece.stem, algorithm), algorithm) for algorithm in algorithms if piece.stem)
    return Slot(piece.term, stems, piece.term if piece.kind == LAST else "")


cached_patterns = lru_cache(maxsize=1000)(compute_patterns)
"""Each segment, and the highlights of each page, ask for the same patterns."""
