"""The budget of a query: what it costs is known before anything of it is looked up, and what is too dear of it is asked
for less strictly, with a notice.

It is counted in what lies in the index: positions of words that are to stand in a row, and postings of words. The
cheapest parts are afforded first, and what is left out before what is wanted.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache, partial
from typing import NamedTuple

from index.schema import FIELD_NUMBERS, FIELDS
from search.engine.segment_reader import SegmentReader
from search.query import AnyOf, Clause, Phrase, Query, Word, options_of
from search.query.notices import Notice
from search.query.parser import clause_text, shown
from search.query.words import any_of, make_word, patterns_of

__all__ = ["MAX_POSITIONS", "MAX_POSTINGS", "Budget", "Costs", "affordable"]

MAX_POSITIONS = 3_000_000
"""Positions that are looked at for what stands in a row, at some 25 ns each."""

MAX_POSTINGS = 20_000_000
"""Postings of words, and candidates that are scored by each form of a word, at some 10 ns each."""

DEAR_SHARE = 8
"""What takes more than this part of either is a dear query."""

MAX_WAIT_SECONDS = 0.5
"""How long a dear query waits for another one."""

MAX_CACHED_COSTS = 1000
"""Words and phrases whose costs are kept."""

Option = Word | Phrase


class Budget:
    """What the queries of a process may cost: dear ones are answered one at a time, so that they leave the others room.

    A dear one whose turn does not come soon is asked for less strictly, as one that is too dear.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()

    @contextmanager
    def afforded(self, query: Query, costs: Costs) -> Iterator[tuple[Query, tuple[Notice, ...]]]:
        """The query as far as it can be afforded while the block runs, and notices of what can't."""
        limits = {"max_positions": MAX_POSITIONS // DEAR_SHARE, "max_postings": MAX_POSTINGS // DEAR_SHARE}
        cheap, notices = affordable(query, costs, **limits)
        if notices and self._turn.acquire(timeout=MAX_WAIT_SECONDS):
            try:
                yield affordable(query, costs)
            finally:
                self._turn.release()
        else:
            yield cheap, notices


class Cost(NamedTuple):
    """What a word or phrase costs: positions and postings to be looked at, and forms that score candidates."""

    positions: int
    postings: int
    forms: int


class Costs:
    """What words and phrases cost in some segments. `langs` are the languages of all posts.

    What was counted is kept: it takes long where words are common, and who types asks for the same words again.
    """

    def __init__(self, readers: Sequence[SegmentReader], langs: Collection[str]) -> None:
        self.langs = langs
        self.doc_count = sum(reader.segment.size for reader in readers)
        self.of = lru_cache(MAX_CACHED_COSTS)(partial(cost_of, readers=readers, langs=langs))

    def of_query(self, query: Query) -> dict[Option, Cost]:
        """Those of all words and phrases, first of what is left out."""
        options = dict.fromkeys(option for clause in (*query.excluded, *query.clauses) for option in options_of(clause))
        return {option: self.of(option) for option in options}


def affordable(
    query: Query, known: Costs, *, max_positions: int = MAX_POSITIONS, max_postings: int = MAX_POSTINGS
) -> tuple[Query, tuple[Notice, ...]]:
    """The query as far as it can be afforded, and notices of what can't.

    A phrase that is too dear is taken for its words, each of them required if the phrase was. A word that too many
    posts hold is passed over, unless it is the only one. What is too dear to leave out is not left out.
    """
    costs = known.of_query(query)
    phrases = too_dear(max_positions, {option: cost.positions for option, cost in costs.items()}, query)
    notices = notices_of(query, phrases, "phrase_too_dear")
    if phrases:
        query = with_instead(query, phrases, lambda option: words_of(option, known.langs))
        costs = known.of_query(query)
    candidates = min(sum(cost.postings for cost in costs.values()), known.doc_count)
    scored = {option: cost.postings + cost.forms * candidates for option, cost in costs.items()}
    words = too_dear(max_postings, scored, query)
    wanted = [option for clause in query.clauses for option in options_of(clause)]
    if wanted and words.issuperset(wanted):
        words -= {min(wanted, key=scored.__getitem__)}
    notices += notices_of(query, words, "word_too_dear")
    return with_instead(query, words, lambda _: []) if words else query, tuple(notices)


def cost_of(option: Option, readers: Iterable[SegmentReader], langs: Collection[str]) -> Cost:
    """The cost of a word or phrase in some segments."""
    fields = range(len(FIELDS)) if option.field is None else [FIELD_NUMBERS[option.field]]
    positions = postings = forms = 0
    for pattern in patterns_of(option, langs):
        forms += sum(len(slot.terms) for slot in pattern)
        for reader in readers:
            held = [sum(last - first for first, last in reader.spans(slot, fields)) for slot in pattern]
            postings += sum(held)
            if len(pattern) > 1:
                # All are looked at where the rarest stands, as `SegmentReader.in_a_row` goes about it.
                docs = [min(count, reader.segment.size) for count in held]
                counts = [reader.count(slot, fields) for slot in pattern]
                positions += sum(count * min(docs) // max(own, 1) for count, own in zip(counts, docs, strict=True))
    return Cost(positions, postings, forms)


def too_dear(limit: int, costs: Mapping[Option, int], query: Query) -> set[Option]:
    """What can't be afforded within the limit, where the cheapest is afforded first, and before it what is left out."""
    if sum(costs.values()) <= limit:
        return set()
    left_out = {option for clause in query.excluded for option in options_of(clause)}
    dear = set()
    for option in sorted(costs, key=lambda option: (option not in left_out, costs[option])):
        if costs[option] <= limit:
            limit -= costs[option]
        else:
            dear.add(option)
    return dear


def with_instead(query: Query, dear: Collection[Option], instead: Callable[[Option], Sequence[Option]]) -> Query:
    """The query with something instead of each option that is too dear, without the exclusions that hold any."""
    clauses: list[Clause] = []
    for clause in query.clauses:
        options = [one for option in options_of(clause) for one in (instead(option) if option in dear else [option])]
        clauses += [any_of(options)] if isinstance(clause, AnyOf) and options else options
    return replace(query, clauses=tuple(clauses), excluded=tuple(c for c in query.excluded if not holds(c, dear)))


def holds(clause: Clause, dear: Collection[Option]) -> bool:
    """Whether any option of a clause is too dear."""
    return any(option in dear for option in options_of(clause))


def words_of(option: Option, langs: Collection[str]) -> list[Word]:
    """The words of a phrase, or of a word of several parts."""
    parts = next(pattern for pattern in patterns_of(option, langs) if len(pattern) > 1)
    words = [make_word(slot.term, option.field, prefix=bool(slot.prefix)) for slot in dict.fromkeys(parts)]
    return [replace(word, required=option.required, share=option.share) for word in words]


def notices_of(query: Query, dear: Collection[Option], wanted_code: str) -> list[Notice]:
    """Notices of what is too dear: what is not left out, and, by the code given, what is wanted."""
    left_out = " ".join(f"-{clause_text(clause)}" for clause in query.excluded if holds(clause, dear))
    wanted = " ".join(clause_text(clause) for clause in query.clauses if holds(clause, dear))
    told = (("exclusion_too_dear", left_out), (wanted_code, wanted))
    return [Notice(code, {"text": shown(texts)}) for code, texts in told if texts]
