"""Both engines answer alike: questions of all kinds over real posts, in files and in a cluster."""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import Any
from unicodedata import category

import pytest

from index import Document, Settings, reindex
from search import Results, Search
from search.query import Filters, Sort
from search.results import Hit
from tests import ROOT
from tests.stored import stored_documents
from tests.stress.conftest import Scorecard

ROW = 16
POSTS = Path(os.environ.get("POSTSEARCH_TEST_DATA", "no-such-folder")) / "posts"
EXAMPLES = ROOT / "examples" / "posts"
RAINWATER = "_posts/2025-10-12-a-year-of-rainwater.md"

SAMPLES = [("golang", 30), ("golang osas", 30)]
TRIALS = [
    pytest.param(names, count, marks=[pytest.mark.slow, pytest.mark.timeout(2400)])
    for names, count in (("golang", 125), ("nodejs", 125), ("osas twir", 250))
]
"""Collections of real posts, at times two in one index, and how many questions each is asked: 500 in all."""

BEGUN_PART = re.compile(r"([^\W\d_]\d|\d[^\W\d_]|[a-z][A-Z])\S*$")
"""What ends with a word of several parts: of those that its last part may become a cluster looks for a hundred only, as
docs/scaling.md says."""

NARROWED = 0.4
"""Of the questions of all kinds, how many are narrowed by filters, too."""

MIN_OVERLAP = 0.9
"""Of the first ten, on average: the nodes choose, by scores near to ours, which hundred posts are ranked by ours."""

MAX_COMPARED = 300
"""Posts of an answer whose ids are compared; of more, their number alone."""

PAGE, FIRST = 100, 10

NEVER_SECONDS = 3600.0
"""A busy machine must not make an answer late, which leaves out what is optional."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is typed, and what is chosen beside it; of the pages -1 is the last one."""

    kind: str
    text: str
    filters: Filters = Filters()
    page: int = 1
    sort: Sort = "relevance"
    prefix: bool = True


class Asker:
    """Draws questions from posts by a fixed rule, the kinds in turn."""

    def __init__(self, documents: Sequence[Document], chance: Random) -> None:
        self.documents = documents
        self.chance = chance

    def questions(self, count: int) -> list[Question]:
        drawn = (self.question(kind, draw) for kind, draw in cycle(KINDS.items()))
        asked = (one for one in drawn if one.text or one.filters != Filters())
        return list(islice((one for one in asked if not (one.prefix and BEGUN_PART.search(one.text))), count))

    def question(self, kind: str, draw: Callable[[Asker], Question]) -> Question:
        question = replace(draw(self), kind=kind)
        narrowed = question.filters == Filters() and self.chance.random() < NARROWED
        return replace(question, filters=self.filters()) if narrowed else question

    def post(self) -> Document:
        return self.chance.choice(self.documents)

    def row(self, *lengths: int) -> str:
        """So many words as they stand in a post."""
        words = words_of(self.post().body) or ["post"]
        length = self.chance.choice(lengths)
        start = self.chance.randrange(max(len(words) - length, 0) + 1)
        return " ".join(words[start : start + length])

    def words(self, *lengths: int) -> str:
        """So many words of a post, from anywhere in it."""
        words = words_of(self.post().body) or ["post"]
        return " ".join(self.chance.choices(words, k=self.chance.choice(lengths)))

    def word(self) -> str:
        """A word that is long enough to mean something."""
        found = (self.words(1) for _ in range(100))
        return next((word for word in found if len(word) >= 5), "post")

    def misspelt(self) -> str:
        """A word with one letter left out, changed, doubled or swapped with the next."""
        word = self.word()
        at = self.chance.randrange(1, len(word) - 1)
        before, letter, after = word[:at], word[at], word[at + 1 :]
        other = self.chance.choice("abcdefghijklmnopqrstuvwxyz")
        forms = (before + after, before + other + after, before + letter + letter + after)
        return self.chance.choice((*forms, before + after[0] + letter + after[1:]))

    def name(self, field: str) -> str:
        """A tag, author or category of some post; "" where no post of some hundred has any."""
        named = (getattr(self.post(), field) for _ in range(300))
        return next((self.chance.choice(names) for names in named if names), "")

    def day(self) -> datetime:
        dated = (self.post().date for _ in range(300))
        return next((day for day in dated if day), datetime(2020, 1, 1, tzinfo=UTC))

    def in_field(self) -> Question:
        field = self.chance.choice(("title", "body", "tag", "author", "category"))
        if field == "body":
            return Question("", f"body:{self.word()} {self.words(1)}")
        if field == "title":
            return Question("", f"title:{self.chance.choice(words_of(self.post().title) or ['post'])} {self.words(1)}")
        name = self.name({"tag": "tags"}.get(field, field)).replace('"', "")
        return Question("", f'{field}:"{name}" {self.chance.choice(("", self.word()))}' if name else "")

    def filters(self) -> Filters:
        """One to four filters that some post passes, at times with a value of another one beside its own."""
        post, other, years = self.post(), self.post(), timedelta(days=365)
        day, other_day = post.date or self.day(), self.day()
        both = self.chance.random() < 0.5
        choices: dict[str, Any] = {
            name: (*getattr(post, name)[:1], *(getattr(other, name)[:1] if both else ()))
            for name in ("tags", "author", "category")
        }
        choices |= {name: (getattr(post, name), getattr(other, name))[: 1 + both] for name in ("lang", "site")}
        choices |= {"year": (day.year, other_day.year)[: 1 + both], "since": day - years, "until": day + years}
        names = self.chance.sample(sorted(choices), self.chance.choice((1, 1, 2, 3, 4)))
        return Filters(**{{"tags": "tag"}.get(name, name): choices[name] for name in names})


