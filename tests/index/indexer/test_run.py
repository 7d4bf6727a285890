"""The index follows the folder: what is read, written, kept, counted, and what happens when something fails."""

from __future__ import annotations

import logging
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from index.errors import ClusterFault, IndexBusy, IndexDamaged, SettingsError, UnlikelyRemoval
from index.indexer.ledger import load
from index.indexer.post import Post
from index.indexer.report import Excluded, Failed, Problem, Report
from index.indexer.run import Run, reindex
from index.settings import Settings
from index.sites.site import Site
from index.storage import Writer, open_writer
from index.storage.lock import index_lock
from index.storage.mark import is_marked, mark_damaged
from tests.shelf import Shelf, read_tiny
from tests.stored import stored_documents

NOW = datetime(2024, 6, 1, tzinfo=UTC)
LONG_AGO = 1_000_000_000


class Desk:
    """A folder of posts, an engine, and the indexer between them."""

    def __init__(self, path: Path) -> None:
        self.settings = Settings(posts=path / "posts", index=path / "index", workers=1, lock_timeout=0)
        self.settings.posts.mkdir()
        self.shelf = Shelf()
        self.read: list[str] = []

    def write(self, id: str, *lines: str) -> None:
        path = self.settings.posts / id
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines or (id,)), "utf-8")

    def remove(self, id: str) -> None:
        (self.settings.posts / id).unlink()

    def reader(self, data: bytes, id: str, site: Site) -> Post:
        self.read.append(id)
        return read_tiny(data, id, site)

    def reindex(self, *, full: bool = False) -> Report:
        self.read.clear()
        return self.shelf.run(self.settings, now=NOW, read=self.reader).go(full=full)

    def update(self, *ids: str) -> Report:
        self.read.clear()
        return self.shelf.run(self.settings, now=NOW, read=self.reader).go(ids)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def with_posts(desk: Desk, count: int, *, draft: bool = False) -> list[str]:
    """The ids of so many posts, which are in the index by now."""
    ids = [f"deep/{'draft' if draft else 'post'}{number}.md" for number in range(count)]
    for id in ids:
        desk.write(id, "draft" if draft else id)
    desk.reindex()
    return ids


def counts(report: Report) -> tuple[int, int, int]:
    return report.indexed, report.unchanged, report.removed


def adds_up(report: Report) -> bool:
    return report.total == report.indexed + report.unchanged + len(report.excluded) + len(report.failed)


def test_all_posts_are_indexed(desk: Desk) -> None:
    desk.write("a.md")
    desk.write("deep/b.md")
    report = desk.reindex()

    assert counts(report) == (2, 0, 0)
    assert report.total == 2
    assert report.generation == desk.shelf.generation == 1
    assert desk.shelf.bodies() == {"a.md": "a.md", "deep/b.md": "deep/b.md"}


def test_an_empty_folder_gives_an_empty_index(desk: Desk) -> None:
    assert counts(desk.reindex()) == (0, 0, 0)
    assert desk.shelf.generation == 1


def test_a_second_run_changes_nothing(desk: Desk) -> None:
    desk.write("a.md")
    desk.write("b.md", "draft")
    desk.write("c.md", "broken")
    first, second = desk.reindex(), desk.reindex()

    assert counts(second) == (0, 1, 0)
    assert (second.excluded, second.failed, second.generation) == (first.excluded, first.failed, first.generation)
    assert desk.read == []


def test_only_what_changed_is_read(desk: Desk) -> None:
    for id in ("a.md", "b.md", "c.md", "d.md"):
        desk.write(id)
    desk.reindex()
    desk.write("b.md", "changed")
    desk.remove("c.md")
    desk.write("e.md")
    report = desk.reindex()

    assert counts(report) == (2, 2, 1)
    assert sorted(desk.read) == ["b.md", "e.md"]
    assert desk.shelf.bodies() == {"a.md": "a.md", "b.md": "changed", "d.md": "d.md", "e.md": "e.md"}


