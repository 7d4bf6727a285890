"""What misspelt words find, and that nothing else is touched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import strategies as st

from index import Document, Settings
from search import Search
from tests.corpora import COUNTS, TEXTS, hold
from tests.stored import write

FILLER = "weather report garden kettle spoon bottle candle window number letter picture summer winter people"
POSTS = {
    "leak": ("Finding a goroutine leak", "A goroutine that nobody waits for leaks."),
    "garbage": ("The garbage collector", "How the collector of garbage works, concurrently."),
    "generics": ("An introduction to generics", "Type parameters for functions. The error type is an interface."),
    "redbull": ("Drinks", "Red Bull and Kit Kat from the news paper."),
    "handoff": ("Work", "The handoff of healthcare by wifi."),
    "hyphen": ("Hyphen", "A hand-off."),
    "muller": ("Ein Gespräch", "Frau Müller erklärt die Überschrift."),
    "kniga": ("Книга", "Интересная книга о путешествиях."),
    "direct": ("Going direct", "A direct way."),
    "filler": ("Filler", FILLER),
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Search]:
    settings = Settings(index=tmp_path_factory.mktemp("index"))
    langs = {"muller": "de", "kniga": "ru"}
    write(settings, *(Document(id, f"/{id}/", *texts, lang=langs.get(id, "en")) for id, texts in POSTS.items()))
    service = Search(settings)
    yield service
    service.close()


@pytest.mark.parametrize(
    ("typed", "meant", "first"),
    [
        ("goroutnie leek", "goroutine leak", "leak"),  # neighbours swapped, a letter changed
        ("garbge", "garbage", "garbage"),  # left out
        ("collecttor garbage", "collector garbage", "garbage"),  # one too many
        ("oroutine", "goroutine", "leak"),
        ("horoutine", "goroutine", "leak"),
        ("ogroutine", "goroutine", "leak"),
        ("xgoroutine", "goroutine", "leak"),
        ("genrisc", "generics", "generics"),  # two edits
        ("intrcdctien", "introduction", "generics"),  # three, since nothing is nearer
        ("Goroutnie", "goroutine", "leak"),
        ("мнига", "книга", "kniga"),
        ("путешествеях", "путешествиях", "kniga"),
        ("mulller", "müller", "muller"),
        ("überschrit", "überschrift", "muller"),
        ("redbull", "red bull", "redbull"),
        ("kitkat", "kit kat", "redbull"),
        ("newspaper", "news paper", "redbull"),
        ("gorou tine leak", "goroutine leak", "leak"),
        ('the garbge -"kettle" lang:en', 'the garbage -"kettle" lang:en', "garbage"),
    ],
)
def test_a_misspelt_word_finds_what_is_meant(service: Search, typed: str, meant: str, first: str) -> None:
    found = service.run(typed, prefix=False)

    assert (found.corrected, found.hits[0].id) == (meant, first)
    assert not service.run(typed, prefix=False, typos=False).corrected
    assert first not in {hit.id for hit in service.run(meant.split()[0][:2], typos=False, prefix=False).hits}


@pytest.mark.parametrize(("typed", "first"), [("goruot", "leak"), ("the gabrag", "garbage"), ("interdoct", "generics")])
def test_so_does_one_that_is_still_being_typed(service: Search, typed: str, first: str) -> None:
    assert service.run(typed).hits[0].id == first
    assert service.run(typed).corrected


def test_a_word_is_marked_as_posts_have_it(service: Search) -> None:
    hit = service.run("goroutnie leek").hits[0]

    assert hit.highlights.title == "Finding a <mark>goroutine leak</mark>"


def test_a_whole_title_with_a_misspelling_comes_first(service: Search) -> None:
    hit = service.run("the garbge colector", explain=True).hits[0]

    assert (hit.id, hit.explanation and hit.explanation.titled) == ("garbage", True)


@pytest.mark.parametrize(
    "typed",
    [
        "goroutine", "goroutines", "working", "garbages", "wifi", "the",  # known, by their stems, a stop word
        "title:goroutnie", '"goroutnie leak"', "goroutnie2", "gorou_tnie", "-garbge kettle", "lek", "C++",
        "全文検索", "😀", "", "kettle -goroutnie", "tag:garbge", "getGoroutnie", "a.garbge",
    ],
)  # fmt: skip
def test_what_is_right_or_no_plain_word_is_not_touched(service: Search, typed: str) -> None:
    found, plain = (service.run(typed, prefix=False, typos=typos).to_dict() for typos in (True, False))

    # Nearly the same query may find more, such as one without the field.
    assert found | {"processing_ms": 0, "instead": []} == plain | {"processing_ms": 0, "instead": []}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ('"garbge" garbge', '"garbge" garbage'),
        ("title:garbge garbge", "title:garbge garbage"),
        ("garbge -garbge kettle", "garbage -garbge kettle"),
        ("garbge lang:garbge", "garbage lang:garbge"),
        ("after:garbge", "after:garbage"),  # no date, so that it is words
        ("-garbge", "-garbage"),  # nothing else is asked for, so that nothing is left out
        ("garbge日本語検索", "garbage日本語検索"),
        ("カナgarbge", "カナgarbage"),
    ],
)
def test_what_is_told_is_the_query_with_nothing_changed_but_the_words_that_were_mended(
    service: Search, typed: str, meant: str
) -> None:
    assert service.run(typed, prefix=False).corrected == meant


def test_the_last_word_of_a_quotation_that_is_not_closed_yet_is_mended(service: Search) -> None:
    assert service.run('"goroutine garbge').corrected == '"goroutine garbage'


def test_of_a_text_too_long_only_what_is_read_is_mended(service: Search) -> None:
    found = service.run("garbge " * 100_000)

    assert found.corrected == " ".join(["garbage"] * (2000 // len("garbge ")))
    assert found.warnings


def test_two_words_are_found_as_the_one_that_they_make_too(service: Search) -> None:
    found = service.run("hand off")

    assert found.hits[0].id == "hyphen"
    assert "handoff" in {hit.id for hit in found.hits}
    assert found.corrected is None
    assert [hit.id for hit in service.run("health care").hits] == ["handoff"]


def test_beginnings_of_words_are_no_halves_of_one(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path)
    write(settings, Document("a", "/a/", "Going racing", "gorac"))

    assert Search(settings).run("go* rac* gorac", prefix=False).corrected is None


def test_an_unknown_form_of_a_known_word_may_be_another_word(service: Search) -> None:
    assert service.run("directer", prefix=False).hits[0].id == "direct"
    assert service.run("directed", prefix=False).corrected is None


def test_a_word_that_only_stems_like_another_is_mended(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path)
    write(
        settings,
        Document("leave", "/l/", "Paternity leave", "About paternity."),
        Document("patterns", "/p/", "Patterns", "Patterns of design, closed."),
        Document("french", "/f/", "Relassons", "Nous relassons.", lang="fr"),
        Document("release", "/r/", "A release", "The release notes."),
    )
    service = Search(settings)

    assert service.run("paterns", prefix=False).hits[0].id == "patterns"
    assert service.run("relase", prefix=False).corrected == "release"
    assert service.run("closing", prefix=False).corrected is None
    assert service.run("closed paternities", prefix=False).corrected is None


def test_of_near_words_the_one_that_stands_beside_the_others_is_meant(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path)
    weeks = [Document(f"w{i}", f"/w{i}/", "Notes of the week", "week") for i in range(9)]
    write(settings, *weeks, Document("leak", "/leak/", "A goroutine leak", "A goroutine may leak."))
    service = Search(settings)

    for found in (service.run("goroutnie leek"), service.run("goroutnie leek", sort="newest", page=2, per_page=1)):
        assert found.corrected == "goroutine leak"
        assert [other.query for other in found.instead if other.total is None] == ["goroutine week"]


def test_what_is_quoted_or_asked_for_in_a_field_is_offered_with_another_spelling(service: Search) -> None:
    for typed, offered in (
        ('"goroutnie leek"', '"goroutine leak"'),
        ("title:genrisc", "title:generics"),
        ('title:"garbge colector"', 'title:"garbage collector"'),
    ):
        found = service.run(typed, prefix=False)
        (other,) = [other for other in found.instead if other.query == offered]

        assert other.total == service.run(offered, prefix=False).total > 0
        assert not [o for o in service.run(typed, prefix=False, typos=False).instead if o.query == offered]


def test_a_far_word_in_a_title_does_not_lead(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path)
    channels = [Document(f"c{i}", f"/c{i}/", f"Post {i}", "It sends on channels. " * 3) for i in range(5)]
    write(settings, *channels, Document("far", "/far/", "Cancels", "It cancels."))

    hits = Search(settings).run("chanels", prefix=False, per_page=6).hits
    assert [hit.id for hit in hits][-1] == "far"
    assert len(hits) == 6


def test_a_right_word_of_no_post_is_not_taken_for_a_far_one(service: Search) -> None:
    assert service.run("collate", prefix=False).corrected is None  # three edits from `collector`


def test_in_a_question_of_many_words_fewer_edits_are_made(service: Search) -> None:
    assert service.run("genrisc", prefix=False).corrected == "generics"
    assert service.run("genrisc candle window kettle", prefix=False).corrected is None
    assert service.run("generisc candle window kettle", prefix=False).corrected == "generics candle window kettle"


def test_of_words_equally_near_both_are_said(service: Search, tmp_path: Path) -> None:
    settings = Settings(index=tmp_path)
    write(settings, Document("a", "/a/", "A candle", ""), Document("b", "/b/", "A handle", ""))
    found = Search(settings).run("xandle")

    assert {hit.id for hit in found.hits} == {"a", "b"}
    (other,) = found.instead
    assert {found.corrected, other.query} == {"candle", "handle"}


def test_words_that_nobody_may_find_are_not_given_away(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path)
    now = datetime.now(UTC)
    scheduled = Document("a", "/a/", "The mergerofsubsidiary", "", visible_from=now + timedelta(days=1))
    write(settings, scheduled, Document("b", "/b/", "Nothing yet", ""))
    service = Search(settings)

    for typed in ("mergerofsubsidiry", "merger ofsubsidiary", "yetmergerofsubsidiary"):
        assert service.run(typed).corrected is None
    write(settings, replace(scheduled, visible_from=now - timedelta(days=1)))
    assert service.run("mergerofsubsidiry").corrected == "mergerofsubsidiary"


def test_words_of_several_segments_are_near(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path)
    for number, word in enumerate(("mountain", "fountain", "maintain")):
        write(settings, Document(f"{number}", f"/{number}/", word, FILLER))
    service = Search(settings)

    assert service.run("mountian").corrected == "mountain"
    assert service.run("fuontain").corrected == "fountain"
    assert {hit.id for hit in service.run("nountain").hits} >= {"0", "1"}


@COUNTS
def test_any_text_is_answered(service: Search, examples: int) -> None:
    def check(text: str, prefix: bool) -> None:
        found = service.run(text, prefix=prefix)
        plain = service.run(text, prefix=prefix, typos=False)
        # All that is found without is found with it: only what nothing holds is taken for something else.
        assert plain.total <= found.total or found.warnings != plain.warnings
        if found.corrected:
            assert service.run(found.corrected, prefix=prefix).total

    hold(examples * 5, check, TEXTS | st.text(max_size=30), st.booleans())
