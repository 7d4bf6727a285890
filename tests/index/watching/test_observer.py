"""Which events of the file system become which hints, with watchdog at work on a real folder."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from watchdog.events import (
    DirDeletedEvent,
    DirModifiedEvent,
    DirMovedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
)

from index.watching.hints import Hints, Work
from index.watching.observer import EventHandler, Observer, tells_of_changes

SECONDS = 10.0


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "posts" / "deep").mkdir(parents=True)
    (tmp_path / "posts" / "old.md").write_text("old")
    return tmp_path / "posts"


@pytest.fixture
def hints() -> Hints:
    return Hints(0.05)


@pytest.fixture
def observer(root: Path, hints: Hints) -> Iterator[Observer]:
    started = Observer({"": root}, root / "index", hints)
    yield started
    started.stop()


def hint_of(event: FileSystemEvent) -> Work | None:
    hints = Hints(0.0)
    EventHandler(Path("/posts"), Path("/posts/index"), hints).dispatch(event)
    return hints.take(0)


EVERYTHING = Work(everything=True)
A = Work(frozenset({"a.md"}))


@pytest.mark.parametrize(
    ("event", "work"),
    [
        (FileCreatedEvent("/posts/a.md"), A),
        (FileModifiedEvent("/posts/a.md"), A),
        (FileDeletedEvent("/posts/a.md"), A),
        (FileMovedEvent("/posts/.a.md.swp", "/posts/a.md"), A),
        (FileMovedEvent("/posts/a.md", "/posts/b.md"), Work(frozenset({"a.md", "b.md"}))),
        (FileMovedEvent("/posts/a.md", ""), A),
        (FileModifiedEvent("/posts/image.png"), None),
        (FileCreatedEvent("/posts/link"), EVERYTHING),
        (FileDeletedEvent("/posts/link"), EVERYTHING),
        (FileModifiedEvent("/posts/_config.yml"), EVERYTHING),
        (DirDeletedEvent("/posts/deep"), Work(everything=True, folders_went=True)),
        (DirDeletedEvent("/posts"), Work(everything=True, folders_went=True)),
        (DirMovedEvent("/posts/deep", "/posts/other"), EVERYTHING),
        (DirModifiedEvent("/posts/deep"), None),
        (FileCreatedEvent("/posts/.git/a.md"), None),
        (FileCreatedEvent("/posts/_site/a.md"), None),
        (FileCreatedEvent("/posts/index/a.md"), None),
        (FileCreatedEvent("/posts/index-of-all.md"), Work(frozenset({"index-of-all.md"}))),
        (FileModifiedEvent(b"/posts/a.md"), A),
        (FileModifiedEvent(b"/posts/caf\xe9.md"), None),
        (FileCreatedEvent(b"/posts/caf\xe9.md"), EVERYTHING),
    ],
    ids=lambda value: repr(value) if isinstance(value, FileSystemEvent) else "",
)
def test_events_become_hints(event: FileSystemEvent, work: Work | None) -> None:
    assert hint_of(event) == work


def test_an_event_that_is_not_understood_is_a_hint_at_everything(caplog: pytest.LogCaptureFixture) -> None:
    event = FileCreatedEvent("/posts/a.md")
    object.__setattr__(event, "src_path", 5)

    assert hint_of(event) == EVERYTHING
    assert "could not be understood" in caplog.text


def test_a_save_is_heard(root: Path, hints: Hints, observer: Observer) -> None:
    (root / "deep" / "a.md").write_text("text")

    assert hints.take(SECONDS) == Work(frozenset({"deep/a.md"}))


def test_an_atomic_save_is_heard(root: Path, hints: Hints, observer: Observer) -> None:
    (root / ".old.md.tmp").write_text("new")
    (root / ".old.md.tmp").replace(root / "old.md")

    assert hints.take(SECONDS) == Work(frozenset({"old.md"}))


def test_a_change_of_times_is_heard(root: Path, hints: Hints, observer: Observer) -> None:
    os.utime(root / "old.md", (1, 1))

    assert hints.take(SECONDS) == Work(frozenset({"old.md"}))


def test_reading_is_not_heard(root: Path, hints: Hints, observer: Observer) -> None:
    (root / "old.md").read_text()
    list(root.iterdir())
    (root / "marker.md").write_text("after")

    assert hints.take(SECONDS) == Work(frozenset({"marker.md"}))


def test_a_new_folder_is_heard_and_what_comes_in_it_later(root: Path, hints: Hints, observer: Observer) -> None:
    (root / "new" / "er").mkdir(parents=True)
    first = hints.take(SECONDS)
    (root / "new" / "er" / "a.md").write_text("text")
    second = hints.take(SECONDS)

    assert first
    assert first.everything
    assert second == Work(frozenset({"new/er/a.md"}))


def test_lost_events_are_a_hint_at_everything(hints: Hints, observer: Observer) -> None:
    logging.getLogger("watchdog.observers.inotify_c").warning("Inotify queue overflowed; filesystem events were lost")

    assert hints.take(SECONDS) == EVERYTHING


def test_a_stopped_observer_hears_nothing(root: Path, hints: Hints, observer: Observer) -> None:
    observer.stop()
    (root / "a.md").write_text("text")
    logging.getLogger("watchdog").warning("nobody listens")

    assert not observer.alive
    assert hints.take(0) is None


def test_an_observer_knows_that_its_folder_went(root: Path, hints: Hints, observer: Observer) -> None:
    (root / "old.md").unlink()
    (root / "deep").rmdir()
    root.rmdir()
    while observer.alive:
        hints.take(0.05)

    assert not observer.alive


def test_no_folder_is_told(tmp_path: Path, hints: Hints) -> None:
    with pytest.raises(OSError, match="No such file"):
        Observer({"": tmp_path / "none"}, tmp_path / "index", hints)


@pytest.mark.parametrize(
    ("kind", "tells"),
    [("ext4", True), ("overlay", True), ("nfs4", False), ("fuse.sshfs", False), ("virtiofs", False), ("9p", False)],
)
def test_file_systems_that_others_write_to_do_not_tell_of_changes(tmp_path: Path, kind: str, tells: bool) -> None:
    device = tmp_path.stat().st_dev
    table = tmp_path / "mountinfo"
    table.write_text(
        f"36 35 0:999 / /other rw,noatime shared:1 - nfs4 server:/x rw\n"
        f"37 35 {os.major(device)}:{os.minor(device)} / / rw master:1 shared:2 - {kind} /dev/x rw\n"
    )

    assert tells_of_changes(tmp_path, table) is tells


def test_without_a_table_of_mounts_events_are_expected(tmp_path: Path) -> None:
    assert tells_of_changes(tmp_path, tmp_path / "none")
