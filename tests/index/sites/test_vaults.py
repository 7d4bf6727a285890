"""Folders of notes are told by the files of their programs, and hold what these take for notes."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.indexer.post import Post, read_post
from index.markup.dialect import Dialect
from index.sites.site import Site
from tests.index.sites.folders import site_of, write


def vault(root: Path, files: dict[str, str], posts: str = "") -> Site:
    """The site of the posts in a folder that holds the files."""
    return site_of(write(root, {".git/HEAD": "", **files}) / posts)


def read(site: Site, id: str, text: str = "") -> Post:
    return read_post(text.encode(), id, site)


@pytest.mark.parametrize(
    ("name", "text", "notes"),
    [
        (".obsidian/app.json", "{}", "obsidian"),
        ("logseq/config.edn", "{}", "logseq"),
        ("myst.yml", "version: 1", "myst"),
        ("conf.py", 'extensions = ["myst_parser"]', "myst"),
        ("conf.py", 'extensions = ["sphinx.ext.autodoc"]', ""),
        ("_toc.yml", "root: a", ""),
        ("obsidian/app.json", "{}", ""),
        ("logseq/a.md", "", ""),
    ],
)
@pytest.mark.parametrize("posts", ["", "notes"])
def test_the_program_for_notes_is_told_by_its_files(
    name: str, text: str, notes: str, posts: str, tmp_path: Path
) -> None:
    site = vault(tmp_path, {name: text}, posts)

    assert (site.generator, site.dialect.notes) == ("none", notes)


def test_a_jupyter_book_is_written_in_myst(tmp_path: Path) -> None:
    assert vault(tmp_path, {"_config.yml": "title: x", "_toc.yml": "root: a"}).dialect.notes == "myst"


def test_a_generator_reads_the_notes_that_are_its_posts_in_its_own_way(tmp_path: Path) -> None:
    site = vault(tmp_path, {"hugo.toml": "", "content/.obsidian/app.json": "{}"}, "content")

    assert (site.generator, site.dialect.notes) == ("hugo", "")


def test_what_a_vault_excludes_and_its_templates_are_left_out(tmp_path: Path) -> None:
    files = {
        ".obsidian/app.json": '{"userIgnoreFilters": ["private/", "/secret-\\\\d/", "/(/"]}',
        ".obsidian/templates.json": '{"folder": "Templates"}',
        ".obsidian/plugins/templater-obsidian/data.json": '{"templates_folder": "in/templater/"}',
    }
    site = vault(tmp_path, files)
    reasons = {
        "private/a.md": "left out by the excluded files of Obsidian",
        "a/secret-1.md": "left out by the excluded files of Obsidian",
        "Templates/a.md": "left out by .obsidian/templates.json, as a template",
        "in/templater/a.md": "left out by .obsidian/plugins/templater-obsidian/data.json, as a template",
        "a/private/b.md": None,
        "Templates.md": None,
    }

    assert {id: read(site, id).excluded for id in reasons} == reasons
    assert ["app.json" in str(path) for path, _ in site.warnings] == [True]


def test_what_logseq_keeps_for_itself_or_hides_is_left_out(tmp_path: Path) -> None:
    site = vault(tmp_path, {"logseq/config.edn": '{;; :hidden ["/x"]\n :hidden ["/archived" "b.md"]}'})
    left_out = {id: bool(read(site, id).excluded) for id in ("logseq/bak/a.md", "archived/a.md", "b.md", "x/a.md")}

    assert left_out == {"logseq/bak/a.md": True, "archived/a.md": True, "b.md": True, "x/a.md": False}


@pytest.mark.parametrize(
    ("id", "text", "title", "date"),
    [
        ("pages/a___b c.md", "- d", "a/b c", None),
        ("pages/a%3Ab.md", "# d", "a:b", None),
        ("pages/a.md", "title:: d\n\n- e", "d", None),
        ("journals/2023_04_05.md", "- d", "2023-04-05", "2023-04-05"),
        ("journals/other.md", "- d", "Other", None),
    ],
)
def test_pages_of_logseq_are_called_as_their_files(
    id: str, text: str, title: str, date: str | None, tmp_path: Path
) -> None:
    document = read(vault(tmp_path, {"logseq/config.edn": "{}"}), id, text).document

    assert document is not None
    assert document.title == title
    assert (document.date and document.date.date().isoformat()) == date


@pytest.mark.parametrize(
    "text", ["public:: false\n\n- a", "- private:: true\n- a", "title:: a\npublic:: perhaps\n\n- b"]
)
def test_a_page_of_logseq_that_is_not_public_is_left_out(text: str, tmp_path: Path) -> None:
    assert read(vault(tmp_path, {"logseq/config.edn": "{}"}), "pages/a.md", text).excluded


QUARTZ_5 = """
configuration:
  baseUrl: example.org/notes
  locale: de-DE
  ignorePatterns: [private, "**/*.draft.md"]
