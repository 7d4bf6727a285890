"""How a cluster fares, as data."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ClusterHealth"]


@dataclass(frozen=True, slots=True)
class ClusterHealth:
    """How a cluster and an index in it fare.

    `status` is "green"; "yellow" where copies of shards are missing; "red" where the index can't be asked or can't be
    written to; "unreachable". `nodes`: how many are up. `reason`: what is wrong, for the operator; "" for nothing.
    """

    status: str
    nodes: int
    reason: str = ""
