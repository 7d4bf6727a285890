"""Named arrays in one file, with their checksums; they are mapped into memory when it is opened.

The layout: a line that names the format and its version; the length and the checksum of a table; the table (JSON: for
each array its type, shape, offset and checksum); then the arrays, each at a multiple of 64 bytes.
"""

from __future__ import annotations

import errno
import json
import math
import mmap
import os
import re
import stat
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.errors import IndexDamaged

__all__ = [
    "FORMAT",
    "Arrays",
    "check_arrays",
    "damaged",
    "map_arrays",
    "naming",
    "open_regular",
    "read_arrays",
    "write_arrays",
]

FORMAT = b"postsearch arrays 1\n"
HEAD = struct.Struct("<20sII")
KIND = re.compile(r"[<>|][biuf][1248]")
"""The types of arrays: booleans and numbers, in the spelling of numpy."""
ALIGNMENT = 64
READ_BYTES = 1 << 18
"""How much of a file is read at a time for a checksum: what the cache of a processor holds."""


Arrays = Mapping[str, NDArray[Any]]


def damaged(path: object, reason: object) -> IndexDamaged:
    """The error to raise over a file of the index that can't be read."""
    return IndexDamaged(f"{path} can't be read ({reason}); run `postsearch reindex --full`")


def regular(path: str, flags: int) -> int:
    """Open a file through no link, and without waiting for who writes into a pipe."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def open_regular(path: Path) -> BinaryIO:
    """Open a file of the index for reading.

    Raises `IndexDamaged` for a link, which may lead out of the index, and for what is no file, such as a pipe.
    """
    try:
        file = open(path, "rb", opener=regular)  # noqa: SIM115 - the caller closes it
    except IsADirectoryError:
        raise damaged(path, "it is a folder") from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise damaged(path, "it is a link") from None
        raise
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise damaged(path, "it is not a file")
    return file


def write_arrays(file: BinaryIO, arrays: Arrays) -> None:
    """Write the arrays to a new file."""
    table, offset = {}, 0
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    for name, array in contiguous.items():
        table[name] = [array.dtype.str, list(array.shape), offset, zlib.crc32(array.data)]
        offset += aligned(array.nbytes)
    packed = json.dumps(table).encode()
    packed += b" " * (aligned(HEAD.size + len(packed)) - HEAD.size - len(packed))
    file.write(HEAD.pack(FORMAT, len(packed), zlib.crc32(packed)) + packed)
    for array in contiguous.values():
        file.write(array.data)
        file.write(bytes(aligned(array.nbytes) - array.nbytes))


def read_arrays(file: BinaryIO) -> dict[str, NDArray[Any]]:
    """The arrays of a file, read-only, in memory of our own. Raises `IndexDamaged` where one byte is not as written."""
    with told_as_damage(file):
        data, table = file.read(), read_table(file)
        for info in table:
            if zlib.crc32(memoryview(data)[info.start : info.start + info.size]) != info.checksum:
                raise ValueError(f"its {info.name} are damaged")
        return {info.name: info.array(data) for info in table}


def map_arrays(file: BinaryIO) -> dict[str, NDArray[Any]]:
    """The same, mapped: a process holds no more of the file in memory than it touches. What changes in the file later
    changes in them too. No checksum is compared, which `check_arrays` does."""
    with told_as_damage(file):
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return {info.name: info.array(data) for info in read_table(file)}


def check_arrays(file: BinaryIO) -> Iterator[int]:
    """Compare the checksums of the arrays of a file; gives the number of bytes read at each step, `READ_BYTES` at most.

    Raises `IndexDamaged`.
    """
    buffer = memoryview(bytearray(READ_BYTES))
    with told_as_damage(file):
        for info in read_table(file):
            checksum, end = 0, info.start + info.size
            for first in range(info.start, end, READ_BYTES):
                size = os.preadv(file.fileno(), [buffer[: end - first]], first)
                checksum = zlib.crc32(buffer[:size], checksum)
                yield size
            if checksum != info.checksum:
                raise ValueError(f"its {info.name} are damaged")


class ArrayInfo(NamedTuple):
    """What the table of a file says of an array: `start` is where it begins in the file, `size` its length in bytes."""

    name: str
    kind: str
    shape: list[int]
    start: int
    size: int
    checksum: int

    def array(self, data: bytes | mmap.mmap) -> NDArray[Any]:
        """The array, as a view of the bytes of the file."""
        return np.frombuffer(data, self.kind, math.prod(self.shape), self.start).reshape(self.shape)


def read_table(file: BinaryIO) -> list[ArrayInfo]:
    """The table of a file. Raises `ValueError` and others for what is none."""
    file_size = os.fstat(file.fileno()).st_size
    if not file_size:
        raise ValueError("it is empty")
    form, length, checksum = HEAD.unpack(os.pread(file.fileno(), HEAD.size, 0))
    packed = os.pread(file.fileno(), min(length, file_size), HEAD.size)
    if form != FORMAT or zlib.crc32(packed) != checksum:
        raise ValueError("its table is damaged or of another version")
    start = end = HEAD.size + length
    table = []
    for name, (kind, shape, offset, expected) in json.loads(packed).items():
        # An array may not share bytes with another one: a small file would take for ever to check.
        if not KIND.fullmatch(kind) or min((*shape, offset)) < 0 or start + offset < end:
            raise ValueError(f"its {name} have a bad type, shape or offset")
        size = math.prod(shape) * np.dtype(kind).itemsize
        end = start + offset + size
        if end > file_size:
            raise ValueError(f"its {name} are cut short")
        table.append(ArrayInfo(name, kind, shape, start + offset, size, expected))
    return table


@contextmanager
def naming(path: object) -> Iterator[None]:
    """Give errors of the system that name no file, as those over a full disk, this one."""
    try:
        yield
    except OSError as error:
        if error.errno is None or error.filename is not None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


@contextmanager
def told_as_damage(file: BinaryIO) -> Iterator[None]:
    """Raise `IndexDamaged` with the name of the file for what its bytes make reading raise."""
    try:
        with naming(file.name):
            yield
    except (struct.error, ValueError, OverflowError, TypeError, AttributeError, RecursionError) as error:
        raise damaged(file.name, error) from error


def aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT
