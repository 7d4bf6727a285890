"""Every example of embedding does what its README says, run by its own command, in a browser where it has a script."""

from __future__ import annotations

import json
import re
import shutil
import socket
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from contextlib import ExitStack
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import pytest

from tests.browser import chromium, opened
from tests.example_sites import EXAMPLES, eventually, fetch, running

try:
    from playwright.sync_api import Browser, Page, expect
except ImportError:
    pytest.skip("these need the package playwright, which `make test-all` installs", allow_module_level=True)

pytestmark = pytest.mark.full

SEARCH, SITE, NGINX = "http://127.0.0.1:8000", "http://127.0.0.1:8001", "http://127.0.0.1:8080"
MOST_LINES = 60
HALF_A_BODY = b"POST /search/ HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with opened(browser) as page:
        yield page


def links(html: str) -> list[str]:
    """The addresses in a page, of links, forms and scripts."""
    return [unescape(found) for found in re.findall(r'(?:href|action|src)="([^"]+)"', html)]


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*/run")), ids=lambda path: path.parent.name)
def test_an_example_is_small_and_says_what_it_is(path: Path) -> None:
    code = [file for file in path.parent.iterdir() if file.suffix in {".py", ".js", ".conf"}]

    assert all(len(file.read_text("utf-8").splitlines()) <= MOST_LINES for file in code)
    assert f"`make example NAME={path.parent.name}`" in (path.parent / "README.md").read_text("utf-8")
    assert f"`make example NAME={path.parent.name}`" in (EXAMPLES / "README.md").read_text("utf-8")


def test_a_flask_site_keeps_all_that_it_had(tmp_path: Path) -> None:
    with running(tmp_path, "flask-site", f"{SEARCH}/search/health") as places:
        here = places[SEARCH]
        home, about_nothing = fetch(f"{here}/"), fetch(f"{here}/blog/nothing/")
        (tmp_path / "examples/flask-site/posts/water-butts-are-back.md").unlink()
        again = fetch(f"{here}/")

    assert home[0] == 200
    assert home[1].count("/blog/") == 3
    assert again == home, "its cache is in use"
    assert about_nothing[0] == 404
    assert "<h1>Nothing grows here</h1>" in about_nothing[1]


def test_a_flask_site_shows_results_in_its_own_frame(tmp_path: Path) -> None:
    with running(tmp_path, "flask-site", f"{SEARCH}/search/health") as places:
        here = places[SEARCH]
        status, html = fetch(f"{here}/search/?q=water+butt")
        answer = json.loads(fetch(f"{here}/search/hits?q=water+butt")[1])
        posts = [fetch(urljoin(here, hit["url"])) for hit in answer["hits"]]
        sheets = [fetch(urljoin(here, link)) for link in links(html) if ".css" in link]

    assert status == 200
    assert '<a href="/">Allotment News</a>' in html
    assert html.count("<main") == html.count("<body") == html.count('name="q"') == 1
    assert "<title>water butt – Allotment News</title>" in html
    assert html.count('<article class="ps-hit"') == answer["total"] == 2
    assert [hit["url"] for hit in answer["hits"]] == ["/blog/water-butts-are-back/", "/blog/seed-potatoes-by-the-kilo/"]
    assert [(status, hit["title"] in html) for (status, html), hit in zip(posts, answer["hits"], strict=True)] == [
        (200, True)
    ] * 2
    assert [status for status, _ in sheets] == [200, 200]


def test_a_flask_site_finds_a_new_post(tmp_path: Path) -> None:
    """The watcher of the example and its application have the same settings."""
    with running(tmp_path, "flask-site", f"{SEARCH}/search/health") as places:
        (tmp_path / "examples/flask-site/posts/bees.md").write_text("---\ntitle: Bees\n---\nBumblebees.\n", "utf-8")

        hits = eventually(lambda: json.loads(fetch(f"{places[SEARCH]}/search/hits?q=bumblebees")[1])["hits"])
        page = fetch(f"{places[SEARCH]}{hits[0]['url']}")

    assert page[0] == 200
    assert "Bumblebees" in page[1]


