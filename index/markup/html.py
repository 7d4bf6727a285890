"""HTML as people write it goes in; HTML as a browser would understand it comes out.

Most pages are Markdown with little or no HTML of their own. A parser changes nothing in what comes of these, and to
do without it saves a sixth of all the time that a post takes to be read.
"""

from __future__ import annotations

import re
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser

__all__ = ["QUOTED", "TAG", "is_regular", "is_tame", "parse"]

QUOTED = r"""=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z))?+"""
TAG = re.compile(rf"<(/?[a-zA-Z][^\s/>]*+)([^>=]*+(?:{QUOTED}[^>=]*+)*+)(?:>|\Z)")
"""A tag: its name and its attributes. It matches at every `<` before a letter, so nothing is read twice."""


HARMLESS = re.compile(
    r'<br ?/?>|</?(?:b|em|i|kbd|s|small|strong|sub|sup|u)>|<a (?:id|name)="[\w.:-]*"></a>|<!--(?:[^<>-]|-(?!-))*+-->'
)
"""What can stand, open or closed, wherever Markdown lets it stand, and the text around it is the same."""

OWN_TAG = re.compile(r"<(?:/?[a-zA-Z]+|[!?])")
ODD_HEADING = re.compile(r'<h[1-6] (?!id="[^"]*">)')
"""A heading with attributes that its author gave it: some of them twice, perhaps."""


def is_regular(source: str, html: str) -> bool:
    """Whether the HTML that was made of this Markdown reads the same with or without a parser.

    It does where it is all the renderer's: no tag that begins in the source is still there. In code, tags are escaped.
    """
    if ODD_HEADING.search(html):
        return False
    return not keeps_tags(source, html) or not keeps_tags(HARMLESS.sub(" ", source), html)


def keeps_tags(source: str, html: str) -> bool:
    """Whether the HTML holds anything that may be a tag of the source's."""
    return any(tag in html for tag in set(OWN_TAG.findall(source)))


def parse(html: str) -> str:
    """The HTML as a browser would understand it, or as it is when that would take too long."""
    if not is_tame(html):
        return html
    body = LexborHTMLParser(html).body
    return html if body is None else body.inner_html or ""


# Tags that end by themselves when the next of their kind comes, and those that hold nothing: they make no depth.
SHALLOW = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "dd",
        "dt",
        "hr",
        "img",
        "input",
        "li",
        "link",
        "meta",
        "option",
        "p",
        "source",
        "td",
        "th",
        "tr",
        "track",
        "wbr",
    ]
)
FORMATTING = frozenset(
    ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"]
)
SMALL_TAGS, SMALL_LENGTH = 1_000, 100_000
MOST_ATTRIBUTES = 2_000
MOST_STEPS, MOST_COPIES = 100_000_000, 500_000


def is_tame(html: str) -> bool:
    """Whether the HTML parser will take the HTML in good time: its work grows with tags times depth.

    Formatting that is left open is copied into every block that follows, so it may be open less often still.
    """
    tags = html.count("<")
    if tags < SMALL_TAGS and len(html) < SMALL_LENGTH:
        return True
    deepest, most_open = MOST_STEPS // max(tags, 1), MOST_COPIES // max(tags, 1)
    depth = open_formatting = 0
    for match in TAG.finditer(html):
        name, attributes = match.groups()
        deeper, opened = steps(name)
        depth = max(0, depth + deeper)
        open_formatting = max(0, open_formatting + opened)
        if depth > deepest or open_formatting > most_open:
            return False
        if len(attributes) > MOST_ATTRIBUTES and len(attributes.split()) > MOST_ATTRIBUTES:
            return False
    return True


@lru_cache(1024)
def steps(tag: str) -> tuple[int, int]:
    """By how much a tag goes deeper, and how many formatting elements it opens; less than 0 where it closes one."""
    name = tag.lower().removeprefix("/")
    step = -1 if tag[0] == "/" else 1
    return 0 if name in SHALLOW else step, step if name in FORMATTING else 0
