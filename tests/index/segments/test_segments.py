"""Merged segments are those of all documents, and files give back what was written or say that they are damaged."""

from __future__ import annotations

import ast
import io
import json
import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.errors import IndexDamaged
from index.indexer.run import reindex
from index.schema import Document, Section
from index.segments import files
from index.segments.files import FORMAT, Arrays, check_arrays, map_arrays, read_arrays, write_arrays
from index.segments.inversion import invert
from index.segments.merging import MergeInput, merge
from index.segments.segment import Segment, read_segment, to_named_arrays
from index.segments.texts import MAGIC, PackedTexts
from index.settings import Settings
from index.storage import open_writer
from search.engine import open_searcher
from search.query import Query, Word
from tests.corpora import COUNTS, DOCUMENTS, NOW, hold
from tests.stored import write

SEED = 20130619
NAMED = st.lists(DOCUMENTS, max_size=5).map(lambda found: [replace(d, id=f"{i}.md") for i, d in enumerate(found)])


def whole(documents: Sequence[Document]) -> MergeInput:
    return MergeInput(invert(documents), np.ones(len(documents), np.bool_))


def assert_same(one: Segment, other: Segment) -> None:
    """Array by array, with their types."""
    ours, theirs = to_named_arrays(one), to_named_arrays(other)
    assert ours.keys() == theirs.keys()
    for name, array in ours.items():
        assert (name, array.dtype, array.tobytes()) == (name, theirs[name].dtype, theirs[name].tobytes())


@COUNTS
def test_what_is_merged_is_what_is_inverted_together(examples: int) -> None:
    def check(documents: list[Document], cuts: list[int]) -> None:
        bounds = sorted({0, len(documents), *(cut for cut in cuts if cut < len(documents))})
        parts = [whole(documents[a:b]) for a, b in pairwise(bounds)] or [whole([])]
        assert_same(merge(parts), invert(documents))

    hold(5 * examples, check, NAMED, st.lists(st.integers(0, 5), max_size=3))


@COUNTS
def test_a_merge_leaves_no_trace_of_what_is_deleted(examples: int) -> None:
    def check(one: list[Document], other: list[Document], data: st.DataObject) -> None:
        parts, kept = [], []
        for documents in (one, other):
            alive = data.draw(st.lists(st.booleans(), min_size=len(documents), max_size=len(documents)))
            parts.append(MergeInput(invert(documents), np.array(alive, np.bool_)))
            kept += [document for document, stays in zip(documents, alive, strict=True) if stays]
        merged, anew = merge(parts), invert(kept)
        # What was a word only in deleted documents, and is a stem in others, counts as a word still.
        assert set(anew.postings.words.tolist()) <= set(merged.postings.words.tolist())
        assert_same(replace(merged, postings=replace(merged.postings, words=anew.postings.words)), anew)

    hold(5 * examples, check, NAMED, NAMED, st.data())


