"""What is asked of an engine: plain frozen data, made from the text in the search box by `search.query.parser`.

A query holds clauses (what a post should hold: the more of them the better), clauses that it must not hold, filters
that narrow the matches without a say in the score, and the page wanted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

__all__ = ["AnyOf", "Clause", "Filters", "Phrase", "Query", "Sort", "Word"]

Sort = Literal["relevance", "newest", "oldest"]


@dataclass(frozen=True, slots=True)
class Word:
    """A word as typed, in one field or (None) in any; with `prefix`, also words that begin with it.

    `required` words must be held; others only lift the posts that hold them. `weak` words (stop words) never bring a
    post in by themselves when the query has other words.
    """

    text: str
    field: str | None = None
    prefix: bool = False
    required: bool = False
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in a row, as typed, in one field or (None) in any."""

    text: str
    field: str | None = None
    required: bool = True
    weak: bool = False


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of these must be held: `a OR b`."""

    options: tuple[Word | Phrase, ...]
    required: bool = False
    weak: bool = False


Clause = Word | Phrase | AnyOf


@dataclass(frozen=True, slots=True)
class Filters:
    """What a post must be to count as a match. Values within one filter are alternatives; an empty one lets all pass.

    Tags, authors and categories are compared whole, folded as words are; `lang` also lets regional variants pass.
    `since` is inclusive and `until` exclusive, both days as the authors wrote them; of a datetime only the day counts.
    Posts without a date pass neither.
    """

    tag: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    lang: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """One search: `text` as typed, its parts, and the page that is wanted (counted from 1)."""

    text: str = ""
    clauses: tuple[Clause, ...] = ()
    excluded: tuple[Clause, ...] = ()
    filters: Filters = field(default_factory=Filters)
    sort: Sort = "relevance"
    page: int = 1
    per_page: int = 10
    facet_size: int = 20
    warnings: tuple[str, ...] = ()
