"""The budget of a query: what is done with a query that would cost too much."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from hypothesis import strategies as st

from index.analysis import Slot
from index.schema import Document
from index.segments.inversion import invert
from search.engine.budget import DEAR_SHARE, MAX_POSITIONS, Budget, Costs, affordable
from search.engine.segment_reader import SegmentReader
from search.query import AnyOf, Phrase, Query, Word, options_of
from search.query.notices import Notice
from search.query.parser import parse, parsed_text
from tests.corpora import COUNTS, TEXTS, hold

LANGS = ("en",)
READERS = [
    SegmentReader(invert([Document(id, f"/{id}/", "", body) for id in ids]))
    for ids, body in (("ab", "the bee " * 50 + "a rare hive"), ("cd", "the bee or wasp " * 30))
]
COSTS = Costs(READERS, LANGS)


def eased(text: str, positions: int = 1000, postings: int = 1000, *, prefix: bool = False) -> tuple[object, ...]:
    """How the query is asked within a budget, and the notices."""
    query = parse(text, prefix=prefix)
    found, notices = affordable(query, COSTS, max_positions=positions, max_postings=postings)
    return parsed_text(found), *notices


@pytest.mark.parametrize("text", ["", "the bee", '"rare hive" -"rare hive" the-bee', '"the bee"', "tag:x OR b*"])
def test_what_can_be_afforded_is_asked_as_it_is(text: str) -> None:
    query = parse(text)

    found, notices = affordable(query, COSTS)

    assert found is query
    assert notices == ()


def test_what_is_too_dear_in_a_row_is_taken_for_its_words_each_of_them_required() -> None:
    query = parse('"the bee" "rare hive"', prefix=False)

    found, (notice,) = affordable(query, COSTS, max_positions=100)

    assert found.clauses == (Word("the", required=True, weak=True), Word("bee", required=True), Phrase("rare hive"))
    assert notice == Notice("phrase_too_dear", {"text": '"the bee"'})


@pytest.mark.parametrize(
    ("text", "expected", "code", "told"),
    [
        ("the-bee", "the bee", "phrase_too_dear", "the-bee"),
        ('body:"the bee"', "body:the body:bee", "phrase_too_dear", 'body:"the bee"'),
        ('"the bee" OR hive', "the | bee | hive", "phrase_too_dear", '"the bee" | hive'),
        ('hive -"the bee"', "hive", "exclusion_too_dear", '-"the bee"'),
        ('hive -"the bee" -"rare hive"', 'hive -"rare hive"', "exclusion_too_dear", '-"the bee"'),
    ],
)
def test_rows_of_all_kinds_are_eased(text: str, expected: str, code: str, told: str) -> None:
    assert eased(text, 100) == (expected, Notice(code, {"text": told}))


def test_a_row_that_goes_on_is_taken_for_words_of_which_the_last_goes_on() -> None:
    assert eased("the-be", 100, prefix=True)[0] == "the be*"


def test_the_cheapest_rows_are_afforded_and_those_that_are_left_out_first() -> None:
    assert eased('"the bee" -"bee the" "bee or wasp"', 400)[0] == 'the bee bee or wasp -"bee the"'


def test_a_row_of_a_rare_word_is_cheap() -> None:
    (cost,) = COSTS.of_query(parse('"the rare"')).values()

    assert cost.positions < 110, "those of the posts that hold the rare word"


def test_words_that_too_many_posts_hold_are_passed_over() -> None:
    assert eased("the bee rare", postings=13) == ("rare", Notice("word_too_dear", {"text": "the bee"}))
    assert eased("hive -bee", postings=7) == ("hive", Notice("exclusion_too_dear", {"text": '-"bee"'}))


def test_the_only_word_is_afforded_whatever_it_costs() -> None:
    assert eased("bee", postings=1) == ("bee",)
    assert eased("the | hive", postings=1)[0] == "hive"


@COUNTS
def test_no_query_costs_more_than_its_budget(examples: int) -> None:
    limits = st.integers(0, 1000)
    texts = st.lists(st.sampled_from(['"the bee"', "-the/bee", '"bee or"', "the-bee", "OR", "be*", "hive"]), max_size=9)

    def check(typed: list[str], more: str, positions: int, postings: int) -> None:
        query = parse(" ".join((*typed, more)))
        found, notices = affordable(query, COSTS, max_positions=positions, max_postings=postings)
        costs = COSTS.of_query(found)
        alone = len({option for clause in found.clauses for option in options_of(clause)}) == 1

        assert sum(cost.positions for cost in costs.values()) <= positions
        assert alone or sum(cost.postings for cost in costs.values()) <= postings
        assert bool(found.clauses) == bool(query.clauses)
        assert (found == query) == (not notices)
        assert not any(isinstance(clause, AnyOf) and not clause.options for clause in found.clauses)
        assert affordable(found, COSTS, max_positions=positions, max_postings=postings)[0] == found

    hold(examples * 5, check, texts, TEXTS, limits, limits)


def test_the_query_without_clauses_stays_one() -> None:
    assert affordable(Query(), COSTS, max_positions=0, max_postings=0) == (Query(), ())


class CountingReader(SegmentReader):
    """Counts how often the postings of words are counted."""

    counted = 0

    def spans(self, slot: Slot, fields: Collection[int]) -> list[tuple[int, int]]:
        self.counted += 1
        return super().spans(slot, fields)


def test_the_cost_of_a_dear_query_is_counted_once() -> None:
    reader = CountingReader(invert([Document("a", "/a/", "", "the bee " * (MAX_POSITIONS // DEAR_SHARE))]))
    query = parse('"the bee"')
    affordable(query, Costs([reader], LANGS), max_positions=0)
    once, reader.counted = reader.counted, 0
    costs = Costs([reader], LANGS)

    for _ in range(2):
        with Budget().afforded(query, costs) as (asked, _):
            assert asked == query

    assert reader.counted == once


def test_dear_queries_are_answered_one_at_a_time_and_others_beside_them() -> None:
    budget, dear, cheap = Budget(), parse('"the bee"'), parse("rare hive")
    shares = Costs(
        [SegmentReader(invert([Document("a", "/a/", "", "the bee " * (MAX_POSITIONS // DEAR_SHARE))]))], LANGS
    )

    with (
        budget.afforded(dear, shares) as first,
        budget.afforded(dear, shares) as (asked, notices),
        budget.afforded(cheap, shares) as beside,
    ):
        pass
    with budget.afforded(dear, shares) as later:
        pass

    assert first == later == (dear, ())
    assert beside == (cheap, ())
    assert parsed_text(asked) == "the bee"
    assert notices == (Notice("phrase_too_dear", {"text": '"the bee"'}),)
