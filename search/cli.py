"""The `postsearch` command, which loads the module of the command that is asked for, and no other.

Most of what a short command takes is loading modules, and a search needs neither the indexer nor Flask.
"""

from __future__ import annotations

import errno
import gc
import os
import sys
from importlib import import_module
from typing import Any

import click

from index.errors import PostSearchError
from search.commands.exit_codes import INTERRUPTED, REFUSED, exit_code

__all__ = ["main"]

COMMANDS = {
    "check": "search.commands.check:check_command",
    "explain": "search.commands.explain:explain_command",
    "reindex": "search.commands.indexing:reindex_command",
    "search": "search.commands.search:search_command",
    "serve": "search.commands.serve:serve_command",
    "status": "search.commands.status:status_command",
    "watch": "search.commands.indexing:watch_command",
}


ADVICE = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "make room for it"),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "see that you may use it"),
}
"""What to do about an error of the system."""


class Commands(click.Group):
    """Loads a command when it is asked for, and ends it with one line and an exit code where it can't go on."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click gives it
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click gives it
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy starts a thread for each core, which takes a while
        gc.disable()  # modules are made of many objects, and none of these is ever garbage
        command: click.Command = getattr(import_module(module), name)
        gc.freeze()
        gc.enable()
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except PostSearchError as error:
            click.echo(f"postsearch: {error}", err=True)
            raise SystemExit(exit_code(error)) from error
        except (click.Abort, KeyboardInterrupt):
            click.echo("postsearch: interrupted", err=True)
            raise SystemExit(INTERRUPTED) from None
        except BrokenPipeError:
            sys.stderr.close()  # the reader of our output went away, as `head` does
            raise SystemExit(0) from None
        except OSError as error:
            place = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
            advice = ADVICE.get(error.errno or 0, "mend that")
            told = f"{place}{error.strerror or error}; {advice}, then run the command again"
            click.echo(f"postsearch: {told}", err=True)
            raise SystemExit(REFUSED) from error


@click.group(cls=Commands)
@click.version_option(package_name="postsearch")
def main() -> None:
    """Full-text search for a folder of posts."""


if __name__ == "__main__":
    main()
