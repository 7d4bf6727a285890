"""Where the words of a query stand in documents of a page, from the offsets that the index keeps: no text is read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import partial
from itertools import accumulate, pairwise

import numpy as np

from index.analysis import CLUSTER, UNSPACED_START, Pattern, patterns
from index.schema import FIELD_NUMBERS, Document
from search.engine.segment_reader import Positions, SegmentReader
from search.engine.terms import Ints
from search.query import Clause, Phrase, Word, options_of
from search.results import HighlightRanges, Range

__all__ = ["highlight", "highlighted"]

FIELDS_SHOWN = ("title", "body", "tags")

TEXT_STRIDE = np.int64(1) << 40
"""Characters, more than any text has: an offset stride that keeps texts apart in one array."""

MAX_RANGES = 16_000
"""Of one page: more than any query of a few words has. Where there are more, each document shows its share of them."""

MAX_BIT = 62
"""The last bit that a 64-bit number can spare; words of the query beyond share it."""

RANGE = partial(tuple.__new__, Range)
"""`Range._make` without the way through Python, as there may be a thousand of them on a page."""


def highlighted(clauses: Iterable[Clause]) -> list[Word | Phrase]:
    """The words and phrases to mark: of all clauses, but weak words only where they may go on or stand alone."""
    options = [option for clause in dict.fromkeys(clauses) for option in options_of(clause)]
    return [o for o in options if not o.weak or (isinstance(o, Word) and o.prefix)] or options


def highlight(
    clauses: Iterable[Clause],
    reader: SegmentReader,
    langs: Collection[str],
    doc_ids: Ints,
    documents: Sequence[Document],
) -> list[HighlightRanges]:
    """What to mark in some documents of a segment, given by their ascending ids and as they are stored.

    `langs` are the languages of all posts.
    """
    titles, bodies = [document.title for document in documents], [document.body for document in documents]
    texts = (titles, bodies, ["\n".join(document.tags) for document in documents])
    found: list[tuple[Ints, Ints, Ints]] = []  # see `merged_ranges`
    for number, option in enumerate(highlighted(clauses)):
        bit = 1 << min(number, MAX_BIT)
        for pattern in patterns(option.text, langs, prefix=isinstance(option, Word) and option.prefix):
            for column, field in enumerate(FIELDS_SHOWN):
                if option.field in (None, field):
                    doc_rows, starts, ends = occurrences(pattern, reader, FIELD_NUMBERS[field], doc_ids, texts[column])
                    base = (doc_rows * len(FIELDS_SHOWN) + column) * TEXT_STRIDE
                    found.append((base + starts, base + ends, np.full(len(doc_rows), bit, np.int64)))
    ranges = iter(merged_ranges(found, len(documents) * len(FIELDS_SHOWN), MAX_RANGES // max(len(documents), 1)))
    return [
        HighlightRanges(title, body, split_by_text(tags, document.tags))
        for document, title, body, tags in zip(documents, ranges, ranges, ranges, strict=True)
    ]


def occurrences(
    pattern: Pattern, reader: SegmentReader, field: int, doc_ids: Ints, texts: Sequence[str]
) -> tuple[Ints, Ints, Ints]:
    """Where a pattern stands in a field of some documents, whose texts these are.

    For each time it does: the row of its document in `doc_ids`, and the characters [start, end).
    """
    arrays, places = reader.terms.postings, {field: doc_ids}
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
    return doc_rows, starts, ends


def longest_tokens(reader: SegmentReader, found: Positions, doc_rows: Ints, positions: Ints) -> Ints:
    """The token at each position of a document; of several, as a compound and its first part, the longest."""
    stride = max(int(found.positions.max(initial=0)), int(positions.max(initial=0))) + 1
    keys = found.doc_rows * stride + found.positions
    order = np.lexsort((reader.terms.postings.widths[found.tokens], keys))
    tokens: Ints = found.tokens[order[np.searchsorted(keys[order], doc_rows * stride + positions, side="right") - 1]]
    return tokens


def merged_ranges(found: Sequence[tuple[Ints, Ints, Ints]], count: int, share: int) -> list[tuple[Range, ...]]:
    """The ranges of each of `count` texts, in order, those that overlap made one; where all together are more than
    `MAX_RANGES`, the first `share` of each.

    `found` are starts, ends and bits of words; offsets count from `TEXT_STRIDE` times the number of the text.
    """
    if not sum(len(starts) for starts, _, _ in found):
        return [()] * count
    starts, ends, bits = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
    order = np.argsort(starts)
    starts, ends = starts[order], ends[order]
    reached = np.maximum.accumulate(ends)
    opens = np.flatnonzero(np.concatenate([[True], starts[1:] >= reached[:-1]]))
    first, last = starts[opens], np.maximum.reduceat(ends, opens)
    words = np.bitwise_or.reduceat(bits[order], opens)
    texts = first // TEXT_STRIDE
    if len(texts) > MAX_RANGES:
        kept = np.arange(len(texts)) - np.searchsorted(texts, texts) < share
        first, last, words, texts = first[kept], last[kept], words[kept], texts[kept]
    bases = texts * TEXT_STRIDE
    rows = zip((first - bases).tolist(), (last - bases).tolist(), words.tolist(), strict=True)
    ranges = list(map(RANGE, rows))
    bounds = np.searchsorted(texts, np.arange(count + 1)).tolist()
    return [tuple(ranges[a:b]) for a, b in pairwise(bounds)]


def split_by_text(ranges: Sequence[Range], texts: Sequence[str]) -> tuple[tuple[Range, ...], ...]:
    """The ranges of some texts that stand a line each as those of each text."""
    begins = accumulate((len(text) + 1 for text in texts), initial=0)
    return tuple(
        tuple([RANGE((a - begin, b - begin, bits)) for a, b, bits in ranges if begin <= a < begin + len(text)])
        for begin, text in zip(begins, texts, strict=False)
    )
