"""A text goes in and is read once from front to back; the text with some of its parts replaced comes out."""

from __future__ import annotations

import re

__all__ = ["LONGEST", "Scanner"]

LONGEST = 3_000
"""Characters of a tag with all its arguments; what is longer is no tag."""

LONGEST_LINE = 300
"""Characters of a line that are looked at to tell what it is."""


class Scanner:
    """A text, how far it has been copied or replaced, and what has been looked up in it.

    All looking forward must go forward itself, so that its whole work grows with the length of the text.
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
        """Where the text or pattern is found next, from `start` on, or the end of the source twice.

        Each place is remembered until it is passed, so that all calls together read the source once.
        """
        place = self.places.get(what, (-1, -1))
        if place[0] < start:
            place = self.look(what, start)
            self.places[what] = place
        return place

    def look(self, what: str | re.Pattern[str], start: int) -> tuple[int, int]:
        """Where the text or pattern is found from `start` on."""
        missing = (len(self.source), len(self.source))
        if isinstance(what, str):
            at = self.source.find(what, start)
            return missing if at < 0 else (at, at + len(what))
        found = what.search(self.source, start)
        return found.span() if found else missing

    def closed(self, start: int, closer: str) -> int:
        """Where the tag that opens at `start` ends, or 0 when it does not end nearby."""
        at, end = self.next(closer, start + 2)
        near = at < len(self.source) and at - start <= LONGEST
        return end if near and self.next("\n\n", start)[0] >= at else 0

    def block(self, start: int, closer: str | re.Pattern[str]) -> tuple[str, int] | None:
        """What lies between `start` and the closer, and where the closer ends; None without a closer."""
        at, end = self.next(closer, start)
        return (self.source[start:at], end) if at < len(self.source) else None

    def line(self, end: int) -> tuple[int, str]:
        """Where the line begins that reaches to `end`, and its text; only nearby line ends are looked for."""
        near = max(0, end - LONGEST_LINE)
        start = self.source.rfind("\n", near, end) + 1 or near
        return start, self.source[start:end]
