"""The arrays of one segment: what is known of some documents, which are counted from 0.

    terms ──► entries ──► postings ──► tokens
    a term    a term in   an entry in  a place in the text
              one field   a document   of that document

Each level is sorted, and each holds where its part of the next one begins. So the entries of a term lie side by side,
and so do the entries of all terms with one beginning, and their postings, and the tokens of these.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any, cast, get_type_hints

import numpy as np
from numpy.typing import NDArray

from index.schema import FIELDS, Document
from index.schema.stored import document_of
from index.segments.texts import SortedTexts, Texts

__all__ = ["Array", "Facts", "Names", "Postings", "Records", "Segment", "flat", "gaps", "narrow", "shaped"]

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Postings:
    """Which terms stand where. Arrays with one row more than their level end with the size of the next one.

    - `terms`: T terms in UTF-8, sorted; `entries` [T + 1]: the first entry of each.
    - `fields` [E]: the field of each entry (a number in `FIELDS`); `postings` [E + 1]: the first posting of each.
    - `docs` [P]: the document of each posting, ascending within an entry; `tokens` [P + 1]: the first token of each,
      so that the frequency of a term in a document is the difference of two.
    - `positions`, `starts`, `widths` [K]: of each token the word it is, counted from 0, and the characters where it
      stands, in the text of the document's field.
    """

    terms: SortedTexts
    entries: Array
    fields: Array
    postings: Array
    docs: Array
    tokens: Array
    positions: Array
    starts: Array
    widths: Array

    def totals(self) -> NDArray[np.int64]:
        """The number of tokens in each field."""
        return np.bincount(self.fields, gaps(self.tokens[self.postings]), len(FIELDS)).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Names:
    """A list of names for each of N documents: `codes[starts[i]:starts[i + 1]]` are those of document i.

    A code is a number in `table`, which holds each name once.
    """

    starts: Array
    codes: Array
    table: Texts


@dataclass(frozen=True, slots=True)
class Facts:
    """What filters, facets, sorting and ranking need of N documents; see `index.schema.columns` for what they mean.

    Times are seconds since 1970, NaN or infinite where there is none. `title` and `path` are hashes (64 bits) of
    the folded title and of the path of the address.
    """

    date: Array
    visible_from: Array
    visible_to: Array
    day: Array
    boost: Array
    tie: Array
    title: Array
    path: Array
    lang: Names
    tags: Names
    author: Names
    category: Names


@dataclass(frozen=True, slots=True)
class Records:
    """What is kept of N documents: ids, bodies and the rest of each as JSON, lengths and facts.

    `by_id` [N] are the documents in the order of their ids. `lengths` [fields, N] are the numbers of tokens in each
    field, as codes in the scale of `index.segments.lengths`.
    """

    ids: Texts
    by_id: Array
    bodies: Texts
    stored: Texts
    lengths: Array
    facts: Facts

    def find(self, id: str) -> int | None:
        """The document with this id, deleted or not, or None."""
        wanted = id.encode()
        place = bisect_left(self.by_id, wanted, key=lambda row: self.ids[int(row)])
        row = int(self.by_id[place]) if place < len(self.by_id) else -1
        return row if row >= 0 and self.ids[row] == wanted else None


@dataclass(frozen=True, slots=True)
class Segment:
    """The postings and the records of some documents."""

    postings: Postings
    records: Records

    @property
    def size(self) -> int:
        """How many documents there are, the deleted too."""
        return len(self.records.ids)

    def document(self, row: int) -> Document:
        """The document with this number."""
        kept = self.records
        return document_of(kept.ids[row].decode(), kept.bodies[row].decode(), json.loads(kept.stored[row].decode()))


def narrow(values: Array) -> Array:
    """The numbers, none of them negative, in the smallest type that holds them all."""
    return values.astype(np.min_scalar_type(int(values.max(initial=0))))


def gaps(bounds: Array) -> Array:
    """How far each bound is from the next one."""
    found: Array = np.diff(bounds.astype(np.int64))
    return found


def flat(value: Any, name: str = "") -> dict[str, Array]:
    """All arrays below a dataclass, by their path: `postings.docs`."""
    if not is_dataclass(value):
        return {name: value}
    parts = (flat(getattr(value, part.name), f"{name}.{part.name}".lstrip(".")) for part in fields(value))
    return {path: array for found in parts for path, array in found.items()}


def shaped(kind: Any, arrays: Mapping[str, Array], name: str = "") -> Any:
    """The dataclass whose arrays these are: what `flat` was made of. Raises `KeyError` where one is missing."""
    if not is_dataclass(kind):
        return arrays[name]
    hints = hints_of(cast(type, kind))
    return kind(**{p.name: shaped(hints[p.name], arrays, f"{name}.{p.name}".lstrip(".")) for p in fields(kind)})  # type: ignore[operator]


@cache
def hints_of(kind: type) -> dict[str, Any]:
    """The types of a dataclass's fields; kept, since finding them takes longer than mapping a file."""
    return get_type_hints(kind)
