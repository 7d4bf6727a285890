"""Header and body of a post, which python-frontmatter tells apart with our handlers.

A header that can't be read is an error and never body text: that would publish what the header hides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import frontmatter

from index.errors import Finding, PostError
from index.posts.damage import DamagedHandler, refuse_lost
from index.posts.encoding import decode, replace_strays
from index.posts.handlers import (
    CONFLICT,
    BareHandler,
    BracelessHandler,
    FrontMatterHandler,
    JsonHandler,
    LogseqHandler,
    MarkedHandler,
    TomlHandler,
    YamlHandler,
)
from index.posts.header_lines import line_of
from index.posts.html_head import HtmlHandler

__all__ = ["Header", "read_file", "read_header"]

HANDLERS = (
    YamlHandler, TomlHandler, JsonHandler, BracelessHandler, MarkedHandler, LogseqHandler, HtmlHandler, DamagedHandler,
    BareHandler,
)  # fmt: skip
"""All kinds of front matter, in the order in which they are tried."""

MAX_FILE_BYTES = 5_000_000
BODY_CONFLICT = re.compile(r"^<{7} ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Header:
    """What a file holds: `metadata` as its header gives it, the body, and the line of the file on which that begins.

    `kind` is "yaml", "toml", "json", "html", "marked", "logseq", "bare", or "" for a file without a header.
    """

    metadata: Mapping[str, Any]
    body: str
    body_line: int
    kind: str = ""
    warnings: tuple[Finding, ...] = ()


def read_file(path: Path) -> Header:
    """Header and body of a file, of which the first `MAX_FILE_BYTES` are read. Raises `OSError` or `PostError`."""
    with path.open("rb") as file:
        return read_header(decode(file.read(MAX_FILE_BYTES), html=path.suffix in {".html", ".htm"})[0])


def read_header(text: str) -> Header:
    """Header and body of a decoded file. Raises `PostError`, with the place, for a header that can't be read."""
    above = text.count("\n", 0, len(text) - len(text.lstrip()))
    try:
        header = read_opening(text.strip())
    except PostError as error:
        raise PostError(error.message, line=error.line and error.line + above, column=error.column) from error
    if header is None:
        warnings = (*refuse_lost(text, 0), *conflicts(text, 0))
        return Header({}, replace_strays(text), 1, warnings=warnings)
    warnings = tuple(replace(w, line=w.line and w.line + above) for w in header.warnings)
    return replace(header, body_line=header.body_line + above, warnings=warnings)


def read_opening(text: str) -> Header | None:
    """Header and body of a text without blank lines around it; None if it has no header."""
    if CONFLICT.match(text):
        raise PostError("the file opens with a merge conflict; resolve it", line=1, column=1)
    handler = frontmatter.detect_format(text, (kind() for kind in HANDLERS))
    if not isinstance(handler, FrontMatterHandler):
        return None
    metadata, body = frontmatter.parse(text, handler=handler)

    # The body comes without the indentation of its first line, which makes code of it in Markdown.
    start = len(text) - len(body)
    indentation = text[text.rfind("\n", 0, start) + 1 : start]
    if indentation.isspace():
        body = indentation + body

    lines_above = text.count("\n", 0, start) + (not body)
    # A header that lacks a fence may end sooner than was meant. Lines that no empty line ends are broken off.
    bare = isinstance(handler, BareHandler | DamagedHandler)
    broken_off = handler.kind == "bare" and text[len(text[:start].rstrip()) : start].count("\n") < 2
    lost = refuse_lost(body, lines_above, {} if broken_off else metadata, bare=bare)
    warnings = (*handler.findings, *lost, *conflicts(body, lines_above))
    return Header(metadata, replace_strays(body), lines_above + 1, handler.kind, warnings)


def conflicts(body: str, lines_above: int) -> tuple[Finding, ...]:
    """A finding at the first merge conflict of the body."""
    mark = BODY_CONFLICT.search(body) if "<<<<<<< " in body else None
    return (Finding("the body holds a merge conflict", line_of(body, mark.start()) + lines_above, 1),) if mark else ()
