"""Whoosh's table of contents: the segments of a commit, and which of their documents are deleted.

Whoosh keeps it as a pickle, and what loads a pickle runs what it says. Here it is read as data and nothing is run; nor
is Whoosh loaded, so that a command that only searches starts without it.
"""

from __future__ import annotations

import io
import os
import pickle
import pickletools
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.segments.files import damaged, open_regular
from index.segments.segment import Segment, read_segment

__all__ = ["SEGMENT_ID", "SUFFIX", "TOC_NAME", "SegmentInfo", "Toc", "newest_toc", "read_toc", "toc_path"]

SUFFIX = ".posts"

TOC_NAME = re.compile(r"_MAIN_(\d{1,9})\.toc")
SEGMENT_CLASS = ("index.storage.codec", "PostSegment")
SEGMENT_ID = re.compile(r"[0-9a-z]{16}")

HEAD = struct.Struct("!3Bii3B")
HEAD_VALUES = (4, 8, 4, -12345, -111)
"""The sizes of C's int, long and float, a mark of the byte order, and the version of the format. Whoosh's release
follows, which may be any."""

ATTRIBUTES = {"indexname": str, "segid": str, "compound": bool, "_size": int, "_deleted": bytes}
"""Of a `PostSegment`, as it is pickled."""

MAX_TOC_BYTES = 4_000_000
"""Larger files are no table: the deletions of 30 million documents fit in."""

MAX_DOCUMENTS = 1 << 31
"""In one segment."""

MAX_SEGMENTS = 256
"""Merging leaves about as many as the logarithm of the number of documents."""

MAX_OPCODES = 50 * MAX_SEGMENTS
"""Of the pickle: a segment takes some twenty."""

OPCODES = frozenset(
    {"PROTO", "FRAME", "STOP", "MARK", "EMPTY_LIST", "EMPTY_TUPLE", "EMPTY_DICT", "APPEND", "APPENDS", "SETITEM",
     "SETITEMS", "MEMOIZE", "BINPUT", "LONG_BINPUT", "BINGET", "LONG_BINGET", "SHORT_BINUNICODE", "BINUNICODE",
     "SHORT_BINBYTES", "BINBYTES", "BININT", "BININT1", "BININT2", "NEWFALSE", "GLOBAL", "STACK_GLOBAL", "NEWOBJ",
     "BUILD"}
)  # fmt: skip
"""What a list of segments is pickled with. Nothing else is run: tuples as keys of a dictionary recurse in C until the
process dies or never end, and other opcodes reserve as much memory as they ask for."""


@dataclass(frozen=True, slots=True)
class SegmentInfo:
    """What the table says of a segment: its id, how many documents its file holds, and which of them are deleted, as a
    bit each or as nothing."""

    id: str
    size: int
    deleted: bytes

    def path(self, folder: Path) -> Path:
        """The file in the folder of the build."""
        return folder / f"MAIN_{self.id}{SUFFIX}"

    def open(self, folder: Path, *, private: bool = False) -> Segment:
        """Its arrays, mapped into memory, or copies of them in private memory.

        Raises `IndexDamaged`, or `FileNotFoundError` once a merge has removed it.
        """
        with open_regular(path := self.path(folder)) as file:
            segment = read_segment(file, private=private)
        if segment.size != self.size:
            raise damaged(path, f"it holds {segment.size} documents and not {self.size}")
        return segment

    def identity(self, folder: Path) -> str:
        """What tells the file from any that was or will be there under its name. Raises `FileNotFoundError`."""
        status = self.path(folder).lstat()
        return f"{status.st_ino}:{status.st_size}:{status.st_mtime_ns}"

    def live_docs(self) -> NDArray[np.bool_]:
        """Which documents are not deleted [size]."""
        live = np.ones(self.size, np.bool_)
        if self.deleted:
            live[np.unpackbits(np.frombuffer(self.deleted, np.uint8), count=self.size) == 1] = False
        return live


@dataclass(frozen=True, slots=True)
class Toc:
    """A table of contents: its number, a hash of what it says, when it was written (UTC), and its segments.

    The number alone names no commit: one that was put back from a copy goes on with the same numbers. A segment without
    documents, as Whoosh's `optimize` lists where all is deleted, has no file and is passed over.
    """

    number: int
    digest: str
    written: datetime
    segments: tuple[SegmentInfo, ...]