@pytest.mark.parametrize("size", [1, 7, 50])
def test_a_merge_in_blocks_is_the_same(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr("index.segments.merging.BLOCK_POSTINGS", size)
    texts = ["run running foo_bar.baz", "全文検索 run", "", "run " * 300, "Häuser und C++", "baz run"]
    documents = [Document(f"{i}.md", f"/{i}", f"Title {i}", text, tags=("run", text)) for i, text in enumerate(texts)]

    assert_same(merge([whole(documents[:2]), whole(documents[2:5]), whole(documents[5:])]), invert(documents))


def test_what_was_put_by_while_much_was_gathered_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.storage.codec.MAX_BUFFERED_BYTES", 1)
    monkeypatch.setattr("index.storage.writer.MAX_BATCH_CHARACTERS", 30)
    options = Settings(index=tmp_path / "index")
    documents = [Document(f"{i}.md", f"/{i}", f"Title {i}", f"some words and number {i}") for i in range(20)]
    write(options, *documents)
    with segment_file(options).open("rb") as file:
        found = read_arrays(file)

    expected = to_named_arrays(invert(documents).packed())
    assert {name: array.tobytes() for name, array in found.items()} == {
        name: array.tobytes() for name, array in expected.items()
    }
    assert not [path for path in options.index.rglob("*") if path.suffix not in {".posts", ".toc", ".json", ""}]


@COUNTS
def test_a_segment_gives_its_documents_back(examples: int) -> None:
    def check(documents: list[Document]) -> None:
        segment = invert(documents)
        assert [segment.document(row) for row in range(segment.size)] == documents
        assert [segment.records.find(document.id) for document in documents] == list(range(len(documents)))
        assert segment.records.find("absent.md") is None

    hold(examples, check, NAMED)


def test_more_than_any_small_number_holds() -> None:
    """Positions and offsets beyond 16 bits, counts beyond 8 bits, and more documents than 8 bits count."""
    long = Document("long.md", "/", "Long", "word " * 70_000 + "needle")
    documents = [Document(f"{i}.md", f"/{i}", f"Title {i}", "word") for i in range(300)]
    together = merge([whole(documents), whole([long])])

    assert_same(together, invert([*documents, long]))
    assert together.document(300) == long


ARRAYS = st.sampled_from([np.uint8, np.uint16, np.uint32, np.uint64, np.int32, np.float64]).flatmap(
    lambda kind: st.lists(st.integers(0, 200), max_size=40).map(lambda values: np.array(values, kind))
)


def written(arrays: dict[str, NDArray[np.generic]]) -> bytes:
    file = io.BytesIO()
    write_arrays(file, arrays)
    return file.getvalue()


def checked_arrays(file: BinaryIO) -> Arrays:
    assert max(check_arrays(file), default=0) <= files.READ_BYTES
    return map_arrays(file)


READINGS = pytest.mark.parametrize("read", [read_arrays, checked_arrays])
"""The two ways in which a file is read."""


@READINGS
@COUNTS
def test_arrays_come_back_as_they_were_written(
    tmp_path: Path, examples: int, read: Callable[[BinaryIO], Arrays]
) -> None:
    path = tmp_path / "arrays"

    def check(arrays: dict[str, NDArray[np.generic]]) -> None:
        arrays["grid"] = np.arange(12, dtype=np.uint8).reshape(3, 4)
        path.write_bytes(written(arrays))
        with path.open("rb") as file:
            found = read(file)
        assert {name: (a.dtype, a.tolist()) for name, a in found.items()} == {
            name: (a.dtype, a.tolist()) for name, a in arrays.items()
        }
        assert not any(array.flags.writeable for array in found.values())

    hold(5 * examples, check, st.dictionaries(st.text(max_size=5), ARRAYS, max_size=5))


def damaged_copies(data: bytes, size: int) -> list[bytes]:
    """The data with one bit flipped, cut short, with a part of it zeroed, and with more behind it."""
    random_ = random.Random(SEED)
    copies = []
    for place in [*range(28), *random_.sample(range(28, len(data)), size)]:
        copy = bytearray(data)
        copy[place] ^= 1 << random_.randrange(8)
        copies.append(bytes(copy))
    copies += [data[:end] for end in (0, 1, 19, 20, 27, 28, 29, *random_.sample(range(30, len(data)), size))]
    for place in random_.sample(range(len(data)), size // 10):
        copies.append(data[:place] + bytes(min(512, len(data) - place)) + data[place + 512 :])
    return copies


@READINGS
def test_a_file_is_read_as_it_was_written_or_not_at_all(tmp_path: Path, read: Callable[[BinaryIO], Arrays]) -> None:
    """What is between two arrays, to fill up, may be anything."""
    segment = invert([Document("a.md", "/a/", "Title", "Some words, 全文検索. " * 20, tags=("one", "two"))])
    data = written(to_named_arrays(segment))
    path = tmp_path / "segment"
    expected = {name: array.tobytes() for name, array in to_named_arrays(segment).items()}
    told = 0
    copies = damaged_copies(data, 400)
    for copy in copies:
        path.write_bytes(copy)
        with path.open("rb") as file:
            try:
                assert {name: array.tobytes() for name, array in read(file).items()} == expected
            except IndexDamaged:
                told += 1

    assert told > len(copies) / 2


@pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="asks /proc how much of a file is in memory")
def test_an_opened_segment_takes_no_memory_until_it_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "segment"
    path.write_bytes(written(to_named_arrays(invert([Document("a.md", "/a/", "Title", "words and " * 300_000)]))))
    with path.open("rb") as file:
        segment = read_segment(file)

    parts = Path("/proc/self/smaps").read_text("utf-8").partition(f" {path}\n")[2].split()
    assert int(parts[parts.index("Rss:") + 1]) * 1024 < path.stat().st_size / 20
    assert segment.document(0).title == "Title"


POSTS = {f"{name}.md": f"# A post\n\nword and {name} " * 30 for name in ("one", "two", "three")}


@pytest.fixture
def options(tmp_path: Path) -> Settings:
    """A folder of posts that is indexed."""
    posts = tmp_path / "posts"
    posts.mkdir()
    for name, text in POSTS.items():
        (posts / name).write_text(text)
    options = Settings(posts=posts, index=tmp_path / "index", workers=1)
    reindex(options)
    return options


def copied(options: Settings, name: str) -> Settings:
    """The same posts with a copy of the index, which no one has opened yet."""
    folder = options.index.with_name(name)
    shutil.copytree(options.index, folder)
    return replace(options, index=folder)


def segment_file(options: Settings) -> Path:
    return max(options.index.glob("build-*/*.posts"), key=lambda path: path.stat().st_size)


def documents(options: Settings) -> dict[str, Document]:
    matches = open_searcher(options).search(Query(clauses=(Word("word"),)), NOW).matches
    return {match.document.id: match.document for match in matches}


def ids(options: Settings) -> list[str]:
    return sorted(documents(options))


def change(where: Callable[[bytes], bytes]) -> Callable[[Settings], None]:
    def do(options: Settings) -> None:
        path = segment_file(options)
        path.write_bytes(where(path.read_bytes()))

    return do


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :]


