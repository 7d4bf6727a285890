"""What the commands share that run until they are stopped: how they end, and where their log goes."""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

__all__ = ["end_when_terminated", "interruptible", "log_to_stderr"]


def end_when_terminated() -> None:
    """From now on end on SIGTERM as if all were done, with all that is open closed."""

    def end(_signal: int, _frame: object) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, end)


@contextmanager
def interruptible() -> Iterator[None]:
    """Run the block until it ends or Ctrl-C ends it, which is no error."""
    with suppress(KeyboardInterrupt):
        yield


def log_to_stderr(*, quiet: bool) -> None:
    """Show the log, as only a command does: a library leaves that to its host."""
    logging.basicConfig(format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    for package in ("index", "search"):
        logging.getLogger(package).setLevel(logging.WARNING if quiet else logging.INFO)
