"""Takes the syntax of programs for notes out of the source of a note, and tells the tags in its text.

Obsidian's is that of https://help.obsidian.md/obsidian-flavored-markdown, which Quartz follows; Logseq's that of
https://docs.logseq.com; MyST's that of https://mystmd.org/guide and https://myst-parser.readthedocs.io. Links between
notes and callouts are known on any site: `templates.py`. What a note hides must not be found: a comment that is not
closed goes on to the end, as in Obsidian.
"""

from __future__ import annotations

import re

from index.markup.dialect import Dialect
from index.markup.templates import Stripper, fence_end
from index.markup.tokens import TokenSyntax

__all__ = ["STRIPPERS", "strip_notes"]

MAX_TAGS = 1_000
"""Of a note, besides those of its header."""

HASHTAG: TokenSyntax = (
    "hashtag",
    None,
    "#",
    r"""(?<!\S#)[^\s\u2000-\u206f\u2e00-\u2e7f'!"#$%&()*+,.:;<=>?@^`{|}~\[\]\\]{1,100}""",
)
"""As Obsidian has it, signs of punctuation end a tag, but for `-`, `_` and `/`."""

IN_CODE = re.compile(r"(?: {4}|\t)\s*(?![\s>*+-]|\d+[.)]\s)")
"""How a line opens that is code, or within a list the text of an item, where tags are rare."""


HIDING = frozenset(["block_line", "comment_mark", "drawer", "property", "unseen"])
"""Tokens of what readers never see."""


class NoteStripper(Stripper):
    """One pass over the source of a note; `tags` are those that stand in it."""

    links_by_name = True

    def __init__(self, source: str, dialect: Dialect) -> None:
        super().__init__(f"\n{source}", dialect.templates, raw_html=dialect.raw_html)
        self.tags: dict[str, None] = {}
        self.marked_until = -1

    def math(self, found: re.Match[str]) -> int:
        """A formula between dollars: leave it, unless these are prices around what must not be found."""
        end = super().math(found)
        within = self.token.finditer(self.source, found.end(), end)
        return found.end() if any(token.lastgroup in HIDING for token in within) else end

    def tex(self, found: re.Match[str]) -> int:
        """An escaped bracket or backslash; formulas stand between dollars alone."""
        return found.start() + 2

    def unseen(self, found: re.Match[str]) -> int:
        """What readers never see. A line is left empty, as it ends the paragraph above."""
        return self.replace(found.start() + (found[0][0] == "\n"), found.end(), "")

    def mark(self, found: re.Match[str]) -> int:
        """The signs before or behind marked words, `==so==`."""
        start, end = found.span()
        if start != self.marked_until:
            closing = re.compile(rf"[^\s=^][^\n=^]*{re.escape(found[0])}")
            marked = self.match(closing, end)
            if marked is None:
                return end
            self.marked_until = marked.end() - len(found[0])
        return self.replace(start, end, "")

    def hashtag(self, found: re.Match[str]) -> int:
        """A tag, which stays in the text; numbers are none, nor is what stands in code."""
        in_code = IN_CODE.match(self.line(found.start())[1])
        return found.end() if in_code else self.add_tag(found["hashtag"].strip("/"), found.end())

    def add_tag(self, tag: str, end: int) -> int:
        """Keep the tag, and go on at `end`."""
        if tag and not tag.replace("/", "").isdigit() and len(self.tags) < MAX_TAGS:
            self.tags[tag] = None
        return end


class ObsidianStripper(NoteStripper):
    """One pass over a note of Obsidian."""

    OWN_TOKENS = (
        ("comment_mark", None, "%", "%"),
        ("mark", None, "=", "="),
        HASHTAG,
        ("unseen", None, r"\^", r"(?<=\s\^)[\w-]+[ \t]*(?=\n|\Z)"),
    )

    def comment_mark(self, found: re.Match[str]) -> int:
        return self.replace(found.start(), self.next("%%", found.end())[1], "")


