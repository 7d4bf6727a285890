"""One searcher for many threads: nobody waits for another's query, and every answer is that of a thread alone."""

from __future__ import annotations

import os
import random
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index.schema import Document
from index.settings import Settings
from search.engine import matching, open_searcher
from search.engine.scorer import DocumentScores, SegmentScorer, document_scores
from search.engine.searcher import Searcher
from search.matches import Match, Matches
from search.query import AnyOf, Clause, Filters, Phrase, Query, Word
from search.query.parser import parse
from tests.stored import write

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PATIENCE_SECONDS = 10


class Paused(tuple[str, ...]):
    """The values of a filter, which can be read only when the test lets them: so a query can be met half way."""

    reading: threading.Event
    go_on: threading.Event

    def __iter__(self) -> Iterator[str]:
        self.reading.set()
        assert self.go_on.wait(3 * PATIENCE_SECONDS)
        return super().__iter__()


def test_nobody_waits_for_the_query_of_another(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path / "index")
    first = write(settings, Document("a", "/a/", "A", "word", tags=("tag",)))
    searcher = open_searcher(settings)
    values = Paused(("tag",))
    values.reading, values.go_on = threading.Event(), threading.Event()
    values.go_on.set()
    query = Query(filters=Filters(tag=values))  # which looks at its values, too
    values.reading.clear()
    values.go_on.clear()

    with ThreadPoolExecutor() as pool:
        slow = pool.submit(searcher.search, query, NOW)
        try:
            assert values.reading.wait(PATIENCE_SECONDS)
            assert pool.submit(searcher.state, NOW).result(PATIENCE_SECONDS).posts == 1
            assert pool.submit(searcher.search, Query(), NOW).result(PATIENCE_SECONDS).total == 1
            assert pool.submit(searcher.at, "/a/", NOW).result(PATIENCE_SECONDS) is not None
            second = write(settings, Document("b", "/b/", "B", "word", tags=("tag",)))
            assert pool.submit(searcher.state, NOW).result(PATIENCE_SECONDS).generation == second
        finally:
            values.go_on.set()
        begun = slow.result(PATIENCE_SECONDS)

    assert (begun.total, begun.state.generation) == (1, first)


WORDS = [f"{first}{second}{rest}" for first in "abcdefgh" for second in "aeiouy" for rest in ("", "st", "ring", "l-x")]
QUERIES = (
    Query(clauses=(Word("bar"),), text="bar"),
    Query(clauses=(Word("a", prefix=True), Word("common"), Word("best", weak=True))),
    Query(clauses=(Phrase("common words"),), sort="newest", per_page=50),
    Query(clauses=(Phrase("common words of"), Word("ba", prefix=True)), per_page=50, page=2),
    Query(clauses=(AnyOf((Word("cast"), Phrase("ha hast"))),), excluded=(Word("guring"),)),
    Query(filters=Filters(tag=("even",), author=("ann",)), sort="oldest"),
    Query(clauses=(Word("fel-x"), Word("das", prefix=True, required=True)), filters=Filters(lang=("en",))),
    *(Query(clauses=(Word(word[:3], prefix=True),), facet_size=3) for word in WORDS),
)


def posts_of(chance: random.Random) -> list[Document]:
    return [
        Document(
            f"{number}.md",
            f"/{number}/",
            chance.choice(WORDS),
            " ".join(["common words of", *chance.choices(WORDS, k=chance.randrange(40))]),
            tags=("even" if number % 2 == 0 else "odd", chance.choice(WORDS)),
            author=("Ann",) if number % 3 == 0 else ("Bo",),
            date=NOW - timedelta(days=chance.randrange(3000)),
            lang=chance.choice(["en", "de", "fr", "xx"]),
        )
        for number in chance.sample(range(120), 60)
    ]


Answer = tuple[tuple[Match, ...], int, Mapping[str, Mapping[str, int]]]


def answer(matches: Matches) -> Answer:
    """All of an answer but for when its index was written."""
    return matches.matches, matches.total, matches.facets


