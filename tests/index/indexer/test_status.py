"""What is told of the index and of the posts without changing either."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from index.indexer.report import Excluded, Failed, Problem
from index.indexer.status import check, read_status
from index.settings import Settings
from tests.shelf import Shelf

NOW = datetime(2024, 6, 1, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "posts").mkdir()
    return Settings(posts=tmp_path / "posts", index=tmp_path / "index")


def write(settings: Settings, id: str, text: str = "text") -> None:
    (settings.posts / id).write_text(text, "utf-8")


def test_before_the_first_run_all_posts_are_pending(settings: Settings) -> None:
    write(settings, "a.md")
    status = read_status(settings)

    assert (status.generation, status.updated_at, status.pending) == (0, None, 1)
    assert not settings.index.exists()


def test_the_last_run_is_told(settings: Settings) -> None:
    for id, text in {"a.md": "text", "b.md": "draft", "c.md": "broken", "d.md": "from 2030-01-01"}.items():
        write(settings, id, text)
    Shelf().run(settings, now=NOW).go()
    status = read_status(settings, NOW)

    assert (status.generation, status.updated_at, status.pending) == (1, NOW, 0)
    assert status.excluded == (Excluded("b.md", "draft: true"), Excluded("d.md", "dated in the future: 2030-01-01"))
    assert status.failed == (Failed("c.md", 2, 3, "a broken header", served=False),)


def test_a_post_that_has_become_visible_is_no_longer_excluded(settings: Settings) -> None:
    write(settings, "a.md", "from 2024-06-02")
    Shelf().run(settings, now=NOW).go()

    assert [len(read_status(settings, NOW.replace(day=day)).excluded) for day in (1, 2)] == [1, 0]


def test_what_differs_on_disk_is_pending(settings: Settings) -> None:
    for id in ("a.md", "b.md", "c.md"):
        write(settings, id)
    Shelf().run(settings).go()
    before = read_status(settings).pending
    write(settings, "a.md", "changed")
    (settings.posts / "b.md").unlink()
    write(settings, "d.md")

    assert (before, read_status(settings).pending) == (0, 3)


def test_check_names_what_is_wrong_by_place(settings: Settings) -> None:
    for id, text in {
        "a.md": "---\ntitle: A\ndate: some day\n---\ntext",
        "b.md": "---\ntitle: A\ntext",
        "c.md": "fine",
        "d.md": "---\ndraft: true\n---\ntext",
    }.items():
        write(settings, id, text)
    (settings.posts / "e.md").symlink_to("/etc/hostname")
    told: list[tuple[int, int]] = []

    assert check(settings, progress=lambda done, total: told.append((done, total))).problems == (
        Problem("a.md", 3, 1, "date: 'some day' is not a date", "warning"),
        Problem("b.md", 1, 1, "the front matter has no closing fence", "error"),
        Problem("e.md", 0, 0, "a link out of the posts folder, or to a hidden part of it", "warning"),
    )
    assert told == [(n, 4) for n in range(1, 5)]
    assert not settings.index.exists()


def test_check_names_the_posts_that_share_an_address(settings: Settings) -> None:
    for name, url in {"a.md": "/x/", "b.md": "/y/", "c.md": "/x/", "d.md": "/x/"}.items():
        write(settings, name, f"---\npermalink: {url}\ndraft: {name == 'd.md'}\n---\n\nText.\n")

    assert check(settings).problems == (
        Problem("c.md", 0, 0, "has the same address as a.md: /x/; only one of them can be there", "warning"),
    )


def test_check_names_what_it_cannot_use_of_the_site(settings: Settings) -> None:
    write(settings, "a.md", "Text.")
    (settings.posts.parent / "_config.yml").write_text("timezone: Mars/Olympus\n")

    assert check(settings).problems == (
        Problem(
            "../_config.yml",
            0,
            0,
            "the time zone of the site can't be used: 'Mars/Olympus' is not a time zone; UTC counts",
            "warning",
        ),
    )
