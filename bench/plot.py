"""Draws the growth figures as an SVG, one line an engine on logarithmic axes.

It has no background, and its colours can be read on white as on black, since an image in a page does not know the
page's theme.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from bench.figures import Figure
from bench.peers import PEERS

__all__ = ["COLOURS", "growth_plot"]

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 590, 50, 360
COLOURS = dict(zip(PEERS, ("#e0483e", "#9a7bd0", "#2f8fd8", "#b8780f", "#3a9a5b"), strict=True))
GREY = "#7b838d"
LINE_HEIGHT = 17


@dataclass(frozen=True, slots=True)
class Axis:
    """Whole powers of ten from `low` to `high`, between two places on the canvas."""

    low: int
    high: int
    start: float
    end: float

    def place(self, value: float) -> float:
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)

    def ticks(self) -> Iterator[float]:
        return (10.0**power for power in range(self.low, self.high + 1))


def axis(values: Sequence[float], start: float, end: float) -> Axis:
    """The axis that holds all values."""
    low = math.floor(math.log10(min(values)))
    return Axis(low, max(math.ceil(math.log10(max(values))), low + 1), start, end)


def growth_plot(figures: Sequence[Figure], names: Mapping[str, str]) -> str:
    """The median time of ten hits over the number of posts."""
    lines: dict[str, list[tuple[int, float]]] = {}
    for figure in sorted(figures, key=lambda figure: figure.posts):
        if (figure.part, figure.what) == ("growth", "median") and figure.value > 0:
            lines.setdefault(figure.engine, []).append((figure.posts, figure.value))
    points = [point for line in lines.values() for point in line] or [(1, 1.0)]
    across = axis([x for x, _ in points], LEFT, RIGHT)
    up = axis([y for _, y in points], BOTTOM, TOP)
    parts = [*frame(across, up)]
    for key, line in lines.items():
        parts += curve([(across.place(x), up.place(y)) for x, y in line], COLOURS.get(key, GREY))
    parts += labels({key: (across.place(line[-1][0]), up.place(line[-1][1])) for key, line in lines.items()}, names)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        'font-family="system-ui, sans-serif" font-size="13" role="img">'
    )
    title = "Milliseconds for ten ranked, highlighted hits, by the number of posts"
    return "\n".join([head, f"<title>{title}</title>", text(LEFT, 26, title, size=15), *parts, "</svg>", ""])


def frame(across: Axis, up: Axis) -> Iterator[str]:
    """The grid, and what its lines stand for."""
    for value in across.ticks():
        x = across.place(value)
        yield f'<path d="M{x} {TOP}V{BOTTOM}" stroke="{GREY}" stroke-opacity="0.25"/>'
        yield text(x, BOTTOM + 22, f"{value:,.0f}", anchor="middle")
    for value in up.ticks():
        y = up.place(value)
        yield f'<path d="M{LEFT} {y}H{RIGHT}" stroke="{GREY}" stroke-opacity="0.25"/>'
        yield text(LEFT - 8, y + 4, f"{value:,g} ms", anchor="end")
    yield text((LEFT + RIGHT) / 2, BOTTOM + 46, "posts", anchor="middle")


def curve(places: Sequence[tuple[float, float]], colour: str) -> Iterator[str]:
    path = "L".join(f"{x} {y}" for x, y in places)
    yield f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2.5" stroke-linejoin="round"/>'
    for x, y in places:
        yield f'<circle cx="{x}" cy="{y}" r="4" fill="{colour}"/>'


def labels(ends: Mapping[str, tuple[float, float]], names: Mapping[str, str]) -> Iterator[str]:
    """The engines' names beside the ends of their lines, moved apart where they would lie on each other."""
    lowest = 0.0
    for key, (x, y) in sorted(ends.items(), key=lambda end: end[1][1]):
        lowest = max(y + 4, lowest + LINE_HEIGHT)
        yield text(x + 10, lowest, names.get(key, key), colour=COLOURS.get(key, GREY), weight="600")


def text(
    x: float,
    y: float,
    content: str,
    *,
    anchor: str = "start",
    colour: str = GREY,
    size: int = 13,
    weight: str = "400",
) -> str:
    place = f'x="{x}" y="{round(y, 1)}" text-anchor="{anchor}" fill="{colour}"'
    return f'<text {place} font-size="{size}" font-weight="{weight}">{escape(content)}</text>'
