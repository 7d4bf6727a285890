"""Our index against others: Whoosh's own codec under Whoosh's searcher, and a plain search that shares no code.

POSTSEARCH_EXAMPLES says how many examples the long runs take, and POSTSEARCH_SEED repeats a run.
"""

from __future__ import annotations

import tempfile
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import strategies as st
from whoosh import query as ask
from whoosh.codec.whoosh3 import W3Codec
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex
from whoosh.matching import ReadTooFar
from whoosh.scoring import BM25F

from index.analysis import tokenize
from index.schema import FIELDS, field_texts
from index.settings import Settings
from index.storage.codec import PostCodec
from search.engine import open_searcher
from search.engine.searcher import Searcher
from search.query import AnyOf, Clause, Filters, Phrase, Query, Sort, Word
from tests.corpora import COUNTS, HISTORIES, NOW, WORDS, Commit, hold, left, opened, write, write_apart
from tests.oracles.engine import Oracle, facets
from tests.oracles.whoosh_fields import SCHEMA, from_stored

NAMES = st.sampled_from([field.name for field in FIELDS])
DAYS = st.integers(-900, 900).map(lambda days: (NOW + timedelta(days=days)).date())
LIMIT = 10_000


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as path:
        yield Path(path)


def terms_of(history: Sequence[Commit]) -> list[str]:
    """All terms that ever stood in the posts, and some that may not."""
    documents = [document for commit in history for document in commit.changes.values() if document]
    texts = [(text, d.lang) for d in documents for texts in field_texts(d).values() for text in texts]
    found = {token.term for text, lang in texts for token in tokenize(text, lang)}
    return sorted(found | {"run", "absent", "全"})


@st.composite
def whoosh_queries(draw: st.DrawFn, terms: Sequence[str]) -> ask.Query:
    """A query of any kind that Whoosh has, of the terms."""
    known = st.sampled_from(list(terms))
    term = st.builds(ask.Term, NAMES, known)
    begin = known.map(lambda text: text[:2])
    leaf = (
        term
        | st.builds(ask.Prefix, NAMES, begin)
        | st.builds(ask.Wildcard, NAMES, known.map(lambda text: f"{text[:1]}?*".replace("[", "?")))
        | st.builds(ask.FuzzyTerm, NAMES, known, prefixlength=st.integers(0, 1))
        | st.builds(ask.TermRange, NAMES, begin, begin, st.booleans(), st.booleans())
        | st.builds(ask.Phrase, NAMES, st.lists(known, min_size=2, max_size=3), slop=st.integers(1, 3))
        | st.builds(ask.Every)
        | st.builds(ask.Every, NAMES)
        | st.builds(ask.Term, st.just("id"), st.sampled_from(["one.md", "a/two.md", "a/ünï.md"]))
        | st.builds(ask.Prefix, st.just("id"), st.just("a/"))
    )
    inner = st.recursive(
        leaf,
        lambda sub: st.one_of(
            st.builds(ask.And, st.lists(sub, min_size=1, max_size=3)),
            st.builds(ask.Or, st.lists(sub, min_size=1, max_size=3)),
            st.builds(ask.DisjunctionMax, st.lists(sub, min_size=1, max_size=3)),
            st.builds(ask.AndMaybe, sub, sub),
            st.builds(ask.AndNot, sub, sub),
            st.builds(ask.Require, sub, sub),
            st.builds(lambda q: ask.And([ask.Every(), ask.Not(q)]), sub),
        ),
        max_leaves=4,
    )
    return draw(inner)


def found(files: FileIndex, query: ask.Query) -> dict[str, float]:
    """The documents that Whoosh finds, by id, with their scores."""
    with files.searcher(weighting=BM25F(B=0.75, K1=1.2)) as searcher:
        return {hit["id"]: hit.score for hit in searcher.search(query, limit=LIMIT)}


def answer(files: FileIndex, query: ask.Query) -> dict[str, float] | None:
    """What Whoosh finds; None where its `AndNotMatcher`, which also leaves out deleted documents, loses its place.

    That one asks for the document of a matcher that has none left: ours says so, Whoosh's own may give any.
    """
    try:
        return found(files, query)
    except (IndexError, ReadTooFar) as error:
        if "_find_next" not in {frame.name for frame in traceback.extract_tb(error.__traceback__)}:
            raise
        return None


@COUNTS
def test_whoosh_finds_the_same_over_our_codec_as_over_its_own(examples: int) -> None:
    def check(history: list[Commit], data: st.DataObject) -> None:
        with folder() as theirs, folder() as ours:
            indexes = [FileStorage(str(path)).create_index(SCHEMA) for path in (theirs, ours)]
            for files, codec in zip(indexes, (W3Codec(compression=0), PostCodec()), strict=True):
                for commit in history:
                    write_apart(files, commit, codec)
            asked = data.draw(st.lists(whoosh_queries(terms_of(history)), min_size=8, max_size=8))
            for query in asked:
                expected, ours_found = answer(indexes[0], query), answer(indexes[1], query)
                if expected is not None and ours_found is not None:
                    assert ours_found == pytest.approx(expected, rel=1e-5), query

            # Whoosh rounds lengths once more at each merge, so from here on only the documents can be compared.
            for files, codec in zip(indexes, (W3Codec(compression=0), PostCodec()), strict=True):
                files.writer(codec=codec).commit(optimize=True)
            for query in asked:
                expected, ours_found = answer(indexes[0], query), answer(indexes[1], query)
                if expected is not None and ours_found is not None:
                    assert ours_found.keys() == expected.keys(), query

    hold(examples, check, HISTORIES, st.data())


def held(files: FileIndex) -> Oracle:
    """A plain search over what lies in the index, with what of it is deleted."""
    with files.reader() as reader:
        rows = range(reader.doc_count_all())
        documents = [from_stored(reader.stored_fields(row)) for row in rows]
        return Oracle(documents, [row for row in rows if reader.is_deleted(row)])


def words_of(history: Sequence[Commit]) -> list[str]:
    documents = [document for commit in history for document in commit.changes.values() if document]
    return sorted(
        {word for d in documents for texts in field_texts(d).values() for text in texts for word in text.split()}
    )


@st.composite
def queries(draw: st.DrawFn, history: Sequence[Commit]) -> Query:
    """A query of clauses of all kinds, of words that stand in the posts, begin like one, or may not be there."""
    known = st.sampled_from(WORDS) | st.sampled_from(words_of(history) or ["run"])
    field = st.none() | st.none() | NAMES
    either = {"required": st.booleans(), "weak": st.sampled_from([False, False, True])}
    flags = {**either, "share": st.sampled_from([1.0, 1.0, 0.9, 0.245])}
    whole = st.builds(Word, known, field, st.just(False), **flags)
    begun = st.builds(
        lambda text, size, *more, **flags: Word(text[:size], *more, **flags),
        known,
        st.integers(1, 5),
        field,
        st.just(True),
        **flags,
    )
    rows = st.lists(known, min_size=1, max_size=3).map(" ".join) | run_of(history) | scattered(history)
    phrase = st.builds(Phrase, rows, field, **flags)
    option = whole | begun | phrase
    clause: st.SearchStrategy[Clause] = option | st.builds(
        AnyOf, st.lists(option, min_size=2, max_size=3).map(tuple), **either
    )
    filters = st.builds(
        Filters,
        tag=st.just(()) | st.lists(st.sampled_from(["WEB dev", "cafe", "gluster", "absent"]), max_size=2).map(tuple),
        author=st.just(()) | st.just(("gluster", "Café")),
        category=st.just(()) | st.just(("c++",)),
        lang=st.just(()) | st.lists(st.sampled_from(["en", "pt", "de", "ja"]), max_size=3).map(tuple),
        since=st.none() | DAYS,
        until=st.none() | DAYS,
        year=st.just(()) | st.lists(DAYS.map(lambda day: day.year), max_size=2).map(tuple),
        site=st.just(()) | st.lists(st.sampled_from(["docs", "Blog", "absent"]), max_size=2).map(tuple),
    )
    ids = [*sorted({id for commit in history for id in commit.changes}), "absent.md"]
    documents = [document for commit in history for document in commit.changes.values() if document]
    titles = [title for document in documents for title in (document.title, *document.aliases)]
    return Query(
        text=draw(st.just("") | st.sampled_from([*titles, ""])),
        clauses=tuple(draw(st.lists(clause, max_size=3))),
        excluded=tuple(draw(st.lists(option, max_size=1))) if draw(st.booleans()) else (),
        filters=draw(filters) if draw(st.booleans()) else Filters(),
        sort=draw(st.sampled_from(get_args(Sort))),
        per_page=LIMIT,
        facet_size=draw(st.integers(1, 6)),
        pinned=tuple(draw(st.lists(st.sampled_from(ids), max_size=3, unique=True))) if draw(st.booleans()) else (),
    )


def bodies_of(history: Sequence[Commit]) -> st.SearchStrategy[list[str]]:
    """The words of one post."""
    bodies = [document.body.split() for commit in history for document in commit.changes.values() if document]
    return st.sampled_from([words for words in bodies if words] or [["run"]])


def run_of(history: Sequence[Commit]) -> st.SearchStrategy[str]:
    """Some words in a row from a post."""
    return st.builds(
        lambda words, first, size: " ".join(words[first % len(words) :][:size]),
        bodies_of(history),
        st.integers(0, 10),
        st.integers(1, 4),
    )


def scattered(history: Sequence[Commit]) -> st.SearchStrategy[str]:
    """Words of one post that need not follow one another there."""
    few = bodies_of(history).flatmap(lambda words: st.lists(st.sampled_from(words), min_size=2, max_size=3))
    return few.map(" ".join)


