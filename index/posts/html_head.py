"""The head of an HTML page, which is its header."""

from __future__ import annotations

import re
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from index.errors import PostError
from index.markup.html import is_tame
from index.posts.handlers import MAX_HEADER_CHARS, FrontMatterHandler
from index.posts.header_lines import line_of

__all__ = ["HtmlHandler"]


class HtmlHandler(FrontMatterHandler):
    """The head of a whole HTML page, whose tags may be left out: its title, language and named `<meta>` elements."""

    kind = "html"
    FM_BOUNDARY = re.compile(
        r"(?:(?:<\?xml\b[^>]*+>|(?><!--(?!\s*\{).*?-->))\s*+)*+<(?:!doctype|html|head|title|meta|link)\b[^>]*+>",
        re.IGNORECASE | re.DOTALL,
    )
    END = re.compile(
        r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)|(?P<end></head\s*>|<body\b)", re.IGNORECASE | re.DOTALL
    )
    """The end of the head, or what may hold something that looks like it."""

    SWALLOWED = re.compile(r"</?[a-z][^<>]*+<meta\s", re.IGNORECASE)
    """A tag that is not closed, so that it takes an element in."""

    def split(self, text: str) -> tuple[str, str]:
        """All up to the end of the head, and the whole text again: the head is part of the page."""
        end = next((match.start() for match in self.END.finditer(text) if match["end"]), MAX_HEADER_CHARS)
        return text[:end], text

    def parse(self, header: str) -> Any:
        """The title as `title`, the language as `lang`, and each `<meta>` by its name."""
        if not is_tame(header):
            raise PostError("the head of the page holds too many open tags; close them", line=1, column=1)
        tree = LexborHTMLParser(header)
        titles = [node.text() for node in tree.css("head > title")]
        if tag := self.SWALLOWED.search(header):
            raise PostError("a tag above a <meta> is not closed", line=line_of(header, tag.start()), column=1)
        if (swallowed := " ".join(node.text().lower() for node in tree.css("title"))) and (
            "<meta" in swallowed or "</title" not in header.lower()
        ):
            raise PostError("the title of the page is not closed", line=1, column=1)
        root = tree.root.attributes if tree.root else {}
        languages = [lang for lang in (root.get("lang") or root.get("xml:lang"),) if lang]
        metas = [node.attributes for node in tree.css("meta[content]")]
        named = [(str(meta["name"]), meta["content"] or "") for meta in metas if meta.get("name")]
        fresh = (meta["content"] or "" for meta in metas if (meta.get("http-equiv") or "").lower() == "refresh")
        named += [("redirect_to", content) for content in fresh if "url" in content.lower()]
        return self.mapping_of([*[("title", t) for t in titles[:1]], *[("lang", t) for t in languages], *named])
