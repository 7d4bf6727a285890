"""What people read of runs of the indexer, over real folders."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from index.indexer.run import reindex, update
from index.settings import Settings
from search.commands.reports import ReportLog

BROKEN = "---\n\ttitle: {\n---\nSoup.\n"
LOGGER = "search.commands.reports"
DRAFT = "---\ndraft: true\n---\nNot yet.\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "broken.md").write_text(BROKEN)
    (posts / "draft.md").write_text(DRAFT)
    (posts / "good.md").write_text("# Soup\n")
    return Settings(posts=posts, index=tmp_path / "index")


def paths_told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The posts that the log has told of since the last question."""
    told = [record.getMessage() for record in caplog.records if record.name == LOGGER]
    caplog.clear()
    return [line.split(":")[0] for line in told if ".md" in line]


def test_a_look_at_all_posts_tells_only_what_the_one_before_did_not(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    log = ReportLog()

    log.tell(reindex(settings))
    assert paths_told(caplog) == ["broken.md", "draft.md"]
    log.tell(reindex(settings))
    assert paths_told(caplog) == []
    (settings.posts / "other.md").write_text(DRAFT)
    log.tell(reindex(settings))
    assert paths_told(caplog) == ["other.md"]


def test_a_post_that_breaks_again_is_told_again(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, LOGGER)
    log = ReportLog()

    log.tell(reindex(settings))
    (settings.posts / "broken.md").write_text("# Mended\n")
    log.tell(reindex(settings))
    (settings.posts / "broken.md").write_text(BROKEN)
    log.tell(reindex(settings))

    assert paths_told(caplog) == ["broken.md", "broken.md"]


def test_a_save_tells_also_what_was_told_before(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    log = ReportLog(told=reindex(settings))

    log.tell(reindex(settings))
    assert paths_told(caplog) == []
    log.tell(update(settings, ["broken.md"]))
    assert paths_told(caplog) == ["broken.md"]
    log.tell(reindex(settings))
    assert paths_told(caplog) == []
