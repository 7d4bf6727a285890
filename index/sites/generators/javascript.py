"""Reads the literals in a configuration in JavaScript or TypeScript, which is never run."""

from __future__ import annotations

import re
from itertools import islice

__all__ = ["PROGRAM", "read_object", "without_comments"]

STRING = r"""("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)"""
COMMENT = re.compile(rf"{STRING}|/\*.*?(?:\*/|\Z)|//[^\n]*", re.DOTALL)
"""A comment, or, as its only group, a string, in which there is none."""

OBJECT = re.compile(r"(?:[=(]|\breturn|\bdefault)\s*(?=\{)")
MAX_OBJECTS = 50
"""How many are looked at, each of which may go to the end of the text."""
MAX_DEPTH = 50
"""Of what stands in brackets; what lies deeper is not read."""

KEY = re.compile(rf"\s*(?:{STRING}|([\w$]+))\s*:", re.DOTALL)
TEXT = re.compile(rf"\s*(?:{STRING}|require(?:\.resolve)?\(\s*{STRING}\s*\))", re.DOTALL)
WORD = re.compile(r"\s*(true|false|null|undefined|-?\d+(?:\.\d+)?)\b")
WORDS = {"true": True, "false": False, "null": None, "undefined": None}
OPEN = re.compile(r"\s*([({\[])")
ASIDE = re.compile(r"\s*(?:$|!\s*$|as\s|satisfies\s)")
"""What may stand behind a value without making another one of it."""
STATEMENT = re.compile(r"[ \t]*\n\s*(?!(?:as|satisfies|in|instanceof)\b)[\w$@]")
"""The next statement, where the one before ends with its line."""
BRACKET = re.compile(rf"{STRING}|[\[\](){{}},;]", re.DOTALL)
ESCAPE = re.compile(r"\\(.)", re.DOTALL)

PROGRAM = ()
"""Stands for a value that only the program would make: no other is a tuple, and none is taken for a text or a list."""


def without_comments(source: str) -> str:
    return COMMENT.sub(r"\1", source)


def read_object(source: str, *keys: str) -> dict[str, object]:
    """The object in the text that has most of the keys; {} where none has any.

    Its values, and what they hold, are dict, list, str, bool, None, and `PROGRAM` for all others; what is spread into
    one stands under the key `...`.
    """
    source, end = without_comments(source), 0
    found: list[dict[str, object]] = [{}]
    for match in islice(OBJECT.finditer(source), MAX_OBJECTS):
        if match.end() >= end:
            value, end = read_value(source, match.end(), 0)
            found.append(value if isinstance(value, dict) else {})
    return max(found, key=lambda value: len(value.keys() & set(keys)))


def read_value(source: str, at: int, depth: int) -> tuple[object, int]:
    """The value of the expression that begins at `at`, and where it ends: at a comma, a closing bracket or the end."""
    value: object = PROGRAM
    begin = at
    if text := TEXT.match(source, at):
        written, at = text[1] or text[2], text.end()
        value = PROGRAM if written[0] == "`" and "${" in written else ESCAPE.sub(r"\1", written[1:-1])
    elif word := WORD.match(source, at):
        value, at = WORDS.get(word[1], word[1]), word.end()
    elif (bracket := OPEN.match(source, at)) and depth < MAX_DEPTH:
        if bracket[1] == "(":
            value, at = read_value(source, bracket.end(), depth + 1)
        else:
            value, at = (read_items if bracket[1] == "[" else read_pairs)(source, bracket.end(), depth + 1)
        at += 1
    if at > begin and STATEMENT.match(source, at):
        return value, at
    end = end_of(source, at)
    return (value if ASIDE.match(source[at:end]) else PROGRAM), end


def read_items(source: str, at: int, depth: int) -> tuple[list[object], int]:
    """What stands in square brackets from behind the opening one on, and where the closing one is."""
    items: list[object] = []
    while source[at : at + 1] not in {"]", ""}:
        begin = at
        value, at = read_value(source, at, depth)
        if source[at : at + 1] == "," or source[begin:at].strip():
            items.append(value)
        at = behind_comma(source, at, "]")
    return items, at


def read_pairs(source: str, at: int, depth: int) -> tuple[dict[str, object], int]:
    """What stands in braces from behind the opening one on, and where the closing one is."""
    pairs: dict[str, object] = {}
    while source[at : at + 1] not in {"}", ""}:
        if key := KEY.match(source, at):
            name = ESCAPE.sub(r"\1", key[1][1:-1]) if key[1] else key[2]
            pairs[name], at = read_value(source, key.end(), depth)
        else:  # a method, a name that stands for its own value, or what is spread
            end = end_of(source, at)
            written = source[at:end].strip()
            if written:
                pairs["..." if written.startswith("...") else re.split(r"\W", written, maxsplit=1)[0]] = PROGRAM
            at = end
        at = behind_comma(source, at, "}")
    return pairs, at


def behind_comma(source: str, at: int, closing: str) -> int:
    """The place behind a comma, that of the closing bracket, or, at any other sign, the end of the text."""
    sign = source[at : at + 1]
    return at if sign == closing else at + 1 if sign == "," else len(source)


def end_of(source: str, at: int) -> int:
    """Where the expression ends that goes on at `at`."""
    depth = 0
    for bracket in BRACKET.finditer(source, at):
        if bracket[0] in {"(", "[", "{"}:
            depth += 1
        elif bracket[0] in {")", "]", "}"}:
            depth -= 1
        if depth < 0 or (depth == 0 and bracket[0] in {",", ";"}):
            return bracket.start()
    return len(source)
