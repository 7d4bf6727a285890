"""Sites of generators that are known by name only are told, with the pattern that fits where one does."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from search.cli import main
from tests.index.sites.folders import site_of, write

EVIDENCE = [
    ("_toc.yml", "format: jb-book", "Jupyter Book", "/:path.html"),
    ("myst.yml", "version: 1", "MyST", ""),
    ("conf.py", 'BLOG_TITLE = "x"\nPOSTS = ()', "Nikola", "/posts/:slug/"),
    ("conf.py", 'html_theme = "furo"', "Sphinx", "/:path.html"),
    ("_quarto.yml", "project: {type: website}", "Quarto", "/:path.html"),
    (".vuepress/config.ts", "export default {}", "VuePress", "/:path.html"),
    ("next.config.mjs", "import nextra from 'nextra'", "Nextra", "/:path"),
    ("gatsby-config.js", "module.exports = {}", "Gatsby", ""),
    ("bridgetown.config.yml", "title: x", "Bridgetown", "/:categories/:year/:month/:day/:slug/"),
    ("_cobalt.yml", "title: x", "Cobalt", "/:path.html"),
    (".gitbook.yaml", "root: ./", "GitBook", "/:path"),
    ("Package.swift", 'dependencies: [.package(name: "Publish")]', "Publish", "/:path/"),
    ("contents.lr", "title: x", "Lektor", ""),
    ("logseq/config.edn", "{}", "Logseq", ""),
]


@pytest.mark.parametrize(("name", "text", "generator", "pattern"), EVIDENCE)
def test_what_lies_beside_the_posts_tells_the_generator(
    name: str, text: str, generator: str, pattern: str, tmp_path: Path
) -> None:
    site = site_of(write(tmp_path, {name: text, ".git/HEAD": ""}))

    assert site.generator == "none"
    assert site.advice.startswith(f"the site looks like one of {generator}, ")
    assert site.advice.endswith(f"set url_pattern, as in {pattern}" if pattern else "set url_pattern")
    assert site.warnings == ((tmp_path / name, site.advice),)
    if pattern:
        assert site_of(tmp_path, url_pattern=pattern).advice == ""


@pytest.mark.parametrize(
    ("name", "text"),
    [("conf.py", "DEBUG = True"), ("next.config.js", "module.exports = {}"), ("Package.swift", "// x"), ("a.md", "x")],
)
def test_files_that_other_programs_have_too_tell_nothing(name: str, text: str, tmp_path: Path) -> None:
    site = site_of(write(tmp_path, {name: text, ".git/HEAD": ""}))

    assert (site.generator, site.advice, site.warnings) == ("none", "", ())


def test_nothing_is_told_where_the_generator_is_known_or_named(tmp_path: Path) -> None:
    root = write(tmp_path, {"_quarto.yml": "", "hugo.toml": ""})

    assert site_of(root).advice == ""
    assert site_of(root, generator="none").advice == ""


def test_a_run_and_a_check_tell_it_once(tmp_path: Path) -> None:
    root = write(tmp_path, {"_toc.yml": "", "_config.yml": "", "a.md": "text", "b.md": "text"})
    said = "the site looks like one of Jupyter Book"
    for command in ("reindex", "reindex", "check"):
        result = CliRunner().invoke(main, [command, str(root), "--index", str(tmp_path / "index")])

        assert result.output.count(said) == 1


def test_a_site_below_the_posts_folder_is_told(tmp_path: Path) -> None:
    write(tmp_path, {"docs/.vitepress/config.mts": "export default {srcExclude: ['a.md']}", "docs/a.md": "a"})

    assert site_of(tmp_path).advice == (
        "docs/ holds the configuration of a site of vitepress, which doesn't count here;"
        " give docs/, or where its posts lie, as the folder of posts"
    )
    assert site_of(tmp_path / "docs").advice == ""
