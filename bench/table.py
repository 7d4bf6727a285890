"""Prints figures: one row an engine, and beside each figure how often ours goes into it."""

from __future__ import annotations

from collections.abc import Sequence

from bench.measure import Figures

__all__ = ["table"]

HEAD = ("", "ten hits, median", "×", "p95", "×", "indexing", "×", "with reading", "×", "answered", "marked")


def table(figures: Sequence[Figures]) -> str:
    """The table as text; the first row is what the others are compared with (2.0 is twice as long)."""
    rows = [HEAD, *(row(one, figures[0]) for one in figures)]
    widths = [max(len(cells[i]) for cells in rows) for i in range(len(HEAD))]
    return "\n".join(line(cells, widths) for cells in rows)


def row(one: Figures, base: Figures) -> tuple[str, ...]:
    return (
        one.name,
        f"{one.median_ms:.2f} ms",
        ratio(one.median_ms, base.median_ms),
        f"{one.p95_ms:.2f} ms",
        ratio(one.p95_ms, base.p95_ms),
        f"{one.indexing:.2f} s",
        ratio(one.indexing, base.indexing),
        f"{one.reading_and_indexing:.2f} s",
        ratio(one.reading_and_indexing, base.reading_and_indexing),
        str(one.answered),
        str(one.marked),
    )


def ratio(figure: float, base: float) -> str:
    return f"{figure / base:.2f}" if base else "-"


def line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cell.rjust(width) for cell, width in zip(cells, widths, strict=True)]
    return "  ".join((cells[0].ljust(widths[0]), *padded[1:])).rstrip()
