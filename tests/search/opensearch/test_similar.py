"""Similar posts in a cluster, against those of the embedded engine."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from index.schema import Document
from index.settings import Settings
from search.engine.searcher import Searcher
from search.opensearch.similar import most_similar
from search.opensearch.statistics import ClusterStatistics
from tests.search.opensearch.conftest import CountingCluster

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def post(number: int, body: str, **more: object) -> Document:
    document = Document(f"{number}.md", f"/{number}/", f"Post {number}", body)
    return replace(document, **more)  # type: ignore[arg-type]


@pytest.fixture
def cluster_settings(cluster_settings: Settings) -> Settings:
    return replace(cluster_settings, opensearch_shards=2)


def found(nodes: CountingCluster, index: str, id: str, count: int = 5) -> list[tuple[str, float]]:
    statistics = ClusterStatistics(nodes, index)
    matches = most_similar(nodes, index, statistics, id, count, NOW.timestamp())
    return [(match.document.id, round(match.score, 6)) for match in matches]


def test_similar_posts_are_those_of_the_embedded_engine(
    nodes: CountingCluster, index_of: Callable[..., str], embedded: Callable[..., Searcher]
) -> None:
    seed = random.randrange(2**32)
    print(f"{seed=}")
    chance = random.Random(seed)
    words = [f"word{'abcdefghij'[number % 10]}{number}" for number in range(40)]
    posts = [
        post(
            number,
            " ".join(chance.choices(words, k=chance.randrange(30))),
            tags=tuple(chance.sample(words, k=chance.randrange(3))),
            lang=chance.choice(("en", "en-gb", "de")),
            visible_to=chance.choice((None, None, None, NOW)),
        )
        for number in range(60)
    ]
    index, searcher = index_of(*posts), embedded(*posts)

    for document in posts[:20]:
        expected = searcher.similar(document.id, 5, NOW).matches
        ids = [match.document.id for match in expected]
        assert [id for id, _ in found(nodes, index, document.id)] == ids, document.id


def test_those_in_the_language_come_first_whatever_their_region(
    nodes: CountingCluster, index_of: Callable[..., str]
) -> None:
    text = "reading and writing of files"
    index = index_of(
        post(1, text, lang="en"),
        *(post(number, text, lang="de") for number in range(2, 90)),
        post(90, "files of others", lang="en-gb"),
        post(91, text, lang="eng"),
    )

    best = [id for id, _ in found(nodes, index, "1.md")]
    assert best[0] == "90.md"
    assert len(best) == 5


def test_a_post_that_may_not_be_found_has_none(nodes: CountingCluster, index_of: Callable[..., str]) -> None:
    index = index_of(post(1, "same text", visible_to=NOW), post(2, "same text"), post(3, "", title=""))

    assert found(nodes, index, "1.md") == []
    assert found(nodes, index, "2.md") == []
    assert found(nodes, index, "3.md") == []
    assert found(nodes, index, "none.md") == []
