"""From a file to what becomes of it: its document, the reason why it has none, or what is wrong with it.

In go a path and what was known of the file before; out comes an `Outcome`. Nothing is shared between two files, so
that they may be read in any order and in other processes.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path

from index.errors import PostError
from index.folder import Stamp, stamp_of
from index.ledger import Entry
from index.posts.post import Post
from index.report import Problem
from index.schema import Document

__all__ = ["Outcome", "Reader", "failure", "read_outcome"]

logger = logging.getLogger(__name__)

Reader = Callable[[Path, str], Post]
"""Reads the file at a path as the post with an id."""

TRIES = 3
SETTLED_NS = 2_000_000_000
"""The coarsest clock of a file system: a file may change again within it and look the same."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file. `changed` is False where it holds what it held when it was last read."""

    entry: Entry
    document: Document | None = None
    problems: tuple[Problem, ...] = ()
    changed: bool = True


def read_outcome(path: Path, id: str, known: Entry | None, read: Reader) -> Outcome | None:
    """What becomes of the file; None where it is not there any more. Raises nothing, whatever the file holds.

    A file that changes while it is read is read again, and fails when that does not end.
    """
    for _ in range(TRIES):
        try:
            before, now = stamp_of(path.stat()), time.time_ns()
            outcome = interpret(path, id, known, read)
            if stamp_of(path.stat()) == before:
                return stamped(outcome, before, now)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            return failure(id, f"the file can't be read: {error.strerror or error}")
    return failure(id, "the file is still being written")


def interpret(path: Path, id: str, known: Entry | None, read: Reader) -> Outcome:
    """The outcome of one reading, without the stamp."""
    digest = blake2b(path.read_bytes(), digest_size=16).hexdigest()
    if known and known.digest == digest:
        return Outcome(known, changed=False)
    outcome = attempt(path, id, read)
    return replace(outcome, entry=replace(outcome.entry, digest=digest))


def attempt(path: Path, id: str, read: Reader) -> Outcome:
    """Read the post; whatever goes wrong is a failure of this post alone."""
    try:
        return outcome_of(id, read(path, id))
    except PostError as error:
        return failure(id, error.message, error.line, error.column)
    except OSError:
        raise
    except Exception as error:
        logger.exception("Reading %s failed in an unforeseen way", id)
        return failure(id, f"an unforeseen error: {type(error).__name__}: {error}")


def outcome_of(id: str, post: Post) -> Outcome:
    problems = tuple(Problem(id, w.line, w.column, w.message, "warning") for w in post.warnings)
    if post.document is None:
        return Outcome(Entry("", "", True, "excluded", False, post.excluded or "excluded"), None, problems)
    since, until = post.document.visible_from, post.document.visible_to
    entry = Entry("", "", True, "indexed", True, visible_from=since, visible_to=until)
    return Outcome(entry, post.document, problems)


def failure(id: str, message: str, line: int = 0, column: int = 0) -> Outcome:
    """The outcome of a post that can't be read; without a digest, so that the next sweep tries again."""
    entry = Entry("", "", False, "failed", False, message, line, column)
    return Outcome(entry, None, (Problem(id, line, column, message, "error"),))


def stamped(outcome: Outcome, stamp: Stamp, now: int) -> Outcome:
    """The outcome with how the file looked, and whether it would look another way after another change."""
    settled = bool(outcome.entry.digest) and now - stamp.newest_ns > SETTLED_NS
    return replace(outcome, entry=replace(outcome.entry, stamp=str(stamp), settled=settled))
