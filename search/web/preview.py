"""A post as plain text, for a server that has no site behind it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from index.schema import Document
from search.web.parameters import Parameters
from search.web.presentation import Address, Link, shown_date
from search.wording import Wording

__all__ = ["Preview", "PreviewSection", "preview_of", "sections_of"]


@dataclass(frozen=True, slots=True)
class PreviewSection:
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
    parts: tuple[PreviewSection, ...]


def preview_of(document: Document, address: Address, say: Wording) -> Preview:
    """The post as it is shown, with its tags and authors as links to searches."""
    head, *rest = sections_of(document)
    everything = Parameters(per_page=address.per_page)
    titled = bool(rest) and not head.paragraphs and rest[0].title == document.title
    if titled:
        head, rest = rest[0], rest[1:]
    date = document.date.date().isoformat() if document.date else ""
    return Preview(
        title=document.title,
        date=date,
        shown_date=shown_date(date, say),
        lang=document.lang,
        authors=tuple(Link(name, address.of(everything, author=(name,))) for name in document.author),
        tags=tuple(Link(tag, address.of(everything, tag=(tag,))) for tag in document.tags),
        anchor=head.anchor if titled else "",
        parts=(replace(head, title="", anchor=""), *rest),
    )


def sections_of(document: Document) -> list[PreviewSection]:
    """The text before the first heading, then each heading with its text."""
    sections = document.sections
    starts = [section.start for section in sections]
    ends = [*starts, len(document.body)][1:]
    parts = [PreviewSection("", "", 0, paragraphs(document.body[: starts[0] if starts else len(document.body)]))]
    for section, start, end in zip(sections, starts, ends, strict=True):
        text = document.body[start:end].removeprefix(section.title)
        level = min(max(section.level, 2), 6)
        parts.append(PreviewSection(section.title, section.anchor, level, paragraphs(text)))
    return parts


def paragraphs(text: str) -> tuple[str, ...]:
    return tuple(line for line in map(str.strip, text.split("\n")) if line)
