"""The contracts of Writer and Searcher: every engine passes this one file."""

from __future__ import annotations

import gc
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise, product
from pathlib import Path

import pytest

from index.errors import IndexDamaged, IndexFault, IndexMissing, SettingsError
from index.schema import Document
from index.settings import Settings
from index.storage import open_writer
from search.engine import open_searcher
from search.engine.searcher import Searcher
from search.query import AnyOf, Clause, Filters, Phrase, Query, Word
from tests.stored import write

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(params=["whoosh", pytest.param("opensearch", marks=pytest.mark.cluster)])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    if request.param == "opensearch":
        found: Settings = request.getfixturevalue("cluster_settings")
        return found
    return Settings(index=tmp_path / "index")


@pytest.fixture
def searcher(settings: Settings) -> Searcher:
    return open_searcher(settings)


def post(id: str, title: str = "A title", body: str = "", **more: object) -> Document:
    return replace(Document(id=id, url=f"/{id}", title=title, body=body), **more)  # type: ignore[arg-type]


def ids(searcher: Searcher, *clauses: Clause, now: datetime = NOW, **more: object) -> list[str]:
    query = Query(clauses=clauses, **more)  # type: ignore[arg-type]
    return [match.document.id for match in searcher.search(query, now).matches]


def test_a_search_before_the_first_commit_says_that_there_is_no_index(searcher: Searcher) -> None:
    with pytest.raises(IndexMissing, match="reindex"):
        searcher.search(Query(), NOW)


def test_an_engine_that_is_none_is_a_settings_error(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path, engine="card catalogue")

    with pytest.raises(SettingsError, match="card catalogue"):
        open_writer(settings)
    with pytest.raises(SettingsError, match="card catalogue"):
        open_searcher(settings)


def test_a_document_comes_back_as_it_was_put(settings: Settings, searcher: Searcher) -> None:
    from index.schema import Section

    document = Document(
        id="a/b.md", url="/b/", title="Ä <title>", body="One two.\nHead\nThree", author=("Ann", "Bo"), tags=("x y",),
        category=("c",), description="about", date=datetime(2020, 2, 3, 4, 5, tzinfo=UTC), lang="de",
        sections=(Section("Head", "head", 2, 9),), visible_from=NOW - timedelta(1), visible_to=NOW + timedelta(1),
        boost=2.0, site="docs",
    )  # fmt: skip
    write(settings, document)

    assert document == searcher.search(Query(), NOW).matches[0].document
    with open_writer(settings) as writer:
        assert document == writer.get("a/b.md")


def test_put_replaces_and_delete_removes_over_commits(settings: Settings, searcher: Searcher) -> None:
    write(settings, post("a", body="apple"), post("b", body="banana"))
    write(settings, post("a", body="cherry"))

    assert ids(searcher, Word("apple")) == []
    assert ids(searcher, Word("cherry")) == ["a"]

    with open_writer(settings) as writer:
        writer.delete(["a", "never there"])
        writer.commit()

    assert ids(searcher) == ["b"]
    with open_writer(settings) as writer:
        assert writer.ids() == {"b"}
        assert writer.get("a") is None


def test_generations_grow_over_commits_and_rebuilds(settings: Settings, searcher: Searcher) -> None:
    seen = [write(settings, post("a")), write(settings, post("b")), write(settings, post("c"), fresh=True)]
    seen.append(write(settings, post("d")))

    assert seen == sorted(set(seen))
    assert searcher.state(NOW).generation == seen[-1]
    with open_writer(settings) as writer:
        assert writer.generation == seen[-1]


def test_leaving_without_commit_changes_nothing(settings: Settings, searcher: Searcher) -> None:
    write(settings, post("a"))
    for fresh in (False, True):
        with open_writer(settings, fresh=fresh) as writer:
            writer.put(post("b"))
            writer.delete(["a"])

    assert ids(searcher) == ["a"]
    assert write(settings, post("c"))
    assert set(ids(searcher)) == {"a", "c"}


def test_a_rebuild_leaves_the_live_index_alone_until_it_commits(settings: Settings, searcher: Searcher) -> None:
    write(settings, post("old"))
    with open_writer(settings, fresh=True) as writer:
        writer.put(post("new"))

        assert ids(searcher) == ["old"]
        assert writer.ids() == {"old"}

        writer.commit()

    assert ids(searcher) == ["new"]


def test_a_document_that_cannot_be_encoded_leaves_the_batch_whole(settings: Settings, searcher: Searcher) -> None:
    with open_writer(settings) as writer:
        with pytest.raises(ValueError, match="surrogates"):
            writer.put(post("bad", body="lone \ud800 surrogate"))
        writer.put(post("good", body="fine"))
        with pytest.raises(ValueError, match="already"):
            writer.put(post("good", body="again"))
        writer.commit()

    assert ids(searcher) == ["good"]
    assert ids(searcher, Word("lone")) == []


