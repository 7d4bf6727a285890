"""Reads what a site's authors say of its search in files beside the posts: synonyms, pins and search tests.

A file is used as a whole or not at all: its first mistake is a `CurationError`.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from index.analysis import patterns
from index.errors import CurationError, PostError
from index.posts.yaml_events import read_events
from index.schema.keys import name_key

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

NO_COLON = re.compile(r"""\w[^:="'#\[\]{}]*""")
"""A line at the margin that says nothing of what stands on it."""

COMMA = re.compile("[,，、]")
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
    """What a file holds; nothing where there is none. Raises `CurationError` where it can't be read or is too large."""
    try:
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK | os.O_NOFOLLOW)) as file:
            regular, data = stat.S_ISREG(os.fstat(file.fileno()).st_mode), file.read(MAX_FILE_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return b""
    except OSError as error:
        reason = "it is a link; put the file itself there" if error.errno == errno.ELOOP else error.strerror
        raise CurationError(f"the file can't be read: {reason}") from error
    if not regular or len(data) > MAX_FILE_BYTES:
        raise CurationError(f"it is no regular file of at most {MAX_FILE_BYTES:,} bytes; make it one")
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
    for text, value, number in yaml_pairs("\n".join(lines)):
        if value is None and "=" in text:
            rules += equal_rules(text, number)
        else:
            values = value if isinstance(value, list) else [value]
            parts = [COMMA.split(one.strip(" ,")) if isinstance(one, str) else [one] for one in values]
            rules += [rule(word, list(chain(*parts)), number) for word in COMMA.split(text)]
    if len(rules) > MAX_RULES:
        raise CurationError(f"it holds more than {MAX_RULES:,} rules; remove some", line=rules[MAX_RULES].line)
    for one in rules:
        if name_key(one.text) in map(name_key, one.values):
            raise CurationError(f"{one.text!r} is its own synonym; leave one of the two out", line=one.line)
    for text, number in {text: one.line for one in rules for text in (one.text, *one.values)}.items():
        if not (rows := patterns(text)) or len(rows[-1]) > MAX_RULE_WORDS:
            raise CurationError(f"{text!r} has no word, or more than {MAX_RULE_WORDS}; change it", line=number)
    return tuple(rules)


def parse_pins(data: bytes) -> tuple[Rule, ...]:
    """Queries, each with the ids of the posts that come first for it, in their order. Raises `CurationError`."""
    pins: dict[str, Rule] = {}
    for text, value, number in yaml_pairs(decoded(data)):
        if (key := name_key(text)) in pins:
            raise CurationError(f"{text[:60]!r} is the query of line {pins[key].line} too; join the two", line=number)
        pins[key] = rule(text, value, number)
    return tuple(pins.values())


def parse_search_tests(data: bytes) -> tuple[SearchTest, ...]:
    """The tests of a file, one for each query and post. Raises `CurationError`."""
    tests: list[SearchTest] = []
    for text, value, number in yaml_pairs(decoded(data)):
        options = value if isinstance(value, dict) else {"posts": value}
        within = str(options.get("within", DEFAULT_WITHIN))
        faults = [f"`{name[:60]}` is no option" for name in options if name not in {"posts", "within"}]
        faults += [] if "posts" in options else ["`posts` is missing"]
        faults += [] if re.fullmatch("[1-9][0-9]{0,2}", within) else [f"`within` is {within[:60]!r}"]
        if faults:
            can = "write `posts`, an id or a list, and `within`, from 1 to 999"
            raise CurationError(f"{text[:60]!r} can't be read, {' and '.join(faults)}: {can}", line=number)
        one = rule(text, options.get("posts"), number)
        tests += [SearchTest(one.text, id, int(within), line=number) for id in one.values]
    return tuple(tests)


def decoded(data: bytes) -> str:
    """The text of a file, its lines ended by a newline."""
    try:
        return re.sub("\r\n?", "\n", data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CurationError("it is not UTF-8; save it as UTF-8", line=line) from error


def yaml_pairs(text: str) -> Iterator[tuple[str, Any, int]]:
    """The keys of a mapping, or of those in a list, with value and line; an item that is a text, with None."""
    for number, line in enumerate(text.split("\n"), 1):
        if words := NO_COLON.fullmatch(line) and line.split():
            # Of a query and a post the post is one word.
            cut = -1 if len(words) > 1 and "." in words[-1] else 1
            pair = f"{' '.join(words[:cut])}: {' '.join(words[cut:]) or '…'}"
            raise CurationError(f"{line.strip()[:60]!r} has no colon; write `{pair[:60]}`", line=number)
    try:
        data, findings = read_events(text)
    except PostError as error:
        message = error.message.replace("the header", "it")
        raise CurationError(message, line=error.line, column=error.column) from error
    # What was read does not tell its lines: they are those that begin with the same text.
    lines: dict[str, list[int]] = {}
    for number, line in enumerate(text.split("\n"), 1):
        key = re.split(r":(?:\s|$)", re.sub(r"^\s*(?:-\s+)?", "", line))[0].strip(QUOTES)
        lines.setdefault(key, []).append(number)
    for finding in findings:
        key, twice, _ = finding.message.partition(": given twice")
        if twice:
            line_of_second = lines.get(key.strip(QUOTES), [finding.line])[-1]
            raise CurationError(f"{key[:60]!r} is given twice; join the two", line=line_of_second)
    for item in data if isinstance(data, list) else [data or {}]:
        for key, value in item.items() if isinstance(item, dict) else [(str(item or ""), None)]:
            yield key, value, lines.get(key.strip(QUOTES), [0])[0]


def equal_rules(line: str, number: int) -> Iterator[Rule]:
    """The rules of `a = b = c`, each side with all the others."""
    sides = [side.strip(QUOTES) for side in line.split("=")]
    if not all(sides) or not 1 < len(sides) <= MAX_VALUES or any(side.startswith(">") for side in sides):
        raise CurationError(f"{line[:60]!r} can't be read; write `a = b` for both ways, `a: b` for one", line=number)
    for side in sides:
        yield rule(side, [other for other in sides if other is not side], number)


def rule(text: str, value: Any, line: int) -> Rule:
    """The rule of a value, a text or a list of some, all with single blanks. Raises `CurationError`."""
    values = value if isinstance(value, list) else [value]
    if not text.strip() or not values or not all(isinstance(one, str) and one.strip() for one in values):
        raise CurationError(f"{text[:60]!r} needs a text behind it, or a list of texts", line=line)
    text, *values = (" ".join(one.split()) for one in (text, *values))
    if len(values) > MAX_VALUES or max(map(len, (text, *values))) > MAX_TEXT_CHARS:
        limits = f"1 to {MAX_VALUES} texts of at most {MAX_TEXT_CHARS} characters"
        raise CurationError(f"{text[:60]!r} can't be used: write a text and behind it {limits}", line=line)
    return Rule(text, tuple(dict.fromkeys(values)), line)
