"""What is known of each file: how it looked, what it held, and what became of it.

Kept in `ledger.sqlite` in the index folder, so that a run need only read what changed. It is written after each commit
of the index and names that commit in its `Basis`: a ledger that tells of another commit is not used, and all posts are
read again.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import astuple, dataclass, field, fields
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import Literal, Self
from urllib.parse import quote

__all__ = ["Basis", "Ledger", "LedgerEntry", "load", "save"]

logger = logging.getLogger(__name__)

LEDGER_NAME = "ledger.sqlite"
VERSION = 2
BUSY_SECONDS = 5.0
"""How long to wait for another process that reads the ledger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One file. `stamp` is how it looked and `digest` the hash of what it held, each "" where not known.

    `settled`: the stamp was old enough when the file was read that no later change can leave it as it is. `served`: the
    index holds a version of the post. `reason`, `line` and `column` say why it is excluded or failed, and where.
    """

    outcome: Literal["indexed", "excluded", "failed"]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What the entries hold for: one commit of the index, one folder of posts and one way of reading them.

    `engine`, `build` and `generation` name the commit. A generation alone does not: the index of another engine, or one
    that was put back from a copy, may have the same. `fingerprint` is the hash of all that documents depend on but
    their own files, `posts` the folder, and `linked` says whether symbolic links take part in it.
    """

    engine: str = ""
    build: str = ""
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


TABLES = """
CREATE TABLE basis (
    engine TEXT, build TEXT, generation INTEGER, fingerprint TEXT, posts TEXT, linked INTEGER, updated_at TEXT
);
CREATE TABLE entries (
    id TEXT PRIMARY KEY, outcome TEXT, served INTEGER, settled INTEGER, stamp TEXT, digest TEXT,
    reason TEXT, line INTEGER, column INTEGER, visible_from TEXT, visible_to TEXT
) WITHOUT ROWID;
"""

columns_of = attrgetter(*(f.name for f in fields(LedgerEntry)))


def load(folder: Path, ids: Iterable[str] | None = None) -> Ledger:
    """The ledger in the index folder, with all entries or only those with these ids. Never fails, never writes."""
    try:
        with closing(connect(folder, "ro")) as database:
            database.execute("BEGIN")
            if database.execute("PRAGMA user_version").fetchone() != (VERSION,):
                return Ledger()
            if ids is None:
                rows = database.execute("SELECT * FROM entries").fetchall()
            else:
                found = (database.execute("SELECT * FROM entries WHERE id = ?", (id,)).fetchone() for id in ids)
                rows = [row for row in found if row]
            return Ledger(read_basis(database), dict(map(read_entry, rows)))
    except (sqlite3.Error, ValueError) as error:
        if (folder / LEDGER_NAME).exists():
            logger.warning(
                "The ledger %s can't be read (%s): all posts will be read again", folder / LEDGER_NAME, error
            )
        return Ledger()


def read_basis(database: sqlite3.Connection) -> Basis:
    """The one row of its table."""
    row = database.execute("SELECT * FROM basis").fetchone()
    if row is None:
        return Basis()
    engine, build, generation, fingerprint, posts, linked, updated_at = row
    return Basis(
        engine=engine,
        build=build,
        generation=generation,
        fingerprint=fingerprint,
        posts=posts,
        linked=bool(linked),
        updated_at=updated_at and datetime.fromisoformat(updated_at),
    )


def read_entry(row: tuple[str, ...]) -> tuple[str, LedgerEntry]:
    """A row of the table of entries: the id, and the entry."""
    id, outcome, served, settled, stamp, digest, reason, line, column, visible_from, visible_to = row
    return id, LedgerEntry(
        outcome=outcome,  # type: ignore[arg-type]  # what was an outcome when it was written
        served=bool(served),
        settled=bool(settled),
        stamp=stamp,
        digest=digest,
        reason=reason,
        line=int(line),
        column=int(column),
        visible_from=datetime.fromisoformat(visible_from) if visible_from else None,
        visible_to=datetime.fromisoformat(visible_to) if visible_to else None,
    )


def save(
    folder: Path, basis: Basis, changed: Mapping[str, LedgerEntry], gone: Iterable[str] = (), *, anew: bool
) -> None:
    """Keep the changed entries, forget those of the gone ids, and note what they hold for; `anew` forgets all others.

    All of it in one transaction. A ledger that can't be written is thrown away: then all posts are read again.
    """
    try:
        if anew:
            remove(folder)
        with closing(connect(folder, "rwc")) as database:
            database.execute("PRAGMA synchronous = NORMAL")
            database.execute("BEGIN IMMEDIATE")
            if database.execute("PRAGMA user_version").fetchone() != (VERSION,):
                for statement in TABLES.split(";"):
                    database.execute(statement)
                database.execute(f"PRAGMA user_version = {VERSION}")
            database.executemany("DELETE FROM entries WHERE id = ?", [(id,) for id in gone])
            database.executemany(
                "INSERT OR REPLACE INTO entries VALUES (?,?,?,?,?,?,?,?,?,?,?)",
                [(id, *map(as_text, columns_of(entry))) for id, entry in changed.items()],
            )
            database.execute("DELETE FROM basis")
            database.execute("INSERT INTO basis VALUES (?,?,?,?,?,?,?)", [*map(as_text, astuple(basis))])
            database.execute("COMMIT")
    except (sqlite3.Error, OSError) as error:
        logger.warning("The ledger %s can't be written (%s): all posts will be read again", folder / LEDGER_NAME, error)
        remove(folder)


def connect(folder: Path, mode: Literal["ro", "rwc"]) -> sqlite3.Connection:
    path = quote(str((folder / LEDGER_NAME).absolute()))
    return sqlite3.connect(f"file:{path}?mode={mode}", uri=True, timeout=BUSY_SECONDS, isolation_level=None)


def remove(folder: Path) -> None:
    for name in (LEDGER_NAME, LEDGER_NAME + "-journal"):
        try:
            (folder / name).unlink(missing_ok=True)
        except OSError as error:
            logger.warning("%s can't be removed: %s", folder / name, error)


def as_text(value: object) -> object:
    """A date as sqlite keeps it, and any other value as it is."""
    return value.isoformat() if isinstance(value, datetime) else value
