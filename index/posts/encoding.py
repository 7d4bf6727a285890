"""The text in the bytes of a file, whatever encoding it was saved in."""

from __future__ import annotations

import re

from index.errors import Finding, PostError
from index.unicode import MAX_MARKS, stream_safe

__all__ = ["decode", "find_stray", "replace_strays"]

CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
CONTROL_BYTES = bytes(code for code in range(128) if CONTROLS.match(chr(code)))
STRAY = re.compile("[\udc80-\udcff]")
"""A byte that is no UTF-8, as `surrogateescape` decodes it."""

MAX_NULL_RATIO = 1 / 8
"""Null characters in a text, beyond which it is taken for UTF-16 without its mark, or for no text."""


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
    if nulls and (strays or nulls > len(text) * MAX_NULL_RATIO):
        raise PostError("the file is not text, or not in UTF-8; save it as UTF-8", line=1, column=1)
    text = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    if strays := strays and find_stray(text):
        findings.append(finding_at(text, strays, "the file is not UTF-8; its odd bytes were read as Windows-1252"))
        text = STRAY.sub(windows_1252, text)
    # Whether a byte is a control character, or a part of one in UTF-16, is told sooner than by searching the text.
    suspect = len(data.translate(None, CONTROL_BYTES)) < len(data)
    if control := suspect and CONTROLS.search(text):
        findings.append(finding_at(text, control, "control characters were removed"))
        text = CONTROLS.sub("", text)
    # Marks are cut last: what was taken out above may have parted them.
    if (safe := stream_safe(text)) != text:
        findings.append(Finding(f"of more than {MAX_MARKS} marks on one letter the rest were removed"))
        text = safe
    return text, tuple(findings)


def find_stray(text: str) -> re.Match[str] | None:
    """The first byte that was no UTF-8. A text that can be encoded has none, which is quicker to tell."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return STRAY.search(text)
    return None


def replace_strays(text: str) -> str:
    """The text with a replacement character for each byte that nobody can read."""
    return STRAY.sub("\ufffd", text) if find_stray(text) else text


def windows_1252(stray: re.Match[str]) -> str:
    """The character that the byte is in Windows-1252, or the byte as it was."""
    try:
        return bytes([ord(stray[0]) - 0xDC00]).decode("cp1252")
    except UnicodeDecodeError:
        return stray[0]


def finding_at(text: str, match: re.Match[str], message: str) -> Finding:
    """A finding at the line and column of the match."""
    line = text.count("\n", 0, match.start()) + 1
    return Finding(message, line, match.start() - text.rfind("\n", 0, match.start()))
