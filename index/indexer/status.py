"""How far the index is behind the folder, and what is wrong with the posts; nothing is changed."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import TypeVar

from index.curation import (
    PINS,
    SEARCH_TESTS,
    SYNONYMS,
    SearchTest,
    parse_pins,
    parse_search_tests,
    parse_synonyms,
    read_bytes,
)
from index.errors import CurationError, SettingsError
from index.indexer.changes import Progress
from index.indexer.folder import ROOT_ID, Listing
from index.indexer.folders import Folders, Sites
from index.indexer.ledger import Ledger, LedgerEntry, load
from index.indexer.outcomes import read_outcome
from index.indexer.post import Post
from index.indexer.report import Checked, Problem, Status, Taken, excluded_posts, failed_posts, mass_exclusion
from index.settings import Settings
from index.storage.builds import reindex_command

__all__ = ["check", "read_status", "take_file", "why_absent"]

Curated = TypeVar("Curated")

MAX_SIMILAR = 3
"""How many ids are named that are like one that is not there."""


def read_status(settings: Settings, now: datetime | None = None) -> Status:
    """What the last run left, and how many files differ since. `now` is an aware time, as in `reindex`."""
    ledger = load(settings.index)
    return Status(
        generation=ledger.basis.generation,
        updated_at=ledger.basis.updated_at,
        pending=count_pending(settings, ledger),
        excluded=excluded_posts(ledger.entries, now or datetime.now(UTC)),
        failed=failed_posts(ledger.entries),
        origin=ledger.basis.posts,
    )


def count_pending(settings: Settings, ledger: Ledger) -> int:
    """How many files look different from how the last run saw them, in the folder that was indexed, whatever folder the
    settings name by now.
    """
    try:
        listing = Folders(settings.with_origin(ledger.basis.posts)).scan()
    except SettingsError:
        return len(ledger.entries)
    present = {id: str(stamp) for id, stamp in listing.files.items()}
    present |= dict.fromkeys((*listing.excluded, *listing.refused), "")
    known = {id: entry.stamp for id, entry in ledger.entries.items() if not listing.hides(id) and id != ROOT_ID}
    return sum(present.get(id) != known.get(id) for id in present.keys() | known.keys())


def why_absent(settings: Settings, id: str) -> str:
    """Why the index holds no post with this id, and what to do about it, in a sentence."""
    ledger = load(settings.index)
    settings = settings.with_origin(ledger.basis.posts)
    try:
        listing = Folders(settings).look([id])
    except SettingsError:
        listing = Listing()
    reindex = reindex_command(settings)
    command = f"run `{reindex}`"
    # What was known of it at the last run, or of a folder that it lies in, or else what is to be seen now.
    places = [id, *(id[: slash.end()] for slash in re.finditer("/", id))]
    known = {place: ledger.entries[place] for place in places if place in ledger.entries}
    seen = {**listing.excluded, **listing.refused, **listing.unreadable}
    place, entry = next(iter(known.items() or ((at, LedgerEntry.excluded(seen[at])) for at in seen)), (id, None))
    if id in listing.files and (entry is None or (entry.stamp and entry.stamp != str(listing.files[id]))):
        return f"{id} was saved after the posts were last read; {command}."
    if entry is None:
        ids = [one for one in ledger.entries if not one.endswith("/")]
        named_alike = [one for one in ids if PurePosixPath(id).stem in one]
        similar = get_close_matches(id, named_alike, MAX_SIMILAR, 0) or get_close_matches(id, ids, MAX_SIMILAR)
        advice = f"similar: {', '.join(similar)}" if similar else "give the path of a post below that folder"
        return f"There is no post {id} in {settings.posts_text}; {advice}."
    where = f"{place}:{entry.line}:{entry.column}: " if entry.line else f"{place}: " if place != id else ""
    if entry.outcome == "failed":
        return f"{id} could not be read ({where}{entry.reason}); mend that, then {command}."
    if entry.outcome == "excluded":
        return f"{id} is left out ({where}{entry.reason}); change that, then {command}."
    return f"{id} was indexed, but the index does not hold it any more; run `{reindex} --full`."


def check(settings: Settings, *, progress: Progress = lambda _done, _total: None) -> Checked:
    """What is wrong with the posts and with the site's configuration; reads all and needs no index.

    Raises `SettingsError` for a folder that can't be used.
    """
    posts = Folders(settings)
    sites, listing = Sites.of(posts), posts.scan()
    problems = [Problem(id, 0, 0, reason, "warning") for id, reason in listing.refused.items()]
    problems += [Problem(id or ROOT_ID, 0, 0, reason, "error") for id, reason in listing.unreadable.items()]
    problems += [Problem(path, 0, 0, text, "warning") for path, text in sites.warnings(posts)]
    problems += [Problem(b or ROOT_ID, 0, 0, text, "warning") for b, text in posts.without_posts(listing).items()]
    curated(posts.curated, SYNONYMS, parse_synonyms, problems)
    pins = curated(posts.curated, PINS, parse_pins, problems)
    tests = dict.fromkeys(curated(posts.curated, SEARCH_TESTS, parse_search_tests, problems))

    def read(data: bytes, id: str) -> Post:
        post = sites.read(data, id)
        tests.update(dict.fromkeys(SearchTest(query, id, path=id) for query in post.expect))
        return post

    left_out = {**listing.excluded, **listing.refused, **listing.unreadable}
    first_at: dict[str, str] = {}
    for done, id in enumerate(listing.files, 1):
        if outcome := read_outcome(posts, id, listing, None, read):
            problems += outcome.problems
            if not outcome.document:
                left_out[id] = outcome.entry.reason
            elif (first := first_at.setdefault(outcome.document.url, id)) != id:
                url = outcome.document.url
                message = f"has the same address as {first}: {url}; only one of them can be there"
                problems.append(Problem(id, 0, 0, message, "warning"))
        progress(done, len(listing.files))
    for pin in pins:
        for id in pin.values:
            if id in left_out or id not in listing.files:
                reason = left_out.get(id, "there is no such post; give its path below the posts folder")
                problems.append(Problem(PINS, pin.line, 1, f"{pin.text!r} is pinned to {id}: {reason}", "warning"))
    problems.sort(key=lambda problem: (problem.path, problem.line, problem.column))
    total = len({*listing.files, *listing.excluded, *listing.refused, *listing.unreadable})
    if unlikely := mass_exclusion(list(left_out.values()), total):
        problems.append(Problem(ROOT_ID, 0, 0, unlikely, "warning"))
    return Checked(tuple(problems), tuple(tests))


def take_file(settings: Settings, id: str) -> Taken:
    """How the file at an id is taken, whatever the index holds.

    Raises `SettingsError` for a folder that can't be used.
    """
    posts = Folders(settings)
    sites, listing = Sites.of(posts), posts.look([id])
    site, told_by = sites.by_begin[posts.begin_of(id)], ""

    def read(data: bytes, id: str) -> Post:
        nonlocal told_by
        post = sites.read(data, id)
        told_by = post.language_told_by
        return post

    outcome = read_outcome(posts, id, listing, None, read)
    document = outcome and outcome.document
    hidden = excluded_posts({id: outcome.entry}, datetime.now(UTC)) if outcome else ()
    seen = next(
        iter({**listing.excluded, **listing.refused, **listing.unreadable}.values()), "it is no post by its name"
    )
    return Taken(
        generator=site.generator,
        configuration=tuple(os.path.relpath(file, posts.curated) for file in site.files),
        language=document.lang if document else "",
        language_told_by=told_by,
        address=document.url if document else "",
        left_out=hidden[0].reason if hidden else "" if document else outcome.entry.reason if outcome else seen,
        problems=outcome.problems if outcome else (),
    )


def curated(
    root: Path, name: str, parse: Callable[[bytes], tuple[Curated, ...]], problems: list[Problem]
) -> tuple[Curated, ...]:
    """What a file beside the posts says of the search; what can't be used of it is added to the problems."""
    misnamed = (root / name).with_suffix(".yaml")
    if misnamed.exists():
        problems.append(Problem(misnamed.name, 0, 0, f"this file is not read; call it {name}", "warning"))
    try:
        return parse(read_bytes(root / name))
    except CurationError as error:
        problems.append(Problem(name, error.line, error.column or 1, error.message, "error"))
        return ()
