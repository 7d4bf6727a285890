"""Requests: a query of ours, written as one of OpenSearch.

What matches is said exactly, so that totals and facets are those of the embedded engine. The order is only near to its
own, since the formula of `search.engine.similarity` can't be told to the nodes: the score of a clause is that of its
best form by `combined_fields`, which is the same BM25F but for the lengths, and that of tags is left out. `searcher`
ranks the candidates anew.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np

from index.analysis import Pattern, Slot, patterns, stemmer_for
from index.opensearch.mapping import FACET_SEPARATOR
from index.schema import FIELD_NUMBERS, FIELDS
from index.schema.keys import name_key
from search.engine.columns import regional
from search.engine.facets import FACET_FILTERS, commonest
from search.engine.matching import typed_row
from search.engine.scorer import shares
from search.engine.similarity import (
    ALL_WORDS_LIFT,
    FRESHNESS,
    HALF_LIFE_SECONDS,
    PREFIX_SHARE,
    TITLE_LIFT,
    CollectionStatistics,
    saturated,
)
from search.opensearch.filters import findable
from search.query import Clause, Filters, Phrase, Query, Word, options_of
from search.query.words import make_word, patterns_of

__all__ = [
    "Body",
    "Matching",
    "facets_body",
    "facets_of",
    "matching",
    "narrowed",
    "order",
    "query_of_facets",
    "ranked",
    "shortened",
    "terms_of",
]

Body = dict[str, Any]
"""A part of a request, as JSON."""

NOTHING: Body = {"match_none": {}}

WEIGHTS = {field.name: field.weight for field in FIELDS}

ONCE = dict(zip(WEIGHTS, saturated(np.array(list(WEIGHTS.values()))).tolist(), strict=True))
"""By field, the score of what stands once in a text of mean length, for an idf of 1."""

BOOSTS = {name: score / ONCE["body"] for name, score in ONCE.items()}
"""By field, how much a word there counts against one in the body."""

MAX_FACET_NAMES = 1000
"""How many names of a facet the nodes count, the commonest of the matches: spellings of one name are added up here."""

MAX_SUBSET_CLAUSES = 3
"""Of so many words or fewer, it is told apart which of them a title holds."""

MAX_SHORT_WORDS = 16
"""Words that are left of a query that is too long for the nodes."""

MIDDLING_SCORE = 100.0
"""Scores are squeezed to s / (s + this), below 1, so that a title or a row of words counts more than any score."""

MAX_BLENDED_TERMS = 50
"""Of the terms with a beginning, so many are scored as if they were one, in each field; with several beginnings fewer,
as each of the terms is a clause."""

MAX_ROW_TERMS = 100
"""Of the terms with a beginning at the end of a row of words, so many are looked for, by the alphabet."""

MAX_SCORED_SLOTS = 8
"""Words of a row by which the nodes rank; longer ones are clauses enough to look for."""

MIN_BLENDED_LETTERS = 3
"""Shorter beginnings have too many terms: that a post holds one counts, and how often does not."""

TIE_BREAKER = 0.3
"""The share at which the other fields that hold a term count beside the best one."""

SQUEEZED = """
double age = doc['date'].size() == 0 ? params.half_life : Math.max(params.now - doc['date'].value, 0);
double score = _score * doc['boost'].value * (1 + params.freshness * Math.pow(2, -age / params.half_life));
return score / (score + params.middling);
"""
TITLED = "return 1 + params.lift * Math.min(1.0, params.words / Math.max(1.0, doc['token_counts.title'].value));"


class Matching:
    """Says which documents of an index hold words and phrases.

    Of a query the nodes take no more than 1,024 clauses, so terms are only looked for in the fields that hold them.
    """

    def __init__(self, statistics: CollectionStatistics, *, combines_fields: bool) -> None:
        """What `terms_of` the query gives should have been prefetched; for `combines_fields` see `Cluster`."""
        self.statistics = statistics
        self.combines_fields = combines_fields
        self.langs = statistics.langs

    def clause(self, clause: Clause, fields: Sequence[str] = ()) -> Body:
        """What holds any option of a clause, in the fields that it names, or else in these (none: all)."""
        return any_of([form for option in options_of(clause) for form in self.option(option, fields)])

    def option(self, option: Word | Phrase, fields: Sequence[str] = ()) -> list[Body]:
        """What holds a word or phrase, form by form."""
        searched = fields or ([option.field] if option.field else list(WEIGHTS))
        if option.field and option.field not in searched:
            return []
        return [
            form
            for pattern in patterns_of(option, self.langs)
            for form in (self.row(pattern, searched) if len(pattern) > 1 else self.slot(pattern[0], searched))
        ]

    def slot(self, slot: Slot, fields: Sequence[str]) -> list[Body]:
        """What holds anything that may stand at a slot."""
        found = self.term(slot.term, fields)
        for stem, algorithms in stems_of(slot).items():
            if held := self.term(stem, fields):
                found.append(self.stemmed(algorithms, any_of(held)))
        return found + self.prefix(slot.prefix, fields)

    def term(self, term: str, fields: Sequence[str]) -> list[Body]:
        """What holds a term in any of some fields."""
        held = self.holding(term, fields)
        if len(held) > 1:
            return [self.combined(term, held)]  # which counts as one clause
        return [{"term": {name: term}} for name in held]

    def holding(self, term: str, fields: Sequence[str]) -> list[str]:
        """Those of some fields that hold a term."""
        return [name for name in fields if self.statistics.doc_freq(term, [FIELD_NUMBERS[name]])]

    def combined(self, term: str, fields: Sequence[str], boost: float = 1.0) -> Body:
        """What holds a term in some fields, scored by BM25F; by the best field where the nodes don't know that."""
        asked: Body = {"query": term, "boost": max(boost, 1e-9)}
        if self.combines_fields:
            return {"combined_fields": {**asked, "fields": [f"{name}^{WEIGHTS[name]}" for name in fields]}}
        held = self.holding(term, fields)  # each counts as a clause
        weighted = [f"{name}^{BOOSTS[name]}" for name in held]
        return {"multi_match": {**asked, "fields": weighted, "type": "cross_fields", "tie_breaker": TIE_BREAKER}}

    def prefix(self, prefix: str, fields: Sequence[str]) -> list[Body]:
        """What holds a term that begins so in any of some fields."""
        numbers = {name: FIELD_NUMBERS[name] for name in fields} if prefix else {}
        return [
            {"prefix": {name: {"value": prefix}}}
            for name, number in numbers.items()
            if self.statistics.doc_freq(prefix, [number], prefix=True)
        ]

    def row(self, pattern: Pattern, fields: Sequence[str]) -> list[Body]:
        """What holds the slots of a pattern in a row, in one field."""
        algorithms = sorted({algorithm for slot in pattern for _, algorithm in slot.stems})
        typed = self.rows_in(fields, pattern, "")
        rows = {algorithm: self.rows_in(fields, pattern, algorithm) for algorithm in algorithms}
        # Rows without a stem that posts hold are those as typed, of posts in all languages.
        stemmed = {algorithm: [row for row in found if row not in typed] for algorithm, found in rows.items()}
        alike = [[one for one in algorithms if stemmed[one] == stemmed[other]] for other in algorithms]
        found = [
            self.stemmed(same, any_of(others))
            for algorithm, same in zip(algorithms, alike, strict=True)
            if (others := stemmed[algorithm]) and same[0] == algorithm
        ]
        covered = rows == stemmed and all(stemmer_for(lang) in algorithms for lang in self.langs)
        return found if covered else typed + found

    def rows_in(self, fields: Sequence[str], pattern: Pattern, algorithm: str) -> list[Body]:
        """What holds the slots in a row in one of some fields, with their stems by one algorithm."""
        found: list[Body] = []
        for field in fields:
            slots = []
            for slot in pattern:
                terms = dict.fromkeys([slot.term, *(stem for stem, name in sorted(slot.stems) if name == algorithm)])
                forms: list[Body] = [{"span_term": {field: term}} for term in terms if self.term(term, [field])]
                if self.prefix(slot.prefix, [field]):
                    begun = {field: {"value": slot.prefix, "rewrite": f"top_terms_{MAX_ROW_TERMS}"}}
                    forms.append({"span_multi": {"match": {"prefix": begun}}})
                slots.append(forms[0] if len(forms) == 1 else {"span_or": {"clauses": forms}} if forms else None)
            if None not in slots:
                found.append({"span_near": {"clauses": slots, "slop": 0, "in_order": True}})
        return found

    def stemmed(self, algorithms: Collection[str], body: Body) -> Body:
        """What matches of the documents that are stemmed by one of some algorithms."""
        langs = [lang for lang in self.langs if stemmer_for(lang) in algorithms]
        if len(langs) == len(self.langs):
            return body
        return {"bool": {"filter": [{"terms": {"lang": langs}}, body]}}


