"""Merging: one segment of several, without their deleted documents.

No text is decoded or analysed: terms become numbers in the list of all terms, and the rest is moved as arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any, NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.arrays import Array, joined_ranges, narrow, offsets_of, sizes_of
from index.schema import FIELDS
from index.segments.numbers import Offsets, Patched
from index.segments.segment import Anchors, DocValues, Embeddings, NameColumn, Postings, Records, Segment
from index.segments.texts import SortedTexts, Texts

__all__ = ["MergeInput", "merge"]

AnyTexts = TypeVar("AnyTexts", bound=Texts)

BLOCK_POSTINGS = 4_000_000
"""About how many postings are sorted at a time: it bounds the memory that a merge needs beside its result.
One term is never split."""


@dataclass(frozen=True, slots=True)
class MergeInput:
    """A segment, and which of its documents are to be kept."""

    segment: Segment
    live_docs: NDArray[np.bool_]

    @classmethod
    def whole(cls, segment: Segment) -> Self:
        """All of a segment."""
        return cls(segment, np.ones(segment.size, np.bool_))

    @property
    def doc_ids(self) -> Array:
        """The documents that are kept."""
        return np.flatnonzero(self.live_docs)


def merge(parts: Sequence[MergeInput]) -> Segment:
    """One segment of what is kept of the parts, the documents in the order of the parts."""
    if len(parts) == 1 and parts[0].live_docs.all():
        return parts[0].segment
    return Segment(merged_postings(parts), merged_records(parts))


class Block(NamedTuple):
    """The merged postings of a run of terms.

    `keys` of its entries (term number × fields + field), and `sizes`, the number of postings of each; `docs` and
    `counts`, the document and token count of each posting; the rest of each token.
    """

    keys: Array
    sizes: Array
    docs: Array
    counts: Array
    positions: Array
    distances: Array
    widths: Array


class Source(NamedTuple):
    """A segment to merge.

    `term_numbers[i]` is the merged number of its term i, `doc_base` that of its first kept document.
    """

    part: MergeInput
    term_numbers: Array
    doc_base: int


def merged_postings(parts: Sequence[MergeInput]) -> Postings:
    """The postings of all parts, sorted anew: some terms at a time, so that little memory is needed beside them."""
    terms = sorted(set().union(*(part.segment.postings.terms for part in parts)))
    number = {term: i for i, term in enumerate(terms)}
    bases = np.cumsum([0, *(int(part.live_docs.sum()) for part in parts)]).tolist()
    known = [np.array([number[term] for term in part.segment.postings.terms], np.int64) for part in parts]
    sources = list(map(Source, parts, known, bases))
    blocks = [merged_block(sources, first, last) for first, last in pairwise(bounds(sources, len(terms)))]
    words = np.concatenate([source.term_numbers[source.part.segment.postings.words] for source in sources])
    return joined_blocks(blocks, terms, words)


def bounds(sources: Sequence[Source], term_count: int) -> list[int]:
    """The numbers of terms at which blocks begin, and the end: each block has about `BLOCK_POSTINGS` postings."""
    counts = np.zeros(term_count, np.int64)
    for source in sources:
        old = source.part.segment.postings
        counts[source.term_numbers] += sizes_of(old.postings[old.entries])
    blocks = np.cumsum(counts) // BLOCK_POSTINGS
    return [0, *(np.flatnonzero(np.diff(blocks)) + 1).tolist(), term_count]


def merged_block(sources: Sequence[Source], first: int, last: int) -> Block:
    """The postings of the terms from number `first` to before `last`."""
    taken = [taken_postings(source, first, last) for source in sources]
    keys = np.concatenate([part.keys for part in taken])
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    first_rows = np.flatnonzero(np.diff(keys, prepend=-1))
    counts = np.concatenate([part.counts for part in taken])[order]
    # Where each segment's tokens begin in the arrays joined below.
    before = np.cumsum([0, *(len(part.positions) for part in taken)])
    begins = np.concatenate([part.first + start for part, start in zip(taken, before, strict=False)])
    rows = joined_ranges(begins[order], counts)
    return Block(
        keys=keys[first_rows],
        sizes=np.diff(np.append(first_rows, len(keys))),
        docs=narrow(np.concatenate([part.docs for part in taken])[order]),
        counts=narrow(counts),
        positions=np.concatenate([part.positions for part in taken])[rows],
        distances=np.concatenate([part.distances for part in taken])[rows],
        widths=np.concatenate([part.widths for part in taken])[rows],
    )


class Taken(NamedTuple):
    """Kept postings of one segment: key, document, first token and token count of each.

    The token arrays still hold tokens of deleted documents; `first` and `counts` pass over them.
    """

    keys: Array
    docs: Array
    first: Array
    counts: Array
    positions: Array
    distances: Array
    widths: Array


def taken_postings(source: Source, first: int, last: int) -> Taken:
    """What is kept of the postings of some terms, by their numbers among all."""
    part, old = source.part, source.part.segment.postings
    low, high = np.searchsorted(source.term_numbers, [first, last]).tolist()
    entries = old.entries[low : high + 1].astype(np.int64)
    postings = old.postings[entries[0] : entries[-1] + 1].astype(np.int64)
    counts = old.tokens.sizes(slice(postings[0], postings[-1]))
    tokens = offsets_of(counts)
    entry_keys = np.repeat(source.term_numbers[low:high], np.diff(entries).astype(np.int64)) * len(FIELDS)
    entry_keys += old.fields[entries[0] : entries[-1]]
    keys = np.repeat(entry_keys, sizes_of(postings))
    docs = old.docs[postings[0] : postings[-1]]
    keep = part.live_docs[docs]
    first_token = int(old.tokens[postings[0]])
    kept_tokens = slice(first_token, first_token + int(tokens[-1]))
    return Taken(
        keys=keys[keep],
        docs=(np.cumsum(part.live_docs) - 1 + source.doc_base)[docs[keep]],
        first=tokens[:-1][keep],
        counts=counts[keep],
        positions=old.positions[kept_tokens],
        distances=old.distances[kept_tokens],
        widths=old.widths[kept_tokens],
    )


def joined_blocks(blocks: Sequence[Block], terms: Sequence[bytes], words: Array) -> Postings:
    """All blocks as one; the terms of which nothing is kept are left out. `words` are numbers of terms."""
    keys = np.concatenate([block.keys for block in blocks])
    used, owners = np.unique(keys // len(FIELDS), return_inverse=True)
    return Postings(
        terms=SortedTexts.of(terms[i] for i in used.tolist()),
        words=narrow(np.flatnonzero(np.isin(used, words))),
        entries=narrow(np.searchsorted(owners, np.arange(len(used) + 1))),
        fields=narrow(keys % len(FIELDS)),
        postings=narrow(offsets_of(np.concatenate([block.sizes for block in blocks]))),
        docs=narrow(np.concatenate([block.docs for block in blocks])),
        tokens=Offsets.of(np.concatenate([block.counts for block in blocks])),
        positions=Patched.of(np.concatenate([block.positions for block in blocks])),
        distances=Patched.of(np.concatenate([block.distances for block in blocks])),
        widths=Patched.of(np.concatenate([block.widths for block in blocks])),
    )


def merged_records(parts: Sequence[MergeInput]) -> Records:
    """The records of all parts."""
    records = [part.segment.records for part in parts]
    ids = merged_texts(parts, lambda r: r.ids)
    every = list(ids)
    lengths = np.concatenate([r.lengths[:, part.doc_ids] for r, part in zip(records, parts, strict=True)], axis=1)
    return Records(
        ids=ids,
        by_id=narrow(np.array(sorted(range(len(every)), key=every.__getitem__), np.int64)),
        bodies=merged_texts(parts, lambda r: r.bodies),
        stored=merged_texts(parts, lambda r: r.stored),
        lengths=lengths,
        anchors=merged_anchors(parts),
        doc_values=merged_doc_values(parts),
        embeddings=merged_embeddings(parts),
    )


def merged_texts(parts: Sequence[MergeInput], get: Callable[[Records], AnyTexts]) -> AnyTexts:
    found = ((get(part.segment.records), part) for part in parts)
    kept = [texts if part.live_docs.all() else texts.chosen(part.doc_ids) for texts, part in found]
    return type(kept[0]).joined(kept)


def merged_anchors(parts: Sequence[MergeInput]) -> Anchors:
    spans, chars = [], []
    for part in parts:
        anchors, doc_ids = part.segment.records.anchors, part.doc_ids
        offsets = anchors.doc_offsets
        spans.append(anchors.spans[:, doc_ids])
        chars.append(anchors.chars[joined_ranges(offsets[doc_ids], sizes_of(offsets)[doc_ids])])
    return Anchors(narrow(np.concatenate(spans, axis=1)), narrow(np.concatenate(chars)))


def merged_embeddings(parts: Sequence[MergeInput]) -> Embeddings:
    """The embeddings of what is kept; none where they are of several models, or Whoosh put in documents without."""
    found = [part.segment.records.embeddings for part in parts]
    if len({(one.model.tobytes(), one.vectors.shape[1]) for one in found}) > 1:
        return Embeddings.none(sum(len(part.doc_ids) for part in parts))
    vectors = [one.vectors[part.live_docs] for one, part in zip(found, parts, strict=True)]
    return Embeddings(found[0].model, np.concatenate(vectors))


def merged_doc_values(parts: Sequence[MergeInput]) -> DocValues:
    def merged(name: str) -> Any:
        columns = [getattr(part.segment.records.doc_values, name) for part in parts]
        if isinstance(columns[0], NameColumn):
            return merged_names(columns, parts)
        return np.concatenate([column[part.live_docs] for column, part in zip(columns, parts, strict=True)])

    return DocValues(**{column.name: merged(column.name) for column in fields(DocValues)})


def merged_names(columns: Sequence[NameColumn], parts: Sequence[MergeInput]) -> NameColumn:
    """The names of what is kept, in one table that holds those that are still used."""
    table: dict[bytes, int] = {}
    codes, sizes = [], []
    for column, part in zip(columns, parts, strict=True):
        counts = sizes_of(column.starts)[part.doc_ids]
        old = column.codes[joined_ranges(column.starts[part.doc_ids].astype(np.int64), counts)]
        names = list(column.table)
        codes.append(np.array([table.setdefault(names[code], len(table)) for code in old.tolist()], np.int64))
        sizes.append(counts)
    return NameColumn(narrow(offsets_of(np.concatenate(sizes))), narrow(np.concatenate(codes)), Texts.of(table))
