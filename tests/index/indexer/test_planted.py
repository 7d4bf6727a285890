"""A ledger that someone else made, as it may lie in a repository that was cloned: nothing that it holds acts.

It is told as one that can't be read, once, and all posts are read again.
"""

from __future__ import annotations

import os
import sqlite3
import struct
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from index.indexer.ledger import Basis, Ledger, LedgerEntry, load, save
from index.indexer.run import reindex
from index.indexer.status import read_status
from index.settings import Settings

pytestmark = pytest.mark.timeout(20)

BASIS = Basis(engine="whoosh", commit_id="build-0-0123abcd", generation=7, updated_at=datetime(2024, 5, 6, tzinfo=UTC))
ENTRIES = {"a.md": LedgerEntry(outcome="indexed", served=True, stamp="1:2:3:4", digest="abc")}

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
FOR_EVER = f"BEGIN DELETE FROM entries WHERE id IN ({ENDLESS} SELECT x FROM n); END"

TABLES = {
    "entries without end": "DROP TABLE entries; "
    f"CREATE VIEW entries AS {ENDLESS} SELECT x AS id, 'indexed', 1, 1, '', '', '', 0, 0, '', '' FROM n",
    "a basis without end": "DROP TABLE basis; "
    f"CREATE VIEW basis AS {ENDLESS} SELECT '', '', 1, '', '', 0, '' FROM n WHERE x < 0",
    "an entry that starts something": f"CREATE TRIGGER more AFTER INSERT ON entries {FOR_EVER}",
    "a basis that starts something": f"CREATE TRIGGER more AFTER DELETE ON basis {FOR_EVER}",
    "an index": "CREATE INDEX mine ON entries (abs(line))",
    "a table beside": "CREATE TABLE mine (x)",
    "statistics": "ANALYZE",
    "a column more": "ALTER TABLE entries ADD COLUMN more TEXT DEFAULT 1",
    "no table": "DROP TABLE basis",
    "another journal": "PRAGMA journal_mode = WAL",
    "another version": "PRAGMA user_version = 99",
}

VALUES = {
    "a generation that is text": "UPDATE basis SET generation = 'x'",
    "a commit id that is a number": "UPDATE basis SET commit_id = x'05'",
    "a folder of nothing": "UPDATE basis SET posts = NULL",
    "a time of no zone": "UPDATE basis SET updated_at = '2024-05-06T07:08:09'",
    "no time": "UPDATE basis SET updated_at = 'soon'",
    "two bases": "INSERT INTO basis SELECT * FROM basis",
    "no basis": "DELETE FROM basis",
    "an id of bytes": "UPDATE entries SET id = x'00ff'",
    "an id that is no text": "UPDATE entries SET id = CAST(x'ff' AS TEXT)",
    "another outcome": "UPDATE entries SET outcome = 'run'",
    "bytes of a reason": "UPDATE entries SET reason = x'00'",
    "no reason": "UPDATE entries SET reason = NULL",
    "half a line": "UPDATE entries SET line = 1.5",
    "a line in words": "UPDATE entries SET line = 'seven'",
    "words for yes": "UPDATE entries SET served = 'yes'",
    "a day for a time": "UPDATE entries SET visible_from = '2024-05-06'",
    "a number for a time": "UPDATE entries SET visible_to = x'07'",
}


def put(folder: Path, *, anew: bool = True) -> None:
    save(folder, BASIS, ENTRIES, anew=anew)


def change(folder: Path, sql: str) -> None:
    """Make a ledger, and run the statements on it that one of the other side might have run."""
    put(folder)
    with closing(sqlite3.connect(folder / "ledger.sqlite", isolation_level=None)) as database:
        database.executescript(sql)


def is_unreadable(folder: Path, caplog: pytest.LogCaptureFixture) -> bool:
    """Whether nothing is read, and each reading says so in one line."""
    caplog.clear()
    loaded = [load(folder), load(folder, ["a.md", "\x00\xff", ""])]
    told = [record.getMessage() for record in caplog.records]
    return loaded == [Ledger()] * 2 and len([line for line in told if "can't be read (" in line]) == len(told) == 2


@pytest.mark.parametrize("sql", TABLES.values(), ids=TABLES.keys())
def test_tables_that_are_not_ours_are_neither_read_nor_written(
    tmp_path: Path, sql: str, caplog: pytest.LogCaptureFixture
) -> None:
    change(tmp_path, sql)

    assert is_unreadable(tmp_path, caplog)

    put(tmp_path, anew=False)
    assert load(tmp_path) == Ledger()
    put(tmp_path)
    assert load(tmp_path) == Ledger(BASIS, ENTRIES)


@pytest.mark.parametrize("sql", VALUES.values(), ids=VALUES.keys())
def test_values_that_are_not_ours_are_not_read(tmp_path: Path, sql: str, caplog: pytest.LogCaptureFixture) -> None:
    change(tmp_path, sql)

    caplog.clear()
    assert load(tmp_path) == Ledger()
    assert [("can't be read (" in record.getMessage()) for record in caplog.records] == [True]


