"""Completions in a cluster, against those of the embedded engine."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from index.schema import Document, Section
from search.engine.searcher import Searcher
from search.matches import Suggestion
from search.opensearch.completions import complete, continuations
from search.opensearch.filters import findable
from search.query import Query
from tests.search.opensearch.conftest import CountingCluster

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = "go", "generics", "garbage", "collector", "developer", "survey", "c++", "node.js", "全文", "the", "1.25", "über"


def post(number: int, title: str, *headings: str, **more: object) -> Document:
    sections = tuple(Section(heading, f"s{place}", 2, 0) for place, heading in enumerate(headings))
    document = Document(f"{number:03}.md", f"/{number}/", title, "", sections=sections, description=f"about {number}")
    return replace(document, **more)  # type: ignore[arg-type]


def test_completions_are_those_of_the_embedded_engine(
    nodes: CountingCluster, index_of: Callable[..., str], embedded: Callable[..., Searcher]
) -> None:
    seed = random.randrange(2**32)
    print(f"{seed=}")
    chance = random.Random(seed)

    def name(longest: int = 4) -> str:
        return " ".join(chance.choices(WORDS, k=chance.randrange(1, longest)))

    posts = [
        post(
            number,
            name(),
            *(name() for _ in range(chance.randrange(3))),
            tags=tuple({name(3) for _ in range(chance.randrange(3))}),
            **chance.choice(({}, {"date": NOW - timedelta(days=number)}, {"visible_to": NOW})),
        )
        for number in range(80)
    ]
    index, searcher = index_of(*posts), embedded(*posts)

    for _ in range(60):
        text = name()
        text = text[: chance.randrange(1, len(text) + 1)]
        expected = searcher.complete(text, 8, NOW).suggestions
        assert complete(nodes, index, text, 8, NOW.timestamp()) == expected, text


def test_what_but_one_post_has_is_told_with_its_address(nodes: CountingCluster, index_of: Callable[..., str]) -> None:
    index = index_of(post(1, "Generics", "Why", tags=("Go",)), post(2, "Go!", "Why"), post(3, "Go?", visible_to=NOW))

    def told(text: str) -> tuple[Suggestion, ...]:
        return complete(nodes, index, text, 5, NOW.timestamp())

    assert told("gen") == (Suggestion("Generics", "title", 1, "/1/", "about 1"),)
    assert told("go") == (Suggestion("Go!", "title", 1, "/2/", "about 2"),)
    assert [(one.kind, one.posts, one.url) for one in told("why")] == [("heading", 2, "")]


def test_texts_are_gone_on_with_by_what_several_posts_that_pass_have(
    nodes: CountingCluster, index_of: Callable[..., str]
) -> None:
    posts = [post(number, f"Go developer survey {number}", lang="en" if number else "de") for number in range(5)]
    index = index_of(*posts, post(7, "Go alone"))
    query = Query("go dev", suggest=3)

    assert continuations(nodes, index, query, (), findable(NOW.timestamp())) == ("Go developer survey",)
    german = {"bool": {"filter": [findable(NOW.timestamp()), {"term": {"lang": "de"}}]}}
    assert continuations(nodes, index, query, (), german) == ()


def test_three_requests_are_enough(nodes: CountingCluster, index_of: Callable[..., str]) -> None:
    index = index_of(*(post(number, f"Generics {number}", f"Go {number}") for number in range(50)))

    assert len(complete(nodes, index, "g", 10, NOW.timestamp())) == 10
    assert nodes.asked <= 3


@pytest.mark.parametrize("text", ["", " ", "-", "*", ".*", "a" * 300, "\\", 'say "go', "\ud800", "[x](y){z}|&~<1-9>@#"])
def test_any_text_may_be_typed(nodes: CountingCluster, index_of: Callable[..., str], text: str) -> None:
    index = index_of(post(1, "A title"))

    found = complete(nodes, index, text, 5, NOW.timestamp())
    assert found == ()
