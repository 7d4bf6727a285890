"""The JSON endpoint over HTTP: answers, refusals, caching, headers and leave for other origins."""

from __future__ import annotations

import errno
import json
import logging
import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import TemplateNotFound
from werkzeug.test import TestResponse

from index.errors import ClusterFault, IndexBusy, IndexDamaged, IndexFault, IndexMissing
from index.opensearch.health import ClusterHealth
from index.settings import Settings
from search.query import Word
from search.query.notices import Notice
from search.service import Search
from search.web.parameters import LISTS, SINGLE
from search.wording import LANGUAGES, wording_of
from tests.fake_search import STATE, FakeSearch, FakeSearcher, app_with, make_hit

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
        "query parsed corrected hits total page per_page pages facets processing_ms index warnings notices "
        "limited instead related suggestions"
    )
    assert " ".join(found["hits"][0]) == (
        "id url title date author tags lang site score highlights snippet plain_snippet matched_fields sections "
        "fragment pinned explanation"
    )
    assert list(found["hits"][0]["sections"][0]) == ["title", "url", "snippet", "fragment"]
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
    assert list(answer.get_json()) == ["message", "code", "type", "params"]
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


NAMES = st.sampled_from(sorted({*LISTS, *SINGLE} - {"explain", "suggest", "snippet_chars"}))
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
        (ClusterFault("https://secret:9200 does not answer"), "cluster_unavailable"),
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
    with caplog.at_level(logging.ERROR, "search.web.problems"):
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


@pytest.mark.parametrize("path", [*FOUND, "/2013/post-1/"])
def test_a_cluster_that_is_away_is_told_in_a_sentence_and_logged_once(
    tmp_path: Path, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    error = ClusterFault("https://secret:9200 does not answer")
    error.__cause__ = ConnectionError("refused")
    service = Search(Settings(index=tmp_path))
    fake = FakeSearch([make_hit(1)], error=error)
    service.searcher = fake.searcher
    client = app_with(service, Settings(index=tmp_path)).test_client()

    answers = [client.get(path) for _ in range(20)]

    assert {answer.status_code for answer in answers} == {503}
    assert all(int(answer.headers["Retry-After"]) > 0 and "ETag" not in answer.headers for answer in answers)
    told = (b"The search is not answering", b"The search does not answer right now; try again in a moment.")
    assert any(said in answers[0].data for said in told)
    assert b"secret" not in answers[0].data
    assert [record.getMessage() for record in caplog.records] == [f"the index can't answer: {error}"]
    assert "Traceback" not in caplog.text

    fake.error = None
    assert client.get(path).status_code == 200


def test_a_query_that_could_not_be_read_is_not_answered(tmp_path: Path) -> None:
    class Flaky(FakeSearcher):
        def lang_counts(self, term: str) -> Mapping[str, int]:
            raise ClusterFault(f"no node told of {term}")

        def doc_freq(self, *_arguments: object, **_named: object) -> int:
            return 1

    service = Search(Settings(index=tmp_path))
    service.searcher = Flaky(FakeSearch([make_hit(1)]))
    client = app_with(service, Settings(index=tmp_path)).test_client()

    assert client.get("/search/hits?q=die+beds").status_code == 503

    service.searcher = FakeSearch([make_hit(1)]).searcher
    assert client.get("/search/hits?q=die+beds").status_code == 200


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
        ("GET", "/search/hits?page=0", 400, "invalid_page"),
        ("GET", "/search/hits?from=x", 400, "invalid_from"),
    ],
)
def test_wrong_addresses_and_methods_are_told_as_json(
    client: FlaskClient, method: str, path: str, status: int, code: str
) -> None:
    answer = client.open(path, method=method)

    assert answer.status_code == status
    assert (answer.get_json()["code"], answer.get_json()["type"]) == (code, TYPES[status])
    assert ("Allow" in answer.headers) == (status == 405)


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize("path", ["/search/nope", "/search/static/nope.js"])
def test_people_who_follow_a_wrong_link_get_a_page_with_a_way_on(client: FlaskClient, path: str) -> None:
    page = client.get(path, headers={"Accept": BROWSER})

    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "There is nothing at this address." in page.text
    assert 'action="/search/"' in page.text
    assert "style-src 'self'" in page.headers["Content-Security-Policy"]
    for accepted in ("*/*", "application/json", "application/json, text/html;q=0.9", ""):
        answer = client.get(path, headers={"Accept": accepted})
        assert answer.get_json()["code"] == "not_found"
        assert "Accept" in answer.headers["Vary"]


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
        assert "Origin" not in headers.get("Vary", "")
    page = client.get("/search/?q=a").headers
    assert page["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none';" in page["Content-Security-Policy"]
    assert "script-src 'self'; connect-src 'self';" in page["Content-Security-Policy"]
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
    assert ("Origin" in headers.get("Vary", "")) == bool(listed)
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
        assert answer.headers["Vary"] == "Accept-Language, Origin"


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
            "cluster": None,
        },
    )


