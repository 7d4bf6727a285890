"""What MkDocs' configuration says for posts, beside their addresses, which `sites/mkdocs.toml` proves."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.index.sites.folders import read, site_of, write

NAV = """
nav:
  - Start: index.md
  - plain.md
  - Part:
      - By the navigation: ./both.md
      - Again: both.md
      - sub/x.md
  - Elsewhere: https://example.org/
"""


@pytest.mark.parametrize(
    ("id", "text", "title"),
    [
        ("index.md", "# Heading", "Start"),
        ("both.md", "---\ntitle: Own\n---\n# Heading", "By the navigation"),
        ("plain.md", "---\ntitle: Own\n---\n# Heading", "Own"),
        ("sub/x.md", "# Heading", "Heading"),
        ("other.md", "text", "Other"),
    ],
)
def test_the_title_of_the_navigation_counts_first(id: str, text: str, title: str, tmp_path: Path) -> None:
    """The titles are those that MkDocs 1.6.1 gave the same pages."""
    root = write(tmp_path, {"mkdocs.yml": NAV, f"docs/{id}": text})
    document = read(root, f"docs/{id}").document

    assert document
    assert document.title == title


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("new", None),
        ("deprecated", None),
        ("beta", None),
        ("draft", "status: draft"),
        ("other", "status: other"),
        ("[new]", "status: new"),
    ],
)
def test_a_status_that_is_a_label_hides_no_page(status: str, reason: str | None, tmp_path: Path) -> None:
    config = "extra:\n  status:\n    beta: Soon\n    draft: Not yet"
    root = write(tmp_path, {"mkdocs.yml": config, "docs/a.md": f"---\nstatus: {status}\n---\ntext"})

    assert read(root, "docs/a.md").excluded == reason


def test_a_page_that_is_not_for_search_is_hidden(tmp_path: Path) -> None:
    root = write(tmp_path, {"mkdocs.yml": "", "docs/a.md": "---\nsearch:\n  exclude: true\n---\ntext"})

    assert read(root, "docs/a.md").excluded == "search.exclude: true"


def test_what_hides_parts_of_the_page_does_not_hide_it(tmp_path: Path) -> None:
    root = write(tmp_path, {"mkdocs.yml": "", "docs/a.md": "---\nhide: [navigation, toc]\n---\ntext"})

    assert read(root, "docs/a.md").document


def test_posts_of_the_blog_have_names_categories_and_the_date_of_their_creation(tmp_path: Path) -> None:
    header = "---\ndate: {created: 2023-04-05, updated: 2024-01-01}\nauthors: [ada, bob]\ncategories: [News]\n"
    files = {
        "mkdocs.yml": "plugins: [blog]",
        "docs/blog/.authors.yml": "authors:\n  ada: {name: Ada Lovelace, description: x, avatar: y}",
        "docs/blog/posts/a.md": f"{header}tags: [x]\n---\n# A post",
        "docs/page.md": "---\nauthors: [ada]\n---\ntext",
    }
    root = write(tmp_path, files)
    document, page = (read(root, id).document for id in ("docs/blog/posts/a.md", "docs/page.md"))

    assert document
    assert page
    assert (document.author, document.category, document.tags) == (("Ada Lovelace", "bob"), ("News",), ("x",))
    assert document.url == "/blog/2023/04/05/a-post/"
    assert page.author == ("ada",)
    assert root / "docs/blog/.authors.yml" in site_of(root).files


def test_a_post_without_a_date_has_no_address(tmp_path: Path) -> None:
    root = write(tmp_path, {"mkdocs.yml": "plugins: [blog]", "docs/blog/posts/a.md": "# A post"})

    assert read(root, "docs/blog/posts/a.md").excluded == "mkdocs makes no page of it"


@pytest.mark.parametrize(("id", "lang"), [("a.md", "en"), ("a.fr.md", "fr"), ("a.en.md", "en"), ("a.xx.md", "en")])
def test_a_suffix_tells_the_language(id: str, lang: str, tmp_path: Path) -> None:
    i18n = "plugins: {i18n: {languages: [{locale: fr}, {locale: en, default: true}]}}"
    document = read(write(tmp_path, {"mkdocs.yml": i18n, f"docs/{id}": "text"}), f"docs/{id}").document

    assert document
    assert document.lang == lang


def test_the_language_of_the_theme_is_that_of_the_site(tmp_path: Path) -> None:
    root = write(tmp_path, {"mkdocs.yml": "theme: {name: material, language: pt-BR}"})

    assert site_of(root).lang == "pt-br"


def test_what_a_configuration_inherits_counts_less(tmp_path: Path) -> None:
    files = {
        "base.yml": "INHERIT: site/mkdocs.yml\nsite_url: https://example.org/base/\nuse_directory_urls: false",
        "site/mkdocs.yml": "INHERIT: ../base.yml\nsite_url: https://example.org/own/",
        "site/docs/a.md": "text",
    }
    document = read(write(tmp_path, files) / "site", "docs/a.md").document

    assert document
    assert document.url == "/own/a.html"


@pytest.mark.parametrize("option", ["exclude_docs", "draft_docs"])
def test_the_option_that_leaves_a_file_out_is_told(option: str, tmp_path: Path) -> None:
    root = write(tmp_path, {"mkdocs.yml": f"{option}: |\n  /a.md\n  *.txt", "docs/a.md": "x", "docs/b/a.md": "x"})

    assert read(root, "docs/a.md").excluded == f"excluded by {option}: /a.md"
    assert read(root, "docs/b/a.md").document


KEYS = ["docs_dir", "nav", "plugins", "theme", "extra", "exclude_docs", "site_url", "use_directory_urls", "INHERIT"]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(
    "value",
    [
        "[1, {a: b}, null, true]",
        "{a: [b], c: {d: e}}",
        "3",
        "null",
        "'//evil'",
        "/../x",
        "!ENV X",
        "!!python/name:os.system ''",
        "[blog: {post_url_format: '{0}{x.y}{slug', post_url_date_format: \"'y\"}]",
        "[blog: {blog_dir: ../.., post_dir: /, authors_file: ../x.yml}]",
        "{i18n: {languages: [3, {locale: [x]}], docs_structure: folder}}",
        "./mkdocs.yml",
    ],
)
def test_values_of_the_wrong_form_are_survived(key: str, value: str, tmp_path: Path) -> None:
    files = {"mkdocs.yml": f"{key}: {value}", "docs/blog/posts/a.md": "---\ndate: 2023-04-05\n---\ntext"}
    post = read(write(tmp_path, files), "docs/blog/posts/a.md")

    assert (post.document is None) == bool(post.excluded)
    assert post.document is None or post.document.url.startswith("/")
    assert post.document is None or not post.document.url.startswith("//")


def test_pages_are_read_as_material_shows_them(tmp_path: Path) -> None:
    """The anchors are those that MkDocs 1.6.1 with Material 9.8.2 gave the same page."""
    page = (
        "# Start :material-check: and :smile:\n\n## :octicons-tag-24:{ .a } With `#!py code()` ==marked== { .b }\n\n"
        '!!! note "Title"\n\n    ### In *a* note\n\n    === "Tab"\n\n        text *of* it\n\n## Start { #own .c }\n'
    )
    root = write(tmp_path, {"mkdocs.yml": "theme: material\n", "docs/a.md": page})
    document = read(root, "docs/a.md").document

    assert document
    assert "Title\nIn a note\nTab\ntext of it" in document.body
    assert [section.anchor for section in document.sections] == ["start-and", "with-code-marked", "in-a-note", "own"]
