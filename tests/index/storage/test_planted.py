"""An index that someone else made, as it may lie in a repository that was cloned: nothing that it holds acts.

It is told as damaged, and built anew from the posts.
"""

from __future__ import annotations

import copy
import io
import json
import os
import pickle
import resource
import struct
import threading
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC

from index.errors import IndexDamaged, IndexMissing, SettingsError
from index.indexer.run import reindex
from index.schema import SCHEMA_VERSION, Document
from index.segments.files import write_arrays
from index.segments.inversion import invert
from index.segments.segment import to_named_arrays
from index.settings import Settings
from index.storage import open_writer
from index.storage.builds import live, next_location, publish
from index.storage.codec import PostSegment
from index.storage.reader import Reader
from index.storage.toc import newest_toc, read_toc
from index.storage.whoosh_schema import SCHEMA
from index.watching.watcher import Watcher
from search.cli import main
from search.service import Search
from search.web.extension import create_app


class Program:
    """What a pickle runs when it is loaded the usual way: it makes a file."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
        return Path.touch, (self.mark,)


def build(settings: Settings) -> Path:
    return live(settings.index).path(settings.index)


def plant_program(settings: Settings, mark: Path) -> None:
    """Put the program into the table of contents twice: beside the segments, and in the schema."""
    folder = build(settings)
    number = newest_toc(folder)
    toc = read_toc(folder, number)
    schema = copy.deepcopy(SCHEMA)
    schema.program = Program(mark)
    (folder / f"_MAIN_{number}.toc").unlink()
    TOC(schema, [*map(PostSegment.of, toc.segments), Program(mark)], number).write(FileStorage(str(folder)), "MAIN")


def command(*arguments: str) -> int | str | None:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return ended.value.code


def run_search(settings: Settings) -> None:
    assert command("search", "beds", "--index", str(settings.index)) == 3


def run_status(settings: Settings) -> None:
    assert command("status", "--index", str(settings.index)) == 3


def run_reindex(settings: Settings) -> None:
    assert command("reindex", str(settings.posts), "--index", str(settings.index)) in (0, None)


def run_server(settings: Settings) -> None:
    client = create_app(settings).test_client()
    assert client.get("/search/?q=beds").status_code == 503


def run_watcher(settings: Settings) -> None:
    ran = threading.Event()
    watcher = Watcher(settings, lambda _report: ran.set())
    watcher.start()
    try:
        assert ran.wait(20)
    finally:
        watcher.stop()


def test_the_program_of_these_tests_would_run(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(Program(tmp_path / "mark")))

    assert (tmp_path / "mark").exists()


@pytest.mark.parametrize("run", [run_search, run_status, run_reindex, run_server, run_watcher])
def test_opening_an_index_runs_nothing_that_it_holds(
    settings: Settings, tmp_path: Path, run: Callable[[Settings], None], capsys: pytest.CaptureFixture[str]
) -> None:
    mark = tmp_path / "mark"
    plant_program(settings, mark)

    run(settings)
    if run in (run_search, run_status):
        assert "it does more than list segments (TUPLE" in (said := capsys.readouterr().err)
        assert "postsearch reindex --full" in said
    reindex(settings)

    assert Search(settings).run("beds").total == 1
    assert not mark.exists()


def planted_toc(folder: Path, pickled: bytes, *, number: int = 1, head: bytes | None = None) -> Path:
    """A table of contents with these bytes as its list of segments."""
    path = folder / f"_MAIN_{number}.toc"
    head = head or struct.pack("!3Bii3B", 4, 8, 4, -12345, -111, 2, 7, 4) + b"\x00"
    path.write_bytes(head + struct.pack("!ii", number, 0) + pickled)
    return path


class Given:
    """What is pickled in the place of a segment."""


def pickled(count: int = 1, /, **changes: object) -> bytes:
    """A list of so many segments, some attributes of which are as given."""
    segments = [Given() for _ in range(count)]
    for number, segment in enumerate(segments):
        plain = {"indexname": "MAIN", "segid": f"{number:016x}", "compound": False, "_size": 3, "_deleted": b""}
        vars(segment).update(plain, **changes)
    return pickle.dumps(segments, 3).replace(f"c{__name__}\nGiven\n".encode(), GLOBAL)


def repeated(times: int, **changes: object) -> bytes:
    """A list that names one segment so many times."""
    named = pickled(1, **changes).removesuffix(b"a.")
    return named + b"r\xff\x00\x00\x00a(" + b"h\xff" * (times - 1) + b"e."


GLOBAL = f"c{PostSegment.__module__}\n{PostSegment.__name__}\n".encode()


def test_a_table_that_is_ours_is_read(tmp_path: Path) -> None:
    planted_toc(tmp_path, pickled(_deleted=b"\x40"))

    (segment,) = read_toc(tmp_path, 1).segments

    assert (segment.id, segment.size, segment.live_docs().tolist()) == ("0" * 16, 3, [True, False, True])


PAIRS = b"".join(b"q%c0h%ch%c\x86" % (number, number, number) for number in range(59)) + b"q\x3b0"
"""A pair of a pair of … of a number, and all of it kept as number 59."""

HOSTILE = {
    "a class beside ours": b"cbuiltins\neval\n(S'1'\ntR.",
    "an attribute of ours": b"cindex.storage.codec\nPostSegment.codec\n.",
    "our class itself": b"(l" + GLOBAL + b"a.",
    "our class called": b"(l" + GLOBAL + b")Ra.",
    "a change of our class": b"(l" + GLOBAL + b"N}S'doc_count'\nI5\ns\x86ba.",
    "a memo of gigabytes": b"\x80\x04}r\xff\xff\xff\x7f.",
    "a text of gigabytes": b"\x80\x04\x8e\xff\xff\xff\xff\x0f\x00\x00\x00.",
    "a number of many digits": b"L" + b"9" * 100_000 + b"L\n.",
    "lists in lists": b"]" * 100_000 + b"a" * 99_999 + b".",
    "no list": b"}.",
    "numbers": b"(lI1\na.",
    "a persistent id": b"Pname\n.",
    "an extension": b"\x82\x01.",
    "nothing": b"",
    "an end": b".",
    "text": b"<html>Not found</html>",
    "a path for a name": pickled(segid="../../../../x"),
    "a name of a file": pickled(segid="a" * 15 + "/"),
    "another index": pickled(indexname="../MAIN"),
    "a number for a name": pickled(segid=5),
    "a compound segment": pickled(compound=True),
    "one attribute more": pickled(name="../../x"),
    "a negative size": pickled(_size=-1),
    "an absurd size": pickled(_size=1 << 60),
    "a size that is true": pickled(_size=True),
    "deletions of other documents": pickled(_deleted=b"\x01\x01"),
    "a set of deletions": pickled(_deleted={1}),
    "a tuple as a key that is too deep for C": b"\x80\x02}K\x01" + b"\x85" * 1_000_000 + b"K\x01s.",
    "a tuple as a key of as many parts as two to the power of 60": b"\x80\x02K\x01" + PAIRS + b"}h\x3bK\x01s.",
    "bytes of exabytes": b"\x80\x05\x96" + struct.pack("<Q", 1 << 62) + b".",
    "bytes of gigabytes": b"\x80\x05\x96" + struct.pack("<Q", 18 << 30) + b".",
    "a segment named twice": repeated(2),
    "a segment named by the thousand": repeated(20_000),
    "a segment without documents named by the million": repeated(1_900_000, _size=0),
    "more segments than there ever are": pickled(300),
}


def limit_memory() -> tuple[int, int]:
    """Let this process have a gigabyte more than it has; gives the limits as they were."""
    limits = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + (1 << 30), limits[1]))
    return limits


@pytest.mark.timeout(10)
@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_table_that_is_not_ours_is_damage(tmp_path: Path, data: bytes) -> None:
    planted_toc(tmp_path, data)
    before = dict(vars(PostSegment))
    limits = limit_memory()
    try:
        with pytest.raises(IndexDamaged, match="--full"):
            read_toc(tmp_path, 1)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)

    assert dict(vars(PostSegment)) == before


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "head",
    [
        struct.pack("!3Bii3B", 4, 8, 4, -12345, -110, 2, 7, 4) + b"\x00",  # a version that Whoosh reads in another way
        struct.pack("!3Bii3B", 4, 4, 4, -12345, -111, 2, 7, 4) + b"\x00",
        struct.pack("!3Bii3B", 4, 8, 4, -12345, -111, 2, 7, 4) + b"\x80" * 1_000_000,
        struct.pack("!3Bii3B", 4, 8, 4, -12345, -111, 2, 7, 4) + b"\xff\xff\xff\x7f",
        b"\x00" * 40,
        b"\x00" * 5_000_000,
        b"short",
    ],
    ids=["version", "sizes", "length without an end", "length of much", "zeros", "too large", "short"],
)
def test_a_head_that_is_none_is_damage(tmp_path: Path, head: bytes) -> None:
    planted_toc(tmp_path, pickled(), head=head)

    with pytest.raises(IndexDamaged, match="--full"):
        read_toc(tmp_path, 1)


POINTERS: dict[str, object] = {
    "a folder outside": {"folder": "../../x"},
    "an absolute folder": {"folder": "/etc"},
    "a folder outside that begins as ours": {"folder": "build-0-00000000/../../x"},
    "the folder of the index": {"folder": "."},
    "a folder and a line": {"folder": "build-0-00000000\n"},
    "another base": {"base": 1},
    "an absurd base": {"folder": "build-" + "9" * 400 + "-00000000", "base": int("9" * 400)},
    "a base that is false": {"base": False},
    "a base with a fraction": {"base": 0.0},
    "a list": {"folder": ["build-0-00000000"]},
    "one thing more": {"run": "it"},
}


@pytest.mark.parametrize("changes", POINTERS.values(), ids=POINTERS.keys())
def test_a_pointer_leads_to_a_build_or_nowhere(tmp_path: Path, changes: dict[str, object]) -> None:
    pointer = {"folder": "build-0-00000000", "engine": "whoosh", "base": 0, "schema": SCHEMA_VERSION}
    (tmp_path / "build-0-00000000").mkdir()
    (tmp_path / "current.json").write_text(json.dumps(pointer))
    assert live(tmp_path).base == 0
    (tmp_path / "current.json").write_text(json.dumps({**pointer, **changes}))

    with pytest.raises(IndexDamaged, match="--full"):
        live(tmp_path)


@pytest.mark.timeout(10)
@pytest.mark.parametrize("data", ["[" * 9_000, " " * 50_000_000, '{"folder": ' + "9" * 9_000 + "}"])
def test_a_pointer_costs_little_to_read(tmp_path: Path, data: str) -> None:
    (tmp_path / "current.json").write_text(data)

    with pytest.raises(IndexDamaged, match="--full"):
        live(tmp_path)


def segment_of(settings: Settings) -> Path:
    (path,) = build(settings).glob("*.posts")
    return path


def toc_of(settings: Settings) -> Path:
    (path,) = build(settings).glob("*.toc")
    return path


def pointer_of(settings: Settings) -> Path:
    return settings.index / "current.json"


@pytest.mark.timeout(30)
@pytest.mark.parametrize("of", [segment_of, toc_of, pointer_of, build])
@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_what_is_no_file_of_the_index_is_not_read(
    settings: Settings, tmp_path: Path, kind: str, of: Callable[[Settings], Path]
) -> None:
    path = of(settings)
    moved = path.rename(tmp_path / "moved")
    if kind == "link":
        path.symlink_to(moved)
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()

    with pytest.raises((IndexDamaged, NotADirectoryError)):
        Reader(settings.index).snapshot()
    if kind == "folder" and of is pointer_of:
        path.rmdir()  # a pointer can't take the place of a folder
    assert reindex(settings).indexed == 1

    assert moved.exists()
    assert Search(settings).run("beds").total == 1


@pytest.mark.parametrize("name", ["MAIN.tmp", "MAIN_WRITELOCK", "_MAIN_9.toc.1"])
def test_a_writer_goes_through_no_link_in_a_build(settings: Settings, tmp_path: Path, name: str) -> None:
    """Whoosh empties the folder `MAIN.tmp`, and makes the file `MAIN_WRITELOCK`."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "diary.txt").write_text("dear")
    link = build(settings) / name
    link.unlink(missing_ok=True)
    link.symlink_to(outside / "made" if name == "MAIN_WRITELOCK" else outside)
    (settings.posts / "more.md").write_text("# More beds\n")

    with pytest.raises(IndexDamaged, match="--full"):
        open_writer(settings)
    reindex(settings)

    assert [path.name for path in outside.iterdir()] == ["diary.txt"]
    assert Search(settings).run("beds").total == 2


