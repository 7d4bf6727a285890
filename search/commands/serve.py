"""`postsearch serve`: index, watch, and serve the page and the endpoint."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import click
from werkzeug.serving import make_server

from index.errors import SettingsError
from index.indexer.run import reindex
from index.settings import Settings, load_settings
from index.storage.lock import watcher_lock
from index.watching.watcher import Watcher
from search.commands.indexing import end_when_terminated, interruptible, log_report, log_to_stderr, report_text
from search.commands.options import INDEXING, ProgressBar, posts_argument, settings_options
from search.web.extension import create_app

__all__ = ["serve_command"]

SERVING = (
    "host", "port", "watch", "url_prefix", "site_name", "per_page", "max_per_page", "facet_size", "cors_origins",
    "quiet_period", "sweep_interval",
)  # fmt: skip


@click.command("serve", short_help="Index, watch, and serve the search page and the JSON endpoint.")
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