FULL = "the cluster at https://secret:9200 takes no writes, as a disk of its nodes is nearly full; make room there"


@pytest.mark.parametrize(
    ("state", "told", "code"),
    [
        (ClusterHealth("green", 3), ("ok", ""), 200),
        (ClusterHealth("yellow", 2, "1 shards or copies of shards of the index are on no node"), ("ok", ""), 200),
        (
            ClusterHealth("red", 3, FULL),
            ("degraded", "the cluster takes no writes, as a disk of its nodes is nearly full"),
            200,
        ),
        (
            ClusterHealth("unreachable", 0, "no node answers as one of the cluster at https://secret:9200: refused"),
            ("down", "no node answers as one of the cluster"),
            503,
        ),
    ],
)
def test_health_tells_of_the_cluster_that_holds_the_index(
    service: FakeSearch, tmp_path: Path, state: ClusterHealth, told: tuple[str, str], code: int
) -> None:
    service.cluster_state = state

    status, report = health(service, tmp_path)

    assert (status, report["status"], report["reason"]) == (code, *told)
    reason = state.reason if state.status == "yellow" else told[1]
    assert report["cluster"] == {"status": state.status, "nodes": state.nodes, "reason": reason}
    assert bool(service.times) == (code == 200), "what can't be answered is not asked"


def test_health_is_down_when_a_part_of_the_index_is_on_no_node(tmp_path: Path) -> None:
    fault = (
        "a part of the index 'posts' is on no node of the cluster at https://secret:9200 that is up; start the others"
    )
    service = FakeSearch(error=ClusterFault(fault))
    service.cluster_state = ClusterHealth("red", 1, "1 shards or copies of shards of the index are on no node")
    told = "a part of the index 'posts' is on no node of the cluster that is up"
    write_watcher(tmp_path, timedelta(0), f"ClusterFault: {fault}", told)

    status, report = health(service, tmp_path)

    assert (status, report["status"], report["reason"]) == (503, "down", told)


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


def told(client: FlaskClient, query_string: str = "", accepted: str = "", path: str = "/search/hits") -> TestResponse:
    return client.get(f"{path}?{query_string}", headers={"Accept-Language": accepted} if accepted else {})


