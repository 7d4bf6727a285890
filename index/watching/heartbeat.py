"""A sign of life that a watcher leaves in the folder of the index, so that other processes see that it watches.

The file is JSON with the keys of `Heartbeat`; the query side reads it too.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from index.errors import IndexDamaged
from index.log import get_logger
from index.segments.files import open_regular
from index.settings import Settings

__all__ = ["Heartbeat", "read_heartbeat", "remove_heartbeat", "write_heartbeat"]

logger = get_logger(__name__)

HEARTBEAT_NAME = "watcher.json"
MAX_HEARTBEAT_BYTES = 10_000
MAX_ERROR_CHARS = 500
"""The rest of an error is left out: in JSON, each character may take 12 bytes."""
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
        new.unlink(missing_ok=True)  # what a killed process left there, or a link to where nothing is to be written
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        with new.open("x", encoding="utf-8") as file:
            json.dump(asdict(Heartbeat(os.getpid(), mode, now, error[:MAX_ERROR_CHARS])), file)
        new.replace(path)
    except OSError as problem:
        logger.warning("%s can't be written: %s", path, problem)


def read_heartbeat(settings: Settings) -> Heartbeat | None:
    """What the watcher last said; None where none did, where it cleanly stopped, and for what no watcher writes."""
    try:
        with open_regular(settings.index / HEARTBEAT_NAME) as file:
            beat = Heartbeat(**json.loads(file.read(MAX_HEARTBEAT_BYTES)))
        beat.alive(datetime.now(UTC))
    except (OSError, IndexDamaged, ValueError, TypeError, RecursionError):
        return None
    right = type(beat.pid) is int and beat.mode in ("events", "polling") and isinstance(beat.error, str)
    return beat if right else None


def remove_heartbeat(settings: Settings) -> None:
    """Say that nobody watches any more; leaves alone what another process says that watches by now."""
    beat = read_heartbeat(settings)
    if beat and beat.pid != os.getpid():
        return
    try:
        (settings.index / HEARTBEAT_NAME).unlink(missing_ok=True)
    except OSError as problem:
        logger.warning("%s can't be removed: %s", settings.index / HEARTBEAT_NAME, problem)