def test_among_equals_posts_that_hold_all_words_come_first(settings: Settings, searcher: Searcher) -> None:
    write(
        settings,
        post("one", body="gluster gluster filler"),
        post("both", body="gluster shanghai filler"),
        post("other", body="shanghai shanghai filler"),
    )

    assert ids(searcher, Word("gluster"), Word("shanghai"))[0] == "both"
    assert ids(searcher, Word("gluster", required=True), Word("absent", required=True)) == []


def test_words_in_a_row_as_typed_come_first(settings: Settings, searcher: Searcher) -> None:
    """But behind a post that is titled so."""
    query = Query("watering the beds", (Word("watering"), Word("the", weak=True), Word("beds")))
    write(
        settings,
        post("title", title="Beds and the watering", body="watering beds beds watering"),
        post("row", body="filler " * 200 + "watering the beds"),
        post("apart", body="the watering of beds"),
        post("titled", title="Watering the beds"),
    )

    found = [match.document.id for match in searcher.search(query, NOW).matches]

    assert found[:2] == ["titled", "row"]


def test_alternatives_and_repeated_words_in_a_row_as_typed_come_first(settings: Settings, searcher: Searcher) -> None:
    write(
        settings,
        post("treat", body="trick treat " * 5),
        post("trick", body="filler " * 200 + "trick or treat"),
        post("walla", body="walla " + "filler walla " * 5),
        post("town", body="filler " * 200 + "walla walla"),
    )

    assert ids(searcher, AnyOf((Word("trick"), Word("treat"))), text="trick OR treat")[0] == "trick"
    assert ids(searcher, Word("walla"), Word("walla"), text="walla walla")[0] == "town"


def test_no_form_of_a_word_counts_more_than_the_word_as_typed(settings: Settings, searcher: Searcher) -> None:
    write(
        settings,
        *(post(f"en{i}", body="a commit by email") for i in range(8)),
        post("fr", body="comme", lang="fr"),  # which has the stem of `commit` by the rules of French
        post("dash", body="commits by e-mail"),
    )

    for asked, form in (("commit", "fr"), ("e-mail", "dash")):
        found = searcher.search(Query(clauses=(Word(asked),)), NOW).matches
        scores = {match.document.id: match.score for match in found}
        assert scores[form] < scores["en0"] * 1.5  # which is more than the lengths of the texts make


def test_a_word_that_is_asked_twice_counts_twice(settings: Settings, searcher: Searcher) -> None:
    write(settings, post("a", body="gluster filler"), post("b", body="shanghai filler"))

    assert ids(searcher, Word("gluster"), Word("shanghai"), Word("gluster")) == ["a", "b"]
    assert ids(searcher, Word("gluster"), Word("shanghai"), Word("shanghai")) == ["b", "a"]


def test_questions_of_as_many_words_and_phrases_as_there_may_be_are_answered(
    settings: Settings, searcher: Searcher
) -> None:
    words = [f"{a}o{b}king" for a in "bdfglmnp" for b in "bdfglmnp"]
    write(settings, post("all", "Title", body=" ".join(words)), post("one", words[7]), post("none", tags=("king",)))

    assert ids(searcher, *map(Word, words)) == ["all", "one"]
    assert ids(searcher, *(Phrase(f"{a} {b}") for a, b in pairwise(words))) == ["all"]
    assert ids(searcher, excluded=tuple(map(Word, words))) == ["none"]


def test_no_query_is_too_long_to_be_answered(settings: Settings, searcher: Searcher) -> None:
    rows = [" ".join([f"{a}o{b}ing"] * 16) for a in "bdfglmnp" for b in "bdfglmnp"]
    text = ", ".join(rows)
    write(settings, post("a", text, body=text, description=text, author=tuple(rows), tags=tuple(rows), aliases=(text,)))
    query = Query("dear", tuple(map(Phrase, rows)))

    found = searcher.search(query, NOW)

    assert [match.document.id for match in found.matches] == ["a"]
    assert found.limited == bool(found.notices)
    assert searcher.count(query, NOW) == 1
    assert searcher.explain(query, "a", NOW).rank == 1


def test_the_last_part_of_a_word_may_go_on_in_very_many_ways(settings: Settings, searcher: Searcher) -> None:
    endings = ("".join(letters) for letters in product("abcdefghijk", repeat=3))
    write(settings, post("many", body=" ".join(f"go-a{end}" for end in endings)), post("other", body="go there"))

    assert ids(searcher, Word("go-a", prefix=True)) == ["many"]


