"""Answers that are kept: the same as new ones, and gone with whatever they were made of."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask, Request, Response, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.test import Client, TestResponse

from index import Document
from index.settings import Settings
from index.storage import open_writer
from search.results import Results
from search.web.extension import PostSearch, create_app
from search.web.kept_answers import MAX_SHARE, OVERHEAD_BYTES, Kept, KeptAnswer
from search.web.recall import Recalling
from tests.fake_search import STATE, FakeSearch, app_with, make_hit

LISTED = "https://a.example"
PATHS = [
    "/search/hits?q=soup",
    "/search/?q=soup",
    "/search/feed?q=soup",
    "/search/suggest?q=so",
    "/search/similar?id=a.md",
]
TIMES = re.compile(rb'"processing_ms":[0-9.]+')
"""What tells how long an answer took."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(posts=tmp_path / "posts", index=tmp_path / "index", cors_origins=(LISTED,))
    settings.posts.mkdir()
    write(
        settings, Document("a.md", "/a/", "Soup", "Soup of leek."), Document("b.md", "/b/", "Leek", "Leek in a soup.")
    )
    return settings


def write(settings: Settings, *documents: Document) -> None:
    with open_writer(settings) as writer:
        for document in documents:
            writer.put(document)
        writer.commit()


@pytest.fixture
def app(settings: Settings) -> Flask:
    return create_app(settings)


@pytest.fixture(params=["in Flask", "before Flask"])
def client(app: Flask, request: pytest.FixtureRequest) -> Client:
    if request.param == "before Flask":
        app.wsgi_app = Recalling(app)  # type: ignore[method-assign]
    return Client(app)


def is_kept(answer: TestResponse) -> bool:
    assert answer.status_code == 200
    return answer.headers.get("Cache-Status") == "postsearch; hit"


@pytest.mark.parametrize("path", PATHS)
def test_a_kept_answer_is_the_one_that_would_be_made(client: Client, settings: Settings, path: str) -> None:
    first, kept = client.get(path), client.get(path)
    anew = Client(create_app(settings)).get(path)

    assert [is_kept(answer) for answer in (first, kept, anew)] == [False, True, False]
    assert kept.data == first.data
    assert TIMES.sub(b"", kept.data) == TIMES.sub(b"", anew.data)
    assert dict(kept.headers) == dict(first.headers) | {"Cache-Status": "postsearch; hit"}
    assert client.get(path, headers={"If-None-Match": kept.headers["ETag"]}).status_code == 304
    assert client.head(path).headers == kept.headers


def test_spellings_of_one_request_share_an_answer(client: Client) -> None:
    client.get("/search/hits?q=leek%20%20soup&tag=x&page=1")

    for same in ("tag=x&sort=&per_page=10&q=leek+soup", "q=leek+soup&tag=x&hl=en"):
        assert is_kept(client.get(f"/search/hits?{same}"))
    for other in ("q=leek+soup+&tag=x", "q=leek+soup&tag=y", "q=Leek+soup&tag=x", "q=leek+soup&tag=x&prefix=0"):
        assert not is_kept(client.get(f"/search/hits?{other}"))


def commit(settings: Settings) -> None:
    write(settings, Document("c.md", "/c/", "More soup", "A third soup."))


def save_pins(settings: Settings) -> None:
    (settings.posts / "pins.yml").write_text("soup: b.md\n")


def save_synonyms(settings: Settings) -> None:
    (settings.posts / "synonyms.yml").write_text("soup: leek\n")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("change", [commit, save_pins, save_synonyms])
def test_what_changes_an_answer_makes_it_anew(
    client: Client, settings: Settings, path: str, change: Callable[[Settings], None]
) -> None:
    client.get(path)
    assert is_kept(client.get(path))
    change(settings)
    after = client.get(path)

    assert not is_kept(after)
    anew = Client(create_app(settings)).get(path)
    assert TIMES.sub(b"", after.data) == TIMES.sub(b"", anew.data)
    assert after.headers["ETag"] == anew.headers["ETag"]


def test_a_post_whose_time_has_come_makes_answers_anew(settings: Settings) -> None:
    visible_from = datetime.now(UTC) + timedelta(seconds=1)
    write(settings, Document("c.md", "/c/", "More soup", "A third soup.", visible_from=visible_from))
    client = create_app(settings).test_client()
    totals: list[int] = []
    while not totals or totals[-1] == 2:
        totals.append(client.get("/search/hits?q=soup").get_json()["total"])

    assert (totals[0], totals[-1]) == (2, 3)
    assert is_kept(client.get("/search/hits?q=soup"))


