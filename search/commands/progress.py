"""A progress bar for what takes a while, on a terminal."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, Self

import click

__all__ = ["ProgressBar"]

SHOWN_AFTER_SECONDS = 1.0


class ProgressBar:
    """Shows how far a run is, on a terminal, once it has taken a second. Leaves the terminal on a fresh line."""

    def __init__(self, *, quiet: bool) -> None:
        self.shown = not quiet and sys.stderr.isatty()
        self.started = time.monotonic()
        self.bar: Any = None

    def __call__(self, done: int, total: int) -> None:
        """Note that `done` of `total` posts have been read."""
        if not self.shown:
            return
        if self.bar is None and time.monotonic() - self.started > SHOWN_AFTER_SECONDS:
            self.bar = click.progressbar(length=total, label="Reading posts", file=sys.stderr, show_pos=True)
            self.bar.__enter__()
        if self.bar is not None:
            self.bar.update(done - self.bar.pos)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.bar is not None:
            self.bar.__exit__(None, None, None)
