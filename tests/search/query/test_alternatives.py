"""What else may be asked where a query finds little, and that each finds as many posts as it says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.schema import Document
from index.settings import Settings
from search.query import Filters, Instead, Query
from search.query.alternatives import alternatives
from search.query.notices import Notice
from search.query.parser import parse
from search.service import Search
from tests.stored import write

POSTS = (
    Document("heap.md", "/heap/", "A hot heap", "compost turns to soil", ("Ann",), ("garden",), lang="en"),
    Document("soil.md", "/soil/", "Soil", "compost and first rain", ("Ann",), ("garden",), lang="en"),
    Document("erde.md", "/erde/", "Erde", "compost in Kisten", ("Ben",), ("beet",), lang="de"),
    Document("rain.md", "/rain/", "Rainwater", "the first flush of a tank", ("Ben",), ("water",), lang="en"),
    Document("tank.md", "/tank/", "A tank", "flush the tank first", ("Cleo",), ("water",), lang="en"),
)


def as_typed(_query: Query, text: str) -> str:
    return text


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Search]:
    chosen = Settings(index=Path(tmp_path_factory.mktemp("alternatives")) / "index")
    write(chosen, *POSTS)
    found = Search(chosen)
    yield found
    found.close()


@pytest.mark.parametrize(
    ("text", "filters", "wanted"),
    [
        ("compost", {"tag": "water"}, [("compost", "without the tag water", 3, ("tag",))]),
        ("compost", {"tag": ["water", "roof"]}, [("compost", "without the tag water, roof", 3, ("tag",))]),
        ("compost", {"lang": "fr"}, [("compost", "in any language", 3, ("lang",))]),
        ("compost lang:fr -kisten", {}, [("compost -kisten", "in any language", 2, ("lang",))]),
        ("compost after:2020", {"until": date(2024, 1, 1)}, [("compost", "of any date", 3, ("since", "until"))]),
        (
            "compost",
            {"author": "Cleo", "tag": "garden"},
            [("compost", "without the author Cleo", 2, ("author",))],
        ),
        (
            "compost lang:fr",
            {"author": "Cleo", "tag": "roof"},
            [("compost", "without any filter", 3, ("tag", "author", "lang"))],
        ),
        (
            "compost",
            {"author": "Ben", "lang": "en"},
            [
                ("compost", "without the author Ben", 2, ("author",)),
                ("compost", "in any language", 1, ("lang",)),
            ],
        ),
        (
            'title:rainwater "first flush" garden lang:en',
            {},
            [
                ("rainwater first flush garden lang:en", "with these words anywhere", 4, ()),
            ],
        ),
        (
            "title:tank tag:beet",
            {},
            [
                ("tank beet", "with these words anywhere", 3, ()),
                ("tag:beet", "without title:tank", 1, ()),
                ("title:tank", "without tag:beet", 1, ()),
            ],
        ),
        ('tag:beet "flsuh"', {}, [("beet flsuh", "with these words anywhere", 3, ())]),  # misspelt
        ('"first flush"', {}, [("first flush", "without the quotation marks", 3, ())]),
        ("compost -soil", {}, []),
        ("rainwater -tank lang:en", {}, [("rainwater lang:en", "without leaving anything out", 1, ())]),
        ("", {"tag": "roof", "author": "Ben"}, [("", "without the tag roof", 2, ("tag",))]),
        ("compost", {"year": 1999}, [("compost", "without the year 1999", 3, ("year",))]),
        ("compost", {"year": (1999, 2001)}, [("compost", "without the year 1999, 2001", 3, ("year",))]),
        ("", {"tag": "roof"}, []),
        ("compost rain flush", {"lang": "en"}, []),
        ("zebra", {"tag": "garden", "lang": "de"}, []),
        ("zebra okapi", {}, []),
    ],
)
def test_less_is_left_to_narrow_a_query_that_finds_little(
    service: Search, text: str, filters: dict[str, Any], wanted: list[tuple[str, str, int, tuple[str, ...]]]
) -> None:
    found = service.run(text, prefix=False, **filters)

    assert [(other.query, other.reason, other.total, other.without) for other in found.instead] == wanted


def test_nothing_is_counted_where_enough_is_found_or_nothing_narrows_the_query() -> None:
    def count(text: str, filters: Filters) -> int:
        raise AssertionError((text, filters))

    assert alternatives(parse('title:a "b c" -d lang:de'), 3, count, as_typed) == ()
    assert alternatives(parse("a b c | d"), 0, count, as_typed) == ()
    assert alternatives(replace(parse("title:a"), text="title:a " * 1000), 0, count, as_typed) == ()


def test_at_most_four_are_told() -> None:
    query = parse('title:a tag:b author:c category:d "e f"')
    found = alternatives(query, 0, lambda text, _: len(text), as_typed)

    assert [other.total for other in found] == sorted((len(other.query) for other in found), reverse=True)
    assert len(found) == 4


def test_what_was_asked_without_misspellings_mended_stays_so(service: Search) -> None:
    (other,) = service.run("compost", tag="water", typos=False).instead

    assert not other.typos


def test_programs_are_told_parameters() -> None:
    other = Instead("compost", Notice("any_date"), 3, ("since", "until"))

    assert other.to_dict()["without"] == ["from", "to"]


WORD = st.sampled_from(
    ["compost", "rain", "soil", "zebra", "title:tank", "tag:beet", '"first flush"', "-soil", '-"a tank"', "lang:de",
     "lang:c", "after:2020", "after:20", "OR", "|", "(tank)", 'title:"a tank"', '"first', "the", "-lang:en", "c*",
     "compots", '"flsuh"', '"rain water"']
)  # fmt: skip


@settings(max_examples=100, print_blob=True, deadline=None)
@given(words=st.lists(WORD, max_size=7), tag=st.sampled_from(["", "garden", "roof"]), prefix=st.booleans())
def test_each_finds_as_many_posts_as_it_says(service: Search, words: list[str], tag: str, prefix: bool) -> None:
    asked = service.run(" ".join(words), tag=tag, prefix=prefix)

    for other in asked.instead:
        if other.total is not None:
            again = service.run(other.query, tag="" if "tag" in other.without else tag, prefix=prefix)
            assert again.total == other.total > asked.total
