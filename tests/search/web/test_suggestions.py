"""Suggestions: what completes what is typed, in the shape that browsers ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from index import Document, Settings
from index.schema import Section
from index.storage import open_writer
from search.web.extension import create_app
from tests.fake_search import FakeSearch, app_with, make_hit

POSTS = (
    Document("1.md", "/winter-lights/", "Winter lights", "Of bicycles.", description="How to mend  them. " * 20),
    Document("2.md", "/soup/", "Soup", "", tags=("Winter",), sections=(Section("How to serve", "serve", 2, 0),)),
    Document("3.md", "javascript:alert(1)", "Hostile", ""),
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    chosen = Settings(index=tmp_path_factory.mktemp("suggestions") / "index")
    with open_writer(chosen) as writer:
        for post in POSTS:
            writer.put(post)
        writer.commit()
    return create_app(chosen).test_client()


def suggestions(client: FlaskClient, text: str) -> list[Any]:
    """The columns of the answer."""
    answer = client.get("/search/suggest", query_string={"q": text})
    assert answer.status_code == 200
    assert answer.mimetype == "application/x-suggestions+json"
    echo, texts, abouts, urls, more = answer.get_json(force=True)
    assert echo == text
    assert {len(column) for column in (texts, abouts, urls, more["kinds"], more["posts"])} == {len(texts)}
    return [texts, abouts, urls, more["kinds"], more["posts"]]


def test_a_title_has_a_description_and_an_address_in_full(client: FlaskClient) -> None:
    [[title], [about], [url], [kind], [posts]] = suggestions(client, "winter l")

    assert (title, url, kind, posts) == ("Winter lights", "http://localhost/winter-lights/", "title", 1)
    assert about.startswith("How to mend them. How")
    assert len(about) <= 120


def test_a_heading_tells_its_post_and_leads_to_it(client: FlaskClient) -> None:
    assert suggestions(client, "how to s") == [
        ["How to serve"], ["Soup"], ["http://localhost/soup/#serve"], ["heading"], [1],
    ]  # fmt: skip


def test_a_tag_leads_nowhere_by_itself(client: FlaskClient) -> None:
    assert [column[1] for column in suggestions(client, "winter")] == ["Winter", "", "", "tag", 1]


def test_an_address_that_is_none_is_left_blank(client: FlaskClient) -> None:
    assert suggestions(client, "hostile")[:3] == [["Hostile"], [""], [""]]


@pytest.mark.parametrize("text", ["", "  ", "zzz", "winter zzz", "-", '"', "\x00", "w" * 3000, "w " * 1000])
def test_what_nothing_completes_has_no_suggestions(client: FlaskClient, text: str) -> None:
    answer = client.get("/search/suggest", query_string={"q": text}).get_json(force=True)

    assert answer[1:] == [[], [], [], {"kinds": [], "posts": []}]


def test_without_an_index_there_is_nothing_to_suggest(tmp_path: Path) -> None:
    answer = create_app(Settings(index=tmp_path)).test_client().get("/search/suggest?q=a")

    assert answer.status_code == 503
    assert answer.get_json()["code"] == "index_missing"


def test_only_as_many_as_a_browser_shows_are_asked_for() -> None:
    service = FakeSearch([make_hit(number) for number in range(30)])

    assert len(suggestions(app_with(service).test_client(), "workshop")[0]) == 8


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A site whose posts share tags and headings."""
    chosen = Settings(index=tmp_path_factory.mktemp("shared") / "index")
    titles = ("Beds", "Beds, raised", "Bed and breakfast", "Gärten")
    with open_writer(chosen) as writer:
        for number, title in enumerate(titles):
            sections = (Section("Bedding plants", "s", 2, 0),) if number < 3 else ()
            tags = ("Raised beds", "beds", "Gärtnern") if number else ("once",)
            writer.put(Document(f"{number}.md", f"/{number}/", title, "beds", tags=tags, sections=sections, lang="en"))
        writer.commit()
    return create_app(chosen).test_client()


@pytest.mark.parametrize(
    ("query_string", "texts"),
    [
        ("q=bed&suggest=8", ["Bedding plants"]),  # not "beds", which is the title of a hit
        ("q=beds&suggest=8", []),
        ("q=beddin&suggest=8&per_page=1", ["Bedding plants"]),
        ("q=beddin&suggest=8&tag=once", []),  # which one post has
        ("q=bedding+plants&suggest=8", []),
        ("q=Bedding++p&suggest=8", ["Bedding plants"]),
        ("q=-bedd&suggest=8", []),
        ("q=gart&suggest=8", ["Gärtnern"]),
        ("q=RAISED+&suggest=8", ["Raised beds"]),
        ("q=bed", []),
        ("q=bed&suggest=0", []),
        ("q=&suggest=8", []),
    ],
)
def test_hits_come_with_what_goes_on_where_the_query_ends(
    shared: FlaskClient, query_string: str, texts: list[str]
) -> None:
    """Of what several posts have, and what no hit beside it says."""
    assert shared.get(f"/search/hits?{query_string}").get_json()["suggestions"] == texts


def test_no_more_completions_come_with_hits_than_are_asked_for(shared: FlaskClient) -> None:
    asked = "/search/hits?q=b&per_page=1&page=3&suggest="
    with_two, with_one = (shared.get(f"{asked}{count}").get_json() for count in (2, 1))

    assert len(with_two["suggestions"]) == 2
    assert with_one["suggestions"] == with_two["suggestions"][:1]
    assert with_one["hits"] == with_two["hits"]
