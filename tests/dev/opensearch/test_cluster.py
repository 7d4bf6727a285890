"""Real nodes: they start, die and come back, and none outlives who started it."""

from __future__ import annotations

import fcntl
import json
import os
import re
import select
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from dev.opensearch.cluster import NodeFailed, Nodes
from dev.opensearch.distribution import VERSION, Unavailable, get_distribution
from tests import ROOT
from tests.cluster import shared_nodes
from tests.example_sites import eventually

pytestmark = pytest.mark.cluster

STARTER = """
import signal
from dev.opensearch.cluster import Nodes
nodes = Nodes(1)
nodes.start()
print(nodes.processes[0].pid, nodes.home, flush=True)
signal.pause()
"""

END_SECONDS = 30


@pytest.fixture(params=[VERSION])
def version(request: pytest.FixtureRequest) -> str:
    """A version of OpenSearch that can run here; else the test is skipped."""
    try:
        return get_distribution(request.param).version
    except Unavailable as missing:
        pytest.skip(str(missing))


def ask(url: str, method: str = "GET", body: object = None, *, seconds: float = 30) -> object:
    """What a node answers; raises `OSError` where it does not."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urlopen(request, timeout=seconds) as response:
        return json.load(response)


def listens(url: str) -> bool:
    """Whether a node answers there, soon."""
    try:
        ask(url, seconds=2)
    except OSError:
        return False
    return True


@pytest.mark.parametrize("version", [VERSION, "2.19.6"], indirect=True)
def test_a_node_can_be_killed_and_paused_and_stopped_and_keeps_what_it_held(version: str) -> None:
    with Nodes(1, version=version) as nodes:
        home, url = nodes.home, nodes.urls[0]
        root = ask(url)
        assert isinstance(root, dict)
        assert root["version"]["number"] == version
        ask(f"{url}/posts", "PUT", {"settings": {"number_of_replicas": 0}})
        ask(f"{url}/posts/_doc/1", "PUT", {"title": "Raised beds"})

        nodes.kill(0)
        assert not listens(url)
        nodes.start(0)
        nodes.wait()
        post = ask(f"{url}/posts/_doc/1")
        assert isinstance(post, dict)
        assert post["_source"] == {"title": "Raised beds"}

        nodes.pause(0)
        assert not listens(url)
        nodes.resume(0)
        assert listens(url)

        nodes.stop(0)
        assert "closed" in (home / "node-0" / "logs" / "node.log").read_text("utf-8")
    assert not home.exists()


def test_a_node_that_ends_by_itself_is_told_with_its_log(version: str) -> None:
    with pytest.raises(NodeFailed, match=r"node 0 ended with 1;(.|\n)*Unrecognized VM option 'Wishful'"):
        Nodes(1, java_options=["-XX:+Wishful"]).__enter__()


def test_nodes_end_with_a_process_that_is_killed(version: str) -> None:
    with subprocess.Popen([sys.executable, "-c", STARTER], cwd=ROOT, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout
        pid, home = starter.stdout.readline().split()
        node = os.pidfd_open(int(pid))
        # Before it is Java, it may not have been told yet to end with its starter.
        eventually(lambda: Path(f"/proc/{pid}/comm").read_text("utf-8") == "java\n")
        starter.kill()

    assert select.select([node], [], [], END_SECONDS)[0], f"node {pid} is still there"
    os.close(node)
    subprocess.run(["rm", "-r", home], check=True)


def test_the_command_tells_what_to_export_and_ctrl_c_leaves_nothing(version: str) -> None:
    command = [sys.executable, "-m", "dev.opensearch.cluster", "--nodes", "1", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        home = re.search(r"logs: (\S+)", process.stdout.readline())
        export = re.fullmatch(
            r"export POSTSEARCH_ENGINE=opensearch POSTSEARCH_OPENSEARCH_URL=(http://127\.0\.0\.1:\d+)\n",
            process.stdout.readline(),
        )
        assert home
        assert export
        assert listens(export[1])
        assert Path(home[1]).exists()

        process.send_signal(signal.SIGINT)
        assert process.wait(END_SECONDS) == 0

    assert not listens(export[1])
    assert not Path(home[1]).exists()


def test_tests_share_nodes_that_end_after_the_last_of_them(version: str, tmp_path: Path) -> None:
    with shared_nodes(tmp_path, 1) as first:
        with shared_nodes(tmp_path, 1) as second:
            assert first == second
        assert listens(first[0])

    with (tmp_path / "nodes.users").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_EX)  # as the process of the nodes does, and then keeps it until it ends
    assert not listens(first[0])
