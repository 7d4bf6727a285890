"""The kinds of front matter, as handlers of python-frontmatter.

python-frontmatter asks each whether it knows how a file opens, and has the one that does split header and body and load
the header. Its own handlers take for body text what they can't read, which would publish what a header hides; these
raise `PostError` with the line of the file.
"""

from __future__ import annotations

import json
import re
from datetime import date, time
from typing import Any, ClassVar

from frontmatter.default_handlers import BaseHandler

from index.errors import Finding, PostError
from index.posts.encoding import find_stray
from index.posts.header_lines import (
    KEY_LINE,
    first_paragraph,
    is_fence,
    is_key_line,
    is_telling,
    line_of,
    looks_like_header,
    looks_like_keys,
)
from index.posts.visibility import hides, may_hide, plain_key, prefer
from index.posts.yaml_events import MAX_DEPTH, read_events
from index.posts.yaml_header import TELLING, read_yaml
from index.toml import parse_toml

__all__ = [
    "CONFLICT",
    "MAX_HEADER_CHARS",
    "BareHandler",
    "BracelessHandler",
    "FrontMatterHandler",
    "JsonHandler",
    "LogseqHandler",
    "MarkedHandler",
    "TomlHandler",
    "YamlHandler",
]

MAX_HEADER_CHARS = 262_144

CONFLICT = re.compile(r"^(?:<{7}|>{7}|\|{7})(?: .*)?$|^={7}$", re.MULTILINE)
"""A line with which git marks a merge conflict."""


