"""The sign of life of a watcher."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from index.settings import Settings
from index.watching.heartbeat import read_heartbeat, remove_heartbeat, write_heartbeat


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


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}', '{"pid": 1, "mode": "", "heartbeat": "x", "error": ""}'])
def test_what_is_no_sign_of_life_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "watcher.json").write_text(text)

    assert read_heartbeat(Settings(index=tmp_path)) is None


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
