"""Words: which signs in what is typed part words, which belong to one, and which words tell nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from index.analysis import CHUNK, fold, patterns
from search.query import AnyOf, Clause, Phrase, Word

__all__ = ["STOP_WORDS", "any_of", "make_word", "may_continue", "words_in"]

STOP_WORDS = frozenset(
    {"a", "about", "an", "and", "are", "as", "at", "be", "but", "by", "can", "do", "does", "for", "from", "has",
     "have", "how", "i", "if", "in", "into", "is", "it", "its", "no", "not", "of", "on", "or", "our", "so", "such",
     "that", "the", "their", "then", "there", "these", "they", "this", "to", "was", "we", "what", "when", "where",
     "which", "who", "will", "with", "you", "your"}
)  # fmt: skip
"""Words that are in almost every English post: they bring no post in by themselves when there are others."""

AMPERSAND = re.compile(r"(?<=[^\W_]{2})&(?=[^\W_]{2})")
"""Between two words, not in names such as `AT&T` and `Q&A`."""

POSSESSIVE = re.compile(r"(?<!\blet)(?<=[^\W_])(?:['’ʼ]s)+$", re.IGNORECASE)
"""What falls off a word: `Ada's` is `Ada`, and `it's` as weak as `it`; `let's` is another word than `let`."""


@lru_cache(maxsize=1000)
def words_in(text: str) -> tuple[str, ...]:
    """The words of a text: some signs belong to one (`c++`, `e-mail`, `-m`), others part two (`a/b`).

    None of them is `OR`, so that what is written of them is read as the same words.
    """
    words = (POSSESSIVE.sub("", word) for chunk in CHUNK.findall(text) for word in AMPERSAND.split(chunk))
    return tuple("or" if word == "OR" else word for word in words if patterns(word))


def may_continue(text: str) -> bool:
    """Whether a word that ends like this may be the beginning of one: it ends in a letter, a mark, a digit or `_`."""
    return text[-1:] == "_" or unicodedata.category(text[-1:] or " ")[0] in "LMN"


def make_word(text: str, field: str | None = None, *, prefix: bool = False) -> Word:
    """A word; required in a field that was named, and weak where it is a stop word and none was."""
    return Word(text, field, prefix, required=field is not None, weak=field is None and fold(text) in STOP_WORDS)


def any_of(clauses: Iterable[Word | Phrase]) -> Clause:
    """The clause that wants one of these, of which there is at least one."""
    options = tuple(dict.fromkeys(clauses))
    if len(options) == 1:
        return options[0]
    return AnyOf(options, all(option.required for option in options), all(option.weak for option in options))
