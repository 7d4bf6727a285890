"""The commands that read posts: reindex, watch and check. Arguments go in; text or JSON and an exit code come out."""

from __future__ import annotations

import json
import logging
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import Any

import click

from index.errors import IndexBusy
from index.indexer.report import Excluded, Failed, Problem, Report, count
from index.indexer.run import reindex
from index.indexer.status import check
from index.settings import load_settings
from index.storage.lock import watcher_lock
from index.watching.watcher import Watcher
from search.commands.options import FINDINGS, INDEXING, READING, ProgressBar, posts_argument, settings_options

__all__ = [
    "check_command",
    "end_when_terminated",
    "interruptible",
    "left_out",
    "log_report",
    "log_to_stderr",
    "reindex_command",
    "report_text",
    "watch_command",
]

logger = logging.getLogger(__name__)

FEW = 10
"""Runs of fewer posts than this (a save or two) also tell which of them are left out."""


@click.command("reindex", short_help="Bring the index up to date with a folder of posts.")
@posts_argument
@settings_options(*INDEXING)
@click.option("--full", is_flag=True, help="Read every post and build the index anew, beside the live one.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def reindex_command(full: bool, as_json: bool, quiet: bool, **flags: Any) -> None:
    """Bring the index up to date with the folder POSTS: only what changed is read.

    Exits with 1 when a post could not be read (its last good version stays searchable), with 3 when another process
    does not finish writing, with 4 when a setting can't be used.
    """
    bar = ProgressBar(quiet=quiet or as_json)
    try:
        report = reindex(load_settings(flags), full=full, progress=bar)
    finally:
        bar.close()
    if as_json:
        click.echo(json.dumps(report_dict(report), ensure_ascii=False))
    elif not quiet:
        click.echo(report_text(report))
    raise SystemExit(FINDINGS if report.failed else 0)


@click.command("watch", short_help="Re-index what changes, until interrupted.")
@posts_argument
@settings_options(*INDEXING, "quiet_period", "sweep_interval")
@click.option("--quiet", is_flag=True, help="Print nothing but warnings and errors.")
def watch_command(quiet: bool, **flags: Any) -> None:
    """Watch the folder POSTS and re-index what changes, until interrupted.

    The companion of `gunicorn wsgi:app`: run one beside the web server.
    """
    settings = load_settings(flags)
    log_to_stderr(quiet=quiet)
    end_when_terminated()
    with watcher_lock(settings) as lock, interruptible():
        if lock:
            logger.info("Watching %s (stop with Ctrl-C)", settings.posts)
            Watcher(settings, log_report, lock=lock).run_forever()
        # a watcher that was not interrupted stops only for another one
        raise IndexBusy(f"another process watches for the index {settings.index} already; stop it first")


@click.command("check", short_help="Tell what is wrong with the posts.")
@posts_argument
@settings_options(*READING)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as a JSON list.")
@click.option("--quiet", is_flag=True, help="Print nothing; the exit code tells.")
def check_command(as_json: bool, quiet: bool, **flags: Any) -> None:
    """Tell what is wrong with the posts in the folder POSTS, as file:line:column; exits with 1 on findings.

    That includes posts that share an address, and what can't be used of the site's configuration.
    """
    settings = load_settings(flags)
    bar = ProgressBar(quiet=quiet or as_json)
    problems = check(settings, progress=bar)
    bar.close()
    if as_json:
        click.echo(json.dumps([asdict(problem) for problem in problems], ensure_ascii=False))
    elif not quiet:
        for problem in problems:
            click.echo(f"{settings.posts}/{problem_line(problem)}")
        click.echo(f"{count(len(problems), 'finding')}.", err=True)
    raise SystemExit(FINDINGS if problems else 0)


def report_dict(report: Report) -> dict[str, Any]:
    """The report as `--json` prints it."""
    return {
        "indexed": report.indexed,
        "unchanged": report.unchanged,
        "removed": report.removed,
        "excluded": [asdict(one) for one in report.excluded],
        "failed": [asdict(one) for one in report.failed],
        "total": report.total,
        "seconds": round(report.seconds, 3),
    }


def report_text(report: Report) -> str:
    """The report as people read it."""
    done = f"Indexed {report.indexed}, unchanged {report.unchanged}, removed {report.removed}"
    lines = [f"{done}; {count(report.total, 'file')} in {report.seconds:.1f} s."]
    lines += left_out(report.excluded, report.failed)
    if report.warnings:
        lines.append(f"{count(len(report.warnings), 'warning')}; see `postsearch check`.")
    return "\n".join(lines)


def left_out(excluded: Iterable[Excluded], failed: Iterable[Failed]) -> list[str]:
    """Lines that tell which posts are not to be found, and why."""
    excluded, failed = list(excluded), list(failed)
    lines = [f"Excluded {len(excluded)}:"] if excluded else []
    lines += [f"  {one.path}: {one.reason}" for one in excluded]
    lines += [f"Failed {len(failed)} (the last good version of each stays as it was):"] if failed else []
    lines += [f"  {place(one.path, one.line, one.column)}: {one.error}" for one in failed]
    return lines


def problem_line(problem: Problem) -> str:
    return f"{place(problem.path, problem.line, problem.column)}: {problem.kind}: {problem.message}"


def place(path: str, line: int, column: int) -> str:
    return f"{path}:{line}:{column}" if line else path


def end_when_terminated() -> None:
    """From now on end on SIGTERM as if all were done, with all that is open closed."""

    def end(_signal: int, _frame: object) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, end)


@contextmanager
def interruptible() -> Iterator[None]:
    """Run the block until it ends or Ctrl-C ends it, which is no error."""
    with suppress(KeyboardInterrupt):
        yield


def log_report(report: Report) -> None:
    """Tell of a run that changed something, and of what is wrong with the posts that it read."""
    if report.indexed or report.removed:
        logger.info("Indexed %d, removed %d in %.2f s", report.indexed, report.removed, report.seconds)
    for one in report.failed:
        logger.warning("%s: %s", place(one.path, one.line, one.column), one.error)
    for problem in report.warnings:
        logger.warning("%s", problem_line(problem))
    if report.total < FEW:
        for left in report.excluded:
            logger.info("%s: left out: %s", left.path, left.reason)


def log_to_stderr(*, quiet: bool) -> None:
    """Show the log, as only a command does: a library leaves that to its host."""
    logging.basicConfig(format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    for package in ("index", "search"):
        logging.getLogger(package).setLevel(logging.WARNING if quiet else logging.INFO)
