"""What is asked of an engine: plain frozen data, made from the text in the search box by `search.query.parser`.

A query holds clauses (what a post should hold: the more of them the better), clauses that it must not hold, filters
that narrow the matches without a say in the score, and the page wanted.
"""

from __future__ import annotations

import reprlib
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import MAXYEAR, MINYEAR, date
from operator import index
from typing import Any, Literal, get_args

from index.errors import ParameterError
from search.query.notices import Notice
from search.sentences import ENGLISH, Sentences

__all__ = [
    "ALSO_MEANT",
    "NO_FILTERS",
    "SNIPPET_CHARS",
    "SORTS",
    "AnyOf",
    "Clause",
    "Filters",
    "Instead",
    "Phrase",
    "Query",
    "Sort",
    "Word",
    "counting_number",
    "options_of",
    "sort_named",
]

Sort = Literal["relevance", "newest", "oldest"]

SORTS: tuple[Sort, ...] = get_args(Sort)
"""The orders that hits can have."""

SNIPPET_CHARS = 240
"""About how long snippets are, unless asked otherwise."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word as typed, in one field or (None) in any; with `prefix`, also words that begin with it.

    `required` words must be held; others only lift the posts that hold them. `weak` words (stop words) never bring a
    post in by themselves when the query has other words. `share` is the part of its score that counts: below 1 for a
    word that stands in for the one that was typed.
    """

    text: str
    field: str | None = None
    prefix: bool = False
    required: bool = False
    weak: bool = False
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in a row, as typed, in one field or (None) in any; `share` as of a word."""

    text: str
    field: str | None = None
    required: bool = True
    weak: bool = False
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of these must be held: `a OR b`."""

    options: tuple[Word | Phrase, ...]
    required: bool = False
    weak: bool = False


Clause = Word | Phrase | AnyOf


