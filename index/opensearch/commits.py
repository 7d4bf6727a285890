"""The commit record: which commit an index in the cluster is at, in a document of its own in that index.

So it changes with the index that the alias points to. It has no `id`, by which it is told from posts. Each write of it
depends on the one before, so that of two writers on two machines one is told that it came too late.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from index.errors import IndexBusy, IndexDamaged, IndexMissing
from index.opensearch.client import Cluster, Version
from index.opensearch.faults import missing
from index.schema import SCHEMA_VERSION
from index.storage.builds import reindex_command

__all__ = [
    "RECORD_KEY",
    "Claim",
    "CommitRecord",
    "StoredRecord",
    "document_key",
    "newest_commit",
    "read_record",
    "write_record",
    "writing_alias",
]

RECORD_KEY = "commit"
"""The `_id` of the record, which is that of no post."""

CLAIM_SECONDS = 120.0
"""Without a word from a writer on another machine, until its work is taken for given up."""


def document_key(id: str) -> str:
    """The `_id` of a post: that may have 512 bytes at most, and a path can be longer."""
    return blake2b(id.encode(), digest_size=16).hexdigest()


def writing_alias(index: str) -> str:
    """The alias by which an index is written to: a write to the name of one that was removed would make another."""
    return f"{index}.writer"


@dataclass(frozen=True, slots=True)
class Claim:
    """Says that a writer has begun to change the index, and has not committed yet.

    `owner` is its machine and folder, of which the lock there lets one write at a time. `at`: seconds since 1970, when
    it last gave a sign of life; `token` is new each time.
    """

    owner: str
    token: str
    at: float

    def holds_off(self, owner: str) -> bool:
        """Whether a writer of this owner must wait for the one that made the claim."""
        return self.owner != owner and abs(time.time() - self.at) < CLAIM_SECONDS


@dataclass(frozen=True, slots=True)
class CommitRecord:
    """The newest commit: generation, id, the time in ISO 8601, the number of posts, and the schema it was written by.

    `posts` is the folder that it was made of. With a `claim`, the index may hold a part of the next commit.
    """

    generation: int
    commit_id: str
    updated_at: str
    documents: int
    schema: int = SCHEMA_VERSION
    claim: Claim | None = None
    posts: str = ""


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record as it stands in an index; `index` is that one's own name, also where it was asked by its alias."""

    record: CommitRecord
    index: str
    version: Version

    def replaced(self, cluster: Cluster, record: CommitRecord) -> StoredRecord:
        """Write another record in its place. Raises `IndexBusy` where it is not the newest any more."""
        return write_record(cluster, self.index, record, after=self.version)


def newest_commit(cluster: Cluster) -> StoredRecord:
    """The newest commit of the site, for readers.

    Raises `IndexMissing` while nothing was committed, and `IndexDamaged` for an index of another version.
    """
    stored = read_record(cluster, cluster.settings.opensearch_index)
    if stored is None or not stored.record.commit_id:
        raise missing(cluster.settings)
    if stored.record.schema != SCHEMA_VERSION:
        raise damaged(cluster, f"the index {stored.index!r} in the cluster was written by another version")
    return stored


def read_record(cluster: Cluster, index: str) -> StoredRecord | None:
    """The record in the index of this name or alias; None where there is none.

    Raises `IndexDamaged` for one that can't be read.
    """
    try:
        found = cluster.get(index, RECORD_KEY, realtime=True)
    except IndexMissing:
        return None
    if found is None:
        return None
    try:
        kept: dict[str, Any] = found["_source"]["commit"]
        record = CommitRecord(**kept | {"claim": Claim(**kept["claim"]) if kept["claim"] else None})
        datetime.fromisoformat(record.updated_at)
        return StoredRecord(record, found["_index"], Version(found["_seq_no"], found["_primary_term"]))
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(cluster, f"the commit record of the index {index!r} in the cluster can't be read") from error


def write_record(cluster: Cluster, index: str, record: CommitRecord, *, after: Version | None) -> StoredRecord:
    """Write the record over the version that `after` names, or as the first one.

    Raises `IndexBusy` where another was written, and `IndexDamaged` where there is nothing to write to.
    """
    try:
        version = cluster.put(writing_alias(index), RECORD_KEY, {"commit": asdict(record)}, after=after)
    except IndexMissing as error:
        raise damaged(cluster, f"the index {index!r} in the cluster, or its alias for writers, was removed") from error
    if version:
        return StoredRecord(record, index, version)
    stored = read_record(cluster, index)
    if stored and stored.record == record:
        return stored  # written by an attempt whose answer was lost
    by = f" ({stored.record.claim.owner})" if stored and stored.record.claim else ""
    raise IndexBusy(f"another machine{by} is writing to the index {index!r} in the cluster; try again when it is done")


def damaged(cluster: Cluster, reason: str) -> IndexDamaged:
    """The error over an index that only a rebuild mends."""
    return IndexDamaged(f"{reason}; run `{reindex_command(cluster.settings)} --full`")
