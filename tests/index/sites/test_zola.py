"""What Zola's configuration and sections say for posts, beside their addresses, which `sites/zola.toml` proves."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.index.sites.folders import read, site_of, write

CONFIG = 'base_url = "/"\nauthor = "Jane Doe"\n[languages.fr]\n'


@pytest.mark.parametrize(
    ("section", "header", "id", "reason"),
    [
        ("a/_index.md", "draft = true", "a/b/page.md", "content/a/_index.md is hidden: draft: true"),
        ("a/_index.md", "draft = true", "a/page.fr.md", "content/a/_index.md is hidden: draft: true"),
        ("a/_index.fr.md", "draft = true", "a/page.md", "content/a/_index.fr.md is hidden: draft: true"),
        ("a/_index.md", "draft = true", "a/b/_index.md", "content/a/_index.md is hidden: draft: true"),
        ("a/_index.md", "draft = true", "b/page.md", None),
        ("a/_index.md", "draft = false", "a/page.md", None),
        ("a/_index.xx.md", "draft = true", "a/page.md", None),
        ("a/_index.md", "in_search_index = false", "a/b/page.md", "content/a/_index.md is hidden: "),
        ("a/_index.md", "in_search_index = false", "a/page.fr.md", None),
        ("_index.md", "in_search_index = false", "a/page.md", "content/_index.md is hidden: "),
        ("a/_index.md", "title = 'x'\nrender = false", "a/page.md", None),
    ],
)
def test_a_section_that_may_not_be_found_hides_what_lies_in_it(
    section: str, header: str, id: str, reason: str | None, tmp_path: Path
) -> None:
    files = {"zola.toml": CONFIG, f"content/{id}": "+++\n+++\ntext", f"content/{section}": f"+++\n{header}\n+++"}
    excluded = read(write(tmp_path, files), f"content/{id}").excluded

    assert excluded is reason is None or (excluded or "").startswith(reason or "no")


def test_a_section_above_the_posts_folder_is_told(tmp_path: Path) -> None:
    root = write(
        tmp_path, {"zola.toml": CONFIG, "content/a/_index.md": "+++\ndraft = true\n+++", "content/a/b/c.md": ""}
    )
    site = site_of(root / "content/a/b")

    assert [header.source for header in site.above] == ["content/a/_index.md"]


@pytest.mark.parametrize(
    ("id", "heirs"),
    [("content/_index.md", "content/"), ("content/a/_index.fr.md", "content/a/"), ("content/a/index.md", None)],
)
def test_the_header_of_a_section_counts_for_its_folder(id: str, heirs: str | None, tmp_path: Path) -> None:
    root = write(tmp_path, {"zola.toml": CONFIG, id: ""})

    assert site_of(root).heirs(id) == heirs


def test_a_page_has_what_its_name_its_header_and_the_site_say(tmp_path: Path) -> None:
    header = '+++\ntitle = "x"\n[taxonomies]\ntags = ["one", "two"]\n[extra]\nlead = "In short"\n+++\ntext'
    files = {"config.toml": CONFIG, "content/2018-10-10T23:30:00Z-a/index.fr.md": header}
    document = read(write(tmp_path, files), "content/2018-10-10T23:30:00Z-a/index.fr.md").document

    assert document
    assert (document.tags, document.author, document.lang) == (("one", "two"), ("Jane Doe",), "fr")
    assert (document.description, document.url) == ("In short", "/fr/a/")
    assert document.date
    assert document.date.isoformat() == "2018-10-10T23:30:00+00:00"


def test_the_pattern_that_leaves_a_page_out_is_told(tmp_path: Path) -> None:
    files = {"zola.toml": f'ignored_content = ["*/a.md", "b.md"]\n{CONFIG}', "content/x/a.md": "", "content/b.md": ""}
    root = write(tmp_path, files)

    assert read(root, "content/x/a.md").excluded == "excluded by ignored_content: */a.md"
    assert read(root, "content/b.md").document


@pytest.mark.parametrize("key", ["default_language", "languages", "slugify", "ignored_content", "author", "base_url"])
@pytest.mark.parametrize("value", ["[1, {a = 1}]", "{paths = [1], anchors = 3, a = {b = 1}}", "3", "true", "'//evil'"])
def test_values_of_the_wrong_form_are_survived(key: str, value: str, tmp_path: Path) -> None:
    root = write(tmp_path, {"zola.toml": f"{key} = {value}", "content/a/2018-10-10-b.md": "+++\n+++\ntext"})
    document = read(root, "content/a/2018-10-10-b.md").document

    assert document
    assert document.url in {"/a/b/", "/3/a/b/"}
