"""Takes what is program out of MDX, or out of Markdown that looks like it: modules, components and expressions.

The rules are those of https://mdxjs.com/docs/what-is-mdx/.
"""

from __future__ import annotations

import re
from html import escape

from index.markup.arguments import readable_values
from index.markup.scanner import Scanner

__all__ = ["HEADING_ID", "MdxScanner", "looks_like_mdx"]

MDX_START = re.compile(r"\s*import\s[^\n]*['\"]")
MDX_TAG = re.compile(r"<[A-Z][\w.]*[a-z]\s[^<>\n]*=\{")

MAX_BRACES_DEPTH = 6
"""Of braces within braces; what is deeper is left as text."""

HEADING_ID = re.compile(r"\{#[\w:.-]+(?:[ \t][^{}\n]*)?\}")


def braces(depth: int) -> str:
    """The pattern of braces in balance, so many within one another."""
    return rf"\{{(?:[^{{}}]++|{braces(depth - 1)})*+\}}" if depth else r"\{[^{}]*+\}"


BRACES = braces(MAX_BRACES_DEPTH)
EXPRESSION = re.compile(BRACES)
TEXT_EXPRESSION = re.compile(r"""\{\s*(?:"([^"\n]*)"|'([^'\n]*)'|`([^`]*)`)\s*\}""")
ELEMENT_START = re.compile(r"<(?:[A-Za-z][\w.]*[\s/>]|>)")
EXPRESSION_END = re.compile(r"[\s)\]]*+(?::\s*+null\s*+)?+\}")
"""What is left of an expression behind the last of its elements."""

COMPONENT_TAG = re.compile(
    rf"""</?[A-Z][\w.]*(?:\s+[\w:@.-]+(?:=(?:"[^"]*"|'[^']*'|{BRACES}|[^\s"'{{}}<>=]+))?|\s+{BRACES})*\s*/?>"""
)
HTML_NAMES = frozenset(
    ["br", "code", "div", "hr", "img", "li", "ol", "pre", "script", "style", "svg", "ul"]
) | frozenset(["h1", "h2", "h3", "h4", "h5", "h6", "table", "td", "template", "th", "tr"])
"""Names of elements that the HTML parser must see, also with a capital letter."""

TAGS = re.compile(
    rf"""(?:</?(?!(?:code|pre|script|style|svg|template|textarea)\b)[a-z][\w-]*+"""
    rf"""(?:[^<>{{}}"']++|"[^"]*+"|'[^']*+'|{BRACES})*+>[ \t]*+)+"""
)
BLOCK_NAME = re.compile(
    r"</?(?:address|article|aside|blockquote|br|center|dd|details|dialog|div|dl|dt|fieldset|figcaption|figure|footer"
    r"|form|header|hr|img|li|main|menu|nav|ol|p|search|section|summary|table|tbody|td|tfoot|th|thead|tr|ul)\b"
)
PARAGRAPH_START = "&#8203;"
"""A space without width, which makes a paragraph of a line, and is dropped from its text."""
IMPORT = re.compile(
    r"""import[ \t]+(?:(?:[\w*](?:[^;'"\n{}]*[^\s;'"{}])?[^\S\n]*+)?(?:\{[^{};'"]*\})?\s*\bfrom\s+)?"""
    r"""(?:"[^"\n]+"|'[^'\n]+');?[ \t]*$""",
    re.MULTILINE,
)
EXPORT = re.compile(
    r"export\s+(?:(?:const|let|var)\s+[\w{]|(?:default\s+)?(?:async\s+)?(?:function|class)\b|\{|\*\s+from|default\s+\w+;?$)",
    re.MULTILINE,
)
OPEN_LINE = re.compile(r"[^\n]*[{(\[][ \t]*\n")
MODULE_END = re.compile(r"\n\n(?=[^\s)\]}])|\Z")
"""The end of code that began with an open bracket: before the first empty line that no indented one follows."""


