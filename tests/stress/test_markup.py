"""Row 13: nothing that stands in a post, in the name of its file or in a query becomes markup, script or a header."""

from __future__ import annotations

import time
from collections.abc import Iterator
from html import escape
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree as Tree

import html5lib
import pytest
from flask import Flask, render_template_string, request
from flask.testing import FlaskClient

from index.indexer.run import reindex
from index.settings import Settings
from search.web.extension import create_app
from tests.stress.conftest import Scorecard

ROW = 13
POSTS, PER_PAGE = 2_500, 50
QUERIES, PREVIEWS = 500, 250
SECONDS = 80.0

CALL = "window.pwned=1"
PAYLOADS = (
    f"<script>{CALL}</script>", f"<img src=x onerror={CALL}>", f'"><svg/onload={CALL}>',
    f"'><img src=x onerror={CALL}>",
    f"</title><script>{CALL}</script>", f"</textarea><script>{CALL}</script>", f"--><script>{CALL}</script>",
    f"]]><script>{CALL}</script>", f"<mark onmouseover={CALL} style=position:fixed;inset:0>x</mark>", "<b>bold</b>",
    f"javascript:{CALL}", f" java\tscript:{CALL}", f"data:text/html,<script>{CALL}</script>", "//evil.example/x",
    f"<a href='javascript:{CALL}'>x</a>", f"<iframe srcdoc='<script>parent.{CALL[7:]}</script>'></iframe>",
    f"<noscript><p title='</noscript><img src=x onerror={CALL}>'>", f"<!--><img src=x onerror={CALL}>-->",
    f"<math><mtext><table><mglyph><style><img src=x onerror={CALL}>", "<base href=//evil.example/>",
    "<form action=//e>",
    f"<svg><animate onbegin={CALL} attributeName=x dur=1s>", f"<details open ontoggle={CALL}>",
    "<style>*{display:none}",
    f"\" autofocus onfocus={CALL} x=\"", f"' autofocus onfocus={CALL} x='", f"` onload={CALL} `", "{{ 7 * 191 }}",
    "{% raw %}", "${7*191}", "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]>&b;", "<![CDATA[<a>]]>", "&amp;lt;b>",
    "\r\nX-Pwned: 1\r\n\r\n<script>", "%0d%0aX-Pwned:%201", "\u2028\u2029", "\u202e<b>", "\x00<script>", "\ufffe\uffff",
    "</mark><script>", "<mark>", "</p></article></main><h1>Log in</h1>", "<meta http-equiv=refresh content=0;//e>",
    "<link rel=stylesheet href=//e>", f"<object data='javascript:{CALL}'>",
    f"<xmp><p title='</xmp><img onerror={CALL}>'>",
)  # fmt: skip
SEPARATORS = "", " ", "\n", "\t", "needle", '"', "'", "\\", "/", "\u200b", "&", ";", "-->", "<", ">"


def hostile(chance: Random) -> str:
    """A text that becomes more than text where someone does not take care, written in one of several ways."""
    text = chance.choice(SEPARATORS).join(chance.choice(PAYLOADS) for _ in range(chance.choice((1, 1, 2, 3))))
    match chance.randrange(6):
        case 0:
            return escape(text)
        case 1:
            return f"`{text}`"
        case 2:
            return "".join(chance.choice((sign.upper(), sign)) for sign in text)
        case 3:
            return "".join(f"&#{ord(sign)};" for sign in text)
        case _:
            return text


def in_quotes(text: str) -> str:
    """A YAML value."""
    signs = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\0": "\\0"}
    return f'"{"".join(signs.get(sign, sign) for sign in text)}"'


