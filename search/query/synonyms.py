"""Synonyms: lets each word of a query also be held by the words that the site says mean the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import product

from index.analysis import Slot, fold, patterns
from search.query import AnyOf, Clause, Phrase, Query, Word, options_of
from search.query.grammar import typed_text, without_quotes
from search.query.words import words_in

__all__ = ["SYNONYM_SHARE", "Synonyms", "synonyms_of", "with_synonyms"]

SYNONYM_SHARE = 0.95
"""The score of a synonym, against that of the word itself: among equals, who holds what was typed comes first."""

MAX_ADDED = 64
"""Words and phrases that the synonyms of one query add to it: each is as dear as one that was typed."""

Key = tuple[str, ...]
"""Words in a row, each as its term or its stem."""


@dataclass(frozen=True, slots=True)
class Synonyms:
    """Texts by the keys of what they may stand for, and how many words the longest of these keys has."""

    texts: Mapping[Key, tuple[str, ...]] = field(default_factory=dict)
    longest: int = 0


def synonyms_of(rules: Iterable[tuple[str, Sequence[str]]], lang: str) -> Synonyms:
    """The synonyms that the rules name: texts, each with those that may be held in its place.

    Case, accents and, by the rules of the language, forms of words make no difference to what has synonyms.
    """
    found: dict[Key, tuple[str, ...]] = {}
    for text, synonyms in rules:
        own = set(row_keys(text, lang))
        others = [without_quotes(typed_text(one)) for one in synonyms if own.isdisjoint(row_keys(one, lang))]
        for key in own:
            found[key] = tuple(dict.fromkeys((*found.get(key, ()), *others)))
    return Synonyms(found, max(map(len, found), default=0))


@lru_cache(maxsize=1000)
def row_keys(text: str, lang: str) -> tuple[Key, ...]:
    """The keys of a text: as a whole or its parts, with umlauts or two letters for them, as terms and as stems."""
    rows = patterns(text, (lang,))
    return tuple(tuple(map(key_of, row)) for row in (rows[0], rows[-1]) for key_of in (term_of, stem_of))


def term_of(slot: Slot) -> str:
    return slot.term


def stem_of(slot: Slot) -> str:
    """The stem of a word, or the word where it has none."""
    return min((stem for stem, _ in slot.stems), default=slot.term)


def with_synonyms(query: Query, synonyms: Synonyms, lang: str) -> Query:
    """The query, in which words that have synonyms may be held by these, in the same field.

    Where several words in a row have one, it holds each of them. Quotations, and what is excluded, are meant as they
    are typed. Synonyms of synonyms are not looked for.
    """
    if not synonyms.texts:
        return query
    added: list[dict[Word | Phrase, None]] = [{} for _ in query.clauses]
    room = MAX_ADDED
    for first, last, in_field, texts in found_rows(query.clauses, synonyms, lang):
        for text, place in product(texts, range(first, last)):
            clause = query.clauses[place]
            option = option_of(text, in_field, required=clause.required)
            typed = any((fold(one.text), one.field) == (fold(text), in_field) for one in options_of(clause))
            if room and not typed and option not in added[place]:
                added[place][option] = None
                room -= 1
    clauses = (
        AnyOf((*options_of(clause), *others), clause.required, clause.weak) if others else clause
        for clause, others in zip(query.clauses, added, strict=True)
    )
    return replace(query, clauses=tuple(clauses))


def found_rows(
    clauses: Sequence[Clause], synonyms: Synonyms, lang: str
) -> Iterator[tuple[int, int, str | None, tuple[str, ...]]]:
    """The rows of words in one field that have synonyms: the first clause and the one behind the last, the field, the
    texts. Of alternatives each is a row by itself."""
    keys = [row_keys(clause.text, lang) if isinstance(clause, Word) else () for clause in clauses]
    for first, clause in enumerate(clauses):
        for option in options_of(clause):
            for form, key in enumerate(row_keys(option.text, lang) if isinstance(option, Word) else ()):
                last = first + 1
                yield first, last, option.field, synonyms.texts.get(key, ())
                while len(key) < synonyms.longest and option is clause and last < len(clauses) and keys[last]:
                    if options_of(clauses[last])[0].field != option.field:
                        break
                    key, last = key + keys[last][form], last + 1
                    yield first, last, option.field, synonyms.texts.get(key, ())


def option_of(text: str, field: str | None, *, required: bool) -> Word | Phrase:
    """What holds a synonym: a word, or several in a row."""
    kind = Word if words_in(text) == (text,) else Phrase
    return kind(text, field, required=required, share=SYNONYM_SHARE)
