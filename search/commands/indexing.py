"""The commands that write an index: `postsearch reindex` and `watch`."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import click

from index.errors import IndexBusy
from index.indexer.run import reindex
from index.log import escaped, get_logger
from index.settings import load_settings
from index.storage.lock import watcher_lock
from index.watching.watcher import Watcher
from search.commands.exit_codes import FINDINGS
from search.commands.foreground import ProgressBar, end_when_terminated, log_to_stderr
from search.commands.options import WRITE_OPTIONS, posts_argument, settings_options
from search.commands.remote import reindex_afar
from search.commands.reports import ReportLog, afar_text, remarks, report_text

__all__ = ["reindex_command", "watch_command"]

logger = get_logger(__name__)


@click.command("reindex", short_help="Bring the index up to date with a folder of posts.")
@posts_argument
@click.option("--full", is_flag=True, help="Read every post and build the index anew, beside the live one.")
@click.option("--allow-removal", is_flag=True, help="Remove posts also where most of them are gone from the folder.")
@click.option("--wait", "url", metavar="URL", help="Have the search at this address do it, and wait for that.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
@settings_options(*WRITE_OPTIONS)
def reindex_command(full: bool, allow_removal: bool, url: str | None, as_json: bool, quiet: bool, **flags: Any) -> None:
    """Bring the index up to date with the folder POSTS: only what changed is read.

    Without POSTS it is the folder of the setting `posts`. Exits with 1 when a post could not be read (its last good
    version stays searchable), with 3 when another process does not finish writing, with 4 when a setting can't be
    used, with 6 when most posts are gone from the folder, which changes nothing without --allow-removal.

    With --wait, it is the index and the folder of a server, such as https://example.org/search/, whose token is in the
    environment, in POSTSEARCH_REINDEX_TOKEN: this ends once what changed there can be searched.
    """
    if url is not None:
        if full or allow_removal or any(value is not None for value in flags.values()):
            raise click.UsageError(
                "with --wait, the server goes by its own settings: give no others but --json, --quiet"
            )
        told = reindex_afar(url, os.environ.get("POSTSEARCH_REINDEX_TOKEN", ""))
        if as_json:
            click.echo(json.dumps(told, ensure_ascii=False))
        elif not quiet:
            click.echo(afar_text(told))
        raise SystemExit(FINDINGS if told["failed"] else 0)
    log_to_stderr(quiet=quiet)
    with ProgressBar(quiet=quiet or as_json) as bar:
        settings = load_settings(flags)
        report = reindex(settings, full=full, progress=bar, allow_removal=allow_removal)
    if as_json:
        told = asdict(report) | {"seconds": round(report.seconds, 3)}
        click.echo(json.dumps({name: told[name] for name in (*report.counts(), "seconds")}, ensure_ascii=False))
        for said in remarks(report):
            click.echo(escaped(f"Warning: {said}."), err=True)
    elif not quiet:
        click.echo(report_text(report, settings))
    raise SystemExit(FINDINGS if report.failed else 0)


@click.command("watch", short_help="Re-index what changes, until interrupted.")
@posts_argument
@click.option("--quiet", is_flag=True, help="Print nothing but warnings and errors.")
@settings_options(*WRITE_OPTIONS, "quiet_period", "sweep_interval")
def watch_command(quiet: bool, **flags: Any) -> None:
    """Watch the folder POSTS and re-index what changes, until interrupted.

    Without POSTS it is the folder of the setting `posts`. The companion of `gunicorn wsgi:app`: run one beside the web
    server.
    """
    settings = load_settings(flags)
    log_to_stderr(quiet=quiet)
    end_when_terminated()
    with watcher_lock(settings) as lock, suppress(KeyboardInterrupt):
        if lock:
            logger.info("Watching %s (stop with Ctrl-C)", settings.posts_text)
            Watcher(settings, ReportLog().tell, lock=lock).run_forever()
        # a watcher that was not interrupted stops only for another one
        raise IndexBusy(f"another process watches for the index {settings.index} already; stop it first")
