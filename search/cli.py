"""The `postsearch` command: it loads the module of the command that is asked for, and no other.

Most of what a short command takes is loading modules, and a search needs neither the indexer nor Flask.
"""

from __future__ import annotations

from importlib import import_module

import click

from search.commands.options import Commands

__all__ = ["main"]

COMMANDS = {
    "check": "search.commands.indexing:check_command",
    "reindex": "search.commands.indexing:reindex_command",
    "search": "search.commands.search:search_command",
    "serve": "search.commands.serve:serve_command",
    "status": "search.commands.status:status_command",
    "watch": "search.commands.indexing:watch_command",
}


class Lazy(Commands):
    """The commands of `COMMANDS`, each loaded when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click gives it
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click gives it
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.group(cls=Lazy)
@click.version_option(package_name="postsearch")
def main() -> None:
    """Full-text search for a folder of posts."""


if __name__ == "__main__":
    main()
