"""What is known of each file: how it looked, what it held, and what became of it.

Kept in `ledger.sqlite` in the index folder, so that a run need only read what changed. It is written after each commit
of the index and names that commit in its `Basis`: a ledger that tells of another commit is not used, and all posts are
read again. So are they where the ledger, or a file beside it, is not exactly what this module writes: anyone may have
planted it, and sqlite obeys what lies there.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import astuple, dataclass, field, fields
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from types import NoneType
from typing import Any, Literal, Self, get_args
from urllib.parse import quote

from index.log import get_logger

__all__ = ["Basis", "Ledger", "LedgerEntry", "count_left_out", "discard_unfinished", "load", "save"]

logger = get_logger(__name__)

LEDGER_NAME = "ledger.sqlite"
JOURNAL_NAME = "ledger.sqlite-journal"
"""There while a process writes the ledger, and after it was killed at that."""
FILE_NAMES = (LEDGER_NAME, JOURNAL_NAME, "ledger.sqlite-wal", "ledger.sqlite-shm")
"""All the files that sqlite may use for a ledger; our way of writing makes neither of the last two."""
VERSION = 3
BUSY_SECONDS = 5.0
"""How long to wait for another process that reads the ledger."""
MAX_FORM_STEPS = 10_000
"""How many instructions sqlite may run to read which tables there are."""

Outcome = Literal["indexed", "excluded", "failed"]
OUTCOMES = get_args(Outcome)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One file. `stamp` is how it looked and `digest` the hash of what it held, each "" where not known.

    `settled`: the stamp was old enough when the file was read that no later change can leave it as it is. `served`: the
    index holds a version of the post. `reason`, `line` and `column` say why it is excluded or failed, and where.
    """

    outcome: Outcome
    served: bool = False
    settled: bool = True
    stamp: str = ""
    digest: str = ""
    reason: str = ""
    line: int = 0
    column: int = 0
    visible_from: datetime | None = None
    visible_to: datetime | None = None

    @classmethod
    def excluded(cls, reason: str) -> Self:
        """A file that is left out on purpose."""
        return cls(outcome="excluded", reason=reason)

    @classmethod
    def failed(cls, reason: str, line: int = 0, column: int = 0) -> Self:
        """A post that can't be read. It is not settled, so that the next run tries again."""
        return cls(outcome="failed", settled=False, reason=reason, line=line, column=column)


@dataclass(frozen=True, slots=True)
class Basis:
    """What the entries hold for: one commit of the index, one folder of posts and one way of reading them.

    `engine`, `commit_id` and `generation` name the commit. A generation alone does not: the index of another engine, or
    one that was put back from a copy, may have the same. `fingerprint` is the hash of all that documents depend on but
    their own files, `posts` the folder, and `linked` says whether symbolic links take part in it.
    """

    engine: str = ""
    commit_id: str = ""
    generation: int = 0
    fingerprint: str = ""
    posts: str = ""
    linked: bool = False
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """What the ledger holds, entries by id; empty where there is none that can be read."""

    basis: Basis = field(default_factory=Basis)
    entries: Mapping[str, LedgerEntry] = field(default_factory=dict)


TABLES = (
    """CREATE TABLE basis (
    engine TEXT, commit_id TEXT, generation INTEGER, fingerprint TEXT, posts TEXT, linked INTEGER, updated_at TEXT
)""",
    """CREATE TABLE entries (
    id TEXT PRIMARY KEY, outcome TEXT, served INTEGER, settled INTEGER, stamp TEXT, digest TEXT,
    reason TEXT, line INTEGER, column INTEGER, visible_from TEXT, visible_to TEXT
) WITHOUT ROWID""",
)
TIME = (str, NoneType)
BASIS_TYPES: tuple[Any, ...] = (str, str, int, str, str, int, TIME)
ENTRY_TYPES: tuple[Any, ...] = (str, str, int, int, str, str, str, int, int, TIME, TIME)

columns_of = attrgetter(*(f.name for f in fields(LedgerEntry)))


def load(folder: Path, ids: Iterable[str] | None = None) -> Ledger:
    """The ledger in the index folder, with all entries or only those with these ids. Never fails, never writes."""
    try:
        with reading(folder, whole=ids is None) as database:
            if ids is None:
                rows: Iterable[tuple[Any, ...]] = database.execute("SELECT * FROM entries")
            else:
                found = (database.execute("SELECT * FROM entries WHERE id = ?", (id,)).fetchone() for id in ids)
                rows = filter(None, found)
            return Ledger(read_basis(database), dict(map(read_entry, rows)))
    except (sqlite3.Error, OSError, ValueError) as error:
        if os.path.lexists(folder / LEDGER_NAME):
            logger.warning(
                "The ledger %s can't be read (%s): all posts will be read again", folder / LEDGER_NAME, error
            )
        return Ledger()


def count_left_out(folder: Path) -> Mapping[tuple[str, str], int]:
    """How many files are excluded or failed, by outcome and the kind of reason. Never fails, never writes."""
    try:
        with reading(folder, whole=True) as database:
            rows = database.execute("SELECT outcome, reason FROM entries WHERE outcome IN ('excluded', 'failed')")
            # What follows the kind may be different in each post, and so is all that is said of one that failed.
            kinds = ((row[0], str(row[1]).partition(":")[0] if row[0] == "excluded" else "") for row in rows)
            return Counter(kinds)
    except (sqlite3.Error, OSError, ValueError):
        return {}


