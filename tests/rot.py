"""Damage as disks and memory do it: a bit of a file changes, and nothing tells of it."""

from __future__ import annotations

import os
from pathlib import Path

from index.settings import Settings
from index.storage.builds import live

__all__ = ["flip", "segment_files"]


def flip(path: Path, place: int, bit: int = 2) -> None:
    """Flip one bit in place, also under who has the file open or mapped, and leave its times as they were."""
    status = path.stat()
    with path.open("r+b") as file:
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([byte ^ 1 << bit]))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def segment_files(settings: Settings) -> list[Path]:
    """The files of the segments in the live build, the largest last."""
    build = live(settings.index).path(settings.index)
    return sorted(build.glob("*.posts"), key=lambda path: path.stat().st_size)
