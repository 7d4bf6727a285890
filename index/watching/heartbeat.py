"""A sign of life that a watcher leaves in the folder of the index, so that other processes see that it watches.

The file is JSON with the keys of `Heartbeat`; the query side reads it too.
"""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from index.settings import Settings

__all__ = ["Heartbeat", "read_heartbeat", "remove_heartbeat", "write_heartbeat"]

logger = logging.getLogger(__name__)

HEARTBEAT_NAME = "watcher.json"
STALE_AFTER = timedelta(seconds=60)
"""After this silence a watcher counts as dead; a large batch may keep it busy for as long."""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Which process watches, how ("events" or "polling"), when it last said so, and what last went wrong or ""."""

    pid: int
    mode: str
    heartbeat: str
    error: str

    def alive(self, now: datetime) -> bool:
        """Whether the watcher said so only just before."""
        return abs(now - datetime.fromisoformat(self.heartbeat)) < STALE_AFTER


def write_heartbeat(settings: Settings, mode: str, error: str) -> None:
    """Say that this process watches. Never fails: a full disk must not stop a watcher."""
    path = settings.index / HEARTBEAT_NAME
    try:
        new = path.with_suffix(".new")
        beat = Heartbeat(os.getpid(), mode, datetime.now(UTC).isoformat(timespec="milliseconds"), error)
        new.write_text(json.dumps(asdict(beat)), "utf-8")
        new.replace(path)
    except OSError as problem:
        logger.warning("%s can't be written: %s", path, problem)


def read_heartbeat(settings: Settings) -> Heartbeat | None:
    """What the watcher last said; None where none did, or where it cleanly stopped."""
    try:
        beat = Heartbeat(**json.loads((settings.index / HEARTBEAT_NAME).read_bytes()))
        beat.alive(datetime.now(UTC))
    except (OSError, ValueError, TypeError):
        return None
    return beat


def remove_heartbeat(settings: Settings) -> None:
    """Say that nobody watches any more; leaves alone what another process says that watches by now."""
    beat = read_heartbeat(settings)
    if beat and beat.pid != os.getpid():
        return
    try:
        (settings.index / HEARTBEAT_NAME).unlink(missing_ok=True)
    except OSError as problem:
        logger.warning("%s can't be removed: %s", settings.index / HEARTBEAT_NAME, problem)