class LogseqStripper(NoteStripper):
    """One pass over a note of Logseq."""

    OWN_TOKENS = (
        ("mark", None, "=", "="),
        ("caret_mark", None, r"\^", r"\^"),
        HASHTAG,
        ("unseen", None, r"\(", r"\([0-9a-f-]{36}\)\)"),
        ("macro", None, r"\{", r"\{"),
        ("property", None, r"\n", r"[ \t]*(?P<bullet>[-*][ \t]+)?[^\W\d_][\w./?-]*::(?=\s|\Z)[^\n]*"),
        ("drawer", None, r"\n", r"[ \t]*:LOGBOOK:"),
        ("block_line", None, r"\n", r"[ \t]*#\+(?P<block>(?:BEGIN|begin|END|end)_\w+)[^\n]*"),
    )

    caret_mark = NoteStripper.mark

    def property(self, found: re.Match[str]) -> int:
        """A property of a block, whose bullet stays: other blocks may hang below it."""
        return self.replace(found.end("bullet") if found["bullet"] else found.start(), found.end(), "")

    def drawer(self, found: re.Match[str]) -> int:
        """When was worked at a task."""
        block = self.block(found.end(), ":END:")
        return self.replace(found.start(), block[1], "") if block else found.end()

    def block_line(self, found: re.Match[str]) -> int:
        """A line around a block of Org; queries and comments are left out whole."""
        _, _, name = found["block"].partition("_")
        if found["block"].upper() in {"BEGIN_QUERY", "BEGIN_COMMENT"}:
            return self.replace(found.start(), self.next(re.compile(rf"#\+(?:END|end)_{name}"), found.end())[1], "")
        return self.unseen(found)

    def macro(self, found: re.Match[str]) -> int:
        """A macro; of all of them only a cloze shows its words."""
        start = found.start()
        end = self.closed(start, "}}")
        name, _, words = self.source[start + 2 : end - 2].strip().partition(" ")
        return self.replace(start, end, words if name == "cloze" else "") if end else found.end()

    def wikilink(self, found: re.Match[str]) -> int:
        """A link to a page, or a tag of several words, `#[[so]]`."""
        start, end = found.start(), super().wikilink(found)
        return self.add_tag(self.source[start + 2 : end - 2], end) if self.source[start - 1] == "#" else end


DIRECTIVE_LINE = re.compile(
    r"""(?P<bar>`{3,}|~{3,}|:{3,})[ \t]*(?: \{(?P<name>[\w:.+-]+)\}[ \t]*(?P<title>[^\n]*)
    (?P<options>\n[ \t>]*---[ \t]*(?:\n(?![ \t>]*---)[^\n]*){0,50}\n[ \t>]*---[ \t]*(?=\n)|(?:\n[ \t>]*:[\w-]+:[^\n]*)*)
    | (?P<rest>[^\n]*) )""",
    re.VERBOSE,
)
READABLE_OPTION = re.compile(r":?(?:alt|caption)[ \t]*:[ \t]*([^\n]*)")
CODE = frozenset(["code", "code-block", "code-cell", "doctest", "eval-rst", "graphviz", "math", "mermaid"]) | frozenset(
    ["parsed-literal", "prompt", "sourcecode", "testcode"]
)
LISTS_OF_PAGES = frozenset(["bibliography", "contents", "include", "literalinclude", "tableofcontents", "toctree"])
WITH_PATH = frozenset(["button-link", "button-ref", "embed", "figure", "grid", "iframe", "image", "raw", "video"])
"""Directives whose first line is nothing to read."""

ROLE = re.compile(r"\{([\w:.+-]+)\}(`{1,8})([^`]+)\2(?!`)")
WITH_TARGET = re.compile(r"\s*([^<]*?)\s*<[^<>]*>\s*")
REFERENCES = frozenset(["cite", "doc", "download", "eq", "label", "numref", "ref"])
"""Roles that show the title of what they name, unless they give a text."""