def words_of(text: str) -> list[str]:
    """What stands between blanks and signs, but for single letters; marks belong to the letters before them."""
    parts = "".join(letter if category(letter)[0] in "LMN" else " " for letter in text).split()
    return [part for part in parts if 1 < len(part) <= 30]


KINDS: dict[str, Callable[[Asker], Question]] = {
    "word": lambda ask: Question("", ask.words(1), prefix=False),
    "words": lambda ask: Question("", ask.words(2, 3, 4), prefix=False),
    "typed": lambda ask: Question("", ask.words(1, 2, 3, 4)),
    "sentence": lambda ask: Question("", ask.row(5, 6, 8, 10, 12), prefix=False),
    "phrase": lambda ask: Question("", f'"{ask.row(2, 3, 4)}"'),
    "phrase beside": lambda ask: Question("", f'{ask.word()} "{ask.row(2, 3)}"', prefix=False),
    "without": lambda ask: Question("", f"{ask.words(1, 2)} -{ask.word()}", prefix=False),
    "without phrase": lambda ask: Question("", f'{ask.words(2)} -"{ask.row(2)}"', prefix=False),
    "field": Asker.in_field,
    "filters": lambda ask: Question("", "", ask.filters()),
    "filters beside": lambda ask: Question("", ask.words(1, 2), ask.filters()),
    "since": lambda ask: Question("", f"{ask.word()} after:{ask.day():%Y-%m-%d}"),
    "until": lambda ask: Question("", f"{ask.word()} before:{ask.day():%Y-%m}"),
    "misspelt": lambda ask: Question("", ask.misspelt(), prefix=False),
    "misspelt beside": lambda ask: Question("", f"{ask.misspelt()} {ask.words(1, 2)}", prefix=False),
    "misspelt, typed": lambda ask: Question("", ask.misspelt()),
    "either": lambda ask: Question("", f"{ask.word()} OR {ask.word()}", prefix=False),
    "either phrase": lambda ask: Question("", f'{ask.word()} | "{ask.row(2)}" {ask.word()}', prefix=False),
    "begun": lambda ask: Question("", ask.word()[: ask.chance.choice((1, 2, 3, 4))]),
    "begun beside": lambda ask: Question("", f"{ask.words(1, 2)} {ask.word()[: ask.chance.choice((1, 2, 3, 4))]}"),
    "title": lambda ask: Question("", ask.post().title, prefix=False),
    "page": lambda ask: Question("", ask.words(1, 2, 3), page=ask.chance.choice((2, 3, -1)), prefix=False),
    "sorted": lambda ask: Question("", ask.words(1, 2), sort=ask.chance.choice(("newest", "oldest")), prefix=False),
    "language": lambda ask: Question("", f"{ask.word()} lang:{ask.post().lang}", prefix=False),
    "all": lambda ask: Question("", "", Filters(lang=(ask.post().lang,)), page=ask.chance.choice((1, 2, 3, -1))),
}  # fmt: skip


