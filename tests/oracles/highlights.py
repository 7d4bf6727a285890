"""Where the words of a query stand in a document, by reading its texts: what the engine must find from offsets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from index.analysis import CLUSTER, UNSPACED_START, Pattern, Slot, Token, patterns, tokenize
from index.schema import Document
from search.engine.highlights import highlighted
from search.query import Query, Word
from search.results import HighlightRanges, Range

__all__ = ["merged", "ranges_by_reading", "read_highlights"]


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
    for number, option in enumerate(highlighted(query.clauses)):
        if option.field in (None, field):
            for pattern in patterns(option.text, {lang}, prefix=isinstance(option, Word) and option.prefix):
                rows = in_a_row(pattern, tokens)
                found += [Range(a.start, end_of(b, pattern[-1], text), 1 << number) for a, b in rows]
    return merged(found)


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
