"""Reading TOML, of posts and of configurations, in little time whatever it holds."""

from __future__ import annotations

import re
import tomllib
from typing import Any

__all__ = ["parse_toml"]

MAX_KEY_PARTS = 64

DEEP_KEY = re.compile(
    rf"(?<![\w\\-])(?:(?:[\w-]++|\"(?:[^\"\\\n]|\\.)*+\"|'[^'\n]*+')[ \t]*+\.[ \t]*+){{{MAX_KEY_PARTS}}}"
)
"""A dotted key that takes tomllib a time which grows with the square of its length."""


def parse_toml(text: str) -> dict[str, Any]:
    """The data in the text.

    Raises `ValueError` where that can't be read or is nested too deep. Its message ends with the place, where that is
    known, as tomllib writes it: "(at line 2, column 1)" or "(at end of document)".
    """
    if deep := DEEP_KEY.search(text):
        line, column = text.count("\n", 0, deep.start()) + 1, deep.start() - text.rfind("\n", 0, deep.start())
        raise ValueError(f"a key of more than {MAX_KEY_PARTS} parts (at line {line}, column {column})")
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("lists or tables are nested too deep") from error
