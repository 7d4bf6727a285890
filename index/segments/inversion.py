"""Documents go in, the segment that holds them comes out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.analysis.vectorized import BatchTokenizer, Tokens
from index.arrays import Array, narrow
from index.schema import FIELDS, GAP, Document, field_texts
from index.schema.columns import facts_of, path_of, text_hash
from index.schema.stored import stored_of
from index.segments.lengths import length_codes
from index.segments.segment import Facts, Names, Postings, Records, Segment
from index.segments.texts import SortedTexts, Texts

__all__ = ["invert"]


def invert(documents: Sequence[Document]) -> Segment:
    """The segment of the documents, which are numbered in this order."""
    batch, owners = BatchTokenizer(), Owners()
    for number, document in enumerate(documents):
        for field, texts in enumerate(field_texts(document).values()):
            offset = 0
            for text in texts:
                batch.add(text, document.lang)
                owners.add(number, field, offset)
                offset += len(text) + 1
    tokens = batch.tokens()
    places = owners.placed(tokens.spans)
    lengths = np.zeros((len(FIELDS), len(documents)), np.int64)
    np.add.at(lengths, (places.field[tokens.text], places.document[tokens.text]), 1)
    return Segment(postings_of(tokens, places), records_of(documents, lengths))


@dataclass(frozen=True, slots=True)
class Places:
    """Of each text its document, its field, and where it begins in the field: the position and the character."""

    document: Array
    field: Array
    position: Array
    offset: Array


class Owners:
    """Notes of each text where it belongs."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, int, int]] = []

    def add(self, document: int, field: int, offset: int) -> None:
        """Note the next text."""
        self._rows.append((document, field, offset))

    def placed(self, spans: Array) -> Places:
        """The places of all texts, each of which takes so many positions."""
        document, field, offset = np.array(self._rows, np.int64).reshape(-1, 3).T
        before = np.cumsum(spans + GAP) - spans - GAP
        opens = offset == 0
        opens[1:] &= (document[1:] != document[:-1]) | (field[1:] != field[:-1])
        first = np.maximum.accumulate(np.where(opens, np.arange(len(opens)), 0))
        return Places(document, field, before - before[first], offset)


def postings_of(tokens: Tokens, places: Places) -> Postings:
    """The postings of tokens, sorted by term, field, document and then as the tokens stand.

    What is sorted are numbers that hold the key above and the token below, which is several times as fast as a stable
    sort of the keys.
    """
    rank = np.empty(len(tokens.terms), np.int64)
    alphabet = sorted(range(len(tokens.terms)), key=tokens.terms.__getitem__)
    rank[alphabet] = np.arange(len(alphabet))
    keys = (rank[tokens.term] * len(FIELDS) + places.field[tokens.text]) << 32
    keys = np.sort(keys | np.arange(len(keys)))
    order, entry = keys & 0xFFFFFFFF, keys >> 32
    text = tokens.text[order]
    docs = places.document[text]
    opens = changes(entry) | changes(docs)
    tokens_of = np.flatnonzero(opens)
    entries_of = np.flatnonzero(changes(entry[tokens_of]))
    keys = entry[tokens_of[entries_of]]
    return Postings(
        terms=SortedTexts.of(tokens.terms[number].encode() for number in alphabet),
        entries=narrow(np.searchsorted(keys // len(FIELDS), np.arange(len(alphabet) + 1))),
        fields=narrow(keys % len(FIELDS)),
        postings=narrow(np.append(entries_of, len(tokens_of))),
        docs=narrow(docs[tokens_of]),
        tokens=narrow(np.append(tokens_of, len(order))),
        positions=narrow(tokens.position[order] + places.position[text]),
        starts=narrow(tokens.start[order] + places.offset[text]),
        widths=narrow(tokens.width[order]),
    )


def changes(values: Array) -> NDArray[np.bool_]:
    """Where a value is not the one before it."""
    return np.concatenate([np.ones(min(1, len(values)), np.bool_), values[1:] != values[:-1]])


def records_of(documents: Sequence[Document], lengths: Array) -> Records:
    """What is kept of the documents beside their postings; `lengths` are those of their fields, in tokens."""
    ids = [document.id.encode() for document in documents]
    return Records(
        ids=Texts.of(ids),
        by_id=narrow(np.array(sorted(range(len(ids)), key=ids.__getitem__), np.int64)),
        bodies=Texts.of(document.body.encode() for document in documents),
        stored=Texts.of(json.dumps(stored_of(document), ensure_ascii=False).encode() for document in documents),
        lengths=length_codes(lengths),
        facts=facts_arrays(documents),
    )


def facts_arrays(documents: Sequence[Document]) -> Facts:
    rows = [facts_of(document) for document in documents]
    return Facts(
        date=times([row.date for row in rows], np.nan),
        visible_from=times([row.visible_from for row in rows], -np.inf),
        visible_to=times([row.visible_to for row in rows], np.inf),
        day=np.array([row.day for row in rows], np.int32),
        boost=np.array([row.boost for row in rows], np.float64),
        tie=np.array([row.tie for row in rows], np.uint32),
        title=np.array([text_hash(row.title) for row in rows], np.uint64),
        path=np.array([text_hash(path_of(document.url)) for document in documents], np.uint64),
        lang=names_of((row.lang,) for row in rows),
        tags=names_of(row.tags for row in rows),
        author=names_of(row.author for row in rows),
        category=names_of(row.category for row in rows),
    )


def names_of(rows: Iterable[Sequence[str]]) -> Names:
    """The names of each document, with a code for each name."""
    table: dict[str, int] = {}
    coded = [[table.setdefault(name, len(table)) for name in row] for row in rows]
    starts = np.cumsum([0, *map(len, coded)], dtype=np.int64)
    codes = np.array([code for row in coded for code in row], np.int64)
    return Names(narrow(starts), narrow(codes), Texts.of(name.encode() for name in table))


def times(values: Sequence[float | None], missing: float) -> NDArray[np.float64]:
    return np.array([missing if value is None else value for value in values], np.float64)
