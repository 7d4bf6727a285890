"""Words: which signs in what is typed part words, which belong to one, and which words tell nothing."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache
from itertools import pairwise

from index.analysis import CHUNK, STOP_WORDS, Pattern, fold, language_of, patterns
from search.query import AnyOf, Clause, Phrase, Word

__all__ = [
    "HAN",
    "KATAKANA",
    "LangCounts",
    "any_of",
    "is_stop_word",
    "make_word",
    "may_continue",
    "no_posts",
    "patterns_of",
    "words_in",
]

LangCounts = Callable[[str], Mapping[str, int]]
"""How many posts of each language hold a term, in lower case."""

AMPERSAND = re.compile(r"(?<=[^\W_]{2})&(?=[^\W_]{2})")
"""Between two words, not in names such as `AT&T` and `Q&A`."""

POSSESSIVE = re.compile(r"(?<!\blet)(?<=[^\W_])(?:['’ʼ]s)+$", re.IGNORECASE)
"""What falls off a word: `Ada's` is `Ada`, and `it's` as weak as `it`; `let's` is another word than `let`."""


ELISION = re.compile(
    r"^(?:(?-i:(?![A-Z]['’ʼ][A-Z]))(?:[cdjlmnst]|(?:jus|lors|puis|quoi)?qu|un|(?:d?a|de|ne|su)ll|quest|quell)['’ʼ]"
    r"(?=\w\w))+",
    re.IGNORECASE,
)
"""What falls off a word of French, Italian or Catalan: `l'arbre` is `arbre`; but names such as `L'Oréal` stay whole."""

HAN, KATAKANA = (
    "\u3005-\u3007\u3041-\u309f\u30fc\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff",
    "\u3099\u309a\u30a0-\u30ff\u31f0-\u31ff\uff66-\uff9f",
)
# Not compiled before a query needs them: that takes milliseconds.
HAN_OR_HIRAGANA = f"[{HAN}]"
UNSPACED = f"[{HAN}{KATAKANA}]"
SCRIPT_RUN = f"[{HAN}]+|[{KATAKANA}]+|[^{HAN}{KATAKANA}]+"
LATIN_WORD = re.compile("[A-Za-z]{2}")
MAX_ROW_CHARS = 4
"""Chinese and Japanese characters that are one word where no blank parts them; more are likely several."""


@lru_cache(maxsize=1000)
def words_in(text: str) -> tuple[str, ...]:
    """The words of a text: some signs belong to one (`c++`, `e-mail`, `-m`), others part two (`a/b`).

    None of them is `OR`, so that what is written of them is read as the same words.
    """
    chunks = (chunk for whole in CHUNK.findall(text) for chunk in AMPERSAND.split(whole))
    words = (word for chunk in chunks for word in unspaced_words(ELISION.sub("", POSSESSIVE.sub("", chunk))))
    return tuple("or" if word == "OR" else word for word in words if patterns(word))


def unspaced_words(text: str) -> list[str]:
    """The words of a text without blanks: itself, but where it holds more than a few characters of Chinese or Japanese,
    or these beside a Latin word.

    There overlapping pairs of characters stand in for words, as in the index; Katakana and other scripts are words as
    they stand.
    """
    unspaced = 0 if text.isascii() else len(re.findall(UNSPACED, text))
    if not unspaced or (unspaced <= MAX_ROW_CHARS and not LATIN_WORD.search(text)):
        return [text]
    words: list[str] = []
    for run in re.findall(SCRIPT_RUN, text):
        in_pairs = len(run) > MAX_ROW_CHARS and re.match(HAN_OR_HIRAGANA, run)
        words += map("".join, pairwise(run)) if in_pairs else [run]
    return words


def may_continue(text: str) -> bool:
    """Whether a word that ends like this may be the beginning of one: it ends in a letter, a mark, a digit or `_`."""
    return text[-1:] == "_" or unicodedata.category(text[-1:] or " ")[0] in "LMN"


def no_posts(term: str) -> Mapping[str, int]:  # noqa: ARG001 - a stand-in for an index
    """The languages of the posts that hold a term, where there are no posts."""
    return {}


def is_stop_word(text: str, lang_counts: LangCounts = no_posts) -> bool:
    """Whether the word tells nothing: it is a stop word of English, or of most of the posts that hold it.

    So `die` is one where German posts hold it, and none where it is a word of English posts.
    """
    langs = STOP_WORDS.get(fold(text), frozenset())
    if not langs or "en" in langs:
        return bool(langs)
    counts: Counter[str] = Counter()
    for pattern in patterns(text):
        counts.update(lang_counts(pattern[0].term))
    return 2 * sum(count for lang, count in counts.items() if language_of(lang) in langs) > counts.total()


def make_word(text: str, field: str | None = None, *, prefix: bool = False, lang_counts: LangCounts = no_posts) -> Word:
    """A word; required in a field that was named, and weak where it is a stop word and none was."""
    weak = field is None and is_stop_word(text, lang_counts)
    return Word(text, field, prefix, required=field is not None, weak=weak)


def patterns_of(option: Word | Phrase, langs: Collection[str]) -> tuple[Pattern, ...]:
    """The ways in which a word or phrase may stand in posts of these languages, the likeliest first."""
    return patterns(option.text, langs, prefix=isinstance(option, Word) and option.prefix)


def any_of(clauses: Iterable[Word | Phrase]) -> Clause:
    """The clause that wants one of these, of which there is at least one."""
    options = tuple(dict.fromkeys(clauses))
    if len(options) == 1:
        return options[0]
    return AnyOf(options, all(option.required for option in options), all(option.weak for option in options))
