"""The changes of one run: posts that differ from what was known of them are read, and what comes of it is written.

In go a `Job` and an open writer; out come entries for the ledger, changes in the writer, and the `Report`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from index.errors import IndexFault
from index.indexer.folder import Folder, Listing
from index.indexer.ledger import Entry, Records
from index.indexer.outcomes import Outcome, Reader, failure, left_out
from index.indexer.report import Excluded, Failed, Problem, Report
from index.indexer.workers import Chunk, File, Reading, reading_of
from index.schema import Document
from index.storage import Writer

__all__ = ["Batch", "Job", "Progress", "Refused", "excluded_posts", "failed_posts"]

logger = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""Told after each post that was read: how many so far, and of how many."""


class Refused(Exception):
    """The engine broke over a document: the batch is spoilt and must start again without it."""

    def __init__(self, id: str, error: Exception) -> None:
        super().__init__(id)
        self.id = id
        self.message = f"the engine did not take the post: {type(error).__name__}: {error}"


@dataclass(frozen=True, slots=True)
class Job:
    """What a batch is to do: bring the index from the records to the listing.

    `named` reads all files of the listing, also those that look unchanged. `anew` does the same and fills an empty
    index, into which the last good versions of posts that fail are copied from the live one. `refused` are posts
    that the engine broke over before, with the reason.
    """

    posts: Folder
    listing: Listing
    records: Records
    read: Reader
    workers: int = 1
    progress: Progress = field(default=lambda _done, _total: None)
    refused: Mapping[str, str] = field(default_factory=dict)
    named: bool = False
    anew: bool = False

    @property
    def known(self) -> Mapping[str, Entry]:
        """What is known of the files and still holds."""
        return {} if self.anew else self.records.entries

    @property
    def foreign(self) -> bool:
        """Whether the live index is of another folder."""
        return self.records.mirrored.posts not in ("", str(self.posts.root))


