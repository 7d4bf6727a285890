"""The server of `postsearch serve` and clients that would hold it: they are closed, and others answered meanwhile."""

from __future__ import annotations

import select
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from search.commands.server import MAX_WAIT_SECONDS
from tests.example_sites import eventually, fetch

MAX_WAIT = 0.5
MAX_CONNECTIONS = 10

SERVER = f"""
import socket, threading
from search.commands.server import Server

def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    path = environ["PATH_INFO"]
    if path == "/long":
        threading.Event().wait({3 * MAX_WAIT})
    return [b"x" * 20_000_000 if path == "/large" else b"%d" % len(server.active_channels)]

door = socket.create_server(("127.0.0.1", 0))
server = Server(app, door, max_wait={MAX_WAIT}, max_connections={MAX_CONNECTIONS})
print(door.getsockname()[1], flush=True)
server.run()
"""
"""A server whose answers tell how many connections are open."""

HOLDER = """
import select, socket, sys, time
clients = [socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20) for _ in range(550)]
for client in clients:
    client.sendall(b"GET /search/ HTTP/1.1\\r\\nHost: localhost\\r\\nAccept: text")
print("all half-sent", flush=True)
started = time.monotonic()
for client in clients:
    client.settimeout(max(0.1, started + float(sys.argv[2]) - time.monotonic()))
    try:
        assert client.recv(1000) == b""
    except ConnectionResetError:
        pass
print("all closed", flush=True)
"""
"""550 clients in a process of its own, so that its files are fewer than the usual 1024."""


@pytest.fixture
def port() -> Iterator[int]:
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.terminate()


def connected(port: int) -> socket.socket:
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(20)
    client.connect(("127.0.0.1", port))
    return client


def closed(client: socket.socket) -> bool:
    """Whether the server has closed the connection, on which it owes no answer."""
    readable, _, _ = select.select([client], [], [], 0)
    return bool(readable) and client.recv(1) == b""


def drip(client: socket.socket, head: bytes) -> None:
    """Send a byte after the other until the server has closed the connection."""
    client.sendall(head)
    while not select.select([client], [], [], MAX_WAIT / 10)[0]:
        client.sendall(b"a")


def answered(client: socket.socket, path: bytes = b"/") -> None:
    client.sendall(b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % path)
    answer = client.recv(1000)
    while not answer.partition(b"\r\n\r\n")[2]:
        answer += client.recv(1000)
    assert answer.startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(
    "behave",
    [
        pytest.param(lambda _client: None, id="sends nothing"),
        pytest.param(lambda client: client.sendall(b"GET / HTTP/1.1\r\nHost: local"), id="sends half a request"),
        pytest.param(lambda client: drip(client, b"GET / HTTP/1.1\r\nX-Slow: "), id="sends headers byte by byte"),
        pytest.param(
            lambda client: drip(client, b"POST / HTTP/1.1\r\nContent-Length: 60000\r\n\r\n"),
            id="sends a body byte by byte",
        ),
        pytest.param(answered, id="keeps a connection and asks nothing more"),
        pytest.param(
            lambda client: client.sendall(b"GET /large HTTP/1.1\r\n\r\n"), id="reads nothing of a large answer"
        ),
    ],
)
def test_who_lets_the_server_wait_is_closed_and_others_are_answered(
    port: int, behave: Callable[[socket.socket], None]
) -> None:
    with connected(port) as client:
        started = time.monotonic()
        behave(client)
        # The connection that asks is one of those that it counts.
        eventually(lambda: fetch(f"http://127.0.0.1:{port}/")[1] == "1")

        assert time.monotonic() - started > MAX_WAIT * 0.9


def test_who_goes_on_asking_and_reading_is_never_closed(port: int) -> None:
    with connected(port) as client, socket.create_connection(("127.0.0.1", port), 20) as reader:
        reader.sendall(b"GET /large HTTP/1.1\r\nConnection: close\r\n\r\n")
        deadline = time.monotonic() + 3 * MAX_WAIT
        read = 0
        while time.monotonic() < deadline:
            answered(client)
            select.select([], [], [], MAX_WAIT / 20)
            read += len(reader.recv(300_000))
        assert 0 < read < 20_000_000
        while data := reader.recv(1_000_000):
            read += len(data)

    assert read > 20_000_000


def test_an_answer_may_take_its_time_also_while_others_knock(port: int) -> None:
    with connected(port) as client, ExitStack() as stack:
        client.sendall(b"GET /long HTTP/1.1\r\nConnection: close\r\n\r\n")
        for _ in range(2 * MAX_CONNECTIONS):
            stack.enter_context(connected(port))

        assert client.recv(1000).startswith(b"HTTP/1.1 200 OK")


def test_at_the_limit_the_connection_that_was_active_the_longest_ago_makes_room(port: int) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(connected(port)) for _ in range(MAX_CONNECTIONS)]
        for client in clients:
            answered(client)
        # Two that are answered in a row may be noted in either order: the server notes it once the answer is sent.
        for client in (*clients[2:], clients[0]):
            answered(client)
        answered(stack.enter_context(connected(port)))

        assert eventually(lambda: [place for place, client in enumerate(clients) if closed(client)]) == [1]


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`postsearch serve` over one post, with as many files as a process may open where nobody says otherwise."""
    (folder / "posts").mkdir()
    (folder / "posts" / "a.md").write_text("---\ntitle: A post\n---\nText.\n", "utf-8")
    command = [sys.executable, "-m", "search.cli", "serve", "posts", "--port", "0"]
    limited = ["sh", "-c", 'ulimit -S -n 1024; exec "$@"', "sh", *command]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(limited, cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True)
    with process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[2], process
        finally:
            process.kill()


@pytest.mark.full
def test_1100_half_sent_requests_let_others_be_answered_and_are_closed(tmp_path: Path) -> None:
    with serving(tmp_path) as (url, server), ExitStack() as stack:
        port = url.split(":")[2].split("/")[0]
        command = [sys.executable, "-c", HOLDER, port, str(10 * MAX_WAIT_SECONDS)]
        holders = [stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True)) for _ in range(2)]
        seconds = []
        while any(holder.poll() is None for holder in holders):
            started = time.monotonic()
            with urllib.request.urlopen(url + "hits?q=post", timeout=60) as answer:
                assert answer.status == 200
            seconds.append(time.monotonic() - started)
            select.select([], [], [], 0.02)
        told = [holder.communicate()[0].splitlines() for holder in holders]
        server.terminate()

        assert server.wait(20) == 0
    assert told == [["all half-sent", "all closed"]] * 2
    assert sorted(seconds)[int(len(seconds) * 0.99)] < MAX_WAIT_SECONDS / 2, "they wait until others are closed"
    assert [line for line in (tmp_path / "log").read_text("utf-8").splitlines() if "Indexed" not in line] == []


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_serve_ends_cleanly_while_clients_wait(tmp_path: Path, stop: signal.Signals) -> None:
    with serving(tmp_path) as (url, server):
        heartbeat = tmp_path / ".postsearch" / "watcher.json"
        assert eventually(heartbeat.exists)
        with connected(int(url.split(":")[2].split("/")[0])) as client:
            answered(client, b"/search/health")
            client.sendall(b"GET / HTTP/1.1\r\nHost: local")
            server.send_signal(stop)

            assert server.wait(20) == 0
    assert not heartbeat.exists()
    assert "Traceback" not in (tmp_path / "log").read_text("utf-8")
