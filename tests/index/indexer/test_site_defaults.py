"""What a site's configuration and data files say for posts, and which files these leave out: through whole runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from index.indexer.folder import Folder
from index.indexer.post import Post, read_post
from index.settings import Settings
from index.sites.site import read_site
from tests.index.sites.folders import write

Reader = Callable[..., dict[str, Post]]


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    """Writes a site, and reads its posts as a run does."""

    def read(files: Mapping[str, str], posts: str = ".") -> dict[str, Post]:
        settings = Settings(posts=write(tmp_path, files) / posts)
        folder = Folder(settings)
        site = read_site(folder.root, settings)
        return {id: read_post(folder.path(id).read_bytes(), id, site) for id in folder.scan().files}

    return read


def reasons(posts: Mapping[str, Post]) -> dict[str, str]:
    """Why the posts are left out that are."""
    return {id: post.excluded for id, post in posts.items() if post.excluded}


def field(posts: Mapping[str, Post], id: str, name: str) -> object:
    """What a field of the document holds."""
    return getattr(posts[id].document, name)


POST = "---\ntitle: x\n---\nseeds\n"
DATED_POST = "---\ntitle: x\ndate: 2020-01-01\n---\nseeds\n"

JEKYLL_DEFAULTS = """
defaults:
- scope: {path: "", type: posts}
  values: {author: The team, tags: [auto], lang: fr, search: {boost: 2}}
- scope: {path: "_posts/secret"}
  values: {published: false}
- scope: {path: "lab/*/notes"}
  values: {search: {exclude: true}}
- scope: {path: "_posts/secret/open"}
  values: {published: true, date: 2019-01-01}
- scope: {type: pages}
  values: {lang: de}
- scope: {type: pages, path: "_pages"}
  values: {lang: it}