def test_a_pointer_is_written_through_no_link(tmp_path: Path) -> None:
    diary = tmp_path / "diary.txt"
    diary.write_text("dear")
    location = next_location(tmp_path / "index", 0)
    (tmp_path / "index" / "current.json.new").symlink_to(diary)

    publish(tmp_path / "index", location)

    assert diary.read_text() == "dear"
    assert live(tmp_path / "index") == location


def test_a_lock_that_is_a_link_is_not_taken(settings: Settings, tmp_path: Path) -> None:
    (settings.index / "lock").unlink()
    (settings.index / "lock").symlink_to(tmp_path / "made")

    with pytest.raises(OSError, match=r"\.postsearch/lock"):
        reindex(settings)

    assert not (tmp_path / "made").exists()


def test_absurd_names_of_builds_do_not_spoil_the_generations_to_come(settings: Settings) -> None:
    for name in ("build-999999999999999-00000000", "build-" + "9" * 200 + "-00000000", "build-0-00000000"):
        (settings.index / name).mkdir()
        for number in ("999999999", "9" * 100):
            (settings.index / name / f"_MAIN_{number}.toc").touch()

    for full in (True, False, True):
        (settings.posts / "beds.md").write_text(f"# Raised beds {full}\n")
        reindex(settings, full=full)

        assert Search(settings).run("beds").total == 1


