"""Runs of the indexer: `reindex` looks at all files and `update` at some, and what changed is committed.

The index changes in one commit or not at all: a run that fails leaves the old one serving, and a post that fails leaves
its last good version in it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from index.errors import IndexDamaged, UnlikelyRemoval
from index.indexer.changes import Changes, Job, Progress
from index.indexer.fingerprint import fingerprint
from index.indexer.folder import Folder, is_text
from index.indexer.ledger import Basis, discard_unfinished, load, save
from index.indexer.post import Post, read_post
from index.indexer.report import Report
from index.indexer.workers import forget_readings
from index.log import get_logger
from index.settings import Settings
from index.sites.site import read_site
from index.storage import Writer, open_writer
from index.storage.builds import reindex_command
from index.storage.lock import index_lock
from index.storage.mark import mark_damaged

__all__ = ["Run", "reindex", "update"]

logger = get_logger(__name__)

MAX_UNCONFIRMED = 10
"""Posts that may always be removed: in a folder that is so small, many come and go on purpose."""


def reindex(
    settings: Settings,
    *,
    full: bool = False,
    progress: Progress | None = None,
    now: datetime | None = None,
    allow_removal: bool = False,
) -> Report:
    """Bring the index up to date with all of the folder; `full` reads every post and builds the index anew.

    `progress` is called after each post that was read, with how many so far and of how many; what it raises ends the
    run. `now` is an aware time, at which posts count as dated in the future or expired in the report. Where more than
    half of the posts and more than 10 are gone from the folder, and no others came, they are removed only with
    `allow_removal`, since the folder may not be mounted; else that is `UnlikelyRemoval`.

    Raises `SettingsError` for folders that can't be used, `IndexBusy` when another process holds the index for longer
    than `lock_timeout` seconds, and `OSError` for what the system refuses, such as a full disk.
    """
    return Run(settings, progress=progress, now=now, allow_removal=allow_removal).go(None, full=full)


def update(settings: Settings, ids: Iterable[str], *, now: datetime | None = None) -> Report:
    """Bring the index up to date with the files at these ids (paths below the folder, with `/`), which are all read.

    Looks at all of the folder, as `reindex` does, where that would not be enough: when the index is not what the last
    run left, when settings or the site's own changed, and when links are about. Raises what `reindex` raises.
    """
    return Run(settings, now=now).go(ids)


class Run:
    """One run of the indexer, with the parts that it puts together: the reader of posts, the site and the writer."""

    def __init__(
        self,
        settings: Settings,
        *,
        progress: Progress | None = None,
        now: datetime | None = None,
        allow_removal: bool = False,
        read: Callable[..., Post] = read_post,
        open_writer: Callable[..., Writer] = open_writer,
    ) -> None:
        self.settings = settings
        self.progress = progress or (lambda _done, _total: None)
        self.now = now or datetime.now(UTC)
        self.allow_removal = allow_removal
        self.read = read
        self.open_writer = open_writer
        self.started = time.monotonic()

    def go(self, ids: Iterable[str] | None = None, *, full: bool = False) -> Report:
        """Look at the ids alone, or at all for None; once more and at everything where the index is found damaged."""
        Folder(self.settings)  # Refuses bad settings before the lock makes a folder or a file.
        wanted = None if ids is None else frozenset(filter(is_text, ids))
        with index_lock(self.settings) as folder:
            discard_unfinished(folder)
            try:
                return self.do_least(folder, wanted, full=full)
            except IndexDamaged as error:
                logger.warning("Building the index anew: %s", error)
                mark_damaged(folder, error)
                return self.do_least(folder, None, full=True)

    def do_least(self, folder: Path, ids: frozenset[str] | None, *, full: bool) -> Report:
        """Do with as little as is enough: the ids alone, else what changed in the folder, else every post anew."""
        posts = Folder(self.settings)
        site = read_site(posts.root, self.settings)
        basis = Basis(
            engine=self.settings.engine,
            fingerprint=fingerprint(self.settings, site),
            posts=str(posts.root),
            updated_at=self.now,
        )
        attempts = [None] if ids is None else [ids, None]  # the named files, then the whole folder
        for wanted in attempts:
            job = Job(
                posts=posts,
                listing=posts.scan() if wanted is None else posts.look(wanted),
                ledger=load(folder, wanted),
                read=partial(self.read, site=site),
                workers=self.settings.workers,
                progress=self.progress,
                named=wanted is not None,
                anew=full,
                heirs=site.heirs,
                advice=site.advice,
            )
            if job.named and any(site.heirs(id) is not None for id in wanted or ()):
                continue
            if full or (job.named and (job.listing.linked or job.ledger.basis.linked)):
                continue  # Through a link a file has other ids too, which only a look at all of the folder finds.
            with self.open_writer(self.settings) as writer:
                # The ledger must tell of this very commit, and reading the same files must give the same documents.
                then = replace(job.ledger.basis, linked=False, updated_at=self.now)
                now = replace(basis, commit_id=writer.commit_id, generation=writer.generation)
                if job.named and Changes(job, writer).loss() > MAX_UNCONFIRMED:
                    continue  # how many posts there are in all is known only to a look at all of the folder
                if then == now and writer.commit_id:
                    return self.finish(folder, job, writer, basis)
        with self.open_writer(self.settings, fresh=True) as writer:
            return self.finish(folder, replace(job, anew=True), writer, basis)

    def finish(self, folder: Path, job: Job, writer: Writer, basis: Basis) -> Report:
        """Do the job, commit where anything changed, and then note in the ledger what the index holds now."""
        changes = Changes(job, writer)
        loss, posts = changes.loss(), len(changes.before)
        if loss > max(MAX_UNCONFIRMED, posts / 2) and not self.allow_removal:
            command = f"{reindex_command(self.settings.index, self.settings.posts)} --allow-removal"
            raise UnlikelyRemoval(job.posts.root, gone=loss, posts=posts, command=command)
        changes.apply()
        generation = writer.commit() if changes.changed else writer.generation
        entries, gone = changes.changed_entries, changes.gone
        if changes.changed or entries or gone:
            basis = replace(basis, commit_id=writer.commit_id, generation=generation, linked=job.listing.linked)
            save(folder, basis, entries, gone, anew=job.anew)
        if not job.named:
            forget_readings(folder)
        return changes.report(self.now, time.monotonic() - self.started, generation)
