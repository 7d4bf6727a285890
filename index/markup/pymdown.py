"""Writes what the extensions of Python-Markdown add as plain Markdown, with the text that readers of the page see.

They are those that MkDocs and its theme Material recommend: https://python-markdown.github.io/extensions/,
https://facelessuser.github.io/pymdown-extensions/ and https://squidfunk.github.io/mkdocs-material/reference/.
Of changes marked with CriticMarkup all show, as they do by default; a title that only repeats the kind of its block is
left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

__all__ = ["plain_markdown"]

INDENT = 4
"""Columns by which the content of a block stands behind the line that opens it."""

BLOCK = re.compile(
    r"""(?:(?:!!!|\?\?\?\+?)[ \t]*+(?P<kind>[\w-]++(?:[ \t]++[\w-]++)*+)?|===[!+]{0,2}(?=[ \t]*"))"""
    r"""(?:[ \t]*+"(?P<title>.*)")?[ \t]*"""
)
"""How an admonition opens, `!!! note "Title"`, a block to unfold, `??? note`, or one of several tabs, `=== "Title"`."""

CONTAINER = re.compile(r"(?:[-*+:]|\d{1,9}[.)]|\[\^[^\]]{1,99}\]:)(?=[ \t]|$)")
"""What opens an item of a list, a definition or a footnote, whose text may be indented."""

FENCE = re.compile(r"(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(`{3,}(?=[^`]*$)|~{3,})")
SNIPPET = re.compile(r"""[ \t]*(?P<escape>;?)-+8<-+(?:[ \t]+(?P<file>["'\[].*))?[ \t]*""")
"""Where text of another file stands: `--8<-- "file"`, or between two lines `--8<--`."""

UNSEEN = re.compile(r"\[TOC\]\s*|\*\[[^\]]+\]:.*|\{(?:==|\+\+|--|>>|~~)\s*|(?:==|\+\+|--|<<|~~)\}\s*")
"""Lines of which nothing shows: the place of the table of contents, an abbreviation, marks around changed blocks."""

# An element whose content is Markdown too, `<div markdown>`, as its tags stand on lines of their own.
OPENING_TAG, WITH_MARKDOWN = re.compile(r"<[a-z][^<>]*>\s*"), re.compile(r"\smarkdown[\s=>]")
CLOSING_TAG = re.compile(r"</[a-z]\w*>\s*")
CELL_END = re.compile(r"\s*(\||$)")
OPENS_BLOCK = re.compile(r"(?:\d{1,9}(?=[.)]\s)|(?=(?:#{1,6}|[>+*-])\s))")
"""What a title must not begin with: up to its end it is text, and then comes a sign that opens a list or the like."""

ICON = r":(?:material|octicons|fontawesome|simple|custom)-[\w-]+:"
ATTRIBUTE = r"""(?:[.#][\w:-]++|data-[\w-]++(?!=)|[\w:-]++=(?:"[^"]*"|'[^']*'|[^\s"'{}]++))"""
ATTRIBUTES = rf"\{{:?[ \t]*+{ATTRIBUTE}(?:[ \t]++{ATTRIBUTE})*+[ \t]*+\}}"
EMOJI = r"(?<![^\W_]):[+-]?[a-z0-9][a-z0-9_+-]*:(?![\w`])"
KEY = r"""(?:[\w-]++|"[^"]*")"""
INLINE_START = re.compile(r":[\w+-]+:|`#!|\{|\+\+|==|\^\^")
INLINE = re.compile(
    rf"""(?P<kept>\\. | <[^<>]*> | \]\([^()]*\) | https?://\S+ | \$[^$]+\$)
    | (?<!`)(?P<ticks>`{{1,8}})(?!`)(?:\#!\w+(?=[ ]))?(?P<code>.*?)(?<!`)(?P=ticks)(?!`)
    | (?P<icon>{ICON}(?:{ATTRIBUTES})?[ \t]*) | (?P<emoji>{EMOJI}) | (?P<attributes>{ATTRIBUTES})
    | \{{(?:==|\+\+|--|>>|~~)(?P<changed>[^{{}}]*)(?:==|\+\+|--|<<|~~)\}}
    | (?<![\w+])\+\+(?P<keys>{KEY}(?:\+{KEY})*+)\+\+(?![\w+])
    | (?<![\w=])==(?P<marked>[^\s=](?:[^=]*[^\s=])?)==(?![\w=])
    | (?<![\w^])\^\^(?P<inserted>[^\s^](?:[^^]*[^\s^])?)\^\^(?![\w^])""",
    re.VERBOSE,
)


@dataclass(slots=True)
class Block:
    """An open block: the column at which its content begins, and whether it is in a list there."""

    column: int = 0
    in_list: bool = False


def plain_markdown(source: str) -> str:
    """The source with the content of blocks where these stood, below their titles, and without what does not show."""
    return "\n".join(PlainLines([*without_snippets(source.split("\n"))]).run())


def without_snippets(lines: Iterable[str]) -> Iterator[str]:
    """The lines without those that stand for other files, which are not read."""
    in_block = False
    for line in lines:
        snippet = SNIPPET.fullmatch(line) if "8<" in line else None
        if snippet is None:
            if not in_block:
                yield line
        elif snippet["escape"]:
            yield line.replace(";", "", 1)
        elif not snippet["file"]:
            in_block = not in_block


class PlainLines:
    """One pass over the lines of a source: `out` are those of plain Markdown, and `blocks` the open ones.

    `fence` is the bar of the code that it is in, or "", `fence_column` where that begins, and `elements` counts those
    of HTML with Markdown in them.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self.out: list[str] = []
        self.blocks = [Block()]
        self.fence, self.fence_column = "", 0
        self.elements = 0

    def run(self) -> list[str]:
        """All lines in plain Markdown."""
        for number, line in enumerate(self.lines):
            text = line.lstrip(" \t")
            if not text:
                self.out.append("")
                continue
            column = len(line[: len(line) - len(text)].expandtabs(INDENT))
            if column < self.blocks[-1].column:
                self.out.append(self.fence)  # code that is not closed ends with the block that it is in
                self.fence = ""
                while column < self.blocks[-1].column:
                    self.blocks.pop()
            if self.fence:
                bar = text.rstrip()
                if bar.startswith(self.fence) and not bar.strip(bar[0]) and column < self.fence_column + INDENT:
                    self.fence = ""
                self.out.append(" " * (column - self.shift()) + text if self.shift() else line)
            else:
                self.take(number, column, text)
        return self.out

    def shift(self) -> int:
        """The columns by which the content of the open blocks is moved to the left."""
        return INDENT * (len(self.blocks) - 1)

    def take(self, number: int, column: int, text: str) -> None:
        """A line that is not in fenced code."""
        block, margin = self.blocks[-1], " " * (column - self.shift())
        if CONTAINER.match(text) and (block.in_list or column - block.column < INDENT):
            block.in_list = True
        elif column == block.column and not (self.out and self.out[-1]):
            block.in_list = False
        if column - block.column >= INDENT and not block.in_list:  # code
            self.out.append(margin + text)
        elif opened := FENCE.match(text):
            self.fence, self.fence_column = opened[1], column
            self.out.append(margin + text)
        elif (opened := BLOCK.fullmatch(text)) and (opened["kind"] or opened["title"]):
            title = plain_line(opened["title"] or "")
            sign = OPENS_BLOCK.match(title)
            self.out += ("", margin + (f"{sign[0]}\\{title[sign.end() :]}" if sign else title), "")
            self.blocks.append(Block(column + INDENT))
        elif UNSEEN.fullmatch(text):
            self.out.append("")
        else:
            below = self.lines[number + 1].strip() if number + 1 < len(self.lines) else ""
            is_heading = text[0] == "#" or (below != "" and not below.strip("=-"))
            self.out.append(margin + plain_line(text, is_heading=is_heading))
            opens = OPENING_TAG.fullmatch(text) and WITH_MARKDOWN.search(text)
            if opens or (self.elements and CLOSING_TAG.fullmatch(text)):
                self.elements += 1 if opens else -1
                self.out.append("")  # or what follows would be HTML too


def plain_line(text: str, *, is_heading: bool = False) -> str:
    """The line without icons, attribute lists, but for those of headings, and signs around words."""
    if not INLINE_START.search(text):
        return text

    def plain(found: re.Match[str]) -> str:
        kind = found.lastgroup
        if kind == "icon":
            # More blanks behind the mark of a list would make code of its item.
            return " " if found[0].endswith((" ", "\t")) and text[found.start() - 1].isalnum() else ""
        if kind == "emoji" and is_heading:
            return ""
        if kind == "attributes":
            end = CELL_END.match(text, found.end())
            of_heading = is_heading and end is not None and not end[1]
            of_cell = end is not None and end[1]
            of_element = found.start() == 0 or text[found.start() - 1] in ")]*_`>"
            return "" if (of_element or of_cell) and not of_heading else found[0]
        if kind == "code":
            return found["ticks"] + found["code"] + found["ticks"]
        if kind == "changed":
            return found["changed"].replace("~>", " ")
        return found[kind or 0]

    return INLINE.sub(plain, text)
