"""Completions in a cluster: the nodes name posts with names that complete a text, and count how many have each.

Which of the names and phrases complete it, and in what order, the rules of the embedded engine decide. Where more posts
begin or hold the text than are looked at, the newest are, and the commonest tags: of older posts a name that several
have may be missed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from index.analysis.names import words_of
from index.opensearch.client import Cluster
from index.opensearch.documents import KEPT, document_of_source
from index.opensearch.mapping import FACET_SEPARATOR, NAME_KINDS
from index.schema import Document, Section
from index.segments.inversion import doc_values_of
from search.engine.completions import MIN_CANDIDATES, best, going_on, suggestion_of, typed_words
from search.engine.names import HEADING, KINDS, MAX_PHRASE_PLACES, PHRASE, TAG, TITLE, Completion, SegmentNames
from search.matches import Match, Suggestion
from search.opensearch.filters import counting, counts_of, findable
from search.query import Query

__all__ = ["complete", "continuations"]

MAX_BEGUN, MAX_HOLDING = 100, 400
"""Posts that are looked at because a name of one kind begins with the text; and because names hold its words."""

MAX_TAGS = 40
"""Tags that begin with the text, those of the most posts, that are looked at."""

MAX_PATTERN_WORDS = 3
"""Words that a pattern says: what it takes to look for more of them grows with each one, and the nodes refuse it."""

COUNTED_SHARE = 3
"""Of each kind so many times as many are counted as are wanted, since their order depends on the counts."""

NEWEST = {"day": {"order": "desc", "missing": "_last"}}


def complete(cluster: Cluster, index: str, text: str, count: int, now: float) -> tuple[Suggestion, ...]:
    """What completes the text, as `Searcher.complete` gives it; `now` is in seconds since 1970."""
    among = findable(now)
    found = completions_of(cluster, index, text, count, among)
    # What but one post has is told with the address of that.
    alone = [one for one in found if one.posts == 1 and one.kind in (TITLE, HEADING)]
    bodies = [{"size": 1, "_source": list(KEPT), "query": {"bool": {"filter": [among, having(one)]}}} for one in alone]
    answers = cluster.msearch(index, bodies) if bodies else []
    told = {
        one: suggestion_of(one, document_of_source(hit["_source"]))
        for one, answer in zip(alone, answers, strict=True)
        for hit in answer["hits"]["hits"]
    }
    return tuple(told.get(one) or Suggestion(one.text, KINDS[one.kind], one.posts) for one in found)


def continuations(
    cluster: Cluster, index: str, query: Query, matches: Sequence[Match], passing: dict[str, Any]
) -> tuple[str, ...]:
    """The `suggestions` of `Matches`; `passing` is the query for the posts that its filters let pass."""
    found = completions_of(cluster, index, query.text, max(query.suggest, MIN_CANDIDATES), passing)
    return going_on(query, matches, found, lambda one: one.text)


def completions_of(cluster: Cluster, index: str, text: str, count: int, among: dict[str, Any]) -> list[Completion]:
    """What completes the text of the posts that a query finds, at most `count`, the best first."""
    typed, prefix = typed_words(text)
    if not typed:
        return []
    holding, *begun, tagged = cluster.msearch(index, searches(typed, among, prefix=prefix))
    tags = {written(bucket["key"]): bucket["doc_count"] for bucket in tagged["aggregations"]["tags"]["buckets"]}
    documents = [*named_posts([holding, *begun]), *(Document("", "", "", "", tags=(tag,)) for tag in tags)]
    names = SegmentNames(doc_values_of(documents))
    looked_at = np.ones(names.doc_count, np.bool_)
    posts = names.posts(looked_at)
    # How many have each, as far as is known before the best are counted.
    tag_posts = {words_of(tag): count for tag, count in tags.items()}
    for name in np.flatnonzero(names.kinds == TAG).tolist():
        posts[name] = max(int(posts[name]), tag_posts.get(words_of(names.texts[name]), 0))
    found = list(names.complete(typed, prefix=prefix, count=COUNTED_SHARE * count, posts=posts, findable=looked_at))
    if holding["hits"]["total"]["value"] > MAX_PHRASE_PLACES:
        found = [one for one in found if one.kind != PHRASE]
    if not found:
        return []
    counts = counts_of(cluster.search(index, counting(map(having, found), among)))
    exact = (one._replace(posts=count) for one, count in zip(found, counts, strict=True))
    return best([one for one in exact if one.posts], count)


def searches(typed: Sequence[str], among: dict[str, Any], *, prefix: bool) -> list[dict[str, Any]]:
    """Asks for the posts with a name that holds the words, for those with a title, a heading or a tag that begins with
    them, and for such tags.

    Those with the last word as it is come first, and then the newest.
    """

    def newest(query: dict[str, Any], whole: dict[str, Any], size: int) -> dict[str, Any]:
        return {
            "size": size,
            "track_total_hits": MAX_PHRASE_PLACES + 1,
            "stored_fields": "_none_",  # to open the texts of so many posts takes longer than all else
            "docvalue_fields": ["id", "names", "day"],
            "query": {"bool": {"filter": [among, query], "should": {"constant_score": {"filter": whole}}}},
            "sort": ["_score", NEWEST],
        }

    words = [{"term": {"name_words": word}} for word in typed]
    last = {"prefix": {"name_words": typed[-1]}} if prefix else words[-1]
    bodies = [newest({"bool": {"filter": [*words[:-1], last]}}, words[-1], MAX_HOLDING)]
    for kind in (TITLE, HEADING, TAG):
        key = f"{NAME_KINDS[kind]} {' '.join(typed)}"
        whole = {"bool": {"should": [{"prefix": {"names": key + end}} for end in (" ", FACET_SEPARATOR)]}}
        bodies.append(newest({"prefix": {"names": key}} if prefix else whole, whole, MAX_BEGUN))
    # Of tags the commonest, too. Between their words stands what a name has there; in some scripts that is nothing.
    pattern = ".{0,3}".join(re.sub(r"(\W)", r"\\\1", word) for word in typed[:MAX_PATTERN_WORDS])
    tags = {"terms": {"field": "tag_facet", "include": f"{pattern}.*", "size": MAX_TAGS}}
    bodies.append({"size": 0, "track_total_hits": False, "query": among, "aggs": {"tags": tags}})
    return bodies


def named_posts(answers: Iterable[Mapping[str, Any]]) -> Iterator[Document]:
    """The posts that were found, each once, with nothing but their names and their days."""
    found = {hit["fields"]["id"][0]: hit["fields"] for answer in answers for hit in answer["hits"]["hits"]}
    for fields in found.values():
        names: dict[str, list[str]] = {kind: [] for kind in NAME_KINDS}
        for name in fields["names"]:
            names[name[0]].append(written(name))
        title, tags, headings = map(names.__getitem__, NAME_KINDS)
        yield Document(
            "", "", title[0] if title else "", "",
            tags=tuple(tags),
            sections=tuple(Section(heading, "", 1, 0) for heading in headings),
            date=datetime.fromordinal(fields["day"][0]).replace(tzinfo=UTC) if "day" in fields else None,
        )  # fmt: skip


def written(value: str) -> str:
    """A name as it is written, by a value that holds it folded, too."""
    return value.partition(FACET_SEPARATOR)[2]


def having(completion: Completion) -> dict[str, Any]:
    """The query for the posts that have a name, or hold a phrase in one."""
    if completion.kind == PHRASE:
        return {"match_phrase": {"name_words": completion.words}}
    return {"prefix": {"names": f"{NAME_KINDS[completion.kind]} {completion.words}{FACET_SEPARATOR}"}}
