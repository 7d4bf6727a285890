"""The kinds of front matter, each a python-frontmatter handler: it detects its own, splits a file and loads the header.

A handler reads one file. What `split` gives as the header begins with as many empty lines as stand before it in the
file, so that errors name the line of the file; `findings` fills while it works.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Sequence
from datetime import date, time
from typing import Any, ClassVar

from frontmatter.default_handlers import BaseHandler
from selectolax.lexbor import LexborHTMLParser

from index.errors import Finding, PostError
from index.posts.visibility import hides, plain_key, prefer
from index.posts.yaml_header import TELLING, read_yaml

__all__ = [
    "HANDLERS",
    "BareHandler",
    "Handler",
    "JsonHandler",
    "YamlHandler",
    "is_fence",
    "is_key_line",
    "looks_like_header",
    "tells",
]

MAX_DEPTH = 64
DEEP_KEY = re.compile(rf"(?<![\w-])(?:(?:[\w-]++|\"[^\"\n]*+\"|'[^'\n]*+')[ \t]*+\.[ \t]*+){{{MAX_DEPTH}}}")
"""A dotted key that takes tomllib a time which grows with the square of its length."""

KEY_LINE = re.compile(r"""["']?[^\W\d_][\w .-]{0,60}["']?\s*:(?:\s|$)""")


def is_fence(line: str) -> bool:
    """Whether the line opens or closes YAML front matter."""
    return line.startswith("---") and not line.rstrip().strip("-")


def is_key_line(line: str) -> bool:
    """Whether the line is `key:` or `key: value` at the margin."""
    return bool(KEY_LINE.match(line))


def looks_like_header(lines: Sequence[str]) -> bool:
    """Whether all lines might stand in a header, and one of them bears a telling key."""
    fitting = all(not line.strip() or is_key_line(line) or line[0] in " \t-#" for line in lines)
    return fitting and any(tells(line) for line in lines)


def tells(line: str) -> bool:
    """Whether the line gives one of the keys that only headers give."""
    return is_key_line(line) and plain_key(line.split(":")[0].strip("\"' ")) in TELLING


class Handler(BaseHandler):
    """A kind of front matter."""

    FM_BOUNDARY: re.Pattern[str]
    kind: ClassVar[str] = ""

    def __init__(self) -> None:
        super().__init__()
        self.findings: list[Finding] = []

    def detect(self, text: str) -> bool:
        """Whether the text opens as this kind does."""
        return bool(self.FM_BOUNDARY.match(text))

    def split(self, text: str) -> tuple[str, str]:
        """The header, at its place, and the body. Raises `PostError` where the header has no end."""
        raise NotImplementedError

    def load(self, header: str) -> Any:
        """The data of the header. Raises `PostError` where it can't be read."""
        raise NotImplementedError

    def pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """The mapping; of a key given twice the last value counts, unless another hides the post."""
        mapping: dict[str, Any] = {}
        for key, value in pairs:
            if key in mapping:
                self.findings.append(Finding(f"{key}: given twice"))
            mapping[key] = prefer(key, mapping[key], value) if key in mapping else value
        return mapping


class FencedHandler(Handler):
    """Front matter between two lines that are fences."""

    CLOSING: ClassVar[re.Pattern[str]]

    def split(self, text: str) -> tuple[str, str]:
        """The lines between the fences, and those behind."""
        opening = self.FM_BOUNDARY.match(text)
        start = opening.end() if opening else 0
        if closing := self.CLOSING.search(text, start):
            return text[:start].count("\n") * "\n" + text[start : closing.start()], text[closing.end() :]
        raise PostError("the front matter has no closing fence", line=text.count("\n", 0, start), column=1)


class YamlHandler(FencedHandler):
    """YAML between `---` and `---` or `...`."""

    kind = "yaml"
    FM_BOUNDARY = re.compile(r"-{3,}[ \t]*(?:ya?ml)?[ \t]*\n")
    CLOSING = re.compile(r"^(?:-{3,}|\.{3})[ \t]*(?:\n|\Z)", re.MULTILINE)

    def load(self, header: str) -> Any:
        """The YAML, mended where people made mistakes."""
        data, findings = read_yaml(header)
        self.findings += findings
        return data


class TomlHandler(FencedHandler):
    """TOML between `+++` and `+++`, or between `---toml` and `---`."""

    kind = "toml"
    FM_BOUNDARY = re.compile(r"(?:\+{3,}|---[ \t]*toml)[ \t]*\n")
    CLOSING = re.compile(r"^(?:\+{3,}|-{3,})[ \t]*(?:\n|\Z)", re.MULTILINE)

    def load(self, header: str) -> Any:
        """The TOML."""
        if deep := DEEP_KEY.search(header):
            line = header.count("\n", 0, deep.start()) + 1
            raise PostError(f"the header is nested deeper than {MAX_DEPTH} levels", line=line, column=1)
        try:
            return plain(tomllib.loads(header))
        except tomllib.TOMLDecodeError as error:
            place = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
            line, column = (int(place[1]), int(place[2])) if place else (header.count("\n") + 1, 1)
            message = f"the header is not valid TOML: {str(error).split(' (at ')[0]}"
            raise PostError(message, line=line, column=column) from error
        except (ValueError, RecursionError) as error:
            raise PostError(f"the header can't be read as TOML: {error}", line=1, column=1) from error


class JsonHandler(Handler):
    """A JSON object that opens the file, alone, in an HTML comment, or behind `---json`."""

    kind = "json"
    FM_BOUNDARY = re.compile(r"(?:---[ \t]*json[ \t]*\n\s*(?=\{)|<!--\s*(?=\{)|(?=\{\s*[\"}]))")
    CLOSING = re.compile(r"\s*?(?:\n-{3,}[ \t]*(?=\n|\Z)|-->|;;;)?[ \t]*(?:\n|\Z)?")

    def split(self, text: str) -> tuple[str, str]:
        """The object, and what follows it and its closing mark."""
        opening = self.FM_BOUNDARY.match(text)
        start = opening.end() if opening else 0
        before = re.sub(r"[^\n]", " ", text[:start])
        decoder = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
        try:
            _, end = decoder.raw_decode(text, start)
        except json.JSONDecodeError as error:
            message = f"the header is not valid JSON: {error.msg}"
            raise PostError(message, line=error.lineno, column=error.colno) from error
        except RecursionError as error:
            raise PostError("the header is nested too deep", line=1, column=1) from error
        if junk := re.compile(r"[ \t]*(?!-->|;;;)[^\s]").match(text, end):
            raise PostError(
                "something follows the header on its last line", line=text.count("\n", 0, junk.end()) + 1, column=1
            )
        closing = self.CLOSING.match(text, end)
        return before + text[start:end], text[closing.end() if closing else end :]

    def load(self, header: str) -> Any:
        """The object; numbers stay texts, since they are only shown."""
        data = json.loads(header, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=self.pairs)
        return plain(data)


class BareHandler(Handler):
    """`Title: x` lines from the first line to the first empty one, as Pelican and MultiMarkdown have them."""

    kind = "bare"
    FM_BOUNDARY = KEY_LINE

    def detect(self, text: str) -> bool:
        """Whether the text opens with key lines, a telling one among them."""
        return re.match(r"[^\W\d_][^\"':\n]*:", text) is not None and any(
            tells(line) for line in self.split(text)[0].split("\n")
        )

    def split(self, text: str) -> tuple[str, str]:
        """The key lines and their continuations, and the rest without the empty line between."""
        lines = text.partition("\n\n")[0].split("\n")
        end = next((n for n, line in enumerate(lines) if not is_key_line(line) and not continues(line, n)), len(lines))
        header = "\n".join(lines[:end])
        return header, text[len(header) + 1 :] if end else text

    def load(self, header: str) -> Any:
        """Keys and values as they stand; indented lines continue the value above."""
        mapping: dict[str, str] = {}
        key = ""
        for number, line in enumerate(header.split("\n"), 1):
            if line[:1].isspace() and ":" in line and hides(*line.split(":", 1)):
                raise PostError("an indented line would hide the post; move it to the margin", line=number, column=1)
            if is_key_line(line):
                key, value = (part.strip() for part in line.split(":", 1))
                mapping[key] = str(prefer(key, mapping[key], value)) if key in mapping else value
            else:
                mapping[key] = f"{mapping[key]} {line.strip()}".strip()
        return mapping


class HtmlHandler(Handler):
    """The `<head>` of a whole HTML page: its title, its language and its named `<meta>` elements."""

    kind = "html"
    FM_BOUNDARY = re.compile(
        r"(?:(?:<!doctype[^>]*+>|(?><!--(?!\s*\{).*?-->))\s*+)*+<html\b[^>]*+>", re.IGNORECASE | re.DOTALL
    )
    END = re.compile(r"</head\s*>|<body\b", re.IGNORECASE)

    def split(self, text: str) -> tuple[str, str]:
        """All up to the end of the head, and the whole text again: the head is part of the page."""
        end = self.END.search(text)
        return text[: end.start() if end else 0], text

    def load(self, header: str) -> Any:
        """The title as `title`, the language as `lang`, and each `<meta>` by its name."""
        tree = LexborHTMLParser(header)
        titles = [node.text() for node in tree.css("head > title")]
        languages = [node.attributes.get("lang") for node in tree.css("html[lang]")]
        metas = [node.attributes for node in tree.css("meta[name]")]
        named = [(str(meta["name"]), meta.get("content") or "") for meta in metas]
        return self.pairs([*[("title", t) for t in titles[:1]], *[("lang", t) for t in languages], *named])


def continues(line: str, number: int) -> bool:
    """Whether the line carries on the value above it."""
    return number > 0 and line[:1] in {" ", "\t"} and bool(line.strip())


def plain(value: Any, depth: int = 0) -> Any:
    """The value as YAML would have given it: texts, None, lists and mappings. Raises `PostError` if it is too deep."""
    if depth > MAX_DEPTH:
        raise PostError(f"the header is nested deeper than {MAX_DEPTH} levels", line=1, column=1)
    match value:
        case dict():
            return {str(key): plain(item, depth + 1) for key, item in value.items()}
        case list():
            return [plain(item, depth + 1) for item in value]
        case bool():
            return str(value).lower()
        case date() | time():
            return value.isoformat()
        case None | str():
            return value
        case _:
            return str(value)


HANDLERS = (YamlHandler, TomlHandler, JsonHandler, HtmlHandler, BareHandler)
"""All kinds, in the order in which they are tried."""
