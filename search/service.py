"""The whole way of a search: text -> query -> matches -> hits with snippets, on one screen."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from index.settings import Settings
from search.engine import open_searcher
from search.hits import HitMaker
from search.query import Clause, Filters, Phrase, Query, Sort, Word
from search.query.grammar import typed_text
from search.query.parser import MAX_CLAUSES, parse, parsed_text
from search.results import IndexState, Matches, Results

__all__ = ["Request", "Search"]


@dataclass(frozen=True, slots=True)
class Request:
    """What a visitor asks for: the text in the box, and what was chosen beside it."""

    text: str = ""
    filters: Filters = field(default_factory=Filters)
    sort: Sort = "relevance"
    page: int = 1
    per_page: int = 10
    prefix: bool = True


class Search:
    """Answers requests from the index that the settings name; one for the life of a process, shared by its threads.

    Nothing is opened before the first question, so that a server may fork after making one.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.searcher = open_searcher(self.settings)

    def run(
        self,
        text: str = "",
        *,
        tag: str | Iterable[str] = (),
        author: str | Iterable[str] = (),
        category: str | Iterable[str] = (),
        lang: str | Iterable[str] = (),
        since: date | None = None,
        until: date | None = None,
        sort: Sort = "relevance",
        page: int = 1,
        per_page: int | None = None,
        prefix: bool = True,
    ) -> Results:
        """The page of hits for a text and what was chosen beside it, as the endpoint gives it.

        With `prefix` the last word of the text may still be being typed. `since` is inclusive and `until` exclusive,
        both days as the authors wrote them. Raises `IndexFault` when there is no index to ask.
        """
        filters = Filters(several(tag), several(author), several(category), several(lang), since, until)
        return self.answer(Request(text, filters, sort, page, per_page or self.settings.per_page, prefix))

    def answer(self, request: Request, now: datetime | None = None) -> Results:
        """The page of hits for the request. Raises `IndexFault` when there is no index to ask."""
        started = time.perf_counter()
        moment = now or datetime.now(UTC)
        query = self.query(request)
        matches = self.searcher.search(query, moment)
        if not matches.total and (wider := without_phrases(query)) != query:
            query, matches = self.widen(query, matches, wider, moment)
        make = HitMaker(query)
        return Results(
            query=typed_text(request.text),
            parsed=parsed_text(query),
            corrected=None,
            hits=tuple(make.hit(match) for match in matches.matches),
            total=matches.total,
            page=query.page,
            per_page=query.per_page,
            pages=-(-matches.total // query.per_page),
            facets=matches.facets,
            processing_ms=(time.perf_counter() - started) * 1000,
            index=matches.state,
            warnings=query.warnings,
        )

    def query(self, request: Request) -> Query:
        """The request's text as a query, with what was chosen beside it."""
        query = parse(request.text, prefix=request.prefix)
        return replace(
            query,
            filters=both(query.filters, request.filters),
            sort=request.sort,
            page=max(request.page, 1),
            per_page=min(max(request.per_page, 1), self.settings.max_per_page),
            facet_size=self.settings.facet_size,
        )

    def widen(self, query: Query, matches: Matches, wider: Query, now: datetime) -> tuple[Query, Matches]:
        """The answer to the words of a phrase that no post holds, where posts hold those."""
        found = self.searcher.search(wider, now)
        if not found.total:
            return query, matches
        warning = "no post holds the whole phrase; these hold its words"
        return replace(wider, warnings=(*query.warnings, warning)), found

    def state(self, now: datetime | None = None) -> IndexState:
        """Which index would answer now. Raises `IndexFault` when there is none."""
        return self.searcher.state(now or datetime.now(UTC))

    def close(self) -> None:
        """Release the index."""
        self.searcher.close()


def several(values: str | Iterable[str]) -> tuple[str, ...]:
    """The values, where one may stand by itself."""
    return (values,) if isinstance(values, str) else tuple(values)


def both(typed: Filters, chosen: Filters) -> Filters:
    """The filters that a text says and those chosen beside it: what is chosen stands before what is typed."""
    return Filters(
        tag=chosen.tag or typed.tag,
        author=chosen.author or typed.author,
        category=chosen.category or typed.category,
        lang=chosen.lang or typed.lang,
        since=max(filter(None, [typed.since, chosen.since]), key=date.toordinal, default=None),
        until=min(filter(None, [typed.until, chosen.until]), key=date.toordinal, default=None),
    )


def without_phrases(query: Query) -> Query:
    """The query with the words of its phrases in their place, none of them required."""
    words = dict.fromkeys(word for clause in query.clauses for word in words_of(clause))
    return replace(query, clauses=tuple(words)[:MAX_CLAUSES])


def words_of(clause: Clause) -> tuple[Clause, ...]:
    if isinstance(clause, Phrase):
        return tuple(Word(word, clause.field) for word in clause.text.split())
    return (clause,)
