"""Whether the search is in good order, as a report for machines that watch servers.

`down` means that no search is answered, and `degraded` that answers may be stale, since the watcher fails or has gone
silent, or wrong, since the index is damaged and not yet built anew.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from index.errors import IndexFault
from index.settings import Settings
from index.storage.mark import is_marked
from index.watching.heartbeat import read_heartbeat
from search.service import Search

__all__ = ["health_report"]


def health_report(service: Search, settings: Settings, now: datetime) -> dict[str, Any]:
    """The report: `status`, what the index holds, and what is known of the watcher (None where none is at work)."""
    watcher = watcher_report(settings, now)
    sound = watcher is None or (watcher["alive"] and not watcher["failing"])
    if not (watcher and watcher["alive"]):
        service.searcher.verify()  # as nobody else does
    try:
        state = service.state(now)
    except (IndexFault, OSError):  # the latter where the system refuses, such as yet another open file
        return {"status": "down", "generation": None, "posts": 0, "updated_at": None, "watcher": watcher}
    return {
        "status": "ok" if sound and not is_marked(settings.index) else "degraded",
        "generation": state.generation,
        "posts": state.posts,
        "updated_at": state.updated_at.isoformat(timespec="milliseconds"),
        "watcher": watcher,
    }


def watcher_report(settings: Settings, now: datetime) -> dict[str, Any] | None:
    """When the watcher last gave a sign of life, how it watches, and whether it fails; what fails may name paths."""
    beat = read_heartbeat(settings)
    if beat is None:
        return None
    return {"alive": beat.alive(now), "mode": beat.mode, "seen_at": beat.heartbeat, "failing": bool(beat.error)}
