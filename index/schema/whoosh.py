"""The fields as a Whoosh schema: documents go in as the values that Whoosh stores, and come out as documents again.

The searched fields take the terms that `index.analysis` finds, so that Whoosh needs no analyzer of its own. What
filters, facets and ranking need of each post is kept in one column as JSON, read once a segment.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from whoosh import columns, fields, formats

from index.analysis import positions
from index.schema import FIELDS, Document, Section, check_text, field_texts
from index.schema.facts import facts_of

__all__ = ["SCHEMA", "from_stored", "to_fields"]


class Places(formats.Positions):  # type: ignore[misc]
    """Positions as an array of 32-bit numbers; Whoosh would pickle them, which takes several times as long."""

    def encode(self, positions: Sequence[int]) -> bytes:
        """The positions of a term in a document, ascending."""
        return array("I", positions).tobytes()

    def decode_positions(self, encoded: bytes) -> list[int]:
        """The positions that were encoded."""
        return array("I", encoded).tolist()

    def decode_frequency(self, encoded: bytes) -> int:
        """How many they are."""
        return len(encoded) // PLACE_SIZE


PLACE_SIZE = array("I").itemsize


class Terms(fields.FieldType):  # type: ignore[misc]
    """A Whoosh field that takes terms with their positions, analysed already."""

    def __init__(self) -> None:
        self.format = Places()
        self.analyzer = None
        self.scorable = True
        self.stored = True
        self.unique = False
        self.column_type = None

    def index(self, value: Mapping[str, list[int]], **_: object) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Whoosh's postings of one document: term, frequency, weight, encoded positions."""
        encode = self.format.encode
        return ((term.encode(), len(places), float(len(places)), encode(places)) for term, places in value.items())


SCHEMA = fields.Schema(
    id=fields.ID(stored=True, unique=True),
    rest=fields.STORED,
    facts=fields.COLUMN(columns.VarBytesColumn()),
    **{field.name: Terms() for field in FIELDS},
)


def to_fields(document: Document) -> dict[str, Any]:
    """The arguments of Whoosh's `add_document`. Raises `ValueError` for text that can't be encoded."""
    check_text(document)
    values: dict[str, Any] = {"id": document.id, "facts": json.dumps(facts_of(document)).encode()}
    for name, texts in field_texts(document).items():
        values[name] = positions(texts, document.lang)
        values[f"_stored_{name}"] = getattr(document, name)
    values["rest"] = {
        "url": document.url,
        "lang": document.lang,
        "date": iso(document.date),
        "visible_from": iso(document.visible_from),
        "visible_to": iso(document.visible_to),
        "boost": document.boost,
        "sections": [asdict(section) for section in document.sections],
    }
    return values


def from_stored(stored: Mapping[str, Any]) -> Document:
    """The document that `to_fields` was made from, out of Whoosh's stored fields."""
    rest = dict(stored["rest"])
    for name in ("date", "visible_from", "visible_to"):
        rest[name] = datetime.fromisoformat(rest[name]) if rest[name] else None
    rest["sections"] = tuple(Section(**section) for section in rest["sections"])
    return Document(id=stored["id"], **{field.name: stored[field.name] for field in FIELDS}, **rest)


def iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
