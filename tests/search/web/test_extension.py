"""Postsearch in Flask apps: where settings come from, where it is mounted, and what the host may change."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask, abort, render_template_string, url_for
from flask.templating import Environment
from jinja2 import Template
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from index import Document, reindex
from index.errors import SettingsError
from index.settings import Settings
from index.storage import open_writer
from search.web.extension import PostSearch, create_app
from tests import ROOT
from tests.fake_search import FakeSearch, answered_by, app_with, make_hit


def host_app(templates: Path | None = None) -> Flask:
    return Flask("host", template_folder=str(templates) if templates else None, root_path=os.fspath(Path.cwd()))


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory and environment without settings."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("POSTSEARCH_")]:
        monkeypatch.delenv(name)
    return tmp_path


def settings_of(app: Flask) -> Settings:
    settings = app.extensions["postsearch"].settings
    assert isinstance(settings, Settings)
    return settings


def test_the_config_of_the_app_wins_over_environment_and_file(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (elsewhere / "postsearch.toml").write_text('per_page = 3\nsite_name = "file"\nlang = "de"\n', "utf-8")
    monkeypatch.setenv("POSTSEARCH_PER_PAGE", "4")
    monkeypatch.setenv("POSTSEARCH_SITE_NAME", "environment")
    app = Flask("host")
    app.config["POSTSEARCH_PER_PAGE"] = 5

    PostSearch(app)

    assert settings_of(app) == Settings(per_page=5, site_name="environment", lang="de")


def test_config_is_read_once(elsewhere: Path) -> None:
    app = Flask("host")
    PostSearch(app)
    app.config["POSTSEARCH_PER_PAGE"] = 5

    assert settings_of(app).per_page == 10


def test_a_misspelt_key_is_refused(elsewhere: Path) -> None:
    app = Flask("host")
    app.config["POSTSEARCH_PERPAGE"] = 5

    with pytest.raises(SettingsError, match=r"POSTSEARCH_PERPAGE.*POSTSEARCH_PER_PAGE"):
        PostSearch(app)


def test_nothing_is_kept_on_the_extension(elsewhere: Path) -> None:
    extension = PostSearch()
    extension.init_app(Flask("host"))

    assert vars(extension) == {}


def test_a_second_registration_says_what_to_do() -> None:
    app = app_with(FakeSearch())

    with pytest.raises(SettingsError, match="once"):
        PostSearch(app, Settings())


def indexed(folder: Path, url_prefix: str, **posts: str) -> Settings:
    """The settings of a search over a folder with these posts, which are indexed."""
    (folder / "posts").mkdir(parents=True)
    for name, text in posts.items():
        (folder / "posts" / f"{name}.md").write_text(text, "utf-8")
    settings = Settings(posts=folder / "posts", index=folder / "index", url_prefix=url_prefix, site_name=folder.name)
    reindex(settings)
    return settings


def test_two_searches_in_one_app_keep_apart(tmp_path: Path) -> None:
    app = Flask("host")
    PostSearch(app, indexed(tmp_path / "blog", "/search", beds="# Raised beds\n\nTimber."))
    PostSearch(
        app, indexed(tmp_path / "docs", "/docs/search", tank="# A tank\n\nTimber.", pump="# A pump"), name="docs"
    )
    app.add_url_rule("/", "home", lambda: f"{url_for('postsearch.results')} {url_for('docs.results', q='a')}")
    client = app.test_client()

    assert client.get("/").text == "/search/ /docs/search/?q=a"
    for prefix, name, wanted in (("/search", "blog", ["Raised beds"]), ("/docs/search", "docs", ["A tank"])):
        found = client.get(f"{prefix}/hits?q=timber").get_json()
        assert [hit["title"] for hit in found["hits"]] == wanted
        page = client.get(f"{prefix}/?q=timber").text
        assert wanted[0] in page
        assert name in page
        addresses = set(re.findall(r'(?:href|action|src)="(/[^"?]*)', page)) - {"/"}
        ours = {address for address in addresses if "search" in address}
        assert ours
        assert all(address.startswith(f"{prefix}/") for address in ours), ours
        for address in ours:
            with client.get(address) as answer:
                assert answer.status_code == 200
        assert client.get(prefix).headers["Location"] == f"{prefix}/"
        assert client.get(f"{prefix}/health").get_json()["posts"] == len([*(tmp_path / name / "posts").iterdir()])
        assert f"{prefix}/suggest" in client.get(f"{prefix}/opensearch.xml").text
        assert client.get(f"{prefix}/openapi.json").get_json()["servers"][0]["url"].endswith(prefix)
        assert client.get(f"{prefix}/nowhere").get_json()["code"] == "not_found"
        assert client.post(f"{prefix}/").status_code == 405
        assert f"{prefix}/hits" in client.get(f"{prefix}/llms.txt").text
        assert "There are too many parameters" in client.get(f"{prefix}/?{'x&' * 101}").text


def test_a_search_may_have_another_name_than_the_usual(tmp_path: Path) -> None:
    app = Flask("host")
    PostSearch(app, indexed(tmp_path, "", beds="# Raised beds"), name="docs")

    assert "<mark>beds</mark>" in app.test_client().get("/?q=beds").text
    with app.test_client().get("/docs/static/postsearch.css") as sheet:
        assert sheet.mimetype == "text/css"


@pytest.mark.parametrize(
    ("name", "url_prefix", "message"),
    [
        ("postsearch", "/other", "name='docs'"),
        ("blog", "/other", "another name"),
        ("docs", "/search", "'/search' is that of the search 'postsearch'; give 'docs' one of its own"),
        ("a.b", "/other", "name is 'a.b'"),
        ("", "/other", "name is ''"),
    ],
)
def test_a_second_search_that_would_be_in_the_way_of_the_first_says_what_to_do(
    name: str, url_prefix: str, message: str
) -> None:
    app = app_with(FakeSearch())
    app.register_blueprint(Blueprint("blog", "blog"))

    with pytest.raises(SettingsError, match=message):
        PostSearch(app, Settings(url_prefix=url_prefix), name=name)


def test_settings_without_an_app_say_where_they_belong() -> None:
    with pytest.raises(SettingsError, match="init_app"):
        PostSearch(settings=Settings())


def test_one_extension_serves_several_apps() -> None:
    extension = PostSearch()
    first, second = Flask("first"), Flask("second")
    extension.init_app(first, Settings(url_prefix="/find"))
    extension.init_app(second, Settings())
    answered_by(first, FakeSearch([make_hit(title="One")]))
    answered_by(second, FakeSearch([make_hit(title="Two")]))

    assert first.test_client().get("/find/hits?q=a").get_json()["hits"][0]["title"] == "One"
    assert second.test_client().get("/search/hits?q=a").get_json()["hits"][0]["title"] == "Two"
    assert second.test_client().get("/find/hits?q=a").status_code == 404
    assert b'action="/find/"' in first.test_client().get("/find/?q=a").data


def test_an_index_that_is_made_later_is_found(tmp_path: Path) -> None:
    """The app opens it at a request, and looks again at each one while there is none."""
    settings = Settings(index=tmp_path / "index")
    client = create_app(settings).test_client()
    assert client.get("/search/hits?q=beds").status_code == 503

    with open_writer(settings) as writer:
        writer.put(Document("a.md", "/a/", "Raised beds", ""))
        writer.commit()

    assert client.get("/search/hits?q=beds").get_json()["total"] == 1


def test_the_app_of_its_own_leads_to_the_page_and_says_where_posts_are() -> None:
    client = app_with(FakeSearch()).test_client()

    assert client.get("/").headers["Location"] == "/search/"
    assert client.get("/search?q=a").headers["Location"] == "/search/?q=a"
    lost = client.get("/2013/a-post/")
    assert lost.status_code == 404
    assert b"base_url" in lost.data


def test_the_app_of_its_own_can_be_mounted_at_the_root() -> None:
    client = app_with(FakeSearch([make_hit()]), Settings(url_prefix="")).test_client()

    assert client.get("/?q=a").status_code == 200
    assert client.get("/hits?q=a").get_json()["total"] == 1
    assert b'href="/postsearch/static/postsearch.css?v=' in client.get("/").data
    with client.get("/postsearch/static/postsearch.css") as sheet:
        assert sheet.mimetype == "text/css"


def test_everything_works_below_another_path() -> None:
    def lost(environ: object, start: object) -> list[bytes]:
        raise AssertionError("asked outside the mount")

    app = app_with(FakeSearch([make_hit()], total=100))
    client = Client(DispatcherMiddleware(lost, {"/blog": app.wsgi_app}))

    page = client.get("/blog/search/?q=a")

    assert page.status_code == 200
    assert b'action="/blog/search/"' in page.data
    assert b'href="/blog/search/?q=a&amp;page=2"' in page.data
    assert b'href="/blog/search/static/postsearch.css?v=' in page.data
    with client.get("/blog/search/static/postsearch.css") as sheet:
        assert sheet.mimetype == "text/css"
    assert client.get("/blog/").headers["Location"] == "/blog/search/"


def write_templates(folder: Path, **templates: str) -> Path:
    for name, text in templates.items():
        path = folder / "postsearch" / f"{name}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def test_a_host_shows_the_page_in_its_own_frame(tmp_path: Path) -> None:
    frame = "<body class=mine>{% block head %}{% endblock %}{% block main %}{% endblock %}</body>"
    app = host_app(write_templates(tmp_path, base=frame))
    PostSearch(app, Settings())
    answered_by(app, FakeSearch([make_hit()]))

    page = app.test_client().get("/search/?q=a")

    assert b"<body class=mine>" in page.data
    assert b"application/atom+xml" in page.data
    assert b"application/opensearchdescription+xml" in page.data
    assert b"<mark>oVirt workshop 1</mark>" in page.data
    assert b'href="/search/feed?q=a"' in page.data


def test_a_footer_of_the_hosts_stays(tmp_path: Path) -> None:
    """Many sites have a block of that name, so that none of ours may be called so."""
    frame = "{% block main %}{% endblock %}{% block footer %}<p>My own footer</p>{% endblock %}"
    app = host_app(write_templates(tmp_path, base=frame))
    PostSearch(app, Settings())
    answered_by(app, FakeSearch([make_hit()]))

    assert b"<p>My own footer</p>" in app.test_client().get("/search/?q=a").data


def test_a_host_shows_a_hit_in_its_own_way(tmp_path: Path) -> None:
    app = host_app(write_templates(tmp_path, hit="<b class=mine>{{ view.hit.id }}</b>"))
    PostSearch(app, Settings())
    answered_by(app, FakeSearch([make_hit()]))

    assert b"<b class=mine>2013/post-1.md</b>" in app.test_client().get("/search/?q=a").data


def test_a_host_changes_one_block_of_the_page(tmp_path: Path) -> None:
    ours = '{% extends "postsearch/page.html" %}{% block facets %}<p class=mine>{% endblock %}'
    app = host_app(write_templates(tmp_path, results=ours))
    PostSearch(app, Settings())
    answered_by(app, FakeSearch([make_hit()]))

    page = app.test_client().get("/search/?q=a")

    assert b"<p class=mine>" in page.data
    assert b'id="facets"' not in page.data
    assert b"<mark>oVirt workshop 1</mark>" in page.data


def test_the_templates_in_the_docs_work(tmp_path: Path) -> None:
    docs = ROOT / "docs" / "embedding.md"
    base, results, head, _similar = re.findall(
        r"^```jinja\n(.*?)^```", docs.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    app = host_app(write_templates(tmp_path, base=base, results=results))
    layout = "<title>{% block title %}{% endblock %}</title>{% block head %}" + head + "{% endblock %}<h1>Mine</h1>"
    (tmp_path / "layout.html").write_text(layout + "{% block main %}{% endblock %}", "utf-8")
    PostSearch(app, Settings())
    answered_by(app, FakeSearch([make_hit()]))

    page = app.test_client().get("/search/?q=a").text

    for part in (
        "<h1>Mine</h1>",
        "<title>a – Search the posts</title>",
        "postsearch.css?v=",
        "/search/feed?q=a",
        "<mark>",
    ):
        assert part in page
    assert 'href="/search/feed">' in page
    assert "ps-facets" not in page


def test_the_way_in_the_docs_to_posts_like_an_article_does_without_an_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docs = (ROOT / "docs" / "embedding.md").read_text("utf-8")
    code, template = (
        next(block for block in re.findall(rf"^```{kind}\n(.*?)^```", docs, re.MULTILINE | re.DOTALL) if part in block)
        for kind, part in (("python", "def similar("), ("jinja", "similar("))
    )
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "site"}
    exec(compile(code, "embedding.md", "exec"), names)
    app = names["app"]
    app.add_url_rule("/a", "article", lambda: render_template_string(template))

    before = app.test_client().get("/a")
    with open_writer(Settings()) as writer:
        for id in "ab":
            writer.put(Document(f"{id}.md", f"/{id}/", f"Compost {id}", "Worms make soil of it."))
        writer.commit()

    assert (before.status_code, before.text) == (200, "<ul></ul>")
    assert app.test_client().get("/a").text == '<ul><li><a href="/b/">Compost b</a></li></ul>'


def test_a_page_of_the_hosts_making_is_neither_cached_nor_fenced_in(tmp_path: Path) -> None:
    """Its templates may show who is logged in and load what they like."""
    app = host_app(write_templates(tmp_path, base="{{ 1 }}{% block main %}{% endblock %}"))
    PostSearch(app, Settings())
    answered_by(app, FakeSearch([make_hit()]))

    page = app.test_client().get("/search/?q=a", headers={"If-None-Match": "*"})
    hits = app.test_client().get("/search/hits?q=a")

    assert page.status_code == 200
    assert "ETag" not in page.headers
    assert page.headers["Cache-Control"] == "private, no-cache"
    assert "Content-Security-Policy" not in page.headers
    assert "ETag" in hits.headers
    assert "Content-Security-Policy" in hits.headers


def test_a_template_of_the_hosts_that_fails_ends_in_no_stack(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    app = host_app(write_templates(tmp_path, base="{% block main %}{{ 1 / 0 }}"))
    PostSearch(app, Settings())
    answered_by(app, FakeSearch([make_hit()]))

    page = app.test_client().get("/search/?q=a")

    assert (page.status_code, page.text) == (500, "The search failed; it has been logged.")
    assert "base.html" in caplog.text


def test_each_template_is_looked_up_once_to_be_known_and_once_to_be_shown() -> None:
    names: list[str] = []

    class Listening(Environment):
        def get_template(self, name: Any, *arguments: Any, **more: Any) -> Template:
            names.append(name)
            return super().get_template(name, *arguments, **more)

    class Host(Flask):
        jinja_environment = Listening

    app = Host("host")
    PostSearch(app, Settings())
    answered_by(app, FakeSearch([make_hit()]))

    assert app.test_client().get("/search/?q=a").status_code == 200
    assert names.count("postsearch/base.html") == names.count("postsearch/hit.html") == 2


def test_other_pages_of_the_host_are_left_alone() -> None:
    app = host_app()
    app.add_url_rule("/", "home", lambda: "home")
    app.add_url_rule("/search/own", "own", lambda: "own")
    PostSearch(app, Settings(cors_origins=("https://example.org",)))
    answered_by(app, FakeSearch())
    client = app.test_client()

    assert client.get("/").data == b"home"
    assert client.get("/search/own").data == b"own"
    assert "Content-Security-Policy" not in client.get("/").headers
    assert client.get("/nowhere").mimetype == "text/html"


def test_what_the_host_refuses_is_answered_by_the_host() -> None:
    app = host_app()
    PostSearch(app, Settings())
    answered_by(app, FakeSearch())
    app.before_request(lambda: abort(401))
    app.register_error_handler(401, lambda _: ("log in first", 401))

    answer = app.test_client().get("/search/hits?q=a")

    assert (answer.status_code, answer.data) == (401, b"log in first")
    assert "Content-Security-Policy" not in answer.headers


def test_wsgi_takes_its_settings_from_the_environment(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTSEARCH_INDEX", "some/where")
    monkeypatch.setenv("POSTSEARCH_URL_PREFIX", "/find")

    app = answered_by(create_app(), FakeSearch())

    assert settings_of(app).index == Path("some/where")
    assert app.test_client().get("/find/").status_code == 200
