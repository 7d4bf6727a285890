"""The results page as a browser reads it: parsed with html5lib, nothing looked for in raw text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, quote, urlsplit
from xml.etree.ElementTree import Element

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import IndexMissing
from index.settings import Settings
from search.query import ALSO_MEANT, Instead, Query, Word
from search.query.notices import Notice
from search.results import Highlights, Hit, Results, SectionHit
from search.web.parameters import MAX_PAGE
from search.web.presentation import MAX_BARS, shown_date
from search.wording import LANGUAGES, wording_of
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
    assert [field.get("aria-label") for field in tree.iter("input")] == ["Search the posts"]
    assert {url.removeprefix("#") for url in links([tree]).values() if url.startswith("#")} <= set(ids)


def test_the_form_keeps_the_words_and_what_was_chosen(service: FakeSearch) -> None:
    tree = page_of(service, "q=a+%22b%22&tag=kvm&tag=x&sort=newest&page=3&per_page=5")
    form = next(tree.iter("form"))
    fields = [(field.get("name"), field.get("value")) for field in form.iter("input")]

    assert (form.get("action"), form.get("method"), form.get("role")) == ("/search/", "get", "search")
    assert fields == [("q", 'a "b"'), ("tag", "kvm"), ("tag", "x"), ("sort", "newest"), ("per_page", "5")]


def headline(tree: Element) -> str:
    (heading,) = tree.iter("h1")
    return words(heading)


def test_the_headline_counts_and_quotes(service: FakeSearch) -> None:
    assert headline(page_of(service)) == "123 posts for “libgfapi”"
    assert headline(page_of(service, "tag=kvm&page=2")) == "123 posts"


def test_a_hit_shows_all_that_is_known_of_it(service: FakeSearch) -> None:
    hit = by_class(page_of(service), "ps-hit")[0]

    assert links([hit])["oVirt workshop 1"] == "/2013/post-1/"
    assert links([hit])["Gluster & friends A talk on libgfapi & more"] == "/2013/post-1/#gluster"
    assert words(by_class(hit, "ps-snippet")[0]) == "A talk on libgfapi & more"
    assert [words(mark) for mark in by_class(hit, "ps-snippet")[0].iter("mark")] == ["libgfapi"]
    assert next(hit.iter("time")).get("datetime") == "2013-06-19"
    assert asked(links([hit])["tconrey"]) == {"q": ["libgfapi"], "author": ["tconrey"]}
    assert asked(links([hit])["kvm"]) == {"q": ["libgfapi"], "tag": ["kvm"]}


def test_a_hit_of_several_folders_names_its_own_first() -> None:
    tree = page_of(FakeSearch([make_hit(site="docs", date=None, author=(), tags=()), make_hit(2)]), "q=a&page=1")
    byline, other = by_class(tree, "ps-byline")

    assert {text: asked(url) for text, url in links([byline]).items()} == {"docs": {"q": ["a"], "site": ["docs"]}}
    assert words(other) == "19 Jun 2013 tconrey ovirt kvm"


def test_a_hit_names_its_language() -> None:
    tree = page_of(FakeSearch([make_hit(lang="ja", title="検索")]))

    assert [hit.get("lang") for hit in by_class(tree, "ps-hit")] == ["ja"]


def test_a_hit_without_date_author_tags_or_sections_is_shown() -> None:
    hit = make_hit(date=None, author=(), tags=(), sections=(), snippet="", highlights=Highlights("", "", ()))

    assert words(by_class(page_of(FakeSearch([hit])), "ps-hit")[0]) == "oVirt workshop 1"


def test_highlights_that_do_not_match_the_tags_leave_them_plain() -> None:
    hit = make_hit(highlights=Highlights("a", "", ("<mark>one</mark>",)))

    assert [words(tag) for tag in by_class(page_of(FakeSearch([hit])), "ps-tag")] == ["ovirt", "kvm"]


def test_three_tags_are_shown_those_that_were_searched_first_and_without_marks() -> None:
    marked = ("a", "b", "<mark>c</mark>", "d &amp; <mark>e</mark>", "f")
    hit = make_hit(tags=("a", "b", "c", "d & e", "f"), highlights=Highlights("t", "", marked))
    tree = page_of(FakeSearch([hit]))

    assert [words(tag) for tag in by_class(tree, "ps-tag")] == ["c", "d & e", "a"]
    assert [words(tag) for tag in by_class(tree, "ps-found-tag")] == ["c", "d & e"]
    assert list(by_class(tree, "ps-byline")[0].iter("mark")) == []


def facet_rows(tree: Element) -> list[str]:
    return [words(item) for item in by_class(tree, "ps-facets")[0].iter("li")]


def test_facets_narrow_the_search_and_start_at_its_first_page(service: FakeSearch) -> None:
    tree = page_of(service, "q=a&page=3&sort=newest&lang=en")
    facets = links(by_class(tree, "ps-facets"))

    kept = {"q": ["a"], "lang": ["en"], "sort": ["newest"]}
    assert asked(facets["ovirt 12"]) == kept | {"tag": ["ovirt"]}
    assert asked(facets["tconrey 9"]) == kept | {"author": ["tconrey"]}
    assert asked(facets["2013 10"]) == kept | {"year": ["2013"]}
    assert facet_rows(tree) == ["ovirt 12", "kvm 5", "tconrey 9", "2014 2", "2013 10"]


def test_sites_are_a_facet_where_there_are_several(service: FakeSearch) -> None:
    service.facets = {"site": {"docs": 2, "blog": 1}}
    found = links(by_class(page_of(service, "q=a"), "ps-facets"))
    service.facets = {"site": {"docs": 1, "blog": 1}}
    few = facet_rows(page_of(service, "q=a"))
    service.facets = {"site": {"docs": 123}}
    none = by_class(page_of(service, "q=a"), "ps-facets")
    active = links(by_class(page_of(service, "q=a&site=docs"), "ps-active"))

    assert asked(found["docs 2"]) == {"q": ["a"], "site": ["docs"]}
    assert few == ["docs 1", "blog 1"]
    assert none == []
    assert asked(active["docs"]) == {"q": ["a"]}


def test_what_is_chosen_of_a_facet_comes_first_and_is_taken_back_by_its_link(service: FakeSearch) -> None:
    tree = page_of(service, "q=a&tag=KVM&tag=rare")
    (facets,) = by_class(tree, "ps-facets")

    assert facet_rows(tree) == ["kvm 5", "rare", "ovirt 12", "tconrey 9", "2014 2", "2013 10"]
    assert [words(link) for link in facets.iter("a") if link.get("aria-current")] == ["kvm 5", "rare"]
    assert asked(links([facets])["kvm 5"]) == {"q": ["a"], "tag": ["rare"]}
    assert asked(links([facets])["ovirt 12"]) == {"q": ["a"], "tag": ["KVM", "rare", "ovirt"]}


def test_years_are_drawn_as_bars(service: FakeSearch) -> None:
    service.facets = {"year": {"2013": 10, "2015": 1, "1950": 40}}
    tree = page_of(service, "q=a&year=2013")
    (chart,) = (element for element in tree.iter() if element.tag.endswith("}svg"))
    bars = [(bar.get("height"), bar.get("class")) for bar in chart]

    assert chart.get("aria-hidden") == "true"
    assert facet_rows(tree) == ["2013 10", "2015 1", "1950 40"]
    assert len(bars) == MAX_BARS
    assert bars[-3:] == [("40", "ps-chosen"), ("0", None), ("4", None)]
    assert words(by_class(tree, "ps-ends")[0]) == f"{2016 - MAX_BARS} 2015"


def test_two_years_need_no_bars(service: FakeSearch) -> None:
    service.facets = {"year": {"2013": 10, "2015": 1}}

    assert [element.tag for element in page_of(service, "q=a").iter() if element.tag.endswith("}svg")] == []


def test_a_facet_that_would_not_split_the_hits_is_left_out(service: FakeSearch) -> None:
    service.facets = {"tags": {"all": 123, "one": 1}, "author": {"ann": 122}}

    assert facet_rows(page_of(service, "q=a")) == ["ann 122"]
    assert facet_rows(page_of(service, "q=a&tag=one")) == ["one 1", "all 123", "ann 122"]


def test_facets_open_as_a_sheet_that_stays_open_while_one_chooses(service: FakeSearch) -> None:
    tree = page_of(service, "q=a&tag=kvm&from=2013")
    (facets,) = by_class(tree, "ps-facets")

    assert links([tree])["Filters · 2"] == f"#{facets.get('id')}"
    assert links(by_class(tree, "ps-sheet")) == {"Show 123 posts": "#ps-found"}
    assert all(link.get("href", "").endswith("#facets") for item in facets.iter("li") for link in item.iter("a"))


@pytest.mark.parametrize(("values", "shown", "more"), [(5, 5, 0), (6, 6, 0), (7, 5, 2), (20, 5, 15)])
def test_the_rest_of_a_long_facet_is_shown_on_demand(service: FakeSearch, values: int, shown: int, more: int) -> None:
    service.facets = {"tags": {f"tag-{number}": 2 for number in range(values)}}
    facet = next(by_class(page_of(service, "q=a"), "ps-facets")[0].iter("section"))
    lists = [len(list(found.iter("li"))) for found in facet.iter("ul")]
    summaries = [words(summary) for summary in facet.iter("summary")]

    assert lists == ([shown, more] if more else [shown])
    assert summaries == ([f"{more} more"] if more else [])


def test_several_filters_can_be_removed_at_once(service: FakeSearch) -> None:
    one, several = (
        links(by_class(page_of(service, f"q=a&sort=newest&{filters}"), "ps-active"))
        for filters in ("tag=x", "tag=x&author=w")
    )

    for active in (one, several):
        assert asked(active["Clear all"]) == {"q": ["a"], "sort": ["newest"]}


def test_links_lead_to_the_marked_words_where_that_is_sure() -> None:
    words = ":~:text=a-,talk,-on"
    hit = make_hit(fragment=f"#{words}", sections=(SectionHit("Talk", "/2013/post-1/#talk", "a talk", words),))
    links = [link.get("href") for link in page_of(FakeSearch([hit])).iter("a")]

    assert {f"/2013/post-1/#{words}", f"/2013/post-1/#talk{words}"} <= set(links)


def test_a_date_is_shown_as_people_write_it(service: FakeSearch) -> None:
    assert words(next(page_of(service).iter("time"))) == "19 Jun 2013"
    assert shown_date("some day", wording_of("en")) == "some day"


def head_links(tree: Element, rel: str) -> list[dict[str, str]]:
    return [dict(link.items()) for link in tree.iter("link") if link.get("rel") == rel]


def test_the_head_names_the_feed_of_the_query_and_the_description(service: FakeSearch) -> None:
    tree = page_of(service, "q=a&tag=x&sort=oldest&page=2&per_page=3", site_name="My site")

    feed, engine = head_links(tree, "alternate"), head_links(tree, "search")
    assert [(link["type"], link["title"]) for link in feed] == [("application/atom+xml", "a, tag: x")]
    assert feed[0]["href"] == "/search/feed?q=a&tag=x"
    assert links(by_class(tree, "ps-footer"))["Feed"] == "/search/feed?q=a&tag=x"
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

    assert [(link["title"], link["href"]) for link in head_links(tree, "alternate")] == [
        ("Newest posts", "/search/feed")
    ]


def test_the_form_becomes_the_search_box_of_the_same_origin(service: FakeSearch) -> None:
    tree = page_of(service)
    scripts = [dict(script.items()) for script in tree.iter("script")]

    assert [(script["type"], urlsplit(script["src"]).path) for script in scripts] == [
        ("module", "/search/static/post-search.js")
    ]
    assert [words(form) for box in tree.iter("post-search") for form in box.iter("form")] == ["Search"]


def test_what_is_said_of_the_index_stands_in_the_block_that_every_frame_has(service: FakeSearch) -> None:
    (main,) = page_of(service).iter("main")

    assert links(by_class(main, "ps-footer")) == {"Feed": "/search/feed?q=libgfapi"}


def test_each_filter_can_be_removed_by_itself(service: FakeSearch) -> None:
    tree = page_of(service, "q=a&tag=x&tag=y&author=w&from=2012&to=2013-06&page=2")
    (active,) = by_class(tree, "ps-active")
    removals = {text: asked(url) for text, url in links([active]).items() if text != "Clear all"}

    everything = {"q": ["a"], "tag": ["x", "y"], "author": ["w"], "from": ["2012"], "to": ["2013-06"]}
    assert removals == {
        "x": everything | {"tag": ["y"]},
        "y": everything | {"tag": ["x"]},
        "w": {name: value for name, value in everything.items() if name != "author"},
        "from 2012": {name: value for name, value in everything.items() if name != "from"},
        "until 2013-06": {name: value for name, value in everything.items() if name != "to"},
    }
    assert next(active.iter("a")).get("aria-label") == "Remove the filter x"


def test_the_order_can_be_changed_and_the_present_one_is_told(service: FakeSearch) -> None:
    bar = by_class(page_of(service, "q=a&sort=newest&page=4"), "ps-sorts")
    current = [words(link) for link in bar[0].iter("a") if link.get("aria-current")]

    assert current == ["Newest"]
    assert asked(links(bar)["Oldest"]) == {"q": ["a"], "sort": ["oldest"]}
    assert asked(links(bar)["Relevance"]) == {"q": ["a"]}


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        (1, "1 2 3 … 13 Next"),
        (3, "Previous 1 2 3 4 5 … 13 Next"),
        (7, "Previous 1 … 5 6 7 8 9 … 13 Next"),
        (13, "Previous 1 … 11 12 13"),
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


@pytest.mark.parametrize("page", ["99", "999999999"])
def test_a_page_beyond_the_last_is_the_last(service: FakeSearch, page: str) -> None:
    tree = page_of(service, f"q=a&page={page}")

    assert [words(link) for link in tree.iter("a") if link.get("aria-current") == "page"] == ["13"]
    assert len(by_class(tree, "ps-hit")) == 2


def test_where_nothing_is_found_there_are_other_queries_and_the_newest_posts() -> None:
    class Narrow(FakeSearch):
        """Finds posts where nothing is asked for, and nothing else."""

        def answer(self, query: Query, now: datetime | None = None, *, begun: Query | None = None) -> Results:
            found = super().answer(query, now, begun=begun)
            return replace(found, hits=(), total=0, pages=0, facets={}) if query.clauses else found

    service = Narrow([make_hit(1), make_hit(2)], total=123)
    tree = page_of(service, "q=nothing")

    assert headline(tree) == "No posts for “nothing”"
    assert links(by_class(tree, "ps-newest")) == {f"oVirt workshop {n} 19 Jun 2013": f"/2013/post-{n}/" for n in (1, 2)}
    assert asked(links(by_class(tree, "ps-browse"))["ovirt 12"]) == {"tag": ["ovirt"]}
    assert links(by_class(tree, "ps-found"))["All 123 posts"] == "/search/?sort=newest"
    assert by_class(tree, "ps-facets") == by_class(tree, "ps-hit") == []
    # Counts of all posts would be taken for those of the filters in use.
    assert by_class(page_of(service, "q=nothing&tag=x"), "ps-browse") == []


@pytest.mark.parametrize("total", [0, 2])
def test_what_finds_more_is_linked_to_where_little_is_found(total: int) -> None:
    service = FakeSearch([make_hit(1), make_hit(2)][:total])
    service.instead = (
        Instead("git <b>", Notice("without_tag", {"text": "kvm"}), 1200, ("tag",)),
        Instead("title:git", Notice("any_date"), 1, ("since", "until"), typos=False),
        Instead("", Notice("without_author", {"text": "ann"}), 7, ("author",)),
        Instead("git -x", Notice("other_spelling")),
    )
    tree = page_of(service, "q=git&tag=kvm&author=ann&lang=en&from=2013&to=2014&sort=newest&page=1")
    ways = next(found for found in by_class(tree, "ps-rows") if found not in by_class(tree, "ps-newest"))
    found = {text: asked(url) for text, url in links([ways]).items()}

    kept = {"lang": ["en"], "sort": ["newest"]}
    days = {"from": ["2013"], "to": ["2014"]}
    assert found == {
        "git <b> without the tag kvm 1,200 posts": kept | days | {"q": ["git <b>"], "author": ["ann"]},
        "title:git of any date 1 post": kept | {"q": ["title:git"], "tag": ["kvm"], "author": ["ann"], "typos": ["0"]},
        "without the author ann 7 posts": kept | days | {"tag": ["kvm"]},
    }
    assert [words(note) for note in by_class(tree, "ps-note")] == ["with another spelling: git -x"]


@pytest.mark.parametrize("query_string", ["", "q=", "q=+", "utm_source=mail", "sort=bogus&page=0", "q=&sort="])
def test_before_anything_is_asked_the_page_shows_what_there_is(service: FakeSearch, query_string: str) -> None:
    tree = page_of(service, query_string, site_name="My site")

    assert [(query.clauses, query.sort, query.per_page) for query in service.asked] == [((), "newest", 6)]
    assert headline(tree) == "Search My site"
    assert next(tree.iter("input")).get("autofocus") is not None
    assert len(links(by_class(tree, "ps-newest"))) == 2
    assert asked(links(by_class(tree, "ps-browse"))["ovirt 12"]) == {"tag": ["ovirt"]}
    assert [words(folded) for folded in tree.iter("summary")] == ["More ways to search"]
    assert words(by_class(tree, "ps-footer")[0]) == "123 posts · changed 4 May 2026, 03:02 · Feed"
    assert by_class(tree, "ps-hit") == []
    assert links([tree])["All 123 posts"] == "/search/?sort=newest"
    assert "All 2 posts" not in links([page_of(FakeSearch([make_hit(1), make_hit(2)]), query_string)])


@pytest.mark.parametrize(
    ("query_string", "sort", "page", "size"),
    [
        ("sort=newest", "newest", 1, 10),
        ("q=&sort=newest", "newest", 1, 10),
        ("q=+&sort=oldest&page=2", "oldest", 2, 10),
        ("q=&sort=relevance", "newest", 1, 10),
        ("q=&page=1", "newest", 1, 10),
        ("page=2&sort=bogus&utm_source=mail", "newest", 2, 10),
        ("q=&per_page=10", "newest", 1, 10),
        ("per_page=3", "newest", 1, 3),
    ],
)
def test_all_posts_are_listed_where_an_order_or_a_page_is_asked_for(
    service: FakeSearch, query_string: str, sort: str, page: int, size: int
) -> None:
    tree = page_of(service, query_string)
    (query,) = service.asked
    orders, pages = links(by_class(tree, "ps-sorts")), links(by_class(tree, "ps-pages"))

    assert (query.clauses, query.sort, query.page, query.per_page) == ((), sort, page, size)
    assert headline(tree) == "123 posts"
    assert len(by_class(tree, "ps-hit")) == 2
    assert list(orders) == ["Newest", "Oldest"]
    for url in (*orders.values(), *pages.values()):
        page_of(service, urlsplit(url).query)
        assert service.asked[-1].sort == asked(url)["sort"][0]
        assert service.asked[-1].per_page == size
    # Words that are typed next are to find the best first.
    assert "sort" not in {field.get("name") for field in tree.iter("input")}


WHERE = "There are no posts yet. Put Markdown or HTML files into posts/; they appear here within a second."
NOTHING = "There is nothing to find yet."


@pytest.mark.parametrize(
    ("address", "headers", "said"),
    [
        ("http://localhost:8000", {}, WHERE),
        ("http://127.0.0.1", {}, WHERE),
        ("https://example.org", {}, NOTHING),
        ("http://localhost", {"X-Forwarded-For": "203.0.113.9"}, NOTHING),
    ],
)  # fmt: skip
@pytest.mark.parametrize("query_string", ["", "q=a"])
def test_whoever_runs_an_empty_search_is_told_where_posts_belong(
    query_string: str, address: str, headers: dict[str, str], said: str
) -> None:
    service = FakeSearch()
    service.index_state = replace(service.index_state, posts=0)
    client = app_with(service, Settings(posts=Path("posts"))).test_client()

    assert said in words(parsed(client.get(f"/search/?{query_string}", base_url=address, headers=headers).data))


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

    assert len(onward) > 15
    assert [url for url in onward if (asked(url).get("prefix"), asked(url).get("typos")) != (["1"], ["0"])] == []
    assert not {"prefix", "typos"} & {field.get("name") for field in tree.iter("input")}
    assert not service.asked[0].typos


def test_a_beginning_that_nothing_holds_is_looked_for_once() -> None:
    nothing = FakeSearch([], total=0)
    page_of(nothing, "q=run&prefix=1")

    assert [query.clauses for query in nothing.asked] == [(Word("run", prefix=True),), ()]


def test_notices_are_shown_in_one_box_and_folded_where_there_are_many(service: FakeSearch) -> None:
    service.notices = (
        Notice("filter_excluded", {"text": "-lang:<b>{most}"}),
        Notice("text_cut", {"most": 2000}),
        *(Notice("phrase_cut", {"text": text, "most": 32}) for text in "ab"),
    )
    (note,) = by_class(page_of(service, "q=workshp"), "ps-note")
    (folded,) = note.iter("details")

    assert [words(item) for item in by_class(note, "ps-warning")] == list(map(Notice.text, service.notices))
    assert words(next(folded.iter("summary"))) == "2 more"
    assert len(by_class(folded, "ps-warning")) == 2


def test_a_misspelling_that_was_mended_is_told_and_can_be_searched_for(service: FakeSearch) -> None:
    service.corrected = "workshop <b>"
    tree = page_of(service, "q=workshp+%3Cb%3E&tag=kvm&page=2")
    (told,) = by_class(tree, "ps-note")

    assert words(told) == "Search for “workshp <b>” instead"
    assert asked(links([told])["Search for “workshp <b>” instead"]) == {
        "q": ["workshp <b>"],
        "tag": ["kvm"],
        "typos": ["0"],
    }
    assert headline(tree) == "123 posts for “workshop <b>”"


@pytest.mark.parametrize(
    ("text", "shown"),
    [("workshop", "“workshop”"), *((text, text) for text in ('"work <b>" shop', "„work“", "「work」"))],
)
def test_what_has_quotation_marks_gets_no_further_ones(service: FakeSearch, text: str, shown: str) -> None:
    assert headline(page_of(service, f"q={quote(text)}&page=1")) == f"123 posts for {shown}"


def test_what_a_misspelling_may_mean_as_well_is_told_beside_it(service: FakeSearch) -> None:
    service.corrected, service.instead = "goroutine leak", (Instead("goroutine <week>", ALSO_MEANT),)
    tree = page_of(service, "q=goroutnie+leek&tag=kvm&page=2")
    (told,) = by_class(tree, "ps-note")

    assert words(told) == "Search for “goroutnie leek” instead · perhaps you meant goroutine <week>"
    assert asked(links([told])["goroutine <week>"]) == {"q": ["goroutine <week>"], "tag": ["kvm"]}


def test_another_reading_of_the_query_is_linked_to(service: FakeSearch) -> None:
    service.instead = (Instead('git -"m" <b>', Notice("other_spelling")),)
    (note,) = by_class(page_of(service, "q=git+-m&tag=kvm&page=1"), "ps-note")
    (link,) = note.iter("a")

    assert words(note) == 'with another spelling: git -"m" <b>'
    assert asked(str(link.get("href"))) == {"q": ['git -"m" <b>'], "tag": ["kvm"]}


MANY = "q=kept&" + "&".join(["x=1"] * 200)


@pytest.mark.parametrize(
    ("service", "query_string", "status", "problem"),
    [
        (FakeSearch(), MANY, 400, "There are too many parameters; give at most 100."),
        (FakeSearch(error=IndexMissing("x")), "q=kept", 503, "The search is not answering"),
        (FakeSearch(error=RuntimeError("x")), "q=kept&page=2", 500, "The search is not answering"),
    ],
)
def test_what_is_wrong_is_said_in_the_frame_of_the_page(
    service: FakeSearch, query_string: str, status: int, problem: str
) -> None:
    tree = page_of(service, query_string, status=status)
    (alert,) = by_class(tree, "ps-problem")

    assert words(next(alert.iter("h1"))) == problem
    assert ("Your words are kept." in words(alert)) == (status >= 500)
    assert links([alert]) == ({"Try again": ""} if status >= 500 else {})
    if status >= 500:
        assert [box.get("value") for box in tree.iter("input") if box.get("name") == "q"] == ["kept"]


@pytest.mark.parametrize("query_string", ["sort=date", "page=0", "from=never", "per_page=many", "page=999999"])
def test_what_can_not_be_used_is_passed_over(service: FakeSearch, query_string: str) -> None:
    assert len(by_class(page_of(service, f"q=a&{query_string}"), "ps-hit")) == 2


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_speaks_the_language_of_its_visitor(lang: str) -> None:
    service = FakeSearch([make_hit(1)], total=123)
    service.notices, service.corrected, say = (Notice("text_cut", {"most": 5}),) * 3, "y", wording_of(lang)
    client = app_with(service).test_client()
    texts = []
    for query_string in ("", "q=a&tag=b&from=2013"):
        answer = client.get(f"/search/?{query_string}", headers={"Accept-Language": f"{lang}-XX, en;q=0.5"})
        tree = parsed(answer.data)
        texts.append(words(tree))

        assert (tree.get("lang"), tree.get("dir")) == (lang, say.dir)
        assert " ".join(say.day(date(2013, 6, 19)).split()) in texts[-1]
    for name in ("newest_posts", "tags", "more_ways", "way_words", "label"):
        assert say(name) in texts[0], name
    for name in ("relevance", "newest", "oldest", "filters", "clear", "authors"):
        assert say(name) in texts[1], name
    assert " ".join(say("count", n=123).split()) in texts[1]


def test_the_site_is_named(service: FakeSearch) -> None:
    tree = page_of(service, "q=a", site_name="A <b> & co", base_url="https://example.org")

    assert words(next(tree.iter("title"))) == "a – A <b> & co"
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
        assert element.tag not in {"style", "iframe", "object", "embed", "img", "base"}
        assert element.tag != "script" or urlsplit(element.get("src")).path == "/search/static/post-search.js"
        for name, value in element.items():
            assert not name.lower().startswith("on")
            assert name != "style"
            if name in URL_ATTRIBUTES:
                assert urlsplit(value).scheme in {"", "http", "https"}
    for place in ("ps-snippet", "ps-sections", "ps-byline"):
        for element in by_class(tree, place):
            assert {inner.tag for inner in element.iter()} <= {"p", "ul", "li", "a", "b", "bdi", "span", "mark", "time"}
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
    service.notices, service.corrected = (Notice("no_date", {"text": text}),), text
    service.instead = (Instead(text, Notice("without_tag", {"text": text}), 1, ("tag",)),)
    client = app_with(service, Settings(site_name=text)).test_client()
    asked_for = {"q": query, "tag": query, "author": text, "from": "2013"}

    for changes in ({}, {"page": "0"}, {f"x{n}": "1" for n in range(200)}):
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

    assert len(own) > 10
    for url in own:
        assert client.get(url).status_code == 200
        assert len(parse_qsl(urlsplit(url).query)) == len(set(parse_qsl(urlsplit(url).query)))


@pytest.mark.parametrize("sign", ['"', "語", "\U0001f600"])
def test_a_long_address_makes_no_large_page(sign: str) -> None:
    hits = [replace(make_hit(n), tags=("a", "b", "c"), author=("A", "B")) for n in range(50)]
    facets = {"tags": {f"tag {n}": 2 for n in range(20)}, "author": {f"A {n}": 2 for n in range(20)}}
    service = FakeSearch(hits, total=2_000)
    service.facets = facets
    client = app_with(service, Settings(max_per_page=50)).test_client()
    filters = "".join(f"&{name}={n}{quote(sign * 1_900)}" for name in ("tag", "author", "lang") for n in range(9))

    answer = client.get(f"/search/?q={quote(sign * 1_900)}&per_page=50{filters}")

    assert answer.status_code == 200
    assert len(answer.data) < 1_500_000
    usual = parsed(client.get("/search/?q=a&per_page=50&tag=b").data)
    assert list(asked(links(by_class(usual, "ps-hit"))["A"])) == ["q", "tag", "author", "per_page"]
