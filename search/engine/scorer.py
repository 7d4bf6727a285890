"""Scores clauses in one segment: which documents hold each clause, how well, and in which fields.

A word may stand in several forms, of which the best counts; `similarity` has the formula.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import compress
from typing import NamedTuple

import numpy as np

from index.analysis import Pattern, Slot, patterns
from index.arrays import are_in, offsets_of, union
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

__all__ = ["ClauseScores", "DocumentScores", "SegmentScorer", "shares"]

FIELD_NAMES = [field.name for field in FIELDS]
TITLE, TAGS = FIELD_NUMBERS["title"], FIELD_NUMBERS["tags"]


class FormDocs(NamedTuple):
    """The documents of one form of a word, or of a row of words: by field, with how often each holds it.

    `idf` is that of the form, `share` the part of its score that counts, and `words` how many words it has. `stand_in`
    is 1, or less where it stands in for the word that was typed.
    """

    by_field: Mapping[int, TermDocs]
    idf: float
    share: float = 1.0
    words: int = 1
    stand_in: float = 1.0


class ClauseScores(NamedTuple):
    """What a clause is worth in each candidate.

    `idf` is the clause's own, `scores` are 0 where it is not held, `title_words` is how many words of the title are its
    own; `in_title` and `in_tags` are 1 where they hold it, less where they hold what stands in for it, else 0.
    """

    idf: float
    scores: Floats
    title_words: Floats
    in_title: Floats
    in_tags: Floats


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
        found = [also, *(docs.doc_ids for _, docs in self._term_docs(self._forms))]
        self.doc_ids = union(found, reader.segment.size)
        self._rows = np.empty(reader.segment.size, np.int64)
        self._rows[self.doc_ids] = np.arange(len(self.doc_ids))

    def document_scores(self, clauses: Iterable[Clause]) -> DocumentScores:
        """What the clauses together are worth in each candidate; one that comes twice counts twice."""
        counted = shares(clauses)
        strong = {clause for clause in counted if not clause.weak} or set(counted)
        size = len(self.doc_ids)
        words, title_idf, title_words, tags_idf, held = (np.zeros(size) for _ in range(5))
        required, all_idf = np.ones(size, np.bool_), 0.0
        for clause, share in counted.items():
            found = self.clause_scores(clause)
            idf = share * found.idf
            all_idf += idf
            words += share * found.scores
            title_idf += idf * found.in_title
            title_words += found.title_words
            tags_idf += idf * found.in_tags
            if clause in strong:
                held += found.scores > 0
            if clause.required:
                required &= found.scores > 0
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
        size = len(self.doc_ids)
        scores, title_words, in_title, in_tags = (np.zeros(size) for _ in range(4))
        for form in self._forms[clause]:
            frequencies = np.zeros(size)
            for field, docs in form.by_field.items():
                rows = self._rows[docs.doc_ids]
                lengths = self._reader.segment.records.lengths[field][docs.doc_ids]
                frequencies[rows] += self._statistics.frequencies(field, lengths, docs.counts)
                if field == TITLE:
                    title_words[rows] = np.maximum(title_words[rows], docs.counts * form.words)
                    in_title[rows] = np.maximum(in_title[rows], form.stand_in)
                elif field == TAGS:
                    in_tags[rows] = np.maximum(in_tags[rows], form.stand_in)
            np.maximum(scores, form.share * form.stand_in * form.idf * saturated(frequencies), out=scores)
        idf = min((form.idf for form in self._forms[clause]), default=0.0)
        return ClauseScores(idf, scores, title_words, in_title, in_tags)

    def fields(self, doc_ids: Ints, clauses: Iterable[Clause] = ()) -> list[tuple[str, ...]]:
        """The names of the fields in which each of some documents holds any of the clauses, or of those given."""
        held = np.zeros((len(FIELDS), len(doc_ids)), np.bool_)
        for field, docs in self._term_docs(clauses or self._forms):
            held[field] |= are_in(doc_ids, docs.doc_ids)
        return [tuple(compress(FIELD_NAMES, row)) for row in held.T.tolist()]

    def _term_docs(self, clauses: Iterable[Clause]) -> Iterator[tuple[int, TermDocs]]:
        """All that any of the clauses finds, each with its field."""
        return (found for clause in clauses for form in self._forms[clause] for found in form.by_field.items())

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
        prefix = isinstance(option, Word) and option.prefix
        found = [
            list(self._slot_forms(pattern[0], fields)) if len(pattern) == 1 else [self._row_form(pattern, fields)]
            for pattern in patterns(option.text, self._statistics.langs, prefix=prefix)
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
        forms = {slot: list(self._slot_forms(slot, fields)) for slot in pattern}
        idf = sum(min(form.idf for form in forms[slot]) for slot in pattern)
        return FormDocs(self._rows_of(pattern, forms.values(), fields), idf, words=len(pattern))

    def _slot_forms(self, slot: Slot, fields: Collection[int]) -> Iterator[FormDocs]:
        """What may stand at a slot: its term, each of its stems, and all that begins with its prefix."""
        terms = self._reader.terms
        for term, mask in self._reader.forms(slot):
            found = {field: terms.term_docs(*span) for field, span in terms.entries(term).items() if field in fields}
            if mask is not None:
                found = {field: TermDocs(*(rows[mask[docs.doc_ids]] for rows in docs)) for field, docs in found.items()}
            yield FormDocs(found, self._statistics.idf(term, fields))
        if slot.prefix:
            begun = terms.prefix_docs(slot.prefix)
            found = {field: begun[field] for field in fields if field in begun}
            yield FormDocs(found, self._statistics.prefix_idf(slot.prefix, fields), PREFIX_SHARE)

    def _rows_of(
        self, pattern: Pattern, slots: Iterable[Iterable[FormDocs]], fields: Iterable[int]
    ) -> dict[int, TermDocs]:
        """By field, the documents in which the slots of a pattern follow one another, and how often they do.

        `slots` are the forms of all slots.
        """
        places = {}
        for field in fields:
            held = np.ones(self._reader.segment.size, np.bool_)
            for forms in slots:
                here = np.zeros(len(held), np.bool_)
                for form in forms:
                    if field in form.by_field:
                        here[form.by_field[field].doc_ids] = True
                held &= here
            if held.any():
                places[field] = np.flatnonzero(held)
        doc_rows, _ = self._reader.phrase(pattern, places)
        bounds = offsets_of(np.array([len(doc_ids) for doc_ids in places.values()]))
        counts = np.bincount(doc_rows, minlength=bounds[-1])
        found = {}
        for (field, doc_ids), times in zip(places.items(), np.split(counts, bounds[1:-1]), strict=False):
            if times.any():
                found[field] = TermDocs(doc_ids[times > 0], times[times > 0])
        return found


def shares(clauses: Iterable[Clause]) -> dict[Clause, float]:
    """How much of its score each clause counts: as often as it was typed, stop words beside others less."""
    times = Counter(clauses)
    beside = STOP_WORD_SHARE if any(not clause.weak for clause in times) else 1.0
    return {clause: count * (beside if clause.weak else 1.0) for clause, count in times.items()}