@pytest.mark.parametrize(
    ("setting", "query_string", "accepted", "lang"),
    [
        ("", "q=a", "", "en"),
        ("", "q=a", "tlh, *;q=0.1", "en"),
        ("", "q=a", "tlh, fr-CH;q=0.8, de;q=0.9", "de"),
        ("", "q=a", "de;q=0, nl;q=0.1", "nl"),
        ("de_AT", "q=a", "fr", "de"),
        ("en", "q=a", "fr", "en"),
        ("tlh", "q=a", "fr", "fr"),
        ("de", "q=a&hl=pt-BR", "fr", "pt"),
        ("de", "q=a&hl=tlh", "fr", "de"),
        ("de", "q=a&hl=", "fr", "de"),
    ],
)
@pytest.mark.parametrize(("path", "wrong"), [("/search/hits", False), ("/search/hits", True), ("/search/", False)])
def test_visitors_are_told_things_in_their_language(
    service: FakeSearch, setting: str, query_string: str, accepted: str, lang: str, path: str, wrong: bool
) -> None:
    service.notices = (Notice("any_date"),)
    client = client_of(service, lang=setting)

    answer = told(client, query_string + ("&page=0" if wrong else ""), accepted, path)

    params: dict[str, str | int] = {"name": "page", "value": "0", "least": 1, "most": 1000}
    sentence = wording_of(lang)("unusable_number", **params) if wrong else wording_of(lang)("any_date")
    assert sentence in answer.text
    assert answer.status_code == (400 if wrong else 200)
    assert answer.headers["Content-Language"] == lang
    assert "Accept-Language" in answer.headers["Vary"]


def test_an_answer_is_kept_for_one_language(service: FakeSearch) -> None:
    service.notices = (Notice("any_language"),)
    client = client_of(service)
    english, german = (told(client, "q=a", lang) for lang in ("en", "de"))

    unchanged = client.get(
        "/search/hits?q=a", headers={"Accept-Language": "de-CH", "If-None-Match": german.headers["ETag"]}
    )

    assert english.headers["ETag"] != german.headers["ETag"]
    assert [answer.get_json()["warnings"] for answer in (english, german, told(client, "q=a", "de, en"))] == [
        ["in any language"],
        ["in jeder Sprache"],
        ["in jeder Sprache"],
    ]
    assert english.get_json()["notices"] == german.get_json()["notices"] == [{"code": "any_language", "params": {}}]
    assert unchanged.status_code == 304


def test_posts_like_one_are_the_same_in_every_language(service: FakeSearch) -> None:
    client = client_of(service)
    english, german = (told(client, f"id=2013/post-1.md&hl={lang}", "en", "/search/similar") for lang in ("en", "de"))

    assert english.headers["ETag"] == german.headers["ETag"]
    assert told(client, "hl=de", "en", "/search/similar").get_json()["message"] == wording_of("de")("missing_id")


MANY = "&".join(f"tag={number}" for number in range(21))


@pytest.mark.parametrize("lang", [lang for lang in LANGUAGES if lang != "en"])
@pytest.mark.parametrize(
    "query_string",
    ["page=\u202e{least}", "nope=1", "q=a&q=b", "sort=<b>", "explain=x", "to=1", "&" * 200, MANY, "suggest=9"],
)
def test_what_is_wrong_is_told_in_every_language(client: FlaskClient, lang: str, query_string: str) -> None:
    english, other = (told(client, query_string, accepted).get_json() for accepted in ("en", lang))

    assert other | {"message": ""} == english | {"message": ""}
    assert other["message"] != english["message"]
    assert "\u202e" not in other["message"]


def test_json_holds_any_text_and_its_keys_in_their_order() -> None:
    title = "caf\u00e9 \u6587\u672c \U0001f33d \u2028 \x00 </script>"
    hits = [make_hit(1, title=title), make_hit(2, title="half \ud83c"), make_hit(3, score=float("nan"))]
    whole, half, none = (
        app_with(FakeSearch([hit])).test_client().get("/search/hits?q=a").get_data().decode() for hit in hits
    )

    assert json.loads(whole)["hits"][0]["title"] == title
    assert list(json.loads(whole)["hits"][0]) == list(hits[0].to_dict())
    assert "caf\u00e9 \u6587\u672c \U0001f33d" in whole
    assert json.loads(half)["hits"][0]["title"] == "half ?"
    assert json.loads(none)["hits"][0]["score"] is None
