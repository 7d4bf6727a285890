"""Near words in a cluster, against those of the embedded engine."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from index.schema import Document
from search.engine.searcher import Searcher
from search.opensearch.near_words import begun_near, near_words
from tests.search.opensearch.conftest import CountingCluster

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LETTERS = "abcд"


def post(number: int, body: str, lang: str = "xx", visible_to: datetime | None = None) -> Document:
    return Document(f"{number}.md", f"/{number}/", "", body, lang=lang, visible_to=visible_to)


@pytest.fixture
def chance() -> random.Random:
    seed = random.randrange(2**32)
    print(f"{seed=}")
    return random.Random(seed)


def made_word(chance: random.Random, *, least: int) -> str:
    return "".join(chance.choices(LETTERS, k=chance.randrange(least, 10)))


def test_near_words_are_those_of_the_embedded_engine(
    chance: random.Random, nodes: CountingCluster, index_of: Callable[..., str], embedded: Callable[..., Searcher]
) -> None:
    texts = [" ".join({made_word(chance, least=2) for _ in range(8)}) for _ in range(40)]
    posts = [post(number, text, visible_to=chance.choice((None, NOW))) for number, text in enumerate(texts)]
    index, searcher = index_of(*posts), embedded(*posts)

    for _ in range(60):
        word, edits = made_word(chance, least=2), chance.randrange(3)
        expected = {(one.text, one.edits) for one in searcher.near(word, edits, NOW)}
        found = near_words(nodes, index, word, edits, NOW.timestamp())
        assert {(one.text, one.edits) for one in found} == expected, (word, edits)
        held = [set(document.body.split()) for document in posts if not document.visible_to]
        assert [one.posts for one in found] == [sum(one.text in words for words in held) for one in found]


def test_near_beginnings_are_those_of_the_embedded_engine(
    chance: random.Random, nodes: CountingCluster, index_of: Callable[..., str], embedded: Callable[..., Searcher]
) -> None:
    texts = [" ".join({made_word(chance, least=4) for _ in range(3)}) for _ in range(20)]
    posts = [post(number, text, visible_to=chance.choice((None, NOW))) for number, text in enumerate(texts)]
    index, searcher = index_of(*posts), embedded(*posts)

    for _ in range(40):
        beginning = made_word(chance, least=4)
        expected = {(one.begins, one.edits) for one in searcher.near(beginning, 1, NOW, begins=True)}
        found = begun_near(nodes, index, beginning, 1, NOW.timestamp())
        assert {(one.begins, one.edits) for one in found} == expected, beginning
        assert all(one.text.startswith(one.begins) for one in found)


def test_a_beginning_is_told_with_a_word_of_those_that_most_posts_hold(
    nodes: CountingCluster, index_of: Callable[..., str]
) -> None:
    rare = [post(number, f"developing{suffix}") for number, suffix in enumerate("abcde")]
    index = index_of(*rare, *(post(number, "internationalization developer") for number in range(10, 30)))
    now = NOW.timestamp()

    assert {one.begins: one.text for one in begun_near(nodes, index, "devolop", 1, now)} == {"develop": "developer"}
    long = begun_near(nodes, index, "internetionaliza", 1, now)
    assert [(one.begins, one.text, one.posts) for one in long] == [("internationaliza", "internationalization", 20)]


def test_words_of_hidden_posts_are_nobodys_business(nodes: CountingCluster, index_of: Callable[..., str]) -> None:
    index = index_of(post(1, "secret secretary", visible_to=NOW), post(2, "secretary"))

    for now, words in ((NOW, ["secretary"]), (NOW - timedelta(hours=1), ["secret", "secretary"])):
        found = [one.text for word in words for one in near_words(nodes, index, word, 0, now.timestamp())]
        assert found == words
        assert (
            near_words(nodes, index, "zecret", 1, now.timestamp())
            == near_words(nodes, index, "secret", 0, now.timestamp())
            or now < NOW
        )
    assert near_words(nodes, index, "secret", 0, NOW.timestamp()) == []


@pytest.mark.parametrize("word", ["go", "a" * 100, "全文", "ß" * 3, "zebra"])
def test_any_word_may_be_asked_about(nodes: CountingCluster, index_of: Callable[..., str], word: str) -> None:
    index = index_of(post(1, "nothing like that"))

    for edits in range(4):
        assert near_words(nodes, index, word, edits, NOW.timestamp()) == []
        assert begun_near(nodes, index, word, edits, NOW.timestamp()) == []
