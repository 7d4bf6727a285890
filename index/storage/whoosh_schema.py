"""The searched fields as a schema of Whoosh's, so that its own searcher knows what each holds.

Terms are those of `index.analysis`, and Whoosh needs no analyzer. Documents come as whole segments, not field by field.
"""

from __future__ import annotations

from array import array

from whoosh import fields, formats

from index.schema import FIELDS

__all__ = ["SCHEMA", "PositionFormat", "Terms"]

NUMBERS = 3
"""How many numbers tell where a term stands: its position, the first character and the one after the last."""


class PositionFormat(formats.Characters):  # type: ignore[misc]
    """Where a term stands in a document, as an array of 32-bit numbers: position, start and end of each occurrence."""

    def decode_characters(self, encoded: bytes) -> list[tuple[int, int, int]]:
        """Position, start and end of each occurrence."""
        numbers = array("I", encoded).tolist()
        return list(zip(numbers[::NUMBERS], numbers[1::NUMBERS], numbers[2::NUMBERS], strict=True))

    def decode_positions(self, encoded: bytes) -> list[int]:
        """The positions alone."""
        return array("I", encoded).tolist()[::NUMBERS]

    def decode_frequency(self, encoded: bytes) -> int:
        """How many occurrences there are."""
        return len(encoded) // (NUMBERS * array("I").itemsize)


class Terms(fields.FieldType):  # type: ignore[misc]
    """A Whoosh field of terms with their positions."""

    def __init__(self) -> None:
        self.format = PositionFormat()
        self.analyzer = None
        self.scorable = True
        self.stored = True
        self.unique = False
        self.column_type = None


SCHEMA = fields.Schema(
    id=fields.ID(stored=True, unique=True),
    rest=fields.STORED,
    **{field.name: Terms() for field in FIELDS},
)
