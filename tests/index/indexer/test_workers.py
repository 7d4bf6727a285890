"""Many files are read in other processes as they are in this one, whatever becomes of those processes."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from index.indexer.folders import Folders
from index.indexer.outcomes import Outcome, PostReader
from index.indexer.post import Post, read_post
from index.indexer.workers import (
    MAX_LOCAL_BYTES,
    MIN_PARALLEL_FILES,
    PIPE_BYTES,
    Batch,
    File,
    Prepare,
    Reading,
    reading_of,
)
from index.schema import Document
from index.settings import Settings
from index.sites.site import Site
from tests import ROOT

SCRIPT = """
from index import Settings
from index.indexer.run import reindex

print("once")
print(reindex(Settings(posts="posts", workers=2)).indexed)
"""


def read_tiny(data: bytes, id: str) -> Post:
    """A post, or one over which the process dies, that is a fault of ours, that takes all memory or never ends."""
    if b"deadly" in data:
        os.kill(os.getpid(), signal.SIGKILL)
    if b"faulty" in data:
        raise RuntimeError("a fault of ours")
    if b"greedy" in data:
        bytearray(10**13)
    while b"endless" in data:
        pass
    return read_post(data, id, Site())


def refuse_some(documents: Sequence[Document]) -> int:
    if any("refused" in document.body for document in documents):
        raise RuntimeError("this is refused")
    return len(documents)


@pytest.fixture
def files(tmp_path: Path) -> list[File]:
    """So many posts that they are read in other processes."""
    folder = tmp_path / "posts"
    folder.mkdir()
    for number in range(MIN_PARALLEL_FILES):
        (folder / f"{number:04}.md").write_text(f"# Post {number}\n\ntext {number}", "utf-8")
    return listed(tmp_path)


def listed(tmp_path: Path) -> list[File]:
    return [File(id, stamp, None) for id, stamp in Folders(settings(tmp_path)).scan().files.items()]


def settings(tmp_path: Path) -> Settings:
    return Settings(posts=tmp_path / "posts", index=tmp_path / "index")


def write(tmp_path: Path, texts: dict[str, str]) -> list[File]:
    """The files with some of them changed."""
    for id, text in texts.items():
        (tmp_path / "posts" / id).write_text(text, "utf-8")
    return listed(tmp_path)


def read(tmp_path: Path, files: list[File], workers: int) -> list[Outcome | None]:
    """What became of the files, with their documents."""
    outcomes: list[Outcome | None] = []
    for batch in batches(tmp_path, files, workers, list):
        documents = iter(batch.prepared or ())
        outcomes += [replace(o, document=next(documents)) if o and o.written else o for o in batch.outcomes]
    return outcomes


def reading_by(read: PostReader, tmp_path: Path) -> Reading:
    return Reading(Folders(settings(tmp_path)), read, list, linked=False)


def batches(
    tmp_path: Path, files: list[File], workers: int, prepare: Prepare, start_seconds: float = 60.0
) -> list[Batch]:
    reading = replace(reading_by(read_tiny, tmp_path), prepare=prepare)
    with reading_of(files, reading, workers, start_seconds=start_seconds) as found:
        return list(found)


def where(documents: Sequence[Document]) -> tuple[int, int]:
    """The process in which documents are prepared, and how many they are."""
    return os.getpid(), len(documents)


def processes(tmp_path: Path, files: list[File], workers: int, start_seconds: float = 60.0) -> dict[int, int]:
    """How many documents were prepared in which process."""
    prepared: Counter[int] = Counter()
    for batch in batches(tmp_path, files, workers, where, start_seconds):
        pid, count = batch.prepared
        prepared[pid] += count
    return prepared


def hold_up_the_first(reached: Path, documents: Sequence[Document]) -> bytes:
    """Keep the first of eight batches back until the fourth is reached, and say whether it was; others are large."""
    ids = {document.id for document in documents}
    if "0150.md" in ids:
        reached.touch()
    if "0000.md" not in ids:
        return bytes(2 * PIPE_BYTES)
    for _ in range(1000):
        if reached.exists():
            return b"reached"
        time.sleep(0.02)
    return b"not reached"


def has_children() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def plain(found: Iterable[Outcome | None]) -> list[object]:
    """The outcomes without what depends on how long ago the files were written."""
    return [outcome and (outcome.document, outcome.entry.stamp, outcome.entry.digest) for outcome in found]


def reasons(found: Iterable[Outcome | None]) -> dict[int, str]:
    """The numbers of the files that failed, and why."""
    return {n: outcome.entry.reason for n, outcome in enumerate(found) if outcome and outcome.entry.reason}


def test_many_files_are_read_by_several_processes_in_their_order(tmp_path: Path, files: list[File]) -> None:
    (tmp_path / "posts" / files[30].id).unlink()

    found = read(tmp_path, files, 3)

    assert plain(found) == plain(read(tmp_path, files, 1))
    assert found[30] is None
    counts = processes(tmp_path, files, 3)
    assert len(counts) == 3
    assert os.getpid() not in counts
    assert sum(counts.values()) == MIN_PARALLEL_FILES - 1
    assert not has_children()


def test_no_process_waits_for_the_batch_of_another(tmp_path: Path, files: list[File]) -> None:
    found = batches(tmp_path, files, 2, partial(hold_up_the_first, tmp_path / "reached"))

    assert [len(batch.files) for batch in found] == [50] * 8
    assert found[0].prepared == b"reached"


def test_few_files_are_read_in_this_process(tmp_path: Path, files: list[File]) -> None:
    assert processes(tmp_path, files[1:], 3) == {os.getpid(): MIN_PARALLEL_FILES - 1}


def test_few_large_files_are_many(tmp_path: Path, files: list[File]) -> None:
    files = write(tmp_path, {file.id: "word " * 25_000 for file in files[:20]})[:20]

    assert len(processes(tmp_path, files, 2)) == 2


def test_a_file_over_which_the_process_dies_fails_alone(tmp_path: Path, files: list[File]) -> None:
    files = write(tmp_path, {files[20].id: "deadly", files[21].id: "deadly", files[399].id: "deadly"})

    found = read(tmp_path, files, 2)

    message = "the process that read the file ended (by SIGKILL); make it smaller, or part it in several posts"
    assert reasons(found) == {20: message, 21: message, 399: message}
    assert found[20]
    assert found[20].entry.settled, "a sweep would read it again, in the process that serves"
    assert found[20].entry.stamp == str(files[20].stamp)
    assert not has_children()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_file_that_takes_all_memory_fails_alone(tmp_path: Path, files: list[File], workers: int) -> None:
    files = write(tmp_path, {files[20].id: "greedy", files[399].id: "greedy"})

    found = reasons(read(tmp_path, files, workers))

    message = "it takes more memory than there is; make it smaller, or part it in several posts"
    assert found == {20: message, 399: message}


def test_a_file_that_takes_too_long_fails_alone(tmp_path: Path, files: list[File]) -> None:
    files = write(tmp_path, {files[3].id: "endless " * MAX_LOCAL_BYTES})[:5]
    reading = replace(reading_by(read_tiny, tmp_path), max_batch_seconds=0.5)

    with reading_of(files, reading, 1) as found:
        outcomes = {file.id: o for batch in found for file, o in zip(batch.files, batch.outcomes, strict=True)}

    failed = {id: outcome.entry.reason for id, outcome in outcomes.items() if outcome and outcome.entry.reason}
    message = "the process that read the file ended (it took too long); make it smaller, or part it in several posts"
    assert failed == {files[3].id: message}
    assert len(outcomes) == 5


def test_a_large_file_over_which_the_service_died_twice_is_not_read_again(tmp_path: Path, files: list[File]) -> None:
    files = write(tmp_path, {files[3].id: "deadly " * MAX_LOCAL_BYTES})
    (tmp_path / "index").mkdir()
    reading = reading_by(read_tiny, tmp_path)
    for _ in range(2):
        # A service that reads it itself, where it can start no process.
        service = subprocess.run(
            [
                sys.executable,
                "-c",
                "import pickle, sys; reading, file = pickle.load(sys.stdin.buffer); reading.batches(file)",
            ],
            input=pickle.dumps((reading, [files[3]])),
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=False,
        )
        assert service.returncode == -signal.SIGKILL

    assert reasons(reading.batches([files[3]])[0].outcomes) == {
        0: "the service ended while the file was read; make it smaller, or part it in several posts"
    }
    assert not list((tmp_path / "index").glob("reading-*"))


def test_a_large_file_is_read_in_another_process(tmp_path: Path, files: list[File]) -> None:
    files = write(tmp_path, {files[3].id: "word " * MAX_LOCAL_BYTES})[:5]

    counts = processes(tmp_path, files, 1)

    assert sorted(counts.values()) == [1, 4]
    assert counts[os.getpid()] == 4


def read_until_killed(data: bytes, id: str) -> Post:
    print("begun", flush=True)  # a process that reads has its output go to the standard error
    while True:
        pass


def test_a_process_that_reads_ends_when_the_one_that_writes_is_killed(tmp_path: Path, files: list[File]) -> None:
    large = write(tmp_path, {files[3].id: "word " * MAX_LOCAL_BYTES})[3:4]
    code = (
        "import pickle, sys; from index.indexer.workers import reading_of\n"
        "with reading_of(*pickle.load(sys.stdin.buffer), 1) as found:\n"
        "    list(found)\n"
    )
    service = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert service.stdin
    assert service.stderr
    with service.stdin as pipe:
        pickle.dump((large, reading_by(read_until_killed, tmp_path)), pipe)
    assert service.stderr.readline() == b"begun\n"

    service.kill()

    with service:
        assert service.stderr.read() == b""  # which ends when nobody is left who could write there


def test_what_goes_wrong_elsewhere_is_told_here(
    tmp_path: Path, files: list[File], caplog: pytest.LogCaptureFixture
) -> None:
    files = write(tmp_path, {files[5].id: "faulty", files[9].id: '---\ntitle: "\\ud800"\n---\ntext'})

    found = reasons(read(tmp_path, files, 2))

    assert found.pop(5) == "an unforeseen error: RuntimeError: a fault of ours"
    assert "Reading 0005.md failed in an unforeseen way" in caplog.text
    assert "a fault of ours" in caplog.text
    assert set(found) <= {9}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_document_that_cannot_be_prepared_fails_alone(
    tmp_path: Path, files: list[File], caplog: pytest.LogCaptureFixture, workers: int
) -> None:
    files = write(tmp_path, {files[7].id: "refused"})

    found = batches(tmp_path, files, workers, refuse_some)

    outcomes = [outcome for batch in found for outcome in batch.outcomes]
    assert [file for batch in found for file in batch.files] == files
    assert reasons(outcomes) == {7: "it can't be made ready for the index: RuntimeError: this is refused"}
    assert outcomes[7]
    assert outcomes[7].entry.stamp == str(files[7].stamp), "it would be read again and again"
    assert sum(batch.prepared or 0 for batch in found) == MIN_PARALLEL_FILES - 1
    assert caplog.text.count("Traceback") == 1


@pytest.mark.parametrize(
    ("program", "told"), [("/nowhere/python", "No such file or directory"), ("/bin/false", "with the exit code 1")]
)
def test_where_no_process_can_be_started_all_is_read_here(
    tmp_path: Path,
    files: list[File],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    program: str,
    told: str,
) -> None:
    monkeypatch.setattr(sys, "executable", program)

    assert processes(tmp_path, files, 2) == {os.getpid(): MIN_PARALLEL_FILES}
    assert told in caplog.text
    assert not has_children()


def test_a_process_that_hangs_at_its_start_is_given_up(
    tmp_path: Path, files: list[File], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text("import signal\nsignal.pause()\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    assert processes(tmp_path, files, 2, start_seconds=0.1) == {os.getpid(): MIN_PARALLEL_FILES}
    assert "ended (by SIGKILL): they are read in this one" in caplog.text
    assert not has_children()


def test_no_process_is_left_where_the_run_breaks_off(tmp_path: Path, files: list[File]) -> None:
    def break_off() -> None:
        reading = reading_by(read_tiny, tmp_path)
        with reading_of(files, reading, 2) as found:
            next(found)
            assert has_children()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()

    assert not has_children()


@pytest.mark.parametrize("how", [["-c"], ["script.py"]])
def test_a_script_without_a_guard_around_its_main_part_is_run_once(
    tmp_path: Path, files: list[File], how: list[str]
) -> None:
    code = SCRIPT
    (tmp_path / "script.py").write_text(code, "utf-8")
    command = [sys.executable, *how] + ([code] if how == ["-c"] else [])

    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, f"once\n{MIN_PARALLEL_FILES}\n", "")
