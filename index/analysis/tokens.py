"""Tokens: the terms of one text, and where each stands.

The plain reference for tests; the indexer uses `vectorized`, which gives the same tokens of many texts.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from index.analysis.pieces import CHUNK, SPELLED, chunk_pieces
from index.analysis.stems import stem, stemmer_for

__all__ = ["Token", "chunk_terms", "tokenize"]

ChunkTerm = tuple[str, int, int, int, bool]
"""A term of a chunk, with position, start and end in it and whether it stands there as a stem or in another spelling.
"""

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
        last = first - 1
        for term, position, start, end, _ in chunk_terms(found.group(), algorithm):
            append(Token(term, first + position, offset + start, offset + end))
            last = max(last, first + position)
        first = last + 1
    return tokens


def chunk_terms(chunk: str, algorithm: str) -> Iterable[ChunkTerm]:
    """The terms of a chunk, with the stems that the algorithm (a name from `stemmer_for`, or "") gives."""
    return cached_terms(chunk, algorithm) if len(chunk) <= MAX_CACHED_CHARS else compute_terms(chunk, algorithm)


def compute_terms(chunk: str, algorithm: str) -> Iterator[ChunkTerm]:
    for term, base, position, start, end, kind in chunk_pieces(chunk):
        yield sys.intern(term), position, start, end, kind == SPELLED
        if base and algorithm and (stemmed := stem(base, algorithm)) != term:
            yield sys.intern(stemmed), position, start, end, True


@lru_cache(maxsize=200_000)
def cached_terms(chunk: str, algorithm: str) -> tuple[ChunkTerm, ...]:
    return tuple(compute_terms(chunk, algorithm))
