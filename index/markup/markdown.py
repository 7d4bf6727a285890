"""Parses Markdown in one pass: texts and HTML tags in page order, and headings with what their anchors are made of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from typing import Any

from pyromark import Markdown, Options

__all__ = ["MAX_HEADINGS", "PAGE_TAGS", "PARSER", "RAW_HTML", "MarkdownHeading", "MarkdownPage", "read_markdown"]

PARSER = Markdown(
    options=Options.ENABLE_TABLES
    | Options.ENABLE_FOOTNOTES
    | Options.ENABLE_STRIKETHROUGH
    | Options.ENABLE_TASKLISTS
    | Options.ENABLE_HEADING_ATTRIBUTES
    | Options.ENABLE_DEFINITION_LIST
    | Options.ENABLE_GFM
)

# The HTML element for each of pyromark's tags. Only breaks and nesting matter, so a numbered list is a `ul` too.
ELEMENTS = {
    "BlockQuote": "blockquote",
    "CodeBlock": "pre",
    "DefinitionList": "dl",
    "DefinitionListDefinition": "dd",
    "DefinitionListTitle": "dt",
    "Emphasis": "em",
    "FootnoteDefinition": "div",
    "Image": "img",
    "Item": "li",
    "Link": "a",
    "List": "ul",
    "Paragraph": "p",
    "Strikethrough": "del",
    "Strong": "strong",
    "Table": "table",
    "TableCell": "td",
    "TableHead": "thead",
    "TableRow": "tr",
} | {f"H{level}": f"h{level}" for level in range(1, 7)}
START_TAGS = {name: f"\0{element}" for name, element in ELEMENTS.items()}
END_TAGS = {name: f"\0/{element}" for name, element in ELEMENTS.items()}
HEADING_TAGS = frozenset(f"\0h{level}" for level in range(1, 7))
BREAKS = {"HardBreak": "\0br", "Rule": "\0hr", "SoftBreak": "\n"}
TASK = "\0input"
PAGE_TAGS = frozenset([*START_TAGS.values(), *END_TAGS.values(), *BREAKS.values(), TASK]) - {"\n"}
"""All tags that can be among the pieces of a page."""
RAW_HTML = "\0 "
"""The prefix of HTML that the author wrote, among the pieces of a page."""
MAX_HEADINGS = 10_000
"""Of a page; those that follow are paragraphs."""

LINK_ID = re.compile(r'<a (?:id|name)="([\w.:-]+)">')


@dataclass(frozen=True, slots=True)
class MarkdownHeading:
    """A heading written as Markdown: its level from 1 to 6, the id that its author gave it or "", and what is in it.

    `events` are pyromark's, from after the heading's start to its end, inclusive: each a dict with one key, or the name
    of a break (str). Read `with_source`, a `Text` event also has `Source`, the Markdown that it was written as.
    """

    level: int
    id: str
    events: list[Any] = field(default_factory=list)

    def events_outside_images(self) -> Iterator[Any]:
        """The events within the heading, without images and what is in them."""
        images = 0
        for event in self.events:
            images += "Start" in event and "Image" in event["Start"]
            if not images:
                yield event
            images -= "End" in event and event["End"] == "Image"

    def link_id(self) -> str:
        """The `id` or `name` of the first link written as HTML in the heading that has one, or ""."""
        tags = [event["InlineHtml"] for event in self.events_outside_images() if "InlineHtml" in event]
        return next((found[1] for tag in tags if (found := LINK_ID.fullmatch(tag))), "")


@dataclass(frozen=True, slots=True)
class MarkdownPage:
    """A page of Markdown.

    `pieces`, in page order, are texts; tags as NUL and name (`\\0p`, `\\0/p`; an image's alternative text stands
    between its two); and the author's HTML behind `RAW_HTML`. `html` is that HTML joined, with a space before each run.
    """

    pieces: list[str]
    headings: list[MarkdownHeading]
    html: str

    def to_html(self, anchors: Sequence[str]) -> str:
        """The page as HTML. Each of `headings` has its anchor as `id`, if that is not ""."""
        ids = iter(anchors)
        parts = []
        for piece in self.pieces:
            if not piece.startswith("\0"):
                parts.append(escape(piece))
            elif piece.startswith(RAW_HTML):
                parts.append(piece.removeprefix(RAW_HTML))
            elif piece == START_TAGS["Image"]:
                parts.append('<img alt="')
            elif piece == END_TAGS["Image"]:
                parts.append('">')
            elif piece in HEADING_TAGS and (id := next(ids)):
                parts.append(f'<{piece[1:]} id="{escape(id)}">')
            else:
                parts.append(f"<{piece[1:]}>")
        return "".join(parts)


def read_markdown(source: str, *, with_source: bool = False, raw_html: bool = True) -> MarkdownPage:
    """Parse Markdown that holds no NUL. The numbers of footnotes are left out. `with_source` is for some anchors.

    Without `raw_html`, the author's HTML is left out: its blocks, and of what stands within a line the tags.
    """
    events: Iterator[Any] = events_with_source(source) if with_source else PARSER.events(source)
    pieces: list[str] = []
    headings: list[MarkdownHeading] = []
    raw = False
    heading_events: list[Any] | None = None  # the events of the heading that is being read
    # The most frequent events first, as a page has hundreds. `in` asks for the key of a dict; on a break's name it is a
    # substring test that is False.
    for event in events:
        if heading_events is not None:
            heading_events.append(event)
        if "Text" in event:
            piece = event["Text"]
        elif "Start" in event:
            tag = event["Start"]
            name = tag if isinstance(tag, str) else next(iter(tag))
            if name == "Heading" and len(headings) == MAX_HEADINGS:
                name = "Paragraph"
            elif name == "Heading":
                name = tag["Heading"]["level"]
                headings.append(MarkdownHeading(int(name[1]), written_id(tag["Heading"])))
                heading_events = headings[-1].events
            piece = START_TAGS.get(name, "")
            if name == "Image":
                pieces += (piece, read_image(events, heading_events))
                piece = END_TAGS[name]
        elif "End" in event:
            tag = event["End"]
            name = tag if isinstance(tag, str) else next(iter(tag))
            if name == "Heading":
                name = tag["Heading"] if heading_events is not None else "Paragraph"
                heading_events = None
            piece = END_TAGS.get(name, "")
        else:
            piece = leaf(event, raw_html=raw_html)
            raw = raw or piece.startswith(RAW_HTML)
        pieces.append(piece)
    html = (
        piece.removeprefix(RAW_HTML) if before.startswith(RAW_HTML) else piece[1:]
        for before, piece in pairwise(("", *pieces) if raw else ())
        if piece.startswith(RAW_HTML)
    )
    return MarkdownPage(pieces, headings, "".join(html))


def written_id(heading: Any) -> str:
    """The id in the attributes of a heading, `{#id}` or `{id=id}`, or ""."""
    named = (value.strip("\"'") for name, value in heading["attrs"] if name.lower() == "id" and value)
    return str(heading["id"] or next(named, ""))


def read_image(events: Iterator[Any], heading_events: list[Any] | None) -> str:
    """The alternative text of the image that `events` are in; reads them up to its end, also into `heading_events`."""
    parts, depth = [], 1
    while depth:
        event = next(events)
        if heading_events is not None:
            heading_events.append(event)
        depth += ("Start" in event) - ("End" in event)
        if isinstance(event, str):
            parts.append(" ")
        else:
            parts.append(event.get("Text") or event.get("Code") or event.get("InlineHtml") or "")
    return "".join(parts)


def leaf(event: Any, *, raw_html: bool) -> str:
    """The piece for an event that is neither text nor a tag."""
    if isinstance(event, str):
        return BREAKS[event]
    if "Code" in event:
        return str(event["Code"])
    if raw_html and (html := event.get("InlineHtml") or event.get("Html")):
        return f"{RAW_HTML}{html}"
    return TASK if "TaskListMarker" in event else ""


def events_with_source(source: str) -> Iterator[Any]:
    """The parser's events, each `Text` with the Markdown that it was written as under `Source`."""
    data = source.encode()
    event: Any
    for event, place in PARSER.events_with_range(source):
        if "Text" in event:
            yield {**event, "Source": data[place["start"] : place["end"]].decode(errors="replace")}
        else:
            yield event