def test_questions_of_many_words_are_answered_where_posts_have_many_fields_and_languages(
    settings: Settings, searcher: Searcher
) -> None:
    words = [f"{a}o{b}king" for a in "bdfglmnp" for b in "bdfglmnp"]
    text, langs = " ".join(words), ("en", "de", "fr", "nl", "sv", "da", "no", "fi")
    names = {"aliases": (text,), "tags": (text,), "author": (text,), "category": (text,)}
    write(settings, *(post(f"{lang}.md", text, text, description=text, lang=lang, **names) for lang in langs))

    assert set(ids(searcher, *map(Word, words), text=text)) == {f"{lang}.md" for lang in langs}


def test_weak_words_bring_no_post_in_unless_they_are_all_there_is(settings: Settings, searcher: Searcher) -> None:
    write(settings, post("a", body="the guitar"), post("b", body="the end"))

    assert ids(searcher, Word("the", weak=True), Word("guitar")) == ["a"]
    assert set(ids(searcher, Word("the", weak=True))) == {"a", "b"}


def test_fields_weigh_and_scope(settings: Settings, searcher: Searcher) -> None:
    write(settings, post("body", body="lettuce"), post("title", title="Lettuce"), post("tag", tags=("red lettuce",)))

    assert ids(searcher, Word("lettuce")) == ["title", "tag", "body"]
    assert ids(searcher, Word("lettuce", field="tags")) == ["tag"]
    match = searcher.search(Query(clauses=(Word("lettuce"),)), NOW).matches[1]
    assert match.fields == ("tags",)


def test_an_exact_title_comes_first(settings: Settings, searcher: Searcher) -> None:
    write(
        settings,
        post("long", title="Release notes, release notes", body="release notes " * 20, boost=10.0),
        post("exact", title="Release  Notes", body="x " * 500),
    )

    assert ids(searcher, Word("release"), Word("notes"), text="release notes") == ["exact", "long"]


def test_a_post_is_found_by_its_aliases_as_by_its_title(settings: Settings, searcher: Searcher) -> None:
    write(
        settings,
        post("long", title="Release notes, release notes", body="release notes " * 20, boost=10.0),
        post("alias", title="What is new", aliases=("News", "Release  Notes")),
    )

    assert ids(searcher, Word("release"), Word("notes"), text="release notes") == ["alias", "long"]
    assert ids(searcher, Word("news"), text="news and more") == ["alias"]
    assert searcher.search(Query(clauses=(Word("news"),)), NOW).matches[0].fields == ("aliases",)


def test_phrases_stand_in_one_row_in_one_item(settings: Settings, searcher: Searcher) -> None:
    write(
        settings,
        post("row", body="the translator framework of glusterfs"),
        post("apart", body="a framework for a translator"),
        post("tags", tags=("translator", "framework")),
    )

    assert ids(searcher, Phrase("translator framework")) == ["row"]
    assert ids(searcher, Phrase("translators frameworks")) == ["row"]
    assert ids(searcher, Phrase("framework translator")) == []


def test_prefixes_find_what_begins_so_and_the_word_itself_first(settings: Settings, searcher: Searcher) -> None:
    write(settings, post("word", body="run"), post("longer", body="running"), post("other", body="walking"))

    assert ids(searcher, Word("run", prefix=True)) == ["word", "longer"] or set(
        ids(searcher, Word("run", prefix=True))
    ) == {"word", "longer"}
    assert ids(searcher, Word("runni", prefix=True)) == ["longer"]
    assert ids(searcher, Word("runni")) == []


def test_which_terms_posts_hold(settings: Settings, searcher: Searcher) -> None:
    with pytest.raises(IndexMissing, match="reindex"):
        searcher.doc_freq("-m", NOW)
    write(settings, post("a", body="git commit -m"))
    write(settings, post("b", title="Running"))

    assert [term for term in ("-m", "m", "run", "-c", "comm", "") if searcher.doc_freq(term, NOW)] == ["-m", "m", "run"]
    assert (searcher.doc_freq("comm", NOW, prefix=True), searcher.doc_freq("x", NOW, prefix=True)) == (1, 0)
    assert searcher.langs() == {"en"}


def test_how_many_posts_of_each_language_hold_a_term(settings: Settings, searcher: Searcher) -> None:
    write(settings, post("en", body="word"), post("de", body="word wort", lang="de"), post("other", body="word"))

    assert searcher.lang_counts("word") == {"en": 2, "de": 1}
    assert searcher.lang_counts("wort") == {"de": 1}
    assert searcher.lang_counts("none") == {}


