"""Suggestions: the titles that complete what is typed, in the shape that browsers ask for."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from index import Document, Settings
from index.storage import open_writer
from search.web.extension import create_app
from tests.fake_search import FakeSearch, app_with, make_hit

POSTS = (
    Document("1.md", "/winter-lights/", "Winter lights", "Of bicycles.", description="How to mend  them. " * 20),
    Document("2.md", "/winter-soup/", "Soup for the winter", "Of lights."),
    Document("3.md", "/summer/", "Summer", "Not of winter."),
    Document("4.md", "/weekly-1/", "Weekly notes", "", tags=("notes",)),
    Document("5.md", "/weekly-2/", "Weekly notes", "", tags=("notes",)),
    Document("6.md", "javascript:alert(1)", "Hostile", ""),
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    chosen = Settings(index=tmp_path_factory.mktemp("suggestions") / "index")
    with open_writer(chosen) as writer:
        for post in POSTS:
            writer.put(post)
        writer.commit()
    return create_app(chosen).test_client()


def suggestions(client: FlaskClient, text: str) -> list[list[str]]:
    answer = client.get("/search/suggest", query_string={"q": text})
    assert answer.status_code == 200
    assert answer.mimetype == "application/x-suggestions+json"
    echo, *rest = answer.get_json(force=True)
    assert echo == text
    assert len({len(column) for column in rest}) == 1
    return [list(column) for column in rest]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("win", {"Winter lights", "Soup for the winter"}),
        ("winter l", {"Winter lights"}),
        ("winter", {"Winter lights", "Soup for the winter"}),
        ("the winter", {"Winter lights", "Soup for the winter"}),
        ("bicycles", set()),
        ("winter -soup", {"Winter lights"}),
        ("tag:notes", {"Weekly notes"}),
        ("lights OR summer", {"Winter lights", "Summer"}),
        ('"winter lights"', {"Winter lights"}),
        ("weekly", {"Weekly notes"}),
        ("", set()),
        ("  ", set()),
        ("-winter", {"Winter lights", "Soup for the winter"}),
        ('-"winter"', set()),
        ("winter zzz", set()),
    ],
)
def test_titles_that_hold_all_the_words_are_suggested_once(client: FlaskClient, text: str, titles: set[str]) -> None:
    found = suggestions(client, text)[0]

    assert set(found) == titles
    assert len(found) == len(titles)


def test_a_suggestion_has_a_description_and_an_address_in_full(client: FlaskClient) -> None:
    (title,), (about,), (url,) = suggestions(client, "winter lights")

    assert title == "Winter lights"
    assert about.startswith("How to mend them. How")
    assert len(about) <= 120
    assert url == "http://localhost/winter-lights/"


def test_an_address_that_is_none_is_left_blank(client: FlaskClient) -> None:
    assert suggestions(client, "hostile") == [["Hostile"], [""], [""]]


def test_without_an_index_there_is_nothing_to_suggest(tmp_path: Path) -> None:
    answer = create_app(Settings(index=tmp_path)).test_client().get("/search/suggest?q=a")

    assert answer.status_code == 503
    assert answer.get_json()["code"] == "index_missing"


def test_only_as_many_as_a_browser_shows_are_asked_for() -> None:
    service = FakeSearch([make_hit(number) for number in range(30)])

    found = suggestions(app_with(service).test_client(), "workshop")

    assert len(found[0]) == 8
    assert service.asked == []
