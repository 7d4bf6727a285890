"""Whether the search is in good order, as a report for machines that watch servers.

`down` means that no search is answered, and `degraded` that answers may be stale, since the watcher fails, waits or has
gone silent, or a cluster takes no changes, or wrong, since the index is damaged and not yet built anew.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from index.errors import ClusterFault, IndexFault
from index.log import without_details
from index.settings import Settings
from index.storage.mark import is_marked
from index.watching.heartbeat import Heartbeat, read_heartbeat
from search.query import Query
from search.service import Search

__all__ = ["health_report"]


def health_report(service: Search, settings: Settings, now: datetime) -> dict[str, Any]:
    """The report: `status`, the `reason` where that is not `ok`, what the index holds, and what is known of the watcher
    (None where none is at work) and of the cluster that holds the index (None where none does).
    """
    beat = read_heartbeat(settings)
    watcher = watcher_report(beat, now) if beat else None
    if not (watcher and watcher["alive"]):
        service.searcher.verify()  # as nobody else does
    cluster = service.searcher.cluster()
    told = asdict(cluster) | {"reason": without_details(cluster.reason)} if cluster else None
    known = {"watcher": watcher, "cluster": told}
    try:
        if cluster and cluster.status == "unreachable":
            raise ClusterFault(cluster.reason)  # to ask it for more would only take time
        state = service.state(now)
        if cluster and cluster.status == "red":
            service.searcher.count(Query(), now)  # which asks all shards, as searches do
    except (IndexFault, OSError) as error:  # the latter where the system refuses, such as yet another open file
        nothing = {"generation": None, "posts": 0, "updated_at": None, **known}
        away = isinstance(error, ClusterFault) and without_details(error)
        why = [away or "there is no index that can be searched", beat.reason if beat else ""]
        return {"status": "down", "reason": "; ".join(dict.fromkeys(filter(None, why))), **nothing}
    reason = told["reason"] if told and told["status"] == "red" else ""
    if beat and not beat.alive(now):
        reason = "the process that watches the posts has gone silent"
    elif beat and beat.error:
        reason = beat.reason or "the last update failed; the log of the watcher says why"
    elif is_marked(settings.index):
        reason = "the index is damaged and not yet built anew"
    return {
        "status": "degraded" if reason else "ok",
        "reason": reason,
        "generation": state.generation,
        "posts": state.posts,
        "updated_at": state.updated_at.isoformat(timespec="milliseconds"),
        **known,
    }


def watcher_report(beat: Heartbeat, now: datetime) -> dict[str, Any]:
    """When the watcher last gave a sign of life, how it watches, and whether it fails; what fails may name paths."""
    return {
        "alive": beat.alive(now),
        "mode": beat.mode,
        "watched": beat.watched,
        "folders": beat.folders,
        "pending": beat.pending,
        "swept_at": beat.swept_at or None,
        "seen_at": beat.seen_at.isoformat(timespec="milliseconds"),
        "failing": bool(beat.error),
    }
