"""The reading of many files in as many processes as there are cores, for the one process that writes.

In go files, and how they are read; out comes what became of them, in their order. Each process gets its share of the
files at once and sends what it read through a pipe, which holds it up when the writer falls behind: so little waits in
memory. A process is a fresh interpreter that imports this module alone. It inherits no thread and no lock, and does not
run the caller's main module again, as the processes of `multiprocessing` would.

A file over which a process dies fails, and the others are read on. Where no process can be started, all is read here.
"""

from __future__ import annotations

import gc
import logging
import os
import pickle
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import IO, Any, NamedTuple

from index.indexer.folder import Folder, Listing, Stamp
from index.indexer.ledger import Entry
from index.indexer.outcomes import Outcome, Reader, fatal, read_outcome
from index.schema import Document

__all__ = ["Chunk", "File", "Prepare", "Reading", "reading_of"]

logger = logging.getLogger(__name__)

MANY, LARGE = 400, 2_000_000
"""Files, or bytes in them, from which on it takes longer to read them than to start processes."""

MOST_FILES, MOST_BYTES = 1000, 8_000_000
"""Of so many files at most a process tells at once."""

PIPE = 1 << 20
"""Bytes of outcomes that may wait for the writer, of each process."""

SHARES = 4
"""Each process gets at least so many chunks, so that none is long idle at the end."""

START = """
import pickle, sys
sys.path[:] = pickle.load(sys.stdin.buffer)
from index.indexer.workers import serve
serve()
"""

Prepare = Callable[[Sequence[Document]], Any]
"""Makes documents ready for the writer."""


class File(NamedTuple):
    """A file to read: how it looked when it was listed, and what was known of it before."""

    id: str
    stamp: Stamp
    known: Entry | None


