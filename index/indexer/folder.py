"""The posts folder: which files in it are posts, which are left out and why, and how each looks from outside.

No file is opened. The id of a post is its path below the folder, with `/`.
"""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import translate
from pathlib import Path, PurePath
from typing import NamedTuple

from index.errors import SettingsError
from index.log import counted
from index.posts.visibility import DRAFT_FOLDERS
from index.settings import Settings

__all__ = [
    "POST_SUFFIXES",
    "ROOT_ID",
    "Folder",
    "Listing",
    "Stamp",
    "is_build_output",
    "is_text",
    "lies_in",
    "stamp_of",
]

POST_SUFFIXES = (".md", ".markdown", ".mdown", ".mkd", ".mdx", ".html", ".htm", ".txt")
"""What the names of posts end with."""

ROOT_ID = "./"
"""How the root, whose own id is "", is named in the ledger and in reports."""

TOOL_FOLDERS = frozenset({"_site", "node_modules"})
"""Folders that only tools write: never posts."""

HUGO_FILES = tuple(f"{stem}{suffix}" for stem in ("hugo", "config") for suffix in (".toml", ".yaml", ".yml", ".json"))
MAKERS = {
    "public": (*HUGO_FILES, "config/_default", "_config.yml", "gatsby-config.js", "gatsby-config.ts", "package.json"),
    "vendor": ("Gemfile", "composer.json", "go.mod", "package.json", "_config.yml"),
}
"""Folders whose names people use too, and the files beside them that tell that a tool writes them."""

MAX_KINDS = 5
"""Kinds of files that are named where a folder holds no posts."""

LEADS_OUT = "a link out of the posts folder, or to a hidden part of it"


class Stamp(NamedTuple):
    """What tells, without opening it, that a file is not what it was.

    The time of the last change of its inode is part of it, as writing can be hidden from the modification time.
    """

    mtime_ns: int
    ctime_ns: int
    size: int
    inode: int

    def __str__(self) -> str:
        return ":".join(map(str, self))

    @property
    def newest_ns(self) -> int:
        """When the file was last touched in any way."""
        return max(self.mtime_ns, self.ctime_ns)


def stamp_of(status: os.stat_result) -> Stamp:
    """The stamp from what `stat` says."""
    return Stamp(status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)


@dataclass(slots=True)
class Listing:
    """What is in the folder: `files` are the posts; the others are ids with the reason.

    `excluded` were left out on purpose, `refused` would be posts if something about them were not wrong, and of
    `unreadable` nothing can be said now. Ids of folders end with `/`; that of the root is "". `linked` says that
    symbolic links take part, so that one file may stand behind several ids.
    """

    files: dict[str, Stamp] = field(default_factory=dict)
    excluded: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    linked: bool = False

    def hides(self, id: str) -> bool:
        """Whether nothing can be said of the id, or of a folder that it lies in."""
        return id in self.unreadable or any(id.startswith(f) for f in self.unreadable if f == "" or f.endswith("/"))

    def hide(self, folder: str, reason: str) -> None:
        """Say nothing more of a folder, whose id ends with `/`, than that nothing can be said of it."""
        for told in (self.files, self.excluded, self.refused, self.unreadable):
            for id in [id for id in told if id.startswith(folder)]:
                del told[id]
        self.unreadable[folder] = reason


class Folder:
    """The posts folder of the settings. Raises `SettingsError` where there is none."""

    def __init__(self, settings: Settings) -> None:
        self.root = Path(os.path.realpath(settings.posts))
        if not self.root.is_dir():
            told = "'{}' is a file" if self.root.exists() else "there is no folder '{}'"
            raise SettingsError(
                f"posts: {told.format(settings.posts.absolute())}; name the folder that holds the posts, as an argument"
                " or as `posts` in postsearch.toml"
            )
        self.posts = settings.posts
        self.index = Path(os.path.realpath(settings.index))
        if self.index == self.root:
            raise SettingsError(f"index: {settings.index} is the posts folder itself; choose a folder of its own")
        self.max_size = settings.max_file_size
        self.patterns = [(p, re.compile(translate(p.strip("/")))) for p in settings.exclude]

    def path(self, id: str) -> Path:
        """Where the file of an id lies."""
        return self.root / id

    def without_posts(self) -> str:
        """What the folder holds in place of posts, as a sentence."""
        kinds: Counter[str] = Counter()
        for _path, folders, files in os.walk(self.root):
            folders[:] = [name for name in folders if not name.startswith(".")]
            kinds.update(PurePath(name).suffix or name for name in files if not name.startswith("."))
        common = ", ".join(kind for kind, _ in kinds.most_common(MAX_KINDS))
        held = f"{counted(kinds.total(), 'file')} of other kinds: {common}" if kinds else "it is empty"
        return f"no posts in {self.posts} ({held}); looked for {', '.join(POST_SUFFIXES)}"

    def scan(self) -> Listing:
        """Everything in the folder."""
        return Walk(self).all()

    def look(self, ids: Iterable[str]) -> Listing:
        """The same, of these ids only; what is not there or never a post is not in the answer."""
        return Walk(self).only(ids)


