"""The deadline of a request, after which nothing more is begun that its answer can do without."""

from __future__ import annotations

import math
import time

__all__ = ["OPTIONAL_SECONDS", "Deadline"]

OPTIONAL_SECONDS = 0.1
"""CPU time in which a request may begin what is optional: some twenty times what most take among ten thousand posts."""


class Deadline:
    """When a request is late: in so much CPU time of the thread that answers it.

    CPU time, since that is what a request takes from others; by the clock on the wall, a busy machine would make honest
    requests late. Where answers come from other machines, waiting for these counts too, by `clock_seconds`.
    """

    def __init__(self, seconds: float, clock_seconds: float = math.inf) -> None:
        self._end = time.thread_time() + seconds
        self._clock_end = time.monotonic() + clock_seconds
        self.noticed = False

    @property
    def passed(self) -> bool:
        """Whether the request is late; who is told so leaves something out, and `noticed` says so from then on."""
        late = time.thread_time() > self._end or time.monotonic() > self._clock_end
        self.noticed |= late
        return late
