"""A slow and plain search over documents, with dictionaries: what the engine must find, and with what score.

It is written from what the docstrings of `search` promise and shares no code with them, but for the analysis. The
formula of BM25 and the scale of lengths are Whoosh's own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from math import inf, log

from whoosh.scoring import bm25
from whoosh.util.numeric import byte_to_length, length_to_byte

from index.analysis import Pattern, Slot, fold, patterns, stemmer_for, tokenize
from index.schema import FIELDS, Document, field_texts
from search.query import AnyOf, Clause, Filters, Phrase, Query, Word

__all__ = ["Answer", "Oracle", "facets"]

B, K1 = 0.75, 1.2
COMPLETED = 0.8
FRESHNESS, HALF_LIFE = 0.2, 730 * 86400.0
WEIGHTS = {field.name: field.weight for field in FIELDS}

Rows = Mapping[int, float]
"""Scores by the number of the document; what is not held is not there."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One match: the document, its score, the fields that hold it, and by what it is ranked, the best first."""

    document: Document
    score: float
    fields: frozenset[str]
    key: tuple[float, ...]


def collapsed(text: str) -> str:
    return " ".join(fold(text).split())


class Oracle:
    """Answers over all documents of an index, some of which are deleted: they count for how rare a term is."""

    def __init__(self, documents: Sequence[Document], deleted: Iterable[int] = ()) -> None:
        self.documents = list(documents)
        self.deleted = set(deleted)
        self.langs = {document.lang.lower() for document in self.documents}

    @cached_property
    def places(self) -> list[dict[str, dict[str, set[tuple[int, int]]]]]:
        """Of each document by field, for each term the places where it stands: number of the text, position."""
        found = []
        for document in self.documents:
            fields: dict[str, dict[str, set[tuple[int, int]]]] = {}
            for field, texts in field_texts(document).items():
                terms = fields.setdefault(field, {})
                for number, text in enumerate(texts):
                    for token in tokenize(text, document.lang):
                        terms.setdefault(token.term, set()).add((number, token.position))
            found.append(fields)
        return found

    @cached_property
    def counts(self) -> list[dict[str, Counter[str]]]:
        """Of each document by field, how often each term stands in it."""
        return [
            {
                field: Counter(token.term for text in texts for token in tokenize(text, document.lang))
                for field, texts in field_texts(document).items()
            }
            for document in self.documents
        ]

    @cached_property
    def means(self) -> dict[str, float]:
        """The mean length of each field."""
        sums = {field: sum(counts[field].total() for counts in self.counts) for field in WEIGHTS}
        return {field: total / max(len(self.documents), 1) or 1 for field, total in sums.items()}

    def bm25(self, field: str, counts: Mapping[int, int]) -> dict[int, float]:
        """The scores of documents that hold a term so often in the field."""
        idf = log(max(len(self.documents), 1) / (len(counts) + 1)) + 1
        lengths = {i: byte_to_length(length_to_byte(self.counts[i][field].total())) for i in counts}
        return {i: bm25(idf, count, lengths[i], self.means[field], B, K1) for i, count in counts.items()}

    def term(self, field: str, term: str) -> dict[int, float]:
        return self.bm25(field, {i: of[field][term] for i, of in enumerate(self.counts) if of[field][term]})

    def begun(self, field: str, prefix: str) -> dict[int, float]:
        """What completes a beginning, as if it were one term, for a part of the score."""
        sums = {
            i: sum(count for term, count in of[field].items() if term.startswith(prefix))
            for i, of in enumerate(self.counts)
        }
        found = self.bm25(field, {i: count for i, count in sums.items() if count})
        return {i: COMPLETED * score for i, score in found.items()}

    def slot(self, field: str, slot: Slot) -> dict[int, float]:
        """The score of the best of what may stand at one place."""
        found = [self.term(field, slot.term)]
        for stem, algorithm in slot.stems:
            hits = self.term(field, stem)
            found.append({i: s for i, s in hits.items() if stemmer_for(self.documents[i].lang) == algorithm})
        if slot.prefix:
            found.append(self.begun(field, slot.prefix))
        return best(found)

    def stands(self, row: int, field: str, slot: Slot) -> set[tuple[int, int]]:
        """Where in the document something stands that fits the slot."""
        algorithm = stemmer_for(self.documents[row].lang)
        terms = {slot.term, *(stem for stem, of in slot.stems if of == algorithm)}
        return {
            place
            for term, places in self.places[row][field].items()
            if term in terms or (slot.prefix and term.startswith(slot.prefix))
            for place in places
        }

    def way(self, field: str, way: Pattern) -> dict[int, float]:
        """The score of slots in a row: the sum of theirs, where they follow one another."""
        found = [self.slot(field, slot) for slot in way]
        held = set.intersection(*(set(scores) for scores in found))
        return {i: sum(scores[i] for scores in found) for i in held if len(way) == 1 or self.in_a_row(i, field, way)}

    def in_a_row(self, row: int, field: str, way: Pattern) -> bool:
        first, *others = (self.stands(row, field, slot) for slot in way)
        return any(all((text, at + i) in on for i, on in enumerate(others, 1)) for text, at in first)

    def option(self, option: Word | Phrase) -> tuple[dict[int, float], dict[int, set[str]]]:
        """The scores of a word or phrase, and the fields that hold it."""
        scores: dict[int, float] = {}
        fields: dict[int, set[str]] = {}
        ways = patterns(option.text, self.langs, prefix=isinstance(option, Word) and option.prefix)
        for field in [option.field] if option.field else WEIGHTS:
            for i, score in best([self.way(field, way) for way in ways]).items():
                scores[i] = scores.get(i, 0.0) + WEIGHTS[field] * score
                fields.setdefault(i, set()).add(field)
        return scores, fields

    def clause(self, clause: Clause) -> tuple[dict[int, float], dict[int, set[str]]]:
        options = clause.options if isinstance(clause, AnyOf) else (clause,)
        found = [self.option(option) for option in options]
        fields: dict[int, set[str]] = {}
        for _, held in found:
            for i, names in held.items():
                fields.setdefault(i, set()).update(names)
        return best([scores for scores, _ in found]), fields

    def answers(self, query: Query, now: datetime) -> list[Answer]:
        """All matches, the best first."""
        clauses = [(clause, *self.clause(clause)) for clause in query.clauses]
        strong = [clause for clause in query.clauses if not clause.weak] or list(query.clauses)
        excluded = {i for clause in query.excluded for i in self.clause(clause)[0]}
        answers = []
        for i, document in enumerate(self.documents):
            titled = bool(collapsed(query.text)) and collapsed(document.title) == collapsed(query.text)
            coverage = sum(i in scores for clause, scores, _ in clauses if clause in strong)
            missing = any(clause.required and i not in scores for clause, scores, _ in clauses)
            if i in self.deleted or i in excluded or missing or not visible(document, now):
                continue
            if (query.clauses and not (coverage or titled)) or not passes(document, query.filters):
                continue
            score = sum(scores.get(i, 0.0) for _, scores, _ in clauses) * document.boost * lift(document, now)
            fields = frozenset(name for _, _, held in clauses for name in held.get(i, ()))
            when = document.date.timestamp() if document.date else -inf
            key = {
                "relevance": (not titled, -coverage, -score, -when),
                "newest": (-when, -score),
                "oldest": (when if document.date else inf, -score),
            }[query.sort]
            answers.append(Answer(document, score, fields, key))
        return sorted(answers, key=lambda answer: answer.key)


