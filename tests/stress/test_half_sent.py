"""Clients that send half a request hold neither `postsearch serve` nor gunicorn behind nginx, wave upon wave."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random

import pytest

from bench.processes import search_server
from bench.rounds import percentile
from search.commands.server import MAX_WAIT_SECONDS
from tests.example_sites import running
from tests.search.test_server import HOLDER, closed, serving
from tests.stress.conftest import Scorecard
from tests.stress.load import indexed, until_ready

SECONDS = 45.0
GOAL_SECONDS = 1.0
NGINX = "http://127.0.0.1:8080"
NGINX_CLIENTS = 100
NGINX_WAIT_SECONDS = 10
HALVES = (
    b"GET /sea",
    b"GET /search/ HTTP/1.1\r\nHost: a",
    b"GET /search/ HTTP/1.1\r\nHost: a\r\n",
    b"POST /search/ HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf",
    b"POST /search/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf",
)


def ask_while(holding: Callable[[], bool], url: str, patience: float = 60) -> Iterator[float]:
    """The seconds that each answer takes, one asked for after the other, while clients hold the server."""
    while holding():
        started = time.monotonic()
        with urllib.request.urlopen(url, timeout=patience) as answer:
            assert answer.status == 200
        yield time.monotonic() - started


@contextmanager
def half_sent(port: int, count: int, chance: Random) -> Iterator[list[socket.socket]]:
    """So many clients that have sent half a request of some kind."""
    with ExitStack() as stack:
        clients = [stack.enter_context(socket.create_connection(("127.0.0.1", port), 20)) for _ in range(count)]
        for client in clients:
            client.sendall(chance.choice(HALVES))
        yield clients


def judge(scorecard: Scorecard, server: str, waves: int, clients: int, times: list[float]) -> None:
    p99 = percentile(times, 0.99)
    figure = f"{server}: p99 {p99:.2f} s of {len(times):,} answers in {waves} waves of {clients:,} half-sent requests"
    scorecard(10, figure, f"p99 under {GOAL_SECONDS:g} s, all half-sent closed", p99 < GOAL_SECONDS)


@pytest.mark.slow
def test_waves_of_half_sent_requests_do_not_hold_serve(tmp_path: Path, scorecard: Scorecard) -> None:
    holders: list[subprocess.Popen[bytes]] = []

    def holding() -> bool:
        return any(holder.poll() is None for holder in holders)

    waves, times, deadline = 0, list[float](), time.monotonic() + SECONDS
    with serving(tmp_path) as (url, server):
        port = url.split(":")[2].split("/")[0]
        command = [sys.executable, "-c", HOLDER, port, str(MAX_WAIT_SECONDS + 5)]
        while time.monotonic() < deadline:
            with ExitStack() as stack:
                started = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(2)]
                holders[:] = map(stack.enter_context, started)
                times += ask_while(holding, f"{url}hits?q=post")
            assert [holder.returncode for holder in holders] == [0, 0], "not all were closed in time"
            waves += 1
        server.terminate()
        assert server.wait(20) == 0

    judge(scorecard, "serve", waves, 1_100, times)


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("nginx", path="/usr/sbin:/usr/bin"), reason="nginx is not installed")
def test_waves_of_half_sent_requests_do_not_hold_gunicorn_behind_nginx(
    tmp_path: Path, chance: Random, scorecard: Scorecard
) -> None:
    clients: list[socket.socket] = []

    def holding() -> bool:
        clients[:] = [client for client in clients if not closed(client)]
        return bool(clients)

    waves, times, deadline = 0, list[float](), time.monotonic() + SECONDS
    with running(tmp_path, "wsgi-mount", f"{NGINX}/search/health", script="run-nginx") as places:
        port = int(places[NGINX].rpartition(":")[2])
        while time.monotonic() < deadline:
            started = time.monotonic()
            with half_sent(port, NGINX_CLIENTS, chance) as clients:
                times += ask_while(holding, f"{places[NGINX]}/search/hits?q=bread")
            assert time.monotonic() - started < NGINX_WAIT_SECONDS + 5, "not all were closed in time"
            waves += 1

    judge(scorecard, "gunicorn behind nginx", waves, NGINX_CLIENTS, times)


@pytest.mark.full
def test_half_sent_requests_hold_gunicorn_that_they_reach(tmp_path: Path, chance: Random) -> None:
    """Which is why nginx stands before it, and how the trials above would see that a server is held."""
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "a.md").write_text("Text.\n", "utf-8")
    with search_server(indexed(tmp_path / "posts", tmp_path / "index"), 2) as server:
        until_ready(server)
        with half_sent(server.port, 60, chance), pytest.raises(TimeoutError):
            list(ask_while(lambda: True, f"http://{server.host}:{server.port}/search/hits?q=text", patience=2))
