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

from index.errors import IndexDamaged, SettingsError, UnlikelyRemoval
from index.indexer.changes import Changes, Job, Progress
from index.indexer.folder import is_text
from index.indexer.folders import Folders, Sites
from index.indexer.ledger import Basis, discard_unfinished, load, save
from index.indexer.post import Post, read_post
from index.indexer.report import Report
from index.indexer.workers import forget_readings
from index.log import get_logger
from index.settings import Settings
from index.storage import Writer, open_writer
from index.storage.builds import reindex_command
from index.storage.lock import index_lock
from index.storage.mark import mark_damaged, unmark

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
    `allow_removal`, since the folder may not be mounted; else that is `UnlikelyRemoval`. So it is where they are not in
    another folder that is to take the place of theirs.

    Raises `SettingsError` for folders that can't be used, `IndexBusy` when another process holds the index for longer
    than `lock_timeout` seconds, `ClusterFault` for a cluster that takes no changes, and `OSError` for what the system
    refuses, such as a full disk.
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
        Folders(self.settings)  # Refuses bad settings before the lock makes a folder or a file.
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
        posts = Folders(self.settings)
        sites = Sites.of(posts)
        attempts = [None] if ids is None else [ids, None]  # the named files, then the whole folder
        for wanted in attempts:
            ledger = load(folder, wanted)
            basis = Basis(
                engine=self.settings.engine,
                fingerprint=posts.fingerprint(sites, ledger.basis.fingerprint),
                posts=posts.origin,
                updated_at=self.now,
            )
            listing = posts.scan() if wanted is None else posts.look(wanted)
            empty = posts.without_posts(listing) if wanted is None else {}
            job = Job(
                posts=posts,
                listing=listing,
                ledger=ledger,
                read=partial(sites.read, read=self.read),
                workers=self.settings.workers,
                progress=self.progress,
                named=wanted is not None,
                anew=full,
                engine=self.settings.engine,
                heirs=sites.heirs,
                advice="; ".join(filter(None, [sites.advice, *empty.values()])),
            )
            if job.named and any(sites.heirs(id) is not None for id in wanted or ()):
                continue
            if full or (job.named and (job.listing.linked or job.ledger.basis.linked)):
                continue  # Through a link a file has other ids too, which only a look at all of the folder finds.
            with self.open_writer(self.settings) as writer:
                # The ledger must tell of this very commit, and reading the same files must give the same documents.
                then = replace(job.ledger.basis, linked=False, updated_at=self.now)
                now = replace(basis, commit_id=writer.commit_id, generation=writer.generation)
                if job.named and any(loss.gone > MAX_UNCONFIRMED for loss in Changes(job, writer).losses()):
                    continue  # how many posts there are in all is known only to a look at all of the folder
                if then == now and writer.commit_id:
                    return self.finish(folder, job, writer, basis)
        with self.open_writer(self.settings, fresh=True) as writer:
            return self.finish(folder, replace(job, anew=True), writer, basis)

    def finish(self, folder: Path, job: Job, writer: Writer, basis: Basis) -> Report:
        """Do the job, commit where anything changed, and then note in the ledger what the index holds now.

        Of several folders, one that has lost most of its posts stays as it was, and holds up none of the others.
        """
        if writer.posts not in ("", job.posts.origin, job.ledger.basis.posts) and not self.allow_removal:
            raise SettingsError(
                f"opensearch_index: {self.settings.opensearch_index!r} in the cluster is the index of the posts in"
                f" {writer.posts}; give this site another name, or take that index with"
                f" `{reindex_command(self.settings)} --allow-removal`"
            )
        changes = Changes(job, writer)
        losses = [] if self.allow_removal else list(changes.losses())
        unlikely = [loss for loss in losses if loss.gone > max(MAX_UNCONFIRMED, loss.posts / 2)]
        before = job.ledger.basis.posts
        unlikely = [loss for loss in unlikely if loss.origin] or unlikely
        refusal = UnlikelyRemoval(
            {loss.begin: job.posts.there[loss.begin].root if loss.begin else job.posts.origin for loss in unlikely},
            gone=sum(loss.gone for loss in unlikely),
            posts=sum(loss.posts for loss in unlikely),
            command=f"{reindex_command(self.settings)} --allow-removal",
            origin=unlikely[0].origin if unlikely else "",
        )
        if "" in refusal.folders:  # the only one, or another one
            raise refusal
        for loss in unlikely:
            job.listing.hide(loss.begin, f"{loss.gone} of {loss.posts} posts are gone")
        changes.apply()
        generation = writer.commit() if changes.changed else writer.generation
        entries, gone = changes.changed_entries, changes.gone
        if changes.changed or entries or gone:
            basis = replace(basis, commit_id=writer.commit_id, generation=generation, linked=job.listing.linked)
            save(folder, basis, entries, gone, anew=job.anew)
        if before not in ("", job.posts.origin):
            logger.warning("The index was of the posts in %s, and is now of %s", before, job.posts.origin)
        if job.anew:
            unmark(folder)  # what was damaged was built anew
        if not job.named:
            forget_readings(folder)
        if refusal.folders:
            raise refusal
        return changes.report(self.now, time.monotonic() - self.started, generation)
