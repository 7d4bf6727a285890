"""Command-line options made from `Settings`, and how commands end: one line of what went wrong, and an exit code.

In go names of settings; out come decorators for click commands whose `flags` are settings that were named.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Callable
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, TypeVar

import click

from index.errors import IndexFault, PostSearchError, SettingsError
from index.settings import KINDS, PREFIX, Settings

__all__ = ["FINDINGS", "INDEXING", "READING", "Commands", "ProgressBar", "posts_argument", "settings_options"]

FINDINGS, UNUSABLE, MISCONFIGURED, REFUSED, INTERRUPTED = 1, 3, 4, 5, 130
"""Exit codes: findings (or no hits), no index to use, a setting that can't be used, refused by the system, Ctrl-C."""

ADVICE = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "make room for it"),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "see that you may use it"),
}
"""What to do about an error of the system."""

READING = ("base_url", "url_pattern", "generator", "lang", "timezone", "exclude", "max_file_size")
"""The settings that every command that reads posts takes."""

INDEXING = ("index", *READING, "engine", "workers", "lock_timeout")
"""The settings that every command that writes an index takes."""

METAVARS = {str: "TEXT", int: "NUMBER", float: "NUMBER", Path: "PATH"}

Function = TypeVar("Function", bound=Callable[..., Any])


class Commands(click.Group):
    """A group of commands that end with one line and an exit code where they can't go on."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
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
            click.echo(f"postsearch: {refusal(error)}", err=True)
            raise SystemExit(REFUSED) from error


def refusal(error: OSError) -> str:
    """What the system refused, of what file where that is known, and what to do about it."""
    place = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
    advice = ADVICE.get(error.errno or 0, "mend that")
    return f"{place}{error.strerror or error}; {advice}, then run the command again"


def exit_code(error: PostSearchError) -> int:
    """How a command ends that could not go on."""
    if isinstance(error, SettingsError):
        return MISCONFIGURED
    return UNUSABLE if isinstance(error, IndexFault) else FINDINGS


def settings_options(*names: str) -> Callable[[Function], Function]:
    """Options for these settings, with the sentence that describes each; None where an option is not named."""
    described = {field.name: field for field in fields(Settings)}

    def decorate(function: Function) -> Function:
        for name in reversed(names):
            function = option(name, described[name].metadata["doc"], described[name].default)(function)
        return function

    return decorate


def option(name: str, doc: str, default: object) -> Callable[[Function], Function]:
    flag = "--" + name.replace("_", "-")
    shown = "" if default in (MISSING, "", ()) else f" [default: {default}]"
    text = f"{doc}{shown} ({PREFIX}{name.upper()})"
    if KINDS[name] is bool:
        return click.option(f"{flag}/--no-{flag[2:]}", name, default=None, help=text)
    if KINDS[name] == tuple[str, ...]:
        many = f"{text} Can be given several times."
        return click.option(flag, name, metavar="TEXT", multiple=True, callback=none_if_empty, help=many)
    return click.option(flag, name, metavar=METAVARS[KINDS[name]], help=text)


def none_if_empty(_context: click.Context, _parameter: click.Parameter, value: tuple[str, ...]) -> object:
    return value or None


def posts_argument(function: Function) -> Function:
    """The folder of posts, where it is not the one of the settings."""
    return click.argument("posts", required=False)(function)


class ProgressBar:
    """Shows how far a run is, on a terminal, once it has taken a second."""

    def __init__(self, *, quiet: bool) -> None:
        self.shown = not quiet and sys.stderr.isatty()
        self.started = time.monotonic()
        self.bar: Any = None

    def __call__(self, done: int, total: int) -> None:
        """Note that `done` of `total` posts have been read."""
        if not self.shown:
            return
        if self.bar is None and time.monotonic() - self.started > 1:
            self.bar = click.progressbar(length=total, label="Reading posts", file=sys.stderr, show_pos=True)
            self.bar.__enter__()
        if self.bar is not None:
            self.bar.update(done - self.bar.pos)
            if done >= total:
                self.close()

    def close(self) -> None:
        """Leave the terminal on a fresh line."""
        if self.bar is not None:
            self.bar.__exit__(None, None, None)
            self.bar = None
            self.shown = False
