"""Packing: what the cluster holds of a document's postings, and the segment that is made of those of many.

The nodes search `term_texts`, and keep what `pack` makes, of which `unpack` makes a segment again. This is, in
little-endian numbers:

    HEAD                           the checksum of what follows it, and the sizes of the rest
    lengths                        the code of the length of each field
    model, vector                  its embedding, where there is one
    fields                         of each term the fields in which it stands, a bit each, and `WORD_BIT`
    terms                          in UTF-8, ascending, each with a zero behind it
    counts                         of each term in a field its number of tokens, a byte each; 255 stands for
    long counts                    those that are not less, 4 bytes each
    anchors                        as in `Anchors`, 4 bytes each
    positions, distances, widths   of each token, as in `Postings`

The numbers of the last row lie in planes: the lowest bytes of all, then the next ones, as many as the largest of a
document takes.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise, starmap
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.arrays import Array, are_in, distinct, joined_ranges, narrow, offsets_of, sizes_of, union
from index.opensearch.mapping import FORM, HOLE, MAX_TERM_BYTES, POSITION
from index.schema import FIELDS, GAP, Document
from index.segments.files import damaged
from index.segments.inversion import invert, records_of
from index.segments.lengths import LENGTHS
from index.segments.numbers import Offsets, Patched
from index.segments.segment import MODEL_BYTES, Anchors, Embeddings, Postings, Segment
from index.segments.texts import SortedTexts

__all__ = ["pack", "term_texts", "unpack"]

HEAD = np.dtype(
    [
        ("checksum", "<u4"),
        ("dimensions", "<u4"),
        ("terms", "<u4"),
        ("term_bytes", "<u4"),
        ("postings", "<u4"),
        ("tokens", "<u4"),
        ("long_counts", "<u4"),
        ("spans", "<u4", len(FIELDS)),
        ("planes", "u1", 3),
    ]
)
"""`spans` are those of `Anchors`. `planes` are those of positions, distances and widths."""

CHECKED_FROM = 4
"""Where in a document's bytes that begins of which the checksum is taken."""

MAX_PLANES = 4

LONG_COUNT = 255

FIELD_BITS = (1 << len(FIELDS)) - 1
WORD_BIT = 1 << len(FIELDS)
"""Of terms that stand in a text as they are, as `Postings.words`."""

FIELD_COUNTS = np.array([(bits & FIELD_BITS).bit_count() for bits in range(256)], np.uint8)
"""How many fields each byte of `fields` holds."""

WINDOW_BYTES = 8
"""How much of each term is compared at once; what agrees so far is compared whole."""


