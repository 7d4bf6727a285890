"""An index in a real cluster, and the same posts in the embedded engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from index.opensearch.client import Cluster
from index.schema import Document
from index.settings import Settings
from search.engine import open_searcher
from search.engine.searcher import Searcher
from tests.stored import write


class CountingCluster(Cluster):
    """Counts what it is asked."""

    asked = 0

    def search(self, index: str, body: Mapping[str, Any], **params: Any) -> dict[str, Any]:
        self.asked += 1
        return super().search(index, body, **params)

    def msearch(self, index: str, bodies: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        self.asked += 1
        return super().msearch(index, bodies)


@pytest.fixture
def nodes(cluster_settings: Settings) -> CountingCluster:
    return CountingCluster(cluster_settings)


@pytest.fixture
def index_of(nodes: CountingCluster) -> Callable[..., str]:
    """Makes an index of documents anew, and tells its name."""

    def filled(*documents: Document) -> str:
        write(nodes.settings, *documents, fresh=True)
        return nodes.settings.opensearch_index

    return filled


@pytest.fixture
def embedded(tmp_path: Path) -> Callable[..., Searcher]:
    """Opens the embedded engine over documents."""

    def opened(*documents: Document) -> Searcher:
        settings = Settings(index=tmp_path / uuid4().hex)
        write(settings, *documents)
        return open_searcher(settings)

    return opened
