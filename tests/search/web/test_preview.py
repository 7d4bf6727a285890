"""Previews of posts, by a server that has no site behind it: found by their address, and plain text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import html5lib
import pytest
from flask import Flask
from flask.testing import FlaskClient

from index import Document, Settings
from index.errors import IndexMissing
from index.schema import Section
from search.web.extension import PostSearch, create_app
from tests.fake_search import FakeSearch, app_with, make_hit
from tests.stored import write

BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"
BODY = "Before it all.\nFirst & foremost\nOne.\nTwo.\nLast\nThree."
POST = Document(
    "a.md",
    "/2013/a-post/",
    "A <post>",
    BODY,
    author=("Ann B",),
    tags=("raised beds",),
    date=datetime(2013, 6, 19, 12, tzinfo=UTC),
    sections=(
        Section("First & foremost", "first", 2, BODY.index("First")),
        Section("Last", "last", 9, BODY.index("Last")),
    ),
)


def client_of(folder: Path, *posts: Document, **options: object) -> FlaskClient:
    settings = Settings(index=folder / "index", **options)  # type: ignore[arg-type]
    write(settings, *posts)
    return create_app(settings).test_client()


def test_a_hit_leads_to_the_text_of_the_post(tmp_path: Path) -> None:
    client = client_of(tmp_path, POST, per_page=7)
    url = client.get("/search/hits?q=foremost").get_json()["hits"][0]["url"]

    page = client.get(url)
    tree = html5lib.parse(page.data, namespaceHTMLElements=False)

    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert [(e.tag, e.get("id"), "".join(e.itertext())) for e in tree.find(".//article").iter() if e.tag[0] == "h"] == [
        ("h1", None, "A <post>"),
        ("h2", "first", "First & foremost"),
        ("h6", "last", "Last"),
    ]
    texts = ["".join(p.itertext()) for p in tree.findall(".//article/p")]
    assert texts == ["19 Jun 2013 Ann B raised beds ", "Before it all.", "One.", "Two.", "Three."]
    assert [a.get("href") for a in tree.findall(".//article//a")] == [
        "/search/?author=Ann+B",
        "/search/?tag=raised+beds",
    ]
    assert "This is a preview by postsearch; set base_url to lead to your site." in "".join(tree.itertext())
    assert [meta.get("content") for meta in tree.iter("meta") if meta.get("name") == "robots"] == ["noindex, follow"]
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]


def test_a_first_heading_that_is_the_title_is_shown_once(tmp_path: Path) -> None:
    post = replace(POST, title="Last", body="Last\nThree.", sections=(Section("Last", "last", 1, 0),))

    page = client_of(tmp_path, post).get(post.url).text

    assert "<h2" not in page
    assert '<h1 id="last">' in page


@pytest.mark.parametrize("url", ["/日本語/ä b.html", "/%E6%97%A5/", "/a%20b", "/100%25/"])
def test_addresses_in_any_script_are_found(tmp_path: Path, url: str) -> None:
    client = client_of(tmp_path, replace(POST, url=url))

    assert client.get(quote(url, safe="/%")).status_code == 200


def test_what_a_search_would_not_find_is_not_shown(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    hidden = replace(POST, id="b.md", url="/later/", visible_from=now + timedelta(hours=1))
    client = client_of(tmp_path, POST, hidden)

    assert client.get("/later/").status_code == 404
    assert client.get("/2013/a-post").status_code == 404
    assert b"base_url" in client.get("/nowhere/").data
    page = client.get("/nowhere/", headers={"Accept": BROWSER})
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert '<form class="ps-form" role="search" action="/search/"' in page.text


def test_a_change_of_the_index_is_noticed(tmp_path: Path) -> None:
    client = client_of(tmp_path, POST)
    assert client.get("/2013/a-post/").status_code == 200
    settings = client.application.extensions["postsearch"].settings

    write(settings, replace(POST, url="/moved/"), replace(POST, id="0.md", url="/new/", title="New", date=None))

    assert client.get("/2013/a-post/").status_code == 404
    assert b"A &lt;post&gt;" in client.get("/moved/").data
    assert b"<h1>New</h1>" in client.get("/new/").data


def test_every_one_of_many_posts_is_found(tmp_path: Path) -> None:
    posts = [replace(POST, id=f"{n}.md", url=f"/{n}/", title=f"Post {n}") for n in range(1203)]
    client = client_of(tmp_path, *posts)

    for number in (0, 499, 500, 777, 1202):
        assert f"<h1>Post {number}</h1>" in client.get(f"/{number}/").text


def test_hostile_posts_stay_text(tmp_path: Path) -> None:
    wild = '"><script>alert(1)</script>'
    post = Document("x.md", "/x/", wild, wild, author=(wild,), tags=(wild,), sections=(Section(wild, wild, 2, 0),))

    page = client_of(tmp_path, post, site_name=wild).get("/x/").text

    assert "<script>alert" not in page


def test_a_preview_is_only_for_servers_without_a_site(tmp_path: Path) -> None:
    with_site = client_of(tmp_path, POST, base_url="https://example.org/blog")
    assert with_site.get("/2013/a-post/").status_code == 404

    host = Flask("host")
    PostSearch(host, with_site.application.extensions["postsearch"].settings)
    assert host.test_client().get("/2013/a-post/").status_code == 404
    assert host.test_client().get("/2013/a-post/").mimetype == "text/html"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_preview_can_only_be_read(tmp_path: Path, method: str) -> None:
    assert client_of(tmp_path, POST).open("/2013/a-post/", method=method).status_code == 404


def test_without_an_index_there_is_no_preview() -> None:
    client = app_with(FakeSearch(error=IndexMissing("x"))).test_client()

    assert client.get("/a/").status_code == 404


@pytest.mark.parametrize("url", ["http://[", "", "//"])
def test_addresses_that_are_none_do_no_harm(url: str) -> None:
    client = app_with(FakeSearch([make_hit(url=url), make_hit(2)])).test_client()

    assert client.get("/2013/post-2/").status_code == 200
    assert client.get("/a/").status_code == 404