def test_terms_of_hidden_posts_alone_are_held_by_none(settings: Settings, searcher: Searcher) -> None:
    later = NOW + timedelta(days=1)
    write(settings, post("a", body="shared"), post("gone", body="deleted"))
    write(settings, post("b", body="shared secret", visible_from=later), post("c", body="deleted", visible_to=NOW))
    with open_writer(settings) as writer:
        writer.delete(["gone"])
        writer.commit()

    def held(now: datetime) -> list[str]:
        return [term for term in ("shared", "secret", "deleted") if searcher.doc_freq(term, now)]

    assert (held(NOW), held(later)) == (["shared"], ["shared", "secret"])
    assert (searcher.doc_freq("secr", NOW, prefix=True), searcher.doc_freq("secr", later, prefix=True)) == (0, 1)


def test_which_words_are_near_to_one(settings: Settings, searcher: Searcher) -> None:
    with pytest.raises(IndexMissing, match="reindex"):
        searcher.near("tree", 1, NOW)
    write(settings, post("a", body="three trees"), post("b", body="three", visible_from=NOW + timedelta(days=1)))
    write(settings, post("c", body="treehouse", visible_from=NOW + timedelta(days=1)))

    assert {(one.text, one.edits) for one in searcher.near("tree", 1, NOW)} == {("three", 1), ("trees", 1)}
    assert [one.text for one in searcher.near("treehoose", 2, NOW)] == []
    assert [one.text for one in searcher.near("treehoose", 2, NOW + timedelta(days=2))] == ["treehouse"]
    begun = {(one.begins, one.text) for one in searcher.near("tere", 1, NOW, begins=True)}
    assert begun == {("tree", "trees"), ("tre", "trees"), ("thre", "three")}


def test_near_words_tell_how_many_posts_hold_them_where_most_do(settings: Settings, searcher: Searcher) -> None:
    """Both engines must choose the same of several."""
    write(settings, post("a", body="craft"), post("b", body="crafts"), post("c", "Crafting"), post("d", body="raft"))

    assert [(one.text, one.posts) for one in searcher.near("draft", 1, NOW)] == [("craft", 2), ("raft", 1)]


def test_any_of_and_exclusion(settings: Settings, searcher: Searcher) -> None:
    write(settings, post("a", body="apple"), post("b", body="pear"), post("c", body="plum apple"))

    assert set(ids(searcher, AnyOf((Word("plum"), Word("pear"))))) == {"b", "c"}
    assert ids(searcher, Word("apple"), excluded=(Word("plum"),)) == ["a"]
    assert ids(searcher, excluded=(Word("apple"),)) == ["b"]


def test_filters_narrow(settings: Settings, searcher: Searcher) -> None:
    write(
        settings,
        post("a", tags=("Web Dev",), author=("Ann Smith",), lang="pt-br", date=datetime(2013, 6, 19, tzinfo=UTC)),
        post("b", tags=("web",), category=("News",), lang="en", date=datetime(2014, 1, 1, tzinfo=UTC)),
        post("c"),
    )

    def filtered(**filters: object) -> list[str]:
        return sorted(ids(searcher, filters=Filters(**filters)))  # type: ignore[arg-type]

    assert filtered(tag=("web dev",)) == ["a"]
    assert filtered(tag=("web dev", "WEB")) == ["a", "b"]
    assert filtered(author=("ann smith",)) == ["a"]
    assert filtered(author=("smith",)) == []
    assert filtered(category=("news",)) == ["b"]
    assert filtered(lang=("pt",)) == ["a"]
    assert filtered(since=datetime(2014, 1, 1, tzinfo=UTC)) == ["b"]
    assert filtered(until=datetime(2014, 1, 1, tzinfo=UTC)) == ["a"]
    assert filtered(tag=("absent",)) == []
    assert filtered(year=(2013,)) == ["a"]
    assert filtered(year=(2014, 2013, 9999)) == ["a", "b"]
    assert filtered(year=(2014,), until=datetime(2014, 1, 1, tzinfo=UTC)) == []


def test_facets_count_all_matches_not_the_page(settings: Settings, searcher: Searcher) -> None:
    day = datetime(2013, 6, 19, tzinfo=UTC)
    write(settings, *(post(f"p{i}", tags=("t", f"u{i}"), author=("Ann",), date=day) for i in range(5)), post("plain"))

    matches = searcher.search(Query(per_page=2, facet_size=3), NOW)

    assert matches.total == 6
    assert matches.facets == {"tags": {"t": 5, "u0": 1, "u1": 1}, "author": {"Ann": 5}, "year": {"2013": 5}, "site": {}}