def test_many_threads_get_the_answers_of_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.engine.terms.MAX_CACHED_PREFIXES", 100)
    seed = int(os.environ.get("POSTSEARCH_SEED", random.randrange(2**32)))
    print(f"POSTSEARCH_SEED={seed}")
    chance = random.Random(seed)
    commits = [posts_of(chance) for _ in range(6)]
    assert len({word[:3] for word in WORDS}) > 100

    alone = Settings(index=tmp_path / "alone")
    searcher = open_searcher(alone)
    expected: dict[int, list[Answer]] = {}
    for number, documents in enumerate(commits):
        generation = write(alone, *documents, fresh=number == 3)
        expected[generation] = [answer(searcher.search(query, NOW)) for query in QUERIES]

    shared = replace(alone, index=tmp_path / "shared")
    searcher = open_searcher(shared)
    progress, done = threading.Condition(), threading.Event()
    answered: Counter[int] = Counter()

    def ask(order: list[int]) -> list[str]:
        wrong = []
        while not done.is_set():
            for number in order:
                matches = searcher.search(QUERIES[number], NOW)
                generation = matches.state.generation
                if answer(matches) != expected[generation][number]:
                    wrong.append(f"{QUERIES[number]} in generation {generation}")
                with progress:
                    answered[generation] += 1
                    progress.notify_all()
        return wrong

    generations = [write(shared, *commits[0])]
    with ThreadPoolExecutor() as pool:
        asking = [pool.submit(ask, chance.sample(range(len(QUERIES)), len(QUERIES))) for _ in range(4)]
        try:
            for number, documents in enumerate(commits[1:], 1):
                with progress:
                    assert progress.wait_for(lambda: answered[generations[-1]] > 100, 3 * PATIENCE_SECONDS)
                generations.append(write(shared, *documents, fresh=number == 3))
        finally:
            done.set()
        wrong = [found for future in asking for found in future.result(3 * PATIENCE_SECONDS)]

    assert generations == list(expected)
    assert wrong == []


@pytest.mark.parametrize("clauses", [(None,), (Word(5),)])  # type: ignore[arg-type]
def test_a_mistake_in_the_code_is_not_told_as_damage(tmp_path: Path, clauses: tuple[Clause, ...]) -> None:
    settings = Settings(index=tmp_path / "index")
    write(settings, Document("a", "/a/", "A", "word"))

    with pytest.raises((AttributeError, TypeError)):
        open_searcher(settings).search(Query(clauses=clauses), NOW)


@pytest.mark.parametrize("boosts", [[1.0], [0.5, 1.0, 1.0, 2.0]])
def test_a_page_of_many_matches_is_that_of_all_of_them_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, boosts: list[float]
) -> None:
    chance = random.Random(5)
    words = ["alpha", "beta", "gamma", "delta", "epsilon", "the", *(f"filler{number}" for number in range(30))]

    def text(length: int) -> str:
        return " ".join(chance.choices(words, [chance.random() ** 3 for _ in words], k=length))

    documents = [
        Document(
            id=f"{number:03}",
            url=f"/{number}/",
            title=text(2) if chance.random() < 0.2 else f"title{number}",
            body=text(chance.randint(3, 60)) + f" {chance.choice(words)}" * chance.choice([0, 0, 0, 40]),
            description=text(3) if chance.random() < 0.2 else "",
            tags=(chance.choice(words),) if chance.random() < 0.1 else (),
            date=NOW - timedelta(days=chance.randrange(2000)) if boosts[1:] and chance.random() < 0.5 else None,
            boost=chance.choice(boosts),
        )
        for number in range(400)
    ]
    one, several = Settings(index=tmp_path / "one"), Settings(index=tmp_path / "several")
    write(one, *documents)
    for part in documents[:300], documents[300:380], documents[380:]:  # each stays a segment
        write(several, *part)
    searchers = [open_searcher(settings) for settings in (one, several)]
    asked = [
        Query(" ".join(typed), tuple(Word(word, weak=word == "the") for word in typed), page=page, per_page=per_page)
        for size in (1, 2, 3, 5)
        for page, per_page in ((1, 1), (1, 5), (3, 5))
        for typed in [chance.sample(words[:8], size) for _ in range(6)]
    ]

    def page_of(searcher: Searcher, query: Query) -> list[tuple[str, float]]:
        return [(match.document.id, match.score) for match in searcher.search(query, NOW).matches]

    def pages(searcher: Searcher) -> list[list[tuple[str, float]]]:
        return [page_of(searcher, query) for query in asked]

    def bounded(scorers: Sequence[SegmentScorer], doc_ids: Sequence[NDArray[np.int64]]) -> DocumentScores:
        found = document_scores(scorers, doc_ids)
        bounds = np.concatenate([scorer.bounds(ids) for scorer, ids in zip(scorers, doc_ids, strict=True)])
        assert (bounds >= found.factors.product).all()
        return found

    monkeypatch.setattr(matching, "document_scores", bounded)
    ranked = [page_of(searchers[0], replace(query, page=1, per_page=len(documents))) for query in asked]
    whole = [
        matches[query.per_page * (query.page - 1) :][: query.per_page]
        for matches, query in zip(ranked, asked, strict=True)
    ]
    assert [*map(pages, searchers)] == [whole, whole]
    monkeypatch.setattr(matching, "MANY", 0)
    monkeypatch.setattr(matching, "TIGHTNESS", 1)
    assert [*map(pages, searchers)] == [whole, whole]
    assert all(searchers[0].search(query, NOW).total > 50 for query in asked[:18])


