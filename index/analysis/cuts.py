"""Cuts a text into chunks, as the pattern `CHUNK` does, by a dozen passes over an array instead of by characters."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.analysis.pieces import JOINING, MARKS_IN_WORDS, PICTOGRAPHS

__all__ = ["cuts"]

Offsets = NDArray[Any]

MARGIN = 3
"""Characters beyond the ends of a chunk that decide where it ends: so many blanks stand around the text."""

LETTERS_END = 0x40000
"""Code points from here on are no letters, and none of the other signs that matter here."""

WORD_BIT, ALNUM_BIT, LETTER_BIT, JOIN_BIT, AFTER_SIGN_BIT, MARK_BIT, PICTOGRAPH_BIT = (1 << bit for bit in range(7))
"""What a character may be: one that begins a word, a letter or digit, a letter, what joins two words, what no sign such
as `--` may follow, what goes on with a word, and what is a chunk by itself."""

CLASSES = (
    (WORD_BIT | AFTER_SIGN_BIT, r"\w"),
    (ALNUM_BIT, r"[^\W_]"),
    (LETTER_BIT, r"[^\W\d_]"),
    (JOIN_BIT, JOINING),
    (AFTER_SIGN_BIT, r"[.\-]"),
    (MARK_BIT, MARKS_IN_WORDS),
    (PICTOGRAPH_BIT, rf"(?!\w){PICTOGRAPHS}"),
)


@cache
def kinds(size: int) -> NDArray[np.uint8]:
    """The classes, as bits, of each of the first `size` code points."""
    table = np.zeros(size, np.uint8)
    every = "".join(map(chr, range(size)))
    for kind, pattern in CLASSES:
        table[[found.start() for found in re.finditer(pattern, every)]] |= kind
    return table


def cuts(text: str) -> tuple[Offsets, Offsets]:
    """The start and the end (exclusive) of each chunk, as two arrays of character offsets, ascending."""
    whole = "\n" * MARGIN + text + "\n" * MARGIN
    if text.isascii():
        data: NDArray[Any] = np.frombuffer(whole.encode(), np.uint8)
        kind = kinds(128)[data]
    else:
        data = np.frombuffer(whole.encode("utf-32-le", "surrogatepass"), np.uint32)
        kind = kinds(LETTERS_END + 1)[np.minimum(data, LETTERS_END)]
    word = (kind & WORD_BIT).view(np.bool_)
    inside = (kind & (WORD_BIT | MARK_BIT)).astype(np.bool_)
    inside[1:-1] |= (kind[1:-1] & JOIN_BIT).astype(np.bool_) & inside[:-2] & word[2:]
    bounds = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    starts, ends = from_word(word, bounds[::2], bounds[1::2])
    starts, ends = starts - signs_before(data, kind, starts), ends + signs_after(data, word, ends)
    pictographs = np.flatnonzero(kind & PICTOGRAPH_BIT)
    if pictographs.size:
        starts = np.sort(np.concatenate([starts, pictographs]))
        ends = np.sort(np.concatenate([ends, pictographs + 1]))
    return starts - MARGIN, ends - MARGIN


def from_word(word: NDArray[np.bool_], starts: Offsets, ends: Offsets) -> tuple[Offsets, Offsets]:
    """The runs without the marks that stand before their first word; those that hold none are left out."""
    late = np.flatnonzero(~word[starts])
    if not late.size:
        return starts, ends
    words = np.append(np.flatnonzero(word), len(word))
    starts = starts.copy()
    starts[late] = words[np.searchsorted(words, starts[late])]
    kept = starts < ends
    return starts[kept], ends[kept]


def signs_before(data: NDArray[Any], kind: NDArray[np.uint8], starts: Offsets) -> Offsets:
    """How many characters of a sign, `--`, `-` or `.`, belong to the words that begin at `starts`."""
    before = data[starts - 1]
    free, two_free = ((kind[starts - distance] & AFTER_SIGN_BIT) == 0 for distance in (2, 3))
    dot = (before == ord(".")) & free & ((kind[starts] & LETTER_BIT) > 0)
    dash = (before == ord("-")) & ((kind[starts] & ALNUM_BIT) > 0)
    dashes = dash & (data[starts - 2] == ord("-")) & two_free
    signs: Offsets = dot + (dash & free) + 2 * dashes.astype(np.int64)
    return signs


def signs_after(data: NDArray[Any], word: NDArray[np.bool_], ends: Offsets) -> Offsets:
    """How many characters of a sign, `++` or `#`, belong to the words that end at `ends`."""
    after = data[ends]
    pluses = (after == ord("+")) & (data[ends + 1] == ord("+")) & (data[ends + 2] != ord("+"))
    sharp = (after == ord("#")) & ~word[ends + 1]
    signs: Offsets = sharp + 2 * pluses.astype(np.int64)
    return signs
