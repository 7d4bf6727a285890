"""Inversion: from documents to the segment that holds them."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from index.analysis.vectorized import BatchTokenizer, Tokens
from index.arrays import Array, narrow, offsets_of
from index.embedding import Embedder
from index.schema import FIELDS, GAP, Document, field_texts
from index.schema.keys import name_key, path_of, text_hash
from index.schema.stored import stored_of
from index.segments.lengths import length_codes
from index.segments.numbers import Offsets, Patched
from index.segments.segment import Anchors, DocValues, Embeddings, NameColumn, Postings, Records, Segment
from index.segments.texts import PackedTexts, SortedTexts, Texts

__all__ = ["invert"]


@dataclass(frozen=True, slots=True)
class TextStarts:
    """Of each text its document, its field, and the position and the character at which it begins in that field."""

    doc_id: Array
    field: Array
    position: Array
    offset: Array


def invert(documents: Sequence[Document], embedder: Embedder | None = None) -> Segment:
    """The segment of the documents, which are numbered in this order; the embedder says what they mean."""
    batch = BatchTokenizer()
    texts: list[tuple[int, int, int]] = []
    for number, document in enumerate(documents):
        for field_number, items in enumerate(field_texts(document).values()):
            start = 0
            for text in items:
                batch.add(text, document.lang)
                texts.append((number, field_number, start))
                start += len(text) + 1
    tokens = batch.tokens()
    doc_id, field, offset = np.array(texts, np.int64).reshape(-1, 3).T
    # The positions of a text follow those of the text before it in the same field, after a gap.
    before = np.cumsum(tokens.spans + GAP) - tokens.spans - GAP
    first = np.maximum.accumulate(np.where(changes(doc_id) | changes(field), np.arange(len(texts)), 0))
    text_starts = TextStarts(doc_id, field, before - before[first], offset)
    cells = (field * len(documents) + doc_id)[tokens.text]
    lengths = np.bincount(cells, minlength=len(FIELDS) * len(documents)).reshape(len(FIELDS), len(documents))
    positions = tokens.position + text_starts.position[tokens.text]
    anchors, distances = anchors_of(tokens, text_starts, positions, len(documents))
    postings = postings_of(tokens, text_starts, positions, distances)
    return Segment(postings, records_of(documents, lengths, anchors, embeddings_of(documents, embedder)))


def anchors_of(tokens: Tokens, text_starts: TextStarts, positions: Array, count: int) -> tuple[Anchors, Array]:
    """The anchors of so many documents, and how many characters each token begins before its own."""
    spans = np.zeros((len(FIELDS), count), np.int64)
    # Of several texts of one field the last one counts.
    spans[text_starts.field, text_starts.doc_id] = text_starts.position + tokens.spans
    anchors = Anchors(spans, np.zeros(0, np.int64))
    text = tokens.text
    rows = anchors.rows(text_starts.doc_id[text], text_starts.field[text], positions)
    starts = tokens.start + text_starts.offset[text]
    chars = np.zeros(anchors.offsets[-1], np.int64)
    np.maximum.at(chars, rows, starts)
    return Anchors(narrow(spans), narrow(chars)), chars[rows] - starts


def postings_of(tokens: Tokens, text_starts: TextStarts, positions: Array, distances: Array) -> Postings:
    """The postings of tokens, sorted by term, field, document and then as the tokens stand.

    What is sorted are numbers that hold the key above and the token below, which is several times as fast as a stable
    sort of the keys.
    """
    rank = np.empty(len(tokens.terms), np.int64)
    alphabet = sorted(range(len(tokens.terms)), key=tokens.terms.__getitem__)
    rank[alphabet] = np.arange(len(alphabet))
    keys = (rank[tokens.term] * len(FIELDS) + text_starts.field[tokens.text]) << 32
    keys = np.sort(keys | np.arange(len(keys)))
    order, key = keys & 0xFFFFFFFF, keys >> 32
    text = tokens.text[order]
    docs = text_starts.doc_id[text]
    tokens_of = np.flatnonzero(changes(key) | changes(docs))
    entries_of = np.flatnonzero(changes(key[tokens_of]))
    keys = key[tokens_of[entries_of]]
    return Postings(
        terms=SortedTexts.of(tokens.terms[number].encode() for number in alphabet),
        words=narrow(np.sort(rank[np.fromiter(tokens.words, np.int64)])),
        entries=narrow(np.searchsorted(keys // len(FIELDS), np.arange(len(alphabet) + 1))),
        fields=narrow(keys % len(FIELDS)),
        postings=narrow(np.append(entries_of, len(tokens_of))),
        docs=narrow(docs[tokens_of]),
        tokens=Offsets.of(np.diff(tokens_of, append=len(order))),
        positions=Patched.of(positions[order]),
        distances=Patched.of(distances[order]),
        widths=Patched.of(tokens.width[order]),
    )


def changes(values: Array) -> NDArray[np.bool_]:
    """Where a value is not the one before it."""
    return np.concatenate([np.ones(min(1, len(values)), np.bool_), values[1:] != values[:-1]])


def records_of(documents: Sequence[Document], lengths: Array, anchors: Anchors, embeddings: Embeddings) -> Records:
    """What is kept of the documents beside their postings; `lengths` are those of their fields, in tokens."""
    ids = [document.id.encode() for document in documents]
    return Records(
        ids=Texts.of(ids),
        by_id=narrow(np.array(sorted(range(len(ids)), key=ids.__getitem__), np.int64)),
        bodies=PackedTexts.of(document.body.encode() for document in documents),
        stored=PackedTexts.of(map(stored_of, documents)),
        lengths=length_codes(lengths),
        anchors=anchors,
        doc_values=doc_values_of(documents),
        embeddings=embeddings,
    )


def embeddings_of(documents: Sequence[Document], embedder: Embedder | None) -> Embeddings:
    """The embeddings of title and whole text, rounded to 8 bits: a thousandth of a cosine is lost by it."""
    if embedder is None:
        return Embeddings.none(len(documents))
    vectors = np.zeros((len(documents), embedder.size), np.int8)
    for row, document in zip(vectors, documents, strict=True):
        vector = embedder.embed(f"{document.title}\n{document.body}")
        row[:] = np.rint(vector * (127 / max(np.abs(vector).max(), 1e-9)))
    return Embeddings(np.frombuffer(embedder.id, np.uint8), vectors)


def doc_values_of(documents: Sequence[Document]) -> DocValues:
    return DocValues(
        date=times([document.date for document in documents], np.nan),
        visible_from=times([document.visible_from for document in documents], -np.inf),
        visible_to=times([document.visible_to for document in documents], np.inf),
        day=np.array([document.date.toordinal() if document.date else 0 for document in documents], np.int32),
        boost=np.array([document.boost for document in documents], np.float64),
        tie=np.array([zlib.crc32(document.id.encode()) for document in documents], np.uint32),
        title=np.array([text_hash(name_key(document.title)) for document in documents], np.uint64),
        path=np.array([text_hash(path_of(document.url)) for document in documents], np.uint64),
        lang=name_column((document.lang.lower(),) for document in documents),
        tags=name_column(document.tags for document in documents),
        author=name_column(document.author for document in documents),
        category=name_column(document.category for document in documents),
        site=name_column([document.site] if document.site else [] for document in documents),
        titles=name_column((document.title,) for document in documents),
        aliases=name_column(document.aliases for document in documents),
        headings=name_column([section.title for section in document.sections] for document in documents),
    )


def name_column(names: Iterable[Sequence[str]]) -> NameColumn:
    """The names of each document, each name as a code."""
    table: dict[str, int] = {}
    coded = [[table.setdefault(name, len(table)) for name in row] for row in names]
    codes = np.array([code for row in coded for code in row], np.int64)
    starts = offsets_of(np.array([len(row) for row in coded], np.int64))
    return NameColumn(narrow(starts), narrow(codes), Texts.of(name.encode() for name in table))


def times(moments: Sequence[datetime | None], missing: float) -> NDArray[np.float64]:
    """The moments in seconds since 1970."""
    return np.array([moment.timestamp() if moment else missing for moment in moments], np.float64)
