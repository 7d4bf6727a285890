"""Folding: writes a text as it is compared, so that case, accents and width make no difference."""

from __future__ import annotations

import unicodedata

__all__ = ["INVISIBLE", "fold"]

INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f"
LETTERS_WITHOUT_PARTS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th", "ħ": "h", "ŧ": "t"}
)


def fold(text: str) -> str:
    """The text as it is compared: compatibility forms, case, accents and invisible characters make no difference."""
    if text.isascii():
        return text.lower()
    flat = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    bare = "".join(c for c in flat if not "\u0300" <= c <= "\u036f" and c not in INVISIBLE)
    return unicodedata.normalize("NFC", bare.translate(LETTERS_WITHOUT_PARTS))