def term_texts(segment: Segment) -> list[dict[str, list[str]]]:
    """The texts of each document by field, of which the index's analyzer makes the same terms at the same positions.

    A field has a text for each of its values that has terms, and is left out where none has. Terms that no index of
    Lucene takes are left out: those of more than `MAX_TERM_BYTES`, and the empty one of a word that is all signs.
    """
    postings, texts = segment.postings, [term.decode() for term in segment.postings.terms]
    counts = postings.tokens.sizes()
    entries_of = np.repeat(np.arange(len(postings.fields)), sizes_of(postings.postings))
    fields_of = postings.docs * np.int64(len(FIELDS)) + postings.fields[entries_of]
    terms = np.repeat(np.repeat(np.arange(len(texts), dtype=np.int32), sizes_of(postings.entries))[entries_of], counts)
    # All positions of all documents and fields in a row: in which each token stands, and where those of a field begin.
    spans = np.zeros(segment.size * len(FIELDS), np.int64)
    owners = np.repeat(fields_of, counts)
    np.maximum.at(spans, owners, postings.positions[:] + np.int64(1))
    bases = offsets_of(spans)
    places = bases[owners] + postings.positions[:]
    order = stable_order(places)
    sizes = sizes_of(postings.terms.ends)
    is_sent = (sizes > 0) & (sizes <= MAX_TERM_BYTES)
    if not is_sent.all():
        order = order[is_sent[terms[order]]]
    places, terms = places[order], terms[order]
    # How far each token is from the one before it in its field.
    steps = np.diff(places, prepend=0)
    field_firsts = distinct(np.searchsorted(places, bases[:-1][spans > 0]))
    field_firsts = field_firsts[field_firsts < len(places)]
    steps[field_firsts] = 1 + places[field_firsts] - bases[np.searchsorted(bases, places[field_firsts], "right") - 1]
    firsts = union([field_firsts, np.flatnonzero(steps > GAP)], len(places))
    # Each term with what stands before it: nothing at the beginning of a value.
    forms = np.array([before + text for before in (FORM, POSITION, "") for text in texts], np.object_)
    kinds = (steps > 0).astype(np.int32)
    kinds[firsts] = 2
    pieces = forms[kinds * len(texts) + terms].tolist()
    far = np.flatnonzero(steps > 1)
    for at, holes in zip(far.tolist(), ((steps[far] - 1) % GAP).tolist(), strict=True):
        pieces[at] = (HOLE + POSITION if kinds[at] == 2 else POSITION + HOLE) * holes + pieces[at]
    # What is farther away than a value can be has further values before it, which hold no terms.
    empty = (steps[firsts] - 1) // GAP - ~are_in(firsts, field_firsts)
    found: list[dict[str, list[str]]] = [{} for _ in range(segment.size)]
    numbers = np.searchsorted(bases, places[firsts], "right") - 1
    bounds = pairwise([*firsts.tolist(), len(pieces)])
    for number, count, (first, last) in zip(numbers.tolist(), empty.tolist(), bounds, strict=True):
        doc_id, field = divmod(number, len(FIELDS))
        found[doc_id].setdefault(FIELDS[field].name, []).extend([*[""] * count, "".join(pieces[first:last])])
    return found


def stable_order(numbers: Array) -> NDArray[np.intp]:
    """As a stable `argsort`, but several times as fast, since numpy counts numbers of 16 bits instead."""
    order = np.argsort(numbers.astype(np.uint16), kind="stable")
    for bits in range(16, int(numbers.max(initial=0)).bit_length(), 16):
        order = order[np.argsort((numbers >> bits).astype(np.uint16)[order], kind="stable")]
    return order


