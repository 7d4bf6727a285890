"""The sign of life of a watcher."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from index.settings import Settings
from index.watching.heartbeat import Heartbeat, Pulse, read_heartbeat
from tests import ROOT
from tests.example_sites import eventually

BEAT = {
    "pid": 1, "mode": "events", "error": "", "reason": "", "pending": 0, "swept_at": "", "watched": 3, "folders": 3,
}  # fmt: skip


def said(mode: str = "events", error: str = "") -> Heartbeat:
    return Heartbeat(os.getpid(), mode, error, pending=2, swept_at="2024-05-06T07:08:09+00:00", watched=1, folders=4)


def write_heartbeat(folder: Path, beat: Heartbeat | None = None) -> Pulse:
    pulse = Pulse(Settings(index=folder), lambda: None)
    pulse.beat(beat or said())
    return pulse


def test_a_sign_of_life_is_read_as_written(tmp_path: Path) -> None:
    write_heartbeat(tmp_path, said("polling", "no folder"))

    assert read_heartbeat(Settings(index=tmp_path)) == said("polling", "no folder")


def test_a_sign_of_life_grows_old(tmp_path: Path) -> None:
    write_heartbeat(tmp_path)
    beat = read_heartbeat(Settings(index=tmp_path))
    now = datetime.now(UTC)

    assert beat
    assert beat.alive(now)
    assert not beat.alive(now + timedelta(seconds=2))


def test_it_is_touched_while_it_says_the_same_and_written_when_that_changes(tmp_path: Path) -> None:
    pulse = write_heartbeat(tmp_path)
    path = tmp_path / "watcher.json"
    first = path.stat()
    os.utime(path, (1, 1))
    pulse.beat(said())
    second = path.stat()
    pulse.beat(said(error="full"))

    assert second.st_ino == first.st_ino
    assert time.time() - second.st_mtime < 60
    beat = read_heartbeat(Settings(index=tmp_path))
    assert beat
    assert beat.error == "full"


@pytest.mark.parametrize("change", [Path.unlink, lambda path: path.replace(path.with_name("x"))], ids=["gone", "moved"])
def test_it_is_written_anew_where_it_went(tmp_path: Path, change: Callable[[Path], object]) -> None:
    pulse = write_heartbeat(tmp_path)
    change(tmp_path / "watcher.json")
    pulse.beat(said())

    assert read_heartbeat(Settings(index=tmp_path)) == said()


def test_what_another_process_wrote_over_it_is_written_over(tmp_path: Path) -> None:
    pulse = write_heartbeat(tmp_path)
    (tmp_path / "other").write_text(json.dumps(BEAT))
    (tmp_path / "other").replace(tmp_path / "watcher.json")
    pulse.beat(said())

    assert read_heartbeat(Settings(index=tmp_path)) == said()


def test_a_pulse_gives_signs_of_life_until_it_stops_and_then_there_is_none(tmp_path: Path) -> None:
    beats = iter([said(), None, *(said(error=str(number)) for number in range(1000))])
    pulse = Pulse(Settings(index=tmp_path), lambda: next(beats))
    pulse.start()
    eventually(lambda: (beat := read_heartbeat(Settings(index=tmp_path))) and beat.error == "1")
    pulse.stop()

    assert list(tmp_path.iterdir()) == []


def test_what_goes_wrong_does_not_end_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    failing = [True]

    def tell() -> Heartbeat:
        if failing.pop() if failing else False:
            raise RuntimeError("a bug")
        return said()

    pulse = Pulse(Settings(index=tmp_path), tell)
    pulse.start()
    eventually(lambda: read_heartbeat(Settings(index=tmp_path)))
    pulse.stop()

    assert "a bug" in caplog.text


FOREIGN: dict[str, object] = {
    "a part": {"pid": 1},
    "one thing more": {**BEAT, "run": "it"},
    "a process in words": {**BEAT, "pid": "1"},
    "a process that is true": {**BEAT, "pid": True},
    "another mode": {**BEAT, "mode": "<b>"},
    "a list of modes": {**BEAT, "mode": ["events"]},
    "a number for a time": {**BEAT, "swept_at": 5},
    "a time of its own": {**BEAT, "seen_at": "2024-05-06T07:08:09+00:00"},
    "half a folder": {**BEAT, "folders": 0.5},
    "an error that is no text": {**BEAT, "error": {"of": 1}},
    "much": {**BEAT, "error": "x" * 1_000_000},
    "a list": [],
}


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "text",
    ["{", "[" * 100_000, " " * 50_000_000, '{"pid": ' + "9" * 5000 + "}", *map(json.dumps, FOREIGN.values())],
    ids=["half of it", "lists in lists", "much of nothing", "an absurd number", *FOREIGN],
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
        write_heartbeat(tmp_path)
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

    write_heartbeat(tmp_path)

    assert read_heartbeat(Settings(index=tmp_path))
    assert diary.read_text() == "dear"


@pytest.mark.parametrize("character", ["x", "é", "\U0001f600", "\0", "\udcff"])
def test_an_error_of_any_length_is_told(tmp_path: Path, character: str) -> None:
    write_heartbeat(tmp_path, said(error=character * 20_000))
    beat = read_heartbeat(Settings(index=tmp_path))

    assert beat
    assert beat.error.startswith(character * 400)


def test_a_folder_that_is_not_there_yet_is_waited_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    pulse = write_heartbeat(tmp_path / "index")
    (tmp_path / "index").mkdir()
    pulse.beat(said())

    assert read_heartbeat(Settings(index=tmp_path / "index")) == said()
    assert caplog.text == ""


FULL = """
import resource, signal, sys
from pathlib import Path
from index.settings import Settings
from index.watching.heartbeat import Heartbeat, Pulse
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20, resource.RLIM_INFINITY))
pulse = Pulse(Settings(index=Path(sys.argv[1])), lambda: None)
pulse.beat(Heartbeat(1, "events"))
pulse.beat(Heartbeat(1, "events"))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(Path(sys.argv[1], "watcher.json").stat().st_size)
pulse.beat(Heartbeat(1, "events"))
"""
"""No file may be longer than 20 bytes."""


@pytest.mark.parametrize("before", [None, BEAT], ids=["from the start", "later"])
def test_where_nothing_can_be_written_that_is_seen_and_later_made_good(
    tmp_path: Path, before: dict[str, object] | None
) -> None:
    if before:
        (tmp_path / "watcher.json").write_text(json.dumps(before))
    command = [sys.executable, "-c", FULL, str(tmp_path)]
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)

    assert told.stdout == "0\n"
    assert told.stderr.count("can't be written") == 1
    assert read_heartbeat(Settings(index=tmp_path)) == Heartbeat(1, "events")


def test_an_empty_sign_of_life_is_of_a_watcher_that_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "watcher.json").touch()
    beat = read_heartbeat(Settings(index=tmp_path))

    assert beat
    assert beat.alive(datetime.now(UTC))
    assert "can't write" in beat.reason


def test_others_can_read_it_as_json(tmp_path: Path) -> None:
    write_heartbeat(tmp_path)

    assert json.loads((tmp_path / "watcher.json").read_text()).keys() == BEAT.keys()


def test_what_another_process_says_is_left_alone(tmp_path: Path) -> None:
    pulse = Pulse(Settings(index=tmp_path), lambda: None)
    pulse.start()
    write_heartbeat(tmp_path, Heartbeat(os.getpid() + 1, "events"))
    pulse.stop()

    assert (tmp_path / "watcher.json").exists()
