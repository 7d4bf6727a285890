"""Whatever is done to the folder while the watcher runs: once it is quiet, the index equals a fresh rebuild.

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
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from index.indexer.report import Report
from index.indexer.run import reindex
from index.indexer.status import pending
from index.settings import Settings
from index.watching.watcher import Watcher
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
    """Operations on a folder that is watched."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="postsearch-"))
        self.root, self.outside = self.home / "posts", self.home / "outside"
        self.root.mkdir()
        self.outside.mkdir()
        self.settings = Settings(posts=self.root, index=self.home / "live", quiet_period=0.02, sweep_interval=3600.0)
        self.rebuilt = Settings(posts=self.root, index=self.home / "rebuilt")
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
            shutil.rmtree(self.home, ignore_errors=True)

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
        before = stored_documents(self.settings).get(place)
        existed = (self.root / place).is_file() and not (self.root / place).is_symlink()
        with where_possible():
            new = self.path(place).with_name(".new")
            new.write_text(f"---\ntitle: [a\n {{ {SECRET}\n", "utf-8")
            new.replace(self.path(place))
            self.settle()
            if existed and place in self.failing:
                assert stored_documents(self.settings).get(place) == before

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

    @rule(place=PLACES, goal=st.one_of(PLACES, FOLDERS, st.just("../outside"), st.just("nowhere.md")))
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
        shutil.rmtree(self.root)
        self.save("one.md", words)

    @rule()
    def settle(self) -> None:
        """Wait until the watcher has seen the last operation, then compare with a rebuild."""
        self.count += 1
        marker = f"marker{self.count}"
        self.path("marker.md").write_text(post(marker), "utf-8")
        self.wait_for(marker)
        assert self.watcher.idle.wait(SECONDS)
        report = reindex(self.rebuilt, full=True, allow_removal=True)
        self.failing = {failed.path for failed in report.failed}
        live, rebuilt = stored_documents(self.settings), stored_documents(self.rebuilt)
        kept = self.failing & live.keys()
        assert {id: live[id] for id in live.keys() - kept} == {id: rebuilt[id] for id in rebuilt.keys() - kept}
        assert not [document for document in live.values() if SECRET in document.body]
        assert pending(self.settings) == 0

    failing: frozenset[str] | set[str] = frozenset()

    def wait_for(self, marker: str) -> None:
        deadline = time.monotonic() + SECONDS
        while True:
            with self.told:
                seen = self.runs
            found = stored_documents(self.settings).get("marker.md")
            if found and marker in found.body:
                return
            with self.told:
                self.told.wait_for(lambda seen=seen: self.runs > seen, 1.0)  # type: ignore[misc]
            assert time.monotonic() < deadline, f"{marker} is not in the index; the watcher says {self.watcher.error!r}"


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


@pytest.mark.timeout(300)
def test_a_watcher_that_misses_posts_is_found_out() -> None:
    with pytest.raises(AssertionError):
        converge(2000, 50, 1, Overlooking)


@pytest.mark.timeout(600)
def test_the_index_converges() -> None:
    converge(60, 20, int(os.environ.get("POSTSEARCH_SEED", random.randrange(2**32))))
