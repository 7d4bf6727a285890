"""The OpenAPI document holds true: against the schemas of OpenAPI itself, and against the running service."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as chosen
from hypothesis import strategies as st

from index import Document, Settings
from index.errors import IndexMissing
from index.storage import open_writer
from search.query import SORTS
from search.web import parameters
from search.web.extension import create_app
from search.web.openapi import describe_api
from search.web.parameters import CALENDAR, period
from search.web.suggestions import MAX_SUGGESTIONS
from tests.fake_search import FakeSearch, app_with, make_hit

schemathesis = pytest.importorskip("schemathesis", reason="these need the package schemathesis")
checks = pytest.importorskip("schemathesis.checks")

DOCUMENT = describe_api(Settings(), "http://localhost/search", "1")
SCHEMAS = DOCUMENT["components"]["schemas"]
POST = Document(
    "a.md",
    "/a/",
    "Raised beds",
    "Of raised beds.",
    tags=("woodwork",),
    author=("Ann",),
    date=datetime(2013, 6, 19, tzinfo=UTC),
)


def real_app(folder: Path) -> Any:
    settings = Settings(index=folder / "index")
    with open_writer(settings) as writer:
        writer.put(POST)
        writer.commit()
    return create_app(settings)


@pytest.fixture(scope="module", params=["fake", "real", "missing"])
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    if request.param == "real":
        return real_app(tmp_path_factory.mktemp("openapi"))
    error = IndexMissing("not yet") if request.param == "missing" else None
    return app_with(FakeSearch([make_hit(1), make_hit(2)], total=1000, error=error))


@pytest.fixture(scope="module")
def described(app: Any) -> Any:
    return schemathesis.openapi.from_wsgi("/search/openapi.json", app)


WITH_PARAMETERS = [path for path, item in DOCUMENT["paths"].items() if item.get("get", {}).get("parameters")]
MODES = [
    ("/mcp", schemathesis.GenerationMode.NEGATIVE),
    *((path, schemathesis.GenerationMode.POSITIVE) for path in DOCUMENT["paths"]),
    *((path, schemathesis.GenerationMode.NEGATIVE) for path in WITH_PARAMETERS),
]


@pytest.mark.parametrize(("path", "mode"), MODES, ids=[f"{path}-{mode.name.lower()}" for path, mode in MODES])
def test_the_service_does_what_the_document_says(described: Any, path: str, mode: Any) -> None:
    """Also for what it does not allow: that may be passed over, such as blank values, but is never a fault of ours."""
    without_index = described["/health"]["GET"].Case().call().status_code == 503
    passed_over = [checks.negative_data_rejection, *([checks.not_a_server_error] if without_index else [])]

    # Not by schemathesis' own plugin for pytest, which lags behind pytest.
    @chosen(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=described[path]["POST" if path == "/mcp" else "GET"].as_strategy(generation_mode=mode))
    def holds(case: Any) -> None:
        case.call_and_validate(excluded_checks=passed_over)

    holds()


def record_keys(name: str) -> set[str]:
    assert SCHEMAS[name]["required"] == list(SCHEMAS[name]["properties"])
    return set(SCHEMAS[name]["properties"])


def test_the_keys_of_the_answers_are_those_of_the_schema(tmp_path: Path) -> None:
    for client in (app_with(FakeSearch([make_hit()])).test_client(), real_app(tmp_path).test_client()):
        found = client.get("/search/hits?q=raised").get_json()
        assert found["hits"][0]["explanation"] is None

        assert record_keys("Results") == set(found)
        assert record_keys("Hit") == set(found["hits"][0])
        assert record_keys("IndexState") == set(found["index"])
        assert all(record_keys("SectionHit") == set(section) for section in found["hits"][0]["sections"])
        assert record_keys("Health") == set(client.get("/search/health").get_json())
        for hit in client.get("/search/hits?q=raised&explain=1").get_json()["hits"]:
            assert hit["explanation"] is None or record_keys("ScoreParts") == set(hit["explanation"])
        assert record_keys("SimilarPosts") == set(client.get("/search/similar?id=a.md").get_json())
        assert record_keys("Problem") == set(client.get("/search/hits?page=0").get_json())


def test_every_parameter_is_described_and_no_other() -> None:
    for path, known in {"/hits": (*parameters.SINGLE, *parameters.LISTS), "/similar": parameters.SIMILAR}.items():
        assert {one["name"] for one in DOCUMENT["paths"][path]["get"]["parameters"]} == {*known}


def test_every_address_is_described_and_no_other() -> None:
    rules = {
        rule.rule.removeprefix("/search")
        for rule in app_with(FakeSearch()).url_map.iter_rules()
        if rule.rule.startswith("/search/") and "<" not in rule.rule
    }

    assert set(DOCUMENT["paths"]) == rules


def test_the_bounds_are_those_of_the_code() -> None:
    schemas = {
        name: {one["name"]: one["schema"] for one in DOCUMENT["paths"][path]["get"]["parameters"]}
        for name, path in {"hits": "/hits", "similar": "/similar"}.items()
    }
    hits, similar = schemas["hits"], schemas["similar"]

    assert hits["sort"] == {"enum": list(SORTS), "default": SORTS[0]}
    assert hits["page"]["maximum"] == parameters.MAX_PAGE
    assert hits["suggest"]["maximum"] == MAX_SUGGESTIONS
    assert hits["from"] == hits["to"] == {"type": "string", "pattern": CALENDAR}
    assert hits["year"]["items"]["pattern"] == f"^{parameters.YEAR.pattern}$"
    assert {hits[name]["maxItems"] for name in parameters.LISTS} == {parameters.MAX_VALUES}
    assert similar["count"]["default"] == parameters.SIMILAR_COUNT
    assert hits["per_page"]["maximum"] == similar["count"]["maximum"] == parameters.MAX_NUMBER


def test_the_settings_are_told() -> None:
    chosen = Settings(site_name='"{most}" \\ $', per_page=7, max_per_page=30, mcp=False, metrics=True)
    told = describe_api(chosen, "https://example.org/", "", reindex=True)
    (per_page,) = (one for one in told["paths"]["/hits"]["get"]["parameters"] if one["name"] == "per_page")
    (wait,) = told["paths"]["/reindex"]["post"]["parameters"]

    assert told["info"]["title"] == 'Search "{most}" \\ $'
    assert (per_page["schema"]["default"], per_page["description"][-27:]) == (7, "; more than 30 count as 30.")
    assert set(told["paths"]) == {*DOCUMENT["paths"], "/metrics", "/reindex"} - {"/mcp"}
    assert wait["schema"]["maximum"] == parameters.MAX_WAIT_SECONDS


REFUSED = {
    "page=0": "invalid_page",
    "per_page=x": "invalid_per_page",
    "id=a&count=x": "invalid_count",
    "prefix=2": "invalid_prefix",
    "explain=yes": "invalid_explain",
    "suggest=9": "invalid_suggest",
    "snippet_chars=0": "invalid_snippet_chars",
    "typos=yes": "invalid_typos",
    "sort=score": "invalid_sort",
    "id=": "invalid_id",
    "from=x": "invalid_from",
    "year=x": "invalid_year",
    "to=2013-02-30": "invalid_to",
    "nope=1": "unknown_parameter",
    "q=a&q=b": "repeated_parameter",
    "&".join(f"tag={number}" for number in range(21)): "too_many_values",
    "&".join(["tag=a"] * 101): "too_many_parameters",
}


@pytest.mark.parametrize(("query_string", "code"), REFUSED.items(), ids=list(REFUSED.values()))
def test_every_code_is_described(query_string: str, code: str) -> None:
    address = "/similar" if code in {"invalid_id", "invalid_count"} else "/hits"
    assert app_with(FakeSearch()).test_client().get(f"/search{address}?{query_string}").get_json()["code"] == code
    assert code in codes_told(address)


def codes_told(address: str) -> list[str]:
    told: str = DOCUMENT["paths"][address]["get"]["responses"]["400"]["description"]
    return told.partition("The codes: ")[2].split(", ")


def codes_in_the_source() -> Iterator[str]:
    tree = ast.parse(Path(parameters.__file__).read_text("utf-8"))
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "refusal":
            code = call.args[0]
            yield code.value if isinstance(code, ast.Constant) and isinstance(code.value, str) else "invalid_…"


def test_no_code_is_left_out() -> None:
    assert {code for code in codes_in_the_source() if code != "invalid_…"} <= set(REFUSED.values())
    assert all(set(codes_told(address)) == set(REFUSED.values()) for address in ("/hits", "/", "/similar"))


@chosen(max_examples=500)
@given(text=st.from_regex(r"[0-3][0-9]{3}(-[0-9]{2}(-[0-9]{2})?)?", fullmatch=True) | st.dates().map(str))
def test_the_pattern_of_dates_is_the_calendar(text: str) -> None:
    try:
        known = bool(period(text, UTC))
    except ValueError:
        known = False

    assert bool(re.search(CALENDAR, text)) == known


def test_the_pattern_of_dates_knows_every_leap_year() -> None:
    for year in range(1000, 3000):
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)

        assert bool(re.search(CALENDAR, f"{year}-02-29")) == leap
        assert re.search(CALENDAR, date(year, 12, 31).isoformat())


def test_the_address_is_that_of_the_request(tmp_path: Path) -> None:
    client = real_app(tmp_path).test_client()

    answer = client.get("/search/openapi.json", base_url="https://example.org/blog")

    assert answer.get_json()["servers"] == [{"url": "https://example.org/blog/search"}]


def test_each_hit_is_explained_where_that_is_asked_for(tmp_path: Path) -> None:
    client = real_app(tmp_path).test_client()
    plain, asked = (client.get(f"/search/hits?q=raised&explain={value}") for value in "01")
    (hit,) = asked.get_json()["hits"]

    assert plain.headers["ETag"] != asked.headers["ETag"]
    factors = [
        hit["explanation"][name] for name in ("words", "title", "tags", "all_words", "boost", "freshness", "meaning")
    ]
    assert math.prod(factors) == pytest.approx(hit["score"], rel=1e-3)
    (clause,) = hit["explanation"]["clauses"]
    assert set(clause) == record_keys("ClauseScore")
    assert (clause["clause"], clause["fields"]) == ("raised*", ["title", "body"])
