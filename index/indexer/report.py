"""What a run of the indexer tells: counts, and what was left out or could not be read, as frozen plain data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from index.indexer.ledger import LedgerEntry
from index.log import counted

if TYPE_CHECKING:
    from index.curation import SearchTest  # which takes a while to load: it reads YAML

__all__ = [
    "Checked",
    "Excluded",
    "Failed",
    "Problem",
    "Report",
    "Status",
    "Taken",
    "excluded_posts",
    "failed_posts",
    "mass_exclusion",
]

MAX_UNREMARKED = 10
"""Files of which most may be left out without a word; of more that is likely a mistake."""


@dataclass(frozen=True, slots=True)
class Excluded:
    """A file or folder that can't be found now, and why; a folder's path ends with `/`."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A post that can't be read.

    `line` and `column` count from 1; 0 means the file as a whole. `served`: its last good version is found in its
    place, else it is not found until it is mended.
    """

    path: str
    line: int
    column: int
    error: str
    served: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a post, and where; `line` and `column` as in `Failed`."""

    path: str
    line: int
    column: int
    message: str
    kind: Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Checked:
    """What is wrong with the posts, by place, and the search tests that stand in and beside them."""

    problems: tuple[Problem, ...]
    search_tests: tuple[SearchTest, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """How one file is taken: by whose rules, from which configuration files, and what comes of it.

    `left_out` is the reason why it can't be found, or "". `language`, with what told it, and `address` are "" where
    that is not a matter of time. `problems` are what is wrong with it.
    """

    generator: str
    configuration: tuple[str, ...]
    language: str
    language_told_by: str
    address: str
    left_out: str
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did. Every file is counted once: total = indexed + unchanged + excluded + failed.

    `indexed` were written by this run and `unchanged` were not; `removed` are gone from the folder. `warnings` are
    of the posts that this run read. `whole`: the report is on all of the folder; an update of some ids reports on these
    alone. `advice` is what is to be known of addresses, and of folders without posts, "" for nothing.
    """

    indexed: int
    unchanged: int
    removed: int
    excluded: tuple[Excluded, ...]
    failed: tuple[Failed, ...]
    warnings: tuple[Problem, ...]
    total: int
    seconds: float
    generation: int
    whole: bool
    advice: str = ""

    def counts(self) -> dict[str, int]:
        """How many files were taken how, by the names of the fields."""
        return {
            "indexed": self.indexed,
            "unchanged": self.unchanged,
            "removed": self.removed,
            "excluded": len(self.excluded),
            "failed": len(self.failed),
            "total": self.total,
        }


@dataclass(frozen=True, slots=True)
class Status:
    """How the index stands to the folder, as the last run left it; `pending` counts the files that differ since.

    `origin` is where the posts lie (see `Settings`), "" where nothing was indexed yet.
    """

    generation: int
    updated_at: datetime | None
    pending: int
    excluded: tuple[Excluded, ...]
    failed: tuple[Failed, ...]
    origin: str = ""


def excluded_posts(entries: Mapping[str, LedgerEntry], now: datetime) -> tuple[Excluded, ...]:
    """The files that can't be found at `now`, though nothing is wrong with them, by id."""
    found = []
    for id, entry in sorted(entries.items()):
        if entry.outcome == "excluded":
            found.append(Excluded(id, entry.reason))
        elif entry.outcome == "indexed" and entry.visible_from and now < entry.visible_from:
            found.append(Excluded(id, f"dated in the future: {entry.visible_from.date()}"))
        elif entry.outcome == "indexed" and entry.visible_to and entry.visible_to <= now:
            found.append(Excluded(id, f"expired: {entry.visible_to.date()}"))
    return tuple(found)


def mass_exclusion(reasons: Collection[str], total: int) -> str | None:
    """Why all files, or most of many, are left out, and what changes it, as a sentence; None where they are not.

    `reasons` are those of the files that are left out, of `total`.
    """
    few = total <= MAX_UNREMARKED or len(reasons) <= total / 2
    if not reasons or (few and len(reasons) < total):
        return None
    kinds = Counter(reason.partition(": ")[0] for reason in reasons)
    kind, count = kinds.most_common(1)[0]
    reason = next(reason for reason in reasons if reason.partition(": ")[0] == kind)
    if kind.endswith("makes no page of it"):
        advice = "if the site is not made by it, set `generator`; `none` takes all files, by their paths"
    elif kind.startswith("excluded by ") and kind == reason:
        advice = "see the setting `exclude`"
    elif kind.startswith("larger than "):
        advice = "see the setting `max_file_size`"
    elif kind in {"dated in the future", "expired"}:
        advice = "see their dates, and the setting `timezone`"
    elif "says the site's configuration" in reason or kind.startswith("excluded by "):
        advice = "see the configuration of the site; the setting `generator` with the value `none` passes it over"
    else:
        advice = "`postsearch status` names them all"
    left_out = f"{len(reasons)} of {counted(total, 'file')} {'is' if len(reasons) == 1 else 'are'} left out"
    return f"{left_out}, {count} of them for this reason: {reason}; {advice}"


def failed_posts(entries: Mapping[str, LedgerEntry]) -> tuple[Failed, ...]:
    failed = ((id, entry) for id, entry in sorted(entries.items()) if entry.outcome == "failed")
    return tuple(Failed(id, entry.line, entry.column, entry.reason, entry.served) for id, entry in failed)
