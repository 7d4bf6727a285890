"""Figures as text: a table for each part and folder, one row a figure, beside each engine's how often ours goes into
it, and at the end of the row what ours is held to. `terminal` is for people at work, `markdown` for the docs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.figures import Figure, Verdict, verdicts
from bench.peers import OURS

__all__ = ["PARTS", "markdown", "shown", "terminal"]

PARTS = {
    "hits": "Ten ranked hits with highlighted snippets, in process",
    "kinds": "The same by kind of question, and for dear ones: letters, sentences, phrases of common words",
    "growth": "The same while the posts grow more",
    "keys": "Search as you type, in process: every beginning of every question",
    "http": "Search as you type over HTTP: one gunicorn worker, one client",
    "load": "16 connections and 2 gunicorn workers, beside a view that returns a constant of the same size",
    "reindex": "From files on disk to a committed index",
    "start": "`postsearch search` in a fresh process, from its start to its end",
    "saves": "One saved post to searchable, in process",
}
"""The parts of the bench in the order in which they are told of, with what they measure."""


@dataclass(frozen=True, slots=True)
class Table:
    """The cells of a table below its heading; the first row names the columns."""

    heading: str
    rows: tuple[tuple[str, ...], ...]


def tables(figures: Sequence[Figure], names: Mapping[str, str]) -> list[Table]:
    """A table for each part, folder and number of posts; `names` are the engines' own, by key."""
    found = {(f.corpus, f.posts, f.part): None for f in figures}
    order = list(PARTS)
    judged = list(verdicts(figures))
    return [
        make_table([f for f in figures if (f.corpus, f.posts, f.part) == place], judged, names)
        for place in sorted(found, key=lambda place: (order.index(place[2]), place[0], place[1]))
    ]


def make_table(figures: Sequence[Figure], judged: Sequence[Verdict], names: Mapping[str, str]) -> Table:
    """The table of figures that share part and posts."""
    first = figures[0]
    engines = list(dict.fromkeys(f.engine for f in figures))
    cells = {(f.what, f.engine): f for f in figures}
    rows = [("", *(names.get(key, key) for key in engines), "goal")]
    for what in dict.fromkeys(f.what for f in figures):
        row = [cells.get((what, key)) for key in engines]
        goals = "; ".join(goal_text(v, names) for v in judged if v.ours is cells.get((what, OURS)))
        rows.append((what, *(cell_text(cell, cells.get((what, OURS))) for cell in row), goals))
    return Table(f"{PARTS[first.part]}: {first.corpus}, {first.posts:,} posts", tuple(rows))


def cell_text(figure: Figure | None, ours: Figure | None) -> str:
    """The figure, and for another engine how often ours goes into it; counts are no matter for that."""
    if figure is None:
        return ""
    if figure is ours or ours is None or not figure.unit or not ours.value:
        return shown(figure.value, figure.unit)
    return f"{shown(figure.value, figure.unit)} ({figure.value / ours.value:.2f}×)"


def goal_text(verdict: Verdict, names: Mapping[str, str]) -> str:
    """What ours is held to, and whether it is reached."""
    goal = verdict.goal
    bound = shown(verdict.bound, verdict.ours.unit)
    theirs = re.sub(r" [\d.]+$", "", names.get(goal.against, goal.against))
    share = f", {goal.limit:g} × {theirs}" if goal.against else ""
    met = "met" if verdict.met else "missed"
    return f"{met}: {'≥' if goal.least else '≤'} {bound}{share}"


def shown(value: float, unit: str) -> str:
    """The value with its unit, in as many digits as are worth reading."""
    digits = 0 if value >= 100 or (not unit and value == int(value)) else 1 if value >= 10 else 2
    return f"{value:,.{digits}f}{unit if unit.startswith('/') else f' {unit}'}".strip()


def terminal(figures: Sequence[Figure], names: Mapping[str, str]) -> str:
    """The tables in columns of equal width."""
    return "\n\n".join(f"{table.heading}\n{aligned(table.rows)}" for table in tables(figures, names))


def aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for first, *middle, last in rows:
        cells = [cell.rjust(width) for cell, width in zip(middle, widths[1:-1], strict=True)]
        lines.append("  ".join((first.ljust(widths[0]), *cells, last)).rstrip())
    return "\n".join(lines)


def markdown(figures: Sequence[Figure], names: Mapping[str, str]) -> str:
    """The tables as Markdown, each below a heading."""
    parts = []
    for table in tables(figures, names):
        head, *rows = table.rows
        lines = [row_of(head), "|---|" + "--:|" * (len(head) - 2) + "---|", *(row_of(row) for row in rows)]
        parts.append(f"### {table.heading}\n\n" + "\n".join(lines))
    return "\n\n".join(parts)


def row_of(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
