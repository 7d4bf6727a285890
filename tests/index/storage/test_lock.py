"""One writer at a time, in a folder that no one else could have written to."""

from __future__ import annotations

import errno
import logging
import os
import shutil
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from index.errors import IndexBusy, SettingsError
from index.settings import Settings
from index.storage.lock import Lock, index_lock, make_index_folder, watcher_lock
from tests import ROOT


def options(tmp_path: Path, timeout: float = 0.0) -> Settings:
    return Settings(posts=tmp_path, index=tmp_path / "deep" / "index", lock_timeout=timeout)


def test_the_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    folder = make_index_folder(options(tmp_path))

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_git_takes_nothing_of_the_folder(tmp_path: Path) -> None:
    folder = make_index_folder(options(tmp_path))
    (folder / "current.json").write_text("{}")
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    added = subprocess.run(["git", "-C", str(tmp_path), "add", "--verbose", "."], capture_output=True, check=True)

    assert added.stdout == b""


def test_git_takes_nothing_of_a_folder_over_whose_making_a_run_was_killed(tmp_path: Path) -> None:
    options(tmp_path).index.mkdir(mode=0o700, parents=True)

    assert (make_index_folder(options(tmp_path)) / ".gitignore").read_text() == "*\n"


def test_git_is_told_nothing_of_a_folder_that_holds_something(tmp_path: Path) -> None:
    options(tmp_path).index.mkdir(mode=0o700, parents=True)
    (options(tmp_path).index / "notes.txt").touch()

    assert not (make_index_folder(options(tmp_path)) / ".gitignore").exists()


def test_what_git_is_told_is_written_once_and_through_no_link(tmp_path: Path) -> None:
    folder = make_index_folder(options(tmp_path))
    (folder / ".gitignore").unlink()
    (folder / ".gitignore").symlink_to(tmp_path / "elsewhere")
    make_index_folder(options(tmp_path))

    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("mode", [0o770, 0o702, 0o777])
def test_a_folder_that_others_may_write_to_is_refused(tmp_path: Path, mode: int) -> None:
    folder = make_index_folder(options(tmp_path))
    folder.chmod(mode)

    with pytest.raises(SettingsError, match="chmod go-w"):
        make_index_folder(options(tmp_path))


def test_a_folder_that_others_may_read_is_taken(tmp_path: Path) -> None:
    folder = make_index_folder(options(tmp_path))
    folder.chmod(0o755)

    assert make_index_folder(options(tmp_path)) == folder


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_someone_else_is_refused(tmp_path: Path) -> None:
    folder = make_index_folder(options(tmp_path))
    os.chown(folder, 12345, -1)

    with pytest.raises(SettingsError, match="another user"):
        make_index_folder(options(tmp_path))


def test_a_file_in_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "deep").write_text("in the way")

    with pytest.raises(SettingsError, match="can't be made"):
        make_index_folder(options(tmp_path))


def test_a_second_writer_is_told_that_the_index_is_busy(tmp_path: Path) -> None:
    with (
        index_lock(options(tmp_path)),
        pytest.raises(IndexBusy, match="another process"),
        index_lock(options(tmp_path)),
    ):
        pass


def test_the_lock_is_given_back(tmp_path: Path) -> None:
    for _ in range(2):
        with index_lock(options(tmp_path)) as folder:
            assert folder.is_dir()


def test_the_lock_is_given_back_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), index_lock(options(tmp_path)):
        raise ZeroDivisionError

    with index_lock(options(tmp_path)):
        pass


def test_a_writer_waits_for_another(tmp_path: Path) -> None:
    holding, got = threading.Event(), threading.Event()

    def wait() -> None:
        holding.wait()
        with index_lock(options(tmp_path, timeout=30)):
            got.set()

    waiter = threading.Thread(target=wait)
    waiter.start()
    with index_lock(options(tmp_path)):
        holding.set()
        assert not got.is_set()
    waiter.join(30)

    assert got.is_set()


