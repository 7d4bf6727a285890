"""Single posts of a cluster: the one at an address or of an id."""

from __future__ import annotations

from collections.abc import Mapping

from index.opensearch.client import Cluster
from index.opensearch.documents import KEPT, document_of_source
from index.schema import Document
from search.opensearch.filters import findable

__all__ = ["first_post"]


def first_post(cluster: Cluster, index: str, term: Mapping[str, str], now: float) -> Document | None:
    """The post of this `path` or `id` that `Searcher.at` or `post` gives; `now` is in seconds since 1970."""
    query = {"bool": {"filter": [findable(now), {"term": dict(term)}]}}
    body = {"query": query, "sort": ["id"], "size": 1, "track_total_hits": False, "_source": list(KEPT)}
    hits = cluster.search(index, body)["hits"]["hits"]
    return document_of_source(hits[0]["_source"]) if hits else None
