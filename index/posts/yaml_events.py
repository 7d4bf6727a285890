"""Reading YAML as texts, None, lists and mappings of these, safely whatever it holds.

It goes over libyaml's event stream, which is iterative, and builds the data itself: PyYAML's own composer recurses
in C and dies with the process. Scalars stay texts, so no date, number or tag in them can be wrong.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import yaml

from index.errors import Finding, PostError
from index.posts.visibility import hides, prefer

__all__ = ["MAX_DEPTH", "ExcessiveYaml", "MalformedYaml", "read_events"]

MAX_DEPTH = 64
MAX_NODES = 100_000
CHARS_OF_NODE = 100
"""Each hundred characters of a text count as one value more: aliases repeat long ones, too."""

NULLS = frozenset({"", "~", "null", "Null", "NULL"})
UNSET = object()
TOO_DEEP = f"the header is nested deeper than {MAX_DEPTH} levels"


class MalformedYaml(PostError):
    """The text is not YAML; it may yet be read line by line."""


class ExcessiveYaml(PostError):
    """The text is deeper or larger than `MAX_DEPTH` and `MAX_NODES` allow, whether the rest of it is YAML or not."""


@dataclass(slots=True)
class Frame:
    """A list or mapping that is being read; `size` counts the nodes in it, aliases expanded."""

    content: list[Any] | dict[str, Any]
    anchor: str | None
    start: int
    key: Any = UNSET
    size: int = 1
    merged: list[dict[str, Any]] = field(default_factory=list)
    opaque: bool = False


def read_events(text: str) -> tuple[Any, tuple[Finding, ...]]:
    """The data in the text, and what is odd in it.

    Raises `MalformedYaml` where the text is no YAML, `ExcessiveYaml` where it is too deep or too large, and `PostError`
    where it is no header; all with line and column.
    """
    builder = Builder(text)
    try:
        # Not `yaml.parse`, whose generator costs a quarter of the time.
        parser = yaml.CSafeLoader(text)
        while not isinstance(event := parser.get_event(), yaml.StreamEndEvent):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        refuse_deep(text[: mark.index] if mark else text)
        message = f"the header is not valid YAML: {error.problem or error.context}"
        raise MalformedYaml(message, **(place_of(mark) if mark else {})) from error
    except (yaml.YAMLError, UnicodeError) as error:
        position = min(getattr(error, "position", 0) or 0, len(text))
        line = text.count("\n", 0, position) + 1
        raise MalformedYaml("the header holds a character that YAML forbids", line=line, column=1) from error
    return builder.root, tuple(builder.findings)


def refuse_deep(text: str) -> None:
    """Raise `ExcessiveYaml` where a text is too deep of which libyaml could read no more than this.

    At a bracket it looks ahead for 1,024 characters before it gives any event, and from PyYAML 6.0.4 on it fails if it
    comes to 1,000 levels on the way. What it read until then gives its events when it stands alone.
    """
    depth = 0
    with suppress(yaml.YAMLError, UnicodeError):
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise ExcessiveYaml(TOO_DEEP, **place_of(event.start_mark))


class Builder:
    """Makes plain data of events, within limits on depth and size."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.root: Any = None
        self.findings: list[Finding] = []
        self.frames: list[Frame] = []
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.nodes = 0
        self.documents = 0

    def take(self, event: Any) -> None:
        match event:
            case yaml.ScalarEvent():
                self.refuse_swallowed(event)
                self.add(scalar(event), 1 + len(event.value) // CHARS_OF_NODE, event, event.anchor)
            case yaml.AliasEvent() if event.anchor in self.anchors:
                self.add(*self.anchors[event.anchor], event, None)
            case yaml.AliasEvent():
                message = f"*{event.anchor} stands for nothing: taken as text"
                self.findings.append(Finding(message, **place_of(event.start_mark)))
                self.add(f"*{event.anchor}", 1, event, None)
            case yaml.MappingStartEvent():
                self.open({}, event)
            case yaml.SequenceStartEvent():
                self.open([], event)
            case yaml.CollectionEndEvent():
                self.close(event)
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    raise PostError("the header holds a second YAML document", **place_of(event.start_mark))

    def refuse_swallowed(self, event: Any) -> None:
        """Raise `MalformedYaml` where a stray quote made a line that hides the post part of a text."""
        if event.style not in {"'", '"'} or event.start_mark.line == event.end_mark.line:
            return
        lines = self.text[event.start_mark.index : event.end_mark.index].split("\n")
        for number, line in enumerate(lines[1:], event.start_mark.line + 2):
            if line[:1].isalpha() and ":" in line and hides(*line.split(":", 1)):
                raise MalformedYaml("a quoted text holds a line that would hide the post", line=number, column=1)

    def open(self, content: list[Any] | dict[str, Any], event: Any) -> None:
        if len(self.frames) >= MAX_DEPTH:
            raise ExcessiveYaml(TOO_DEEP, **place_of(event.start_mark))
        self.frames.append(Frame(content, event.anchor, event.start_mark.index))

    def close(self, event: Any) -> None:
        frame = self.frames.pop()
        value: Any = frame.content
        if frame.opaque:
            if not self.frames:
                raise PostError("the header has a key that is no text", **place_of(event.start_mark))
            value = self.text[frame.start : event.end_mark.index].strip()
        elif frame.merged:
            pairs: dict[str, Any] = {}
            for mapping in (*reversed(frame.merged), value):  # the first that has a key counts, and its own before all
                pairs.update(mapping)
            value = pairs
        self.add(value, frame.size, event, frame.anchor)

    def add(self, value: Any, size: int, event: Any, anchor: str | None) -> None:
        self.nodes += size
        if self.nodes > MAX_NODES:
            raise ExcessiveYaml(f"the header holds more than {MAX_NODES} values", **place_of(event.start_mark))
        if anchor:
            self.anchors[anchor] = (value, size)
        if not self.frames:
            self.root = value
            return
        frame = self.frames[-1]
        frame.size += size
        if isinstance(frame.content, list):
            frame.content.append(value)
            return
        if frame.key is UNSET:
            # A key that is no text makes the mapping unreadable as one.
            frame.opaque = frame.opaque or isinstance(value, list | dict)
            frame.key = "" if value is None or frame.opaque else str(value)
            return
        pairs, key, frame.key = frame.content, frame.key, UNSET
        items = value if isinstance(value, list) else [value]
        if key == "<<" and all(isinstance(item, dict) for item in items):
            frame.merged += items
        elif key in pairs:
            pairs[key] = prefer(key, pairs[key], value)
            message = f"{key}: given twice; {str(pairs[key])[:60]!r} counts"
            self.findings.append(Finding(message, **place_of(event.start_mark)))
        else:
            pairs[key] = value


def scalar(event: Any) -> str | None:
    """The text of a scalar, or None for YAML's nulls. A tag that is none of a language's is part of the text."""
    value: str = event.value
    tag = event.tag or ""
    if tag.startswith("!") and not {"/", ":"} & set(tag):
        return f"{tag} {value}".strip()
    return None if event.style == "" and value in NULLS else value


def place_of(mark: Any) -> dict[str, int]:
    """Where a mark of libyaml stands, counted from 1."""
    return {"line": mark.line + 1, "column": mark.column + 1}
