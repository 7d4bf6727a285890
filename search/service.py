"""`Search`, from a text to hits: parse it into a query, search, and turn the matches into hits with snippets."""

from __future__ import annotations

import reprlib
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import TypeVar, cast

from index.errors import IndexMissing, ParameterError
from index.schema import Document
from index.schema.keys import name_key
from index.settings import Settings
from search.curation import Curation
from search.deadline import OPTIONAL_SECONDS, Deadline
from search.engine import open_searcher
from search.hits import hit_of
from search.matches import Explanation, IndexState, Matches, Suggestions
from search.query import NO_FILTERS, SNIPPET_CHARS, Filters, Query, Sort, counting_number
from search.query.alternatives import alternatives
from search.query.grammar import typed_text
from search.query.parser import parse, parsed_text
from search.query.synonyms import with_synonyms
from search.query.widening import wider_queries
from search.results import Results, SimilarPosts
from search.spelling import corrected, mended, respelled

__all__ = ["Search"]

Value = TypeVar("Value", bound=str | int)


class Search:
    """Answers queries from the index that the settings name; one for the life of a process, shared by its threads.

    Nothing is opened before the first question, so that a server may fork after making one.
    """

    def __init__(self, settings: Settings | None = None, *, optional_seconds: float = OPTIONAL_SECONDS) -> None:
        """A question that took `optional_seconds` of CPU time is late (see `Deadline`)."""
        self.settings = settings or Settings()
        self.optional_seconds = optional_seconds
        self.searcher = open_searcher(self.settings)
        self.curation = Curation(self.settings)

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
        year: int | Iterable[int] = (),
        site: str | Iterable[str] = (),
        sort: Sort = "relevance",
        page: int = 1,
        per_page: int | None = None,
        prefix: bool = True,
        typos: bool = True,
        explain: bool = False,
        snippet_chars: int = SNIPPET_CHARS,
    ) -> Results:
        """The page of hits for a text and what was chosen beside it, as the endpoint gives it.

        With `prefix` the last word of the text may still be being typed. Blank texts count as none. `since` is
        inclusive and `until` exclusive, both days as the authors wrote them. With `typos` a word that no post holds is
        taken for those that it may be a misspelling of. With `explain` each hit tells the parts of its score. Snippets
        are about `snippet_chars` characters long. Raises `ParameterError` for an argument that can't be used, and
        `IndexFault` when there is no index to ask.
        """
        names = several(tag), several(author), several(category), several(lang)
        filters = Filters(*names, since, until, several(year), several(site))
        query = self.query(text, filters, sort=sort, page=page, per_page=per_page, prefix=prefix, typos=typos)
        if explain or counting_number("snippet_chars", snippet_chars) != SNIPPET_CHARS:
            query = replace(query, explain=explain, snippet_chars=snippet_chars)
        return self.answer(query)

    def explain(
        self,
        text: str,
        id: str,
        *,
        tag: str | Iterable[str] = (),
        author: str | Iterable[str] = (),
        category: str | Iterable[str] = (),
        lang: str | Iterable[str] = (),
        since: date | None = None,
        until: date | None = None,
        year: int | Iterable[int] = (),
        site: str | Iterable[str] = (),
        sort: Sort = "relevance",
        prefix: bool = True,
        typos: bool = True,
    ) -> Explanation:
        """Why the post of this id stands where it does among the hits that `run` gives for the same, or is missing.

        `id` is as of `similar`.
        """
        names = several(tag), several(author), several(category), several(lang)
        filters = Filters(*names, since, until, several(year), several(site))
        moment = datetime.now(UTC)
        post_id = checked_id(id)
        if post_id.startswith("/"):
            post_id = self._id_at(post_id, moment) or post_id
        asked = self.query(text, filters, sort=sort, prefix=prefix, typos=typos)
        query, _ = self._answered(asked, moment, Deadline(self.optional_seconds, self.searcher.late_after))
        return replace(self.searcher.explain(query, post_id, moment), corrected=query.corrected)

    def similar(self, id: str, count: int = 5, now: datetime | None = None) -> SimilarPosts:
        """The posts that are most like this one, at most `count`: those in its language first.

        `id` is the path of the post below the posts folder or, where it begins with `/`, that of its address, with a
        slash at its end or without. Where no post of this id may be found, that of the answer is "". Raises
        `ParameterError`, and `IndexFault` when there is no index to ask.
        """
        started = time.perf_counter()
        moment, post_id = now or datetime.now(UTC), checked_id(id)
        size = min(counting_number("count", count), self.settings.max_per_page)
        if post_id.startswith("/"):
            post_id = self._id_at(post_id, moment)
        matches = self.searcher.similar(post_id, size, moment)
        hits = tuple(map(hit_of, matches.matches))
        if not hits and not self.searcher.post(post_id, moment):
            post_id = ""
        return SimilarPosts(post_id, hits, (time.perf_counter() - started) * 1000, matches.state)

    def post(self, id: str, now: datetime | None = None) -> Document | None:
        """The post of this id, which is as of `similar`; None where none may be found. Raises as `similar` does."""
        moment, post_id = now or datetime.now(UTC), checked_id(id)
        if post_id.startswith("/"):
            post_id = self._id_at(post_id, moment)
        return self.searcher.post(post_id, moment)

    def suggest(self, text: str, count: int = 8, now: datetime | None = None) -> Suggestions:
        """What the text may be completed to: titles, tags, headings and frequent phrases of posts, at most `count`.

        Raises `ParameterError`, and `IndexFault` when there is no index to ask.
        """
        size = min(counting_number("count", count), self.settings.max_per_page)
        asked = Query(text)  # which checks it
        return self.searcher.complete(typed_text(asked.text), size, now or datetime.now(UTC))

    def query(
        self,
        text: str = "",
        filters: Filters | None = None,
        *,
        sort: Sort = "relevance",
        page: int = 1,
        per_page: int | None = None,
        prefix: bool = True,
        typos: bool = True,
    ) -> Query:
        """The query that the text says, narrowed by the filters too; a page holds at most `max_per_page` hits.

        What is chosen by filters stands before what the text says of the same. Raises `ParameterError`.
        """
        chosen = NO_FILTERS if filters is None else filters
        for name, value in (("prefix", prefix), ("typos", typos)):
            if not isinstance(value, bool):
                raise ParameterError(f"invalid_{name}", f"{name} is {reprlib.repr(value)}; give True or False")
        # This checks every value, so that nothing below meets one of another type.
        asked = Query(text, (), (), chosen, sort, page, self.settings.per_page if per_page is None else per_page)
        parsed = parse(text, prefix=prefix, lang_counts=self.lang_counts)
        parsed = with_synonyms(parsed, self.curation.synonyms, self.settings.lang or "en")
        if (typed := parsed.filters) != NO_FILTERS:
            chosen = replace(
                chosen,
                lang=chosen.lang or typed.lang,
                since=max(filter(None, [typed.since, chosen.since]), key=date.toordinal, default=None),
                until=min(filter(None, [typed.until, chosen.until]), key=date.toordinal, default=None),
            )
        return replace(
            parsed,
            text=typed_text(text),
            filters=chosen,
            sort=asked.sort,
            page=asked.page,
            per_page=min(asked.per_page, self.settings.max_per_page),
            facet_size=self.settings.facet_size,
            prefix=prefix,
            typos=typos,
            pinned=self.pins(parsed.wanted) if asked.sort == "relevance" else (),
        )

    def pins(self, text: str) -> tuple[str, ...]:
        """The ids of the posts that the site puts first for a text."""
        return self.curation.pins.get(name_key(text), ())

    def lang_counts(self, term: str) -> Mapping[str, int]:
        """How many posts of each language hold the term. Without an index, which `answer` tells of, none does."""
        try:
            return self.searcher.lang_counts(term)
        except IndexMissing:  # any other fault may pass before `answer`, which must not take a query that was misread
            return {}

    def answer(self, query: Query, now: datetime | None = None, *, begun: Query | None = None) -> Results:
        """The page of hits that the query wants; where no post answers it, of the same query asked for less strictly.
        Where few do, `instead` holds queries that find more.

        `begun` is the query with the beginning of a word at its end, asked where no post holds that as a word. After
        its deadline nothing else is asked, and words are taken as they are typed. Raises `IndexFault` when there is no
        index to ask.
        """
        started, deadline = time.perf_counter(), Deadline(self.optional_seconds, self.searcher.late_after)
        moment = now or datetime.now(UTC)
        asked = query

        def count(text: str, filters: Filters) -> int:
            if deadline.passed:
                return 0
            other = self.query(text, filters, prefix=asked.prefix, typos=asked.typos)
            other, _ = respelled(other, self.searcher, moment, deadline, begun=begun is not None)
            return self.searcher.count(other, moment)

        query, matches = self._answered(asked, moment, deadline, begun)
        mend = partial(mended, searcher=self.searcher, now=moment, deadline=deadline)
        instead = (*query.instead, *alternatives(query, matches.total, count, mend))
        return Results(
            query=query.text,
            parsed=parsed_text(query),
            corrected=query.corrected,
            hits=tuple(hit_of(match, query.snippet_chars) for match in matches.matches),
            total=matches.total,
            page=query.page,
            per_page=query.per_page,
            pages=-(-matches.total // query.per_page),
            facets=matches.facets,
            processing_ms=(time.perf_counter() - started) * 1000,
            index=matches.state,
            notices=(*query.notices, *matches.notices),
            instead=instead,
            related=tuple(hit_of(match, query.snippet_chars) for match in matches.related),
            suggestions=matches.suggestions,
            limited=matches.limited or deadline.noticed,
        )

    def _answered(
        self, query: Query, moment: datetime, deadline: Deadline, begun: Query | None = None
    ) -> tuple[Query, Matches]:
        """The query that is answered, which is a wider one where no post answers the one asked, and its matches."""
        query, rewrites = respelled(query, self.searcher, moment, deadline, begun=begun is not None)
        if rewrites and query.sort == "relevance":
            query = replace(query, pinned=query.pinned or self.pins(query.wanted))
        matches = self.searcher.search(query, moment)
        if rewrites:
            best = matches
            if query.page > 1 or query.sort != "relevance":  # every page tells the same
                best = self.searcher.search(replace(query, page=1, per_page=1, sort="relevance", facet_size=0), moment)
            query = corrected(query, rewrites, next(iter(best.matches), None))
        for wider in () if matches.total else wider_queries(query, begun, self.lang_counts):
            if deadline.passed:
                break
            found = self.searcher.search(wider, moment)
            if found.total:
                return wider, found
        return query, matches

    def _id_at(self, path: str, moment: datetime) -> str:
        """The id of the post whose address has this path, as it is or else with or without a slash at its end; "" where
        there is none that may be found."""
        other = path.removesuffix("/") if path.endswith("/") else f"{path}/"
        document = self.searcher.at(path, moment) or self.searcher.at(other, moment)
        return document.id if document else ""

    def state(self, now: datetime | None = None) -> IndexState:
        """Which index would answer now. Raises `IndexFault` when there is none."""
        return self.searcher.state(now or datetime.now(UTC))

    def close(self) -> None:
        """Release the index."""
        self.searcher.close()


def checked_id(id: str) -> str:
    """The id of a post, as text that can be looked up. Raises `ParameterError`."""
    if not isinstance(id, str):
        raise ParameterError("invalid_id", f"id is {reprlib.repr(id)}; give the path of a post below the posts folder")
    # Halves of surrogate pairs, such as of bytes that are no UTF-8, stand in the id of no post.
    return id.encode(errors="replace").decode()


def several(values: Value | Iterable[Value]) -> tuple[Value, ...]:
    """The values of a filter, where one may stand by itself."""
    one = cast(tuple[Value, ...], (values,))
    if isinstance(values, str | bytes):
        return one
    try:
        return tuple(cast(Iterable[Value], values))
    except TypeError:  # nothing to iterate over, which `Filters` tells
        return one