def options_of(clause: Clause) -> tuple[Word | Phrase, ...]:
    """The words and phrases of a clause, one of which must be held."""
    return clause.options if isinstance(clause, AnyOf) else (clause,)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a post must be to count as a match. Values within one filter are alternatives; an empty one lets all pass,
    and blank texts count as none.

    Tags, authors, categories and sites are compared whole, folded as words are; `lang` also lets regional variants
    pass. `since` is inclusive and `until` exclusive, both days as the authors wrote them; of a datetime only the day
    counts. `year` is that of the same day. Posts without a date pass none of these. Raises `ParameterError` where a
    value is not of the type that is promised.
    """

    tag: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    lang: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    year: tuple[int, ...] = ()
    site: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, values in (
            ("tag", self.tag), ("author", self.author), ("category", self.category), ("lang", self.lang),
            ("site", self.site),
        ):  # fmt: skip
            if not isinstance(values, tuple):
                raise ParameterError(
                    f"invalid_{name}", f"{name} is {reprlib.repr(values)}; give a tuple of texts (str)"
                )
            for value in values:
                if not isinstance(value, str):
                    raise ParameterError(f"invalid_{name}", f"{name} is {reprlib.repr(value)}; give texts (str)")
            if not all(map(str.strip, values)):
                object.__setattr__(self, name, tuple(filter(str.strip, values)))
        if not isinstance(self.year, tuple):
            raise ParameterError(
                "invalid_year", f"year is {reprlib.repr(self.year)}; give a tuple of whole numbers (int)"
            )
        object.__setattr__(self, "year", tuple(counting_number("year", year) for year in self.year))
        if max(self.year, default=MINYEAR) > MAXYEAR:
            raise ParameterError("invalid_year", f"year is {reprlib.repr(max(self.year))}; give at most {MAXYEAR}")
        for name, day in (("since", self.since), ("until", self.until)):
            if day is not None and not isinstance(day, date):
                raise ParameterError(
                    f"invalid_{name}", f"{name} is {reprlib.repr(day)}; give a datetime.date or datetime.datetime"
                )

    def without(self, *names: str) -> Filters:
        """All of the filters but those of these names."""
        empty: dict[str, Any] = {name: getattr(NO_FILTERS, name) for name in names}
        return replace(self, **empty)


NO_FILTERS = Filters()
"""Which let every post pass."""

ALSO_MEANT = Notice("also_meant")
"""The reason of a query that misspelt words may mean as well as the one that is answered in their place."""


@dataclass(frozen=True, slots=True)
class Instead:
    """Another query that may be meant: its text for the search box, and why.

    `total` is how many posts it finds, where that was counted. `without` names the filters that it leaves out, such as
    "tag", and `typos` says whether it is asked with misspellings mended.
    """

    query: str
    notice: Notice
    total: int | None = None
    without: tuple[str, ...] = ()
    typos: bool = True

    @property
    def reason(self) -> str:
        """Why, in English."""
        return self.notice.text()

    def to_dict(self, say: Sentences = ENGLISH) -> dict[str, Any]:
        """As JSON answers hold it: filters by the names of their parameters, and the reason also in words."""
        return {
            "query": self.query,
            "reason": self.notice.text(say),
            "notice": self.notice.to_dict(),
            "total": self.total,
            "without": [{"since": "from", "until": "to"}.get(name, name) for name in self.without],
            "typos": self.typos,
        }


@dataclass(frozen=True, slots=True)
class Query:
    """One search: `text` as typed, its parts, and the page that is wanted (counted from 1).

    `notices` say what of the text was not used as typed, `instead` how else it may be read. With `prefix` the last
    word may be the beginning of one. With `typos` words that no post holds are taken for near ones; `corrected` is the
    text with these, or None. With `explain` each match of the page tells the parts of its score. At most `suggest`
    completions of the text come with the matches. Snippets are about `snippet_chars` characters long. `wanted` is the
    text without filters and without what is left out, all of it unless given: whole titles, and words in a row, are
    found by it. `pinned` are ids of posts that match whatever they hold, if they may be found and pass the filters; by
    relevance they come first, in this order.

    Raises `ParameterError` where a value is not of the type that is promised, or can't be given.
    """

    text: str = ""
    clauses: tuple[Clause, ...] = ()
    excluded: tuple[Clause, ...] = ()
    filters: Filters = NO_FILTERS
    sort: Sort = "relevance"
    page: int = 1
    per_page: int = 10
    facet_size: int = 20
    notices: tuple[Notice, ...] = ()
    instead: tuple[Instead, ...] = ()
    prefix: bool = False
    typos: bool = True
    corrected: str | None = None
    explain: bool = False
    suggest: int = 0
    snippet_chars: int = SNIPPET_CHARS
    wanted: str = ""
    pinned: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.text, str):
            raise ParameterError("invalid_text", f"text is {reprlib.repr(self.text)}; give a text (str)")
        if not isinstance(self.filters, Filters):
            raise ParameterError("invalid_filters", f"filters is {reprlib.repr(self.filters)}; give search.Filters")
        sort_named(self.sort)
        object.__setattr__(self, "wanted", self.wanted or self.text)
        for name in ("page", "per_page", "snippet_chars"):  # which may be of numpy, and are to be shown as JSON
            object.__setattr__(self, name, counting_number(name, getattr(self, name)))


def sort_named(name: object) -> Sort:
    """The order of this name. Raises `ParameterError`."""
    for sort in SORTS:
        if isinstance(name, str) and sort == name:
            return sort
    raise ParameterError("invalid_sort", f"sort is {reprlib.repr(name)}; give one of {', '.join(SORTS)}")


def counting_number(name: str, value: object) -> int:
    """The value of the parameter `name`, a whole number from 1 of any integer type. Raises `ParameterError`."""
    with suppress(TypeError):  # of what is no whole number
        if not isinstance(value, bool) and (number := index(value)) >= 1:  # type: ignore[arg-type]
            return number
    raise ParameterError(f"invalid_{name}", f"{name} is {reprlib.repr(value)}; give a whole number from 1")
