"""The writer of an index in a cluster: a batch of documents becomes one commit there.

An index that is built anew has a name of its own, such as `postsearch-000002-c0ffee00`, and the alias that the settings
name points to the live one. A fresh writer fills a new index, and swaps the alias when it commits. Others keep their
batch here until they commit, and then change the live index in place, where nothing but the refresh shows that.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from secrets import token_hex
from uuid import uuid4

from index.embedding import open_embedder
from index.errors import ClusterFault, IndexBusy, IndexDamaged, IndexFault, SettingsError
from index.opensearch.client import Cluster, Operation
from index.opensearch.commits import (
    Claim,
    CommitRecord,
    StoredRecord,
    document_key,
    read_record,
    write_record,
    writing_alias,
)
from index.opensearch.documents import KEPT, document_of_source, operations_of, removal
from index.opensearch.mapping import index_body
from index.opensearch.sending import Sender, Spool
from index.schema import SCHEMA_VERSION, Document, check_text
from index.settings import Settings
from index.storage import Writer

__all__ = ["OpenSearchWriter"]

RENEWAL_SECONDS = 30.0
"""Between two signs of life of a writer that takes long."""

PAGE_IDS = 2_000
"""How many ids are asked for at once."""

MAX_COUNTS = 3
"""How often the posts of a new index are counted: on a busy cluster a shard may be refreshed later than asked."""

POSTS = {"exists": {"field": "id"}}
"""The query that finds all posts, and not the commit record."""


class OpenSearchWriter(Writer):
    """See `Writer`.

    Who changes an index first makes a claim in its commit record. So a second writer, on another machine, is told to
    wait; and where a commit ended half way, the next writer knows of no commit, on which the index is built anew.
    """

    def __init__(self, settings: Settings, *, fresh: bool = False) -> None:
        self._prepare = partial(operations_of, embedder=open_embedder(settings.meaning))
        self._cluster = Cluster(settings)
        self._alias = settings.opensearch_index
        self._owner = f"{socket.gethostname()}:{settings.index.absolute()}"
        self._live = self._read(self._alias)
        self._passed = self._live.record.generation if self._live else 0
        self._commit_id = self._live.record.commit_id if self._live and not self._live.record.claim else ""
        self._put: set[str] = set()
        self._deleted: set[str] = set()
        self._claimed: StoredRecord | None = None
        self._claimed_at = 0.0
        self._sender: Sender | None = None
        self._made = ""  # the index that is filled by a fresh writer, until it is the live one
        self._replaced: list[str] = []
        if fresh:
            self._make_index()
        self._spool = Spool()

    def _read(self, index: str) -> StoredRecord | None:
        """The record of an index; None for one of another version. Raises `IndexBusy` where another machine writes."""
        try:
            stored = read_record(self._cluster, index)
        except IndexDamaged:
            return None
        if stored and (claim := stored.record.claim) and claim.holds_off(self._owner):
            raise IndexBusy(
                f"{claim.owner} is writing to the index {index!r} in the cluster; try again when it is done"
            )
        return stored if stored and stored.record.schema == SCHEMA_VERSION else None

    def _make_index(self) -> None:
        """Make a new index, with a claim in it, to write to; and remove those that killed rebuilds left."""
        settings, last = self._cluster.settings, 0
        ours = re.compile(rf"{re.escape(self._alias)}-(\d{{6,}})-[0-9a-f]{{8}}")
        for name, about in self._cluster.indices(f"{self._alias},{self._alias}-*").items():
            # That of another site is such as `blog-2-000001-…`, where ours begin with `blog-000001-`.
            number = ours.fullmatch(name) if "postsearch" in about["mappings"].get("_meta", {}) else None
            is_live = self._alias in (name, *about["aliases"])
            if is_live and not number:
                raise SettingsError(
                    f"opensearch_index: {self._alias!r} is something else in the cluster; choose another name"
                )
            if number and (stored := self._read(name)):
                self._passed = max(self._passed, stored.record.generation)
            if number and not is_live:
                self._cluster.delete_index(name)
            last = max(last, int(number[1]) if number else 0)
            self._replaced += [name] if is_live else []
        # Such a name is used once and never again, so that no writer and no reader takes an index for another.
        name = f"{self._alias}-{last + 1:06}-{token_hex(4)}"
        body = index_body(settings.opensearch_shards, 0)  # copies are made at the end, of files, which is quicker
        self._cluster.create_index(name, body | {"aliases": {writing_alias(name): {}}})
        self._made = name
        self._claimed = write_record(self._cluster, name, self._claim(CommitRecord(0, "", now(), 0)), after=None)
        self._sender = Sender(self._cluster, name)

    def _claim(self, record: CommitRecord) -> CommitRecord:
        """The record with our claim in it, anew."""
        self._claimed_at = time.monotonic()
        return replace(record, claim=Claim(self._owner, uuid4().hex, time.time()))

    def _add(self, operation: Operation) -> None:
        """Send an operation, or keep it until the commit."""
        if not self._live and not self._made:
            self._make_index()
        if not self._sender or not self._claimed:
            self._spool.add(operation)
            return
        self._sender.add(operation)
        if time.monotonic() - self._claimed_at > RENEWAL_SECONDS:
            self._claimed = self._claimed.replaced(self._cluster, self._claim(self._claimed.record))

    def preparation(self) -> Callable[[Sequence[Document]], list[Operation]]:
        return self._prepare

    def put_prepared(self, prepared: Sequence[Operation]) -> None:
        ids = [operation.id for operation in prepared]
        for id in ids:
            if id in self._put or id in self._deleted:
                raise ValueError(f"{id} was put or deleted in this batch already")
        self._put.update(ids)
        for operation in prepared:
            self._add(operation)

    def put(self, document: Document) -> None:
        check_text(document)
        self.put_prepared(self._prepare([document]))

    def delete(self, ids: Iterable[str]) -> None:
        for id in ids:
            if self._live and not self._made and id not in self._put and id not in self._deleted:
                self._add(removal(id))
            self._deleted.add(id)

    @property
    def generation(self) -> int:
        return self._live.record.generation if self._live else 0

    @property
    def commit_id(self) -> str:
        return self._commit_id

    @property
    def posts(self) -> str:
        return self._live.record.posts if self._live else ""

    def ids(self) -> frozenset[str]:
        found: set[str] = set()
        body = {"size": PAGE_IDS, "query": POSTS, "sort": ["id"], "_source": False, "track_total_hits": False}
        while self._live:
            answer = self._cluster.search(self._live.index, body, filter_path="_shards,hits.hits.sort")
            page = [hit["sort"][0] for hit in answer.get("hits", {}).get("hits", ())]
            found.update(page)
            if len(page) < PAGE_IDS:
                break
            body["search_after"] = page[-1:]
        return frozenset(found)

    def get(self, id: str) -> Document | None:
        if self._live is None:
            return None
        found = self._cluster.get(self._live.index, document_key(id), _source_includes=",".join(KEPT))
        return document_of_source(found["_source"]) if found else None

    def commit(self) -> int:
        if not self._live and not self._made:
            self._make_index()
        if self._live and not self._made:
            self._claimed = self._live.replaced(self._cluster, self._claim(self._live.record))
            self._sender = Sender(self._cluster, self._claimed.index)
            for operation in self._spool:
                self._add(operation)
        assert self._claimed
        assert self._sender
        self._sender.finish()
        index = self._claimed.index
        documents, wanted = -1, len(self._put) if self._made else 0
        for _ in range(MAX_COUNTS):
            self._cluster.refresh(index)
            documents = self._cluster.count(index, POSTS)
            if not self._made or documents == wanted:
                break
        if self._made:
            self._complete(index, documents)
        posts = self._cluster.settings.origin
        record = CommitRecord(self._passed + 1, str(uuid4()), now(), documents, posts=posts)
        self._live = self._claimed.replaced(self._cluster, record)
        if self._made:
            self._publish(index)
        self._passed, self._commit_id = record.generation, record.commit_id
        self.close()
        return record.generation

    def _complete(self, index: str, documents: int) -> None:
        """See that a new index holds all that was put, and have its copies made."""
        if documents != len(self._put):
            raise ClusterFault(
                f"the index {index!r} in the cluster holds {documents} posts in place of {len(self._put)}: someone else"
                " changed it; run the command again"
            )
        replicas = self._cluster.settings.opensearch_replicas
        self._cluster.update_settings(index, {"index": {"number_of_replicas": replicas}})
        self._cluster.wait_for_copies(index)
        if self._live:  # what another machine commits to it from now on would be lost
            with suppress(IndexDamaged):  # nobody can
                self._live.replaced(self._cluster, self._claim(self._live.record))

    def _publish(self, index: str) -> None:
        """Let the alias point to a new index, and remove the one that it pointed to."""
        self._made = ""  # whatever becomes of this, the index may be live from now on
        removal = {"index": f"{self._alias}-*", "alias": self._alias, "must_exist": False}
        self._cluster.update_aliases([{"remove": removal}, {"add": {"index": index, "alias": self._alias}}])
        for old in self._replaced:
            self._cluster.delete_index(old)

    def close(self) -> None:
        self._spool.close()
        if self._sender:
            self._sender.close()
        self._sender = self._claimed = None
        made, self._made = self._made, ""
        if made:
            with suppress(IndexFault, SettingsError):  # the next rebuild removes what is left
                self._cluster.delete_index(made)


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
