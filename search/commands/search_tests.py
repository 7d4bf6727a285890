"""Search tests: whether queries bring their posts into the first hits, and how two indexes differ in that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from index.curation import SearchTest
from index.indexer.report import Problem
from index.indexer.status import why_absent
from index.log import counted
from index.settings import Settings
from search.service import Search

__all__ = ["PageChange", "change_lines", "page_changes", "run_search_tests"]


def run_search_tests(settings: Settings, tests: Sequence[SearchTest]) -> tuple[list[Problem], str]:
    """What the tests find wrong in the index, and a line with how well their queries do: of the posts of one, the best
    counts. Raises `IndexFault` when there is no index to ask."""
    service, problems, ranks = Search(settings), [], dict[str, list[float]]()
    for test in tests:
        found = service.explain(test.query, test.id, prefix=False)
        ranks.setdefault(test.query, []).append(found.rank or float("inf"))
        if found.rank and found.rank <= test.within:
            continue
        where = f"It is number {found.rank} of {counted(found.total, 'post')}." if found.rank else ""
        where = where or " ".join(found.missing) or why_absent(settings, test.id)
        message = f"{test.query!r} does not bring {test.id} into the first {test.within}. {where}"
        problems.append(Problem(test.path, test.line, 1, message, "error"))
    service.close()
    best = [min(of_query) for of_query in ranks.values()]
    first, five, reciprocal = fmean(r == 1 for r in best), fmean(r <= 5 for r in best), fmean(1 / r for r in best)
    figures = f"success@1 {first:.2f}, success@5 {five:.2f}, mean reciprocal rank {reciprocal:.2f}"
    queries = "1 query" if len(best) == 1 else f"{len(best)} queries"
    return problems, f"Search tests of {queries}: {figures}."


@dataclass(frozen=True, slots=True)
class PageChange:
    """How the first page of a query changes: ids with the rank that they have, or had, or from which to which."""

    query: str
    came: dict[str, int]
    went: dict[str, int]
    moved: dict[str, tuple[int, int]]


def page_changes(settings: Settings, old: str, queries: Iterable[str]) -> Iterator[PageChange]:
    """The changes between the index in the folder `old` and that of the settings, of each query that has some."""
    services = [Search(replace(settings, engine="whoosh", index=Path(old))), Search(settings)]
    for query in queries:
        before, after = (
            {hit.id: rank for rank, hit in enumerate(service.run(query, prefix=False).hits, 1)} for service in services
        )
        if before != after:
            yield PageChange(
                query,
                came={id: rank for id, rank in after.items() if id not in before},
                went={id: rank for id, rank in before.items() if id not in after},
                moved={id: (before[id], after[id]) for id in after if before.get(id, after[id]) != after[id]},
            )


def change_lines(change: PageChange) -> Iterator[str]:
    yield change.query
    yield from (f"  came   {id} at {rank}" for id, rank in change.came.items())
    yield from (f"  went   {id}, which was at {rank}" for id, rank in change.went.items())
    yield from (f"  moved  {id} from {was} to {now}" for id, (was, now) in change.moved.items())
