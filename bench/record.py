"""What a run measured, as JSON: kept in bench/results, and put into the docs when the run is published.

A published record holds the newest figures of every part, so that parts may be measured in several runs.
"""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from bench.figures import Figure
from bench.plot import growth_plot
from bench.table import markdown

__all__ = ["DOCS", "PUBLISHED", "RESULTS", "Record", "keep", "load", "merge", "new_record", "page", "publish"]

RESULTS = Path(__file__).with_name("results")
PUBLISHED = RESULTS / "published.json"
DOCS = Path(__file__).parents[1] / "docs"
START, END = "<!-- figures: written by `python -m bench --publish` -->", "<!-- end of figures -->"


@dataclass(frozen=True, slots=True)
class Record:
    """The figures of a run and what they were measured with: the questions by folder, what was left out by part."""

    at: str
    python: str
    machine: str
    engines: Mapping[str, str]
    questions: Mapping[str, Sequence[str]]
    notes: Mapping[str, Sequence[str]]
    figures: Sequence[Figure]


def new_record(
    engines: Mapping[str, str],
    questions: Mapping[str, Sequence[str]],
    notes: Mapping[str, Sequence[str]],
    figures: Sequence[Figure],
) -> Record:
    """The record of a run that ends now, on this machine."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    machine = f"{platform.machine()}, {os.cpu_count()} cores"
    return Record(now, platform.python_version(), machine, engines, questions, notes, figures)


def keep(record: Record, folder: Path = RESULTS) -> Path:
    """Write the record to a file of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{re.sub(r'[-:]', '', record.at.partition('+')[0])}Z.json"
    write(record, path)
    return path


def write(record: Record, path: Path) -> None:
    path.write_text(json.dumps(asdict(record), indent=1, ensure_ascii=False) + "\n", "utf-8")


def load(path: Path) -> Record:
    """The record in a file."""
    kept = json.loads(path.read_text("utf-8"))
    return Record(**(kept | {"figures": tuple(Figure(**figure) for figure in kept["figures"])}))


def merge(old: Record, new: Record) -> Record:
    """The new record, with the old one's figures of those parts that it has none of."""
    measured = {figure.part for figure in new.figures}
    kept = [figure for figure in old.figures if figure.part not in measured]
    return Record(
        at=new.at,
        python=new.python,
        machine=new.machine,
        engines={**old.engines, **new.engines},
        questions={**old.questions, **new.questions},
        notes={**old.notes, **new.notes},
        figures=[*kept, *new.figures],
    )


def publish(record: Record, docs: Path = DOCS, published: Path = PUBLISHED) -> None:
    """Put the record into the published one, and write page and plot of the docs anew.

    The questions are left out: they are words of other people's posts, and the rule that draws them says enough.
    """
    record = replace(record, questions={})
    if published.exists():
        record = merge(load(published), record)
    published.parent.mkdir(parents=True, exist_ok=True)
    write(record, published)
    place = docs / "benchmarks.md"
    place.write_text(page(place.read_text("utf-8"), record), "utf-8")
    (docs / "benchmarks.svg").write_text(growth_plot(record.figures, record.engines), "utf-8")


def page(text: str, record: Record) -> str:
    """The text with the record's tables between its marks. Raises `ValueError` for a text without them."""
    head, start, rest = text.partition(START)
    _, end, tail = rest.partition(END)
    if not start or not end:
        raise ValueError(f"the page needs the lines {START!r} and {END!r}, between which the tables are written")
    told = f"Last measured {record.at[:10]} with Python {record.python} on {record.machine}."
    notes = "".join(f"- {note}\n" for part in record.notes.values() for note in part)
    return f"{head}{START}\n\n{told}\n\n{notes}\n{markdown(record.figures, record.engines)}\n\n{END}{tail}"
