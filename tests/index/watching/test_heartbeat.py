"""The sign of life of a watcher."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from index.settings import Settings
from index.watching.heartbeat import Heartbeat, read_heartbeat, remove_heartbeat, write_heartbeat


def test_a_sign_of_life_is_read_as_written(tmp_path: Path) -> None:
    write_heartbeat(Settings(index=tmp_path), "polling", "no folder")
    beat = read_heartbeat(Settings(index=tmp_path))

    assert beat
    assert (beat.pid, beat.mode, beat.error) == (os.getpid(), "polling", "no folder")


def test_a_sign_of_life_grows_old(tmp_path: Path) -> None:
    write_heartbeat(Settings(index=tmp_path), "events", "")
    beat = read_heartbeat(Settings(index=tmp_path))
    now = datetime.now(UTC)

    assert beat
    assert beat.alive(now)
    assert not beat.alive(now + timedelta(minutes=1))


def test_after_a_clean_stop_there_is_none(tmp_path: Path) -> None:
    write_heartbeat(Settings(index=tmp_path), "events", "")
    remove_heartbeat(Settings(index=tmp_path))

    assert read_heartbeat(Settings(index=tmp_path)) is None
    assert list(tmp_path.iterdir()) == []


BEAT = {"pid": 1, "mode": "events", "heartbeat": "2024-05-06T07:08:09+00:00", "error": ""}
FOREIGN: dict[str, object] = {
    "a part": {"pid": 1},
    "one thing more": {**BEAT, "run": "it"},
    "a process in words": {**BEAT, "pid": "1"},
    "a process that is true": {**BEAT, "pid": True},
    "another mode": {**BEAT, "mode": "<b>"},
    "a list of modes": {**BEAT, "mode": ["events"]},
    "no time": {**BEAT, "heartbeat": "x"},
    "a number for a time": {**BEAT, "heartbeat": 5},
    "a time of no zone": {**BEAT, "heartbeat": "2024-05-06T07:08:09"},
    "an error that is no text": {**BEAT, "error": {"of": 1}},
    "much": {**BEAT, "error": "x" * 1_000_000},
    "a list": [],
}


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "text",
    ["", "{", "[" * 100_000, " " * 50_000_000, '{"pid": ' + "9" * 5000 + "}", *map(json.dumps, FOREIGN.values())],
    ids=["nothing", "half of it", "lists in lists", "much of nothing", "an absurd number", *FOREIGN],
)
def test_what_no_watcher_says_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "watcher.json"
    path.write_text(json.dumps(BEAT))
    assert read_heartbeat(Settings(index=tmp_path)) == Heartbeat(**BEAT)  # type: ignore[arg-type]
    path.write_text(text)

    assert read_heartbeat(Settings(index=tmp_path)) is None


@pytest.mark.timeout(10)
@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_what_is_no_file_is_no_sign_of_life(tmp_path: Path, kind: str) -> None:
    outside = tmp_path / "outside.json"
    outside.write_text(json.dumps(BEAT))
    path = tmp_path / "watcher.json"
    if kind == "link":
        path.symlink_to(outside)
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()

    assert read_heartbeat(Settings(index=tmp_path)) is None
    if kind != "folder":
        write_heartbeat(Settings(index=tmp_path), "events", "")
        assert read_heartbeat(Settings(index=tmp_path))
    assert json.loads(outside.read_text()) == BEAT


@pytest.mark.timeout(10)
@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_a_sign_of_life_is_written_through_no_link(tmp_path: Path, kind: str) -> None:
    diary = tmp_path / "diary.txt"
    diary.write_text("dear")
    if kind == "link":
        (tmp_path / "watcher.new").symlink_to(diary)
    else:
        os.mkfifo(tmp_path / "watcher.new")

    write_heartbeat(Settings(index=tmp_path), "events", "")

    assert read_heartbeat(Settings(index=tmp_path))
    assert diary.read_text() == "dear"


@pytest.mark.parametrize("character", ["x", "é", "\U0001f600", "\0", "\udcff"])
def test_an_error_of_any_length_is_told(tmp_path: Path, character: str) -> None:
    write_heartbeat(Settings(index=tmp_path), "events", character * 20_000)
    beat = read_heartbeat(Settings(index=tmp_path))

    assert beat
    assert beat.error.startswith(character * 400)


def test_a_full_disk_is_survived(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_heartbeat(Settings(index=tmp_path / "none"), "events", "")

    assert "can't be written" in caplog.text


def test_others_can_read_it_as_json(tmp_path: Path) -> None:
    write_heartbeat(Settings(index=tmp_path), "events", "")

    assert set(json.loads((tmp_path / "watcher.json").read_text())) == {"pid", "mode", "heartbeat", "error"}


def test_what_another_process_says_is_left_alone(tmp_path: Path) -> None:
    write_heartbeat(Settings(index=tmp_path), "events", "")
    file = tmp_path / "watcher.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"pid": os.getpid() + 1}))
    remove_heartbeat(Settings(index=tmp_path))

    assert file.exists()
