"""What a post is once it has been read, and which of its fields are searched with what weight.

`Document` is what the index side writes and what the search side gets back: plain frozen data, the same for
every engine. `FIELDS` is the one place that names the searched fields and their weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

__all__ = [
    "FIELDS",
    "FIELD_NUMBERS",
    "GAP",
    "SCHEMA_VERSION",
    "SEPARATOR",
    "Document",
    "Field",
    "Section",
    "check_text",
    "field_texts",
]

SCHEMA_VERSION = 13
"""Raised whenever a stored index can no longer be read as it is; an index of another version is rebuilt."""

SEPARATOR = "\f"
"""White space between the cells of a table, and before and behind the description of an image, in a body."""

GAP = 100
"""Positions between two texts of one field, such as two tags; more than any pattern can bridge."""


@dataclass(frozen=True, slots=True)
class Field:
    """A searched field: its name, and the weight of a word found in it against one in the body (1.0)."""

    name: str
    weight: float


FIELDS = (
    Field("title", 5.0),
    Field("tags", 3.0),
    Field("aliases", 2.0),
    Field("author", 2.0),
    Field("category", 2.0),
    Field("description", 1.5),
    Field("body", 1.0),
)
"""The searched fields, the weightiest first."""

FIELD_NUMBERS = {field.name: number for number, field in enumerate(FIELDS)}


class Section(NamedTuple):
    """A heading of a post and where its text begins.

    `start` is the offset in characters into `Document.body` of the heading itself; the section reaches to the start
    of the next one. `anchor` is the fragment identifier that the site's generator gives the heading, without `#`,
    or "".
    """

    title: str
    anchor: str
    level: int
    start: int


@dataclass(frozen=True, slots=True)
class Document:
    """A post as plain data.

    `id` is the path below the posts folder, with `/`; of several folders, it begins with the name of one, which is the
    `site` too. `body` is plain text, never HTML; its blocks, such as headings, stand in it on lines of their own, and
    cells and images are set off by `SEPARATOR`. Dates are aware datetimes in the zone that the author wrote.
    `visible_from` and `visible_to` bound the time in which the post may be found: from <= now < to. `lang` is a
    lower-case language tag such as "en" or "pt-br". `boost` multiplies the score. `aliases` are further titles, among
    them the name of the file where it says more.
    """

    id: str
    url: str
    title: str
    body: str
    author: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    description: str = ""
    date: datetime | None = None
    lang: str = "en"
    sections: tuple[Section, ...] = ()
    visible_from: datetime | None = None
    visible_to: datetime | None = None
    boost: float = 1.0
    aliases: tuple[str, ...] = ()
    site: str = ""


def check_text(document: Document) -> None:
    """Raises `ValueError` for text that can't be written as UTF-8, which no engine and no answer could hold."""
    names = (document.id, document.url, document.lang, *(section.title for section in document.sections))
    for text in (*names, *(text for texts in field_texts(document).values() for text in texts)):
        text.encode()


def field_texts(document: Document) -> dict[str, tuple[str, ...]]:
    """The texts of each searched field, by the field's name; a list field gives one text an item."""
    return {
        "title": (document.title,),
        "tags": document.tags,
        "aliases": document.aliases,
        "author": document.author,
        "category": document.category,
        "description": (document.description,),
        "body": (document.body,),
    }