class MystStripper(NoteStripper):
    """One pass over a page of MyST; `open` are the bars of the directives whose texts it is in."""

    OWN_TOKENS = (
        ("role", None, r"\{", r"[\w:.+-]+\}(?=`)"),
        ("colons", None, r"\n", r"[ \t>]*:::+"),
        ("unseen", None, r"\n", r"\([^()\n]+\)=[ \t]*(?=\n|\Z)| {0,3}%[^\n]*|\+\+\+[^\n]*"),
    )

    def __init__(self, source: str, dialect: Dialect) -> None:
        super().__init__(source, dialect)
        self.open: list[str] = []

    def fence(self, found: re.Match[str]) -> int:
        """A line of backticks, tildes or colons: of code, or before or behind the text of a directive."""
        line = DIRECTIVE_LINE.search(self.source, found.start() + 1)
        if line is None:
            return found.end()
        bar, name, start = line["bar"], line["name"], line.start()
        if name is None:
            if self.open and bar.startswith(self.open[-1]) and not line["rest"]:
                self.open.pop()
                return self.replace(start, line.end(), "")
            return super().directive(found) if bar[0] == ":" else super().fence(found)
        at, end = self.next(fence_end(bar), line.end()) if name in CODE | LISTS_OF_PAGES else (0, 0)
        if name in LISTS_OF_PAGES:
            return self.replace(start, end, "")
        if name in CODE:
            self.replace(start, line.end(), bar.replace(":", "`"))
            return self.replace(at, end, self.source[at:end].replace(":", "`"))
        self.open.append(bar)
        words = ["" if name in WITH_PATH else line["title"], *READABLE_OPTION.findall(line["options"])]
        return self.replace(start, line.end(), " ".join(filter(None, words)) + "\n")

    colons = fence

    def role(self, found: re.Match[str]) -> int:
        """A role and its text, which is kept as code is, so that nothing in it is taken for Markdown."""
        start = found.start()
        match = self.match(ROLE, start)
        if match is None or "\n\n" in match[3]:
            return found.end()
        name, text = match[1].partition(":")[0], match[3].lstrip("~! ")
        if name not in {"math", "code"} and (targeted := WITH_TARGET.fullmatch(text)):
            text = targeted[1]
        elif name in REFERENCES:
            text = ""
        return self.replace(start, match.end(), f"`{text}`" if text.strip() else "")


DRAWING_PART = re.compile(r"^(?:#{1,2} (?:Drawing|Element Links|Embedded Files)$|%%)", re.MULTILINE)


class DrawingStripper(ObsidianStripper):
    """One pass over a drawing of Excalidraw: its notes and the texts in it, not the drawing itself."""

    def __init__(self, source: str, dialect: Dialect) -> None:
        # Newer releases of the plugin keep notes above the data, of which older ones had no heading.
        above, _, data = source.rpartition("# Excalidraw Data\n")
        texts = DRAWING_PART.split(data.partition("# Text Elements\n")[2], maxsplit=1)[0]
        notes = re.sub(r"==⚠[^\n]*|%%\s*\Z", "", above)
        super().__init__(f"{notes}\n\n{texts}", dialect)


STRIPPERS = {
    "excalidraw": DrawingStripper,
    "logseq": LogseqStripper,
    "myst": MystStripper,
    "obsidian": ObsidianStripper,
}
"""Programs for notes; "excalidraw" stands for a drawing in Obsidian."""


def strip_notes(source: str, dialect: Dialect) -> tuple[str, tuple[str, ...]]:
    """The source without what only the program for notes reads, nor template syntax; and the tags that stand in it.

    The dialect must have `notes`.
    """
    stripper = STRIPPERS[dialect.notes](source, dialect)
    return stripper.run()[1:], tuple(stripper.tags)
