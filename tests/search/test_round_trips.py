"""How often an answer asks the searcher, each of which may be a way to another machine and back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import pytest

from index import Document, Settings
from index.storage.reader import Reader
from search import Search
from search.engine.searcher import IndexSearcher
from search.matches import IndexState, Matches, NearWord, Suggestions
from search.query import Query
from tests.fake_search import app_with
from tests.stored import write

POSTS = {
    "leak": ("Finding a goroutine leak", "A goroutine that nobody waits for leaks memory."),
    "garbage": ("The garbage collector", "How the collector of garbage works: a memory model, and a race."),
    "race": ("The race detector", "Channels and the memory model."),
}


class DistantSearcher(IndexSearcher):
    """Counts the ways there and back, if the index lay elsewhere: for a frequency that was prefetched there is none."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(Reader(settings.index))
        self.trips: Counter[str] = Counter()
        self.known: set[tuple[str, bool]] = set()

    def search(self, query: Query, now: datetime) -> Matches:
        self.trips["search"] += 1
        return super().search(query, now)

    def prefetch(self, terms: Collection[str], prefixes: Collection[str]) -> None:
        wanted = {*((term, False) for term in terms), *((prefix, True) for prefix in prefixes)}
        self.trips["frequencies"] += not wanted <= self.known
        self.known |= wanted

    def doc_freq(self, term: str, now: datetime, *, prefix: bool = False) -> int:
        self.trips["frequencies"] += (term, prefix) not in self.known
        self.known.add((term, prefix))
        return super().doc_freq(term, now, prefix=prefix)

    def near(self, word: str, edits: int, now: datetime, *, begins: bool = False) -> Sequence[NearWord]:
        self.trips["near"] += 1
        return super().near(word, edits, now, begins=begins)

    def lang_counts(self, term: str) -> Mapping[str, int]:
        self.trips["lang_counts"] += 1
        return super().lang_counts(term)

    def complete(self, text: str, count: int, now: datetime) -> Suggestions:
        self.trips["complete"] += 1
        return super().complete(text, count, now)

    def state(self, now: datetime) -> IndexState:
        self.trips["state"] += 1
        return super().state(now)


@pytest.mark.parametrize(
    ("path", "trips"),
    [
        ("hits?q=goroutine", {"state": 1, "frequencies": 1, "search": 1}),
        ("?q=goroutine", {"state": 1, "frequencies": 1, "search": 1}),
        ("hits?q=memory+model+race+detector+channels", {"state": 1, "frequencies": 1, "search": 1}),
        ("hits?q=goroutnie", {"state": 1, "frequencies": 2, "near": 2, "lang_counts": 1, "search": 1}),
        ("hits?q=xqzvwkjy", {"state": 1, "frequencies": 2, "near": 2, "lang_counts": 1, "search": 1}),
        ("hits?q=leaked", {"state": 1, "frequencies": 2, "near": 3, "lang_counts": 1, "search": 1}),
        ("suggest?q=gor", {"state": 1, "complete": 1}),
        ("feed", {"state": 1, "search": 1}),
        ("health", {"state": 1}),
    ],
)
def test_an_answer_asks_the_searcher_only_a_few_times(tmp_path: Path, path: str, trips: dict[str, int]) -> None:
    settings = Settings(index=tmp_path)
    write(settings, *(Document(id, f"/{id}/", *texts) for id, texts in POSTS.items()))
    service = Search(settings)
    service.searcher = searcher = DistantSearcher(settings)
    client = app_with(service, settings).test_client()

    assert client.get(f"/search/{path}").status_code == 200
    assert +searcher.trips == trips

    searcher.trips.clear()
    assert client.get(f"/search/{path}").status_code == 200
    assert searcher.trips == {"state": 1}, "it was kept"


class SlowSearcher(DistantSearcher):
    """Waits for others as long as anything optional may take."""

    late_after = 0.0


@pytest.mark.parametrize("text", ['"goroutine memory"', "goroutnie"])
def test_who_waits_for_others_asks_them_for_nothing_optional_once_that_took_long(tmp_path: Path, text: str) -> None:
    settings = Settings(index=tmp_path)
    write(settings, *(Document(id, f"/{id}/", *texts) for id, texts in POSTS.items()))
    slow, fast = Search(settings), Search(settings)
    slow.searcher = searcher = SlowSearcher(settings)

    late, in_time = slow.run(text), fast.run(text)

    assert (late.total, late.instead, late.corrected, late.limited) == (0, (), None, True)
    assert in_time.total or in_time.instead
    assert searcher.trips["search"] == 1
    assert searcher.trips["near"] == 0


def test_an_answer_that_misses_nothing_is_not_limited_however_long_it_took(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path)
    write(settings, *(Document(id, f"/{id}/", *texts) for id, texts in POSTS.items()))
    service = Search(settings, optional_seconds=0)
    service.searcher = SlowSearcher(settings)

    found = service.run("memory model", prefix=False)

    assert (found.total, found.limited) == (3, False)
    assert service.run("memory modle", prefix=False).limited
