"""Widens a query that no post answers: less of it is asked for, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from search.query import AnyOf, Clause, Phrase, Query, Word
from search.query.notices import Notice
from search.query.parser import MAX_CLAUSES
from search.query.words import LangCounts, any_of, make_word, no_posts, words_in

__all__ = ["wider_queries"]

Clauses = tuple[Clause, ...]


def wider_queries(query: Query, begun: Query | None, lang_counts: LangCounts = no_posts) -> Iterator[Query]:
    """What to ask in place of a query that no post answers, one after the other, each with a notice that says so.

    First `begun`, in which the last word may be a beginning, if there is such a query; then the words of quotations in
    their place; then what was required, such as a word in a field, is only wanted. Nothing is asked that holds no word.
    """
    tried = {(), query.clauses}
    for widened, told in (
        (lambda clauses, _: clauses, ()),
        (without_phrases, (Notice("phrases_loosened"),)),
        (without_requirements, (Notice("fields_loosened"),)),
    ):
        for asked, begins in (
            (query, ()),
            (begun, (Notice("last_word_begun"),)),
        ):
            # Without a clause, every post would be found.
            if asked is not None and (clauses := widened(asked.clauses, lang_counts)) and clauses not in tried:
                tried.add(clauses)
                yield replace(asked, clauses=clauses, notices=(*asked.notices, *begins, *told))


def without_phrases(clauses: Clauses, lang_counts: LangCounts) -> Clauses:
    """The clauses, of phrases their words, none of which is required."""
    wider: list[Clause] = []
    for clause in clauses:
        if isinstance(clause, AnyOf):
            options = tuple(word for option in clause.options for word in single_words(option, lang_counts))
            wider.append(clause if options == clause.options else replace(any_of(options), required=False))
        else:
            wider += single_words(clause, lang_counts)
    return tuple(wider[:MAX_CLAUSES])


def single_words(option: Word | Phrase, lang_counts: LangCounts) -> Sequence[Word | Phrase]:
    """The words of a phrase that was typed; one that stands in for a word is that word's equal as a whole."""
    if isinstance(option, Word) or option.share < 1:
        return [option]
    make = partial(make_word, field=option.field, lang_counts=lang_counts)
    return [replace(make(word), required=False) for word in words_in(option.text)]


def without_requirements(clauses: Clauses, lang_counts: LangCounts) -> Clauses:
    """The words of the clauses, none of them required; but what is asked for in fields alone stays as it is."""
    words = without_phrases(clauses, lang_counts)
    if all(word.required or word.weak for word in words):
        return words
    return tuple(replace(word, required=False) for word in words)
