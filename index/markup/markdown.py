"""Parses Markdown, once, into the texts and tags of a page in order, and its headings with what anchors are made of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from pyromark import Markdown, Options

__all__ = ["PAGE_TAGS", "PARSER", "RAW_HTML", "MarkdownHeading", "MarkdownPage", "read_markdown"]

PARSER = Markdown(
    options=Options.ENABLE_TABLES
    | Options.ENABLE_FOOTNOTES
    | Options.ENABLE_STRIKETHROUGH
    | Options.ENABLE_TASKLISTS
    | Options.ENABLE_HEADING_ATTRIBUTES
    | Options.ENABLE_DEFINITION_LIST
    | Options.ENABLE_GFM
)

# The HTML elements of the parser's tags, as far as they bear on the text: a numbered list reads like any other.
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
LINK_ID = re.compile(r'<a (?:id|name)="([\w.:-]+)">')


@dataclass(frozen=True, slots=True)
class MarkdownHeading:
    """A heading written as Markdown: its level from 1 to 6, the id that its author gave it or "", and what is in it.

    `events` are those of pyromark, from behind the heading's start to its end: a dict with one key, or the name of a
    break. Where the page was read `with_source`, a `Text` has the Markdown that it was written as under `Source`.
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

    `pieces` are, in the order of the page: texts; tags, as NUL and name (`\\0p`, `\\0/p`; the alternative text of an
    image stands between its two); and HTML of the author's, after `RAW_HTML`. `html` is all of this HTML, with a space
    where it is interrupted.
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


def read_markdown(source: str, *, with_source: bool = False) -> MarkdownPage:
    """Parse Markdown that holds no NUL. The numbers of footnotes are left out. `with_source` is for Hugo's anchors."""
    events: Iterator[Any] = events_with_source(source) if with_source else PARSER.events(source)
    pieces: list[str] = []
    headings: list[MarkdownHeading] = []
    html: list[str] = []
    inside: list[Any] | None = None  # the events of the heading that is being read
    # There are hundreds of events in a page, so the most frequent are asked for first. `in` looks for the key of an
    # event that is a dict, and fails for the names of breaks.
    for event in events:
        if inside is not None:
            inside.append(event)
        if "Text" in event:
            piece = event["Text"]
        elif "Start" in event:
            tag = event["Start"]
            name = tag if isinstance(tag, str) else next(iter(tag))
            if name == "Heading":
                name = tag["Heading"]["level"]
                headings.append(MarkdownHeading(int(name[1]), written_id(tag["Heading"])))
                inside = headings[-1].events
            piece = START_TAGS.get(name, "")
            if name == "Image":
                pieces += (piece, read_image(events, inside))
                piece = END_TAGS[name]
        elif "End" in event:
            tag = event["End"]
            name = tag if isinstance(tag, str) else next(iter(tag))
            if name == "Heading":
                name = tag["Heading"]
                inside = None
            piece = END_TAGS.get(name, "")
        else:
            piece = leaf(event)
            if piece.startswith(RAW_HTML):
                interrupted = not pieces or not pieces[-1].startswith(RAW_HTML)
                html += (" " * interrupted, piece.removeprefix(RAW_HTML))
        pieces.append(piece)
    return MarkdownPage(pieces, headings, "".join(html))


def written_id(heading: Any) -> str:
    """The id in the attributes of a heading, `{#id}` or `{id=id}`, or ""."""
    named = (value.strip("\"'") for name, value in heading["attrs"] if name.lower() == "id" and value)
    return str(heading["id"] or next(named, ""))


def read_image(events: Iterator[Any], inside: list[Any] | None) -> str:
    """The alternative text of the image that `events` are in; they are read up to its end, and added to `inside`."""
    parts, depth = [], 1
    while depth:
        event = next(events)
        if inside is not None:
            inside.append(event)
        depth += ("Start" in event) - ("End" in event)
        if isinstance(event, str):
            parts.append(" ")
        else:
            parts.append(event.get("Text") or event.get("Code") or event.get("InlineHtml") or "")
    return "".join(parts)


def leaf(event: Any) -> str:
    """The piece for an event that is neither text nor a tag."""
    if isinstance(event, str):
        return BREAKS[event]
    if "Code" in event:
        return str(event["Code"])
    if html := event.get("InlineHtml") or event.get("Html"):
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