def stems_of(slot: Slot) -> dict[str, list[str]]:
    """The stems at a slot that are not its term, each with its algorithms."""
    found: dict[str, list[str]] = {}
    for stem, algorithm in sorted(slot.stems):
        if stem != slot.term:
            found.setdefault(stem, []).append(algorithm)
    return found


def terms_of(query: Query, langs: Collection[str]) -> tuple[set[str], set[str]]:
    """The terms that stand in the query, and the beginnings of terms."""
    options = [option for clause in (*query.clauses, *query.excluded) for option in options_of(clause)]
    typed = [patterns_of(option, langs) for option in options]
    typed.append(patterns(query.wanted, langs))
    slots = [slot for found in typed for pattern in found for slot in pattern]
    return {term for slot in slots for term in slot.terms}, {slot.prefix for slot in slots if slot.prefix}


def shortened(query: Query, langs: Collection[str]) -> Query:
    """The query with its first words alone: none of its phrases, of what it leaves out, and of what is required."""
    words: dict[Word, None] = {}
    for option in (option for clause in query.clauses for option in options_of(clause)):
        pattern = next(iter(patterns(option.text, langs)), ())
        words |= {replace(make_word(slot.term, option.field), required=False): None for slot in pattern}
    return replace(query, clauses=tuple(words)[:MAX_SHORT_WORDS], excluded=())


