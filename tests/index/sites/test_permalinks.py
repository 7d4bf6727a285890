"""URLs of posts: those of the generators against what the generators made, and what no header may bring about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import SettingsError
from index.posts.metadata import Metadata, read_metadata
from index.sites.generators import Rules
from index.sites.generators.astro import Astro, Collection
from index.sites.generators.docusaurus import Docusaurus
from index.sites.generators.docusaurus_content import Content
from index.sites.generators.eleventy import Eleventy
from index.sites.generators.hexo import read_hexo
from index.sites.generators.hugo import read_hugo
from index.sites.generators.jekyll import read_jekyll
from index.sites.generators.mdbook import MdBook
from index.sites.generators.middleman import read_middleman
from index.sites.generators.mkdocs import MkDocs
from index.sites.generators.pelican import read_pelican
from index.sites.generators.plain import Plain
from index.sites.generators.vitepress import VitePress
from index.sites.generators.zola import Zola
from index.sites.pattern import PLACEHOLDERS
from index.sites.permalinks import permalink
from index.sites.site import Site
from tests.index.sites.folders import site_of, write
from tests.index.sites.site_builds import BUILDERS, Answer, complaints, read_answers, read_source, write_site

CASES = [(name, style) for name in BUILDERS for style in read_answers(name)]
DAY = datetime(2013, 6, 9, 15, 23, 37, tzinfo=UTC)
RULES: dict[str, Rules] = {
    "none": Plain(),
    "jekyll": read_jekyll({"collections": {"books": {"output": "true"}}}, UTC).rules,
    "hugo": read_hugo({"permalinks": {"posts": "/:year/:slug/"}}, Path("nowhere")).rules,
    "pelican": read_pelican({"PATH": "content"}, Path("nowhere")).rules,
    "eleventy": Eleventy(""),
    "middleman": read_middleman("").rules,
    "docusaurus": Docusaurus(Path("nowhere"), (Content("docs", "default", "docs", "docs"),)),
    "vitepress": VitePress(rewrites=(("a/:rest*", ":rest*"), (":all(.*)", "x/:all"))),
    "mdbook": MdBook(),
    "mkdocs": MkDocs(Path("nowhere"), "docs"),
    "hexo": read_hexo({}, UTC).rules,
    "zola": Zola(Path("nowhere")),
    "astro": Astro(collections=(Collection("blog", "src/content/blog", "blog/:id"),)),
}
FOLDERS = {
    "jekyll": "_posts/", "hugo": "content/posts/", "pelican": "content/", "zola": "content/", "mdbook": "src/",
    "middleman": "source/blog/", "docusaurus": "docs/", "mkdocs": "docs/", "hexo": "source/_posts/",
    "astro": "src/content/blog/",
}  # fmt: skip
KEYS = {
    "none": "url", "jekyll": "permalink", "hugo": "url", "pelican": "url", "eleventy": "permalink",
    "hexo": "permalink", "zola": "path",
}  # fmt: skip


def post(**fields: str) -> Metadata:
    """The metadata of a post with this header."""
    return Metadata(
        title=fields.get("title", "A title"),
        date=DAY,
        slug=fields.get("slug", ""),
        url=fields.get("url", fields.get("permalink", "")),
        raw={"date": DAY.isoformat(), **fields},
    )


@pytest.mark.parametrize(("name", "style"), CASES)
def test_every_url_is_a_page_that_the_generator_built(name: str, style: str, tmp_path: Path) -> None:
    builder = BUILDERS[name]
    source, answers = read_source(builder.generator), read_answers(name)[style]

    assert len(answers) > 5
    assert complaints(source, write_site(source, style, tmp_path), answers, newer=builder.newer) == []


def test_a_wrong_url_is_noticed(tmp_path: Path) -> None:
    source, answers = read_source("jekyll"), read_answers("jekyll")["pretty"]
    posts = write_site(source, "date", tmp_path)

    assert len(complaints(source, posts, answers, newer=False)) > 20


def test_a_page_that_was_not_built_is_noticed(tmp_path: Path) -> None:
    source, answers = read_source("jekyll"), read_answers("jekyll")["date"]
    posts = write_site(source, "date", tmp_path)
    missing = {id: answer for id, answer in answers.items() if id != "about.md"} | {
        "_includes/never.md": Answer("", "")
    }

    assert len(complaints(source, posts, missing, newer=False)) == 2


@pytest.mark.parametrize(
    ("id", "url"),
    [
        ("a/b.md", "/a/b/"),
        ("a/b.html.md", "/a/b.html"),
        ("a/index.md", "/a/"),
        ("a/index.html.md", "/a/"),
        ("index.md", "/"),
        ("a/_index.md", "/a/"),
        ("a/README.md", "/a/"),
        ("a/b.html", "/a/b.html"),
        ("a/index.html", "/a/"),
        ("a/b.HTM", "/a/b.HTM"),
        ("A b/ü&?#%.md", "/A%20b/%C3%BC&%3F%23%25/"),
        ("v1.2.markdown", "/v1.2/"),
        ("a\\b.md", "/a%5Cb/"),
        ("line\nbreak.md", "/line%0Abreak/"),
    ],
)
def test_without_a_generator_the_path_is_the_url(id: str, url: str) -> None:
    assert permalink(id, Metadata(), Site()) == url


@pytest.mark.parametrize(
    ("fields", "url"),
    [
        ({"url": "/own/place/"}, "/own/place/"),
        ({"url": "own/place"}, "/own/place"),
        ({"url": "/caf%C3%A9/ü"}, "/caf%C3%A9/%C3%BC"),
        ({"url": "https://example.org/a b"}, "/a/b/"),
        ({"permalink": "https://example.org/ä?q=1#x"}, "https://example.org/%C3%A4?q=1#x"),
        ({"slug": "other"}, "/a/other/"),
        ({"slug": "Web/Whole/Path"}, "/Web/Whole/Path/"),
    ],
)
def test_without_a_generator_the_header_counts_first(fields: dict[str, str], url: str) -> None:
    assert permalink("a/b.md", post(**fields), Site()) == url


def test_a_slug_takes_the_place_of_a_file_name_with_its_suffix() -> None:
    assert permalink("a/2013-06-09-b.html.md", post(slug="b"), Site()) == "/a/b.html"


HOSTILE = [
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
    "//evil.example/x",
    "///evil.example/x",
    "/\\evil.example",
    "\\\\evil.example",
    "http:evil.example",
    "http://",
    "https:///evil",
    "/a/../../b",
    "%2e%2e/b",
    "/%2F%2Fevil.example",
    "%2F%2Fevil.example",
    "/a\r\nSet-Cookie: x",
    "/a%0d%0aSet-Cookie",
    "/a\u2028b",
    "/" + "a" * 3000,
    "http://[bad",
    "/{{ page.date | date: '\0' }}",
]


ENDLESS = [word * 60_000 for word in ("<", "<!--", "{{", "{{a|", ":a[", " x", "/a", "%2", "..", "\t")]


@pytest.mark.parametrize("key", ["slug", "title", "categories", "author", "permalink", "url", "save_as"])
@pytest.mark.parametrize("generator", sorted(RULES))
def test_endless_values_take_no_time(generator: str, key: str) -> None:
    id = FOLDERS.get(generator, "") + "2013-06-09-a.md"
    site = Site(generator=generator, rules=RULES[generator])

    assert all(is_local(permalink(id, post(**{key: value}), site)) for value in ENDLESS)


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("generator", sorted(KEYS))
def test_no_header_brings_about_a_link_to_elsewhere(generator: str, value: str) -> None:
    id = FOLDERS.get(generator, "") + "2013-06-09-a.md"
    site = Site(generator=generator, rules=RULES[generator])

    url = permalink(id, post(**{KEYS[generator]: value}), site)

    assert url == permalink(id, post(), site)


@pytest.mark.parametrize("key", ["slug", "title", "category", "categories", "author", "lang", "save_as"])
@pytest.mark.parametrize("generator", sorted(RULES))
@given(value=st.sampled_from([*HOSTILE, "\ud800", "\udcff"]) | st.text(max_size=40))
@settings(max_examples=30, deadline=None, print_blob=True)
def test_no_field_of_a_header_brings_about_a_link_to_elsewhere(generator: str, key: str, value: str) -> None:
    id = FOLDERS.get(generator, "") + "2013-06-09-a.md"
    url = permalink(id, post(**{key: value}), Site(generator=generator, rules=RULES[generator]))

    assert is_local(url)


@given(
    id=st.lists(st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1), min_size=1),
    generator=st.sampled_from(sorted(RULES)),
    base=st.sampled_from(["", "/blog", "https://example.org"]),
)
@settings(max_examples=300, deadline=None, print_blob=True)
def test_any_file_name_gives_a_link_to_the_site(id: list[str], generator: str, base: str) -> None:
    name = "/".join(step for step in id if step not in {".", ".."}) + ".md"
    site = Site(generator=generator, rules=RULES[generator], base_url=base)

    url = permalink(FOLDERS.get(generator, "") + name, post(), site)

    assert url is None or url.startswith(f"{base}/")
    assert is_local(url and url.removeprefix(base))


@pytest.mark.parametrize(("name", "url"), [("a\udcff.md", "/a%FF/"), ("a\ud800.md", "/a%3F/")])
def test_a_file_name_that_is_no_text_is_linked_by_its_bytes(name: str, url: str) -> None:
    assert permalink(name, Metadata(), Site()) == url


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles"])
@pytest.mark.parametrize("date", [datetime(9999, 12, 31, 23, tzinfo=UTC), datetime(1, 1, 1, 1, tzinfo=UTC)])
def test_dates_at_the_ends_of_time_are_survived(date: datetime, zone: str) -> None:
    rules = read_jekyll({}, ZoneInfo(zone)).rules
    metadata = replace(post(), date=date, raw={"date": date.isoformat()})

    assert is_local(permalink("_posts/2013-06-09-a.md", metadata, Site(rules=rules)))


def is_local(url: str | None) -> bool:
    """Whether a browser stays on the site with it, in the folder that it says; no URL leads nowhere."""
    if url is None:
        return True
    parts = urlsplit(url)
    plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    return plain and url.startswith("/") and not (parts.scheme or parts.netloc) and ".." not in unquote(url).split("/")


@pytest.mark.parametrize("generator", sorted(KEYS))
def test_an_absolute_url_of_the_header_is_kept(generator: str) -> None:
    id = FOLDERS.get(generator, "") + "2013-06-09-a.md"
    site = Site(generator=generator, rules=RULES[generator], base_url="/blog", hosts=("example.org",))

    url = permalink(id, post(**{KEYS[generator]: "https://Example.org/a/"}), site)

    assert url == "https://Example.org/a/"


@pytest.mark.parametrize("generator", sorted(name for name, key in KEYS.items() if key == "url"))
def test_a_url_on_another_host_is_a_link_in_the_post(generator: str) -> None:
    id = FOLDERS.get(generator, "") + "2013-06-09-a.md"
    site = Site(generator=generator, rules=RULES[generator], hosts=("example.org",))

    assert permalink(id, post(url="https://github.com/x/y"), site) == permalink(id, post(), site)


def test_a_permalink_may_lead_to_another_host() -> None:
    metadata = read_metadata({"permalink": "https://example.org/a/", "url": "https://github.com/x"}, "a.md")

    assert permalink("a.md", metadata, Site()) == "https://example.org/a/"
    assert permalink("a.md", read_metadata({"params": {"url": "https://github.com/x"}}, "a.md"), Site()) == "/a/"


@pytest.mark.parametrize(
    ("config", "base", "url"),
    [
        ("", "", "/a/"),
        ("", "https://example.org/blog", "https://example.org/b/"),
        ("baseURL: https://example.org/", "", "https://example.org/b/"),
        ("baseURL: http://[bad", "", "/a/"),
    ],
)
def test_the_own_hosts_are_those_of_the_settings_and_the_configuration(
    config: str, base: str, url: str, tmp_path: Path
) -> None:
    site = site_of(write(tmp_path, {"hugo.yaml": config} if config else {}), base_url=base)

    assert permalink("content/a.md" if config else "a.md", post(url="https://example.org/b/"), site) == url


@pytest.mark.parametrize(
    ("pattern", "url"),
    [
        ("/:year/:month/:slug/", "/2013/06/my-post/"),
        (":year-:i_month-:i_day/:hour/:minute/:second/:short_year/:y_day", "/2013-6-9/15/23/37/13/160"),
        ("/:section/:sections/:filename.html", "/blog/blog/deep/2013-06-09-My%20Post.html"),
        ("/:path/", "/blog/deep/2013-06-09-My%20Post/"),
        ("/:category/:categories/:title/", "/c-c/c-c/news/what-s-new/"),
        ("/:lang/:slug", "/de/my-post"),
        ("https://example.org/:slug", "https://example.org/my-post"),
        ("/:unknown/:slug", "/header/"),
    ],
)
def test_the_pattern_of_the_settings_counts_before_the_header(pattern: str, url: str) -> None:
    metadata = replace(post(url="/header/"), title="What's new?", category=("C & C", "News"), lang="de")

    assert permalink("blog/deep/2013-06-09-My Post.md", metadata, Site(url_pattern=pattern)) == url


def test_a_pattern_with_a_date_is_not_for_a_post_without_one() -> None:
    assert permalink("a.md", Metadata(), Site(url_pattern="/:year/:slug/")) == "/a/"


def test_a_pattern_drops_what_is_empty() -> None:
    assert permalink("a.md", Metadata(), Site(url_pattern="/:categories/:slug/")) == "/a/"


def test_a_pattern_takes_the_slug_of_the_header_as_it_is() -> None:
    assert permalink("a.md", post(slug="Own Slug"), Site(url_pattern="/x/:slug/")) == "/x/Own%20Slug/"


@pytest.mark.parametrize("pattern", [":slug", "/:slug", "//:slug", ":slug/:slug"])
def test_a_pattern_and_a_slug_do_not_make_a_link_to_elsewhere(pattern: str) -> None:
    assert is_local(permalink("a.md", post(slug="https://evil.example"), Site(url_pattern=pattern)))


def test_a_bundle_has_the_name_of_its_folder_in_a_pattern() -> None:
    assert permalink("posts/2013-06-09-b/index.md", Metadata(), Site(url_pattern="/:slug/:path/")) == (
        "/b/posts/2013-06-09-b/"
    )


def test_every_placeholder_of_the_docs_has_a_value() -> None:
    pattern = "/".join(f":{name}" for name in PLACEHOLDERS)

    assert ":" not in str(permalink("blog/a.md", replace(post(), category=("x",)), Site(url_pattern=pattern)))


@pytest.mark.parametrize(
    ("base", "url"),
    [("https://example.org/blog", "https://example.org/blog/a/"), ("/blög/", "/bl%C3%B6g/a/"), ("", "/a/")],
)
def test_the_base_stands_before_the_path(base: str, url: str) -> None:
    assert permalink("a.md", Metadata(), Site(base_url=base)) == url


def test_files_that_the_generator_makes_no_page_of_have_none() -> None:
    site = Site(generator="jekyll", rules=RULES["jekyll"])

    assert permalink("_posts/no-date.md", post(), site) is None
    assert permalink("_includes/a.md", post(), site) is None
    assert permalink("_posts/2013-06-09-a.md", post(), site)
    assert permalink("_posts/no-date.md", post(), replace(site, url_pattern="/:slug/")) == "/no-date/"


@pytest.mark.parametrize(
    ("config", "id", "url"),
    [
        ("", "source/blog/2013-06-09-a-post.html.md", "/blog/2013/06/09/a-post.html"),
        ("", "source/blog/2013-06-09-a-post.html.markdown", "/blog/2013/06/09/a-post.html"),
        ("", "source/about.html.md", "/about.html"),
        ("", "source/docs/index.html.md", "/docs/"),
        (
            'blog.prefix = "blog/"\n  blog.permalink = ":year/:month/:title.html"\nactivate :directory_indexes\n',
            "source/blog/2013-06-09-a-post.html.md",
            "/blog/2013/06/a-post/",
        ),
        ('  # blog.prefix = "x"\nblog.permalink = "{year}/{title}"', "source/2013-06-09-a.html.md", "/2013/a"),
    ],
)
def test_middleman_puts_the_date_of_an_article_into_folders(config: str, id: str, url: str) -> None:
    assert permalink(id, post(), Site(rules=read_middleman(config).rules)) == url


@pytest.mark.parametrize("pattern", ["/:year/:foo/", "/posts/"])
def test_a_pattern_that_cannot_name_posts_is_refused(pattern: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="url_pattern"):
        site_of(tmp_path, url_pattern=pattern)
