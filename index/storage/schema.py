"""The fields as a Whoosh schema: documents go in as the values that Whoosh stores, and come out as documents again.

The searched fields take the terms that `index.analysis` finds, so that Whoosh needs no analyzer of its own.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from whoosh import fields, formats

from index.analysis import Token, tokenize
from index.schema import FIELDS, GAP, Document, check_text, field_texts
from index.schema.stored import document_of, stored_of

__all__ = ["SCHEMA", "from_stored", "to_fields"]

PLACE = 3
"""A place is three numbers: the position, and the first and the last character but one."""


class Places(formats.Characters):  # type: ignore[misc]
    """Where a term stands in a document, as an array of 32-bit numbers: position, start and end of each place."""

    def encode(self, places: Sequence[Token]) -> bytes:
        """The places of a term in a document, ascending."""
        return array("I", [number for place in places for number in place[1:]]).tobytes()

    def decode_characters(self, encoded: bytes) -> list[tuple[int, int, int]]:
        """The places that were encoded."""
        numbers = array("I", encoded).tolist()
        return list(zip(numbers[::PLACE], numbers[1::PLACE], numbers[2::PLACE], strict=True))

    def decode_positions(self, encoded: bytes) -> list[int]:
        """Their positions."""
        return array("I", encoded).tolist()[::PLACE]

    def decode_frequency(self, encoded: bytes) -> int:
        """How many they are."""
        return len(encoded) // (PLACE * array("I").itemsize)


class Terms(fields.FieldType):  # type: ignore[misc]
    """A Whoosh field that takes terms with their places, analysed already."""

    def __init__(self) -> None:
        self.format = Places()
        self.analyzer = None
        self.scorable = True
        self.stored = True
        self.unique = False
        self.column_type = None

    def index(self, value: Mapping[str, list[Token]], **_: object) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Whoosh's postings of one document: term, frequency, weight, encoded places."""
        encode = self.format.encode
        return ((term.encode(), len(places), float(len(places)), encode(places)) for term, places in value.items())


SCHEMA = fields.Schema(
    id=fields.ID(stored=True, unique=True),
    rest=fields.STORED,
    **{field.name: Terms() for field in FIELDS},
)


def to_fields(document: Document) -> dict[str, Any]:
    """The arguments of Whoosh's `add_document`. Raises `ValueError` for text that can't be encoded."""
    check_text(document)
    values: dict[str, Any] = {"id": document.id, "rest": stored_of(document)}
    for name, texts in field_texts(document).items():
        values[name] = places(texts, document.lang)
        values[f"_stored_{name}"] = getattr(document, name)
    return values


def places(texts: Sequence[str], lang: str) -> dict[str, list[Token]]:
    """Where each term stands in the texts of one field, ascending, as if these stood a line each in one text."""
    found: dict[str, list[Token]] = {}
    position = offset = 0
    for text in texts:
        tokens = tokenize(text, lang)
        for term, place, start, end in tokens:
            found.setdefault(term, []).append(Token(term, position + place, offset + start, offset + end))
        position += GAP + max((token.position + 1 for token in tokens), default=0)
        offset += len(text) + 1
    return found


def from_stored(stored: Mapping[str, Any]) -> Document:
    """The document that `to_fields` was made from, out of Whoosh's stored fields."""
    return document_of(stored["id"], stored["body"], stored["rest"])