def narrowed(filters: Filters, langs: Collection[str], now: float) -> Body:
    """What may be found at `now`, in seconds since 1970, and passes the filters; `langs` are those of all posts."""
    return {"bool": {"filter": [findable(now), *passing(filters, langs)]}}


def passing(filters: Filters, langs: Collection[str]) -> list[Body]:
    """What all passes that the filters let pass."""
    found: list[Body] = [
        {"terms": {f"{name}_key": sorted(map(name_key, values))}}
        for name, values in (("tag", filters.tag), ("author", filters.author), ("category", filters.category))
        if values
    ]
    if filters.lang:
        found.append({"terms": {"lang": regional(filters.lang, sorted(langs))}})
    if filters.site:
        found.append({"terms": {"site": sorted(map(name_key, filters.site))}})
    if filters.year:
        found.append({"terms": {"year": list(filters.year)}})
    if filters.since:
        found.append({"range": {"day": {"gte": filters.since.toordinal()}}})
    if filters.until:
        found.append({"range": {"day": {"lt": filters.until.toordinal()}}})
    return found


def matching(query: Query, matches: Matching, now: float) -> Body:
    """What matches a query, without an order."""
    return {
        "bool": {
            "filter": [narrowed(query.filters, matches.langs, now), wanted(query, matches)],
            "must_not": [matches.clause(clause) for clause in query.excluded],
        }
    }


def wanted(query: Query, matches: Matching) -> Body:
    """What holds the clauses of a query as it wants them, or is pinned to it."""
    if not query.clauses:
        return {"match_all": {}}
    held = [matches.clause(clause) for clause in query.clauses if clause.required]
    strong = [clause for clause in query.clauses if not clause.weak] or query.clauses
    any_word = [*map(matches.clause, strong), *titled(query)]
    found = {"bool": {"filter": [*held, any_of(any_word)]}}
    return any_of([found, {"terms": {"id": list(query.pinned)}}]) if query.pinned else found


def titled(query: Query) -> list[Body]:
    """What the whole query is the title of, or an alias."""
    key = name_key(query.wanted)
    return [{"term": {"title_key": key}}] if key else []


