"""Which site posts belong to: found by its configuration, which is read and never run, and never stops anything."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as runs
from hypothesis import strategies as st

from index.settings import GENERATORS as SETTING_VALUES
from index.settings import Settings
from index.sites.generators.plain import Plain
from index.sites.site import GENERATORS, read_site
from tests.index.sites.folders import site_of, url_of, write


def is_path(url: str | None) -> bool:
    """Whether it is a path of the site; no page at all is none that leads elsewhere."""
    return url is None or (url.startswith("/") and not url.startswith("//"))


CONFIGS = [
    ("_config.yml", "permalink: pretty", "jekyll"),
    ("_config.yaml", "", "jekyll"),
    ("_config.toml", "permalink = 'pretty'", "jekyll"),
    ("hugo.toml", "", "hugo"),
    ("hugo.yaml", "baseURL: /", "hugo"),
    ("hugo.json", "{}", "hugo"),
    ("config.toml", "baseURL = 'https://example.org/'", "hugo"),
    ("config/_default/hugo.toml", "baseURL = '/'", "hugo"),
    ("config/_default/config.yaml", "theme: x", "hugo"),
    ("pelicanconf.py", "PATH = 'content'", "pelican"),
    ("eleventy.config.js", "", "eleventy"),
    (".eleventy.js", "module.exports = {}", "eleventy"),
    ("docusaurus.config.ts", "", "docusaurus"),
    (".vitepress/config.mts", "", "vitepress"),
    (".vitepress/config/index.js", "", "vitepress"),
    (".vitepress/theme/index.ts", "", "none"),
    ("astro.config.mjs", "", "astro"),
    ("book.toml", "", "mdbook"),
    ("mkdocs.yml", "site_name: x\nx: !!python/name:a.b ''\ny: !ENV [A, true]", "mkdocs"),
    ("mkdocs.yaml", "", "mkdocs"),
    ("quartz.config.ts", "", "quartz"),
    ("quartz.config.yaml", "", "quartz"),
    ("zola.toml", "base_url = '/'", "zola"),
    ("source/a.html.md", "", "middleman"),
    ("source/blog/a.html.markdown", "", "middleman"),
    ("_posts/2013-06-19-a.md", "", "none"),
    ("readme.txt", "", "none"),
    ("config.toml", "base_url = 'https://example.org'\ntheme = 'zola'", "none"),
    ("config.toml", "[server]\nport = 1", "none"),
    ("config.yaml", "server: x", "none"),
    ("config.toml", "theme = 'x'", "none"),
    ("config.yaml", "taxonomies: {tag: tags}", "none"),
    ("_config.yml", "source_dir: source\npublic_dir: public", "hexo"),
    ("_config.yml", "new_post_name: ':title.md'", "hexo"),
    ("_config.yml", "theme: landscape", "hexo"),
    ("_config.yml", "deploy:\n  type: git", "hexo"),
    ("_config.yml", "deploy:\n- type: git", "hexo"),
    ("_config.yml", "theme: minima", "jekyll"),
    ("_config.yml", "titlecase: true\ncode_dir: downloads/code", "jekyll"),
    ("config.rb", "activate :blog", "none"),
]


@pytest.mark.parametrize(("name", "text", "generator"), CONFIGS)
def test_the_generator_is_told_by_its_files(name: str, text: str, generator: str, tmp_path: Path) -> None:
    assert site_of(write(tmp_path, {name: text, ".git/HEAD": ""})).generator == generator


@pytest.mark.parametrize(
    ("other", "text", "generator"),
    [
        ("scaffolds/post.md", "", "hexo"),
        ("package.json", '{"dependencies": {"hexo": "7"}}', "hexo"),
        ("_toc.yml", "", "none"),
        ("package.json", "{}", "jekyll"),
    ],
)
def test_another_program_with_the_configuration_of_jekyll_is_told_by_what_lies_beside(
    other: str, text: str, generator: str, tmp_path: Path
) -> None:
    site = site_of(write(tmp_path, {"_config.yml": "title: x", other: text}) / "source")

    assert (site.generator, bool(site.warnings)) == (generator, generator == "none")


def test_a_base_url_beside_its_content_makes_a_configuration_zolas(tmp_path: Path) -> None:
    write(tmp_path, {"config.toml": "base_url = '/'", "content/a.md": "", "themes/a/theme.toml": ""})

    assert site_of(tmp_path).generator == "zola"
    assert site_of(write(tmp_path, {"hugo.toml": ""})).generator == "hugo"


def test_a_theme_makes_a_configuration_hugos_beside_its_folders(tmp_path: Path) -> None:
    assert site_of(write(tmp_path, {"config.toml": "theme = 'x'", "archetypes/a.md": ""})).generator == "hugo"


def test_posts_named_as_jekylls_are_indexed_by_their_paths_without_its_configuration(tmp_path: Path) -> None:
    site = site_of(write(tmp_path, {"_posts/no-date.md": "", ".git/HEAD": ""}))

    assert url_of(site, "_posts/no-date.md") == "/_posts/no-date/"


def test_middleman_is_told_by_its_program_beside_a_source_folder(tmp_path: Path) -> None:
    site = site_of(write(tmp_path, {"config.rb": "blog.prefix = 'news'", "source/news/2013-06-19-a.md": ""}))

    assert url_of(site, "source/news/2013-06-19-a.md") == "/news/2013/06/19/a.html"


@pytest.mark.parametrize(("generator", "url"), [("none", "/a/"), ("jekyll", "/a.html"), ("hugo", "/a/")])
def test_the_settings_name_the_generator_before_the_files_do(generator: str, url: str, tmp_path: Path) -> None:
    site = site_of(write(tmp_path, {"pelicanconf.py": "PATH = 'content'"}), generator=generator)

    assert (site.generator, url_of(site, "a.md")) == (generator, url)


@pytest.mark.parametrize(
    ("generator", "folder", "id", "url"),
    [
        ("jekyll", "_posts", "2013-06-19-a.md", "/2013/06/19/a.html"),
        ("jekyll", "site", "_posts/2013-06-19-a.md", "/2013/06/19/a.html"),
        ("hugo", "content", "posts/A B.md", "/posts/a-b/"),
        ("hugo", "content/posts", "a.md", "/posts/a/"),
        ("hugo", "posts", "a.md", "/a/"),
        ("pelican", "content/news", "a.md", "/a-title.html"),
        ("pelican", "posts", "pages/a.md", "/pages/a-title.html"),
        ("eleventy", "posts", "2013-06-19-a.md", "/2013-06-19-a/"),
        ("mkdocs", "docs", "a/README.md", "/a/"),
        ("zola", "content", "2013-06-19-A b.md", "/a-b/"),
    ],
)
def test_a_named_generator_needs_no_configuration(
    generator: str, folder: str, id: str, url: str, tmp_path: Path
) -> None:
    assert url_of(site_of(tmp_path / folder, generator=generator), id, title="A title") == url


def test_hugo_may_take_the_accents_from_addresses(tmp_path: Path) -> None:
    write(tmp_path, {"hugo.toml": "removePathAccents = true"})
    site = site_of(tmp_path / "content")

    assert url_of(site, "\u00e9t\u00e9/\u00dcber uns.md") == "/ete/uber-uns/"


def test_the_configuration_is_found_some_folders_above_the_posts(tmp_path: Path) -> None:
    write(tmp_path, {"hugo.toml": "baseURL = 'https://example.org/x/'"})
    site = site_of(tmp_path / "content" / "posts" / "deep")

    assert (site.generator, site.prefix) == ("hugo", "content/posts/deep/")
    assert url_of(site, "a.md") == "/x/posts/deep/a/"


def test_the_configuration_is_not_looked_for_far_above_the_posts(tmp_path: Path) -> None:
    write(tmp_path, {"hugo.toml": ""})

    assert site_of(tmp_path / "content/b/c/d").generator == "hugo"
    assert site_of(tmp_path / "content/b/c/d/e").generator == "none"


def test_the_configuration_is_not_looked_for_above_a_repository(tmp_path: Path) -> None:
    write(tmp_path, {"_config.yml": "", "repository/.git/HEAD": ""})

    assert site_of(tmp_path / "repository" / "posts").generator == "none"
    assert site_of(write(tmp_path / "repository", {"hugo.toml": ""}) / "content").generator == "hugo"


def test_the_nearest_configuration_counts(tmp_path: Path) -> None:
    write(tmp_path, {"_config.yml": "", "blog/pelicanconf.py": ""})

    assert site_of(tmp_path / "blog" / "content").generator == "pelican"


BROKEN = [
    ("_config.yml", "permalink: [a\n  b: }"),
    ("_config.yml", "[" * 50_000),
    ("_config.yml", "- a\n- list"),
    ("_config.yml", "a: &a [x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(3)) + "permalink: {a: b}"),
    ("_config.yml", "\x00\x01"),
    ("_config.yml", "timezone: Nowhere/Land\npermalink: date"),
    ("hugo.toml", "baseURL = "),
    ("hugo.toml", "a = " + "[" * 5000),
    ("hugo.toml", "a." * 50_000 + "b = 1"),
    ("_config.toml", '"a\\"".' * 50_000 + "b = 1"),
    ("hugo.json", "[" * 100_000),
    ("hugo.yaml", "permalinks: !ruby/object:Gem::Installer {a: b"),
    ("pelicanconf.py", "SITEURL = ("),
    ("pelicanconf.py", "A = " + "(" * 3000),
    ("pelicanconf.py", "A = " + "9" * 6000),
    ("pelicanconf.py", "A = '\x00'"),
]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mkdocs.yml", "site_name: x"),
        ("book.toml", ""),
        ("package.json", '{"devDependencies": {"hexo": "8"}}'),
        ("config.toml", "theme = 'x'\nbaseurl = '/'"),
        ("zola.toml", ""),
    ],
)
def test_the_site_of_other_folders_is_another_one(name: str, text: str, tmp_path: Path) -> None:
    write(tmp_path, {".git/HEAD": "", name: text, "_config.yml": "permalink: pretty", "_posts/a.md": ""})

    assert site_of(tmp_path / "_posts").generator == "jekyll"
    (tmp_path / "_config.yml").unlink()
    site = site_of(tmp_path / "notes")
    assert site.generator == "none"
    assert name == "package.json" or "makes no pages of what lies in the posts folder" in str(site.warnings)


@pytest.mark.parametrize(("name", "text"), BROKEN)
def test_a_broken_configuration_is_a_warning_and_urls_come_all_the_same(name: str, text: str, tmp_path: Path) -> None:
    site = site_of(write(tmp_path, {name: text}))

    assert (url_of(site, "content/a/b.md") or "").startswith("/")
    assert site.warnings or "permalink: {a: b}" in text


@pytest.mark.parametrize(
    "again", ["A = A + A", "A += A", "A = [A, A]", "A.append(A)", "A = {**A}", "A = dict(a=A)", "A += 2"]
)
def test_what_settings_of_pelican_add_up_to_is_bounded(again: str, tmp_path: Path) -> None:
    site = site_of(write(tmp_path, {"pelicanconf.py": "A = ['x']\n" + f"{again}\n" * 60 + "TIMEZONE = 'Asia/Tokyo'"}))

    assert site.timezone == "Asia/Tokyo"


HUGE = {
    "_config.yml": "exclude: ['" + "{" * 900_000 + "}']",
    "logseq/config.edn": ":hidden [" * 50_000,
    "src/content.config.ts": "x" * 900_000,
    ".eleventyignore": "{}" * 400_000,
    "eleventy.config.js": "/* " * 100_000,
    ".gitignore": "".join(f"{n}\n" for n in range(40_000)),
    "config.rb": "\n" * 900_000,
}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("name", HUGE)
def test_a_huge_configuration_takes_little_time(name: str, tmp_path: Path) -> None:
    beside = {
        ".eleventyignore": ".eleventy.js",
        ".gitignore": ".eleventy.js",
        "config.rb": "source/a.md",
        "src/content.config.ts": "astro.config.mjs",
    }.get(name, "a.md")
    site = site_of(write(tmp_path, {name: HUGE[name], beside: "", ".git/HEAD": ""}))

    assert site.rules.left_out("a.md") is None
    assert is_path(url_of(site, "a.md"))


def test_a_configuration_that_is_no_text_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "_config.yml").write_bytes(b"\xff\xfe\x00permalink")
    site = site_of(tmp_path)

    (warning,) = site.warnings
    assert warning[0] == tmp_path / "_config.yml"
    assert warning[1].startswith("can't be used: ")
    assert url_of(site, "_posts/2013-06-19-a.md") == "/2013/06/19/a.html"


def test_a_configuration_that_is_too_large_is_a_warning(tmp_path: Path) -> None:
    assert "larger than" in site_of(write(tmp_path, {"_config.yml": "# x\n" * 300_000})).warnings[0][1]


@given(text=st.text(max_size=200), name=st.sampled_from(["_config.yml", "hugo.toml", "hugo.json", "pelicanconf.py"]))
@runs(max_examples=60, deadline=None, print_blob=True)
def test_any_configuration_is_survived(tmp_path_factory: pytest.TempPathFactory, text: str, name: str) -> None:
    root = tmp_path_factory.mktemp("site")
    (root / name).write_bytes(text.encode("utf-8", "surrogatepass"))

    assert is_path(url_of(site_of(root), "content/a.md"))


ODD = "[1, {a: b}, null, true]"


@pytest.mark.parametrize("key", ["permalink", "collections", "defaults", "baseurl", "timezone", "source", "lang"])
@pytest.mark.parametrize("value", [ODD, "{a: [b], c: {d: e}}", "3", "null", "true", "'//evil'", "/../x", "':x y'"])
def test_values_of_the_wrong_form_in_jekyll_are_survived(key: str, value: str, tmp_path: Path) -> None:
    site = site_of(write(tmp_path, {"_config.yml": f"{key}: {value}"}))

    assert is_path(url_of(site, "_posts/2013-06-19-a.md"))


@pytest.mark.parametrize("key", ["permalinks", "languages", "uglyURLs", "frontmatter", "contentDir", "baseURL"])
@pytest.mark.parametrize("value", [ODD, "{a: [b], posts: {posts: e}}", "3", "null", "'//evil'", "../x"])
def test_values_of_the_wrong_form_in_hugo_are_survived(key: str, value: str, tmp_path: Path) -> None:
    site = site_of(write(tmp_path, {"hugo.yaml": f"{key}: {value}"}))

    assert is_path(url_of(site, "content/posts/a.md"))


@pytest.mark.parametrize(
    "key", ["PATH", "ARTICLE_URL", "ARTICLE_PATHS", "SLUG_REGEX_SUBSTITUTIONS", "FILENAME_METADATA", "SITEURL"]
)
@pytest.mark.parametrize(
    "value", ["[1, ('a',), {}]", "{'a': 1}", "3", "None", "'//evil'", "'(['", "'{slug.__class__}'"]
)
def test_values_of_the_wrong_form_in_pelican_are_survived(key: str, value: str, tmp_path: Path) -> None:
    site = site_of(write(tmp_path, {"pelicanconf.py": f"{key} = {value}"}))

    assert is_path(url_of(site, "a.md"))


def test_the_settings_of_pelican_are_read_and_not_run(tmp_path: Path) -> None:
    trap = "import pathlib\npathlib.Path(__file__).with_name('trap').write_text('x')\n"
    code = f"{trap}SITEURL = 'https://example.org/blog'\nPATH = __import__('os').getcwd()\nARTICLE_SAVE_AS = 'x'\n"
    code += "ARTICLE_URL = ARTICLE_SAVE_AS\nARTICLE_URL = 'a/{slug}/'\nif True:\n    ARTICLE_URL = 'no'\n"
    site = site_of(write(tmp_path, {"pelicanconf.py": code}))

    assert not (tmp_path / "trap").exists()
    assert url_of(site, "a.md") == "/blog/a/a-title/"


def test_the_settings_for_publishing_count_more(tmp_path: Path) -> None:
    files = {"pelicanconf.py": "SITEURL = ''\nARTICLE_URL = '{slug}/'", "publishconf.py": "SITEURL = 'https://x.org/b'"}
    site = site_of(write(tmp_path, files))

    assert url_of(site, "a.md") == "/b/a-title/"
    assert [path.name for path in site.files] == ["pelicanconf.py", "publishconf.py"]


def test_the_text_of_eleventys_program_tells_the_input_folder(tmp_path: Path) -> None:
    code = "// input: 'no'\nmodule.exports = () => ({ pathPrefix: '/x/', dir: { input: './views' } });"
    site = site_of(write(tmp_path, {"eleventy.config.js": code, "views/posts/a.md": ""}))

    assert url_of(site, "views/posts/a.md") == "/x/posts/a/"


def test_eleventys_input_folder_is_guessed_by_its_name(tmp_path: Path) -> None:
    write(tmp_path, {".eleventy.js": ""})

    assert url_of(site_of(tmp_path / "content" / "posts"), "a.md") == "/posts/a/"
    assert url_of(site_of(tmp_path / "blog"), "a.md") == "/blog/a/"


def test_a_permalink_that_only_eleventys_program_knows_is_a_warning(tmp_path: Path) -> None:
    data = '{"permalink": "/{{ page.date | toDatePath }}/{{ page.fileSlug }}/"}'
    site = site_of(write(tmp_path, {".eleventy.js": "", "posts/posts.json": data}))

    assert "toDatePath" in site.warnings[0][1]
    assert url_of(site, "posts/a.md") == "/posts/a/"


def test_data_of_eleventy_that_hides_posts_or_moves_them_by_program_is_a_warning(tmp_path: Path) -> None:
    data = """export default {
        tags: [tag], layout, date: new Date(), draft: process.env.DRAFTS !== "no",
        eleventyComputed: { permalink: (data) => `/${data.a}/`, title: (data) => data.b }, password() { return "a"; },
    }"""
    site = site_of(write(tmp_path, {".eleventy.js": "", "posts/posts.11tydata.js": data, "posts/a.md": ""}))

    assert [said.split(" needs ")[0] for _, said in site.warnings] == [
        "can't be used: its draft",
        "can't be used: its password",
        "can't be used: its permalink",
    ]
    assert {path.name for path, _ in site.warnings} == {"posts.11tydata.js"}
    assert url_of(site, "posts/a.md") == "/posts/a/"


@pytest.mark.parametrize("data", ["[", "[1]", '{"permalink": [1]}', '{"eleventyComputed": 3, "permalink": "//evil"}'])
def test_broken_data_of_eleventy_is_survived(data: str, tmp_path: Path) -> None:
    site = site_of(write(tmp_path, {".eleventy.js": "", "posts/posts.json": data}))

    assert url_of(site, "posts/a.md") == "/posts/a/"


@pytest.mark.parametrize(
    ("files", "options", "base"),
    [
        ({"_config.yml": "baseurl: /blog\nurl: https://example.org"}, {}, "/blog"),
        ({"_config.yml": "baseurl: /blog"}, {"base_url": "https://example.org/"}, "https://example.org"),
        ({"hugo.toml": "baseURL = 'https://example.org/blog/'"}, {}, "/blog"),
        ({"hugo.toml": "baseURL = '//evil.example/'"}, {}, ""),
        ({"pelicanconf.py": "SITEURL = 'https://example.org/blog'"}, {}, "/blog"),
        ({"pelicanconf.py": "SITEURL = 'javascript:x'"}, {}, ""),
        ({}, {}, ""),
    ],
)
def test_without_a_base_of_the_settings_urls_begin_with_the_path_of_the_sites(
    files: dict[str, str], options: dict[str, str], base: str, tmp_path: Path
) -> None:
    assert site_of(write(tmp_path, files), **options).base_url == base


@pytest.mark.parametrize(
    ("files", "options", "zone"),
    [
        ({"_config.yml": "timezone: Asia/Tokyo"}, {}, "Asia/Tokyo"),
        ({"_config.yml": "timezone: Asia/Tokyo"}, {"timezone": "Europe/Berlin"}, "Europe/Berlin"),
        ({"_config.yml": "timezone: Nowhere/Land"}, {}, "UTC"),
        ({"hugo.toml": "timeZone = 'Europe/Oslo'"}, {}, "Europe/Oslo"),
        ({"pelicanconf.py": "TIMEZONE = 'America/New_York'"}, {}, "America/New_York"),
    ],
)
def test_the_zone_is_that_of_the_settings_or_of_the_site(
    files: dict[str, str], options: dict[str, str], zone: str, tmp_path: Path
) -> None:
    assert site_of(write(tmp_path, files), **options).timezone == zone


@pytest.mark.parametrize(
    ("files", "options", "lang"),
    [
        ({"_config.yml": "lang: de_AT.UTF-8"}, {}, "de-at"),
        ({"hugo.toml": "languageCode = 'pt-BR'"}, {}, "pt-br"),
        ({"hugo.toml": "defaultContentLanguage = 'fr'"}, {}, "fr"),
        ({"pelicanconf.py": "DEFAULT_LANG = 'ES'"}, {}, "es"),
        ({"pelicanconf.py": "DEFAULT_LANG = 'es'"}, {"lang": "it"}, "it"),
        ({}, {}, ""),
    ],
)
def test_the_language_is_that_of_the_settings_or_of_the_site(
    files: dict[str, str], options: dict[str, str], lang: str, tmp_path: Path
) -> None:
    assert site_of(write(tmp_path, files), **options).lang == lang


@pytest.mark.parametrize(
    ("files", "templates", "raw_html"),
    [
        ({"hugo.toml": ""}, "shortcodes", False),
        ({"hugo.toml": "[markup.goldmark.renderer]\nunsafe = true"}, "shortcodes", True),
        ({"config.yaml": "baseURL: /\nmarkup: {Goldmark: {Renderer: {unsafe: true}}}"}, "shortcodes", True),
        ({"_config.yml": "permalink: pretty", "Gemfile": "gem 'jekyll'"}, "tags outputs attributes", True),
        ({"eleventy.config.js": ""}, "tags outputs comments", True),
        ({"eleventy.config.js": "export const config = { markdownTemplateEngine: false }"}, "", True),
        ({"docusaurus.config.js": "export default { title: 'a' }"}, "directives components mdx", True),
        ({"docusaurus.config.js": "export default { markdown: { format: 'detect' } }"}, "directives", True),
        ({"pelicanconf.py": ""}, "attributes", True),
        ({"book.toml": "[book]"}, "helpers", True),
        ({"mkdocs.yml": "site_name: a"}, "", True),
        ({"mkdocs.yml": "markdown_extensions: [toc, markdown.extensions.attr_list]"}, "attributes", True),
        ({"mkdocs.yml": "markdown_extensions: {extra: {}}"}, "attributes", True),
        ({"mkdocs.yml": "plugins: [search, macros: {}]"}, "tags outputs comments", True),
        ({"_config.yml": "theme: landscape", "scaffolds/post.md": ""}, "tags outputs comments", True),
        ({"quartz.config.yaml": ""}, "", True),
        ({".obsidian/app.json": "{}"}, "", True),
        ({"logseq/config.edn": "{}"}, "", True),
        ({"myst.yml": ""}, "", True),
        ({"config.rb": "activate :blog", "source/a.html.md": ""}, "attributes readmore", True),
    ],
)
def test_the_generator_and_its_configuration_say_how_posts_are_read(
    files: dict[str, str], templates: str, raw_html: bool, tmp_path: Path
) -> None:
    dialect = site_of(write(tmp_path, files)).dialect
    assert (" ".join(dialect.templates), dialect.raw_html) == (templates, raw_html)


def test_a_site_is_plain_frozen_data_that_reads_the_same_each_time(tmp_path: Path) -> None:
    write(tmp_path, {"hugo.toml": "[permalinks]\nb = '/:slug/'\na = '/:year/'", "content/a.md": ""})
    site = site_of(tmp_path)

    assert repr(site) == repr(site_of(tmp_path))
    assert "frozenset" not in repr(site)
    with pytest.raises(FrozenInstanceError):
        site.lang = "de"  # type: ignore[misc]  # what is refused


def test_a_posts_folder_that_is_not_there_belongs_to_no_site(tmp_path: Path) -> None:
    site = read_site(tmp_path / "nowhere", Settings(posts=tmp_path / "nowhere"))

    assert (site.generator, site.rules, site.warnings) == ("none", Plain(), ())


def test_the_settings_know_every_generator() -> None:
    assert set(SETTING_VALUES) == {"auto", "none", *GENERATORS}