def write_posts(folder: Path, chance: Random, count: int, *, harmless: bool = False) -> None:
    """Write posts whose every part is hostile; the word `needle` stands in each."""
    for number in range(count):
        title, author, tag, body, heading, anchor, link = (
            f"plain words {number % 40}" if harmless else hostile(chance) for _ in range(7)
        )
        name = "post" if harmless else "".join(sign for sign in hostile(chance)[:60] if sign not in "/\0")
        link = "" if harmless or chance.random() < 0.8 else f"permalink: {in_quotes(link)}\n"
        head = f"title: {in_quotes(title)}\nauthor: {in_quotes(author)}\ntags: [{in_quotes(tag)}, kept]\n"
        head += f"description: {in_quotes(body)}\ncategory: {in_quotes(tag)}\ndate: 2013-06-{number % 28 + 1}\n{link}"
        body = f"{body}. {' '.join(f'word{n}' for n in range(99))}." if harmless else body  # so sections have snippets
        text = f"{body} needle {title}\n\n## {heading} needle {{#{anchor}}}\n\n{tag} needle\n\n## {tag}\n\n    {body}\n"
        suffix = "md" if harmless else chance.choice(("md", "md", "html", "mdx"))
        (folder / f"{number} {name}.{suffix}").write_bytes(f"---\n{head}---\n{text}".encode(errors="replace"))


def app_of(folder: Path, chance: Random, count: int, *, harmless: bool = False) -> Flask:
    """The search of that many posts, by a server that has no site behind it."""
    (folder / "posts").mkdir(parents=True)
    write_posts(folder / "posts", chance, count, harmless=harmless)
    settings = Settings(posts=folder / "posts", index=folder / "index", site_name='A "site" <b>')
    reindex(settings)
    return create_app(settings)


Shape = tuple[str, str, tuple[str, ...]]
"""An element with its class, its parent with its class, and the names of its attributes."""


def shapes(data: bytes) -> set[Shape]:
    """All elements of a page, without what is in them; those that posts may have are told by their names alone."""
    tree = html5lib.parse(data, namespaceHTMLElements=False)

    def named(element: Any) -> str:
        return f"{element.tag}.{element.get('class', '')}"

    pairs = [(parent, child) for parent in tree.iter() if isinstance(parent.tag, str) for child in parent]
    return {(named(a), named(b), tuple(sorted(b.attrib))) for a, b in pairs if isinstance(b.tag, str)}


def links(data: bytes) -> Iterator[str]:
    """All addresses in a page."""
    for element in html5lib.parse(data, namespaceHTMLElements=False).iter():
        yield from (element.attrib[name] for name in ("href", "src", "action") if name in element.attrib)


def is_safe(url: str) -> bool:
    """Whether a link leads to this server, and runs nothing."""
    parts = urlsplit(url.strip())
    return parts.scheme == "" and parts.netloc == "" and not url.startswith(("//", "/\\", "\\"))


def only_marks(fragment: str) -> bool:
    """Whether the HTML is text with marks."""
    tree = html5lib.parseFragment(fragment, namespaceHTMLElements=False)
    return all(element.tag == "mark" and not element.attrib for element in list(tree.iter())[1:])


