"""Where the words of a query stand in a text, and that the quick way of finding them leaves none out."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.analysis import stemmer_for, tokenize
from search.highlight import MOST_ANALYSED, Highlighter
from search.query import Query, Word
from search.query.parser import parse
from search.ranges import Range, merged
from search.scan import CHANGED, core

UNHURRIED = settings(deadline=None, print_blob=True)


def marked(asked: str, text: str, lang: str = "en", field: str = "body", *, prefix: bool = False) -> str:
    """The text with brackets around the ranges."""
    done = 0
    parts = []
    for start, end, _ in Highlighter(parse(asked, prefix=prefix)).ranges(text, lang, field):
        parts += [text[done:start], "[", text[start:end], "]"]
        done = end
    return "".join([*parts, text[done:]])


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("run", "He ran, no: [run] and [running]; ruin"),
        ("running", "[Run], [RUNS]!"),
        ("cafe", "the [café] and the [cafe\u0301s]"),
        ("C++", "[C++] but not C or C#"),
        ("C", "C++ but [C] or C#"),
        (".net", "the [.NET] is no net"),
        ("--dry-run", "pass [--dry-run], no dry run"),
        ("dry run", "pass --[dry]-[run]"),
        ("foo_bar.baz", "call [foo_bar.baz]() or foo"),
        ("baz", "call foo_bar.[baz]()"),
        ("wellknown", "a [well-known] one"),
        ("dont", "I [don’t], I [don't]"),
        ("email", "my [e-mail]"),
        ("case", "camel[Case]"),
        ('"translator framework"', "a [translator framework], a translator of a framework"),
        ('"translator framework"', "a [translator\n  framework]"),
        ('"a translator"', "is [a translator], a"),
        ("the translator", "the [translator]"),
        ("the who", "[The] [Who], [the] band"),
        ("x OR y z", "[x] [y] [z] w"),
        ("x -y", "[x] y"),
        ("title:x body:y", "x [y]"),
        ("run*", "[runtime], prune"),
        ("全文", "日本語の[全文]検索"),
        ("全文検索", "日本語の[全文検索]、全文"),
        ("文", "日本語の全[文]検索"),
        ("全文 検索", "[全文][検索]"),
        ("ガラス", "[ｶﾞﾗｽ]の"),
        ("か", "[か]らす がらす"),
        ("😀", "so [😀] 😁"),
        ("dying", "[die], [dying], [died]"),
        ("happy", "[happiness], not hapless"),
        ("nothing", "here"),
        ("...", "here ..."),
        ("", "here"),
    ],
)
def test_what_is_marked(asked: str, expected: str) -> None:
    text = expected.replace("[", "").replace("]", "")

    assert marked(asked, text) == expected


def test_what_is_being_typed_is_marked_as_whole_words() -> None:
    assert marked("runni", "Running, ruining", prefix=True) == "[Running], ruining"
    assert marked("runni", "Running, ruining") == "Running, ruining"


def test_the_field_decides_what_is_marked() -> None:
    assert marked("title:x y", "x y", field="title") == "[x] [y]"
    assert marked("title:x y", "x y", field="tags") == "x [y]"


def test_the_language_decides_the_stems() -> None:
    assert marked("häuser", "das Haus", "de") == "das [Haus]"
    assert marked("häuser", "das Haus", "en") == "das Haus"


def test_ranges_tell_the_words_apart() -> None:
    ranges = Highlighter(parse("gluster kvm OR xen", prefix=False)).ranges("xen kvm glusters gluster", "en")

    assert [found.words for found in ranges] == [4, 2, 1, 1]


def test_overlapping_ranges_are_made_one() -> None:
    assert merged([Range(5, 9, 2), Range(0, 6, 1), Range(9, 10, 4)]) == (Range(0, 9, 3), Range(9, 10, 4))


def everywhere(highlighter: Highlighter, text: str, lang: str) -> tuple[Range, ...]:
    """The ranges by analysis of the whole text."""
    highlighter.ranges("", lang)
    matcher = highlighter.matchers["body", lang]
    return merged(matcher.within(text, 0, len(text), matcher.rows))


WORDS = st.sampled_from(
    """run running runs ruin die dying happy happily hope hoping C C++ C# .NET net --dry-run dry-run e-mail email don't
    don’t dont well-known wellknown foo_bar.baz baz camelCase JavaScript HTMLParser café cafe\u0301 cafe naïve 全文
    全文検索 文 東京 ภาษาไทย ｶﾞﾗｽ 한국어 😀 Häuser Haus книги книга R r 12:30 http://x.org/run-time a&b so\u00adft
    ·dot x·y 'quoted' «run» run/die — - … ' ’ -run İstanbul ﬁle ß STRASSE""".split()  # noqa: SIM905 - as a list it takes a page
)
TEXTS = st.lists(WORDS | st.text(max_size=6), max_size=30).map(" ".join) | st.text("aenrRu-'’. \n全文é", max_size=60)


