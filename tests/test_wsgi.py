"""`gunicorn wsgi:app` with several workers: exactly one of them indexes and watches."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import closing, suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest

from bench.processes import GUNICORN
from index.settings import Settings
from index.watching.heartbeat import read_heartbeat
from tests import ROOT
from tests.example_sites import eventually, free_ports
from tests.gunicorn import gunicorn, parent_of, watching
from tests.stored import stored_documents

pytestmark = pytest.mark.full


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="tells processes apart by /proc")
@pytest.mark.parametrize("arguments", [(), ("--preload",)], ids=["plain", "preload"])
def test_one_worker_watches_and_another_takes_over_when_it_dies(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with gunicorn(tmp_path, *arguments) as server:
        first = eventually(lambda: watching(tmp_path))
        assert parent_of(first) == server.pid

        os.kill(first, signal.SIGKILL)
        second = eventually(lambda: pid if (pid := watching(tmp_path)) != first else 0)

        assert parent_of(second) == server.pid
        assert eventually(lambda: (tmp_path / "index" / "current.json").exists())


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="tells processes apart by /proc")
def test_a_worker_that_is_stopped_is_replaced_and_stands_down_when_it_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as file, gunicorn(tmp_path, stderr=file):
        first = eventually(lambda: watching(tmp_path))
        # one that is stopped while it writes keeps the index, and others wait
        assert eventually(lambda: (beat := read_heartbeat(Settings(index=tmp_path / "index"))) and beat.swept_at)
        os.kill(first, signal.SIGSTOP)
        try:
            second = eventually(lambda: pid if (pid := watching(tmp_path)) != first else 0)
            (tmp_path / "posts" / "b.md").write_text("Another post.\n")
            assert eventually(lambda: len(stored_documents(Settings(index=tmp_path / "index"))) == 2)
        finally:
            os.kill(first, signal.SIGCONT)

        assert eventually(lambda: "standing down" in log.read_text("utf-8"))
        assert watching(tmp_path) == second
        assert "has gone silent: watching from here" in log.read_text("utf-8")


def test_the_log_is_that_of_the_server_unless_it_is_configured(tmp_path: Path) -> None:
    log, config = tmp_path / "log", tmp_path / "logging.ini"
    with log.open("wb") as file, gunicorn(tmp_path, stderr=file):
        assert eventually(
            lambda: re.search(
                r"^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}\] \[\d+\] \[INFO\] Indexed 1, removed 0",
                log.read_text("utf-8"),
                re.MULTILINE,
            )
        )

    config.write_text(
        "[loggers]\nkeys=root\n[handlers]\nkeys=h\n[formatters]\nkeys=f\n[logger_root]\nlevel=INFO\nhandlers=h\n"
        "[handler_h]\nclass=StreamHandler\nformatter=f\nargs=(sys.stderr,)\n[formatter_f]\nformat=ours %(message)s\n"
    )
    (tmp_path / "posts" / "b.md").write_text("Another post.\n")
    with log.open("wb") as file, gunicorn(tmp_path, "--log-config", str(config), stderr=file):
        assert eventually(lambda: re.search("^ours Indexed 1, removed 0", log.read_text("utf-8"), re.MULTILINE))


def locks(server: subprocess.Popen[bytes]) -> set[str]:
    """The files that the workers have open to be the one that watches, of which one worker at a time holds each."""
    workers = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text("utf-8").split()
    places = [place for pid in workers for place in Path(f"/proc/{pid}/fd").iterdir()]
    found = []
    for place in places:
        with suppress(OSError):
            found.append(str(place.readlink()))
    return {path for path in found if "watcher.lock" in path}


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="tells who holds a file by /proc")
def test_one_worker_watches_after_the_index_was_removed_and_builds_it_anew(tmp_path: Path) -> None:
    with gunicorn(tmp_path) as server:
        assert eventually(lambda: watching(tmp_path) and (tmp_path / "index" / "current.json").exists())

        (tmp_path / "index").rename(tmp_path / "gone")  # at once, which a removal is not
        assert eventually(lambda: (tmp_path / "index" / "current.json").exists())
        assert eventually(lambda: watching(tmp_path))

        # none holds the lock that was removed any more: the others have the new one open for their next try
        assert eventually(lambda: locks(server) == {str(tmp_path / "index" / "watcher.lock")})


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="tells processes apart by /proc")
def test_a_lock_that_the_system_refuses_does_not_end_the_election(tmp_path: Path) -> None:
    lock = tmp_path / "index" / "watcher.lock"
    lock.mkdir(parents=True, mode=0o700)
    (tmp_path / "index").chmod(0o700)
    log = tmp_path / "log"
    with log.open("wb") as file, gunicorn(tmp_path, stderr=file):
        assert eventually(lambda: "Nobody watches the posts from here" in log.read_text("utf-8"))
        lock.rmdir()

        assert eventually(lambda: watching(tmp_path))


@pytest.mark.parametrize(("watch", "threads"), [("false", []), ("true", ["postsearch-election"])])
def test_nobody_stands_for_election_when_told_not_to(tmp_path: Path, watch: str, threads: list[str]) -> None:
    program = "import threading, wsgi; print([t.name for t in threading.enumerate() if 'postsearch' in t.name])"

    told = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"POSTSEARCH_WATCH": watch, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.strip() == str(threads)


def ask(folder: Path, path: str) -> str:
    """What a server of the folder answers, or "" while there is none."""
    with socket.socket(socket.AF_UNIX) as connection, suppress(OSError):
        connection.settimeout(10)
        connection.connect(str(folder / "socket"))
        connection.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        return connection.makefile(encoding="utf-8").read()
    return ""


def asked_for_hits(folder: Path) -> float:
    """How many requests for hits the figures tell that were answered."""
    counted = re.findall(
        r'^postsearch_http_requests_total\{path="/search/hits",status="200"} (.*)$',
        ask(folder, "/search/metrics"),
        re.MULTILINE,
    )
    return sum(map(float, counted))


def counting(folder: Path) -> list[int]:
    """The processes that have counted."""
    return sorted(int(path.stem.rpartition("_")[2]) for path in folder.glob("postsearch-metrics-*/counter_*.db"))


@pytest.mark.parametrize("arguments", [(), ("--preload",)], ids=["plain", "preload"])
def test_each_worker_tells_the_figures_of_all(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    pytest.importorskip("prometheus_client", reason="the extra `metrics` is not installed")
    environment = {"POSTSEARCH_METRICS": "yes", "TMPDIR": str(tmp_path)}
    with gunicorn(tmp_path, *arguments, environment=environment) as server:
        assert eventually(lambda: "200 OK" in ask(tmp_path, "/search/hits?q=text"))
        asked = asked_for_hits(tmp_path)
        while len(workers := [pid for pid in counting(tmp_path) if pid != server.pid]) < 2:
            asked += "200 OK" in ask(tmp_path, "/search/hits?q=text")
        assert [asked_for_hits(tmp_path) for _ in range(20)] == [asked] * 20

        os.kill(workers[0], signal.SIGKILL)
        while len([pid for pid in counting(tmp_path) if pid != server.pid]) < 3:  # until the new one has answered
            asked += "200 OK" in ask(tmp_path, "/search/hits?q=text")
        assert [asked_for_hits(tmp_path) for _ in range(20)] == [asked] * 20

    with gunicorn(tmp_path, *arguments, environment=environment) as server:
        assert eventually(lambda: "200 OK" in ask(tmp_path, "/search/hits?q=text"))
        assert asked_for_hits(tmp_path) == 1
        assert set(counting(tmp_path)).isdisjoint(workers)


def test_gunicorn_is_measured_as_it_is_documented() -> None:
    text = re.sub(r'[\s\\",]+', " ", (ROOT / "docs" / "deployment.md").read_text("utf-8"))

    assert text.count(" ".join(GUNICORN)) == text.count("--worker-class") == 3


def test_gunicorn_can_be_told_to_believe_a_proxy_at_another_address(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with gunicorn(tmp_path, "--bind", f"127.0.0.1:{port}", *GUNICORN, "--forwarded-allow-ips", "*"):

        def ask(path: str) -> tuple[int, str]:
            # a peer that is not 127.0.0.1, as a proxy on another machine is none
            connection = HTTPConnection("127.0.0.1", int(port), timeout=10, source_address=("127.0.0.2", 0))
            with closing(connection):
                headers = {"Host": "example.org", "X-Forwarded-Proto": "https", "SCRIPT_NAME": "/blog"}
                connection.request("GET", path, headers=headers)
                answer = connection.getresponse()
                return answer.status, answer.read().decode()

        def answers() -> bool:
            with suppress(OSError):
                return ask("/blog/search/hits?q=text")[0] == 200
            return False

        assert eventually(answers)
        page, feed = ask("/blog/search/?q=text"), ask("/blog/search/feed?q=text")

    assert page[0] == 200
    assert 'action="/blog/search/"' in page[1]
    assert "https://example.org/blog/search/feed?q=text" in feed[1]
