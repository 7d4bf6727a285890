"""The JSON endpoint over HTTP: answers, refusals, caching, headers and leave for other origins."""

from __future__ import annotations

import errno
import json
import logging
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import TemplateNotFound

from index.errors import IndexBusy, IndexDamaged, IndexFault, IndexMissing
from index.settings import Settings
from search.query import Word
from search.service import Search
from tests.fake_search import STATE, FakeSearch, app_with, make_hit

TYPES = {400: "invalid_request", 404: "invalid_request", 405: "invalid_request", 503: "unavailable", 500: "internal"}


def client_of(service: FakeSearch, **options: object) -> FlaskClient:
    return app_with(service, Settings(**options)).test_client()  # type: ignore[arg-type]


@pytest.fixture
def service() -> FakeSearch:
    return FakeSearch([make_hit(1), make_hit(2)])


@pytest.fixture
def client(service: FakeSearch) -> FlaskClient:
    return client_of(service)


def test_hits_have_the_promised_keys_in_the_promised_order(client: FlaskClient) -> None:
    answer = client.get("/search/hits?q=libgfapi")
    found = json.loads(answer.data)

    assert answer.mimetype == "application/json"
    assert " ".join(found) == (
        "query parsed corrected hits total page per_page pages facets processing_ms index warnings limited instead "
        "related suggestions"
    )
    assert " ".join(found["hits"][0]) == (
        "id url title date author tags lang score highlights snippet plain_snippet matched_fields sections pinned "
        "explanation"
    )
    assert list(found["hits"][0]["sections"][0]) == ["title", "url", "snippet"]
    assert found["index"] == {"generation": 7, "updated_at": "2026-05-04T03:02:01.500+00:00", "posts": 123}


def test_hits_hold_what_the_service_found(client: FlaskClient) -> None:
    hit = client.get("/search/hits?q=libgfapi").get_json()["hits"][0]

    assert hit["author"] == ["tconrey"]
    assert hit["tags"] == ["ovirt", "kvm"]
    assert hit["date"] == "2013-06-19"
    assert hit["score"] == 12.3457
    assert hit["snippet"] == "A talk on <mark>libgfapi</mark> &amp; more"
    assert hit["plain_snippet"] == "A talk on libgfapi & more"
    assert hit["highlights"]["tags"] == ["ovirt", "kvm"]


def test_letters_of_all_scripts_arrive_as_they_are() -> None:
    client = client_of(FakeSearch([make_hit(title="全文検索 \ud800")]))

    answer = client.get("/search/hits?q=%E5%85%A8")

    assert "全文検索".encode() in answer.data
    assert answer.get_json()["query"] == "全"


def test_the_last_word_is_a_prefix_unless_told(client: FlaskClient, service: FakeSearch) -> None:
    client.get("/search/hits?q=run")
    client.get("/search/hits?q=run&prefix=0")

    assert [query.clauses for query in service.asked] == [(Word("run", prefix=True),), (Word("run"),)]


def test_hits_of_a_page_are_capped(client: FlaskClient, service: FakeSearch) -> None:
    assert client.get("/search/hits?q=a&per_page=9999").get_json()["per_page"] == 50
    assert service.asked[0].per_page == 50


def test_a_page_beyond_the_last_is_empty_and_tells_the_total(client: FlaskClient) -> None:
    found = client.get("/search/hits?q=a&page=99").get_json()

    assert (found["hits"], found["total"], found["page"], found["pages"]) == ([], 2, 99, 1)


@pytest.mark.parametrize(
    ("query_string", "code"),
    [("page=0", "invalid_page"), ("nope=1", "unknown_parameter"), ("q=a&q=b", "repeated_parameter")],
)
def test_a_bad_parameter_is_refused_with_a_code(client: FlaskClient, query_string: str, code: str) -> None:
    answer = client.get(f"/search/hits?{query_string}")

    assert answer.status_code == 400
    assert list(answer.get_json()) == ["message", "code", "type"]
    assert (answer.get_json()["code"], answer.get_json()["type"]) == (code, "invalid_request")
    assert answer.headers["Cache-Control"] == "no-store"


FUZZED = client_of(FakeSearch([make_hit()], total=1000))
READ = ["/search/", "/search/hits", "/search/feed", "/search/suggest"]
FUZZED_PATHS = [*READ, "/search/similar"]
CONSTANT = ["/search/opensearch.xml", "/search/openapi.json"]
ASSET = "/search/static/postsearch.css"


@settings(max_examples=300, print_blob=True, deadline=None)
@given(path=st.sampled_from([*FUZZED_PATHS, *CONSTANT, ASSET]), raw=st.binary(max_size=120))
def test_no_query_string_at_all_brings_the_server_down(path: str, raw: bytes) -> None:
    with FUZZED.get(path, environ_overrides={"QUERY_STRING": raw.decode("latin-1")}) as answer:
        assert answer.status_code in {200, 400}


