"""The arrays of one segment: what is known of some documents, which are counted from 0.

    terms ──► entries ──► postings ──► tokens
    a term    a term in   an entry in  a place in the text
              one field   a document   of that document

An entry is what Lucene calls a term: a text in a field. Each level is sorted, and each row says where its rows of the
next level begin. So the entries of a term are one slice, as are those of all terms with one prefix, and so are their
postings, and the tokens of these.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache, cached_property
from typing import Any, BinaryIO, Self, cast, get_type_hints

import numpy as np
from numpy.typing import NDArray

from index.arrays import Array, narrow, offsets_of
from index.schema import FIELDS, Document
from index.schema.stored import document_of
from index.segments.files import check_arrays, damaged, map_arrays, read_arrays, write_arrays
from index.segments.numbers import Offsets, Patched
from index.segments.texts import PackedTexts, SortedTexts, Texts

__all__ = [
    "Anchors",
    "DocValues",
    "Embeddings",
    "NameColumn",
    "Postings",
    "Records",
    "Segment",
    "read_segment",
    "to_named_arrays",
    "write_segment",
]

KINDS = {"date": "f", "visible_from": "f", "visible_to": "f", "boost": "f", "day": "i", "vectors": "i"}
"""The arrays that don't hold unsigned integers, with their `dtype.kind`, by the last part of the name."""

SIZES = {
    **dict.fromkeys(("ends", "tie", "title", "path", *KINDS), 8),
    **dict.fromkeys(("data", "dictionary", "lengths", "model", "vectors"), 1),
}
"""The most bytes that a number of an array takes, by the last part of the name; 4 in all others, since numpy makes
fractions of 8 unsigned bytes and signed numbers."""

TWO_DIMENSIONAL = {"records.lengths", "records.anchors.spans", "records.embeddings.vectors"}
"""The arrays that have two dimensions."""

ANCHOR_POSITIONS = 32
"""So many words take less than 255 characters but where they are very long."""

MODEL_BYTES = 16
"""What tells one model of embeddings from another."""


@dataclass(frozen=True, slots=True)
class Postings:
    """Which terms stand where.

    An array of offsets into the next level has one row more than its own level; the last one is the size of the next.

    - `terms`: T terms in UTF-8, sorted; `entries` [T + 1]: the first entry of each.
    - `words` [W]: the terms that stand in some text as they are, not only as stems or in another spelling, ascending.
    - `fields` [E]: the field of each entry (a number in `FIELDS`); `postings` [E + 1]: the first posting of each.
    - `docs` [P]: the document of each posting, ascending within an entry; `tokens` [P + 1]: the first token of each,
      so that the frequency of a term in a document is the difference of two.
    - `positions` [K]: the word position of each token in its field, from 0. Tokens may share one, and values of a list
      field are at least `GAP` apart.
    - `distances` [K]: how many characters it begins before the anchor of its position (see `Anchors`); `widths` [K]:
      how many it covers.
    """

    terms: SortedTexts
    words: Array
    entries: Array
    fields: Array
    postings: Array
    docs: Array
    tokens: Offsets
    positions: Patched
    distances: Patched
    widths: Patched

    def totals(self) -> NDArray[np.int64]:
        """The number of tokens in each field."""
        return np.bincount(self.fields, np.diff(self.tokens[self.postings]), len(FIELDS)).astype(np.int64)

    def check(self) -> None:
        """Raises `ValueError` where the fields of a term do not ascend, or other tokens than those of the postings have
        positions and so on."""
        begins = np.zeros(len(self.fields) + 1, np.bool_)
        begins[self.entries] = True
        if ((self.fields[1:] <= self.fields[:-1]) & ~begins[1:-1]).any():
            raise ValueError("its fields are out of order")
        self.tokens.check(len(self.docs), len(self.positions))
        for numbers in (self.positions, self.distances, self.widths):
            if len(numbers) != len(self.positions):
                raise ValueError("its arrays differ in size")
            numbers.check()


