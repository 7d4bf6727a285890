"""Documents as Whoosh's own writer takes them, field by field: what it makes of them is compared with ours."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from whoosh import fields

from index.analysis import Token, tokenize
from index.schema import FIELDS, GAP, Document, field_texts
from index.schema.stored import document_of, stored_of
from index.storage.whoosh_schema import Terms

__all__ = ["SCHEMA", "from_stored", "to_fields"]


class IndexedTerms(Terms):
    """The field of ours, into which Whoosh's writer can put terms."""

    def index(self, value: Mapping[str, list[Token]], **_: object) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Whoosh's postings of one document: term, frequency, weight, encoded positions."""
        for term, tokens in value.items():
            encoded = array("I", [number for token in tokens for number in token[1:]]).tobytes()
            yield term.encode(), len(tokens), float(len(tokens)), encoded


SCHEMA = fields.Schema(
    id=fields.ID(stored=True, unique=True),
    rest=fields.STORED,
    **{field.name: IndexedTerms() for field in FIELDS},
)


def to_fields(document: Document) -> dict[str, Any]:
    """The arguments of Whoosh's `add_document`."""
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
