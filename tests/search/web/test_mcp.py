"""Assistants search and read the posts by the Model Context Protocol, as its official client and others speak it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder, TestResponse, run_wsgi_app

from index import Document, Settings
from index.errors import IndexMissing
from index.schema import Section
from search.web.extension import create_app
from search.web.mcp import MAX_MESSAGE_BYTES
from search.web.tools import MAX_READ_CHARS
from tests.fake_search import FakeSearch, app_with, make_hit
from tests.served import running
from tests.stored import write

mcp = pytest.importorskip("mcp", reason="these need the package mcp, which `make test` installs")

NEW = "2026-07-28"
PATH = "/search/mcp"
BODY = "Before it all.\nBeds & boards\nOf raised beds.\nBoards\nOak.\nLast\nOf rainwater."
POST = Document(
    "garden/beds.md",
    "/beds/",
    "Raised beds",
    BODY,
    author=("Ann B",),
    tags=("woodwork",),
    date=datetime(2013, 6, 19, 12, tzinfo=UTC),
    sections=(
        Section("Beds & boards", "beds-boards", 2, BODY.index("Beds &")),
        Section("Boards", "boards", 3, BODY.index("Boards")),
        Section("Last", "last", 2, BODY.index("Last")),
    ),
)
SOON = datetime.now(UTC) + timedelta(days=1)
FUTURE = replace(POST, id="soon.md", url="/soon/", title="Beds to come", visible_from=SOON)
EXPIRED = replace(POST, id="gone.md", url="/gone/", title="Beds of old", visible_to=datetime(2014, 1, 1, tzinfo=UTC))
LONG = replace(POST, id="long.md", url="/long/", title="Long", body="\n".join(["word " * 60] * 300), sections=())


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    chosen = Settings(index=tmp_path / "index", site_name="The Garden", base_url="https://example.org/blog")
    write(chosen, POST, FUTURE, EXPIRED, LONG)
    return chosen


def asked(settings: Settings, ask: Callable[[Any], Awaitable[Any]], mode: str = "auto") -> Any:
    """What the official client gets of the search, over HTTP."""

    async def main(address: str) -> Any:
        async with mcp.Client(address, mode=mode) as client:
            return await ask(client)

    with running(create_app(settings)) as root:
        return anyio.run(main, root + PATH)


def posted(
    client: FlaskClient, method: str, params: Mapping[str, Any] = {}, *, headers: Mapping[str, str] = {}
) -> TestResponse:
    """A request of the newest revision; headers may say otherwise."""
    meta = {"io.modelcontextprotocol/protocolVersion": NEW, "io.modelcontextprotocol/clientCapabilities": {}}
    named = {"Mcp-Name": params["name"]} if "name" in params else {}
    return client.post(
        PATH,
        json={"jsonrpc": "2.0", "id": 7, "method": method, "params": {"_meta": meta, **params}},
        headers={"MCP-Protocol-Version": NEW, "Mcp-Method": method, **named, **headers},
    )


def error_of(answer: TestResponse) -> tuple[int, int]:
    """The HTTP status and the JSON-RPC code of a refusal."""
    return answer.status_code, answer.get_json()["error"]["code"]


@pytest.mark.parametrize("mode", ["auto", NEW, "legacy"])
def test_the_official_client_finds_a_post_and_reads_it(settings: Settings, mode: str) -> None:
    async def ask(client: Any) -> tuple[Any, Any, Any, str]:
        tools = await client.list_tools()
        found = await client.call_tool("search_posts", {"query": "boards", "tag": ["Woodwork"]})
        read = await client.call_tool("read_post", {"id": found.structured_content["hits"][0]["id"]})
        return tools, found, read, client.protocol_version

    tools, found, read, version = asked(settings, ask, mode)

    assert version == ("2025-11-25" if mode == "legacy" else NEW)
    assert [tool.name for tool in tools.tools] == ["search_posts", "read_post"]
    assert all(tool.input_schema and tool.output_schema for tool in tools.tools)
    assert not found.is_error
    assert not read.is_error
    assert [hit["title"] for hit in found.structured_content["hits"]] == ["Raised beds"]
    hit = found.structured_content["hits"][0]
    assert (hit["url"], hit["date"]) == ("https://example.org/beds/", "2013-06-19")
    assert {"title": "Boards", "url": "https://example.org/beds/#boards"} in hit["sections"]
    assert found.structured_content["index"]["generation"] == read.structured_content["index"]["generation"] == 1
    assert "1. [Raised beds](https://example.org/beds/)" in found.content[0].text
    assert read.structured_content["text"] == (
        "Before it all.\n\n## Beds & boards\n\nOf raised beds.\n\n### Boards\n\nOak.\n\n## Last\n\nOf rainwater."
    )
    assert read.structured_content["text"] in read.content[0].text
    assert read.structured_content["next"] is None


def test_what_may_not_be_found_may_not_be_read(settings: Settings) -> None:
    async def ask(client: Any) -> list[Any]:
        found = await client.call_tool("search_posts", {"query": "beds"})
        return [found, *[await client.call_tool("read_post", {"id": one.id}) for one in (FUTURE, EXPIRED)]]

    found, *read = asked(settings, ask)

    assert [hit["id"] for hit in found.structured_content["hits"]] == [POST.id]
    assert [(one.is_error, "there is no post" in one.content[0].text) for one in read] == [(True, True)] * 2


def test_a_long_post_is_read_piece_by_piece(settings: Settings) -> None:
    async def ask(client: Any) -> list[str]:
        pieces, start = [], 0
        while start is not None:
            read = await client.call_tool("read_post", {"id": LONG.id, "start": start})
            pieces.append(read.structured_content["text"])
            start = read.structured_content["next"]
        return pieces

    pieces = asked(settings, ask)

    assert len(pieces) > 3
    assert all(len(piece) <= MAX_READ_CHARS for piece in pieces)
    assert all(piece.endswith("word\n\n") for piece in pieces[:-1])
    assert "".join(pieces).split() == LONG.body.split()


@pytest.mark.parametrize("name", ["beds-boards", "#beds-boards", "beds & Boards"])
def test_a_section_is_read_with_those_below_it(settings: Settings, name: str) -> None:
    read = posted(
        create_app(settings).test_client(),
        "tools/call",
        {"name": "read_post", "arguments": {"id": "/beds", "section": name}},
    ).get_json()["result"]

    assert read["structuredContent"]["text"] == "## Beds & boards\n\nOf raised beds.\n\n### Boards\n\nOak."


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("search_posts", {"page": 0}, "page is “0”"),
        ("search_posts", {"page": True}, "page is “true”"),
        ("search_posts", {"from": "2013-13"}, "give a date of the calendar"),
        ("search_posts", {"sort": ["newest", "oldest"]}, "sort is"),
        ("search_posts", {"words": "beds"}, "'words' is not an argument"),
        ("search_posts", {"tag": [str(n) for n in range(99)]}, "at most 20"),
        ("read_post", {"id": POST.id, "page": 2}, "'page' is not an argument; these are: id, section, start"),
        ("read_post", {}, "id is missing"),
        ("read_post", {"id": "\ud800"}, "there is no post"),
        ("read_post", {"id": POST.id, "start": -1}, "start is -1"),
        ("read_post", {"id": POST.id, "section": "none"}, "its sections: Beds & boards; Boards; Last"),
    ],
)
def test_arguments_that_can_not_be_used_are_told_to_the_model(
    settings: Settings, tool: str, arguments: dict[str, Any], said: str
) -> None:
    answer = posted(create_app(settings).test_client(), "tools/call", {"name": tool, "arguments": arguments})

    assert (answer.status_code, answer.get_json()["result"]["isError"]) == (200, True)
    assert said in answer.get_json()["result"]["content"][0]["text"]


def test_a_search_that_has_no_index_says_so_to_the_model() -> None:
    client = app_with(FakeSearch(error=IndexMissing("not yet"))).test_client()
    result = posted(client, "tools/call", {"name": "search_posts"}).get_json()["result"]

    assert result["isError"]
    assert result["content"][0]["text"] == "Nothing has been indexed yet; try again in a moment."


@pytest.fixture
def client() -> FlaskClient:
    return app_with(FakeSearch([make_hit()]), Settings(cors_origins=("https://pages.example",))).test_client()


def test_only_posts_are_taken(client: FlaskClient) -> None:
    for method in ("GET", "HEAD", "DELETE", "PUT"):
        answer = client.open(PATH, method=method)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "POST, OPTIONS")
    assert client.options(PATH).headers["Allow"] == "POST, OPTIONS"


def test_a_notification_is_taken_without_a_word(client: FlaskClient) -> None:
    answer = client.post(PATH, json={"jsonrpc": "2.0", "method": "notifications/initialized"})

    assert (answer.status_code, answer.data) == (202, b"")


def test_an_earlier_client_needs_no_session(client: FlaskClient) -> None:
    begin = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
    for wanted, agreed in (("2025-06-18", "2025-06-18"), ("2024-11-05", "2025-11-25"), (7, "2025-11-25")):
        params = begin | {"protocolVersion": wanted}
        answer = client.post(PATH, json={"jsonrpc": "2.0", "id": "a", "method": "initialize", "params": params})
        assert answer.get_json()["result"]["protocolVersion"] == agreed
        assert "Mcp-Session-Id" not in answer.headers
    pong = client.post(PATH, json={"jsonrpc": "2.0", "id": "a", "method": "ping"})
    assert pong.get_json()["id"] == "a"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{", -32700),
        ("[" * 60_000, -32700),
        ("9" * 6000, -32700),
        ("[]", -32600),
        ("null", -32600),
        ('[{"jsonrpc": "2.0", "id": 1, "method": "ping"}]', -32600),
        ('{"id": 1, "method": "ping"}', -32600),
        ('{"jsonrpc": "2.0", "id": null, "method": "ping"}', -32600),
        ('{"jsonrpc": "2.0", "id": true, "method": "ping"}', -32600),
        ('{"jsonrpc": "2.0", "id": 1, "method": "ping", "params": []}', -32600),
        ('{"jsonrpc": "2.0", "id": 1, "result": {}}', -32600),
    ],
)
def test_what_is_no_request_is_refused_without_an_id(client: FlaskClient, body: str, code: int) -> None:
    answer = client.post(PATH, data=body, content_type="application/json")

    assert error_of(answer) == (400, code)
    assert answer.get_json()["id"] is None


def test_a_request_must_say_in_its_headers_what_its_body_says(client: FlaskClient) -> None:
    call = {"name": "search_posts", "arguments": {}}

    assert error_of(posted(client, "ping", headers={"Mcp-Method": "tools/list"})) == (400, -32020)
    assert error_of(posted(client, "ping", headers={"MCP-Protocol-Version": "1900-01-01"})) == (400, -32020)
    assert error_of(posted(client, "tools/call", call, headers={"Mcp-Name": "read_post"})) == (400, -32020)
    assert error_of(posted(client, "tools/call", call, headers={"Mcp-Name": "=?base64?!?="})) == (400, -32020)
    assert error_of(posted(client, "tools/list", {"_meta": {}})) == (400, -32602)
    assert posted(client, "tools/call", call, headers={"Mcp-Name": "=?base64?c2VhcmNoX3Bvc3Rz?="}).status_code == 200


def test_unknown_revisions_methods_and_tools_are_refused(client: FlaskClient) -> None:
    meta = {"io.modelcontextprotocol/protocolVersion": "1900-01-01", "io.modelcontextprotocol/clientCapabilities": {}}
    unknown = posted(client, "tools/list", {"_meta": meta}, headers={"MCP-Protocol-Version": "1900-01-01"})

    assert error_of(unknown) == (400, -32022)
    assert unknown.get_json()["error"]["data"] == {
        "supported": [NEW, "2025-11-25", "2025-06-18"],
        "requested": "1900-01-01",
    }
    assert error_of(posted(client, "prompts/list")) == (404, -32601)
    assert error_of(posted(client, "tools/list", {"cursor": "x"})) == (400, -32602)
    assert error_of(posted(client, "tools/call", {"name": "drop_posts"})) == (400, -32602)
    assert error_of(posted(client, "tools/call", {"name": "read_post", "arguments": [1]})) == (400, -32602)
    # Clients of an earlier revision get it with status 200, as they expect.
    assert error_of(client.post(PATH, json={"jsonrpc": "2.0", "id": 1, "method": "prompts/list"})) == (200, -32601)


def test_pages_of_origins_that_are_not_listed_are_refused(client: FlaskClient) -> None:
    """Even where they call this machine by a name of theirs, which is then the host of the request too."""
    rebound = posted(client, "tools/list", headers={"Origin": "http://evil.example", "Host": "evil.example"})

    assert (rebound.status_code, rebound.get_json()["code"]) == (403, "foreign_origin")
    assert posted(client, "tools/list", headers={"Origin": "null"}).status_code == 403
    listed = posted(client, "tools/list", headers={"Origin": "https://pages.example"})
    assert (listed.status_code, listed.headers["Access-Control-Allow-Origin"]) == (200, "https://pages.example")
    asks = client.options(PATH, headers={"Origin": "https://pages.example"})
    assert asks.headers["Access-Control-Allow-Methods"] == "POST, OPTIONS"
    assert "Mcp-Method" in asks.headers["Access-Control-Allow-Headers"]


def test_pages_of_the_site_itself_are_not_refused(settings: Settings) -> None:
    client = create_app(settings).test_client()

    assert posted(client, "tools/list", headers={"Origin": "https://example.org"}).status_code == 200
    assert posted(client, "tools/list", headers={"Origin": "https://example.org.evil.example"}).status_code == 403


def test_a_body_is_bounded_and_json(client: FlaskClient) -> None:
    large = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping", "params": {"x": "y" * MAX_MESSAGE_BYTES}})

    assert client.post(PATH, data=large, content_type="application/json").status_code == 413
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    assert client.post(PATH, data=large, content_type="application/json", environ_base=chunked).status_code == 411
    assert client.post(PATH, data="{}", content_type="text/plain").status_code == 415


def test_a_body_that_breaks_off_is_no_fault_of_ours(client: FlaskClient) -> None:
    environ = EnvironBuilder(PATH, method="POST", data="{", content_type="application/json").get_environ()
    body, status, _ = run_wsgi_app(client.application, environ | {"CONTENT_LENGTH": "50"})

    assert (status, json.loads(b"".join(body))["code"]) == ("400 BAD REQUEST", "unreadable_request")


def test_one_setting_turns_it_off() -> None:
    client = app_with(FakeSearch(), Settings(mcp=False)).test_client()

    answer = posted(client, "ping")
    assert (answer.status_code, answer.get_json()["code"]) == (405, "method_not_allowed")
    assert client.get(PATH).status_code == 404