def test_what_was_chosen_of_a_facet_does_not_count_for_it(settings: Settings, searcher: Searcher) -> None:
    for_year = {year: datetime(year, 6, 19, tzinfo=UTC) for year in (2012, 2013)}
    write(
        settings,
        post("a", tags=("x", "y"), author=("Ann",), date=for_year[2012], body="apple"),
        post("b", tags=("y",), author=("Bob",), date=for_year[2013], body="apple"),
        post("c", tags=("z",), author=("Ann",), date=for_year[2013], body="apple"),
        post("d", tags=("w",), author=("Ann",), date=for_year[2013], body="pear"),
    )
    apple = Query(clauses=(Word("apple"),))

    def facets(**filters: object) -> tuple[int, object]:
        query = replace(apple, filters=Filters(**filters))  # type: ignore[arg-type]
        matches = searcher.search(query, NOW)
        assert len(matches.matches) == matches.total == searcher.count(query, NOW)
        assert matches.facets["site"] == {}
        return matches.total, {facet: counts for facet, counts in matches.facets.items() if facet != "site"}

    tags, authors, years = {"y": 2, "x": 1, "z": 1}, {"Ann": 2, "Bob": 1}, {"2013": 2, "2012": 1}
    assert facets() == (3, {"tags": tags, "author": authors, "year": years})
    assert facets(tag=("Y",)) == (
        2, {"tags": tags, "author": {"Ann": 1, "Bob": 1}, "year": {"2013": 1, "2012": 1}}
    )  # fmt: skip
    assert facets(tag=("x", "z")) == (2, {"tags": tags, "author": {"Ann": 2}, "year": {"2013": 1, "2012": 1}})
    assert facets(year=(2012,)) == (1, {"tags": {"x": 1, "y": 1}, "author": {"Ann": 1}, "year": years})
    assert facets(tag=("y",), author=("ann",)) == (
        1, {"tags": {"x": 1, "y": 1, "z": 1}, "author": {"Ann": 1, "Bob": 1}, "year": {"2012": 1}}
    )  # fmt: skip
    assert facets(tag=("x",), year=(2013,)) == (0, {"tags": {"y": 1, "z": 1}, "author": {}, "year": {"2012": 1}})
    assert facets(tag=("y",), since=for_year[2013]) == (
        1, {"tags": {"y": 1, "z": 1}, "author": {"Bob": 1}, "year": {"2013": 1}}
    )  # fmt: skip


def test_posts_of_several_sites_are_told_apart(settings: Settings, searcher: Searcher) -> None:
    write(
        settings,
        *(replace(post(f"docs/{n}", tags=("t",), body="apple"), site="docs") for n in range(3)),
        replace(post("blog/0", tags=("t",), body="apple"), site="blog"),
        replace(post("notes/0", body="apple"), site="notes"),
        post("alone", body="apple"),
    )

    def found(*site: str, **others: object) -> tuple[set[str], object]:
        query = Query(clauses=(Word("apple"),), filters=Filters(site=site, **others), facet_size=2)  # type: ignore[arg-type]
        matches = searcher.search(query, NOW)
        return {match.document.id for match in matches.matches}, matches.facets["site"]

    docs, counts = {"docs/0", "docs/1", "docs/2"}, {"docs": 3, "blog": 1}
    assert found() == ({*docs, "blog/0", "notes/0", "alone"}, counts)
    assert found("Docs") == (docs, counts)
    assert found("blog", "notes") == ({"blog/0", "notes/0"}, counts)
    assert found("absent", "") == (set(), counts)
    assert found("blog", tag=("t",)) == ({"blog/0"}, counts)


def test_facets_count_spellings_of_one_name_together(settings: Settings, searcher: Searcher) -> None:
    write(settings, post("a", tags=("Gluster",)), post("b", tags=("gluster",)), post("c", tags=("gluster",)))

    assert searcher.search(Query(), NOW).facets["tags"] == {"gluster": 3}


def test_sorts_by_date_keep_undated_posts_at_the_end(settings: Settings, searcher: Searcher) -> None:
    write(
        settings,
        post("old", date=datetime(2001, 1, 1, tzinfo=UTC)),
        post("undated"),
        post("new", date=datetime(2020, 1, 1, tzinfo=UTC)),
    )

    assert ids(searcher, sort="newest") == ["new", "old", "undated"]
    assert ids(searcher, sort="oldest") == ["old", "new", "undated"]


def test_fresh_posts_are_lifted_a_little_and_boosted_posts_as_they_ask(settings: Settings, searcher: Searcher) -> None:
    write(
        settings,
        post("old", body="word", date=NOW - timedelta(9000)),
        post("undated", body="word"),
        post("new", body="word", date=NOW),
        post("boosted", body="word", date=NOW - timedelta(9000), boost=2.0),
    )

    assert ids(searcher, Word("word")) == ["boosted", "new", "undated", "old"]
    scores = [match.score for match in searcher.search(Query(clauses=(Word("word"),)), NOW).matches]
    assert scores[1] <= scores[3] * 1.21