class Batch:
    """One job in the doing. `changed` says whether there is anything to commit."""

    def __init__(self, job: Job, writer: Writer) -> None:
        self.job = job
        self.writer = writer
        self.known = job.known
        self.live = self.live_ids()
        self.entries: dict[str, Entry] = {}
        self.written: set[str] = set()
        self.problems: list[Problem] = []
        self.changed = job.anew

    def live_ids(self) -> frozenset[str]:
        """The ids that the live index holds, among those that the job is about."""
        if self.job.anew:
            return frozenset() if self.job.foreign else self.writer.ids()
        return frozenset(id for id, entry in self.known.items() if entry.served)

    def fill(self) -> None:
        """Do it all but the commit."""
        self.read_files()
        self.note_others()
        self.note_unreadable()
        for id in self.gone:
            self.drop(id)

    @property
    def rows(self) -> dict[str, Entry]:
        """The entries that are not as they were."""
        return {id: entry for id, entry in self.entries.items() if self.known.get(id) != entry}

    @property
    def gone(self) -> frozenset[str]:
        """The ids of which nothing is left."""
        return frozenset(self.known.keys() - self.entries.keys())

    def read_files(self) -> None:
        """Settle every post of the listing."""
        waiting = []
        for id, stamp in self.job.listing.files.items():
            known = self.known.get(id)
            if known and known.settled and not self.job.named and known.stamp == str(stamp):
                self.entries[id] = known
            elif id in self.job.refused:
                self.settle(id, failure(id, self.job.refused[id]))
            else:
                waiting.append(File(id, stamp, known))
        reading = Reading(self.job.posts, self.job.read, self.writer.preparation(), self.job.listing.linked)
        done = 0
        with reading_of(waiting, reading, self.job.workers) as chunks:
            for chunk in chunks:
                self.take(chunk)
                done += len(chunk.files)
                self.job.progress(done, len(waiting))

    def take(self, chunk: Chunk) -> None:
        """Write what became of some files."""
        if chunk.prepared is not None:
            self.writer.put_prepared(chunk.prepared)
            self.changed = True
        for file, outcome in zip(chunk.files, chunk.outcomes, strict=True):
            if outcome:
                self.settle(file.id, outcome)

    def settle(self, id: str, outcome: Outcome) -> None:
        """Write what became of one file."""
        if outcome.prepared:
            self.written.add(id)
        elif outcome.changed and outcome.document and (error := self.put(id, outcome.document)):
            outcome = failure(id, f"the engine did not take the post: {error}")
        self.problems += outcome.problems
        self.entries[id] = outcome.entry
        if outcome.changed and outcome.entry.outcome == "failed":
            self.entries[id] = replace(outcome.entry, served=self.keep(id))
        elif outcome.changed and outcome.entry.outcome == "excluded":
            self.drop(id)

    def put(self, id: str, document: Document) -> ValueError | None:
        """Put a document, or say why the engine does not take it. Raises `Refused` when the writer broke."""
        try:
            self.writer.put(document)
        except ValueError as error:
            return error
        except (IndexFault, OSError, MemoryError):
            raise
        except Exception as error:
            logger.exception("The engine broke over %s", id)
            raise Refused(id, error) from error
        self.written.add(id)
        self.changed = True
        return None

    def keep(self, id: str) -> bool:
        """Keep the version that the live index holds, and say whether there is one."""
        if not self.job.anew or id not in self.live:
            return id in self.live
        document = None if id in self.job.refused else self.writer.get(id)
        if document:
            self.writer.put(document)
        return document is not None

    def drop(self, id: str) -> None:
        """Take the post out of the index where it is in it; an index that is built anew holds none yet."""
        if id in self.live and not self.job.anew:
            self.writer.delete([id])
            self.changed = True

    def note_others(self) -> None:
        """Note the files and folders that are not read."""
        for id, reason in {**self.job.listing.excluded, **self.job.listing.refused}.items():
            self.entries[id] = left_out(reason)
            self.drop(id)

    def note_unreadable(self) -> None:
        """Note what can't be looked at now, and keep all that was known of it and what lies in it."""
        listing = self.job.listing
        for id in self.live | self.known.keys() if listing.unreadable else ():
            if listing.hides(id) and id not in listing.unreadable:
                kept = self.keep(id)
                self.entries[id] = self.known.get(id) or Entry("", "", False, "indexed", kept)
        for id, reason in listing.unreadable.items():
            self.entries[id or "./"] = replace(failure(id, reason).entry, served=self.keep(id))

    def report(self, now: datetime, seconds: float, generation: int) -> Report:
        """What this batch did, each file counted once."""
        excluded, failed = excluded_posts(self.entries, now), failed_posts(self.entries)
        found = self.entries.keys() - {e.path for e in excluded} - {f.path for f in failed}
        return Report(
            indexed=len(found & self.written),
            unchanged=len(found - self.written),
            removed=len(self.live - self.entries.keys()),
            excluded=excluded,
            failed=failed,
            warnings=tuple(problem for problem in self.problems if problem.kind == "warning"),
            total=len(self.entries),
            seconds=seconds,
            generation=generation,
        )


def excluded_posts(entries: Mapping[str, Entry], now: datetime) -> tuple[Excluded, ...]:
    """The files that can't be found at `now`, though nothing is wrong with them, by id."""
    reasons = ((id, unseen(entry, now)) for id, entry in sorted(entries.items()))
    return tuple(Excluded(id, reason) for id, reason in reasons if reason)


def failed_posts(entries: Mapping[str, Entry]) -> tuple[Failed, ...]:
    """The files that can't be read, by id."""
    failed: Iterable[tuple[str, Entry]] = ((id, e) for id, e in sorted(entries.items()) if e.outcome == "failed")
    return tuple(Failed(id, entry.line, entry.column, entry.reason) for id, entry in failed)


def unseen(entry: Entry, now: datetime) -> str:
    """Why a post that was read can't be found at `now`; "" where it can."""
    if entry.outcome == "excluded":
        return entry.reason
    if entry.outcome == "indexed" and entry.visible_from and now < entry.visible_from:
        return f"dated in the future: {entry.visible_from.date()}"
    if entry.outcome == "indexed" and entry.visible_to and entry.visible_to <= now:
        return f"expired: {entry.visible_to.date()}"
    return ""
