"""Reads many files in parallel, by default in a process a core, for the one process that writes the index.

Each process gets its share of the files at once and sends what it read through a pipe, which holds it up when the
writer falls behind by more than a batch: so little waits in memory, and none waits for another. A process is a fresh
interpreter that imports this module alone. It inherits no thread and no lock, and does not run the caller's main module
again, as the processes of `multiprocessing` would.

A file over which a process dies fails, and the others are read on: a process has limits of memory and time, so that no
post takes those of the process that serves. Large files are read so also where there are few. Where no process can be
started, all is read here.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import pickle
import resource
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any, NamedTuple

from index.indexer.folder import Listing, Stamp
from index.indexer.folders import Folders
from index.indexer.ledger import LedgerEntry
from index.indexer.outcomes import Outcome, PostReader, read_outcome
from index.log import get_logger
from index.schema import Document

__all__ = ["Batch", "File", "Prepare", "Reading", "forget_readings", "reading_of"]

logger = get_logger(__name__)

MIN_PARALLEL_FILES, MIN_PARALLEL_BYTES = 400, 2_000_000
"""From so many files, or bytes in them, on it takes longer to read them than to start processes."""

MAX_LOCAL_BYTES = 100_000
"""The largest file that the caller's own process reads, where it reads the posts."""

MIN_WORKER_MEMORY, MAX_WORKER_MEMORY = 384 << 20, 1 << 30
"""Bytes that a process may take: its share of half of what the machine or the container has, within these bounds."""

MEMORY_LIMITS = "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"
"""Where Linux tells a container how many bytes it has."""

MAX_DEATHS = 2
"""Of the service while it reads one file, until it is not read again."""

MAX_BATCH_SECONDS = 60.0
"""Of CPU time, until a process is ended: a thousand usual posts take less than ten."""

MAX_BATCH_FILES, MAX_BATCH_BYTES = 1000, 8_000_000
"""The largest batch: so many files, or bytes in them."""

MIN_BATCHES_PER_WORKER = 4
"""So that no process is long idle at the end."""

PIPE_BYTES = 1 << 20
"""What may wait for the writer, of each process."""

PR_SET_PDEATHSIG = 1
"""Of `prctl`: which signal a process gets when the thread that started it ends. See linux/prctl.h."""

START_SECONDS = 60.0
"""How long a process may take until it is ready; then it is ended, and all is read here."""

START = """
import pickle, sys
sys.path[:] = pickle.load(sys.stdin.buffer)
from index.indexer.workers import worker_main
worker_main()
"""

Prepare = Callable[[Sequence[Document]], Any]
"""Makes documents ready for the writer."""


class File(NamedTuple):
    """A file to read: how it looked when it was listed, and what was known of it before."""

    id: str
    stamp: Stamp
    known: LedgerEntry | None


class Batch(NamedTuple):
    """What became of some files: the outcome of each, None where it vanished.

    `prepared` is what was made of all their documents, which are not in the outcomes any more; None where there are
    none.
    """

    files: Sequence[File]
    outcomes: Sequence[Outcome | None]
    prepared: Any = None


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read and made ready: all that another process must be told, so all of it can be pickled."""

    posts: Folders
    read: PostReader
    prepare: Prepare
    linked: bool
    max_batch_seconds: float = MAX_BATCH_SECONDS

    def batches(self, files: Sequence[File]) -> list[Batch]:
        """What became of these files: one batch, or several where a document can't be made ready, which fails alone."""
        large = [file for file in files if file.stamp.size > MAX_LOCAL_BYTES]
        if len(files) == 1 and large and self.deaths(large[0]) >= MAX_DEATHS:
            self.note_end(large)
            return [Batch(files, [died(files[0], "the service ended while the file was read")])]
        self.note_begin(large)
        try:
            return self.attempt(files)
        finally:
            self.note_end(large)

    def note_path(self, file: File) -> Path:
        return self.posts.index / f"reading-{blake2b(file.id.encode(), digest_size=8).hexdigest()}"

    def deaths(self, file: File) -> int:
        """How often whoever began to read the file, as it looks now, did not live to end it."""
        try:
            return self.note_path(file).read_text("utf-8").split().count(str(file.stamp))
        except OSError:
            return 0

    def note_begin(self, files: Sequence[File]) -> None:
        """Note that the files are being read, so that one over which all of the service dies is known afterwards."""
        for file in files:
            with suppress(OSError), self.note_path(file).open("a", encoding="utf-8") as note:
                note.write(f"{file.stamp}\n")

    def note_end(self, files: Sequence[File]) -> None:
        """Forget that the files were being read."""
        for file in files:
            with suppress(OSError):
                self.note_path(file).unlink(missing_ok=True)

    def attempt(self, files: Sequence[File]) -> list[Batch]:
        """What became of the files, as `batches` tells it, if this process lives on."""
        outcomes: list[Outcome | None] = []
        documents: list[Document] = []
        try:
            for file in files:
                listing = Listing(files={file.id: file.stamp}, linked=self.linked)
                outcomes.append(read_outcome(self.posts, file.id, listing, file.known, self.read))
            documents += [outcome.document for outcome in outcomes if outcome and outcome.document]
            if not documents:
                return [Batch(files, outcomes)]
            prepared = self.prepare(documents)
        except MemoryError:
            outcomes, documents = [], []
            if len(files) == 1:
                return [Batch(files, [died(files[0], "it takes more memory than there is")])]
        except Exception as error:
            if len(documents) == 1:
                logger.exception("%s can't be made ready for the index", documents[0].id)
                reason = f"it can't be made ready for the index: {type(error).__name__}: {error}"
                return [Batch(files, [o and refused(o, reason) if o and o.document else o for o in outcomes])]
        else:
            done = [replace(o, document=None) if o and o.document else o for o in outcomes]
            return [Batch(files, done, prepared)]
        # One document of many is at fault, and halves lead to it.
        middle = len(files) // 2
        return [*self.attempt(files[:middle]), *self.attempt(files[middle:])]


