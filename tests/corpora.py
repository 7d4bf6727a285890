"""Generated posts of many scripts, and histories of commits that put, change and delete them.

`apart` commits leave their posts in a segment of their own, through Whoosh's own writer; the others go through ours,
which merges.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex

from index.schema import Document
from index.settings import Settings
from index.storage import open_writer
from index.storage.builds import live
from index.storage.codec import PostCodec
from tests.oracles.whoosh_fields import SCHEMA, to_fields

__all__ = [
    "COUNTS",
    "DOCUMENTS",
    "HISTORIES",
    "LANGS",
    "NOW",
    "SOUP",
    "TEXTS",
    "WORDS",
    "Commit",
    "hold",
    "left",
    "opened",
    "write",
    "write_apart",
]

MANY = int(os.environ.get("POSTSEARCH_EXAMPLES", "1000"))
COUNTS = pytest.mark.parametrize(
    "examples", [20, pytest.param(MANY, marks=[pytest.mark.slow, pytest.mark.timeout(0)])], ids=["few", "many"]
)
"""How many examples a test takes: few each time, and POSTSEARCH_EXAMPLES in `make stress`."""


def hold(examples: int, check: Callable[..., None], *given_: st.SearchStrategy[Any]) -> None:
    """Check that many examples; POSTSEARCH_SEED repeats a run."""
    number = int(os.environ.get("POSTSEARCH_SEED", random.randrange(2**32)))
    print(f"POSTSEARCH_SEED={number}")
    unhurried = settings(
        max_examples=examples,
        phases=[Phase.generate],  # making a failing example smaller would take minutes
        deadline=None,
        print_blob=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    unhurried(seed(number)(given(*given_)(check)))()


NOW = datetime(2026, 1, 1, tzinfo=UTC)
LANGS = ("en", "de", "fr", "ja", "ru", "tr", "pt-br", "xx")

SOME = (
    "run running runs ruin ran die dying happy happily hope hoping hopes plan planes plane C C++ C# .NET net --dry-run "
    "dry-run e-mail email don't don’t dont well-known wellknown foo_bar.baz foo bar baz camelCase JavaScript "
    "HTMLParser café cafe\u0301 cafe naïve 全文 全文検索 日本語の全文検索 文 東京 ภาษาไทย ｶﾞﾗｽ ガラス 한국어 😀 👍🏽 "
    "Häuser Haus haus книги книга Книгою ёлка R r 12:30 2013-06-19 "
    "http://x.org/run-time a&b so\u00adft ·dot x·y 'quoted' «run» run/die "
    "— - … ' ’ -run İstanbul ﬁle ß STRASSE Straße Æsir ae ａｂｃ x"
)
WORDS = tuple(SOME.split())
SOUP = st.text(max_size=12) | st.text("aenrRu-'’.+#_&\n 全文é東ภ\u0301\u200d12😀", max_size=24)
WORD = st.sampled_from(WORDS)
TEXTS = st.lists(WORD | st.sampled_from(WORDS[:12]) | SOUP, max_size=14).map(" ".join)
SHORT = st.lists(WORD | SOUP, max_size=3).map(" ".join)
NAMES = st.lists(
    st.sampled_from(["Web Dev", "web dev", "gluster", "Café", "cafe", "running", "全文 検索", "C++"]), max_size=3
)
HOURS = st.none() | st.integers(-30_000, 30_000).map(lambda hours: NOW + timedelta(hours=hours))


def writable(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)


DOCUMENTS = st.builds(
    Document,
    id=st.just(""),
    url=st.sampled_from(["/a/", "/b/"]),
    title=SHORT.filter(writable),
    body=TEXTS.filter(writable),
    author=NAMES.map(tuple),
    tags=st.one_of(NAMES, st.lists(SHORT.filter(writable), max_size=3)).map(tuple),
    category=NAMES.map(tuple),
    description=st.just("") | SHORT.filter(writable),
    date=HOURS,
    lang=st.sampled_from(LANGS),
    visible_from=st.none() | HOURS,
    visible_to=st.none() | HOURS,
    boost=st.sampled_from([1.0, 1.0, 0.5, 3.0]),
    aliases=st.just(()) | st.lists(SHORT.filter(writable), max_size=2).map(tuple),
    site=st.sampled_from(["", "blog", "docs"]),
)

IDS = st.sampled_from([f"{folder}{name}.md" for folder in ("", "a/") for name in ("one", "two", "ünï", "four", "Five")])


@dataclass(frozen=True, slots=True)
class Commit:
    """What one commit changes: a document by id, or None where it is deleted."""

    changes: Mapping[str, Document | None]
    apart: bool


def named(changes: Mapping[str, Document | None]) -> dict[str, Document | None]:
    return {id: document and replace(document, id=id) for id, document in changes.items()}


COMMITS = st.builds(
    Commit, st.dictionaries(IDS, st.none() | DOCUMENTS | DOCUMENTS | DOCUMENTS, max_size=6).map(named), st.booleans()
)
HISTORIES = st.lists(COMMITS, min_size=1, max_size=4)


def left(history: Iterable[Commit]) -> dict[str, Document]:
    """The documents that are there at the end."""
    found: dict[str, Document | None] = {}
    for commit in history:
        found.update(commit.changes)
    return {id: document for id, document in found.items() if document}


def write(options: Settings, history: Sequence[Commit]) -> None:
    """Do the commits, in the index of the settings."""
    with open_writer(options, fresh=True) as writer:
        writer.commit()
    for commit in history:
        if commit.apart:
            write_apart(opened(options), commit)
        else:
            with open_writer(options) as writer:
                for id, document in commit.changes.items():
                    writer.put(document) if document else writer.delete([id])
                writer.commit()


def write_apart(files: FileIndex, commit: Commit, codec: object = None) -> None:
    """Do the commit with Whoosh's own writer, as a segment of its own."""
    writer = files.writer(codec=codec or PostCodec())
    for id, document in commit.changes.items():
        if document:
            writer.update_document(**to_fields(document))
        else:
            writer.delete_by_term("id", id)
    writer.commit(merge=False)


def opened(options: Settings) -> FileIndex:
    """The live index, as Whoosh opens it."""
    folder = live(options.index).path(options.index)
    return FileStorage(str(folder)).open_index(schema=SCHEMA)
