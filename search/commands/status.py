"""`postsearch status`: what the index holds, and what is left out."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from index.errors import IndexMissing
from index.indexer.status import read_status
from index.log import counted, escaped
from index.named_folders import parted_by_name
from index.settings import load_settings
from index.watching.heartbeat import read_heartbeat
from search.commands.options import ENGINE_OPTIONS, settings_options
from search.commands.reports import left_out_lines
from search.engine import open_searcher

__all__ = ["status_command"]


@click.command("status", short_help="Tell what the index holds and what is left out.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@settings_options(*ENGINE_OPTIONS)
def status_command(as_json: bool, **flags: Any) -> None:
    """Tell what the index holds, how fresh it is, and which posts are left out. Exits with 3 without an index."""
    settings = load_settings(flags)
    status, now = read_status(settings), datetime.now(UTC)
    beat = read_heartbeat(settings)
    watcher = beat and {"pid": beat.pid, "alive": beat.alive(now), "mode": beat.mode, "error": beat.error}
    try:
        state = open_searcher(settings).state(now)
        missing = None
    except IndexMissing as error:
        state, missing = None, error
    shown = {
        "index": settings.place,
        "folders": parted_by_name(status.origin) if status.origin else {},
        "watcher": watcher,
        "posts": state.posts if state else 0,
        "generation": state.generation if state else 0,
        "updated_at": state.updated_at.isoformat(timespec="seconds") if state else None,
        "pending": status.pending,
        "excluded": [asdict(one) for one in status.excluded],
        "failed": [asdict(one) for one in status.failed],
    }
    if as_json:
        click.echo(json.dumps(shown, ensure_ascii=False))
    elif state:
        silent = "" if not beat or beat.alive(now) else "gone silent"
        watching = [f"process {beat.pid}", silent, beat.error] if beat else ["none"]
        click.echo(f"Index          {settings.place}")
        click.echo(escaped(f"Folder         {status.origin or 'not known here'}"))
        click.echo(escaped(f"Watcher        {', '.join(filter(None, watching))}"))
        click.echo(f"Posts          {state.posts}")
        click.echo(f"Generation     {state.generation}")
        click.echo(f"Updated        {shown['updated_at']}")
        click.echo(f"Changed since  {counted(status.pending, 'file')}")
        for line in left_out_lines(status.excluded, status.failed):
            click.echo(line)
    if missing:
        raise missing
