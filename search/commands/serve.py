"""`postsearch serve`: index, watch, and serve the page and the endpoint."""

from __future__ import annotations

import logging
import socket
from contextlib import closing, suppress
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

import click

from index.errors import ClusterFault, SettingsError, UnlikelyRemoval
from index.indexer.run import reindex
from index.log import get_logger
from index.settings import Settings, load_settings
from index.storage.lock import may_write
from index.watching.candidacy import Candidacy
from search.commands.foreground import ProgressBar, end_when_terminated, log_to_stderr
from search.commands.options import WRITE_OPTIONS, posts_argument, settings_options
from search.commands.reports import ReportLog, report_text
from search.commands.server import Server
from search.commands.supervisor import supervised
from search.engine import open_searcher
from search.web.extension import create_app
from search.web.recall import Recalling

__all__ = ["serve_command"]

logger = get_logger(__name__)

SERVE_OPTIONS = (
    "host", "port", "watch", "url_prefix", "site_name", "per_page", "max_per_page", "facet_size", "cors_origins",
    "metrics", "mcp", "quiet_period", "sweep_interval",
)  # fmt: skip


@click.command("serve", short_help="Index, watch, and serve the search page and the JSON endpoint.")
@posts_argument
@click.option("--quiet", is_flag=True, help="Print nothing but warnings and errors.")
@settings_options(*SERVE_OPTIONS, *WRITE_OPTIONS)
def serve_command(quiet: bool, **flags: Any) -> None:
    """Index the folder POSTS, or several as NAME=FOLDER, watch it, and serve the results page and the JSON endpoint.

    Without POSTS it is the folder of the setting `posts`. With --no-watch, an index that you may only read is served as
    it is. For a site, see docs/deployment.md.
    """
    settings = load_settings(flags)
    log_to_stderr(quiet=quiet)
    end_when_terminated()
    with listening(settings) as server_socket:
        service, report = supervised(), None
        address, port = server_socket.getsockname()[:2]
        # It refuses what it can't use before anything is indexed.
        app = create_app(settings, local=ip_address(address).is_loopback)
        read_only = not settings.watch and not may_write(settings)
        if read_only and not service.restarted:
            open_searcher(settings).state(datetime.now(UTC))  # which tells what keeps it from being read
            logger.info("The index %s may only be read: it is served as it is", settings.index)
        # After a restart a watcher brings the index up to date, and searches are answered meanwhile.
        elif not read_only and not (service.restarted and settings.watch):
            try:
                with ProgressBar(quiet=quiet) as bar:
                    report = reindex(settings, progress=bar)
                if not quiet:
                    click.echo(report_text(report, settings), err=True)
            except UnlikelyRemoval as error:  # what is left of it is better than nothing; a watcher looks again
                if error.origin:
                    raise  # other posts than those that were asked for are not
                logger.warning("The index is served as it is: %s", error)
            except ClusterFault as error:  # which may start later than this machine; a watcher tries again
                if not settings.watch:
                    raise
                logger.warning("The posts were not indexed yet: %s", error)
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it warns of every request that waits
        app.wsgi_app = Recalling(app)  # type: ignore[method-assign]
        server = Server(app, server_socket)
        if not service.restarted:
            click.echo(f"Search at http://{settings.host}:{port}{settings.url_prefix}/ (stop with Ctrl-C)")
        service.ready()
        candidacy = Candidacy(settings, ReportLog(None if quiet else report).tell)
        with suppress(KeyboardInterrupt), closing(candidacy):
            if settings.watch:
                candidacy.start()
            server.run()


def listening(settings: Settings) -> socket.socket:
    """The socket to serve at, open before the posts are read, so that a port in use is told at once."""
    try:
        return socket.create_server((settings.host, settings.port))
    except (OSError, OverflowError) as error:
        # Python adds the address to the words of the system; the message says it already
        reason = (getattr(error, "strerror", None) or str(error)).partition(" (while attempting")[0]
        where = f"{settings.host} port {settings.port}"
        raise SettingsError(f"host, port: can't listen at {where} ({reason}); choose another with --port") from error