def forget_readings(index: Path) -> None:
    """Remove the notes of killed runs in the index folder, once a run has read all that is to be read."""
    for path in index.glob("reading-" + "[0-9a-f]" * 16):
        with suppress(OSError):
            path.unlink()


def died(file: File, reason: str) -> Outcome:
    """The outcome of a file that can't be read within the limits, and is not tried again while it looks like this."""
    failed = Outcome.failed(file.id, f"{reason}; make it smaller, or part it in several posts")
    return replace(failed, entry=replace(failed.entry, stamp=str(file.stamp), settled=True))


def refused(outcome: Outcome, reason: str) -> Outcome:
    """The outcome of a post that was read but must not be read again while its file looks like this."""
    assert outcome.document
    failed = Outcome.failed(outcome.document.id, reason)
    return replace(failed, entry=replace(outcome.entry, outcome="failed", served=False, reason=reason))


@contextmanager
def reading_of(
    files: Sequence[File], reading: Reading, workers: int, *, start_seconds: float = START_SECONDS
) -> Iterator[Iterator[Batch]]:
    """What becomes of the files, in their order, by that many workers; 0 are as many as there are cores."""
    size = sum(file.stamp.size for file in files)
    many = len(files) >= MIN_PARALLEL_FILES or (len(files) > 1 and size >= MIN_PARALLEL_BYTES)
    count = (workers or len(os.sched_getaffinity(0))) if many else 1
    local: Sequence[File] = ()
    if count == 1:
        local = [file for file in files if file.stamp.size <= MAX_LOCAL_BYTES]
        batches: list[Sequence[File]] = [[file] for file in files if file.stamp.size > MAX_LOCAL_BYTES]
    else:
        batches = list(batched(files, min(MAX_BATCH_FILES, -(-len(files) // (MIN_BATCHES_PER_WORKER * count)))))
    with ExitStack() as stack:
        memory = worker_memory(count)
        team = [Worker(reading, batches[number::count], start_seconds, memory) for number in range(count) if batches]
        for worker in team:
            stack.callback(worker.stop)
            worker.start()
        for worker in team:
            worker.wait_until_ready()
        read_here = (batch for some in batched(local, MAX_BATCH_FILES) for batch in reading.batches(some))
        yield chain(read_here, (batch for number in range(len(batches)) for batch in team[number % count].take()))


def worker_memory(count: int) -> int:
    """How many bytes each of so many processes may take."""
    available = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for path in map(Path, MEMORY_LIMITS):
        with suppress(OSError, ValueError):  # there is no such file, or it says "max"
            available = min(available, int(path.read_text()))
    return max(MIN_WORKER_MEMORY, min(MAX_WORKER_MEMORY, available // 2 // count))


def batched(files: Sequence[File], most: int) -> Iterator[Sequence[File]]:
    """The files in batches of at most so many, and of at most `MAX_BATCH_BYTES` but for single files."""
    first = size = 0
    for number, file in enumerate(files):
        if number > first and (number - first == most or size + file.stamp.size > MAX_BATCH_BYTES):
            yield files[first:number]
            first, size = number, 0
        size += file.stamp.size
    if files:
        yield files[first:]


class Worker:
    """A process that reads batches of files, as it is seen from here; `take` tells what became of the next batch.

    Between `start` and `wait_until_ready` others may be started. Without a process, `take` reads the files itself.
    """

    def __init__(self, reading: Reading, batches: Iterable[Sequence[File]], start_seconds: float, memory: int) -> None:
        self.reading = reading
        self.memory = memory
        self.waiting = deque(batches)
        self.start_seconds = start_seconds
        self.process: subprocess.Popen[bytes] | None = None
        self.receiver = ThreadPoolExecutor(1)
        self.coming: Future[Any]
        self.limit: threading.Timer | None = None

    def start(self) -> None:
        """Start the process on all batches that wait. In a group of its own, it is not hit by Ctrl-C."""
        command = [sys.executable, "-c", START]
        try:
            self.process = subprocess.Popen(  # noqa: S603  our own interpreter
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pipesize=PIPE_BYTES, process_group=0
            )
            # One that hangs would hold up what is written to it, too.
            self.limit = threading.Timer(self.start_seconds, self.process.kill)
            self.limit.start()
            assert self.process.stdin
            self.receive_next()
            with suppress(BrokenPipeError), self.process.stdin as pipe:
                for message in (sys.path, self.memory, self.reading, list(self.waiting)):
                    pickle.dump(message, pipe)
        except (OSError, TypeError) as error:  # an embedded Python has no `sys.executable`
            logger.warning("No process can be started to read posts (%s): they are read in this one", error)

    def wait_until_ready(self) -> None:
        """Let the process say that it is ready, or do without it."""
        if self.process is None:
            return
        try:
            self.receive()
        except Exception:  # it ended, or something else speaks through its output
            status = ending(self.stop())
            logger.warning("A process that should read posts ended (%s): they are read in this one", status)
        finally:
            if self.limit:
                self.limit.cancel()

    def stop(self) -> int:
        """End the process, if there is one, and say how it ended."""
        if self.limit:
            self.limit.cancel()
        if self.process is None:
            return 0
        self.process.kill()
        with self.process as process:
            self.process = None
        return process.returncode

    def take(self) -> list[Batch]:
        if self.process is None:
            return self.reading.batches(self.waiting.popleft())
        try:
            found, records = self.receive()
        except Exception:  # it ended, or something else speaks through its output
            return self.retry_one_by_one()
        for record in records:
            logging.getLogger(record.name).handle(record)
        files = iter(self.waiting.popleft())
        return [Batch(list(islice(files, len(outcomes))), outcomes, prepared) for outcomes, prepared in found]

    def retry_one_by_one(self) -> list[Batch]:
        """What became of the batch over which the process died: it is read file by file, to find the one at fault."""
        status, files = self.stop(), self.waiting.popleft()
        if len(files) > 1:
            self.waiting.extendleft([file] for file in reversed(files))
        self.start()
        self.wait_until_ready()
        if len(files) > 1:
            return [batch for _ in files for batch in self.take()]
        self.reading.note_end(files)
        return [Batch(files, [died(files[0], f"the process that read the file ended ({ending(status)})")])]

    def receive(self) -> Any:
        """What the process says next. Raises `EOFError` where it ended."""
        found = self.coming.result()
        self.receive_next()
        return found

    def receive_next(self) -> None:
        """Receive what the process says next, while this one waits for another or works."""
        assert self.process
        assert self.process.stdout
        self.coming = self.receiver.submit(pickle.load, self.process.stdout)


def ending(status: int) -> str:
    """How a process ended, in a few words."""
    if status == -signal.SIGPROF:
        return "it took too long"
    return f"by {signal.Signals(-status).name}" if status < 0 else f"with the exit code {status}"


def worker_main() -> None:
    """Read the files that stand in the standard input, and tell of them on the standard output: a process's whole life.

    What anything else prints goes to the standard error.
    """
    # Also where the writer is killed; from "ready" on, a writer that was killed before this is noticed by the pipe.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    pipe = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    log = LogCollector()
    logging.getLogger().addHandler(log)
    memory, reading, batches = (pickle.load(sys.stdin.buffer) for _ in range(3))  # noqa: S301  from our own process
    gc.freeze()
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (memory if hard == resource.RLIM_INFINITY else min(memory, hard), hard))
    # Where memory runs out all the same, Linux is to end this process and not the one that serves.
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    try:
        send("ready", pipe)
        for files in batches:
            signal.setitimer(signal.ITIMER_PROF, reading.max_batch_seconds)
            send(([(batch.outcomes, batch.prepared) for batch in reading.batches(files)], log.taken()), pipe)
    except BrokenPipeError:
        os._exit(1)  # the writer went away, and so what is left in the pipe


def send(message: object, pipe: IO[bytes]) -> None:
    pickle.dump(message, pipe, pickle.HIGHEST_PROTOCOL)
    pipe.flush()


class LogCollector(logging.Handler):
    """What was logged, in a form that can be sent to the process with the log."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record with all that it refers to as text."""
        self.format(record)  # leaves the text of the error in the record
        record.msg, record.args, record.exc_info = record.getMessage(), None, None
        self.records.append(record)

    def taken(self) -> list[logging.LogRecord]:
        """The records since the last time."""
        records, self.records = self.records, []
        return records