def test_pages_follow_one_another_without_gaps(settings: Settings, searcher: Searcher) -> None:
    write(settings, *(post(f"p{i}", body="same words in each") for i in range(7)))

    pages = [ids(searcher, Word("words"), page=page, per_page=3) for page in (1, 2, 3, 4)]

    assert [len(page) for page in pages] == [3, 3, 1, 0]
    assert {id for page in pages for id in page} == {f"p{i}" for i in range(7)}


def test_the_clock_alone_shows_and_hides(settings: Settings, searcher: Searcher) -> None:
    write(
        settings,
        post("scheduled", visible_from=NOW + timedelta(hours=1), tags=("s",)),
        post("expiring", visible_to=NOW + timedelta(hours=2)),
    )

    def at(hours: float) -> tuple[set[str], int]:
        now = NOW + timedelta(hours=hours)
        return set(ids(searcher, now=now)), searcher.state(now).posts

    assert at(0) == ({"expiring"}, 1)
    assert at(1) == ({"expiring", "scheduled"}, 2)
    assert at(2) == ({"scheduled"}, 1)
    assert len({searcher.state(NOW + timedelta(hours=hours)).epoch for hours in (0, 1, 2)}) == 3
    assert searcher.search(Query(), NOW).facets["tags"] == {}


def test_posts_like_one_are_those_that_share_its_rare_words(settings: Settings, searcher: Searcher) -> None:
    write(
        settings,
        post("beds", "Raised beds", "the oak boards of the raised beds"),
        post("boards", "Boards", "where the oak boards come from"),
        post("soup", "Soup", "the soup of the day", tags=("broth", "lunch")),
    )
    write(settings, post("oak", "Oak", "of oak boards and raised beds"))

    def similar(count: int = 9) -> list[str]:
        return [match.document.id for match in searcher.similar("beds", count, NOW).matches]

    assert similar() == ["oak", "boards", "soup"]
    assert [len(match.highlights.tags) for match in searcher.similar("beds", 9, NOW).matches] == [0, 0, 2]
    assert similar(1) == ["oak"]
    assert [match.document.id for match in searcher.similar("none", 9, NOW).matches] == []

    with open_writer(settings) as writer:
        writer.delete(["oak"])
        writer.commit()

    assert similar() == ["boards", "soup"]


def test_posts_like_one_are_in_its_language_while_there_are_enough(settings: Settings, searcher: Searcher) -> None:
    write(
        settings,
        post("here", body="apfel saft birne", lang="de"),
        post("en", body="apfel saft birne", lang="en"),
        post("at", body="apfel kuchen", lang="de-at"),
        post("nothing", "Else", body="kaffee", lang="de"),
        post("none", "Other", body="tee", lang=""),
    )

    matches = searcher.similar("here", 9, NOW).matches

    assert [match.document.id for match in matches] == ["at", "en"]
    assert all(0 < match.score < 1 for match in matches)
    assert searcher.similar("none", 9, NOW).matches == ()


def test_what_is_hidden_is_like_nothing_and_nothing_like_it(settings: Settings, searcher: Searcher) -> None:
    write(
        settings,
        post("scheduled", visible_from=NOW + timedelta(hours=1)),
        post("expired", visible_to=NOW),
        post("open"),
    )
    write(settings, post("other"))

    def similar(id: str, hours: float = 0) -> set[str]:
        return {match.document.id for match in searcher.similar(id, 9, NOW + timedelta(hours=hours)).matches}

    assert similar("open") == {"other"}
    assert similar("scheduled") == similar("expired") == set()
    assert similar("open", hours=1) == {"other", "scheduled"}
    assert similar("scheduled", hours=1) == {"other", "open"}


def test_words_are_stemmed_by_the_language_of_each_post(settings: Settings, searcher: Searcher) -> None:
    write(
        settings,
        post("en", body="running", lang="en"),
        post("de", body="Häuser", lang="de"),
        post("xx", body="running", lang="tlh"),
    )

    assert ids(searcher, Word("runs")) == ["en"]
    assert ids(searcher, Word("Haus")) == ["de"]
    assert set(ids(searcher, Word("running"))) == {"en", "xx"}


def test_names_may_hold_control_characters(settings: Settings, searcher: Searcher) -> None:
    names = tuple(map(chr, range(1, 5)))
    write(
        settings, post("odd", f"Title {''.join(names)}", f"word {' '.join(names)} word", tags=names, author=("a\x02b",))
    )

    matches = searcher.search(Query(clauses=(Word("word"),)), NOW)

    assert matches.facets["author"] == {"a\x02b": 1}
    assert set(matches.facets["tags"]) == set(names)
    assert ids(searcher, filters=Filters(author=("A\x02B",))) == ["odd"]