DOCUMENTS = [Document(f"{i}.md", f"/{i}/", f"Title {i}", f"Some words {i}", tags=("a", f"t{i}")) for i in range(3)]


def changed(**changes: Callable[[np.ndarray[Any, Any]], np.ndarray[Any, Any] | None]) -> bytes:
    """The file of a segment in which some arrays are others; a name in `changes` has `__` for a point."""
    arrays = dict(to_named_arrays(invert(DOCUMENTS)))
    for name, change in changes.items():
        key = name.replace("__", ".")
        arrays[key] = change(arrays[key])  # type: ignore[assignment]
    file = io.BytesIO()
    write_arrays(file, {name: array for name, array in arrays.items() if array is not None})
    return file.getvalue()


def with_table(change: Callable[[dict[str, Any]], object]) -> bytes:
    """The same file, in which the table of arrays is another one, with its right checksum."""
    data = changed()
    length = struct.unpack_from("<20sII", data)[1]
    table = json.loads(data[28 : 28 + length])
    packed = json.dumps(change(table) or table).encode()
    return struct.pack("<20sII", data[:20], len(packed), zlib.crc32(packed)) + packed + data[28 + length :]


def huge(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The same offsets, one of which is astronomical."""
    array = array.astype(np.uint64)
    array[1] = 1 << 40
    return array


def longer(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.append(array, array[-1:])


def everywhere(table: dict[str, Any]) -> None:
    """Many arrays in the same bytes: a small file that takes for ever to check."""
    table.update({f"array {number}": ["|u1", [500], 0, 0] for number in range(100_000)})


FILES = {
    "absurd entries": changed(postings__entries=huge),
    "absurd tokens": changed(postings__tokens__low=lambda a: a.astype(np.uint32) + 100),
    "other tokens": changed(postings__tokens__low=lambda a: a[::-1]),
    "no tokens": changed(postings__tokens__low=lambda a: a[:0]),
    "large numbers of no row": changed(postings__distances__large=lambda _: np.ones(1, np.uint32)),
    "absurd ends": changed(records__bodies__ends=huge),
    "absurd names": changed(records__doc_values__tags__starts=huge),
    "other documents": changed(postings__docs=lambda a: a + 100),
    "other fields": changed(postings__fields=lambda a: a + 100),
    "shuffled fields": changed(postings__fields=lambda a: a[::-1]),
    "other codes": changed(records__doc_values__lang__codes=lambda a: a + 100),
    "other ids": changed(records__by_id=lambda a: a + 100),
    "more widths": changed(postings__widths__values=longer),
    "more dates": changed(records__doc_values__date=longer),
    "lengths of another shape": changed(records__lengths=lambda a: a[:2]),
    "more anchors": changed(records__anchors__chars=longer),
    "longer fields": changed(records__anchors__spans=lambda a: a + 100),
    "fields of fewer documents": changed(records__anchors__spans=lambda a: a[:, 1:]),
    "fields of another shape": changed(records__anchors__spans=lambda a: a[:2]),
    "no anchors": changed(records__anchors__chars=lambda a: a[:0], records__anchors__spans=lambda a: a * 0),
    "vectors of fewer documents": changed(records__embeddings__vectors=lambda a: a[1:]),
    "vectors of no model": changed(records__embeddings__vectors=lambda _: np.ones((3, 4), np.int8)),
    "a model without vectors": changed(records__embeddings__model=lambda _: np.ones(16, np.uint8)),
    "vectors of 8 bytes": changed(records__embeddings__vectors=lambda a: a.astype(np.int64)),
    "vectors in a row": changed(records__embeddings__vectors=lambda _: np.ones(3, np.int8)),
    "numbers with fractions": changed(postings__docs=lambda a: a.astype(float)),
    "negative numbers": changed(postings__docs=lambda a: a.astype(np.int8) - 1),
    "documents of 8 bytes": changed(postings__docs=lambda a: a.astype(np.uint64)),
    "fields of 8 bytes": changed(postings__fields=lambda a: a.astype(np.uint64)),
    "tokens of 8 bytes": changed(postings__tokens__low=lambda a: a.astype(np.uint64)),
    "widths of 8 bytes": changed(postings__widths__values=lambda a: a.astype(np.uint64)),
    "letters of 2 bytes": changed(records__bodies__data=lambda a: a.astype(np.uint16)),
    "names that are not UTF-8": changed(records__doc_values__tags__table__data=lambda a: a | 0x80),
    "languages that are not UTF-8": changed(records__doc_values__lang__table__data=lambda a: a | 0x80),
    "ids that are not UTF-8": changed(records__ids__data=lambda a: a | 0x80),
    "names that part a letter": changed(
        records__doc_values__tags__table__data=lambda _: np.frombuffer("aéé".encode(), np.uint8),
        records__doc_values__tags__table__ends=lambda _: np.array([0, 2, 4, 5, 5], np.uint64),
    ),
    "an array that is missing": changed(postings__docs=lambda _: None),
    "no documents": changed(records__ids__ends=lambda a: a[:1]),
    "an absurd shape": with_table(lambda t: t["postings.docs"].__setitem__(1, [1 << 60])),
    "a negative shape": with_table(lambda t: t["postings.docs"].__setitem__(1, [-1])),
    "a shape of text": with_table(lambda t: t["postings.docs"].__setitem__(1, "many")),
    "an absurd place": with_table(lambda t: t["postings.docs"].__setitem__(2, 1 << 70)),
    "objects": with_table(lambda t: t["postings.docs"].__setitem__(0, "|O")),
    "structures": with_table(lambda t: t["postings.docs"].__setitem__(0, "i4,(9999,9999)f8")),
    "a list for a table": with_table(lambda _: [1]),
    "deep lists for a table": with_table(lambda _: None).replace(b"{", b"["),
    "the same bytes again and again": with_table(everywhere),
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("data", FILES.values(), ids=FILES.keys())
def test_a_segment_whose_arrays_lead_nowhere_is_damage(tmp_path: Path, data: bytes) -> None:
    settings = Settings(index=tmp_path / "index")
    with open_writer(settings) as writer:
        for document in DOCUMENTS:
            writer.put(document)
        writer.commit()
    segment_of(settings).write_bytes(changed())
    assert len(Reader(settings.index).snapshot().segments) == 1
    segment_of(settings).write_bytes(data)
    limits = limit_memory()
    try:
        with pytest.raises(IndexDamaged, match=r"\.posts can't be read .*--full"):
            Reader(settings.index).snapshot()
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)


def test_positions_beyond_all_anchors_are_marked_somewhere(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path / "index")
    with open_writer(settings) as writer:
        for document in DOCUMENTS:
            writer.put(document)
        writer.commit()
    segment_of(settings).write_bytes(changed(postings__positions__values=lambda a: a // 2 + 100))

    assert Search(settings).run("words").total == len(DOCUMENTS)


def test_a_segment_of_another_size_than_the_table_says_is_damage(settings: Settings) -> None:
    file = io.BytesIO()
    write_arrays(file, to_named_arrays(invert([])))
    segment_of(settings).write_bytes(file.getvalue())

    with pytest.raises(IndexDamaged, match="holds 0 documents and not 1"):
        Reader(settings.index).snapshot()


def test_a_folder_that_others_may_write_to_is_not_opened(settings: Settings) -> None:
    settings.index.chmod(0o777)

    with pytest.raises(IndexDamaged, match="chmod go-w"):
        Reader(settings.index).snapshot()
    with pytest.raises(SettingsError, match="chmod go-w"):
        reindex(settings)


def test_what_is_no_folder_is_told_as_that_whoever_may_write_to_it(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch(0o600)

    for path in (file, Path("/dev/null")):
        with pytest.raises(IndexDamaged, match=f"^{path} is not a folder; give"):
            Reader(path).snapshot()
        with pytest.raises(SettingsError, match="choose another folder"):
            reindex(Settings(posts=tmp_path, index=path))


def test_no_index_is_missing(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="postsearch reindex"):
        Reader(replace(Settings(), index=tmp_path / "none").index).snapshot()
