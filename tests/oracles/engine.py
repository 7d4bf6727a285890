"""A slow and plain search over documents, with dictionaries: what the engine must find, and with what score.

It is written from what the docstrings of `search` promise and shares no code with them, but for the analysis. The
scale of lengths, and the BM25 of single terms, are Whoosh's own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from math import inf, log, sqrt

from whoosh.scoring import bm25
from whoosh.util.numeric import byte_to_length, length_to_byte

from index.analysis import Pattern, Slot, fold, patterns, stemmer_for, tokenize
from index.schema import FIELDS, Document, field_texts
from search.query import AnyOf, Clause, Filters, Query, Word

__all__ = ["Answer", "Oracle", "facets"]

K1, B, WHOOSH_B = 1.2, 0.8, 0.75
COMPLETED, STOP_WORDS = 0.8, 0.25
TITLE, TAGS, ALL_WORDS = 4.0, 0.5, 1.2
SIMILAR_TERMS = 400
FRESHNESS, HALF_LIFE = 0.2, 730 * 86400.0
WEIGHTS = {field.name: field.weight for field in FIELDS}


@dataclass(frozen=True, slots=True)
class Form:
    """One way in which a word or phrase may stand: its idf, its scores by the number of the document, and by field how
    many words of each document are its own."""

    idf: float
    scores: Mapping[int, float]
    counts: Mapping[str, Mapping[int, int]]
    share: float = 1.0

    def weighed(self, idf: float, share: float) -> Form:
        """The same with another idf, and a share of its scores."""
        return Form(idf, {i: score / self.idf * idf * share for i, score in self.scores.items()}, self.counts, share)


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
        return {i: bm25(idf, count, lengths[i], self.means[field], WHOOSH_B, K1) for i, count in counts.items()}

    def term(self, field: str, term: str) -> dict[int, float]:
        return self.bm25(field, {i: of[field][term] for i, of in enumerate(self.counts) if of[field][term]})

    def form(self, counts: Mapping[str, Mapping[int, int]], idf: float, share: float = 1.0, words: int = 1) -> Form:
        """A form of so many words that stands so often in the documents by field; of 0 words, where it counts once."""
        frequencies: Counter[int] = Counter()
        for field, rows in counts.items():
            for i, count in rows.items():
                length = byte_to_length(length_to_byte(self.counts[i][field].total()))
                frequencies[i] += WEIGHTS[field] * count / (1 - B + B * length / self.means[field])
        scores = {i: share * idf * tf * (K1 + 1) / (tf + K1) for i, tf in frequencies.items()}
        return Form(
            idf, scores, {field: {i: max(n * words, 1) for i, n in rows.items()} for field, rows in counts.items()}
        )

    def idf(self, counts: Mapping[str, Mapping[int, int]]) -> float:
        """By the field that most documents hold it in."""
        n = max(map(len, counts.values()), default=0)
        return log(1 + (len(self.documents) - n + 0.5) / (n + 0.5))

    def held(self, fields: Iterable[str], fits: Callable[[str], bool]) -> dict[str, dict[int, int]]:
        """By field, how often a document holds terms that fit."""
        sums = {
            field: {i: sum(n for term, n in of[field].items() if fits(term)) for i, of in enumerate(self.counts)}
            for field in fields
        }
        return {field: {i: n for i, n in rows.items() if n} for field, rows in sums.items()}

    def slot(self, fields: Sequence[str], slot: Slot) -> list[Form]:
        """What may stand at one place."""
        whole = self.held(fields, slot.term.__eq__)
        forms = [self.form(whole, self.idf(whole))]
        for stem, algorithm in slot.stems:
            if stem != slot.term:
                every = self.held(fields, stem.__eq__)
                here = {
                    field: {i: n for i, n in rows.items() if stemmer_for(self.documents[i].lang) == algorithm}
                    for field, rows in every.items()
                }
                forms.append(self.form(here, self.idf(every)))
        if slot.prefix:
            begun = self.held(fields, lambda term: term.startswith(slot.prefix))
            forms.append(self.form(begun, self.idf(begun), COMPLETED, words=0))
        return forms

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

    def way(self, fields: Sequence[str], way: Pattern) -> list[Form]:
        """The forms of one slot, or the row of several."""
        slots = [self.slot(fields, slot) for slot in way]
        if len(way) == 1:
            return slots[0]
        counts = {field: self.rows(field, way) for field in fields}
        return [self.form(counts, sum(min(form.idf for form in forms) for forms in slots), words=len(way))]

    def rows(self, field: str, way: Pattern) -> dict[int, int]:
        """How often slots follow one another in the field of each document."""
        counts = {}
        for i in range(len(self.documents)):
            first, *others = (self.stands(i, field, slot) for slot in way)
            counts[i] = sum(all((text, at + n) in on for n, on in enumerate(others, 1)) for text, at in first)
        return {i: count for i, count in counts.items() if count}

    def clause(self, clause: Clause) -> list[Form]:
        """All forms of a clause; a whole counts no less than its parts in a row, a stem no more than the word, and what
        stands in no more than the first option."""
        found: list[Form] = []
        likeliest = inf
        for number, option in enumerate(clause.options if isinstance(clause, AnyOf) else (clause,)):
            fields = [option.field] if option.field else list(WEIGHTS)
            ways = patterns(option.text, self.langs, prefix=isinstance(option, Word) and option.prefix)
            forms = [self.way(fields, way) for way in ways]
            most = inf if option.share == 1 or not number else likeliest
            own = []
            for first, *others in forms:
                own.append(first.weighed(min(most, max(first.idf, forms[-1][0].idf)), option.share))
                own += [form.weighed(min(most, form.idf, first.idf), option.share) for form in others]
            if not number:
                likeliest = max((form.idf for form in own), default=inf)
            found += own
        return found

    def score(self, i: int, query: Query, clauses: Mapping[Clause, list[Form]]) -> float:
        """The score of a document, without what does not depend on the query."""
        times = Counter(query.clauses)
        strong = {clause for clause in times if not clause.weak} or set(times)
        shares = {clause: times[clause] * (1 if clause in strong else STOP_WORDS) for clause in times}
        idfs = {clause: shares[clause] * min((f.idf for f in forms), default=0) for clause, forms in clauses.items()}
        words = sum(shares[c] * max((f.scores.get(i, 0.0) for f in forms), default=0) for c, forms in clauses.items())
        titles = {
            clause: max((form.counts.get("title", {}).get(i, 0) for form in forms), default=0)
            for clause, forms in clauses.items()
        }

        def share_in(field: str) -> float:
            held = {
                c: max((f.share for f in forms if i in f.counts.get(field, {})), default=0)
                for c, forms in clauses.items()
            }
            return sum(idfs[clause] * share for clause, share in held.items()) / (sum(idfs.values()) or 1)

        title = share_in("title")
        size = 1 + max((at for places in self.places[i]["title"].values() for _, at in places), default=0)
        score = words * (1 + TITLE * title**2 * min(sum(titles.values()) / size, 1))
        score *= 1 + TAGS * share_in("tags")
        if all(any(i in form.scores for form in clauses[clause]) for clause in strong):
            score *= ALL_WORDS
        return score

    def answers(self, query: Query, now: datetime) -> list[Answer]:
        """All matches, the best first."""
        clauses = {clause: self.clause(clause) for clause in query.clauses}
        holders = {clause: {i for form in forms for i in form.scores} for clause, forms in clauses.items()}
        strong = [clause for clause in query.clauses if not clause.weak] or list(query.clauses)
        excluded = {i for clause in query.excluded for form in self.clause(clause) for i in form.scores}
        answers = []
        for i, document in enumerate(self.documents):
            titles = {collapsed(title) for title in (document.title, *document.aliases)}
            titled = collapsed(query.wanted) in titles - {""}
            pin = query.pinned.index(document.id) - len(query.pinned) if document.id in query.pinned else 0
            missing = not pin and any(clause.required and i not in holders[clause] for clause in clauses)
            if i in self.deleted or i in excluded or missing or not visible(document, now):
                continue
            covered = any(i in holders[clause] for clause in strong)
            if (query.clauses and not (covered or titled or pin)) or not passes(document, query.filters):
                continue
            score = self.score(i, query, clauses) * document.boost * lift(document, now)
            fields = frozenset(
                field
                for forms in clauses.values()
                for form in forms
                for field, rows in form.counts.items()
                if i in rows
            )
            all_words = all(i in holders[clause] for clause in strong)
            options = [o for c in query.clauses for o in (c.options if isinstance(c, AnyOf) else (c,))]
            several = sum(option.share == 1 for option in options) > 1
            ways = patterns(query.wanted, self.langs)[-1:] if several and all_words else ()
            in_row = any(i in self.rows(field, way) for field in WEIGHTS for way in ways)
            when = document.date.timestamp() if document.date else -inf
            key = {
                "relevance": (pin, not titled, not in_row, -score, -when),
                "newest": (-when, -score),
                "oldest": (when if document.date else inf, -score),
            }[query.sort]
            answers.append(Answer(document, score, fields, key))
        return sorted(answers, key=lambda answer: answer.key)

    def similar(self, id: str, now: datetime) -> list[Answer]:
        """The posts that share a term with this one, the most similar first, those in its language before others."""
        there = [i for i, document in enumerate(self.documents) if i not in self.deleted and visible(document, now)]
        vectors = [
            {(term, field): 1 + log(n) for field, terms in fields.items() for term, n in terms.items()}
            for fields in self.counts
        ]
        norms = [sqrt(sum(weight**2 for weight in vector.values())) for vector in vectors]
        answers = []
        for own in [i for i in there if self.documents[i].id == id]:
            holders = Counter(key for vector in vectors for key in vector)
            asked = {
                key: weight * log(1 + (len(vectors) - holders[key] + 0.5) / (holders[key] + 0.5))
                for key, weight in vectors[own].items()
            }
            norm = sqrt(sum(weight**2 for weight in asked.values()))
            heaviest = sorted(asked, key=lambda key: (-asked[key], key[0], list(WEIGHTS).index(key[1])))[:SIMILAR_TERMS]
            for i in there:
                score = sum(asked[key] * vectors[i].get(key, 0) for key in heaviest)
                if i != own and score:
                    document = self.documents[i]
                    foreign = document.lang.lower()[:2] != self.documents[own].lang.lower()[:2]
                    score /= norms[i] * norm
                    answers.append(Answer(document, score, frozenset(), (foreign, -score)))
        return sorted(answers, key=lambda answer: answer.key)


def passes(document: Document, filters: Filters) -> bool:
    """Whether the filters let a post pass: each by any of its values, names compared whole and folded."""
    for names, wanted in (
        (document.tags, filters.tag), (document.author, filters.author), (document.category, filters.category),
        ((document.site,), filters.site),
    ):  # fmt: skip
        if wanted and not {collapsed(name) for name in names} & {collapsed(name) for name in wanted}:
            return False
    lang = document.lang.lower()
    if filters.lang and not any(lang == wanted or lang.startswith(f"{wanted}-") for wanted in filters.lang):
        return False
    day = document.date.date() if document.date else None
    if filters.year and (day is None or day.year not in filters.year):
        return False
    since_holds = not filters.since or (day is not None and day >= filters.since)
    return since_holds and (not filters.until or (day is not None and day < filters.until))


def facets(documents: Sequence[Document], size: int) -> dict[str, dict[str, int]]:
    """How many documents have each tag, author, year and site; spellings of a name count together, as the commonest."""
    years = Counter(str(document.date.year) for document in documents if document.date)
    return {
        "tags": commonest(Counter(tag for document in documents for tag in document.tags), size),
        "author": commonest(Counter(name for document in documents for name in document.author), size),
        "year": dict(sorted(years.items(), reverse=True)[:size]),
        "site": commonest(Counter(document.site for document in documents if document.site), size),
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
