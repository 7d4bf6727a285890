"""Where the words of a query stand in the documents of a page, from the offsets that the index keeps.

What is found is what `search.highlight` finds by reading the texts; here no text is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from index.analysis import CLUSTER, UNSPACED_START, Pattern, Slot, patterns
from index.schema import FIELD_NUMBERS, Document
from search.engine.scorer import Shard
from search.engine.terms import Rows
from search.query import Query, Word
from search.ranges import Marks, Range
from search.wanted import wanted

__all__ = ["Marker"]

MARKED = ("body", "title", "tags")
"""The fields in which hits are marked."""

APART = np.int64(1) << 40
"""More than any text has characters: what stands in one text is so far from what stands in the next."""

LAST_BIT = 62
"""As far as 64-bit numbers go; words beyond share it."""

RANGE = partial(tuple.__new__, Range)
"""`Range._make` without the way through Python, as there may be a thousand of them on a page."""


class Marker:
    """Marks the documents of one query; one for all of a page."""

    def __init__(self, query: Query) -> None:
        self._wanted = [(1 << min(bit, LAST_BIT), clause) for bit, clause in enumerate(wanted(query.clauses))]

    def marks(self, shard: Shard, rows: Sequence[int], documents: Sequence[Document]) -> list[Marks]:
        """The marks of documents, which are in these rows of the segment."""
        places = Places()
        for lang in {document.lang for document in documents}:
            here = {row: n for n, (row, of) in enumerate(zip(rows, documents, strict=True)) if of.lang == lang}
            finder = Finder(shard, dict(sorted(here.items())), documents, places)
            for bit, clause in self._wanted:
                for way in patterns(clause.text, {lang}, prefix=isinstance(clause, Word) and clause.prefix):
                    for number, field in enumerate(MARKED):
                        if clause.field in {None, field}:
                            finder.find(way, number, bit)
        found = places.merged(len(documents) * len(MARKED))
        return [
            {
                field: parted(found[number * len(MARKED) + n], texts)
                for n, (field, texts) in enumerate(zip(MARKED, texts_of(document), strict=True))
            }
            for number, document in enumerate(documents)
        ]


def texts_of(document: Document) -> tuple[Sequence[str], ...]:
    """The texts of each of the marked fields."""
    return (document.body,), (document.title,), document.tags


def parted(found: tuple[Range, ...], texts: Sequence[str]) -> tuple[tuple[Range, ...], ...]:
    """The ranges of a field as those of each of its texts."""
    if len(texts) == 1:
        return (found,)
    begins = accumulate((len(text) + 1 for text in texts), initial=0)
    return tuple(within(found, begin, begin + len(text)) for begin, text in zip(begins, texts, strict=False))


def within(found: Sequence[Range], begin: int, end: int) -> tuple[Range, ...]:
    """The ranges of the characters [begin, end), counted from there."""
    return tuple([Range(start - begin, last - begin, bits) for start, last, bits in found if begin <= start < end])


class Occurrences(NamedTuple):
    """Occurrences: where they begin and end, counted from `APART` times the number of the text, and their bits."""

    starts: Rows
    ends: Rows
    bits: Rows


class Places:
    """Gathers occurrences in some texts, which have numbers."""

    def __init__(self) -> None:
        self._found: list[Occurrences] = []

    def add(self, texts: Rows, starts: Rows, widths: Rows, bit: int) -> None:
        """Add occurrences of one bit, each in the text with its number."""
        first = texts * APART + starts
        self._found.append(Occurrences(first, first + widths, np.full(len(first), bit, np.int64)))

    def merged(self, size: int) -> list[tuple[Range, ...]]:
        """The ranges of each of so many texts, in order, those that overlap made one."""
        if not self._found:
            return [()] * size
        starts, ends, bits = (np.concatenate(arrays) for arrays in zip(*self._found, strict=True))
        order = np.argsort(starts)
        starts, ends = starts[order], ends[order]
        reached = np.maximum.accumulate(ends)
        opens = np.flatnonzero(np.concatenate([np.ones(min(1, len(starts)), np.bool_), starts[1:] >= reached[:-1]]))
        if not opens.size:
            return [()] * size
        first, last = starts[opens], np.maximum.reduceat(ends, opens)
        words = np.bitwise_or.reduceat(bits[order], opens)
        texts = first // APART
        bounds = np.searchsorted(texts, np.arange(size + 1)).tolist()
        before = texts * APART
        rows = zip((first - before).tolist(), (last - before).tolist(), words.tolist(), strict=True)
        ranges = list(map(RANGE, rows))
        return [tuple(ranges[bounds[i] : bounds[i + 1]]) for i in range(size)]


Token = tuple[int, int, int, int]
"""The number of its document, its position, start and end."""


class Finder:
    """Finds patterns in some documents of one segment, given by their rows and their numbers on the page."""

    def __init__(self, shard: Shard, rows: Mapping[int, int], documents: Sequence[Document], places: Places) -> None:
        self._lexicon = shard.lexicon
        self._postings = shard.segment.postings
        self._rows = np.array(list(rows), np.int64)
        self._numbers = np.array(list(rows.values()), np.int64)
        self._documents = documents
        self._places = places

    def find(self, way: Pattern, field: int, bit: int) -> None:
        """Add each occurrence of the pattern in a field (a number in `MARKED`) of the documents to the places."""
        if len(way) == 1 and not is_letter(way[0].prefix):
            owners, postings = self._slot(way[0], FIELD_NUMBERS[MARKED[field]])
            if postings.size:
                parts, tokens = self._lexicon.places(postings)
                starts, widths = self._postings.starts[tokens], self._postings.widths[tokens]
                self._places.add(self._texts(owners[parts], field), starts, widths, bit)
            return
        found = list(self._in_a_row(way, field))
        if found:
            owners, starts, ends = np.array(found, np.int64).T
            self._places.add(self._texts(owners, field), starts, ends - starts, bit)

    def _texts(self, owners: Rows, field: int) -> Rows:
        return self._numbers[owners] * len(MARKED) + field

    def _slot(self, slot: Slot, field: int) -> tuple[Rows, Rows]:
        """The postings of a slot in the field of the documents, and for each which of these it is of."""
        found = [self._term(term, field) for term in slot.terms]
        if slot.prefix:
            postings = self._lexicon.prefix_postings_in(slot.prefix, field, self._rows)
            found.append((np.searchsorted(self._rows, self._postings.docs[postings].astype(np.int64)), postings))
        return np.concatenate([owners for owners, _ in found]), np.concatenate([postings for _, postings in found])

    def _term(self, term: str, field: int) -> tuple[Rows, Rows]:
        first, last = self._lexicon.entries(term).get(field, (0, 0))
        if first == last:
            return NONE, NONE
        docs = self._postings.docs[first:last]
        rows = self._rows.astype(docs.dtype)
        places = docs.searchsorted(rows)
        owners = np.flatnonzero(docs.take(places, mode="clip") == rows)
        return owners, places[owners] + first

    def _in_a_row(self, way: Pattern, field: int) -> Iterator[tuple[int, int, int]]:
        """From where to where each occurrence of the pattern reaches: the document's number here, start and end."""
        tokens = {slot: self._tokens(slot, field) for slot in set(way)}
        first, last = tokens[way[0]], tokens[way[-1]]
        if len(way) == 1:
            yield from ((owner, start, end) for owner, _, start, end in first)
            return
        here = {slot: np.array([(o << 32) + p for o, p, _, _ in found], np.int64) for slot, found in tokens.items()}
        places = here[way[0]]
        for distance, slot in enumerate(way[1:], 1):
            places = places[np.isin(places + distance, here[slot])]
        starts = {(owner << 32) + position: start for owner, position, start, _ in first}
        ends = {(owner << 32) + position - len(way) + 1: end for owner, position, _, end in last}
        yield from ((place >> 32, starts[place], ends[place]) for place in dict.fromkeys(places.tolist()))

    def _tokens(self, slot: Slot, field: int) -> list[Token]:
        """The tokens of the documents that fit the slot."""
        exact = self._placed(slot._replace(prefix=""), field)
        if not slot.prefix:
            return exact
        known = set(exact)
        begun = [token for token in self._placed(slot, field) if token not in known]
        if is_letter(slot.prefix):
            texts = ["\n".join(texts_of(self._documents[number])[field]) for number in self._numbers.tolist()]
            begun = [(owner, position, start, letter_end(texts[owner], start)) for owner, position, start, _ in begun]
        return exact + begun

    def _placed(self, slot: Slot, field: int) -> list[Token]:
        owners, postings = self._slot(slot, FIELD_NUMBERS[MARKED[field]])
        parts, tokens = self._lexicon.places(postings)
        starts = self._postings.starts[tokens].astype(np.int64)
        ends = starts + self._postings.widths[tokens]
        rows = (owners[parts], self._postings.positions[tokens], starts, ends)
        return list(zip(*(row.tolist() for row in rows), strict=True))


NONE = np.zeros(0, np.int64)


def is_letter(prefix: str) -> bool:
    """Whether this is one letter of a script whose terms are pairs of letters; of a pair only the letter is marked."""
    return len(prefix) == 1 and UNSPACED_START.match(prefix) is not None


def letter_end(text: str, start: int) -> int:
    """Where the first letter of a pair ends."""
    found = CLUSTER.match(text, start)
    return found.end() if found else start
