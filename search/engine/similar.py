"""Which posts are most like one: Lucene's "more like this", by the terms that posts share.

A post is a vector with 1 + ln(count) for each term in each field. Posts are as similar as the cosine of their vectors,
where that of the post asked about is weighted by idf too: lnc.ltc, in the notation of Manning, Raghavan and Schütze,
"Introduction to Information Retrieval" (2008), section 6.4.3. A stop word needs no list, since its idf is next to
nothing; and as the other vectors hold no idf, their norms stay what they are, whatever else is indexed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from index.arrays import joined_ranges, offsets_of
from search.engine.columns import Mask
from search.engine.segment_reader import SegmentReader, log_counts
from search.engine.similarity import CollectionStatistics, Floats
from search.engine.snapshot_reader import SnapshotReader
from search.engine.terms import Ints
from search.matches import Match

__all__ = ["most_similar", "most_similar_in"]

MAX_TERMS = 400
"""How many terms of a post, the weightiest, are looked for in others: the common words of a long post, which say least,
stand in most posts."""


DocFreqs = Callable[[Sequence[tuple[str, int]], Ints], Ints]
"""Tells how many documents hold each of some terms in its field, by how many of those at hand do."""


def most_similar(id: str, count: int, commit: SnapshotReader, now: float) -> tuple[Match, ...]:
    """The posts most like the one of this id, as `Searcher.similar` gives them; `now` is in seconds since 1970."""
    place, masks = commit.find(id), commit.findable(now).masks
    if place is None or not masks[place[0]][place[1]]:
        return ()
    return most_similar_in(commit.segments, masks, place, count, commit.statistics)


def most_similar_in(
    readers: Sequence[SegmentReader],
    findable: Sequence[Mask],
    place: tuple[int, int],
    count: int,
    statistics: CollectionStatistics,
    doc_freqs: DocFreqs | None = None,
) -> tuple[Match, ...]:
    """Those of the findable documents of some segments that are most like the one at a place, as `find` tells it.

    `doc_freqs` are those of all documents, where the segments do not hold all that count.
    """
    number, doc_id = place
    # All documents of all segments in a row.
    bases = offsets_of(np.array([reader.segment.size for reader in readers]))
    score = np.concatenate(similarities(doc_id, readers[number], readers, statistics, doc_freqs))
    tie = np.concatenate([reader.columns.doc_values.tie for reader in readers])
    language = readers[number].documents[doc_id].lang.partition("-")[0]
    # What is in the language comes first, since scores end at 1.
    rank = score + 2 * np.concatenate([reader.columns.in_languages([language]) for reader in readers])
    others = (score > 0) & np.concatenate(findable)
    others[bases[number] + doc_id] = False
    rows = np.flatnonzero(others)
    if len(rows) > count:  # to sort all takes longer
        rows = rows[rank[rows] >= np.partition(rank[rows], -count)[-count]]
    rows = rows[np.lexsort((tie[rows], -rank[rows]))][:count]
    numbers = bases.searchsorted(rows, side="right") - 1
    return tuple(
        Match.unmarked(readers[number].documents[doc_id], found)
        for number, doc_id, found in zip(
            numbers.tolist(), (rows - bases[numbers]).tolist(), score[rows].tolist(), strict=True
        )
    )


def similarities(
    doc_id: int,
    home: SegmentReader,
    readers: Sequence[SegmentReader],
    statistics: CollectionStatistics,
    doc_freqs: DocFreqs | None,
) -> list[Floats]:
    """How similar each document of all segments is to one in `home`: 0, where they have nothing in common, to 1."""
    # Postings are sorted by term: to find those of a document, all are gone through, 2 million in half a millisecond.
    arrays = home.terms.postings
    postings = np.flatnonzero(arrays.docs == doc_id)
    entries = arrays.postings.searchsorted(postings.astype(arrays.postings.dtype), side="right") - 1
    terms = arrays.entries.searchsorted(entries.astype(arrays.entries.dtype), side="right") - 1
    fields = arrays.fields[entries].tolist()
    keys = [(arrays.terms[term].decode(), field) for term, field in zip(terms.tolist(), fields, strict=True)]

    # [segments, terms, 2]: the first and the last posting of each term.
    spans = np.array(
        [
            np.stack([arrays.postings[entries], arrays.postings[entries + 1]], axis=1)
            if reader is home
            else np.array([reader.terms.entries(term).get(field, (0, 0)) for term, field in keys]).reshape(-1, 2)
            for reader in readers
        ],
        np.int64,
    )
    held: Ints = np.diff(spans).sum(axis=(0, 2))
    weights = log_counts(arrays, postings) * statistics.idfs(doc_freqs(keys, held) if doc_freqs else held)
    weights /= np.linalg.norm(weights) or 1.0
    heaviest = np.argsort(-weights, kind="stable")[:MAX_TERMS]

    found = []
    for reader, (starts, ends) in zip(readers, spans[:, heaviest].transpose(0, 2, 1), strict=True):
        shared = joined_ranges(starts, ends - starts)
        products = np.repeat(weights[heaviest], ends - starts) * log_counts(reader.terms.postings, shared)
        sums = np.bincount(reader.terms.postings.docs[shared], products, reader.segment.size)
        found.append(sums / reader.norms)
    return found
