"""Whatever is done to the folder while the watcher runs: once it is quiet, the index equals a fresh rebuild.

Of several folders, each equals an index of it alone, but for those that are missing, which are as they were.

The watcher, the reader and the engine are the real ones, and sweeps are so far apart that events alone must do. The
long run is `tests/stress/test_watching.py`; POSTSEARCH_SEED repeats a run.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from index.indexer.report import Report
from index.indexer.run import reindex
from index.indexer.status import read_status
from index.schema import Document
from index.settings import Settings
from index.watching.watcher import Watcher
from search.service import Search
from tests.stored import stored_documents

pytestmark = [
    pytest.mark.full,
    pytest.mark.filterwarnings(
        # watchdog's threads may die over folders that move, which the watcher is to notice and to make good
        "ignore::pytest.PytestUnhandledThreadExceptionWarning"
    ),
]

SECONDS = 60.0
"""How long the watcher may take, on the busiest machine."""

FOLDERS = st.sampled_from(["", "a", "a/b", "日本", "_drafts"])
PLACES = st.sampled_from(
    [
        "one.md",
        "One.md",
        "two.html",
        "a/one.md",
        "a/b/one.md",
        "日本/2024-01-02-東京.markdown",
        "_drafts/one.md",
        "a/x.png",
    ]
)
ELSEWHERE = ["nowhere.md", "../outside", "../docs", "../docs/one.md"]
WORDS = st.text("abcdefghij ", min_size=1, max_size=30)
SECRET = "canary"


def post(words: str, header: str = "title: A post") -> str:
    return f"---\n{header}\n---\n\n{words}\n"


@contextmanager
def where_possible() -> Iterator[None]:
    """An operation that the state of the folder does not allow is left out."""
    try:
        yield
    except (FileNotFoundError, FileExistsError, NotADirectoryError, IsADirectoryError):
        pass
    except (OSError, shutil.Error) as error:
        if not isinstance(error, shutil.Error) and error.errno not in {22, 39, 40}:  # into itself, not empty, ring
            raise


class HastyWatcher(Watcher):
    """A watcher that looks again soon where most posts are gone."""

    second_look_seconds = 0.1


class Converging(RuleBasedStateMachine):
    """Operations on the first of the folders that are watched, the only one.

    `begin` is what the ids begin with of the posts that are operated on; `kept` holds what was indexed, by that, of the
    folders that are missing.
    """

    options: ClassVar[dict[str, dict[str, str]]] = {}
    """Those of each of several folders, by its name."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="postsearch-"))
        self.outside = self.home / "outside"
        self.outside.mkdir()
        folders = {name: {"posts": self.home / name, **told} for name, told in self.options.items()}
        posts: Any = folders or self.home / "posts"
        self.settings = Settings(posts=posts, index=self.home / "live", quiet_period=0.02, sweep_interval=3600.0)
        self.roots = {begin: part.posts for begin, part in self.settings.parts.items()}
        for root in self.roots.values():
            root.mkdir()
        self.begin = next(iter(self.roots))
        self.kept: dict[str, dict[str, Document]] = {}
        self.search = Search(self.settings)
        self.told, self.runs, self.count = threading.Condition(), 0, 0
        self.watcher = self.watch()
        self.watcher.start()

    def watch(self) -> Watcher:
        return HastyWatcher(self.settings, self.tell)

    def tell(self, _report: Report) -> None:
        with self.told:
            self.runs += 1
            self.told.notify_all()

    def teardown(self) -> None:
        try:
            self.settle()
            self.watcher.stop()
            report = reindex(self.settings, allow_removal=True)
            assert (report.indexed, report.removed) == (0, 0)
        finally:
            self.watcher.stop()
            self.search.close()
            shutil.rmtree(self.home, ignore_errors=True)

    @property
    def root(self) -> Path:
        return self.roots[self.begin]

    def path(self, place: str) -> Path:
        path = self.root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    @rule(place=PLACES, words=WORDS)
    def save(self, place: str, words: str) -> None:
        with where_possible(), self.path(place).open("w", encoding="utf-8") as file:
            text = post(words)
            file.write(text[:15])
            file.flush()
            file.write(text[15:])

    @rule(place=PLACES, words=WORDS, hidden=st.booleans())
    def save_atomically(self, place: str, words: str, hidden: bool) -> None:
        with where_possible():
            new = self.path(place).with_name(".new" if hidden else "new.tmp")
            new.write_text(post(words), "utf-8")
            new.replace(self.path(place))

    @rule(place=PLACES, words=WORDS)
    def save_with_a_backup(self, place: str, words: str) -> None:
        with where_possible():
            backup = self.path(place).with_name("backup~")
            self.path(place).rename(backup)
            self.path(place).write_text(post(words), "utf-8")
            backup.unlink()

    @rule(place=PLACES, words=WORDS)
    def hide(self, place: str, words: str) -> None:
        with where_possible():
            new = self.path(place).with_name(".new")
            new.write_text(post(f"{words} {SECRET}", "draft: true"), "utf-8")
            new.replace(self.path(place))

    @rule(place=PLACES)
    def break_header(self, place: str) -> None:
        """A post that fails leaves what was there before, be that a version or none."""
        self.settle()
        id = self.begin + place
        before = stored_documents(self.settings).get(id)
        existed = (self.root / place).is_file() and not (self.root / place).is_symlink()
        with where_possible():
            new = self.path(place).with_name(".new")
            new.write_text(f"---\ntitle: [a\n {{ {SECRET}\n", "utf-8")
            new.replace(self.path(place))
            self.settle()
            if existed and id in self.failing:
                assert stored_documents(self.settings).get(id) == before

    @rule(place=PLACES)
    def delete(self, place: str) -> None:
        with where_possible():
            (self.root / place).unlink()

    @rule(place=PLACES, goal=PLACES)
    def rename(self, place: str, goal: str) -> None:
        with where_possible():
            (self.root / place).rename(self.path(goal))

    @rule(place=PLACES, times=st.sampled_from([1, 1_700_000_000, 4_000_000_000]))
    def touch(self, place: str, times: int) -> None:
        with where_possible():
            os.utime(self.root / place, (times, times))

    @rule(place=PLACES, mode=st.sampled_from([0o600, 0o644]))
    def change_mode(self, place: str, mode: int) -> None:
        with where_possible():
            (self.root / place).chmod(mode)

    @rule(folder=FOLDERS)
    def make_folder(self, folder: str) -> None:
        with where_possible():
            (self.root / folder).mkdir(parents=True, exist_ok=True)

    @rule(folder=FOLDERS.filter(bool), goal=FOLDERS.filter(bool))
    def move_folder(self, folder: str, goal: str) -> None:
        with where_possible():
            (self.root / folder).rename(self.path(goal))

    @rule(folder=FOLDERS.filter(bool))
    def move_folder_out(self, folder: str) -> None:
        with where_possible():
            self.count += 1
            (self.root / folder).rename(self.outside / f"{self.count}")

    @rule(goal=FOLDERS.filter(bool), words=WORDS)
    def move_folder_in(self, goal: str, words: str) -> None:
        for folder in sorted(self.outside.iterdir())[:1]:
            with where_possible():
                (folder / "moved.md").write_text(post(words), "utf-8")
                folder.rename(self.path(goal))

    @rule(words=WORDS)
    def write_outside(self, words: str) -> None:
        for folder in sorted(self.outside.iterdir())[:1]:
            with where_possible():
                (folder / "one.md").write_text(post(f"{words} {SECRET}"), "utf-8")
                (folder / "one.md").unlink()

    @rule(folder=FOLDERS.filter(bool))
    def remove_folder(self, folder: str) -> None:
        shutil.rmtree(self.root / folder, ignore_errors=True)

    @rule(place=PLACES, goal=st.one_of(PLACES, FOLDERS, st.sampled_from(ELSEWHERE)))
    def link(self, place: str, goal: str) -> None:
        with where_possible():
            self.path(place).symlink_to(self.root / goal)

    @rule(name=st.sampled_from(["link", "a/link"]), goal=FOLDERS)
    def link_folder(self, name: str, goal: str) -> None:
        with where_possible():
            self.path(name).symlink_to(self.root / goal)

    @rule(name=st.sampled_from(["link", "a/link"]))
    def unlink_folder(self, name: str) -> None:
        with where_possible():
            (self.root / name).unlink()

    @rule(folder=FOLDERS, words=WORDS, count=st.integers(2, 30))
    def check_out(self, folder: str, words: str, count: int) -> None:
        with where_possible():
            for number in range(count):
                self.path(f"{folder}/{number}.md".lstrip("/")).write_text(post(f"{words} {number}"), "utf-8")

    @rule(style=st.sampled_from(["/:title/", "/:year/:title.html", "pretty"]))
    def configure(self, style: str) -> None:
        (self.root / "_config.yml").write_text(f"permalink: {style}\n", "utf-8")

    @rule(words=WORDS)
    def replace_root(self, words: str) -> None:
        if self.root.is_symlink():
            self.root.unlink()
        else:
            shutil.rmtree(self.root)
        self.save("one.md", words)

    @rule()
    def settle(self) -> None:
        """Wait until the watcher has seen the last operation in each folder, then compare with a rebuild of each."""
        self.count += 1
        for begin, root in self.roots.items():
            if begin not in self.kept:
                # By its name, as folders that were swapped bring their markers along.
                root.mkdir(exist_ok=True)
                (root / f"marker-{begin[:-1]}.md").write_text(post(f"marker{self.count}"), "utf-8")
        for begin in self.roots.keys() - self.kept.keys():
            self.wait_for(f"{begin}marker-{begin[:-1]}.md", f"marker{self.count}")
        assert self.watcher.idle.wait(SECONDS)
        rebuilt: dict[str, Document] = {}
        self.failing = set()
        for begin, part in self.settings.parts.items():
            if begin in self.kept:
                rebuilt |= self.kept[begin]
                continue
            alone = replace(part, index=self.home / f"rebuilt-{begin[:-1]}")
            report = reindex(alone, full=True, allow_removal=True)
            self.failing |= {begin + failed.path for failed in report.failed}
            for id, document in stored_documents(alone).items():
                rebuilt[begin + id] = replace(document, id=begin + id, site=begin[:-1])
        live = stored_documents(self.settings)
        kept = self.failing & live.keys()
        assert {id: live[id] for id in live.keys() - kept} == {id: rebuilt[id] for id in rebuilt.keys() - kept}
        assert not [document for document in live.values() if SECRET in document.body]
        assert read_status(self.settings).pending == 0
        self.compare_counts([*live.values()])

    def compare_counts(self, documents: list[Document]) -> None:
        """Compare facets and filters of the search with what is counted one by one."""
        now = datetime.now(UTC)
        shown = [one for one in documents if one.visible_from is None or one.visible_from <= now]
        assert self.search.run().facets["site"] == Counter(one.site for one in shown if one.site)
        for site in self.options:
            of_site = [one for one in shown if one.site == site]
            found, of_year = self.search.run(site=site), self.search.run(site=site, year=2024)
            years = Counter(str(one.date.year) for one in of_site if one.date)
            assert (found.total, found.facets["year"]) == (len(of_site), years)
            assert of_year.total == years["2024"]
            assert of_year.facets["site"] == Counter(
                one.site for one in shown if one.date and one.date.year == 2024 and one.site
            )

    failing: frozenset[str] | set[str] = frozenset()

    def wait_for(self, id: str, marker: str) -> None:
        deadline = time.monotonic() + SECONDS
        while True:
            with self.told:
                seen = self.runs
            found = stored_documents(self.settings).get(id)
            if found and marker in found.body:
                return
            with self.told:
                self.told.wait_for(lambda seen=seen: self.runs > seen, 1.0)  # type: ignore[misc]
            assert time.monotonic() < deadline, f"{marker} is not in {id}; the watcher says {self.watcher.error!r}"