def check_links(here: str, prefix: str) -> None:
    """All links of the results page at the prefix lead somewhere, those in full to where the visitor is."""
    status, html = fetch(f"{here}{prefix}/?q=bread")
    found = links(html)
    answers = {link: fetch(urljoin(here, link))[0] for link in found}
    description = ElementTree.fromstring(fetch(f"{here}{prefix}/opensearch.xml")[1])
    templates = [url.get("template", "") for url in description.iter() if url.tag.endswith("Url")]

    assert status == 200
    assert {link: status for link, status in answers.items() if status != 200} == {}
    assert {link for link in found if "/search/" in link and not link.startswith(f"{prefix}/")} == set()
    assert "/posts/sourdough-in-a-cold-kitchen.html#the-oven" in found
    assert templates
    assert {template for template in templates if not template.startswith(f"{here}{prefix}/")} == set()


@pytest.mark.parametrize(
    ("name", "needs"),
    [("wsgi-mount", ()), ("asgi-mount", ("fastapi", "uvicorn", "a2wsgi")), ("django-mount", ("django",))],
)
def test_the_search_is_mounted_below_a_path_of_a_site(tmp_path: Path, name: str, needs: tuple[str, ...]) -> None:
    for package in needs:
        pytest.importorskip(package, reason=f"the example needs the package {package}, of the group `examples`")
    with running(tmp_path, name, f"{SEARCH}/blog/search/health") as places:
        here = places[SEARCH]
        check_links(here, "/blog/search")
        site, root = fetch(f"{here}/search/"), fetch(f"{here}/blog/")

    assert "<h1>The page /search/</h1>" in site[1], "what is not below the path is the site's"
    assert 'role="search"' in root[1], "the root of the mounted application leads to the search"


@pytest.mark.skipif(not shutil.which("nginx", path="/usr/sbin:/usr/bin"), reason="nginx is not installed")
def test_nginx_has_the_search_beside_pages_and_below_a_path(tmp_path: Path) -> None:
    with running(tmp_path, "wsgi-mount", f"{NGINX}/search/health", script="run-nginx") as places:
        here = places[NGINX]
        check_links(here, "/search")
        check_links(here, "/blog/search")
        page, folder = fetch(f"{here}/"), fetch(f"{here}/blog/search?q=bread")
        forged = fetch(f"{here}/search/?q=bread", Script_Name="/evil", X_Forwarded_Proto="gopher")
        forged_scheme = fetch(f"{here}/search/opensearch.xml", **{"X-Forwarded-Proto": "https"})

    assert "<h1>A static page</h1>" in page[1]
    assert folder[0] == 200
    assert forged[0] == 200
    assert "/evil" not in forged[1]
    assert "https://" not in forged_scheme[1].replace("https://www.", "")


@pytest.mark.skipif(not shutil.which("nginx", path="/usr/sbin:/usr/bin"), reason="nginx is not installed")
def test_half_sent_requests_hold_no_gunicorn_behind_nginx(tmp_path: Path) -> None:
    with running(tmp_path, "wsgi-mount", f"{NGINX}/search/health", script="run-nginx") as places, ExitStack() as stack:
        port = int(places[NGINX].rpartition(":")[2])
        clients = [stack.enter_context(socket.create_connection(("127.0.0.1", port), 20)) for _ in range(100)]
        for number, client in enumerate(clients):
            client.sendall(b"GET /search/ HTTP/1.1\r\nHost: a" if number % 2 else HALF_A_BODY)
        seconds = []
        for _ in range(100):
            started = time.monotonic()
            assert fetch(f"{places[NGINX]}/search/hits?q=bread")[0] == 200
            seconds.append(time.monotonic() - started)

        assert sorted(seconds)[98] < 5, "they wait until nginx closes the others, after 10 s"
        assert [client.recv(1000) for client in clients] == [b""] * 100


