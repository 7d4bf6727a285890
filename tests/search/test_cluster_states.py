"""What the health report and searches say of a cluster in each bad state, and that all is well again by itself."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest

from dev.opensearch.cluster import Nodes
from index.settings import Settings
from index.watching.watcher import Watcher
from search.web.extension import create_app
from tests.example_sites import eventually
from tests.index.opensearch.nodes import VERSION, Node, make_certificate, node, passed_on

pytest.importorskip("opensearchpy", reason="the extra `opensearch` is not installed")

SECONDS = 150.0
"""For a node to start, for a cluster to see what is wrong with another, and for the watcher to try again."""


class Site:
    """A site whose index is in a cluster, as it is served."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.client = create_app(settings).test_client()
        self.asked = count()

    def save(self, word: str) -> None:
        (self.settings.posts / f"{word}.md").write_text(f"# {word}\n", "utf-8")

    def found(self, text: str) -> int:
        """How many posts a search finds, or the negated status of an answer that says when to come back."""
        # A question that was not asked before, as the answers to others are kept.
        answer = self.client.get(f"/search/hits?q={text}+-x{next(self.asked)}")
        assert answer.status_code == 200 or (answer.status_code == 503 and answer.headers["Retry-After"])
        return int(answer.get_json()["total"]) if answer.status_code == 200 else -answer.status_code

    def until_found(self, text: str) -> None:
        eventually(lambda: self.found(text) == 1, seconds=SECONDS)

    def health(self) -> tuple[int, dict[str, Any]]:
        """The status of the answer, and the report."""
        answer = self.client.get("/search/health")
        return answer.status_code, answer.get_json()

    def until_failing(self) -> None:
        """Wait until the watcher has failed to write."""
        # which is told of one once it is at work
        eventually(lambda: (self.health()[1]["watcher"] or {}).get("failing"), seconds=SECONDS)

    def until(self, health: str, cluster: str, reason: str) -> None:
        """Wait until the report says so of the search and of the cluster; the test fails with what it says last."""
        status, told = 0, dict[str, Any]()
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            status, told = self.health()
            if (told["status"], told["cluster"]["status"]) == (health, cluster) and re.search(reason, told["reason"]):
                break
        else:
            pytest.fail(f"{health} and {cluster} are awaited, with {reason!r}; the report is {told}")
        assert status == (503 if health == "down" else 200)
        assert "127.0.0.1" not in json.dumps(told)

    def until_well(self) -> None:
        self.until("ok", "green", "^$")


@contextmanager
def site(settings: Settings, **more: Any) -> Iterator[Site]:
    """A site with one post about beds, which is watched and found."""
    made = Site(replace(settings, opensearch_timeout=2.0, **more))
    made.save("beds")
    watcher = Watcher(made.settings)
    watcher.start()
    try:
        made.until_found("beds")
        made.until_well()
        yield made
    finally:
        watcher.stop()


@pytest.fixture
def own_settings(own_nodes: Nodes, tmp_path: Path) -> Settings:
    """Settings of a site whose index lies in nodes that the test may break."""
    (tmp_path / "posts").mkdir()
    name = f"states-{uuid4().hex}"
    nodes = Settings(engine="opensearch", opensearch_url=own_nodes.urls, opensearch_index=name)
    return replace(nodes, posts=tmp_path / "posts", index=tmp_path / "index")


def put(url: str, path: str, body: Mapping[str, Any]) -> None:
    headers = {"content-type": "application/json"}
    urlopen(Request(f"{url}/{path}", json.dumps(body).encode(), headers, method="PUT"), timeout=60).close()


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        ("index.blocks.write", "blocked by index.blocks.write"),
        ("index.blocks.read_only", "blocked by index.blocks.read_only"),
        ("index.blocks.read_only_allow_delete", "takes no writes, as a disk of the nodes is nearly full"),
    ],
)
def test_an_index_that_takes_no_writes_is_searched_and_follows_later(
    cluster_settings: Settings, block: str, reason: str
) -> None:
    with site(cluster_settings) as ours:
        url, index = cluster_settings.opensearch_url[0], cluster_settings.opensearch_index
        put(url, f"{index}/_settings", {block: True})
        ours.until("degraded", "red", reason)
        ours.save("asparagus")
        ours.until_failing()
        ours.until("degraded", "red", "read-only|takes no writes")
        assert (ours.found("beds"), ours.found("asparagus")) == (1, 0)

        put(url, f"{index}/_settings", {block: None})
        ours.until_found("asparagus")
        ours.until_well()


def free_space(size: str) -> dict[str, Any]:
    """Settings by which so much must be free on each disk."""
    disk = "cluster.routing.allocation.disk"
    levels = {f"{disk}.watermark.{level}": size for level in ("low", "high", "flood_stage")}
    return {**levels, f"{disk}.threshold_enabled": True, "cluster.info.update.interval": "10s"}


