"""The post of an address or an id, in a cluster."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from index.schema import Document
from search.opensearch.filters import first_post
from tests.search.opensearch.conftest import CountingCluster

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def post(id: str, url: str, visible_to: datetime | None = None) -> Document:
    return Document(id, url, f"Post {id}", "Its text.", visible_to=visible_to)


@pytest.mark.parametrize(
    ("path", "id"),
    [
        ("/a/", "a.md"),
        ("/two/", "A.md"),
        ("/über uns/", "b.md"),
        ("/gone/", None),
        ("/a", None),
        ("*", None),
        ("/" + "x" * 9000, None),
        ("\ud800", None),
    ],
)
def test_an_address_leads_to_its_first_post(
    nodes: CountingCluster, index_of: Callable[..., str], path: str, id: str | None
) -> None:
    posts = [
        post("a.md", "https://example.org/a/?q=1#there"),
        post("b.md", "/%C3%BCber%20uns/"),
        post("A.md", "/two/"),
        post("c.md", "/two/"),
        post("d.md", "/gone/", NOW),
    ]

    found = first_post(nodes, index_of(*posts), {"path": path}, NOW.timestamp())
    assert found == next((one for one in posts if one.id == id), None)
