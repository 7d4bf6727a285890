"""A query over all segments of an index: which documents match, the wanted page of them, and the facets of all.

In go a `Query` and `Segment`s (from any engine that can give `Postings` and `Facts`); out comes a `Collected`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.schema import FIELDS
from index.schema.facts import name_key
from search.attributes import Attributes, Mask
from search.executor import Executor, Postings
from search.query import Query
from search.ranking import Candidates, order

__all__ = ["Collected", "Found", "Segment", "collect"]


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment: its postings, the attributes of its documents, and which of them are not deleted."""

    postings: Postings
    attributes: Attributes
    alive: Mask


class Found(NamedTuple):
    """One match: document `row` of segment `segment`, its score, and the names of the fields that hold it."""

    segment: int
    row: int
    score: float
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Collected:
    """The wanted page of matches, how many there are in all, and the facets of all of them."""

    page: tuple[Found, ...]
    total: int
    facets: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Matched:
    """The matches of one segment: their rows, and for each its coverage, score, field bits and whether by title."""

    rows: NDArray[np.int64]
    coverage: NDArray[np.int64]
    score: NDArray[np.float64]
    fields: NDArray[np.int64]
    titled: Mask


def collect(query: Query, segments: Sequence[Segment], now: float, langs: Collection[str]) -> Collected:
    """The matches among the documents that may be found at `now` (seconds since 1970)."""
    matched = [match(query, segment, now, langs) for segment in segments]
    total = sum(len(found.rows) for found in matched)
    facets = count_facets(matched, segments, query.facet_size)
    if not total:
        return Collected((), 0, facets)
    ranks, scores = order(candidates(matched, segments), query.sort, now)
    owners = np.repeat(np.arange(len(segments)), [len(found.rows) for found in matched])
    rows = np.concatenate([found.rows for found in matched])
    fields = np.concatenate([found.fields for found in matched])
    first = (query.page - 1) * query.per_page
    page = (
        Found(int(owners[i]), int(rows[i]), float(scores[i]), field_names(int(fields[i])))
        for i in ranks[first : first + query.per_page]
    )
    return Collected(tuple(page), total, facets)


def match(query: Query, segment: Segment, now: float, langs: Collection[str]) -> Matched:
    """The documents of a segment that match the query."""
    attributes, size = segment.attributes, segment.postings.size
    good = segment.alive & attributes.visible(now) & attributes.passing(query.filters)
    strong = [clause for clause in query.clauses if not clause.weak] or list(query.clauses)
    coverage, score, fields = np.zeros(size, np.int64), np.zeros(size), np.zeros(size, np.int64)
    executor = Executor((*query.clauses, *query.excluded), segment.postings, langs, attributes.stemmed)
    for clause in query.clauses:
        one = executor.held(clause)
        score += one.score
        fields |= one.fields
        coverage += one.mask & (clause in strong)
        if clause.required:
            good &= one.mask
    titled = attributes.title.having([name_key(query.text)] if query.text else [])
    if query.clauses:
        good &= (coverage > 0) | titled
    for clause in query.excluded:
        good &= ~executor.held(clause).mask
    rows = np.flatnonzero(good)
    return Matched(rows, coverage[rows], score[rows], fields[rows], titled[rows])


def candidates(matched: Sequence[Matched], segments: Sequence[Segment]) -> Candidates:
    pairs = list(zip(matched, (segment.attributes for segment in segments), strict=True))
    return Candidates(
        coverage=np.concatenate([found.coverage for found in matched]),
        score=np.concatenate([found.score for found in matched]),
        titled=np.concatenate([found.titled for found in matched]),
        date=np.concatenate([attributes.date[found.rows] for found, attributes in pairs]),
        boost=np.concatenate([attributes.boost[found.rows] for found, attributes in pairs]),
        tie=np.concatenate([attributes.tie[found.rows] for found, attributes in pairs]),
    )


def count_facets(matched: Sequence[Matched], segments: Sequence[Segment], size: int) -> dict[str, dict[str, int]]:
    """The commonest values of each facet; of equally common ones the first by name, but the newest year."""
    totals: dict[str, Counter[str]] = {"tags": Counter(), "author": Counter(), "year": Counter()}
    for found, segment in zip(matched, segments, strict=True):
        among = np.zeros(segment.postings.size, np.bool_)
        among[found.rows] = True
        for name, counts in segment.attributes.facets(among).items():
            totals[name].update(counts)
    ranked = {
        name: sorted(one_spelling(counts), key=lambda item: (-item[1], item[0])) for name, counts in totals.items()
    }
    ranked["year"] = sorted(totals["year"].items(), key=lambda item: -int(item[0]))
    return {name: dict(items[:size]) for name, items in ranked.items()}


def one_spelling(counts: Counter[str]) -> list[tuple[str, int]]:
    """The counts of names that differ only as `name_key` folds them, under the commonest spelling of each.

    A post that spells a name in two ways is counted twice; few do.
    """
    totals: Counter[str] = Counter()
    spellings: dict[str, str] = {}
    for name, number in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        totals[spellings.setdefault(name_key(name), name)] += number
    return list(totals.items())


def field_names(bits: int) -> tuple[str, ...]:
    return tuple(field.name for bit, field in enumerate(FIELDS) if bits >> bit & 1)