@dataclass(frozen=True)
class Anchors:
    """About where the words of N documents stand: of each `ANCHOR_POSITIONS` word positions of a field one character.

    `spans` [fields, N] are the numbers of word positions in each field. `chars` are the anchors, those of each document
    in the order of its fields: the character at which the last token at these positions begins, counted in the field's
    values joined by one character. From there the others are small numbers (frame of reference, as Lucene knows it).
    """

    spans: Array
    chars: Array

    @cached_property
    def offsets(self) -> Array:
        """Where the anchors of each field of each document begin, and where the last ones end."""
        counts = -(-self.spans.T.astype(np.int64) // ANCHOR_POSITIONS)
        return narrow(offsets_of(counts.ravel()))

    @property
    def doc_offsets(self) -> Array:
        """Where those of each document begin, and where the last ones end."""
        return self.offsets[:: len(FIELDS)]

    def check(self, token_count: int) -> None:
        """Raises `ValueError` where there are not as many as the fields take, or none for so many tokens."""
        if (
            len(self.spans) != len(FIELDS)
            or self.offsets[-1] != len(self.chars)
            or len(self.chars) < min(token_count, 1)
        ):
            raise ValueError("its anchors are of other documents")

    def rows(self, doc_ids: Array, fields: Array, positions: Array) -> Array:
        """The numbers of the anchors of some positions."""
        found: Array = self.offsets[doc_ids * np.int64(len(FIELDS)) + fields] + positions // ANCHOR_POSITIONS
        return found


@dataclass(frozen=True, slots=True)
class NameColumn:
    """Some names for each of N documents: `codes[starts[i]:starts[i + 1]]` are those of document i.

    A code is a number in `table`, which holds each name once.
    """

    starts: Array
    codes: Array
    table: Texts


@dataclass(frozen=True, slots=True)
class DocValues:
    """Columns [N] of what filters, facets, sorting and ranking need of N documents.

    - `date`, `visible_from`, `visible_to`: seconds since 1970; NaN, -infinity and infinity where there is none.
    - `day`: the date as the author wrote it, counted as `date.toordinal` does; 0 where there is none.
    - `tie`: a number made of the id, which puts documents of equal rank in one order everywhere.
    - `title`, `path`: `text_hash` of the folded title, and of the path of the address.
    - `titles`, `headings`: the title, and those of the sections in order, as they are suggested to who types.
    - `aliases`: further titles, by which a post is found as by its title.
    """

    date: Array
    visible_from: Array
    visible_to: Array
    day: Array
    boost: Array
    tie: Array
    title: Array
    path: Array
    lang: NameColumn
    tags: NameColumn
    author: NameColumn
    category: NameColumn
    site: NameColumn
    titles: NameColumn
    aliases: NameColumn
    headings: NameColumn


@dataclass(frozen=True, slots=True)
class Embeddings:
    """What N documents mean: `vectors` [N, D], int8, each in a scale of its own, so that their directions tell.

    `model` are the 16 bytes that name the model which made them. Without one both D and its size are 0.
    """

    model: Array
    vectors: Array

    @classmethod
    def none(cls, count: int) -> Self:
        """Those of so many documents where there is no model."""
        return cls(np.zeros(0, np.uint8), np.zeros((count, 0), np.int8))

    def check(self) -> None:
        """Raises `ValueError` where there are vectors of no model, or a model without vectors."""
        if len(self.model) != (MODEL_BYTES if self.vectors.shape[1] else 0):
            raise ValueError("its embeddings are of no model")


@dataclass(frozen=True, slots=True)
class Records:
    """What is kept of N documents: ids, bodies and the rest of each as JSON, lengths, anchors, columns and embeddings.

    `by_id` [N] are the documents in the order of their ids. `lengths` [fields, N] are the numbers of tokens in each
    field, as codes in the scale of `index.segments.lengths`.
    """

    ids: Texts
    by_id: Array
    bodies: PackedTexts
    stored: PackedTexts
    lengths: Array
    anchors: Anchors
    doc_values: DocValues
    embeddings: Embeddings

    def find(self, id: str) -> int | None:
        """The number of the document with this id, also of a deleted one; None where there is none."""
        wanted = id.encode()
        rank = bisect_left(self.by_id, wanted, key=lambda doc_id: self.ids[int(doc_id)])
        doc_id = int(self.by_id[rank]) if rank < len(self.by_id) else -1
        return doc_id if doc_id >= 0 and self.ids[doc_id] == wanted else None


@dataclass(frozen=True, slots=True)
class Segment:
    """The postings and the records of some documents."""

    postings: Postings
    records: Records

    @property
    def size(self) -> int:
        """How many documents there are, the deleted too."""
        return len(self.records.ids)

    @property
    def nbytes(self) -> int:
        """How many bytes its arrays take."""
        return sum(array.nbytes for array in to_named_arrays(self).values())

    def packed(self) -> Segment:
        """The same in fewer bytes: its texts compressed."""
        kept = self.records
        return replace(self, records=replace(kept, bodies=kept.bodies.packed(), stored=kept.stored.packed()))

    def document(self, doc_id: int) -> Document:
        """The document with this number. Raises `IndexDamaged` where what is stored makes no document."""
        kept = self.records
        id = kept.ids[doc_id].decode()
        try:
            return document_of(id, kept.bodies[doc_id].decode(), kept.stored[doc_id])
        except ValueError as error:
            raise damaged(f"document {doc_id} of the index", error) from error

    def starts(self, tokens: Array | slice, doc_ids: Array, fields: Array) -> NDArray[np.int64]:
        """The characters at which some tokens begin, which stand in these fields of these documents."""
        postings, anchors = self.postings, self.records.anchors
        rows = anchors.rows(doc_ids, fields, postings.positions[tokens])
        # Nobody checks each position of a file that someone else made against the number of anchors.
        return anchors.chars.take(rows, mode="clip").astype(np.int64) - postings.distances[tokens]

    def check(self) -> None:
        """Raises `ValueError` for an array of a wrong type or size, a number beyond the array it points into, and ids
        or names that are not UTF-8.

        Checksums tell what was changed by accident; this is for files that someone else made.
        """
        arrays = to_named_arrays(self)
        for name, array in arrays.items():
            last, dimensions = name.rpartition(".")[2], 2 if name in TWO_DIMENSIONAL else 1
            kind, most = KINDS.get(last, "u"), SIZES.get(last, 4)
            if (array.dtype.kind, array.ndim) != (kind, dimensions) or array.itemsize > most:
                raise ValueError(f"its {name} have another type")
        postings, records = self.postings, self.records
        columns = [getattr(records.doc_values, column.name) for column in fields(DocValues)]
        names = [column for column in columns if isinstance(column, NameColumn)]
        texts = [postings.terms, records.ids, records.bodies, records.stored, *(column.table for column in names)]
        for offsets, size, end in (
            (postings.entries, len(postings.terms), len(postings.fields)),
            (postings.postings, len(postings.fields), len(postings.docs)),
            *((text.ends, len(text), len(text.data)) for text in texts),
            *((column.starts, self.size, len(column.codes)) for column in names),
        ):
            if len(offsets) != size + 1 or offsets[0] != 0 or offsets[-1] != end or (offsets[1:] < offsets[:-1]).any():
                raise ValueError("its offsets lead nowhere")
        for numbers, end in (
            (postings.words, len(postings.terms)),
            (postings.fields, len(FIELDS)),
            (postings.docs, self.size),
            (records.by_id, self.size),
            *((column.codes, len(column.table)) for column in names),
        ):
            if len(numbers) and numbers.max() >= end:
                raise ValueError("its numbers lead nowhere")
        each_document = {len(array) for array in (records.bodies, records.stored, records.by_id, records.lengths.T)}
        each_document.add(len(records.embeddings.vectors))
        each_document.add(len(records.anchors.spans.T))
        each_document |= {len(column) for column in columns if not isinstance(column, NameColumn)}
        if each_document != {self.size}:
            raise ValueError("its arrays differ in size")
        if len(records.lengths) != len(FIELDS):
            raise ValueError("its lengths have another shape")
        # Bodies and what is stored are checked as they are read, by `document`.
        postings.check()
        records.anchors.check(len(postings.positions))
        records.embeddings.check()
        for checked in (records.ids, *(column.table for column in names)):
            checked.check()


def read_segment(file: BinaryIO, *, private: bool = False) -> Segment:
    """The segment in a file, mapped, or `private`: in memory of our own. Raises `IndexDamaged`."""
    if not private:
        for _ in check_arrays(file):
            pass
    try:
        segment: Segment = from_named_arrays(Segment, read_arrays(file) if private else map_arrays(file))
        segment.check()
    except KeyError as error:
        raise damaged(file.name, f"its {error} are missing") from error
    except ValueError as error:
        raise damaged(file.name, error) from error
    # What was checked is in memory, all of it: of another mapping only what queries touch will be.
    return segment if private else from_named_arrays(Segment, map_arrays(file))


def write_segment(file: BinaryIO, segment: Segment) -> None:
    """Write the segment to a new file."""
    write_arrays(file, to_named_arrays(segment))


def to_named_arrays(value: Any, name: str = "") -> dict[str, Array]:
    """All arrays below a dataclass, by their path: `postings.docs`."""
    if not is_dataclass(value):
        return {name: value}
    parts = (to_named_arrays(getattr(value, part.name), f"{name}.{part.name}".lstrip(".")) for part in fields(value))
    return {path: array for found in parts for path, array in found.items()}


def from_named_arrays(kind: Any, arrays: Mapping[str, Array], name: str = "") -> Any:
    """The inverse of `to_named_arrays`: a dataclass of this kind. Raises `KeyError` where an array is missing."""
    if not is_dataclass(kind):
        return arrays[name]
    hints = hints_of(cast(type, kind))
    paths = {part.name: f"{name}.{part.name}".lstrip(".") for part in fields(kind)}
    return kind(**{part: from_named_arrays(hints[part], arrays, path) for part, path in paths.items()})  # type: ignore[operator]


@cache
def hints_of(kind: type) -> dict[str, Any]:
    """The types of a dataclass's fields; kept, since finding them takes longer than mapping a file."""
    return get_type_hints(kind)
