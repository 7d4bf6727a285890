"""A document without its id and body as JSON, and the way back."""

from __future__ import annotations

from datetime import datetime

import msgspec

from index.schema import Document, Section

__all__ = ["document_of", "stored_of"]

Texts = tuple[str, ...]
Stored = tuple[str, str, Texts, Texts, Texts, str, str, str, tuple[Section, ...], str, str, float, Texts, str]
"""The fields of a document in order, without id and body; times as ISO 8601 writes them, "" where there is none."""

ENCODER, DECODER = msgspec.json.Encoder(), msgspec.json.Decoder(Stored)


def stored_of(document: Document) -> bytes:
    """What to keep of a document."""
    values: Stored = (
        document.url,
        document.title,
        document.author,
        document.tags,
        document.category,
        document.description,
        iso(document.date),
        document.lang,
        document.sections,
        iso(document.visible_from),
        iso(document.visible_to),
        document.boost,
        document.aliases,
        document.site,
    )
    return ENCODER.encode(values)


def document_of(id: str, body: str, stored: bytes) -> Document:
    """The document of which this was kept. Raises `ValueError` where it makes none."""
    url, title, author, tags, category, description, date, lang, sections, since, until, boost, aliases, site = (
        DECODER.decode(stored)
    )
    return Document(
        id=id,
        url=url,
        title=title,
        body=body,
        author=author,
        tags=tags,
        category=category,
        description=description,
        date=moment(date),
        lang=lang,
        sections=sections,
        visible_from=moment(since),
        visible_to=moment(until),
        boost=boost,
        aliases=aliases,
        site=site,
    )


def iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
