"""What a run changes: posts that differ from what the ledger says of them are read and written to the index."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from index.indexer.folder import ROOT_ID, Listing
from index.indexer.folders import Folders
from index.indexer.ledger import Ledger, LedgerEntry
from index.indexer.outcomes import Outcome, PostReader
from index.indexer.report import Problem, Report, excluded_posts, failed_posts
from index.indexer.workers import File, Reading, reading_of
from index.named_folders import path_at
from index.storage import Writer

__all__ = ["Changes", "Job", "Loss", "Progress"]

Progress = Callable[[int, int], None]
"""Called after each file with how many are done and how many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is to be done: bring the index from what the ledger says to what the listing says.

    `named`: the caller named the files of the listing; all are read, also those that look unchanged. `anew`: all are
    read, too, and fill an empty build, into which the last good versions of posts that fail are copied from the live
    one. `engine`: of the index that is written. `workers`: how many processes may read; 0 are as many as there are
    cores. `heirs`: see `Site`; `advice`: see `Report`.
    """

    posts: Folders
    listing: Listing
    ledger: Ledger
    read: PostReader
    engine: str
    workers: int
    progress: Progress
    named: bool
    anew: bool
    heirs: Callable[[str], str | None]
    advice: str


class Loss(NamedTuple):
    """How many posts more are gone from a folder than came, so that moving posts in it is none, and how many it had.

    `begin` is what the ids of the folder begin with. `origin` is where the posts lay before, where that is elsewhere.
    """

    begin: str
    gone: int
    posts: int
    origin: str = ""


class Changes:
    """Brings the index from ledger to listing through a writer, all but the commit.

    `known`: the entries before; `entries`: those after; `before`: ids whose post can be found; `live`: those of them
    that are of this folder and engine; `changed`: a commit is needed.
    """

    def __init__(self, job: Job, writer: Writer) -> None:
        self.job = job
        self.writer = writer
        self.known = {} if job.anew else job.ledger.entries
        served = (id for id, entry in job.ledger.entries.items() if entry.served)
        # What this engine holds from before another one took its place is long outdated.
        outdated = job.ledger.basis.engine not in ("", job.engine)
        self.before = writer.ids() if job.anew and not outdated else frozenset(served)
        # Of a folder that was another one, and of another engine, nothing is kept.
        self.unmoved = job.posts.unmoved(job.ledger.basis.posts)
        kept = () if outdated else self.unmoved
        self.live = frozenset(id for id in self.before if id.startswith(kept)) if job.anew else self.before
        self.entries: dict[str, LedgerEntry] = {}
        self.written: set[str] = set()
        self.problems: list[Problem] = []
        self.changed = job.anew

    @property
    def changed_entries(self) -> dict[str, LedgerEntry]:
        return {id: entry for id, entry in self.entries.items() if self.known.get(id) != entry}

    @property
    def gone(self) -> frozenset[str]:
        return frozenset(self.known.keys() - self.entries.keys())

    def losses(self) -> Iterator[Loss]:
        """That of each folder, and that of all which lie elsewhere by now, have another name, or are named no more."""
        listing, posts = self.job.listing, self.job.posts
        here = {*listing.files, *listing.excluded, *listing.refused}
        new = listing.files.keys() - self.job.ledger.entries.keys() - self.before
        for begin in self.unmoved:
            before = [id for id in self.before if id.startswith(begin)]
            gone = sum(id not in here and not listing.hides(id) for id in before)
            yield Loss(begin, gone - sum(id.startswith(begin) for id in new), len(before))
        if moved := [id for id in self.before if not id.startswith(self.unmoved)]:
            # These are still there under the same id, or where they were; others do not make up for them.
            origin = self.job.ledger.basis.posts
            paths = {os.path.realpath(posts.path(id)) for id in here if posts.begin_of(id) in posts.there}
            gone = sum(id not in here and os.path.realpath(path_at(origin, id)) not in paths for id in moved)
            yield Loss("", gone, len(moved), origin)

    def apply(self) -> None:
        """Do all of the job but the commit."""
        listing = self.job.listing
        self.read_files()
        for begin, reason in self.job.posts.went().items():
            listing.hide(begin, reason)  # that its files are not there says nothing of them
        for id, reason in {**listing.excluded, **listing.refused}.items():
            self.entries[id] = LedgerEntry.excluded(reason)
            self.drop(id)
        # What can't be looked at now stays as it was, and so does all that lies in a folder that can't.
        for id in self.live | self.known.keys() if listing.unreadable else ():
            if listing.hides(id) and id not in listing.unreadable and id not in self.entries:
                kept = self.keep(id)
                self.entries[id] = self.known.get(id) or LedgerEntry(outcome="indexed", served=kept, settled=False)
        for id, reason in listing.unreadable.items():
            self.entries[id or ROOT_ID] = replace(LedgerEntry.failed(reason), served=self.keep(id))
        for id in self.gone:
            self.drop(id)

    def read_files(self) -> None:
        """Read the files of the listing that differ, and write what becomes of them."""
        files, waiting = self.job.listing.files, []
        read = {} if self.job.named else {id: entry.stamp for id, entry in self.known.items() if entry.settled}
        differing = {id for id, stamp in files.items() if read.get(id) != str(stamp)}
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
            removed=len(self.before - self.entries.keys()),
            excluded=excluded,
            failed=failed,
            warnings=tuple(problem for problem in self.problems if problem.kind == "warning"),
            total=len(self.entries),
            seconds=seconds,
            generation=generation,
            whole=not self.job.named,
            advice=self.job.advice,
        )