def test_one_clock_is_read_a_request(client: FlaskClient, service: FakeSearch) -> None:
    client.get("/search/hits?q=a", headers={"If-None-Match": '"another"'})

    assert len(service.times) == 2
    assert len(set(service.times)) == 1
    assert service.times[0] is not None


@pytest.mark.parametrize(
    "path", ["/search/hits?q=a", "/search/feed?q=a", "/search/?q=a", "/search/", "/search/suggest"]
)
def test_the_newest_commit_is_looked_at_once_before_an_answer_and_once_for_it(
    client: FlaskClient, service: FakeSearch, path: str
) -> None:
    tag = client.get(path).headers["ETag"]
    assert len(service.times) == 2

    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert client.get(path).status_code == 200
    assert len(service.times) == 4


NAMES = st.sampled_from(
    ["q", "tag", "author", "category", "lang", "from", "to", "sort", "page", "per_page", "prefix", "typos"]
)
VALUES = st.sampled_from(["", "1", "0", "-1", "2013", "2013-06", "9999-12-31", "newest", "*", "\x00"]) | st.text(
    max_size=9
)


@settings(max_examples=300, print_blob=True, deadline=None)
@given(path=st.sampled_from(FUZZED_PATHS), pairs=st.lists(st.tuples(NAMES, VALUES), max_size=6))
def test_no_values_of_known_parameters_bring_the_server_down(path: str, pairs: list[tuple[str, str]]) -> None:
    encodable = [(name, value.encode("utf-8", "replace").decode()) for name, value in pairs]

    answer = FUZZED.get(path, query_string=encodable)

    assert answer.status_code in {200, 400}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (IndexMissing("/srv/secret/.postsearch is not there"), "index_missing"),
        (IndexDamaged("/srv/secret/.postsearch/1.toc is broken"), "index_damaged"),
        (IndexBusy("/srv/secret/lock"), "index_unavailable"),
        (IndexFault("/srv/secret"), "index_unavailable"),
    ],
)
@pytest.mark.parametrize(
    "path",
    ["/search/hits?q=a", "/search/?q=a", "/search/", "/search/feed?q=a", "/search/suggest?q=a", "/search/similar?id=a"],
)
def test_without_an_index_the_answer_is_to_come_back(error: IndexFault, code: str, path: str) -> None:
    answer = client_of(FakeSearch(error=error)).get(path)

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "ETag" not in answer.headers
    assert b"secret" not in answer.data
    if answer.mimetype != "text/html":
        assert (answer.get_json()["code"], answer.get_json()["type"]) == (code, "unavailable")


def real_client(folder: Path, error: Exception) -> FlaskClient:
    """An app with the real service and previews, whose searcher raises the error."""
    settings = Settings(index=folder)
    service = Search(settings)
    service.searcher = FakeSearch(error=error).searcher
    return app_with(service, settings).test_client()


FOUND = [
    "/search/hits?q=a",
    "/search/?q=a",
    "/search/",
    "/search/feed?q=a",
    "/search/suggest?q=a",
    "/search/similar?id=a",
]
"""Answers that change with the index."""

ASKED = [*FOUND, "/2013/a-post/"]


@pytest.mark.parametrize(
    "error", [IndexError("/srv/secret"), TypeError("/srv/secret"), TemplateNotFound("/srv/secret")]
)
@pytest.mark.parametrize("path", ASKED)
def test_a_fault_of_ours_is_logged_with_its_trace_and_told_without_details(
    tmp_path: Path, path: str, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "search.web.views"):
        answer = real_client(tmp_path, error).get(path)

    assert answer.status_code == 500
    assert answer.mimetype == (
        "text/html" if path.startswith("/search/?") or path == "/search/" else "application/json"
    )
    assert b"secret" not in answer.data
    assert b"Traceback" not in answer.data
    assert b"index" not in answer.data or answer.mimetype == "text/html"
    assert "/srv/secret" in caplog.text
    assert "fake_search.py" in caplog.text


