"""The text in the bytes of a file, whatever encoding it was saved in."""

from __future__ import annotations

import re
from codecs import lookup

from index.errors import Finding, PostError
from index.unicode import MAX_MARKS, stream_safe

__all__ = ["decode", "find_stray", "replace_strays"]

CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
CONTROL_BYTES = bytes(code for code in range(128) if CONTROLS.match(chr(code)))
ESCAPE = "surrogateescape"
STRAY = re.compile("[\udc80-\udcff]")
"""A byte that is no UTF-8, as `ESCAPE` decodes it."""

MAX_DECLARATION_BYTES = 4096
"""How far into a page its encoding may be declared."""

DECLARATION = re.compile(
    rb"""<meta\b[^>]{0,500}?\bcharset\s*=\s*["']?\s*([\w:.-]+)"""
    rb"""|<\?xml\b[^>]{0,500}?\bencoding\s*=\s*["']([\w:.-]+)""",
    re.IGNORECASE,
)
CODECS = {
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "ms_kanji": "cp932",
    "windows-31j": "cp932", "euc-jp": "euc_jp", "x-euc-jp": "euc_jp", "iso-2022-jp": "iso2022_jp", "gb2312": "gb18030",
    "gb_2312-80": "gb18030", "csgb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "chinese": "gb18030",
    "gb18030": "gb18030", "big5": "big5hkscs", "big5-hkscs": "big5hkscs", "cn-big5": "big5hkscs", "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949", "ksc5601": "cp949", "korean": "cp949", "windows-949": "cp949", "tis-620": "cp874",
    "windows-874": "cp874", "iso-8859-11": "cp874", "iso-8859-9": "cp1254", "latin5": "cp1254", "koi8-r": "koi8_r",
    "koi8-u": "koi8_u", "ibm866": "cp866", "cp866": "cp866", "macintosh": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "latin2": "iso8859_2", "latin3": "iso8859_3", "latin4": "iso8859_4", "latin6": "iso8859_10",
    "cyrillic": "iso8859_5", "arabic": "iso8859_6", "greek": "iso8859_7", "hebrew": "iso8859_8",
    "iso-8859-8-i": "iso8859_8",
}  # fmt: skip
"""Labels of encodings, with Python's codecs for what browsers mean by them: https://encoding.spec.whatwg.org.

Windows-1252, for which they take Latin-1, is what strays are read as.
"""

NUMBERED = re.compile(r"(?:iso[-_]?8859[-_]?|(?:windows-|x-cp|cp)(?=125))(?P<number>\d{1,4})")

MAX_NULL_RATIO = 1 / 8
"""Null characters in a text, beyond which it is taken for UTF-16 without its mark, or for no text."""


def decode(data: bytes, *, html: bool = False) -> tuple[str, tuple[Finding, ...]]:
    """The text of a file with its lines ended by newlines, and what was odd about its bytes.

    Where it is no UTF-8, a page in `html` is read as it declares. Other bytes that are no UTF-8 are read as
    Windows-1252; those that are nothing there either stay lone surrogates.
    Raises `PostError` for what is no text.
    """
    findings: list[Finding] = []
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", "replace")
        findings.append(Finding("the file is UTF-16; save it as UTF-8", 1, 1))
    else:
        text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", ESCAPE)
    strays, nulls = find_stray(text), text.count("\0")
    if html and (strays or b"\x1b$" in data) and (declared := decode_as_declared(data)):
        text, label = declared
        strays = None  # a header with bytes that are nothing in that encoding fails
        findings.append(Finding(f"the file is in {label}; save it as UTF-8", 1, 1))
    if nulls and (strays or nulls > len(text) * MAX_NULL_RATIO):
        raise PostError("the file is not text, or not in UTF-8; save it as UTF-8", line=1, column=1)
    text = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    if strays := strays and find_stray(text):
        findings.append(finding_at(text, strays, "the file is not UTF-8; its odd bytes were read as Windows-1252"))
        text = STRAY.sub(lambda stray: stray[0].encode(errors=ESCAPE).decode("cp1252", ESCAPE), text)
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


def decode_as_declared(data: bytes) -> tuple[str, str] | None:
    """The text of a page in the encoding that it declares, and its label; None where that is UTF-8 or unknown.

    Bytes that are nothing in it become lone surrogates.
    """
    if not (declaration := DECLARATION.search(data[:MAX_DECLARATION_BYTES])):
        return None
    label = (declaration[1] or declaration[2]).decode("ascii", "replace").lower()
    numbered = NUMBERED.fullmatch(label)
    try:
        codec = CODECS.get(label) or (
            numbered and lookup(f"{'cp' if '125' in label else 'iso8859_'}{numbered['number']}").name
        )
    except LookupError:
        return None
    if codec is None or codec in {"cp1252", "iso8859-1"}:
        return None
    try:
        return data.decode(codec, ESCAPE), label
    except UnicodeDecodeError:
        return None


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


def finding_at(text: str, match: re.Match[str], message: str) -> Finding:
    """A finding at the line and column of the match."""
    line = text.count("\n", 0, match.start()) + 1
    return Finding(message, line, match.start() - text.rfind("\n", 0, match.start()))
