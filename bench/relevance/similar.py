"""Posts like one: each post that shares a tag with another is asked for its neighbours, and those that do are right.

Tags are what their authors think that posts are about. They also stand in the posts that are compared, as for readers.
"""

from __future__ import annotations

from collections.abc import Sequence

from bench.relevance.cases import Case
from index import Document
from index.schema.keys import name_key

__all__ = ["SIMILAR", "similar_cases"]

SIMILAR = "posts that share a tag"
"""The kind of these cases, whose text is the id of a post."""


def similar_cases(documents: Sequence[Document]) -> list[Case]:
    """A case for each post that has tags, with the other posts that have one of them, whatever their language."""
    tags = {document.id: frozenset(map(name_key, document.tags)) for document in documents}
    return [
        Case(SIMILAR, id, (), {other: 1 for other in tags if other != id and tags[other] & own})
        for id, own in tags.items()
        if own
    ]
