"""Where an index lies: the index folder holds one folder a rebuild, and a pointer file that names the live one.

In goes the index folder of the settings; out comes the `Location` of the live index. Readers and the writer meet
here: a rebuild fills a new folder beside the live one and `publish` swaps the pointer, so that a reader sees the old
index whole or the new one whole.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from index.errors import IndexDamaged, IndexFault, IndexMissing
from index.schema import SCHEMA_VERSION

__all__ = ["BUILD", "Location", "damage_told", "live", "next_location", "publish", "sweep", "sync_folder"]

POINTER = "current.json"
BUILD = re.compile(r"build-(\d+)-[0-9a-f]{8}")
"""The folder of a build: the generation that it is counted from, and what makes its name its own."""


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

    Raises `IndexMissing` while there is none, and `IndexDamaged` for a pointer that can't be read, that names an index
    of another engine or schema version, or that others could have put there: opening an index runs what it holds.
    """
    try:
        if root.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise IndexDamaged(f"others may write to {root}, so it is not opened; run `chmod go-w {root}`")
        location = Location(**json.loads((root / POINTER).read_bytes()))
    except FileNotFoundError:
        raise IndexMissing(f"{root} holds no index yet; run `postsearch reindex`") from None
    except (OSError, ValueError, TypeError) as error:
        raise IndexDamaged(f"{root / POINTER} can't be read ({error}); run `postsearch reindex --full`") from error
    if (location.engine, location.schema) != (engine, SCHEMA_VERSION):
        raise IndexDamaged(f"{root} was written by another version or engine; run `postsearch reindex --full`")
    return location


@contextmanager
def damage_told(root: Path, *, refusals: bool = False) -> Iterator[None]:
    """What is raised over damaged files, a dozen kinds in Whoosh alone, comes out as `IndexDamaged`.

    What the system refuses (a full disk, permissions) is no damage and comes out as it is; with `refusals` it counts as
    damage too, as it does for those who can only read.
    """
    try:
        yield
    except (IndexFault, MemoryError):
        raise
    except Exception as error:
        if isinstance(error, OSError) and not isinstance(error, FileNotFoundError) and not refusals:
            raise
        raise IndexDamaged(f"{root} can't be read ({error!r}); run `postsearch reindex --full`") from error


def next_location(root: Path, engine: str, base: int) -> Location:
    """A newly made folder for a build whose generations are counted from `base`.

    Its name is used once and never again, so that no reader takes a build for another.
    """
    location = Location(f"build-{base}-{secrets.token_hex(4)}", engine, base)
    location.path(root).mkdir(mode=0o700, parents=True)
    return location


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
    for folder in old_builds(root, keep)[:-1]:
        shutil.rmtree(folder, ignore_errors=True)


def old_builds(root: Path, keep: Location) -> list[Path]:
    """The folders of other builds, the newest last; nothing that only looks like one."""
    builds = [(int(found[1]), path) for path in root.iterdir() if (found := BUILD.fullmatch(path.name))]
    return [path for _, path in sorted(builds) if path.name != keep.folder]
