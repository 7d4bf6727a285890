"""The Atom feed of a query: what RFC 4287 asks of it, and that it says what the hits say."""

from __future__ import annotations

import re
from datetime import datetime
from xml.etree import ElementTree as Tree

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from index.settings import Settings
from search.query import Word
from search.results import Hit
from tests.fake_search import FakeSearch, app_with, make_hit

ATOM = "{http://www.w3.org/2005/Atom}"
XHTML_TYPES = {"text", "html"}


def client_of(service: FakeSearch, **options: object) -> FlaskClient:
    return app_with(service, Settings(**options)).test_client()  # type: ignore[arg-type]


def feed_of(service: FakeSearch, query_string: str = "q=libgfapi", **options: object) -> Tree.Element:
    answer = client_of(service, **options).get(f"/search/feed?{query_string}")
    assert answer.status_code == 200
    assert answer.mimetype == "application/atom+xml"
    feed = Tree.fromstring(answer.data)
    assert_valid(feed)
    return feed


def assert_valid(feed: Tree.Element) -> None:
    """What RFC 4287, section 4.1, demands of feeds and entries."""
    assert feed.tag == f"{ATOM}feed"
    entries = feed.findall(f"{ATOM}entry")
    for element in (feed, *entries):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1
        assert re.match(r"(https?|urn):", text(element, "id"))
        assert datetime.fromisoformat(text(element, "updated")).tzinfo
        assert all(author.findtext(f"{ATOM}name") for author in element.findall(f"{ATOM}author"))
        kinds = [(one.get("rel"), one.get("type")) for one in element.findall(f"{ATOM}link")]
        assert len(kinds) == len(set(kinds))
    for link in feed.iter(f"{ATOM}link"):
        assert re.match(r"https?://[!-~]+$", link.get("href", ""))
    for entry in entries:
        assert feed.find(f"{ATOM}author") is not None or entry.find(f"{ATOM}author") is not None
        assert entry.findall(f"{ATOM}link") or entry.findall(f"{ATOM}summary")
        assert {one.get("type", "text") for one in entry.findall(f"{ATOM}summary")} <= XHTML_TYPES
    assert all(term.get("term") for term in feed.iter(f"{ATOM}category"))
    ids = [text(entry, "id") for entry in entries]
    assert len(ids) == len(set(ids))


def text(element: Tree.Element, name: str) -> str:
    return element.findtext(f"{ATOM}{name}") or ""


def links(element: Tree.Element) -> dict[str, str]:
    return {link.get("rel", ""): link.get("href", "") for link in element.findall(f"{ATOM}link")}


def test_a_feed_names_itself_and_the_page_with_the_same_hits() -> None:
    feed = feed_of(FakeSearch([make_hit()]), "q=a+b&tag=%C3%BC&page=3&per_page=2&sort=oldest", site_name="My <site>")

    assert links(feed) == {
        "self": "http://localhost/search/feed?q=a+b&tag=%C3%BC",
        "alternate": "http://localhost/search/?q=a+b&tag=%C3%BC&sort=newest",
    }
    assert text(feed, "id").startswith("urn:uuid:")
    assert text(feed, "title") == "a b, tag: ü – My <site>"
    assert text(feed, "updated") == "2026-05-04T03:02:01Z"


def test_an_entry_says_what_the_hit_says() -> None:
    entry = feed_of(FakeSearch([make_hit()])).findall(f"{ATOM}entry")[0]

    assert text(entry, "title") == "oVirt workshop 1"
    assert links(entry) == {"alternate": "http://localhost/2013/post-1/"}
    assert text(entry, "published") == text(entry, "updated") == "2013-06-19T00:00:00Z"
    assert [author.findtext(f"{ATOM}name") for author in entry.findall(f"{ATOM}author")] == ["tconrey"]
    assert [term.get("term") for term in entry.findall(f"{ATOM}category")] == ["ovirt", "kvm"]
    assert text(entry, "summary") == "A talk on <mark>libgfapi</mark> &amp; more"