class Walk:
    """One look at a folder, which fills one listing."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.found = Listing()
        self.followed: set[str] = set()
        self.links: list[str] = []

    def all(self) -> Listing:
        """Everything below the root, in the order of names, so that every walk follows the same links."""
        waiting = [""]
        while waiting:
            waiting.extend(reversed(self.read_folder(waiting.pop())))
        return self.found

    def only(self, ids: Iterable[str]) -> Listing:
        """What stands at these ids."""
        for id in ids:
            parts = id.split("/")
            parents = ["/".join(parts[:depth]) + "/" for depth in range(1, len(parts))]
            if all(parts) and all(self.enters(parent, self.is_link(parent)) for parent in parents):
                self.take(id, self.is_link(id))
        return self.found

    def full_path(self, id: str) -> str:
        return os.path.join(self.folder.root, id.rstrip("/"))  # noqa: PTH118  a walk of 10,000 files can't afford Path

    def is_link(self, id: str) -> bool:
        return Path(self.full_path(id)).is_symlink()

    def read_folder(self, prefix: str) -> list[str]:
        """List one folder, given with its final `/` or "" for the root, and return the folders in it to go into."""
        try:
            with os.scandir(self.full_path(prefix)) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            self.found.unreadable[prefix] = f"the folder can't be read: {error.strerror}"
            return []
        inner = []
        for entry in listed:
            id, linked = prefix + entry.name, entry.is_symlink()
            if is_folder(entry):
                inner += [f"{id}/"] if self.enters(f"{id}/", linked) else []
            else:
                self.take(id, linked, entry)
        return inner

    def enters(self, id: str, linked: bool) -> bool:
        """Whether posts may lie in this folder; the id ends with `/`."""
        name = id.rstrip("/").rpartition("/")[2]
        if name.startswith(".") or self.full_path(id) == str(self.folder.index):
            return False
        if is_build_output(self.full_path(id)):
            self.found.excluded[id] = "build output"
        elif not is_text(id):
            self.found.refused[printable(id)] = "the name is not UTF-8"
        elif pattern := self.pattern(id.rstrip("/")):
            self.found.excluded[id] = f"excluded by {pattern}"
        else:
            return not linked or self.follows(id)
        return False

    def follows(self, id: str) -> bool:
        """Whether to go through a link to a folder: each inside the root once, and never into itself."""
        self.found.linked = True
        path = self.full_path(id)
        target = os.path.realpath(path)
        if not self.inside(target):
            self.found.refused[id] = LEADS_OUT
            return False
        holder = os.path.realpath(os.path.dirname(path))  # noqa: PTH120  as in `full_path`
        if target in self.followed or (holder + "/").startswith(target + "/"):
            return False
        self.followed.add(target)
        self.links.append(id)
        return True

    def take(self, id: str, linked: bool, entry: os.DirEntry[str] | None = None) -> None:
        """Put a file where it belongs."""
        if not id.lower().endswith(POST_SUFFIXES) or id.rpartition("/")[2].startswith("."):
            return
        if not is_text(id):
            self.found.refused[printable(id)] = "the name is not UTF-8"
        elif pattern := self.pattern(id):
            self.found.excluded[id] = f"excluded by {pattern}"
        else:
            self.measure(id, linked, entry)

    def measure(self, id: str, linked: bool, entry: os.DirEntry[str] | None) -> None:
        """Put a file with a good name where it belongs, by what it is and by its size."""
        self.found.linked |= linked
        try:
            status = entry.stat() if entry else os.stat(self.full_path(id))  # noqa: PTH116  as in `full_path`
        except (FileNotFoundError, NotADirectoryError):
            if linked:
                self.found.refused[id] = "a link to nothing"
            return
        except OSError as error:
            self.found.unreadable[id] = f"the file can't be looked at: {error.strerror}"
            return
        if stat.S_ISDIR(status.st_mode):
            return
        if not stat.S_ISREG(status.st_mode):
            self.found.refused[id] = "not a regular file"
        elif linked and not self.inside(os.path.realpath(self.full_path(id))):
            self.found.refused[id] = LEADS_OUT
        elif status.st_size > self.folder.max_size:
            self.found.refused[id] = f"larger than {self.folder.max_size:,} bytes"
        else:
            self.found.files[id] = stamp_of(status)

    def inside(self, target: str) -> bool:
        """Whether a link may lead there: below the root, and to nothing that would be left out at its own place."""
        if target == str(self.folder.root):
            return True
        if not target.startswith(str(self.folder.root) + "/") or lies_in(target, str(self.folder.index)):
            return False
        parts = target[len(str(self.folder.root)) + 1 :].split("/")
        if any(part.startswith(".") or part.lower() in DRAFT_FOLDERS for part in parts):
            return False
        places = ["/".join(parts[:depth]) for depth in range(1, len(parts) + 1)]
        return not any(self.matching(place) or is_build_output(self.full_path(place)) for place in places)

    def pattern(self, id: str) -> str | None:
        """The first of the exclude patterns that the id matches, or that its own place does behind a followed link."""
        found = self.matching(id)
        if found or not any(id.startswith(link) for link in self.links):
            return found
        return self.matching(os.path.relpath(os.path.realpath(self.full_path(id)), self.folder.root))

    def matching(self, id: str) -> str | None:
        return next((text for text, pattern in self.folder.patterns if pattern.match(id)), None)


def is_build_output(path: str) -> bool:
    """Whether the folder at that path is one that a tool writes."""
    folder, _, name = path.rpartition("/")
    return name in TOOL_FOLDERS or any(os.path.exists(f"{folder}/{file}") for file in MAKERS.get(name, ()))  # noqa: PTH110


def is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether it is a folder or leads to one; a ring of links is not."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def lies_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + "/")


def is_text(id: str) -> bool:
    """Whether the name is UTF-8, which all of an id must be."""
    try:
        id.encode()
    except UnicodeEncodeError:
        return False
    return True


def printable(id: str) -> str:
    """The id, with what is not UTF-8 in it written as escapes, behind a `./` which no real id begins with."""
    return "./" + os.fsencode(id).replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")
