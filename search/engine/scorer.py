"""Scores clauses in one segment: which documents hold each clause, how well, and in which fields.

A word may stand in several forms, of which the best counts; `similarity` has the formula.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress, pairwise
from typing import NamedTuple

import numpy as np

from index.analysis import Pattern, Slot
from index.arrays import are_in, distinct, union
from index.schema import FIELD_NUMBERS, FIELDS
from search.engine.columns import Mask
from search.engine.segment_reader import SegmentReader
from search.engine.similarity import (
    ALL_WORDS_LIFT,
    PREFIX_SHARE,
    STOP_WORD_SHARE,
    CollectionStatistics,
    Factors,
    Floats,
    saturated,
    tags_factor,
    title_factor,
)
from search.engine.terms import Ints, TermDocs
from search.query import Clause, Phrase, Word, options_of
from search.query.words import patterns_of

__all__ = ["ClauseScores", "DocumentScores", "SegmentScorer", "shares"]

FIELD_NAMES = [field.name for field in FIELDS]
TITLE_AND_TAGS_ENDS = np.array([FIELD_NUMBERS["title"], FIELD_NUMBERS["tags"]]) + 1
"""They are the first two fields."""


class FormDocs(NamedTuple):
    """The documents of one form of a word, or of a row of words.

    `idf` is that of the form, `share` the part of its score that counts, and `words` how many words it has. `stand_in`
    is 1, or less where it stands in for the word that was typed.
    """

    docs: TermDocs
    idf: float
    share: float = 1.0
    words: int = 1
    stand_in: float = 1.0


class ClauseScores(NamedTuple):
    """What a clause is worth in each of N candidates.

    `idf` is the clause's own. `rows` [4, N] are its scores, 0 where it is not held; 1 where the title holds it, less
    where that holds what stands in for it, else 0; the same of the tags; and how many words of the title are its own.
    """

    idf: float
    rows: Floats

    @property
    def scores(self) -> Floats:
        """The scores in each candidate."""
        scores: Floats = self.rows[0]
        return scores


class DocumentScores(NamedTuple):
    """What the clauses of a query together are worth in each candidate.

    `any_word` says whether any of them is held (but for stop words, unless all are), `all_words` whether all are, and
    `required` whether all that are required are. The product of `factors` is the score.
    """

    any_word: Mask
    all_words: Mask
    required: Mask
    factors: Factors


class SegmentScorer:
    """Scores clauses in one segment. `doc_ids`: candidates, int64, ascending; no other document holds any clause."""

    def __init__(
        self, clauses: Iterable[Clause], statistics: CollectionStatistics, reader: SegmentReader, also: Ints
    ) -> None:
        """The documents `also` are candidates whatever they hold."""
        self._statistics = statistics
        self._reader = reader
        self._forms = {clause: self._clause_forms(clause) for clause in dict.fromkeys(clauses)}
        found = [also, *(docs.doc_ids for docs in self._term_docs(self._forms))]
        self.doc_ids = union(found, reader.segment.size)
        self._rows = np.empty(reader.segment.size, np.int64)
        self._rows[self.doc_ids] = np.arange(len(self.doc_ids))

    def document_scores(self, clauses: Iterable[Clause]) -> DocumentScores:
        """What the clauses together are worth in each candidate; one that comes twice counts twice."""
        counted = shares(clauses)
        strong = {clause for clause in counted if not clause.weak} or set(counted)
        size = len(self.doc_ids)
        sums, held = np.zeros((4, size)), np.zeros(size, np.int64)
        required, all_idf = np.ones(size, np.bool_), 0.0
        for clause, share in counted.items():
            found = self.clause_scores(clause)
            idf = share * found.idf
            all_idf += idf
            sums += np.array([[share], [idf], [idf], [1.0]]) * found.rows
            if clause in strong:
                held += found.scores > 0
            if clause.required:
                required &= found.scores > 0
        words, title_idf, tags_idf, title_words = sums
        all_words = held == len(strong)
        titles = np.maximum(self._reader.title_words[self.doc_ids], 1)
        factors = Factors(
            words=words,
            title=title_factor(title_idf / (all_idf or 1.0), np.minimum(title_words / titles, 1.0)),
            tags=tags_factor(tags_idf / (all_idf or 1.0)),
            all_words=np.where(all_words, ALL_WORDS_LIFT, 1.0),
        )
        return DocumentScores(held > 0, all_words, required, factors)

    def clause_scores(self, clause: Clause) -> ClauseScores:
        """What the clause is worth in each candidate: its best form counts."""
        found = np.zeros((4, len(self.doc_ids)))
        scores, in_title, in_tags, title_words = found
        for form in self._forms[clause]:
            fields, doc_ids, counts = form.docs
            if not doc_ids.size:
                continue
            rows, lengths = self._rows[doc_ids], self._reader.segment.records.lengths[fields, doc_ids]
            weights = self._statistics.frequencies(fields, lengths, counts)
            frequencies = np.bincount(rows, weights, len(scores)).astype(np.float64, copy=False)
            np.maximum(scores, form.share * form.stand_in * form.idf * saturated(frequencies), out=scores)
            title, tags = fields.searchsorted(TITLE_AND_TAGS_ENDS).tolist()
            if title:
                held = rows[:title]
                title_words[held] = np.maximum(title_words[held], counts[:title] * form.words)
                in_title[held] = np.maximum(in_title[held], form.stand_in)
            if title < tags:
                held = rows[title:tags]
                in_tags[held] = np.maximum(in_tags[held], form.stand_in)
        return ClauseScores(min((form.idf for form in self._forms[clause]), default=0.0), found)

    def fields(self, doc_ids: Ints, clauses: Iterable[Clause] = ()) -> list[tuple[str, ...]]:
        """The names of the fields in which each of some documents holds any of the clauses, or of those given."""
        held = np.zeros((len(FIELDS), len(doc_ids)), np.bool_)
        rows = np.full(self._reader.segment.size, -1)
        rows[doc_ids] = np.arange(len(doc_ids))
        for docs in self._term_docs(clauses or self._forms):
            found = rows[docs.doc_ids]
            here = found >= 0
            held[docs.fields[here], found[here]] = True
        return [tuple(compress(FIELD_NAMES, row)) for row in held.T.tolist()]

    def _term_docs(self, clauses: Iterable[Clause]) -> Iterator[TermDocs]:
        """All that any of the clauses finds."""
        return (form.docs for clause in clauses for form in self._forms[clause])

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
        size = self._reader.segment.size
        forms = {slot: list(self._slot_forms(slot, fields)) for slot in pattern}
        idf = sum(min(form.idf for form in forms[slot]) for slot in pattern)

        # The fields of documents, as one number each, in which all slots are held somewhere.
        held = [
            distinct(np.concatenate([form.docs.fields * size + form.docs.doc_ids for form in found]))
            for found in forms.values()
        ]
        cells, *others = sorted(held, key=len)
        for other in others:
            cells = cells[are_in(cells, other)]

        numbers, doc_ids = np.divmod(cells, max(size, 1))
        ends = np.searchsorted(numbers, np.arange(len(FIELDS) + 1)).tolist()
        places = {field: doc_ids[start:end] for field, (start, end) in enumerate(pairwise(ends)) if start < end}
        counts = np.bincount(self._reader.phrase(pattern, places)[0], minlength=len(cells))
        return FormDocs(TermDocs(numbers, doc_ids, counts).where(counts > 0), idf, words=len(pattern))

    def _slot_forms(self, slot: Slot, fields: Sequence[int]) -> Iterator[FormDocs]:
        """What may stand at a slot: its term, each of its stems, and all that begins with its prefix."""
        terms = self._reader.terms
        for term, mask in self._reader.forms(slot):
            found = in_fields(terms.docs(term), fields)
            found = found if mask is None else found.where(mask[found.doc_ids])
            yield FormDocs(found, self._statistics.idf(term, fields))
        if slot.prefix:
            found = in_fields(terms.prefix_docs(slot.prefix), fields)
            yield FormDocs(found, self._statistics.prefix_idf(slot.prefix, fields), PREFIX_SHARE)


def in_fields(found: TermDocs, fields: Sequence[int]) -> TermDocs:
    """Those of the documents that are held in some fields: in one, or in all."""
    return found.where(found.fields == fields[0]) if len(fields) == 1 else found


def shares(clauses: Iterable[Clause]) -> dict[Clause, float]:
    """How much of its score each clause counts: as often as it was typed, stop words beside others less."""
    times = Counter(clauses)
    beside = STOP_WORD_SHARE if any(not clause.weak for clause in times) else 1.0
    return {clause: count * (beside if clause.weak else 1.0) for clause, count in times.items()}
