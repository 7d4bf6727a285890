"""How the index stands to the folder, and what is wrong with the posts: questions that change nothing.

In go the settings; out come a `Status`, a count, and `Problem`s.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from index.indexer.changes import excluded_posts, failed_posts
from index.indexer.folder import Folder
from index.indexer.ledger import Records, load
from index.indexer.outcomes import read_outcome
from index.indexer.post import Post, read_post
from index.indexer.report import Problem, Status
from index.schema import Document
from index.settings import Settings
from index.sites.site import Site, read_site

__all__ = ["check", "pending", "read_status"]

PostReader = Callable[[bytes, str, Site], Post]
SiteReader = Callable[[Path, Settings], Site]


def read_status(settings: Settings, now: datetime | None = None) -> Status:
    """What the last run left, and how many files differ since."""
    records = load(settings.index)
    return Status(
        generation=records.mirrored.generation,
        updated_at=records.mirrored.updated_at,
        pending=count_pending(settings, records),
        excluded=excluded_posts(records.entries, now or datetime.now(UTC)),
        failed=failed_posts(records.entries),
    )


def pending(settings: Settings) -> int:
    """How many files look different from how the last run saw them."""
    return count_pending(settings, load(settings.index))


def count_pending(settings: Settings, records: Records) -> int:
    """Of the folder that was indexed, whatever folder the settings name by now."""
    folder = Path(records.mirrored.posts or settings.posts)
    if not folder.is_dir():
        return len(records.entries)
    listing = Folder(replace(settings, posts=folder)).scan()
    present = {id: str(stamp) for id, stamp in listing.files.items()}
    present |= dict.fromkeys((*listing.excluded, *listing.refused), "")
    known = {id: entry.stamp for id, entry in records.entries.items() if not listing.hides(id) and id != "./"}
    return sum(present.get(id) != known.get(id) for id in present.keys() | known.keys())


def check(
    settings: Settings,
    *,
    read: PostReader = read_post,
    read_site: SiteReader = read_site,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> tuple[Problem, ...]:
    """What is wrong with the posts and with the site's configuration, by place; reads all and needs no index."""
    posts = Folder(settings)
    site, listing = read_site(posts.root, settings), posts.scan()
    problems = [Problem(id, 0, 0, reason, "warning") for id, reason in listing.refused.items()]
    problems += [Problem(id or "./", 0, 0, reason, "error") for id, reason in listing.unreadable.items()]
    problems += [Problem(os.path.relpath(file, posts.root), 0, 0, text, "warning") for file, text in site.warnings]
    first_at: dict[str, str] = {}

    def read_one(data: bytes, id: str) -> Post:
        return read(data, id, site)

    for done, id in enumerate(listing.files, 1):
        outcome = read_outcome(posts, id, listing, None, read_one)
        problems += outcome.problems if outcome else ()
        if outcome and outcome.document:
            problems += shared_address(outcome.document, first_at)
        progress(done, len(listing.files))
    return tuple(sorted(problems, key=lambda problem: (problem.path, problem.line, problem.column)))


def shared_address(document: Document, first_at: dict[str, str]) -> list[Problem]:
    """The complaint that an earlier post has the address of this one, if one has; `first_at` knows the earlier ones."""
    first = first_at.setdefault(document.url, document.id)
    if first == document.id:
        return []
    message = f"has the same address as {first}: {document.url}; only one of them can be there"
    return [Problem(document.id, 0, 0, message, "warning")]
