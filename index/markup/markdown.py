"""Markdown goes in; HTML comes out, and the headings with what generators make their anchors of."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from pyromark import Markdown, Options

from index.markup.hugo_heading import HugoText

__all__ = ["MarkdownHeading", "read_headings", "render"]

MARKDOWN = Markdown(
    options=Options.ENABLE_TABLES
    | Options.ENABLE_FOOTNOTES
    | Options.ENABLE_STRIKETHROUGH
    | Options.ENABLE_TASKLISTS
    | Options.ENABLE_HEADING_ATTRIBUTES
    | Options.ENABLE_DEFINITION_LIST
    | Options.ENABLE_GFM
)
FOOTNOTE_NUMBER = re.compile(r'<sup class="footnote-[^"]*">(?:<a href="#[^"]*">)?\d+(?:</a>)?</sup>')
DASHES = re.compile("---?")


@dataclass(slots=True)
class MarkdownHeading:
    """A heading of the Markdown source, in the forms that the generators' rules start from.

    `title` is all its text, `text` the same without images, `typeset` that without the dashes that kramdown turns into
    signs, and `hugo` what Hugo names it by.
    """

    level: int
    id: str
    hugo: HugoText = field(default_factory=HugoText)
    titles: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    typesets: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        return "".join(self.titles)

    @property
    def text(self) -> str:
        return "".join(self.texts)

    @property
    def typeset(self) -> str:
        return "".join(self.typesets)

    def add(self, text: str, *, code: bool, image: bool) -> None:
        """Append text of the heading."""
        self.titles.append(text)
        if not image:
            self.texts.append(text)
            self.typesets.append(text if code else DASHES.sub("", text))


def render(source: str) -> str:
    """The Markdown as HTML, with HTML that stands in it as it is, and without the numbers of footnotes."""
    html = MARKDOWN.html(source)
    return FOOTNOTE_NUMBER.sub("", html) if 'class="footnote-' in html else html


def read_headings(source: str) -> list[MarkdownHeading]:
    """The headings that are written as Markdown, in order."""
    data = source.encode()
    headings: list[MarkdownHeading] = []
    heading: MarkdownHeading | None = None
    images = 0
    for event, place in MARKDOWN.events_with_range(source):
        kind, value = split_event(event)
        if kind == "Start" and "Heading" in value:
            heading = started(value["Heading"])
            headings.append(heading)
        elif heading is None:
            continue
        elif kind == "End" and "Heading" in value:
            heading = None
        else:
            images += nesting(kind, value)
            note(heading, kind, value, image=images > 0)
            heading.hugo.see(kind, value, data[place["start"] : place["end"]].decode(errors="replace"))
    return headings


def split_event(event: Any) -> tuple[str, Any]:
    """An event's kind and value; the value of some is None."""
    return next(iter(event.items())) if isinstance(event, dict) else (event, None)


def started(tag: dict[str, Any]) -> MarkdownHeading:
    """A heading as its start tells it."""
    return MarkdownHeading(level=int(tag["level"][1]), id=tag["id"] or "")


def nesting(kind: str, value: Any) -> int:
    """By how much an event goes deeper into images."""
    if kind == "Start" and "Image" in value:
        return 1
    return -1 if kind == "End" and "Image" in value else 0


def note(heading: MarkdownHeading, kind: str, value: Any, *, image: bool) -> None:
    """Add what an event says to the heading."""
    if kind in {"Text", "Code"}:
        heading.add(value, code=kind == "Code", image=image)
    elif kind in {"SoftBreak", "HardBreak"}:
        heading.add(" ", code=True, image=image)
