"""What the index knows of each file: how it looked, what it held, and what became of it.

In go entries by id and the state of the index that they mirror; out they come again, from `ledger.sqlite` in the
folder of the index. It is written after each commit of the index, so it may lag behind and never runs ahead: a
ledger of another commit is not to be trusted, and reading the posts again makes it good.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

__all__ = ["Entry", "Mirrored", "Records", "load", "save"]

logger = logging.getLogger(__name__)

NAME = "ledger.sqlite"
VERSION = 2
BUSY = 5.0
"""Seconds to wait for a reader of the ledger to finish."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file. `stamp` is how it looked and `digest` the hash of what it held, each "" where not known.

    `settled` says that the stamp was old enough when the file was read to be trusted by itself. `outcome` is
    "indexed", "excluded" or "failed"; `served` says whether the index holds a version of the post.
    """

    stamp: str
    digest: str
    settled: bool
    outcome: str
    served: bool
    reason: str = ""
    line: int = 0
    column: int = 0
    visible_from: datetime | None = None
    visible_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Mirrored:
    """The state that the entries mirror: one commit of the index, and a hash of all that documents depend on.

    `engine`, `build` and `generation` name the commit; a generation alone does not, as the index of another engine, or
    one that was copied here, may count up to the same. `posts` is the folder and `linked` says whether symbolic links
    take part in it.
    """

    engine: str = ""
    build: str = ""
    generation: int = 0
    fingerprint: str = ""
    posts: str = ""
    linked: bool = False
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Records:
    """What the ledger holds; all of it empty where there is none that can be read."""

    mirrored: Mirrored = field(default_factory=Mirrored)
    entries: Mapping[str, Entry] = field(default_factory=dict)


TABLES = """
CREATE TABLE mirrored (
    engine TEXT, build TEXT, generation INTEGER, fingerprint TEXT, posts TEXT, linked INTEGER, updated_at TEXT
);
CREATE TABLE entries (
    id TEXT PRIMARY KEY, stamp TEXT, digest TEXT, settled INTEGER, outcome TEXT, served INTEGER,
    reason TEXT, line INTEGER, column INTEGER, visible_from TEXT, visible_to TEXT
) WITHOUT ROWID;
"""


def load(folder: Path, ids: Iterable[str] | None = None) -> Records:
    """All that the ledger holds, or of the entries only those with these ids. Never fails, never writes."""
    try:
        with closing(connect(folder, "ro")) as ledger:
            ledger.execute("BEGIN")
            if ledger.execute("PRAGMA user_version").fetchone() != (VERSION,):
                return Records()
            return Records(read_mirrored(ledger), dict(read_entries(ledger, ids)))
    except (sqlite3.Error, ValueError) as error:
        if (folder / NAME).exists():
            logger.warning("The ledger %s can't be read (%s): all posts will be read again", folder / NAME, error)
        return Records()


def save(folder: Path, mirrored: Mirrored, changed: Mapping[str, Entry], gone: Iterable[str], *, anew: bool) -> None:
    """Keep the changed entries, forget the gone ones, and note what they mirror; `anew` forgets all others.

    A ledger that can't be written is thrown away, which costs no more than reading the posts again.
    """
    try:
        if anew:
            remove(folder)
        with closing(connect(folder, "rwc")) as ledger:
            write(ledger, mirrored, changed, gone)
    except (sqlite3.Error, OSError) as error:
        logger.warning("The ledger %s can't be written (%s): all posts will be read again", folder / NAME, error)
        remove(folder)


def connect(folder: Path, mode: str) -> sqlite3.Connection:
    path = quote(str((folder / NAME).absolute()))
    return sqlite3.connect(f"file:{path}?mode={mode}", uri=True, timeout=BUSY, isolation_level=None)


def remove(folder: Path) -> None:
    for name in (NAME, NAME + "-journal"):
        try:
            (folder / name).unlink(missing_ok=True)
        except OSError as error:
            logger.warning("%s can't be removed: %s", folder / name, error)


def write(ledger: sqlite3.Connection, mirrored: Mirrored, changed: Mapping[str, Entry], gone: Iterable[str]) -> None:
    """Do all of a `save` in one transaction."""
    ledger.execute("PRAGMA synchronous = NORMAL")
    ledger.execute("BEGIN IMMEDIATE")
    if ledger.execute("PRAGMA user_version").fetchone() != (VERSION,):
        for statement in TABLES.split(";"):
            ledger.execute(statement)
        ledger.execute(f"PRAGMA user_version = {VERSION}")
    ledger.executemany("DELETE FROM entries WHERE id = ?", [(id,) for id in gone])
    ledger.executemany(
        "INSERT OR REPLACE INTO entries VALUES (?,?,?,?,?,?,?,?,?,?,?)",
        [(id, *map(plain, values_of(entry))) for id, entry in changed.items()],
    )
    ledger.execute("DELETE FROM mirrored")
    ledger.execute("INSERT INTO mirrored VALUES (?,?,?,?,?,?,?)", [plain(v) for v in values_of(mirrored)])
    ledger.execute("COMMIT")


def read_mirrored(ledger: sqlite3.Connection) -> Mirrored:
    row = ledger.execute("SELECT * FROM mirrored").fetchone()
    if row is None:
        return Mirrored()
    engine, build, generation, made_from, posts, linked, updated_at = row
    return Mirrored(engine, build, generation, made_from, posts, bool(linked), moment(updated_at))


def read_entries(ledger: sqlite3.Connection, ids: Iterable[str] | None) -> Iterable[tuple[str, Entry]]:
    """The rows as entries, by id."""
    if ids is None:
        rows = ledger.execute("SELECT * FROM entries").fetchall()
    else:
        found = (ledger.execute("SELECT * FROM entries WHERE id = ?", (id,)).fetchone() for id in ids)
        rows = [row for row in found if row]
    for id, stamp, digest, settled, outcome, served, reason, line, column, since, until in rows:
        yield (
            id,
            Entry(
                stamp, digest, bool(settled), outcome, bool(served), reason, line, column, moment(since), moment(until)
            ),
        )


def values_of(row: Entry | Mirrored) -> Iterable[object]:
    """The values in the order of the columns."""
    return (getattr(row, f.name) for f in fields(row))


def plain(value: object) -> object:
    """The value as sqlite keeps it."""
    return value.isoformat() if isinstance(value, datetime) else value


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
