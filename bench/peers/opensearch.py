"""postsearch over a cluster of OpenSearch nodes, behind the same contract: the nodes that the environment names."""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.request import urlopen

from bench.peers import PeerMissing
from bench.peers.postsearch import Postsearch
from index.settings import Settings

__all__ = ["ENGINE", "URLS", "OpenSearch"]

URLS = os.environ.get("POSTSEARCH_OPENSEARCH_URL", "")

INDEX = "postsearch-bench"

if not URLS:
    raise PeerMissing("opensearch is left out: POSTSEARCH_OPENSEARCH_URL names no nodes (`make opensearch` runs some)")


class OpenSearch(Postsearch):
    """Ours, with its index in a cluster: the same whole results."""

    key = "opensearch"
    name = "postsearch on OpenSearch"
    types = False

    def settings(self, folder: Path) -> Settings:
        return Settings(
            index=folder, engine="opensearch", opensearch_url=tuple(URLS.split(",")), opensearch_index=INDEX,
            opensearch_shards=3, opensearch_timeout=60,
        )  # fmt: skip

    def size_mb(self, folder: Path) -> float:  # noqa: ARG002 - it lies elsewhere
        with urlopen(f"{URLS.split(',')[0]}/{INDEX}/_stats/store", timeout=60) as answer:
            return float(json.load(answer)["_all"]["primaries"]["store"]["size_in_bytes"]) / 1e6


ENGINE = OpenSearch