plugins:
  - source: "@quartz-community/explicit-publish"
    enabled: {explicit}
"""


@pytest.mark.parametrize(
    ("id", "url"),
    [
        ("index.md", "/notes/"),
        ("R&D 100% #1 why?.md", "/notes/r-and-d-100-percent-1-why"),
        ("café ÀB.md", "/notes/caf%C3%A9-%C3%A0b"),
        ("section/_index.md", "/notes/section/"),
        ("Same/same.md", "/notes/same/"),
        ("a/b/B.md", "/notes/a/b/"),
        ('q"<>:|*.md', "/notes/q"),
    ],
)
def test_addresses_of_quartz_5_are_those_of_its_own_function(id: str, url: str, tmp_path: Path) -> None:
    """`slugifyFilePath` and `simplifySlug` of @quartz-community/utils 1.0.1, run on these names."""
    site = vault(tmp_path, {"quartz.config.yaml": QUARTZ_5.format(explicit="false")}, "content")
    document = read(site, id).document

    assert document is not None
    assert (document.url, site.generator, site.lang) == (url, "quartz", "de-de")


@pytest.mark.parametrize(
    ("id", "text", "excluded"),
    [
        ("a.md", "b", "publish: false, says the site's configuration"),
        ("a.md", "---\npublish: 2020-01-01\n---\nb", "quartz makes no page of it"),
        ("a.md", "---\npublish: true\n---\nb", None),
        ("private/a.md", "---\npublish: true\n---\nb", "excluded by ignorePatterns: private"),
        ("b/a.draft.md", "---\npublish: true\n---\nb", "excluded by ignorePatterns: **/*.draft.md"),
    ],
)
def test_quartz_makes_pages_only_of_what_it_is_to_publish(
    id: str, text: str, excluded: str | None, tmp_path: Path
) -> None:
    site = vault(tmp_path, {"quartz.config.yaml": QUARTZ_5.format(explicit="true")}, "content")

    assert read(site, id, text).excluded == excluded


def test_what_lies_beside_the_notes_of_quartz_is_no_page(tmp_path: Path) -> None:
    site = vault(tmp_path, {"quartz.config.ts": 'configuration: { baseUrl: "example.org" }'})

    assert [read(site, id).excluded for id in ("README.md", "content/a.html")] == ["quartz makes no page of it"] * 2
    assert (site.base_url, site.dialect) == ("", Dialect(anchors="github", templates=(), notes="obsidian"))


def test_a_note_is_called_as_its_file_and_hides_by_no_status_of_a_task(tmp_path: Path) -> None:
    site = site_of(write(tmp_path, {".obsidian/app.json": "{}"}))
    document = read(site, "Shed plan.md", "---\nstatus: todo\n---\n## Log\n\nwood\n").document

    assert document is not None
    assert document.title == "Shed plan"
    assert read(site, "Shed plan.md", "---\nstatus: draft\n---\nwood\n").excluded == "status: draft"
