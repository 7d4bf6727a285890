"""Names, as they complete what is typed: the words of titles, tags and headings."""

from __future__ import annotations

import re

from index.analysis.folding import fold
from index.analysis.pieces import UNSPACED_START

__all__ = ["MAX_SUGGESTED_CHARS", "NAME_WORD", "words_of"]

MAX_SUGGESTED_CHARS = 200
"""A title or heading that is longer is not suggested: nobody would read it while typing."""

UNSPACED_CHARS = UNSPACED_START.pattern[1:-1]
RUN = rf"[^\W_{UNSPACED_CHARS}]+"
NAME_WORD = re.compile(rf"[{UNSPACED_CHARS}]|{RUN}(?:[.'’]{RUN})*(?:\+\+|#)?")
"""A word of a folded text, such as `c++` or `1.25`; in scripts that know no blanks, each character is one."""


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text, folded."""
    return tuple(NAME_WORD.findall(fold(text)))
