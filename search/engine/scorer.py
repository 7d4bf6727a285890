"""Scores clauses: what they are worth in all segments, which documents of a segment hold them, and how well.

A word may stand in several forms, of which the best counts; `similarity` has the formula.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, reduce
from itertools import accumulate, compress
from operator import iadd
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.analysis import Pattern, Slot
from index.arrays import are_in, distinct, offsets_of, sizes_of, union
from index.schema import FIELD_NUMBERS, FIELDS
from search.engine.columns import Mask
from search.engine.segment_reader import SegmentReader, stems_of
from search.engine.similarity import (
    ALL_WORDS_LIFT,
    BOUND_ROUNDING,
    MAX_COUNT,
    PREFIX_SHARE,
    STOP_WORD_SHARE,
    CollectionStatistics,
    Factors,
    Floats,
    saturated,
    tags_factor,
    title_factor,
)
from search.engine.terms import NO_DOCS, Ints, TermDocs
from search.query import Clause, Phrase, Query, Word, options_of
from search.query.words import patterns_of

__all__ = ["DocumentScores", "SegmentScorer", "Weights", "document_scores", "shares"]

FIELD_NAMES = [field.name for field in FIELDS]
TITLE, TAGS = FIELD_NUMBERS["title"], FIELD_NUMBERS["tags"]

SCANNED_RATIO = 512
"""Postings that are more than so many times as many as the documents that are looked up in them are not scanned."""


class Form(NamedTuple):
    """A form of a word, or of a row of words, and what it is worth.

    It is `term`, in the documents that are stemmed by `algorithm` ("": in all), or with `begun` all that begins so; or
    it is the slots of `row` in a row. `share` is the part of its score that counts, and `words` how many words it has:
    0 where all that begins alike is one form, in which a word and its stem count twice. `stand_in` is 1, or less where
    it stands in for the word that was typed.
    """

    fields: Sequence[int]
    idf: float
    term: str = ""
    algorithm: str = ""
    begun: bool = False
    row: Pattern = ()
    share: float = 1.0
    words: int = 1
    stand_in: float = 1.0

    @property
    def weight(self) -> float:
        """Its score for a saturated frequency of 1."""
        return self.share * self.stand_in * self.idf


class ClauseWeight(NamedTuple):
    """What a clause is worth: the best of some forms counts, and of its score `share` does."""

    clause: Clause
    share: float
    forms: Sequence[Form]

    @property
    def idf(self) -> float:
        """The inverse document frequency of the clause: that of its commonest form."""
        return min(form.idf for form in self.forms)


class Weights:
    """What the clauses of a query are worth, by the statistics of all documents; one that comes twice counts twice.

    `strong` are the numbers of the clauses that can bring a document in: those that are not weak, unless all are.
    """

    def __init__(self, query: Query, statistics: CollectionStatistics) -> None:
        self.statistics = statistics
        self.clauses = [
            ClauseWeight(clause, share, self._forms(clause)) for clause, share in shares(query.clauses).items()
        ]
        self.excluded = [ClauseWeight(clause, 0.0, self._forms(clause)) for clause in dict.fromkeys(query.excluded)]
        every = range(len(self.clauses))
        self.strong = [number for number in every if not self.clauses[number].clause.weak] or [*every]

    def _forms(self, clause: Clause) -> list[Form]:
        """Each form of each option of a clause, of which there is at least one. The first option is the likeliest: what
        stands in beside it is worth no more, however rare."""
        first, *others = ([*self._forms_of(option)] for option in options_of(clause))
        most = max((form.idf for form in first), default=math.inf)
        capped = [
            form._replace(idf=min(form.idf, most)) if form.stand_in < 1 else form for row in others for form in row
        ]
        return first + capped or [Form(range(len(FIELDS)), 0.0)]

    def _forms_of(self, option: Word | Phrase) -> Iterator[Form]:
        """Each form of a word or phrase in the field that it names, or in all."""
        fields = range(len(FIELDS)) if option.field is None else [FIELD_NUMBERS[option.field]]
        found = [
            list(self._slot_forms(pattern[0], fields)) if len(pattern) == 1 else [self._row_form(pattern, fields)]
            for pattern in patterns_of(option, self.statistics.langs)
        ]
        # `nodejs` counts no less than `node` and `js` in a row, which are two words; and a stem no more than the word
        # as typed: by the rules of another language that of a common word may be rare.
        least = found[-1][0].idf if found else 0.0
        for first, *others in found:
            yield first._replace(idf=max(first.idf, least), stand_in=option.share)
            for form in others:
                yield form._replace(idf=min(form.idf, first.idf), stand_in=option.share)

    def _row_form(self, pattern: Pattern, fields: Sequence[int]) -> Form:
        """The slots of a pattern in a row."""
        idf = 0.0
        for slot in pattern:
            idfs = [self.statistics.idf(term, fields) for term in slot.terms]
            idf += min([*idfs, self.statistics.prefix_idf(slot.prefix, fields)] if slot.prefix else idfs)
        return Form(fields, idf, row=pattern, words=len(pattern))

    def _slot_forms(self, slot: Slot, fields: Sequence[int]) -> Iterator[Form]:
        """What may stand at a slot: its term, each of its stems, and all that begins with its prefix."""
        for term, algorithm in stems_of(slot):
            yield Form(fields, self.statistics.idf(term, fields), term, algorithm)
        if slot.prefix:
            idf = self.statistics.prefix_idf(slot.prefix, fields)
            yield Form(fields, idf, slot.prefix, begun=True, share=PREFIX_SHARE, words=0)


class ClauseDocs(NamedTuple):
    """The documents of a segment that hold a clause, by form; `held` [segment.size] says which these are."""

    weight: ClauseWeight
    docs: Sequence[TermDocs]
    held: Mask


class DocumentScores(NamedTuple):
    """What the clauses of a query are worth in each of some documents: each by itself, without its share, where 0 says
    that it is not held, in `clauses` [clauses, documents]; and all together, as factors whose product is the score."""

    clauses: Floats
    factors: Factors


class FoundPostings(NamedTuple):
    """What some documents hold of a query: spans of postings, each of one form in one field, and their postings.

    Of each span the number of the form, the field and the number of postings; of each posting the row of its document,
    the code of the length of the field there, and how often it holds the form.
    """

    forms: Ints
    fields: Ints
    sizes: Ints
    rows: NDArray[np.integer]
    lengths: NDArray[np.uint8]
    counts: NDArray[np.integer]


class SegmentScorer:
    """Finds the clauses of a query in one segment."""

    def __init__(self, weights: Weights, reader: SegmentReader) -> None:
        self.weights = weights
        self.reader = reader
        self.clauses = [self._clause_docs(weight) for weight in weights.clauses]
        self.excluded = [self._clause_docs(weight) for weight in weights.excluded]
        self.strong = [self.clauses[number] for number in weights.strong]
        self._docs = [docs for found in self.clauses for docs in found.docs]

    @cached_property
    def whole(self) -> Ints:
        """The documents, ascending, that hold all strong clauses."""
        return reduce(np.logical_and, (found.held for found in self.strong)).nonzero()[0]

    def bounds(self, doc_ids: Ints) -> NDArray[np.float32]:
        """What the score of each of some documents does not exceed, but for boost and freshness."""
        # Of all documents of the segment, which is quicker than to tell apart those that are asked for.
        bounds = reduce(iadd, map(self._clause_bounds, self.clauses))
        first = [docs.until(TAGS) for docs in self._docs]
        special = union([docs.doc_ids for docs in first], self.reader.segment.size)
        if special.size:
            found_there = self._postings(first, special, 0)
            title, tags = title_and_tags(self.weights, found_there, self.reader.title_words[special])
            bounds[special] *= title * tags * (1 + BOUND_ROUNDING)
        bounds[self.whole if len(self.strong) > 1 else slice(None)] *= np.float32(ALL_WORDS_LIFT)
        return bounds.take(doc_ids)

    def _clause_bounds(self, found: ClauseDocs) -> NDArray[np.float32]:
        """What the score of a clause does not exceed in each document of the segment."""
        lengths, table = self.reader.segment.records.lengths, self.weights.statistics.bounds
        best, most = np.zeros(0, np.float32), table.max()
        for form, docs in zip(found.weight.forms, found.docs, strict=True):
            bounds, several = np.zeros(self.reader.segment.size, np.float32), False
            weight = np.float32(found.weight.share * form.weight)
            for field, held, counts in docs.by_field():
                if field > TAGS:
                    rows = np.minimum(counts, MAX_COUNT).astype(np.uint16) << 8 | lengths[field].take(held)
                    own = (table[field] * weight).take(rows)
                    bounds[held] = bounds.take(held) + own if several else own
                    several = True
            bounds[docs.until(TAGS).doc_ids] = most * weight  # in title or tags: they are few
            best = np.maximum(best, bounds, out=best) if best.size else bounds
        return best

    def postings(self, doc_ids: Ints, first: int) -> FoundPostings:
        """The postings of all forms in some documents (ascending), whose rows are counted from `first` on."""
        many = SCANNED_RATIO * len(doc_ids)
        found = [docs.among(doc_ids) if len(docs.doc_ids) > many else docs for docs in self._docs]
        return self._postings(found, doc_ids, first)

    def _postings(self, found: Sequence[TermDocs], doc_ids: Ints, first: int) -> FoundPostings:
        """The same of what was `found` of each form."""
        segment = self.reader.segment
        spans = [(number, field, held) for number, docs in enumerate(found) for field, held in docs.sizes.items()]
        forms, fields, sizes = np.array(spans, np.int64).reshape(-1, 3).T
        docs = np.concatenate([NO_DOCS.doc_ids, *(docs.doc_ids for docs in found)])
        counts = np.concatenate([NO_DOCS.counts, *(docs.counts for docs in found)])
        wanted = np.zeros(segment.size, np.bool_)
        wanted[doc_ids] = True
        here = wanted.take(docs)
        if not here.all():
            kept = here.nonzero()[0]
            docs, counts = docs.take(kept), counts.take(kept)
            sizes = sizes_of(kept.searchsorted(offsets_of(sizes)))
        rows = np.empty(segment.size, np.int32)  # which would take long to fill, and is read only where it is set
        rows[doc_ids] = np.arange(first, first + len(doc_ids), dtype=np.int32)
        lengths = segment.records.lengths.ravel().take((fields * segment.size).repeat(sizes) + docs)
        return FoundPostings(forms, fields, sizes, rows.take(docs), lengths, counts)

    def fields(self, doc_ids: Ints, clauses: Iterable[ClauseDocs] = ()) -> list[tuple[str, ...]]:
        """The names of the fields in which each of some documents (ascending) holds any of the clauses given, or any of
        the query's, those that it excludes among them."""
        held = np.zeros((len(FIELDS), len(doc_ids)), np.bool_)
        for form in (docs for found in clauses or (*self.clauses, *self.excluded) for docs in found.docs):
            for field, docs, _ in form.by_field():
                held[field] |= are_in(doc_ids, docs)
        return [tuple(compress(FIELD_NAMES, row)) for row in held.T.tolist()]

    def _clause_docs(self, weight: ClauseWeight) -> ClauseDocs:
        """The documents that hold a clause."""
        docs, held = [*map(self._form_docs, weight.forms)], np.zeros(self.reader.segment.size, np.bool_)
        for found in docs:
            held[found.doc_ids] = True
        return ClauseDocs(weight, docs, held)

    def _form_docs(self, form: Form) -> TermDocs:
        """The documents of a form."""
        terms, size = self.reader.terms, self.reader.segment.size
        if form.row:
            cells, _ = self.reader.in_a_row(form.row, form.fields)
            held = distinct(cells)
            counts = np.bincount(held.searchsorted(cells))
            sizes = {field: count for field, count in enumerate(np.bincount(held // size).tolist()) if count}
            return TermDocs(sizes, held % size, counts)
        found = terms.docs(form.term, prefix=form.begun).within(form.fields)
        mask = self.reader.columns.stemmed(form.algorithm) if form.algorithm else None
        return found if mask is None else found.where(mask[found.doc_ids])


def document_scores(scorers: Sequence[SegmentScorer], doc_ids: Sequence[Ints]) -> DocumentScores:
    """What the clauses of a query are worth in some documents (ascending) of each of some segments, of which there is
    at least one; those of each segment follow those of the segment before."""
    weights = scorers[0].weights
    forms = [form for weight in weights.clauses for form in weight.forms]
    offsets = [0, *accumulate(map(len, doc_ids))]
    size = offsets[-1]
    parts = [scorer.postings(ids, row) for scorer, ids, row in zip(scorers, doc_ids, offsets, strict=False)]
    found = parts[0] if len(parts) == 1 else FoundPostings(*map(np.concatenate, zip(*parts, strict=True)))

    amounts = weights.statistics.frequencies(found.fields, found.sizes, found.lengths, found.counts)
    cells = (found.forms * size).repeat(found.sizes) + found.rows
    frequencies = np.bincount(cells, amounts, len(forms) * size).astype(np.float64, copy=False)
    each = iter(saturated(frequencies.reshape(len(forms), size)))
    scores, words, all_words = np.zeros((len(weights.clauses), size)), np.zeros(size), np.ones(size, np.bool_)
    for score, weight in zip(scores, weights.clauses, strict=True):
        for form in weight.forms:
            np.maximum(score, form.weight * next(each), out=score)
        words += weight.share * score
    for number in weights.strong:
        all_words &= scores[number] > 0

    title, tags = np.ones((2, size))
    special = found.fields <= TAGS
    held = special.repeat(found.sizes).nonzero()[0]
    if held.size:  # few documents hold any word in title or tags
        rows = found.rows.take(held)
        few = distinct(rows)
        title_words = np.concatenate([one.reader.title_words[own] for one, own in zip(scorers, doc_ids, strict=True)])
        found_there = FoundPostings(
            found.forms[special], found.fields[special], found.sizes[special],
            few.searchsorted(rows), found.lengths.take(held), found.counts.take(held),
        )  # fmt: skip
        title[few], tags[few] = title_and_tags(weights, found_there, title_words[few])
    return DocumentScores(scores, Factors(words, title, tags, np.where(all_words, ALL_WORDS_LIFT, 1.0)))


def title_and_tags(weights: Weights, found: FoundPostings, title_words: Ints) -> tuple[Floats, Floats]:
    """The factors of documents by what their titles and their tags hold: of each clause the best form. `title_words`
    are how many words each title has."""
    forms = [(clause, form) for clause, weight in enumerate(weights.clauses) for form in weight.forms]
    clauses, own_words = np.array([(clause, form.words) for clause, form in forms])[found.forms].T
    stand_ins = np.array([form.stand_in for _, form in forms])[found.forms]
    idfs = [[weight.share * weight.idf] for weight in weights.clauses]
    shape = TAGS + 1, len(idfs), len(title_words)
    cells = ((found.fields * len(idfs) + clauses) * len(title_words)).repeat(found.sizes) + found.rows
    held, words = np.zeros((2, math.prod(shape)))
    np.maximum.at(held, cells, stand_ins.repeat(found.sizes))
    np.maximum.at(words, cells, np.maximum(own_words.repeat(found.sizes) * found.counts, 1.0))
    title_idf, tags_idf = (held.reshape(shape) * idfs).sum(axis=1) / (sum(idf for [idf] in idfs) or 1.0)
    title_share = np.minimum(words.reshape(shape)[TITLE].sum(axis=0) / np.maximum(title_words, 1), 1.0)
    return title_factor(title_idf, title_share), tags_factor(tags_idf)


def shares(clauses: Iterable[Clause]) -> dict[Clause, float]:
    """How much of its score each clause counts: as often as it was typed, stop words beside others less."""
    times: dict[Clause, int] = {}
    for clause in clauses:
        times[clause] = times.get(clause, 0) + 1
    beside = STOP_WORD_SHARE if any(not clause.weak for clause in times) else 1.0
    return {clause: count * (beside if clause.weak else 1.0) for clause, count in times.items()}
