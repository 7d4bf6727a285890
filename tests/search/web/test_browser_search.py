"""The OpenSearch description, by the rules that Mozilla documents for Firefox."""

from __future__ import annotations

from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as Tree

import pytest
from flask.testing import FlaskClient

from index.errors import IndexMissing
from index.settings import Settings
from search.sentences import ENGLISH
from search.web.browser_search import short_name
from tests.fake_search import FakeSearch, app_with, make_hit

SPEC = "{http://a9.com/-/spec/opensearch/1.1/}"
LARGEST_ICON = 10_000


def client_of(**options: object) -> FlaskClient:
    return app_with(FakeSearch([make_hit()]), Settings(**options)).test_client()  # type: ignore[arg-type]


def description_of(client: FlaskClient, base: str = "https://example.org") -> Tree.Element:
    answer = client.get("/search/opensearch.xml", base_url=base)
    assert answer.status_code == 200
    assert answer.mimetype == "application/opensearchdescription+xml"
    return Tree.fromstring(answer.data)


def urls(engine: Tree.Element) -> dict[str, str]:
    return {url.get("type", ""): url.get("template", "") for url in engine.findall(f"{SPEC}Url")}


@pytest.mark.parametrize("name", ["", "My site", "The very long name of a very long site <&>", "x" * 2000])
def test_names_are_short_enough_for_firefox(name: str) -> None:
    engine = description_of(client_of(site_name=name))

    assert engine.tag == f"{SPEC}OpenSearchDescription"
    assert 0 < len(engine.findtext(f"{SPEC}ShortName") or "") <= 16
    assert 0 < len(engine.findtext(f"{SPEC}Description") or "") <= 1024
    assert len(engine.findtext(f"{SPEC}LongName") or "") <= 48
    assert engine.findtext(f"{SPEC}InputEncoding") == "UTF-8"


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("", "Search"),
        ("My site", "My site"),
        ("exactly16letters", "exactly16letters"),
        ("The garden and bicycle blog", "The garden and"),
        ("Donaudampfschifffahrt", "Donaudampfschiff"),
        ("two\n lines", "two lines"),
    ],
)
def test_a_long_name_is_cut_between_words(name: str, short: str) -> None:
    assert short_name(name, ENGLISH) == short


def test_addresses_are_those_of_the_request_in_full() -> None:
    found = urls(description_of(client_of(), "https://search.example.org"))

    assert found == {
        "text/html": "https://search.example.org/search/?q={searchTerms}",
        "application/x-suggestions+json": "https://search.example.org/search/suggest?q={searchTerms}",
        "application/atom+xml": "https://search.example.org/search/feed?q={searchTerms}",
        "application/opensearchdescription+xml": "https://search.example.org/search/opensearch.xml",
    }


@pytest.mark.parametrize("words", ["a b", "naïve 全文", 'x"&y', "100%"])
def test_every_address_answers_what_a_browser_puts_into_it(words: str) -> None:
    client = client_of()
    for kind, template in urls(description_of(client)).items():
        parts = urlsplit(template.replace("{searchTerms}", quote(words)))
        answer = client.get(f"{parts.path}?{parts.query}")

        assert answer.status_code == 200
        assert answer.mimetype == kind


def test_icons_are_what_they_say_and_small_enough() -> None:
    client = client_of()
    images = description_of(client).findall(f"{SPEC}Image")

    assert {(image.get("width"), image.get("height")) for image in images} == {("16", "16"), ("64", "64")}
    for image in images:
        parts = urlsplit(image.text or "")
        with client.get(f"{parts.path}?{parts.query}") as icon:
            assert parts.scheme == "https"
            assert icon.mimetype == image.get("type")
            assert 0 < len(icon.data) < LARGEST_ICON


def test_the_description_needs_no_index() -> None:
    client = app_with(FakeSearch(error=IndexMissing("x"))).test_client()

    assert client.get("/search/opensearch.xml").status_code == 200


def test_browsers_are_told_what_the_search_is_in_their_language() -> None:
    told = []
    for name in ("Wald & Wiese", ""):
        answer = client_of(site_name=name).get("/search/opensearch.xml", headers={"Accept-Language": "de-CH"})
        engine = Tree.fromstring(answer.data)
        told.append([engine.findtext(f"{SPEC}{part}") for part in ("ShortName", "LongName", "Description")])

        assert (answer.headers["Content-Language"], answer.headers["Vary"]) == ("de", "Accept-Language")
    assert told == [
        ["Wald & Wiese", "Wald & Wiese durchsuchen", "Wald & Wiese durchsuchen"],
        ["Suchen", None, "Beiträge durchsuchen"],
    ]