@UNHURRIED
@given(
    st.lists(WORDS, min_size=1, max_size=4),
    TEXTS,
    st.sampled_from(["en", "de", "fr", "ja", "tr", "es", "xx"]),
    st.booleans(),
)
def test_the_scan_finds_what_an_analysis_of_the_whole_text_finds(
    asked: list[str], text: str, lang: str, phrase: bool
) -> None:
    query = parse(f'"{" ".join(asked)}" {asked[0]}' if phrase else " ".join(asked))
    highlighter = Highlighter(query)

    assert highlighter.ranges(text, lang) == everywhere(highlighter, text, lang)


@UNHURRIED
@given(st.data(), TEXTS)
def test_the_scan_finds_the_beginnings_of_words(data: st.DataObject, text: str) -> None:
    tokens = tokenize(text, "en")
    if tokens:
        term = data.draw(st.sampled_from(tokens)).term
        highlighter = Highlighter(parse(term[: data.draw(st.integers(1, 8))] + "*"))

        assert highlighter.ranges(text, "en") == everywhere(highlighter, text, "en")


@UNHURRIED
@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12) | st.text("aeiylsdng", min_size=1, max_size=8))
def test_what_the_scan_looks_for_stands_in_every_word_with_that_stem(word: str) -> None:
    for lang in ("ca", "da", "en", "es", "fr", "hu", "it", "nb", "pt", "ro", "sv"):
        assert stemmer_for(lang) in CHANGED
        for token in tokenize(word, lang):
            assert core(token.term, stemmer_for(lang)) in word


@UNHURRIED
@given(TEXTS)
def test_ranges_are_in_order_and_apart(text: str) -> None:
    ranges = Highlighter(parse("run 全文検索 cafe foo_bar.baz a*")).ranges(text, "en")

    assert all(0 <= found.start < found.end <= len(text) for found in ranges)
    assert all(a.end <= b.start for a, b in pairwise(ranges))


@pytest.mark.parametrize(
    "filler", ["the run goes on. ", "Съешь же ещё этих булок. ", "全文検索の話。", "it's well-known, "]
)
def test_a_word_far_down_a_long_text_is_found(filler: str) -> None:
    text = filler * (3 * MOST_ANALYSED // len(filler)) + " zebra and жираф, in fine words"
    found = [text[a:b] for a, b, _ in Highlighter(parse('run zebras жираф "fine words"')).ranges(text, "en")]

    assert "zebra" in found
    assert "жираф" in found
    assert "fine words" in found


LONG = {
    "prose": "It's the well-known run of the “mill” that goes on. " * 100_000,
    "Cyrillic": "Съешь же ещё этих мягких французских булок, да выпей чаю. " * 90_000,
    "Han": "全文検索は文書の中から検索する。" * 300_000,
    "one word": "ab12" * 1_250_000,
    "dotted": "a." * 2_500_000,
    "hyphens": "r-" * 2_500_000,
    "blanks": " " * 5_000_000,
    "marks": "a" + "\u0301" * 5_000_000,
    "hits": "run " * 1_250_000,
    "near misses": "prune " * 800_000,
    "quotes": "’" * 5_000_000,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG.keys())
def test_a_text_of_five_megabytes_takes_no_long_time(text: str) -> None:
    highlighter = Highlighter(parse('run 検索 "zebra crossing" r'))
    started = time.process_time()
    highlighter.ranges(text, "en")

    assert time.process_time() - started < 2


def test_a_stop_word_that_is_still_being_typed_marks_what_it_may_become() -> None:
    query = Query(clauses=(Word("raised"), Word("be", prefix=True, weak=True)))

    marked = [text[start:end] for text in ["raised beds"] for start, end, _ in Highlighter(query).ranges(text, "en")]

    assert marked == ["raised", "beds"]
