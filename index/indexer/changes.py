"""What a run changes: posts that differ from what the ledger says of them are read and written to the index."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from index.indexer.folder import ROOT_ID, Folder, Listing, Stamp
from index.indexer.ledger import Ledger, LedgerEntry
from index.indexer.outcomes import Outcome, PostReader
from index.indexer.report import Problem, Report, excluded_posts, failed_posts
from index.indexer.workers import File, Reading, reading_of
from index.log import get_logger
from index.storage import Writer

__all__ = ["Changes", "Job", "Progress"]

logger = get_logger(__name__)

Progress = Callable[[int, int], None]
"""Called after each file with how many are done and how many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is to be done: bring the index from what the ledger says to what the listing says.

    `named`: the caller named the files of the listing; all are read, also those that look unchanged. `anew`: all are
    read, too, and fill an empty build, into which the last good versions of posts that fail are copied from the live
    one. `workers`: how many processes may read; 0 are as many as there are cores. `heirs` and `advice`: see
    `Site`.
    """

    posts: Folder
    listing: Listing
    ledger: Ledger
    read: PostReader
    workers: int = 1
    progress: Progress = field(default=lambda _done, _total: None)
    named: bool = False
    anew: bool = False
    heirs: Callable[[str], str | None] = field(default=lambda _id: None)
    advice: str = ""


class Changes:
    """Brings the index from ledger to listing through a writer, all but the commit.

    `known`: the entries before; `entries`: those after; `before`: ids whose post the live index holds; `live`: those of
    them that are of this folder; `changed`: a commit is needed.
    """

    def __init__(self, job: Job, writer: Writer) -> None:
        self.job = job
        self.writer = writer
        self.known = {} if job.anew else job.ledger.entries
        served = (id for id, entry in self.known.items() if entry.served)
        self.before = writer.ids() if job.anew else frozenset(served)
        # Where the ledger is of another folder, nothing is kept.
        self.moved = job.ledger.basis.posts not in ("", str(job.posts.root))
        if self.moved:
            logger.warning("The index was of the posts in %s, and is now of %s", job.ledger.basis.posts, job.posts.root)
        self.live = frozenset() if self.moved and job.anew else self.before
        self.entries: dict[str, LedgerEntry] = {}
        self.written: set[str] = set()
        self.problems: list[Problem] = []
        self.changed = job.anew

    @property
    def changed_entries(self) -> dict[str, LedgerEntry]:
        """The entries that are not as they were."""
        return {id: entry for id, entry in self.entries.items() if self.known.get(id) != entry}

    @property
    def gone(self) -> frozenset[str]:
        """The ids of which nothing is left."""
        return frozenset(self.known.keys() - self.entries.keys())

    def loss(self) -> int:
        """How many posts more are gone from the folder than came, so that moving posts in it is none.

        Another folder may hold fewer posts, but not none.
        """
        listing = self.job.listing
        here = {*listing.files, *listing.excluded, *listing.refused}
        if self.moved and here:
            return 0
        gone = sum(id not in here and not listing.hides(id) for id in self.before)
        return gone - len(listing.files.keys() - self.job.ledger.entries.keys() - self.before)

    def apply(self) -> None:
        """Do all of the job but the commit."""
        listing = self.job.listing
        self.read_files()
        for id, reason in {**listing.excluded, **listing.refused}.items():
            self.entries[id] = LedgerEntry.excluded(reason)
            self.drop(id)
        # What can't be looked at now stays as it was, and so does all that lies in a folder that can't.
        for id in self.live | self.known.keys() if listing.unreadable else ():
            if listing.hides(id) and id not in listing.unreadable:
                kept = self.keep(id)
                self.entries[id] = self.known.get(id) or LedgerEntry(outcome="indexed", served=kept, settled=False)
        for id, reason in listing.unreadable.items():
            self.entries[id or ROOT_ID] = replace(LedgerEntry.failed(reason), served=self.keep(id))
        for id in self.gone:
            self.drop(id)

    def read_files(self) -> None:
        """Read the files of the listing that differ, and write what becomes of them."""
        files, waiting = self.job.listing.files, []
        differing = {id for id, stamp in files.items() if not self.is_read(id, stamp)}
        moved = differing | self.known.keys() - files.keys()
        folders = tuple(folder for id in moved if (folder := self.job.heirs(id)) is not None)
        for id, stamp in files.items():
            known = self.known.get(id)
            if id.startswith(folders):
                waiting.append(File(id, stamp, None))  # also where it is as it was
            elif known and id not in differing:
                self.entries[id] = known
            else:
                waiting.append(File(id, stamp, known))
        reading = Reading(self.job.posts, self.job.read, self.writer.preparation(), self.job.listing.linked)
        done = 0
        with reading_of(waiting, reading, self.job.workers) as batches:
            for batch in batches:
                if batch.prepared is not None:
                    self.writer.put_prepared(batch.prepared)
                    self.changed = True
                for file, outcome in zip(batch.files, batch.outcomes, strict=True):
                    if outcome:
                        self.note(file.id, outcome)
                    done += 1
                    self.job.progress(done, len(waiting))

    def is_read(self, id: str, stamp: Stamp) -> bool:
        """Whether the file was read as it is."""
        known = self.known.get(id)
        return bool(known and known.settled and not self.job.named and known.stamp == str(stamp))

    def note(self, id: str, outcome: Outcome) -> None:
        """Note what became of one file, and see to what the index holds of it."""
        self.problems += outcome.problems
        self.entries[id] = outcome.entry
        if outcome.written:
            self.written.add(id)
        elif outcome.changed and outcome.entry.outcome == "failed":
            self.entries[id] = replace(outcome.entry, served=self.keep(id))
        elif outcome.changed:
            self.drop(id)

    def keep(self, id: str) -> bool:
        """Keep the version that the live index holds, and say whether there is one."""
        if self.job.anew and id in self.live and (document := self.writer.get(id)):
            self.writer.put(document)
        return id in self.live

    def drop(self, id: str) -> None:
        """Take the post out of the index where it is in it; a build that is made anew holds none yet."""
        if id in self.live and not self.job.anew:
            self.writer.delete([id])
            self.changed = True

    def report(self, now: datetime, seconds: float, generation: int) -> Report:
        """What this run did, each file counted once."""
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
            whole=not self.job.named,
            advice=self.job.advice,
        )
