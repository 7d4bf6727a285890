"""Verification: the checksums of the live index are compared again and again while it serves.

A file is checked when it is opened, and mapped from then on. What disk or memory do to it later would be answered, and
no one be the wiser.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

from index.errors import IndexDamaged, IndexMissing
from index.log import get_logger
from index.segments.files import check_arrays, damaged, open_regular
from index.storage.builds import live
from index.storage.mark import mark_damaged
from index.storage.toc import newest_toc, read_toc

__all__ = ["PAUSE_SECONDS", "Verification", "check_index"]

logger = get_logger(__name__)

STEP_BYTES = 16_000_000
"""About how much is read at a time, which takes some hundredths of a second."""

STEP_SECONDS = 1.0
"""Between two steps."""

PAUSE_SECONDS = 20.0
"""Between the end of a round and the next one, so that all of an index of 400 MB is read within 45 seconds."""


class Verification:
    """Compares the checksums of the live index round by round, a little at a time; safe to share between threads.

    `pause`: seconds between two rounds.
    """

    def __init__(self, root: Path, pause: float = PAUSE_SECONDS) -> None:
        self._root = root.absolute()
        self._pause = pause
        self._next = 0.0
        self._round = check_index(self._root)
        self._busy = threading.Lock()

    def go_on(self) -> bool:
        """Read on, if it is time for that; whether damage was found, which is then logged and marked."""
        if time.monotonic() < self._next or not self._busy.acquire(blocking=False):
            return False
        found, ended, read = False, True, 0
        try:
            for size in self._round:
                read += size
                if read >= STEP_BYTES:
                    ended = False
                    break
        except IndexDamaged as error:
            logger.warning("The index is damaged: %s", error)
            mark_damaged(self._root, error)
            found = True
        except (IndexMissing, OSError):
            pass  # there is no index yet or any more, which those see who ask it
        finally:
            if ended:
                self._round = check_index(self._root)
            self._next = time.monotonic() + (self._pause if ended else min(STEP_SECONDS, self._pause))
            self._busy.release()
        return found


def check_index(root: Path) -> Iterator[int]:
    """Compare all checksums of the newest commit; gives the number of bytes read at each step, a MB at most.

    Raises `IndexDamaged`; `IndexMissing` and `OSError` where there is no index to read.
    """
    commit = build, number = live(root), newest_toc(live(root).path(root))
    for info in read_toc(build.path(root), number).segments:
        try:
            with open_regular(info.path(build.path(root))) as file:
                yield from check_arrays(file)
        except FileNotFoundError as error:
            if (live(root), newest_toc(build.path(root))) == commit:
                raise damaged(info.path(build.path(root)), error) from error
            return  # a newer commit has taken it away