@pytest.mark.parametrize("suffix", ["", "-journal", "-wal", "-shm"])
@pytest.mark.parametrize("kind", ["link", "dangling link", "pipe", "folder"])
def test_files_that_are_none_are_neither_read_nor_written(
    tmp_path: Path, suffix: str, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "index"
    outside.mkdir()
    folder.mkdir()
    put(outside)
    put(folder)
    before = (outside / "ledger.sqlite").read_bytes()
    planted = folder / f"ledger.sqlite{suffix}"
    planted.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(planted)
    elif kind == "folder":
        planted.mkdir()
    else:
        planted.symlink_to(outside / ("ledger.sqlite" if kind == "link" else "made"))

    assert is_unreadable(folder, caplog)
    for anew in (False, True):
        put(folder, anew=anew)

    assert (outside / "ledger.sqlite").read_bytes() == before
    assert os.listdir(outside) == ["ledger.sqlite"]  # noqa: PTH208  the shortest way to say that nothing was made
    assert load(folder) == (Ledger() if kind == "folder" else Ledger(BASIS, ENTRIES))


def test_a_journal_that_names_another_file_is_not_played_back(tmp_path: Path) -> None:
    """Sqlite removes the file that a journal names as the one that it is part of."""
    diary = tmp_path / "diary.txt"
    diary.write_text("dear")
    put(tmp_path)
    magic, name = bytes.fromhex("d9d505f920a163d7"), str(diary).encode()
    journal = struct.pack(">8s5I", magic, 0, 0, 1, 512, 4096).ljust(512, b"\0")
    journal += struct.pack(f">I{len(name)}sII8s", (1 << 30) // 4096 + 1, name, len(name), sum(name), magic)
    (tmp_path / "ledger.sqlite-journal").write_bytes(journal)

    assert load(tmp_path) == Ledger()
    put(tmp_path, anew=False)

    assert diary.read_text() == "dear"


def endless(data: bytes, root: int) -> bytes:
    """The same database, in which the table of this root page goes on, after its rows, with the last for ever.

    There are pages of branches that have the same page forty times below them, six such pages deep.
    """
    (size,) = struct.unpack_from(">H", data, 16)
    pages = [bytearray(data[start : start + size]) for start in range(0, len(data), size)]
    page, head = pages[root - 1], 100 if root == 1 else 0
    (count,) = struct.unpack_from(">H", page, head + 3)
    cells = struct.unpack_from(f">{count}H", page, head + 8)
    indexed = page[head] == 0x0A
    row = bytes(page[cells[-1] : cells[-1] + page[cells[-1]] + 1]) if indexed else b"\x7f"

    def leaf(*cells: int) -> bytearray:
        header = struct.pack(f">B2xHHx{len(cells)}H", 0x0A if indexed else 0x0D, len(cells), min(cells), *cells)
        return bytearray(header) + page[len(header) :]

    def branch(*children: int, head: int = 0) -> bytearray:
        below = [struct.pack(">I", child) + row for child in children[:-1]]
        places = [size - len(row) * n - 4 * n for n in range(1, len(children))]
        header = struct.pack(">B2xHHxI", 0x02 if indexed else 0x05, len(below), places[-1], children[-1])
        header += struct.pack(f">{len(places)}H", *places)
        return page[:head] + bytearray(header + b"".join(below).rjust(size - head - len(header), b"\0"))

    pages += [leaf(*cells), leaf(cells[-1])]
    first = len(pages) - 1
    for _ in range(6):
        pages.append(branch(*[len(pages)] * 40))
    pages[root - 1] = branch(first, len(pages), head=head)
    struct.pack_into(">I", pages[0], 28, len(pages))
    return b"".join(pages)


@pytest.mark.parametrize("table", ["entries", "sqlite_master"])
def test_a_tree_without_end_is_not_read(tmp_path: Path, table: str, caplog: pytest.LogCaptureFixture) -> None:
    change(tmp_path, "CREATE TABLE mine (x UNIQUE)" if table == "sqlite_master" else "")
    path = tmp_path / "ledger.sqlite"
    with closing(sqlite3.connect(path)) as database:
        roots = dict(database.execute("SELECT name, rootpage FROM sqlite_master"))
    path.write_bytes(endless(path.read_bytes(), roots.get(table, 1)))

    caplog.clear()
    assert load(tmp_path) == Ledger()
    assert len(caplog.records) == 1


def view(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "ledger.sqlite", isolation_level=None)) as database:
        database.executescript(TABLES["entries without end"])


def link(folder: Path) -> None:
    (folder / "ledger.sqlite").rename(folder / "elsewhere")
    (folder / "ledger.sqlite").symlink_to(folder / "elsewhere")


@pytest.mark.parametrize("plant", [view, link])
def test_all_posts_are_read_again(tmp_path: Path, plant: Callable[[Path], None]) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "beds.md").write_text("# Raised beds\n")
    settings = Settings(posts=tmp_path / "posts", index=tmp_path / ".postsearch", workers=1)
    reindex(settings)
    plant(settings.index)

    assert read_status(settings).pending == 1
    assert reindex(settings).indexed == 1
    assert reindex(settings).unchanged == 1
