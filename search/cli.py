"""The `postsearch` command: the indexing commands, and serve, search and status, which need both halves."""

from __future__ import annotations

import html
import json
import logging
import re
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click
from werkzeug.serving import make_server

from index.cli import (
    check_command,
    count,
    end_when_terminated,
    interruptible,
    left_out,
    log_report,
    log_to_stderr,
    reindex_command,
    report_text,
    watch_command,
)
from index.errors import IndexMissing, SettingsError
from index.indexer import reindex
from index.lock import watcher_lock
from index.options import FINDINGS, INDEXING, Commands, ProgressBar, posts_argument, settings_options
from index.report import Status
from index.settings import Settings, load_settings
from index.status import read_status
from index.watching.watcher import Watcher
from search.engines import open_searcher
from search.extension import create_app
from search.query import Sort
from search.results import Hit, Results
from search.service import Request, Search

__all__ = ["main"]

WIDEST = 100
MARK = re.compile("<mark>(.*?)</mark>")
SERVING = (
    "host", "port", "watch", "url_prefix", "site_name", "per_page", "max_per_page", "facet_size", "cors_origins",
    "quiet_period", "sweep_interval",
)  # fmt: skip


LABELS = {"posts": "Posts", "generation": "Generation", "updated_at": "Updated", "pending": "Files to do"}


@click.group(cls=Commands)
@click.version_option(package_name="postsearch")
def main() -> None:
    """Full-text search for a folder of posts."""


for command in (reindex_command, watch_command, check_command):
    main.add_command(command)


@main.command("serve", short_help="Index, watch, and serve the search page and the JSON endpoint.")
@posts_argument
@settings_options(*SERVING, *INDEXING)
@click.option("--quiet", is_flag=True, help="Print nothing but warnings and errors.")
def serve_command(quiet: bool, **flags: Any) -> None:
    """Index the folder POSTS, watch it, and serve the results page and the JSON endpoint."""
    settings = load_settings(flags)
    log_to_stderr(quiet=quiet)
    end_when_terminated()
    with listening(settings) as door:
        bar = ProgressBar(quiet=quiet)
        try:
            report = reindex(settings, progress=bar)
        finally:
            bar.close()
        if not quiet:
            click.echo(report_text(report), err=True)
        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        host, port = door.getsockname()[:2]
        server = make_server(host, port, create_app(settings), threaded=True, fd=door.fileno())
        click.echo(f"Search at http://{settings.host}:{port}{settings.url_prefix}/ (stop with Ctrl-C)")
        with interruptible(), watching(settings):
            server.serve_forever()


def listening(settings: Settings) -> socket.socket:
    """The door to serve at, open before the posts are read: what is wrong with it should not be told after that."""
    try:
        return socket.create_server((settings.host, settings.port))
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        where = f"{settings.host} port {settings.port}"
        raise SettingsError(f"host, port: can't listen at {where} ({reason}); choose another with --port") from error


@contextmanager
def watching(settings: Settings) -> Iterator[None]:
    """Watch the posts in a thread while the block runs, unless the settings say no or another process does."""
    with watcher_lock(settings) if settings.watch else nullcontext() as lock:
        watcher = Watcher(settings, log_report, lock=lock) if lock else None
        if watcher:
            watcher.start()
        try:
            yield
        finally:
            if watcher:
                watcher.stop()


@main.command("search", short_help="Find posts.", context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, required=True)
@settings_options("index", "engine", "per_page")
@click.option("--page", type=click.IntRange(1), default=1, help="Which page of hits. [default: 1]")
@click.option("--sort", type=click.Choice(["relevance", "newest", "oldest"]), default="relevance", help="The order.")
@click.option("--json", "as_json", is_flag=True, help="Print what the endpoint `/search/hits` returns.")
def search_command(words: tuple[str, ...], page: int, sort: Sort, as_json: bool, **flags: Any) -> None:
    """Find posts; several WORDS are one query, in which `-word` leaves posts out. Exits with 1 without a hit."""
    settings = load_settings(flags)
    request = Request(text=" ".join(words), sort=sort, page=page, per_page=settings.per_page, prefix=False)
    results = Search(settings).answer(request)
    if as_json:
        click.echo(json.dumps(results.to_dict(), ensure_ascii=False))
    else:
        click.echo("\n".join(results_lines(results)))
    raise SystemExit(0 if results.hits else FINDINGS)


@main.command("status", short_help="Tell what the index holds and what is left out.")
@settings_options("index", "engine")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def status_command(as_json: bool, **flags: Any) -> None:
    """Tell what the index holds, how fresh it is, and which posts are left out. Exits with 3 without an index."""
    settings = load_settings(flags)
    status = read_status(settings)
    shown = status_dict(status, settings)
    if as_json:
        click.echo(json.dumps(shown, ensure_ascii=False))
    elif shown["generation"]:
        lines = [f"{label:13}{shown[name]}" for name, label in LABELS.items()]
        click.echo("\n".join([*lines, *left_out(status.excluded, status.failed)]))
    if not shown["generation"]:
        raise IndexMissing(f"{settings.index} holds no index yet; run `postsearch reindex`")


def status_dict(status: Status, settings: Settings) -> dict[str, Any]:
    """The status as `--json` prints it."""
    try:
        state = open_searcher(settings).state(datetime.now(UTC))
    except IndexMissing:
        state = None
    return {
        "posts": state.posts if state else 0,
        "generation": state.generation if state else 0,
        "updated_at": state.updated_at.isoformat(timespec="seconds") if state else None,
        "pending": status.pending,
        "excluded": [asdict(one) for one in status.excluded],
        "failed": [asdict(one) for one in status.failed],
    }


def results_lines(results: Results) -> list[str]:
    """The results as people read them in a terminal."""
    lines = [f"Note: {warning}" for warning in results.warnings]
    if results.total and not results.hits:
        return [*lines, f"There is no page {results.page}: {count(results.total, 'post')} on {results.pages}."]
    if not results.hits:
        return [*lines, f"No posts for {results.query!r}."]
    for hit in results.hits:
        lines += [*hit_lines(hit), ""]
    page = f", page {results.page} of {results.pages}" if results.pages > 1 else ""
    return [*lines, f"{count(results.total, 'post')}{page} ({results.processing_ms:.0f} ms)"]


def hit_lines(hit: Hit) -> list[str]:
    about = " · ".join(filter(None, [hit.date, ", ".join(hit.author), ", ".join(hit.tags)]))
    lines = [click.style(hit.title, bold=True), f"  {hit.url}  {about}"]
    width = min(shutil.get_terminal_size().columns, WIDEST)
    return [*lines, click.wrap_text(marked(hit.snippet), width, "  ", "  ")] if hit.snippet else lines


def marked(text: str) -> str:
    """Our HTML (nothing but `<mark>`) for a terminal."""
    return html.unescape(MARK.sub(lambda found: click.style(found[1], fg="yellow", bold=True), text))


if __name__ == "__main__":
    main()
