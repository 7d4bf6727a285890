"""The searcher of an index in a cluster.

The nodes find and count the matches and put them in an order that is near to ours (see `request`). In blocks of
`BLOCK` they are then ranked anew, marked and explained here, by the code of the embedded engine, over a segment that is
made of the postings which are kept with each document.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

import numpy as np

from index.embedding import Embedder
from index.errors import QueryTooLong
from index.opensearch.client import Cluster
from index.opensearch.commits import CommitRecord, newest_commit
from index.opensearch.documents import FETCH, FETCH_PACKED, KEPT, document_of_source, packed_of
from index.opensearch.health import ClusterHealth
from index.opensearch.mapping import MAX_WINDOW
from index.opensearch.packing import unpack
from index.schema import FIELDS, Document
from index.settings import Settings
from search.engine.explanations import explained
from search.engine.matching import candidates, matches_in
from search.engine.meaning import meaning_of
from search.engine.ranking import MAX_RESCORED, Candidates, top
from search.engine.scorer import SegmentScorer, Weights
from search.engine.searcher import Searcher, matches_of
from search.engine.segment_reader import SegmentReader
from search.engine.snapshot_reader import SegmentReaders
from search.matches import Explanation, IndexState, Match, Matches, NearWord, Suggestions
from search.opensearch.completions import complete, continuations
from search.opensearch.filters import first_post
from search.opensearch.near_words import begun_near, near_words
from search.opensearch.request import (
    Body,
    Matching,
    facets_body,
    facets_of,
    matching,
    narrowed,
    order,
    query_of_facets,
    ranked,
    shortened,
    terms_of,
)
from search.opensearch.similar import most_similar
from search.opensearch.statistics import ClusterStatistics
from search.query import NO_FILTERS, Query
from search.query.notices import Notice
from search.query.parser import parsed_text

__all__ = ["OpenSearchSearcher"]

BLOCK = MAX_RESCORED
"""How many candidates are ranked anew together: as many as are rescored by meaning."""

MAX_SMALL_INDEX = 5_000
"""Posts up to which the shards are asked for their frequencies first, which takes a round trip more: beyond, those of
each shard are much like those of all."""

MOMENT_SECONDS = 0.2
"""How long a look at the newest commit holds, so that one request asks for it once."""

SHORTENED = Notice("query_too_long")

T = TypeVar("T")

FIRST_DATE, LAST_DATE = datetime(1, 1, 1, tzinfo=UTC).timestamp(), datetime(9999, 12, 31, tzinfo=UTC).timestamp()
"""In seconds since 1970. A day at the end of all days, in the zone of its author, may be beyond these in UTC."""


class ClusterCommit(NamedTuple):
    """A commit, by its record, and what scoring needs to know of its documents."""

    record: CommitRecord
    statistics: ClusterStatistics

    def state(self, now: float) -> IndexState:
        """Which index answers now, in seconds since 1970."""
        visible = self.statistics.visibility(now)
        return IndexState(
            self.record.generation, datetime.fromisoformat(self.record.updated_at), visible.posts, visible.epoch
        )


class Ranked(NamedTuple):
    """Candidates in their final order: what ranking says of them, their keys in the cluster, and packed postings."""

    candidates: Candidates
    keys: Sequence[str]
    packed: Sequence[bytes]

    def part(self, first: int, last: int) -> Ranked:
        """Those from number `first` to before `last`."""
        page = slice(max(first, 0), max(last, 0))
        return Ranked(self.candidates.take(page), self.keys[page], self.packed[page])


class OpenSearchSearcher(Searcher):
    """Searches the newest commit in the cluster that the settings name. Raises `ClusterFault` too."""

    late_after = 0.5

    def __init__(self, settings: Settings, embedder: Embedder | None = None) -> None:
        self._cluster = Cluster(settings)
        self._index = settings.opensearch_index
        self._embedder = embedder
        self._newest: ClusterCommit | None = None
        self._looked = 0.0

    def search(self, query: Query, now: datetime) -> Matches:
        found, notices = self._affordable(query, lambda asked: self._found(asked, now))
        return replace(found, limited=bool(notices), notices=notices)

    def _affordable(self, query: Query, ask: Callable[[Query], T]) -> tuple[T, tuple[Notice, ...]]:
        """What `ask` tells of the query; where that is too long for the nodes, of its first words, with a notice."""
        try:
            return ask(query), ()
        except QueryTooLong:
            return ask(shortened(query, self.langs())), (SHORTENED,)

    def _found(self, query: Query, now: datetime) -> Matches:
        """The page of matches. Raises `QueryTooLong`."""
        commit, moment = self._current(), now.timestamp()
        first, last = (query.page - 1) * query.per_page, query.page * query.per_page
        start = first - first % BLOCK
        answer = self._candidates(query, commit, moment, start, last + -last % BLOCK - start)
        hits = answer["hits"]["hits"]
        matches: tuple[Match, ...] = ()
        for row in range(start, start + len(hits), BLOCK):
            block = self._ranked(query, hits[row - start :][:BLOCK], commit, moment, rescored=row == 0)
            matches += self._matches(query, block.part(first - row, last - row), commit, moment)
        passing = narrowed(query.filters, commit.statistics.langs, moment)
        return Matches(
            matches,
            answer["hits"]["total"]["value"],
            facets_of(answer.get("aggregations", {}), query.facet_size),
            commit.state(moment),
            suggestions=continuations(self._cluster, self._index, query, matches, passing) if query.suggest else (),
        )

    def count(self, query: Query, now: datetime) -> int:
        return self._affordable(query, lambda asked: self._count(asked, now))[0]

    def _count(self, query: Query, now: datetime) -> int:
        """How many posts the query finds. Raises `QueryTooLong`."""
        statistics = self._current().statistics
        statistics.prefetch(*terms_of(query, statistics.langs))
        body = {
            "query": matching(query, self._matching(statistics), now.timestamp()),
            "size": 0,
            "track_total_hits": True,
        }
        return int(self._cluster.search(self._index, body)["hits"]["total"]["value"])

    def langs(self) -> Collection[str]:
        return self._current().statistics.langs

    def explain(self, query: Query, id: str, now: datetime) -> Explanation:
        explanation, notices = self._affordable(query, lambda asked: self._explanation(asked, id, now))
        return replace(explanation, notices=(*query.notices, *notices))

    def _explanation(self, query: Query, id: str, now: datetime) -> Explanation:
        """The explanation. Raises `QueryTooLong`."""
        commit, moment = self._current(), now.timestamp()
        query = replace(query, facet_size=0)
        answer = self._candidates(query, commit, moment, 0, MAX_WINDOW, stored_fields=[], docvalue_fields=["id"])
        ids = [hit["fields"]["id"][0] for hit in answer["hits"]["hits"]]
        total = answer["hits"]["total"]["value"]
        explanation = Explanation(query.text, parsed_text(query), query.notices, id, total=total)
        found = self._cluster.search(self._index, {"query": {"term": {"id": id}}, **FETCH})["hits"]["hits"]
        if not found:
            return explanation
        rank, meaning = None, np.ones(1)
        if id in ids:
            start = ids.index(id) // BLOCK * BLOCK
            hits = self._candidates(query, commit, moment, start, BLOCK)["hits"]["hits"]
            ranked = self._ranked(query, hits, commit, moment, rescored=start == 0)
            if (key := found[0]["_id"]) in ranked.keys:
                rank = start + ranked.keys.index(key) + 1
                meaning = ranked.candidates.meaning[rank - start - 1 : rank - start]
        readers = opened(query, [document_of_source(found[0]["_source"])], [packed_of(found[0])], commit)
        told = explained(explanation, query, readers.segments[0], commit.statistics, 0, meaning, moment)
        beyond = f"It matches, but is not among the first {MAX_WINDOW:,}."
        missing = told.missing if rank or told.missing else (beyond,)
        return replace(told, rank=rank, missing=missing)

    def doc_freq(self, term: str, now: datetime, *, prefix: bool = False) -> int:
        return self._current().statistics.findable_doc_freq(term, now.timestamp(), prefix=prefix)

    def prefetch(self, terms: Collection[str], prefixes: Collection[str]) -> None:
        self._current().statistics.prefetch(terms, prefixes)

    def lang_counts(self, term: str) -> Mapping[str, int]:
        return self._current().statistics.lang_counts(term)

    def near(self, word: str, edits: int, now: datetime, *, begins: bool = False) -> Sequence[NearWord]:
        ask = begun_near if begins else near_words
        found = ask(self._cluster, self._index, word, edits, now.timestamp())
        statistics = self._current().statistics
        statistics.prefetch(one.text for one in found)
        return [one._replace(posts=statistics.doc_freq(one.text, range(len(FIELDS)))) for one in found]

    def similar(self, id: str, count: int, now: datetime) -> Matches:
        commit, moment = self._current(), now.timestamp()
        matches = most_similar(self._cluster, self._index, commit.statistics, id, count, moment)
        return Matches(matches, len(matches), {}, commit.state(moment))

    def complete(self, text: str, count: int, now: datetime) -> Suggestions:
        found = complete(self._cluster, self._index, text, count, now.timestamp())
        return Suggestions(found, self.state(now))

    def at(self, path: str, now: datetime) -> Document | None:
        return first_post(self._cluster, self._index, {"path": path}, now.timestamp())

    def post(self, id: str, now: datetime) -> Document | None:
        return first_post(self._cluster, self._index, {"id": id}, now.timestamp())

    def state(self, now: datetime) -> IndexState:
        return self._current().state(now.timestamp())

    def cluster(self) -> ClusterHealth:
        return self._cluster.health(self._index)

    def close(self) -> None:
        self._newest = None

    def _candidates(
        self, query: Query, commit: ClusterCommit, moment: float, start: int, size: int, **more: object
    ) -> dict[str, Any]:
        """The answer of the nodes: of the matches in their order those from number `start` on, at most `size`."""
        commit.statistics.prefetch(*terms_of(query, commit.statistics.langs))
        body: Body = {
            "query": ranked(query_of_facets(query), self._matching(commit.statistics), moment),
            "sort": order(query),
            "track_scores": True,
            "track_total_hits": True,
            **facets_body(query, commit.statistics.langs),
            "from": start,
            "size": size,
            **FETCH_PACKED,
            "docvalue_fields": ["id", "title_key", "lang", "date", "boost"],
            **more,
        }
        if start + size > MAX_WINDOW:
            # Nodes count no farther: they are led from hit to hit, in strides, to the one before `start`.
            passed = 0
            while passed < start:
                stride = min(start - passed, MAX_WINDOW)
                bare = {**body, "aggs": {}, "stored_fields": [], "docvalue_fields": [], "from": 0, "size": stride}
                found = self._asked(bare, commit, query)["hits"]
                if found["total"]["value"] <= start or not found["hits"]:  # none is left, or after another commit
                    body["size"] = 0
                    break
                passed += stride
                body["search_after"] = found["hits"][-1]["sort"]
            body["from"] = 0
        return self._asked(body, commit, query)

    def _matching(self, statistics: ClusterStatistics) -> Matching:
        return Matching(statistics, combines_fields=self._cluster.combines_fields)

    def _asked(self, body: Body, commit: ClusterCommit, query: Query) -> dict[str, Any]:
        """The answer to a search; where shards are small, with frequencies of terms that are those of all together."""
        small = commit.record.documents < MAX_SMALL_INDEX
        way = "dfs_query_then_fetch" if small else "query_then_fetch"
        return self._cluster.search(self._index, body, alike=query.text or "all", search_type=way)

    def _ranked(
        self, query: Query, hits: Sequence[dict[str, Any]], commit: ClusterCommit, moment: float, *, rescored: bool
    ) -> Ranked:
        """Candidates in their final order, as the embedded engine ranks them; `rescored`: also by meaning."""
        packed = list(map(packed_of, hits))
        readers = opened(query, list(map(ranked_document, hits)), packed, commit)
        # The nodes have seen to the filters, and what these compare was not fetched.
        weights = Weights(query, commit.statistics)
        matched = matches_in(replace(query, filters=NO_FILTERS), readers.segments[0], readers.live_docs[0], weights)
        found = candidates(query, [matched], commit.statistics.langs, len(hits))
        meaning = meaning_of(query, self._embedder, readers.segments) if rescored else None
        best = top(found, query.sort, moment, len(found), meaning.factors if meaning else None)
        order = best.doc_id.tolist()
        return Ranked(best, [hits[number]["_id"] for number in order], [packed[number] for number in order])

    def _matches(self, query: Query, page: Ranked, commit: ClusterCommit, moment: float) -> tuple[Match, ...]:
        """The matches of a page, with their documents and what to mark in these; without such as are gone by now."""
        body = {"query": {"ids": {"values": page.keys}}, "_source": list(KEPT), "size": len(page.keys)}
        found = self._cluster.search(self._index, body)["hits"]["hits"] if page.keys else ()
        documents = {hit["_id"]: document_of_source(hit["_source"]) for hit in found}
        rows = [row for row, key in enumerate(page.keys) if key in documents]
        if not rows:
            return ()
        told, packed = [documents[page.keys[row]] for row in rows], [page.packed[row] for row in rows]
        readers, doc_ids = opened(query, told, packed, commit), np.arange(len(rows))
        scorer = SegmentScorer(Weights(query, commit.statistics), readers.segments[0])
        shown = replace(page.candidates.take(np.array(rows)), doc_id=doc_ids)
        return matches_of(query, shown, readers, [scorer], moment)

    def _current(self) -> ClusterCommit:
        """The newest commit. Raises `IndexMissing` where nothing has been indexed yet."""
        newest, looked = self._newest, time.monotonic()
        if newest is None or looked - self._looked > MOMENT_SECONDS:
            record = newest_commit(self._cluster).record
            if newest is None or newest.record.commit_id != record.commit_id:
                newest = ClusterCommit(record, ClusterStatistics(self._cluster, self._index))
            self._newest, self._looked = newest, looked
        return newest


def opened(
    query: Query, documents: Sequence[Document], packed: Sequence[bytes], commit: ClusterCommit
) -> SegmentReaders:
    """Documents as one segment that holds the words of a query, opened for searching."""
    segment = unpack(documents, packed, *terms_of(query, commit.statistics.langs))
    return SegmentReaders([SegmentReader(segment)], [np.ones(len(documents), np.bool_)], commit.statistics)


def ranked_document(hit: Mapping[str, Any]) -> Document:
    """The document of a hit, with no more than ranking needs of it. Its titles may be aliases, which count the same."""
    fields = hit["fields"]
    title, *aliases = fields.get("title_key") or [""]
    [date] = fields.get("date") or [None]
    return Document(
        id=fields["id"][0],
        url="",
        title=title,
        body="",
        aliases=tuple(aliases),
        date=datetime.fromtimestamp(min(max(date, FIRST_DATE), LAST_DATE), UTC) if date is not None else None,
        lang=fields["lang"][0] if "lang" in fields else "",
        boost=fields["boost"][0],
    )
