"""Completions: what completes a text, found by arrays as a plain loop over all names would find it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import strategies as st

from index.analysis.names import words_of
from index.schema import Document, Section
from index.settings import Settings
from index.storage import open_writer
from search.engine import open_searcher
from search.engine.searcher import Searcher
from search.matches import Suggestion
from search.query import Filters, Query, Word
from tests.corpora import COUNTS, hold
from tests.stored import write

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def post(id: str, title: str = "", *headings: str, **more: object) -> Document:
    sections = tuple(Section(heading, f"s{number}", 2, 0) for number, heading in enumerate(headings))
    return replace(Document(id, f"/{id}/", title, "", sections=sections), **more)  # type: ignore[arg-type]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(index=tmp_path / "index")


@pytest.fixture
def searcher(settings: Settings) -> Iterator[Searcher]:
    searcher = open_searcher(settings)
    yield searcher
    searcher.close()


def texts(searcher: Searcher, text: str, count: int = 50) -> list[str]:
    return [one.text for one in searcher.complete(text, count, NOW).suggestions]


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("gener", ["Generics", "Go generics tutorial"]),
        ("generics t", ["Go generics tutorial"]),
        ("tutorial gen", ["Go generics tutorial"]),
        ("GENERICS", ["Generics", "Go generics tutorial"]),
        ("generics ", ["Generics", "Go generics tutorial"]),
        ("gener ", []),
        ("cafe", ["Über Cafés"]),
        ("über", ["Über Cafés"]),
        ("uber", ["Über Cafés"]),
        ("c++", ["C++ modules"]),
        ("1.2", ["Go 1.25 is out"]),
        ("signing", ["Code-signing in Node.js"]),
        ("node.j", ["Code-signing in Node.js"]),
        ("検索", ["日本語の検索"]),
        ("語", ["日本語の検索"]),
        ("-generics", ["Generics", "Go generics tutorial"]),
        ("enerics", []),
        ("x" * 10_000, []),
    ],
)
def test_a_text_is_completed_by_the_beginning_of_any_word(
    settings: Settings, searcher: Searcher, typed: str, names: list[str]
) -> None:
    titles = ("Go generics tutorial", "Über Cafés", "C++ modules", "Go 1.25 is out", "Code-signing in Node.js")
    write(settings, *(post(str(number), title) for number, title in enumerate(titles)))
    write(settings, post("tagged", "日本語の検索", tags=("Generics",)))

    assert texts(searcher, typed) == names


def test_first_comes_what_begins_so_then_whole_words_then_what_most_posts_have(
    settings: Settings, searcher: Searcher
) -> None:
    write(
        settings,
        post("old", "Go and errors", date=NOW - timedelta(9), tags=("gopher",)),
        post("new", "Go modules", date=NOW - timedelta(1), tags=("Gopher", "go")),
        post("other", "Why Go", "Goals", "Gone", date=NOW),
        post("more", "Ahead", "Gone", "Let it go", "Gone", tags=("let gophers",)),
    )

    assert texts(searcher, "go") == [
        "Go modules", "Go and errors", "go",  # in one post each: titles first, the newest before
        "Gopher", "Goals", "Gone",  # a heading of two posts counts as one
        "Why Go", "Let it go", "let gophers",
    ]  # fmt: skip
    assert texts(searcher, "go", 2) == ["Go modules", "Go and errors"]
    assert texts(searcher, "gone") == ["Gone"]


def test_what_several_posts_share_is_suggested_and_leads_to_none(settings: Settings, searcher: Searcher) -> None:
    write(settings, post("a", "Release notes"), post("b", "Release notes", tags=("news",)))
    write(settings, post("c", "Else", "A heading", description="About it."), post("d", tags=("news", "NEWS")))

    assert searcher.complete("rel", 9, NOW).suggestions == (Suggestion("Release notes", "title", 2),)
    assert searcher.complete("new", 9, NOW).suggestions == (Suggestion("news", "tag", 2),)
    assert searcher.complete("else", 9, NOW).suggestions == (Suggestion("Else", "title", 1, "/c/", "About it."),)
    assert searcher.complete("head", 9, NOW).suggestions == (Suggestion("A heading", "heading", 1, "/c/#s0", "Else"),)


def test_beside_matches_stands_what_several_posts_have_that_the_filters_let_pass(
    settings: Settings, searcher: Searcher
) -> None:
    """What one post has, or what a match is titled, is better shown as a match."""
    write(settings, post("a", "Garden", "Gardening", "Garden gnomes", lang="en"))
    write(
        settings,
        post("b", "Garden", "Gardening", lang="de"),
        post("c", "All", "Gardening", tags=("gardeners",), lang="de"),
    )
    write(settings, post("d", "Not a Garden", tags=("gardeners",), lang="en"))

    for text, filters, suggest, found in (
        ("gar", Filters(), 3, ("gardeners", "Gardening")),
        ("gar", Filters(), 1, ("gardeners",)),
        ("gar", Filters(), 0, ()),
        ("gar", Filters(lang=("de",)), 3, ("Gardening",)),
        ("gar", Filters(lang=("en",)), 3, ()),
        ("GARDENE", Filters(), 3, ("gardeners",)),
        ("gardening", Filters(), 3, ()),
        ("a gar", Filters(), 3, ()),
        ("-gar", Filters(), 3, ()),
        ("", Filters(), 3, ()),
    ):
        matches = searcher.search(Query(text, (Word("garden"),), filters=filters, suggest=suggest), NOW)
        assert matches.suggestions == found, (text, filters)


def test_phrases_stand_in_titles_and_headings_of_three_posts(settings: Settings, searcher: Searcher) -> None:
    write(
        settings,
        post("a", "Garbage collection in Go", "How garbage collection works"),
        post("b", "Of garbage: collection", "Garbage collection"),
        post("c", "Garbage trucks", "Raised beds for beginners"),
        post("e", "All", "Raised beds for everybody", "Raised beds for nobody", "Raised beds for her"),
    )
    write(settings, post("d", "A garbage collection", "Raised beds for all"))

    assert searcher.complete("garb", 1, NOW).suggestions == (Suggestion("garbage collection", "phrase", 3),)
    assert texts(searcher, "raised", 1) == ["Raised beds"]  # not "raised beds for", and one post counts once
    assert [one.posts for one in searcher.complete("raised", 1, NOW).suggestions] == [3]


def test_nothing_is_suggested_of_posts_that_are_not_to_be_found(settings: Settings, searcher: Searcher) -> None:
    soon, later = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
    write(
        settings,
        post("scheduled", "Secret plans", "Secret heading", tags=("secret",), visible_from=soon),
        post("expired", "Secret past", visible_to=NOW),
        post("deleted", "Secret draft"),
        post("spelled", "Open: for ALL"),
    )
    write(settings, *(post(f"hidden-{number}", f"Secret phrase {number}", visible_from=later) for number in range(3)))
    with open_writer(settings) as writer:
        writer.delete(["deleted", "spelled"])
        writer.put(post("open", "Open for all"))
        writer.commit()

    assert texts(searcher, "open") == ["Open for all"]
    assert texts(searcher, "secret") == []
    assert {one.text for one in searcher.complete("secret", 9, soon).suggestions} == {
        "Secret plans", "Secret heading", "secret",
    }  # fmt: skip
    assert "Secret phrase" in {one.text for one in searcher.complete("secret", 9, later).suggestions}


NAMES = st.lists(
    st.sampled_from(["go", "Go", "gopher", "error", "errors", "the", "of", "1.2", "c++", "é", "日本"]),
    max_size=4,
).map(" ".join)


@COUNTS
def test_names_are_completed_as_a_plain_loop_completes_them(examples: int) -> None:
    def check(commits: list[list[tuple[str, list[str], list[str]]]], asked: list[str]) -> None:
        with TemporaryDirectory() as folder:
            settings = Settings(index=Path(folder))
            held: dict[tuple[str, ...], set[str]] = {}
            for i, commit in enumerate(commits):
                posts = [
                    post(f"{i}-{j}", title, *more, tags=tuple(tags)) for j, (title, more, tags) in enumerate(commit)
                ]
                write(settings, *posts)
                for (title, headings, tags), document in zip(commit, posts, strict=True):
                    for name in (title, *headings, *tags):
                        held.setdefault(words_of(name), set()).add(document.id)
            with closing(open_searcher(settings)) as searcher:
                for text in asked:
                    expected = {name for name in held if name and completes(name, words_of(text), text[-1:] != " ")}
                    found = searcher.complete(text, 1000, NOW).suggestions
                    names = [words_of(one.text) for one in found if one.kind != "phrase"]
                    assert {*names} <= expected <= {words_of(one.text) for one in found}, text
                    assert len({*map(words_of, texts(searcher, text))}) == len(found)
                    assert all(one.posts <= len(held[words_of(one.text)]) for one in found if one.kind != "phrase")

    several = st.lists(NAMES, max_size=2)
    commit = st.lists(st.tuples(NAMES, several, several), min_size=1, max_size=3)
    typed = NAMES | st.sampled_from(["g", "go ", "err", "the g", "1", "c", "日", "e"])
    hold(examples, check, st.lists(commit, min_size=1, max_size=2), st.lists(typed, min_size=4, max_size=4))


def completes(name: tuple[str, ...], typed: tuple[str, ...], prefix: bool) -> bool:
    """Whether the name holds all the words, the last of which may be the beginning of one."""
    if not typed or not {*typed[:-1]} <= {*name}:
        return False
    return any(word.startswith(typed[-1]) if prefix else word == typed[-1] for word in name)