def test_of_many_matches_only_those_are_scored_that_may_come_onto_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(index=tmp_path / "index")
    write(settings, *(Document(f"{n:03}", f"/{n}/", "", f"bees {'hum ' * n}", boost=1 + n % 3) for n in range(300)))
    scored: list[int] = []

    def counted(scorers: Sequence[SegmentScorer], doc_ids: Sequence[NDArray[np.int64]]) -> DocumentScores:
        scored.extend(map(len, doc_ids))
        return document_scores(scorers, doc_ids)

    monkeypatch.setattr(matching, "document_scores", counted)
    monkeypatch.setattr(matching, "MANY", 100)
    found = open_searcher(settings).search(parse("bees"), NOW)
    assert found.total == 300
    assert 10 <= sum(scored) < 200


def test_words_in_a_row_are_found_and_marked_in_one_of_many_posts_that_hold_them(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path / "index")
    posts = [Document(f"{number:03}", f"/{number}/", "", "bees visit a queen") for number in range(300)]
    write(settings, *posts, Document("row", "/row/", "", "the queen bees lead"))

    for query in parse("queen bees"), parse('"queen bees"'):
        match = open_searcher(settings).search(query, NOW).matches[0]
        assert match.document.id == "row"
        assert [range[:2] for range in match.highlights.body] in ([(4, 14)], [(4, 9), (10, 14)])


@pytest.mark.parametrize(("count", "each"), [(255, 1), (256, 1), (257, 1), (30, 10)])
def test_facets_are_counted_however_many_names_there_are(tmp_path: Path, count: int, each: int) -> None:
    settings = Settings(index=tmp_path / "index")
    tags = [f"tag{number}" for number in range(count)]
    tagged = (Document(f"{n}", f"/{n}/", "A", "word", tags=tuple(tags[n : n + each])) for n in range(0, count, each))
    write(settings, *tagged, Document("none", "/none/", "A", "word"))
    found = open_searcher(settings).search(Query(clauses=(Word("word"),), facet_size=500), NOW)

    assert found.facets["tags"] == dict.fromkeys(tags, 1)


def test_a_title_that_holds_the_word_comes_before_one_that_goes_on_from_it_while_it_is_typed(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path / "index")
    write(settings, Document("a", "/a/", "Glusterized one two", ""), Document("b", "/b/", "Gluster one two", ""))
    found = open_searcher(settings).search(Query(clauses=(Word("gluster", prefix=True),)), NOW)

    assert [match.document.id for match in found.matches] == ["b", "a"]
