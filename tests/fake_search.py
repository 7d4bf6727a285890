"""A service that answers from memory what a test gave it, and remembers what it was asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html import escape

from flask import Flask

from index.opensearch.health import ClusterHealth
from index.schema import Document
from index.schema.keys import path_of
from index.settings import Settings
from search.engine.searcher import Searcher
from search.matches import Explanation, IndexState, Match, Matches, NearWord, Suggestion, Suggestions
from search.query import Instead, Query
from search.query.notices import Notice
from search.results import Highlights, Hit, Results, SectionHit
from search.service import Search
from search.web.app_state import AppState
from search.web.extension import create_app

__all__ = ["FakeSearch", "FakeSearcher", "answered_by", "app_with", "make_hit"]

STATE = IndexState(generation=7, updated_at=datetime(2026, 5, 4, 3, 2, 1, 500_000, tzinfo=UTC), posts=123, epoch=1)
FACETS: Mapping[str, Mapping[str, int]] = {
    "tags": {"ovirt": 12, "kvm": 5},
    "author": {"tconrey": 9},
    "year": {"2013": 10, "2014": 2},
}


def make_hit(number: int = 1, **changes: object) -> Hit:
    """A hit like those that the service makes; whatever text is changed is escaped where the contract says so."""
    title = str(changes.pop("title", f"oVirt workshop {number}"))
    tags = changes.pop("tags", ("ovirt", "kvm"))
    assert isinstance(tags, tuple)
    text = str(changes.pop("text", "A talk on libgfapi & more"))
    snippet = escape(text).replace("libgfapi", "<mark>libgfapi</mark>")
    hit = Hit(
        id=f"2013/post-{number}.md",
        url=f"/2013/post-{number}/",
        title=title,
        date="2013-06-19",
        author=("tconrey",),
        tags=tags,
        lang="en",
        score=12.345678,
        highlights=Highlights(f"<mark>{escape(title)}</mark>", snippet, tuple(map(escape, tags))),
        snippet=snippet,
        plain_snippet=text,
        matched_fields=("title", "body"),
        sections=(SectionHit("Gluster & friends", f"/2013/post-{number}/#gluster", snippet),),
    )
    return replace(hit, **changes)  # type: ignore[arg-type]


class FakeSearcher(Searcher):
    """Finds the documents of the service's hits, whatever is asked, and remembers the queries."""

    def __init__(self, service: FakeSearch) -> None:
        self.service = service
        self.asked: list[Query] = []

    def search(self, query: Query, now: datetime) -> Matches:
        self.asked.append(query)
        first = (query.page - 1) * query.per_page
        found = [Match.unmarked(document_of(hit), hit.score) for hit in self.service.hits]
        return Matches(tuple(found[first : first + query.per_page]), len(found), {}, self.state(now))

    def langs(self) -> Collection[str]:
        return {"en"}

    def doc_freq(self, *_arguments: object, **_named: object) -> int:
        return 0

    def near(self, *_arguments: object, **_named: object) -> Sequence[NearWord]:
        return ()

    def lang_counts(self, term: str) -> Mapping[str, int]:  # noqa: ARG002 - the contract gives it
        return {}

    def explain(self, query: Query, id: str, now: datetime) -> Explanation:
        raise NotImplementedError

    def similar(self, id: str, count: int, now: datetime) -> Matches:
        found = [Match.unmarked(document_of(hit), 0.5) for hit in self.service.hits]
        others = tuple(match for match in found if match.document.id != id)[:count]
        return Matches(others, len(others), {}, self.state(now))

    def complete(self, text: str, count: int, now: datetime) -> Suggestions:
        found = [Suggestion(hit.title, "title", 1, hit.url) for hit in self.service.hits if text.strip()]
        return Suggestions(tuple(found[:count]), self.state(now))

    def at(self, path: str, now: datetime) -> Document | None:
        assert now.tzinfo
        self.state(now)  # which raises what the service is to raise
        return next((document_of(hit) for hit in self.service.hits if path_of(hit.url) == path), None)

    def post(self, id: str, now: datetime) -> Document | None:
        self.state(now)
        return next((document_of(hit) for hit in self.service.hits if hit.id == id), None)

    def state(self, now: datetime) -> IndexState:
        return self.service.state(now)

    def cluster(self) -> ClusterHealth | None:
        return self.service.cluster_state

    def close(self) -> None:
        pass


def document_of(hit: Hit) -> Document:
    return Document(hit.id, hit.url, hit.title, hit.plain_snippet, hit.author, hit.tags, lang=hit.lang)


class FakeSearch(Search):
    """Answers every query with the same hits, as the page wanted; `error` is raised in place of any answer."""

    def __init__(self, hits: Sequence[Hit] = (), *, total: int | None = None, error: Exception | None = None) -> None:
        super().__init__(Settings())
        self.hits = tuple(hits)
        self.total = len(self.hits) if total is None else total
        self.error = error
        self.index_state = STATE
        self.cluster_state: ClusterHealth | None = None
        self.corrected: str | None = None
        self.notices: tuple[Notice, ...] = ()
        self.instead: tuple[Instead, ...] = ()
        self.suggestions: tuple[str, ...] = ()
        self.facets: Mapping[str, Mapping[str, int]] = FACETS
        self.searcher = FakeSearcher(self)
        self.asked: list[Query] = []
        self.times: list[datetime | None] = []

    def answer(self, query: Query, now: datetime | None = None, *, begun: Query | None = None) -> Results:
        if self.error:
            raise self.error
        self.asked.append(query)
        if begun and begun.clauses != query.clauses and not self.total:
            self.asked.append(begun)
        self.times.append(now)
        pages = -(-self.total // query.per_page)
        return Results(
            query=query.text,
            parsed=query.text,
            corrected=self.corrected,
            hits=self.hits if query.page <= pages else (),
            total=self.total,
            page=query.page,
            per_page=query.per_page,
            pages=pages,
            facets=self.facets if self.hits else {},
            processing_ms=1.23456,
            index=self.index_state,
            notices=self.notices,
            instead=self.instead,
            suggestions=self.suggestions[: query.suggest],
        )

    def state(self, now: datetime | None = None) -> IndexState:
        self.times.append(now)
        if self.error:
            raise self.error
        return self.index_state


def app_with(service: Search, settings: Settings | None = None, *, local: bool = False) -> Flask:
    """The app of its own, answered by the service given."""
    return answered_by(create_app(settings or Settings(), local=local), service)


def answered_by(app: Flask, service: Search) -> Flask:
    """An app that has postsearch, answered by the service given from now on."""
    app.extensions["postsearch"] = AppState(app.extensions["postsearch"].settings, service)
    return app