def test_a_touched_file_is_not_read(desk: Desk) -> None:
    desk.write("a.md")
    desk.reindex()
    os.utime(desk.settings.posts / "a.md", ns=(LONG_AGO, LONG_AGO))

    assert counts(desk.reindex()) == (0, 1, 0)
    assert desk.read == []
    assert desk.shelf.generation == 1


def test_a_change_that_keeps_time_and_size_is_seen(desk: Desk) -> None:
    desk.write("a.md", "one")
    os.utime(desk.settings.posts / "a.md", ns=(LONG_AGO, LONG_AGO))
    desk.reindex()
    desk.write("a.md", "two")
    os.utime(desk.settings.posts / "a.md", ns=(LONG_AGO, LONG_AGO))

    assert counts(desk.reindex()) == (1, 0, 0)
    assert desk.shelf.bodies() == {"a.md": "two"}


def test_a_rename_moves_the_post(desk: Desk) -> None:
    desk.write("Post.md", "text")
    desk.reindex()
    (desk.settings.posts / "Post.md").rename(desk.settings.posts / "post.md")

    assert counts(desk.reindex()) == (1, 0, 1)
    assert desk.shelf.bodies() == {"post.md": "text"}


def test_a_draft_is_taken_out_and_put_back(desk: Desk) -> None:
    desk.write("a.md", "text")
    desk.reindex()
    desk.write("a.md", "draft")
    hidden = desk.reindex()
    shown_while_hidden = desk.shelf.bodies()
    desk.write("a.md", "text again")

    assert hidden.excluded == (Excluded("a.md", "draft: true"),)
    assert counts(hidden) == (0, 0, 0)
    assert shown_while_hidden == {}
    assert counts(desk.reindex()) == (1, 0, 0)


def test_editing_a_draft_is_no_commit(desk: Desk) -> None:
    desk.write("a.md", "draft")
    desk.reindex()
    desk.write("a.md", "draft", "more")
    desk.reindex()

    assert desk.shelf.generation == 1


def test_a_post_is_excluded_by_the_clock_but_indexed(desk: Desk) -> None:
    desk.write("future.md", "from 2027-01-01")
    desk.write("now.md", "from 2024-06-01", "to 2024-06-02")
    desk.write("past.md", "to 2024-06-01")
    report = desk.reindex()

    assert report.excluded == (
        Excluded("future.md", "dated in the future: 2027-01-01"),
        Excluded("past.md", "expired: 2024-06-01"),
    )
    assert set(desk.shelf.documents) == {"future.md", "now.md", "past.md"}
    assert desk.reindex().excluded == report.excluded
    assert adds_up(report)


def test_a_large_file_is_excluded_with_the_reason(desk: Desk) -> None:
    desk.settings = replace(desk.settings, max_file_size=10)
    desk.write("a.md", "short")
    desk.reindex()
    desk.write("a.md", "far too long")
    report = desk.reindex()

    assert report.excluded == (Excluded("a.md", "larger than 10 bytes"),)
    assert desk.shelf.bodies() == {}


def test_a_failing_post_is_named_with_its_place(desk: Desk) -> None:
    desk.write("a.md", "broken")
    desk.write("b.md")
    report = desk.reindex()

    assert report.failed == (Failed("a.md", 2, 3, "a broken header", served=False),)
    assert set(desk.shelf.documents) == {"b.md"}
    assert adds_up(report)


def test_a_bug_in_the_reader_is_a_failure_of_one_post(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.write("a.md", "boom")
    desk.write("b.md")
    with caplog.at_level(logging.ERROR):
        report = desk.reindex()

    assert report.failed == (
        Failed("a.md", 0, 0, "an unforeseen error: RuntimeError: a bug in the reader", served=False),
    )
    assert set(desk.shelf.documents) == {"b.md"}
    assert "Traceback" in caplog.text


@pytest.mark.parametrize("how", ["broken", "boom"])
@pytest.mark.parametrize("full", [False, True])
def test_a_failing_post_keeps_its_last_good_version(desk: Desk, how: str, full: bool) -> None:
    desk.write("a.md", "good", "from 2024-01-01", "to 2024-12-31")
    desk.reindex()
    before = desk.shelf.documents["a.md"]
    desk.write("a.md", how)
    for _ in range(2):
        report = desk.reindex(full=full)
        assert [failed.path for failed in report.failed] == ["a.md"]
        assert desk.shelf.documents == {"a.md": before}
    desk.write("a.md", "good again")

    assert counts(desk.reindex(full=full)) == (1, 0, 0)
    assert desk.shelf.bodies() == {"a.md": "good again"}


@pytest.mark.parametrize("full", [False, True])
def test_a_hidden_post_that_fails_stays_hidden(desk: Desk, full: bool) -> None:
    desk.write("a.md", "good")
    desk.reindex()
    desk.write("a.md", "draft")
    desk.reindex()
    desk.write("a.md", "broken")
    desk.reindex(full=full)

    assert desk.shelf.bodies() == {}


@pytest.mark.parametrize("full", [False, True])
def test_a_failing_post_that_is_removed_is_removed(desk: Desk, full: bool) -> None:
    desk.write("a.md", "good")
    desk.reindex()
    desk.write("a.md", "broken")
    desk.reindex()
    desk.remove("a.md")
    report = desk.reindex(full=full)

    assert desk.shelf.bodies() == {}
    assert report.removed == 1


def test_a_failing_post_that_becomes_a_draft_is_hidden(desk: Desk) -> None:
    desk.write("a.md", "good")
    desk.reindex()
    desk.write("a.md", "broken")
    desk.reindex()
    desk.write("a.md", "draft")
    desk.reindex()

    assert desk.shelf.bodies() == {}


def test_warnings_are_told_of_posts_that_were_read(desk: Desk) -> None:
    desk.write("a.md", "warn")

    assert desk.reindex().warnings == (Problem("a.md", 1, 4, "a word of warning", "warning"),)
    assert desk.reindex().warnings == ()


def test_of_many_warnings_of_a_post_the_number_is_told(desk: Desk) -> None:
    desk.write("a.md", "---\n" + "title: a\n" * 9_000 + "---\nb")

    warnings = reindex(desk.settings).warnings

    assert len(warnings) == 51
    assert warnings[49].line == 52
    assert warnings[50].message == "and 8949 more warnings"


def test_a_file_that_vanishes_while_it_is_read_counts_as_removed(desk: Desk) -> None:
    desk.write("a.md", "text")
    desk.reindex()
    desk.write("a.md", "changed")

    def reader(data: bytes, id: str, site: Site) -> Post:
        desk.remove(id)
        return read_tiny(data, id, site)

    report = desk.shelf.run(desk.settings, read=reader).go()

    assert (counts(report), report.total) == ((0, 0, 1), 0)
    assert desk.shelf.bodies() == {}


def test_a_file_that_changes_while_it_is_read_is_read_again(desk: Desk) -> None:
    desk.write("a.md", "half")

    def reader(data: bytes, id: str, site: Site) -> Post:
        if data == b"half":
            desk.write(id, "half and half")
        return read_tiny(data, id, site)

    desk.shelf.run(desk.settings, read=reader).go()

    assert desk.shelf.bodies() == {"a.md": "half and half"}


def test_a_file_that_never_rests_keeps_its_last_good_version(desk: Desk) -> None:
    desk.write("a.md", "good")
    desk.reindex()
    desk.write("a.md", "x")

    def reader(data: bytes, id: str, site: Site) -> Post:
        desk.write(id, data.decode() + "x")
        return read_tiny(data, id, site)

    report = desk.shelf.run(desk.settings, read=reader).go()

    assert report.failed == (Failed("a.md", 0, 0, "the file is still being written", served=True),)
    assert desk.shelf.bodies() == {"a.md": "good"}
    assert counts(desk.reindex()) == (1, 0, 0)


def test_full_reads_every_post_into_a_fresh_index(desk: Desk) -> None:
    desk.write("a.md")
    desk.write("b.md")
    desk.reindex()
    fresh = desk.shelf.fresh
    report = desk.reindex(full=True)

    assert counts(report) == (2, 0, 0)
    assert sorted(desk.read) == ["a.md", "b.md"]
    assert (desk.shelf.fresh, desk.shelf.generation) == (fresh + 1, 2)


@pytest.mark.parametrize("refusal", [OSError(28, "No space left on device"), ClusterFault("no node answers")])
def test_a_failed_run_leaves_the_old_index(desk: Desk, refusal: Exception) -> None:
    desk.write("a.md", "old")
    desk.reindex()
    before = load(desk.settings.index)
    desk.write("a.md", "new")
    desk.write("b.md", "new too")
    desk.shelf.refusal = refusal
    for ids in (None, ["a.md"]):
        with pytest.raises(type(refusal), match=str(refusal.args[-1])):
            desk.reindex() if ids is None else desk.update(*ids)
    old, desk.shelf.refusal = desk.shelf.bodies(), None

    assert old == {"a.md": "old"}
    assert load(desk.settings.index) == before
    assert counts(desk.reindex()) == (2, 0, 0)


def switch(desk: Desk, engine: str, shelf: Shelf) -> Report:
    """Bring the index of another engine up to date, from the same settings but for that."""
    desk.settings, desk.shelf = replace(desk.settings, engine=engine), shelf
    return desk.reindex()


def test_the_index_of_another_engine_is_built_anew_and_so_is_the_first_one_after_it(desk: Desk) -> None:
    desk.write("a.md", "one")
    desk.write("b.md", "gone soon")
    first, second = desk.shelf, Shelf()
    desk.reindex()

    assert counts(switch(desk, "opensearch", second)) == (2, 0, 0)
    assert counts(desk.reindex()) == (0, 2, 0)
    desk.write("a.md", "two")
    desk.remove("b.md")
    desk.reindex()
    assert (first.bodies(), second.bodies()) == ({"a.md": "one", "b.md": "gone soon"}, {"a.md": "two"})

    assert counts(switch(desk, "whoosh", first)) == (1, 0, 0)
    assert first.bodies() == {"a.md": "two"}
    assert counts(desk.reindex()) == (0, 1, 0)


def test_what_was_hidden_since_stays_hidden_when_its_old_engine_comes_back(desk: Desk) -> None:
    desk.write("a.md", "a secret by tomorrow")
    desk.write("b.md", "good")
    first, second = desk.shelf, Shelf()
    desk.reindex()
    desk.write("a.md", "draft")
    switch(desk, "opensearch", second)
    desk.write("a.md", "broken")
    desk.reindex()
    switch(desk, "whoosh", first)

    assert first.bodies() == {"b.md": "good"}


def test_a_folder_that_is_not_there_is_not_indexed_by_another_engine(desk: Desk) -> None:
    ids = with_posts(desk, 20)
    for id in ids:
        desk.remove(id)
    second = Shelf()

    with pytest.raises(UnlikelyRemoval):
        switch(desk, "opensearch", second)
    assert second.generation == 0


def test_the_mark_of_damage_goes_with_what_is_built_anew_by_any_engine(desk: Desk) -> None:
    desk.write("a.md")
    desk.reindex()
    mark_damaged(desk.settings.index, "a bad block")
    switch(desk, "opensearch", Shelf())
    assert not is_marked(desk.settings.index)

    desk.shelf.damaged = True
    desk.reindex()
    assert not is_marked(desk.settings.index)


def test_a_crash_between_commit_and_ledger_is_made_good(desk: Desk) -> None:
    desk.write("a.md", "one")
    desk.write("b.md", "stays")
    desk.reindex()
    desk.write("a.md", "two")
    desk.write("c.md", "new")

    def crash() -> None:
        raise KeyboardInterrupt

    desk.shelf.at_commit = crash
    with pytest.raises(KeyboardInterrupt):
        desk.reindex()
    desk.shelf.at_commit = lambda: None
    desk.write("a.md", "one")
    desk.remove("c.md")
    report = desk.reindex()

    assert desk.shelf.bodies() == {"a.md": "one", "b.md": "stays"}
    assert (report.indexed, report.removed) == (2, 1)


def test_a_lost_ledger_is_made_good(desk: Desk) -> None:
    desk.write("a.md")
    desk.write("b.md")
    desk.reindex()
    (desk.settings.index / "ledger.sqlite").unlink()
    desk.remove("b.md")

    assert counts(desk.reindex()) == (1, 0, 1)
    assert desk.shelf.bodies() == {"a.md": "a.md"}
    assert counts(desk.reindex()) == (0, 1, 0)


def test_an_update_with_a_lost_ledger_looks_at_all(desk: Desk) -> None:
    desk.write("a.md")
    desk.write("b.md")
    desk.reindex()
    (desk.settings.index / "ledger.sqlite").write_bytes(b"damage")
    desk.remove("b.md")

    assert counts(desk.update("a.md")) == (1, 0, 1)


def test_an_index_that_came_from_elsewhere_is_not_taken_for_the_one_that_the_ledger_tells_of(tmp_path: Path) -> None:
    """The index that is put back counts as many generations as the one in its place, and holds an older text."""
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "a.md").write_text("old words")
    settings = Settings(posts=tmp_path / "posts", index=tmp_path / "index")
    reindex(settings)
    backup = replace(settings, index=tmp_path / "backup")
    shutil.copytree(settings.index, backup.index)
    kept = reindex(backup, full=True)
    (tmp_path / "posts" / "a.md").write_text("new words")
    assert reindex(settings).generation == kept.generation == 2

    (backup.index / "ledger.sqlite").unlink()
    shutil.copytree(backup.index, settings.index, dirs_exist_ok=True)

    assert reindex(settings).indexed == 1
    with index_lock(settings), open_writer(settings) as writer:
        assert (document := writer.get("a.md"))
        assert document.body == "new words"


def test_a_commit_of_another_history_is_not_taken_for_the_one_that_the_ledger_tells_of(tmp_path: Path) -> None:
    """Both commits are of one build and have the same number: each went on from a copy of the same index."""
    posts, saved = tmp_path / "posts", tmp_path / "saved"
    posts.mkdir()
    settings = Settings(posts=posts, index=tmp_path / "index")

    def put_back(copy: Path) -> None:
        shutil.rmtree(settings.index)
        shutil.copytree(copy, settings.index)

    (posts / "x.md").write_text("old x")
    (posts / "y.md").write_text("old y")
    reindex(settings)
    shutil.copytree(settings.index, saved / "first")
    (posts / "x.md").write_text("new x")
    other = reindex(settings)
    shutil.copytree(settings.index, saved / "other")
    put_back(saved / "first")
    (posts / "x.md").write_text("old x")
    (posts / "y.md").write_text("new y")
    assert reindex(settings).generation == other.generation
    ledger = (settings.index / "ledger.sqlite").read_bytes()

    put_back(saved / "other")
    (settings.index / "ledger.sqlite").write_bytes(ledger)

    reindex(settings)
    assert {id: one.body for id, one in stored_documents(settings).items()} == {"x.md": "old x", "y.md": "new y"}


def test_a_damaged_index_is_built_anew(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.write("a.md")
    desk.reindex()
    desk.shelf.damaged = True

    assert counts(desk.reindex()) == (1, 0, 0)
    assert not desk.shelf.damaged
    assert "anew" in caplog.text


def test_an_index_that_can_not_be_built_is_told(desk: Desk) -> None:
    def broken(_settings: Settings, *, fresh: bool = False) -> Writer:
        raise IndexDamaged("beyond repair")

    with pytest.raises(IndexDamaged, match="beyond repair"):
        Run(desk.settings, open_writer=broken).go()


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("id", ["a.md", "c.md", "e.md"])
def test_a_document_that_the_engine_breaks_over_is_a_failure_of_one_post(
    desk: Desk, caplog: pytest.LogCaptureFixture, id: str, full: bool
) -> None:
    posts = ("a.md", "b.md", "c.md", "d.md", "e.md")
    for post in posts:
        desk.write(post, "old")
    desk.reindex()
    for post in posts:
        desk.write(post, "new")
    desk.shelf.breaks.add(id)
    report = desk.reindex(full=full)

    assert [failed.path for failed in report.failed] == [id]
    assert "KeyError" in report.failed[0].error
    assert f"{id} can't be made ready" in caplog.text
    assert desk.shelf.bodies() == {post: "old" if post == id else "new" for post in posts}


@pytest.mark.parametrize(("option", "value"), [("base_url", "/blog"), ("url_pattern", "/:slug/"), ("lang", "de")])
def test_another_setting_reads_every_post_again(desk: Desk, option: str, value: str) -> None:
    desk.write("a.md")
    desk.reindex()
    desk.settings = replace(desk.settings, **{option: value})  # type: ignore[arg-type]

    assert counts(desk.reindex()) == (1, 0, 0)
    assert counts(desk.reindex()) == (0, 1, 0)


def test_a_change_of_the_site_reads_every_post_again(desk: Desk) -> None:
    desk.write("a.md")
    desk.write("b.md")
    desk.reindex()
    desk.write("_config.yml", "permalink: /blog/:title/")

    assert counts(desk.update("a.md")) == (2, 0, 0)


def test_another_folder_keeps_nothing_of_the_first(desk: Desk, tmp_path: Path) -> None:
    desk.write("a.md", "good")
    desk.reindex()
    desk.settings = replace(desk.settings, posts=tmp_path / "other")
    desk.settings.posts.mkdir()
    desk.write("a.md", "broken")
    desk.write("b.md")
    desk.reindex()

    assert set(desk.shelf.documents) == {"b.md"}


def test_an_update_looks_at_its_ids_alone(desk: Desk) -> None:
    for id in ("a.md", "b.md", "c.md", "d.md"):
        desk.write(id)
    desk.reindex()
    for id in ("a.md", "b.md"):
        desk.write(id, "changed")
    desk.remove("c.md")
    report = desk.update("a.md", "c.md", "d.md", "never.md", "image.png")

    assert counts(report) == (1, 1, 1)
    assert desk.shelf.bodies() == {"a.md": "changed", "b.md": "b.md", "d.md": "d.md"}
    assert counts(desk.reindex()) == (1, 2, 0)


def test_an_update_of_a_fresh_index_indexes_all(desk: Desk) -> None:
    desk.write("a.md")
    desk.write("b.md")

    assert counts(desk.update("a.md")) == (2, 0, 0)


def test_an_update_reads_files_that_look_unchanged(desk: Desk) -> None:
    desk.write("a.md", "one")
    desk.reindex()
    records = load(desk.settings.index)
    desk.write("a.md", "two")
    assert records.entries["a.md"].outcome == "indexed"

    assert counts(desk.update("a.md")) == (1, 0, 0)
    assert desk.shelf.bodies() == {"a.md": "two"}


def test_an_id_that_is_no_text_is_no_reason_to_read_all(desk: Desk) -> None:
    desk.write("a.md")
    desk.reindex()

    assert desk.update("caf\udce9.md", "a.md").total == 1
    assert desk.read == []


def test_a_change_of_a_file_is_seen_through_every_link_to_it(desk: Desk) -> None:
    desk.write("a.md", "one")
    (desk.settings.posts / "b.md").symlink_to("a.md")
    desk.reindex()
    desk.write("a.md", "two")
    desk.update("a.md")

    assert desk.shelf.bodies() == {"a.md": "two", "b.md": "two"}


def test_a_new_link_is_seen_by_an_update(desk: Desk) -> None:
    desk.write("a.md", "one")
    desk.reindex()
    (desk.settings.posts / "b.md").symlink_to("a.md")
    desk.update("b.md")
    desk.write("a.md", "two")
    desk.update("a.md")

    assert desk.shelf.bodies() == {"a.md": "two", "b.md": "two"}


def test_progress_counts_what_is_read(desk: Desk) -> None:
    for id in ("a.md", "b.md", "c.md"):
        desk.write(id)
    told: list[tuple[int, int]] = []
    desk.shelf.run(desk.settings, progress=lambda done, total: told.append((done, total))).go()

    assert told == [(1, 3), (2, 3), (3, 3)]


def test_a_busy_index_is_told(desk: Desk) -> None:
    desk.write("a.md")
    with index_lock(desk.settings), pytest.raises(IndexBusy):
        desk.reindex()


def test_a_missing_folder_is_told_and_the_index_stays(desk: Desk) -> None:
    desk.write("a.md")
    desk.reindex()
    desk.settings.posts.rename(desk.settings.posts.with_name("away"))

    with pytest.raises(SettingsError, match="there is no folder"):
        desk.reindex()
    assert set(desk.shelf.documents) == {"a.md"}


def test_settings_that_can_not_be_used_leave_nothing_behind(desk: Desk) -> None:
    nowhere = replace(desk.settings, posts=desk.settings.posts / "none")
    upon = replace(desk.settings, index=desk.settings.posts)

    for settings in (nowhere, upon):
        with pytest.raises(SettingsError):
            reindex(settings)
    assert not desk.settings.index.exists()
    assert list(desk.settings.posts.iterdir()) == []


def swapping(desk: Desk, put: Callable[[Path], object]) -> Report:
    """Reindex, with something else put in the place of z.md between its listing and its reading."""
    place = desk.settings.posts / "z.md"

    def reader(data: bytes, id: str, site: Site) -> Post:
        if id == "a.md":
            place.unlink()
            put(place)
        return read_tiny(data, id, site)

    return desk.shelf.run(desk.settings, read=reader).go()


@pytest.mark.parametrize("linked", [False, True])
def test_a_link_in_the_place_of_a_listed_file_is_not_followed(desk: Desk, linked: bool) -> None:
    secret = desk.settings.posts.with_name("secret.md")
    secret.write_text("secret")
    desk.write("a.md")
    desk.write("z.md")
    if linked:
        (desk.settings.posts / "b.md").symlink_to("a.md")
    report = swapping(desk, lambda place: place.symlink_to(secret))

    assert "z.md" not in desk.shelf.documents
    assert [found.reason for found in report.excluded if found.path == "z.md"] == [
        "a link out of the posts folder, or to a hidden part of it"
    ]


def test_a_folder_that_became_a_link_is_not_followed(desk: Desk) -> None:
    outside = desk.settings.posts.with_name("outside")
    outside.mkdir()
    (outside / "b.md").write_text("secret")
    desk.write("a.md")
    desk.write("deep/b.md")

    def reader(data: bytes, id: str, site: Site) -> Post:
        if id == "a.md":
            (desk.settings.posts / "deep").rename(desk.settings.posts.with_name("away"))
            (desk.settings.posts / "deep").symlink_to(outside)
        return read_tiny(data, id, site)

    desk.shelf.run(desk.settings, read=reader).go()

    assert set(desk.shelf.documents) == {"a.md"}


@pytest.mark.timeout(20)
def test_nobody_waits_for_a_pipe_in_the_place_of_a_listed_file(desk: Desk) -> None:
    desk.write("a.md")
    desk.write("z.md")
    report = swapping(desk, os.mkfifo)

    assert set(desk.shelf.documents) == {"a.md"}
    assert report.excluded == (Excluded("z.md", "not a regular file"),)


def test_a_file_that_is_replaced_after_its_listing_is_read_as_it_is_now(desk: Desk) -> None:
    desk.write("a.md")
    desk.write("z.md")
    swapping(desk, lambda place: place.write_text("new"))

    assert desk.shelf.bodies()["z.md"] == "new"
    assert counts(desk.reindex()) == (0, 2, 0)


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read every file")
def test_what_can_not_be_read_now_keeps_its_last_good_version(desk: Desk) -> None:
    desk.write("a.md")
    desk.write("deep/b.md")
    desk.reindex()
    (desk.settings.posts / "a.md").chmod(0)
    (desk.settings.posts / "deep").chmod(0)
    report = desk.reindex()
    (desk.settings.posts / "deep").chmod(0o700)

    assert [failed.path for failed in report.failed] == ["a.md", "deep/"]
    assert set(desk.shelf.documents) == {"a.md", "deep/b.md"}


@pytest.mark.parametrize("full", [False, True], ids=["what changed", "anew"])
@pytest.mark.parametrize(("before", "left"), [(11, 0), (40, 19)])
def test_most_posts_are_removed_only_when_that_is_confirmed(desk: Desk, before: int, left: int, full: bool) -> None:
    ids = with_posts(desk, before)
    with_posts(desk, 30, draft=True)
    generation = desk.shelf.generation
    for id in ids[left:]:
        desk.remove(id)

    with pytest.raises(
        UnlikelyRemoval, match=f"{before - left} of {before} posts are gone from .*posts: nothing"
    ) as told:
        desk.reindex(full=full)
    assert (told.value.gone, told.value.posts) == (before - left, before)
    with pytest.raises(UnlikelyRemoval):
        desk.update(*ids)
    assert set(desk.shelf.documents) == set(ids)
    assert desk.shelf.generation == generation

    desk.shelf.run(desk.settings, read=desk.reader, allow_removal=True).go(full=full)

    assert set(desk.shelf.documents) == set(ids[:left])


@pytest.mark.parametrize("full", [False, True], ids=["what changed", "anew"])
@pytest.mark.parametrize(("before", "left"), [(10, 0), (40, 20)])
def test_fewer_posts_are_removed_at_once(desk: Desk, before: int, left: int, full: bool) -> None:
    ids = with_posts(desk, before)
    for id in ids[left:]:
        desk.remove(id)
    desk.reindex(full=full)

    assert set(desk.shelf.documents) == set(ids[:left])


def test_posts_that_move_are_not_gone(desk: Desk) -> None:
    with_posts(desk, 20)
    (desk.settings.posts / "deep").rename(desk.settings.posts / "elsewhere")
    report = desk.reindex()

    assert counts(report) == (20, 0, 20)
    assert all(id.startswith("elsewhere/") for id in desk.shelf.documents)


def test_posts_that_are_left_out_by_now_are_not_gone(desk: Desk) -> None:
    ids = with_posts(desk, 20)
    for id in ids:
        desk.write(id, "draft")
    desk.reindex()

    assert desk.shelf.documents == {}


@pytest.mark.parametrize("others", [0, 1, 30])
def test_another_folder_takes_the_place_of_many_posts_only_when_that_is_confirmed(
    desk: Desk, others: int, caplog: pytest.LogCaptureFixture
) -> None:
    ids, before = with_posts(desk, 20), desk.settings.posts
    desk.settings = replace(desk.settings, posts=before.with_name("other"))
    desk.settings.posts.mkdir()
    for number in range(others):
        desk.write(f"other-{number}.md")
    told = f"the index is of the posts in {before}, of which 20 are not in {desk.settings.posts}: nothing was"
    for full in (False, True):
        with pytest.raises(UnlikelyRemoval, match=re.escape(told)):
            desk.reindex(full=full)
    assert (set(desk.shelf.documents), "is now of" in caplog.text) == (set(ids), False)
    report = desk.shelf.run(desk.settings, read=desk.reader, allow_removal=True).go()

    assert (counts(report), len(desk.shelf.documents)) == ((others, 0, 20), others)
    assert f"was of the posts in {before}, and is now of {desk.settings.posts}" in caplog.text


def test_posts_that_are_found_in_another_folder_are_not_gone(desk: Desk) -> None:
    with_posts(desk, 20)
    copy = desk.settings.posts.with_name("copy")
    shutil.copytree(desk.settings.posts, copy)
    named = [{"blog": copy}, {"notes": copy}, {"notes": desk.settings.posts, "blog": copy}, {"blog": copy / "deep"}]
    for posts in (copy, copy.parent, copy, *named, copy):
        desk.settings = replace(desk.settings, posts=posts, folders=())  # type: ignore[arg-type]
        desk.reindex()

    assert len(desk.shelf.documents) == 20
