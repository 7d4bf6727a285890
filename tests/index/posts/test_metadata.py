"""What headers say, in the shapes that real posts give it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from index.posts.metadata import Metadata, read_metadata


def read(id: str = "x.md", generator: str = "none", **header: object) -> Metadata:
    return read_metadata(header, id, generator=generator)


@pytest.mark.parametrize(
    ("value", "title"),
    [
        ("404", "404"),
        ("\x1b[31mred\x1b[0m\ta\nb\x00 \u009b1m", "[31mred[0m a b 1m"),
        ("\u202eevil\u2066 \u2069", "evil"),
        ("a &#x202e; b", "a b"),
        ("می\u200cخواهم \u200fx\u200e 👩\u200d💻 co\u00adop", "می\u200cخواهم \u200fx\u200e 👩\u200d💻 co\u00adop"),
        ("  Two\n lines ", "Two lines"),
        ("Gluster &amp; oVirt &mdash; x", "Gluster & oVirt — x"),
        ("writing for <em>action</em> and <code>x</code><br/>more", "writing for action and x more"),
        ("<algorithm>", "<algorithm>"),
        ("<c> (C++ comments)", "<c> (C++ comments)"),
        ("std::vector<bool>", "std::vector<bool>"),
        ("`<br>`: the line break", "<br>: the line break"),
        ("<br>: the line break", "<br>: the line break"),
        ("<br>", "<br>"),
        ("<p>: and <em>more</em>", "<p>: and more"),
        ("`main` and `&amp;`", "main and &amp;"),
        ("<p>one</p><p>two", "one two"),
        ("It`s a dog`s life, `quoted'", "It`s a dog`s life, `quoted'"),
        ("`" * 4000, "`" * 4000),
        (["WIP"], "WIP"),
        (None, ""),
        ({"en": "x"}, ""),
    ],
)
def test_a_title_is_plain_text(value: object, title: str) -> None:
    assert read(title=value).title == title


@pytest.mark.parametrize("key", ["title", "Title", "TITLE", "name", "page-title"])
def test_a_title_is_found_under_its_keys(key: str) -> None:
    assert read_metadata({key: "x"}, "x.md").title == "x"


@pytest.mark.parametrize(
    ("header", "aliases"),
    [
        ({"aliases": ["K8s", "Kube <em>x</em>", "k8s", None]}, ("K8s", "Kube x")),
        ({"alias": "K8s, Kube"}, ("K8s", "Kube")),
        ({"aliases": ["/old/path/", "old/path", "https://example.org/x", "old.html", "Old"]}, ("Old",)),
        ({"aliases": {"a": "b"}}, ()),
        ({}, ()),
    ],
)
def test_aliases_are_further_titles_unless_they_are_addresses(
    header: dict[str, object], aliases: tuple[str, ...]
) -> None:
    assert read_metadata(header, "x.md").aliases == aliases


@pytest.mark.parametrize(
    ("header", "author"),
    [
        ({"author": "Tom Callaway"}, ("Tom Callaway",)),
        ({"author": "NARUSE, Yui"}, ("NARUSE, Yui",)),
        ({"author": "James M Snell, Rod Vagg"}, ("James M Snell", "Rod Vagg")),
        ({"author": "Lee, Ann; Kim, Bo"}, ("Lee, Ann", "Kim, Bo")),
        ({"authors": "ann, bo"}, ("ann", "bo")),
        ({"authors": ["a", None, "A", "b"]}, ("a", "b")),
        ({"authors": ["NARUSE, Yui"]}, ("NARUSE, Yui",)),
        ({"by": ["Russ Cox, for the Go team"]}, ("Russ Cox, for the Go team",)),
        ({"by": "Russ Cox, for the Go team"}, ("Russ Cox, for the Go team",)),
        ({"author": {"login": "admin", "display_name": "Jeff A"}}, ("Jeff A",)),
        ({"author": {"login": "admin", "first_name": "Jeff", "last_name": "Atwood"}}, ("Jeff Atwood",)),
        ({"authors": [{"name": "Ann"}, {"bo": None}]}, ("Ann", "bo")),
        ({"author": "Ann Lee <ann@example.org>"}, ("Ann Lee",)),
        ({"author": "", "ms.author": "sewhee"}, ("sewhee",)),
        ({"author": "Ann", "ms.author": "sewhee"}, ("Ann",)),
        ({"author": None}, ()),
        ({"author": "Josh Aas, ISRG Executive Director"}, ("Josh Aas, ISRG Executive Director",)),
        ({"author": "Ann Lee, University of Oslo"}, ("Ann Lee, University of Oslo",)),
        ({"extra": {"author": "Zola"}}, ("Zola",)),
    ],
)
def test_authors_in_all_shapes(header: dict[str, object], author: tuple[str, ...]) -> None:
    assert read_metadata(header, "x.md").author == author


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        ({"tags": ["gluster", "KVM", "kvm", None, ""]}, ("gluster", "KVM")),
        ({"tags": "oVirt, CentOS,OpenStack"}, ("oVirt", "CentOS", "OpenStack")),
        ({"tags": "one word"}, ("one word",)),
        ({"tags": ["Visual C++, platforms", "how we work"]}, ("Visual C++, platforms", "how we work")),
        ({"tags": ["BCP", "47"], "topics": ["bcp", "508"]}, ("BCP", "47", "508")),
        ({"Tags": "a, b", "keywords": "b, c"}, ("a", "b", "c")),
        ({"tags": None}, ()),
        ({"tags": [["a"], ["b", ["c"]]]}, ("a", "b", "c")),
        ({"tags": [{"name": "a"}, {"b": None}]}, ("a", "b")),
        ({"taxonomies": {"tags": ["rust"]}}, ("rust",)),
        ({"tags": ["<br>", "`<hr>`", "<em>x</em>"]}, ("<br>", "<hr>", "x")),
    ],
)
def test_tags_in_all_shapes(header: dict[str, object], tags: tuple[str, ...]) -> None:
    assert read_metadata(header, "x.md").tags == tags


@pytest.mark.parametrize("key", ["author", "tags", "category", "description"])
def test_no_text_holds_what_steers_a_terminal_or_turns_text_around(key: str) -> None:
    found = getattr(read(**{key: "\x1b[2Ja\u009b\x00 \u202e\u2067b"}), key)

    assert found in ("[2Ja b", ("[2Ja b",))


def test_a_reason_holds_nothing_that_steers_a_terminal() -> None:
    assert read(draft="\x1b[2J\u202ex").excluded == "draft: [2Jx"


def test_jekyll_parts_a_plural_key_at_spaces() -> None:
    assert read(generator="jekyll", tags="foo bar").tags == ("foo", "bar")
    assert read(generator="jekyll", tags="foo bar, baz").tags == ("foo bar", "baz")
    assert read(generator="jekyll", tag="foo bar").tags == ("foo bar",)
    assert read(generator="jekyll", categories="foo bar").category == ("foo", "bar")
    assert read(generator="pelican", category="This Week in Rust").category == ("This Week in Rust",)


def test_the_first_description_that_says_something_counts() -> None:
    assert read(description="", summary=None, excerpt="<p>Some  text</p>").description == "Some text"
    assert len(read(description="x" * 10_000).description) == 2_000


@pytest.mark.parametrize(
    ("header", "id", "date"),
    [
        ({"date": "2013-06-19"}, "2012-01-01-x.md", "2013-06-19"),
        ({"Date": "2013-06-07 18:46"}, "x.md", "2013-06-07"),
        ({}, "2012-01-02-x.md", "2012-01-02"),
        ({"date": "2024-08-DD"}, "2012-01-02-x.md", "2012-01-02"),
        ({"ms.date": "01/27/2026"}, "x.md", "2026-01-27"),
        ({"published": "2013-06-19"}, "x.md", "2013-06-19"),
        ({"published": "true"}, "2012-01-02-x.md", "2012-01-02"),
        ({"publishDate": "2013-06-19"}, "x.md", "2013-06-19"),
        ({"published_date": "2013-06-19"}, "x.md", "2013-06-19"),
        ({"date created": "2013-06-19"}, "x.md", "2013-06-19"),
        ({"date": {"updated": "2014-06-19", "created": "2013-06-19"}}, "x.md", "2013-06-19"),
        ({"date": {"updated": "2014-06-19"}}, "2013-06-19-x.md", "2013-06-19"),
        ({"date": "[[2013-06-19]]"}, "x.md", "2013-06-19"),
        ({"date": {"created": "2013-06-19 24:00"}}, "x.md", "2013-06-19"),
        ({}, "x.md", "None"),
    ],
)
def test_the_date_is_that_of_the_header_else_of_the_path(header: dict[str, object], id: str, date: str) -> None:
    assert str(read_metadata(header, id).date)[:10] == date


def test_an_impossible_date_is_a_warning() -> None:
    metadata = read(date="2013-02-30")

    assert metadata.date is None
    assert [finding.message for finding in metadata.warnings] == ["date: '2013-02-30' is no possible date"]


@pytest.mark.parametrize("key", ["draft", "published", "hidden", "searchable"])
def test_an_answer_that_is_neither_yes_nor_no_hides_the_post_with_a_warning(key: str) -> None:
    metadata = read(**{key: "mabye"})

    assert metadata.excluded == f"{key}: mabye"
    assert metadata.warnings[-1].message == f"{key}: mabye is neither yes nor no, and hides the post"


@pytest.mark.parametrize(
    "header",
    [{"draft": "yes"}, {"password": "x"}, {"redirect_to": "/a/"}, {"published": "2013-02-03"}, {"pagefind": "none"}],
)
def test_other_values_of_keys_that_hide_are_no_warning(header: dict[str, object]) -> None:
    assert read_metadata(header, "x.md").warnings == ()


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        ({}, ""),
        ({"lang": "de"}, "de"),
        ({"locale": "es_PR"}, "es-pr"),
        ({"language": "English"}, "en"),
        ({"lang": "???"}, ""),
        ({"lang": False, "language": "no"}, ""),
        ({"lang": "???", "language": "fr"}, "fr"),
    ],
)
def test_the_language_is_that_of_the_header(header: dict[str, object], lang: str) -> None:
    assert read_metadata(header, "fr/x.md").lang == lang


@pytest.mark.parametrize(
    ("value", "boost", "warns"),
    [
        ("2", 2.0, False),
        ("0.5", 0.5, False),
        ("1000", 10.0, True),
        ("0", 0.1, True),
        ("nan", 1.0, True),
        ("high", 1.0, True),
        (None, 1.0, False),
    ],
)
def test_the_boost_is_bounded(value: object, boost: float, warns: bool) -> None:
    metadata = read(search={"boost": value})

    assert metadata.boost == boost
    assert bool(metadata.warnings) is warns
    assert read(boost=value).boost == boost


@pytest.mark.parametrize("key", ["date created", "published_date", "posted"])
def test_a_date_in_the_future_hides_under_any_name(key: str) -> None:
    assert read_metadata({key: "2999-01-01"}, "x.md").visible_from == datetime(2999, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expect", "warns"),
    [
        ("reset  password", ("reset password",), False),
        (["reset password", "log in"], ("reset password", "log in"), False),
        (None, (), False),
        ([], (), False),
        (["fine", {"a": "b"}], (), True),
        ("", (), True),
        ([f"q{n}" for n in range(33)], (), True),
    ],
)
def test_the_queries_that_are_to_find_the_post(value: object, expect: tuple[str, ...], warns: bool) -> None:
    metadata = read(search={"expect": value})

    assert metadata.expect == expect
    assert bool(metadata.warnings) is warns
    assert metadata.excluded is None


def test_urls_and_slugs_stay_as_written() -> None:
    metadata = read(permalink="/2015/05/:title/", slug=" My-Slug ", layout="post")

    assert (metadata.url, metadata.slug, metadata.type) == ("/2015/05/:title/", "My-Slug", "post")
    assert read(save_as="a/b.html").url == "a/b.html"


def test_keys_that_differ_in_spelling_hide_the_post_if_one_of_them_does() -> None:
    assert read_metadata({"draft": "true", "Draft": "false"}, "x.md").excluded == "draft: true"
    assert read_metadata({"params": {"draft": "true"}, "draft": "false"}, "x.md").excluded == "draft: true"


def test_visibility_is_part_of_the_metadata() -> None:
    metadata = read(date="2030-01-01", expiryDate="2031-01-01")

    assert metadata.visible_from == datetime(2030, 1, 1, tzinfo=UTC)
    assert metadata.visible_to == datetime(2031, 1, 1, tzinfo=UTC)
    assert metadata.excluded is None


def test_the_raw_header_has_its_keys_in_lower_case() -> None:
    assert read_metadata({"Title": "x", "Foo-Bar": ["y"]}, "x.md").raw == {"title": "x", "foo-bar": ["y"]}
