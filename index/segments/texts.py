"""Many byte strings (UTF-8) in two arrays: the bytes one after the other, and the offsets between them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from index.arrays import Array, narrow, offsets_of, sizes_of

__all__ = ["SortedTexts", "Texts"]

STEP = 32
"""A look-up bisects every `STEP`th text, all of which are kept in memory, and then the `STEP` texts from there."""

ITER_TEXTS = 4096
"""How many texts are read at a time while iterating."""


@dataclass(frozen=True)
class Texts:
    """Text i is the bytes of `data` from `ends[i]` to `ends[i + 1]`."""

    data: NDArray[np.uint8]
    ends: Array

    @classmethod
    def of(cls, texts: Iterable[bytes]) -> Self:
        """The texts, in this order."""
        texts = list(texts)
        ends = offsets_of(np.array([*map(len, texts)], np.int64))
        return cls(np.frombuffer(b"".join(texts), np.uint8), narrow(ends))

    def __len__(self) -> int:
        return len(self.ends) - 1

    def __getitem__(self, number: int) -> bytes:
        first, last = self.ends[number : number + 2].tolist()
        return self.data[first:last].tobytes()

    def slice(self, first: int, last: int) -> list[bytes]:
        """The texts from number `first` to before `last`."""
        ends = self.ends[first : last + 1].tolist()
        data = self.data[ends[0] : ends[-1]].tobytes() if ends else b""
        return [data[a - ends[0] : b - ends[0]] for a, b in pairwise(ends)]

    def __iter__(self) -> Iterator[bytes]:
        for first in range(0, len(self), ITER_TEXTS):
            yield from self.slice(first, min(first + ITER_TEXTS, len(self)))

    def check(self) -> None:
        """Raises `ValueError` where a text is not UTF-8, faster than to decode each."""
        self.data.tobytes().decode()
        starts = self.ends[:-1][self.ends[:-1] < len(self.data)]
        if ((self.data[starts] & 0xC0) == 0x80).any():  # the byte goes on with a character
            raise ValueError("its texts begin amid characters")

    def chosen(self, rows: NDArray[Any]) -> Self:
        """The texts with these numbers."""
        return type(self).of(self[row] for row in rows.tolist())

    @classmethod
    def joined(cls, parts: Sequence[Texts]) -> Self:
        """The texts of all parts, one after the other."""
        data = np.concatenate([np.zeros(0, np.uint8), *(part.data for part in parts)])
        return cls(data, narrow(offsets_of(np.concatenate([sizes_of(part.ends) for part in parts]))))


@dataclass(frozen=True)
class SortedTexts(Texts):
    """Texts in the order of their bytes, among which one can be looked up."""

    @cached_property
    def block_starts(self) -> list[bytes]:
        """Every `STEP`th text."""
        return [self[number] for number in range(0, len(self), STEP)]

    def rank(self, text: bytes) -> int:
        """The number of the first text that is not before this one."""
        block = max(bisect_right(self.block_starts, text) - 1, 0) * STEP
        return block + bisect_left(self.slice(block, min(block + STEP, len(self))), text)

    def find(self, text: bytes) -> int:
        """The number of the text, or -1."""
        number = self.rank(text)
        return number if number < len(self) and self[number] == text else -1
