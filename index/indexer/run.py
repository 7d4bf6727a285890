"""From the folder to the index: `reindex` looks at all files and `update` at some, and what changed is committed.

In go the settings; out comes a `Report`. The index changes in one commit or not at all: a run that fails leaves the
old one serving, and a post that fails leaves its last good version in it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from index.errors import IndexDamaged
from index.indexer.changes import Batch, Job, Progress, Refused
from index.indexer.fingerprint import fingerprint
from index.indexer.folder import Folder, is_text
from index.indexer.ledger import Mirrored, load, save
from index.indexer.post import Post, read_post
from index.indexer.report import Report
from index.settings import Settings
from index.sites.site import Site, read_site
from index.storage import Writer, open_writer
from index.storage.lock import index_lock

__all__ = ["Tools", "reindex", "update"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tools:
    """What a run is made of; tests give their own. Where there is much to read, other processes do it."""

    open_writer: Callable[..., Writer] = open_writer
    read: Callable[[bytes, str, Site], Post] = read_post
    read_site: Callable[[Path, Settings], Site] = read_site


TOOLS = Tools()


@dataclass(frozen=True, slots=True)
class ReadFor:
    """The reading of posts of one site."""

    read: Callable[[bytes, str, Site], Post]
    site: Site

    def __call__(self, data: bytes, id: str) -> Post:
        return self.read(data, id, self.site)


def reindex(
    settings: Settings,
    *,
    full: bool = False,
    progress: Progress | None = None,
    now: datetime | None = None,
    tools: Tools = TOOLS,
) -> Report:
    """Bring the index up to date with all of the folder; `full` reads every post and builds the index anew.

    Raises `SettingsError` for a folder that can't be used, and `IndexBusy` when another process does not finish.
    """
    return Run(settings, tools, progress, now).go(None, full=full)


def update(settings: Settings, ids: Iterable[str], *, now: datetime | None = None, tools: Tools = TOOLS) -> Report:
    """Bring the index up to date with what stands at these ids, whatever their files look like from outside.

    Becomes a `reindex` where that would not be enough: when the index is not what it was left as, when settings or
    the site's own changed, and when links are about. Raises what `reindex` raises.
    """
    return Run(settings, tools, None, now).go(frozenset(filter(is_text, ids)), full=False)


class Run:
    """One run of the indexer: which way it goes, and what it starts again for."""

    def __init__(self, settings: Settings, tools: Tools, progress: Progress | None, now: datetime | None) -> None:
        self.settings = settings
        self.tools = tools
        self.progress = progress or (lambda _done, _total: None)
        self.started = time.monotonic()
        self.now = now or datetime.now(UTC)
        self.refused: dict[str, str] = {}

    def go(self, ids: frozenset[str] | None, *, full: bool) -> Report:
        """Do the run, again from the start where a document breaks the writer or the index is found damaged."""
        Folder(self.settings)  # Refuses bad settings before the lock makes a folder or a file.
        with index_lock(self.settings) as folder:
            while True:
                try:
                    return self.once(folder, ids, full=full)
                except Refused as refused:
                    self.refused[refused.id] = refused.message
                except IndexDamaged as error:
                    if full:
                        raise
                    logger.warning("Building the index anew: %s", error)
                    full = True

    def once(self, folder: Path, ids: frozenset[str] | None, *, full: bool) -> Report:
        """One try: of the ids alone, else of what changed, else of everything."""
        posts = Folder(self.settings)
        site = self.tools.read_site(posts.root, self.settings)
        aim = Mirrored(self.settings.engine, "", 0, fingerprint(self.settings, site), str(posts.root), False, self.now)
        if ids is not None and not full and (report := self.some(folder, self.job(folder, posts, site, ids), aim)):
            return report
        job = self.job(folder, posts, site, None)
        if not full and (report := self.changes(folder, job, aim)):
            return report
        with self.tools.open_writer(self.settings, fresh=True) as writer:
            return self.finish(folder, replace(job, anew=True), writer, aim)

    def job(self, folder: Path, posts: Folder, site: Site, ids: frozenset[str] | None) -> Job:
        """What is to be done for these ids, or for all."""
        listing = posts.scan() if ids is None else posts.look(ids)
        return Job(
            posts,
            listing,
            load(folder, ids),
            ReadFor(self.tools.read, site),
            workers=self.settings.workers,
            progress=self.progress,
            refused=self.refused,
            named=ids is not None,
        )

    def some(self, folder: Path, job: Job, aim: Mirrored) -> Report | None:
        """Do the job of some ids; None where links are about, through which a file has other ids too."""
        linked = job.listing.linked or job.records.mirrored.linked
        return None if linked else self.changes(folder, job, aim)

    def changes(self, folder: Path, job: Job, aim: Mirrored) -> Report | None:
        """Do the job in the live index; None where its records don't tell what that index holds."""
        with self.tools.open_writer(self.settings) as writer:
            if not trusted(job.records.mirrored, replace(aim, build=writer.build, generation=writer.generation)):
                return None
            return self.finish(folder, job, writer, aim)

    def finish(self, folder: Path, job: Job, writer: Writer, aim: Mirrored) -> Report:
        """Do the job, commit where anything changed, and keep the books: after the commit, never before."""
        batch = Batch(job, writer)
        batch.fill()
        generation = writer.commit() if batch.changed else writer.generation
        rows, gone = batch.rows, batch.gone
        if batch.changed or rows or gone:
            aim = replace(aim, build=writer.build, generation=generation, linked=job.listing.linked)
            save(folder, aim, rows, gone, anew=job.anew)
        return batch.report(self.now, time.monotonic() - self.started, generation)


def trusted(mirrored: Mirrored, aim: Mirrored) -> bool:
    """Whether the ledger tells what is in the index, and whether reading the same files would give the same."""
    now = replace(mirrored, linked=aim.linked, updated_at=aim.updated_at)
    return now == aim and aim.generation > 0
