"""What an engine answers, as frozen plain data that outlives the index it came from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple, Self

from index.schema import Document
from search.query.notices import Notice

__all__ = [
    "MAX_CHARS_BETWEEN",
    "ClauseScore",
    "Explanation",
    "HighlightRanges",
    "IndexState",
    "Match",
    "Matches",
    "NearWord",
    "Range",
    "ScoreParts",
    "Suggestion",
    "SuggestionKind",
    "Suggestions",
]


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

    def to_dict(self) -> dict[str, Any]:
        """As JSON answers hold it."""
        return {
            "generation": self.generation,
            "updated_at": self.updated_at.isoformat(timespec="milliseconds"),
            "posts": self.posts,
        }


class NearWord(NamedTuple):
    """A word that about so many `posts` hold, and the `edits` that make it of the one that was asked about.

    Where these make only its beginning, that is in `begins`.
    """

    text: str
    edits: int
    posts: int
    begins: str = ""


MAX_CHARS_BETWEEN = 1
"""Between words in a row: a blank or a hyphen."""


Range = tuple[int, int, int]
"""The characters [start, end) of a text, and which words of the query they are: a bit for each."""


@dataclass(frozen=True, slots=True)
class HighlightRanges:
    """Where the words of a query stand in a document: in its title, its body and each of its tags.

    The ranges of a text are in order and don't overlap.
    """

    title: tuple[Range, ...] = ()
    body: tuple[Range, ...] = ()
    tags: tuple[tuple[Range, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class ClauseScore:
    """What a word or phrase of the query is worth in a post: how rare it is, its score, the fields that hold it."""

    clause: str
    idf: float
    score: float
    fields: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON answers hold it."""
        return {
            "clause": self.clause,
            "idf": round(self.idf, 6),
            "score": round(self.score, 6),
            "fields": list(self.fields),
        }


@dataclass(frozen=True, slots=True)
class ScoreParts:
    """The parts of a post's score, by name; the product of the factors, `words` to `meaning`, is the score.

    `words` is the sum of the scores of `clauses`. A post that is `pinned` to the query comes before all others, then
    one that is `titled`, whose whole title is the query, then one that holds the words `in_row` as typed, whatever the
    scores.
    """

    pinned: bool
    titled: bool
    in_row: bool
    words: float
    title: float
    tags: float
    all_words: float
    boost: float
    freshness: float
    meaning: float
    clauses: tuple[ClauseScore, ...]

    @property
    def factors(self) -> dict[str, float]:
        """The factors of the score, by name."""
        names = ("words", "title", "tags", "all_words", "boost", "freshness", "meaning")
        return {name: getattr(self, name) for name in names}

    @property
    def score(self) -> float:
        """Their product."""
        return math.prod(self.factors.values())

    def to_dict(self) -> dict[str, Any]:
        """As JSON answers hold it."""
        return {
            "pinned": self.pinned,
            "titled": self.titled,
            "in_row": self.in_row,
            **{name: round(factor, 6) for name, factor in self.factors.items()},
            "clauses": [clause.to_dict() for clause in self.clauses],
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a post stands where it does among the matches of a query, or why it is not among them.

    `parsed` is the query as it was understood, and `corrected` the one that was answered in place of a misspelt one, or
    None. `document` and `parts` are None where the index does not hold the post.
    `rank` counts from 1 among all `total` matches; where it is None, `missing` says why, in sentences.
    """

    query: str
    parsed: str
    notices: tuple[Notice, ...]
    id: str
    document: Document | None = None
    rank: int | None = None
    total: int = 0
    missing: tuple[str, ...] = ()
    parts: ScoreParts | None = None
    corrected: str | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """The notices in English."""
        return tuple(notice.text() for notice in self.notices)

    def to_dict(self) -> dict[str, Any]:
        """As the command line prints it."""
        return {
            "query": self.query,
            "parsed": self.parsed,
            "corrected": self.corrected,
            "warnings": list(self.warnings),
            "id": self.id,
            "post": {name: getattr(self.document, name) for name in ("title", "url", "lang")}
            if self.document
            else None,
            "rank": self.rank,
            "total": self.total,
            "missing": list(self.missing),
            "score": round(self.parts.score, 4) if self.parts else None,
            "explanation": self.parts.to_dict() if self.parts else None,
        }


@dataclass(frozen=True, slots=True)
class Match:
    """A document that an engine found, its score, the searched fields in which it was found, and what to mark in it.

    `explanation` are the parts of the score, where the query asks for them; `pinned` as of `ScoreParts`.
    """

    document: Document
    score: float
    fields: tuple[str, ...]
    highlights: HighlightRanges
    explanation: ScoreParts | None = None
    pinned: bool = False

    @classmethod
    def unmarked(cls, document: Document, score: float) -> Self:
        """A document that was found by other than words, in which nothing is to be marked."""
        return cls(document, score, (), HighlightRanges(tags=((),) * len(document.tags)))


@dataclass(frozen=True, slots=True)
class Matches:
    """An engine's answer: the wanted page of matches, how many there are in all, and the facets of all of them.

    `facets` maps `tags`, `author`, `year` and `site` to values with their counts, the commonest first. `related` are
    posts near the query in meaning where few match, with their cosines for scores; none without a model of meaning.
    `suggestions` are texts that go on where that of the query ends. `limited` says that parts of the query were left
    out or asked for less strictly, since they would have cost too much, and `notices` which.
    """

    matches: tuple[Match, ...]
    total: int
    facets: Mapping[str, Mapping[str, int]]
    state: IndexState
    related: tuple[Match, ...] = ()
    suggestions: tuple[str, ...] = ()
    limited: bool = False
    notices: tuple[Notice, ...] = ()


SuggestionKind = Literal["title", "tag", "heading", "phrase"]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a text may be completed to: a `title`, `tag`, `heading` or `phrase` that stands in so many posts.

    Where it is the title or a heading of one post alone, `url` is the address of that, and `about` the description or
    the title of the post.
    """

    text: str
    kind: SuggestionKind
    posts: int
    url: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What a text may be completed to, the best first."""

    suggestions: tuple[Suggestion, ...]
    index: IndexState
