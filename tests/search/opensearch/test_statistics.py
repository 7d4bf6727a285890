"""What the nodes of a cluster tell of all posts, against what the embedded engine counts."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from index.schema import FIELDS, Document
from search.engine.searcher import Searcher
from search.opensearch.statistics import ClusterStatistics
from tests.search.opensearch.conftest import CountingCluster

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
WORDS = (
    "run", "running", "runs", "häuser", "haus", "c++", "foo_bar.baz", "node.js", "well-known", "全文検索", "rust",
    "rusty", "rustacean", "the", "of",
)  # fmt: skip


def post(number: int, body: str, **more: object) -> Document:
    document = Document(id=f"{number}.md", url=f"/{number}/", title=f"Post {number}", body=body)
    return replace(document, **more)  # type: ignore[arg-type]


def posts(chance: random.Random) -> list[Document]:
    return [
        post(
            number,
            " ".join(chance.choices(WORDS, k=chance.randrange(20))),
            tags=tuple(chance.choices(WORDS, k=chance.randrange(3))),
            lang=chance.choice(("en", "de", "ja")),
            visible_to=chance.choice((None, NOW - HOUR, NOW + HOUR)),
        )
        for number in range(60)
    ]


def test_document_frequencies_are_those_of_the_embedded_engine(
    nodes: CountingCluster, index_of: Callable[..., str], embedded: Callable[..., Searcher]
) -> None:
    seed = random.randrange(2**32)
    print(f"{seed=}")
    documents = posts(random.Random(seed))
    ours = ClusterStatistics(nodes, index_of(*documents))
    theirs = embedded(*documents)

    assert ours.langs == theirs.langs()
    for word in (*WORDS, "post", "unheard", "run\ud800"):
        for text, prefix in ((word, False), (word[:2], True)):
            expected = theirs.doc_freq(text, NOW, prefix=prefix)
            assert ours.findable_doc_freq(text, NOW.timestamp(), prefix=prefix) == expected, (text, prefix)
        counts = {lang: count for lang, count in theirs.lang_counts(word).items() if count}
        assert ours.lang_counts(word) == counts


def test_scores_are_weighed_by_the_lengths_and_the_number_of_all_posts(
    nodes: CountingCluster, index_of: Callable[..., str]
) -> None:
    statistics = ClusterStatistics(nodes, index_of(post(1, "one two three"), post(2, "four")))

    body = len(FIELDS) - 1
    lengths, counts = np.array([2, 4], np.uint8), np.array([1, 1])
    average, longer = statistics.frequencies(np.array([body]), np.array([2]), lengths, counts)
    assert average == 1.0  # code 2 stands for 2 tokens, the mean
    assert longer < 1
    assert statistics.idf("four", [body]) == np.log1p(1.5 / 1.5)


def test_the_terms_of_a_query_are_asked_for_in_one_request_and_kept(
    nodes: CountingCluster, index_of: Callable[..., str]
) -> None:
    statistics = ClusterStatistics(nodes, index_of(*(post(number, f"word{number}") for number in range(300))))

    before = nodes.asked
    statistics.prefetch([f"word{number}" for number in range(200)], ["word2", "word29"])
    assert [statistics.doc_freq(f"word{number}", [6]) for number in range(200)] == [1] * 200
    assert statistics.doc_freq("word2", [0, 6], prefix=True) == 111
    assert statistics.doc_freq("word29", [6], prefix=True) == 11
    assert nodes.asked == before + 1

    statistics.prefetch(["word1"])
    assert nodes.asked == before + 1
    assert statistics.doc_freq("word299", [6]) == 1  # asked for by itself
    assert nodes.asked == before + 2


def test_what_hidden_posts_alone_hold_is_nobodys_business(nodes: CountingCluster, index_of: Callable[..., str]) -> None:
    index = index_of(post(1, "plain"), post(2, "later plain", visible_from=NOW), post(3, "gone", visible_to=NOW))
    statistics = ClusterStatistics(nodes, index)

    def told(now: datetime) -> dict[str, int]:
        words = ("plain", "later", "gone")
        return {word: statistics.findable_doc_freq(word, now.timestamp()) for word in words}

    assert told(NOW - HOUR) == {"plain": 2, "later": 0, "gone": 1}
    assert told(NOW) == {"plain": 2, "later": 1, "gone": 0}
    assert statistics.doc_freq("gone", [6]) == 1


def test_the_clock_changes_how_many_may_be_found(nodes: CountingCluster, index_of: Callable[..., str]) -> None:
    index = index_of(post(1, ""), post(2, "", visible_from=NOW), post(3, "", visible_to=NOW + HOUR))
    statistics = ClusterStatistics(nodes, index)
    start = NOW.timestamp()

    first = statistics.visibility(start - 10)
    assert (first.posts, first.until) == (2, start)
    before = nodes.asked
    assert statistics.visibility(start - 5) is first
    assert nodes.asked == before

    second, third = statistics.visibility(start), statistics.visibility(start + 3600)
    assert (second.posts, second.until) == (3, start + 3600)
    assert third.posts == 2
    assert third.until > datetime.max.replace(tzinfo=UTC).timestamp()
    assert len({first.epoch, second.epoch, third.epoch}) == 3


def test_an_empty_index_holds_nothing(nodes: CountingCluster, index_of: Callable[..., str]) -> None:
    statistics = ClusterStatistics(nodes, index_of())

    assert statistics.langs == frozenset()
    assert statistics.findable_doc_freq("go", NOW.timestamp(), prefix=True) == 0
    assert statistics.visibility(NOW.timestamp()).posts == 0
