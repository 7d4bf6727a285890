"""Any script in ASCII, as generators write it in addresses and anchors.

They do it by the tables of Unidecode, which is used here too where it is installed; without it only Latin letters lose
their accents, and others stay.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from importlib import import_module, util

from index.unicode import normalize

__all__ = ["ascii_letters", "ascii_slug", "latin_letters"]

ROMANISE: Callable[[str], str] | None = (
    import_module("unidecode").unidecode if util.find_spec("unidecode") is not None else None
)
"""The generators' own way to write any script in Latin letters, where it is installed."""

LATIN_TO_ASCII = str.maketrans(
    {"ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"}
    | {"đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i", "ħ": "h", "Ħ": "H", "‘": "'", "’": "'"}
    | {"“": '"', "”": '"', "–": "-", "—": "--", "‐": "-", "‑": "-", "\u00a0": " ", "€": "EUR", "…": "...", "«": "<<"}
    | {"»": ">>", "©": "(c)", "®": "(r)", "™": "tm", "°": "deg", "×": "x", "·": "*", "•": "*", "£": "PS"}
)

BETWEEN_WORDS = re.compile("(?:[^\\w\u2600-\u27bf\U0001f000-\U0001faff]|_)+")


def ascii_letters(name: str) -> str:
    """The name in ASCII, as far as that can be told without a table of all scripts."""
    return ROMANISE(name.encode("utf-8", "ignore").decode()) if ROMANISE else latin_letters(name)


def latin_letters(name: str) -> str:
    """The name with its Latin letters in ASCII; others stay."""
    return "".join(c for c in normalize("NFKD", name.translate(LATIN_TO_ASCII)) if not unicodedata.combining(c))


def ascii_slug(text: str) -> str:
    """The text in lower case with one hyphen for all that is between letters and digits, as Rust's crate `slug` has it.

    Letters and emoji that can't be written in ASCII here stay.
    """
    return BETWEEN_WORDS.sub("-", ascii_letters(text).lower()).strip("-")
