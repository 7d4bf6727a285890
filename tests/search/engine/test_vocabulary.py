"""Near words, against a slow and plain search for them."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import strategies as st

from index.schema import Document
from index.segments.inversion import invert
from search.engine.vocabulary import Vocabulary
from tests.corpora import COUNTS, hold

LETTERS = "abcд"
WORDS = st.lists(st.text(LETTERS, min_size=3, max_size=7), min_size=1, max_size=30, unique=True)


def vocabulary_of(*bodies: str) -> Vocabulary:
    return Vocabulary.of(
        invert([Document(f"{i}", f"/{i}", "", body, lang="xx") for i, body in enumerate(bodies)]).postings
    )


def edits(one: str, other: str) -> int:
    """Optimal string alignment, by its definition."""
    table = {(i, 0): i for i in range(len(one) + 1)} | {(0, j): j for j in range(len(other) + 1)}
    for i, j in product(range(1, len(one) + 1), range(1, len(other) + 1)):
        table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (one[i - 1] != other[j - 1]))
        if i > 1 and j > 1 and (one[i - 1], one[i - 2]) == (other[j - 2], other[j - 1]):
            table[i, j] = min(table[i, j], table[i - 2, j - 2] + 1)
    return table[len(one), len(other)]


@COUNTS
def test_near_words_are_those_of_few_edits(examples: int) -> None:
    def check(words: list[str], asked: str, limit: int) -> None:
        found = {one.text: one.edits for one in vocabulary_of(" ".join(words)).near(asked, limit)}

        assert {word: n for word, n in found.items() if word[0] == asked[0]} == {
            word: n for word in words if word[0] == asked[0] and (n := edits(asked, word)) <= limit
        } | {word: 1 for word in found if word[0] == asked[0] and word[1:] == asked}
        others = [word for word in words if word[0] != asked[0]]
        swapped = asked[1] + asked[0] + asked[2:]
        at_first = [w for w in others if asked[1:] in (w, w[1:]) or asked == w[1:] or w == swapped]
        assert {word for word in found if word[0] != asked[0]} == set(at_first)
        assert all(edits(asked, word) == 1 for word in at_first)

    hold(examples * 5, check, WORDS, st.text(LETTERS, min_size=4, max_size=7), st.integers(1, 3))


@COUNTS
def test_near_beginnings_are_as_long_or_one_letter_more_or_less(examples: int) -> None:
    def check(words: list[str], asked: str, limit: int) -> None:
        found = list(vocabulary_of(" ".join(words)).begun_near(asked, limit))
        sizes = range(len(asked) - 1, len(asked) + 2)

        assert {one.begins: one.edits for one in found} == {
            word[:size]: edits(asked, word[:size])
            for word in words
            for size in sizes
            if word[0] == asked[0] and len(word) >= size and edits(asked, word[:size]) <= limit
        }
        assert all(one.text in words and one.text.startswith(one.begins) for one in found)

    hold(examples * 5, check, WORDS, st.text(LETTERS, min_size=4, max_size=7), st.integers(1, 2))


def test_stems_and_numbers_are_no_words_that_are_meant() -> None:
    segment = invert([Document("a", "/a", "", "happily happily x264abc running 全文検索 Müller", lang="en")])
    words = Vocabulary.of(segment.postings)

    assert [one.text for one in words.near("happili", 2)] == ["happily"]
    assert [one.text for one in words.near("runn", 3)] == ["running"]
    assert [one.text for one in words.near("muellr", 3)] == ["muller"]
    assert not list(words.near("x264abd", 1))
    assert not list(words.near("全文", 1))


@pytest.mark.parametrize(("bodies", "posts"), [(["apple"], 1), (["apple", "apple apple", "pear"], 2)])
def test_near_words_tell_how_many_posts_hold_them(bodies: list[str], posts: int) -> None:
    assert [(one.text, one.edits, one.posts) for one in vocabulary_of(*bodies).near("appel", 2)] == [
        ("apple", 1, posts)
    ]


def test_without_posts_there_is_no_word() -> None:
    assert not list(vocabulary_of().near("apple", 2))
    assert not list(vocabulary_of().begun_near("apple", 2))
