"""Where the words of a query stand in documents of a page, from the offsets that the index keeps: no text is read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, islice, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.analysis import CLUSTER, UNSPACED_START, Pattern, fold
from index.arrays import offsets_of
from index.schema import FIELD_NUMBERS, FIELDS, Document
from search.engine.segment_reader import POSITION_BITS, SegmentReader
from search.engine.terms import Ints
from search.matches import MAX_CHARS_BETWEEN, HighlightRanges, Range
from search.query import Clause, Phrase, Word, options_of
from search.query.words import patterns_of

__all__ = ["highlight", "highlighted"]

FIELDS_SHOWN = [FIELD_NUMBERS[name] for name in ("title", "body", "tags")]

TEXT_OF_FIELD = np.full(len(FIELDS), -1)
"""By the number of a field, which of those shown it is."""

TEXT_OF_FIELD[FIELDS_SHOWN] = np.arange(len(FIELDS_SHOWN))

TEXT_STRIDE = 1 << 40
"""Characters, more than any text has: an offset stride that keeps texts apart in one array."""

MAX_RANGES = 16_000
"""Of one page: more than any query of a few words has. Where there are more, each document shows its share of them."""

BESIDE, BEGUN, ALONE = range(3)
"""How strong an occurrence is: marked only beside another word; also by itself, but where the text holds a begun word
beside another; and everywhere."""

MAX_BIT = 62
"""The last bit that a 64-bit number can spare; words of the query beyond share it."""

NONE = np.zeros(0, np.int64)


class PatternToMark(NamedTuple):
    """A pattern to be marked, with the number of the option that it is one of, the numbers of the fields in which it
    is, and whether it is only begun, as the word may go on that is being typed."""

    option: int
    pattern: Pattern
    fields: tuple[int, ...]
    begun: bool


class Occurrences(NamedTuple):
    """Where words stand in some texts: the row of a text and its characters [start, end), the number of the option that
    it is, and whether it only begins so."""

    rows: Ints
    starts: Ints
    ends: Ints
    options: Ints
    begun: NDArray[np.bool_]


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
    options = highlighted(clauses)
    found = occurrences(list(patterns_to_mark(options, langs)), reader, doc_ids, texts)
    if not found.rows.size:
        return [HighlightRanges(tags=((),) * len(document.tags)) for document in documents]
    bounds = np.array(begins, np.int64)
    bases = found.rows * TEXT_STRIDE
    numbers = bounds.searchsorted(found.starts + bases, side="right") - 1
    bases += numbers * TEXT_STRIDE - bounds[numbers]
    bits = np.array([1 << min(number, MAX_BIT) for number in range(len(options))])[found.options]
    strengths = np.array([BESIDE if option.weak and isinstance(option, Word) else ALONE for option in options])
    strengths = strengths[found.options]
    for number in set(found.options[found.begun].tolist()):
        here = found.options == number
        held = np.zeros(len(begins), np.bool_)
        held[numbers[here & ~found.begun]] = True
        begun = here & found.begun
        strengths[begun] = np.where(held[numbers[begun]], BESIDE, BEGUN)
    pairs, share = all(option.weak for option in options), MAX_RANGES // max(size, 1)
    ranges = merged_ranges(
        found.starts + bases, found.ends + bases, bits, strengths, count=len(begins), share=share, pairs=pairs
    )
    tags = iter(ranges[2 * size :])
    return [
        HighlightRanges(title, body, tuple(islice(tags, len(document.tags))))
        for document, title, body in zip(documents, ranges, ranges[size:], strict=False)
    ]


def patterns_to_mark(options: Sequence[Word | Phrase], langs: Collection[str]) -> Iterator[PatternToMark]:
    """The patterns of the options, those first of each option that are not only begun."""
    for number, option in enumerate(options):
        fields = tuple(field for field in FIELDS_SHOWN if option.field in (None, FIELDS[field].name))
        every = itself = patterns_of(option, langs)
        if isinstance(option, Word) and option.prefix:
            itself = patterns_of(replace(option, prefix=False), langs)
        for pattern in dict.fromkeys((*itself, *every)) if fields else ():
            yield PatternToMark(number, pattern, fields, begun=pattern not in itself)


def occurrences(
    patterns: Sequence[PatternToMark], reader: SegmentReader, doc_ids: Ints, texts: Sequence[str]
) -> Occurrences:
    """Where the patterns stand in the texts of some documents. What only begins so reaches no further than its
    beginning."""
    cells, numbers, first, last = tokens_of(patterns, reader, doc_ids)
    segment = reader.segment
    fields = cells // max(segment.size, 1)
    docs = cells - fields * segment.size
    text_rows = TEXT_OF_FIELD.take(fields) * len(doc_ids) + doc_ids.searchsorted(docs)
    starts = segment.starts(first, docs, fields)
    last_starts = starts.copy()
    if (several := (first != last).nonzero()[0]).size:
        last_starts[several] = segment.starts(last[several], docs[several], fields[several])
    stops = last_starts + segment.postings.widths[last]
    for number, (_, pattern, _, begun) in enumerate(patterns):
        prefix = pattern[-1].prefix
        one_sign = len(prefix) == 1 and UNSPACED_START.match(prefix)
        if begun or one_sign:
            here = (numbers == number).nonzero()[0]
            here_rows, here_starts = text_rows[here], last_starts[here]
            if one_sign:
                # The terms of such a script are pairs of letters: of one that begins with the letter, that is marked.
                places = zip(here_rows.tolist(), here_starts.tolist(), strict=True)
                clusters = [CLUSTER.match(texts[row], start) for row, start in places]
                stops[here] = [cluster.end() if cluster else 0 for cluster in clusters]
            else:
                ends = beginnings(prefix, texts, here_rows, here_starts)
                # No further than the word, which may be shorter as it is written: `ß` is folded to `ss`.
                stops[here] = np.where(ends > 0, np.minimum(stops[here], ends), stops[here])
    options = np.array([one.option for one in patterns], np.int64)[numbers]
    begun_ones = np.array([one.begun for one in patterns], np.bool_)[numbers]
    return Occurrences(text_rows, starts, stops, options, begun_ones)


def beginnings(prefix: str, texts: Sequence[str], rows: Ints, starts: Ints) -> Ints:
    """Where a folded beginning of a word, with the marks of its last letter, ends at some places in texts, given by the
    rows of these and by characters; 0 where it is not spelled as it is typed."""
    found = accented = np.full(len(rows), prefix.isascii())
    if prefix.isascii():
        # One byte for each character, of which those of ASCII tell. What reaches beyond a text meets a 0, and nobody
        # checks where tokens of a file begin that someone else made.
        kept = [text.encode("latin-1", "replace").lower() for text in texts]
        signs = np.frombuffer(b"\0".join([*kept, bytes(len(prefix))]), np.uint8)
        places = offsets_of(np.array([*map(len, kept)]) + 1)[rows] + starts
        found = np.logical_and.reduce(
            [signs.take(places + distance, mode="clip") == sign for distance, sign in enumerate(prefix.encode())]
        )
        accented = found & (signs.take(places + len(prefix), mode="clip") == ord("?"))
    ends = np.where(found, starts + len(prefix), 0)
    for other in (accented | ~found).nonzero()[0].tolist():
        text, start, end = texts[rows[other]], int(starts[other]), int(starts[other]) + len(prefix)
        if fold(text[start:end]) == prefix:
            last = CLUSTER.match(text, end - 1)
            ends[other] = last.end() if last else end
    return ends


def tokens_of(patterns: Sequence[PatternToMark], reader: SegmentReader, doc_ids: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Where the patterns stand in some documents: each time the cell, as of `SegmentReader.standing`, the number of the
    pattern, and its first and its last token."""
    singles = [number for number, one in enumerate(patterns) if len(one.pattern) == 1]
    found = [reader.standing(patterns[number].pattern[0], patterns[number].fields, doc_ids) for number in singles]
    cells, postings = (np.concatenate(parts) for parts in zip((NONE, NONE), *found, strict=True))
    counts, tokens = reader.tokens(postings)  # of all words at once
    numbers = np.array(singles, np.int64).repeat([len(own) for own, _ in found])
    parts = [(cells.repeat(counts), numbers.repeat(counts), tokens, tokens)]
    for number, (_, pattern, fields, _) in enumerate(patterns):
        if len(pattern) > 1:
            cells, positions = reader.in_a_row(pattern, fields, doc_ids)
            if not cells.size:
                continue
            begins = (cells << POSITION_BITS) + positions
            first, last = (
                longest_tokens(*reader.places(pattern[slot], fields, doc_ids), begins + slot, reader)
                for slot in (0, len(pattern) - 1)
            )
            parts.append((cells, np.full(len(cells), number), first, last))
    cells, numbers, first, last = map(np.concatenate, zip(*parts, strict=True))
    return cells, numbers, first, last


