"""The memory searcher: postings in dictionaries, made anew for each commit; for tests and for trying things out."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import islice

import numpy as np

from index.analysis import positions
from index.errors import IndexMissing
from index.schema import Document, field_texts
from index.schema.facts import facts_of
from index.schema.memory import STORES, Store
from index.settings import Settings
from search.attributes import Attributes
from search.collector import Segment
from search.engines.segmented import SegmentedSearcher, Snapshot
from search.executor import Rows, Scores

__all__ = ["MemorySearcher"]


class MemoryPostings:
    """Postings of a list of documents, scored by BM25 as Whoosh does (K1 1.2, B 0.75)."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.size = len(documents)
        self._places: defaultdict[tuple[str, str], dict[int, list[int]]] = defaultdict(dict)
        self._lengths: defaultdict[str, list[int]] = defaultdict(list)
        for row, document in enumerate(documents):
            for field, texts in field_texts(document).items():
                terms = positions(texts, document.lang)
                self._lengths[field].append(sum(map(len, terms.values())))
                for term, places in terms.items():
                    self._places[field, term][row] = places

    def scores(self, field: str, term: str) -> tuple[Rows, Scores]:
        places = self._places.get((field, term), {})
        rows = np.array(list(places), np.int64)
        counts = np.array([len(found) for found in places.values()], np.float64)
        lengths = np.array(self._lengths[field], np.float64)[rows]
        mean = sum(self._lengths[field]) / max(self.size, 1) or 1.0
        idf = math.log(max(self.size, 1) / (len(places) + 1)) + 1.0
        return rows, idf * counts * 2.2 / (counts + 1.2 * (0.25 + 0.75 * lengths / mean))

    def positions(self, field: str, term: str) -> Mapping[int, Sequence[int]]:
        return self._places.get((field, term), {})

    def completions(self, field: str, prefix: str, limit: int) -> list[str]:
        terms = (term for name, term in self._places if name == field and term.startswith(prefix))
        return list(islice(sorted(terms, key=lambda term: (len(term), term)), limit))


class MemorySearcher(SegmentedSearcher):
    """See `Searcher`."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._path = settings.index.absolute()

    def newest(self, held: Snapshot | None) -> Snapshot:
        store = STORES.get(self._path)
        if store is None:
            raise IndexMissing(f"{self._path} holds no index yet; run `postsearch reindex`")
        if held and held.generation == store.generation:
            return held
        return snapshot(store)


def snapshot(store: Store) -> Snapshot:
    documents = list(store.documents.values())
    attributes = Attributes.of(facts_of(document) for document in documents)
    segment = Segment(MemoryPostings(documents), attributes, np.ones(len(documents), np.bool_))
    return Snapshot.of(
        store.generation, store.updated_at, (segment,), lambda _, row: documents[row], close=lambda: None
    )
