"""The watcher at work on a real folder: what changes there is in the index soon after, whatever happens."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from index.errors import ClusterFault
from index.indexer.report import Report
from index.settings import Settings
from index.storage.lock import Lock, index_lock, watcher_lock
from index.watching.heartbeat import read_heartbeat
from index.watching.source import Events
from index.watching.watcher import Watcher
from tests import ROOT
from tests.stored import stored_documents

SECONDS = 45.0
"""How long anything may take, on the busiest machine."""


class DeafEvents:
    """An observer that hears nothing, and dies when it is told to."""

    alive = True
    paths: frozenset[str] | None = None

    def watches(self) -> frozenset[str] | None:
        return self.paths

    def stop(self) -> None:
        self.alive = False


class DeafWatcher(Watcher):
    """A watcher whose observers hear nothing."""

    observers: list[DeafEvents]

    def observe(self) -> Events:
        self.observers = [*getattr(self, "observers", ()), DeafEvents()]
        return self.observers[-1]


class Desk:
    """A folder, an index, and a watcher between them that tells of every run."""

    def __init__(self, path: Path, sweep_interval: float = 3600.0) -> None:
        self.path = path
        self.posts = path / "posts"
        self.posts.mkdir()
        self.settings = Settings(
            posts=self.posts, index=path / "index", quiet_period=0.02, sweep_interval=sweep_interval
        )
        self.reports: list[Report] = []
        self.failing: Exception | None = None
        self.told = threading.Condition()
        self.watcher = Watcher(self.settings)

    def start(self, kind: type[Watcher] = Watcher, *, lock: Lock | None = None) -> None:
        self.watcher = kind(self.settings, self.tell, lock=lock)
        self.watcher.start()
        self.until(lambda: len(self.reports) > 0 or bool(self.watcher.error))

    def tell(self, report: Report) -> None:
        if self.failing:
            raise self.failing
        with self.told:
            self.reports.append(report)
            self.told.notify_all()

    def until(self, true: Callable[[], bool]) -> None:
        """Wait for something to come true with one of the watcher's runs, or for an error of one."""
        deadline = time.monotonic() + SECONDS
        while True:
            seen = len(self.reports)
            if true():
                return
            assert time.monotonic() < deadline, f"not within {SECONDS} s: {sorted(self.bodies())}"
            with self.told:
                self.told.wait_for(lambda seen=seen: len(self.reports) > seen, 0.2)  # type: ignore[misc]

    def bodies(self) -> dict[str, str]:
        """What can be found, by id."""
        return {id: document.body for id, document in stored_documents(self.watcher.settings).items()}

    def holds(self, **posts: str) -> None:
        """Wait until the index holds these posts and no others; `a__b` stands for `a/b.md`."""
        wanted = {name.replace("__", "/") + ".md": text for name, text in posts.items()}
        self.until(lambda: self.bodies() == wanted)

    def write(self, id: str, text: str) -> None:
        path = self.posts / id
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.watcher.stop()


def test_what_is_there_at_the_start_is_indexed(desk: Desk) -> None:
    desk.write("a.md", "one")
    desk.start()
    desk.holds(a="one")

    assert desk.watcher.idle.wait(SECONDS)
    assert desk.watcher.mode == "events"


def test_saves_and_removals_are_followed(desk: Desk) -> None:
    desk.start()
    desk.write("a.md", "one")
    desk.holds(a="one")
    desk.write("a.md", "two")
    desk.holds(a="two")
    (desk.posts / "a.md").unlink()
    desk.holds()


def test_an_atomic_save_is_followed(desk: Desk) -> None:
    desk.write("a.md", "one")
    desk.start()
    desk.write("a.md.tmp", "two")
    (desk.posts / "a.md.tmp").replace(desk.posts / "a.md")
    desk.holds(a="two")


def test_the_way_that_vim_saves_is_followed(desk: Desk) -> None:
    desk.write("a.md", "one")
    desk.start()
    desk.write("4913", "")
    (desk.posts / "4913").unlink()
    (desk.posts / "a.md").rename(desk.posts / "a.md~")
    desk.write("a.md", "two")
    (desk.posts / "a.md~").unlink()
    desk.holds(a="two")


def test_a_rename_is_followed(desk: Desk) -> None:
    desk.write("a.md", "one")
    desk.start()
    (desk.posts / "a.md").rename(desk.posts / "b.md")
    desk.holds(b="one")


