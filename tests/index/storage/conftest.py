"""What tests of damaged and planted indexes begin with."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.indexer.run import reindex
from index.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A folder with one post, which is indexed."""
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "beds.md").write_text("# Raised beds\n\nOf oak.\n")
    settings = Settings(posts=posts, index=tmp_path / ".postsearch", workers=1)
    reindex(settings)
    return settings
