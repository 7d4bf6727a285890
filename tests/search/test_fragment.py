"""Text fragments: made of words that a page holds once in one block, and of nothing else."""

from __future__ import annotations

import pytest

from index.schema import Document, Section
from search.fragment import fragment
from search.query.parser import parse
from search.snippet import Snippet, snippet
from tests.oracles.highlights import ranges_by_reading


def made(asked: str, body: str, sections: tuple[Section, ...] = ()) -> str:
    ranges = ranges_by_reading(parse(asked, prefix=False), body)
    return fragment(Document("a", "/a/", "A", body, sections=sections), ranges, snippet(body, ranges))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("we all saw how a gluster grows in the shade of trees",
         ":~:text=saw%20how%20a-,gluster,-grows%20in%20the%20shade".replace("saw", "all%20saw")),
        ("a gluster\nwe all saw a sub-gluster, or so", ":~:text=we%20all%20saw%20a-,sub%2Dgluster%2C,-or%20so"),
        ("“we” saw of what size a gluster can be, “so” to say",
         ":~:text=of%20what%20size%20a-,gluster,-can%20be%2C"),
        ("a gluster", ""),
        ("a gluster of the wild\na gluster of the wild", ""),
        ("we all saw the “gluster” that grows here", ""),
        ("see\fa gluster of the wild kind", ""),
        ("we all saw what is a gluster\nof", ":~:text=saw%20what%20is%20a-,gluster"),
        ("all the 日本語 of a gluster that we saw", ":~:text=of%20a-,gluster,-that%20we%20saw"),
        ("we all saw 5% of it,\ta gluster of two  kinds\nof a gluster in 9% of the woods",
         ":~:text=of%20a-,gluster,-in%209%25%20of%20the"),
        ("nothing of the kind is said here", ""),
    ],
)  # fmt: skip
def test_what_leads_to_the_first_marked_words(body: str, expected: str) -> None:
    assert made("gluster", body) == expected


def test_words_side_by_side_are_marked_together() -> None:
    assert made("gluster workshop", "we all saw the gluster workshop in town") == (
        ":~:text=we%20all%20saw%20the-,gluster%20workshop,-in%20town"
    )


def test_a_heading_may_stand_in_a_list_of_contents_too() -> None:
    heading = "What is a gluster of the wild"
    body = f"{heading}\nIt is a gluster that grows in woods\n"

    assert made("gluster", body, (Section(heading, "what", 2, 0),)) == (
        ":~:text=It%20is%20a-,gluster,-that%20grows%20in%20woods"
    )


def test_a_phrase_over_two_blocks_is_not_sought() -> None:
    assert made('"gluster of"', "we all saw what is a gluster.\nOf the wild and kept in the woods") == ""


def test_without_a_snippet_there_is_none() -> None:
    assert fragment(Document("a", "/a/", "A", "a gluster"), (), Snippet("")) == ""
