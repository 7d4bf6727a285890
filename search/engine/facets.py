"""Facets: how many of the matches have each tag, author and year, and are of each site, the commonest first.

Several values of a facet can be chosen, any of which will do. So the values of a facet are counted of what all filters
but its own let pass: those that were not chosen stay there to be chosen.

Names that differ only as `name_key` folds them are one, shown as most of the matches spell it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence

import numpy as np

from index.schema.keys import name_key
from search.engine.columns import Columns, NameIndex
from search.engine.ranking import reached
from search.engine.terms import Ints

__all__ = ["FACET_FILTERS", "Facets", "commonest"]

FACET_FILTERS = {"tags": "tag", "author": "author", "year": "year", "site": "site"}
"""By facet, the filter that chooses among its values."""


class Facets:
    """Counts the facets of matches in the segments of one commit."""

    def __init__(self, columns: Sequence[Columns]) -> None:
        self._columns = columns
        self._tags = NameFacet([segment.tags for segment in columns])
        self._author = NameFacet([segment.author for segment in columns])
        self._site = NameFacet([segment.site for segment in columns])

    def count(self, doc_ids: Sequence[Mapping[str, Ints]], size: int) -> Mapping[str, Mapping[str, int]]:
        """The `size` commonest values of each facet among the documents `doc_ids[i][facet]` of segment i."""
        ways = {"tags": self._tags.count, "author": self._author.count, "year": self._years, "site": self._site.count}
        return {facet: count([found[facet] for found in doc_ids], size) for facet, count in ways.items()}

    def _years(self, doc_ids: Sequence[Ints], size: int) -> dict[str, int]:
        years = [columns.years.take(ids) for columns, ids in zip(self._columns, doc_ids, strict=True) if columns.dated]
        if not years:
            return {}
        counts = np.bincount(np.concatenate(years), minlength=1)
        counts[0] = 0
        newest = counts.nonzero()[0][::-1][:size]
        return dict(zip(map(str, newest.tolist()), counts[newest].tolist(), strict=True))


class NameFacet:
    """The names of one column in all segments, each with one ordinal, however many segments know it."""

    def __init__(self, indexes: Sequence[NameIndex]) -> None:
        self._indexes = indexes
        self._names = sorted({name for index in indexes for name in index.names})
        ordinals = {name: ordinal for ordinal, name in enumerate(self._names)}
        self._ordinals = [np.array([ordinals[name] for name in index.names], np.int64) for index in indexes]
        groups: dict[str, int] = {}
        self._groups = np.array([groups.setdefault(name_key(name), len(groups)) for name in self._names], np.int64)

    def count(self, doc_ids: Sequence[Ints], size: int) -> dict[str, int]:
        """The commonest names with their counts, equally common ones by name; a post of two spellings counts twice."""
        if not size or not self._names:
            return {}
        counts = np.zeros(len(self._names), np.int64)
        for index, ordinals, ids in zip(self._indexes, self._ordinals, doc_ids, strict=True):
            if ids.size and index.names:
                counts[ordinals] += index.count(ids)
        leading = counts.nonzero()[0]
        if len(leading) > 4 * size:
            # Only names of groups that may be among the first are looked at one by one.
            sums = np.bincount(self._groups, counts)
            held = sums[sums > 0]
            least = reached(held, size) if size < len(held) else 0
            leading = leading[(sums >= least)[self._groups[leading]]]
        ranks = leading[np.argsort(-counts[leading], kind="stable")]
        names = map(self._names.__getitem__, ranks.tolist())
        return commonest(zip(self._groups[ranks].tolist(), names, counts[ranks].tolist(), strict=True), size)


def commonest(counts: Iterable[tuple[Hashable, str, int]], size: int) -> dict[str, int]:
    """The `size` commonest groups of names that are alike, with their counts, equally common ones by name.

    `counts` are group, name and count of each name, the commonest first and then by name: so a group is shown as most
    spell it.
    """
    sums: dict[Hashable, int] = {}
    spellings: dict[Hashable, str] = {}
    for group, name, count in counts:
        sums[group] = sums.get(group, 0) + count
        spellings.setdefault(group, name)
    ranked = sorted((-sums[group], name) for group, name in spellings.items())
    return {name: -count for count, name in ranked[:size]}