def ranked(query: Query, matches: Matching, now: float) -> Body:
    """What matches a query, with scores that are near to ours: by these its candidates are chosen."""
    statistics = matches.statistics
    matched = matching(query, matches, now)
    if not query.clauses:
        return matched | {"bool": {**matched["bool"], "must": [constant({"match_all": {}}, 0)]}}
    counted = shares(query.clauses)
    strong = [clause for clause in counted if not clause.weak] or list(counted)
    beginnings = sum(isinstance(option, Word) and option.prefix for clause in counted for option in options_of(clause))
    blended_terms = MAX_BLENDED_TERMS // max(beginnings, 1) or 1
    forms = (scored(clause, statistics, matches, share, blended_terms) for clause, share in counted.items())
    words = [{"dis_max": {"queries": found}} for found in forms if found]
    factors: list[Body] = [{"filter": {"match_all": {}}, "weight": 1.0}]
    idfs = {clause: counted[clause] * idf_of(clause, statistics) for clause in strong}
    in_title = {clause: found for clause in strong if (found := matches.clause(clause, ["title"])) != NOTHING}
    for held in telling_sets(sorted(in_title, key=idfs.__getitem__, reverse=True)):
        share = sum(map(idfs.__getitem__, held)) / max(sum(idfs.values()), 1e-9)
        params = {"lift": TITLE_LIFT * share**2, "words": float(len(held))}
        factors.append(
            {
                "filter": {"bool": {"filter": [in_title[clause] for clause in held]}},
                "script_score": {"script": {"source": TITLED, "params": params}},
            }
        )
    all_words = [matches.clause(clause) for clause in strong]
    score: Body = {"function_score": {"query": {"bool": {"should": words}}, "functions": factors, "score_mode": "max"}}
    score = {
        "function_score": {
            "query": score,
            "functions": [{"filter": {"bool": {"filter": all_words}}, "weight": ALL_WORDS_LIFT}],
        }
    }
    params = {"now": now, "half_life": HALF_LIFE_SECONDS, "freshness": FRESHNESS, "middling": MIDDLING_SCORE}
    score = {
        "function_score": {
            "query": score,
            "script_score": {"script": {"source": SQUEEZED, "params": params}},
            "boost_mode": "replace",
        }
    }
    ahead = [constant(body, 2.0) for body in titled(query)]
    ahead += [constant(body, 1.0) for body in in_a_row(query, matches)]
    ahead += [constant({"term": {"id": id}}, 4.0 * rank) for rank, id in enumerate(reversed(query.pinned), 1)]
    return {"bool": {**matched["bool"], "should": [score, *ahead]}}


def telling_sets(clauses: Sequence[Clause]) -> list[tuple[Clause, ...]]:
    """The sets of clauses that a title may hold of these, which come the most telling first: all where there are few,
    else each by itself and the first ones together."""
    if len(clauses) <= MAX_SUBSET_CLAUSES:
        return [held for size in range(1, len(clauses) + 1) for held in combinations(clauses, size)]
    return [*((clause,) for clause in clauses), *(tuple(clauses[:size]) for size in range(2, len(clauses) + 1))]


def idf_of(clause: Clause, statistics: CollectionStatistics) -> float:
    """About the idf of a clause: that of its likeliest form."""
    option = options_of(clause)[0]
    numbers = [FIELD_NUMBERS[option.field]] if option.field else range(len(FIELDS))
    pattern = next(iter(patterns(option.text, statistics.langs)), ())
    return sum(statistics.idf(slot.term, numbers) for slot in pattern)


def scored(
    clause: Clause, statistics: CollectionStatistics, matches: Matching, share: float, blended_terms: int
) -> list[Body]:
    """The forms of a clause, each with its score."""
    found = []
    for option in options_of(clause):
        names = [option.field] if option.field else list(WEIGHTS)
        numbers = [FIELD_NUMBERS[name] for name in names]
        for pattern in patterns_of(option, statistics.langs):
            idfs = [statistics.idf(slot.term, numbers) for slot in pattern]
            if len(pattern) > 1:
                # Of rows the nodes don't add up over fields how often they stand there: the best field counts. What
                # holds a long one is so little that all of it is ranked anew.
                for name in names if len(pattern) <= MAX_SCORED_SLOTS else ():
                    boost = share * option.share * BOOSTS[name]
                    found += [boosted(row, boost) for row in matches.row(pattern, [name])]
                continue
            slot = pattern[0]
            if statistics.doc_freq(slot.term, numbers):
                found.append(matches.combined(slot.term, names, share * option.share))
            for stem, algorithms in stems_of(slot).items():
                if statistics.doc_freq(stem, numbers):
                    # A stem is worth no more than the word as typed.
                    worth = min(1.0, idfs[0] / max(statistics.idf(stem, numbers), 1e-9))
                    found.append(
                        matches.stemmed(algorithms, matches.combined(stem, names, share * option.share * worth))
                    )
            if slot.prefix:
                found += begun(slot, names, matches, share * option.share, blended_terms)
    return found


