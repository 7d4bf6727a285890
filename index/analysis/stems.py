"""Stemming by the Snowball algorithm of a language (https://snowballstem.org, through PyStemmer)."""

from __future__ import annotations

from functools import lru_cache

import Stemmer

from index.analysis.english import regular_form
from index.analysis.folding import fold

__all__ = ["language_of", "stem", "stemmer_for"]

STEMMERS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "eo": "esperanto", "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish",
    "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian",
    "it": "italian", "lt": "lithuanian", "ne": "nepali", "nl": "dutch", "no": "norwegian", "pl": "polish",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "st": "sesotho", "sv": "swedish",
    "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
"""Languages, as `language_of` names them, and the Snowball algorithm of each, by PyStemmer's names."""

INSTALLED = frozenset(Stemmer.algorithms())
"""Older releases of PyStemmer lack some."""

OTHER_CODES = """
ar ara, bg bul, ca cat, cs ces cze, da dan, de deu ger, el ell gre, en eng, eo epo, es spa, et est, eu eus baq,
fa fas per, fi fin, fr fra fre, ga gle, he heb iw, hi hin, hr hrv, hu hun, hy hye arm, id ind in, it ita, ko kor,
lt lit, ne nep, nl nld dut, no nor nob nno nb nn, pl pol, pt por, ro ron rum, ru rus, sk slk slo, sl slv, sr srp,
st sot, sv swe, ta tam, tr tur, uk ukr, vi vie, yi yid ji
"""
LANGUAGES = {code: lang for line in OTHER_CODES.split(",") for lang, *codes in [line.split()] for code in codes}
"""By codes of three letters, former ones, and those of Norwegian as it is written, the language of two letters."""


def language_of(lang: str) -> str:
    """The language of a tag: that of "pt-br" is "pt", that of "nb" is "no", and that of "deu" is "de"."""
    primary = lang.split("-")[0].split("_")[0].lower()
    return LANGUAGES.get(primary, primary)


def stemmer_for(lang: str) -> str:
    """The name of the Snowball stemmer for a language tag such as "pt-br"; "" where none is installed."""
    algorithm = STEMMERS.get(language_of(lang), "")
    return algorithm if algorithm in INSTALLED else ""


@lru_cache(maxsize=200_000)
def stem(word: str, algorithm: str) -> str:
    """The folded stem of a word, which is given in lower case with its accents."""
    return fold(stemmer(algorithm).stemWord(regular_form(word) if algorithm == "english" else word))


@lru_cache(maxsize=64)
def stemmer(algorithm: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(algorithm, 0)