def test_folders_that_move_are_followed(desk: Desk) -> None:
    desk.write("old/a.md", "one")
    desk.write("../away/deep/b.md", "two")
    desk.start()
    (desk.posts / "old").rename(desk.posts / "new")
    desk.holds(new__a="one")
    (desk.path / "away").rename(desk.posts / "away")
    desk.until(lambda: desk.bodies() == {"new/a.md": "one", "away/deep/b.md": "two"})
    (desk.posts / "new").rename(desk.path / "gone")
    desk.until(lambda: desk.bodies() == {"away/deep/b.md": "two"})
    desk.write("away/deep/c.md", "three")
    desk.until(lambda: desk.bodies() == {"away/deep/b.md": "two", "away/deep/c.md": "three"})
    shutil.rmtree(desk.posts / "away")
    desk.holds()


def test_a_folder_that_was_moved_out_has_no_say(desk: Desk) -> None:
    desk.write("old/a.md", "one")
    desk.start()
    (desk.posts / "old").rename(desk.path / "gone")
    desk.holds()
    (desk.path / "gone" / "a.md").write_text("a ghost")
    desk.write("old/b.md", "two")
    desk.holds(old__b="two")
    (desk.path / "gone").rename(desk.posts / "back")
    desk.until(lambda: desk.bodies() == {"old/b.md": "two", "back/a.md": "a ghost"})
    desk.write("back/a.md", "three")
    desk.until(lambda: desk.bodies() == {"old/b.md": "two", "back/a.md": "three"})


def test_a_change_behind_a_link_is_followed(desk: Desk) -> None:
    desk.write("real/a.md", "one")
    (desk.posts / "link").symlink_to("real")
    desk.start()
    desk.write("real/a.md", "two")
    desk.holds(real__a="two", link__a="two")
    (desk.posts / "link").unlink()
    desk.holds(real__a="two")


def test_many_saves_are_few_commits(desk: Desk) -> None:
    desk.start()
    with index_lock(desk.settings):  # the watcher waits
        for number in range(200):
            desk.write(f"{number}.md", "text")
    desk.until(lambda: len(desk.bodies()) == 200)

    assert desk.reports[-1].generation < 20


def test_reading_does_not_wake_the_watcher(desk: Desk) -> None:
    desk.write("a.md", "one")
    desk.start()
    assert desk.watcher.idle.wait(SECONDS)
    before = len(desk.reports)
    for _ in range(50):
        (desk.posts / "a.md").read_text()
    desk.write("b.md", "two")
    desk.holds(a="one", b="two")
    assert desk.watcher.idle.wait(SECONDS)
    first, *others = desk.reports[before:]

    assert (first.indexed, first.total) == (1, 1)
    assert all(report.total == 1 for report in others)


def test_an_index_below_the_posts_does_not_wake_the_watcher(desk: Desk) -> None:
    desk.settings = Settings(posts=desk.posts, index=desk.posts / "index", quiet_period=0.02, sweep_interval=3600)
    desk.start()
    desk.write("a.md", "one")
    desk.holds(a="one")
    assert desk.watcher.idle.wait(SECONDS)
    before = len(desk.reports)
    desk.write("b.md", "two")
    desk.holds(a="one", b="two")
    assert desk.watcher.idle.wait(SECONDS)

    assert all(report.total == 1 for report in desk.reports[before:]), "only b.md was looked at"


def test_a_change_of_the_site_is_followed(desk: Desk) -> None:
    desk.write("a.md", "one")
    desk.start()
    generation = desk.reports[-1].generation
    desk.write("_config.yml", "permalink: /blog/:title/")
    desk.until(lambda: desk.reports[-1].generation > generation)


def test_a_failed_update_is_tried_again(desk: Desk) -> None:
    desk.start()
    desk.settings.index.chmod(0o777)
    desk.write("a.md", "one")
    desk.until(lambda: "others may write" in desk.watcher.error)
    desk.settings.index.chmod(0o700)
    desk.holds(a="one")
    assert desk.watcher.idle.wait(SECONDS)

    assert desk.watcher.error == ""


def test_what_on_report_raises_is_told_to_other_processes_and_does_not_end_the_watching(desk: Desk) -> None:
    def said() -> str:
        beat = read_heartbeat(desk.settings)
        return beat.error if beat else "nothing"

    desk.failing = RuntimeError("a bug of the caller")
    desk.start()
    desk.until(lambda: said() == "RuntimeError: a bug of the caller")
    desk.failing = None
    desk.until(lambda: said() == "")
    desk.write("a.md", "one")
    desk.holds(a="one")


