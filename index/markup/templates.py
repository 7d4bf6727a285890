"""Takes the site's template syntax out of the source of a post, and leaves the text inside it.

Which kinds of syntax a site has, its dialect tells; links between notes, `[[name|text]]`, and callouts are written on
any. What stands in code or in a formula stays as it is: the post may be about it. Nothing is read more than a few
times, and no tag reaches over an empty line, so an unclosed one does no harm.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from typing import ClassVar

from index.markup.arguments import output_text, readable_values
from index.markup.dialect import PLAIN, Dialect, Template
from index.markup.html import HIDDEN, HTML_TAG
from index.markup.mdx import HEADING_ID, MdxScanner, looks_like_mdx
from index.markup.scanner import MAX_TAG_CHARS
from index.markup.tokens import TokenSyntax, start_pattern, token_pattern

__all__ = ["Stripper", "fence_end", "strip_templates"]

MAX_BACKTICKS = 8
"""More around a text do not make it code: each number of backticks is looked for by itself."""

CODE_MARGIN = 4
"""Spaces before a line that Markdown takes for code."""
BACKTICKS = re.compile("`+")

CONTROL_TAGS = frozenset(["assign", "capture", "cycle", "import", "include", "increment", "set"]) | frozenset(
    ["case", "else", "elseif", "elsif", "for", "if", "unless", "when"]
)
"""Tags whose arguments without a name nobody reads."""
GO_STRING = re.compile(r'\{\{-?\s*raw\s+(?:`([^`]*)`|"([^"\n]*)")\s*-?\}\}')
HELPER = re.compile(r"\{\{\s*#[^{}\n]*\}\}")
RAW_MARK = re.compile(r"\{%[-~+]?\s*(?:end)?(?:raw|verbatim)\s*[-~+]?%\}")
KRAMDOWN_END = re.compile(r"\{:/(?:comment)?\}")
LIQUID_NAME = re.compile(r"\{%[-~+]?\s*(\w+)")
HUGO_NAME = re.compile(r"\{\{[<%]\s*(/?)\s*([\w./-]+)")
ATTRIBUTE_LIST = re.compile(
    r"\{:(?:(:(?:comment|nomarkdown|options)|/\w*|toc|footnotes|[\w-]+:)|(?=\s*[.#][A-Za-z_]|\s*[\w-]+=))[^{}\n]*\}"
)
LIST_ITEM = re.compile(r"(?:[*+-]|\d+\.)\s")
WRITTEN_ID = re.compile(r"#([\w:.-]+)")
SHORTCODE = re.compile(
    r"""\[(/?)([a-z][\w-]*)((?:\s+[a-z][\w-]*=(?:"[^"]*"|'[^']*'|[^\s\["'\]]+))*)\s*/?\](?![\[(:])"""
)
SHORTCODE_END = re.compile(r"\[/([a-z][\w-]*)\]")
SHORTCODE_START = re.compile(r"\[([a-z][\w-]*)[\s\]]")
ALONE = frozenset(["gallery", "playlist"])
WORDPRESS = frozenset(["audio", "caption", "embed", "gallery", "playlist", "video", "wp_caption"])
RAW_SHORTCODES = frozenset(["html", "raw", "raw-html", "raw_html", "rawhtml", "unsafe"])
"""Names that sites give to a shortcode of theirs that puts HTML onto the page."""
LISTINGS = frozenset(["code", "codeblock", "highlight", "sourcecode"])
DOCS_INCLUDE = re.compile(
    r"\[!(?:(?:code(?:-[\w+#]+)?|include)\s*\[[^\[\]\n]*\]\s*\([^()\n]*\)\s*\]|(?:div|video)\b[^\[\]\n]*\])",
    re.IGNORECASE,
)
GITHUB_ALERT = r"(?:note|tip|important|warning|caution)\][ \t]*(?:\n|\Z)"
CALLOUT = re.compile(rf"\[!(?!{GITHUB_ALERT})[a-z][\w-]*(?:\|[^\[\]\n]*)?\][+-]?[ \t]*", re.IGNORECASE)
WIKILINK = re.compile(r"\[\[(?P<target>[^\[\]|\n]*)(?:\|(?!\|)(?P<text>[^\[\]\n]*))?\]\]")
IMAGE_SIZE = re.compile(r"(?:\A|\|)\s*\d+(?:x\d+)?\s*\Z")
FORMULA = re.compile(r"\$\$(?:[^$`\\]|\\.)++\$\$|\$(?![\s$])(?:[^$`\\]|\\.)*+(?<!\s)\$(?![\d{])", re.DOTALL)
CLOSING = str.maketrans("([", ")]")
DIRECTIVE = re.compile(r"[ \t>]*:::+[ \t]*([\w-]*)([^\n]*)")


def strip_templates(source: str, dialect: Dialect = PLAIN, *, html: bool = False, mdx: bool = False) -> str:
    """The source without template syntax of the kinds that the dialect has.

    With `html` it is HTML, where backticks are no code; with `mdx` it is MDX, where indented lines are no code.
    """
    kinds = dialect.templates
    if mdx:
        kinds = ("components", "mdx", *(("directives",) if "directives" in kinds else ()))
    indented = html or not ("mdx" in kinds or ("components" in kinds and looks_like_mdx(source)))
    lines = "\n" + source
    if indented and not start_pattern(kinds).search(lines):
        return source
    return Stripper(lines, kinds, html=html, indented=indented, raw_html=html or dialect.raw_html).run()[1:]


class Stripper(MdxScanner):
    """One pass over a source. Each token in `tokens.py` has a method, which returns the position from which to go on.

    `kinds` are those of the syntax that it may hold; `html` tells that it is HTML, `indented` that indented lines are
    code, as in all but MDX, and `raw_html` that HTML in it gets onto the page.
    """

    OWN_TOKENS: ClassVar[tuple[TokenSyntax, ...]] = ()
    links_by_name = False
    """Whether links between notes may do without a text, `[[name]]`."""

    def __init__(
        self, source: str, kinds: tuple[Template, ...], *, raw_html: bool, html: bool = False, indented: bool = True
    ) -> None:
        super().__init__(source, mdx="mdx" in kinds, indented=indented)
        self.kinds = kinds
        self.raw_html = raw_html
        self.token = token_pattern(kinds, self.OWN_TOKENS, html=html, indented=indented)
        self.paired: frozenset[str] | None = None

    def run(self) -> str:
        """The whole source without its template syntax."""
        position = 0
        while found := self.token.search(self.source, position):
            position = getattr(self, found.lastgroup or "")(found)
        return self.rest()

    def more(self, found: re.Match[str]) -> int:
        """Middleman's mark between the opening of a post and the rest."""
        return self.replace(found.start(), found.end(), "\n")

    def word(self, found: re.Match[str]) -> int:
        """Inline code without anything that needs a closer look: leave it."""
        return found.end()

    escaped = word

    def fence(self, found: re.Match[str]) -> int:
        """A fenced code block: leave it, but for what templates put around code, and for its margin in MDX."""
        start, margin = found.start(), len(found["margin"])
        end = self.next(fence_end(found["bar"]), found.end())[1]
        if not self.indented and margin >= CODE_MARGIN and found["margin"].isspace():
            block = re.sub(rf"\n[ \t]{{0,{margin}}}", "\n", self.source[start:end])
            return self.replace(start, end, self.without_marks(block))
        return self.keep_code(found.end(), end)

    def ticks(self, found: re.Match[str]) -> int:
        """Inline code: leave it."""
        run = found[0]
        if len(run) > MAX_BACKTICKS:
            return found.end()
        at, end = self.next(re.compile(rf"(?<!`){run}(?!`)"), found.end())
        if at < self.next("\n\n", found.end())[0]:
            return self.keep_code(found.end(), end)
        return found.end()

    def code(self, found: re.Match[str]) -> int:
        """A `pre` or `code` element: leave it."""
        block = self.block(found.end(), f"</{found['element']}>")
        return self.keep_code(found.end(), block[1]) if block else found.end()

    def math(self, found: re.Match[str]) -> int:
        """A formula between dollars: leave it. Prices and variables of shells are none, by the rule of Pandoc."""
        formula = self.match(FORMULA, found.start())
        return formula.end() if formula and is_formula(formula[0]) else found.end()

    def tex(self, found: re.Match[str]) -> int:
        """A formula in escaped brackets, or such a bracket."""
        end = self.closed(found.start(), found[0].translate(CLOSING))
        return end if end and is_formula(self.source[found.end() : end]) else found.start() + 2

    def keep_code(self, start: int, end: int) -> int:
        """Copy code without the marks that keep templates from reading it."""
        code = self.source[start:end]
        kept = self.without_marks(code)
        return self.replace(start, end, kept) if kept != code else end

    def without_marks(self, code: str) -> str:
        """The code as the template engine leaves it."""
        if "{{" in code and "outputs" in self.kinds:
            code = GO_STRING.sub(r"\1\2", code)
        if "{{" in code and "helpers" in self.kinds:
            code = HELPER.sub("", code)
        return RAW_MARK.sub("", code) if "{%" in code and "tags" in self.kinds else code

    def listing(self, start: int, end: int, closer: str | re.Pattern[str]) -> int:
        """A tag from `start` to `end` that opens code: keep the code as code."""
        block = self.block(end, closer)
        if block is None:
            return self.replace(start, end, "")
        code = RAW_MARK.sub("", block[0]).strip("\n")
        if self.raw_html:
            return self.replace(start, block[1], f"\n\n<pre>{escape(code, quote=False)}</pre>\n\n")
        bar = "`" * max(3, 1 + max(map(len, BACKTICKS.findall(code)), default=0))
        return self.replace(start, block[1], f"\n\n{bar}\n{code}\n{bar}\n\n")

    def liquid(self, found: re.Match[str]) -> int:
        """A Liquid or Nunjucks tag."""
        start, end = found.start(), self.closed(found.start(), "%}")
        name = LIQUID_NAME.match(self.source, start)
        if not end or not name or name.end() > end:
            return found.end()
        word = name[1]
        if word in LISTINGS:
            return self.listing(start, end, liquid_end(word))
        if word in {"raw", "verbatim", "comment"} and (block := self.block(end, liquid_end(word))):
            return self.replace(start, block[1], "" if word == "comment" else block[0])
        words = readable_values(self.source[name.end() : end - 2], positional=word not in CONTROL_TAGS)
        return self.replace_tag(start, end, words)

    def output(self, found: re.Match[str]) -> int:
        """An output or a macro."""
        start, length = found.start(), len(found[0])
        string = GO_STRING.match(self.source, start) if self.source.startswith("raw", start + 2) else None
        if string:
            return self.replace(start, string.end(), string[1] or string[2] or "")
        end = self.closed(start + length - 2, "}}")
        if not end:
            return found.end()
        expression = self.source[start + length : end - 2]
        while end - start < MAX_TAG_CHARS and length > 2 and self.source[end : end + 1] == "}":
            end, length = end + 1, length - 1
        return self.replace_tag(start, end, output_text(expression))

    def hugo(self, found: re.Match[str]) -> int:
        """A Hugo shortcode; one that is commented out is shown by Hugo as it stands."""
        start = found.start()
        end = self.closed(start, "%}}" if found[0].endswith("%") else ">}}")
        if not end:
            return found.end()
        tag = self.source[start:end]
        if tag[3:5] == "/*":
            return self.replace(start, end, escape(tag.replace("/*", "", 1).replace("*/", "", 1), quote=False))
        name = HUGO_NAME.match(tag)
        if name and name[2] in LISTINGS and not name[1]:
            return self.listing(start, end, hugo_end(name[2]))
        is_raw = name and name[2] in RAW_SHORTCODES and not (name[1] or self.raw_html)
        if name and is_raw and (block := self.block(end, hugo_end(name[2]))):
            visible = HTML_TAG.sub(" ", HIDDEN.sub("", block[0]))
            return self.replace(start, block[1], f"\n\n{' '.join(visible.split())}\n\n")
        words = readable_values(tag[name.end() if name else 3 : -3], positional=True)
        return self.replace_tag(start, end, words)

    def helper(self, found: re.Match[str]) -> int:
        """An include of mdBook, or another of its helpers."""
        end = self.closed(found.start(), "}}")
        return self.replace(found.start(), end, "") if end else found.end()

    def comment(self, found: re.Match[str]) -> int:
        """A Nunjucks comment, or the id of a heading, which stays."""
        id = self.match(HEADING_ID, found.start())
        return id.end() if id else self.drop(found, "#}")

    def attributes(self, found: re.Match[str]) -> int:
        """An attribute list or extension of kramdown; the id that it gives to a heading stays with the heading."""
        start = found.start()
        match = self.match(ATTRIBUTE_LIST, start)
        if match is None:
            return found.end()
        if match[1] == ":comment" and (block := self.block(match.end(), KRAMDOWN_END)):
            return self.replace(start, block[1], "")
        id = WRITTEN_ID.search(match[0])
        if id or match[1] == "toc":
            line, before = self.line(start)
            previous, above = self.line(line - 1) if line and not before else (0, "")
            if match[1] == "toc" and LIST_ITEM.match(above) and previous >= self.copied:  # the contents take its place
                return self.replace(previous, match.end(), "")
            heading_end = -1
            if before.startswith("#"):
                heading_end = start
            elif above.startswith("#"):
                heading_end = line - 1
            elif above and not above.strip("=-"):  # the line below a heading
                heading_end = previous - 1
            if id and heading_end >= self.copied:
                self.replace(heading_end, heading_end, f" {{#{id[1]}}}")
        return self.replace(start, match.end(), "")

    def include(self, found: re.Match[str]) -> int:
        """An include of Microsoft's documentation."""
        match = self.match(DOCS_INCLUDE, found.start())
        return self.replace(found.start(), match.end(), "") if match else self.callout(found)

    def callout(self, found: re.Match[str]) -> int:
        """The mark with which a quote opens that is a callout. Those of GitHub without a title are left to Markdown."""
        match = self.match(CALLOUT, found.start())
        before = self.line(found.start())[1] if match else ""
        opens = ">" in before and not before.strip("> \t-*+")
        return self.replace(found.start(), match.end(), "") if match and opens else found.end()

    def wikilink(self, found: re.Match[str]) -> int:
        """A link between notes, `[[name#heading|text]]`, or what is shown in its place, `![[image.png|text]]`.

        Of the latter only the text is one of this note; numbers in it are the size of the image.
        """
        start = found.start()
        match = self.match(WIKILINK, start)
        embedded = self.source[start - 1] == "!"
        if match is None or not (embedded or match["text"] or self.links_by_name):
            return found.end()
        text = (match["text"] or "").strip()
        if embedded:
            start, text = max(start - 1, self.copied), IMAGE_SIZE.sub("", text)
        elif not text:
            steps = map(str.strip, match["target"].rstrip("\\").split("#"))
            text = " > ".join(step for step in steps if step and step[0] != "^")
        return self.replace(start, match.end(), "" if self.source[start - 2 : start] == "](" else text)

    def shortcode(self, found: re.Match[str]) -> int:
        """A WordPress shortcode: one with arguments, one of a pair, or one that stands alone; never a link."""
        start = found.start()
        match = self.match(SHORTCODE, start)
        before = self.source[max(0, start - 1) : start]
        if match is None or before in {"[", "]", "!"}:
            return found.end()
        closing, name, arguments = match.groups()
        paired = name in self.pairs() and not (before.isalnum() and not closing)
        if not (arguments or paired or name in ALONE or (closing and name in WORDPRESS)):
            return found.end()
        if name in LISTINGS and paired and not closing:
            return self.listing(start, match.end(), f"[/{name}]")
        words = readable_values(arguments, positional=False)
        return self.replace(start, match.end(), words and words + " ")

    def pairs(self) -> frozenset[str]:
        """The names of shortcodes that are both opened and closed somewhere."""
        if self.paired is None:
            closed = frozenset(SHORTCODE_END.findall(self.source))
            self.paired = closed & frozenset(SHORTCODE_START.findall(self.source)) if closed else closed
        return self.paired

    def directive(self, found: re.Match[str]) -> int:
        """A line of colons with a name and arguments, or with a title."""
        match = DIRECTIVE.match(self.source, found.start() + 1)
        rest = match[2] if match else ""
        words = readable_values(rest, positional=False) or ("" if "=" in rest else rest.strip(" \t:[]{}"))
        return self.replace(found.start() + 1, match.end() if match else found.end(), words)


def is_formula(text: str) -> bool:
    """Whether what looks like a formula is in one paragraph, and is neither a link nor a template tag."""
    return not ("\n\n" in text or "](" in text or "%}" in text)


@lru_cache(64)
def fence_end(bar: str) -> re.Pattern[str]:
    return re.compile(rf"\n[ \t>]*{bar[0]}{{{len(bar)},}}[ \t]*(?=\n|\Z)")


def hugo_end(name: str) -> re.Pattern[str]:
    return re.compile(rf"\{{\{{[<%]\s*/\s*{name}\s*[>%]\}}\}}")


def liquid_end(name: str) -> re.Pattern[str]:
    return re.compile(rf"\{{%[-~+]?\s*end{name}\s*[-~+]?%\}}")
