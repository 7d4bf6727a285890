"""Where the words of a query stand in the documents of a page, from the offsets that the index keeps.

What is found is what `search.highlight` finds by reading the texts; here no text is read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

import numpy as np

from index.analysis import CLUSTER, UNSPACED_START, Pattern, Slot, patterns
from index.schema import Document
from search.executor import NUMBERS, Shard
from search.query import Query, Word
from search.ranges import Marks, Range, merged
from search.wanted import wanted

__all__ = ["Marker"]


MARKED = ("body", "title", "tags")
"""The fields in which hits are marked."""


class Marker:
    """Marks the documents of one query; one for all of a page."""

    def __init__(self, query: Query) -> None:
        self._wanted = [(1 << bit, clause) for bit, clause in enumerate(wanted(query.clauses))]
        self._patterns: dict[str, list[tuple[int, str | None, Pattern]]] = {}

    def marks(self, shard: Shard, rows: Sequence[int], documents: Sequence[Document]) -> list[Marks]:
        """The marks of documents, which are in these rows of the segment."""
        texts = {row: marked_texts(document) for row, document in zip(rows, documents, strict=True)}
        found: defaultdict[tuple[int, str], list[tuple[int, int, int]]] = defaultdict(list)
        for lang in {document.lang for document in documents}:
            here = {row: texts[row] for row, document in zip(rows, documents, strict=True) if document.lang == lang}
            finder = Finder(shard, here)
            for bit, only, way in self._ways(lang):
                for field in (only,) if only else MARKED:
                    for row, start, end in finder.places(way, field) if field in MARKED else ():
                        found[row, field].append((start, end, bit))
        return [{field: ranges_of(found.get((row, field), ()), texts[row][field]) for field in MARKED} for row in rows]

    def _ways(self, lang: str) -> list[tuple[int, str | None, Pattern]]:
        """The patterns of all clauses in a language, each with the bit and the field of its clause."""
        if lang not in self._patterns:
            self._patterns[lang] = [
                (bit, clause.field, way)
                for bit, clause in self._wanted
                for way in patterns(clause.text, {lang}, prefix=isinstance(clause, Word) and clause.prefix)
            ]
        return self._patterns[lang]


def marked_texts(document: Document) -> Mapping[str, Sequence[str]]:
    """The texts in which hits are marked, by field."""
    return {"body": (document.body,), "title": (document.title,), "tags": document.tags}


def ranges_of(found: Sequence[tuple[int, int, int]], texts: Sequence[str]) -> tuple[tuple[Range, ...], ...]:
    """What was found in a field (start, end, bit), as the ranges of each of its texts."""
    if not found:
        return ((),) * len(texts)
    whole = merged(found)
    if len(texts) == 1:
        return (whole,)
    begins = accumulate((len(text) + 1 for text in texts), initial=0)
    return tuple(within(whole, begin, begin + len(text)) for begin, text in zip(begins, texts, strict=False))


def within(found: Sequence[Range], begin: int, end: int) -> tuple[Range, ...]:
    """The ranges of the characters [begin, end), counted from there."""
    return tuple([Range(start - begin, last - begin, bits) for start, last, bits in found if begin <= start < end])


class Finder:
    """Finds patterns in some documents of one segment, of which the texts are given by row and field."""

    def __init__(self, shard: Shard, texts: Mapping[int, Mapping[str, Sequence[str]]]) -> None:
        self._lexicon = shard.lexicon
        self._postings = shard.segment.postings
        self._texts = texts
        self._rows = np.array(sorted(texts), np.int64)
        self._of_terms: dict[tuple[int, str], dict[int, int]] = {}
        self._of_prefixes: dict[tuple[int, str], dict[int, list[int]]] = {}

    def places(self, way: Pattern, field: str) -> Iterator[tuple[int, int, int]]:
        """The row, start and end of each occurrence of the pattern in the field of the documents."""
        number = NUMBERS[field]
        if len(way) == 1 and not way[0].prefix:
            for term in way[0].terms:
                for row, posting in self._term(number, term).items():
                    for start, end in self._spans(posting):
                        yield row, start, end
        else:
            for row, texts in self._texts.items():
                yield from ((row, start, end) for start, end in self._in_a_row(way, number, row, texts[field]))

    def _in_a_row(self, way: Pattern, field: int, row: int, texts: Sequence[str]) -> list[tuple[int, int]]:
        """From where to where each occurrence of the pattern reaches in the field of a document."""
        slots = [self._tokens(slot, field, row, texts) for slot in way]
        if len(slots) == 1:
            return [(start, end) for _, start, end in slots[0]]
        starts = {position: start for position, start, _ in slots[0]}
        for distance, tokens in enumerate(slots[1:], 1):
            here = {position - distance for position, _, _ in tokens}
            starts = {position: start for position, start in starts.items() if position in here}
        ends = {position - len(way) + 1: end for position, _, end in slots[-1]}
        return [(start, ends[position]) for position, start in starts.items()]

    def _tokens(self, slot: Slot, field: int, row: int, texts: Sequence[str]) -> list[tuple[int, int, int]]:
        """The position, start and end of each token that fits the slot."""
        found = [self._term(field, term).get(row) for term in slot.terms]
        exact = [token for posting in found if posting is not None for token in self._placed(posting)]
        if not slot.prefix:
            return exact
        begun = [token for posting in self._prefix(field, slot.prefix).get(row, ()) for token in self._placed(posting)]
        if len(slot.prefix) == 1 and UNSPACED_START.match(slot.prefix):
            known, text = set(exact), "\n".join(texts)
            begun = [(at, start, letter_end(text, start)) for at, start, end in begun if (at, start, end) not in known]
        return exact + begun

    def _term(self, field: int, term: str) -> dict[int, int]:
        """The posting of the term in the field of each of the documents that hold it."""
        key = field, term
        if key not in self._of_terms:
            self._of_terms[key] = self._look_up(*self._lexicon.entries(term).get(field, (0, 0)))
        return self._of_terms[key]

    def _look_up(self, first: int, last: int) -> dict[int, int]:
        if first == last:
            return {}
        docs = self._postings.docs[first:last]
        rows = self._rows.astype(docs.dtype)
        places = docs.searchsorted(rows)
        held = docs.take(places, mode="clip") == rows
        return dict(zip(self._rows[held].tolist(), (places[held] + first).tolist(), strict=True))

    def _prefix(self, field: int, prefix: str) -> dict[int, list[int]]:
        """The postings of all terms with this beginning in the field of each of the documents."""
        key = field, prefix
        if key not in self._of_prefixes:
            found: dict[int, list[int]] = {}
            for posting in self._lexicon.prefix_postings_in(prefix, field, self._rows).tolist():
                found.setdefault(int(self._postings.docs[posting]), []).append(posting)
            self._of_prefixes[key] = found
        return self._of_prefixes[key]

    def _spans(self, posting: int) -> list[tuple[int, int]]:
        first, last = self._postings.tokens[posting : posting + 2].tolist()
        starts, widths = self._postings.starts[first:last].tolist(), self._postings.widths[first:last].tolist()
        return [(start, start + width) for start, width in zip(starts, widths, strict=True)]

    def _placed(self, posting: int) -> list[tuple[int, int, int]]:
        first, last = self._postings.tokens[posting : posting + 2].tolist()
        positions = self._postings.positions[first:last].tolist()
        return [(position, *span) for position, span in zip(positions, self._spans(posting), strict=True)]


def letter_end(text: str, start: int) -> int:
    """Where the first letter of a pair ends: of a pair, only the letter that was asked for is marked."""
    found = CLUSTER.match(text, start)
    return found.end() if found else start
