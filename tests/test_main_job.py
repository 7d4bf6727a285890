"""The whole job over real posts, by real processes, alike on both engines: from files to hits, pages and the box."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from tests.cluster import remove_indexes
from tests.example_sites import eventually, fetch, free_ports
from tests.gunicorn import gunicorn

POSTS = Path(os.environ.get("POSTSEARCH_TEST_DATA", "no-such-folder")) / "posts" / "osas"
BLOG = "source/blog"
SAVED = f"{BLOG}/2013-10-17-rdo-havana-release.html.md"
WORD, NEW_WORD, HIDDEN_WORD = "openstack", "quetzalwurst", "unspeakable"

pytestmark = [
    pytest.mark.full,
    pytest.mark.skipif(not POSTS.is_dir(), reason="POSTSEARCH_TEST_DATA does not name a folder with real posts"),
]


@dataclass
class Site:
    """A folder of posts with the settings of its search, and the address of a server that runs."""

    folder: Path
    settings: dict[str, str]
    url: str = ""

    def run(self, *arguments: str, code: int = 0) -> str:
        """What a command prints."""
        command = [sys.executable, "-m", "search.cli", *arguments]
        environ = os.environ | self.settings
        done = subprocess.run(command, cwd=self.folder, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
        return done.stdout

    def fetch(self, view: str, **parameters: Any) -> str:
        status, text = fetch(f"{self.url}{view}?{urlencode(parameters)}")
        assert status == 200, text
        return text

    def get(self, view: str = "hits", **parameters: Any) -> Any:
        return json.loads(self.fetch(view, **parameters))

    def answers(self) -> bool:
        try:
            return fetch(f"{self.url}health")[0] == 200
        except OSError:  # nobody listens yet
            return False

    def total(self, word: str) -> int:
        """How many posts hold just this word."""
        return int(self.get(q=word, typos=0, prefix=0)["total"])


@pytest.fixture(
    scope="module",
    params=["whoosh", pytest.param("opensearch", marks=pytest.mark.cluster)],
)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site, indexed by a command and served by another."""
    folder = tmp_path_factory.mktemp("site")
    blog = shutil.copytree(POSTS, folder / "posts") / BLOG
    for day, head in (("2015-01-01", "published: false"), ("2999-01-01", "title: To come")):
        (blog / f"{day}-hidden.html.md").write_text(f"---\n{head}\n---\n{HIDDEN_WORD} {WORD}\n", "utf-8")
    site = Site(folder, {"POSTSEARCH_ENGINE": request.param})
    if request.param == "whoosh":
        with served(site):
            yield site
        return
    nodes, name = request.getfixturevalue("cluster"), f"test-{uuid4().hex}"
    site.settings |= {"POSTSEARCH_OPENSEARCH_URL": ",".join(nodes), "POSTSEARCH_OPENSEARCH_INDEX": name}
    try:
        with served(site):
            yield site
    finally:
        remove_indexes(nodes[0], name)


@contextmanager
def served(site: Site) -> Iterator[None]:
    report = json.loads(site.run("reindex", "--json"))
    assert (report["indexed"], report["failed"]) == (368, [])
    assert [post["reason"] for post in report["excluded"]] == ["published: false", "dated in the future: 2999-01-01"]
    command = [sys.executable, "-m", "search.cli", "serve", "--port", "0"]
    with (site.folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=site.folder, env=os.environ | site.settings, stdout=subprocess.PIPE, stderr=log, text=True
        )
    with process:
        assert process.stdout
        try:
            site.url = process.stdout.readline().split()[2]
            yield
        finally:
            process.terminate()


def ids(answer: Any) -> list[str]:
    return [hit["id"] for hit in answer["hits"]]


def test_commands_search_and_check_what_one_of_them_indexed(site: Site) -> None:
    again = json.loads(site.run("reindex", "--json"))
    found = json.loads(site.run("search", WORD, "--json"))

    assert (again["indexed"], again["removed"], again["failed"]) == (0, 0, [])
    assert found["total"] > 100
    assert ids(found) == ids(site.get(q=WORD, prefix=0))
    assert "RDO Releases OpenStack Icehouse Packages" in site.run("search", WORD)
    assert site.run("check") == "", "there is nothing to find"


def test_hits_are_marked_and_counted_and_filters_find_what_was_counted(site: Site) -> None:
    answer = site.get(q=WORD)
    assert all(re.search("<mark>openstack", str(hit["highlights"]), re.IGNORECASE) for hit in answer["hits"])
    assert "<mark>OpenStack</mark>" in answer["hits"][0]["snippet"]

    for facet, names in (("tags", ["tag"]), ("author", ["author"]), ("year", ["from", "to"])):
        value, count = next(iter(answer["facets"][facet].items()))
        narrowed = site.get(q=WORD, per_page=50, **dict.fromkeys(names, value))
        told = [str(hit["date" if facet == "year" else facet]).casefold() for hit in narrowed["hits"]]
        assert (narrowed["total"], len(told)) == (count, min(count, 50))
        assert all(value.casefold() in one for one in told)