class Chunk(NamedTuple):
    """What became of some files: the outcome of each, None where it vanished.

    `prepared` is what was made of the documents of those whose outcome says `prepared`, all together; or None.
    """

    files: Sequence[File]
    outcomes: Sequence[Outcome | None]
    prepared: Any = None


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read: all that another process must be told, so all of it can be pickled."""

    posts: Folder
    read: Reader
    prepare: Prepare | None
    linked: bool

    def outcome(self, file: File) -> Outcome | None:
        """What becomes of one file; None where it vanished."""
        listing = Listing(files={file.id: file.stamp}, linked=self.linked)
        return read_outcome(self.posts, file.id, listing, file.known, self.read)

    def one(self, file: File) -> Chunk:
        """What becomes of one file, its document as it is."""
        return Chunk([file], [self.outcome(file)])

    def chunk(self, files: Sequence[File]) -> Chunk:
        """What becomes of some files, their documents prepared; left as they are where that fails."""
        found = [self.outcome(file) for file in files]
        documents = [of.document for of in found if of and of.document]
        if not self.prepare or not documents:
            return Chunk(files, found)
        try:
            prepared = self.prepare(documents)
        except Exception:
            logger.exception("%d posts can't be made ready together; they are taken one by one", len(documents))
            return Chunk(files, found)
        done = [replace(of, document=None, prepared=True) if of and of.document else of for of in found]
        return Chunk(files, done, prepared)


@contextmanager
def reading_of(files: Sequence[File], reading: Reading, workers: int) -> Iterator[Iterator[Chunk]]:
    """What becomes of the files, in their order, by that many workers; 0 are as many as there are cores."""
    count = (workers or len(os.sched_getaffinity(0))) if worth_while(files) else 1
    if count == 1:
        yield map(reading.one, files)
        return
    chunks = list(chunks_of(files, min(MOST_FILES, -(-len(files) // (SHARES * count)))))
    with ExitStack() as stack:
        team = [Worker(reading, chunks[number::count]) for number in range(count)]
        for worker in team:
            stack.callback(worker.stop)
            worker.start()
        yield (chunk for number in range(len(chunks)) for chunk in team[number % count].take())


def worth_while(files: Sequence[File]) -> bool:
    """Whether there is so much to read that processes are worth their start."""
    return len(files) >= MANY or (len(files) > 1 and sum(file.stamp.size for file in files) >= LARGE)


def chunks_of(files: Sequence[File], most: int) -> Iterator[Sequence[File]]:
    """The files in chunks of `most`, none of them large, but for single files."""
    first = size = 0
    for number, file in enumerate(files):
        if number > first and (number - first == most or size + file.stamp.size > MOST_BYTES):
            yield files[first:number]
            first, size = number, 0
        size += file.stamp.size
    yield files[first:]


class Worker:
    """A process that reads chunks of files, as it is seen from here; `take` gives the outcomes of the next chunk."""

    def __init__(self, reading: Reading, chunks: Iterable[Sequence[File]]) -> None:
        self.reading = reading
        self.waiting = deque(chunks)
        self.process: subprocess.Popen[bytes] | None = None
        self.greeted = False

    def start(self) -> None:
        """Start the process on all chunks that wait. In a group of its own, it is not hit by Ctrl-C."""
        self.greeted = False
        command = [sys.executable, "-c", START]
        try:
            self.process = subprocess.Popen(  # noqa: S603  our own interpreter
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pipesize=PIPE, process_group=0
            )
            assert self.process.stdin
            with suppress(BrokenPipeError), self.process.stdin as pipe:
                for message in (sys.path, self.reading, list(self.waiting)):
                    pickle.dump(message, pipe)
        except (OSError, TypeError) as error:  # an embedded Python has no `sys.executable`
            logger.warning("No process can be started to read posts (%s): they are read in this one", error)

    def stop(self) -> int:
        """End the process, if there is one, and say how it ended."""
        if self.process is None:
            return 0
        self.process.kill()
        with self.process as process:
            self.process = None
        return process.returncode

    def take(self) -> list[Chunk]:
        """What became of the next chunk."""
        if self.process is None:
            return [self.reading.one(file) for file in self.waiting.popleft()]
        try:
            self.greeted = self.greeted or self.receive()
            outcomes, prepared, records = self.receive()
        except Exception:  # it ended, or something else speaks through its output
            return self.go_on()
        for record in records:
            logging.getLogger(record.name).handle(record)
        return [Chunk(self.waiting.popleft(), outcomes, prepared)]

    def go_on(self) -> list[Chunk]:
        """What became of the chunk over which the process died: it is read file by file, to find the one at fault."""
        status, greeted = self.stop(), self.greeted
        if not greeted:
            logger.warning("A process that should read posts ended (%s): they are read in this one", ending(status))
            return self.take()
        chunk = self.waiting.popleft()
        if len(chunk) > 1:
            self.waiting.extendleft([file] for file in reversed(chunk))
            self.start()
            return [one for _ in chunk for one in self.take()]
        self.start()
        reason = f"the process that read the file ended ({ending(status)})"
        return [Chunk(chunk, [fatal(chunk[0].id, chunk[0].stamp, reason)])]

    def receive(self) -> Any:
        """What the process says next. Raises `EOFError` where it ended."""
        assert self.process
        assert self.process.stdout
        return pickle.load(self.process.stdout)  # noqa: S301  from our own process


def ending(status: int) -> str:
    """How a process ended, in a few words."""
    return f"by {signal.Signals(-status).name}" if status < 0 else f"with the exit code {status}"


def serve() -> None:
    """Read the files that stand in the standard input, and tell of them on the standard output: a process's whole life.

    What anything else prints goes to the standard error.
    """
    pipe = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    kept = Kept()
    logging.getLogger().addHandler(kept)
    reading, chunks = pickle.load(sys.stdin.buffer), pickle.load(sys.stdin.buffer)  # noqa: S301  from our own process
    gc.freeze()
    try:
        send(True, pipe)
        for files in chunks:
            chunk = reading.chunk(files)
            send((chunk.outcomes, chunk.prepared, kept.taken()), pipe)
    except BrokenPipeError:
        os._exit(1)  # the writer went away, and so what is left in the pipe


def send(message: object, pipe: IO[bytes]) -> None:
    pickle.dump(message, pipe, pickle.HIGHEST_PROTOCOL)
    pipe.flush()


class Kept(logging.Handler):
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