def test_hosts_and_origins_have_answers_of_their_own(client: Client) -> None:
    path = "/search/feed?q=soup"
    for host in ("http://a.example", "https://a.example", "https://a.example/blog"):
        first, kept = (client.get(path, base_url=host) for _ in range(2))
        assert (is_kept(first), is_kept(kept)) == (False, True)
        assert f'href="{host}/search/feed?q=soup"' in kept.text
    for origin in (LISTED, "https://other.example"):
        named = client.get(path, headers={"Origin": origin}).headers.get("Access-Control-Allow-Origin")
        assert named == (LISTED if origin == LISTED else None)


class Limited(FakeSearch):
    """Has no time for whole answers while `limited`, and may be told what happens while it answers."""

    limited = True
    meanwhile: Callable[[], object] = staticmethod(lambda: None)

    def answer(self, *arguments: object, **named: object) -> Results:
        self.meanwhile()
        return replace(super().answer(*arguments, **named), limited=self.limited)  # type: ignore[arg-type]


@pytest.mark.parametrize("path", PATHS[:3])
def test_a_limited_answer_is_neither_kept_nor_known_again(path: str) -> None:
    service = Limited([make_hit()])
    client = app_with(service).test_client()
    first = client.get(path)
    service.limited = False
    whole, kept = client.get(path), client.get(path)

    assert [is_kept(answer) for answer in (first, whole, kept)] == [False, False, True]
    assert (first.headers["Cache-Control"], first.headers.get("ETag")) == ("no-store", None)
    assert whole.headers["ETag"] == kept.headers["ETag"]


def test_errors_are_not_kept() -> None:
    service = FakeSearch([make_hit()])
    client = app_with(service).test_client()
    service.error = RuntimeError("a fault")
    assert client.get(PATHS[0]).status_code == 500
    service.error = None

    assert not is_kept(client.get(PATHS[0]))
    assert client.get("/search/hits?page=0").status_code == client.get("/search/hits?page=0").status_code == 400


def test_a_file_that_is_saved_while_an_answer_is_made_spoils_neither_the_old_answer_nor_the_new(tmp_path: Path) -> None:
    service = Limited([make_hit(1)])
    service.limited = False
    pins = tmp_path / "pins.yml"
    service.curation = type(service.curation)(Settings(posts=tmp_path))
    client = app_with(service).test_client()
    service.meanwhile = lambda: pins.write_text("soup: a.md\n")  # and the answer holds it already
    during = client.get(PATHS[0])
    service.meanwhile = lambda: None
    pins.unlink()  # as it was when the first answer was asked for

    assert not is_kept(during)
    assert not is_kept(client.get(PATHS[0]))


def test_a_commit_while_an_answer_is_made_leaves_the_answer_with_the_older_tag() -> None:
    service = Limited([make_hit(1)])
    service.limited = False
    client = app_with(service).test_client()

    def commit() -> None:
        service.index_state = replace(STATE, generation=8)

    service.meanwhile = commit
    during, after = client.get(PATHS[0]), client.get(PATHS[0])

    assert not is_kept(after)
    assert during.headers["ETag"] != after.headers["ETag"]


def test_what_was_answered_before_is_given_before_flask(app: Flask) -> None:
    front = Recalling(app)
    client = Client(front)
    first = {path: client.get(path) for path in PATHS}
    front.wsgi_app = Flask("other").wsgi_app
    for path in PATHS:
        again = client.get(path)
        assert again.status_code == (404 if path == "/search/?q=soup" else 200)
        assert again.status_code == 404 or again.data == first[path].data
    for headers in ({"Accept-Language": "de"}, {"Origin": LISTED}, {"Host": "a.example"}, {"If-None-Match": "x"}):
        assert client.get(PATHS[0], headers=headers).status_code == 404
    assert client.head(PATHS[0]).status_code == client.get(PATHS[0] + "s").status_code == 404


