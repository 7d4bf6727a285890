"""Whether a word that was asked for is found in a text, by the analysis alone."""

from __future__ import annotations

from index.analysis import Slot, Token, patterns, tokenize

__all__ = ["finds"]


def fits(token: Token, slot: Slot) -> bool:
    return token.term in slot.terms or bool(slot.prefix and token.term.startswith(slot.prefix))


def finds(asked: str, text: str, lang: str = "en", *, prefix: bool = False) -> bool:
    """Whether a post of the language with this text is found by what was asked."""
    tokens = tokenize(text, lang)
    for pattern in patterns(asked, {lang}, prefix=prefix):
        places = [{token.position for token in tokens if fits(token, slot)} for slot in pattern]
        if any(all(start + i in place for i, place in enumerate(places)) for start in places[0]):
            return True
    return False
