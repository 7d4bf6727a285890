"""Paths are rewritten as path-to-regexp 6 does it."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.sites.generators.rewrites import check_rewrite, rewritten
from tests.index.sites.folders import site_of, write


@pytest.mark.parametrize(
    ("path", "source", "target", "wanted"),
    [
        ("a/b.md", "a/:page", "c/:page", "c/b.md"),
        ("a/b.md", "a/:page.md", "c/:page/index.md", "c/b/index.md"),
        ("A/b.md", "a/:page", "c/:page", "c/b.md"),
        ("a/b/c.md", "a/:page", "c/:page", None),
        ("a/b/c.md", "a/:rest*", "c/:rest*", "c/b/c.md"),
        ("a", "a/:rest*", "c/:rest*", "c"),
        ("a", "a/:rest+", "c/:rest+", None),
        ("a/b.md", "a/:page?", ":page?", "b.md"),
        ("p/x/src/b/c.md", "p/:name/src/:rest*", ":name/:rest*", "x/b/c.md"),
        ("a/b/c.md", "a/(.*)", "(.*)", "b/c.md"),
        ("n/12.md", "n/:number(\\d+).md", "m/:number.md", "m/12.md"),
        ("n/x.md", "n/:number(\\d+).md", "m/:number.md", None),
        ("a:b.md", "a\\:b.md", "c.md", "c.md"),
    ],
)
def test_paths_are_rewritten(path: str, source: str, target: str, wanted: str | None) -> None:
    """Each was tried with path-to-regexp 6.3."""
    check_rewrite(source, target)

    assert rewritten(path, source, target) == wanted


@pytest.mark.parametrize(
    ("rewrites", "said"),
    [
        ("{'a{b}': 'c'}", "a{b} has braces"),
        ("{':a([)': ':a'}", ":a([) is no pattern"),
        ("{':a': ':b'}", ":a gives no b for :b"),
        ("{'a-:b*': 'c'}", "nothing parts what a-:b* repeats"),
        ("(id) => id", "its rewrites need the program of the site"),
        ("{'a': makeTarget()}", "its rewrites need the program of the site"),
    ],
)
def test_what_can_not_be_used_is_told(rewrites: str, said: str, tmp_path: Path) -> None:
    config = {".vitepress/config.js": f"export default {{title: 'x', rewrites: {rewrites}}}"}

    ((file, warning),) = site_of(write(tmp_path, config)).warnings

    assert file == tmp_path / ".vitepress/config.js"
    assert said in warning
