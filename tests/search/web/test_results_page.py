"""The results page as a browser reads it: parsed with html5lib, nothing looked for in raw text."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qs, parse_qsl, quote, urlsplit
from xml.etree.ElementTree import Element

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import IndexMissing
from index.settings import Settings
from search.query import ALSO_MEANT, Instead, Word
from search.results import Highlights, Hit, SectionHit
from search.web.parameters import MAX_PAGE
from search.web.presentation import shown_date
from tests.fake_search import FakeSearch, app_with, make_hit


def page_of(service: FakeSearch, query_string: str = "q=libgfapi", *, status: int = 200, **options: object) -> Element:
    client = app_with(service, Settings(**options)).test_client()  # type: ignore[arg-type]
    answer = client.get(f"/search/?{query_string}")
    assert answer.status_code == status
    return parsed(answer.data)


def parsed(page: bytes) -> Element:
    tree = html5lib.HTMLParser(strict=False, namespaceHTMLElements=False).parse(page, transport_encoding="utf-8")
    assert isinstance(tree, Element)
    return tree


def words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def by_class(tree: Element, name: str) -> list[Element]:
    return [element for element in tree.iter() if name in (element.get("class") or "").split()]


def links(elements: Sequence[Element]) -> dict[str, str]:
    """Where the links in the elements lead, by their text."""
    return {words(link): link.get("href", "") for element in elements for link in element.iter("a")}


def asked(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query)


@pytest.fixture
def service() -> FakeSearch:
    return FakeSearch([make_hit(1), make_hit(2)], total=123)


def test_the_page_is_well_formed_and_has_landmarks(service: FakeSearch) -> None:
    client = app_with(service).test_client()
    for query_string in ("", "q=libgfapi&tag=a&page=3", "page=0"):
        parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
        tree = parser.parse(client.get(f"/search/?{query_string}").data, transport_encoding="utf-8")

        assert [len(list(tree.iter(name))) for name in ("main", "h1", "form", "header")] == [1, 1, 1, 0]
    assert tree.get("lang") == "en"


def test_every_id_that_is_named_exists_once(service: FakeSearch) -> None:
    tree = page_of(service, "q=a")
    ids = [element.get("id") for element in tree.iter() if element.get("id")]

    assert len(ids) == len(set(ids))
    label = next(tree.iter("label"))
    assert label.get("for") in ids
    assert words(label) == "Search the posts"


def test_the_form_keeps_the_words_and_what_was_chosen(service: FakeSearch) -> None:
    tree = page_of(service, "q=a+%22b%22&tag=kvm&tag=x&sort=newest&page=3&per_page=5")
    form = next(tree.iter("form"))
    fields = [(field.get("name"), field.get("value")) for field in form.iter("input")]

    assert (form.get("action"), form.get("method"), form.get("role")) == ("/search/", "get", "search")
    assert fields == [("q", 'a "b"'), ("tag", "kvm"), ("tag", "x"), ("sort", "newest"), ("per_page", "5")]


def test_the_count_is_announced(service: FakeSearch) -> None:
    status = [element for element in page_of(service).iter() if element.get("role") == "status"]

    assert [words(element) for element in status] == ["123 posts for libgfapi, page 1 of 13 (1 ms)"]


def test_a_hit_shows_all_that_is_known_of_it(service: FakeSearch) -> None:
    hit = by_class(page_of(service), "ps-hit")[0]

    assert links([hit])["oVirt workshop 1"] == "/2013/post-1/"
    assert links([hit])["Gluster & friends"] == "/2013/post-1/#gluster"
    assert words(by_class(hit, "ps-snippet")[0]) == "A talk on libgfapi & more"
    assert [words(mark) for mark in by_class(hit, "ps-snippet")[0].iter("mark")] == ["libgfapi"]
    assert next(hit.iter("time")).get("datetime") == "2013-06-19"
    assert asked(links([hit])["tconrey"]) == {"q": ["libgfapi"], "author": ["tconrey"]}
    assert asked(links([hit])["kvm"]) == {"q": ["libgfapi"], "tag": ["kvm"]}


def test_a_hit_names_its_language() -> None:
    tree = page_of(FakeSearch([make_hit(lang="ja", title="検索")]))

    assert [hit.get("lang") for hit in by_class(tree, "ps-hit")] == ["ja"]


def test_a_hit_without_date_author_tags_or_sections_is_shown() -> None:
    hit = make_hit(date=None, author=(), tags=(), sections=(), snippet="", highlights=Highlights("", "", ()))

    assert words(by_class(page_of(FakeSearch([hit])), "ps-hit")[0]) == "oVirt workshop 1"


def test_highlights_that_do_not_match_the_tags_leave_them_plain() -> None:
    hit = make_hit(highlights=Highlights("a", "", ("<mark>one</mark>",)))

    assert links(by_class(page_of(FakeSearch([hit])), "ps-tags")).keys() == {"ovirt", "kvm"}


def test_facets_narrow_the_search_and_start_at_its_first_page(service: FakeSearch) -> None:
    tree = page_of(service, "q=a&page=3&sort=newest&lang=en")
    facets = links(by_class(tree, "ps-facets"))

    kept = {"q": ["a"], "lang": ["en"], "sort": ["newest"]}
    assert asked(facets["ovirt 12"]) == kept | {"tag": ["ovirt"]}
    assert asked(facets["tconrey 9"]) == kept | {"author": ["tconrey"]}
    assert asked(facets["2013 10"]) == kept | {"from": ["2013"], "to": ["2013"]}
    assert [words(item) for item in by_class(tree, "ps-facets")[0].iter("li")] == [
        "ovirt 12",
        "kvm 5",
        "tconrey 9",
        "2014 2",
        "2013 10",
    ]


def test_a_facet_in_use_is_shown_by_its_filter_alone(service: FakeSearch) -> None:
    """Values of one filter are alternatives: a second would widen what is found, against what its count says."""
    facets = links(by_class(page_of(service, "q=a&tag=kvm&from=2013"), "ps-facets"))

    assert facets.keys() == {"tconrey 9"}


@pytest.mark.parametrize(("values", "shown", "more"), [(8, 8, 0), (9, 9, 0), (10, 8, 2), (20, 8, 12)])
def test_the_rest_of_a_long_facet_is_shown_on_demand(service: FakeSearch, values: int, shown: int, more: int) -> None:
    service.facets = {"tags": {f"tag-{number}": 1 for number in range(values)}}
    facet = next(by_class(page_of(service, "q=a"), "ps-facets")[0].iter("section"))
    lists = [len(list(found.iter("li"))) for found in facet.iter("ul")]
    summaries = [words(summary) for summary in facet.iter("summary")]

    assert lists == ([shown, more] if more else [shown])
    assert summaries == ([f"{more} more of tags"] if more else [])


def test_several_filters_can_be_removed_at_once(service: FakeSearch) -> None:
    one, several = (
        links(by_class(page_of(service, f"q=a&sort=newest&{filters}"), "ps-active"))
        for filters in ("tag=x", "tag=x&author=w")
    )

    assert "Remove all filters" not in one
    assert asked(several["Remove all filters"]) == {"q": ["a"], "sort": ["newest"]}


def test_a_date_is_shown_as_people_write_it(service: FakeSearch) -> None:
    assert words(next(page_of(service).iter("time"))) == "19 June 2013"
    assert shown_date("some day") == "some day"


def test_a_section_does_not_repeat_what_the_hit_shows() -> None:
    text, other = "One and the same long text about water", "Another text about water, in another section"
    sections = (SectionHit("Same", "#a", f"… {text}"), SectionHit("Other", "#b", other))
    tree = page_of(FakeSearch([make_hit(text=text, sections=sections)]))

    assert [words(item) for item in by_class(tree, "ps-sections")[0].iter("li")] == ["Same", f"Other {other}"]


def head_links(tree: Element, rel: str) -> list[dict[str, str]]:
    return [dict(link.items()) for link in tree.iter("link") if link.get("rel") == rel]


def test_the_head_names_the_feed_of_the_query_and_the_description(service: FakeSearch) -> None:
    tree = page_of(service, "q=a&tag=x&sort=oldest&page=2&per_page=3", site_name="My site")

    feed, engine = head_links(tree, "alternate"), head_links(tree, "search")
    assert [(link["type"], link["title"]) for link in feed] == [("application/atom+xml", "a, tag: x")]
    assert feed[0]["href"] == "/search/feed?q=a&tag=x"
    assert links(by_class(tree, "ps-footer"))["Feed of this search"] == "/search/feed?q=a&tag=x"
    assert engine == [
        {
            "rel": "search",
            "type": "application/opensearchdescription+xml",
            "title": "My site",
            "href": "/search/opensearch.xml",
        }
    ]


def test_before_anything_is_asked_the_feed_is_that_of_all_posts(service: FakeSearch) -> None:
    tree = page_of(service, "")

    assert [(link["title"], link["href"]) for link in head_links(tree, "alternate")] == [("All posts", "/search/feed")]


def test_the_page_runs_no_script(service: FakeSearch) -> None:
    assert list(page_of(service).iter("script")) == []


def test_what_is_said_of_the_index_stands_in_the_block_that_every_frame_has(service: FakeSearch) -> None:
    (main,) = page_of(service).iter("main")

    assert links(by_class(main, "ps-footer")) == {"Feed of this search": "/search/feed?q=libgfapi"}


def test_each_filter_can_be_removed_by_itself(service: FakeSearch) -> None:
    tree = page_of(service, "q=a&tag=x&tag=y&author=w&from=2012&to=2013-06&page=2")
    active = links(by_class(tree, "ps-active"))
    removals = {text.split("×")[0]: asked(url) for text, url in active.items() if "×" in text}

    everything = {"q": ["a"], "tag": ["x", "y"], "author": ["w"], "from": ["2012"], "to": ["2013-06"]}
    assert removals == {
        "tag: x": everything | {"tag": ["y"]},
        "tag: y": everything | {"tag": ["x"]},
        "author: w": {name: value for name, value in everything.items() if name != "author"},
        "from: 2012": {name: value for name, value in everything.items() if name != "from"},
        "to: 2013-06": {name: value for name, value in everything.items() if name != "to"},
    }


def test_a_year_is_one_filter(service: FakeSearch) -> None:
    active = links(by_class(page_of(service, "q=a&from=2013&to=2013"), "ps-active"))

    assert [asked(url) for url in active.values()] == [{"q": ["a"]}]
    assert next(iter(active)).startswith("date: 2013")


def test_the_order_can_be_changed_and_the_present_one_is_told(service: FakeSearch) -> None:
    bar = by_class(page_of(service, "q=a&sort=newest&page=4"), "ps-sorts")
    current = [words(link) for link in bar[0].iter("a") if link.get("aria-current")]

    assert current == ["Newest first"]
    assert asked(links(bar)["Oldest first"]) == {"q": ["a"], "sort": ["oldest"]}
    assert asked(links(bar)["Relevance"]) == {"q": ["a"]}


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        (1, "1 2 3 … 13 Next →"),
        (3, "← Previous 1 2 3 4 5 … 13 Next →"),
        (7, "← Previous 1 … 5 6 7 8 9 … 13 Next →"),
        (13, "← Previous 1 … 11 12 13"),
    ],
)
def test_pages_lead_on_and_keep_everything(service: FakeSearch, page: int, shown: str) -> None:
    nav = by_class(page_of(service, f"q=a&tag=x&page={page}"), "ps-pages")

    assert words(nav[0]) == shown
    assert [words(link) for link in nav[0].iter("a") if link.get("aria-current") == "page"] == [str(page)]
    assert asked(links(nav)["13"]) == {"q": ["a"], "tag": ["x"], "page": ["13"]}
    assert asked(links(nav)["1"]) == {"q": ["a"], "tag": ["x"]}


def test_no_link_leads_deeper_than_a_page_may_be_asked_for() -> None:
    service = FakeSearch([make_hit()], total=10**7)
    client = app_with(service).test_client()
    for page in (1, MAX_PAGE):
        nav = links(by_class(page_of(service, f"q=a&page={page}"), "ps-pages"))

        assert {client.get(url).status_code for url in nav.values()} == {200}


def test_one_page_needs_no_links_to_others() -> None:
    assert by_class(page_of(FakeSearch([make_hit()])), "ps-pages") == []


def test_a_page_beyond_the_last_leads_back(service: FakeSearch) -> None:
    none = by_class(page_of(service, "q=a&page=99"), "ps-none")

    assert asked(links(none)["Go to the first page"]) == {"q": ["a"]}


def test_nothing_found_is_said_and_helped_with() -> None:
    tree = page_of(FakeSearch(), "q=nothing&tag=x")

    assert words(by_class(tree, "ps-count")[0]).startswith("No posts for nothing")
    assert links(by_class(tree, "ps-none")) == {"What can be typed": "/search/"}
    assert by_class(tree, "ps-help") == by_class(tree, "ps-ways") == []


@pytest.mark.parametrize(("total", "place"), [(0, "ps-none"), (2, "ps-more")])
def test_what_finds_more_is_linked_to_where_little_is_found(total: int, place: str) -> None:
    service = FakeSearch([make_hit(1), make_hit(2)][:total])
    service.instead = (
        Instead("git <b>", "without the tag kvm", 1200, ("tag",)),
        Instead("title:git", "of any date", 1, ("since", "until"), typos=False),
        Instead("", "by another author", 7, ("author",)),
        Instead("git -x", "searched for -x"),
    )
    tree = page_of(service, "q=git&tag=kvm&author=ann&lang=en&from=2013&to=2014&sort=newest&page=1")
    (ways,) = by_class(tree, place)
    found = {text: asked(url) for text, url in links([ways]).items()}

    kept = {"lang": ["en"], "sort": ["newest"]}
    days = {"from": ["2013"], "to": ["2014"]}
    assert found == {
        "git <b> without the tag kvm 1,200 posts": kept | days | {"q": ["git <b>"], "author": ["ann"]},
        "title:git of any date 1 post": kept | {"q": ["title:git"], "tag": ["kvm"], "author": ["ann"], "typos": ["0"]},
        "by another author 7 posts": kept | days | {"tag": ["kvm"]},
    }
    assert [words(note) for note in by_class(tree, "ps-warnings")] == ["searched for -x: git -x"]


@pytest.mark.parametrize("query_string", ["", "q=", "q=+", "utm_source=mail"])
def test_before_anything_is_asked_the_page_helps_and_does_not_search(service: FakeSearch, query_string: str) -> None:
    tree = page_of(service, query_string)

    assert service.asked == []
    assert by_class(tree, "ps-help")
    assert by_class(tree, "ps-hit") == []
    assert "123 posts can be found" in words(by_class(tree, "ps-footer")[0])


def test_a_filter_alone_is_a_search(service: FakeSearch) -> None:
    assert len(by_class(page_of(service, "tag=kvm"), "ps-hit")) == 2


def test_the_last_word_is_whole_unless_the_address_says_otherwise(service: FakeSearch) -> None:
    for query_string in ("q=run", "q=run&prefix=0", "q=run&prefix=1"):
        page_of(service, query_string)

    assert [query.clauses[-1] for query in service.asked] == [Word("run"), Word("run"), Word("run", prefix=True)]


def test_every_link_of_the_page_keeps_how_its_words_are_read(service: FakeSearch) -> None:
    """Who comes from the search box, which takes the last word for a beginning, sees the same total wherever they go
    on from there; so does who wants misspellings left alone."""
    tree = page_of(service, "q=run&prefix=1&typos=0&tag=kvm&lang=en&page=2")
    urls = [link.get("href", "") for link in tree.iter("a")] + [link.get("href", "") for link in tree.iter("link")]
    onward = [url for url in urls if "q=run" in url]

    assert len(onward) > 20
    assert [url for url in onward if (asked(url).get("prefix"), asked(url).get("typos")) != (["1"], ["0"])] == []
    assert not {"prefix", "typos"} & {field.get("name") for field in tree.iter("input")}
    assert not service.asked[0].typos


def test_a_beginning_that_nothing_holds_is_looked_for_once() -> None:
    nothing = FakeSearch([], total=0)
    page_of(nothing, "q=run&prefix=1")

    assert [query.clauses for query in nothing.asked] == [(Word("run", prefix=True),)]


def test_warnings_are_shown(service: FakeSearch) -> None:
    service.warnings = ("The <query> was long.", "It was cut.")
    tree = page_of(service, "q=workshp")

    assert [words(item) for item in by_class(tree, "ps-warnings")[0].iter("li")] == list(service.warnings)


def test_a_misspelling_that_was_mended_is_told_and_can_be_searched_for(service: FakeSearch) -> None:
    service.corrected = "workshop <b>"
    tree = page_of(service, "q=workshp+%3Cb%3E&tag=kvm&page=2")
    (told,) = by_class(tree, "ps-corrected")

    assert words(told) == "Showing results for workshop <b>. Search for workshp <b> instead."
    assert asked(links([told])["workshp <b>"]) == {"q": ["workshp <b>"], "tag": ["kvm"], "typos": ["0"]}
    assert words(by_class(tree, "ps-count")[0]).startswith("123 posts for workshop <b>, page 2")


@pytest.mark.parametrize(
    ("text", "element"), [("workshop", "q"), ('"work <b>" shop', "b"), ("„work“", "b"), ("「work」", "b")]
)
def test_what_has_quotation_marks_gets_no_further_ones(service: FakeSearch, text: str, element: str) -> None:
    (count,) = by_class(page_of(service, f"q={quote(text)}&page=1"), "ps-count")

    assert [words(found) for found in count.iter(element)] == [text]
    assert sum(found.tag in {"q", "b"} for found in count.iter()) == 1


def test_what_a_misspelling_may_mean_as_well_is_told_in_the_same_sentence(service: FakeSearch) -> None:
    service.corrected, service.instead = "goroutine leak", (Instead("goroutine <week>", ALSO_MEANT),)
    tree = page_of(service, "q=goroutnie+leek&tag=kvm&page=2")
    (told,) = by_class(tree, "ps-corrected")

    start = "Showing results for goroutine leak, perhaps you meant goroutine <week>. "
    assert words(told) == start + "Search for goroutnie leek instead."
    assert asked(links([told])["goroutine <week>"]) == {"q": ["goroutine <week>"], "tag": ["kvm"]}
    assert by_class(tree, "ps-warnings") == []


def test_another_reading_of_the_query_is_linked_to(service: FakeSearch) -> None:
    service.instead = (Instead('git -"m" <b>', "searched for -m"),)
    (note,) = by_class(page_of(service, "q=git+-m&tag=kvm&page=1"), "ps-warnings")[0].iter("li")
    (link,) = note.iter("a")

    assert words(note) == 'searched for -m: git -"m" <b>'
    assert asked(str(link.get("href"))) == {"q": ['git -"m" <b>'], "tag": ["kvm"]}


@pytest.mark.parametrize(
    ("service", "query_string", "status", "problem"),
    [
        (FakeSearch(), "q=kept&page=0", 400, "page is 0; give a whole number from 1"),
        (FakeSearch(), "q=kept&from=never", 400, "give a date of the calendar"),
        (FakeSearch(error=IndexMissing("x")), "q=kept", 503, "Nothing has been indexed yet"),
        (FakeSearch(error=RuntimeError("x")), "q=kept", 500, "The search failed"),
    ],
)
def test_what_is_wrong_is_said_in_the_frame_of_the_page(
    service: FakeSearch, query_string: str, status: int, problem: str
) -> None:
    tree = page_of(service, query_string, status=status)

    assert problem in words(by_class(tree, "ps-problem")[0])
    assert [box.get("value") for box in tree.iter("input") if box.get("name") == "q"] == ["kept"]


def test_the_site_is_named(service: FakeSearch) -> None:
    tree = page_of(service, "q=a", site_name="A <b> & co", base_url="https://example.org")

    assert words(next(tree.iter("title"))) == "a – Search – A <b> & co"
    assert links(by_class(tree, "ps-site")) == {"A <b> & co": "https://example.org"}


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'onmouseover='alert(1)",
    "</title><script>alert(1)</script>",
    "</style><svg/onload=alert(1)>",
    "<mark onclick=alert(1)>x</mark>",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "&lt;script&gt;",
    "\u202e\x00\x1b[31m<!--",
)
URL_ATTRIBUTES = {"href", "src", "action", "formaction"}
TEXTS = st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def assert_harmless(tree: Element) -> None:
    for element in tree.iter():
        assert element.tag not in {"script", "style", "iframe", "object", "embed", "img", "svg", "base"}
        for name, value in element.items():
            assert not name.lower().startswith("on")
            assert name != "style"
            if name in URL_ATTRIBUTES:
                assert urlsplit(value).scheme in {"", "http", "https"}
    for place in ("ps-snippet", "ps-sections", "ps-tags"):
        for element in by_class(tree, place):
            assert {inner.tag for inner in element.iter()} <= {"p", "ul", "li", "a", "b", "bdi", "span", "mark"}
    assert all(not dict(mark.items()) for mark in tree.iter("mark"))


def hostile_hit(text: str) -> Hit:
    return make_hit(
        title=text,
        text=text,
        tags=(text,),
        url=text,
        author=(text,),
        lang=text,
        date=text,
        sections=(SectionHit(text, text, "<mark>x</mark>"),),
    )


@pytest.mark.full
@settings(max_examples=100, print_blob=True, deadline=None)
@given(text=TEXTS, query=TEXTS)
def test_nothing_that_a_post_or_a_visitor_writes_becomes_markup(text: str, query: str) -> None:
    service = FakeSearch([hostile_hit(text)], total=99)
    service.warnings, service.corrected = (text,), text
    service.instead = (Instead(text, text, 1, ("tag",)),)
    client = app_with(service, Settings(site_name=text)).test_client()
    asked_for = {"q": query, "tag": query, "author": text, "from": "2013"}

    for changes in ({}, {"page": "0"}):
        tree = parsed(client.get("/search/", query_string=asked_for | changes).data)

        assert_harmless(tree)
    assert len(by_class(parsed(client.get("/search/", query_string=asked_for).data), "ps-hit")) == 1


def test_hostile_texts_are_read_as_they_were_written() -> None:
    text = HOSTILE[0]
    tree = page_of(FakeSearch([hostile_hit(text)]), "q=%3Cscript%3Ealert(1)%3C/script%3E")

    assert words(next(by_class(tree, "ps-hit")[0].iter("h2"))) == text
    assert [box.get("value") for box in tree.iter("input") if box.get("name") == "q"] == [text]


def test_the_check_for_harm_can_fail() -> None:
    for harm in ("<script></script>", "<b onclick=x>", "<a href='javascript:x'>", "<mark class=x>"):
        with pytest.raises(AssertionError):
            assert_harmless(parsed(harm.encode()))


def test_all_links_of_a_page_lead_to_pages(service: FakeSearch) -> None:
    client = app_with(service).test_client()
    tree = page_of(service, "q=a&tag=x&author=y&from=2012&to=2013&page=3&sort=oldest&per_page=7")
    own = {url for url in links([tree]).values() if urlsplit(url).path == "/search/"}

    assert len(own) > 15
    for url in own:
        assert client.get(url).status_code == 200
        assert len(parse_qsl(urlsplit(url).query)) == len(set(parse_qsl(urlsplit(url).query)))
