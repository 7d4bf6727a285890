"""Which posts the nodes of a cluster may tell of, how many of them queries find, and the one at an address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from index.opensearch.client import Cluster
from index.opensearch.documents import KEPT, document_of_source
from index.schema import Document

__all__ = ["counting", "counts_of", "findable", "first_post"]


def findable(now: float) -> dict[str, Any]:
    """The query for the posts that may be found at `now`, in seconds since 1970."""
    return {"bool": {"filter": [{"range": {"visible_from": {"lte": now}}}, {"range": {"visible_to": {"gt": now}}}]}}


def counting(queries: Iterable[dict[str, Any]], among: dict[str, Any] | None = None) -> dict[str, Any]:
    """A search that only counts, for each of some queries, the posts that it finds: of all, or of those that `among`
    finds."""
    counts = {"filters": {"filters": list(queries)}}
    return {"size": 0, "track_total_hits": False, "query": among or {"match_all": {}}, "aggs": {"found": counts}}


def counts_of(answer: Mapping[str, Any]) -> list[int]:
    """What the nodes counted, in the order of the queries."""
    return [bucket["doc_count"] for bucket in answer["aggregations"]["found"]["buckets"]]


def first_post(cluster: Cluster, index: str, term: Mapping[str, str], now: float) -> Document | None:
    """The post of this `path` or `id` that `Searcher.at` or `post` gives; `now` is in seconds since 1970."""
    query = {"bool": {"filter": [findable(now), {"term": dict(term)}]}}
    body = {"query": query, "sort": ["id"], "size": 1, "track_total_hits": False, "_source": list(KEPT)}
    hits = cluster.search(index, body)["hits"]["hits"]
    return document_of_source(hits[0]["_source"]) if hits else None