@pytest.mark.parametrize("path", ASKED)
def test_what_the_system_refuses_is_told_as_passing_and_logged(
    tmp_path: Path, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = real_client(tmp_path, OSError(errno.EMFILE, "Too many open files", "/srv/secret"))

    answer = client.get(path)

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert b"secret" not in answer.data
    assert "Too many open files" in caplog.text
    if answer.mimetype != "text/html":
        assert answer.get_json()["code"] == "index_unavailable"


def test_what_makes_an_index_look_damaged_is_logged_with_its_trace(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    error = IndexDamaged("document 5 of the index can't be read")
    error.__cause__ = ValueError("not enough values to unpack")

    assert real_client(tmp_path, error).get("/search/hits?q=a").status_code == 503
    assert "ValueError: not enough values to unpack" in caplog.text


def test_health_is_down_when_the_system_refuses(tmp_path: Path) -> None:
    answer = real_client(tmp_path, OSError(errno.EMFILE, "Too many open files", "/srv/secret")).get("/search/health")

    assert (answer.status_code, answer.get_json()["status"]) == (503, "down")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/search/hit", 404, "not_found"),
        ("GET", "/search/hits/", 404, "not_found"),
        ("GET", "/search/../hits", 404, "not_found"),
        ("POST", "/search/hits", 405, "method_not_allowed"),
        ("DELETE", "/search/health", 405, "method_not_allowed"),
        ("PUT", "/search/nowhere", 405, "method_not_allowed"),
        ("POST", "/search/feed", 405, "method_not_allowed"),
        ("TRACE", "/search/hits", 405, "method_not_allowed"),
        ("PROPFIND", "/search/health", 405, "method_not_allowed"),
        ("BREW", "/search/nowhere", 405, "method_not_allowed"),
        ("GET", "/search/feed?page=0", 400, "invalid_page"),
        ("GET", "/search/suggest?from=x", 400, "invalid_from"),
    ],
)
def test_wrong_addresses_and_methods_are_told_as_json(
    client: FlaskClient, method: str, path: str, status: int, code: str
) -> None:
    answer = client.open(path, method=method)

    assert answer.status_code == status
    assert (answer.get_json()["code"], answer.get_json()["type"]) == (code, TYPES[status])
    assert ("Allow" in answer.headers) == (status == 405)


def test_head_answers_like_get_without_a_body(client: FlaskClient) -> None:
    for path in (
        "/search/",
        "/search/?q=a",
        "/search/hits?q=a",
        "/search/health",
        "/search/similar?id=a",
        *READ,
        *CONSTANT,
    ):
        got, head = client.get(path), client.head(path)

        assert head.status_code == got.status_code == 200
        assert head.data == b""
        assert head.headers.get("ETag") == got.headers.get("ETag")
        assert head.content_type == got.content_type


@pytest.mark.parametrize(
    "path",
    [*FOUND, *CONSTANT],
)
def test_an_answer_that_is_known_is_not_made_again(client: FlaskClient, service: FakeSearch, path: str) -> None:
    first = client.get(path)
    asked = len(service.asked)

    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 304
    assert again.data == b""
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"] == "no-cache"
    assert len(service.asked) == asked


@pytest.mark.parametrize(
    "state",
    [
        replace(STATE, generation=8),
        replace(STATE, epoch=2),
        replace(STATE, updated_at=STATE.updated_at + timedelta(seconds=1)),
    ],
)
def test_a_new_state_of_the_index_makes_a_new_answer(client: FlaskClient, service: FakeSearch, state: object) -> None:
    tag = client.get("/search/hits?q=a").headers["ETag"]
    service.index_state = state  # type: ignore[assignment]

    answer = client.get("/search/hits?q=a", headers={"If-None-Match": tag})

    assert answer.status_code == 200
    assert answer.headers["ETag"] != tag


def test_spellings_of_one_request_share_a_tag_and_others_do_not(client: FlaskClient) -> None:
    def tag(query_string: str, path: str = "/search/hits") -> str:
        return client.get(f"{path}?{query_string}").headers["ETag"]

    assert tag("q=a") == tag("page=1&q=%61") == tag("q=a&tag=&sort=relevance&per_page=10")
    others = [
        "q=b",
        "q=a&page=2",
        "q=a&tag=b",
        "q=a&author=b",
        "q=a&prefix=0",
        "q=a&typos=0",
        "q=a&sort=newest",
        "q=a&from=2013",
    ]
    assert len({tag("q=a"), tag("q=a", "/search/"), *map(tag, others)}) == len(others) + 2


def test_other_settings_make_another_answer(service: FakeSearch) -> None:
    tags = {client_of(service, facet_size=n).get("/search/hits?q=a").headers["ETag"] for n in (1, 2)}

    assert len(tags) == 2


