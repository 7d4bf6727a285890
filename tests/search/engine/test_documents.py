"""The documents that were read lately are kept, up to a limit, whatever they are."""

from __future__ import annotations

import random
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from index.schema import Document, Section
from index.segments.inversion import invert
from search.engine import documents as module
from search.engine.documents import Documents

LIMIT = 50_000


@pytest.fixture
def posts(monkeypatch: pytest.MonkeyPatch) -> list[Document]:
    """Posts of a thousand characters each, of which some are kept at once."""
    monkeypatch.setattr(module, "MAX_KEPT_BYTES", LIMIT)
    return [Document(f"{number}.md", "/", f"Post {number}", f"{number:03} word " * 125) for number in range(100)]


def test_a_document_is_read_once_while_it_is_kept(posts: list[Document]) -> None:
    documents = Documents(invert(posts))

    first = documents[0]
    for number in range(1, 15):
        assert documents[number] == posts[number]

    assert documents[0] is first
    assert first == posts[0]


def test_what_is_kept_has_a_limit(posts: list[Document]) -> None:
    huge = Document("huge.md", "/huge", "Huge", "word " * LIMIT)
    headed = Document("headed.md", "/headed", "Headed", "a\n", sections=(Section("a", "a", 1, 0),) * 300)
    tagged = [Document(f"tagged{n}.md", "/", "", "word", tags=(f"{'x' * 1000}{n}",) * 9) for n in range(20)]
    titled = [
        Document(f"titled{n}.md", "/", "蜂" * 1000, "word", sections=(Section("x" * 2000, "", 1, 0),))
        for n in range(20)
    ]
    documents = Documents(invert([*posts, huge, headed, *tagged, *titled]))
    chance = random.Random(6)

    for number in chance.choices(range(142), k=1000):
        documents[number]
        kept = [*documents._recent.values(), *documents._older.values()]
        texts = [text for document in kept for text in (document.title, document.body, *document.tags)]
        texts += [section.title for document in kept for section in document.sections]
        assert sum(map(sys.getsizeof, texts)) <= 2 * LIMIT
        assert huge not in kept
        assert headed not in kept  # its sections take more than its text


def test_threads_read_what_is_asked_for(posts: list[Document]) -> None:
    documents = Documents(invert(posts))
    numbers = random.Random(7).choices(range(100), k=4000)

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(documents.__getitem__, numbers))

    assert found == [posts[number] for number in numbers]
