"""The text of a file to what its header says and what its body is; damage is mended, reported, or raised.

It never takes a header that can't be read for body text: that would publish what the header hides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from index.errors import Finding, PostError
from index.posts.damage import Parts, damaged, doubled, first_paragraph, line_of, promising, refuse_lost
from index.posts.handlers import HANDLERS, BareHandler, JsonHandler, YamlHandler
from index.posts.visibility import may_hide

__all__ = ["Header", "decode", "read_header"]

MAX_HEADER = 262_144
"""Characters that a header may hold."""

CONFLICT = re.compile(r"^(?:<{7}|>{7}|\|{7})(?: .*)?$|^={7}$", re.MULTILINE)
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
CONTROL_BYTES = bytes(code for code in range(128) if CONTROLS.match(chr(code)))
STRAY_BYTE = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Header:
    """What a file holds: `metadata` as its header gives it, the body, and the line of the file on which that begins."""

    metadata: Mapping[str, Any]
    body: str
    body_line: int
    kind: str = ""
    warnings: tuple[Finding, ...] = ()


def decode(data: bytes) -> tuple[str, tuple[Finding, ...]]:
    """The text of a file with its lines ended by newlines, and what was odd about its bytes.

    Bytes that are no UTF-8 are read as Windows-1252; those that are nothing there either stay lone surrogates.
    Raises `PostError` for what is no text.
    """
    findings: list[Finding] = []
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", "replace")
        findings.append(Finding("the file is UTF-16; save it as UTF-8", 1, 1))
    else:
        text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    strays, nulls = find_stray(text), text.count("\0")
    if nulls and (strays or nulls * 8 > len(text)):
        raise PostError("the file is not text, or not in UTF-8; save it as UTF-8", line=1, column=1)
    text = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    if strays := strays and find_stray(text):
        findings.append(at(text, strays.start(), "the file is not UTF-8; its odd bytes were read as Windows-1252"))
        text = STRAY_BYTE.sub(windows_1252, text)
    if control := may_hold_controls(data) and CONTROLS.search(text):
        findings.append(at(text, control.start(), "control characters were removed"))
        text = CONTROLS.sub("", text)
    return text, tuple(findings)


def find_stray(text: str) -> re.Match[str] | None:
    """The first byte that was no UTF-8. A text that can be encoded has none, which is quicker to tell."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return STRAY_BYTE.search(text)
    return None


def without_strays(text: str) -> str:
    """The text with a sign for each byte that nobody can read."""
    return STRAY_BYTE.sub("\ufffd", text) if find_stray(text) else text


def may_hold_controls(data: bytes) -> bool:
    """Whether one of the bytes is a control character, or a part of one in UTF-16; to search the text takes longer."""
    return len(data.translate(None, CONTROL_BYTES)) < len(data)


def windows_1252(stray: re.Match[str]) -> str:
    """The character that the byte is in Windows-1252, or the byte as it was."""
    try:
        return bytes([ord(stray[0]) - 0xDC00]).decode("cp1252")
    except UnicodeDecodeError:
        return stray[0]


def at(text: str, position: int, message: str) -> Finding:
    """A finding at a position in the text."""
    line = text.count("\n", 0, position) + 1
    return Finding(message, line, position - text.rfind("\n", 0, position))


def read_header(text: str) -> Header:
    """Header and body of a decoded file. Raises `PostError`, with the place, for a header that can't be read."""
    opening = text.lstrip()
    before = text.count("\n", 0, len(text) - len(opening))
    try:
        header = read_opening(opening)
    except PostError as error:
        raise PostError(error.message, line=error.line and error.line + before, column=error.column) from error
    if header is None:
        refuse_lost(text, 0, found=False)
        return Header({}, without_strays(text), 1, warnings=conflicts(text, 0))
    warnings = tuple(replace(w, line=w.line and w.line + before) for w in header.warnings)
    return replace(header, body_line=header.body_line + before, warnings=warnings)


def read_opening(text: str) -> Header | None:
    """What a text holds that begins with its header; None if it has no header."""
    if CONFLICT.match(text):
        raise PostError("the file opens with a merge conflict; resolve it", line=1, column=1)
    parts = fenced(text) or damaged(text) or bare(text)
    if parts is None:
        return None
    body_line = text.count("\n", 0, len(text) - len(parts.body)) + 1
    refuse(parts.header)
    data = parts.handler.load(parts.header)
    if not isinstance(data, dict | None):
        line = parts.header[: len(parts.header) - len(parts.header.lstrip())].count("\n") + 1
        raise PostError("the front matter holds no keys", line=line, column=1)
    refuse_lost(parts.body, body_line - 1, found=bool(data) and parts.handler.kind != "toml")
    warnings = (*parts.findings, *parts.handler.findings, *conflicts(parts.body, body_line - 1))
    return Header(data or {}, without_strays(parts.body), body_line, parts.handler.kind, warnings)


def refuse(header: str) -> None:
    """Raise `PostError` for a header that no handler should see."""
    if mark := CONFLICT.search(header):
        raise PostError("the header holds a merge conflict; resolve it", line=line_of(header, mark.start()), column=1)
    if stray := find_stray(header):
        raise PostError(
            "the header is not UTF-8; save the file as UTF-8", line=line_of(header, stray.start()), column=1
        )
    if len(header) > MAX_HEADER:
        raise PostError(f"the header is longer than {MAX_HEADER} characters", line=1, column=1)


def conflicts(body: str, before: int) -> tuple[Finding, ...]:
    """A finding at the first merge conflict of the body."""
    mark = re.search(r"^<{7} ", body, re.MULTILINE) if "<<<<<<< " in body else None
    return (Finding("the body holds a merge conflict", line_of(body, mark.start()) + before, 1),) if mark else ()


def fenced(text: str) -> Parts | None:
    """Header and body where the text opens with a fence or a brace; None where it does not, or the fence is a rule."""
    handler = next((found for kind in HANDLERS[:-1] if (found := kind()).detect(text)), None)
    if handler is None:
        return None
    try:
        header, body = handler.split(text)
    except PostError:
        if isinstance(handler, JsonHandler) or promising(first_paragraph(text.split("\n", 1)[-1])):
            raise
        return None
    if not isinstance(handler, YamlHandler):
        return Parts(handler, header, body)
    lines = [line for line in header.split("\n") if line.strip() and not line.startswith("#")]
    if not lines:
        return doubled(text, body) or Parts(handler, "", body)
    return Parts(handler, header, body) if promising(lines) else None


def bare(text: str) -> Parts | None:
    """Header and body where the text opens with key lines."""
    handler = BareHandler()
    if not handler.detect(text):
        return None
    header, body = handler.split(text)
    following = first_paragraph(body) if body.strip() and body[0] != "\n" else []
    for number, line in enumerate(following, header.count("\n") + 2):
        if CONFLICT.match(line) or may_hide(line):
            raise PostError("the header is broken off before this line", line=number, column=1)
    return Parts(handler, header, body)