def pack(segment: Segment) -> list[bytes]:
    """What is to be kept of each document of a segment, in their order."""
    postings, records = segment.postings, segment.records
    # The postings of each document in a row: still by term and then by field.
    order = np.argsort(postings.docs, kind="stable")
    entries_of = np.repeat(np.arange(len(postings.fields)), sizes_of(postings.postings))[order]
    terms_of = np.repeat(np.arange(len(postings.terms)), sizes_of(postings.entries))[entries_of]
    docs = postings.docs[order].astype(np.int64)
    counts = postings.tokens.sizes()[order]
    tokens = joined_ranges(postings.tokens[order], counts)
    columns = [postings.positions[tokens], postings.distances[tokens], postings.widths[tokens]]
    planes = [planes_of(column) for column in columns]
    # A row for each term of each document.
    rows = np.flatnonzero(np.diff(docs * len(postings.terms) + terms_of, prepend=-1))
    terms = terms_of[rows]
    is_word = np.zeros(len(postings.terms), np.bool_)
    is_word[postings.words] = True
    bits = np.bitwise_or.reduceat(1 << postings.fields[entries_of].astype(np.int64), rows)
    fields = (bits | is_word[terms] * WORD_BIT).astype(np.uint8)
    texts = np.array([term + b"\0" for term in postings.terms], np.object_)[terms]
    # Where the rows, the postings and the tokens of each document begin.
    every = np.arange(segment.size + 1)
    posting_bounds = np.searchsorted(docs, every).tolist()
    row_bounds = np.searchsorted(rows, posting_bounds).tolist()
    firsts = offsets_of(counts)
    token_bounds = firsts[posting_bounds].tolist()
    is_long = counts >= LONG_COUNT
    long_bounds = offsets_of(is_long)[posting_bounds].tolist()
    short_counts, long_counts = np.minimum(counts, LONG_COUNT).astype(np.uint8), counts[is_long].astype("<u4")
    plane_counts = np.stack([most_planes(column, token_bounds) for column in columns], axis=1)
    heads = np.zeros(segment.size, HEAD)
    heads["dimensions"] = records.embeddings.vectors.shape[1]
    heads["terms"], heads["postings"], heads["tokens"] = map(np.diff, (row_bounds, posting_bounds, token_bounds))
    heads["long_counts"], heads["planes"] = np.diff(long_bounds), plane_counts
    anchors = records.anchors
    heads["spans"] = anchors.spans.T
    anchor_chars, anchor_bounds = anchors.chars.astype("<u4"), anchors.doc_offsets.tolist()
    of_rows, of_postings, of_longs, of_anchors, of_tokens = (
        list(starmap(slice, pairwise(bounds)))
        for bounds in (row_bounds, posting_bounds, long_bounds, anchor_bounds, token_bounds)
    )
    packed = []
    for doc_id in range(segment.size):
        text = b"".join(texts[of_rows[doc_id]].tolist())
        heads["term_bytes"][doc_id] = len(text)
        rest = [
            heads[doc_id].tobytes()[CHECKED_FROM:],
            records.lengths[:, doc_id].tobytes(),
            records.embeddings.model.tobytes(),
            records.embeddings.vectors[doc_id].tobytes(),
            fields[of_rows[doc_id]].tobytes(),
            text,
            short_counts[of_postings[doc_id]].tobytes(),
            long_counts[of_longs[doc_id]].tobytes(),
            anchor_chars[of_anchors[doc_id]].tobytes(),
        ]
        for column, count in zip(planes, plane_counts[doc_id].tolist(), strict=True):
            rest.append(column[:count, of_tokens[doc_id]].tobytes())
        body = b"".join(rest)
        packed.append(zlib.crc32(body).to_bytes(CHECKED_FROM, "little") + body)
    return packed


def planes_of(column: Array) -> NDArray[np.uint8]:
    """The bytes of the numbers [N], as planes [4, N]: the lowest of all first."""
    return np.ascontiguousarray(column.astype("<u4").view(np.uint8).reshape(-1, MAX_PLANES).T)


def most_planes(column: Array, bounds: Sequence[int]) -> Array:
    """How many bytes the largest number between each two bounds takes; none where there is no number."""
    most = np.maximum.reduceat(np.append(column, 0), bounds[:-1]) if len(bounds) > 1 else column[:0]
    planes = 1 + (most >= 1 << 8).astype(np.int64) + (most >= 1 << 16) + (most >= 1 << 24)
    return np.where(np.diff(bounds) > 0, planes, 0)


LENGTH_CODES, MODEL, VECTOR, FIELD_SETS, TERMS, COUNTS, LONG_COUNTS, ANCHORS, COLUMNS = range(1, 10)
"""The parts of a document's bytes behind its head; `COLUMNS` are the first of three."""


class Parts(NamedTuple):
    """The bytes of many documents, also in a row, and where the parts of each lie there: `bounds` [N, parts + 1]."""

    packed: Sequence[bytes]
    data: NDArray[np.uint8]
    heads: NDArray[np.void]
    bounds: Array

    def joined(self, part: int) -> bytes:
        """One part of all documents in a row."""
        bounds = (self.bounds[:, part : part + 2] - self.bounds[:, :1]).tolist()
        return b"".join([one[first:last] for one, (first, last) in zip(self.packed, bounds, strict=True)])

    def columns(self, docs: Array, tokens: Array) -> Iterator[NDArray[np.int64]]:
        """The positions, distances and widths of some tokens: of each of `docs` the one with the number in `tokens`."""
        size = self.heads["tokens"].astype(np.int64).take(docs)
        for number in range(3):
            planes = self.heads["planes"][:, number]
            at = self.bounds[:, COLUMNS + number].take(docs) + tokens
            found = np.zeros(len(tokens), np.int64)
            for plane in range(int(planes.max())):
                is_held = planes > plane
                values = self.data.take(at, mode="clip").astype(np.int64) << 8 * plane
                found += values if is_held.all() else values * is_held.take(docs)
                at += size
            yield found


