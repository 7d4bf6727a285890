"""Scores clauses in one segment: which documents hold each clause, how well, and in which fields.

A word may stand in several forms, of which the best counts; `similarity` has the formula.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.analysis import Pattern, Slot
from index.arrays import distinct, offsets_of, sizes_of
from index.schema import FIELD_NUMBERS, FIELDS
from search.engine.columns import Mask
from search.engine.segment_reader import SegmentReader
from search.engine.similarity import (
    ALL_WORDS_LIFT,
    MAX_SATURATED,
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

__all__ = ["DocumentScores", "SegmentScorer", "shares"]

FIELD_NAMES = [field.name for field in FIELDS]
TITLE, TAGS = FIELD_NUMBERS["title"], FIELD_NUMBERS["tags"]


class FormDocs(NamedTuple):
    """The documents of one form of a word, or of a row of words.

    `idf` is that of the form, `share` the part of its score that counts, and `words` how many words it has: 0 where all
    that begins alike is one form, in which a word and its stem count twice. `stand_in` is 1, or less where it stands in
    for the word that was typed.
    """

    docs: TermDocs
    idf: float
    share: float = 1.0
    words: int = 1
    stand_in: float = 1.0

    @property
    def weight(self) -> float:
        """Its score for a saturated frequency of 1."""
        return self.share * self.stand_in * self.idf


class ClauseDocs(NamedTuple):
    """The documents that hold a clause: in one of some forms, the best of which counts; `share` of its score does.

    `held` [segment.size] says which documents these are.
    """

    clause: Clause
    share: float
    forms: Sequence[FormDocs]
    held: Mask

    @property
    def idf(self) -> float:
        """The inverse document frequency of the clause: that of its commonest form."""
        return min((form.idf for form in self.forms), default=0.0)

    @property
    def most(self) -> float:
        """What its score does not exceed, however often it is held."""
        return self.share * MAX_SATURATED * max((form.weight for form in self.forms), default=0.0)


class DocumentScores(NamedTuple):
    """What the clauses of a query are worth in each of some documents: each by itself, without its share, where 0 says
    that it is not held; and all together, as factors whose product is the score."""

    clauses: Sequence[Floats]
    factors: Factors


class SpecialPostings(NamedTuple):
    """What stands in titles and tags: spans of postings, each of one form in one field, and their postings.

    Of each span the field, the number of the clause, how many words the form has (as of `FormDocs`), its `stand_in` and
    the number of postings; of each posting the row of its document and how often it holds the form.
    """

    fields: Ints
    clauses: Ints
    own_words: Ints
    stand_ins: Floats
    sizes: Ints
    rows: Ints
    counts: NDArray[np.integer]


class SegmentScorer:
    """Finds the clauses of a query in one segment, and scores documents by them; one that comes twice counts twice.

    `strong` are the clauses that can bring a document in: those that are not weak, unless all are.
    """

    def __init__(self, query: Query, statistics: CollectionStatistics, reader: SegmentReader) -> None:
        self._statistics = statistics
        self._reader = reader
        self.clauses = [self._clause_docs(clause, share) for clause, share in shares(query.clauses).items()]
        self.excluded = [self._clause_docs(clause, 0.0) for clause in dict.fromkeys(query.excluded)]
        self.strong = [found for found in self.clauses if not found.clause.weak] or self.clauses

    def in_title_or_tags(self) -> Ints:
        """The documents that hold any clause in the title or in tags, in no order."""
        docs = [form.docs for found in self.clauses for form in found.forms]
        sizes = [found.sizes.get(TITLE, 0) + found.sizes.get(TAGS, 0) for found in docs]
        first = [found.doc_ids[:size] for found, size in zip(docs, sizes, strict=True)]
        return np.concatenate([NO_DOCS.doc_ids, *first])

    def document_scores(self, doc_ids: Ints) -> DocumentScores:
        """What the clauses are worth in some documents (ascending)."""
        forms = [(number, form) for number, found in enumerate(self.clauses) for form in found.forms]
        size, segment = len(doc_ids), self._reader.segment

        # The postings of all forms at once, of these documents alone. A span is a form in a field.
        spans = [
            (number, clause, form.words, field, held)
            for number, (clause, form) in enumerate(forms)
            for field, held in form.docs.sizes.items()
        ]
        numbers, clauses, own_words, fields, sizes = np.array(spans, np.int64).reshape(-1, 5).T
        stand_ins = np.array([forms[number][1].stand_in for number, *_ in spans])
        docs = np.concatenate([NO_DOCS.doc_ids, *(form.docs.doc_ids for _, form in forms)])
        counts = np.concatenate([NO_DOCS.counts, *(form.docs.counts for _, form in forms)])
        wanted = np.zeros(segment.size, np.bool_)
        wanted[doc_ids] = True
        here = wanted.take(docs)
        if not here.all():
            kept = here.nonzero()[0]
            docs, counts = docs.take(kept), counts.take(kept)
            sizes = sizes_of(kept.searchsorted(offsets_of(sizes)))
        rows = np.empty(segment.size, np.int32)  # which would take long to fill, and is read only where it is set
        rows[doc_ids] = np.arange(size, dtype=np.int32)
        row = rows.take(docs)

        lengths = segment.records.lengths.ravel().take((fields * segment.size).repeat(sizes) + docs)
        weights = self._statistics.frequencies(fields, sizes, lengths, counts)
        frequencies = np.bincount((numbers * size).repeat(sizes) + row, weights, len(forms) * size)
        saturations = iter(saturated(frequencies.astype(np.float64, copy=False).reshape(len(forms), size)))
        scores, words, all_words = [], np.zeros(size), np.ones(size, np.bool_)
        for found in self.clauses:
            score = np.zeros(size)
            for form in found.forms:
                np.maximum(score, form.weight * next(saturations), out=score)
            scores.append(score)
            words += found.share * score
        for found in self.strong:
            all_words &= found.held[doc_ids]

        title, tags = np.ones((2, size))
        special = fields <= TAGS
        held = special.repeat(sizes).nonzero()[0]
        if held.size:  # few documents hold any word in title or tags
            few = distinct(row.take(held))
            found_there = SpecialPostings(
                fields[special], clauses[special], own_words[special], stand_ins[special], sizes[special],
                few.searchsorted(row.take(held)), counts.take(held),
            )  # fmt: skip
            title[few], tags[few] = self._title_and_tags(doc_ids[few], found_there)
        return DocumentScores(scores, Factors(words, title, tags, np.where(all_words, ALL_WORDS_LIFT, 1.0)))

    def _title_and_tags(self, doc_ids: Ints, found: SpecialPostings) -> tuple[Floats, Floats]:
        """The factors of some documents by what their titles and their tags hold: of each clause the best form."""
        idfs = [[clause.share * clause.idf] for clause in self.clauses]
        shape = TAGS + 1, len(idfs), len(doc_ids)
        cells = ((found.fields * len(idfs) + found.clauses) * len(doc_ids)).repeat(found.sizes) + found.rows
        held, words = np.zeros((2, math.prod(shape)))
        np.maximum.at(held, cells, found.stand_ins.repeat(found.sizes))
        np.maximum.at(words, cells, np.maximum(found.own_words.repeat(found.sizes) * found.counts, 1.0))
        title_idf, tags_idf = (held.reshape(shape) * idfs).sum(axis=1) / (sum(idf for [idf] in idfs) or 1.0)
        title_words = np.maximum(self._reader.title_words[doc_ids], 1)
        title_share = np.minimum(words.reshape(shape)[TITLE].sum(axis=0) / title_words, 1.0)
        return title_factor(title_idf, title_share), tags_factor(tags_idf)

    def fields(self, doc_ids: Ints, clauses: Iterable[ClauseDocs] = ()) -> list[tuple[str, ...]]:
        """The names of the fields in which each of some documents (ascending) holds any of the clauses given, or any of
        the query's, those that it excludes among them."""
        held = np.zeros((len(FIELDS), len(doc_ids)), np.bool_)
        for form in (form for found in clauses or (*self.clauses, *self.excluded) for form in found.forms):
            for field, docs in form.docs.by_field():
                if docs.size:
                    held[field] |= docs.take(docs.searchsorted(doc_ids), mode="clip") == doc_ids
        return [tuple(compress(FIELD_NAMES, row)) for row in held.T.tolist()]

    def _clause_docs(self, clause: Clause, share: float) -> ClauseDocs:
        """The documents that hold a clause."""
        forms, held = self._clause_forms(clause), np.zeros(self._reader.segment.size, np.bool_)
        for form in forms:
            held[form.docs.doc_ids] = True
        return ClauseDocs(clause, share, forms, held)

    def _clause_forms(self, clause: Clause) -> list[FormDocs]:
        """What each form of each option of a clause finds. The first option is the likeliest: what stands in beside it
        is worth no more, however rare."""
        first, *others = ([*self._forms_of(option)] for option in options_of(clause))
        most = max((form.idf for form in first), default=math.inf)
        capped = [
            form._replace(idf=min(form.idf, most)) if form.stand_in < 1 else form for row in others for form in row
        ]
        return first + capped

    def _forms_of(self, option: Word | Phrase) -> Iterator[FormDocs]:
        """What each form of a word or phrase finds in the field that it names, or in all."""
        fields = range(len(FIELDS)) if option.field is None else [FIELD_NUMBERS[option.field]]
        found = [
            list(self._slot_forms(pattern[0], fields)) if len(pattern) == 1 else [self._row_form(pattern, fields)]
            for pattern in patterns_of(option, self._statistics.langs)
        ]
        # `nodejs` counts no less than `node` and `js` in a row, which are two words; and a stem no more than the word
        # as typed: by the rules of another language that of a common word may be rare.
        least = found[-1][0].idf if found else 0.0
        for first, *others in found:
            yield first._replace(idf=max(first.idf, least), stand_in=option.share)
            for form in others:
                yield form._replace(idf=min(form.idf, first.idf), stand_in=option.share)

    def _row_form(self, pattern: Pattern, fields: Sequence[int]) -> FormDocs:
        """What the slots of a pattern find in a row."""
        statistics = self._statistics
        idf = 0.0
        for slot in pattern:
            idfs = [statistics.idf(term, fields) for term in slot.terms]
            idf += min([*idfs, statistics.prefix_idf(slot.prefix, fields)] if slot.prefix else idfs)
        size, (cells, _) = self._reader.segment.size, self._reader.in_a_row(pattern, fields)
        held = distinct(cells)
        counts = np.bincount(held.searchsorted(cells))
        sizes = {field: count for field, count in enumerate(np.bincount(held // size).tolist()) if count}
        return FormDocs(TermDocs(sizes, held % size, counts), idf, words=len(pattern))

    def _slot_forms(self, slot: Slot, fields: Sequence[int]) -> Iterator[FormDocs]:
        """What may stand at a slot: its term, each of its stems, and all that begins with its prefix."""
        terms = self._reader.terms
        for term, mask in self._reader.forms(slot):
            found = terms.docs(term).within(fields)
            found = found if mask is None else found.where(mask[found.doc_ids])
            yield FormDocs(found, self._statistics.idf(term, fields))
        if slot.prefix:
            found = terms.prefix_docs(slot.prefix).within(fields)
            yield FormDocs(found, self._statistics.prefix_idf(slot.prefix, fields), PREFIX_SHARE, words=0)


def shares(clauses: Iterable[Clause]) -> dict[Clause, float]:
    """How much of its score each clause counts: as often as it was typed, stop words beside others less."""
    times: dict[Clause, int] = {}
    for clause in clauses:
        times[clause] = times.get(clause, 0) + 1
    beside = STOP_WORD_SHARE if any(not clause.weak for clause in times) else 1.0
    return {clause: count * (beside if clause.weak else 1.0) for clause, count in times.items()}