DAMAGE = {
    "a bit in the head": change(lambda data: flipped(data, 21)),
    "a bit in the table": change(lambda data: flipped(data, 60)),
    "a bit in the texts": change(lambda data: flipped(data, data.index(MAGIC) + 20)),
    "a bit in the terms": change(lambda data: flipped(data, data.index(b"threetwo"))),
    "another version": change(lambda data: data.replace(FORMAT, FORMAT.replace(b"1", b"0"))),
    "cut short": change(lambda data: data[: len(data) // 2]),
    "empty": change(lambda _: b""),
    "gone": lambda options: segment_file(options).unlink(),
    "something else": change(lambda _: b"<html>Not found</html>" * 100),
}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # Whoosh leaves damaged files open
@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_damage_is_told_by_both_sides_and_mended_by_the_next_run(
    options: Settings, damage: Callable[[Settings], None]
) -> None:
    broken = copied(options, "broken")
    damage(broken)

    with pytest.raises(IndexDamaged, match="--full"):
        ids(broken)
    with pytest.raises(IndexDamaged, match="--full"):
        open_writer(broken)

    assert reindex(broken).indexed == len(POSTS)
    assert ids(broken) == sorted(POSTS)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("damage", ["a bit in the texts", "gone", "something else"])
def test_a_process_that_has_written_notices_damage_that_comes_later(options: Settings, damage: str) -> None:
    (options.posts / "four.md").write_text("# Four\n\nword")
    reindex(options)
    (options.posts / "five.md").write_text("# Five\n\nword")
    with open_writer(options) as writer:
        assert writer.ids()
    DAMAGE[damage](options)

    reindex(options)

    rebuilt = replace(options, index=options.index.with_name("rebuilt"))
    reindex(rebuilt)
    assert documents(options) == documents(rebuilt)


def test_an_index_of_another_schema_is_built_anew(options: Settings) -> None:
    other = copied(options, "other")
    pointer = other.index / "current.json"
    text = pointer.read_text()
    pointer.write_text(text.replace('"schema": ', '"schema": 9'))
    assert pointer.read_text() != text

    with pytest.raises(IndexDamaged, match="another version"):
        ids(other)

    assert reindex(other).indexed == len(POSTS)
    assert ids(other) == sorted(POSTS)


def test_a_reader_keeps_the_segment_that_a_merge_has_removed(tmp_path: Path) -> None:
    options = Settings(index=tmp_path / "index")
    write(options, *(Document(f"{i}.md", f"/{i}", "Old", "word " * 500) for i in range(5)))
    path = segment_file(options)
    with path.open("rb") as file:
        arrays = map_arrays(file)
    before = {name: array.copy() for name, array in arrays.items()}

    write(options, *(Document(f"{i}.md", f"/{i}", "New", "other " * 500) for i in range(5)))

    assert not path.exists()
    assert all(np.array_equal(array, before[name], equal_nan=array.dtype.kind == "f") for name, array in arrays.items())


def test_nothing_in_a_segment_is_pickled() -> None:
    """Pickles run what they hold. Whoosh's table of contents is one, which `index.storage.toc` reads as data."""
    for path in Path(files.__file__).parent.glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        calls = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}

        assert not {name.split(".")[0] for name in imported} & {"pickle", "marshal", "shelve", "dill"}
        assert not calls & {"pickle", "unpickle", "load", "memmap"}, path.name


def test_only_what_is_stored_can_be_damage() -> None:
    segment = invert([Document("a.md", "/a/", "A", "Some words", sections=(Section("Some", "some", 2, 0),))])
    values = json.loads(segment.records.stored[0])
    rows = [row for row in range(len(values)) if values[row] != 1.0]  # the boost is a number
    wrong: list[tuple[int, object]] = [(row, value) for row in rows for value in (5, [5])]
    wrong += [(8, [section]) for section in (["a", 5, 2, 0], ["a", "b", "c", 0], ["a"])]

    for bad in ([], *([*values[:row], value, *values[row + 1 :]] for row, value in wrong)):
        stored = replace(segment.records, stored=PackedTexts.of([json.dumps(bad).encode()]))
        with pytest.raises(IndexDamaged, match="document 0") as caught:
            replace(segment, records=stored).document(0)
        assert isinstance(caught.value.__cause__, (ValueError, TypeError))
    with pytest.raises(ValueError, match="not enough values"):
        segment.document(1)
