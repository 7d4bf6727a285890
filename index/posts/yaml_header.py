"""Reading a YAML header, with the mistakes that people make in YAML mended.

A header that can't be read, or in which something that might hide the post can't be read, is a `PostError` with line
and column.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from index.errors import Finding, PostError
from index.posts.visibility import hides, may_hide, prefer
from index.posts.yaml_events import ExcessiveYaml, MalformedYaml, read_events

__all__ = ["TELLING", "read_yaml"]

TELLING = {
    "title", "date", "author", "authors", "tags", "slug", "status", "draft", "published", "category",
    "categories", "layout", "template", "lang", "permalink",
}  # fmt: skip
"""Keys of which one at least stands in what is a header beyond doubt."""

MAX_LINES = 5_000
"""Lines beyond which a header is not mended: hands did not write it."""

COLON_WITHOUT_SPACE = re.compile(
    rf"^({'|'.join(sorted(TELLING))}|hidden|private|unlisted|noindex):(?=[^\s/])", re.MULTILINE
)
"""A key without the space behind its colon."""

TOP_KEY = re.compile(r"""(?:"[^"\n]+"|'[^'\n]+'|[^\s#\-\[\]{}"'&*!|>%@`,?:][^:\n]{0,80}?)\s*:(?=\s|$)""")
PAIR = re.compile(r"(?P<before>\s*(?:-\s+)*)(?P<key>[^\s:#'\"\[{-][^:]{0,80}?\s*:\s+)?(?P<value>\S(?:.*\S)?)\s*$")
BLOCK_SCALAR = re.compile(r"[|>][-+\d]*\s*(?:#.*)?$")
UNMENDABLE = re.compile(r"^[ \t]*(?:<<[ \t]*:|\?(?:\s|$)|[!&]\S+[ \t][^\n]*:)", re.MULTILINE)
"""A merge, `? key`, or a key with a tag or an anchor: what no line by itself tells the meaning of."""

