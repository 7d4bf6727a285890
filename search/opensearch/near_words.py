"""Near words in a cluster: the nodes name candidates, and the rules of the embedded engine decide which are near.

The nodes can look for `MAX_EDITS` at most: what takes more is not found. `posts` are those that hold the word as it is,
and may be found now.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from index.analysis import is_plain_word
from index.opensearch.client import Cluster
from index.opensearch.documents import FETCH_PACKED, packed_of
from index.opensearch.mapping import BEGINNING_LETTERS
from index.opensearch.packing import unpack
from index.schema import Document
from search.engine.vocabulary import Vocabulary
from search.matches import NearWord
from search.opensearch.filters import counting, counts_of, findable

__all__ = ["begun_near", "near_words"]

MAX_EDITS = 2

MAX_CANDIDATES = 400
"""Words that each shard may name, and that are counted in the end."""

MAX_BEGINNINGS = 16
"""Beginnings of words of which it is looked up what goes on so."""

POSTS_OF_BEGINNING = 5
"""Posts that are read for the words that begin so: that which most posts hold is likely in one of them."""


def near_words(cluster: Cluster, index: str, word: str, edits: int, now: float) -> list[NearWord]:
    """The words that so many edits make of a word, as `Searcher.near` gives them; `now` is in seconds since 1970."""
    candidates = [word]
    if edits:
        # Those with the first letter kept, and those of one edit anywhere, and so in the first letter too.
        candidates += suggested(
            cluster, index, kept=suggest("words", word, edits, spared=1), first=suggest("words", word, 1, spared=0)
        )
    return list(counted(cluster, index, candidates[:MAX_CANDIDATES], now).near(word, edits))


def begun_near(cluster: Cluster, index: str, beginning: str, edits: int, now: float) -> list[NearWord]:
    """The beginnings of words that so many edits make of one, each with a word of those that most posts hold."""
    least, most = BEGINNING_LETTERS[0], BEGINNING_LETTERS[-1]
    start = beginning[:most]
    found = suggested(cluster, index, kept=suggest("words.begins", start, edits, spared=1)) if edits else []
    sizes = range(max(least, len(start) - 1), len(start) + 2)
    candidates = [text for text in (start, *found) if len(text) in sizes][:MAX_BEGINNINGS]
    if not candidates:
        return []
    # By their ties they come in no order.
    read = {"top_hits": {"size": POSTS_OF_BEGINNING, **FETCH_PACKED, "sort": ["tie"]}}
    queries = [{"term": {"words.begins": text}} for text in candidates]
    body = counting(queries, findable(now))
    body["aggs"]["found"]["aggs"] = {"posts": read}
    packed = {
        hit["_id"]: packed_of(hit)
        for bucket in cluster.search(index, body)["aggregations"]["found"]["buckets"]
        for hit in bucket["posts"]["hits"]["hits"]
    }
    # What the posts say beside their terms does not matter here.
    segment = unpack([Document("", "", "", "")] * len(packed), list(packed.values()), (), candidates)
    terms = segment.postings.terms
    texts = (terms[number].decode(errors="replace") for number in segment.postings.words.tolist())
    words = [text for text in texts if text.startswith(tuple(candidates)) and is_plain_word(text)]
    return list(counted(cluster, index, words, now).begun_near(beginning, edits))


def suggest(field: str, text: str, edits: int, *, spared: int) -> dict[str, Any]:
    """Asks for the terms of a field that so many edits make of a text, none of them in its first `spared` letters."""
    return {
        "text": text,
        "term": {
            "field": field,
            "analyzer": "keyword",
            "max_edits": min(edits, MAX_EDITS),
            "prefix_length": spared,
            "size": MAX_CANDIDATES,
            "shard_size": MAX_CANDIDATES,
            "string_distance": "damerau_levenshtein",
            # Otherwise some are left out: of rare words, of words that are there, of what has little in common.
            "suggest_mode": "always",
            "accuracy": 0.0,
            "min_word_length": 1,
            "max_term_freq": 2**31 - 1,
        },
    }


def suggested(cluster: Cluster, index: str, **suggest: dict[str, Any]) -> list[str]:
    """The terms that were asked for, those first that most posts hold."""
    answer = cluster.search(index, {"size": 0, "track_total_hits": False, "suggest": suggest})["suggest"]
    options = [option for entries in answer.values() for entry in entries for option in entry["options"]]
    posts: dict[str, int] = {option["text"]: option["freq"] for option in options}
    return sorted(posts, key=lambda text: (-posts[text], text))


def counted(cluster: Cluster, index: str, words: Iterable[str], now: float) -> Vocabulary:
    """Those of the words that posts hold which may be found now, with how many do."""
    texts = sorted(set(words))
    if not texts:
        return Vocabulary((), ())
    answer = cluster.search(index, counting(({"term": {"words": text}} for text in texts), findable(now)))
    held = [(text, count) for text, count in zip(texts, counts_of(answer), strict=True) if count]
    return Vocabulary([text for text, _ in held], [count for _, count in held])
