"""What single lines of a file look like: fences, keys with values, and prose."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from index.posts.visibility import may_hide, plain_key
from index.posts.yaml_header import TELLING

__all__ = [
    "KEY_LINE",
    "first_paragraph",
    "is_fence",
    "is_key_line",
    "is_telling",
    "line_of",
    "looks_like_header",
    "looks_like_keys",
]

KEY_LINE = re.compile(r"""["']?[^\W\d_][\w .-]{0,60}["']?\s*:(?:\s|$)""")
WORST_KEY_LINE = re.compile(
    r"\s*(?:-\s+)?[\"']?[^\s:#=][^:=\n]{0,80}(?::(?!//)|\s=\s|=\s*[\"'\[\w])|\s*(?:\{|\?(?:\s|$))"
)
"""What a key with its value may look like at its worst, in YAML, TOML or JSON."""


def is_fence(line: str) -> bool:
    """Whether the line opens or closes YAML front matter."""
    return line.startswith("---") and not line.rstrip().strip("-")


def is_key_line(line: str) -> bool:
    """Whether the line is `key:` or `key: value` at the margin."""
    return bool(KEY_LINE.match(line))


def is_telling(line: str) -> bool:
    """Whether the line gives one of the keys that only headers give."""
    return is_key_line(line) and plain_key(line.split(":")[0].strip("\"' ")) in TELLING


def looks_like_header(lines: Sequence[str]) -> bool:
    """Whether all lines might stand in a header, and one of them bears a telling key."""
    fitting = all(not line.strip() or is_key_line(line) or line[0] in " \t-#" for line in lines)
    return fitting and any(map(is_telling, lines))


def looks_like_keys(lines: Iterable[str]) -> bool:
    """Whether some line might be a key with its value, or be meant to hide the post."""
    return any(WORST_KEY_LINE.match(line) or may_hide(line) for line in lines)


def first_paragraph(text: str) -> list[str]:
    return re.split(r"\n[ \t]*\n", text.lstrip(), maxsplit=1)[0].split("\n")


def line_of(text: str, position: int) -> int:
    """The number of the line on which the position lies."""
    return text.count("\n", 0, position) + 1
