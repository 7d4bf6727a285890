"""What is marked from the offsets in the index is what is marked by reading the texts."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import strategies as st

from index.indexer.run import reindex
from index.schema import Document, field_texts
from index.settings import Settings
from index.storage import open_writer
from search.engine import open_searcher
from search.highlight import Highlighter
from search.query import AnyOf, Clause, Phrase, Query, Word
from search.query.parser import parse
from search.ranges import Marks, Range, merged
from tests.corpora import COUNTS, DOCUMENTS, NOW, TEXTS, WORDS, hold

DATA = Path(os.environ.get("POSTSEARCH_TEST_DATA", "no-such-folder"))
QUESTIONS = (
    "the", "release notes", '"release notes"', "gluster*", "c++", "std::vector", "rust", "運", "全文", "か", "e-mail",
    "don't", "title:rust", "tag:c++", "foo_bar OR run", "running -walk", "--help", ".net", "новости", "a*", "1*",
    "2013-06", '"in the"',
)  # fmt: skip

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


def read(query: Query, document: Document) -> Marks:
    """The marks of a document by analysis of all of its texts."""
    highlighter = Highlighter(query)
    return {
        field: tuple(whole(highlighter, text, document.lang, field) for text in field_texts(document)[field])
        for field in ("body", "title", "tags")
    }


def whole(highlighter: Highlighter, text: str, lang: str, field: str) -> tuple[Range, ...]:
    highlighter.ranges("", lang, field)
    matcher = highlighter.matchers[field, lang]
    return merged(matcher.within(text, 0, len(text), matcher.rows))


@COUNTS
def test_marks_from_offsets_are_those_of_reading(tmp_path: Path, examples: int) -> None:
    options = Settings(index=tmp_path)

    def check(case: tuple[list[Document], Query]) -> None:
        documents, query = case
        with open_writer(options, fresh=True) as writer:
            for number, document in enumerate(documents):
                writer.put(replace(document, id=f"{number}.md", visible_from=None, visible_to=None))
            writer.commit()

        for match in open_searcher(options).search(query, NOW).matches:
            assert match.marks == read(query, match.document)

    hold(5 * examples, check, documents_and_queries())


@pytest.mark.timeout(180)
@pytest.mark.skipif(not DATA.is_dir(), reason="POSTSEARCH_TEST_DATA does not name a folder with real posts")
@pytest.mark.parametrize("name", ["18f", "golang", "twir"])
def test_marks_of_real_posts_are_those_of_reading(tmp_path: Path, name: str) -> None:
    options = Settings(posts=DATA / "posts" / name, index=tmp_path / "index", workers=1)
    reindex(options)
    searcher = open_searcher(options)
    compared = 0
    for text in QUESTIONS:
        query = replace(parse(text), per_page=8)
        for match in searcher.search(query, NOW).matches:
            assert match.marks == read(query, match.document), (text, match.document.id)
            compared += 1

    assert compared > 2 * len(QUESTIONS)
