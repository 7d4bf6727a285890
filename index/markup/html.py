"""HTML as people write it, turned into HTML as a browser would understand it.

Most Markdown holds no HTML, or none that a parser would change anything about. To do without the parser there saves a
sixth of all the time that a post takes to be read.
"""

from __future__ import annotations

import re
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser

__all__ = ["HIDDEN", "HTML_TAG", "QUOTED", "is_harmless", "is_tame", "parse_html"]

QUOTED = r"""=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z))?+"""
HTML_TAG = re.compile(rf"<(/?[a-zA-Z][^\s/>]*+)([^>=]*+(?:{QUOTED}[^>=]*+)*+)(?:>|\Z)")
"""A tag: its name and its attributes. It matches at every `<` before a letter, so nothing is read twice."""

# What is told apart by one character is told by that first: there are hundreds of tags in a page.
HIDDEN = re.compile(
    r"<(?=[!?instINST])(?:!--.*?(?:--!?>|\Z)|[!?][^>]*(?:>|\Z)"
    r"|(script|style|svg|template|title|iframe|noembed|noframes)\b[^>]*(?:>|\Z).*?(?:</\1\s*>|\Z))",
    re.DOTALL | re.IGNORECASE,
)
"""What of a page nobody sees."""

HARMLESS = re.compile(
    r'<br ?/?>|</?(?:b|em|i|kbd|s|small|strong|sub|sup|u)>|<a (?:id|name)="[\w.:-]*"></a>|<!--(?:[^<>-]|-(?!-))*+-->'
)
"""What can stand, open or closed, wherever Markdown lets it stand, and the text around it is the same."""

# Tags that end by themselves when the next of their kind comes, and those that hold nothing, make no depth.
SHALLOW = frozenset(["area", "base", "br", "col", "dd", "dt", "hr", "img", "input", "li", "link", "meta"]) | frozenset(
    ["option", "p", "source", "td", "th", "tr", "track", "wbr"]
)
FORMATTING = frozenset(
    ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"]
)

# HTML below both of these is parsed at once, whatever is in it.
MAX_UNCHECKED_TAGS = 1_000
MAX_UNCHECKED_CHARS = 100_000
MAX_ATTRIBUTES_OF_TAG = 2_000
MAX_DEPTH = 512
"""As Chrome has it; below 1,000 tags no page is deep enough to matter."""
MAX_TAGS_TIMES_DEPTH = 100_000_000
MAX_TAGS_TIMES_OPEN_FORMATTING = 500_000


def is_harmless(html: str) -> bool:
    """Whether HTML within Markdown adds nothing to the text but line breaks, so that the page needs no parser."""
    return not html or not HARMLESS.sub("", html).strip()


def parse_html(html: str) -> str:
    """The HTML as a browser would understand it, or as it is when that would take too long."""
    if not is_tame(html):
        return html
    body = LexborHTMLParser(html).body
    return html if body is None else body.inner_html or ""


def is_tame(html: str) -> bool:
    """Whether the HTML parser will take the HTML in good time: its work grows with tags times depth.

    Formatting that is left open is copied into every block that follows, so it may be open less often still.
    """
    tags = html.count("<")
    if tags < MAX_UNCHECKED_TAGS and len(html) < MAX_UNCHECKED_CHARS:
        return True
    max_depth = min(MAX_DEPTH, MAX_TAGS_TIMES_DEPTH // max(tags, 1))
    max_open_formatting = MAX_TAGS_TIMES_OPEN_FORMATTING // max(tags, 1)
    depth = open_formatting = 0
    for match in HTML_TAG.finditer(html):
        name, attributes = match.groups()
        deeper, opened = steps(name)
        depth = max(0, depth + deeper)
        open_formatting = max(0, open_formatting + opened)
        if depth > max_depth or open_formatting > max_open_formatting:
            return False
        if len(attributes) > MAX_ATTRIBUTES_OF_TAG and len(attributes.split()) > MAX_ATTRIBUTES_OF_TAG:
            return False
    return True


@lru_cache(1024)
def steps(tag: str) -> tuple[int, int]:
    """By how much a tag, such as `p` or `/p`, goes deeper, and how many formatting elements it opens: -1 to 1."""
    name = tag.lower().removeprefix("/")
    step = -1 if tag[0] == "/" else 1
    return 0 if name in SHALLOW else step, step if name in FORMATTING else 0