def test_a_cluster_that_is_away_is_told_to_anybody_without_its_address(desk: Desk) -> None:
    desk.failing = ClusterFault("no node answers as one of the cluster at https://secret:9200: refused; start them")
    desk.write("a.md", "one")
    desk.start()

    def said() -> str:
        beat = read_heartbeat(desk.settings)
        return beat.reason if beat else ""

    desk.until(lambda: said() == "no node answers as one of the cluster")
    desk.failing = None
    desk.until(lambda: said() == "" and bool(desk.reports))


def test_another_process_that_writes_for_long_is_told(desk: Desk) -> None:
    desk.settings = replace(desk.settings, lock_timeout=0)
    desk.start()
    with index_lock(desk.settings):
        desk.write("a.md", "one")
        desk.until(lambda: "IndexBusy" in desk.watcher.error)
    desk.until(lambda: bool(desk.reports[-1].indexed))
    desk.watcher.stop()

    assert desk.bodies() == {"a.md": "one"}


def test_a_root_that_goes_and_comes_back_is_followed(desk: Desk) -> None:
    desk.write("a.md", "one")
    desk.start()
    shutil.rmtree(desk.posts)
    desk.until(lambda: f"there is no folder '{desk.posts}'" in desk.watcher.error)
    assert desk.watcher.reason == "the setting posts can't be used; the log of the watcher says why"
    desk.write("b.md", "two")
    desk.holds(b="two")
    desk.write("c.md", "three")
    desk.holds(b="two", c="three")


def test_a_root_that_is_swapped_is_followed(desk: Desk) -> None:
    desk.write("a.md", "one")
    desk.write("../next/b.md", "two")
    desk.start()
    desk.posts.rename(desk.path / "previous")
    (desk.path / "next").rename(desk.posts)
    desk.holds(b="two")
    desk.write("c.md", "three")
    desk.holds(b="two", c="three")


def test_a_linked_root_that_is_switched_is_followed(desk: Desk) -> None:
    desk.posts.rmdir()
    desk.write("../first/a.md", "one")
    desk.write("../second/b.md", "two")
    shutil.rmtree(desk.posts)
    desk.posts.symlink_to("first")
    desk.start()
    (desk.path / "new").symlink_to("second")
    (desk.path / "new").replace(desk.posts)
    desk.holds(b="two")
    desk.write("c.md", "three")
    desk.holds(b="two", c="three")


class HastyWatcher(Watcher):
    """A watcher whose second look comes soon."""

    second_look_seconds = 0.3


class PatientWatcher(Watcher):
    """A watcher whose second look comes too late for a test."""

    second_look_seconds = 3600.0


def with_many_posts(desk: Desk) -> dict[str, str]:
    for number in range(20):
        desk.write(f"{number}.md", "one")
    return {f"{number}.md": "one" for number in range(20)}


def test_a_folder_that_is_empty_for_a_while_loses_no_post(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    posts = with_many_posts(desk)
    desk.start(PatientWatcher)
    desk.posts.rename(desk.path / "away")
    desk.posts.mkdir()
    desk.until(lambda: "UnlikelyRemoval" in desk.watcher.error)
    desk.until(lambda: bool((beat := read_heartbeat(desk.settings)) and beat.reason))
    beat = read_heartbeat(desk.settings)
    assert desk.bodies() == posts
    desk.posts.rmdir()
    (desk.path / "away").rename(desk.posts)
    desk.write("new.md", "two")
    desk.until(lambda: desk.bodies() == {**posts, "new.md": "two"})
    assert desk.watcher.idle.wait(SECONDS)

    assert beat
    gone = "20 of 20 posts are gone from the folder"
    assert beat.reason == f"{gone}; they stay until a second look, which removes them unless they are back"
    assert (desk.watcher.error, desk.watcher.reason) == ("", "")
    assert caplog.text.count("unless they are back in 3600 s, they are removed from the index") == 1


def test_posts_that_are_removed_one_by_one_are_held_too(desk: Desk) -> None:
    posts = with_many_posts(desk)
    desk.start(PatientWatcher)
    with index_lock(desk.settings):  # so that they are seen to be gone together
        for id in posts:
            (desk.posts / id).unlink()
    desk.until(lambda: "20 of 20 posts are gone" in desk.watcher.error)

    assert desk.bodies() == posts


def test_posts_that_are_gone_at_a_second_look_are_removed(desk: Desk) -> None:
    with_many_posts(desk)
    desk.start(HastyWatcher)
    shutil.rmtree(desk.posts)
    desk.write("new.md", "two")
    desk.holds(new="two")
    assert desk.watcher.idle.wait(SECONDS)

    assert (desk.watcher.error, desk.watcher.mode) == ("", "events")


def test_a_dead_observer_is_replaced(desk: Desk) -> None:
    desk.start(DeafWatcher)
    assert isinstance(desk.watcher, DeafWatcher)
    desk.write("a.md", "one")
    desk.watcher.observers[0].alive = False
    desk.holds(a="one")

    assert len(desk.watcher.observers) == 2


def test_without_events_the_watcher_polls(desk: Desk) -> None:
    class BlindWatcher(Watcher):
        def observe(self) -> Events:
            raise OSError(24, "inotify instance limit reached")

    desk.start(BlindWatcher)
    desk.write("a.md", "one")
    desk.holds(a="one")
    desk.write("b.md", "two")
    desk.holds(a="one", b="two")

    assert desk.watcher.mode == "polling"


EXHAUSTED = """
import sys, threading
from pathlib import Path
from index.settings import Settings
from index.watching.heartbeat import read_heartbeat
from index.watching.watcher import Watcher
from tests.stored import stored_documents

Path("/proc/sys/user/max_inotify_watches").write_text("3")
root = Path(sys.argv[1])
for number in range(9):
    (root / "posts" / str(number)).mkdir(parents=True)
settings = Settings(posts=root / "posts", index=root / "index", quiet_period=0.02, sweep_interval=3600)
told = threading.Event()
watcher = Watcher(settings, lambda report: told.set())
watcher.start()
assert watcher.idle.wait(45) and told.wait(45)
for number in range(9):
    (root / "posts" / str(number) / "a.md").write_text("one")
for _ in range(45):
    if len(stored_documents(settings)) == 9:
        break
    told.clear()
    told.wait(1)
print(watcher.mode, len(stored_documents(settings)))
beat = read_heartbeat(settings)
print(beat.mode, beat.watched, beat.folders, beat.error)
watcher.stop()
"""
"""A watcher where the system watches no more than three folders, as it may be told in a user namespace."""


def test_folders_that_the_system_does_not_watch_are_polled(tmp_path: Path) -> None:
    command = ["unshare", "--map-root-user", sys.executable, "-c", EXHAUSTED, str(tmp_path)]
    limited = ["unshare", "--map-root-user", "sh", "-c", "echo 3 >/proc/sys/user/max_inotify_watches"]
    if not shutil.which("unshare") or subprocess.run(limited, capture_output=True, check=False).returncode:
        pytest.skip("the system gives no namespace in which the number of watches may be limited")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.stdout.splitlines() == ["polling 9", "polling 3 10 "], done.stderr
    assert "3 of 10 folders" in done.stderr
    assert "raise fs.inotify.max_user_watches" in done.stderr


def test_folders_where_no_posts_may_lie_need_no_events(desk: Desk) -> None:
    class FewWatcher(Watcher):
        def observe(self) -> Events:
            events = DeafEvents()
            events.paths = frozenset({str(desk.posts), str(desk.posts / "a")})
            return events

    for folder in ("a", ".git/objects", "node_modules/x", "a/_site"):
        (desk.posts / folder).mkdir(parents=True)
    (desk.posts / "link").symlink_to("a")
    desk.start(FewWatcher)
    assert desk.watcher.idle.wait(SECONDS)

    assert desk.watcher.mode == "events"


def test_a_new_folder_without_events_has_all_of_them_watched_anew(desk: Desk) -> None:
    made: list[DeafEvents] = []

    class ForgetfulWatcher(Watcher):
        def observe(self) -> Events:
            made.append(DeafEvents())
            made[-1].paths = frozenset(
                map(str, [desk.posts, *(path for path in desk.posts.iterdir() if path.is_dir())])
            )
            return made[-1]

    desk.settings = replace(desk.settings, sweep_interval=0.2)
    desk.start(ForgetfulWatcher)
    (desk.posts / "new").mkdir()
    desk.until(lambda: len(made) > 1 and desk.watcher.mode == "events")

    assert not made[0].alive
    assert made[1].paths
    assert str(desk.posts / "new") in made[1].paths


def test_an_observer_that_hears_nothing_is_found_out(tmp_path: Path) -> None:
    desk = Desk(tmp_path, sweep_interval=0.3)
    desk.start(DeafWatcher)
    assert desk.watcher.mode == "events"
    desk.write("a.md", "one")
    desk.holds(a="one")
    desk.until(lambda: desk.watcher.mode == "polling")
    desk.watcher.stop()


def test_the_sign_of_life_is_there_while_the_watcher_runs(desk: Desk) -> None:
    desk.start()
    desk.until(lambda: read_heartbeat(desk.settings) is not None)
    beat = read_heartbeat(desk.settings)
    desk.watcher.stop()

    assert beat
    assert (beat.pid, beat.mode, beat.error) == (os.getpid(), "events", "")
    assert read_heartbeat(desk.settings) is None


def test_stopping_does_not_wait_for_the_next_sweep_and_may_be_done_twice(desk: Desk) -> None:
    desk.start()
    desk.watcher.stop()
    desk.watcher.stop()

    assert not [thread for thread in threading.enumerate() if thread.name == "postsearch-watcher"]


def test_stopping_ends_a_long_run_and_leaves_the_old_index(desk: Desk) -> None:
    for number in range(50):
        desk.write(f"{number}.md", "text")
    reading = threading.Event()

    class SlowWatcher(Watcher):
        def on_progress(self, done: int, total: int) -> None:
            reading.set()
            self.stopped.wait(SECONDS)
            super().on_progress(done, total)

    desk.watcher = SlowWatcher(desk.settings, desk.tell)
    desk.watcher.start()
    assert reading.wait(SECONDS)
    desk.watcher.stop()

    assert desk.bodies() == {}
    assert desk.watcher.error == ""


def test_a_change_of_the_working_directory_moves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, desk: Desk
) -> None:
    monkeypatch.chdir(tmp_path)
    desk.settings = replace(desk.settings, posts=Path("posts"), index=Path("index"))
    desk.start()
    monkeypatch.chdir("/")
    desk.write("a.md", "one")
    desk.holds(a="one")

    assert not Path("/index").exists()