def looks_like_mdx(source: str) -> bool:
    """Whether Markdown of an unknown generator is MDX."""
    return bool(" className=" in source or MDX_START.match(source) or MDX_TAG.search(source))


class MdxScanner(Scanner):
    """A scanner that knows the syntax of MDX; `mdx` tells that the source is that for certain.

    `indented` tells whether indented lines are code, which they are not in MDX.
    """

    def __init__(self, source: str, *, mdx: bool, indented: bool) -> None:
        super().__init__(source)
        self.mdx = mdx
        self.indented = indented

    def blanks(self, found: re.Match[str]) -> int:
        """White space before a line of MDX: shortened, or Markdown would take the line for code."""
        return self.replace(found.start(), found.end(), "\n  ")

    def elements(self, found: re.Match[str]) -> int:
        """Elements that begin a line, which in Markdown would be HTML up to an empty line: what is in them goes on."""
        start, at = found.start() + 1, found.end("blank")
        if match := self.match(TAGS, at):
            tags = " ".join(EXPRESSION.sub('""', match[0]).split())
            alone, is_block = self.source.startswith("\n", match.end()), BLOCK_NAME.match(tags)
            if alone and is_block:
                return self.replace(start, match.end(), f"{tags}\n\n")
            if alone or is_block:
                return self.replace(start, match.end(), PARAGRAPH_START + tags)
        return self.replace(start, at, " " * min(at - start, 2))

    def space(self, found: re.Match[str]) -> int:
        """A space of MDX: `{" "}`."""
        return self.replace(found.start(), found.end(), " ")

    def remark(self, found: re.Match[str]) -> int:
        return self.drop(found, "*/}")

    def expression(self, found: re.Match[str]) -> int:
        """An expression: a text in quotation marks, elements with text in them, or what only the program knows."""
        start = found.start()
        if id := self.match(HEADING_ID, start):
            return id.end()
        if text := self.match(TEXT_EXPRESSION, start):
            words = escape(text[1] or text[2] or text[3] or "", quote=False)
            return self.replace_tag(start, text.end(), words)
        match = self.match(EXPRESSION, start)
        if match is None:
            return found.end()
        element = ELEMENT_START.search(self.source, start, match.end())
        if element and self.source[start - 1] != "=":
            return self.replace(start, element.start(), "")
        return self.replace_tag(start, match.end(), "")

    def closing(self, found: re.Match[str]) -> int:
        """The end of an expression that ends with an element."""
        return self.replace(found.start() + 1, found.end(), " ")

    def fragment(self, found: re.Match[str]) -> int:
        """The tag of a fragment, which has no name."""
        return self.replace(found.start(), self.after_element(found.end()), "")

    def component(self, found: re.Match[str]) -> int:
        """The tag of a component; those with names of HTML elements are left to the HTML parser."""
        start = found.start()
        match = self.match(COMPONENT_TAG, start)
        name = found[0].strip("</").lower()
        in_code = self.indented and self.line(start)[1].startswith(("    ", "\t"))
        if match is None or in_code or (not self.mdx and name in HTML_NAMES):
            return found.end()
        end = self.after_element(match.end())
        beside_tag = self.source.startswith("<", end) or self.source[max(0, start - 1) : start] == ">"
        words = readable_values(match[0], positional=False)
        return self.replace(start, end, f" {words} " if words else " " * beside_tag)

    jsx = component

    def after_element(self, end: int) -> int:
        """Where the tag ends, with what is left of the expression that it ends."""
        closing = self.mdx and self.match(EXPRESSION_END, end)
        return closing.end() if closing else end

    def module(self, found: re.Match[str]) -> int:
        start = found.start() + 1
        if match := self.match(IMPORT, start):
            return self.replace(start, match.end(), "")
        if self.match(EXPORT, start):
            is_open = self.mdx and self.match(OPEN_LINE, start)
            return self.replace(start, self.next(MODULE_END if is_open else "\n\n", start)[0], "")
        return found.end()
