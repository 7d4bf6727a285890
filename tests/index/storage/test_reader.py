"""The reader: one snapshot a commit, shared by threads, with what is open already shared between snapshots."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

from index.schema import Document
from index.settings import Settings
from index.stamps import SETTLED_NS
from index.storage import open_writer
from index.storage.reader import Reader, Snapshot
from tests import ROOT


def write(root: Path, *ids: str, deleted: tuple[str, ...] = (), fresh: bool = False) -> None:
    with open_writer(Settings(index=root), fresh=fresh) as writer:
        for id in ids:
            writer.put(Document(id, f"/{id}", "Title", "words " * 50))
        writer.delete(deleted)
        writer.commit()


def ids(snapshot: Snapshot) -> list[str]:
    return sorted(id for segment in snapshot.segments for id in segment.ids())


def test_a_snapshot_stays_the_same_object_until_the_next_commit(tmp_path: Path) -> None:
    write(tmp_path, "a")
    reader = Reader(tmp_path)
    first = reader.snapshot()
    assert reader.snapshot() is first

    write(tmp_path, "b")

    second = reader.snapshot()
    assert (ids(first), ids(second)) == (["a"], ["a", "b"])
    assert (second.build, second.generation) == (first.build, first.generation + 1)
    assert second.updated_at >= first.updated_at
    assert reader.snapshot() is second


def test_a_segment_is_opened_once_and_its_deletions_are_those_of_the_commit(tmp_path: Path) -> None:
    write(tmp_path, *(f"{number:03}" for number in range(200)))
    reader = Reader(tmp_path)
    (before,) = reader.snapshot().segments

    write(tmp_path, deleted=("007",))

    (after,) = reader.snapshot().segments
    assert after.segment is before.segment
    assert after.key == before.key
    assert (before.find("007"), after.find("007"), after.find("absent")) == (7, None, None)
    assert int((~after.live_docs).sum()) == 1


def test_a_commit_of_another_history_is_opened_though_its_number_is_the_same(tmp_path: Path) -> None:
    root, saved = tmp_path / "index", tmp_path / "saved"
    write(root, "a")
    shutil.copytree(root, saved)
    write(root, "b")
    reader = Reader(root)
    first = reader.snapshot()

    shutil.rmtree(root)
    shutil.copytree(saved, root)
    write(root, "c")

    second = reader.snapshot()
    assert (second.build, second.generation) == (first.build, first.generation)
    assert second.commit_id != first.commit_id
    assert (ids(first), ids(second)) == (["a", "b"], ["a", "c"])


def test_a_rebuild_is_another_build_and_goes_on_counting(tmp_path: Path) -> None:
    write(tmp_path, "a")
    reader = Reader(tmp_path)
    first = reader.snapshot()

    write(tmp_path, "a", fresh=True)

    second = reader.snapshot()
    assert second.build != first.build
    assert second.generation > first.generation
    assert {segment.key for segment in first.segments}.isdisjoint(segment.key for segment in second.segments)


def test_threads_share_one_snapshot(tmp_path: Path) -> None:
    write(tmp_path, "a")
    reader, found = Reader(tmp_path), []
    threads = [threading.Thread(target=lambda: found.append(reader.snapshot())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert {id(snapshot) for snapshot in found} == {id(reader.snapshot())}


def test_a_closed_reader_opens_again(tmp_path: Path) -> None:
    write(tmp_path, "a")
    reader = Reader(tmp_path)
    first = reader.snapshot()
    reader.close()
    reader.close()

    assert reader.snapshot() is not first
    assert ids(reader.snapshot()) == ["a"]


def test_reading_loads_neither_whoosh_nor_the_writer() -> None:
    code = "import sys, index.storage.reader; print(*sorted(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert not {name for name in run.stdout.split() if name.split(".")[0] == "whoosh" or name == "index.storage.writer"}


def test_commits_in_quick_succession_are_all_seen(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    for number in range(20):
        write(tmp_path, f"{number:02}")
        assert len(ids(reader.snapshot())) == len(ids(reader.snapshot())) == number + 1


def test_a_commit_is_seen_after_nothing_changed_for_a_while(tmp_path: Path) -> None:
    write(tmp_path, "a")
    reader = Reader(tmp_path)
    until = time.monotonic() + 1.2 * SETTLED_NS / 1e9
    while time.monotonic() < until:
        assert ids(reader.snapshot()) == ["a"]

    write(tmp_path, "b")

    assert ids(reader.snapshot()) == ["a", "b"]
