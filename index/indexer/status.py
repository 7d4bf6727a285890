"""How far the index is behind the folder, and what is wrong with the posts; nothing is changed."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from index.indexer.changes import Progress
from index.indexer.folder import ROOT_ID, Folder
from index.indexer.ledger import Ledger, load
from index.indexer.outcomes import read_outcome
from index.indexer.post import read_post
from index.indexer.report import Problem, Status, excluded_posts, failed_posts
from index.settings import Settings
from index.sites.site import read_site

__all__ = ["check", "pending", "read_status"]


def read_status(settings: Settings, now: datetime | None = None) -> Status:
    """What the last run left, and how many files differ since. `now` is an aware time, as in `reindex`."""
    ledger = load(settings.index)
    return Status(
        generation=ledger.basis.generation,
        updated_at=ledger.basis.updated_at,
        pending=count_pending(settings, ledger),
        excluded=excluded_posts(ledger.entries, now or datetime.now(UTC)),
        failed=failed_posts(ledger.entries),
    )


def pending(settings: Settings) -> int:
    """How many files look different from how the last run saw them."""
    return count_pending(settings, load(settings.index))


def count_pending(settings: Settings, ledger: Ledger) -> int:
    """Of the folder that was indexed, whatever folder the settings name by now."""
    folder = Path(ledger.basis.posts or settings.posts)
    if not folder.is_dir():
        return len(ledger.entries)
    listing = Folder(replace(settings, posts=folder)).scan()
    present = {id: str(stamp) for id, stamp in listing.files.items()}
    present |= dict.fromkeys((*listing.excluded, *listing.refused), "")
    known = {id: entry.stamp for id, entry in ledger.entries.items() if not listing.hides(id) and id != ROOT_ID}
    return sum(present.get(id) != known.get(id) for id in present.keys() | known.keys())


def check(settings: Settings, *, progress: Progress = lambda _done, _total: None) -> tuple[Problem, ...]:
    """What is wrong with the posts and with the site's configuration, by place; reads all and needs no index.

    Raises `SettingsError` for a folder that can't be used.
    """
    posts = Folder(settings)
    site, listing = read_site(posts.root, settings), posts.scan()
    problems = [Problem(id, 0, 0, reason, "warning") for id, reason in listing.refused.items()]
    problems += [Problem(id or ROOT_ID, 0, 0, reason, "error") for id, reason in listing.unreadable.items()]
    problems += [Problem(os.path.relpath(file, posts.root), 0, 0, text, "warning") for file, text in site.warnings]
    first_at: dict[str, str] = {}
    for done, id in enumerate(listing.files, 1):
        if outcome := read_outcome(posts, id, listing, None, partial(read_post, site=site)):
            problems += outcome.problems
            if outcome.document and (first := first_at.setdefault(outcome.document.url, id)) != id:
                url = outcome.document.url
                message = f"has the same address as {first}: {url}; only one of them can be there"
                problems.append(Problem(id, 0, 0, message, "warning"))
        progress(done, len(listing.files))
    return tuple(sorted(problems, key=lambda problem: (problem.path, problem.line, problem.column)))
