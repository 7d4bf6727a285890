"""`postsearch status`: what the index holds, and what is left out."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from index.errors import IndexMissing
from index.indexer.report import counted
from index.indexer.status import read_status
from index.settings import load_settings
from search.commands.options import settings_options
from search.commands.reports import left_out_lines
from search.engine import open_searcher

__all__ = ["status_command"]


@click.command("status", short_help="Tell what the index holds and what is left out.")
@settings_options("index", "engine")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def status_command(as_json: bool, **flags: Any) -> None:
    """Tell what the index holds, how fresh it is, and which posts are left out. Exits with 3 without an index."""
    settings = load_settings(flags)
    status = read_status(settings)
    try:
        state = open_searcher(settings).state(datetime.now(UTC))
        missing = None
    except IndexMissing as error:
        state, missing = None, error
    shown = {
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
        click.echo(f"Posts          {state.posts}")
        click.echo(f"Generation     {state.generation}")
        click.echo(f"Updated        {shown['updated_at']}")
        click.echo(f"Changed since  {counted(status.pending, 'file')}")
        for line in left_out_lines(status.excluded, status.failed):
            click.echo(line)
    if missing:
        raise missing
