"""What the programs of an Astro site tell as text, and what is said where they tell too little."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.index.sites.folders import site_of, url_of, write

SHOWS = "const posts = await getCollection('blog'); const { Content } = await render(post); <Content />"
LISTS = "const posts = await getCollection('blog');"
BLOG = "const own = defineCollection({ loader: glob({ base: './src/data/blog', pattern: '**/*.md' }) });"
COLLECTIONS = {"astro.config.mjs": "", "src/content.config.ts": f"{BLOG}\nexport const collections = {{ blog: own }};"}


@pytest.mark.parametrize(
    ("pages", "url"),
    [
        ({"blog/[...slug].astro": SHOWS}, "/blog/a-b/"),
        ({"[...slug].astro": SHOWS}, "/a-b/"),
        ({"blog/[id]/index.astro": LISTS}, "/blog/a-b/"),
        ({"blog/[id].astro": SHOWS, "tags/[tag].astro": LISTS}, "/blog/a-b/"),
        ({"blog/[id].astro": SHOWS, "blog/[...page].astro": f"{SHOWS} paginate(posts)"}, "/blog/a-b/"),
        ({"blog/[id].astro": SHOWS, "_old/[id].astro": SHOWS}, "/blog/a-b/"),
        ({"blog/[id].astro": SHOWS.replace("getCollection(", "getCollection<'x'>( ")}, "/blog/a-b/"),
    ],
)
def test_a_collection_lies_where_the_only_page_shows_it(pages: dict[str, str], url: str, tmp_path: Path) -> None:
    files = {f"src/pages/{name}": text for name, text in pages.items()}
    site = site_of(write(tmp_path, {**COLLECTIONS, **files, "src/data/blog/A b.md": ""}))

    assert (url_of(site, "src/data/blog/A b.md"), site.warnings) == (url, ())


@pytest.mark.parametrize(
    "pages",
    [
        {},
        {"blog/index.astro": SHOWS},
        {"blog/[id].astro": SHOWS, "archive/[id].astro": SHOWS},
        {"tags/[tag].astro": LISTS, "authors/[author].astro": LISTS},
        {"[lang]/blog/[slug].astro": SHOWS},
        {"blog/[id].astro": f"// {SHOWS}"},
    ],
)
def test_a_collection_without_exactly_one_such_page_goes_by_its_path_and_is_warned_of(
    pages: dict[str, str], tmp_path: Path
) -> None:
    files = {f"src/pages/{name}": text for name, text in pages.items()}
    posts = write(tmp_path, {**COLLECTIONS, **files, "src/data/blog/A b.md": ""})

    for site, id in [(site_of(posts), "src/data/blog/A b.md"), (site_of(posts / "src/data/blog"), "A b.md")]:
        ((path, warning),) = site.warnings
        assert (url_of(site, id), path.name) == ("/src/data/blog/A%20b/", "astro.config.mjs")
        assert "which page of src/pages shows the collection 'blog' can't be told" in warning
        assert "set url_pattern" in warning


def test_a_collection_that_names_its_entries_itself_goes_by_its_path(tmp_path: Path) -> None:
    config = BLOG.replace("base:", "generateId: ({ data }) => data.permalink, base:").replace("own", "blog")
    files = {"src/content.config.ts": config, "src/pages/[id].astro": SHOWS, "src/data/blog/a.md": ""}
    site = site_of(write(tmp_path, {"astro.config.mjs": "", **files}))

    assert (url_of(site, "src/data/blog/a.md"), len(site.warnings)) == ("/src/data/blog/a/", 1)


def test_folders_are_collections_where_none_has_a_loader(tmp_path: Path) -> None:
    files = {"astro.config.mjs": "", "src/pages/blog/[...slug].astro": SHOWS, "src/content/blog/A/index.md": ""}
    site = site_of(write(tmp_path, files) / "src" / "content" / "blog")

    assert url_of(site, "A/index.md") == "/blog/a/"
    assert site.rules.left_out("src/content/blog/_a/b.md") == "_a begins with _, so that astro makes no page of it"


@pytest.mark.parametrize(
    ("config", "lang", "base"),
    [
        ("starlight({ defaultLocale: 'fr', locales: { fr: {}, en: {} } })", "fr", ""),
        ("starlight({ locales: { root: { label: 'x', lang: 'pt-BR' }, en: {} } })", "pt-br", ""),
        ("starlight({ defaultLocale: 'root', locales: { root: { lang: 'ja' } } })", "ja", ""),
        ("i18n: { defaultLocale: 'es', locales: ['es', 'en'] }, base: '/a/'", "es", "/a"),
        ("site: 'https://example.org/x' /* base: '/b' */", "", ""),
    ],
)
def test_the_configuration_tells_language_and_base(config: str, lang: str, base: str, tmp_path: Path) -> None:
    site = site_of(write(tmp_path, {"astro.config.ts": f"export default defineConfig({{ {config} }})"}))

    assert (site.generator, site.lang, site.base_url) == ("astro", lang, base)
    assert site.dialect.anchors == "astro"


def test_files_outside_of_all_collections_go_by_their_paths(tmp_path: Path) -> None:
    site = site_of(write(tmp_path, {"astro.config.mjs": "", "src/posts/a.md": ""}))

    assert url_of(site, "src/posts/a.md") == "/src/posts/a/"
    assert url_of(site, "README.md") == "/"


@pytest.mark.parametrize(
    "text", ["(" * 9_999, "pattern: [" * 999, "defineCollection(" * 999, "root: {" * 999, "`", "\0"]
)
def test_no_program_stops_the_site(text: str, tmp_path: Path) -> None:
    files = {"astro.config.mjs": text, "src/content.config.ts": f"{BLOG}{text}", "src/pages/[id].astro": text}

    assert site_of(write(tmp_path, files)).generator == "astro"