def fragments(value: Any) -> Iterator[str]:
    """All HTML in an answer in JSON."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name in {"highlights", "snippet"}:
                yield from (text for text in flat(item) if text)
            else:
                yield from fragments(item)
    elif isinstance(value, list):
        for item in value:
            yield from fragments(item)


def flat(value: Any) -> Iterator[str]:
    """The texts in it, at any depth."""
    if isinstance(value, str):
        yield value
    else:
        for item in value.values() if isinstance(value, dict) else value or ():
            yield from flat(item)


HEADERS = {
    "Content-Type", "Content-Length", "Content-Language", "ETag", "Cache-Control", "Cache-Status", "Vary",
    "Content-Security-Policy",
    "Location", "X-Content-Type-Options", "Referrer-Policy", "X-Frame-Options", "Link", "Last-Modified", "Retry-After",
    "X-Robots-Tag", "Allow", "Date",
}  # fmt: skip


def wrong_with(client: FlaskClient, path: str, known: set[Shape]) -> list[str]:
    """What an answer holds that is not ours."""
    answer = client.get(path)
    found = [f"header {name}: {value}" for name, value in answer.headers if name not in HEADERS or "\n" in value]
    if answer.status_code >= 500:
        found.append(f"status {answer.status_code}")
    elif answer.mimetype == "text/html":
        found += [f"element {shape}" for shape in shapes(answer.data) - known]
        found += [f"link {url}" for url in links(answer.data) if not is_safe(url)]
    elif answer.mimetype == "application/json":
        found += [f"HTML {text}" for text in fragments(answer.get_json()) if not only_marks(text)]
    elif (answer.mimetype or "").endswith("xml"):
        for element in Tree.fromstring(answer.data).iter():
            text, url = element.text or "", element.get("href", "").strip()
            found += [f"HTML {text}"] * (element.get("type") == "html" and not only_marks(text))
            found += [f"link {url}"] * (urlsplit(url).scheme not in {"", "http", "https"})
    return [f"{path}: {line}" for line in found]


def paths(client: FlaskClient, chance: Random, pages: int) -> list[str]:
    """The answers to try: pages of hits in all forms, hostile queries, and previews."""
    numbered = [urlencode({"q": "needle", "page": page, "per_page": PER_PAGE}) for page in range(1, pages + 1)]
    asked = [
        urlencode({"q": hostile(chance)[:500], "tag": hostile(chance)[:80]}, errors="replace") for _ in range(QUERIES)
    ]
    found = [f"/search/{form}?{query}" for query in numbered for form in ("", "hits", "feed")]
    found += [f"/search/{chance.choice(('', 'hits', 'feed', 'suggest', 'similar'))}?{query}" for query in asked]
    found += [f"/search/{form}?{urlencode({'q': 'nee'})}" for form in ("suggest", "opensearch.xml")]
    for query in chance.sample(numbered, min(pages, PREVIEWS // PER_PAGE)):
        found += [hit["url"] for hit in client.get(f"/search/hits?{query}").get_json()["hits"] if hit["url"]]
    return found


def known_shapes(folder: Path) -> set[Shape]:
    """The elements of pages of harmless posts, in all their states."""
    client = app_of(folder, Random(0), 120, harmless=True).test_client()
    queries = ("", "?q=needle&per_page=50", "?q=needle&page=2", "?q=nothing&tag=a&tag=b", "?q=needel+words",
               "?page=0&q=a", "?q=needle+-lang:de",
               "?q=needle&page=99", "?q=title:&tag=kept", "?q=%22a+b+c%22+needle+after:2013-13", "?q=needle+-plain",
               "?q=needle&tag=kept&author=plain+words+3", "?q=needel", "?q=a+b&from=2030", "?q=words&tag=plain+words+3",
               "?q=words&tag=plain+words+3&from=2013-06-04&to=2013-06-04")  # fmt: skip
    hits = client.get("/search/hits?q=needle").get_json()["hits"]
    answers = [client.get(path).data for path in [*(f"/search/{query}" for query in queries), hits[0]["url"]]]
    return set().union(*map(shapes, answers), shapes(client.get("/nowhere").data))


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_nothing_becomes_markup(tmp_path: Path, chance: Random, scorecard: Scorecard) -> None:
    known = known_shapes(tmp_path / "harmless")
    client = app_of(tmp_path / "hostile", chance, POSTS).test_client()
    total = client.get("/search/hits?q=needle").get_json()["total"]
    tried, wrong, until = 0, list[str](), time.monotonic() + SECONDS
    waiting = paths(client, chance, -(-total // PER_PAGE))
    chance.shuffle(waiting)
    for path in waiting:
        if time.monotonic() > until:
            break
        wrong += wrong_with(client, path, known)
        tried += 1
    print(*wrong[:50], sep="\n")
    figure = f"{total:,} hostile posts and {QUERIES} queries, {tried} of {len(waiting)} answers: {len(wrong)} not ours"
    scorecard(ROW, figure, "0 of 3,000", not wrong)


def naive_app(app: Flask) -> Flask:
    """A page of the same hits by an author who takes no care."""
    client = app.test_client()
    naive = Flask(__name__)

    @naive.get("/search/")
    def page() -> str:
        hits = client.get(f"/search/hits?{request.query_string.decode()}").get_json()["hits"]
        template = (
            "<p>{{ q|safe }}</p>{% for hit in hits %}<h2>{{ hit.title|safe }}</h2>{{ hit.snippet|safe }}{% endfor %}"
        )
        return render_template_string(template, q=request.args.get("q", ""), hits=hits)

    return naive


def test_a_page_that_takes_no_care_is_caught(tmp_path: Path, chance: Random) -> None:
    known = known_shapes(tmp_path / "harmless")
    app = app_of(tmp_path / "hostile", chance, 60)

    assert wrong_with(naive_app(app).test_client(), "/search/?q=needle&per_page=50", known)
    for path in chance.sample(paths(app.test_client(), chance, 1), 40):
        assert wrong_with(app.test_client(), path, known) == []
