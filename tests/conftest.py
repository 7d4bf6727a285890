"""What holds for all tests."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import settings

from dev.opensearch.cluster import Nodes
from dev.opensearch.distribution import Unavailable
from index import Settings
from search.service import Search
from tests.cluster import NODES_VERSION, memory, remove_indexes, shared_nodes

# How long one example takes says how busy the machine is; a test that hangs is ended by its time limit.
settings.register_profile("any machine", deadline=None, print_blob=True)
settings.load_profile("any machine")

# A shell lets what it starts in the background ignore SIGINT, and so do the processes that tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

# To collect the garbage of all tests may take as long as a request has for what is optional: let it have more.
Search.__init__.__kwdefaults__ = {"optional_seconds": 2.0}

TEST_CLUSTER = "POSTSEARCH_TEST_OPENSEARCH_URL"
"""The variable that names the nodes of a cluster that runs already, parted by commas."""


@pytest.hookimpl(tryfirst=True)  # before the tests are chosen by their marks
def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Mark the tests that need OpenSearch nodes, and begin with those that take longest.

    So no process is busy with one of these when the others have nothing left to do; and those that break nodes have the
    same ones, as the first tests of a run are those of one process.
    """
    for item in items:
        if {"cluster", "breakable_nodes"} & set(item.fixturenames):
            item.add_marker(pytest.mark.cluster)
    items.sort(key=lambda item: ("own_nodes" not in item.fixturenames, not item.get_closest_marker("cluster")))


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, ...]]:
    """Addresses of the nodes of a cluster that all tests share, so they use indexes with names of their own."""
    if given := os.environ.get(TEST_CLUSTER):
        yield tuple(given.split(","))
        return
    folder = tmp_path_factory.getbasetemp()
    try:
        with shared_nodes(folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) as urls:
            yield urls
    except Unavailable as missing:
        pytest.skip(str(missing))


@pytest.fixture
def cluster_settings(cluster: tuple[str, ...], tmp_path: Path) -> Iterator[Settings]:
    """Settings of a site whose index lies in the cluster and is gone after the test; `posts` is an empty folder."""
    name = f"test-{uuid4().hex}"
    posts = tmp_path / "posts"
    posts.mkdir()
    yield Settings(
        posts=posts,
        index=tmp_path / "index",
        engine="opensearch",
        opensearch_url=cluster,
        opensearch_index=name,
        opensearch_replicas=1,
    )
    remove_indexes(cluster[0], name)


@pytest.fixture(scope="session")
def breakable_nodes() -> Iterator[Nodes]:
    """The nodes of `own_nodes`."""
    try:
        with Nodes(version=NODES_VERSION, scratch=memory()) as nodes:
            yield nodes
    except Unavailable as missing:
        pytest.skip(str(missing))


@pytest.fixture
def own_nodes(breakable_nodes: Nodes) -> Nodes:
    """Three nodes that a test may kill, stop and pause: at its beginning, all of them run."""
    for number in range(len(breakable_nodes.urls)):
        if number in breakable_nodes.processes:
            breakable_nodes.resume(number)
        else:
            breakable_nodes.start(number)
    breakable_nodes.wait()
    return breakable_nodes
