"""How people read what runs of the indexer report: as text for a terminal, as lines of a log."""

from __future__ import annotations

import os
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from index.indexer.folder import ROOT_ID
from index.indexer.report import Excluded, Failed, Problem, Report, mass_exclusion
from index.log import counted, escaped, get_logger
from index.settings import Settings
from index.storage.builds import posts_words

__all__ = [
    "ReportLog",
    "afar_text",
    "failed_line",
    "github_line",
    "left_out_lines",
    "problem_line",
    "remarks",
    "report_text",
]

logger = get_logger(__name__)

MAX_ALIKE = 10
"""Posts that a report on a folder names for one reason."""

MAX_DETAILED_POSTS = 9
"""The log of a run of at most so many posts, such as a save or two, also tells which of them are left out."""


def report_text(report: Report, settings: Settings) -> str:
    """The report on the posts of the settings, for a terminal."""
    done = f"Indexed {report.indexed}, unchanged {report.unchanged}, removed {report.removed}"
    lines = [f"{done}; {counted(report.total, 'file')} in {report.seconds:.1f} s."]
    lines += left_out_lines(report.excluded, report.failed, most_alike=MAX_ALIKE)
    if report.warnings:
        posts = posts_words(settings) if settings.folders else [settings.posts_text]
        check = shlex.join(["postsearch", "check", *posts])
        lines.append(f"{counted(len(report.warnings), 'warning')}; see `{check}`.")
    return "\n".join([*lines, *(escaped(f"Warning: {said}.") for said in remarks(report))])


def remarks(report: Report) -> list[str]:
    """What people are to know of all of the posts, in sentences."""
    unlikely = mass_exclusion([one.reason for one in report.excluded], report.total)
    return [said for said in (unlikely, report.advice) if said]


def afar_text(told: Mapping[str, Any]) -> str:
    """What a server tells of its index, for a terminal."""
    failed = f", failed {told['failed']} (its log or `postsearch check` says why)" if told["failed"] else ""
    done = f"indexed {told['indexed']}, unchanged {told['unchanged']}, removed {told['removed']}{failed}"
    return f"Searchable after {told['lag_ms']:.0f} ms as generation {told['generation']}: {done}."


def left_out_lines(
    excluded: Iterable[Excluded], failed: Iterable[Failed], *, most_alike: int | None = None
) -> list[str]:
    """Which posts are not to be found, and why; of those with one reason at most so many."""
    excluded, failed = list(excluded), list(failed)
    lines = [f"Excluded {len(excluded)}:"] if excluded else []
    told: Counter[str] = Counter()
    for one in excluded:
        told[one.reason] += 1
        if most_alike is None or told[one.reason] <= most_alike:
            lines.append(escaped(f"  {one.path}: {one.reason}"))
    more = {reason: count - most_alike for reason, count in told.items() if most_alike and count > most_alike}
    lines += [
        escaped(f"  and {count} more: {reason}; `postsearch status` names them") for reason, count in more.items()
    ]
    lines += [f"Failed {len(failed)}:"] if failed else []
    lines += [f"  {failed_line(one)}" for one in failed]
    return lines


def failed_line(one: Failed) -> str:
    """What is wrong with a post or a folder, and what is found in its place."""
    found = "its last good version is still found" if one.served else "not found until mended"
    if one.path.endswith("/"):
        found = "what the index holds of it is still found"
    return escaped(f"{location(one)}: {one.error} ({found})")


def problem_line(problem: Problem) -> str:
    """The problem as compilers tell theirs: file:line:column, kind, message."""
    return escaped(f"{location(problem)}: {problem.kind}: {problem.message}")


def github_line(problem: Problem) -> str:
    """The problem as a command that GitHub's runners make an annotation of, at the line in question.

    These go by paths below the checkout, which `GITHUB_WORKSPACE` names.
    """
    file = os.path.relpath(problem.path, os.environ.get("GITHUB_WORKSPACE") or ".")
    file = escaped(file).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
    place = f"file={file}" + (f",line={problem.line},col={problem.column}" if problem.line else "")
    return f"::{problem.kind} {place}::{escaped(problem.message).replace('%', '%25')}"


def location(one: Failed | Problem) -> str:
    return f"{one.path}:{one.line}:{one.column}" if one.line else one.path


class ReportLog:
    """The lines of a log on the runs of a watcher, which looks at the same posts again and again.

    A run of all the folder tells only what the one before it did not, and a warning that has not changed once: `told`
    is the report, if any, that people have seen already. A run of the posts that were just saved tells all, also that
    one is still broken.
    """

    def __init__(self, told: Report | None = None) -> None:
        self._told: set[Failed | Excluded | Problem] = set()
        if told:
            self._told |= {*told.failed, *told.excluded, *all_warnings(told)}

    def tell(self, report: Report) -> None:
        """Tell of a run that changed something, and of what is wrong with the posts that it read."""
        if report.indexed or report.removed:
            logger.info("Indexed %d, removed %d in %.2f s", report.indexed, report.removed, report.seconds)
        known = frozenset(self._told) if report.whole else frozenset()
        for one in report.failed:
            if one not in known:
                logger.warning("%s", failed_line(one))
        for problem in all_warnings(report):
            if problem not in known:
                logger.warning("%s", problem_line(problem))
        for left in report.excluded if report.total <= MAX_DETAILED_POSTS else ():
            if left not in known:
                logger.info("%s: left out: %s", left.path, left.reason)
        if report.whole:
            # A report tells warnings only of the posts that were read.
            self._told = {one for one in self._told if isinstance(one, Problem)}
        self._told |= {*report.failed, *report.excluded, *all_warnings(report)}


def all_warnings(report: Report) -> list[Problem]:
    """The warnings of the run, and, where it looked at all of the posts, what is to be known of these."""
    said = remarks(report) if report.whole else []
    return [*report.warnings, *(Problem(ROOT_ID, 0, 0, one, "warning") for one in said)]