class FrontMatterHandler(BaseHandler):
    """One kind of front matter, for one file; `findings` are what turned out to be odd about its header.

    What `split` gives as the header begins with an empty line for each line of the file above it, so that errors name
    the line of the file. It must raise no `ValueError`, which python-frontmatter takes for a file without a header.
    """

    FM_BOUNDARY: re.Pattern[str]
    kind: ClassVar[str] = ""

    def __init__(self) -> None:
        super().__init__()
        self.findings: list[Finding] = []

    def load(self, header: str) -> dict[str, Any]:
        """The metadata: texts, None, lists and mappings of these. Raises `PostError` where it can't be read."""
        if mark := CONFLICT.search(header):
            line = line_of(header, mark.start())
            raise PostError("the header holds a merge conflict; resolve it", line=line, column=1)
        if stray := find_stray(header):
            line = line_of(header, stray.start())
            raise PostError("the header is not UTF-8; save the file as UTF-8", line=line, column=1)
        if len(header) > MAX_HEADER_CHARS:
            raise PostError(f"the header is longer than {MAX_HEADER_CHARS} characters", line=1, column=1)
        data = self.parse(header)
        if not isinstance(data, dict | None):
            line = line_of(header, len(header) - len(header.lstrip()))
            raise PostError("the front matter holds no keys", line=line, column=1)
        return data or {}

    def parse(self, header: str) -> Any:
        """The data of a header that is no longer than allowed, and all text."""
        raise NotImplementedError

    def mapping_of(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """The mapping; of a key given twice the last value counts, unless another hides the post."""
        mapping: dict[str, Any] = {}
        for key, value in pairs:
            if key in mapping:
                self.findings.append(Finding(f"{key}: given twice"))
            mapping[key] = prefer(key, mapping[key], value) if key in mapping else value
        return mapping


class FencedHandler(FrontMatterHandler):
    """Front matter between two fences; `FM_BOUNDARY` matches either, and python-frontmatter splits the text there.

    The pattern begins with a set of characters and looks behind from there: to these `re` can skip.
    """

    def detect(self, text: str) -> bool:
        """Whether the text opens with a fence. A rule may look the same: then neither keys nor another fence follow."""
        if not super().detect(text):
            return False
        try:
            header, _ = self.split(text)
        except PostError:
            return looks_like_keys(first_paragraph(text.split("\n", 1)[-1]))
        return self.fits(header)

    def fits(self, header: str) -> bool:  # noqa: ARG002  # here every header does
        return True

    def split(self, text: str) -> tuple[str, str]:
        """The lines between the fences, and those behind. Raises `PostError` where the second fence is missing."""
        try:
            header, body = super().split(text)
        except ValueError as error:
            raise PostError("the front matter has no closing fence", line=1, column=1) from error
        return f"\n{header}", body


class YamlHandler(FencedHandler):
    """YAML between `---` and `---` or `...`."""

    kind = "yaml"
    FM_BOUNDARY = re.compile(
        r"[-.](?:(?<=\A-)-{2,}[ \t]*(?:ya?ml)?[ \t]*\n|(?:(?<=\n-)-{2,}|(?<=\n\.)\.{2})[ \t]*(?:\n|\Z))"
    )
    NOTHING = re.compile(r"(?:(?:#[^\n]*+|[^\S\n]*+)\n)*+")

    def fits(self, header: str) -> bool:
        """Whether a key stands in it, or nothing at all; prose stands between two rules."""
        lines = (line for line in header.split("\n") if line.strip() and not line.startswith("#"))
        return bool(self.NOTHING.fullmatch(header)) or looks_like_keys(lines) or is_mapping(header)

    def split(self, text: str) -> tuple[str, str]:
        """The lines between the fences, and those behind; of three fences, the last two if nothing is above them."""
        header, body = super().split(text)
        if not self.NOTHING.fullmatch(header):
            return header, body
        lines = body.split("\n")
        end = next((n for n, line in enumerate(lines) if is_fence(line)), 0)
        if not end or not is_key_line(lines[0]) or not looks_like_header(lines[:end]):
            return header, body
        above = text.count("\n", 0, len(text) - len(body))
        self.findings = [Finding("the front matter has two opening fences", above, 1)]
        return "\n" * above + "\n".join(lines[:end]), "\n".join(lines[end + 1 :])

    def parse(self, header: str) -> Any:
        data, findings = read_yaml(header)
        self.findings += findings
        return data


class TomlHandler(FencedHandler):
    """TOML between `+++` and `+++`, or between `---toml` and `---`."""

    kind = "toml"
    FM_BOUNDARY = re.compile(
        r"[-+](?:(?:(?<=\A\+)\+{2,}|(?<=\A-)--[ \t]*toml)[ \t]*\n"
        r"|(?:(?<=\n\+)\+{2,}|(?<=\n-)-{2,})[ \t]*(?:\n|\Z))"
    )

    def parse(self, header: str) -> Any:
        try:
            return as_texts(parse_toml(header))
        except ValueError as error:
            said, _, place = str(error).partition(" (at ")
            numbered = re.match(r"line (\d+), column (\d+)", place)
            end = header.count("\n") + 1 if place else 1
            line, column = (int(numbered[1]), int(numbered[2])) if numbered else (end, 1)
            raise PostError(f"the header can't be read as TOML: {said}", line=line, column=column) from error


class JsonHandler(FrontMatterHandler):
    """A JSON object that opens the file, alone, in an HTML comment, or behind `---json` or `;;;`."""

    kind = "json"
    FM_BOUNDARY = re.compile(r"(?:(?:---[ \t]*json|;{3,})[ \t]*\n\s*(?=\{)|<!--\s*(?=\{)|(?=\{\s*[\"}]))")
    JUNK = re.compile(r"[ \t]*(?!-->|;;;)[^\s]")
    CLOSING = re.compile(r"(?:\n-{3,}[ \t]*(?=\n|\Z)|\s*-->|\n?;{3,})?[ \t]*(?:\n|\Z)?")

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
        if junk := self.JUNK.match(text, end):
            line = line_of(text, junk.end())
            raise PostError("something follows the header on its last line", line=line, column=1)
        closing = self.CLOSING.match(text, end)
        return before + text[start:end], text[closing.end() if closing else end :]

    def parse(self, header: str) -> Any:
        """The object; numbers stay texts, since they are only shown."""
        hook = self.mapping_of
        return as_texts(json.loads(header, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=hook))


class BracelessHandler(JsonHandler):
    """The inside of a JSON object, up to `;;;`, as Hexo has it."""

    FM_BOUNDARY = re.compile(r"""(?:;{3,}[ \t]*\n\s*)?(?="[^"\n]+"\s*:)""")
    END = re.compile(r"\n;{3,}[ \t]*(?:\n|\Z)")

    def detect(self, text: str) -> bool:
        """Whether the text opens with a key in quotes and has a fence."""
        return super().detect(text) and (text[0] == ";" or self.END.search(text) is not None)

    def split(self, text: str) -> tuple[str, str]:
        """The lines up to the fence, with braces, and those behind."""
        opening, end = self.FM_BOUNDARY.match(text), self.END.search(text)
        if opening is None or end is None:
            raise PostError("the front matter has no closing fence", line=1, column=1)
        pairs = text[opening.end() : end.start()].rstrip().removesuffix(",")
        return "\n" * text.count("\n", 0, opening.end()) + "{" + pairs + "}", text[end.end() :]


class MarkedHandler(FrontMatterHandler):
    """Lines of keys with the marks of Nikola, `.. title: x`, Org, `#+title: x`, or reStructuredText, `:title: x`.

    Nikola's may stand in an HTML comment, and a title with an underline above those of reStructuredText.
    """

    kind = "marked"
    PAIR = re.compile(r"(?:\.\.[ \t]+|\#\+|:)(?P<key>[^\W\d_][\w -]{0,60}):(?!:)(?P<value>.*)")
    TITLE = r"(?P<title>[^\n]{1,500})\n(?:={3,}|#{3,}|\*{3,})[ \t]*\n\s*"
    FM_BOUNDARY = re.compile(rf"(?:<!--\s*(?=\.)|{TITLE})?(?={PAIR.pattern})")

    def detect(self, text: str) -> bool:
        """Whether the text opens with such lines, a telling one among them."""
        opening = self.FM_BOUNDARY.match(text)
        pairs = map(self.PAIR.match, first_paragraph(text[opening.end() :])) if opening else ()
        return any(pair and is_telling_key(pair["key"], pair["value"]) for pair in pairs)

    def split(self, text: str) -> tuple[str, str]:
        """The lines, with the title, if any, as one of them, and what follows.

        Raises `PostError` for a comment that is not closed, and where a line that may hide the post follows at once.
        """
        if text.startswith("<!--"):
            header, closing, body = text.partition("-->")
            if not closing:
                raise PostError("the comment around the header is not closed", line=1, column=1)
            return header.removeprefix("<!--"), body
        lines, end = text.split("\n"), 0
        if (opening := self.FM_BOUNDARY.match(text)) and opening["title"]:
            lines[:2] = f":title: {opening['title']}", ""
        for number, line in enumerate(lines):
            if self.PAIR.match(line):
                end = number + 1
            elif line.strip() and not line[0].isspace():
                break
        body = "\n".join(lines[end:])
        refuse_broken_off(body, end + 1)
        return "\n".join(lines[:end]), body

    def parse(self, header: str) -> Any:
        """Keys and values as they stand; other lines continue the value above.

        Raises `PostError` where such a line might hide the post. Nikola's tags `draft` and `private` hide it.
        """
        pairs: list[tuple[str, str]] = []
        for number, line in enumerate(header.split("\n"), 1):
            if pair := self.PAIR.match(line):
                pairs.append((pair["key"].strip(), pair["value"].strip()))
            elif may_hide(line.lstrip(".:#+ \t")):
                raise PostError("a line of the header has lost its mark or its colon", line=number, column=1)
            elif pairs and line.strip():
                pairs[-1] = pairs[-1][0], f"{pairs[-1][1]} {line.strip()}".strip()
        tags = {tag.strip().lower() for key, value in pairs if plain_key(key) == "tags" for tag in value.split(",")}
        return self.mapping_of(pairs) | {tag: "true" for tag in ("draft", "private") if tag in tags}


class LogseqHandler(FrontMatterHandler):
    """`title:: x` lines, the properties of a page of Logseq: its first block, with a bullet or without."""

    kind = "logseq"
    PAIR = re.compile(r"[ \t]*(?P<key>[^\W\d_][\w./-]{0,60})::(?:[ \t]+(?P<value>[^\n]*))?(?:\n|\Z)")
    FM_BOUNDARY = re.compile(rf"(?:[-*][ \t]+)?(?={PAIR.pattern})")
    REFERENCE = re.compile(r"#?\[\[|\]\]|(?<!\S)#")
    """What makes a value, or a part of it, a link or a tag."""

    def detect(self, text: str) -> bool:
        """Whether the text opens with such lines, a telling one among them, and no other key follows on them."""
        if not super().detect(text) or is_key_line(self.split(text)[1].partition("\n")[0]):
            return False
        return any(
            plain_key(key) in {"alias", "aliases"} or is_telling_key(key, value) for key, value in self.pairs(text)
        )

    def pairs(self, text: str) -> list[tuple[str, str]]:
        """The keys and values in the lines that the text opens with, these without the marks of links and tags."""
        lines = self.split(text)[0]
        opening = self.FM_BOUNDARY.match(lines)
        found = self.PAIR.finditer(lines, opening.end() if opening else 0)
        return [(pair["key"], self.REFERENCE.sub("", pair["value"] or "").strip()) for pair in found]

    def split(self, text: str) -> tuple[str, str]:
        """The lines, and what follows. Raises `PostError` where that is no block, and may hide the post."""
        opening = self.FM_BOUNDARY.match(text)
        end = opening.end() if opening else 0
        while pair := self.PAIR.match(text, end):
            end = pair.end()
        if not text.startswith(("-", "*"), end):
            refuse_broken_off(text[end:], line_of(text, end))
        return text[:end], text[end:]

    def parse(self, header: str) -> Any:
        return self.mapping_of(self.pairs(header))


class BareHandler(FrontMatterHandler):
    """`Title: x` lines from the first line to the first empty one, as Pelican and MultiMarkdown have them."""

    kind = "bare"
    FM_BOUNDARY = KEY_LINE
    FIRST_KEY = re.compile(r"[^\W\d_][^\"':\n]*:")

    def detect(self, text: str) -> bool:
        """Whether the text opens with key lines, a telling one among them."""
        return bool(self.FIRST_KEY.match(text)) and any(map(is_telling, self.key_lines(text)))

    def key_lines(self, text: str) -> list[str]:
        """The key lines that the text opens with, and the indented ones that continue their values."""
        lines = text.partition("\n\n")[0].split("\n")
        for number, line in enumerate(lines):
            continues = number > 0 and line[:1] in {" ", "\t"} and line.strip()
            if not continues and not is_key_line(line):
                return lines[:number]
        return lines

    def split(self, text: str) -> tuple[str, str]:
        """The key lines, and what follows without the empty line between.

        Raises `PostError` where a line that may hide the post follows with no empty line between.
        """
        header = "\n".join(self.key_lines(text))
        body = text[len(header) + 1 :]
        refuse_broken_off(body, header.count("\n") + 2)
        return header, body

    def parse(self, header: str) -> Any:
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


def refuse_broken_off(body: str, line_number: int) -> None:
    """Raise `PostError` where a header without fences ends with no empty line before one that may hide the post."""
    following = first_paragraph(body) if body.strip() and body[0] != "\n" else []
    for number, line in enumerate(following, line_number):
        if CONFLICT.match(line) or may_hide(line):
            raise PostError("the header is broken off before this line", line=number, column=1)


def is_telling_key(key: str, value: str) -> bool:
    """Whether only headers give the key, or it hides the post with this value."""
    return plain_key(key) in TELLING or hides(key, value.strip()) is not None


def is_mapping(text: str) -> bool:
    """Whether the text, no longer than a header may be, is a YAML mapping, however its keys are written."""
    try:
        return len(text) <= MAX_HEADER_CHARS and isinstance(read_events(text)[0], dict)
    except PostError:
        return False


def as_texts(value: Any, depth: int = 0) -> Any:
    """The value as YAML would have given it: texts, None, lists and mappings. Raises `PostError` if it is too deep."""
    if depth > MAX_DEPTH:
        raise PostError(f"the header is nested deeper than {MAX_DEPTH} levels", line=1, column=1)
    match value:
        case dict():
            return {str(key): as_texts(item, depth + 1) for key, item in value.items()}
        case list():
            return [as_texts(item, depth + 1) for item in value]
        case bool():
            return str(value).lower()
        case date() | time():
            return value.isoformat()
        case None | str():
            return value
        case _:
            return str(value)