def test_pages_follow_one_another_without_gaps_or_repeats(site: Site) -> None:
    first = site.get(q=WORD, per_page=7)
    pages = [ids(site.get(q=WORD, per_page=7, page=number)) for number in range(1, first["pages"] + 1)]

    found = [id for page in pages for id in page]
    assert pages[0] == ids(first)
    assert len(found) == len(set(found)) == first["total"]


def test_a_saved_post_is_found_soon_and_a_deleted_one_no_more(site: Site) -> None:
    path = site.folder / "posts" / SAVED
    assert site.total(NEW_WORD) == 0

    for change, total in (
        (lambda: path.write_text(path.read_text("utf-8") + f"\n{NEW_WORD}\n", "utf-8"), 1),
        (path.unlink, 0),
    ):
        change()
        assert eventually(lambda: site.total(NEW_WORD) == total)  # noqa: B023 - it is called at once

    assert SAVED not in ids(site.get(q="RDO Havana Release", per_page=50))


def test_what_is_unpublished_or_of_the_future_never_shows(site: Site) -> None:
    assert site.total(HIDDEN_WORD) == 0
    assert "total" in site.run("search", "--no-typos", "--json", HIDDEN_WORD, code=1)
    assert HIDDEN_WORD not in site.fetch("feed", q=WORD)
    assert site.get("suggest", q=HIDDEN_WORD[:8])[1] == []
    assert site.get(q="", sort="newest")["hits"][0]["date"] < "2999"


def test_the_page_the_feed_and_the_rest_answer(site: Site) -> None:
    hits = site.get(q=WORD, prefix=0)["hits"]

    page = site.fetch("", q=WORD)
    assert page.count("<script") == page.count("post-search.js") == 1
    assert "<mark>OpenStack</mark>" in page
    assert all(f'href="{escape(hit["url"])}' in page for hit in hits)

    atom = "{http://www.w3.org/2005/Atom}"
    entries = ElementTree.fromstring(site.fetch("feed", q=WORD)).findall(f"{atom}entry")
    assert len(entries) == 50

    typed, texts, *_ = site.get("suggest", q="opens")
    assert typed == "opens"
    assert texts[0].casefold() == "openstack"

    first, similar = hits[0]["id"], site.get("similar", id=hits[0]["id"], count=3)
    assert len({first, *ids(similar)}) == 4
    assert "OpenStack" in str(similar)

    # on a busy machine the watcher may be silent for a moment
    health = eventually(lambda: told if (told := site.get("health"))["watcher"]["alive"] else {})
    assert (health["status"], health["posts"]) == ("ok", site.get(q="")["total"])


def test_the_box_in_a_browser_shows_posts_and_leads_to_one(site: Site) -> None:
    from tests.browser import chromium, opened  # which skips where there is no browser

    here = site.url.removesuffix("/search/")
    box = '<script type="module" src="/search/static/post-search.js"></script><post-search></post-search>'
    with chromium() as browser, opened(browser) as page:
        # All pages of the site but those of the search.
        page.route(
            re.compile(f"{here}/(?!search/)"),
            lambda route: route.fulfill(body=f"<!doctype html><title>A page</title>{box}", content_type="text/html"),
        )
        page.goto(f"{here}/")
        page.get_by_role("combobox").fill("openstack iceh")
        page.get_by_role("option", name="RDO Releases OpenStack Icehouse Packages").first.wait_for()
        page.keyboard.press("ArrowDown")
        chosen = page.locator("[role=option][aria-selected=true]").evaluate("(link) => link.href")
        page.keyboard.press("Enter")

        page.wait_for_url(chosen)

    assert re.match(f"{here}/blog/20", chosen)


def test_gunicorn_with_two_workers_answers_the_same(site: Site, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    places = {"POSTSEARCH_POSTS": f"{site.folder}/posts", "POSTSEARCH_INDEX": f"{site.folder}/.postsearch"}
    with gunicorn(tmp_path, "--bind", f"127.0.0.1:{port}", environment=site.settings | places):
        other = Site(site.folder, {}, f"http://127.0.0.1:{port}/search/")
        assert eventually(other.answers)

        for _ in range(6):  # whichever of the two answers
            answers = other.get(q=WORD), site.get(q=WORD)
            assert ids(answers[0]) == ids(answers[1])
            assert answers[0]["facets"] == answers[1]["facets"]