def test_a_writer_says_once_that_it_waits(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "index")
    with index_lock(options(tmp_path)), pytest.raises(IndexBusy), index_lock(options(tmp_path, timeout=0.2)):
        pass

    (record,) = caplog.records
    folder = options(tmp_path).index
    assert record.getMessage() == f"Another process is writing to {folder}; waiting up to 0.2 s"
    assert record.levelno == logging.INFO


def test_a_writer_that_may_not_wait_does_not_say_that_it_does(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "index")
    with index_lock(options(tmp_path)), pytest.raises(IndexBusy), index_lock(options(tmp_path)):
        pass

    assert not caplog.records


def test_a_lock_is_waited_for_with_one_open_file(tmp_path: Path) -> None:
    settings = options(tmp_path)
    first, second = Lock(settings, "lock"), Lock(settings, "lock")
    assert first.take()
    before = len(open_files())
    assert not second.take()
    between = open_files()
    assert not second.take()
    assert not second.in_place()

    assert open_files() == between
    assert len(between) == before + 1
    first.close()
    assert second.take()
    assert second.in_place()
    second.close()
    assert len(open_files()) == before - 1


def open_files() -> list[str]:
    return sorted(os.listdir("/proc/self/fd"))  # noqa: PTH208  numbers, not paths


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from index import Settings; from index.storage.lock import index_lock\n"
        "with index_lock(Settings(posts=Path(sys.argv[1]), index=Path(sys.argv[1]) / 'deep' / 'index')):\n"
        "    print('held', flush=True); sys.stdin.read()\n"
    )
    root = ROOT
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(IndexBusy), index_lock(options(tmp_path)):
            pass
        holder.kill()
        holder.wait()

    with index_lock(options(tmp_path)):
        pass


def test_one_process_watches(tmp_path: Path) -> None:
    with watcher_lock(options(tmp_path)) as first, watcher_lock(options(tmp_path)) as second:
        assert first
        assert second is None
    with watcher_lock(options(tmp_path)) as third:
        assert third


def test_watching_does_not_keep_others_from_writing(tmp_path: Path) -> None:
    with watcher_lock(options(tmp_path)) as watches, index_lock(options(tmp_path)):
        assert watches


def test_a_lock_whose_folder_was_removed_is_no_longer_in_place_and_can_be_taken_anew(tmp_path: Path) -> None:
    settings = options(tmp_path)
    with watcher_lock(settings) as lock:
        assert lock
        assert lock.in_place()
        shutil.rmtree(settings.index)
        assert not lock.in_place()

        assert lock.take()

        assert lock.in_place()
        with watcher_lock(settings) as second:
            assert second is None


def test_a_lock_that_another_process_was_faster_to_take_anew_is_lost(tmp_path: Path) -> None:
    settings = options(tmp_path)
    with watcher_lock(settings) as first:
        shutil.rmtree(settings.index)
        with watcher_lock(settings) as second:
            assert first
            assert second
            assert not first.take()
            assert second.in_place()
        assert first.take()


def test_a_writer_that_waits_for_a_lock_that_is_removed_gets_the_new_one(tmp_path: Path) -> None:
    settings = options(tmp_path, timeout=30)
    first = Lock(settings, "lock")
    assert first.take()
    (settings.index / "lock").unlink()

    with index_lock(settings):
        assert not first.take()


def test_a_change_of_the_working_directory_does_not_move_a_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with watcher_lock(Settings(index=Path("index"))) as lock:
        monkeypatch.chdir("/")

        assert lock
        assert lock.in_place()


def test_an_error_of_the_system_that_names_no_file_is_told_of_the_folder(tmp_path: Path) -> None:
    settings = options(tmp_path)

    with pytest.raises(OSError, match="No space") as told, index_lock(settings):
        raise OSError(errno.ENOSPC, "No space left on device")

    assert (told.value.errno, told.value.filename) == (errno.ENOSPC, str(settings.index))


@pytest.mark.parametrize("error", [OSError(errno.EACCES, "denied", "a.md"), InterruptedError("stopped")], ids=repr)
def test_other_errors_pass_as_they_are(tmp_path: Path, error: OSError) -> None:
    with pytest.raises(OSError, match=str(error)[:5].replace("[", ".")) as told, index_lock(options(tmp_path)):
        raise error

    assert told.value is error
