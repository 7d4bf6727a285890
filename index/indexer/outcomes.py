"""From a file to what becomes of it: its document, the reason why it has none, or what is wrong with it.

In go an id, how its file looked when it was listed, and what was known of it before; out comes an `Outcome`. Nothing
is shared between two files, so that they may be read in any order and in other processes.
"""

from __future__ import annotations

import errno
import logging
import os
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import blake2b

from index.errors import PostError
from index.indexer.folder import Folder, Listing, Stamp, stamp_of
from index.indexer.ledger import Entry
from index.indexer.post import Post
from index.indexer.report import Problem
from index.schema import Document, check_text

__all__ = ["Outcome", "Reader", "failure", "fatal", "left_out", "read_outcome"]

logger = logging.getLogger(__name__)

Reader = Callable[[bytes, str], Post]
"""Reads what a file holds as the post with an id."""

TRIES = 3
SETTLED_NS = 2_000_000_000
"""The coarsest clock of a file system: a file may change again within it and look the same."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file. `changed` is False where it holds what it held when it was last read.

    `document` is what is to be written, or None; with `prepared` it has been made ready with those of other files.
    """

    entry: Entry
    document: Document | None = None
    problems: tuple[Problem, ...] = ()
    changed: bool = True
    prepared: bool = False


def read_outcome(posts: Folder, id: str, listing: Listing, known: Entry | None, read: Reader) -> Outcome | None:
    """What becomes of a file of the listing; None where it is not there any more. Raises nothing, whatever it holds.

    A file that is not as it was listed is looked at again, since something else may stand in its place by now; one
    that changes while it is read is read again, and fails when that does not end.
    """
    for _ in range(TRIES):
        if id not in listing.files:
            return unlisted(id, listing)
        try:
            if outcome := read_once(posts, id, listing, known, read):
                return outcome
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            # The error of a link that stands where none was listed.
            if error.errno != errno.ELOOP:
                return failure(id, f"the file can't be read: {error.strerror or error}")
        listing = posts.look([id])
    return failure(id, "the file is still being written")


def read_once(posts: Folder, id: str, listing: Listing, known: Entry | None, read: Reader) -> Outcome | None:
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
        outcome = Outcome(known, changed=False) if known and known.digest == digest else attempt(data, id, read)
        return stamped(outcome, digest, listed, now) if stamp_of(os.fstat(file.fileno())) == listed else None


def unlisted(id: str, listing: Listing) -> Outcome | None:
    """What becomes of an id at which no post is listed."""
    if id in listing.unreadable:
        return failure(id, listing.unreadable[id])
    reason = listing.refused.get(id) or listing.excluded.get(id)
    return Outcome(left_out(reason)) if reason else None


def left_out(reason: str) -> Entry:
    """The entry of a file that is not read."""
    return Entry("", "", True, "excluded", False, reason)


def attempt(data: bytes, id: str, read: Reader) -> Outcome:
    """Read the post; whatever goes wrong is a failure of this post alone."""
    try:
        return outcome_of(id, read(data, id))
    except PostError as error:
        return failure(id, error.message, error.line, error.column)
    except Exception as error:
        logger.exception("Reading %s failed in an unforeseen way", id)
        return failure(id, f"an unforeseen error: {type(error).__name__}: {error}")


def outcome_of(id: str, post: Post) -> Outcome:
    """The outcome of a post that was read."""
    problems = tuple(Problem(id, w.line, w.column, w.message, "warning") for w in post.warnings)
    if post.document is None:
        return Outcome(Entry("", "", True, "excluded", False, post.excluded or "excluded"), None, problems)
    since, until = post.document.visible_from, post.document.visible_to
    entry = Entry("", "", True, "indexed", True, visible_from=since, visible_to=until)
    try:
        check_text(post.document)
    except ValueError as error:
        return failure(id, f"its text can't be kept: {error}")
    return Outcome(entry, post.document, problems)


def failure(id: str, message: str, line: int = 0, column: int = 0) -> Outcome:
    """The outcome of a post that can't be read; without a digest, so that the next sweep tries again."""
    entry = Entry("", "", False, "failed", False, message, line, column)
    return Outcome(entry, None, (Problem(id, line, column, message, "error"),))


def fatal(id: str, stamp: Stamp, message: str) -> Outcome:
    """The outcome of a post that must not be read again while its file looks like this."""
    outcome = failure(id, message)
    return replace(outcome, entry=replace(outcome.entry, stamp=str(stamp), settled=True))


def stamped(outcome: Outcome, digest: str, stamp: Stamp, now: int) -> Outcome:
    """The outcome with what the file held, how it looked, and whether it would look otherwise after another change."""
    settled = now - stamp.newest_ns > SETTLED_NS
    return replace(outcome, entry=replace(outcome.entry, stamp=str(stamp), digest=digest, settled=settled))
