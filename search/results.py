"""What comes back: matches as an engine gives them, and hits and results as people and programs see them.

All of it is frozen plain data that outlives the index it came from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from index.schema import Document

__all__ = ["Hit", "IndexState", "Match", "Matches", "Results", "SectionHit"]


@dataclass(frozen=True, slots=True)
class IndexState:
    """Which index answered: its generation, when it was last written, and how many posts may be found in it now.

    `epoch` changes whenever the clock alone changes what may be found, so that (generation, epoch) names one set of
    findable posts.
    """

    generation: int
    updated_at: datetime
    posts: int
    epoch: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """A document that an engine found, its score, and the searched fields in which it was found."""

    document: Document
    score: float
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matches:
    """An engine's answer: the wanted page of matches, how many there are in all, and the facets of all of them.

    `facets` maps `tags`, `author` and `year` to values with their counts, the commonest first.
    """

    matches: tuple[Match, ...]
    total: int
    facets: Mapping[str, Mapping[str, int]]
    state: IndexState


@dataclass(frozen=True, slots=True)
class SectionHit:
    """A section of a post that holds what was searched. `snippet` is HTML with no element but `<mark>`."""

    title: str
    url: str
    snippet: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A post as it is shown. `highlights` and `snippet` are HTML with no element but `<mark>`; the rest is plain text.

    `highlights` maps `title` and `body` to a text and `tags` to a list of texts. `date` is the day as the author
    wrote it, `YYYY-MM-DD`, or None.
    """

    id: str
    url: str
    title: str
    date: str | None
    author: tuple[str, ...]
    tags: tuple[str, ...]
    lang: str
    score: float
    highlights: Mapping[str, str | tuple[str, ...]]
    snippet: str
    plain_snippet: str
    matched_fields: tuple[str, ...]
    sections: tuple[SectionHit, ...] = ()


@dataclass(frozen=True, slots=True)
class Results:
    """A page of hits and all that a results page or a program wants to know of it.

    `parsed` is the query as it was understood; `corrected` is the query that was answered in its place, or None.
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
    warnings: tuple[str, ...] = field(default=())
