"""What Hexo's configuration says of posts beyond `sites/hexo.toml`; addresses are as Hexo 8.1 built them."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from index.posts.metadata import read_metadata
from index.sites.generators.hexo import read_hexo
from tests.index.sites.folders import site_of, write


@pytest.mark.parametrize(
    ("new_post_name", "name", "url"),
    [
        (":year-:month-:day-:title.md", "2019-12-30-a-b", "/2019/12/30/a-b/"),
        (":year-:i_month-:i_day-:title.md", "2019-1-3-a-b", "/2019/01/03/a-b/"),
        (":year/:month/:day/:title.md", "2019/12/30/a/b", "/2019/12/30/a/b/"),
        (":year-:month-:day.md", "2019-12-30", "/2019/12/30/2019-12-30/"),
        (":year-:month-:day-:title.md", "2019-99-30-a", "/_posts/2019-99-30-a/"),
        (":year-:month-:day-:title.md", "a-2019-12-30", "/_posts/a-2019-12-30/"),
        (":title.md", "2019-12-30-a", "/_posts/2019-12-30-a/"),
    ],
)
def test_a_post_without_date_is_dated_by_the_name_that_new_posts_get_or_goes_by_its_path(
    new_post_name: str, name: str, url: str
) -> None:
    rules = read_hexo({"new_post_name": new_post_name}, UTC).rules

    assert rules.url(f"source/_posts/{name}.md", read_metadata({}, f"{name}.md")) == url


@pytest.mark.parametrize(
    ("config", "path", "reason"),
    [
        ({}, "source/_posts/_a.md", "_a.md begins with _, so that hexo makes no page of it"),
        ({}, "source/_data/a.md", "_data begins with _, so that hexo makes no page of it"),
        ({"include": "_data/*"}, "source/_data/a.md", None),
        ({"include": "_posts/_*"}, "source/_posts/_a.md", "_a.md begins with _, so that hexo makes no page of it"),
        ({}, "README.md", "it lies outside of source, which hexo makes pages of"),
        ({"source_dir": "."}, "README.md", None),
        ({"skip_render": "*.md"}, "source/a.md", "excluded by _config.yml: skip_render: *.md"),
        ({"skip_render": "*.html"}, "source/a.html", None),
        ({"exclude": ["a/**"]}, "source/a/b.md", "excluded by _config.yml: exclude: a/**"),
        ({"exclude": ["_posts/**"]}, "source/_posts/b.md", None),
        ({"ignore": ["**/a"]}, "source/_posts/a/b.md", "excluded by _config.yml: ignore: **/a"),
    ],
)
def test_what_leaves_a_file_out_is_told(config: dict[str, object], path: str, reason: str | None) -> None:
    assert read_hexo(config, UTC).rules.left_out(path) == reason


def test_a_date_is_shown_in_the_zone_of_the_site_whatever_machine_builds_it() -> None:
    zone = ZoneInfo("Asia/Tokyo")
    rules = read_hexo({"permalink": ":year:month:day:hour/:timestamp/"}, zone).rules

    for date, url in [
        ("2020-01-02 03:04:05", "/2020010203/1577901845/"),
        ("2020-01-02T03:04:05+09:00", "/2020010118/1577869445/"),
        ("2020-01-02", "/2020010200/1577890800/"),
    ]:
        assert rules.url("source/_posts/a.md", read_metadata({"date": date}, "a.md", zone=zone)) == url


@pytest.mark.parametrize(
    ("package", "config", "rule"),
    [
        ("{}", "", "hexo"),
        ('{"dependencies": {"hexo-renderer-marked": "7"}}', "", "hexo"),
        ('{"dependencies": {"hexo-renderer-markdown-it": "7"}}', "", ""),
        ("{}", "marked: {headerIds: false}", ""),
        ("{}", "marked: {modifyAnchors: 1}", ""),
    ],
)
def test_headings_have_the_ids_of_hexos_own_renderer_where_that_is_used(
    package: str, config: str, rule: str, tmp_path: Path
) -> None:
    posts = write(tmp_path, {"_config.yml": f"theme: landscape\n{config}", "package.json": package})

    assert site_of(posts).dialect.anchors == rule


def test_the_configuration_tells_language_zone_and_root(tmp_path: Path) -> None:
    config = "skip_render: x\nlanguage: [zh-CN, en]\ntimezone: Asia/Shanghai\nurl: https://example.org/blog"
    posts = write(tmp_path, {"_config.yml": config})

    site = site_of(posts)

    assert (site.lang, site.timezone, site.base_url) == ("zh-cn", "Asia/Shanghai", "/blog")


def test_an_address_by_numbers_that_only_hexo_has_is_warned_of(tmp_path: Path) -> None:
    posts = write(tmp_path, {"_config.yml": "permalink: :id/\nskip_render: x"})

    ((_, warning),) = site_of(posts).warnings

    assert "permalink ':id/' needs numbers that only Hexo has" in warning


@pytest.mark.parametrize("folder", ["_posts", "source/_posts", "source"])
def test_the_settings_name_hexo_for_a_folder_without_configuration(folder: str, tmp_path: Path) -> None:
    posts = write(tmp_path, {f"{folder}/a.md": "", ".git/HEAD": ""}) / folder
    site = site_of(posts, generator="hexo")
    path = f"{site.prefix}{'' if '_posts' in folder else '_posts/'}a.md"

    assert site.rules.left_out(path) is None
    assert site.rules.url(path, read_metadata({"date": "2020-01-02"}, "a.md")) == "/2020/01/02/a/"


@pytest.mark.parametrize("name", ["", "/", ".", "..", ":", ":title:title.md", "(:title", ":year:year:title.md"])
def test_no_configuration_stops_the_site(name: str) -> None:
    config = {
        "new_post_name": name,
        "source_dir": name,
        "permalink": name,
        "category_map": name,
        "skip_render": [[name]],
    }
    rules = read_hexo(config, UTC).rules

    for path in ("source/_posts/a.md", "a.md", f"{name}/_posts/a.md"):
        rules.left_out(path)
        rules.url(path, read_metadata({"date": "0001-01-01T00:00:00+09:00"}, "a.md"))
