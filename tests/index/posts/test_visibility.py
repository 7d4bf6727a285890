"""What hides a post, what does not, and from when to when it may be found."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from index.posts.visibility import exclusion, may_hide, prefer, truth, window


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("draft", "true", "draft: true"),
        ("draft", "yes", "draft: yes"),
        ("draft", True, "draft: true"),
        ("draft", "maybe", "draft: maybe"),
        ("draft", ["a"], "draft: a"),
        ("published", "false", "published: false"),
        ("published", "perhaps", "published: perhaps"),
        ("status", "draft", "status: draft"),
        ("status", "Hidden", "status: Hidden"),
        ("state", "Draft", "state: Draft"),
        ("state", "unpublished", "state: unpublished"),
        ("status", "private", "status: private"),
        ("search", "false", "search: false"),
        ("search", "exclude: true", "search: exclude: true"),
        ("search", {"exclude": "true"}, "search.exclude: true"),
        ("search", {"Exclude": "sure"}, "search.exclude: sure"),
        ("noindex", "1", "noindex: 1"),
        ("robots", "noindex, nofollow", "robots: noindex, nofollow"),
        ("robots", ["nofollow", "noindex"], "robots: noindex"),
        ("password", "secret", "password: secret"),
        ("private", "true", "private: true"),
        ("unlisted", "true", "unlisted: true"),
        ("permalink", "false", "permalink: false"),
        ("build", {"render": "never"}, "build.render: never"),
        ("visibility", "members", "visibility: members"),
        ("unpublished", "true", "unpublished: true"),
        ("is_published", "false", "ispublished: false"),
        ("isPublished", "false", "ispublished: false"),
        ("listed", "false", "listed: false"),
        ("wip", "true", "wip: true"),
        ("exclude", "true", "exclude: true"),
        ("seo", {"noindex": "true"}, "seo.noindex: true"),
        ("seo", {"robots": {"index": "false"}}, "seo.robots.index: false"),
        ("meta", {"robots": "noindex"}, "meta.robots: noindex"),
        ("meta", [{"name": "robots", "content": "noindex"}], "meta.robots: noindex"),
        ("robots", {"index": "false"}, "robots.index: false"),
        ("status", "in review", "status: in review"),
        ("status", "in-progress", "status: in-progress"),
        ("status", "a word of nobody's", "status: a word of nobody's"),
        ("status", "false", "status: false"),
        ("status", ["published", "Draft!"], "status: Draft!"),
        ("\u00a0draft", "true", "draft: true"),
        ("\u200bdraft", "true", "draft: true"),
        ("\ufeffno\u00adindex", "true", "noindex: true"),
        ("ｄｒａｆｔ", "true", "draft: true"),
        ("search", {"\u00a0exclude": "true"}, "search.exclude: true"),
        ("searchHidden", "true", "searchhidden: true"),
        ("in_search_index", "false", "insearchindex: false"),
        ("in_search", False, "insearch: false"),
        ("pagefind", "no", "pagefind: no"),
        ("algolia", {"exclude": "true"}, "algolia.exclude: true"),
        ("excludeFromSearchIndex", "true", "excludefromsearchindex: true"),
        ("skip_index", "yes", "skipindex: yes"),
        ("lunr", "false", "lunr: false"),
        ("docsearch", "exclude", "docsearch: exclude"),
        ("indexing", "false", "indexing: false"),
        ("indexed", "perhaps", "indexed: perhaps"),
        ("searchable", "nope", "searchable: nope"),
        ("disable_search_indexing", "true", "disablesearchindexing: true"),
        ("include_in_search_results", "false", "includeinsearchresults: false"),
        ("robotsNoIndex", "true", "robotsnoindex: true"),
        ("meta-robots", "no-index", "metarobots: no-index"),
        ("x-robots-tag", "none", "xrobotstag: none"),
        ("seo", {"index": "false"}, "seo.index: false"),
        ("head", [["meta", {"name": "robots", "content": "noindex"}]], "head.robots: noindex"),
        ("head", [{"tag": "meta", "attrs": {"name": "Robots", "content": "noindex"}}], "head.attrs.robots: noindex"),
        ("head", {"meta": [{"content": "none", "name": "robots"}]}, "head.meta.robots: none"),
        ("head", '<meta name="robots" content="noindex">', "head.robots: noindex"),
        ("metadata", {"robots": {"index": "false"}}, "metadata.robots.index: false"),
        ("dg-publish", "false", "dgpublish: false"),
        ("hide", "true", "hide: true"),
        ("redirect_to", "https://example.org/new", "redirectto: https://example.org/new"),
        ("redirect_to", ["/new/"], "redirectto: /new/"),
        ("redirect", {"to": "/new/"}, "redirect.to: /new/"),
    ],
)
def test_a_post_is_hidden_and_the_reason_kept(key: str, value: object, reason: str) -> None:
    assert exclusion({"title": "x", key: value}, "x.md") == reason


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("draft", "false"), ("draft", "no"), ("draft", None), ("draft", ""), ("draft", False), ("published", "true"),
        ("published", "2013-06-19"), ("published", None), ("status", "published"), ("status", "publish"),
        ("status", "accepted"), ("state", "published"), ("state", "Washington"), ("state", "open"),
        ("search", {"boost": "2"}), ("search", {"exclude": "false"}), ("search", "true"),
        ("robots", "index, follow"), ("robots", "nofollow"), ("permalink", "/x/"), ("password", ""),
        ("status", "Live"), ("status", "stable, current"), ("status", "true"), ("status", ["experimental"]),
        ("exclude", ["vendor"]), ("exclude", "false"), ("listed", "true"), ("seo", {"title": "draft"}),
        ("meta", [{"name": "robots", "content": "index"}]), ("robots", {"index": "true"}), ("unpublished", "no"),
        ("title", "draft"), ("tags", ["draft", "private"]), ("noindex", "false"), ("sitemap", "false"),
        ("index", "false"), ("index", "3"), ("hide", ["navigation", "toc"]), ("pagefind", "true"),
        ("status", "featured"),
        ("search", "a word"), ("search_page", "false"), ("is_search", "false"), ("search_boost", "0"),
        ("indexed", "2013-06-19"), ("searchHidden", "false"), ("in_search_index", "true"), ("index_page", "false"),
        ("head", [["meta", {"name": "robots", "content": "index, follow"}]]), ("head", [["link", {"rel": "me"}]]),
        ("head", [["meta", {"name": "description", "content": "noindex"}]]), ("redirect_from", "/old/"),
        ("redirect", "false"), ("redirect", {"from": "/old/"}), ("dg-publish", "true"), ("robots_follow", "false"),
    ],
)  # fmt: skip
def test_a_post_is_not_hidden(key: str, value: object) -> None:
    assert exclusion({key: value}, "blog/x.md") is None


@pytest.mark.parametrize(
    ("id", "hidden"),
    [
        ("_drafts/x.md", True),
        ("blog/drafts/x.md", True),
        ("draft/x.md", True),
        ("drafts.md", False),
        ("blog/drafting/x.md", False),
    ],
)
def test_folders_of_drafts_hide(id: str, hidden: bool) -> None:
    assert (exclusion({}, id) is not None) is hidden


@pytest.mark.parametrize(
    ("id", "hidden"),
    [
        ("404.md", True),
        ("de/404.html", True),
        ("404.pt-br.md", True),
        ("404.html.md", True),
        ("404/index.md", False),
        ("404-is-no-error.md", False),
        ("404.5-things.md", False),
    ],
)
def test_error_pages_are_no_answers(id: str, hidden: bool) -> None:
    assert (exclusion({}, id) == "it is an error page") is hidden


def test_an_unknown_status_hides_where_the_list_is_closed() -> None:
    assert exclusion({"status": "drafft"}, "x.md", strict_status=True) == "status: drafft"
    assert exclusion({"status": "Published"}, "x.md", strict_status=True) is None
    assert exclusion({}, "x.md", strict_status=True) is None


NEW_YEAR = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("key", ["publishdate", "pubdate", "publisheddate"])
def test_a_date_of_publication_says_from_when(key: str) -> None:
    assert window({key: "2030-01-01"}, datetime(2013, 1, 1, tzinfo=UTC), UTC)[:3] == (NEW_YEAR, None, None)


@pytest.mark.parametrize("key", ["expirydate", "unpublishdate", "expires"])
def test_a_date_of_expiry_says_to_when(key: str) -> None:
    assert window({key: "2030-01-01"}, None, UTC)[:3] == (None, NEW_YEAR, None)


def test_the_date_of_the_post_is_when_it_begins_to_be_visible() -> None:
    assert window({}, NEW_YEAR, UTC)[0] == NEW_YEAR
    assert window({}, None, UTC) == (None, None, None, ())


@pytest.mark.parametrize("key", ["publishdate", "expirydate"])
def test_a_bound_that_can_not_be_read_hides(key: str) -> None:
    assert window({key: "some day"}, None, UTC)[2] == f"{key}: some day"
    assert window({key: ""}, None, UTC)[2] is None


def test_a_post_that_ends_before_it_begins_is_reported() -> None:
    findings = window({"publishdate": "2030-01-01", "expirydate": "2029-01-01"}, None, UTC)[3]

    assert "never visible" in findings[0].message


def test_of_two_values_the_hiding_one_is_preferred() -> None:
    assert prefer("draft", "true", "false") == "true"
    assert prefer("draft", "false", "true") == "true"
    assert prefer("Exclude", "true", "false") == "true"
    assert prefer("title", "a", "b") == "b"
    assert prefer("date", "2999-01-01", "2023-08-22") == prefer("Date", "2023-08-22", "2999-01-01") == "2999-01-01"


@pytest.mark.parametrize(
    "line",
    [
        "draft: true",
        "  - draft = yes",
        "draft true",
        "\t'published': no",
        "expiryDate:",
        "exclude: 1",
        "? draft",
        "\u200bdraft：true",
        "in_search: no",
    ],
)
def test_a_line_that_may_hide_is_known(line: str) -> None:
    assert may_hide(line)


@pytest.mark.parametrize("line", ["", "A draft of it", "title: draft", "status quo is fine", "search the web"])
def test_other_lines_hide_nothing(line: str) -> None:
    assert not may_hide(line)


def test_truth_knows_the_words() -> None:
    assert [truth(word) for word in ("Yes", True, " on ", "no", False, "maybe", None)] == [
        True,
        True,
        True,
        False,
        False,
        None,
        None,
    ]


def test_what_never_expires_is_visible() -> None:
    assert window({"expires": "never", "expirydate": "no"}, None, UTC) == (None, None, None, ())
