"""Similar posts in a cluster: the nodes name candidates, and `similar` of the embedded engine puts them in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from index.opensearch.client import Cluster
from index.opensearch.documents import FETCH_PACKED, KEPT, document_of_source, packed_of
from index.opensearch.packing import term_texts, unpack
from index.schema import Document
from index.segments.segment import Segment
from search.engine.segment_reader import SegmentReader
from search.engine.similar import most_similar_in
from search.matches import Match
from search.opensearch.filters import findable
from search.opensearch.statistics import ClusterStatistics

__all__ = ["most_similar"]

MIN_CANDIDATES = 50
"""Among so many are 97 of 100 of the five posts that are most similar, in the collections that were tried."""

MAX_QUERY_TERMS = 100
"""More terms of a post find hardly better candidates."""

TERMS = {**FETCH_PACKED, "docvalue_fields": ["id", "lang"]}
"""What is asked of posts whose terms are compared."""


def most_similar(
    cluster: Cluster, index: str, statistics: ClusterStatistics, id: str, count: int, now: float
) -> tuple[Match, ...]:
    """The posts most like the one of this id, as `Searcher.similar` gives them; `now` is in seconds since 1970."""
    this, may_be_found = {"term": {"id": id}}, findable(now)
    home = cluster.search(index, {"query": {"bool": {"filter": [may_be_found, this]}}, **TERMS})["hits"]["hits"]
    texts = term_texts(segment_of(home))[0] if home else {}
    if not texts:
        return ()
    like = {
        "more_like_this": {
            "fields": list(texts),
            "like": [{"doc": texts}],
            "max_query_terms": MAX_QUERY_TERMS,
            # Any term may tell, and one that is shared is enough: what it tells is decided here. Nor may it be asked
            # that two posts hold it, since the other one may be all that is in its shard.
            "min_term_freq": 1,
            "min_doc_freq": 1,
            "minimum_should_match": "1",
        }
    }
    # Posts in its language come first, and so have candidates of their own.
    lang = home[0]["fields"]["lang"][0].partition("-")[0]
    in_language = {"bool": {"should": [{"term": {"lang": lang}}, {"prefix": {"lang": f"{lang}-"}}]}}
    queries = (
        {"must": like, "filter": [may_be_found, in_language], "must_not": [this]},
        {"must": like, "filter": [may_be_found], "must_not": [this, in_language]},
    )
    common = {"size": max(count, MIN_CANDIDATES), "track_total_hits": False, **TERMS}
    answers = cluster.msearch(index, [{"query": {"bool": query}, **common} for query in queries])
    candidates = answers[0]["hits"]["hits"]
    if len(candidates) < count:
        candidates += answers[1]["hits"]["hits"]
    segment = segment_of([*home, *candidates])
    masks = [np.ones(segment.size, np.bool_)]
    found = most_similar_in([SegmentReader(segment)], masks, (0, 0), count, statistics, statistics.field_doc_freqs)
    ids = [match.document.id for match in found]
    body = {"query": {"terms": {"id": ids}}, "size": len(ids), "_source": list(KEPT)}
    hits = cluster.search(index, body)["hits"]["hits"] if ids else []
    documents = {document.id: document for document in (document_of_source(hit["_source"]) for hit in hits)}
    return tuple(
        Match.unmarked(documents[match.document.id], match.score) for match in found if match.document.id in documents
    )


def segment_of(hits: Sequence[Mapping[str, Any]]) -> Segment:
    """The segment of the posts that were found, with all their terms; of the rest, what comparing needs."""
    fields = [hit["fields"] for hit in hits]
    documents = [Document(one["id"][0], "", "", "", lang=one["lang"][0]) for one in fields]
    return unpack(documents, list(map(packed_of, hits)), None)