def test_a_disk_beyond_its_watermark_stops_writes_and_nothing_else(own_settings: Settings) -> None:
    url = own_settings.opensearch_url[0]
    with site(own_settings) as ours:
        try:
            put(url, "_cluster/settings", {"persistent": free_space("900tb")})
            ours.until("degraded", "red", "a disk of the nodes is nearly full")
            ours.save("asparagus")
            ours.until_failing()
            ours.until("degraded", "red", "takes no writes, as a disk of its nodes is nearly full")
            assert (ours.found("beds"), ours.found("asparagus")) == (1, 0)

            put(url, "_cluster/settings", {"persistent": free_space("1b")})
            ours.until_found("asparagus")
            ours.until_well()
        finally:
            none = dict.fromkeys([*free_space(""), "cluster.blocks.create_index"])
            put(url, "_cluster/settings", {"persistent": none})


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_index_that_has_lost_a_shard_is_down(own_nodes: Nodes, own_settings: Settings) -> None:
    """Whichever shard that is, also where the cluster can still tell of the newest commit."""
    with site(own_settings, opensearch_shards=3, opensearch_replicas=0) as ours:
        for number in range(3):
            own_nodes.kill(number)
            ours.until("down", "red", "has lost shards|on no node")
            assert ours.found("beds") == -503
            own_nodes.start(number)
            ours.until_found("beds")
            ours.until_well()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_cluster_without_a_manager_is_searched_and_follows_later(own_nodes: Nodes, own_settings: Settings) -> None:
    with site(own_settings, opensearch_replicas=2) as ours:
        for number in (0, 1):
            own_nodes.kill(number)
        ours.until("degraded", "red", "has no cluster manager")
        ours.until_found("beds")
        ours.save("asparagus")
        ours.until_failing()
        own_nodes.start(0)
        ours.until_found("asparagus")
        own_nodes.start(1)
        ours.until_well()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_nodes_that_hang(own_nodes: Nodes, own_settings: Settings) -> None:
    """One is passed over; where all hang, nothing is found until they go on."""
    with site(own_settings) as ours:
        own_nodes.pause(0)
        ours.save("asparagus")
        ours.until_found("asparagus")
        own_nodes.resume(0)
        ours.until_well()

        for number in range(3):
            own_nodes.pause(number)
        ours.until("down", "unreachable", "gave no answer in time")
        assert ours.found("beds") == -503
        for number in range(3):
            own_nodes.resume(number)
        ours.until_found("beds")
        ours.until_well()


def behind(one: Node, url: str) -> None:
    """Let the node answer as the cluster does."""
    one.version = VERSION
    one.answer = lambda asked: passed_on(asked, url)


def of_version(**version: str) -> Callable[[Node], None]:
    """Lets a node say that it is of this version."""
    return lambda one: setattr(one, "version", {"version": version})


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (of_version(number="7.10.2"), "runs elasticsearch 7.10.2"),
        (of_version(distribution="opensearch", number="1.3.20"), "runs opensearch 1.3.20"),
        (lambda one: one.answers((401, b"Unauthorized")), "does not let us in"),
        (lambda one: setattr(one, "version", b"<html>A shop</html>"), "no node .* answers"),
    ],
)
def test_a_server_that_is_of_no_use_is_told_until_it_is_mended(
    cluster_settings: Settings, trouble: Callable[[Node], None], reason: str
) -> None:
    url = cluster_settings.opensearch_url[0]
    with node() as one:
        behind(one, url)
        with site(cluster_settings, opensearch_url=(one.url,)) as ours:
            trouble(one)
            started = Site(ours.settings)  # a process asks for the version once
            started.until("down", "unreachable", reason)
            assert started.found("beds") == -503
            behind(one, url)
            started.until_found("beds")
            started.until_well()


def test_a_certificate_that_is_not_trusted_is_told_until_there_is_another(
    cluster_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, other = (make_certificate(tmp_path / name) for name in ("trusted.pem", "other.pem"))
    monkeypatch.setenv("POSTSEARCH_OPENSEARCH_CA", f"{trusted}.crt")
    url = cluster_settings.opensearch_url[0]
    with node(trusted) as one:
        behind(one, url)
        with site(cluster_settings, opensearch_url=(one.url,)) as ours:
            assert one.context
            one.context.load_cert_chain(other)
            started = Site(ours.settings)  # those that are connected stay so
            started.until("down", "unreachable", "is not trusted")
            assert started.found("beds") == -503
            one.context.load_cert_chain(trusted)
            started.until_found("beds")
            started.until_well()
