"""Our codec under Whoosh's own writer, reader and searcher: an index of our segments is an index of Whoosh's."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from whoosh import query as ask
from whoosh import sorting
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex
from whoosh.reading import TermNotFound
from whoosh.util.numeric import byte_to_length, length_to_byte

from index.analysis import tokenize
from index.schema import Document, Section
from index.segments.lengths import LENGTHS, length_codes
from index.storage.codec import PostCodec
from index.storage.toc import newest_toc, read_toc
from tests.oracles.whoosh_fields import SCHEMA, from_stored, to_fields

ONE = Document(
    "one.md", "/one/", "Raised beds", "Beds of oak, raised. A bed for tea.", ("Ann", "Bo"), ("wood work", "oak"),
    ("garden",), "About beds", datetime(2020, 2, 3, 4, 5, tzinfo=UTC), "en", (Section("Tea", "tea", 2, 21),),
    datetime(2020, 1, 1, tzinfo=UTC), None, 2.0,
)  # fmt: skip
TWO = Document("two.md", "/two/", "日本語の全文検索", "Café und Häuser, foo_bar.baz", lang="de")
THREE = Document("sub/three.md", "/three/", "Tea", "First flush")


@pytest.fixture
def index(tmp_path: Path) -> FileIndex:
    return FileStorage(str(tmp_path)).create_index(SCHEMA)


def add(index: FileIndex, *documents: Document, **options: object) -> None:
    writer = index.writer(codec=PostCodec())
    for document in documents:
        writer.add_document(**to_fields(document))
    writer.commit(**options)


def stored(index: FileIndex) -> dict[str, Document]:
    with index.searcher() as searcher:
        return {hit["id"]: from_stored(hit.fields()) for hit in searcher.search(ask.Every(), limit=None)}


def test_documents_come_back_from_the_stored_fields(index: FileIndex) -> None:
    add(index, ONE, TWO, THREE)

    assert stored(index) == {document.id: document for document in (ONE, TWO, THREE)}
    with index.searcher() as searcher:
        assert searcher.document(id="one.md")["title"] == "Raised beds"
        assert searcher.document_number(id="absent.md") is None


def test_updates_and_deletions(index: FileIndex) -> None:
    add(index, ONE, TWO, THREE)
    writer = index.writer(codec=PostCodec())
    changed = Document("one.md", "/one/", "Changed", "Other words")
    writer.update_document(**to_fields(changed))
    assert writer.delete_by_term("id", "two.md") == 1
    assert writer.delete_by_term("id", "absent.md") == 0
    writer.commit(merge=False)

    assert stored(index) == {"one.md": changed, "sub/three.md": THREE}
    assert (index.doc_count(), index.doc_count_all()) == (2, 4)

    index.optimize()

    assert stored(index) == {"one.md": changed, "sub/three.md": THREE}
    assert (index.doc_count(), index.doc_count_all()) == (2, 2)


def test_commits_without_a_merge_leave_segments_apart_and_optimize_joins_them(index: FileIndex) -> None:
    for document in (ONE, TWO, THREE):
        add(index, document, merge=False)
    with index.reader() as reader:
        assert len(reader.leaf_readers()) == 3

    add(index, optimize=True)

    with index.reader() as reader:
        assert len(reader.leaf_readers()) == 1
    assert len(stored(index)) == 3
    assert len(list(Path(index.storage.folder).glob("*.posts"))) == 1


def test_a_cancelled_writer_leaves_nothing(index: FileIndex) -> None:
    add(index, ONE)
    writer = index.writer(codec=PostCodec())
    writer.add_document(**to_fields(TWO))
    writer.cancel()

    assert stored(index) == {"one.md": ONE}


def test_all_terms_are_listed_sorted_each_with_what_is_known_of_it(index: FileIndex) -> None:
    add(index, ONE, merge=False)
    add(index, TWO, THREE, merge=False)
    with index.reader() as reader:
        terms = list(reader.all_terms())

        assert terms == sorted(set(terms))
        assert {text.decode() for name, text in terms if name == "id"} == {"one.md", "two.md", "sub/three.md"}
        assert {text.decode() for name, text in terms if name == "body"} == {
            token.term for document in (ONE, TWO, THREE) for token in tokenize(document.body, document.lang)
        }
        assert list(reader.lexicon("tags")) == [b"oak", b"wood", b"work"]
        assert list(reader.expand_prefix("body", "ra")) == [b"rais", b"raised"]
        assert reader.doc_frequency("body", "tea") == 1
        assert reader.frequency("body", "bed") == 2.0
        assert reader.doc_frequency("body", "absent") == 0
        info = reader.term_info("title", "tea")
        assert (info.weight(), info.doc_frequency(), info.min_length(), info.max_length()) == (1.0, 1, 1, 1)
        with pytest.raises(TermNotFound):
            reader.term_info("body", "absent")


def test_postings_tell_where_a_term_stands(index: FileIndex) -> None:
    add(index, ONE)
    with index.reader() as reader:
        postings = reader.postings("body", "bed")
        places = [(span.start, ONE.body[span.startchar : span.endchar]) for span in postings.spans()]

        assert places == [(0, "Beds"), (5, "bed")]
        assert postings.id() == 0
        postings.next()
        assert not postings.is_active()


def test_matchers_skip_copy_and_reset(index: FileIndex) -> None:
    add(index, *(Document(f"{i}.md", f"/{i}", "T", "word" if i % 3 else "other") for i in range(20)))
    with index.reader() as reader:
        postings = reader.postings("body", "word")
        expected = [i for i in range(20) if i % 3]

        assert list(postings.copy().all_ids()) == expected
        postings.skip_to(6)
        assert postings.id() == 7
        ahead = postings.copy()
        ahead.skip_to(18)
        assert (ahead.id(), postings.id()) == (19, 7)
        postings.reset()
        assert postings.id() == 1
        postings.skip_to(100)
        assert not postings.is_active()


def test_whoosh_sorts_and_pages(index: FileIndex) -> None:
    add(index, ONE, merge=False)
    add(index, TWO, THREE, merge=False)
    with index.searcher() as searcher:
        by_id = sorting.FieldFacet("id")
        assert [hit["id"] for hit in searcher.search(ask.Every(), sortedby=by_id)] == [
            "one.md",
            "sub/three.md",
            "two.md",
        ]
        tea = ask.Or([ask.Term("title", "tea"), ask.Term("body", "tea")])
        assert {hit["id"] for hit in searcher.search(tea)} == {"one.md", "sub/three.md"}
        page = searcher.search_page(ask.Every(), 2, pagelen=2)
        assert (page.total, len(list(page))) == (3, 1)


def test_names_of_fields_and_lengths(index: FileIndex) -> None:
    add(index, ONE, merge=False)
    add(index, TWO, merge=False)
    with index.reader() as reader:
        assert set(reader.indexed_field_names()) == set(SCHEMA.names()) - {"rest"}
        assert reader.field_length("title") == sum(len(tokenize(d.title, d.lang)) for d in (ONE, TWO))
        assert reader.doc_field_length(0, "title") == len(tokenize(ONE.title, ONE.lang))
        assert reader.doc_field_length(1, "tags", 0) == 0


def test_similar_terms_are_found_within_an_edit(index: FileIndex) -> None:
    add(index, ONE, merge=False)
    add(index, TWO, THREE, merge=False)
    with index.searcher() as searcher:
        for name, text in (("body", "flash"), ("title", "tee")):
            assert [hit["id"] for hit in searcher.search(ask.FuzzyTerm(name, text))][-1] == "sub/three.md"
        assert list(searcher.reader().terms_within("body", "oek", 1)) == ["oak"]


def test_lengths_have_the_scale_of_whoosh() -> None:
    lengths = np.arange(120_000)
    codes = length_codes(lengths)

    assert codes.tolist() == [length_to_byte(length) for length in lengths.tolist()]
    assert LENGTHS.tolist() == [byte_to_length(code) for code in range(256)]


def test_an_index_of_which_all_is_deleted_can_be_optimized(tmp_path: Path) -> None:
    files = FileStorage(str(tmp_path)).create_index(SCHEMA)
    with files.writer(codec=PostCodec()) as writer:
        writer.add_document(**to_fields(Document("a.md", "/a/", "A", "text")))
    writer = files.writer(codec=PostCodec())
    writer.delete_document(0)
    writer.commit(optimize=True)

    with files.searcher() as searcher:
        assert len(searcher.search(ask.Every())) == 0
        assert searcher.doc_count() == 0
    assert read_toc(tmp_path, newest_toc(tmp_path)).segments == ()
