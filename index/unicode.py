"""Unicode: patterns of sets of many characters, and normalizing in a time that grows with the text.

Normalization sorts the marks of a letter, which takes the square of their number, so runs of marks are cut first. No
language has letters with 30.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Literal

__all__ = ["MAX_MARKS", "lazy", "normalize", "stream_safe"]


class LazyPattern:
    """Has the attributes of a compiled pattern, each from when it is first used."""

    def __init__(self, pattern: str, flags: int) -> None:
        self._made_of = pattern, flags

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(*self._made_of), name)
        setattr(self, name, found)
        return found


def lazy(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """The pattern, compiled when it is first used: of sets of many characters that takes milliseconds, and most queries
    need none of them."""
    return LazyPattern(pattern, flags)  # type: ignore[return-value]


MAX_MARKS = 30
"""In a row, as the Stream-Safe Text Format has it: https://unicode.org/reports/tr15/#Stream_Safe_Text_Format."""

UNSORTED_MARKS = "\u0f73\u0f75\u0f81\uff9e\uff9f"
"""Characters that become marks only when they are normalized."""

BLOCKS = (0x300, 0x3100), (0xA600, 0xAC00), (0xFB00, 0xFE30)
MARKS = "".join(chr(c) for first, end in BLOCKS for c in range(first, end) if unicodedata.combining(chr(c)))
MAY_BE_MARK = f"[{MARKS}{UNSORTED_MARKS}\U000101fd-\U0001efff]"
"""Beyond 16 bits `re` is slow at sets and quick at one range; most in that range are no marks."""

LONG_RUN = lazy(f"{MAY_BE_MARK}{MAY_BE_MARK}{{{MAX_MARKS},}}")


def stream_safe(text: str) -> str:
    """The text without the marks of a letter that follow its first `MAX_MARKS`."""
    return text if len(text) <= MAX_MARKS or text.isascii() else LONG_RUN.sub(cut, text)


def cut(run: re.Match[str]) -> str:
    kept: list[str] = []
    marks = 0
    for c in run[0]:
        marks = marks + 1 if unicodedata.combining(c) or c in UNSORTED_MARKS else 0
        kept += [c] if marks <= MAX_MARKS else []
    return "".join(kept)


def normalize(form: Literal["NFC", "NFKC", "NFKD"], text: str) -> str:
    """The text in this normal form, without the marks of a letter that follow its first `MAX_MARKS`."""
    return unicodedata.normalize(form, stream_safe(text))
