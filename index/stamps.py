"""How files look: when a look at one is enough to know that it still holds what it held."""

from __future__ import annotations

__all__ = ["SETTLED_NS", "is_settled"]

SETTLED_NS = 2_000_000_000
"""The coarsest clock of a file system: a file may change again within it and look the same."""


def is_settled(newest_ns: int, now_ns: int) -> bool:
    """Whether no later change can leave a file as it looks now, which last changed then; in nanoseconds since 1970."""
    return now_ns - newest_ns > SETTLED_NS
