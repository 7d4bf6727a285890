"""The whole way of a search, text to hits, without Flask."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index import Document, Settings
from index.errors import IndexMissing, ParameterError
from index.schema import Section
from index.storage import open_writer
from search import Filters, Search
from search.wording import wording_of
from tests.stored import write

BODY = (
    "Workshop\nThe translator framework of glusterfs was presented in Shanghai.\n"
    "Second day\nA talk on libgfapi & <friends> followed.\n"
)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Search]:
    settings = Settings(index=tmp_path / "index", max_per_page=20)
    documents = [
        Document(
            "workshop.md", "/workshop/", "Workshop", BODY, ("tconrey",), ("gluster", "kvm"),
            date=datetime(2013, 6, 19, 1, tzinfo=UTC), sections=(Section("Second day", "second-day", 2, 73),),
        ),
        Document("other.md", "/other/", "Framework news", "A framework, and another translator.", ("Ann",)),
        Document("empty.md", "/empty/", "Nothing", "", description="Only a description of <b>it</b>."),
    ]  # fmt: skip
    write(settings, *documents)
    service = Search(settings)
    yield service
    service.close()


def test_a_hit_shows_the_post_and_where_it_matches(service: Search) -> None:
    (hit,) = service.run("libgfapi").hits

    assert (hit.id, hit.url, hit.title, hit.date) == ("workshop.md", "/workshop/", "Workshop", "2013-06-19")
    assert (hit.author, hit.tags, hit.matched_fields) == (("tconrey",), ("gluster", "kvm"), ("body",))
    assert "<mark>libgfapi</mark> &amp; &lt;friends&gt;" in hit.snippet
    assert "libgfapi & <friends>" in hit.plain_snippet
    assert [(section.title, section.url) for section in hit.sections] == [("Second day", "/workshop/#second-day")]
    assert hit.sections[0].snippet == ""  # the hit says it


def test_title_and_tags_are_highlighted(service: Search) -> None:
    hit = service.run("gluster workshop").hits[0]

    assert hit.highlights.title == "<mark>Workshop</mark>"
    assert hit.highlights.tags == ("<mark>gluster</mark>", "kvm")


def test_a_post_without_a_body_shows_its_description(service: Search) -> None:
    (hit,) = service.run("nothing").hits

    assert hit.snippet == "Only a description of &lt;b&gt;it&lt;/b&gt;."


def test_the_last_word_may_still_be_being_typed(service: Search) -> None:
    assert service.run("libgf").total == 1
    assert service.run("libgf", prefix=False).total == 0


def test_a_phrase_that_no_post_holds_gives_way_to_its_words(service: Search) -> None:
    exact = service.run('"translator framework"')
    loose = service.run('"shanghai workshop"')

    assert ([hit.id for hit in exact.hits], exact.warnings) == (["workshop.md"], ())
    assert [hit.id for hit in loose.hits] == ["workshop.md"]
    assert loose.warnings == ("No post holds what is quoted, word for word; these hold some of the words.",)
    assert service.run('"not there at all"').total == 0


@pytest.mark.parametrize("text", ["!!!", "... ?"])
def test_what_holds_no_word_gives_way_to_nothing(service: Search, text: str) -> None:
    found = service.run(text)

    assert (found.total, found.warnings) == (0, ())


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ('who presented the "libgfapi" framework "xyzzy"', "who presented the libgfapi framework xyzzy"),
        ('framework title:"no such"', "framework title:no title:such"),
        ("framework title:xyzzy", "framework title:xyzzy"),
        ('"xyzzy" framework title:plugh', "xyzzy framework title:plugh"),
        ('"xyzzy talk" | "plugh"', "xyzzy | talk | plugh"),
        ("framework title:work", "framework title:work"),
    ],
)
def test_what_is_quoted_or_asked_for_in_fields_is_wanted_where_nothing_has_it_all(
    service: Search, text: str, parsed: str
) -> None:
    found = service.run(text, prefix=False)

    assert "workshop.md" in [hit.id for hit in found.hits]
    assert (found.parsed, len(found.warnings)) == (parsed, 1)


@pytest.mark.parametrize("text", ["*", "...", "| |", "/", '"..."'])
def test_punctuation_that_is_no_title_finds_nothing_without_a_warning(service: Search, text: str) -> None:
    found = service.run(text)

    assert (found.total, found.warnings) == (0, ())


@pytest.mark.parametrize("title", ["$", "...", "@@:", "| |"])
def test_a_post_whose_title_is_punctuation_is_found_by_it(tmp_path: Path, title: str) -> None:
    settings = Settings(index=tmp_path / "index")
    with open_writer(settings) as writer:
        writer.put(Document("a.md", "/a/", title, "a body"))
        writer.put(Document("b.md", "/b/", "B", "another"))
        writer.commit()

    assert [hit.id for hit in Search(settings).run(title).hits] == ["a.md"]


def test_what_is_asked_for_in_fields_alone_stays_required(service: Search) -> None:
    assert service.run("title:workshop tag:xyzzy").total == 0
    assert service.run("title:workshop after:2020").total == 0


def test_a_beginning_comes_before_less_of_the_query(service: Search) -> None:
    whole, begun = (service.query("framework title:work", prefix=prefix) for prefix in (False, True))
    found = service.answer(whole, begun=begun)

    assert [hit.id for hit in found.hits] == ["workshop.md"]
    assert found.parsed == "framework title:work*"
    assert "begin with it" in found.warnings[0]


def test_a_dash_is_read_by_what_posts_hold(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path / "index")
    with open_writer(settings) as writer:
        writer.put(Document("tar.md", "/tar/", "Archives", "Unpack with `tar -xzf file`."))
        writer.put(Document("other.md", "/other/", "News", "A tar of drafts; xzf."))
        writer.commit()
    service = Search(settings)
    word, excluding, alone = service.run("tar -xzf"), service.run("tar -drafts"), service.run("-drafts")

    assert {hit.id for hit in word.hits} == {"tar.md", "other.md"}
    assert [(other.query, other.reason) for other in word.instead] == [
        ('tar -"xzf"', "“-xzf” was searched for with its dash; to leave out posts with “xzf”")
    ]
    assert word.to_dict(wording_of("de"))["instead"] == [
        {
            "query": 'tar -"xzf"',
            "reason": "„-xzf“ wurde mit dem Strich gesucht; um Beiträge mit „xzf“ auszuschließen",
            "notice": {"code": "dash_of_word", "params": {"text": "-xzf", "words": "xzf"}},
            "total": None,
            "without": [],
            "typos": True,
        }
    ]
    assert service.run(word.instead[0].query).total == 0
    assert ([hit.id for hit in excluding.hits], excluding.instead) == (["tar.md"], ())
    assert [hit.id for hit in alone.hits] == ["other.md"]
    assert [hit.id for hit in service.run(alone.instead[0].query).hits] == ["tar.md"]


@pytest.mark.parametrize("text", ["hose garden reel", "hose garden reel lang:en", "hose garden -nettles reel"])
def test_titles_and_rows_are_found_beside_filters_and_what_is_left_out(tmp_path: Path, text: str) -> None:
    settings = Settings(index=tmp_path / "index")
    with open_writer(settings) as writer:
        writer.put(Document("apart.md", "/apart/", "Reel", "garden hose reel garden hose hose reel reel garden"))
        writer.put(Document("row.md", "/row/", "Notes", "many words before a hose garden reel " * 3))
        writer.put(Document("titled.md", "/titled/", "Hose garden reel", ""))
        writer.commit()

    assert [hit.id for hit in Search(settings).run(text).hits] == ["titled.md", "row.md", "apart.md"]


def test_what_is_chosen_narrows_and_is_counted(service: Search) -> None:
    assert service.run("framework").total == 2
    assert service.run("framework", tag=["KVM"]).total == 1
    assert service.run("framework", author=["ann"]).total == 1
    assert service.run("framework", author="ann").total == 1
    assert service.run("framework", since=datetime(2013, 1, 1, tzinfo=UTC)).total == 1
    assert service.run("framework before:2013").total == 0
    assert service.run("", sort="oldest").hits[0].id == "workshop.md"


def test_pages_are_capped_and_beyond_the_last_there_is_nothing(service: Search) -> None:
    first, beyond = service.run("", per_page=2), service.run("", page=9, per_page=1000)

    assert (len(first.hits), first.total, first.pages) == (2, 3, 2)
    assert (beyond.hits, beyond.per_page, beyond.pages, beyond.total) == ((), 20, 1, 3)


def test_the_answer_is_plain_data(service: Search) -> None:
    answer = service.run("framework", page=1, per_page=10, prefix=False, tag=["gluster"]).to_dict()

    assert json.loads(json.dumps(answer)) == answer
    assert answer["index"] == service.state().to_dict()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", 5),
        ("text", None),
        ("text", b"beds"),
        ("tag", [5]),
        ("tag", 5),
        ("tag", b"kvm"),
        ("author", ["Ann", None]),
        ("category", None),
        ("lang", {1: "en"}),
        ("since", "2020"),
        ("until", 2020),
        ("sort", "date"),
        ("sort", ["newest"]),
        ("sort", np.array(["newest", "oldest"])),
        ("tag", np.array(5)),
        ("page", np.array([1, 2])),
        ("page", np.float64(2)),
        ("page", np.bool_(True)),
        ("page", 0),
        ("page", -1),
        ("page", "2"),
        ("page", True),
        ("page", 1.0),
        ("per_page", 0),
        ("per_page", "10"),
        ("per_page", [10] * 10_000),
        ("snippet_chars", 0),
        ("snippet_chars", 240.0),
        ("prefix", "yes"),
        ("prefix", 1),
    ],
)
def test_an_argument_that_cannot_be_used_is_told_with_what_to_give(service: Search, name: str, value: object) -> None:
    arguments: dict[str, Any] = {"text": "beds"} | {name: value}

    with pytest.raises(ParameterError, match=rf"{name} is .+; give .+") as caught:
        service.run(**arguments)

    assert caught.value.code == f"invalid_{name}"
    assert len(caught.value.message) < 120


def test_filters_are_checked_where_they_are_made() -> None:
    texts = np.array(["kvm", "ovirt"])
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"tag": "kvm"}, r"tag is 'kvm'; give a tuple of texts \(str\)"),
        ({"tag": texts}, r"tag is array\(.+; give a tuple"),
        ({"lang": ["en"]}, r"lang is \['en'\]; give a tuple"),
        ({"lang": (5,)}, "lang is 5; give texts"),
        ({"year": 2020}, r"year is 2020; give a tuple of whole numbers"),
        ({"year": ("2020",)}, "year is '2020'; give a whole number"),
        ({"year": (0,)}, "year is 0; give a whole number from 1"),
        ({"year": (10**40,)}, "year is 1000.+; give at most 9999"),
        ({"since": 2020}, "since is 2020; give a datetime"),
    ]
    for arguments, message in wrong:
        with pytest.raises(ParameterError, match=message):
            Filters(**arguments)


def test_numbers_and_texts_of_numpy_are_as_good_as_any(service: Search) -> None:
    found = service.run(np.str_("framework"), tag=np.array(["kvm"]), page=np.int64(1), per_page=np.uint8(2))  # type: ignore[arg-type]

    assert json.loads(json.dumps(found.to_dict()))["per_page"] == 2
    assert found.total == service.run("framework", tag="kvm").total == 1


def test_blank_texts_count_as_none(service: Search) -> None:
    found = service.run("framework", tag="", author=" ", category=["", "\t"], lang="")

    assert found.total == service.run("framework").total > 0
    assert service.run("framework", tag=["", "kvm"]).total == service.run("framework", tag="kvm").total
    assert Filters(tag=(" ",)) == Filters()


def test_a_query_can_be_made_first_and_answered_later(service: Search) -> None:
    query = service.query("framework tag:gluster", Filters(tag=("kvm",), since=date(2013, 6, 19)), per_page=99)

    assert (query.text, query.per_page) == ("framework tag:gluster", 20)
    assert [hit.id for hit in service.answer(query).hits] == ["workshop.md"]


def test_an_index_that_is_not_there_is_told(tmp_path: Path) -> None:
    for text in ("x", "x -word"):
        with pytest.raises(IndexMissing, match="reindex"):
            Search(Settings(index=tmp_path / "none")).run(text)


def test_searching_loads_neither_flask_nor_what_reads_posts() -> None:
    """A host that only asks should not pay for the rest."""
    script = (
        "import sys; from index import Settings; from search import Search; Search(Settings());"
        "print([name for name in ('flask', 'frontmatter', 'watchdog', 'selectolax') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "asked",
    [
        "a.a*",
        ".".join("a" * 400),
        '"' + " ".join(["a"] * 400) + '"',
        '"' + " ".join([".".join("a" * 40)] * 9) + '"',
        " ".join(f"{letter}.a*" for letter in "abcdefghijklmnopqrstuvwxyz"),
    ],
)
def test_words_that_come_again_and_again_do_not_hang_a_search(tmp_path: Path, asked: str) -> None:
    settings = Settings(index=tmp_path / "index")
    with open_writer(settings) as writer:
        writer.put(Document("a.md", "/a/", "A", "a." * 50_000 + "a"))
        writer.commit()

    assert Search(settings).run(asked, prefix=True).total == 1


def test_the_words_of_many_long_phrases_are_bounded(tmp_path: Path) -> None:
    words = ["class", *(f"word{number}" for number in range(15))]
    phrases = " ".join('"' + " ".join(words[i:] + words[:i]) + '"' for i in range(10))
    settings = Settings(index=tmp_path / "index")
    with open_writer(settings) as writer:
        writer.put(Document("a.md", "/a/", "A", "a class is a type"))
        writer.commit()

    results = Search(settings).run(phrases)

    assert results.total == 1
    assert "<mark>class</mark>" in results.hits[0].snippet


def test_each_hit_tells_the_parts_of_its_score_where_that_is_asked_for(service: Search) -> None:
    plain, explained = service.run("framework news"), service.run("framework news", explain=True)

    assert [hit.explanation for hit in plain.hits] == [None, None]
    assert [replace(hit, explanation=None, score=0) for hit in explained.hits] == [
        replace(hit, score=0) for hit in plain.hits
    ]
    parts = [hit.explanation for hit in explained.hits]
    assert [part and round(part.score, 9) for part in parts] == [round(hit.score, 9) for hit in explained.hits]
    first = parts[0]
    assert first
    assert (first.titled, first.in_row, first.all_words, first.boost) == (True, True, 1.2, 1.0)
    assert [(one.clause, one.fields) for one in first.clauses] == [
        ("framework", ("title", "body")),
        ("news*", ("title",)),
    ]
    assert explained.to_dict()["hits"][0]["explanation"] == first.to_dict()


def test_the_scores_of_words_add_up_though_a_stop_word_counts_less(service: Search) -> None:
    beside, alone = (service.explain(text, "workshop.md", prefix=False).parts for text in ("the framework", "the"))

    assert beside
    assert alone
    the, framework = beside.clauses
    assert the.score + framework.score == pytest.approx(beside.words)
    assert the.score == pytest.approx(alone.words / 4)


@pytest.mark.parametrize(
    ("text", "chosen", "missing"),
    [
        ("zeppelin airship", {}, ["It holds none of the words that could bring it in: zeppelin, airship."]),
        ("the zeppelin", {}, ["It holds none of the words that could bring it in: zeppelin."]),
        ("framework -kvm", {}, ['It holds "kvm", which the query excludes, in: tags.']),
        ("framework title:news", {}, ["It lacks what the query requires: title:news."]),
        ('glusterfs "another translator"', {}, ['It lacks what the query requires: "another translator".']),
        ("framework", {"tag": "soil"}, ["It does not pass the filter tag: soil; its own: gluster, kvm."]),
        ("framework", {"category": ["a", "b"]}, ["It does not pass the filter category: a, b; its own: none."]),
        ("framework after:2014", {}, ["It does not pass the filter since: 2014-01-01; its own: 2013-06-19."]),
        ("framework lang:de", {}, ["It does not pass the filter lang: de; its own: en."]),
    ],
)
def test_a_post_that_is_no_hit_is_explained(
    service: Search, text: str, chosen: dict[str, Any], missing: list[str]
) -> None:
    found = service.explain(text, "workshop.md", prefix=False, **chosen)

    assert (list(found.missing), found.rank) == (missing, None)
    assert found.total == service.run(text, prefix=False, **chosen).total
    assert found.document
    assert found.document.title == "Workshop"


def test_the_query_that_is_explained_is_the_one_that_is_answered(service: Search) -> None:
    text = '"framework of translators"'
    answered, found = service.run(text), service.explain(text, "workshop.md")

    assert answered.warnings
    assert (found.parsed, found.warnings, found.total) == (answered.parsed, answered.warnings, answered.total)
    assert found.rank == 2


def test_a_post_that_is_not_visible_is_explained(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path)
    past, future = datetime(2001, 2, 3, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)
    with open_writer(settings) as writer:
        writer.put(Document("soon.md", "/soon/", "Soon", "x", visible_from=future))
        writer.put(Document("gone.md", "/gone/", "Gone", "x", visible_to=past))
        writer.commit()
    service = Search(settings)

    assert service.explain("x", "soon.md").missing == ("It is hidden until 2999-01-01 00:00:00+00:00.",)
    assert service.explain("x", "gone.md").missing == ("It is hidden since 2001-02-03 00:00:00+00:00.",)


@pytest.mark.parametrize("id", ["", "none.md", "a\ud800.md", "../workshop.md"])
def test_a_post_that_the_index_does_not_hold_is_none(service: Search, id: str) -> None:
    found = service.explain("framework", id)

    assert (found.document, found.parts, found.rank, found.total, found.missing) == (None, None, None, 2, ())
    assert json.loads(json.dumps(found.to_dict()).encode()) == found.to_dict()


@pytest.mark.parametrize("id", ["workshop.md", "/workshop/", "/workshop"])
def test_posts_like_one_are_hits_without_marks(service: Search, id: str) -> None:
    found = service.similar(id)

    assert found.id == "workshop.md"
    assert found.hits[0].title == "Framework news"
    assert found.hits[0].snippet == "A framework, and another translator."
    assert found.hits[0].sections == ()
    assert found.index == service.state()
    assert json.loads(json.dumps(found.to_dict())) == found.to_dict()


@pytest.mark.parametrize("id", ["", "none.md", "/none/", "/", "a\ud800.md", "/\ud800"])
def test_nothing_is_like_a_post_that_is_not_there(service: Search, id: str) -> None:
    found = service.similar(id)

    assert (found.id, found.hits) == ("", ())


def test_a_post_that_none_is_like_is_told_from_one_that_is_not_there(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path / "index")
    write(settings, Document("a.md", "/a/", "Beds", "Of."))

    assert Search(settings).similar("a.md").id == "a.md"


def test_what_cannot_be_used_to_ask_for_posts_like_one_is_told(service: Search) -> None:
    with pytest.raises(ParameterError, match="count is 0"):
        service.similar("workshop.md", count=0)
    with pytest.raises(ParameterError, match="id is 3"):
        service.similar(3)  # type: ignore[arg-type]


def test_what_is_typed_is_completed(service: Search) -> None:
    found = service.suggest("work")

    assert [(one.text, one.kind, one.url) for one in found.suggestions] == [("Workshop", "title", "/workshop/")]
    assert [one.url for one in service.suggest("day second").suggestions] == ["/workshop/#second-day"]
    assert found.index == service.state()
    assert service.suggest("\ud800").suggestions == ()
    with pytest.raises(ParameterError, match="count is 0"):
        service.suggest("work", 0)
    with pytest.raises(ParameterError, match="text is 3"):
        service.suggest(3)  # type: ignore[arg-type]


def test_a_query_that_would_cost_too_much_is_asked_for_less_strictly_and_says_so(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path)
    posts = [Document(f"{n}.md", f"/{n}/", "", "the bee " * 20_000 + f"hive{n}") for n in range(6)]
    write(settings, *posts)
    service = Search(settings, optional_seconds=60)
    rows = [" ".join(["the bee"] * times) for times in range(1, 20)]
    text = "hive3 " + " ".join(f'"{row}" -"the {row}"' for row in rows)

    found, usual = service.run(text), service.run('hive3 "the bee" -"the the bee"')
    explained = service.explain(text, "3.md")

    assert (found.limited, usual.limited, usual.warnings) == (True, False, ())
    assert (found.hits[0].id, found.total, usual.total) == ("3.md", 6, 6)
    told = [notice.code for notice in found.notices if notice.code.endswith("too_dear")]
    assert told == ["exclusion_too_dear", "phrase_too_dear"]
    assert (explained.rank, explained.total, explained.notices) == (1, 6, found.notices)


@pytest.mark.parametrize("text", ['"framework of translators"', "body:workshop title:news", "framewrok"])
def test_after_the_deadline_nothing_is_asked_that_an_answer_can_do_without(service: Search, text: str) -> None:
    late = Search(service.settings, optional_seconds=0).run(text)
    in_time = service.run(text)

    assert (late.total, late.instead, late.corrected, late.limited) == (0, (), None, True)
    assert in_time.total or in_time.instead
    assert not in_time.limited


def test_after_the_deadline_the_query_itself_is_answered(service: Search) -> None:
    query, now = service.query("framework"), datetime(2026, 1, 1, tzinfo=UTC)

    late, in_time = (Search(service.settings, optional_seconds=seconds).answer(query, now) for seconds in (0, 60))

    assert late.total
    assert late.hits == in_time.hits