def best(found: Iterable[Rows]) -> dict[int, float]:
    """By document the best of several scores."""
    scores: dict[int, float] = {}
    for of in found:
        for i, score in of.items():
            scores[i] = max(score, scores.get(i, 0.0))
    return scores


def passes(document: Document, filters: Filters) -> bool:
    """Whether the filters let a post pass: each by any of its values, names compared whole and folded."""
    for names, wanted in (
        (document.tags, filters.tag), (document.author, filters.author), (document.category, filters.category),
    ):  # fmt: skip
        if wanted and not {collapsed(name) for name in names} & {collapsed(name) for name in wanted}:
            return False
    lang = document.lang.lower()
    if filters.lang and not any(lang == wanted or lang.startswith(f"{wanted}-") for wanted in filters.lang):
        return False
    day = document.date.date() if document.date else None
    since_holds = not filters.since or (day is not None and day >= filters.since)
    return since_holds and (not filters.until or (day is not None and day < filters.until))


def facets(documents: Sequence[Document], size: int) -> dict[str, dict[str, int]]:
    """How many documents have each tag, author and year; the spellings of a name count together, as the commonest."""
    years = Counter(str(document.date.year) for document in documents if document.date)
    return {
        "tags": commonest(Counter(tag for document in documents for tag in document.tags), size),
        "author": commonest(Counter(name for document in documents for name in document.author), size),
        "year": dict(sorted(years.items(), reverse=True)[:size]),
    }


def commonest(counts: Counter[str], size: int) -> dict[str, int]:
    spellings: dict[str, Counter[str]] = {}
    for name, count in counts.items():
        spellings.setdefault(collapsed(name), Counter())[name] = count
    shown = ((-of.total(), min(of, key=lambda name: (-of[name], name))) for of in spellings.values())
    return {name: -count for count, name in sorted(shown)[:size]}


def visible(document: Document, now: datetime) -> bool:
    since, until = document.visible_from, document.visible_to
    return (since is None or since <= now) and (until is None or now < until)


def lift(document: Document, now: datetime) -> float:
    """What is new counts for a little more; a post without a date counts as one a half-life old."""
    age = max((now - document.date).total_seconds(), 0.0) if document.date else HALF_LIFE
    return float(1.0 + FRESHNESS * 2 ** (-age / HALF_LIFE))
