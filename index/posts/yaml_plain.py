r"""The YAML that most headers are: on each line a key with one text or a list of texts. Nothing else is for here.

In goes the text of a header; out come the same data as from `yaml_events`, or None where the header is not that plain.
A parser's events took half of the time that a header takes to be read.
"""

from __future__ import annotations

import re

from index.posts.yaml_events import NULLS

__all__ = ["read_plain"]

Value = str | list[str | None] | None

LONGEST = 16_384
"""Characters of a header that is read here; limits on the number of values are left to the parser."""

UNUSUAL = re.compile("[\x80-\xa0\u2000-\u200f\u2028-\u202f\u205f-\u206f\ud800-\uffff\U00010000-\U0010ffff]")
"""Characters that break lines, can't be seen, or may not stand in YAML; all others beyond ASCII are like letters."""

TEXT = r"[^\x00-\x1f\x7f:#]*+"
"""What may stand in a text without quotes, but for `:` and `#`: these depend on what is beside them."""

PLAIN = rf"[^\x00-\#%-'*,:;=-@\[-^`{{-\x7f-]{TEXT}(?:(?::(?=[!-~])|(?<!\ )\#){TEXT})*+"
DOUBLE = r'"([^\x00-\x1f\x7f"\\]*+)"'
SINGLE = r"'([^\x00-\x1f\x7f']*+)'"
SCALAR = rf"(?:{DOUBLE}|{SINGLE}|({PLAIN}))\ *+"
PAIR = re.compile(rf"([A-Za-z_][\w.-]{{0,60}}+):(?:\ ++(?:{SCALAR}|\[(.*)\]\ *+))?+\ *+", re.VERBOSE | re.ASCII)
ITEM = re.compile(rf"(\ *+)-\ ++{SCALAR}", re.VERBOSE | re.ASCII)
IN_BRACKETS = rf"\ *+(?:{DOUBLE}|{SINGLE}|(\w[\w./+\ -]*+))\ *+"
BRACKETED = re.compile(IN_BRACKETS, re.VERBOSE | re.ASCII)
BRACKETS = re.compile(rf"(?:{IN_BRACKETS}(?:,{IN_BRACKETS})*+)?+", re.VERBOSE | re.ASCII)


def read_plain(text: str) -> dict[str, Value] | None:
    """The data of the header; None where it is not plain, or holds nothing."""
    if len(text) > LONGEST or (not text.isascii() and UNUSUAL.search(text)):
        return None
    pairs: dict[str, Value] = {}
    items: list[str | None] | None = None
    key, margin, bare = "", "", False
    for line in text.split("\n"):
        if not line or line[0] == "#":
            continue
        if pair := PAIR.fullmatch(line):
            key, items, bare = pair[1], None, pair.lastindex == 1
            if key in pairs or key in NULLS or not (pair[5] is None or BRACKETS.fullmatch(pair[5])):
                return None
            pairs[key] = scalar(pair[2], pair[3], pair[4]) if pair[5] is None else bracketed(pair[5])
        elif item := ITEM.fullmatch(line):
            if bare:
                pairs[key] = items = []
                margin, bare = item[1], False
            if items is None or item[1] != margin:
                return None
            items.append(scalar(item[2], item[3], item[4]))
        else:
            return None
    return pairs or None


def bracketed(text: str) -> list[str | None]:
    """The texts of a list in brackets."""
    return [scalar(*texts) for texts in BRACKETED.findall(text)]


def scalar(double: str | None, single: str | None, plain: str | None) -> str | None:
    """The one text of the three that there is, or None for YAML's nulls, which are never in quotes."""
    if plain:
        return None if plain in NULLS else plain.rstrip(" ")
    return double or single or (single if double is None else double)
