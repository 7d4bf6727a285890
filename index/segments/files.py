"""A file of named arrays: arrays go in with their checksums, and come out mapped into memory, or not at all.

The layout: a line that names the format and its version; the length and the checksum of a table; the table (JSON: for
each array its type, shape, place and checksum); then the arrays, each at a multiple of 64 bytes.
"""

from __future__ import annotations

import json
import mmap
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
    """The arrays of a file, read-only. Raises `DamagedFile` where one byte of them is not as it was written."""
    try:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        form, length, checksum = HEAD.unpack_from(data)
        packed = data[HEAD.size : HEAD.size + length]
        if form != FORMAT or zlib.crc32(packed) != checksum:
            raise DamagedFile("its table is damaged or of another version")
        start = HEAD.size + length
        return {name: checked(data, name, start, entry) for name, entry in json.loads(packed).items()}
    except (ValueError, struct.error) as error:
        raise DamagedFile(f"it is cut short ({error})") from error


def checked(data: mmap.mmap, name: str, start: int, entry: tuple[str, list[int], int, int]) -> NDArray[Any]:
    kind, shape, place, checksum = entry
    array = np.frombuffer(data, kind, int(np.prod(shape)), start + place).reshape(shape)
    if zlib.crc32(array.data) != checksum:
        raise DamagedFile(f"its {name} are damaged")
    return array


def aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT
