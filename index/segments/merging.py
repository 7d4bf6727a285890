"""Segments go in, with what of them is deleted; one segment without the deleted documents comes out.

Nothing is decoded on the way: terms become numbers in the list of all terms, and the rest is moved as arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.analysis.batch import Numbers, ranges
from index.schema import FIELDS
from index.segments.segment import Facts, Names, Postings, Records, Segment, gaps, narrow
from index.segments.texts import SortedTexts, Texts

__all__ = ["Part", "merge"]


@dataclass(frozen=True, slots=True)
class Part:
    """A segment, and which of its documents are to be kept."""

    segment: Segment
    alive: NDArray[np.bool_]

    @property
    def rows(self) -> Numbers:
        """The documents that are kept."""
        return np.flatnonzero(self.alive)


def merge(parts: Sequence[Part]) -> Segment:
    """One segment of what is kept of the parts, the documents in the order of the parts."""
    if len(parts) == 1 and parts[0].alive.all():
        return parts[0].segment
    return Segment(merged_postings(parts), merged_records(parts))


@dataclass(frozen=True, slots=True)
class Kept:
    """The postings of a part that are kept: of each its entry (by number in all terms), document and tokens."""

    entry: Numbers
    docs: Numbers
    first: Numbers
    counts: Numbers


def merged_postings(parts: Sequence[Part]) -> Postings:
    """The postings of all parts, sorted anew."""
    terms = sorted(set().union(*(part.segment.postings.terms for part in parts)))
    number = {term: i for i, term in enumerate(terms)}
    bases = np.cumsum([0, *(int(part.alive.sum()) for part in parts)])
    kept = [kept_postings(part, number, int(base)) for part, base in zip(parts, bases, strict=False)]
    entry, docs = together(kept, lambda k: k.entry), together(kept, lambda k: k.docs)
    order = np.argsort(entry, kind="stable")
    entry = entry[order]
    counts = together(kept, lambda k: k.counts)[order]
    opens = np.flatnonzero(np.diff(entry, prepend=-1))
    used, keys = np.unique(entry[opens] // len(FIELDS), return_inverse=True)
    sizes = [len(part.segment.postings.starts) for part in parts]
    before = np.cumsum([0, *sizes])
    first = np.concatenate([k.first + base for k, base in zip(kept, before, strict=False)])
    rows = ranges(first[order], counts)
    return Postings(
        terms=SortedTexts.of(terms[i] for i in used.tolist()),
        entries=narrow(np.searchsorted(keys, np.arange(len(used) + 1))),
        fields=narrow(entry[opens] % len(FIELDS)),
        postings=narrow(np.append(opens, len(entry))),
        docs=narrow(docs[order]),
        tokens=narrow(np.concatenate([[0], np.cumsum(counts)])),
        **{
            name: narrow(np.concatenate([getattr(part.segment.postings, name) for part in parts])[rows])
            for name in ("positions", "starts", "widths")
        },
    )


def kept_postings(part: Part, number: dict[bytes, int], base: int) -> Kept:
    """The postings of a part, its documents counted on from `base`."""
    old = part.segment.postings
    terms = np.fromiter(map(number.__getitem__, old.terms), np.int64, len(old.terms))
    entries = np.repeat(terms, gaps(old.entries)) * len(FIELDS) + old.fields
    entry = np.repeat(entries, gaps(old.postings))
    first, counts = old.tokens[:-1].astype(np.int64), gaps(old.tokens)
    docs = (np.cumsum(part.alive) - 1 + base)[old.docs]
    if part.alive.all():
        return Kept(entry, docs, first, counts)
    keep = part.alive[old.docs]
    return Kept(entry[keep], docs[keep], first[keep], counts[keep])


def merged_records(parts: Sequence[Part]) -> Records:
    """The records of all parts."""
    records = [part.segment.records for part in parts]
    ids = texts(parts, lambda r: r.ids)
    every = list(ids)
    lengths = np.concatenate([r.lengths[:, part.rows] for r, part in zip(records, parts, strict=True)], axis=1)
    return Records(
        ids=ids,
        by_id=narrow(np.array(sorted(range(len(every)), key=every.__getitem__), np.int64)),
        bodies=texts(parts, lambda r: r.bodies),
        stored=texts(parts, lambda r: r.stored),
        lengths=lengths,
        facts=merged_facts(parts),
    )


def texts(parts: Sequence[Part], get: Callable[[Records], Texts]) -> Texts:
    found = ((get(part.segment.records), part) for part in parts)
    joined: Texts = Texts.joined([of if part.alive.all() else of.chosen(part.rows) for of, part in found])
    return joined


def merged_facts(parts: Sequence[Part]) -> Facts:
    def merged(name: str) -> Any:
        columns = [getattr(part.segment.records.facts, name) for part in parts]
        if isinstance(columns[0], Names):
            return merged_names(columns, parts)
        return np.concatenate([column[part.alive] for column, part in zip(columns, parts, strict=True)])

    return Facts(**{field.name: merged(field.name) for field in fields(Facts)})


def merged_names(names: Sequence[Names], parts: Sequence[Part]) -> Names:
    """The names of what is kept, in one table that holds those that are still used."""
    table: dict[bytes, int] = {}
    codes, sizes = [], []
    for of, part in zip(names, parts, strict=True):
        counts = gaps(of.starts)[part.rows]
        old = of.codes[ranges(of.starts[part.rows].astype(np.int64), counts)]
        every = list(of.table)
        codes.append(np.array([table.setdefault(every[code], len(table)) for code in old.tolist()], np.int64))
        sizes.append(counts)
    starts = np.concatenate([[0], np.cumsum(np.concatenate(sizes))])
    return Names(narrow(starts), narrow(np.concatenate(codes)), Texts.of(table))


def together(kept: Sequence[Kept], get: Callable[[Kept], Numbers]) -> Numbers:
    return np.concatenate([np.zeros(0, np.int64), *map(get, kept)])
