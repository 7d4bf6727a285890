"""Whoosh's table of contents: the segments of a commit, and which of their documents are deleted.

Whoosh keeps it as a pickle, and what loads a pickle runs what it says. Here it is read as data and nothing is run.
"""

from __future__ import annotations

import io
import os
import pickle
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from whoosh.fields import Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC, FileIndex

from index.segments.files import damaged, open_regular
from index.storage.codec import PostSegment
from index.storage.schema import SCHEMA

__all__ = ["TOC_NAME", "PostIndex", "Toc", "newest_toc", "read_toc"]

TOC_NAME = re.compile(r"_MAIN_(\d{1,9})\.toc")
SEGMENT_ID = re.compile(r"[0-9a-z]{16}")

HEAD = struct.Struct("!3Bii3B")
HEAD_VALUES = (4, 8, 4, -12345, -111)
"""The sizes of C's int, long and float, a mark of the byte order, and the version of the format. Whoosh's release
follows, which may be any."""

MAX_TOC_BYTES = 4_000_000
"""Larger files are no table: the deletions of 30 million documents fit in."""

MAX_DOCUMENTS = 1 << 31
"""In one segment."""


@dataclass(frozen=True, slots=True)
class Toc:
    """A table of contents: its number, when it was written (UTC), and its segments."""

    number: int
    written: datetime
    segments: list[PostSegment]


class PostIndex(FileIndex):  # type: ignore[misc]
    """A build as Whoosh's writer takes it, whose table of contents is read by `read_toc`.

    Raises `IndexDamaged`, and `FileNotFoundError` where there is no table.
    """

    def __init__(self, storage: FileStorage, schema: Schema = SCHEMA, indexname: str = "MAIN") -> None:
        # Not the constructor of Whoosh, which loads the pickle.
        self.storage = storage
        self.indexname = indexname
        self._schema = schema
        self._read_toc()

    def _read_toc(self) -> TOC:
        folder = Path(self.storage.folder)
        toc = read_toc(folder, newest_toc(folder))
        return TOC(self._schema, toc.segments, toc.number)


def newest_toc(folder: Path) -> int:
    """The number of the newest table of contents in the folder of a build. Raises `FileNotFoundError`."""
    names = os.listdir(folder)  # noqa: PTH208 - every query asks for it, and paths cost four times as much
    numbers = [int(found[1]) for name in names if (found := TOC_NAME.fullmatch(name))]
    if not numbers:
        raise FileNotFoundError(f"there is no table of contents in {folder}")
    return max(numbers)


def read_toc(folder: Path, number: int) -> Toc:
    """The table of contents with this number. Raises `IndexDamaged`, or `FileNotFoundError` once it is removed."""
    path = folder / f"_MAIN_{number}.toc"
    with open_regular(path) as file:
        data = file.read(MAX_TOC_BYTES + 1)
        written = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
    try:
        if len(data) > MAX_TOC_BYTES:
            raise ValueError("it is too large")
        if HEAD.unpack_from(data)[: len(HEAD_VALUES)] != HEAD_VALUES:
            raise ValueError("it is of another format")
        schema, place = varint(data, HEAD.size)  # the fields are those of `SCHEMA`: the pickle of them is passed over
        place += schema
        if struct.unpack_from("!i", data, place) != (number,):
            raise ValueError("it has another number than its name")
        entries = Unpickler(io.BytesIO(data[place + 8 :])).loaded()
        return Toc(number, written, [segment_of(entry) for entry in entries])
    except (ValueError, struct.error) as error:
        raise damaged(path, error) from error


def varint(data: bytes, place: int) -> tuple[int, int]:
    """Whoosh's number of variable length at this place, and the place after it. Raises `ValueError`."""
    value = 0
    for shift, byte in enumerate(data[place : place + 4]):
        value |= (byte & 0x7F) << 7 * shift
        if byte < 0x80:
            return value, place + shift + 1
    raise ValueError("the length of its schema is none")


class Unpickler(pickle._Unpickler):
    """Loads a list of segments as plain data: the one class that it may name becomes a namespace.

    The class itself is not handed out, since a pickle can set the attributes of what it names, and a namespace's type
    can't be changed. The unpickler is the one in Python: the one in C reserves as much memory as a pickle asks for.
    """

    def find_class(self, module: str, name: str) -> type:
        if (module, name) == (PostSegment.__module__, PostSegment.__name__):
            return SimpleNamespace
        raise ValueError(f"it names {module}.{name}, which has no place in it")

    def loaded(self) -> list[Mapping[str, Any]]:
        """The attributes of each segment. Raises `ValueError`."""
        try:
            found = self.load()
        except MemoryError:
            raise
        except Exception as error:  # bytes that are no pickle make it raise anything
            raise ValueError(f"its list of segments can't be read ({error})") from error
        if type(found) is not list or not all(type(entry) is SimpleNamespace for entry in found):
            raise ValueError("it holds something else than segments")
        return [vars(entry) for entry in found]


def segment_of(entry: Mapping[str, Any]) -> PostSegment:
    """The segment with these attributes, each of which must be what we write. Raises `ValueError`."""
    segment = PostSegment("MAIN")
    expected = segment.__getstate__()
    if {name: type(value) for name, value in entry.items()} != {name: type(v) for name, v in expected.items()}:
        raise ValueError("a segment has other attributes than ours")
    if (entry["indexname"], entry["compound"]) != ("MAIN", False) or not SEGMENT_ID.fullmatch(entry["segid"]):
        raise ValueError("a segment has a name that is none of ours")
    size, deleted = entry["_size"], entry["_deleted"]
    if not 0 <= size <= MAX_DOCUMENTS or (deleted and len(deleted) != -(-size // 8)):
        raise ValueError("a segment has an impossible size")
    segment.__setstate__(entry)
    return segment
