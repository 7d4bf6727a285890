"""Where the words of a query stand in a text: a `Highlighter` is made of a query and gives ranges of characters.

For engines that keep no offsets; those here do, and the tests hold `search.engine.highlights` to it.

A text is not analysed as a whole. A cheap scan (`search.scan`) finds the words that could be wanted, and only those
are analysed; what is found is the same. Where that would still be too much, the scan ends early, and for what was not
met until there one place each is looked for in the rest of the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from index.analysis import CHUNK, CLUSTER, UNSPACED_START, Pattern, Slot, Token, patterns, stemmer_for, tokenize
from search.query import Phrase, Query, Word
from search.ranges import Range, merged
from search.scan import Scan, around, first_of, lowered
from search.wanted import wanted

__all__ = ["Highlighter"]

MOST_ANALYSED = 60_000
"""Characters of one text that are analysed, which takes some hundredths of a second."""

HIT_COST = 4
MOST_TRIES = 100
NEAR = 300


Rows = Sequence[tuple[int, Pattern]]


class Highlighter:
    """Finds the words and phrases of one query in texts; one for all the hits of a page."""

    def __init__(self, query: Query) -> None:
        self.wanted = wanted(query.clauses)
        self.matchers: dict[tuple[str, str], Matcher] = {}

    def ranges(self, text: str, lang: str, field: str = "body") -> tuple[Range, ...]:
        """Where in a text of the field the query's words stand, in order and without overlaps."""
        key = field, lang
        if key not in self.matchers:
            clauses = [(1 << i, clause) for i, clause in enumerate(self.wanted) if clause.field in {None, field}]
            self.matchers[key] = Matcher(clauses, lang)
        return self.matchers[key].ranges(text)


class Matcher:
    """Finds clauses, each with its bit, in texts of one language."""

    def __init__(self, clauses: Iterable[tuple[int, Word | Phrase]], lang: str) -> None:
        self.lang = lang
        self.rows: Rows = [
            (bit, row)
            for bit, clause in clauses
            for row in patterns(clause.text, {lang}, prefix=isinstance(clause, Word) and clause.prefix)
        ]
        self.single = [(bit, row) for bit, row in self.rows if len(row) == 1]
        self.long = [(bit, row) for bit, row in self.rows if len(row) > 1]
        slots = [slot for _, row in self.rows for slot in row]
        self.terms = frozenset(chain.from_iterable(slot.terms for slot in slots))
        self.prefixes = tuple({slot.prefix for slot in slots if slot.prefix})
        self.scan = Scan({*self.terms, *self.prefixes}, stemmer_for(lang))
        self.known: dict[str, tuple[Range, ...] | None] = {}

    def ranges(self, text: str) -> tuple[Range, ...]:
        if not self.rows:
            return ()
        found, spans, reached = self.read(text)
        if self.long:
            found += [place for start, end in runs(text, spans) for place in self.within(text, start, end, self.long)]
        if reached < len(text):
            found += self.beyond(text, reached, found)
        return merged(found)

    def read(self, text: str) -> tuple[list[Range], list[tuple[int, int]], int]:
        """The ranges of single words, all words that hold a wanted term, and how far the text was read."""
        found: list[Range] = []
        spans = []
        spent = 0
        for start, end in self.scan.words(text):
            word = text[start:end]
            new = word not in self.known
            places = self.places(word)
            spent += HIT_COST if places is None and not new else HIT_COST + len(word)
            if places is not None:
                spans.append((start, end))
                found += [Range(start + place.start, start + place.end, place.words) for place in places]
            if spent > MOST_ANALYSED:
                return found, spans, end
        return found, spans, len(text)

    def places(self, word: str) -> tuple[Range, ...] | None:
        """Where in a word single terms stand, or None if it holds no wanted term; kept, as words come again."""
        if word not in self.known:
            tokens = self.tokens(word)
            self.known[word] = tuple(standing(self.single, tokens, word)) if tokens else None
        return self.known[word]

    def tokens(self, text: str) -> list[Token]:
        """The tokens of the text that are wanted."""
        tokens = tokenize(text, self.lang)
        return [token for token in tokens if token.term in self.terms or token.term.startswith(self.prefixes)]

    def within(self, text: str, start: int, end: int, rows: Rows) -> Iterator[Range]:
        """The ranges of the rows in a part of the text that begins and ends between words."""
        part = text[start:end]
        for place in standing(rows, self.tokens(part), part):
            yield Range(start + place.start, start + place.end, place.words)

    def beyond(self, text: str, reached: int, found: Sequence[Range]) -> Iterator[Range]:
        """What stands near one place of each clause that was not found yet, in the rest of the text."""
        low = lowered(text)
        missing = {bit for bit, _ in self.rows} - {place.words for place in found}
        for _ in range(MOST_TRIES):
            slots = [slot for bit, row in self.rows if bit in missing for slot in row]
            terms = {term for slot in slots for term in (*slot.terms, slot.prefix) if term}
            place = first_of(terms, low, reached) if terms else -1
            if place < 0:
                return
            start, _ = around(text, reached, max(reached, place - NEAR))
            _, reached = around(text, place, min(len(text), place + NEAR))
            for near in self.within(text, start, reached, self.rows):
                missing.discard(near.words)
                yield near


def runs(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans, joined where there is no word between them: a phrase can only stand within such a run."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and not CHUNK.search(text, joined[-1][1], start):
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return joined


def standing(rows: Rows, tokens: Sequence[Token], text: str) -> Iterator[Range]:
    """Where in the text of the tokens the rows stand."""
    for bit, row in rows if tokens else ():
        for first, last in in_a_row(row, tokens):
            yield Range(first.start, end_of(last, row[-1], text), bit)


def in_a_row(row: Pattern, tokens: Sequence[Token]) -> Iterator[tuple[Token, Token]]:
    """The first and the last token of each place where the slots of the row follow one another."""
    if len(row) == 1:
        yield from ((token, token) for token in tokens if fits(token, row[0]))
        return
    places = [{token.position: token for token in tokens if fits(token, slot)} for slot in row]
    for position, first in places[0].items():
        if all(position + i in place for i, place in enumerate(places)):
            yield first, places[-1][position + len(row) - 1]


def fits(token: Token, slot: Slot) -> bool:
    return token.term in slot.terms or (slot.prefix != "" and token.term.startswith(slot.prefix))


def end_of(token: Token, slot: Slot, text: str) -> int:
    """Where the marked part of the last token ends: words are marked whole, but of a pair of characters what fits."""
    if token.term not in slot.terms and UNSPACED_START.match(slot.prefix) and len(slot.prefix) == 1:
        first = CLUSTER.match(text, token.start)
        return first.end() if first else token.end
    return token.end
