"""Reads what a site's authors say of its search in files beside the posts: synonyms, pins and search tests.

A file is used as a whole or not at all: its first mistake is a `CurationError`.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.analysis import patterns
from index.errors import CurationError, PostError
from index.posts.yaml_events import read_events

__all__ = [
    "PINS",
    "SEARCH_TESTS",
    "SYNONYMS",
    "Rule",
    "SearchTest",
    "parse_pins",
    "parse_search_tests",
    "parse_synonyms",
    "read_bytes",
]

PINS = "pins.yml"
SEARCH_TESTS = "search-tests.yml"
SYNONYMS = "synonyms.yml"

DEFAULT_WITHIN = 5
"""Among how many first hits a search test wants its post."""

MAX_FILE_BYTES = 200_000
MAX_RULES = 2_000
MAX_VALUES = 32
"""Texts on the right side of a rule."""

MAX_TEXT_CHARS = 200
MAX_RULE_WORDS = 16
"""Words of a synonym, or of what has one: as many as a phrase of a query holds."""

EQUATION = re.compile(r"""(?:-\s+)?((?:"[^"]*"\s*|'[^']*'\s*|(?!-\s)[^\s"'#=\[{](?:(?!:\s|\s\#)[^=])*)=.*)""")
"""A line that says with `=` what means the same, at the margin or as an item of a list."""

QUOTES = " \t\"'"


@dataclass(frozen=True, slots=True)
class Rule:
    """A text and what is said of it, and the line on which it stands; 0 where that can't be told."""

    text: str
    values: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class SearchTest:
    """A query that must bring a post, named by its id, into the first `within` hits.

    `path`, below the posts folder, and `line` say where that is said.
    """

    query: str
    id: str
    within: int = DEFAULT_WITHIN
    path: str = SEARCH_TESTS
    line: int = 0


def read_bytes(path: Path) -> bytes:
    """What a file holds. Raises `CurationError` where it is too large or no regular file; for what the system refuses,
    `FileNotFoundError` among it, `OSError`."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise CurationError("it is not a regular file")
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise CurationError(f"it is larger than {MAX_FILE_BYTES:,} bytes; make it smaller")
    return data


def parse_synonyms(data: bytes) -> tuple[Rule, ...]:
    """Words, each with its synonyms: `a: b` gives a rule for `a` only, `a = b` one for each. Raises `CurationError`."""
    lines = decoded(data).split("\n")
    rules: list[Rule] = []
    for number, line in enumerate(lines, 1):
        # Blanked, so that the rest is YAML, on the same lines.
        if found := EQUATION.fullmatch(line):
            rules += equal_rules(re.sub(r"\s#.*", "", found[1]), number)
            lines[number - 1] = ""
    for text, value, number in yaml_rules("\n".join(lines)):
        if value is None and "=" in text:
            rules += equal_rules(text, number)
        else:
            values = [part for one in texts(text, value, number) for part in re.split("[,，、]", one) if part.strip()]
            rules += [rule(word, values, number) for word in text.split(",")]
    seen: set[str] = set()
    for one in bounded(rules):
        for text in {one.text, *one.values} - seen:
            if not (ways := patterns(text)) or len(ways[-1]) > MAX_RULE_WORDS:
                raise CurationError(f"{text!r} has no word, or more than {MAX_RULE_WORDS}; change it", line=one.line)
            seen.add(text)
    return tuple(rules)


def parse_pins(data: bytes) -> tuple[Rule, ...]:
    """Queries, each with the ids of the posts that come first for it, in their order. Raises `CurationError`."""
    rules = (rule(text, texts(text, value, number), number) for text, value, number in yaml_rules(decoded(data)))
    return tuple(bounded(list(rules)))


def parse_search_tests(data: bytes) -> tuple[SearchTest, ...]:
    """The tests of a file, one for each query and post. Raises `CurationError`."""
    tests: dict[Rule, int] = {}
    for text, value, number in yaml_rules(decoded(data)):
        options = value if isinstance(value, dict) else {"posts": value}
        within = str(options.get("within", DEFAULT_WITHIN))
        if not options.keys() <= {"posts", "within"} or not re.fullmatch("[1-9][0-9]{0,2}", within):
            raise CurationError(
                f"{text[:60]!r} can't be read; write `posts`, an id or a list, and `within`, from 1 to 999", line=number
            )
        tests[rule(text, texts(text, options.get("posts"), number), number)] = int(within)
    return tuple(
        SearchTest(one.text, id, tests[one], line=one.line) for one in bounded(list(tests)) for id in one.values
    )


def equal_rules(line: str, number: int) -> Iterator[Rule]:
    """The rules of `a = b = c`, each side with all the others."""
    sides = [side.strip(QUOTES) for side in line.split("=")]
    if not all(sides) or not 1 < len(sides) <= MAX_VALUES or any(side.startswith(">") for side in sides):
        raise CurationError(f"{line[:60]!r} can't be read; write `a = b` for both ways, `a: b` for one", line=number)
    for side in sides:
        yield rule(side, [other for other in sides if other is not side], number)


def decoded(data: bytes) -> str:
    """The text of a file, its lines ended by a newline."""
    try:
        return re.sub("\r\n?", "\n", data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CurationError("it is not UTF-8; save it as UTF-8", line=line) from error


def yaml_rules(text: str) -> Iterator[tuple[str, Any, int]]:
    """The keys of a mapping, or of those in a list, with value and line; an item that is a text, with None."""
    try:
        data, _ = read_events(text)
    except PostError as error:
        message = error.message.replace("the header", "it")
        raise CurationError(message, line=error.line, column=error.column) from error
    # What was read does not tell its lines: they are those that begin with the same text.
    lines: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        lines.setdefault(re.split(r":(?:\s|$)", re.sub(r"^\s*(?:-\s+)?", "", line))[0].strip(QUOTES), number)
    for item in data if isinstance(data, list) else [data or {}]:
        if isinstance(item, list):
            raise CurationError("it holds a list within a list; write `a: b` or `a = b`")
        for key, value in item.items() if isinstance(item, dict) else [(str(item or ""), None)]:
            yield key, value, lines.get(key.strip(QUOTES), 0)


def texts(name: str, value: Any, line: int) -> list[str]:
    """The texts of a value, which is one or a list of some."""
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(one, str) and one.strip() for one in values):
        raise CurationError(f"{name[:60]!r} needs a text behind it, or a list of texts", line=line)
    return values


def rule(text: str, values: list[str], line: int) -> Rule:
    """The rule, its texts with single blanks. Raises `CurationError` where it is too large."""
    text, *rest = (" ".join(one.split()) for one in (text, *values))
    if not text or not rest or len(rest) > MAX_VALUES or max(map(len, (text, *rest))) > MAX_TEXT_CHARS:
        limits = f"1 to {MAX_VALUES} texts of at most {MAX_TEXT_CHARS} characters"
        raise CurationError(f"{text[:60]!r} can't be used: write a text and behind it {limits}", line=line)
    return Rule(text, tuple(dict.fromkeys(rest)), line)


def bounded(rules: list[Rule]) -> list[Rule]:
    """The rules. Raises `CurationError` where they are too many."""
    if len(rules) > MAX_RULES:
        raise CurationError(f"it holds more than {MAX_RULES:,} rules; remove some", line=rules[MAX_RULES].line)
    return rules