def unpack(
    documents: Sequence[Document],
    packed: Sequence[bytes],
    terms: Collection[str] | None,
    prefixes: Collection[str] = (),
) -> Segment:
    """The segment of some documents, in this order, of which `pack` made these bytes; their bodies may be left out.

    It holds the postings of these terms, and of those that begin with one of the prefixes; None: of all terms. Raises
    `IndexDamaged`.
    """
    if not documents:
        return invert([])
    try:
        parts = parts_of(packed)
        postings = postings_of(parts, terms, prefixes)
        codes = np.frombuffer(parts.joined(LENGTH_CODES), np.uint8).reshape(-1, len(FIELDS)).T
        return Segment(postings, records_of(documents, LENGTHS[codes], anchors_of(parts), embeddings_of(parts)))
    except ValueError as error:
        raise damaged("what the cluster keeps of a document", error) from error


def parts_of(packed: Sequence[bytes]) -> Parts:
    """Where the parts of these bytes lie. Raises `ValueError` where they are not as they were packed."""
    sizes = np.array(list(map(len, packed)), np.int64)
    if sizes.min() < HEAD.itemsize:
        raise ValueError("it is cut short")
    heads = np.frombuffer(b"".join([one[: HEAD.itemsize] for one in packed]), HEAD)
    if heads["checksum"].tolist() != [zlib.crc32(memoryview(one)[CHECKED_FROM:]) for one in packed]:
        raise ValueError("its checksum is another")
    dimensions, terms, term_bytes, postings, tokens, long_counts = (
        heads[name].astype(np.int64)
        for name in ("dimensions", "terms", "term_bytes", "postings", "tokens", "long_counts")
    )
    planes = heads["planes"].astype(np.int64)
    anchors = sizes_of(Anchors(heads["spans"].T, np.zeros(0)).doc_offsets)
    bases, every = offsets_of(sizes), np.ones(len(packed), np.int64)
    bounds = np.cumsum(
        [
            bases[:-1],
            every * HEAD.itemsize,
            every * len(FIELDS),
            np.where(dimensions, MODEL_BYTES, 0),
            dimensions,
            terms,
            term_bytes,
            postings,
            long_counts * 4,
            anchors * 4,
            *(tokens * planes.T),
        ],
        axis=0,
    ).T
    if (bounds[:, -1] != bases[1:]).any() or planes.max() > MAX_PLANES:
        raise ValueError("its parts have other sizes")
    return Parts(packed, np.frombuffer(b"".join(packed), np.uint8), heads, bounds)


