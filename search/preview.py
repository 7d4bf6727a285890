"""A post as plain text, for a server that has no site behind it: the path of an address goes in, a page comes out.

It finds only what a search would find, so that no post is shown before its time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from urllib.parse import unquote, urlsplit

from index.schema import Document
from search.engines import Searcher
from search.parameters import Parameters
from search.presentation import Address, Link, shown_date
from search.query import Query

__all__ = ["Part", "Preview", "Shelf", "preview_of"]

ALL = Query(sort="oldest", per_page=500, facet_size=0)


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with the text below it; the text before the first heading has neither title nor anchor."""

    title: str
    anchor: str
    level: int
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """All that `postsearch/preview.html` shows, as plain text. `anchor` is that of the title itself, or ""."""

    title: str
    date: str
    shown_date: str
    lang: str
    authors: tuple[Link, ...]
    tags: tuple[Link, ...]
    anchor: str
    parts: tuple[Part, ...]


class Shelf:
    """Knows which post lies at which path, for one state of the index at a time; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._state: tuple[int, int] | None = None
        self._places: dict[str, int] = {}

    def find(self, searcher: Searcher, path: str, now: datetime) -> Document | None:
        """The post whose address has this path, if it may be seen at `now`. Raises `IndexFault` without an index."""
        with self._lock:
            found = searcher.state(now)
            if self._state != (found.generation, found.epoch):
                self._places = places(searcher, now)
                self._state = found.generation, found.epoch
            place = self._places.get(unquote(path))
        if place is None:
            return None
        matches = searcher.search(replace(ALL, page=place + 1, per_page=1), now).matches
        documents = [match.document for match in matches if path_of(match.document) == unquote(path)]
        return documents[0] if documents else None


def places(searcher: Searcher, now: datetime) -> dict[str, int]:
    """Where each path stands among all posts; of posts that claim one path the first."""
    found: dict[str, int] = {}
    page, count = 1, 0
    while matches := searcher.search(replace(ALL, page=page), now).matches:
        for match in matches:
            found.setdefault(path_of(match.document), count)
            count += 1
        page += 1
    return found


def path_of(document: Document) -> str:
    try:
        return unquote(urlsplit(document.url).path)
    except ValueError:  # such as `http://[`
        return ""


def preview_of(document: Document, address: Address) -> Preview:
    """The post as it is shown, with its tags and authors as links to searches."""
    head, *rest = parts_of(document)
    titled = bool(rest) and not head.paragraphs and rest[0].title == document.title
    if titled:
        head, rest = rest[0], rest[1:]
    date = document.date.date().isoformat() if document.date else ""
    return Preview(
        title=document.title,
        date=date,
        shown_date=shown_date(date),
        lang=document.lang,
        authors=tuple(Link(name, address.of(Parameters(author=(name,)))) for name in document.author),
        tags=tuple(Link(tag, address.of(Parameters(tag=(tag,)))) for tag in document.tags),
        anchor=head.anchor if titled else "",
        parts=(replace(head, title="", anchor=""), *rest),
    )


def parts_of(document: Document) -> list[Part]:
    """The text before the first heading, then each heading with its text."""
    sections = document.sections
    starts = [section.start for section in sections]
    ends = [*starts, len(document.body)][1:]
    parts = [Part("", "", 0, paragraphs(document.body[: starts[0] if starts else len(document.body)]))]
    for section, start, end in zip(sections, starts, ends, strict=True):
        text = document.body[start:end].removeprefix(section.title)
        level = min(max(section.level, 2), 6)
        parts.append(Part(section.title, section.anchor, level, paragraphs(text)))
    return parts


def paragraphs(text: str) -> tuple[str, ...]:
    return tuple(line for line in map(str.strip, text.split("\n")) if line)
