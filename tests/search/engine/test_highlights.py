"""What is marked in a document: the words of the query in all their forms, found from the offsets in the index."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import strategies as st

from index.indexer.run import reindex
from index.schema import Document, field_texts
from index.segments.inversion import invert
from index.settings import Settings
from index.storage import open_writer
from search.engine import open_searcher
from search.engine.highlights import MAX_RANGES, beginnings, highlight
from search.engine.segment_reader import SegmentReader
from search.matches import HighlightRanges
from search.query import AnyOf, Clause, Phrase, Query, Word
from search.query.parser import parse
from tests.corpora import COUNTS, DOCUMENTS, NOW, TEXTS, WORDS, hold
from tests.oracles.highlights import Range, read_highlights

DATA = Path(os.environ.get("POSTSEARCH_TEST_DATA", "no-such-folder"))
LANGS = ("de", "en", "fr")


def found(query: Query, document: Document) -> HighlightRanges:
    """What the engine marks in a document, among posts in several languages."""
    reader = SegmentReader(invert([document, *(Document(lang, "", "", "", lang=lang) for lang in LANGS)]))
    return highlight(query.clauses, reader, {document.lang, *LANGS}, np.array([0]), [document])[0]


def brackets(text: str, ranges: tuple[tuple[int, int, int], ...]) -> str:
    """The text with brackets around the ranges."""
    for start, end, _ in reversed(ranges):
        text = f"{text[:start]}[{text[start:end]}]{text[end:]}"
    return text


def marked(asked: str, body: str, lang: str = "en", *, prefix: bool = False) -> str:
    document = Document("a", "/a/", "", body, lang=lang)
    return brackets(body, found(parse(asked, prefix=prefix), document).body)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("run", "He [ran], and: [run] and [running]; ruin"),
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
        ("the translator", "[the] [translator] of the"),
        ("the who", "[The] [Who], the band"),
        ("x OR y z", "[x] [y] [z] w"),
        ("x -y", "[x] y"),
        ("title:x body:y", "x [y]"),
        ("run*", "[run]time, prune"),
        ("run*", "[run], runtime, [run]-[run]time"),
        ("the", "the band"),
        ("and the band", "a tree [and] [the] [band], [band] [and] [the] tree, and the tree"),
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


def test_of_a_word_that_goes_on_what_is_typed_is_marked_unless_the_text_holds_it_whole() -> None:
    assert marked("runni", "Running, ruining", prefix=True) == "[Runni]ng, ruining"
    assert (
        marked("run", "Run a runtime and a runner, running", prefix=True) == "[Run] a runtime and a runner, [running]"
    )
    assert marked("straß", "die Straßen", prefix=True) == "die [Straßen]"
    assert marked("be", "beans have been; bends", prefix=True) == "[be]ans have [be]en; [be]nds"
    assert marked("be", "to be beans", prefix=True) == "to be beans"
    assert marked("runni", "Running, ruining") == "Running, ruining"


def test_a_stop_word_that_is_still_being_typed_marks_what_it_may_become() -> None:
    assert marked("raised be", "raised beds", prefix=True) == "[raised] [be]ds"


def test_where_a_begun_word_stands_beside_another_it_is_marked_nowhere_else() -> None:
    assert marked("raised be", "It bends, has been raised; raised beds", prefix=True) == (
        "It bends, has been [raised]; [raised] [be]ds"
    )
    assert marked("the s", "The soup is so salty", prefix=True) == "[The] [s]oup is so salty"
    assert marked("raised be", "It bends, has been, was raised", prefix=True) == "It [be]nds, has [be]en, was [raised]"


def test_the_field_decides_what_is_marked() -> None:
    highlights = found(parse("title:x y"), Document("a", "/a/", "x y", "x y", tags=("x", "y x y")))

    assert brackets("x y", highlights.title) == "[x] [y]"
    assert brackets("x y", highlights.body) == "x [y]"
    assert [brackets(tag, ranges) for tag, ranges in zip(("x", "y x y"), highlights.tags, strict=True)] == [
        "x", "[y] x [y]",
    ]  # fmt: skip


def test_the_language_of_the_post_decides_the_stems() -> None:
    assert marked("häuser", "das Haus", "de") == "das [Haus]"
    assert marked("häuser", "das Haus", "en") == "das Haus"


def test_ranges_tell_the_words_apart() -> None:
    document = Document("a", "/a/", "", "xen kvm glusters gluster")

    assert [words for _, _, words in found(parse("gluster kvm OR xen", prefix=False), document).body] == [4, 2, 1, 1]


def test_a_begun_word_is_marked_no_further_than_it_reaches() -> None:
    assert found(parse("ß*"), Document("a", "/a/", "", "ß")).body == ((0, 1, 1),)


def test_overlapping_ranges_are_made_one() -> None:
    query = Query(clauses=(Phrase("one two"), Phrase("two three"), Word("four")))

    assert found(query, Document("a", "/a/", "", "one two three four")).body == (Range(0, 13, 3), Range(14, 18, 4))


ASKED = st.sampled_from(WORDS) | TEXTS.map(lambda text: text[:20])
OPTIONS = st.builds(Word, ASKED, field=st.sampled_from([None, None, "title", "body", "tags"]), prefix=st.booleans())
PHRASES = st.builds(Phrase, st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join))
CLAUSES: st.SearchStrategy[Clause] = OPTIONS | PHRASES | st.builds(AnyOf, st.tuples(OPTIONS, PHRASES | OPTIONS))


@st.composite
def documents_and_queries(draw: st.DrawFn) -> tuple[list[Document], Query]:
    """Documents, and a query of words that may stand in them, or begin so."""
    documents = draw(st.lists(DOCUMENTS, min_size=1, max_size=3))
    parts = [
        word
        for document in documents
        for texts in field_texts(document).values()
        for text in texts
        for word in text.split()
    ]
    clauses = draw(st.lists(CLAUSES, max_size=3))
    if parts:
        word = draw(st.sampled_from(parts))
        clauses.append(Word(word[: draw(st.integers(1, 6))], prefix=True))
        first = draw(st.integers(0, len(parts) - 1))
        clauses.append(Phrase(" ".join(parts[first : first + draw(st.integers(1, 4))])))
    return documents, Query(clauses=tuple(clauses))


@COUNTS
def test_highlights_from_offsets_are_those_of_reading(tmp_path: Path, examples: int) -> None:
    options = Settings(index=tmp_path)

    def check(case: tuple[list[Document], Query]) -> None:
        documents, query = case
        with open_writer(options, fresh=True) as writer:
            for number, document in enumerate(documents):
                writer.put(replace(document, id=f"{number}.md", visible_from=None, visible_to=None))
            writer.commit()

        for match in open_searcher(options).search(query, NOW).matches:
            assert match.highlights == read_highlights(query, match.document)

    hold(5 * examples, check, documents_and_queries())


QUESTIONS = (
    "the", "release notes", '"release notes"', "gluster*", "c++", "std::vector", "rust", "運", "全文", "か", "e-mail",
    "don't", "title:rust", "tag:c++", "foo_bar OR run", "running -walk", "--help", ".net", "новости", "a*", "1*",
    "2013-06", '"in the"',
)  # fmt: skip


@pytest.mark.full
@pytest.mark.skipif(not DATA.is_dir(), reason="POSTSEARCH_TEST_DATA does not name a folder with real posts")
@pytest.mark.parametrize("name", ["18f", "golang", "twir"])
def test_highlights_of_real_posts_are_those_of_reading(tmp_path: Path, name: str) -> None:
    options = Settings(posts=DATA / "posts" / name, index=tmp_path / "index", workers=1)
    reindex(options)
    searcher = open_searcher(options)
    compared = 0
    for text in QUESTIONS:
        query = replace(parse(text), per_page=8)
        for match in searcher.search(query, NOW).matches:
            assert match.highlights == read_highlights(query, match.document), (text, match.document.id)
            compared += 1

    assert compared > 2 * len(QUESTIONS)


def test_of_a_page_with_too_many_words_to_mark_each_document_shows_its_share() -> None:
    many, few = (Document(id, f"/{id}/", "", "run walk " * times) for id, times in (("a", MAX_RANGES), ("b", 10)))
    reader = SegmentReader(invert([many, few]))

    marks = highlight([Word("run")], reader, {"en"}, np.array([0, 1]), [many, few])
    alone = highlight([Word("run")], reader, {"en"}, np.array([0]), [many])

    assert [len(found.body) for found in marks] == [MAX_RANGES // 2, 10]
    assert marks[0].body == alone[0].body[: MAX_RANGES // 2]
    assert len(alone[0].body) == MAX_RANGES


def test_a_beginning_is_marked_where_it_is_spelled_as_typed() -> None:
    texts = ["A Bee, be", "straße caf\u00e9", "b? 蜂", "cafe\u0301teria"]

    def ends(prefix: str, *places: tuple[int, int]) -> list[int]:
        rows, starts = np.array(places, np.int64).T
        return [int(end) for end in beginnings(prefix, texts, rows, starts)]

    assert ends("be", (0, 2), (0, 7), (0, 0), (2, 0)) == [4, 9, 0, 0]
    assert ends("bee", (0, 2), (0, 7)) == [5, 0]  # the next text does not go on with the last word
    assert ends("cafe", (1, 7), (3, 0)) == [11, 5]  # with the accent that stands behind its letter
    assert ends("caf", (1, 7), (3, 0)) == [10, 3]
    assert ends("strasse", (1, 0)) == [0]  # of other letters
    assert ends("蜂", (2, 3), (2, 1)) == [4, 0]
    assert ends("be", (0, 10**9), (2, -3)) == [0, 0]  # as of a file that someone else made