collections: {pages: {output: true}}
"""


def test_the_defaults_of_jekyll_count_for_all_that_a_header_may_say(read: Reader) -> None:
    posts = read(
        {
            "_config.yml": JEKYLL_DEFAULTS,
            "_posts/2020-01-01-a.md": POST,
            "_posts/2020-01-01-own.md": "---\nauthors: [Ada]\ntags: own\nlang: en\n---\n",
            "_posts/secret/2020-01-01-a.md": POST,
            "_posts/secret/2020-01-01-own.md": "---\npublished: yes\n---\n",
            "_posts/secret/open/2020-01-01-a.md": POST,
            "lab/one/notes/a.md": POST,
            "lab/one/a.md": POST,
            "lab/notes/a.md": POST,
            "_pages/a.md": POST,
        }
    )

    site = "says the site's configuration"
    assert reasons(posts) == {
        "_posts/secret/2020-01-01-a.md": f"published: false, {site}",
        "lab/one/notes/a.md": f"search.exclude: true, {site}",
    }
    first, own = "_posts/2020-01-01-a.md", "_posts/2020-01-01-own.md"
    assert [field(posts, first, name) for name in ("author", "tags", "lang", "boost")] == [
        ("The team",), ("auto",), "fr", 2.0,
    ]  # fmt: skip
    assert [field(posts, own, name) for name in ("author", "tags", "lang")] == [("Ada",), ("own",), "en"]
    assert str(field(posts, "_posts/secret/open/2020-01-01-a.md", "date")).startswith("2019-01-01")
    assert field(posts, "lab/one/a.md", "lang") == "de"
    assert [field(posts, "_pages/a.md", name) for name in ("lang", "url")] == ["it", "/pages/a.html"]


PELICAN = """
PATH = 'content'
AUTHOR = 'Ada B'
DEFAULT_METADATA = {'status': 'draft', 'tags': ('one', 'two')}
ARTICLE_EXCLUDES = ['hidden', 'deep/hidden', 'drawer']
PAGE_PATHS = ['pages', 'drawer']
PAGE_EXCLUDES = ['pages/old']
IGNORE_FILES = ['*.tmp.md', '.#*', 'attic']
EXTRA_PATH_METADATA = {'guides': {'lang': 'de'}, 'guides/open.md': {'status': 'published'}}
PATH_METADATA = r'.*by-(?P<author>\\w+)/.*'
READERS = {'html': None}
"""


def test_the_settings_of_pelican_count_for_articles(read: Reader) -> None:
    done = "Title: x\nDate: 2020-01-01\nStatus: published\n\nseeds\n"
    draft = "Title: x\nDate: 2020-01-01\n\nseeds\n"
    names = ["a", "news/a", "news/a.tmp", "hidden/a", "deep/hidden/a", "deep/hidden.d/a", "attic/a", "x/by-bob/a"]
    names += ["pages/a", "pages/old/a", "drawer/a"]
    files = {"pelicanconf.py": PELICAN} | {f"content/{name}.md": done for name in names}
    files |= {"content/draft.md": draft, "content/guides/open.md": draft, "content/guides/b.md": draft}
    posts = read(files | {"content/a.html": "<title>x</title>seeds"}, "content")

    default = "status: draft, says the site's configuration"
    assert reasons(posts) == {
        "a.html": "excluded by READERS: html",
        "draft.md": default,
        "guides/b.md": default,
        "news/a.tmp.md": "excluded by IGNORE_FILES: *.tmp.md",
        "attic/a.md": "excluded by IGNORE_FILES: attic",
        "hidden/a.md": "excluded by ARTICLE_EXCLUDES: hidden",
        "deep/hidden/a.md": "excluded by ARTICLE_EXCLUDES: deep/hidden",
        "pages/old/a.md": "excluded by PAGE_EXCLUDES: pages/old",
    }
    assert [field(posts, "news/a.md", name) for name in ("author", "category", "tags")] == [
        ("Ada B",), ("news",), ("one", "two"),
    ]  # fmt: skip
    assert field(posts, "x/by-bob/a.md", "author") == ("bob",)
    assert field(posts, "guides/open.md", "lang") == "de"
    assert field(posts, "pages/a.md", "category") == ()


@pytest.mark.parametrize(
    ("value", "date"),
    [("'2019-05-06'", "2019-05-06"), ("(2018, 3, 4, 5)", "2018-03-04"), ("'fs'", "2001-09-09"), ("(1, 'x')", None)],
)
def test_an_article_without_a_date_has_that_of_the_settings_of_pelican(
    value: str, date: str | None, read: Reader, tmp_path: Path
) -> None:
    files = {"pelicanconf.py": f"DEFAULT_DATE = {value}", "a.md": "Title: x\n\nseeds\n"}
    read(files)
    os.utime(tmp_path / "a.md", (1_000_000_000, 1_000_000_000))

    post = read({})["a.md"]

    assert str(post.document and post.document.date)[:10] == str(date)


def test_the_data_files_of_eleventy_count_for_what_lies_below(read: Reader) -> None:
    posts = read(
        {
            ".eleventy.js": "",
            "content/content.json": '{"lang": "fr", "author": "The team", "search": {"boost": 2}}',
            "content/posts/posts.json": '{"tags": ["posts"], "draft": true, "search": {"exclude": true}}',
            "content/posts/posts.11tydata.json": '{"draft": false, "search": {"exclude": false}}',
            "content/posts/own.11tydata.json": '{"lang": "it"}',
            "content/posts/own.json": '{"lang": "es", "tags": "own"}',
            "content/posts/closed.json": '{"permalink": false}',
            "content/posts/closed/closed.json": '{"draft": true}',
            "content/posts/unrelated.json": "[1, 2",
            "content/listed/listed.json": '{"layout": "x","eleventyComputed": {"permalink": "/x/"}}',
        }
        | {
            f"content/{name}.md": POST
            for name in ("posts/a", "posts/own", "posts/closed", "posts/closed/a", "listed/a")
        }
        | {"content/posts/closed/open.md": "---\ndraft: false\nlang: de\n---\n"},
        "content",
    )

    assert reasons(posts) == {
        "posts/closed.md": "permalink: false, says posts/closed.json",
        "posts/closed/a.md": "draft: true, says posts/closed/closed.json",
    }
    assert [field(posts, "posts/a.md", name) for name in ("lang", "author", "tags", "boost")] == [
        "fr",
        ("The team",),
        ("posts",),
        2.0,
    ]
    assert [field(posts, "posts/own.md", name) for name in ("lang", "tags")] == ["it", ("own",)]
    assert field(posts, "posts/closed/open.md", "lang") == "de"
    assert field(posts, "listed/a.md", "url") == "/x/"


def test_the_literals_in_data_files_of_eleventy_that_are_programs_count(read: Reader) -> None:
    posts = read(
        {
            "eleventy.config.js": """export default function (config) {
                config.addGlobalData("permalink", "/{{ page.filePathStem }}.html");
                config.addGlobalData("author", "Nobody");
                config.addGlobalData("lang", () => "it");
            }""",
            "content/posts/posts.json": '{"tags": "json", "author": "Json", "draft": true}',
            "content/posts/posts.11tydata.mjs": "export default { draft: false, author: 'Mjs' }",
            "content/posts/posts.11tydata.cjs": "module.exports = { author: 'Cjs' }",
            "content/posts/posts.11tydata.js": """
                const later = new Date(); // a {comment: 'no'}
                const helpers = { author: 'nobody', other() { return { tags: 'no' }; } };
                module.exports = async () => {
                  return {
                    tags: ["posts", ...more, later.toString(), `t-${later}`], lang: "fr", ...helpers,
                    eleventyExcludeFromCollections: process.env.LATER,
                    eleventyComputed: { permalink: (data) => data.draft ? false : data.permalink, title: "Computed" },
                  };
                };""",
            "content/posts/own.11tydata.js": "let data = {\n permalink: '/own/',\n}\n\nexport default data",
            "content/posts/closed.11tydata.js": "export default { permalink: false }",
            "content/posts/unrelated.11tydata.js": "export default { permalink: false }",
        }
        | {f"content/posts/{name}.md": POST for name in ("a", "own", "closed")},
        "content",
    )

    assert reasons(posts) == {"posts/closed.md": "permalink: false, says posts/closed.11tydata.js"}
    assert [field(posts, "posts/a.md", name) for name in ("lang", "author", "tags", "url")] == [
        "fr",
        ("Cjs",),
        ("posts",),
        "/posts/a.html",
    ]
    assert field(posts, "posts/own.md", "url") == "/own/"


def test_what_eleventy_is_told_to_ignore_is_left_out(read: Reader) -> None:
    code = """
    // eleventyConfig.ignores.add("kept.md");
    /* eleventyConfig.ignores.add("kept.md"); */
    eleventyConfig.ignores.add("./src/**/lab/*.md");
    eleventyConfig.ignores.add( 'src/{one,two}/a.md' ) // and more
    """
    names = ["kept", "README", "deep/README", "lab/a", "x/lab/a", "one/a", "three/a", "secret/deep/a", "own", "git/a"]
    files = {f"src/{name}.md": POST for name in names} | {
        "eleventy.config.js": code,
        ".eleventyignore": "# README\n\nsrc/secret/\n!src/secret/deep\n",
        "src/.eleventyignore": "README.md\nown*\n",
        ".gitignore": "/src/git/\n",
    }
    posts = read(files, "src")

    assert reasons(posts) == {
        "README.md": "excluded by .eleventyignore: src/README.md",
        "own.md": "excluded by .eleventyignore: src/own*",
        "secret/deep/a.md": "excluded by .eleventyignore: src/secret",
        "lab/a.md": "excluded by eleventy.config.js: src/**/lab/*.md",
        "x/lab/a.md": "excluded by eleventy.config.js: src/**/lab/*.md",
        "one/a.md": "excluded by eleventy.config.js: src/{one,two}/a.md",
        "git/a.md": "excluded by .gitignore: src/git",
    }
    assert "git/a.md" not in reasons(read({"eleventy.config.js": f"{code} config.setUseGitIgnore(false)"}, "src"))


HUGO = r"""
baseURL = 'https://example.org/'
ignoreFiles = ['\.wip\.md$', 'attic/']
disableLanguages = ['it']
[frontmatter]
date = [':filename', 'written', ':default']
publishDate = ['goLive', ':default']
expiryDate = ['gone']
[languages.en]
contentDir = 'content/en'
[languages.de]
contentDir = 'content/de'
[languages.it]
contentDir = 'content/it'
"""


def test_what_hugo_ignores_is_left_out(read: Reader) -> None:
    names = ["en/a", "en/a.wip", "en/attic/a", "de/a", "it/a", "shared/a", "a"]
    posts = read({"hugo.toml": HUGO} | {f"content/{name}.md": POST for name in names}, "content")

    assert reasons(posts) == {
        "en/a.wip.md": r"excluded by ignoreFiles: \.wip\.md$",
        "en/attic/a.md": "excluded by ignoreFiles: attic/",
        "it/a.md": "its language, it, is disabled",
        "shared/a.md": "hugo makes no page of it",
        "a.md": "hugo makes no page of it",
    }
    assert [field(posts, id, "url") for id in ("en/a.md", "de/a.md")] == ["/a/", "/de/a/"]


def test_hugo_may_name_the_keys_of_dates(read: Reader) -> None:
    headers = {
        "written": "written: 2019-02-03\ndate: 2020-01-01",
        "usual": "date: 2020-01-01",
        "2018-04-05-named": "date: 2020-01-01",
        "live": "goLive: 2999-01-01\ndate: 2020-01-01",
        "past": "gone: 2001-01-01\ndate: 2020-01-01",
    }
    posts = read(
        {"hugo.toml": HUGO} | {f"content/en/{name}.md": f"---\n{text}\n---\n" for name, text in headers.items()},
        "content/en",
    )

    days = {id.removesuffix(".md"): str(field(posts, id, "date"))[:10] for id in posts}
    assert days == dict.fromkeys(headers, "2020-01-01") | {"written": "2019-02-03", "2018-04-05-named": "2018-04-05"}
    assert str(field(posts, "live.md", "visible_from"))[:4] == "2999"
    assert str(field(posts, "past.md", "visible_to"))[:4] == "2001"


def test_the_mounts_of_hugo_say_where_content_lies(read: Reader) -> None:
    mounts = """
    mounts:
    - {source: docs/en, target: content/guide, lang: en, excludeFiles: ['old/**']}
    - {source: docs/de, target: content/guide, lang: de}
    - {source: home, target: content}
    - {source: README.md, target: content/about.md}
    - {source: pictures, target: static}
    """
    names = ["docs/en/a", "docs/en/old/a", "docs/de/a", "home/a", "home/a.de", "README", "pictures/a", "content/a"]
    names += ["home/guide/_index", "docs/en/lab/a"]
    files = {f"{name}.md": POST for name in names} | {
        "config/_default/hugo.toml": "theme = 'x'",
        "config/_default/module.yaml": mounts.replace("\n    ", "\n"),
        "config/_default/languages.en.toml": "weight = 1",
        "config/_default/languages.de.toml": "weight = 2",
        "config/_default/menus.en.toml": "[[main]]\nname = 'x'",
        "home/guide/lab/_index.md": "---\ndraft: true\n---\n",
    }
    posts = read(files)

    none = "hugo makes no page of it"
    assert reasons(posts) == {
        "docs/en/old/a.md": none,
        "pictures/a.md": none,
        "content/a.md": none,
        "home/guide/lab/_index.md": "draft: true",
        "docs/en/lab/a.md": "home/guide/lab/_index.md is hidden: draft: true",
    }
    assert {id: field(posts, id, "url") for id in posts if id not in reasons(posts)} == {
        "README.md": "/about/",
        "docs/en/a.md": "/guide/a/",
        "docs/de/a.md": "/de/guide/a/",
        "home/a.md": "/a/",
        "home/a.de.md": "/de/a/",
        "home/guide/_index.md": "/guide/",
    }


def test_the_configuration_of_hugo_for_production_counts_over_the_default(read: Reader) -> None:
    posts = read(
        {
            "config/_default/hugo.toml": "theme = 'x'\n[permalinks.page]\nblog = '/:year/:slug/'\nnews = '/n/:slug/'",
            "config/production/config.toml": "[permalinks.page]\nblog = '/b/:slug/'",
            "config/staging/config.toml": "[permalinks.page]\nnews = '/no/:slug/'",
            "config/production/cascade.toml": "[target]\npath = '/news/secret'\n[params]\nprivate = true",
            "content/blog/a.md": POST,
            "content/news/a.md": POST,
            "content/news/secret.md": POST,
        },
        "content",
    )

    assert [field(posts, id, "url") for id in ("blog/a.md", "news/a.md")] == ["/b/x/", "/n/x/"]
    assert reasons(posts) == {"news/secret.md": "private: true, says the site's configuration"}


def test_mdbook_makes_pages_of_what_its_summary_lists(read: Reader) -> None:
    summary = "# Summary\n\n[Intro](README.md)\n- [One](./one.md)\n  - [Two](<deep/t wo.md>)\n<!-- - [No](no.md) -->\n"
    summary += "- [Three](a_(b).md 'three')\n- [Four](<four (4).md>)\n- [Five][5]\n\n[5]: caf%C3%A9.md\n\n"
    names = ["README", "one", "deep/t wo", "no", "deep/README", "a_(b)", "four (4)", "café"]
    files = {f"src/{name}.md": "# x\n" for name in names} | {
        "book.toml": "[book]\nlanguage = 'de'\n[output.html]\nsite-url = '/book/'",
        "src/SUMMARY.md": summary + "- [Deep](deep/README.md)\n",
        "src/plain.html": "<p>seeds",
    }
    posts = read(files, "src")

    assert reasons(posts) == {
        "SUMMARY.md": "the summary of the book is no page",
        "no.md": "SUMMARY.md does not list it",
    }
    assert {id: field(posts, id, "url") for id in posts if id not in reasons(posts)} == {
        "README.md": "/book/",
        "one.md": "/book/one.html",
        "deep/README.md": "/book/deep/",
        "deep/t wo.md": "/book/deep/t%20wo.html",
        "a_(b).md": "/book/a_(b).html",
        "four (4).md": "/book/four%20(4).html",
        "café.md": "/book/caf%C3%A9.html",
        "plain.html": "/book/plain.html",
    }
    assert field(posts, "one.md", "lang") == "de"


DOCUSAURUS = """
// baseUrl: '/no/',
module.exports = {
  baseUrl: '/x/',
  presets: [['classic', {
    docs: { sidebarPath: './sidebars.js', routeBasePath: 'guide', remarkPlugins: [{ path: '}' }] },
    blog: { path: 'news' },
  }]],
};
"""


def test_docusaurus_makes_no_pages_of_partials_and_addresses_by_its_rules(read: Reader) -> None:
    headers = {
        "docs/01-start/02-install.md": "",
        "docs/01-start/index.md": "",
        "docs/01-start/start.mdx": "slug: over/here",
        "docs/2021-08-26-dated.md": "",
        "docs/named.md": "id: other",
        "docs/rooted/a.md": "slug: /top",
        "docs/README.md": "",
        "docs/_partial.mdx": "",
        "docs/_shared/deep/a.md": "",
        "news/2021-08-26-hello.md": "",
        "news/2021-08-27-folder/index.md": "",
        "news/deep/2021-08-28-b.md": "",
        "news/no-date.md": "",
        "news/2021-08-29-c.md": "slug: own",
        "src/pages/about.md": "",
        "src/pages/index.md": "",
    }
    files = {name: f"---\ntitle: x\n{header}\n---\nseeds\n" for name, header in headers.items()}
    posts = read(files | {"docusaurus.config.js": DOCUSAURUS})

    makes = "begins with _, so that docusaurus makes no page of it"
    assert reasons(posts) == {
        "docs/_partial.mdx": f"_partial.mdx {makes}",
        "docs/_shared/deep/a.md": f"_shared {makes}",
    }
    assert {id: field(posts, id, "url") for id in posts if id not in reasons(posts)} == {
        "docs/01-start/02-install.md": "/x/guide/start/install",
        "docs/01-start/index.md": "/x/guide/start/",
        "docs/01-start/start.mdx": "/x/guide/start/over/here",
        "docs/2021-08-26-dated.md": "/x/guide/2021-08-26-dated",
        "docs/named.md": "/x/guide/other",
        "docs/rooted/a.md": "/x/guide/top",
        "docs/README.md": "/x/guide/",
        "news/2021-08-26-hello.md": "/x/blog/2021/08/26/hello",
        "news/2021-08-27-folder/index.md": "/x/blog/2021/08/27/folder",
        "news/deep/2021-08-28-b.md": "/x/blog/2021/08/28/deep/b",
        "news/no-date.md": "/x/blog/no-date",
        "news/2021-08-29-c.md": "/x/blog/own",
        "src/pages/about.md": "/x/about",
        "src/pages/index.md": "/x/",
    }


def test_docusaurus_names_authors_and_languages_and_leaves_out_what_it_does_not_build(read: Reader) -> None:
    config = """
    const config: Config = {
      i18n: {defaultLocale: 'en', locales: ['en', 'fr']},
      presets: [['classic', {docs: {onlyIncludeVersions: ['2.0'], exclude: ['**/*.old.md']}}]],
    };
    """
    authors = {
        "blog/2021-08-26-a.md": "authors: [jm, other, {key: jm, title: x}, {name: Ann Poe}]",
        "blog/2021-8-27-b.md": "authors: jm",
        "blog/2021-8-28-c.md": "author: jm",
        "docs/a.md": "authors: jm",
        "versioned_docs/version-2.0/b.md": "",
        "versioned_docs/version-2.0/b.old.md": "",
        "versioned_docs/version-1.0/b.md": "",
        "i18n/fr/docusaurus-plugin-content-docs/version-2.0/b.md": "",
        "i18n/fr/docusaurus-plugin-content-docs/version-2.0/c.md": "",
        "i18n/de/docusaurus-plugin-content-docs/version-2.0/b.md": "",
        "i18n/fr/docusaurus-plugin-content-blog/2021-08-26-a.md": "authors: jm",
        "docs/b.html": "",
        "README.md": "",
        "static/whole.html": "",
    }
    files = {name: f"---\ntitle: x\n{header}\n---\nseeds\n" for name, header in authors.items()}
    posts = read(
        files
        | {
            "docusaurus.config.ts": config,
            "versions.json": '["2.0", "1.0"]',
            "blog/authors.yml": "jm: {name: Joel Marcey}\nnone: {title: x}",
        }
    )

    assert reasons(posts) == {
        "docs/a.md": "version current is not built",
        "docs/b.html": "docusaurus makes pages there only of **/*.{md,mdx}",
        "versioned_docs/version-2.0/b.old.md": "excluded by the site's configuration: **/*.old.md",
        "versioned_docs/version-1.0/b.md": "version 1.0 is not built",
        "i18n/fr/docusaurus-plugin-content-docs/version-2.0/c.md": (
            "it translates versioned_docs/version-2.0/c.md, which is not there"
        ),
        "i18n/de/docusaurus-plugin-content-docs/version-2.0/b.md": "its language, de, is not among the locales",
        "README.md": "it lies outside of the content of docusaurus",
    }
    found = {
        id: (field(posts, id, "url"), field(posts, id, "lang"), field(posts, id, "author"))
        for id in posts
        if id not in reasons(posts)
    }
    assert found == {
        "blog/2021-08-26-a.md": ("/blog/2021/08/26/a", "en", ("Joel Marcey", "other", "Ann Poe")),
        "blog/2021-8-27-b.md": ("/blog/2021/8/27/b", "en", ("Joel Marcey",)),
        "blog/2021-8-28-c.md": ("/blog/2021/8/28/c", "en", ("jm",)),
        "versioned_docs/version-2.0/b.md": ("/docs/b", "en", ()),
        "i18n/fr/docusaurus-plugin-content-docs/version-2.0/b.md": ("/fr/docs/b", "fr", ()),
        "i18n/fr/docusaurus-plugin-content-blog/2021-08-26-a.md": ("/fr/blog/2021/08/26/a", "fr", ("Joel Marcey",)),
        "static/whole.html": ("/whole.html", "en", ()),
    }  # fmt: skip


def test_docusaurus_with_content_that_only_a_program_knows_leaves_nothing_out_for_its_place(read: Reader) -> None:
    config = """
    module.exports = {
      title: 'x',
      baseUrl: process.env.BASE,
      i18n: {defaultLocale: 'en', locales: dev ? ['en'] : ['en', 'fr']},
      presets: [['classic', {docs: {routeBasePath: route(), lastVersion: last, exclude: patterns}}]],
      plugins: [plugin],
    };
    """
    french = "i18n/fr/docusaurus-plugin-content-docs/current/a.md"
    posts = read({"docusaurus.config.js": config, "docs/a.md": POST, french: POST, "more/b.md": POST})

    assert reasons(posts) == {}
    assert {id: field(posts, id, "url") for id in posts} == {
        "docs/a.md": "/docs/a",
        french: "/fr/docs/a",
        "more/b.md": "/more/b/",
    }


@pytest.mark.parametrize(("slash", "url"), [("true", "/docs/a/"), ("false", "/docs/a")])
def test_docusaurus_may_end_all_addresses_alike(slash: str, url: str, read: Reader) -> None:
    posts = read(
        {"docusaurus.config.ts": f"export default {{trailingSlash: {slash}, presets: ['classic']}}", "docs/a.md": POST},
        "docs",
    )

    assert field(posts, "a.md", "url") == url


def test_vitepress_names_languages_and_leaves_out_what_it_does_not_build(read: Reader) -> None:
    config = """
    export default defineConfig({
      srcDir: 'src', lang: 'en-GB', base: '/b/', srcExclude: ['**/secret.md'],
      rewrites: {'en/:rest*': ':rest*', 'old/:name': 'fr/:name'},
      locales: {root: {label: 'English'}, fr: {lang: 'fr-CA'}, zh: {label: '中文'}},
    })
    """
    names = (
        "src/en/a.md", "src/old/b.md", "src/zh/c.md", "src/public/d.html", "src/e.html", "src/secret.md",
        "src/[name].md", "src/dist/f.md", "README.md",
    )  # fmt: skip
    files = dict.fromkeys(names, POST)
    posts = read(files | {".vitepress/config.mts": config})

    assert reasons(posts) == {
        "src/e.html": "vitepress makes pages only of .md",
        "src/secret.md": "excluded by srcExclude: **/secret.md",
        "src/[name].md": "it stands for many pages, which a program makes",
        "src/dist/f.md": "excluded by vitepress: **/dist/**",
        "README.md": "it lies outside of srcDir: src",
    }
    assert {id: (field(posts, id, "url"), field(posts, id, "lang")) for id in posts if id not in reasons(posts)} == {
        "src/en/a.md": ("/b/a.html", "en-gb"),
        "src/old/b.md": ("/b/fr/b.html", "fr-ca"),
        "src/zh/c.md": ("/b/zh/c.html", "zh"),
        "src/public/d.html": ("/b/d.html", "en-gb"),
    }
