"""A file of named arrays: arrays go in with their checksums, and come out mapped into memory, or not at all.

The layout: a line that names the format and its version; the length and the checksum of a table; the table (JSON: for
each array its type, shape, place and checksum); then the arrays, each at a multiple of 64 bytes.
"""

from __future__ import annotations

import json
import math
import mmap
import os
import struct
import zlib
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

__all__ = ["FORMAT", "DamagedFile", "read_arrays", "write_arrays"]

FORMAT = b"postsearch arrays 1\n"
HEAD = struct.Struct("<20sII")
ALIGNMENT = 64
CHUNK = 1 << 20

Arrays = Mapping[str, NDArray[Any]]


class DamagedFile(Exception):
    """A file of arrays that can't be read: not one, of another version, cut short, or changed since it was written."""


def write_arrays(file: BinaryIO, arrays: Arrays) -> None:
    """Write the arrays to a new file."""
    table, place = {}, 0
    flat = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    for name, array in flat.items():
        table[name] = [array.dtype.str, list(array.shape), place, zlib.crc32(array.data)]
        place += aligned(array.nbytes)
    packed = json.dumps(table).encode()
    packed += b" " * (aligned(HEAD.size + len(packed)) - HEAD.size - len(packed))
    file.write(HEAD.pack(FORMAT, len(packed), zlib.crc32(packed)) + packed)
    for array in flat.values():
        file.write(array.data)
        file.write(bytes(aligned(array.nbytes) - array.nbytes))


def read_arrays(file: BinaryIO) -> dict[str, NDArray[Any]]:
    """The arrays of a file, read-only. Raises `DamagedFile` where one byte of them is not as it was written.

    The checksums are taken of what is read, not of what is mapped, so that a process holds no more of the file in
    memory than its queries touch.
    """
    try:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        form, length, checksum = HEAD.unpack_from(data)
        packed = data[HEAD.size : HEAD.size + length]
        if form != FORMAT or zlib.crc32(packed) != checksum:
            raise DamagedFile("its table is damaged or of another version")
        start = HEAD.size + length
        found = {}
        for name, (kind, shape, place, expected) in json.loads(packed).items():
            found[name] = np.frombuffer(data, kind, math.prod(shape), start + place).reshape(shape)
            if checksum_of(file, start + place, found[name].nbytes) != expected:
                raise DamagedFile(f"its {name} are damaged")
    except (ValueError, struct.error) as error:
        raise DamagedFile(f"it is cut short ({error})") from error
    return found


def checksum_of(file: BinaryIO, place: int, size: int) -> int:
    """The checksum of a part of the file."""
    checksum = 0
    for first in range(place, place + size, CHUNK):
        checksum = zlib.crc32(os.pread(file.fileno(), min(CHUNK, place + size - first), first), checksum)
    return checksum


def aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT
