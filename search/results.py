"""What people and programs get of a query: `Results`, a page of `Hit`s, as frozen plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from search.matches import IndexState, ScoreParts
from search.query import Instead
from search.query.notices import Notice
from search.sentences import ENGLISH, Sentences

__all__ = [
    "Highlights",
    "Hit",
    "Results",
    "SectionHit",
    "SimilarPosts",
]


@dataclass(frozen=True, slots=True)
class SectionHit:
    """A section of a post that holds what was searched.

    `snippet` is HTML with no element but `<mark>`, and "" where that of the hit says it; `fragment` as of a hit.
    """

    title: str
    url: str
    snippet: str
    fragment: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As JSON answers hold it."""
        return {"title": self.title, "url": self.url, "snippet": self.snippet, "fragment": self.fragment}


@dataclass(frozen=True, slots=True)
class Highlights:
    """Title, snippet of the body, and tags of a hit. HTML with no element but `<mark>`."""

    title: str
    body: str
    tags: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON answers hold it."""
        return {"title": self.title, "body": self.body, "tags": list(self.tags)}


@dataclass(frozen=True, slots=True)
class Hit:
    """A post as it is shown. `highlights` and `snippet` are HTML with no element but `<mark>`; the rest is plain text.

    `date` is the day as the author wrote it, `YYYY-MM-DD`, or None. `site` is the name of the folder, of several; else
    "". `fragment` is what may be put behind `url` to lead to the first marked words of the snippet in the page, by a
    text fragment, or "". `pinned`: the site puts it first for this query. `explanation` is None unless asked for.
    """

    id: str
    url: str
    title: str
    date: str | None
    author: tuple[str, ...]
    tags: tuple[str, ...]
    lang: str
    score: float
    highlights: Highlights
    snippet: str
    plain_snippet: str
    matched_fields: tuple[str, ...]
    sections: tuple[SectionHit, ...] = ()
    fragment: str = ""
    pinned: bool = False
    explanation: ScoreParts | None = None
    site: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As JSON answers hold it."""
        return {
            "id": self.id,
            "url": self.url,
            "title": self.title,
            "date": self.date,
            "author": list(self.author),
            "tags": list(self.tags),
            "lang": self.lang,
            "site": self.site,
            "score": round(self.score, 4),
            "highlights": self.highlights.to_dict(),
            "snippet": self.snippet,
            "plain_snippet": self.plain_snippet,
            "matched_fields": list(self.matched_fields),
            "sections": [section.to_dict() for section in self.sections],
            "fragment": self.fragment,
            "pinned": self.pinned,
            "explanation": self.explanation.to_dict() if self.explanation else None,
        }


@dataclass(frozen=True, slots=True)
class Results:
    """A page of hits and all that a results page or a program wants to know of it.

    `parsed` is the query as it was understood, and `notices` tell what of it was not used as typed; `corrected` is the
    query that was answered in its place, or None; `instead` are other queries that may be meant; `related` are posts
    near it in meaning, told where words find few; `suggestions` are texts that go on where the query ends, where they
    were asked for; `limited` says that parts of the query were left out, since they would have cost too much, or that
    it was late, and other queries may be missing.
    """

    query: str
    parsed: str
    corrected: str | None
    hits: tuple[Hit, ...]
    total: int
    page: int
    per_page: int
    pages: int
    facets: Mapping[str, Mapping[str, int]]
    processing_ms: float
    index: IndexState
    notices: tuple[Notice, ...] = ()
    instead: tuple[Instead, ...] = ()
    related: tuple[Hit, ...] = ()
    suggestions: tuple[str, ...] = ()
    limited: bool = False

    @property
    def warnings(self) -> tuple[str, ...]:
        """The notices in English."""
        return tuple(notice.text() for notice in self.notices)

    def to_dict(self, say: Sentences = ENGLISH) -> dict[str, Any]:
        """As the JSON answer holds it, the keys in its order; `say` puts into words what is told of the query."""
        return {
            "query": self.query,
            "parsed": self.parsed,
            "corrected": self.corrected,
            "hits": [hit.to_dict() for hit in self.hits],
            "total": self.total,
            "page": self.page,
            "per_page": self.per_page,
            "pages": self.pages,
            "facets": {name: dict(counts) for name, counts in self.facets.items()},
            "processing_ms": round(self.processing_ms, 2),
            "index": self.index.to_dict(),
            "warnings": [notice.text(say) for notice in self.notices],
            "notices": [notice.to_dict() for notice in self.notices],
            "limited": self.limited,
            "instead": [other.to_dict(say) for other in self.instead],
            "related": [hit.to_dict() for hit in self.related],
            "suggestions": list(self.suggestions),
        }


@dataclass(frozen=True, slots=True)
class SimilarPosts:
    """The posts that are most like the one of this id, which is "" where there is none that may be found.

    The `score` of a hit is from 0 to 1; nothing is marked in it, and it has no sections.
    """

    id: str
    hits: tuple[Hit, ...]
    processing_ms: float
    index: IndexState

    def to_dict(self) -> dict[str, Any]:
        """As the JSON answer holds it, the keys in its order."""
        return {
            "id": self.id,
            "hits": [hit.to_dict() for hit in self.hits],
            "processing_ms": round(self.processing_ms, 2),
            "index": self.index.to_dict(),
        }