def postings_of(parts: Parts, terms: Collection[str] | None, prefixes: Collection[str]) -> Postings:
    """The postings that `unpack` is asked for. Raises `ValueError` where the numbers of the parts lead nowhere."""
    count = len(parts.packed)
    row_bounds, posting_bounds, token_bounds, text_bounds = (
        offsets_of(parts.heads[name]) for name in ("terms", "postings", "tokens", "term_bytes")
    )
    # A row for each term of each document: where its text lies, and its fields.
    letters = parts.joined(TERMS) + bytes(WINDOW_BYTES)
    ends = np.flatnonzero(np.frombuffer(letters, np.uint8)[:-WINDOW_BYTES] == 0)
    starts = np.concatenate([[0], ends + 1])
    if len(ends) != row_bounds[-1] or (starts[row_bounds] != text_bounds).any():
        raise ValueError("its terms are not parted")
    starts = starts[:-1]
    fields = np.frombuffer(parts.joined(FIELD_SETS), np.uint8)
    # Of all that begins as what is wanted, what is wanted indeed.
    exact = {term.encode(errors="replace") for term in terms or ()}
    begins = tuple(prefix.encode(errors="replace") for prefix in prefixes)
    rows = np.arange(len(fields))
    if terms is not None:
        windows = np.ndarray(len(letters) - WINDOW_BYTES + 1, "<u8", letters, strides=1)[starts]
        alike = np.zeros(len(fields), np.bool_)
        for text in (*(text + b"\0" for text in exact), *begins):
            window = text[:WINDOW_BYTES]
            mask = np.uint64((1 << 8 * len(window)) - 1)
            alike |= (windows & mask) == np.uint64(int.from_bytes(window, "little"))
        rows = np.flatnonzero(alike)
    texts = [letters[first:last] for first, last in zip(starts[rows].tolist(), ends[rows].tolist(), strict=True)]
    is_named = np.array([terms is None or text in exact or text.startswith(begins) for text in texts], np.bool_)
    taken = fields[rows] * is_named
    # A posting for each field in which such a term stands, and which of all postings and tokens these are.
    owners, found_in = np.nonzero(np.unpackbits(taken[:, None], axis=1, count=len(FIELDS), bitorder="little"))
    rows = rows[owners]
    before = offsets_of(FIELD_COUNTS.take(fields))
    numbers = before[rows] + FIELD_COUNTS[fields[rows] & ((1 << found_in) - 1)]
    counts = np.frombuffer(parts.joined(COUNTS), np.uint8).astype(np.int64)
    counts[counts == LONG_COUNT] = np.frombuffer(parts.joined(LONG_COUNTS), "<u4")
    firsts = offsets_of(counts)
    if (
        (before[row_bounds] != posting_bounds).any()
        or (firsts[posting_bounds] != token_bounds).any()
        or not counts.all()
    ):
        raise ValueError("its postings lead nowhere")
    docs = np.searchsorted(row_bounds, rows, side="right") - 1
    # The same by term, field and document.
    texts = [texts[owner] for owner in owners.tolist()]
    alphabet = sorted(set(texts))
    rank = {text: number for number, text in enumerate(alphabet)}
    ranks = np.array([rank[text] for text in texts], np.int64)
    words = distinct(ranks[(fields[rows] & WORD_BIT) > 0])
    keys = ranks * len(FIELDS) + found_in
    order = np.argsort(keys, kind="stable")
    keys, docs, numbers = keys[order], docs[order], numbers[order]
    if (np.diff(keys * count + docs) <= 0).any():
        raise ValueError("it holds a term twice")
    counts = counts[numbers]
    owners = np.repeat(docs, counts)
    tokens = joined_ranges(firsts[numbers] - token_bounds[docs], counts)
    columns = list(parts.columns(owners, tokens))
    entries = np.flatnonzero(np.diff(keys, prepend=-1))
    sorted_texts = SortedTexts.of(alphabet)
    sorted_texts.check()
    return Postings(
        terms=sorted_texts,
        words=narrow(words),
        entries=narrow(np.searchsorted(keys[entries] // len(FIELDS), np.arange(len(alphabet) + 1))),
        fields=narrow(keys[entries] % len(FIELDS)),
        postings=narrow(np.append(entries, len(keys))),
        docs=narrow(docs),
        tokens=Offsets.of(counts),
        positions=Patched.of(columns[0]),
        distances=Patched.of(columns[1]),
        widths=Patched.of(columns[2]),
    )


def anchors_of(parts: Parts) -> Anchors:
    return Anchors(narrow(parts.heads["spans"].T), narrow(np.frombuffer(parts.joined(ANCHORS), "<u4")))


def embeddings_of(parts: Parts) -> Embeddings:
    """The embeddings; none where they are of several models, as when segments are merged."""
    count = len(parts.packed)
    models, sizes = np.frombuffer(parts.joined(MODEL), np.uint8), parts.heads["dimensions"]
    if not sizes[0] or (sizes != sizes[0]).any() or (models.reshape(count, -1) != models[:MODEL_BYTES]).any():
        return Embeddings.none(count)
    return Embeddings(models[:MODEL_BYTES], np.frombuffer(parts.joined(VECTOR), np.int8).reshape(count, -1))
