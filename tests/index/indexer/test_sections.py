"""What a site, and the sections of it, say for posts: by Hugo's rules, through whole runs."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from index.indexer.report import Report
from index.indexer.run import reindex, update
from index.settings import Settings

CONFIG = 'baseURL = "https://example.org/"\n[[cascade]]\ndraft = true\n[cascade.target]\npath = "/lab/**"\n'


class Garden:
    """A Hugo site with its index."""

    def __init__(self, root: Path) -> None:
        (root / "content").mkdir()
        (root / "hugo.toml").write_text(CONFIG, "utf-8")
        self.settings = Settings(posts=root / "content", index=root / "index", workers=1)

    def write(self, id: str, *header: str) -> None:
        path = self.settings.posts / id
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(["---", "title: x", *header, "---", "seeds"]), "utf-8")

    def left_out(self, report: Report | None = None) -> dict[str, str]:
        return {one.path: one.reason for one in (report or reindex(self.settings)).excluded}


@pytest.fixture
def garden(tmp_path: Path) -> Garden:
    garden = Garden(tmp_path)
    garden.write("a.md")
    garden.write("inner/deep/b.md")
    return garden


def test_what_a_section_cascades_holds_below_it(garden: Garden) -> None:
    garden.write("inner/_index.md", "cascade:", "  build: {render: never}")
    garden.write("inner/own.md", "build: {render: always}")
    garden.write("inner-not/c.md")

    reason = "build.render: never, says content/inner/_index.md"
    assert garden.left_out() == {"inner/_index.md": reason, "inner/deep/b.md": reason}


def test_a_cascade_reaches_what_its_target_names(garden: Garden) -> None:
    garden.write("lab/c.md")
    garden.write("Lab/deep/d.md")
    garden.write("lab/own.md", "draft: false")
    garden.write(
        "inner/_index.md", "cascade:", "- draft: true", "  target: {kind: section}", "- hidden: true",
        "  _target: {path: '/inner/{deep,other}/*'}",
    )  # fmt: skip
    garden.write("inner/c.md")

    assert garden.left_out() == {
        "lab/c.md": "draft: true, says the site's configuration",
        "Lab/deep/d.md": "draft: true, says the site's configuration",
        "inner/_index.md": "draft: true, says content/inner/_index.md",
        "inner/deep/b.md": "hidden: true, says content/inner/_index.md",
        "inner/c.md": "content/inner/_index.md is hidden: draft: true",
    }


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("draft: true", "content/inner/_index.md is hidden: draft: true"),
        ("date: 2999-01-01", "dated in the future: 2999-01-01"),
        ("expiryDate: 2001-01-01", "expired: 2001-01-01"),
    ],
)
def test_a_hidden_section_hides_what_lies_in_it(garden: Garden, header: str, reason: str) -> None:
    garden.write("inner/_index.md", header)

    assert garden.left_out().keys() == {"inner/_index.md", "inner/deep/b.md"}
    assert garden.left_out()["inner/deep/b.md"] == reason


def test_a_section_that_changes_has_its_posts_read_anew(garden: Garden) -> None:
    reindex(garden.settings)
    garden.write("inner/_index.md", "draft: true")
    assert garden.left_out(update(garden.settings, ["inner/_index.md"])).keys() == {
        "inner/_index.md",
        "inner/deep/b.md",
    }

    garden.write("inner/_index.md")
    assert garden.left_out() == {}

    garden.write("inner/_index.md", "draft: true")
    assert garden.left_out().keys() == {"inner/_index.md", "inner/deep/b.md"}

    (garden.settings.posts / "inner/_index.md").unlink()
    assert garden.left_out(update(garden.settings, ["inner/_index.md"])) == {}


def test_posts_below_a_section_that_cannot_be_read_fail_with_it(garden: Garden) -> None:
    garden.write("inner/_index.md")
    (garden.settings.posts / "inner/_index.md").write_text("---\ntitle: x\ndraft: true\n\nseeds", "utf-8")

    failed = reindex(garden.settings).failed

    assert [one.path for one in failed] == ["inner/_index.md", "inner/deep/b.md"]
    assert "inner/_index.md" in failed[1].error
    assert not failed[1].served


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
@pytest.mark.parametrize("name", ["_index.md", "_index.html"])
def test_a_section_that_is_no_file_says_nothing(garden: Garden, name: str, make: Callable[[Path], None]) -> None:
    make(garden.settings.posts / "inner" / name)
    report = reindex(garden.settings)

    assert report.indexed == 2
    assert {one.path for one in report.failed} <= {f"inner/{name}"}


def test_a_section_in_html_is_read_in_the_encoding_that_it_declares(garden: Garden) -> None:
    page = '<html><head><meta charset="Shift_JIS"><title>ページ</title><meta name="draft" content="true"></head>'
    (garden.settings.posts / "inner/_index.html").write_bytes(page.encode("cp932"))

    assert garden.left_out()["inner/deep/b.md"] == "content/inner/_index.html is hidden: draft: true"


def test_a_section_above_the_posts_that_changes_has_all_read_anew(garden: Garden) -> None:
    inner = Settings(posts=garden.settings.posts / "inner", index=garden.settings.index, workers=1)
    assert garden.left_out(reindex(inner)) == {}

    garden.write("_index.md", "cascade: {draft: true, target: {path: '/inner/deep/**'}}")
    assert garden.left_out(reindex(inner)) == {"deep/b.md": "draft: true, says content/_index.md"}
    assert reindex(inner).indexed == 0

    (garden.settings.posts / "_index.md").write_text("---\nnever: closed\n\n", "utf-8")
    assert [one.path for one in reindex(inner).failed] == ["deep/b.md"]

    garden.write("_index.md")
    assert garden.left_out(reindex(inner)) == {}
