"""What is wrong around a header: fences that are doubled, garbled or missing, and headers that became body text.

In goes the text of a file; out come its header and body where they can still be told apart, or `PostError` where
taking the header for text would publish what it hides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.errors import Finding, PostError
from index.posts.handlers import Handler, YamlHandler, is_fence, is_key_line, looks_like_header, tells
from index.posts.visibility import hides, may_hide, plain_key, plain_line
from index.posts.yaml_header import TELLING

__all__ = ["Parts", "damaged", "doubled", "first_paragraph", "line_of", "promising", "refuse_lost"]

MAX_PROSE = 5
"""Lines before a header that are still taken for damage, rather than for a text about front matter."""

MAX_LINES = 300
"""Lines among which a fence is looked for that should have been the first."""

PAIR = re.compile(r"\s*(?:-\s+)?[\"']?[^\s:#=][^:=\n]{0,80}(?::(?!//)|\s=\s|=\s*[\"'\[\w])|\s*\{")
"""What a key with its value may look like at its worst."""


LOST_PAIR = re.compile(r"""["']?(?P<key>[^\W\d_][\w .-]{0,60})["']?\s*:(?P<value>\s.*|)$""")
LOST_ANY_PAIR = re.compile(r"""[\s{]*["']?(?P<key>[^\W\d_][\w.-]{0,60})["']?\s*(?::\s|=\s*(?=["'[\w]))(?P<value>.*)$""")
"""A key with its value, as YAML has it at the margin, and as TOML and JSON have it too."""

LOST_BELOW = re.compile(r"""(?P<indent>\s+)["']?(?P<key>[^\W\d_][\w.-]{0,60})["']?\s*:(?P<value>\s.*)$""")
"""A key with its value that stands below another key."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A header that is still text, who can read it, and the body behind it."""

    handler: Handler
    header: str
    body: str
    findings: tuple[Finding, ...] = ()


def first_paragraph(text: str) -> list[str]:
    """The lines of the first paragraph."""
    return re.split(r"\n[ \t]*\n", text.lstrip(), maxsplit=1)[0].split("\n")


def promising(lines: Sequence[str]) -> bool:
    """Whether some line might be a key with its value, or be meant to hide the post."""
    return any(PAIR.match(line) or may_hide(line) for line in lines)


def doubled(text: str, body: str) -> Parts | None:
    """Header and body where an empty header stands before the real one."""
    lines = body.split("\n")
    end = next((n for n, line in enumerate(lines) if is_fence(line)), 0)
    if not end or not is_key_line(lines[0]) or not looks_like_header(lines[:end]):
        return None
    before = text.count("\n", 0, len(text) - len(body))
    finding = Finding("the front matter has two opening fences", before, 1)
    return Parts(YamlHandler(), "\n" * before + "\n".join(lines[:end]), "\n".join(lines[end + 1 :]), (finding,))


def damaged(text: str) -> Parts | None:
    """Header and body where the opening fence is missing or something stands before it; None for sound texts."""
    lines = text.split("\n", MAX_LINES)
    end = next((n for n, line in enumerate(lines[:MAX_LINES]) if n and is_fence(line)), 0)
    if not end:
        return None
    close = next((n for n, line in enumerate(lines[:MAX_LINES]) if n > end and is_fence(line)), 0)
    first, block = lines[:end], lines[end + 1 : close]
    if close and is_key_line(block[0] if block else "") and looks_like_header(block):
        return preceded(lines, end, close)
    if re.match(r"-{3,}[ \t]*[a-z]+\s*$", first[0]):
        raise PostError(f"front matter of the kind {first[0].lstrip('- ')!r} can't be read", line=1, column=4)
    if first[0].startswith("---") and (promising([first[0].lstrip("-")]) or looks_like_header(first[1:])):
        raise PostError("the opening fence is not on a line of its own", line=1, column=4)
    if is_key_line(first[0]) and any(map(tells, first)) and ("" not in first or looks_like_header(first)):
        finding = Finding("the front matter has no opening fence", 1, 1)
        return Parts(YamlHandler(), "\n".join(first), "\n".join(lines[end + 1 :]), (finding,))
    return None


def preceded(lines: list[str], end: int, close: int) -> Parts | None:
    """Header and body where lines stand before the opening fence; they count where they are key lines themselves."""
    first = [line for line in lines[:end] if line.strip()]
    if all(map(is_key_line, first)):
        header = "\n".join([*lines[:end], "", *lines[end + 1 : close]])
        finding = Finding("lines stand before the opening fence; they were read as part of the header", 1, 1)
        return Parts(YamlHandler(), header, "\n".join(lines[close + 1 :]), (finding,))
    if len(first) > MAX_PROSE or any(line.startswith(("```", "~~~")) for line in first):
        return None
    raise PostError("text stands before the opening fence", line=1, column=1)


def refuse_lost(text: str, before: int, *, found: bool) -> None:
    """Raise `PostError` where the text begins with lines that can only have been meant as a header.

    `before` is the number of lines of the file that stand before the text. Where no keys have been `found` there, or
    keys of TOML, lines of TOML and JSON count too.
    """
    prose, telling, above, form = 0, 0, "", LOST_PAIR if found else LOST_ANY_PAIR
    for number, line in enumerate(map(plain_line, text.split("\n", MAX_LINES)[:MAX_LINES]), before + 1):
        pair = form.match(line)
        telling = telling + bool(pair and plain_key(pair["key"]) in TELLING) if line.strip() else 0
        prose += bool(line.strip()) and not (pair or line[0] in " \t-")
        if line.lstrip().startswith(("```", "~~~")) or prose > MAX_PROSE:
            return
        if telling > 1 or (pair and hides(pair["key"], bare(pair["value"]), in_text=True)) or hides_below(above, line):
            raise PostError("lines of a header stand in the text; mend the fences around them", line=number, column=1)
        if line[:1].strip():
            above = pair["key"] if pair and not pair["value"].strip() else ""


def hides_below(above: str, line: str) -> bool:
    """Whether the line would hide the post where it stands below a key: the one `above`, or any if that is lost.

    Where no key stands above, four blanks begin a block of code.
    """
    pair = LOST_BELOW.match(line)
    if pair is None or (not above and len(pair["indent"].expandtabs(4)) > 3):
        return False
    key, value = pair["key"], bare(pair["value"])
    if above:
        return hides(above, {key: value}, in_text=True) is not None
    return any(hides(*pair, in_text=True) for pair in ((key, value), ("search", {key: value})))


def bare(value: str) -> str:
    """The value without what surrounds it."""
    return value.strip(" \t,}\"'")


def line_of(text: str, position: int) -> int:
    """The number of the line on which the position lies."""
    return text.count("\n", 0, position) + 1
