"""Names, as they complete what is typed: the words of titles, tags and headings."""

from __future__ import annotations

from index.analysis.folding import fold
from index.analysis.pieces import UNSPACED
from index.unicode import lazy

__all__ = ["MAX_SUGGESTED_CHARS", "NAME_WORD", "words_of"]

MAX_SUGGESTED_CHARS = 200
"""A title or heading that is longer is not suggested: nobody would read it while typing."""

RUN = rf"[^\W_{UNSPACED}]+"
NAME_WORD = lazy(rf"[{UNSPACED}]|{RUN}(?:[.'’]{RUN})*(?:\+\+|#)?")
"""A word of a folded text, such as `c++` or `1.25`; in scripts that know no blanks, each character is one."""


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text, folded."""
    return tuple(NAME_WORD.findall(fold(text)))