def test_a_post_is_had_by_its_id_while_it_may_be_found(settings: Settings, searcher: Searcher) -> None:
    write(settings, post("a"), post("b", visible_from=NOW + timedelta(days=1)), post("c", visible_to=NOW))

    found = {id: searcher.post(id, NOW) for id in ("a", "b", "c", "d", "x" * 9000)}
    assert {id: document.id for id, document in found.items() if document} == {"a": "a"}
    assert (later := searcher.post("b", NOW + timedelta(days=2))) is not None
    assert later.id == "b"


def test_halves_of_surrogate_pairs_are_found_nowhere(settings: Settings, searcher: Searcher) -> None:
    half = "\ud800"
    write(settings, post("a", f"Why {half.encode(errors='replace').decode()}", tags=("web",)))

    for name in ("tag", "author", "category", "lang", "site"):
        assert ids(searcher, filters=Filters(**{name: (half,)})) == []  # type: ignore[arg-type]
    assert ids(searcher, Word(half), Word(f"why{half}", prefix=True), Phrase(f"why {half}"), text=half) in ([], ["a"])
    assert searcher.at(half, NOW) is None
    assert searcher.complete(half, 9, NOW).suggestions == ()


def test_texts_of_many_short_words_are_completed(settings: Settings, searcher: Searcher) -> None:
    letters = " ".join("abcdefghijklmnopqrstuvwxyz")
    write(settings, post("a", tags=(letters, "日本語")), post("b", tags=(letters, "日本語")))

    assert [one.text for one in searcher.complete(letters[:-2], 9, NOW).suggestions] == [letters]
    assert [one.text for one in searcher.complete("日本", 9, NOW).suggestions] == ["日本語"]


@pytest.mark.parametrize(
    "date",
    [
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))),
    ],
)
def test_a_day_that_there_is_not_in_utc_hides_no_post(settings: Settings, searcher: Searcher, date: datetime) -> None:
    write(settings, post("odd", body="word", date=date), post("plain", body="word"))

    assert set(ids(searcher, Word("word"))) == {"odd", "plain"}
    assert ids(searcher, sort="newest") == ["odd", "plain"]
    assert searcher.search(Query(), NOW).facets["year"] == {str(date.year): 1}


@pytest.mark.timeout(60)
def test_a_page_beyond_all_is_empty(settings: Settings, searcher: Searcher) -> None:
    write(settings, *(post(f"p{number}", tags=("t",)) for number in range(3)))

    for page in (2, 2000, 10**9, 10**18):
        matches = searcher.search(Query(page=page, per_page=50), NOW)
        assert (matches.matches, matches.total, matches.facets["tags"]) == ((), 3, {"t": 3})


def test_an_empty_index_answers(settings: Settings, searcher: Searcher) -> None:
    write(settings)

    matches = searcher.search(Query(clauses=(Word("x"), Phrase("y z")), text="x"), NOW)

    assert (matches.total, matches.matches) == (0, ())
    assert matches.state.posts == 0


def test_one_searcher_serves_many_threads_while_commits_go_on(settings: Settings, searcher: Searcher) -> None:
    """Each commit holds one word in all its posts: an answer must be of one commit, whole."""
    write(settings, *(post(f"p{i}", body="word") for i in range(5)))
    wrong: list[object] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            matches = searcher.search(Query(clauses=(Word("word"),)), NOW)
            bodies = {match.document.body for match in matches.matches}
            if matches.total != 5 or len(bodies) != 1:
                wrong.append((matches.total, bodies))

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for number in range(8):
            write(settings, *(post(f"p{i}", body=f"word {number}") for i in range(5)), fresh=number % 3 == 0)
    finally:
        done.set()
        for thread in threads:
            thread.join()

    assert wrong == []


def damage_pointer(index: Path) -> None:
    (index / "current.json").write_text("{")


def empty_the_contents(index: Path) -> None:
    for path in index.glob("build-*/*.toc"):
        path.write_bytes(b"")


