"""The tokens of a searched field: its texts go in, tokens with positions in the whole field come out."""

from __future__ import annotations

from collections.abc import Iterable

from index.analysis import Token, tokenize

__all__ = ["field_tokens"]

GAP = 100
"""Positions between two items of a list field, so that no phrase reaches from one into the next."""


def field_tokens(texts: Iterable[str], lang: str) -> list[Token]:
    """The tokens of the texts of one field; offsets count from the start of each text."""
    tokens: list[Token] = []
    for text in texts:
        start = tokens[-1].position + GAP if tokens else 0
        found = tokenize(text, lang)
        tokens += [token._replace(position=token.position + start) for token in found] if start else found
    return tokens
