"""What is asked for: a text as typed goes in, the rows of terms by which it may stand in a post come out."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

from index.analysis.pieces import CHUNK, LAST, PART, WHOLE, Piece, chunk_pieces
from index.analysis.stems import stem, stemmer_for

__all__ = ["Pattern", "Slot", "patterns"]


class Slot(NamedTuple):
    """What may stand at one place of a pattern.

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


LONGEST_KEPT = 100
"""Characters of a text whose patterns are kept."""


def patterns(text: str, langs: Collection[str] = ("en",), *, prefix: bool = False) -> tuple[Pattern, ...]:
    """The ways in which what a person typed may stand in posts of these languages, the likeliest first.

    One word gives its whole and, where it is a compound without a sign of its own, its parts in a row; several words
    give one row. With `prefix` the last word may go on. Nothing that is a word gives ().
    """
    find = kept_patterns if len(text) <= LONGEST_KEPT else patterns_of
    return find(text, frozenset(map(stemmer_for, langs)) - {""}, prefix)


def patterns_of(text: str, algorithms: frozenset[str], prefix: bool) -> tuple[Pattern, ...]:
    """The patterns by the stemming algorithms of the languages."""
    chunks = [pieces for found in CHUNK.finditer(text) if (pieces := chunk_pieces(found.group()))]
    if not chunks:
        return ()
    row = tuple(slot(piece, algorithms) for pieces in chunks for piece in parts_of(pieces))
    last = chunks[-1][-1]
    if prefix and last.kind != LAST:
        row = (*row[:-1], row[-1]._replace(prefix=row[-1].prefix or parts_of(chunks[-1])[-1].term))
    if len(chunks) != 1 or last.kind != WHOLE:
        return (row,)
    whole = (Slot(last.term, prefix=last.term if prefix else ""),)
    return (whole,) if has_sign(last.term) else (whole, row)


def has_sign(term: str) -> bool:
    return term.startswith(("--", ".")) or term.endswith(("++", "#"))


def parts_of(pieces: tuple[Piece, ...]) -> list[Piece]:
    """The pieces that follow one another; a part that has a sign of its own stands for itself with the sign."""
    if len(pieces) == 1:
        return list(pieces)
    row = {piece.position: piece for kind in (LAST, PART) for piece in pieces if piece.kind == kind}
    return [row[position] for position in sorted(row)] or [pieces[-1]]


def slot(piece: Piece, algorithms: Collection[str]) -> Slot:
    stems = frozenset((stem(piece.stem, algorithm), algorithm) for algorithm in algorithms if piece.stem)
    return Slot(piece.term, stems, piece.term if piece.kind == LAST else "")


kept_patterns = lru_cache(maxsize=1000)(patterns_of)
"""The same, kept: each segment and each hit of a page asks for them."""