def test_an_answer_that_was_made_anew_meanwhile_is_given_with_its_own_length(app: Flask) -> None:
    app.wsgi_app = front = Recalling(app)  # type: ignore[method-assign]
    client, app_state = app.test_client(), front.app_state
    tag = client.get(PATHS[0]).headers["ETag"].removeprefix("W/").strip('"')
    state = app_state.service.state()
    kept = app_state.kept_answers.get(tag, state)
    assert kept
    app_state.kept_answers.put(tag, KeptAnswer.of(b"longer" * 1_000, *kept[1:]), 100, state)
    again = client.get(PATHS[0])

    assert is_kept(again)
    assert int(again.headers["Content-Length"]) == len(again.data) == 6_000


def test_flask_is_asked_where_it_was_given_more_to_do(app: Flask) -> None:
    app.wsgi_app = Recalling(app)  # type: ignore[method-assign]
    app.before_request(lambda: None if "X-Token" in request.headers else ("log in first", 401))
    client = app.test_client()

    assert client.get(PATHS[0], headers={"X-Token": "mine"}).status_code == 200
    assert client.get(PATHS[0]).status_code == 401


def test_what_stands_before_the_views_of_a_host_is_not_passed_by(settings: Settings) -> None:
    app = Flask("site")
    PostSearch(app, settings)
    app.before_request(lambda: None if "X-Token" in request.headers else ("log in first", 401))
    seen: list[int] = []

    @app.after_request
    def see(response: Response) -> Response:
        seen.append(response.status_code)
        return response

    client = app.test_client()

    assert not is_kept(client.get(PATHS[0], headers={"X-Token": "mine"}))
    assert is_kept(client.get(PATHS[0], headers={"X-Token": "mine"}))
    assert client.get(PATHS[0]).status_code == 401
    assert seen == [200, 200, 401]


class NamedLanguage(Request):
    @property
    def accept_languages(self) -> LanguageAccept:
        return LanguageAccept([(self.headers["X-Language"], 1)])


def test_a_host_that_reads_other_headers_gets_what_they_ask_for(settings: Settings) -> None:
    app = Flask("site")
    app.request_class = NamedLanguage
    PostSearch(app, settings)
    answers = [app.test_client().get(PATHS[0], headers={"X-Language": lang}) for lang in ("de", "fr", "de")]

    assert [answer.headers["Content-Language"] for answer in answers] == ["de", "fr", "de"]
    assert [is_kept(answer) for answer in answers] == [False, False, True]


SIZE = 1000 - OVERHEAD_BYTES


def kept_names(kept: Kept[str], names: range, generation: int = 7) -> list[int]:
    state = replace(STATE, generation=generation)
    return [name for name in names if kept.get(str(name), state)]


def filled(number: int, *, max_bytes: int) -> Kept[str]:
    kept = Kept[str](max_bytes)
    kept.get("", STATE)
    for name in range(number):
        kept.put(str(name), "x", SIZE, STATE)
    return kept


def test_what_was_not_asked_for_longest_goes_first() -> None:
    kept = filled(20, max_bytes=20_000)
    assert kept.get("0", STATE)
    kept.put("20", "x", SIZE, STATE)

    assert kept_names(kept, range(21)) == [0, *range(2, 21)]


def test_what_takes_the_place_of_another_frees_its_bytes() -> None:
    kept = filled(20, max_bytes=20_000)
    for _ in range(20):
        kept.put("0", "y", SIZE, STATE)

    assert kept_names(kept, range(20)) == [*range(20)]
    assert kept.get("0", STATE) == "y"


def test_what_is_large_is_not_kept() -> None:
    kept = filled(0, max_bytes=1000 * MAX_SHARE)
    kept.put("large", "x", SIZE + 1, STATE)
    kept.put("small", "x", SIZE, STATE)

    assert (kept.get("large", STATE), kept.get("small", STATE)) == (None, "x")


def test_another_state_of_the_index_forgets_all() -> None:
    kept = filled(20, max_bytes=20_000)

    assert kept_names(kept, range(20), generation=8) == []
    kept.put("1", "x", SIZE, STATE)  # made too slowly
    assert kept_names(kept, range(20)) == []


def test_threads_share_what_is_kept_within_the_bound() -> None:
    kept = filled(0, max_bytes=50_000)

    def work(seed: int) -> None:
        for number in range(2000):
            name = str(number * seed % 97)
            assert kept.get(name, STATE) in {None, name}
            kept.put(name, name, SIZE, STATE)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(1, 9)))

    assert len(kept_names(kept, range(97))) == 50
