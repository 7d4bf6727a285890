"""The text of a heading that Hugo makes its anchor of.

Since 0.144 Hugo takes what a reader sees (`TextPlain` and `textHeadingID` in hugo, markup/goldmark), but oddly: of a
link, emphasis or image only the first piece counts, and its parser ends a piece at typographic signs; addresses that
link to themselves and the tags of HTML leave nothing; of several lines the last counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from typing import Any

__all__ = ["HYPHENS", "hugo_text"]

PIECE_END = re.compile(r"""(?<=_)|['"*~\[]|--|\.\.\.|<<|>>""")
HYPHENS = re.compile("---?")
"""Hyphens that Hugo and kramdown turn into a dash."""
NAMED_ENTITY = re.compile("&[a-zA-Z][a-zA-Z0-9]*;")
SELF_LINK = re.compile(r"\b(?:(?:https?|ftp)://|www\.)[^\s<]+|[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
DASH = "–"
"""Stands for any typographic sign: it is not kept in an anchor, but is none of the blanks that are trimmed either."""


def hugo_text(events: Iterable[Any]) -> str:
    """The text of a heading, from the events within it, read `with_source`; "" where Hugo gives no anchor."""
    parts: list[str] = []
    run: list[str] = []  # texts without anything between them, as they are written
    depth = 0  # of links, emphasis and images
    passed = False  # the first piece of the outermost of them
    for event in events:
        if "Text" in event:
            run += [] if passed else [event["Source"]]
            continue
        if text := "".join(run):
            first, whole = PIECE_END.split(text, maxsplit=1)[0] or DASH, HYPHENS.sub(DASH, SELF_LINK.sub("", text))
            parts.append(first if depth else whole)
            passed = depth > 0
            run = []
        if "Start" in event:
            depth += 1
            tag = event["Start"]
            passed = passed or ("Link" in tag and tag["Link"]["link_type"] in {"Autolink", "Email"})
        elif "End" in event:
            depth -= 1
            passed = depth > 0
        elif isinstance(event, str):
            parts.append("\n")
        else:
            if "Code" in event and not passed:
                parts.append(event["Code"])
            passed = depth > 0
    text = NAMED_ENTITY.sub(lambda entity: unescape(entity[0]), "".join(parts))
    return text.rpartition("\n")[2]
