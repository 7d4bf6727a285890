"""What killed runs left goes at the next run, and nothing that only looks like it."""

from __future__ import annotations

from pathlib import Path

import pytest
from whoosh.index import open_dir

from index.errors import IndexBusy, IndexDamaged
from index.indexer.run import reindex
from index.settings import Settings
from index.storage import open_writer
from index.storage.builds import live, next_location, publish
from index.storage.leftovers import sweep_builds, sweep_files
from index.storage.whoosh_schema import SCHEMA
from tests.corpora import NOW

NOT_OURS = ["notes.txt", "build-release", "build-1-notours1", "build-41", "reading-list", "current.json.newer"]
NOT_OURS_IN_A_BUILD = [
    "notes.txt",
    "_MAIN_x.toc",
    "_MAIN_1.toc.old",
    "MAIN_short.posts",
    "MAIN_other.spill",
    "tmpabcdefgh",
]
LEFT = ["current.json.new", "reading-0123456789abcdef"]
LEFT_IN_A_BUILD = ["_MAIN_0.toc", "_MAIN_2.toc.1732615538.123", "MAIN_0123456789abcdef.posts", "MAIN_ab_d0123.spill"]


def files(settings: Settings) -> set[str]:
    """All that lies in the index folder, but for the files that any run may leave there."""
    return {str(path.relative_to(settings.index)) for path in settings.index.rglob("*")}


def test_a_run_that_changes_nothing_removes_what_killed_ones_left(settings: Settings) -> None:
    before = files(settings)
    build = live(settings.index).path(settings.index)
    unpublished = next_location(settings.index, 1).path(settings.index)
    for path in [
        *(settings.index / name for name in LEFT),
        *(folder / name for folder in (build, unpublished) for name in LEFT_IN_A_BUILD),
    ]:
        path.write_bytes(b"")

    assert reindex(settings, now=NOW).unchanged == 1

    assert files(settings) == before


def test_nothing_else_is_removed(settings: Settings) -> None:
    build = live(settings.index).path(settings.index)
    for name in NOT_OURS:
        (settings.index / name).write_bytes(b"")
    for name in NOT_OURS_IN_A_BUILD:
        (build / name).write_bytes(b"")
    before = files(settings)

    for _ in range(2):
        (settings.posts / "beds.md").touch()
        assert reindex(settings, now=NOW).unchanged == 1

    assert files(settings) == before


def test_the_build_before_the_live_one_stays(tmp_path: Path) -> None:
    builds = [next_location(tmp_path, number) for number in (1, 2, 3, 10, 10, 11)]
    publish(tmp_path, builds[3])

    sweep_builds(tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == {builds[2].folder, builds[3].folder, "current.json"}


def test_builds_that_were_never_published_go_while_none_is_live(tmp_path: Path) -> None:
    builds = {next_location(tmp_path, number).folder for number in (0, 1, 2)}

    with open_writer(Settings(index=tmp_path)) as writer:
        left = {path.name for path in tmp_path.glob("build-*")}

        assert len(left) == 1
        assert not left & builds
        assert writer.generation == 0


@pytest.mark.parametrize("text", ["", "{", '{"folder": "build"}'])
def test_where_the_pointer_names_no_build_nothing_is_removed(settings: Settings, text: str) -> None:
    (settings.index / "current.json").write_text(text)
    before = files(settings)

    sweep_builds(settings.index)

    assert files(settings) == before


def test_a_build_that_another_version_wrote_stays_until_there_is_a_new_one(settings: Settings) -> None:
    build = live(settings.index)
    (settings.index / "current.json").write_text(f'{{"folder": "{build.folder}", "schema": 1, "more": 2}}')
    next_location(settings.index, 5)

    sweep_builds(settings.index)

    assert list(settings.index.glob("build-*")) == [build.path(settings.index)]


def test_damage_in_the_live_build_leaves_all_of_it(settings: Settings) -> None:
    build = live(settings.index).path(settings.index)
    (build / "_MAIN_1.toc").write_bytes(b"damaged")
    (build / "MAIN_0123456789abcdef.posts").write_bytes(b"")
    before = files(settings)

    with pytest.raises(IndexDamaged):
        sweep_files(build)

    assert files(settings) == before


def test_what_another_writer_of_whoosh_is_writing_stays(settings: Settings) -> None:
    build = live(settings.index).path(settings.index)
    about_to_be_named = build / "MAIN_0123456789abcdef.posts"
    about_to_be_named.write_bytes(b"")

    lock = open_dir(build, schema=SCHEMA).lock("WRITELOCK")
    assert lock.acquire()
    with pytest.raises(IndexBusy, match="another process"):
        reindex(settings)
    assert about_to_be_named.exists()
    lock.release()

    reindex(settings)
    assert not about_to_be_named.exists()


def test_links_are_not_followed(settings: Settings, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "_MAIN_1.toc").write_bytes(b"")
    (settings.index / "build-7-01234567").symlink_to(outside)

    sweep_builds(settings.index)

    assert (outside / "_MAIN_1.toc").exists()
