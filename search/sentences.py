"""What people are told: sentences by name, from a table for each language; here with English plurals and numbers.

The tables, `web/static/strings/LANG.json`, are read by the search box too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from unicodedata import bidirectional

__all__ = ["ENGLISH", "LANGUAGES", "Sentences"]

TABLES = Path(__file__).parent / "web" / "static" / "strings"
LANGUAGES = tuple(sorted(path.stem for path in TABLES.glob("*.json")))
"""The languages that there is a table of, by their codes."""

GAP = re.compile(r"{(\w+)}")
TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""The controls that turn around what follows them."""


class Sentences:
    """The sentences in one of `LANGUAGES`, whose code is `lang`; `dir` is the direction of its script, as in HTML."""

    def __init__(self, lang: str, dir: str = "ltr") -> None:
        self.lang = lang
        self.dir = dir
        table: Mapping[str, Mapping[str, str | Mapping[str, str]]] = json.loads((TABLES / f"{lang}.json").read_bytes())
        self._sentences = {name: said for part in table.values() for name, said in part.items()}

    def __call__(self, name: str, /, **values: str | int) -> str:
        """The sentence of this name with its gaps filled; one that counts has the form that its number `n` asks for.

        A text that is written in another direction turns nothing around but itself.

        Raises `KeyError` where the table has no such sentence, or it has a gap for which there is no value.
        """
        said = self._sentences[name]
        if not isinstance(said, str):
            said = said.get(self.plural_form(int(values["n"])), said["other"])
        shown = {key: self.number(v) if isinstance(v, int) else self.apart(v) for key, v in values.items()}
        return GAP.sub(lambda gap: shown[gap[1]], said)

    def apart(self, text: str) -> str:
        """A text as it may stand in a sentence: isolated, where one of them is written from the right."""
        text = TURNS.sub("", text)
        return f"\u2068{text}\u2069" if self.dir == "rtl" or {"R", "AL"} & set(map(bidirectional, text)) else text

    def plural_form(self, number: int) -> str:
        """The form, such as "one", that a number asks for."""
        return "one" if number == 1 else "other"

    def number(self, number: int) -> str:
        """A number with its digits in groups."""
        return f"{number:,}"


ENGLISH = Sentences("en")
