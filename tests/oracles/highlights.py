"""Where the words of a query stand in a document, by reading its texts: what the engine must find from offsets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from operator import or_
from typing import NamedTuple

from index.analysis import CLUSTER, UNSPACED_START, Pattern, Slot, Token, fold, patterns, tokenize
from index.schema import Document
from search.engine.highlights import highlighted
from search.matches import HighlightRanges
from search.query import Phrase, Query, Word

__all__ = ["merged", "ranges_by_reading", "read_highlights"]


class Range(NamedTuple):
    """The characters [start, end) of a text, and which words of the query they are: a bit for each."""

    start: int
    end: int
    words: int = 1


def read_highlights(query: Query, document: Document) -> HighlightRanges:
    """What to mark in a document."""
    return HighlightRanges(
        title=ranges_by_reading(query, document.title, document.lang, "title"),
        body=ranges_by_reading(query, document.body, document.lang, "body"),
        tags=tuple(ranges_by_reading(query, tag, document.lang, "tags") for tag in document.tags),
    )


def ranges_by_reading(query: Query, text: str, lang: str = "en", field: str = "body") -> tuple[Range, ...]:
    """Where in a text of the field the query's words stand, in order and without overlaps."""
    tokens = tokenize(text, lang)
    found: list[Range] = []
    alone: set[int] = set()  # where a range begins that is marked by itself
    begun_alone: set[int] = set()  # and where one does that is unless the text holds such a one beside another
    options = highlighted(query.clauses)
    for number, option in enumerate(options):
        if option.field in (None, field):
            itself = patterns(option.text, {lang})
            rows = [(a, b, pattern) for pattern in itself for a, b in in_a_row(pattern, tokens)]
            here = [Range(a.start, end_of(b, pattern[-1], text), 1 << number) for a, b, pattern in rows]
            if isinstance(option, Phrase) or not option.weak:
                alone |= {found.start for found in here}
            if isinstance(option, Word) and option.prefix:
                begun = [
                    Range(a.start, typed_end(b, pattern[-1], text), 1 << number)
                    for pattern in patterns(option.text, {lang}, prefix=True)
                    if pattern not in itself
                    for a, b in in_a_row(pattern, tokens)
                ]
                if not here:
                    begun_alone |= {found.start for found in begun}
                here += begun
            found += here
    return marked(found, alone, begun_alone, pairs=all(option.weak for option in options))


def marked(found: Iterable[Range], alone: set[int], begun_alone: set[int], *, pairs: bool) -> tuple[Range, ...]:
    """Those of the ranges that are marked, which is decided by rows of them."""
    rows_of_ranges: list[list[Range]] = []
    for range_ in merged(found):
        if rows_of_ranges and range_.start - rows_of_ranges[-1][-1].end <= 1:
            rows_of_ranges[-1].append(range_)
        else:
            rows_of_ranges.append([range_])

    def holds(row: Sequence[Range], starts: set[int]) -> bool:
        return any(row[0].start <= start < row[-1].end for start in starts)

    def several(row: Sequence[Range]) -> bool:
        return reduce(or_, (range_.words for range_ in row)).bit_count() > 1

    if not any(several(row) and holds(row, begun_alone) for row in rows_of_ranges):
        alone |= begun_alone
    return tuple(
        range_
        for row in rows_of_ranges
        if holds(row, alone) or (several(row) and (pairs or holds(row, begun_alone)))
        for range_ in row
    )


def typed_end(token: Token, slot: Slot, text: str) -> int:
    """Where the typed part of a token that may go on ends: with its last letter, or with the token where folding moves
    letters."""
    end = token.start + len(slot.prefix)
    if len(slot.prefix) == 1 and UNSPACED_START.match(slot.prefix):
        return end_of(token, slot, text)
    return min(end, token.end) if fold(text[token.start : end]) == slot.prefix else token.end


def in_a_row(pattern: Pattern, tokens: Sequence[Token]) -> Iterator[tuple[Token, Token]]:
    """The first and the last token of each place where the slots of the pattern follow one another."""
    if len(pattern) == 1:
        yield from ((token, token) for token in tokens if fits(token, pattern[0]))
        return
    places = [{token.position: token for token in tokens if fits(token, slot)} for slot in pattern]
    for position, first in places[0].items():
        if all(position + i in place for i, place in enumerate(places)):
            yield first, places[-1][position + len(pattern) - 1]


def fits(token: Token, slot: Slot) -> bool:
    return token.term in slot.terms or (slot.prefix != "" and token.term.startswith(slot.prefix))


def end_of(token: Token, slot: Slot, text: str) -> int:
    """Where the marked part of the last token ends: words are marked whole, but of a pair of characters what fits."""
    if token.term not in slot.terms and UNSPACED_START.match(slot.prefix) and len(slot.prefix) == 1:
        first = CLUSTER.match(text, token.start)
        return first.end() if first else token.end
    return token.end


def merged(found: Iterable[Range]) -> tuple[Range, ...]:
    """The ranges in order, those that overlap made one."""
    whole: list[Range] = []
    for start, end, words in sorted(found):
        if whole and start < whole[-1].end:
            last = whole[-1]
            whole[-1] = Range(last.start, max(last.end, end), last.words | words)
        else:
            whole.append(Range(start, end, words))
    return tuple(whole)