def test_a_static_site_searches_from_another_origin(tmp_path: Path, page: Page) -> None:
    with running(tmp_path, "static-site", f"{SITE}/", f"{SEARCH}/search/health") as places:
        page.goto(f"{places[SITE]}/")
        box = page.get_by_role("combobox")
        box.fill("bread")
        options = page.get_by_role("option")
        expect(options.filter(has_text="Three knives are enough")).to_be_visible()
        expect(page.locator("post-search mark").first).to_have_text("bread")
        section = options.filter(has_text=re.compile("^The oven"))
        expect(section).to_have_attribute("href", re.compile("#the-oven"))
        section.click()
        expect(page.get_by_role("heading", name="The oven")).to_be_in_viewport()

        assert page.url.startswith(f"{places[SITE]}/posts/sourdough-in-a-cold-kitchen.html#the-oven")


def test_a_page_of_an_origin_that_is_not_listed_gets_nothing(tmp_path: Path, page: Page) -> None:
    """The same page under another name of the machine, which makes it another origin."""
    with running(tmp_path, "static-site", f"{SITE}/", f"{SEARCH}/search/health") as places:
        elsewhere = places[SITE].replace("127.0.0.1", "localhost")
        refused: list[str] = []
        page.on("console", lambda message: refused.append(message.text))
        page.goto(f"{elsewhere}/", wait_until="networkidle")
        answer = page.evaluate(
            "url => fetch(url).then(() => 'read', () => 'refused')", f"{places[SEARCH]}/search/hits?q=bread"
        )

    assert answer == "refused"
    assert any("CORS" in text for text in refused)


def test_own_javascript_shows_hits_while_one_types(tmp_path: Path, page: Page) -> None:
    with running(tmp_path, "own-javascript", f"{SITE}/", f"{SEARCH}/search/health") as places:
        page.goto(f"{places[SITE]}/own-javascript/")
        page.get_by_role("searchbox").press_sequentially("bread")
        expect(page.get_by_role("status")).to_have_text("3 posts")
        expect(page.get_by_role("listitem")).to_have_count(3)
        expect(page.locator("li mark").first).to_have_text("bread")
        page.get_by_role("link", name="Plum jam").click()
        expect(page.get_by_role("heading", name="Plum jam")).to_be_visible()

        assert page.url == f"{places[SITE]}/static-site/posts/plum-jam.html"


def test_own_javascript_lets_no_other_element_into_the_page(tmp_path: Path, page: Page) -> None:
    evil = "<img src=x onerror=\"document.title='taken'\"><mark>&lt;b&gt; <i>bread</i></mark>"
    hit = {"url": "/x", "highlights": {"title": evil}, "snippet": evil}
    with running(tmp_path, "own-javascript", f"{SITE}/", f"{SEARCH}/search/health") as places:
        page.route(
            "**/search/hits?*",
            lambda route: route.fulfill(
                json={"total": 1, "hits": [hit]}, headers={"Access-Control-Allow-Origin": places[SITE]}
            ),
        )
        page.goto(f"{places[SITE]}/own-javascript/")
        page.get_by_role("searchbox").press_sequentially("bread")
        expect(page.locator("li p mark")).to_have_text("<b> bread")

        assert page.locator("li img, li i, li b").count() == 0
        assert page.title() == "The Tuesday kitchen"


def test_own_javascript_is_not_needed(tmp_path: Path, browser: Browser) -> None:
    with (
        running(tmp_path, "own-javascript", f"{SITE}/", f"{SEARCH}/search/health") as places,
        opened(browser, java_script_enabled=False) as page,
    ):
        page.goto(f"{places[SITE]}/own-javascript/")
        page.get_by_role("searchbox").fill("bread")
        page.get_by_role("button", name="Search").click()

        expect(page.locator("article")).to_have_count(3)
        assert page.url == f"{places[SEARCH]}/search/?q=bread"
