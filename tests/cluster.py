"""The OpenSearch nodes that tests use: some for all processes of a run, and some that a test may break."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

from dev.opensearch.cluster import Nodes
from dev.opensearch.distribution import VERSION, get_distribution
from tests import ROOT

__all__ = ["NODES_VERSION", "main", "memory", "remove_indexes", "shared_nodes"]

NODES_VERSION = os.environ.get("POSTSEARCH_TEST_OPENSEARCH_VERSION") or VERSION
"""The version of the nodes that tests start."""


def memory() -> Path | None:
    """A folder in memory, where there is one with room, since nodes wait for their disk at each change of an index."""
    folder = Path("/dev/shm")
    if not folder.is_dir():
        return None
    found = os.statvfs(folder)
    # Of the libraries that nodes unpack there, programs are made.
    return None if found.f_flag & os.ST_NOEXEC or found.f_bavail * found.f_frsize < 2 << 30 else folder


@contextmanager
def shared_nodes(folder: Path, count: int = 3) -> Iterator[tuple[str, ...]]:
    """Addresses of the nodes that all processes share which name this folder; they end after the last of these.

    Raises `Unavailable`. The nodes belong to a process of their own, `main` below.
    """
    get_distribution(NODES_VERSION)
    with (folder / "nodes.users").open("w") as users, (folder / "nodes.start").open("w") as start:
        fcntl.flock(start, fcntl.LOCK_EX)  # the others wait until the first one has started them
        fcntl.flock(users, fcntl.LOCK_SH)  # the nodes run as long as any process has this, and a dead one has none
        addresses = folder / "nodes.urls"
        if not addresses.exists():
            # Nobody's child, and in a session of its own, where Ctrl-C does not reach it.
            command = ["setsid", "--fork", sys.executable, "-m", "tests.cluster", str(folder), str(count)]
            with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
                assert process.stdout
                assert process.stdout.readline(), "no nodes could be started"
        urls = addresses.read_text("utf-8").split(",")
        fcntl.flock(start, fcntl.LOCK_UN)
        yield tuple(urls)


def remove_indexes(url: str, name: str) -> None:
    """Delete all indexes of the cluster whose names begin like this."""
    with urlopen(f"{url}/{name}*?expand_wildcards=all", timeout=60) as response:
        for index in json.load(response):
            urlopen(Request(f"{url}/{index}", method="DELETE"), timeout=60).close()


def main(folder: Path, count: int) -> None:
    """Run nodes until nobody in this folder needs them any more."""
    addresses = folder / "nodes.urls"
    with (folder / "nodes.users").open("w") as users, Nodes(count, version=NODES_VERSION, scratch=memory()) as nodes:
        addresses.write_text(",".join(nodes.urls), "utf-8")
        print("ready", flush=True)
        fcntl.flock(users, fcntl.LOCK_EX)
        addresses.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