def newest_toc(folder: Path) -> int:
    """The number of the newest table of contents in the folder of a build. Raises `FileNotFoundError`."""
    names = os.listdir(folder)  # noqa: PTH208 - every query asks for it, and paths cost four times as much
    numbers = [int(found[1]) for name in names if (found := TOC_NAME.fullmatch(name))]
    if not numbers:
        raise FileNotFoundError(f"there is no table of contents in {folder}")
    return max(numbers)


def toc_path(folder: Path, number: int) -> Path:
    """The file of the table of contents with this number."""
    return folder / f"_MAIN_{number}.toc"


def read_toc(folder: Path, number: int) -> Toc:
    """The table of contents with this number. Raises `IndexDamaged`, or `FileNotFoundError` once it is removed."""
    path = toc_path(folder, number)
    with open_regular(path) as file:
        data = file.read(MAX_TOC_BYTES + 1)
        written = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
    try:
        if len(data) > MAX_TOC_BYTES:
            raise ValueError("it is too large")
        if HEAD.unpack_from(data)[: len(HEAD_VALUES)] != HEAD_VALUES:
            raise ValueError("it is of another format")
        schema, offset = varint(data, HEAD.size)  # the fields are those of `SCHEMA`: the pickle of them is passed over
        offset += schema
        if struct.unpack_from("!i", data, offset) != (number,):
            raise ValueError("it has another number than its name")
        segments = tuple(map(info_of, Unpickler(io.BytesIO(data[offset + 8 :])).loaded()))
        if len({segment.id for segment in segments}) < len(segments) or len(segments) > MAX_SEGMENTS:
            raise ValueError("it names a segment twice, or too many of them")
        digest = blake2b(data, digest_size=16).hexdigest()
        return Toc(number, digest, written, tuple(segment for segment in segments if segment.size))
    except (ValueError, struct.error) as error:
        raise damaged(path, error) from error


def varint(data: bytes, offset: int) -> tuple[int, int]:
    """Whoosh's number of variable length at this offset, and the offset after it. Raises `ValueError`."""
    value = 0
    for shift, byte in enumerate(data[offset : offset + 4]):
        value |= (byte & 0x7F) << 7 * shift
        if byte < 0x80:
            return value, offset + shift + 1
    raise ValueError("the length of its schema can't be read")


class Unpickler(pickle._Unpickler):
    """Loads a list of segments as plain data: the one class that it may name becomes a namespace.

    The class itself is not handed out, since a pickle can set the attributes of what it names, and a namespace's type
    can't be changed. The unpickler is the one in Python, since the one in C fills its memo as far as a pickle asks for.
    """

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self._bytes = file

    def find_class(self, module: str, name: str) -> type:
        if (module, name) == SEGMENT_CLASS:
            return SimpleNamespace
        raise ValueError(f"it names {module[:80]}.{name[:80]}, which has no place in it")

    def loaded(self) -> list[Mapping[str, Any]]:
        """The attributes of each segment. Raises `ValueError`."""
        try:
            for count, (opcode, _, _) in enumerate(pickletools.genops(self._bytes)):
                if opcode.name not in OPCODES or count > MAX_OPCODES:
                    raise ValueError(f"it does more than list segments ({opcode.name})")
            self._bytes.seek(0)
            found = self.load()
        except MemoryError:
            raise
        except Exception as error:  # bytes that are no pickle make it raise anything
            raise ValueError(f"its list of segments: {error}") from error
        if type(found) is not list or not all(type(entry) is SimpleNamespace for entry in found):
            raise ValueError("it holds something else than segments")
        return [vars(entry) for entry in found]


def info_of(entry: Mapping[str, Any]) -> SegmentInfo:
    """The segment of which the table holds this: each attribute must be as we write it. Raises `ValueError`."""
    if {name: type(value) for name, value in entry.items()} != ATTRIBUTES:
        raise ValueError("a segment has other attributes than ours")
    if (entry["indexname"], entry["compound"]) != ("MAIN", False) or not SEGMENT_ID.fullmatch(entry["segid"]):
        raise ValueError("a segment has a name that is none of ours")
    size, deleted = entry["_size"], entry["_deleted"]
    if not 0 <= size <= MAX_DOCUMENTS or (deleted and len(deleted) != -(-size // 8)):
        raise ValueError("a segment has an impossible size")
    return SegmentInfo(entry["segid"], size, deleted)
