"""Many numbers in few bytes, of which any rows are read at once: offsets, and numbers that are mostly small."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from index.arrays import Array, narrow, offsets_of

__all__ = ["Offsets", "Patched"]

CHECKED_NUMBERS = 1 << 18
"""How many numbers are checked at a time, so that this takes little memory."""

Rows = Array | slice
"""Which numbers are read."""


@dataclass(frozen=True)
class Offsets:
    """Offsets into another array, from 0 on and ascending, of which the low bits are kept.

    No step is as large as what the type of `low` counts, so the rest of an offset is how often `low` fell until there.
    """

    low: Array

    @classmethod
    def of(cls, sizes: Array) -> Self:
        """Those of consecutive runs of these sizes (n): n + 1, the last one of which is where all end."""
        kind = np.uint16 if sizes.max(initial=0) < 1 << 16 else np.uint32
        return cls(offsets_of(sizes).astype(kind))

    def __len__(self) -> int:
        return len(self.low)

    def __getitem__(self, rows: Any) -> Any:
        """The offsets in these rows, counted from 0: in one, an array or a slice of them."""
        found = self.low[rows].astype(np.int64)
        if len(self.falls):
            numbers = np.arange(*rows.indices(len(self))) if isinstance(rows, slice) else rows
            found += self.falls.searchsorted(numbers, side="right") << self.low.itemsize * 8
        return found

    def sizes(self, rows: Rows = slice(None)) -> Array:
        """The sizes of the runs with these numbers: an array or a slice of them."""
        return self.narrow_sizes(rows).astype(np.int64)

    def narrow_sizes(self, rows: Rows) -> Array:
        """The same in the type of `low`, in which not every sum of them has room."""
        found: Array = self.low[1:][rows] - self.low[:-1][rows]
        return found

    def check(self, count: int, end: int) -> None:
        """Raises `ValueError` where they are not those of so many runs, of which the last one ends there."""
        if len(self) != count + 1 or self[0] != 0 or self[count] != end:
            raise ValueError("its offsets lead nowhere")

    @cached_property
    def falls(self) -> Array:
        """The rows in which `low` is less than in the row before."""
        return np.flatnonzero(self.low[1:] < self.low[:-1]) + 1


@dataclass(frozen=True)
class Patched:
    """Numbers in a type that most of them fit (PFOR, in the words of Lucene).

    Where `values` has the largest number of its type, `large` has the number itself, in the row that this row has in
    `rows`, which ascend. Where nothing is `large`, all numbers are as they stand in `values`.
    """

    values: Array
    rows: Array
    large: Array

    @classmethod
    def of(cls, numbers: Array) -> Self:
        """The numbers in the form that takes the fewest bytes."""
        plain = narrow(numbers)
        fewest, most = plain.nbytes, 0
        for limit in (0xFF, 0xFFFF):
            # A large number costs the bytes of itself and of its row.
            large = int(np.count_nonzero(plain >= limit)) * (plain.itemsize + 4)
            if (cost := len(plain) * np.min_scalar_type(limit).itemsize + large) < fewest:
                fewest, most = cost, limit
        if not most:
            return cls(plain, plain[:0], plain[:0])
        rows = np.flatnonzero(plain >= most)
        return cls(np.minimum(plain, most).astype(np.min_scalar_type(most)), narrow(rows), plain[rows])

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, rows: Rows) -> Array:
        """The numbers in these rows, counted from 0: in an array of them, or from one to another."""
        found: Array = self.values[rows]
        if len(self.large):
            places = (found == self.mark).nonzero()[0]
            if len(places):
                wanted = places + rows.indices(len(self))[0] if isinstance(rows, slice) else rows[places]
                found = found.astype(self.large.dtype)
                found[places] = self.large[self.rows.searchsorted(wanted.astype(self.rows.dtype))]
        return found

    @cached_property
    def mark(self) -> int:
        """The largest number of the type of `values`."""
        return int(np.iinfo(self.values.dtype).max)

    def check(self) -> None:
        """Raises `ValueError` where not exactly what is marked as large has a number in `large`."""
        if len(self.rows) != len(self.large):
            raise ValueError("its large numbers differ from their rows")
        count, same = 0, True
        for first in range(0, len(self) if len(self.large) else 0, CHECKED_NUMBERS):
            marked = np.flatnonzero(self.values[first : first + CHECKED_NUMBERS] == self.mark) + first
            same = same and np.array_equal(marked, self.rows[count : count + len(marked)])
            count += len(marked)
        if not same or count != len(self.rows):
            raise ValueError("its large numbers are of other rows")
