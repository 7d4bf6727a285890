"""The figures as tables for people, a table a part, and as JSON in bench/results with every case that ours missed."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.peers import OURS
from bench.relevance.cases import Answer, Row, mean_row
from bench.table import aligned, row_of

__all__ = ["Part", "keep", "make_part", "markdown", "terminal"]


@dataclass(frozen=True, slots=True)
class Part:
    """What was asked and how it went: a row for each kind and engine, and in `details` for each collection too."""

    name: str
    rows: Sequence[Row]
    details: Sequence[Row]
    missed: Sequence[Answer]


def make_part(name: str, answers: Sequence[Answer], make_row: Callable[[str, str, Sequence[Answer]], Row]) -> Part:
    """The rows of these answers, of which there is at least one; kinds, and the engines of each, in their order there.
    A row is made of a kind, a collection and the answers of one engine.

    Where each kind is a collection of its own, their mean ends the table: small ones count in it as much as large ones.
    """
    engines = list(dict.fromkeys(answer.engine for answer in answers))
    groups: dict[tuple[str, str, str], list[Answer]] = {}
    for answer in answers:
        for collection in ("all", answer.collection):
            groups.setdefault((answer.case.kind, collection, answer.engine), []).append(answer)
    kinds = list(dict.fromkeys(kind for kind, _, _ in groups))
    rows = [make_row(kind, "all", groups[kind, "all", engine]) for kind in kinds for engine in engines]
    details = [make_row(kind, place, held) for (kind, place, _), held in groups.items() if place != "all"]
    if len(kinds) > 1 and all(answer.case.kind == answer.collection for answer in answers):
        for engine in engines:
            own = [answer for answer in answers if answer.engine == engine]
            rows.append(mean_row([row for row in rows if row.engine == engine], own))
    return Part(name, rows, details, [answer for answer in answers if answer.engine == OURS and not answer.first])


def cells(part: Part, names: Mapping[str, str]) -> list[tuple[str, ...]]:
    """The rows of a table, its columns' names first; a kind is named in its first row alone."""
    measures = tuple(part.rows[0].measures)
    table = [("", "engine", "cases", *measures, "median", "p95")]
    for number, one in enumerate(part.rows):
        kind = "" if number and part.rows[number - 1].kind == one.kind else one.kind
        figures = (f"{one.measures[name]:.{1 if name.endswith('‰') else 3}f}" for name in measures)
        table.append(
            (kind, names[one.engine], f"{one.cases:,}", *figures, f"{one.median_ms:.2f} ms", f"{one.p95_ms:.2f} ms")
        )
    return table


def terminal(parts: Sequence[Part], names: Mapping[str, str]) -> str:
    """The tables in columns of equal width."""
    return "\n\n".join(f"{part.name}\n{aligned(cells(part, names))}" for part in parts)


def markdown(parts: Sequence[Part], names: Mapping[str, str]) -> str:
    """The tables as Markdown, each below a heading."""
    tables = []
    for part in parts:
        head, *rows = cells(part, names)
        ruler = "|---|---|" + "--:|" * (len(head) - 2)
        tables.append("\n".join([f"### {part.name}\n", row_of(head), ruler, *map(row_of, rows)]))
    return "\n\n".join(tables)


def keep(parts: Sequence[Part], names: Mapping[str, str], options: Mapping[str, Any], folder: Path) -> Path:
    """Write all figures to a file of their own, and what ours found for each case whose post did not come first."""
    now = datetime.now(UTC)
    record = {
        "at": now.isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "engines": names,
        "options": options,
        "parts": {part.name: [asdict(row) for row in (*part.rows, *part.details)] for part in parts},
        "missed": {part.name: [asdict(answer) for answer in part.missed] for part in parts},
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"relevance-{now:%Y%m%dT%H%M%SZ}.json"
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return path
