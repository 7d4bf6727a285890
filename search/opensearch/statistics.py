"""What scoring and spelling need to know of all posts in a cluster: how many there are, and how many hold a term.

The nodes are asked for all terms of a query at once, and what they tell is kept while the commit is the newest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from index.opensearch.client import Cluster
from index.schema import FIELDS
from search.engine.similarity import CollectionStatistics
from search.engine.terms import Ints
from search.opensearch.filters import counting, counts_of, findable

__all__ = ["ClusterStatistics", "Visibility"]

MAX_CACHED_TERMS = 20_000
"""Terms of which is kept what the nodes told; with more, all are asked for anew."""

MAX_ASKED_FILTERS = 500
"""Terms that one search asks for, each in one field."""

MAX_LANGS = 1000
"""Languages that are told apart."""

Term = tuple[str, bool]
"""A term, or with True whatever begins with it."""


class Visibility(NamedTuple):
    """How many `posts` may be found from `since` on and before `until`, when the clock changes that.

    `epoch` counts the bounds that have passed. Times are seconds since 1970.
    """

    posts: int
    epoch: int
    since: float
    until: float


class ClusterStatistics(CollectionStatistics):
    """Those of one commit; safe to share between threads. Raises `ClusterFault` where the nodes give no answer."""

    def __init__(self, cluster: Cluster, index: str) -> None:
        self._cluster = cluster
        self._index = index
        # Without locks: each is whole before it is kept, and two threads may ask for the same.
        self._doc_freqs: dict[Term, tuple[int, ...]] = {}
        self._is_held: dict[tuple[Term, int], bool] = {}
        self._lang_counts: dict[str, Mapping[str, int]] = {}
        self._visibility: Visibility | None = None
        found = self._counted(
            posts={"value_count": {"field": "id"}},
            langs=BY_LANG,
            **{field.name: {"sum": {"field": f"token_counts.{field.name}"}} for field in FIELDS},
        )
        self._posts = int(found["posts"]["value"])
        token_counts = np.array([found[field.name]["value"] for field in FIELDS], np.int64)
        super().__init__(langs_of(found["langs"]), self._posts, token_counts)

    def prefetch(self, terms: Iterable[str], prefixes: Iterable[str] = ()) -> None:
        """Ask for the document frequencies of terms, and of whatever begins with prefixes, all in one request.

        Each of them would else be asked for by itself.
        """
        wanted = {*((term, False) for term in terms), *((prefix, True) for prefix in prefixes)}
        asked = sorted(wanted - self._doc_freqs.keys())
        counts = self._counts([holds(term, name) for term in asked for name in FIELD_NAMES])
        if len(self._doc_freqs) > MAX_CACHED_TERMS:
            self._doc_freqs.clear()
        rows = (tuple(counts[start : start + len(FIELDS)]) for start in range(0, len(counts), len(FIELDS)))
        self._doc_freqs |= zip(asked, rows, strict=True)

    def doc_freqs(self, term: str, *, prefix: bool = False) -> Sequence[int]:
        counts = self._doc_freqs.get((term, prefix))
        while counts is None:  # another thread may have emptied what is kept
            self.prefetch(*(((), (term,)) if prefix else ((term,),)))
            counts = self._doc_freqs.get((term, prefix))
        return counts

    def field_doc_freqs(self, keys: Sequence[tuple[str, int]], held: Ints) -> Ints:
        """How many posts hold each of some terms in its field. A term that but one of the posts at hand holds, by
        `held`, tells nothing of others, and is not asked for.
        """
        shared = np.flatnonzero(held > 1)
        queries = [holds((keys[row][0], False), FIELD_NAMES[keys[row][1]]) for row in shared.tolist()]
        found = held.copy()
        found[shared] = self._counts(queries)
        return found

    def findable_doc_freq(self, term: str, now: float, *, prefix: bool = False) -> int:
        """See `Searcher.doc_freq`."""
        posts = self.doc_freq(term, range(len(FIELDS)), prefix=prefix)
        visibility = self.visibility(now)
        # Which documents these are needs to be known only where all may be hidden.
        if not posts or posts > self._posts - visibility.posts:
            return posts
        key = (term, prefix), visibility.epoch
        held = self._is_held.get(key)
        if held is None:
            if len(self._is_held) > MAX_CACHED_TERMS:
                self._is_held.clear()
            query = {"bool": {"filter": [findable(now), holds_anywhere((term, prefix))]}}
            body = {"query": query, "size": 0, "track_total_hits": 1, "terminate_after": 1}
            held = self._is_held[key] = self._search(body)["hits"]["total"]["value"] > 0
        return posts if held else 0

    def lang_counts(self, term: str) -> Mapping[str, int]:
        """How many posts of each language hold a term in any field."""
        if (counts := self._lang_counts.get(term)) is None:
            if len(self._lang_counts) > MAX_CACHED_TERMS:
                self._lang_counts.clear()
            counts = langs_of(self._counted(holds_anywhere((term, False)), langs=BY_LANG)["langs"])
            self._lang_counts[term] = counts
        return counts

    def visibility(self, now: float) -> Visibility:
        """How many posts may be found now, which is asked for again once the clock changes it."""
        known = self._visibility
        if known is None or not known.since <= now < known.until:
            passed, to_come = {"lte": now}, {"gt": now}
            bounds = ("visible_from", "visible_to")
            found = self._counted(
                posts={"filter": findable(now)},
                **{f"passed {bound}": {"filter": {"range": {bound: passed}}} for bound in bounds},
                **{
                    f"next {bound}": {"filter": {"range": {bound: to_come}}, "aggs": {"at": {"min": {"field": bound}}}}
                    for bound in bounds
                },
            )
            moments = (found[f"next {bound}"]["at"]["value"] for bound in bounds)
            known = self._visibility = Visibility(
                found["posts"]["doc_count"],
                sum(found[f"passed {bound}"]["doc_count"] for bound in bounds),
                now,
                min((moment for moment in moments if moment is not None), default=float("inf")),
            )
        return known

    def _counts(self, queries: Sequence[dict[str, Any]]) -> list[int]:
        """How many posts each of some queries finds, all asked in one request."""
        parts = [queries[start : start + MAX_ASKED_FILTERS] for start in range(0, len(queries), MAX_ASKED_FILTERS)]
        bodies = list(map(counting, parts))
        answers = self._cluster.msearch(self._index, bodies) if len(bodies) > 1 else map(self._search, bodies)
        return [count for answer in answers for count in counts_of(answer)]

    def _counted(self, query: dict[str, Any] | None = None, **aggregations: dict[str, Any]) -> dict[str, Any]:
        """What aggregations tell of the posts that a query finds."""
        body = {"size": 0, "track_total_hits": False, "query": query or {"match_all": {}}, "aggs": aggregations}
        found: dict[str, Any] = self._search(body)["aggregations"]
        return found

    def _search(self, body: dict[str, Any]) -> dict[str, Any]:
        return self._cluster.search(self._index, body)


FIELD_NAMES = tuple(field.name for field in FIELDS)

BY_LANG = {"terms": {"field": "lang", "size": MAX_LANGS}}


def holds(term: Term, field: str) -> dict[str, Any]:
    """The query for the posts that hold a term, or what begins with it, in a field."""
    text, prefix = term
    return {"prefix" if prefix else "term": {field: {"value": text}}}


def holds_anywhere(term: Term) -> dict[str, Any]:
    """The query for the posts that hold a term, or what begins with it, in any field."""
    return {"bool": {"should": [holds(term, name) for name in FIELD_NAMES]}}


def langs_of(aggregation: Mapping[str, Any]) -> dict[str, int]:
    """How many posts there are of each language, by what `BY_LANG` tells."""
    return {bucket["key"]: bucket["doc_count"] for bucket in aggregation["buckets"]}
