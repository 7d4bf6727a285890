"""The few facts of a post that filters, facets, sorting and ranking need: a document goes in, a plain tuple comes out.

Engines keep these beside each document and give them back without reading the document itself.
"""

from __future__ import annotations

import zlib
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from index.analysis import fold
from index.schema import Document

__all__ = ["Facts", "facts_of", "name_key", "path_of", "text_hash"]


class Facts(NamedTuple):
    """Times are seconds since 1970 (UTC) or None; `day` is the date as the author wrote it (its ordinal), or 0.

    `title` is folded; `tie` is a number made from the id, which puts posts of equal rank in one order everywhere.
    """

    date: float | None
    visible_from: float | None
    visible_to: float | None
    day: int
    boost: float
    lang: str
    title: str
    tie: int
    tags: tuple[str, ...]
    author: tuple[str, ...]
    category: tuple[str, ...]


def facts_of(document: Document) -> Facts:
    """The facts of a document."""
    return Facts(
        date=seconds(document.date),
        visible_from=seconds(document.visible_from),
        visible_to=seconds(document.visible_to),
        day=document.date.toordinal() if document.date else 0,
        boost=document.boost,
        lang=document.lang.lower(),
        title=name_key(document.title),
        tie=zlib.crc32(document.id.encode()),
        tags=document.tags,
        author=document.author,
        category=document.category,
    )


def name_key(text: str) -> str:
    """A title, tag or name as it is compared whole: folded, white space collapsed."""
    return " ".join(fold(text).split())


def seconds(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None


def path_of(url: str) -> str:
    """The path of an address as people read it, without escapes; "" where it is no address."""
    try:
        return unquote(urlsplit(url).path)
    except ValueError:  # such as `http://[`
        return ""


def text_hash(text: str) -> int:
    """A number of 64 bits by which equal texts are found; of a million texts two share one once in 30 million cases."""
    return int.from_bytes(blake2b(text.encode(errors="replace"), digest_size=8).digest(), "little")