def longest_tokens(places: Ints, tokens: Ints, wanted: Ints, reader: SegmentReader) -> Ints:
    """The token at each of the wanted places; of several, as a compound and its first part, the longest."""
    order = np.lexsort((reader.terms.postings.widths[tokens], places))
    longest: Ints = tokens[order[places[order].searchsorted(wanted, side="right") - 1]]
    return longest


def merged_ranges(
    starts: Ints, ends: Ints, bits: Ints, strengths: Ints, *, count: int, share: int, pairs: bool
) -> list[tuple[Range, ...]]:
    """The ranges of each of `count` texts, in order, those that overlap made one; where all together are more than
    `MAX_RANGES`, the first `share` of each.

    Each is given as its characters [start, end), counted from `TEXT_STRIDE` times the number of its text, a bit for the
    word that it is, and how strong it is. What is not marked by itself is left out but in a row with what is or, with
    `pairs`, with another word.
    """
    order = np.argsort(starts, kind="stable")  # which merges runs: those of each word ascend
    starts, ends = starts[order], ends[order]
    reached = np.maximum.accumulate(ends)
    apart = np.ones(len(starts), np.bool_)
    np.greater_equal(starts[1:], reached[:-1], out=apart[1:])
    opens = apart.nonzero()[0]
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
    ranges = list(zip((first - bases).tolist(), (last - bases).tolist(), words.tolist(), strict=True))
    bounds = texts.searchsorted(np.arange(count + 1)).tolist()
    return [tuple(ranges[a:b]) for a, b in pairwise(bounds)]
