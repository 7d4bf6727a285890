"""A cluster that is away: what people, programs and the log are told, and that nothing is lost meanwhile."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from index.errors import ClusterFault
from index.indexer.run import reindex
from index.settings import Settings
from index.watching.watcher import Watcher
from search.web.extension import create_app
from tests.example_sites import eventually, fetch, free_ports
from tests.index.opensearch.nodes import closed_port

pytest.importorskip("opensearchpy", reason="the extra `opensearch` is not installed")


class Gate:
    """A way to a node, which can be shut so that nobody answers at its address."""

    def __init__(self, url: str) -> None:
        host, _, port = url.rpartition("/")[2].partition(":")
        self.target = host, int(port)
        self.port = int(free_ports(1)[0])
        self.url = f"http://127.0.0.1:{self.port}"
        self.ways: list[socket.socket] = []

    def open(self) -> None:
        self.door = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.run, args=(self.door,), daemon=True).start()

    def run(self, door: socket.socket) -> None:
        with suppress(OSError):
            while True:
                here, there = door.accept()[0], socket.create_connection(self.target)
                self.ways += here, there
                for pair in ((here, there), (there, here)):
                    threading.Thread(target=self.pass_on, args=pair, daemon=True).start()

    def pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                target.sendall(data)
        self.end(source, target)

    def shut(self) -> None:
        self.end(self.door, *self.ways)
        self.ways.clear()

    def end(self, *sockets: socket.socket) -> None:
        for one in sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


@pytest.fixture
def away(tmp_path: Path) -> Settings:
    """Settings of a site with one post, whose cluster is not there."""
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "beds.md").write_text("# Raised beds\n", "utf-8")
    return Settings(
        posts=tmp_path / "posts", index=tmp_path / "index", engine="opensearch", opensearch_url=(closed_port(),), port=0
    )


def flags(settings: Settings) -> list[str]:
    return ["--index", str(settings.index), "--engine", "opensearch", "--opensearch-url", *settings.opensearch_url]


@pytest.mark.parametrize(
    "arguments",
    ["reindex POSTS", "search beds", "explain beds --post beds.md", "status", "serve POSTS --no-watch --port 0"],
)
def test_a_command_says_so_in_one_line_and_ends(away: Settings, arguments: str) -> None:
    words = arguments.replace("POSTS", str(away.posts)).split()
    command = [sys.executable, "-m", "search.cli", *words, *flags(away)]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("POSTSEARCH_")}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=away.index.parent, env=environ, timeout=60
    )

    assert (done.returncode, done.stdout) == (3, "")
    [line] = done.stderr.splitlines()
    assert line.startswith("postsearch: no node of the cluster at ")
    assert away.opensearch_url[0] in line


def test_a_server_starts_and_tells_visitors_to_come_back(away: Settings) -> None:
    command = [sys.executable, "-m", "search.cli", "serve", str(away.posts), "--port", "0", *flags(away)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            url = process.stdout.readline().split()[2]
            hits = [fetch(f"{url}hits?q=beds") for _ in range(3)]
            eventually(lambda: '"failing":true' in fetch(f"{url}health")[1])
            health = fetch(f"{url}health")
        finally:
            process.terminate()
            _, log = process.communicate(timeout=60)

    assert {status for status, _ in hits} == {503}
    assert "cluster_unavailable" in hits[0][1]
    assert health[0] == 503
    assert away.opensearch_url[0] not in health[1]
    assert log.count("the index can't answer") == 1
    assert "Traceback" not in log


@pytest.fixture
def gated(cluster_settings: Settings) -> Iterator[tuple[Gate, Settings]]:
    """The way to one node of a real cluster, open; and the settings of a site that goes it."""
    gate = Gate(cluster_settings.opensearch_url[0])
    gate.open()
    yield gate, replace(cluster_settings, opensearch_url=(gate.url,), sweep_interval=3600.0, opensearch_timeout=1.0)
    gate.shut()


def test_what_was_saved_meanwhile_is_found_once_the_cluster_is_back(gated: tuple[Gate, Settings]) -> None:
    gate, settings = gated
    (settings.posts / "beds.md").write_text("# Raised beds\n", "utf-8")
    client, watcher = create_app(settings).test_client(), Watcher(settings)

    def found(text: str) -> int:
        answer = client.get(f"/search/hits?q={text}")
        return int(answer.get_json()["total"]) if answer.status_code == 200 else -1

    watcher.start()
    try:
        eventually(lambda: found("beds") == 1)
        gate.shut()
        eventually(lambda: found("beds") == -1)
        assert client.get("/search/health").get_json()["status"] == "down"
        (settings.posts / "asparagus.md").write_text("# Asparagus\n", "utf-8")
        eventually(lambda: watcher.error.startswith("ClusterFault"))
        (settings.posts / "beds.md").unlink()
        gate.open()
        eventually(lambda: (found("asparagus"), found("beds")) == (1, 0))
        eventually(lambda: not watcher.error)
        assert client.get("/search/health").get_json()["status"] == "ok"
    finally:
        watcher.stop()


def test_a_commit_that_fails_is_not_noted(gated: tuple[Gate, Settings]) -> None:
    gate, settings = gated
    post = settings.posts / "beds.md"
    post.write_text("# Raised beds\n", "utf-8")
    reindex(settings)
    post.write_text("# Asparagus\n", "utf-8")

    with pytest.raises(ClusterFault):
        reindex(settings, progress=lambda _done, _total: gate.shut())
    gate.open()

    assert reindex(settings).indexed == 1
    assert create_app(settings).test_client().get("/search/hits?q=asparagus").get_json()["total"] == 1