class Comparison:
    """Asks two engines the same and keeps how far they agree."""

    def __init__(self, one: Search, other: Search) -> None:
        self.one = one
        self.other = other
        self.now = datetime.now(UTC)
        self.asked = 0
        self.in_order = 0
        self.overlaps: list[float] = []
        self.differences: Counter[str] = Counter()

    def answers(self, question: Question, page: int, per_page: int) -> list[Results]:
        ask = partial(Search.query, filters=question.filters, sort=question.sort, prefix=question.prefix)
        services = (self.one, self.other)
        queries = [ask(service, question.text, page=page, per_page=per_page) for service in services]
        return [service.answer(query, self.now) for service, query in zip(services, queries, strict=True)]

    def ask(self, question: Question) -> None:
        """Compare the answers to a question; what differs is printed."""
        a, b = self.answers(question, 1, PAGE)
        self.asked += 1
        self.compare(question, "total", a.total, b.total)
        if max(a.total, b.total) <= MAX_COMPARED:
            pages = [self.answers(question, page, PAGE) for page in range(2, max(a.pages, b.pages) + 1)]
            ids = [
                {hit.id for page in (first, *rest) for hit in page.hits}
                for first, *rest in zip((a, b), *pages, strict=True)
            ]
            self.compare(question, "documents", *map(sorted, ids))
        # Of words that are about as near that counts which the best match holds.
        same = [hit.id for hit in a.hits[:1]] == [hit.id for hit in b.hits[:1]]
        for name in ("facets", "parsed", "notices", "limited", *(("corrected", "instead") if same else ())):
            self.compare(question, name, getattr(a, name), getattr(b, name))
        last = max(-(-a.total // FIRST), 1)
        a, b = self.answers(question, question.page if question.page > 0 else last, FIRST)
        self.compare_hits(question, a.hits[:FIRST], b.hits[:FIRST])

    def compare_hits(self, question: Question, hits: Sequence[Hit], others: Sequence[Hit]) -> None:
        """Compare which hits there are, their order, and what is marked in those that both have."""
        by_id = {hit.id: hit for hit in others}
        common = [(hit, by_id[hit.id]) for hit in hits if hit.id in by_id]
        most = max(len(hits), len(others))
        self.overlaps.append(len(common) / most if most else 1.0)
        if [hit.id for hit in hits] == [hit.id for hit in others]:
            self.in_order += 1
        else:
            print(f"order, overlap {self.overlaps[-1]:.1f}: {question}\n  {told(hits)}\n  {told(others)}")
        for hit, other in common:
            for name in ("site", "snippet", "sections", "highlights", "matched_fields"):
                self.compare(question, name, getattr(hit, name), getattr(other, name))

    def compare(self, question: Question, what: str, one: object, other: object) -> None:
        if one != other:
            self.differences[what] += 1
            print(f"{what}: {question}\n  {one}\n  {other}")

    @property
    def overlap(self) -> float:
        return sum(self.overlaps) / max(len(self.overlaps), 1)

    def __str__(self) -> str:
        order = f"overlap {self.overlap:.3f}, {self.in_order} in the same order"
        return f"{self.asked} questions: {order}; differences: {dict(self.differences) or 'none'}"


def told(hits: Sequence[Hit]) -> str:
    return ", ".join(f"{hit.id.rpartition('/')[2]} {hit.score:.4f}" for hit in hits)


def compared(one: Settings, other: Settings, count: int, chance: Random) -> Comparison:
    """So many questions, asked of two indexes of the same posts, which are brought up to date."""
    for settings in (one, other):
        reindex(settings)
    with (
        closing(Search(one, optional_seconds=NEVER_SECONDS)) as a,
        closing(Search(other, optional_seconds=NEVER_SECONDS)) as b,
    ):
        for each in (a, b):
            each.searcher.late_after = NEVER_SECONDS
        comparison = Comparison(a, b)
        documents = [document for _, document in sorted(stored_documents(one).items())]
        for question in Asker(documents, chance).questions(count):
            comparison.ask(question)
    print(comparison)
    return comparison


@pytest.mark.full
@pytest.mark.skipif(not POSTS.is_dir(), reason="POSTSEARCH_TEST_DATA does not name a folder with real posts")
@pytest.mark.parametrize(("names", "count"), [*SAMPLES, *TRIALS])
def test_both_engines_find_mark_and_order_alike(
    names: str, count: int, cluster_settings: Settings, tmp_path: Path, chance: Random, scorecard: Scorecard
) -> None:
    folders = {name: POSTS / name for name in names.split()}
    posts: Any = folders if len(folders) > 1 else POSTS / names
    files = Settings(posts=posts, index=tmp_path / "files", max_per_page=PAGE)
    nodes = replace(cluster_settings, posts=posts, max_per_page=PAGE, opensearch_shards=3, opensearch_timeout=30)

    found = compared(files, nodes, count, chance)

    scorecard(ROW, f"{names}: {found}", "no differences", not found.differences)
    scorecard(ROW, f"{names}: overlap {found.overlap:.3f}", f"at least {MIN_OVERLAP}", found.overlap >= MIN_OVERLAP)


def lose(posts: Path) -> None:
    (posts / RAINWATER).unlink()


def lift(posts: Path) -> None:
    change(posts / RAINWATER, "title:", "boost: 50\ntitle:")


def reword(posts: Path) -> None:
    change(posts / RAINWATER, ". ", "! ")


def change(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


@pytest.mark.parametrize(
    ("fault", "seen"), [(None, set()), (lose, {"total", "documents"}), (lift, set()), (reword, {"snippet"})]
)
def test_what_one_engine_loses_misorders_or_shows_otherwise_is_seen(
    fault: Callable[[Path], None] | None, seen: set[str], tmp_path: Path, chance: Random
) -> None:
    copy = shutil.copytree(EXAMPLES, tmp_path / "posts")
    if fault:
        fault(copy)

    one = Settings(posts=EXAMPLES, index=tmp_path / "one", max_per_page=PAGE)
    found = compared(one, replace(one, posts=copy, index=tmp_path / "other"), 4 * len(KINDS), chance)

    assert seen <= {*found.differences}
    assert (found.in_order < found.asked) == (fault in {lose, lift})
    assert fault or not found.differences