def begun(slot: Slot, names: Sequence[str], matches: Matching, share: float, blended_terms: int) -> list[Body]:
    """What holds terms that begin as a slot does, in some fields, with its score: of so many as if they were one."""
    found = []
    numbers = [FIELD_NUMBERS[name] for name in names]
    posts = matches.statistics.doc_freq(slot.prefix, numbers, prefix=True)
    exact_idf = matches.statistics.idf(slot.term, numbers)
    idf, blended_idf = np.minimum(matches.statistics.idfs(np.array([posts, posts // 2])), exact_idf).tolist()
    for body in matches.prefix(slot.prefix, names):
        (name,) = body["prefix"]
        found.append(constant(body, PREFIX_SHARE * share * idf * ONCE[name] / 2))
        if len(slot.prefix) >= MIN_BLENDED_LETTERS:
            # The nodes give all that is blended the document frequency of the commonest term, of which we only know
            # the order, and so they do to the same term by itself: that counts at least as if it stood there once.
            blended = {"prefix": {name: {"value": slot.prefix, "rewrite": f"top_terms_blended_freqs_{blended_terms}"}}}
            worth = idf / max(blended_idf, 1e-9) * BOOSTS[name]
            found.append(boosted(blended, PREFIX_SHARE * share * worth))
            exact = matches.term(slot.term, [name])
            found += [constant(held, share * exact_idf * ONCE[name] / 2) for held in exact]
    return found


def boosted(body: Body, boost: float) -> Body:
    return {"bool": {"must": [body], "boost": boost}}


def in_a_row(query: Query, matches: Matching) -> list[Body]:
    """What holds the words of the whole query in a row as typed; see `search.engine.matching`."""
    pattern = typed_row(query, matches.langs)
    short = 1 < len(pattern) <= MAX_SCORED_SLOTS
    return [any_of(matches.row(pattern, list(WEIGHTS)))] if short else []


def order(query: Query) -> list[Body]:
    """The order of matches, in the words of OpenSearch."""
    newest, oldest = ({"date": {"order": way, "missing": "_last"}} for way in ("desc", "asc"))
    score, tie = {"_score": {"order": "desc"}}, {"tie": {"order": "asc"}}
    if query.sort == "relevance":
        return [score, newest, tie]
    return [newest if query.sort == "newest" else oldest, score, tie]


def query_of_facets(query: Query) -> Query:
    """The query whose matches are counted: without the filters that `facets_body` has."""
    return replace(query, filters=query.filters.without(*FACET_FILTERS.values())) if query.facet_size else query


def facets_body(query: Query, langs: Collection[str]) -> Body:
    """The facets, as aggregations: of each the commonest values.

    The filters that choose among them come after the query: each facet is counted of what all but its own let pass.
    """
    if not query.facet_size:
        return {}
    names = {"size": MAX_FACET_NAMES, "shard_size": 5 * MAX_FACET_NAMES}
    counts: Body = {
        "tags": {"terms": {"field": "tag_facet", **names}},
        "author": {"terms": {"field": "author_facet", **names}},
        "year": {"terms": {"field": "year", "size": query.facet_size, "order": {"_key": "desc"}}},
        "site": {"terms": {"field": "site", **names}},
    }
    chosen = {
        facet: passing(Filters(**{name: values}), langs)
        for facet, name in FACET_FILTERS.items()
        if (values := getattr(query.filters, name))
    }
    for facet, count in counts.items():
        if others := [body for other, bodies in chosen.items() if other != facet for body in bodies]:
            counts[facet] = {"filter": {"bool": {"filter": others}}, "aggs": {facet: count}}
    after = {"bool": {"filter": [body for bodies in chosen.values() for body in bodies]}}
    return {"aggs": counts, **({"post_filter": after} if chosen else {})}


def facets_of(aggregations: Body, size: int) -> dict[str, dict[str, int]]:
    """The facets that the nodes counted, as `search.engine.facets` gives them."""
    if not size:
        return {facet: {} for facet in FACET_FILTERS}
    buckets_of = {facet: found.get(facet, found)["buckets"] for facet, found in aggregations.items()}
    found = {}
    for facet in ("tags", "author"):
        buckets = buckets_of[facet]
        counts = [(*bucket["key"].split(FACET_SEPARATOR, 1), bucket["doc_count"]) for bucket in buckets]
        found[facet] = commonest(sorted(counts, key=lambda row: (-row[2], row[1])), size)
    for facet in ("year", "site"):
        found[facet] = {str(bucket["key"]): bucket["doc_count"] for bucket in buckets_of[facet][:size]}
    return found


def constant(body: Body, score: float) -> Body:
    return {"constant_score": {"filter": body, "boost": score}}


def any_of(bodies: Sequence[Body]) -> Body:
    if len(bodies) == 1:
        return bodies[0]
    return {"bool": {"should": list(bodies), "minimum_should_match": 1}} if bodies else NOTHING
