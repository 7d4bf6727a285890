"""What a request names as its host: nothing is made of it that lasts, and nothing at all where `base_url` is set."""

from __future__ import annotations

from xml.etree import ElementTree as Tree

import pytest
from flask.testing import FlaskClient

from index.settings import Settings
from tests.fake_search import FakeSearch, app_with, make_hit

ATOM = "{http://www.w3.org/2005/Atom}"
EVIL = "http://evil.example"
ADDRESSES = (
    "/", "/nothing", "/search", "/search?q=a", "//search//hits", "/search//hits", "/search/", "/search/?q=a",
    "/search/hits?q=a", "/search/similar?id=a.md", "/search/feed?q=a", "/search/suggest?q=a", "/search/opensearch.xml",
    "/search/openapi.json", "/search/health", "/search/nothing",
)  # fmt: skip


def client_of(**options: object) -> FlaskClient:
    return app_with(FakeSearch([make_hit(url="/a/")]), Settings(**options)).test_client()  # type: ignore[arg-type]


def ids(client: FlaskClient, base: str, query: str = "q=a") -> list[str]:
    feed = Tree.fromstring(client.get(f"/search/feed?{query}", base_url=base).data)
    return [element.text or "" for element in feed.iter(f"{ATOM}id")]


@pytest.mark.parametrize("address", ADDRESSES)
def test_where_the_site_is_known_no_answer_names_the_host_of_the_request(address: str) -> None:
    answer = client_of(base_url="https://example.org/blog").get(address, headers={"Host": "evil.example"})

    assert answer.status_code < 500
    assert "evil" not in f"{answer.headers}{answer.text}"


@pytest.mark.parametrize("address", ["/", "/search", "/search?q=a%20b&tag=%C3%BC", "/search//feed"])
def test_redirects_are_relative(address: str) -> None:
    answer = client_of().get(address, base_url=EVIL)

    assert answer.status_code in {302, 308}
    assert answer.headers["Location"].startswith("/search/")
    assert answer.headers["Location"].partition("?")[2] == address.partition("?")[2]


@pytest.mark.parametrize("base_url", ["", "/blog", "https://example.org/blog"])
def test_ids_in_a_feed_are_the_same_for_every_host(base_url: str) -> None:
    client = client_of(base_url=base_url, site_name="My site")

    assert ids(client, EVIL) == ids(client, "https://search.example.org")
    assert len({*ids(client, EVIL), *ids(client, EVIL, "q=b")}) == 3  # two feeds, and a post in both
    assert ids(client, EVIL) != ids(client_of(base_url=base_url and "https://example.net", site_name="Other"), EVIL)


def test_the_id_of_a_feed_is_its_address_at_the_site() -> None:
    assert ids(client_of(base_url="https://example.org/blog"), EVIL)[0] == "https://example.org/search/feed?q=a"


def test_a_service_on_another_origin_than_its_site_gives_its_own_addresses_by_the_request() -> None:
    client = client_of(base_url="https://example.org/blog", cors_origins=("https://example.org",))
    described = client.get("/search/opensearch.xml", base_url="https://search.example.org").text

    assert 'template="https://search.example.org/search/?q={searchTerms}"' in described
    assert "https://example.org" not in described
    assert ids(client, EVIL) == ids(client, "https://search.example.org")


@pytest.mark.parametrize(
    "address", ["/", "/search/hits?q=a", "/search/mcp", "/search/static/page.css", "/a/", "/search"]
)
def test_on_this_machine_alone_no_name_of_another_site_is_answered(address: str) -> None:
    client = app_with(FakeSearch([make_hit(url="/a/")]), Settings(host="desk"), local=True).test_client()
    foreign = [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example:8000",
        "evil.example:80",
        "[",
        "",
        "desk.",
    ]
    own = ["localhost", "LOCALHOST:8000", "notes.localhost", "127.0.0.1:8000", "[::1]:8000", "192.168.1.7", "Desk:8000"]

    assert {client.get(address, headers={"Host": host}).status_code for host in foreign} == {421}
    assert 421 not in {client.get(address, headers={"Host": host}).status_code for host in own}


def test_the_search_of_a_site_is_answered_by_any_name() -> None:
    site = Settings(base_url="https://example.org/blog")
    client = app_with(FakeSearch([make_hit()]), site, local=True).test_client()

    assert client.get("/search/hits?q=a", base_url="https://search.example.org").status_code == 200
