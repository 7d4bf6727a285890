"""What commands share that take a while: a progress bar, how they end when they are stopped, where their log goes."""

from __future__ import annotations

import logging
import signal
import sys
import time
from contextlib import ExitStack
from typing import Any

import click

__all__ = ["ProgressBar", "end_when_terminated", "log_to_stderr"]

SHOWN_AFTER_SECONDS = 1.0


def end_when_terminated() -> None:
    """From now on end on SIGTERM as if all were done, with all that is open closed."""

    def end(_signal: int, _frame: object) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, end)


def log_to_stderr(*, quiet: bool) -> None:
    """Show the log, as only a command does: a library leaves that to its host."""
    logging.basicConfig(format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    for package in ("index", "search"):
        logging.getLogger(package).setLevel(logging.WARNING if quiet else logging.INFO)


class ProgressBar(ExitStack):
    """Shows how far a run is, on a terminal, once it has taken a second. Leaves the terminal on a fresh line."""

    def __init__(self, *, quiet: bool) -> None:
        super().__init__()
        self.shown = not quiet and sys.stderr.isatty()
        self.started = time.monotonic()
        self.bar: Any = None

    def __call__(self, done: int, total: int) -> None:
        """Note that `done` of `total` posts have been read."""
        if self.shown and self.bar is None and time.monotonic() - self.started > SHOWN_AFTER_SECONDS:
            bar: Any = click.progressbar(length=total, label="Reading posts", file=sys.stderr, show_pos=True)
            self.bar = self.enter_context(bar)
        if self.bar is not None:
            self.bar.update(done - self.bar.pos)
