"""The text of a heading by which Hugo names it: what the parser tells of the heading goes in, the text comes out.

Since 0.144 Hugo takes what a reader sees (`TextPlain` and `textHeadingID` in hugo, markup/goldmark), but oddly: of a
link, emphasis or image only the first piece counts, and its parser ends a piece at typographic signs; addresses that
link to themselves and the tags of HTML leave nothing; of several lines the last counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any

__all__ = ["HugoText"]

PIECE_END = re.compile(r"""(?<=_)|['"*~\[]|--|\.\.\.|<<|>>""")
DASHES = re.compile("---?")
NAMED_ENTITY = re.compile("&[a-zA-Z][a-zA-Z0-9]*;")
ADDRESS = re.compile(r"\b(?:(?:https?|ftp)://|www\.)[^\s<]+|[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
SIGN = "–"
"""What stands for a typographic sign: it leaves nothing in a name, but is none of the blanks that are trimmed."""

LEAVES = {"Text", "Code", "InlineHtml", "FootnoteReference"}
SELF_LINKS = {"Autolink", "Email"}


@dataclass(slots=True)
class HugoText:
    """Told of one event after another, it knows the text so far."""

    parts: list[str] = field(default_factory=list)
    run: list[str] = field(default_factory=list)
    depth: int = 0
    silent: bool = False
    """Whether nothing more counts of the link, emphasis or image that the parser is in."""

    @property
    def text(self) -> str:
        """The text, or "" for a heading that gets no name."""
        self.end_run()
        text = NAMED_ENTITY.sub(lambda entity: unescape(entity[0]), "".join(self.parts))
        return text.rpartition("\n")[2]

    def see(self, kind: str, value: Any, source: str) -> None:
        """Take in an event; `source` is what stands in the Markdown for it."""
        if kind == "Text":
            self.run += [] if self.silent else [source]
            return
        self.end_run()
        if kind in {"Start", "End"}:
            self.enter_or_leave(kind, value)
        elif kind == "Code" and not self.silent:
            self.parts.append(value)
        elif kind in {"SoftBreak", "HardBreak"}:
            self.parts.append("\n")
        self.silent = self.silent or (self.depth > 0 and kind in LEAVES)

    def enter_or_leave(self, kind: str, value: Any) -> None:
        """Go into a link, emphasis or image, or out of it; an empty one has had its first piece."""
        self.depth += 1 if kind == "Start" else -1
        if kind == "Start":
            self.silent = self.silent or link_type(value) in SELF_LINKS
        else:
            self.silent = self.depth > 0

    def end_run(self) -> None:
        """Take in the text that has been told of in pieces."""
        text, self.run = "".join(self.run), []
        if text and self.depth:
            self.parts.append(PIECE_END.split(text, maxsplit=1)[0] or SIGN)
            self.silent = True
        elif text:
            self.parts.append(DASHES.sub(SIGN, ADDRESS.sub("", text)))


def link_type(tag: Any) -> str:
    """Which kind of link an event starts, or ""."""
    return str(tag["Link"]["link_type"]) if isinstance(tag, dict) and "Link" in tag else ""