def test_entries_are_the_newest_of_all_hits() -> None:
    service = FakeSearch([make_hit()], total=1000)
    feed_of(service, "q=beds&sort=oldest&page=7&per_page=3", max_per_page=40)

    (query,) = service.asked
    assert (query.clauses, query.sort, query.page, query.per_page) == ((Word("beds"),), "newest", 1, 40)


def test_without_a_query_it_is_the_feed_of_all_posts() -> None:
    feed = feed_of(FakeSearch([make_hit()]), "")

    assert text(feed, "title") == "Newest posts"
    assert links(feed) == {
        "self": "http://localhost/search/feed",
        "alternate": "http://localhost/search/?sort=newest",
    }


def test_a_post_keeps_its_id_when_its_address_or_the_query_changes() -> None:
    ids = {
        text(feed_of(FakeSearch([make_hit(url=url)]), query)[-1], "id")
        for url, query in [("/a/", "q=a"), ("/b/", "q=b"), ("https://example.org/a/", "")]
    }

    assert len(ids) == 1


def test_a_post_without_date_or_address_is_listed_and_never_looks_new() -> None:
    entry = feed_of(FakeSearch([make_hit(date=None, url="javascript:alert(1)", author=(), tags=(" ",))]))[-1]

    assert text(entry, "updated") == "1970-01-01T00:00:00Z"
    assert entry.find(f"{ATOM}published") is None
    assert links(entry) == {}
    assert entry.find(f"{ATOM}category") is None


def test_an_empty_feed_is_valid() -> None:
    assert feed_of(FakeSearch()).findall(f"{ATOM}entry") == []


def hostile_hit(number: int, wild: str) -> Hit:
    return make_hit(number, title=wild, text=wild, tags=(wild,), url=wild, author=(wild,), date=wild)


WILD = (
    st.sampled_from(["]]>", "<!--", "&nbsp;", "\x00\x0b", "\ud800", "\uffff", "<script>", '"', "http://["]) | st.text()
)


@settings(max_examples=100, print_blob=True, deadline=None)
@given(wild=WILD, host=st.sampled_from(["localhost", '"><script>', "a b", "[", "é", "example.org:99999"]))
def test_no_text_breaks_the_feed(wild: str, host: str) -> None:
    service = FakeSearch([hostile_hit(1, wild), hostile_hit(2, wild)])
    asked_for = {"q": wild.encode("utf-8", "replace").decode()}

    answer = client_of(service, site_name=wild).get("/search/feed", query_string=asked_for, headers={"Host": host})

    assert answer.status_code in {200, 400}
    if host == "localhost":
        assert_valid(Tree.fromstring(answer.data))


@pytest.mark.parametrize(
    "broken",
    ["<id>x</id>", "<link rel='self' href='/relative'/>", "<entry><id>urn:a</id></entry>", "<category/>"],
)
def test_the_check_of_feeds_can_fail(broken: str) -> None:
    good = client_of(FakeSearch([make_hit()])).get("/search/feed").text

    with pytest.raises(AssertionError):
        assert_valid(Tree.fromstring(good.replace("<generator>", f"{broken}<generator>")))


def test_a_feed_holds_what_its_page_shows_of_the_beginning_of_a_word() -> None:
    nothing = FakeSearch([], total=0)
    feed_of(nothing, "q=glus&prefix=1")
    feed_of(nothing, "q=glus&typos=0")

    beginning = Word("glus", prefix=True)
    assert [query.clauses for query in nothing.asked] == [(beginning,), (Word("glus"),), (beginning,)]
    assert [query.typos for query in nothing.asked] == [True, False, False]


def test_a_feed_is_called_what_it_is_in_the_language_of_the_reader() -> None:
    client = client_of(FakeSearch([make_hit()]))
    titles = []
    for lang in ("de", "en"):
        answer = client.get("/search/feed", headers={"Accept-Language": lang})
        titles.append(text(Tree.fromstring(answer.data), "title"))

        assert answer.headers["Content-Language"] == lang
    assert titles == ["Neueste Beiträge", "Newest posts"]
