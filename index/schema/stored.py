"""A document without its id and body as values that JSON can hold, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from index.schema import Document, Section

__all__ = ["document_of", "stored_of"]


def stored_of(document: Document) -> list[Any]:
    """The values to keep, in the order in which `document_of` takes them."""
    return [
        document.url,
        document.title,
        document.aliases,
        document.author,
        document.tags,
        document.category,
        document.description,
        iso(document.date),
        document.lang,
        [(section.title, section.anchor, section.level, section.start) for section in document.sections],
        iso(document.visible_from),
        iso(document.visible_to),
        document.boost,
    ]


def document_of(id: str, body: str, stored: Sequence[Any]) -> Document:
    """The document that was stored. Raises `ValueError` or `TypeError` for values that make no document."""
    url, title, aliases, author, tags, category, description, date, lang, sections, visible_from, visible_to, boost = (
        stored
    )
    texts = [url, title, description, lang, *aliases, *author, *tags, *category]
    for section_title, anchor, level, start in sections:
        texts += [section_title, anchor]
        if not isinstance(level, int) or not isinstance(start, int):
            raise TypeError("a section begins nowhere")
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("a text is none")
    return Document(
        id=id,
        url=url,
        title=title,
        body=body,
        aliases=tuple(aliases),
        author=tuple(author),
        tags=tuple(tags),
        category=tuple(category),
        description=description,
        date=moment(date),
        lang=lang,
        sections=tuple([Section(*section) for section in sections]),
        visible_from=moment(visible_from),
        visible_to=moment(visible_to),
        boost=boost,
    )


def iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
