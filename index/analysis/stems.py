"""Stemming by the Snowball algorithm of a language (https://snowballstem.org, through PyStemmer)."""

from __future__ import annotations

from functools import lru_cache

import Stemmer

from index.analysis.english import regular_form
from index.analysis.folding import fold

__all__ = ["stem", "stemmer_for"]

STEMMERS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hu": "hungarian", "hy": "armenian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch",
    "nn": "norwegian", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian",
    "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
"""Primary language subtags and the Snowball algorithm of each, by PyStemmer's names."""


def stemmer_for(lang: str) -> str:
    """The name of the Snowball stemmer for a language tag such as "pt-br"; "" where there is none."""
    return STEMMERS.get(lang.split("-")[0].split("_")[0].lower(), "")


@lru_cache(maxsize=200_000)
def stem(word: str, algorithm: str) -> str:
    """The folded stem of a word, which is given in lower case with its accents."""
    return fold(stemmer(algorithm).stemWord(regular_form(word) if algorithm == "english" else word))


@lru_cache(maxsize=64)
def stemmer(algorithm: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(algorithm, 0)
