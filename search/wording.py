"""What visitors are told, in their language: sentences by name, numbers and days, as Unicode's tables know them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from search.sentences import LANGUAGES, Sentences

__all__ = ["LANGUAGES", "Wording", "spoken", "wording_of"]

DATED_AS = {"en": "en_GB"}
"""Whose days stand before their months, which is read alike everywhere."""


RIGHT_TO_LEFT = frozenset({"ar"})
"""Of `LANGUAGES`. Babel knows too, but takes 5 MB of memory for the first thing that it is asked of a language."""


class Wording(Sentences):
    """What is told in one of `LANGUAGES`."""

    def __init__(self, lang: str) -> None:
        self._locale = Locale.parse(DATED_AS.get(lang, lang))
        super().__init__(lang, "rtl" if lang in RIGHT_TO_LEFT else "ltr")

    def plural_form(self, number: int) -> str:
        return self._locale.plural_form(number)

    def number(self, number: int) -> str:
        shown: str = format_decimal(number, locale=self._locale)
        return shown

    def day(self, day: date) -> str:
        """A day, short, with its year."""
        shown: str = format_date(day, "medium", locale=self._locale)
        return shown


@cache
def wording_of(lang: str) -> Wording:
    """What is told in one of `LANGUAGES`."""
    return Wording(lang)


def spoken(codes: Iterable[str]) -> str:
    """The first of some languages, such as `pt-BR`, that there is a table of; "en" where there is none of any."""
    bases = (code.lower().replace("_", "-").partition("-")[0] for code in codes)
    return next((base for base in bases if base in LANGUAGES), "en")
