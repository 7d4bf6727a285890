"""The pointer to the live build: whole or damaged, published and swept."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.errors import IndexDamaged, IndexMissing
from index.schema import SCHEMA_VERSION
from index.settings import Settings
from index.storage.builds import Location, live, next_location, publish, reindex_command


def test_there_is_no_live_build_before_the_first_is_published(tmp_path: Path) -> None:
    location = next_location(tmp_path / "index", 0)

    with pytest.raises(IndexMissing, match="postsearch reindex"):
        live(tmp_path / "index")

    publish(tmp_path / "index", location)

    assert live(tmp_path / "index") == location


def test_a_new_build_never_takes_a_folder_that_is_there(tmp_path: Path) -> None:
    first = next_location(tmp_path, 3)
    second = next_location(tmp_path, 3)

    assert first.folder != second.folder
    assert first.base == second.base == 3
    assert (tmp_path / first.folder).stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "pointer",
    ["", "{", "[]", '{"folder": "build-0"}', '{"folder": "b", "engine": "other", "base": 0, "schema": 1}',
     f'{{"folder": "b", "engine": "whoosh", "base": 0, "schema": {SCHEMA_VERSION + 1}}}'],
)  # fmt: skip
def test_a_pointer_that_cannot_be_used_is_damage(tmp_path: Path, pointer: str) -> None:
    (tmp_path / "current.json").write_text(pointer)

    with pytest.raises(IndexDamaged, match="--full"):
        live(tmp_path)


def test_the_path_of_a_build_does_not_move_with_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = Location("build-0", "whoosh", 0).path(Path("index"))
    monkeypatch.chdir("/")

    assert path == tmp_path / "index" / "build-0"


@pytest.mark.parametrize(
    ("settings", "command"),
    [
        (Settings(), "postsearch reindex"),
        (Settings(posts=Path("my posts"), index=Path(".index")), "postsearch reindex 'my posts' --index .index"),
        (
            Settings(engine="opensearch", opensearch_url=("http://a", "http://b")),
            "postsearch reindex --engine opensearch --opensearch-url http://a --opensearch-url http://b",
        ),
        (
            Settings(engine="opensearch", opensearch_url=("http://a",), opensearch_index="blog"),
            "postsearch reindex --engine opensearch --opensearch-url http://a --opensearch-index blog",
        ),
    ],
)
def test_the_command_that_is_told_names_what_is_not_the_default(settings: Settings, command: str) -> None:
    assert reindex_command(settings) == command
