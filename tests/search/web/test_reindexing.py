"""A deployment has the posts indexed over HTTP, and is answered once they can be searched."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Event, Thread
from typing import Any

import pytest

from index import Settings, reindex
from index.errors import IndexFault, SettingsError
from index.indexer.report import Report
from index.storage.lock import index_lock
from index.watching.watcher import Watcher
from search.commands.remote import MIN_PAUSE_SECONDS, reindex_afar
from search.web.extension import create_app
from search.web.openapi import describe_api
from search.web.reindexing import MAX_WAITING, Reindexing
from tests.example_sites import eventually, free_ports
from tests.gunicorn import gunicorn, watching
from tests.served import running

TOKEN = "correct-horse-battery-staple"
OPERATION = describe_api(Settings(), "http://localhost/search", "1", reindex=True)["paths"]["/reindex"]["post"]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("POSTSEARCH_REINDEX_TOKEN", TOKEN)
    (tmp_path / "posts").mkdir()
    chosen = Settings(posts=tmp_path / "posts", index=tmp_path / "index")
    save(chosen, "beds")
    return chosen


def save(settings: Settings, *names: str) -> None:
    for name in names:
        (settings.posts / f"{name}.md").write_text(f"# About {name}\n\nAll of {name}.\n", "utf-8")


@pytest.fixture
def site(settings: Settings) -> Iterator[str]:
    with running(create_app(settings)) as root:
        yield f"{root}/search"


def ask(
    url: str, method: str = "GET", authorization: str = f"Bearer {TOKEN}", lang: str = "en"
) -> tuple[int, dict[str, str], dict[str, Any]]:
    """Status, headers and content of an answer."""
    headers = {"Accept-Language": lang} | ({"Authorization": authorization} if authorization else {})
    request = urllib.request.Request(url, method=method, headers=headers, data=b"" if method == "POST" else None)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, dict(answer.headers), json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), json.load(error)


def titles(site: str, text: str) -> list[str]:
    _, _, found = ask(f"{site}/hits?{urllib.parse.urlencode({'q': text, 'prefix': 0, 'typos': 0})}")
    return [hit["title"] for hit in found["hits"]]


def test_what_was_saved_can_be_searched_once_it_is_answered(settings: Settings, site: str) -> None:
    assert ask(f"{site}/hits?q=beds")[0] == 503

    status, headers, first = ask(f"{site}/reindex", "POST")

    assert (status, headers["Cache-Control"]) == (200, "no-store")
    assert set(first) == set(OPERATION["responses"]["200"]["content"]["application/json"]["schema"]["properties"])
    assert (first["status"], first["indexed"], first["unchanged"], first["total"]) == ("searchable", 1, 0, 1)
    assert titles(site, "beds") == ["About beds"]

    save(settings, "compost")
    (settings.posts / "beds.md").unlink()
    (settings.posts / "broken.md").write_text("---\ntitle: never closed\n\nBroken.\n", "utf-8")
    (settings.posts / "draft.md").write_text("---\ndraft: true\n---\n", "utf-8")
    status, _, second = ask(f"{site}/reindex", "POST")

    assert status == 200
    assert second["generation"] > first["generation"]
    assert second["lag_ms"] > 0
    assert {name: second[name] for name in ("indexed", "removed", "excluded", "failed", "total")} == {
        "indexed": 1, "removed": 1, "excluded": 1, "failed": 1, "total": 3,
    }  # fmt: skip
    assert (titles(site, "compost"), titles(site, "beds")) == (["About compost"], [])
    assert ask(f"{site}/reindex", "POST")[2]["generation"] == second["generation"]
    assert ask(f"{site}/health")[2]["generation"] == second["generation"]


def test_beside_a_watcher_each_save_is_searchable_at_the_answer(settings: Settings, site: str) -> None:
    watcher = Watcher(settings)
    watcher.start()
    try:
        for number in range(15):
            save(settings, f"word{number}")
            status, _, told = ask(f"{site}/reindex", "POST")
            assert (status, told["failed"], told["total"]) == (200, 0, number + 2)
            assert titles(site, f"word{number}") == [f"About word{number}"]
        assert watcher.idle.wait(30)
        assert watcher.error == ""
    finally:
        watcher.stop()


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer é"],
)
def test_without_the_token_nothing_is_done(
    site: str, settings: Settings, authorization: str, caplog: pytest.LogCaptureFixture
) -> None:
    status, headers, problem = ask(f"{site}/reindex?wait=x", "POST", authorization)

    assert (status, headers["WWW-Authenticate"], problem["code"]) == (401, "Bearer", "unauthorized")
    assert not settings.index.exists()
    assert TOKEN not in caplog.text + json.dumps(problem)


def test_the_token_stands_in_no_log(
    site: str, settings: Settings, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(0)
    assert ask(f"{site}/reindex", "POST")[0] == 200
    settings.posts.rename(settings.posts.with_name("gone"))
    status, _, problem = ask(f"{site}/reindex", "POST")

    assert (status, problem["code"]) == (500, "misconfigured")
    assert str(settings.posts) not in problem["message"]
    assert str(settings.posts) in caplog.text
    assert TOKEN not in caplog.text + repr(settings)
    monkeypatch.setenv("POSTSEARCH_REINDEX_TOKEN", "guessable pass")
    with pytest.raises(SettingsError, match="at least 16") as caught:
        create_app(settings)
    assert "guessable" not in str(caught.value)


def test_only_posting_does_it(site: str, settings: Settings) -> None:
    for method in ("GET", "PUT", "DELETE"):
        status, headers, _ = ask(f"{site}/reindex", method)
        assert (status, headers["Allow"]) == (405, "POST, OPTIONS")

    assert not settings.index.exists()


def test_without_a_token_in_the_environment_there_is_no_such_address(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POSTSEARCH_REINDEX_TOKEN")
    with running(create_app(settings)) as root:
        assert ask(f"{root}/search/reindex", "POST")[0] == 405
        assert ask(f"{root}/search/reindex")[2]["code"] == "not_found"
        assert "/reindex" not in ask(f"{root}/search/openapi.json")[2]["paths"]

    monkeypatch.setenv("POSTSEARCH_REINDEX_TOKEN", TOKEN)
    with running(create_app(settings)) as root:
        assert ask(f"{root}/search/openapi.json")[2]["paths"]["/reindex"]["post"] == OPERATION


@pytest.mark.parametrize("wait", ["21", "-1", "x", "", "1.5"])
def test_nobody_can_wait_for_ever(site: str, wait: str) -> None:
    assert ask(f"{site}/reindex?wait={wait}", "POST")[2]["code"] == "invalid_wait"


def test_what_takes_longer_goes_on_and_can_be_asked_for_again(site: str, settings: Settings) -> None:
    with index_lock(settings):
        for wait in (0, 1):
            status, headers, told = ask(f"{site}/reindex?wait={wait}", "POST")
            assert (status, headers["Retry-After"], told) == (202, "1", {"status": "running", "generation": 0})

    status, _, told = ask(f"{site}/reindex", "POST")
    assert (status, told["total"]) == (200, 1)
    assert titles(site, "beds") == ["About beds"]


def test_an_index_that_another_process_writes_is_busy(settings: Settings) -> None:
    impatient = Settings(posts=settings.posts, index=settings.index, lock_timeout=0)
    with running(create_app(impatient)) as root, index_lock(settings):
        status, headers, problem = ask(f"{root}/search/reindex", "POST")

    assert (status, headers["Retry-After"], problem["code"]) == (503, "5", "index_busy")


def test_a_folder_that_is_all_but_empty_changes_nothing(site: str, settings: Settings) -> None:
    save(settings, *(f"post{number}" for number in range(20)))
    assert ask(f"{site}/reindex", "POST")[2]["total"] == 21
    for post in settings.posts.iterdir():
        post.unlink()

    status, headers, problem = ask(f"{site}/reindex", "POST", lang="de-CH")

    assert (status, problem["code"], problem["params"]) == (409, "unlikely_removal", {"gone": 21, "posts": 21})
    assert (problem["message"][:42], headers["Content-Language"]) == (
        "21 von 21 Beiträgen sind aus ihrem Ordner ",
        "de",
    )
    assert titles(site, "beds") == ["About beds"]


def test_who_asks_during_a_run_gets_what_the_next_one_finds(settings: Settings) -> None:
    """The run that goes on may have passed what was saved since."""
    entered, may_end = Event(), Event()
    reports: list[Report] = []

    def lingering(settings: Settings) -> Report:
        reports.append(reindex(settings))
        entered.set()
        may_end.wait(60)
        return reports[-1]

    reindexing = Reindexing(settings, TOKEN, lingering)
    with ThreadPoolExecutor() as others:
        first = others.submit(reindexing.run, 60)
        assert entered.wait(60)
        save(settings, "compost")
        assert [reindexing.run(0) for _ in range(3)] == [None] * 3
        assert not first.done()
        may_end.set()

        assert first.result() is reports[0]
        assert eventually(lambda: len(reports) == 2)
        assert reports[1].indexed == 1
        assert reindexing.run(60) is reports[2]  # and none more, as the three shared one


def test_few_wait_so_that_threads_are_left_for_searches(settings: Settings) -> None:
    may_end = Event()

    def lingering(settings: Settings) -> Report:
        may_end.wait(60)
        return reindex(settings)

    reindexing = Reindexing(settings, TOKEN, lingering)
    with ThreadPoolExecutor(2 * MAX_WAITING) as others:
        asked = [others.submit(reindexing.run, 60) for _ in range(MAX_WAITING + 1)]
        assert eventually(lambda: [one for one in asked if one.done()])
        may_end.set()

        assert [one.result() for one in asked].count(None) == 1


def test_a_cluster_too_is_searchable_at_the_answer(cluster_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTSEARCH_REINDEX_TOKEN", TOKEN)
    with running(create_app(cluster_settings)) as root:
        for number in range(4):
            save(cluster_settings, f"word{number}")
            status, _, told = ask(f"{root}/search/reindex", "POST")
            assert (status, told["indexed"], told["total"]) == (200, 1, number + 1)
            assert titles(f"{root}/search", f"word{number}") == [f"About word{number}"]


@pytest.mark.full
@pytest.mark.parametrize("watch", ["true", "false"])
def test_every_worker_answers_from_what_was_indexed(tmp_path: Path, watch: str) -> None:
    [port] = free_ports(1)
    site, posts = f"http://127.0.0.1:{port}/search", tmp_path / "posts"
    environment = {"POSTSEARCH_REINDEX_TOKEN": TOKEN, "POSTSEARCH_WATCH": watch}

    def up() -> bool:
        try:
            return bool(ask(f"{site}/openapi.json"))
        except OSError:
            return False

    with gunicorn(tmp_path, "--bind", f"127.0.0.1:{port}", environment=environment):
        assert eventually(up)
        assert watch == "false" or eventually(lambda: watching(tmp_path))
        for number in range(5):
            save(Settings(posts=posts), f"word{number}")
            status, _, told = ask(f"{site}/reindex", "POST")
            assert (status, told["total"]) == (200, number + 2)
            for _ in range(10):  # each over a connection of its own, which any worker may take
                found = ask(f"{site}/hits?q=word{number}")[2]
                assert found["index"]["generation"] >= told["generation"]
                assert found["total"] == 1


def command(*arguments: str, token: str = TOKEN) -> subprocess.CompletedProcess[str]:
    """`postsearch reindex --wait` as people run it, where no posts are."""
    return subprocess.run(
        [sys.executable, "-m", "search.cli", "reindex", "--wait", *arguments],
        env=os.environ | {"POSTSEARCH_REINDEX_TOKEN": token},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_waits_until_it_is_searchable(site: str, settings: Settings) -> None:
    done = command(f"{site}/")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Searchable after ")
    assert done.stdout.endswith(" ms as generation 1: indexed 1, unchanged 0, removed 0.\n")
    (settings.posts / "broken.md").write_text("---\ntitle: never closed\n\nBroken.\n", "utf-8")
    failed = command(f"{site}/reindex", "--json")
    assert (failed.returncode, json.loads(failed.stdout)["failed"]) == (1, 1)
    assert command(site, "--quiet").stdout == ""


@pytest.mark.parametrize(
    ("arguments", "token", "code", "said"),
    [
        (["SITE"], "", 4, "POSTSEARCH_REINDEX_TOKEN is not set"),
        (["SITE"], "x" * 20, 4, "has another token"),
        (["SITE/nowhere"], TOKEN, 4, "there is nothing to ask"),
        (["SITE"], "tökentökentökentöken", 4, "it holds what no token does"),
        (["ftp://example.org/"], TOKEN, 4, "no address of a search"),
        (["http://"], TOKEN, 4, "no address of a search"),
        (["http://[/"], TOKEN, 4, "http://[/ is no address of a search"),
        (["http://127.0.0.1:99999/"], TOKEN, 4, "no address of a search"),
        (["http://127.0.0.1/\x1b[31m/"], TOKEN, 4, "http://127.0.0.1/\\x1b[31m/ is no address of a search"),
        (["http://me:secret@127.0.0.1:CLOSED/"], TOKEN, 4, "--wait: …@127.0.0.1"),
        (["http://127.0.0.1:CLOSED/search"], TOKEN, 3, "does not answer: Connection refused;"),
        (["SITE", "content"], TOKEN, 2, "--wait"),
        (["SITE", "--full"], TOKEN, 2, "--wait"),
    ],
)
def test_the_command_says_what_is_in_the_way(
    site: str, settings: Settings, arguments: list[str], token: str, code: int, said: str
) -> None:
    [closed] = free_ports(1)

    done = command(*(one.replace("SITE", site).replace("CLOSED", str(closed)) for one in arguments), token=token)

    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not [secret for secret in ("\x1b", "secret", "tök") if secret in done.stderr]
    assert not settings.index.exists()


@pytest.mark.parametrize("more", ["/?q=beds#top", "/reindex/?wait=3"])
def test_the_address_of_a_query_will_do_and_a_token_as_files_of_secrets_hold_it(site: str, more: str) -> None:
    done = command(f"{site}{more}", token=f"{TOKEN}\n")

    assert (done.returncode, done.stderr) == (0, "")


def test_the_command_says_that_most_posts_are_gone(site: str, settings: Settings) -> None:
    save(settings, *(f"post{number}" for number in range(20)))
    assert ask(f"{site}/reindex", "POST")[0] == 200
    for post in settings.posts.iterdir():
        post.unlink()

    done = command(site)

    assert (done.returncode, "21 of 21 posts are gone" in done.stderr) == (6, True), done.stderr


class Answers(BaseHTTPRequestHandler):
    """Answers each request with the next of some answers, and notes what it was sent."""

    answers: list[tuple[int, dict[str, str], bytes]]
    tokens: list[str]

    def do_POST(self) -> None:
        self.tokens.append(self.headers.get("Authorization", ""))
        status, headers, body = self.answers.pop(0)
        self.send_response(status)
        for name, value in (headers | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        self.tokens.append(self.headers.get("Authorization", ""))
        self.send_error(500)

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def stranger() -> Iterator[tuple[str, type[Answers]]]:
    class Own(Answers):
        """Of this test alone."""

    Own.answers, Own.tokens = [], []
    with ThreadingHTTPServer(("127.0.0.1", 0), Own) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/search", Own
        server.shutdown()
        thread.join()


def test_the_command_asks_again_while_the_run_goes_on(stranger: tuple[str, type[Answers]]) -> None:
    site, server = stranger
    counts = dict.fromkeys(("generation", "indexed", "unchanged", "removed", "excluded", "failed", "total"), 1)
    server.answers = [
        (202, {"Retry-After": "0"}, b'{"status": "running", "generation": 1}'),
        (200, {}, json.dumps({"status": "searchable", "lag_ms": 12.5, **counts, "failed": 0}).encode()),
    ]

    started = time.monotonic()
    done = command(site)

    assert (done.returncode, done.stderr, len(server.tokens)) == (0, "", 2)
    assert time.monotonic() - started > MIN_PAUSE_SECONDS
    assert done.stdout == "Searchable after 12 ms as generation 1: indexed 1, unchanged 1, removed 1.\n"


def test_the_command_takes_its_token_nowhere_else(stranger: tuple[str, type[Answers]]) -> None:
    site, server = stranger
    for status in (301, 302, 307, 308):
        server.answers = [(status, {"Location": f"{site}/elsewhere"}, b"")]
        done = command(site)
        assert (done.returncode, "see that the address is right" in done.stderr) == (4, True), done.stderr

    assert server.tokens == [f"Bearer {TOKEN}"] * 4


def searchable(**told: str) -> bytes:
    """The answer after a run, but for what is told otherwise, in JSON."""
    names = ("generation", "indexed", "unchanged", "removed", "excluded", "failed", "total", "lag_ms")
    values = {"status": '"searchable"', **dict.fromkeys(names, "1"), **told}
    return ("{" + ",".join(f'"{name}": {value}' for name, value in values.items()) + "}").encode()


@pytest.mark.parametrize(
    ("status", "body", "code", "said"),
    [
        (200, b"<html>", 1, "does not answer as a search does"),
        (200, b"[]", 1, "does not answer as a search does"),
        (200, b'{"status": "searchable", "lag_ms": "soon"}', 1, "does not answer as a search does"),
        (202, b'{"status": "running"}', 1, "does not answer as a search does"),
        (200, b"[" * 200_000, 1, "does not answer as a search does"),
        (200, searchable(total="Infinity"), 1, "does not answer as a search does"),
        (200, searchable(lag_ms="1e999"), 1, "does not answer as a search does"),
        (500, b"[" * 200_000, 1, "answered 500"),
        (500, b'{"message": "\\u001b[31mred"}', 1, "answered 500"),
        (409, b"nothing", 1, "answered 409"),
        (503, b"<html>", 3, "answered 503"),
    ],
)
def test_the_command_understands_no_nonsense(
    stranger: tuple[str, type[Answers]], status: int, body: bytes, code: int, said: str
) -> None:
    site, server = stranger
    server.answers = [(status, {}, body)]

    done = command(site)

    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stderr


@contextmanager
def saying(pieces: Iterable[bytes]) -> Iterator[str]:
    """A server that answers with these bytes, one piece after the other, whatever it is asked."""

    class Raw(BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(65536)
            with suppress(OSError):
                for piece in pieces:
                    self.request.sendall(piece)

    with ThreadingTCPServer(("127.0.0.1", 0), Raw) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/search"
        server.shutdown()
        thread.join()


def test_no_status_line_steers_the_terminal() -> None:
    with saying([b"\x1b]0;pwn\x07\x1b[31m\r\n\r\n"]) as site:
        done = command(site)

    assert (done.returncode, "does not answer: \\x1b]0;pwn\\x07" in done.stderr) == (3, True), done.stderr
    assert not {"\x1b", "\x07"} & {*done.stderr}


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"], ids=["head", "body"])
def test_an_answer_that_trickles_is_not_waited_for(head: bytes) -> None:
    ended = Event()

    def pieces() -> Iterator[bytes]:
        yield head
        while not ended.wait(0.05):
            yield b" "

    with saying(pieces()) as site:
        with pytest.raises(IndexFault, match="does not answer: it takes too long"):
            reindex_afar(site, TOKEN, seconds=0.5)
        ended.set()