def test_a_watcher_that_never_started_can_be_stopped(tmp_path: Path) -> None:
    Watcher(Settings(posts=tmp_path, index=tmp_path / "index")).stop()


def test_an_index_folder_that_was_removed_is_built_anew_at_once(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    desk.write("a.md", "one")
    with watcher_lock(desk.settings) as lock:
        desk.start(lock=lock)
        before = len(desk.reports)
        desk.settings.index.rename(desk.path / "gone")  # at once, which a removal is not
        desk.until(lambda: len(desk.reports) > before)
        desk.watcher.stop()

        assert lock
        assert lock.in_place()
        assert desk.reports[-1].indexed == 1
        assert "polling" not in caplog.text, "no event tells of the index"


def test_a_watcher_stands_down_when_another_one_took_the_lock_of_a_new_folder(desk: Desk) -> None:
    with watcher_lock(desk.settings) as lock:
        desk.start(lock=lock)
        desk.until(lambda: read_heartbeat(desk.settings) is not None)
        beat = desk.settings.index / "watcher.json"
        folder = desk.path / "next"
        with watcher_lock(replace(desk.settings, index=folder)) as other:
            (folder / "watcher.json").write_text(beat.read_text().replace(str(os.getpid()), "1"))
            (folder / "watcher.json").replace(beat)
            (folder / "watcher.lock").replace(beat.with_name("watcher.lock"))
            assert desk.watcher.stopped.wait(SECONDS)
            desk.watcher.stop()

        assert other
        assert read_heartbeat(desk.settings) is not None


def test_a_lock_that_cannot_be_taken_anew_is_tried_again(desk: Desk) -> None:
    desk.write("a.md", "one")
    with watcher_lock(desk.settings) as lock:
        desk.start(lock=lock)
        before = len(desk.reports)
        assert lock
        desk.settings.index.chmod(0o777)
        (desk.settings.index / "watcher.lock").unlink()
        desk.until(lambda: "others may write" in desk.watcher.error)
        desk.settings.index.chmod(0o700)
        desk.until(lambda: len(desk.reports) > before)
        desk.watcher.stop()

        assert lock.in_place()


@pytest.fixture
def several(desk: Desk) -> Desk:
    """A desk with two folders of posts, of which `posts/` holds the one and `docs/` is the other."""
    (desk.path / "docs").mkdir()
    folders = {"blog": desk.posts, "docs": desk.path / "docs"}
    desk.settings = replace(desk.settings, posts=folders)  # type: ignore[arg-type]
    desk.write("a.md", "one")
    desk.write("../docs/a.md", "two")
    return desk


def test_several_folders_are_watched_by_one(several: Desk) -> None:
    several.start()
    several.holds(blog__a="one", docs__a="two")
    several.write("a.md", "three")
    several.write("deep/b.md", "four")
    several.write("../docs/deep/c.md", "five")
    several.holds(blog__a="three", blog__deep__b="four", docs__a="two", docs__deep__c="five")
    (several.path / "docs/a.md").unlink()
    several.holds(blog__a="three", blog__deep__b="four", docs__deep__c="five")

    assert several.watcher.mode == "events"


def test_a_folder_that_goes_keeps_its_posts_and_is_watched_again_when_it_is_back(several: Desk) -> None:
    several.start()
    several.holds(blog__a="one", docs__a="two")
    (several.path / "docs").rename(several.path / "away")
    several.until(lambda: several.reports[-1].failed != ())
    several.write("a.md", "three")
    several.holds(blog__a="three", docs__a="two")
    report = next(report for report in reversed(several.reports) if report.whole)

    assert [failed.path for failed in report.failed] == ["docs/"]
    several.until(lambda: bool((beat := read_heartbeat(several.settings)) and beat.reason))
    beat = read_heartbeat(several.settings)
    assert beat
    assert beat.reason == "the folder of docs is missing; what was indexed of it is still found"
    before = len(several.reports)
    (several.path / "away").rename(several.path / "docs")
    several.until(lambda: any(one.whole and not one.failed for one in several.reports[before:]))
    assert all(report.indexed == 0 for report in several.reports[before:])
    several.until(lambda: bool((beat := read_heartbeat(several.settings)) and not beat.error))
    several.write("../docs/a.md", "four")
    several.holds(blog__a="three", docs__a="four")


def test_a_folder_that_comes_back_as_a_link_to_another_holds_up_none(several: Desk) -> None:
    several.start()
    several.holds(blog__a="one", docs__a="two")
    (several.path / "docs").rename(several.path / "away")
    (several.path / "docs").symlink_to(several.posts)
    told = "the folder of docs overlaps that of blog; what was indexed of it is still found"
    several.until(lambda: bool((beat := read_heartbeat(several.settings)) and beat.reason == told))
    several.write("a.md", "three")
    several.holds(blog__a="three", docs__a="two")
    (several.path / "docs").unlink()
    (several.path / "away").rename(several.path / "docs")
    several.until(lambda: bool((beat := read_heartbeat(several.settings)) and not beat.error))
    several.write("../docs/a.md", "four")
    several.holds(blog__a="three", docs__a="four")


@pytest.mark.parametrize("kind", [PatientWatcher, HastyWatcher])
def test_a_folder_that_lost_most_of_its_posts_holds_up_no_other(several: Desk, kind: type[Watcher]) -> None:
    for number in range(12):
        several.write(f"../docs/{number}.md", "text")
    several.start(kind)
    several.until(lambda: len(several.bodies()) == 14)
    with index_lock(several.settings):  # so that they are seen to be gone together
        for path in (several.path / "docs").iterdir():
            path.unlink()
        several.write("a.md", "three")
    if kind is HastyWatcher:
        several.holds(blog__a="three")
        return
    several.until(lambda: several.bodies()["blog/a.md"] == "three")
    several.until(lambda: "13 of 13 posts are gone from the folder of docs;" in several.watcher.reason)
    assert len(several.bodies()) == 14


def test_folders_that_lost_most_of_their_posts_are_all_named(several: Desk) -> None:
    for number in range(12):
        several.write(f"{number}.md", "text")
        several.write(f"../docs/{number}.md", "text")
    several.start(PatientWatcher)
    several.until(lambda: len(several.bodies()) == 26)
    for name, told in {"docs": "13 of 13 .* folder of docs;", "posts": "26 of 26 .* folder of blog and docs;"}.items():
        with index_lock(several.settings):  # so that they are seen to be gone together
            for path in (several.path / name).iterdir():
                path.unlink()
        several.until(lambda told=told: re.match(told, several.watcher.reason) is not None)  # type: ignore[misc]
    assert len(several.bodies()) == 26


def test_who_does_not_watch_loads_nothing_of_the_indexer() -> None:
    code = (
        "import sys, index.watching.candidacy; print(*{'watchdog', 'frontmatter', 'index.indexer'} & set(sys.modules))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert loaded.stdout == "\n"
