"""Takes the site's template syntax out of the source of a post, and leaves the text inside it.

Known are Liquid and Nunjucks, Hugo and WordPress shortcodes, KumaScript macros, MDX, kramdown's attribute lists and the
directives of Microsoft's and other documentation; also links between notes, `[[name|text]]`, and callouts, which
people write on any site. What stands in code stays as it is: the post may be about it.
Nothing is read more than a few times, and no tag reaches over an empty line, so an unclosed one does no harm.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape

from index.markup.arguments import output_text, readable_values
from index.markup.scanner import MAX_TAG_CHARS, Scanner

__all__ = ["IN_MARKDOWN", "Stripper", "fence_end", "strip_templates"]

MAX_BACKTICKS = 8
"""More around a text do not make it code: each number of backticks is looked for by itself."""

TEMPLATE_START = re.compile(
    r"\{(?:[{%#:]|/\*)|\[(?:[/!]|gallery|playlist|[a-z][\w-]*\s+[a-z][\w-]*=|\[[^\[\]\n]*\]\])|</?[A-Z][\w.]*[a-z]"
    r"|:::|\n(?:READMORE|import |export )"
)
"""Where template syntax may begin. Most posts have none, and are told at once: tokens take five times as long."""

MDX_START = re.compile(r"\s*import\s[^\n]*['\"]")
MDX_TAG = re.compile(r"<[A-Z][\w.]*[a-z]\s[^<>\n]*=\{")

# Each token begins with a sign of one small set, so that the search skips from sign to sign. A method of its name takes
# it.
ANYWHERE = r"""
    \{ (?: (?P<liquid>%) | (?P<output>\{+) | (?P<comment>\#) | (?P<attributes>:) | (?P<remark>/\*) )
    | \[ (?: (?P<include>!(?=[A-Za-z])) | (?P<shortcode>/?[a-z][\w-]*(?=\s+[a-z][\w-]*=|\s*/?\](?![\[(:]))) )
    | < (?P<code>(?P<element>pre|code)\b)
"""
IN_MARKDOWN = rf"""
    ` (?: (?P<word>[^`\n{{]+`(?!`)) | (?P<ticks>`*) ) | \\ (?P<escaped>.)
    | \[ (?P<wikilink>\[(?=[^\[\]\n]*\]\])) | {ANYWHERE}
    | \n (?:
        (?P<fence>[ \t>]*(?:(?:[-*+]|\d{{1,9}}[.)])[ \t]+)?(?P<bar>`{{3,}}+|~{{3,}}+)[^`\n]*(?=\n|\Z))
        | (?P<directive>[ \t>]*:::+) | (?P<more>READMORE(?=\s)) | (?P<module>(?:import|export)\b) )
    | < (?P<component>/?[A-Z][\w.]*[a-z])
"""
IN_MDX = rf"""
    {IN_MARKDOWN} | \{{ (?P<space>['"][ ]+['"]\}}) | \n (?P<indent>[ \t]{{4,}})
"""
HTML_TOKEN = re.compile(ANYWHERE, re.VERBOSE)
MARKDOWN_TOKEN = re.compile(IN_MARKDOWN, re.VERBOSE)
MDX_TOKEN = re.compile(IN_MDX, re.VERBOSE)

CONTROL_TAGS = frozenset(["assign", "capture", "cycle", "import", "include", "increment", "set"]) | frozenset(
    ["case", "else", "elseif", "elsif", "for", "if", "unless", "when"]
)
"""Tags whose arguments without a name nobody reads."""
GO_STRING = re.compile(r'\{\{-?\s*raw\s+(?:`([^`]*)`|"([^"\n]*)")\s*-?\}\}')
RAW_MARK = re.compile(r"\{%[-~+]?\s*(?:end)?(?:raw|verbatim)\s*[-~+]?%\}")
KRAMDOWN_END = re.compile(r"\{:/(?:comment)?\}")
TAG_END = re.compile(r"\s*(?=/?>)")
LIQUID_NAME = re.compile(r"\{%[-~+]?\s*(\w+)")
HUGO_NAME = re.compile(r"\{\{[<%]\s*(/?)\s*([\w./-]+)")
HEADING_ID = re.compile(r"\{#[\w:.-]+(?:[ \t][^{}\n]*)?\}")
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
LISTINGS = frozenset(["code", "codeblock", "highlight", "sourcecode"])
DOCS_INCLUDE = re.compile(
    r"\[!(?:(?:code(?:-[\w+#]+)?|include)\s*\[[^\[\]\n]*\]\s*\([^()\n]*\)\s*\]|(?:div|video)\b[^\[\]\n]*\])",
    re.IGNORECASE,
)
GITHUB_ALERT = r"(?:note|tip|important|warning|caution)\][ \t]*(?:\n|\Z)"
CALLOUT = re.compile(rf"\[!(?!{GITHUB_ALERT})[a-z][\w-]*(?:\|[^\[\]\n]*)?\][+-]?[ \t]*", re.IGNORECASE)
WIKILINK = re.compile(r"\[\[(?P<target>[^\[\]|\n]*)(?:\|(?!\|)(?P<text>[^\[\]\n]*))?\]\]")
IMAGE_SIZE = re.compile(r"(?:\A|\|)\s*\d+(?:x\d+)?\s*\Z")
BRACES = r"\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}"
COMPONENT_TAG = re.compile(
    rf"""</?[A-Z][\w.]*(?:\s+[\w:-]+(?:=(?:"[^"]*"|'[^']*'|{BRACES}|[^\s"'{{}}<>=]+))?|\s+{BRACES})*\s*/?>"""
)
HTML_NAMES = frozenset(
    ["br", "code", "div", "hr", "img", "li", "ol", "pre", "script", "style", "svg", "ul"]
) | frozenset(["h1", "h2", "h3", "h4", "h5", "h6", "table", "td", "template", "th", "tr"])
"""Names of elements that the HTML parser must see, also with a capital letter."""
DIRECTIVE = re.compile(r"[ \t>]*:::+[ \t]*([\w-]*)([^\n]*)")
IMPORT = re.compile(
    r"""import[ \t]+(?:(?:[\w*](?:[^;'"\n{}]*[^\s;'"{}])?[^\S\n]*+)?(?:\{[^{};'"]*\})?\s*\bfrom\s+)?"""
    r"""(?:"[^"\n]+"|'[^'\n]+');?[ \t]*$""",
    re.MULTILINE,
)
EXPORT = re.compile(
    r"export\s+(?:(?:const|let|var)\s+[\w{]|(?:default\s+)?(?:async\s+)?(?:function|class)\b|\{|\*\s+from|default\s+\w+;?$)",
    re.MULTILINE,
)


def strip_templates(source: str, *, html: bool = False, mdx: bool = False) -> str:
    """The source without template syntax.

    With `html` it is HTML, where backticks are no code; with `mdx`, or where it looks so, it is MDX, where indented
    lines are no code.
    """
    lines = "\n" + source
    if html:
        token = HTML_TOKEN
    elif mdx or " className=" in source or MDX_START.match(source) or MDX_TAG.search(source):
        token = MDX_TOKEN
    else:
        token = MARKDOWN_TOKEN
    if token is MDX_TOKEN or TEMPLATE_START.search(lines):
        return Stripper(lines, token).run()[1:]
    return source


class Stripper(Scanner):
    """One pass over a source. Each kind of token has a method, which returns the position from which to go on.

    `links_by_name` says that links between notes may do without a text, `[[name]]`.
    """

    links_by_name = False

    def __init__(self, source: str, token: re.Pattern[str]) -> None:
        super().__init__(source)
        self.token = token
        self.paired: frozenset[str] | None = None

    def run(self) -> str:
        """The whole source without its template syntax."""
        position = 0
        while found := self.token.search(self.source, position):
            position = getattr(self, found.lastgroup or "")(found)
        return self.rest()

    def substitute(self, start: int, words: str) -> str:
        """What stands for a tag that began at `start`: its words, but within link targets and attributes none."""
        if self.source[start - 1 : start] == "=":
            return '""'
        if self.source[max(0, start - 3) : start] == "]: ":
            return "#"
        return "" if start and self.source[start - 1] in "(\"'" else words

    def more(self, found: re.Match[str]) -> int:
        """Middleman's mark between the opening of a post and the rest."""
        return self.replace(found.start(), found.end(), "\n")

    def space(self, found: re.Match[str]) -> int:
        """A space of MDX: `{" "}`."""
        return self.replace(found.start(), found.end(), " ")

    def indent(self, found: re.Match[str]) -> int:
        """White space before a line of MDX: shortened, or Markdown would take the line for code."""
        return self.replace(found.start(), found.end(), "\n  ")

    def copy(self, found: re.Match[str]) -> int:
        """Leave the token as it is."""
        return found.end()

    escaped = word = copy

    def fence(self, found: re.Match[str]) -> int:
        """A fenced code block: leave it, but for what templates put around code."""
        bar = found["bar"]
        _, end = self.next(fence_end(bar), found.end())
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

    def keep_code(self, start: int, end: int) -> int:
        """Copy code without the marks that keep templates from reading it."""
        code = self.source[start:end]
        kept = RAW_MARK.sub("", GO_STRING.sub(r"\1\2", code)) if "{%" in code or "{{" in code else code
        return self.replace(start, end, kept) if kept != code else end

    def listing(self, start: int, end: int, closer: str | re.Pattern[str]) -> int:
        """A tag from `start` to `end` that opens code: keep the code as code."""
        block = self.block(end, closer)
        if block is None:
            return self.replace(start, end, "")
        code = escape(RAW_MARK.sub("", block[0]).strip("\n"), quote=False)
        return self.replace(start, block[1], f"\n\n<pre>{code}</pre>\n\n")

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
        return self.replace(start, end, self.substitute(start, words))

    def output(self, found: re.Match[str]) -> int:
        """An output, a macro or a Hugo shortcode."""
        start, length = found.span()[0], len(found[0])
        string = GO_STRING.match(self.source, start) if self.source.startswith("raw", start + 2) else None
        if string:
            return self.replace(start, string.end(), string[1] or string[2] or "")
        if length == 2 and self.source[start + 2 : start + 3] in {"<", "%"}:
            return self.hugo(found)
        end = self.closed(start + length - 2, "}}")
        if not end:
            return found.end()
        expression = self.source[start + length : end - 2]
        while end - start < MAX_TAG_CHARS and length > 2 and self.source[end : end + 1] == "}":
            end, length = end + 1, length - 1
        # Before the end of a tag white space is dropped: at the start of a line, the `>` would be a quote.
        if self.source[start - 1] == "=" and (space := TAG_END.match(self.source, end, end + MAX_TAG_CHARS)):
            end = space.end()
        return self.replace(start, end, self.substitute(start, output_text(expression)))

    def hugo(self, found: re.Match[str]) -> int:
        """A Hugo shortcode; one that is commented out is shown by Hugo as it stands."""
        start, sign = found.start(), self.source[found.end()]
        end = self.closed(start, ("%" if sign == "%" else ">") + "}}")
        if not end:
            return found.end()
        tag = self.source[start:end]
        if tag[3:5] == "/*":
            return self.replace(start, end, escape(tag.replace("/*", "", 1).replace("*/", "", 1), quote=False))
        name = HUGO_NAME.match(tag)
        if name and name[2] in LISTINGS and not name[1]:
            return self.listing(start, end, re.compile(rf"\{{\{{[<%]\s*/\s*{name[2]}\s*[>%]\}}\}}"))
        words = readable_values(tag[name.end() if name else 3 : -3], positional=True)
        return self.replace(start, end, self.substitute(start, words))

    def comment(self, found: re.Match[str]) -> int:
        """A Nunjucks comment, or the id of a heading, which stays."""
        start = found.start()
        if id := HEADING_ID.match(self.source, start, start + MAX_TAG_CHARS):
            return id.end()
        return self.drop(found, "#}")

    def remark(self, found: re.Match[str]) -> int:
        """A comment in MDX."""
        return self.drop(found, "*/}")

    def drop(self, found: re.Match[str], closer: str) -> int:
        """Leave out all to the closer, if it is not far."""
        at, end = self.next(closer, found.end())
        near = at < len(self.source) and at - found.end() <= MAX_TAG_CHARS
        return self.replace(found.start(), end, "") if near else found.end()

    def attributes(self, found: re.Match[str]) -> int:
        """An attribute list or extension of kramdown; the id that it gives to a heading stays with the heading."""
        start = found.start()
        match = ATTRIBUTE_LIST.match(self.source, start, start + MAX_TAG_CHARS)
        if match is None:
            return found.end()
        if match[1] == ":comment" and (block := self.block(match.end(), KRAMDOWN_END)):
            return self.replace(start, block[1], "")
        if match[1] == "toc" and (item := self.item_before(start)) >= self.copied:
            return self.replace(item, match.end(), "")
        id = WRITTEN_ID.search(match[0])
        place = self.heading_before(start) if id else -1
        if id and place >= self.copied:
            self.out += (self.source[self.copied : place], f" {{#{id[1]}}}")
            self.copied = place
        return self.replace(start, match.end(), "")

    def item_before(self, start: int) -> int:
        """Where the list item begins in whose place kramdown puts a table of contents, or -1."""
        line, before = self.line(start)
        if before or not line:
            return -1
        previous, text = self.line(line - 1)
        return previous if LIST_ITEM.match(text) else -1

    def heading_before(self, start: int) -> int:
        """Where the text of the heading ends to which an attribute list at `start` belongs, or -1."""
        line, before = self.line(start)
        if before.startswith("#"):
            return start
        if before or not line:
            return -1
        previous, text = self.line(line - 1)
        if text.startswith("#"):
            return line - 1
        return previous - 1 if text and not text.strip("=-") else -1

    def include(self, found: re.Match[str]) -> int:
        """An include of Microsoft's documentation, or the mark with which a quote opens that is a callout.

        Those that GitHub has too are left to Markdown, but for their titles.
        """
        start = found.start()
        match = DOCS_INCLUDE.match(self.source, start, start + MAX_TAG_CHARS)
        if match is None:
            _, before = self.line(start)
            opens = ">" in before and not before.strip("> \t-*+")
            match = CALLOUT.match(self.source, start, start + MAX_TAG_CHARS) if opens else None
        return self.replace(start, match.end(), "") if match else found.end()

    def wikilink(self, found: re.Match[str]) -> int:
        """A link between notes, `[[name#heading|text]]`, or what is shown in its place, `![[image.png|text]]`.

        Of the latter only the text is one of this note; numbers in it are the size of the image.
        """
        start = found.start()
        match = WIKILINK.match(self.source, start, start + MAX_TAG_CHARS)
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
        match = SHORTCODE.match(self.source, start, start + MAX_TAG_CHARS)
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

    def component(self, found: re.Match[str]) -> int:
        """The tag of a JSX component; those with names of HTML elements are left to the HTML parser."""
        start = found.start()
        match = COMPONENT_TAG.match(self.source, start, start + MAX_TAG_CHARS)
        name = found["component"].strip("/").lower()
        in_code = self.token is not MDX_TOKEN and self.line(start)[1].startswith(("    ", "\t"))
        if match is None or name in HTML_NAMES or in_code:
            return found.end()
        beside_tag = self.source.startswith("<", match.end()) or self.source[max(0, start - 1) : start] == ">"
        words = readable_values(match[0], positional=False)
        return self.replace(start, match.end(), f" {words} " if words else " " * beside_tag)

    def directive(self, found: re.Match[str]) -> int:
        """A line of colons with a name and arguments, or with a title."""
        match = DIRECTIVE.match(self.source, found.start() + 1)
        rest = match[2] if match else ""
        words = readable_values(rest, positional=False) or ("" if "=" in rest else rest.strip(" \t:[]{}"))
        return self.replace(found.start() + 1, match.end() if match else found.end(), words)

    def module(self, found: re.Match[str]) -> int:
        """An import or export of MDX."""
        start = found.start() + 1
        if match := IMPORT.match(self.source, start, start + MAX_TAG_CHARS):
            return self.replace(start, match.end(), "")
        if EXPORT.match(self.source, start, start + MAX_TAG_CHARS):
            return self.replace(start, self.next("\n\n", start)[0], "")
        return found.end()


@lru_cache(64)
def fence_end(bar: str) -> re.Pattern[str]:
    """What closes a fenced code block."""
    return re.compile(rf"\n[ \t>]*{bar[0]}{{{len(bar)},}}[ \t]*(?=\n|\Z)")


def liquid_end(name: str) -> re.Pattern[str]:
    """What closes a Liquid block."""
    return re.compile(rf"\{{%[-~+]?\s*end{name}\s*[-~+]?%\}}")
