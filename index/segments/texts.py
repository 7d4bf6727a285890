"""Many texts (UTF-8) in two arrays: their bytes one after the other, plain or compressed, and the offsets between."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, Self

import numpy as np
import zstandard
from numpy.typing import NDArray

from index.arrays import Array, narrow, offsets_of, sizes_of
from index.segments.files import damaged

__all__ = ["PackedTexts", "SortedTexts", "Texts"]

STEP = 32
"""A look-up bisects every `STEP`th text, all of which are kept in memory, and then the `STEP` texts from there."""

ITER_TEXTS = 4096
"""How many texts are read at a time while iterating."""

MAGIC = b"\x28\xb5\x2f\xfd"
"""What each frame of zstd begins with, and no text in UTF-8."""

MAX_RATIO = 32
"""A text that zstd would make smaller than so is kept plain: then no file, whoever made it, makes us take more memory
than so many times its size."""

MIN_TRAINED_BYTES, MAX_SAMPLED_BYTES, MAX_SAMPLE_BYTES = 1_000_000, 2_000_000, 4096
"""How much text there is at least before a dictionary is made for it, of how much, and of how much of each text."""

MIN_SAMPLES, MIN_SAMPLE_BYTES = 16, 256
"""A dictionary is made of no fewer texts, and of none that is shorter."""

MAX_DICTIONARY_BYTES, DICTIONARY_SHARE = 1 << 16, 100
"""A dictionary has at most so many bytes, and no more than one in so many of the text."""


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
        kept = Texts.of(Texts.__getitem__(self, row) for row in rows.tolist())
        return replace(self, data=kept.data, ends=kept.ends)

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
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


@dataclass(frozen=True)
class PackedTexts(Texts):
    """Texts each of which may be compressed by zstd, by itself, so that one is read without the others.

    The `dictionary` is what they have in common: short texts alone would not get much smaller. It may be empty.
    """

    dictionary: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))

    def __getitem__(self, number: int) -> bytes:
        return self.unpacked(super().__getitem__(number))

    def slice(self, first: int, last: int) -> list[bytes]:
        return [self.unpacked(kept) for kept in super().slice(first, last)]

    def unpacked(self, kept: bytes) -> bytes:
        """The text that was kept so. Raises `IndexDamaged` where it is none."""
        if not kept.startswith(MAGIC):
            return kept
        try:
            if zstandard.frame_content_size(kept) > MAX_RATIO * len(kept):
                raise zstandard.ZstdError("it would be too large")
            try:
                decompressor = self.idle.pop()
            except IndexError:
                decompressor = zstandard.ZstdDecompressor(self.prepared)
            text = decompressor.decompress(kept)
        except zstandard.ZstdError as error:
            raise damaged("a text of the index", error) from error
        self.idle.append(decompressor)
        return text

    @cached_property
    def idle(self) -> list[zstandard.ZstdDecompressor]:
        """Decompressors that no thread uses just now: making one takes longer than to decompress a text."""
        return []

    @cached_property
    def prepared(self) -> zstandard.ZstdCompressionDict | None:
        """The dictionary for zstd."""
        return zstandard.ZstdCompressionDict(self.dictionary.tobytes()) if len(self.dictionary) else None

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """The texts of all parts, with the dictionary of the largest; what is packed with another one is unpacked."""
        dictionary = max(parts, key=lambda part: len(part.data)).dictionary
        found = Texts.joined([one if np.array_equal(one.dictionary, dictionary) else Texts.of(one) for one in parts])
        return cls(found.data, found.ends, dictionary)

    def packed(self) -> Self:
        """The same, with a dictionary where there is much of them, and each text compressed where that saves bytes.

        Raises `MemoryError`.
        """
        dictionary = self.dictionary if len(self.dictionary) else self.trained()
        found = self if dictionary is self.dictionary else replace(self, dictionary=dictionary)
        compressor = zstandard.ZstdCompressor(dict_data=found.prepared, write_dict_id=False)

        def packed(kept: bytes) -> bytes:
            if kept.startswith(MAGIC) and found is self:
                return kept
            text = self.unpacked(kept)
            try:
                small = compressor.compress(text)
            except zstandard.ZstdError as error:  # no text is at fault: memory is wanting
                raise MemoryError(str(error)) from error
            return small if len(small) < len(text) <= MAX_RATIO * len(small) else text

        every = Texts.of(packed(kept) for kept in Texts(self.data, self.ends))
        return replace(found, data=every.data, ends=every.ends)

    def trained(self) -> NDArray[np.uint8]:
        """A dictionary for these texts; an empty one where there are too few."""
        size = len(self.data)
        if size < MIN_TRAINED_BYTES:
            return self.dictionary
        rows = range(0, len(self), 1 + size // MAX_SAMPLED_BYTES)
        samples: list[bytes | bytearray | memoryview] = [self[row][:MAX_SAMPLE_BYTES] for row in rows]
        # Of samples whose first ones hold next to nothing the library dies, and takes the process with it.
        samples = [sample for sample in samples if len(sample) >= MIN_SAMPLE_BYTES]
        if len(samples) < MIN_SAMPLES:
            return self.dictionary
        try:
            found = zstandard.train_dictionary(min(MAX_DICTIONARY_BYTES, size // DICTIONARY_SHARE), samples, k=200, d=8)
        except zstandard.ZstdError:  # they have too little in common
            return self.dictionary
        return np.frombuffer(found.as_bytes(), np.uint8)