def cut_the_segments(index: Path) -> None:
    for path in index.glob("build-*/*.posts"):
        path.write_bytes(path.read_bytes()[:20])


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # Whoosh leaves damaged files open
@pytest.mark.parametrize("damage", [damage_pointer, empty_the_contents, cut_the_segments])
def test_damage_is_told_and_a_rebuild_mends_it(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    settings = Settings(index=tmp_path / "index")
    first = write(settings, *(post(f"p{i}", body="word") for i in range(3)))
    damage(settings.index)

    searcher = open_searcher(settings)
    with pytest.raises(IndexDamaged, match="--full"):
        searcher.search(Query(clauses=(Word("word"),)), NOW)

    assert write(settings, post("again", body="word"), fresh=True) > first
    assert ids(searcher, Word("word")) == ["again"]
    gc.collect()


def test_closing_twice_is_no_error(settings: Settings, searcher: Searcher) -> None:
    write(settings, post("a"))
    assert ids(searcher) == ["a"]
    searcher.close()
    searcher.close()
    writer = open_writer(settings)
    writer.close()
    writer.close()

    assert ids(searcher) == ["a"]
    assert issubclass(IndexDamaged, IndexFault)


def test_a_batch_that_is_too_large_for_memory_is_put_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.storage.writer.MAX_BATCH_CHARACTERS", 100)
    monkeypatch.setattr("index.storage.codec.MAX_BUFFERED_BYTES", 20_000)
    settings = Settings(index=tmp_path / "index")
    write(settings, post("old", body="number"))

    write(settings, *(post(f"p{i}", body=f"number {i} " * 5) for i in range(200)), post("old", body="now a number"))

    searcher = open_searcher(settings)
    assert searcher.search(Query(clauses=(Word("number"),)), NOW).total == 201
    assert ids(searcher, Word("117")) == ["p117"]
    assert ids(searcher, Word("now")) == ["old"]
    assert len(list(settings.index.glob("build-*/*.posts"))) == 1


def test_rebuilds_that_were_killed_leave_no_heap_of_folders(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path / "index")
    write(settings, post("a"))
    for number in range(4):
        (settings.index / f"build-0-{number:08}").mkdir()

    with open_writer(settings, fresh=True):
        assert len(list(settings.index.glob("build-*"))) <= 3
    assert ids(open_searcher(settings)) == ["a"]


def test_stems_of_one_language_find_no_posts_of_another(settings: Settings, searcher: Searcher) -> None:
    """French stems `plane` to `plan`; an English post with a plan in it is no match."""
    write(
        settings,
        post("en", body="a red car and a new plan for cars", lang="en"),
        post("fr", body="un texte", lang="fr"),
        post("de", body="ein Text", lang="de"),
    )

    for word in ("plane", "planes", "care", "newer"):
        assert ids(searcher, Word(word)) == []
    assert ids(searcher, Phrase("newer plan")) == []
    assert ids(searcher, Word("plans")) == ["en"]
    assert ids(searcher, Phrase("new plans")) == ["en"]


def test_days_are_those_that_the_authors_wrote(settings: Settings, searcher: Searcher) -> None:
    tokyo, west = timezone(timedelta(hours=9)), timezone(timedelta(hours=-8))
    write(
        settings,
        post("tokyo", date=datetime(2013, 6, 1, 8, tzinfo=tokyo)),
        post("west", date=datetime(2012, 12, 31, 23, 30, tzinfo=west)),
    )

    assert ids(searcher, filters=Filters(since=date(2013, 6, 1))) == ["tokyo"]
    assert ids(searcher, filters=Filters(until=date(2013, 1, 1))) == ["west"]
    assert searcher.search(Query(), NOW).facets["year"] == {"2013": 1, "2012": 1}


def test_an_index_made_anew_is_not_taken_for_the_old_one(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path / "index")
    searcher = open_searcher(settings)
    write(settings, post("withdrawn", body="word"))
    assert ids(searcher, Word("word")) == ["withdrawn"]

    shutil.rmtree(settings.index)
    write(settings, post("kept", body="word"))

    assert ids(searcher, Word("word")) == ["kept"]


def test_a_writer_without_a_live_index_says_generation_0(tmp_path: Path) -> None:
    """Whoever keeps books of the index must see that it is gone."""
    settings = Settings(index=tmp_path / "index")
    generation = write(settings, post("a"))
    (settings.index / "current.json").unlink()

    with open_writer(settings) as writer:
        assert (writer.commit_id, writer.generation) == ("", 0)
        assert writer.commit() > generation


def test_a_commit_keeps_its_name_and_no_other_gets_it(settings: Settings) -> None:
    names = []
    for fresh in (True, False, True):
        with open_writer(settings, fresh=fresh) as writer:
            writer.commit()
            names.append(writer.commit_id)
        with open_writer(settings) as writer:
            assert writer.commit_id == names[-1]

    assert len(set(names)) == 3


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # Whoosh leaves damaged files open
def test_damage_that_shows_at_the_commit_is_told(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path / "index")
    for batch in range(8):
        write(settings, post(f"p{batch}", body="word " * 50))
    for path in settings.index.glob("build-*/*.posts"):
        data = bytearray(path.read_bytes())
        data[len(data) // 4 : len(data) // 2] = bytes(len(data) // 2 - len(data) // 4)
        path.write_bytes(data)

    with pytest.raises(IndexDamaged, match="--full"):
        write(settings, post("one more, with which the eight are merged", body="word"))
    gc.collect()
