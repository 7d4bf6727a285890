"""Replaces parts of a text while it is read once, from front to back, in time that grows with its length."""

from __future__ import annotations

import re

__all__ = ["MAX_TAG_CHARS", "Scanner"]

MAX_TAG_CHARS = 3_000
"""A template tag with all its arguments is not longer; what is longer is left as text."""

MAX_LINE_CHARS = 300
"""How much of a line is looked at, from its end backwards, to tell what it is."""

ELEMENT_END = re.compile(r"\s*(?=/?>)")


class Scanner:
    """A text, its beginning up to `copied` with the replacements in `out`, and where texts were found that lie ahead.

    Texts must be looked for at positions that only grow, or the whole work is more than the length of the text.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.out: list[str] = []
        self.copied = 0
        self.places: dict[str | re.Pattern[str], tuple[int, int]] = {}

    def rest(self) -> str:
        """The text with its replacements, after the last of them."""
        return "".join((*self.out, self.source[self.copied :]))

    def replace(self, start: int, end: int, text: str) -> int:
        """Put the text in the place of what lies between, and go on behind it."""
        self.out += (self.source[self.copied : start], text)
        self.copied = end
        return end

    def next(self, what: str | re.Pattern[str], start: int) -> tuple[int, int]:
        """Where the text or pattern begins and ends next, from `start` on, or the end of the source twice.

        Each place is remembered until it is passed, so that all calls together read the source once.
        """
        place = self.places.get(what, (-1, -1))
        if place[0] < start:
            place = (len(self.source), len(self.source))
            if isinstance(what, str):
                at = self.source.find(what, start)
                place = (at, at + len(what)) if at >= 0 else place
            elif found := what.search(self.source, start):
                place = found.span()
            self.places[what] = place
        return place

    def match(self, pattern: re.Pattern[str], start: int) -> re.Match[str] | None:
        """What the pattern matches at `start`, if that is no longer than a tag may be."""
        return pattern.match(self.source, start, start + MAX_TAG_CHARS)

    def replace_tag(self, start: int, end: int, words: str) -> int:
        """Put the words of a tag in its place, but within link targets and attributes none, and go on behind it."""
        before = self.source[max(0, start - 3) : start]
        if before.endswith("="):
            # White space before the end of an element's tag goes too: at the start of a line, the `>` would be a quote.
            space = self.match(ELEMENT_END, end)
            return self.replace(start, space.end() if space else end, '""')
        if before == "]: ":
            return self.replace(start, end, "#")
        return self.replace(start, end, "" if before.endswith(("(", '"', "'")) else words)

    def drop(self, found: re.Match[str], closer: str) -> int:
        """Leave out all to the closer, if it is not far."""
        at, end = self.next(closer, found.end())
        near = at < len(self.source) and at - found.end() <= MAX_TAG_CHARS
        return self.replace(found.start(), end, "") if near else found.end()

    def closed(self, start: int, closer: str) -> int:
        """Where the tag that opens at `start` ends, or 0 if that is far, or behind an empty line."""
        at, end = self.next(closer, start + 2)
        near = at < len(self.source) and at - start <= MAX_TAG_CHARS
        return end if near and self.next("\n\n", start)[0] >= at else 0

    def block(self, start: int, closer: str | re.Pattern[str]) -> tuple[str, int] | None:
        """What lies between `start` and the closer, and where the closer ends; None without a closer."""
        at, end = self.next(closer, start)
        return (self.source[start:at], end) if at < len(self.source) else None

    def line(self, end: int) -> tuple[int, str]:
        """Where the line begins that reaches to `end`, and its text; only nearby line ends are looked for."""
        near = max(0, end - MAX_LINE_CHARS)
        start = self.source.rfind("\n", near, end) + 1 or near
        return start, self.source[start:end]
