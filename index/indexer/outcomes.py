"""What becomes of one file: it is read as a post and gives a document, or the reason why it has none.

Nothing is shared between two files, so that they may be read in any order and in other processes.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Self

from index.errors import Finding, PostError
from index.indexer.folder import Listing, stamp_of
from index.indexer.folders import Folders
from index.indexer.ledger import LedgerEntry
from index.indexer.post import Post
from index.indexer.report import Problem
from index.log import counted, get_logger
from index.schema import Document, check_text
from index.stamps import is_settled

__all__ = ["Outcome", "PostReader", "read_outcome"]

logger = get_logger(__name__)

PostReader = Callable[[bytes, str], Post]
"""Reads what a file holds as the post with an id. Raises `PostError` where it can't."""

MAX_READS = 3
"""How often a file is read that changes while it is read."""

MAX_WARNINGS = 50
"""Of one post; of those that follow only the number is told."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file. `changed` is False where it holds what it held when it was last read.

    `document` is what is to be written: None for a post that is not indexed or did not change, and once the document
    has been prepared for the writer.
    """

    entry: LedgerEntry
    document: Document | None = None
    problems: tuple[Problem, ...] = ()
    changed: bool = True

    @property
    def written(self) -> bool:
        """Whether a document of this post goes into the index."""
        return self.changed and self.entry.outcome == "indexed"

    @classmethod
    def failed(cls, id: str, message: str, line: int = 0, column: int = 0) -> Self:
        problem = Problem(id, line, column, message, "error")
        return cls(LedgerEntry.failed(message, line, column), problems=(problem,))


def read_outcome(
    posts: Folders, id: str, listing: Listing, known: LedgerEntry | None, read: PostReader
) -> Outcome | None:
    """What becomes of a file of the listing; None where it is not there any more.

    Raises nothing but `MemoryError`, whatever it holds.

    `known` is its entry from the last run. A file that is not as it was listed is looked at again, since something else
    may stand in its place by now; one that changes while it is read is read again, and fails when that does not end.
    """
    for _ in range(MAX_READS):
        if id in listing.unreadable:
            return Outcome.failed(id, listing.unreadable[id])
        if id not in listing.files:
            reason = listing.refused.get(id) or listing.excluded.get(id)
            return Outcome(LedgerEntry.excluded(reason)) if reason else None
        try:
            if outcome := read_once(posts, id, listing, known, read):
                return outcome
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            # The error of a link that stands where none was listed.
            if error.errno != errno.ELOOP:
                return Outcome.failed(id, f"the file can't be read: {error.strerror or error}")
        listing = posts.look([id])
    return Outcome.failed(id, "the file is still being written")


def read_once(posts: Folders, id: str, listing: Listing, known: LedgerEntry | None, read: PostReader) -> Outcome | None:
    """The outcome of one reading; None where the file is not, or does not stay, what was listed.

    All goes through one descriptor, so that nothing else can be read than what was looked at.
    """
    listed = listing.files[id]
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if listing.linked else os.O_NOFOLLOW)
    with os.fdopen(os.open(posts.path(id), flags), "rb") as file:
        status, now = os.fstat(file.fileno()), time.time_ns()
        if not stat.S_ISREG(status.st_mode) or stamp_of(status) != listed:
            return None
        data = file.read(listed.size + 1)
        digest = blake2b(data, digest_size=16).hexdigest()
        outcome = Outcome(known, changed=False) if known and known.digest == digest else outcome_of(data, id, read)
        if stamp_of(os.fstat(file.fileno())) != listed:
            return None
    settled = is_settled(listed.newest_ns, now)
    return replace(outcome, entry=replace(outcome.entry, stamp=str(listed), digest=digest, settled=settled))


def outcome_of(data: bytes, id: str, read: PostReader) -> Outcome:
    """What becomes of a file that holds this; whatever goes wrong is a failure of this post alone."""
    try:
        post = read(data, id)
    except PostError as error:
        return Outcome.failed(id, error.message, error.line, error.column)
    except MemoryError:
        raise
    except Exception as error:
        logger.exception("Reading %s failed in an unforeseen way", id)
        return Outcome.failed(id, f"an unforeseen error: {type(error).__name__}: {error}")
    shown, more = post.warnings[:MAX_WARNINGS], len(post.warnings) - MAX_WARNINGS
    warnings = shown if more <= 0 else (*shown, Finding(f"and {counted(more, 'more warning')}"))
    problems = tuple(Problem(id, w.line, w.column, w.message, "warning") for w in warnings)
    document = post.document
    if document is None:
        return Outcome(LedgerEntry.excluded(post.excluded or "excluded"), None, problems)
    try:
        check_text(document)
    except ValueError as error:
        return Outcome.failed(id, f"its text can't be kept: {error}")
    since, until = document.visible_from, document.visible_to
    entry = LedgerEntry(outcome="indexed", served=True, visible_from=since, visible_to=until)
    return Outcome(entry, document, problems)