def test_answers_tell_browsers_to_do_no_more_than_read(client: FlaskClient) -> None:
    for path in ("/search/hits?q=a", "/search/hits?page=0", "/search/health", "/search/nowhere", *READ[1:], *CONSTANT):
        headers = client.get(path).headers

        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "Access-Control-Allow-Origin" not in headers
        assert "Vary" not in headers
    page = client.get("/search/?q=a").headers
    assert page["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none';" in page["Content-Security-Policy"]
    assert "script-src" not in page["Content-Security-Policy"]
    assert "unsafe" not in page["Content-Security-Policy"]
    assert "form-action 'self'" in page["Content-Security-Policy"]


LISTED = "https://example.org"


@pytest.mark.parametrize("path", [*READ[1:], *CONSTANT])
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
@pytest.mark.parametrize(
    ("listed", "origin", "allowed"),
    [
        ((), LISTED, False),
        ((LISTED,), LISTED, True),
        ((LISTED, "https://other.org"), "https://other.org", True),
        ((LISTED,), "https://other.org", False),
        ((LISTED,), "http://example.org", False),
        ((LISTED,), "https://example.org.evil.net", False),
        ((LISTED,), "https://EXAMPLE.org", False),
        ((LISTED,), "null", False),
        ((LISTED,), "", False),
    ],
)
def test_only_pages_of_listed_origins_may_read(
    service: FakeSearch, path: str, method: str, listed: tuple[str, ...], origin: str, allowed: bool
) -> None:
    client = client_of(service, cors_origins=listed)

    headers = client.open(path, method=method, headers={"Origin": origin} if origin else {}).headers

    assert headers.get("Access-Control-Allow-Origin") == (origin if allowed else None)
    assert headers.get("Vary") == ("Origin" if listed else None)
    assert ("Access-Control-Allow-Methods" in headers) == (allowed and method == "OPTIONS")
    assert "Access-Control-Allow-Credentials" not in headers


def test_refusals_and_unchanged_answers_can_be_read_by_listed_origins(service: FakeSearch) -> None:
    client = client_of(service, cors_origins=(LISTED,))
    tag = client.get("/search/hits?q=a").headers["ETag"]

    refused = client.get("/search/hits?page=0", headers={"Origin": LISTED})
    unchanged = client.get("/search/hits?q=a", headers={"Origin": LISTED, "If-None-Match": tag})

    assert (refused.status_code, unchanged.status_code) == (400, 304)
    for answer in (refused, unchanged):
        assert answer.headers["Access-Control-Allow-Origin"] == LISTED
        assert answer.headers["Vary"] == "Origin"


def test_the_page_is_never_for_other_origins(service: FakeSearch) -> None:
    client = client_of(service, cors_origins=(LISTED,))

    assert "Access-Control-Allow-Origin" not in client.get("/search/?q=a", headers={"Origin": LISTED}).headers


def health(service: FakeSearch, folder: Path) -> tuple[int, dict[str, object]]:
    answer = client_of(service, index=folder).get("/search/health")
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code, answer.get_json()


def test_health_without_a_watcher_is_that_of_the_index(service: FakeSearch, tmp_path: Path) -> None:
    assert health(service, tmp_path) == (
        200,
        {
            "status": "ok",
            "reason": "",
            "generation": 7,
            "posts": 123,
            "updated_at": "2026-05-04T03:02:01.500+00:00",
            "watcher": None,
        },
    )


def test_health_is_down_without_an_index(tmp_path: Path) -> None:
    status, report = health(FakeSearch(error=IndexMissing(f"{tmp_path} is empty")), tmp_path)

    assert status == 503
    assert report["status"] == "down"
    assert str(tmp_path) not in json.dumps(report)


def test_health_without_an_index_tells_why_there_is_none(tmp_path: Path) -> None:
    write_watcher(tmp_path, timedelta(0), f"there is no folder '{tmp_path}'", "posts is not there")

    _, report = health(FakeSearch(error=IndexMissing(f"{tmp_path} is empty")), tmp_path)

    assert report["reason"] == "there is no index that can be searched; posts is not there"


def write_watcher(folder: Path, age: timedelta, error: str = "", reason: str = "") -> None:
    beat = {"pid": 1, "mode": "events", "error": error, "reason": reason, "watched": 2, "folders": 3}
    (folder / "watcher.json").write_text(json.dumps(beat), "utf-8")
    then = (datetime.now(UTC) - age).timestamp()
    os.utime(folder / "watcher.json", (then, then))


@pytest.mark.parametrize(
    ("age", "status", "reason"),
    [
        (timedelta(0), "ok", ""),
        (timedelta(seconds=2), "degraded", "the process that watches the posts has gone silent"),
    ],
)
def test_health_follows_the_watcher(
    service: FakeSearch, tmp_path: Path, age: timedelta, status: str, reason: str
) -> None:
    write_watcher(tmp_path, age)

    code, report = health(service, tmp_path)

    assert (code, report["status"], report["reason"]) == (200, status, reason)
    watcher = report["watcher"]
    assert isinstance(watcher, dict)
    assert (watcher["mode"], watcher["watched"], watcher["folders"]) == ("events", 2, 3)


def test_health_tells_that_a_watcher_fails_and_keeps_to_itself_why(service: FakeSearch, tmp_path: Path) -> None:
    write_watcher(tmp_path, timedelta(0), f"OSError: {tmp_path} is full")

    code, report = health(service, tmp_path)

    assert (code, report["status"]) == (200, "degraded")
    assert "update failed" in str(report["reason"])
    assert str(tmp_path) not in json.dumps(report)
