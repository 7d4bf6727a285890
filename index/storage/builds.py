"""Where the live index lies: the index folder holds a folder for each build, and a pointer file names the live one.

A rebuild fills a new folder beside the live one, and `publish` swaps the pointer. So a reader sees the old index whole
or the new one whole.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import stat
from dataclasses import asdict, dataclass
from pathlib import Path

from index.errors import IndexDamaged, IndexMissing
from index.schema import SCHEMA_VERSION
from index.segments.files import damaged, open_regular
from index.settings import Settings

__all__ = [
    "BUILD",
    "MAX_POINTER_BYTES",
    "POINTER",
    "POINTER_TEMPORARY",
    "Location",
    "live",
    "next_location",
    "posts_words",
    "publish",
    "reindex_command",
    "sync_folder",
]

POINTER, POINTER_TEMPORARY = "current.json", "current.json.new"
ENGINE = "whoosh"
MAX_POINTER_BYTES = 10_000
BUILD = re.compile(r"build-(\d{1,15})-[0-9a-f]{8}")
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


def live(root: Path, command: str = "") -> Location:
    """The live build in the index folder; `command` makes an index there, and stands in what is told.

    Raises `IndexMissing` while there is none, and `IndexDamaged` for a pointer that can't be read or that leads to
    anything but a build of this engine and schema version.
    """
    path = root / POINTER
    try:
        mode = root.stat().st_mode
        if not stat.S_ISDIR(mode):
            raise IndexDamaged(f"{root} is not a folder; give the folder of the index, or another one to build it in")
        if mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise IndexDamaged(f"others may write to {root}, so it is not opened; run `chmod go-w {root}`")
        with open_regular(path) as file:
            location = Location(**json.loads(file.read(MAX_POINTER_BYTES)))
    except FileNotFoundError:
        command = command or reindex_command(Settings(index=root))
        raise IndexMissing(f"{root} holds no index yet; run `{command}`") from None
    except (ValueError, TypeError, RecursionError) as error:
        raise damaged(path, error) from error
    if (location.engine, location.schema) != (ENGINE, SCHEMA_VERSION):
        command = command or reindex_command(Settings(index=root))
        raise IndexDamaged(f"{root} was written by another version or engine; run `{command} --full`")
    found = BUILD.fullmatch(str(location.folder))
    if not found or type(location.base) is not int or location.base != int(found[1]):
        raise damaged(path, "it leads to no build")
    if not stat.S_ISDIR(os.lstat(location.path(root)).st_mode):
        raise damaged(location.path(root), "it is not a folder")
    return location


def reindex_command(settings: Settings) -> str:
    """What to type for the posts and the index of these settings: all that is not the default is named."""
    default, words = Settings(), ["postsearch", "reindex", *posts_words(settings)]
    if settings.index.absolute() != default.index.absolute():
        words += ["--index", str(settings.index)]
    if settings.engine != default.engine:
        words += ["--engine", settings.engine]
        words += [word for url in settings.opensearch_url for word in ("--opensearch-url", url)]
        if settings.opensearch_index != default.opensearch_index:
            words += ["--opensearch-index", settings.opensearch_index]
    return shlex.join(words)


def posts_words(settings: Settings) -> list[str]:
    """What to type for the posts of these settings: nothing for those that a command takes by itself, as it does where
    folders have options of their own, which only a configuration can give."""
    usual = settings.posts.absolute() == Settings().posts.absolute()
    by_itself = any(folder.own for folder in settings.folders) if settings.folders else usual
    return [] if by_itself else [settings.posts_text]


def next_location(root: Path, base: int) -> Location:
    """A newly made folder for a build whose generations are counted from `base`.

    Its name is used once and never again, so that no reader takes a build for another.
    """
    location = Location(f"build-{base}-{os.urandom(4).hex()}", ENGINE, base)
    location.path(root).mkdir(mode=0o700, parents=True)
    return location


def publish(root: Path, location: Location) -> None:
    """Make the build the live one, at once and for good: the pointer is synced to disk before and after the swap."""
    temporary = root / POINTER_TEMPORARY
    temporary.unlink(missing_ok=True)  # what a killed process left there, or a link to where nothing is to be written
    with temporary.open("x", encoding="utf-8") as file:
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