@contextmanager
def reading(folder: Path, *, whole: bool) -> Iterator[sqlite3.Connection]:
    """The ledger as it is now; `whole` tables may be read only after they are checked."""
    with closing(connect(folder, "ro")) as database:
        database.execute("BEGIN")
        check_form(database)
        # A page that stands twice in the tree of a table can give more rows than memory holds.
        if whole and database.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise ValueError("it is damaged")
        yield database


def check_form(database: sqlite3.Connection) -> None:
    """Raise `ValueError` unless the tables are those that `save` makes, with nothing beside them.

    A view or a trigger that was planted would run with every reading and writing, and need never end.
    """
    database.set_progress_handler(lambda: True, MAX_FORM_STEPS)
    version, journal = (database.execute(f"PRAGMA {name}").fetchone() for name in ("user_version", "journal_mode"))
    tables = database.execute("SELECT sql FROM sqlite_master").fetchall()
    database.set_progress_handler(None, 0)
    if (version, journal, tables) != ((VERSION,), ("delete",), [(table,) for table in TABLES]):
        raise ValueError("this version of postsearch did not write it")


def read_basis(database: sqlite3.Connection) -> Basis:
    """The one row of its table. Raises `ValueError` for values that we do not write, as `read_entry` does."""
    (row,) = database.execute("SELECT * FROM basis").fetchmany(2)
    if not all(map(isinstance, row, BASIS_TYPES)):
        raise ValueError("its basis has a value of a wrong type")
    *told, linked, updated_at = row
    values = [*told, bool(linked), read_time(updated_at)]
    return Basis(*values)


def read_entry(row: tuple[Any, ...]) -> tuple[str, LedgerEntry]:
    """A row of the table of entries: the id, and the entry."""
    if not all(map(isinstance, row, ENTRY_TYPES)) or row[1] not in OUTCOMES:
        raise ValueError(f"its entry {row[0]!r:.100} has a value of a wrong type")
    id, outcome, served, settled, *told, since, until = row
    values = [outcome, bool(served), bool(settled), *told, read_time(since), read_time(until)]
    return id, LedgerEntry(*values)


def read_time(text: str | None) -> datetime | None:
    """An aware time, as `as_text` writes it, or none."""
    time = datetime.fromisoformat(text) if text else None
    if time and not time.tzinfo:
        raise ValueError(f"{text} is in no time zone")
    return time


def save(
    folder: Path, basis: Basis, changed: Mapping[str, LedgerEntry], gone: Iterable[str] = (), *, anew: bool
) -> None:
    """Keep the changed entries, forget those of the gone ids, and note what they hold for; `anew` makes a new ledger.

    All of it in one transaction. A ledger that can't be written is thrown away: then all posts are read again.
    """
    try:
        if anew:
            remove(folder)
        with closing(connect(folder, "rwc" if anew else "rw")) as database:
            database.execute("PRAGMA synchronous = NORMAL")
            database.execute("BEGIN IMMEDIATE")
            if anew:
                for table in TABLES:
                    database.execute(table)
                database.execute(f"PRAGMA user_version = {VERSION}")
            check_form(database)
            database.executemany("DELETE FROM entries WHERE id = ?", [(id,) for id in gone])
            database.executemany(
                "INSERT OR REPLACE INTO entries VALUES (?,?,?,?,?,?,?,?,?,?,?)",
                [(id, *map(as_text, columns_of(entry))) for id, entry in changed.items()],
            )
            database.execute("DELETE FROM basis")
            database.execute("INSERT INTO basis VALUES (?,?,?,?,?,?,?)", [*map(as_text, astuple(basis))])
            database.execute("COMMIT")
    except (sqlite3.Error, OSError, ValueError) as error:
        logger.warning("The ledger %s can't be written (%s): all posts will be read again", folder / LEDGER_NAME, error)
        remove(folder)


def discard_unfinished(folder: Path) -> None:
    """Throw away a ledger that a killed process was writing; the caller holds the lock of the index.

    Its journal would be played back by sqlite, and can't be told from one that was planted.
    """
    if any(os.path.lexists(folder / name) for name in FILE_NAMES[1:]):
        logger.warning("The ledger %s was not written to its end: all posts will be read again", folder / LEDGER_NAME)
        remove(folder)


def connect(folder: Path, mode: Literal["ro", "rw", "rwc"]) -> sqlite3.Connection:
    """Open the ledger for reading or writing. Raises `ValueError` where one of its files is a link or not ours."""
    for name in FILE_NAMES:
        # A reader may see the journal of a process that is writing, and never plays one back. A writer is alone: what
        # it finds would be played back, and can name any file for sqlite to remove.
        ours = name == LEDGER_NAME or (name == JOURNAL_NAME and mode == "ro")
        with suppress(FileNotFoundError):
            # Not opened: closing it would drop the locks that sqlite has on it in this process.
            if not (stat.S_ISREG((folder / name).lstat().st_mode) and ours):
                raise ValueError(f"{name} is not of our making")
    path = quote(str((folder / LEDGER_NAME).absolute()))
    return sqlite3.connect(f"file:{path}?mode={mode}", uri=True, timeout=BUSY_SECONDS, isolation_level=None)


def remove(folder: Path) -> None:
    for name in FILE_NAMES:
        try:
            (folder / name).unlink(missing_ok=True)
        except OSError as error:
            logger.warning("%s can't be removed: %s", folder / name, error)


def as_text(value: object) -> object:
    """A date as sqlite keeps it, and any other value as it is."""
    return value.isoformat() if isinstance(value, datetime) else value
