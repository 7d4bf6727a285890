"""Titles that complete what is being typed: the text goes in, `Suggestion`s come out.

A browser asks for them at every key, so that nothing is read here but the titles: no snippet, no facet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from search.query import AnyOf, Clause, Filters
from search.service import Request, Search
from search.web.links import absolute_url

__all__ = ["Suggestion", "suggest", "suggestions_answer"]

LIMIT = 8
DESCRIBED = 120


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A post whose title holds all the words, the last of which may be a beginning; `about` is "" or a sentence."""

    title: str
    about: str
    url: str


def suggest(service: Search, text: str, now: datetime) -> tuple[Suggestion, ...]:
    """At most `LIMIT` posts, the best first, each title once. Raises `IndexFault` when there is no index to ask."""
    query = service.query(Request(text, per_page=LIMIT))
    if not query.clauses and query.filters == Filters():
        return ()
    narrow = replace(query, clauses=tuple(map(in_title, query.clauses)), facet_size=0)
    documents = [match.document for match in service.searcher.search(narrow, now).matches]
    first = {document.title: document for document in reversed(documents)}
    return tuple(
        Suggestion(document.title, shortened(document.description), document.url)
        for document in documents
        if document.title and first[document.title] is document
    )


def in_title(clause: Clause) -> Clause:
    """The clause, held by the title where no field was named."""
    if isinstance(clause, AnyOf):
        options = tuple(replace(option, field=option.field or "title") for option in clause.options)
        return replace(clause, options=options, required=True)
    return replace(clause, field=clause.field or "title", required=not clause.weak)


def shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= DESCRIBED else line[: DESCRIBED - 1].rstrip() + "…"


def suggestions_answer(text: str, found: Sequence[Suggestion], site: str) -> list[Any]:
    """The answer in the shape that browsers ask for: what was typed, completions, descriptions, addresses in full."""
    return [
        text,
        [one.title for one in found],
        [one.about for one in found],
        [absolute_url(one.url, site) for one in found],
    ]