FORBIDDEN = re.compile(r"[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Entry:
    """A top-level key with the lines of its value; `line` is the number of the first."""

    key: str
    lines: tuple[str, ...]
    line: int


def read_yaml(text: str) -> tuple[Any, tuple[Finding, ...]]:
    """The data of a header, and what was mended or is odd in it.

    Raises `PostError` where it can't be read, and where a colon that is none for YAML stands behind a key that hides
    the post.
    """
    for number, line in enumerate(text.split("\n") if "：" in text else (), 1):
        key, colon, value = line.partition("：")
        if colon and ":" not in key and hides(key, value.strip(" \t\"'")):
            raise PostError("the colon is a full-width one; write `:` and a space", line=number, column=len(key) + 1)
    try:
        data, findings = read_events(text)
        if isinstance(data, str):
            raise MalformedYaml("the front matter holds no keys", line=len(text) - len(text.lstrip("\n")) + 1, column=1)
        return data, findings
    except MalformedYaml as error:
        data, findings = mended(COLON_WITHOUT_SPACE.sub(r"\1: ", text), error)
        spaces = [(found[1], text.count("\n", 0, found.start()) + 1) for found in COLON_WITHOUT_SPACE.finditer(text)]
        return data, (*(Finding(f"{key}: put a space behind the colon", line, 1) for key, line in spaces), *findings)


def mended(text: str, error: MalformedYaml) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """The data of a header that is not YAML as it stands, key by key. Raises the error where that is no help."""
    pairs: dict[str, Any] = {}
    findings: list[Finding] = []
    if text.count("\n") > MAX_LINES or UNMENDABLE.search(text):
        raise error
    for entry in entries(text, error):
        key, value, found = read_entry(entry, error)
        findings += found
        if key in pairs:
            findings.append(Finding(f"{key}: given twice", entry.line, 1))
            value = prefer(key, pairs[key], value)
        pairs[key] = value
    return pairs, tuple(findings)


def entries(text: str, error: MalformedYaml) -> Iterator[Entry]:
    """The top-level keys with their lines. Raises the error where a line belongs to none, or prose follows."""
    key, first, lines, broken = "", 0, list[str](), False
    for number, line in enumerate(text.split("\n"), 1):
        if match := TOP_KEY.match(line):
            if key:
                yield Entry(key, tuple(lines), first)
            key, first, lines, broken = match[0], number, [line], False
        elif key and not (broken and is_stray(line)):
            lines.append(line)
            broken = broken or not line.strip()
        elif line.strip() and not line.lstrip().startswith("#"):
            raise error
    if key:
        yield Entry(key, tuple(lines), first)


def is_stray(line: str) -> bool:
    """Whether the line stands at the margin and is no item of a list and no comment."""
    return bool(line.strip()) and line[0] not in " \t-#]}"


def read_entry(entry: Entry, error: PostError) -> tuple[str, Any, list[Finding]]:
    """Key and value of one entry, by the first reading that makes sense of it."""
    for mend in (as_it_is, cleaned, quoted, without_strays, joined):
        try:
            data, findings = read_events("\n".join(mend(entry)))
        except MalformedYaml as problem:
            error = error if entry.line > error.line or mend is not as_it_is else moved(problem, entry.line)
            continue
        except PostError as problem:
            raise moved(problem, entry.line) from problem
        if isinstance(data, dict) and len(data) == 1:
            [(key, value)] = data.items()
            remarks = [Finding(f.message, f.line + entry.line - 1, f.column) for f in findings]
            if mend is as_it_is:
                return key, value, remarks
            # A line that was mended may have been meant to hide the post.
            if mend is not cleaned and not hides(key, value) and any(map(may_hide, entry.lines[1:])):
                raise error
            if mend is without_strays:
                remark = "lines that belong to nothing were ignored; indent or remove them"
            else:
                remark = f"not valid YAML; read as {str(value)[:60]!r}; {advice(entry)}"
            return key, value, [*remarks, Finding(f"{key}: {remark}", entry.line, len(entry.key) + 2)]
    raise error


def moved(error: PostError, line: int) -> PostError:
    return type(error)(error.message, line=error.line + line - 1, column=error.column)


def advice(entry: Entry) -> str:
    """What to do with a value that is not valid YAML."""
    text = "\n".join(entry.lines)[len(entry.key) :].strip()
    end = {"[": "]", "{": "}", '"': '"'}.get(text[:1], "")
    left_open = text.count(end) == 1 if end == '"' else text.count(text[:1]) > text.count(end)
    return f"close it with {end}" if end and left_open else "put the value in quotes"


def as_it_is(entry: Entry) -> tuple[str, ...]:
    return entry.lines


def cleaned(entry: Entry) -> tuple[str, ...]:
    """The lines without forbidden characters, with spaces where tabs indent, and behind the marks of a list."""
    plain = (FORBIDDEN.sub("", line) for line in entry.lines)
    lines = tuple(re.sub(r"^[ \t]+", lambda m: m[0].replace("\t", "  "), line) for line in plain)
    if lines[0].strip() == entry.key and all(re.match(r"-[^\s-]", line) for line in lines[1:] if line.strip()):
        return tuple(re.sub(r"^-(?=\S)", "- ", line) for line in lines)
    return lines


def quoted(entry: Entry) -> tuple[str, ...]:
    """The lines, with values in quotes that YAML can't read without."""
    lines, block = [], -1
    for number, line in enumerate(cleaned(entry)):
        match = PAIR.match(line)
        indent = len(line) - len(line.lstrip())
        if block >= 0 and (not line.strip() or indent > block):
            lines.append(line)
            continue
        block = indent if match and BLOCK_SCALAR.match(match["value"]) else -1
        if match and block < 0 and not line.lstrip().startswith("#") and not readable(line, number):
            before, key, value = match["before"], match["key"] or "", match["value"]
            line = f"{before}{key}{in_quotes(value)}"
            if before.strip() and not readable(line):  # the key is no key
                line = f"{before}{in_quotes(key + value)}"
        lines.append(line)
    return tuple(lines)


def readable(line: str, number: int = 0) -> bool:
    """Whether the line, with that many before it, is good YAML by itself, without the marks of a list.

    Raises `ExcessiveYaml` where it is too deep or too large.
    """
    try:
        read_events(re.sub(r"^\s*(?:-\s+)*", lambda marks: " " * len(marks[0]), line))
    except ExcessiveYaml as error:
        raise moved(error, number + 1) from error
    except PostError:
        return False
    return True


def without_strays(entry: Entry) -> tuple[str, ...]:
    """A list without the lines that belong to nothing; no lines for what is no list."""
    if not any(map(is_stray, entry.lines[1:])) or not any(line.lstrip().startswith("- ") for line in entry.lines):
        return ()
    return tuple(line for line in quoted(entry) if not is_stray(line) or TOP_KEY.match(line))


def joined(entry: Entry) -> tuple[str, ...]:
    """All lines as one text; no lines for a list or a mapping."""
    if any(re.match(r"\s*-\s|\s+[\w.-]+:(?:\s|$)", line) for line in entry.lines[1:]):
        return ()
    head, *rest = cleaned(entry)
    first = re.sub(r"^[|>][-+\d]*\s*$", "", head[len(entry.key) :].strip())
    text = " ".join(line.strip() for line in [first, *rest] if line.strip() not in {"", "-"})
    return (f"{entry.key} {in_quotes(text)}",)


def in_quotes(value: str) -> str:
    """The value as a single-quoted scalar, without the quotes that it may already be in."""
    return "'" + unquoted(value).replace("'", "''") + "'"


def unquoted(value: str) -> str:
    """The value without quotes around it, also where they are only half there."""
    mark = value[:1]
    if mark == '"':
        try:
            return FORBIDDEN.sub("\ufffd", str(json.loads(value))).replace("\n", " ")
        except ValueError:
            value = value.replace('\\"', '"')
    if mark in {'"', "'"}:
        value = value[1:].removesuffix(mark)
        return value.replace(mark * 2, mark) if mark == "'" else value
    return value
