"""Results as Markdown for who asks for it, in which no post can make a link or a heading of its own."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from pathlib import Path

import html5lib
import pyromark
import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from index import Document, Settings
from index.errors import IndexMissing
from search.query.notices import Notice
from search.results import Results, SectionHit
from search.web.extension import create_app
from search.web.markdown import escaped, results_markdown
from tests.fake_search import FakeSearch, app_with, make_hit
from tests.stored import write

MARKDOWN = "text/markdown"
CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"

EXTENSIONS = reduce(or_, set(pyromark.Options.__members__.values()) - {pyromark.Options.ENABLE_SMART_PUNCTUATION})


def elements(markdown: str) -> list[tuple[str, str | None]]:
    """The elements that a reader with all extensions makes of it, with where they lead."""
    tree = html5lib.parse(pyromark.html(markdown, options=EXTENSIONS), namespaceHTMLElements=False)
    return [(element.tag, element.get("href")) for element in tree.find("body").iter()][1:]


def shown(found: Results) -> str:
    return results_markdown(found, "https://example.org/")


@pytest.fixture
def client() -> FlaskClient:
    return app_with(FakeSearch([make_hit(1), make_hit(2)], total=12)).test_client()


@pytest.mark.parametrize(
    ("accept", "markdown"),
    [
        (CHROME, False),
        ("*/*", False),
        ("", False),
        ("text/*", False),
        ("text/html, text/markdown;q=0.9", False),
        ("text/markdown;q=0", False),
        ("text/markdown;q=0, */*", False),
        ("text/markdown", True),
        ("text/markdown" + " " * 200_000 + "b", False),
        ("text/markdown; charset=utf-8", True),
        ("text/html;q=0.5, text/markdown", True),
        ("text/markdown, text/html, */*", True),
        ("text/markdown;q=0.1, application/json", True),
    ],
)
def test_markdown_is_for_who_prefers_it(client: FlaskClient, accept: str, markdown: bool) -> None:
    answer = client.get("/search/?q=libgfapi", headers={"Accept": accept})

    assert (answer.status_code, answer.mimetype) == (200, MARKDOWN if markdown else "text/html")
    assert answer.vary.as_set() == {"accept", "accept-language"}


def test_neither_is_given_for_the_other(client: FlaskClient) -> None:
    html, markdown = (client.get("/search/?q=libgfapi", headers={"Accept": accept}) for accept in (CHROME, MARKDOWN))

    assert html.headers["ETag"] != markdown.headers["ETag"]
    for first in (html, markdown):
        again = {"Accept": MARKDOWN, "If-None-Match": first.headers["ETag"]}
        assert client.get("/search/?q=libgfapi", headers=again).status_code == (304 if first is markdown else 200)


LEFT_OPEN = Notice("quote_open", {"text": "a"})


def test_hits_are_a_list_with_links_in_full() -> None:
    service = FakeSearch([make_hit(1), make_hit(2)], total=12)
    service.notices = (LEFT_OPEN,)
    client = app_with(service, Settings(base_url="https://example.org/blog")).test_client()

    assert client.get("/search/?q=libgfapi&page=2", headers={"Accept": MARKDOWN}).text == (
        f"# Posts for libgfapi\n\n12 found, page 2 of 2.\n\n- Note: {LEFT_OPEN.text()}\n\n"
        + "\n\n".join(
            f"{n + 10}. [oVirt workshop {n}](https://example.org/2013/post-{n}/)\n"
            f"   2013-06-19 · tconrey · tags: ovirt, kvm · id: 2013/post-{n}.md  \n"
            "   A talk on libgfapi \\& more\n"
            f"   - [Gluster \\& friends](https://example.org/2013/post-{n}/#gluster)"
            for n in (1, 2)
        )
        + "\n"
    )


def test_what_goes_wrong_is_told_to_programs(client: FlaskClient) -> None:
    accept = {"Accept": MARKDOWN}

    assert client.get(f"/search/?{'x&' * 101}", headers=accept).get_json()["code"] == "too_many_parameters"
    missing = app_with(FakeSearch(error=IndexMissing("not yet"))).test_client().get("/search/?q=a", headers=accept)
    assert (missing.status_code, missing.get_json()["code"]) == (503, "index_missing")


HOSTILE = [
    "# A heading",
    "A title\n===",
    "A title\n\n# Another",
    "---",
    "+ item",
    "1. item",
    "2) item",
    "> quoted",
    "    code",
    "\tcode",
    "```\ncode",
    "~~~\ncode",
    "[evil](https://evil.example)",
    "](https://evil.example) [more",
    "![evil](https://evil.example/x.png)",
    "[evil]: https://evil.example",
    "[^1] note",
    "<https://evil.example>",
    "<a href=https://evil.example>x</a>",
    "<script>alert(1)</script>",
    "&lt;a&gt; &#35;",
    "*a* _b_ **c** ~~d~~ `e` $f$ ||g||",
    "\\[evil\\](https://evil.example)",
    "| a | b |\n|---|---|\n| c | d |",
    ": definition",
    "- [x] done",
    "\u2028# heading",
    "+++",
    "",
    "\\",
]


def hits_of(text: str) -> Results:
    hit = make_hit(1, title=text, tags=(text, "b"), text=text, author=(text,))
    hit = replace(hit, sections=(SectionHit(text, "/2013/post-1/#x", ""),))
    found = FakeSearch([hit]).answer(FakeSearch([hit]).query(text))
    return replace(found, corrected=text or None, notices=(Notice("no_date", {"text": text}),))


HARMLESS = elements(shown(hits_of("plain words")))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_post_and_no_query_makes_an_element_of_its_own(text: str) -> None:
    assert [one for one in elements(shown(hits_of(text))) if one not in HARMLESS] == []
    assert [tag for tag, _ in elements(shown(hits_of(text))) if re.fullmatch("h[1-6]", tag)] == ["h1"]


@settings(max_examples=300, deadline=None, print_blob=True)
@given(st.text(st.sampled_from("#*_[]()<>!`~&|\\-+=:.1 \n\t$^aw/@\"'"), max_size=30))
def test_a_text_is_shown_as_it_is(text: str) -> None:
    tree = html5lib.parse(pyromark.html(escaped(text), options=EXTENSIONS), namespaceHTMLElements=False)

    assert {element.tag for element in tree.find("body").iter()} <= {"body", "p"}
    assert "".join(tree.find("body").itertext()).strip() == " ".join(text.split())


@pytest.mark.parametrize("id", ["\x1bcreset.md", "\x9b31m.md", "b\u202emd.md"])
def test_names_of_files_and_queries_steer_no_terminal_and_turn_no_line_around(id: str) -> None:
    service = FakeSearch([replace(make_hit(1), id=id)])
    client = app_with(service).test_client()
    markdown = client.get("/search/", query_string={"q": f"a{id}"}, headers={"Accept": MARKDOWN}).text
    call = {"name": "search_posts", "arguments": {"query": f"a{id}"}}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    result = client.post("/search/mcp", json=message).get_json()["result"]

    for text in (markdown, result["content"][0]["text"]):
        assert re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text) == []
        assert f"id: {escaped(ascii(id)[1:-1])}  \n" in text
    assert result["structuredContent"]["hits"][0]["id"] == id


def test_addresses_are_not_made_links_of_by_readers_that_look_for_them() -> None:
    assert escaped("https://a.b www.a.b WWW.a a@b.c mailto:a") == r"https\://a.b www\.a.b WWW\.a a\@b.c mailto:a"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "http://["])
def test_a_post_whose_address_can_not_be_followed_is_listed_without(url: str) -> None:
    found = FakeSearch([replace(make_hit(1), url=url, sections=())])

    assert "1. oVirt workshop 1\n" in shown(found.answer(found.query("a")))


def test_an_address_ends_where_it_ends() -> None:
    found = FakeSearch([replace(make_hit(1), url="/a_(b) c<>/", sections=())])

    assert ("a", "https://example.org/a_%28b%29%20c%3C%3E/") in elements(shown(found.answer(found.query("a"))))


def test_llms_txt_says_how_to_search_and_what_there_is(tmp_path: Path) -> None:
    chosen = Settings(index=tmp_path / "index", site_name="The [Garden]", base_url="https://example.org", per_page=7)
    day = datetime(2013, 6, 19, tzinfo=UTC)
    write(chosen, Document("a.md", "/a/", "Beds", "Of.", author=("Ann",), tags=("raised beds",), date=day, site="docs"))
    client = create_app(chosen).test_client()

    answer = client.get("/search/llms.txt")
    links = re.findall(r"\[([^]]+)\]\((https://[^)]+)\)", answer.text)

    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert answer.text.startswith("# The \\[Garden\\]\n\n> Full-text search of 1 post.")
    assert dict(links) == {
        "Hits as Markdown": "https://example.org/search/",
        "Hits as JSON": "https://example.org/search/hits",
        "OpenAPI": "https://example.org/search/openapi.json",
        "Tools": "https://example.org/search/mcp",
        "raised beds": "https://example.org/search/?tag=raised+beds",
        "Ann": "https://example.org/search/?author=Ann",
        "docs": "https://example.org/search/?site=docs",
        "2013": "https://example.org/search/?year=2013",
    }
    assert client.get("/search/?tag=raised+beds", headers={"Accept": MARKDOWN}).text.count("id: a.md") == 1
    assert client.get("/search/llms.txt", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_without_its_tools_llms_txt_names_none() -> None:
    client = app_with(FakeSearch([make_hit()]), Settings(mcp=False)).test_client()

    assert "mcp" not in client.get("/search/llms.txt").text


def test_the_form_is_a_tool_of_the_page(client: FlaskClient) -> None:
    form = html5lib.parse(client.get("/search/").data, namespaceHTMLElements=False).find(".//form")

    assert form.get("toolname") == "search_posts"
    assert form.get("tooldescription")
    assert form.find(".//input[@name='q']").get("toolparamdescription")
