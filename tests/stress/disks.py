"""What a disk may hold after the power was cut: all that was synced, and of the rest anything."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from random import Random

from tests.stress.system_calls import Call

__all__ = ["Disk"]


class File:
    """The bytes that last, and the changes since, in order: what is written from where on, or (None) a new size."""

    def __init__(self, content: bytes = b"") -> None:
        self.content = content
        self.changes: list[tuple[int, bytes | None]] = []

    def change(self, call: Call) -> None:
        """Let a call happen to it."""
        if call.name in ("write", "pwrite"):
            self.changes.append((call.offset, call.data))
        elif call.name == "ftruncate" or call.flags & os.O_TRUNC:
            self.changes.append((call.size, None))

    def sync(self) -> None:
        for change in self.changes:
            self.content = changed(self.content, *change)
        self.changes = []

    def left(self, chance: Random, fate: str) -> bytes:
        """What is left of it."""
        content, changes = self.content, list(self.changes)
        if fate == "nothing":
            return content
        if fate == "mixed":
            chance.shuffle(changes)  # a disk writes in any order
        for place, data in changes:
            how = chance.choice(["whole", "none", "part", "zeroes"]) if fate == "mixed" else fate
            if data is None:
                content = content if how == "none" else changed(content, place, None)
            elif how == "part":
                content = changed(content, place, data[: chance.randrange(len(data) + 1)])
            elif how in ("whole", "zeroes"):
                content = changed(content, place, data if how == "whole" else bytes(len(data)))
        return content


def changed(content: bytes, place: int, data: bytes | None) -> bytes:
    """The content with the data written at a place, or, for None, cut or filled up with zeroes to it."""
    content = content.ljust(place, b"\0")
    return content[:place] if data is None else content[:place] + data + content[place + len(data) :]


class Folder:
    """The entries that last, and the changes since, in order: a name, and what it names from then on or None."""

    def __init__(self) -> None:
        self.entries: dict[str, File | Folder] = {}
        self.changes: list[list[tuple[str, File | Folder | None]]] = []

    def put(self, *changes: tuple[str, File | Folder | None]) -> None:
        self.changes.append(list(changes))

    def now(self) -> dict[str, File | Folder]:
        """The entries as a process sees them."""
        return entries_after(self.entries, self.changes)

    def sync(self) -> None:
        self.entries, self.changes = self.now(), []


def entries_after(
    entries: dict[str, File | Folder], changes: Sequence[Sequence[tuple[str, File | Folder | None]]]
) -> dict[str, File | Folder]:
    found = dict(entries)
    for name, entry in (single for change in changes for single in change):
        found.pop(name, None)
        if entry is not None:
            found[name] = entry
    return found


class Disk:
    """A folder on a disk that has a cache: `do` what a process does there, then see what is left of it."""

    def __init__(self, folder: Path) -> None:
        self.where = folder
        self.root = Folder()  # holds the folder itself, if it is there
        if folder.is_dir():
            self.root.entries[folder.name] = held(folder)

    def at(self, path: str) -> tuple[Folder, str, File | Folder | None]:
        """The folder of the path, the name in it, and what that names now."""
        if Path(path) == self.where.parent:
            return Folder(), "", self.root
        *folders, name = Path(path).relative_to(self.where.parent).parts
        place = self.root
        for part in folders:
            below = place.now().get(part)
            assert isinstance(below, Folder), path
            place = below
        return place, name, place.now().get(name)

    def do(self, call: Call) -> None:
        """Let a call happen that writes. Files without a name are none."""
        if call.path.endswith(" (deleted)") or (call.name == "open" and call.flags & os.O_TMPFILE == os.O_TMPFILE):
            return
        folder, name, entry = self.at(call.path)
        if call.name in ("unlink", "rmdir") and entry is not None:
            folder.put((name, None))
        elif call.name == "rename":
            other, new, _ = self.at(call.to)
            assert other is folder, "renamed into another folder"
            folder.put((name, None), (new, entry))
        elif call.name in ("fsync", "fdatasync"):
            assert entry is not None, call.path
            entry.sync()
        elif isinstance(entry, File):
            entry.change(call)
        elif entry is None and (call.name == "mkdir" or call.flags & os.O_CREAT):
            folder.put((name, Folder() if call.name == "mkdir" else File()))

    def cut_power(self, chance: Random) -> str:
        """Leave in the place of the folder what the disk may hold now, and say what became of what was not synced."""
        content = chance.choice(["nothing", "whole", "part", "zeroes", "mixed", "mixed"])
        names = chance.choice(["none", "all", "some", "first"])
        restore(self.root, self.where.parent, chance, content, names)
        return f"content: {content}, names: {names}"


def held(path: Path) -> Folder:
    """A folder of which all lasts."""
    folder = Folder()
    for below in path.iterdir():
        folder.entries[below.name] = held(below) if below.is_dir() else File(below.read_bytes())
    return folder


def restore(folder: Folder, path: Path, chance: Random, content: str, names: str) -> None:
    """Write what is left of a folder."""
    if names == "some":
        changes = [change for change in folder.changes if chance.random() < 0.5]
    else:
        most = {"none": 0, "all": len(folder.changes)}.get(names, chance.randrange(len(folder.changes) + 1))
        changes = folder.changes[:most]
    for name, entry in entries_after(folder.entries, changes).items():
        if isinstance(entry, Folder):
            (path / name).mkdir(mode=0o700)
            restore(entry, path / name, chance, content, names)
        else:
            (path / name).write_bytes(entry.left(chance, content))
