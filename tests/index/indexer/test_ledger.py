"""The ledger reads back what was written, or comes back empty."""

from __future__ import annotations

import logging
import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.indexer.ledger import Basis, Ledger, LedgerEntry, count_left_out, discard_unfinished, load, save

BASIS = Basis(
    engine="whoosh",
    commit_id="build-0-0123abcd",
    generation=7,
    fingerprint="print",
    posts="/posts",
    linked=True,
    updated_at=datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC),
)
SEEN = "1:2:3:4"
POST = LedgerEntry(
    outcome="indexed", served=True, stamp=SEEN, digest="abc", visible_from=datetime(2024, 1, 1, tzinfo=UTC)
)
BAD = LedgerEntry(outcome="failed", served=True, settled=False, stamp=SEEN, reason="broken", line=3, column=4)


def put(folder: Path, entries: dict[str, LedgerEntry], gone: tuple[str, ...] = (), *, anew: bool = True) -> None:
    save(folder, BASIS, entries, gone, anew=anew)


def test_no_ledger_is_an_empty_one(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert load(tmp_path) == Ledger()
    assert os.listdir(tmp_path) == []  # noqa: PTH208  the shortest way to say that nothing was made
    assert not caplog.records


def test_entries_come_back(tmp_path: Path) -> None:
    put(tmp_path, {"a.md": POST, "b.md": BAD})

    assert load(tmp_path) == Ledger(BASIS, {"a.md": POST, "b.md": BAD})


def test_some_entries_come_back(tmp_path: Path) -> None:
    put(tmp_path, {"a.md": POST, "b.md": BAD})

    assert load(tmp_path, ["b.md", "c.md"]) == Ledger(BASIS, {"b.md": BAD})


def test_entries_change_and_go(tmp_path: Path) -> None:
    put(tmp_path, {"a.md": POST, "b.md": BAD, "c.md": POST})
    put(tmp_path, {"a.md": BAD}, ("b.md", "never.md"), anew=False)

    assert load(tmp_path).entries == {"a.md": BAD, "c.md": POST}


@pytest.mark.parametrize("content", [b"", b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"])
def test_a_ledger_that_was_not_written_to_its_end_is_thrown_away(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    put(tmp_path, {"a.md": POST})
    discard_unfinished(tmp_path)
    assert load(tmp_path).entries == {"a.md": POST}

    (tmp_path / "ledger.sqlite-journal").write_bytes(content)
    discard_unfinished(tmp_path)

    assert list(tmp_path.iterdir()) == []
    assert [record.getMessage() for record in caplog.records] == [
        f"The ledger {tmp_path / 'ledger.sqlite'} was not written to its end: all posts will be read again"
    ]


def test_a_new_beginning_forgets_all(tmp_path: Path) -> None:
    put(tmp_path, {"a.md": POST})
    put(tmp_path, {"b.md": POST})

    assert load(tmp_path).entries == {"b.md": POST}


@settings(print_blob=True, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.text(st.characters(exclude_categories=["Cs"])))
def test_any_id_and_reason_is_kept(tmp_path: Path, id: str, reason: str) -> None:
    entry = LedgerEntry.excluded(reason)
    put(tmp_path, {id: entry})

    assert load(tmp_path, [id]).entries == {id: entry}


@pytest.mark.parametrize("damage", [b"", b"no database", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_ledger_is_empty_and_then_replaced(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(damage)

    assert load(tmp_path) == Ledger()
    put(tmp_path, {"a.md": POST})
    assert load(tmp_path) == Ledger(BASIS, {"a.md": POST})


def test_damage_in_the_middle_is_survived(tmp_path: Path) -> None:
    put(tmp_path, {f"{n}.md": POST for n in range(1000)})
    path = tmp_path / "ledger.sqlite"
    half = path.stat().st_size // 2
    path.write_bytes(path.read_bytes()[:half] + b"\xff" * half)
    loaded = load(tmp_path)
    put(tmp_path, {"a.md": POST}, anew=False)

    assert loaded == Ledger()
    assert load(tmp_path) == Ledger()


def test_a_ledger_of_another_version_is_empty(tmp_path: Path) -> None:
    put(tmp_path, {"a.md": BAD})
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as ledger:
        ledger.execute("PRAGMA user_version = 99")

    assert load(tmp_path) == Ledger()
    assert count_left_out(tmp_path) == {}


def test_what_is_left_out_is_counted_by_kind(tmp_path: Path) -> None:
    reasons = ("draft: True", "draft: yes", "it lies in _drafts/")
    put(tmp_path, {"a.md": POST, "b.md": BAD, **{reason: LedgerEntry.excluded(reason) for reason in reasons}})

    assert count_left_out(tmp_path) == {
        ("excluded", "draft"): 2,
        ("excluded", "it lies in _drafts/"): 1,
        ("failed", ""): 1,
    }
    assert count_left_out(tmp_path / "none") == {}


def test_a_reader_sees_one_state_while_another_process_writes(tmp_path: Path) -> None:
    put(tmp_path, {"a.md": POST})
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)) as ledger:
        ledger.execute("BEGIN IMMEDIATE")
        ledger.execute("DELETE FROM entries")

        assert load(tmp_path).entries == {"a.md": POST}


def test_what_can_not_be_written_is_told_and_does_no_harm(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "ledger.sqlite").mkdir()
    with caplog.at_level(logging.WARNING, "index.indexer.ledger"):
        put(tmp_path, {"a.md": POST})

    assert "can't be written" in caplog.text
    assert load(tmp_path) == Ledger()


def test_a_folder_name_with_marks_of_urls_is_no_trouble(tmp_path: Path) -> None:
    folder = tmp_path / "what? #1 100%"
    folder.mkdir()
    put(folder, {"a.md": POST})

    assert load(folder).entries == {"a.md": POST}