@COUNTS
def test_our_searcher_finds_what_a_plain_search_finds(examples: int) -> None:
    def check(history: list[Commit], data: st.DataObject) -> None:
        with folder() as path:
            options = Settings(index=path / "index")
            write(options, history)
            oracle = held(opened(options))
            searcher = open_searcher(options)

            there = {d.id: d for row, d in enumerate(oracle.documents) if row not in oracle.deleted}
            assert there == left(history)
            for query in data.draw(st.lists(queries(history), min_size=16, max_size=16)):
                compare(searcher, oracle, query)

    hold(examples, check, HISTORIES, st.data())


def compare(searcher: Searcher, oracle: Oracle, query: Query) -> None:
    """The searcher's answer must be the oracle's, in an order that the oracle's keys allow."""
    matches = searcher.search(query, NOW)
    expected = {answer.document.id: answer for answer in oracle.answers(query, NOW)}
    assert {match.document.id for match in matches.matches} == expected.keys(), query
    assert matches.total == len(expected)
    counted = {}
    for kind, name in (("tags", "tag"), ("author", "author"), ("year", "year"), ("site", "site")):
        rest = replace(query, filters=replace(query.filters, **{name: ()}))  # type: ignore[arg-type]
        counted[kind] = facets([answer.document for answer in oracle.answers(rest, NOW)], query.facet_size)[kind]
    assert {kind: list(counts.items()) for kind, counts in matches.facets.items()} == {
        kind: list(counts.items()) for kind, counts in counted.items()
    }, query
    for match in matches.matches:
        answer = expected[match.document.id]
        assert match.document == answer.document
        assert match.score == pytest.approx(answer.score, rel=1e-5), (query, match.document.id)
        assert frozenset(match.fields) == answer.fields, (query, match.document.id)
    keys = [expected[match.document.id].key for match in matches.matches]
    assert all(not_after(a, b) for a, b in pairwise(keys)), query


@COUNTS
def test_the_posts_most_like_one_are_those_of_the_nearest_vectors(examples: int) -> None:
    def check(history: list[Commit], data: st.DataObject) -> None:
        with folder() as path:
            options = Settings(index=path / "index")
            write(options, history)
            oracle, searcher = held(opened(options)), open_searcher(options)
            for id in left(history):
                expected = oracle.similar(id, NOW)
                found = searcher.similar(id, LIMIT, NOW).matches
                scores = {answer.document.id: answer for answer in expected}
                assert {match.document.id for match in found} == scores.keys(), id
                for match in found:
                    assert match.document == scores[match.document.id].document
                    assert match.score == pytest.approx(scores[match.document.id].score, rel=1e-9)
                keys = [scores[match.document.id].key for match in found]
                assert all(not_after(a, b) for a, b in pairwise(keys)), id

                count = data.draw(st.integers(1, 4))
                assert searcher.similar(id, count, NOW).matches == found[:count]

    hold(examples, check, HISTORIES, st.data())


@COUNTS
def test_an_explanation_says_what_a_search_does(examples: int) -> None:
    def check(history: list[Commit], data: st.DataObject) -> None:
        with folder() as path:
            options = Settings(index=path / "index")
            write(options, history)
            searcher = open_searcher(options)
            for query in data.draw(st.lists(queries(history), min_size=4, max_size=4)):
                matches = searcher.search(replace(query, explain=True), NOW).matches
                ranks = {match.document.id: rank for rank, match in enumerate(matches, 1)}
                explained = {id: searcher.explain(query, id, NOW) for id in left(history)}
                assert {id: found.rank for id, found in explained.items() if found.rank} == ranks, query
                assert {id for id, found in explained.items() if not found.missing} == ranks.keys(), query
                for match in matches:
                    found = explained[match.document.id]
                    assert found.parts == match.explanation
                    assert found.parts
                    assert (found.document, found.total) == (match.document, len(matches))
                    assert found.parts.score == pytest.approx(match.score, rel=1e-12), query
                    assert sum(one.score for one in found.parts.clauses) == pytest.approx(found.parts.words)
                    held = {name for one in found.parts.clauses for name in one.fields}
                    assert held == set(match.fields), query

    hold(examples, check, HISTORIES, st.data())


def not_after(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether the first key may stand before the second; what differs by rounding alone is equal."""
    for a, b in zip(one, other, strict=True):
        if a != pytest.approx(b, rel=1e-6):
            return a < b
    return True


@COUNTS
def test_whoosh_scores_terms_of_our_merged_index_as_a_plain_search_does(examples: int) -> None:
    def check(history: list[Commit], data: st.DataObject) -> None:
        with folder() as path:
            options = Settings(index=path / "index")
            write(options, history)
            files = opened(options)
            oracle = held(files)
            for term in data.draw(st.lists(st.sampled_from(terms_of(history)), min_size=5, max_size=5)):
                field = data.draw(NAMES)
                expected = {
                    oracle.documents[i].id: score
                    for i, score in oracle.term(field, term).items()
                    if i not in oracle.deleted
                }
                assert found(files, ask.Term(field, term)) == pytest.approx(expected, rel=1e-5), (field, term)

    hold(examples, check, HISTORIES, st.data())