FOLDER_OPTIONS = {
    "blog": {},
    "docs": {"lang": "de", "timezone": "Asia/Tokyo", "base_url": "/docs"},
    "notes": {"lang": "ja", "timezone": "America/New_York", "url_pattern": "/notes/:slug/"},
}
BEGINS = st.sampled_from([f"{name}/" for name in FOLDER_OPTIONS])


class ConvergingFolders(Converging):
    """The same operations on several folders, which also come, go, change places, and become links."""

    options: ClassVar[dict[str, dict[str, str]]] = FOLDER_OPTIONS

    @property
    def entangled(self) -> bool:
        """Whether a folder is missing as it is a link into another: which of the two counts must stay as it is."""
        return any(self.roots[begin].is_symlink() for begin in self.kept)

    def away(self, begin: str) -> Path:
        return self.home / f"away-{begin[:-1]}"

    @rule(begin=BEGINS)
    def turn_to(self, begin: str) -> None:
        if begin not in self.kept:
            self.begin = begin

    @rule(begin=BEGINS, other=st.none() | BEGINS)
    def take_away(self, begin: str, other: str | None) -> None:
        """The folder goes, or becomes a link into another one; what was indexed of it stays."""
        if begin in self.kept or len(self.kept) + 1 == len(self.roots):
            return
        self.settle()
        documents = stored_documents(self.settings)
        self.kept[begin] = {id: documents[id] for id in documents if id.startswith(begin)}
        self.roots[begin].rename(self.away(begin))
        if other and other not in self.kept and not self.roots[other].is_symlink():
            self.roots[begin].symlink_to(self.roots[other])
        if self.begin in self.kept:
            self.begin = next(one for one in self.roots if one not in self.kept)

    @rule(begin=BEGINS, words=WORDS)
    def bring_back(self, begin: str, words: str) -> None:
        if begin in self.kept:
            with where_possible():
                (self.away(begin) / "one.md").write_text(post(words), "utf-8")
            self.roots[begin].unlink(missing_ok=True)
            self.away(begin).rename(self.roots[begin])
            del self.kept[begin]

    @rule(begin=BEGINS, other=BEGINS)
    def swap(self, begin: str, other: str) -> None:
        if begin != other and not {begin, other} & self.kept.keys() and not self.entangled:
            one, another, between = self.roots[begin], self.roots[other], self.home / "between"
            one.rename(between)
            another.rename(one)
            between.rename(another)

    @rule(begin=BEGINS)
    def make_link(self, begin: str) -> None:
        """The folder lies elsewhere from now on, and a link leads there."""
        if begin not in self.kept and not self.entangled:
            self.count += 1
            goal = self.home / f"goal-{self.count}"
            self.roots[begin].rename(goal)
            self.roots[begin].symlink_to(goal)


