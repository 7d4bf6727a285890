"""Where an index lies: the index folder holds one folder a rebuild, and a pointer file that names the live one.

In goes the index folder of the settings; out comes the `Location` of the live index. Readers and the writer meet
here: a rebuild fills a new folder beside the live one and `publish` swaps the pointer, so that a reader sees the old
index whole or the new one whole.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from index.errors import IndexDamaged, IndexMissing
from index.schema import SCHEMA_VERSION

__all__ = ["Location", "live", "next_location", "publish", "sweep", "sync_folder"]

POINTER = "current.json"


@dataclass(frozen=True, slots=True)
class Location:
    """One build of the index: its folder (a name in the index folder), engine and schema version.

    `base` is what the generations of this build are counted from, so that they go on growing over rebuilds.
    """

    folder: str
    engine: str
    base: int
    schema: int = SCHEMA_VERSION

    def path(self, root: Path) -> Path:
        return root.absolute() / self.folder


def live(root: Path, engine: str) -> Location:
    """The live build in the index folder.

    Raises `IndexMissing` while there is none, and `IndexDamaged` for a pointer that can't be read or that names
    an index of another engine or schema version.
    """
    try:
        location = Location(**json.loads((root / POINTER).read_bytes()))
    except FileNotFoundError:
        raise IndexMissing(f"{root} holds no index yet; run `postsearch reindex`") from None
    except (OSError, ValueError, TypeError) as error:
        raise IndexDamaged(f"{root / POINTER} can't be read ({error}); run `postsearch reindex --full`") from error
    if (location.engine, location.schema) != (engine, SCHEMA_VERSION):
        raise IndexDamaged(f"{root} was written by another version or engine; run `postsearch reindex --full`")
    return location


def next_location(root: Path, engine: str, base: int) -> Location:
    """An unused, newly made folder for a build whose generations are counted from `base`."""
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    number = base
    while True:
        location = Location(f"build-{number}", engine, base)
        with contextlib.suppress(FileExistsError):
            location.path(root).mkdir(mode=0o700)
            return location
        number += 1


def publish(root: Path, location: Location) -> None:
    """Make the build the live one, at once and for good: the pointer is synced to disk before and after the swap."""
    temporary = root / f"{POINTER}.new"
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(asdict(location), file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(root / POINTER)
    sync_folder(root)


def sync_folder(path: Path) -> None:
    """Make the names in a folder last over a power cut."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(root: Path, keep: Location) -> None:
    """Remove the builds that are not live, but for the newest: readers may still be opening its files."""
    for folder in list(old_builds(root, keep))[:-1]:
        shutil.rmtree(folder, ignore_errors=True)


def old_builds(root: Path, keep: Location) -> Iterator[Path]:
    builds = (path for path in root.glob("build-*") if path.name != keep.folder)
    return iter(sorted(builds, key=lambda path: int(path.name.removeprefix("build-"))))
