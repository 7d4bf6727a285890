"""Sites that the real Jekyll and Hugo build of real posts: every hit leads to a page, every section to its heading.

`make sites` runs these. `-s` shows the rates.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

import pytest
from selectolax.lexbor import LexborHTMLParser

from index.indexer.run import reindex
from index.settings import Settings
from search.results import Hit
from search.service import Search
from tests.index.sites.site_builds import BUILDERS, OUTPUT, files_of

DATA = Path(os.environ.get("POSTSEARCH_TEST_DATA", "no-such-folder")) / "posts"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not DATA.is_dir(), reason="POSTSEARCH_TEST_DATA does not name a folder with real posts"),
]

QUERIES = (
    "docker", "openstack", "virtual machine", "gluster", "release", "community", "conference", "security",
    "open source", "python", "go", "rust", "data", "design", "performance", "testing", "install", "linux", "cloud",
    "network", "storage", "api", "kernel", "summit", "workshop", '"open source"', '"how to"', "title:welcome",
    "tag:security", "after:2015", "before:2014", "2013", "video", "slides", "download", "command line", "server",
    "update", "error", "license", "government", "user research", "accessibility", "agile", "memory", "compiler",
    "module", "generics", "garbage collector", "patch",
)  # fmt: skip

UNKNOWN_DATE = re.compile(r"^date: (?!\d{4}-\d\d-\d\d(T[\d:Z]+| \d\d:\d\d:\d\d( [+-]\d{4})?)?$)", re.MULTILINE)
LAYOUT = '<!doctype html><meta charset="utf-8"><title>{title}</title><header>A site</header><main>{content}</main>'

ANCHORS_THAT_MISS = 0.02
"""How many links to a section may lead to the top of the right page instead; the known causes:

- a heading with template syntax that the generator of the site does not know, and so takes for text of the heading
- a heading with a link or emphasis: Hugo names it by its text from 0.144 on, as we do, and before by its source
- Markdown inside an HTML element that is never closed, which kramdown takes for text and not for headings
"""


@dataclass
class Tally:
    """What became of the hits of all queries."""

    hits: int = 0
    sections: int = 0
    lost_hits: set[str] = field(default_factory=set)
    lost_sections: int = 0


def jekyll_site(folder: Path) -> Path:
    """A blog as `jekyll new` lays it out; its posts folder."""
    posts = folder / "_posts"
    posts.mkdir()
    for path in (DATA / "osas" / "source" / "blog").glob("*.md"):
        shutil.copy(path, posts / path.name.replace(".html.md", ".md"))
    write(folder / "_config.yml", "defaults: [{scope: {path: ''}, values: {layout: post}}]\n")
    write(folder / "_layouts" / "post.html", LAYOUT.format(title="{{ page.title }}", content="{{ content }}"))
    return posts


def hugo_site(folder: Path) -> Path:
    """A site of two sections; its content folder."""
    sources = {"posts": DATA / "18f" / "content" / "posts", "blog": DATA / "golang" / "_content" / "blog"}
    for section, source in sources.items():
        for path in sorted(source.rglob("*.md")):
            text = path.read_text("utf-8")
            # Hugo takes what lies beside an index.md for parts of that, and builds nothing where it does not know a
            # shortcode or a date.
            if path.stem != "index" and "{{%" not in text and not UNKNOWN_DATE.search(text):
                write(folder / "content" / section / path.relative_to(source), text)
    write(folder / "config.toml", 'title = "A site"\nbaseURL = "https://example.org/"\n')
    page = LAYOUT.format(title="{{ .Title }}", content="{{ .Content }}")
    for name in ("_default/single.html", "_default/list.html", "index.html"):
        write(folder / "layouts" / name, page)
    return folder / "content"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


@lru_cache(maxsize=2000)
def ids_in(page: Path) -> frozenset[str]:
    """What an address may point to in a page."""
    tree = LexborHTMLParser(page.read_text("utf-8"))
    return frozenset(node.attributes.get("id") or "" for node in tree.css("[id]"))


def hits_of(service: Search) -> Iterator[Hit]:
    """All hits of all queries."""
    for query in QUERIES:
        page, pages = 1, 1
        while page <= pages:
            found = service.run(query, per_page=50, page=page, prefix=False)
            yield from found.hits
            page, pages = page + 1, found.pages


def follow(hits: Iterator[Hit], output: Path, base: str) -> Tally:
    """Look for the page of each hit, and in it for what its sections point to."""
    tally = Tally()
    for hit in hits:
        tally.hits += 1
        page = next((output / name for name in files_of(hit.url, base) if (output / name).is_file()), None)
        if page is None:
            tally.lost_hits.add(f"{hit.id}: {hit.url}")
            continue
        for section in hit.sections:
            tally.sections += 1
            tally.lost_sections += unquote(section.url.partition("#")[2]) not in ids_in(page)
    return tally


def test_there_are_fifty_queries() -> None:
    assert len(set(QUERIES)) == 50


@pytest.mark.parametrize(
    ("name", "make_site", "base"),
    [("jekyll", jekyll_site, ""), ("hugo", hugo_site, "https://example.org"), ("hugo-newer", hugo_site, "https://example.org")],
    ids=["jekyll", "hugo", "hugo-newer"],
)  # fmt: skip
def test_every_hit_leads_to_a_page_of_the_built_site(
    name: str, make_site: Callable[[Path], Path], base: str, tmp_path: Path
) -> None:
    builder = BUILDERS[name]
    if builder.command() is None:
        pytest.skip(f"{builder.program} is not installed; {builder.variable} may name the command")
    source = tmp_path / "site"
    source.mkdir()
    posts = make_site(source)
    builder.run(builder.arguments, source)
    settings = Settings(posts=posts, index=tmp_path / "index")
    reindex(settings)

    with closing(Search(settings)) as service:
        tally = follow(hits_of(service), source / OUTPUT, base)

    print(f"\n{name}: {tally.hits} hits, {len(tally.lost_hits)} without a page; ", end="")
    print(f"{tally.sections} sections, {tally.lost_sections} without a heading")
    assert tally.lost_hits == set()
    assert tally.hits > 3000
    assert tally.sections > 1500
    assert tally.lost_sections / tally.sections < ANCHORS_THAT_MISS
