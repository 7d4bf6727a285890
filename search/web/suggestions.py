"""Titles that complete what is being typed, as browsers ask for them.

They do so at every key, so that nothing is read here but the titles: no snippet, no facet.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from index.schema import Document
from search.query import AnyOf, Clause, Filters
from search.results import IndexState
from search.service import Search
from search.web.links import absolute_url

__all__ = ["suggest"]

MAX_SUGGESTIONS = 8
MAX_ABOUT_CHARS = 120


def suggest(service: Search, text: str, now: datetime, site: str) -> tuple[list[Any], IndexState]:
    """What was typed, titles that hold all its words (the last may be a beginning), a description and the address of
    each: the JSON that browsers want; and the state of the index that it is from.

    The best posts come first, each title once; addresses are in full, as seen from `site`. Raises `IndexFault` when
    there is no index to ask.
    """
    query = service.query(text, per_page=MAX_SUGGESTIONS)
    first: dict[str, Document] = {}
    if query.clauses or query.filters != Filters():
        narrow = replace(query, clauses=tuple(map(in_title, query.clauses)), facet_size=0)
        matches = service.searcher.search(narrow, now)
        state = matches.state
        for match in matches.matches:
            first.setdefault(match.document.title, match.document)
        first.pop("", None)
    else:
        state = service.state(now)
    posts = first.values()
    about = [shortened(post.description) for post in posts]
    return [text, list(first), about, [absolute_url(post.url, site) for post in posts]], state


def in_title(clause: Clause) -> Clause:
    """The clause, held by the title where no field was named."""
    if isinstance(clause, AnyOf):
        options = tuple(replace(option, field=option.field or "title") for option in clause.options)
        return replace(clause, options=options, required=True)
    return replace(clause, field=clause.field or "title", required=not clause.weak)


def shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_ABOUT_CHARS else line[: MAX_ABOUT_CHARS - 1].rstrip() + "…"
