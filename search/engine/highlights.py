"""Where the words of a query stand in documents of a page, from the offsets that the index keeps: no text is read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import accumulate, islice, pairwise
from typing import NamedTuple

import numpy as np

from index.analysis import CLUSTER, UNSPACED_START, Pattern, fold
from index.schema import FIELD_NUMBERS, FIELDS, Document
from search.engine.segment_reader import Places, Positions, SegmentReader
from search.engine.terms import Ints
from search.matches import MAX_CHARS_BETWEEN, HighlightRanges, Range
from search.query import Clause, Phrase, Word, options_of
from search.query.words import patterns_of

__all__ = ["highlight", "highlighted"]

FIELDS_SHOWN = [FIELD_NUMBERS[name] for name in ("title", "body", "tags")]

TEXT_STRIDE = 1 << 40
"""Characters, more than any text has: an offset stride that keeps texts apart in one array."""

MAX_RANGES = 16_000
"""Of one page: more than any query of a few words has. Where there are more, each document shows its share of them."""

BESIDE, BEGUN, ALONE = range(3)
"""How strong an occurrence is: marked only beside another word; also by itself, but where the text holds a begun word
beside another; and everywhere."""

MAX_BIT = 62
"""The last bit that a 64-bit number can spare; words of the query beyond share it."""

RANGE = partial(tuple.__new__, Range)
"""`Range._make` without the way through Python, as there may be a thousand of them on a page."""


class Occurrences(NamedTuple):
    """Where something stands in some texts: characters [start, end), counted from `TEXT_STRIDE` times the number of the
    text, a bit for the word that it is, and how strong it is."""

    starts: Ints
    ends: Ints
    bits: Ints
    strengths: Ints


def highlighted(clauses: Iterable[Clause]) -> list[Word | Phrase]:
    """The words and phrases to mark, of all clauses; each has a bit of `Range.words`, in this order."""
    return [option for clause in dict.fromkeys(clauses) for option in options_of(clause)]


def highlight(
    clauses: Iterable[Clause],
    reader: SegmentReader,
    langs: Collection[str],
    doc_ids: Ints,
    documents: Sequence[Document],
) -> list[HighlightRanges]:
    """What to mark in some documents of a segment, given by their ascending ids and as they are stored.

    Stop words are marked only beside other words of the query. A word that goes on from a typed one is marked as far as
    it is typed, and only beside others where the text holds the typed word itself, or such a one beside others. `langs`
    are those of all posts.
    """
    # The texts of each field behind those of the field before. Tags stand a line each in one text, but are marked as
    # texts of their own: `begins` is where each does.
    size = len(documents)
    texts = [document.title for document in documents] + [document.body for document in documents]
    texts += ["\n".join(document.tags) for document in documents]
    begins = [number * TEXT_STRIDE for number in range(2 * size)]
    for number, document in enumerate(documents, 2 * size):
        lengths = [len(tag) + 1 for tag in document.tags]
        begins += accumulate(lengths[:-1], initial=number * TEXT_STRIDE) if lengths else ()
    bounds = np.array(begins, np.int64)
    found: list[Occurrences] = []
    options = highlighted(clauses)
    for number, option in enumerate(options):
        fields = [field for field in FIELDS_SHOWN if option.field in (None, FIELDS[field].name)]
        places, base = dict.fromkeys(fields, doc_ids), FIELDS_SHOWN.index(fields[0]) * size if fields else 0
        itself = patterns_of(replace(option, prefix=False) if isinstance(option, Word) else option, langs)
        begun = [pattern for pattern in patterns_of(option, langs) if pattern not in itself]
        held = np.zeros(len(begins), np.bool_)
        for pattern in (*itself, *begun):
            typed = pattern not in itself
            doc_rows, starts, ends = occurrences(pattern, reader, places, texts[base:], typed=typed)
            if not doc_rows.size:
                continue
            offsets = (doc_rows + base) * TEXT_STRIDE
            numbers = bounds.searchsorted(offsets + starts, side="right") - 1
            if typed:
                strengths = np.where(held[numbers], BESIDE, BEGUN)
            else:
                strengths = np.full(len(numbers), BESIDE if option.weak and isinstance(option, Word) else ALONE)
                held[numbers] = True
            offsets += numbers * TEXT_STRIDE - bounds[numbers]
            bits = np.full(len(numbers), 1 << min(number, MAX_BIT))
            found.append(Occurrences(offsets + starts, offsets + ends, bits, strengths))
    pairs = all(option.weak for option in options)
    ranges = merged_ranges(found, len(begins), MAX_RANGES // max(size, 1), pairs=pairs)
    tags = iter(ranges[2 * size :])
    return [
        HighlightRanges(title, body, tuple(islice(tags, len(document.tags))))
        for document, title, body in zip(documents, ranges, ranges[size:], strict=False)
    ]


def occurrences(
    pattern: Pattern, reader: SegmentReader, places: Places, texts: Sequence[str], *, typed: bool
) -> tuple[Ints, Ints, Ints]:
    """Where a pattern stands in some documents, whose texts these are.

    For each time it does: the row of its document, as in `Positions`, and the characters [start, end), of what begins
    with the last slot's prefix only these letters where it is `typed`.
    """
    arrays = reader.terms.postings
    if len(pattern) == 1:
        doc_rows, _, first = reader.positions(pattern[0], places)
        last = first
    else:
        doc_rows, positions = reader.phrase(pattern, places)
        if not doc_rows.size:
            return doc_rows, doc_rows, doc_rows
        first = longest_tokens(reader, reader.positions(pattern[0], places), doc_rows, positions)
        final = reader.positions(pattern[-1], places)
        last = longest_tokens(reader, final, doc_rows, positions + len(pattern) - 1)
    starts = arrays.starts[first].astype(np.int64)
    last_starts = arrays.starts[last].astype(np.int64)
    ends = last_starts + arrays.widths[last]
    prefix = pattern[-1].prefix
    if len(prefix) == 1 and UNSPACED_START.match(prefix):
        # The terms of such a script are pairs of letters: of a pair that begins with the letter, the letter is marked.
        pairs = zip(doc_rows.tolist(), last_starts.tolist(), strict=True)
        clusters = [CLUSTER.match(texts[row], start) for row, start in pairs]
        ends = np.array([cluster.end() if cluster else 0 for cluster in clusters], np.int64)
    elif typed:
        length = len(prefix)
        begins = zip(doc_rows.tolist(), last_starts.tolist(), strict=True)
        as_typed = [fold(texts[row][start : start + length]) == prefix for row, start in begins]
        ends = np.where(np.array(as_typed, bool), last_starts + length, ends)
    return doc_rows, starts, ends


def longest_tokens(reader: SegmentReader, found: Positions, doc_rows: Ints, positions: Ints) -> Ints:
    """The token at each position of a document; of several, as a compound and its first part, the longest."""
    stride = max(int(found.positions.max(initial=0)), int(positions.max(initial=0))) + 1
    keys = found.doc_rows * stride + found.positions
    order = np.lexsort((reader.terms.postings.widths[found.tokens], keys))
    tokens: Ints = found.tokens[order[np.searchsorted(keys[order], doc_rows * stride + positions, side="right") - 1]]
    return tokens


def merged_ranges(
    found: Sequence[Occurrences], count: int, share: int, *, pairs: bool = False
) -> list[tuple[Range, ...]]:
    """The ranges of each of `count` texts, in order, those that overlap made one; where all together are more than
    `MAX_RANGES`, the first `share` of each.

    What is not marked by itself is left out but in a row with what is or, with `pairs`, with another word.
    """
    if not sum(len(occurrences.starts) for occurrences in found):
        return [()] * count
    starts, ends, bits, strengths = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
    order = np.argsort(starts)
    starts, ends = starts[order], ends[order]
    reached = np.maximum.accumulate(ends)
    opens = np.flatnonzero(np.concatenate([[True], starts[1:] >= reached[:-1]]))
    first, last = starts[opens], np.maximum.reduceat(ends, opens)
    words = np.bitwise_or.reduceat(bits[order], opens)
    if strengths.min() < ALONE:
        opens_row = np.concatenate([[True], first[1:] - last[:-1] > MAX_CHARS_BETWEEN])
        rows = np.flatnonzero(opens_row)
        strongest = np.maximum.reduceat(np.maximum.reduceat(strengths[order], opens), rows)
        together = np.bitwise_or.reduceat(words, rows)
        several = together & (together - 1) != 0
        marked = (strongest > BESIDE) | (several & pairs)
        begun = np.logical_or.reduceat(np.logical_or.reduceat(strengths[order] == BEGUN, opens), rows)
        texts = first[rows] // TEXT_STRIDE
        marked &= several | (strongest > BEGUN) | ~np.isin(texts, texts[begun & several])
        kept = marked[np.cumsum(opens_row) - 1]
        first, last, words = first[kept], last[kept], words[kept]
    texts = first // TEXT_STRIDE
    if len(texts) > MAX_RANGES:
        kept = np.arange(len(texts)) - np.searchsorted(texts, texts) < share
        first, last, words, texts = first[kept], last[kept], words[kept], texts[kept]
    bases = texts * TEXT_STRIDE
    ranges = list(map(RANGE, zip((first - bases).tolist(), (last - bases).tolist(), words.tolist(), strict=True)))
    bounds = np.searchsorted(texts, np.arange(count + 1)).tolist()
    return [tuple(ranges[a:b]) for a, b in pairwise(bounds)]