def converge(operations: int, steps: int, number: int, machine: type[Converging] = Converging) -> None:
    """Do so many operations, chosen by the seed `number`, in folders that see so many `steps` each."""
    print(f"POSTSEARCH_SEED={number}")
    run_state_machine_as_test(
        seed(number)(type("Seeded", (machine,), {})),
        settings=settings(
            max_examples=max(1, operations // steps),
            stateful_step_count=steps,
            phases=[Phase.generate],  # making a failing run smaller would take hours of waiting
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


class Overlooking(Converging):
    """Operations on a folder of which the watcher overlooks a part."""

    def watch(self) -> Watcher:
        return HastyWatcher(replace(self.settings, exclude=("a/*",)), self.tell)


class Forgetting(ConvergingFolders):
    """Operations on several folders of which the watcher forgets those that are missing."""

    def tell(self, report: Report) -> None:
        there = tuple(folder for folder in self.settings.folders if folder.posts.is_dir())
        self.watcher.settings = replace(self.settings, folders=there)
        super().tell(report)


class Mistaking(ConvergingFolders):
    """Operations on several folders of which the watcher takes one for German."""

    def watch(self) -> Watcher:
        folders = (replace(self.settings.folders[0], lang="de"), *self.settings.folders[1:])
        return HastyWatcher(replace(self.settings, folders=folders), self.tell)


@pytest.mark.parametrize("machine", [Overlooking, Mistaking])
def test_a_watcher_that_misses_posts_is_found_out(machine: type[Converging]) -> None:
    with pytest.raises(AssertionError):
        converge(2000, 50, 1, machine)


def test_a_watcher_that_forgets_a_missing_folder_is_found_out() -> None:
    machine = Forgetting()
    machine.turn_to("docs/")
    machine.save("one.md", "words")
    machine.take_away("docs/", None)
    with pytest.raises(AssertionError):  # noqa: PT012 - once the watcher has looked again whether a folder is missing
        while True:
            machine.settle()
    assert "docs/one.md" not in stored_documents(machine.settings)
    with suppress(AssertionError):
        machine.teardown()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("machine", [Converging, ConvergingFolders])
def test_the_index_converges(machine: type[Converging]) -> None:
    converge(60, 20, int(os.environ.get("POSTSEARCH_SEED", random.randrange(2**32))), machine)
