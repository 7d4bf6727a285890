"""Tokens: the terms of one text, and where each stands.

The plain reference for tests; the indexer uses `vectorized`, which gives the same tokens of many texts.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import NamedTuple

from index.analysis.pieces import CHUNK, SPELLED, chunk_pieces
from index.analysis.stems import stem, stemmer_for

__all__ = ["Token", "chunk_terms", "tokenize"]


ChunkTerms = tuple[tuple[tuple[str, int, int, int, bool], ...], int]
"""The terms of a chunk, each with position, start and end in it and whether it stands there as a stem or in another
spelling; and how many positions the chunk takes."""

MAX_CACHED_CHARS = 100
"""Length of a chunk whose terms are cached; longer ones are rare and large."""


class Token(NamedTuple):
    """A term, its position (words counted from 0), and the characters [start, end) of the text where it stands."""

    term: str
    position: int
    start: int
    end: int


def tokenize(text: str, lang: str) -> list[Token]:
    """All terms of the text, in the order in which they stand.

    Terms at one position are forms of one word, but for the whole of a compound, which stands where its first part
    does and ends where its last part ends.
    """
    tokens: list[Token] = []
    append = tokens.append
    algorithm = stemmer_for(lang)
    first = 0
    for found in CHUNK.finditer(text):
        offset = found.start()
        terms, width = chunk_terms(found.group(), algorithm)
        for term, position, start, end, _ in terms:
            append(Token(term, first + position, offset + start, offset + end))
        first += width
    return tokens


def chunk_terms(chunk: str, algorithm: str) -> ChunkTerms:
    """The terms of a chunk, with the stems that the algorithm (a name from `stemmer_for`, or "") gives."""
    return (cached_terms if len(chunk) <= MAX_CACHED_CHARS else compute_terms)(chunk, algorithm)


def compute_terms(chunk: str, algorithm: str) -> ChunkTerms:
    terms: list[tuple[str, int, int, int, bool]] = []
    width = 0
    for piece in chunk_pieces(chunk):
        where = (piece.position, piece.start, piece.end)
        terms.append((sys.intern(piece.term), *where, piece.kind == SPELLED))
        if piece.stem and algorithm and (base := stem(piece.stem, algorithm)) != piece.term:
            terms.append((sys.intern(base), *where, True))
        width = max(width, piece.position + 1)
    return tuple(terms), width


cached_terms = lru_cache(maxsize=200_000)(compute_terms)
