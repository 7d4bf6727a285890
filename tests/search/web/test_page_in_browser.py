"""The results page in a real browser: no state of it overflows, breaks its own policy or fails axe-core's rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal

import pytest

from index.errors import IndexMissing
from index.settings import Settings
from search.query import Instead
from search.query.notices import Notice
from search.results import SectionHit
from tests.browser import Held, Listener, chromium, opened, running, violations
from tests.fake_search import FakeSearch, app_with, make_hit

try:
    from playwright.sync_api import Browser, Page, expect
except ImportError:
    pytest.skip("these need the package playwright, which `make test-all` installs", allow_module_level=True)

pytestmark = pytest.mark.full

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3
ADDRESS = "https://example.org/" + "a/very-long-path-without-a-blank/" * 12
MANY = tuple(f"tag number {number}" for number in range(12))

HITS = (
    make_hit(1, site="blog"),
    make_hit(2, title=LONG, text=f"{LONG} libgfapi {ADDRESS}", tags=(LONG, *MANY), author=(LONG,)),
    make_hit(
        3, title="שלום עולם: מבוא לחיפוש", text="חיפוש libgfapi בטקסט מלא, מימין לשמאל.", lang="he", tags=("חיפוש",)
    ),
    make_hit(
        4, title="全文検索の libgfapi", text="日本語の全文検索 libgfapi のおまけ" * 20, lang="ja", date=None, author=()
    ),
    make_hit(5, url="", sections=(SectionHit(LONG, "", ""), SectionHit("ما هذا", "#a", "نص <mark>libgfapi</mark>"))),
)

STATES = {
    "start": "",
    "hits": "q=libgfapi",
    "filtered": "q=libgfapi&tag=a&tag=b&author=c&from=2013&to=2014-05&lang=en&sort=newest&page=3&per_page=5",
    "sheet": "q=libgfapi&tag=a#facets",
    "beyond": "q=nothing&page=9999",
    "all": "sort=newest",
}
LOOKS: dict[str, dict[str, Any]] = {
    "390": {"viewport": {"width": 390, "height": 800}},
    "1200": {"viewport": {"width": 1200, "height": 800}},
    # As wide as a window of 1280 pixels at 400 %.
    "320": {"viewport": {"width": 320, "height": 256}},
    "forced-800": {"forced_colors": "active", "viewport": {"width": 800, "height": 800}},
}
Scheme = Literal["light", "dark"]
SCHEMES: dict[str, tuple[Scheme, ...]] = {
    "390": ("light", "dark"), "1200": ("light", "dark"), "320": ("light",), "forced-800": ("light",),
}  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    service = FakeSearch(HITS, total=5000)
    service.notices = (Notice("no_date", {"text": "after:2013-13"}), Notice("no_date", {"text": LONG}))
    service.corrected = "libgfapi"
    service.instead = (
        Instead(LONG, Notice("without_tag", {"text": "a"}), 1200, ("tag",)),
        Instead("שלום", Notice("any_date"), 3, ("since",)),
    )
    years = {str(year): year - 1990 for year in range(1995, 2013)}
    service.facets = {"tags": dict.fromkeys((LONG, *MANY), 12), "author": {LONG: 3}, "year": years}
    with running(app_with(service, Settings(site_name="A blog & its friends"))) as address:
        yield address


def fits(page: Page) -> bool:
    """Whether nothing has to be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("state", STATES)
def test_every_state_is_accessible_and_fits(browser: Browser, site: str, state: str, look: str) -> None:
    with opened(browser, **LOOKS[look]) as page:
        heard = Listener(page)
        page.goto(f"{site}/search/?{STATES[state]}")

        assert fits(page)
        for scheme in SCHEMES[look]:
            page.emulate_media(color_scheme=scheme)
            assert violations(page) == [], scheme
        # The browser itself notes an answer of 400.
        assert [told for told in heard.complaints if "status of 400" not in told] == []


@pytest.mark.parametrize("lang", ["ar", "de", "ja"])
@pytest.mark.parametrize("state", STATES)
def test_every_state_is_accessible_and_fits_in_other_languages(
    browser: Browser, site: str, state: str, lang: str
) -> None:
    with opened(browser, **LOOKS["320"], locale=lang) as page:
        page.goto(f"{site}/search/?{STATES[state]}")

        assert page.locator("html").get_attribute("lang") == lang
        assert fits(page)
        assert violations(page) == []


@pytest.mark.parametrize("posts", [0, 123])
@pytest.mark.parametrize("query_string", ["", "q=nothing&tag=a"])
def test_pages_where_nothing_is_found_are_accessible_and_fit(browser: Browser, query_string: str, posts: int) -> None:
    service = FakeSearch()
    service.index_state = replace(service.index_state, posts=posts)
    service.instead = (Instead(LONG, Notice("without_tag", {"text": "a"}), 1200, ("tag",)),)
    with running(app_with(service)) as address, opened(browser, **LOOKS["390"], color_scheme="dark") as page:
        page.goto(f"{address}/search/?{query_string}")

        assert page.get_by_text("There are no posts yet.").is_visible() == (posts == 0)
        assert fits(page)
        assert violations(page) == []


def test_without_an_index_the_page_says_so_accessibly(browser: Browser) -> None:
    app = app_with(FakeSearch(error=IndexMissing("x")))
    with running(app) as address, opened(browser) as page:
        page.goto(f"{address}/search/?q=a")

        assert page.get_by_role("alert").is_visible()
        assert violations(page) == []


def test_fifty_hits_and_many_facets_fit(browser: Browser) -> None:
    service = FakeSearch([*HITS, *(make_hit(number) for number in range(6, 51))])
    service.facets = {"tags": {f"{LONG} {number}": 1 for number in range(200)}}
    with running(app_with(service)) as address, opened(browser, **LOOKS["320"]) as page:
        page.goto(f"{address}/search/?q=libgfapi&per_page=50")

        assert page.get_by_role("article").count() == 50
        assert fits(page)


@pytest.mark.parametrize(("look", "scheme"), [("320", "light"), ("1200", "dark"), ("forced-800", "light")])
def test_a_preview_is_accessible_and_fits(browser: Browser, look: str, scheme: Scheme) -> None:
    service = FakeSearch([make_hit(1, title=LONG, text=f"{LONG}\n{ADDRESS}", tags=(LONG, "b"))])
    with running(app_with(service)) as address, opened(browser, **LOOKS[look], color_scheme=scheme) as page:
        page.goto(f"{address}/2013/post-1/")

        assert page.get_by_text("This is a preview by postsearch").is_visible()
        assert fits(page)
        assert violations(page) == []


def test_all_of_it_works_without_javascript(browser: Browser, site: str) -> None:
    with opened(browser, java_script_enabled=False) as page:
        page.goto(f"{site}/search/?q=libgfapi&author=a")
        hidden = page.get_by_role("complementary").get_by_role("link", name="tag number 9 12")
        assert not hidden.is_visible()
        page.get_by_text("8 more").click()
        hidden.click()
        page.wait_for_url("**/search/?q=libgfapi&tag=tag+number+9&author=a#facets")
        page.get_by_role("searchbox").fill("other words")
        page.get_by_role("button", name="Search").click()
        page.wait_for_url("**/search/?q=other+words&tag=tag+number+9&author=a")
        page.get_by_role("link", name="Clear all").click()
        page.wait_for_url("**/search/?q=other+words")
        page.get_by_role("link", name="Next", exact=True).click()
        page.wait_for_url("**/search/?q=other+words&page=2")
        page.get_by_role("link", name="Newest").click()
        page.wait_for_url("**/search/?q=other+words&sort=newest")


def test_right_to_left_hits_are_read_from_the_right(browser: Browser, site: str) -> None:
    with opened(browser) as page:
        page.goto(f"{site}/search/?q=libgfapi")
        directions = [
            page.get_by_role("article").nth(number).evaluate("hit => getComputedStyle(hit).direction")
            for number in range(4)
        ]

        assert directions == ["ltr", "ltr", "rtl", "ltr"]


def test_the_whole_page_is_read_from_the_right_by_who_reads_arabic(browser: Browser, site: str) -> None:
    with opened(browser, viewport={"width": 1280, "height": 800}, locale="ar") as page:
        page.goto(f"{site}/search/?q=libgfapi")
        facets, hits = (page.locator(part).bounding_box() for part in ("aside", ".ps-hits"))
        assert facets
        assert hits

        assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"
        assert facets["x"] + facets["width"] < hits["x"]


@pytest.mark.parametrize("query_string", ["", "q=libgfapi", "q=libgfapi&tag=a"])
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_moves_while_the_page_loads(browser: Browser, site: str, query_string: str, width: int) -> None:
    """Not even where its script comes late."""
    with opened(browser, viewport={"width": width, "height": 800}) as page:
        script = Held(page, "**/post-search.js*")
        page.goto(f"{site}/search/?{query_string}", wait_until="commit")
        page.wait_for_function("() => performance.getEntriesByType('paint').length")
        script.wait(1).continue_()
        page.wait_for_function("() => document.querySelector('post-search').shadowRoot")
        page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")

        assert page.evaluate("window.shifts ?? 0") == 0


def test_the_room_of_what_is_read_last_is_held(browser: Browser, site: str) -> None:
    """The name of the site is at the top of the page, and at the end of its source."""
    with opened(browser) as page:
        page.goto(f"{site}/search/?q=libgfapi")
        before = page.locator(".ps-bar").bounding_box()
        page.locator(".ps-site").evaluate("header => header.remove()")

        assert page.locator(".ps-bar").bounding_box() == before


@pytest.mark.parametrize("java_script_enabled", [True, False])
def test_on_a_narrow_page_the_facets_are_a_sheet(browser: Browser, site: str, java_script_enabled: bool) -> None:
    narrow = {"width": 390, "height": 800}
    with opened(browser, viewport=narrow, has_touch=True, java_script_enabled=java_script_enabled) as page:
        page.goto(f"{site}/search/?q=libgfapi")
        sheet, way_in = page.locator("aside"), page.get_by_role("link", name="Filters")
        assert not sheet.is_visible()

        way_in.tap()
        expect(sheet).to_be_visible()
        box = sheet.bounding_box()
        assert box
        assert (box["x"], box["width"], box["y"] + box["height"], box["height"]) == (0, 390, 800, 680)

        page.go_back()
        page.wait_for_url("**/search/?q=libgfapi")
        expect(sheet).to_be_hidden()

        way_in.tap()
        sheet.get_by_role("link", name="tag number 1 12").tap()
        page.wait_for_url("**/search/?q=libgfapi&tag=tag+number+1#facets")
        sheet.get_by_role("link", name="tag number 3 12").tap()
        page.wait_for_url("**/search/?q=libgfapi&tag=tag+number+1&tag=tag+number+3#facets")
        sheet.get_by_role("link", name="tag number 1 12").tap()
        page.wait_for_url("**/search/?q=libgfapi&tag=tag+number+3#facets")
        sheet.get_by_role("link", name="Show 5,000 posts").tap()
        expect(sheet).to_be_hidden()
        expect(page.get_by_role("link", name="Filters · 1")).to_be_visible()


def test_all_that_can_be_tapped_is_large_enough_for_a_finger(browser: Browser, site: str) -> None:
    """Without the script; the box has a test of its own."""
    phone = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}
    with opened(browser, **phone, java_script_enabled=False) as page:
        for state in STATES.values():
            page.goto(f"{site}/search/?{state}")
            sizes = page.locator("a:visible, button:visible, summary:visible").evaluate_all(
                "all => all.map(each => each.getBoundingClientRect()).map(({ width, height }) => [width, height])"
            )

            assert len(sizes) > 10
            assert [size for size in sizes if round(min(size), 1) < 44] == []


def test_on_phones_the_line_below_a_title_is_midway_to_the_snippet(browser: Browser, site: str) -> None:
    """As the eye sees it: between the letters, whatever room their targets take."""
    phone = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}
    with opened(browser, **phone) as page:
        page.goto(f"{site}/search/?q=libgfapi")
        title, byline, snippet = (
            page.locator(f".ps-hit {part}").first.evaluate(
                "(part) => { const range = document.createRange(); range.selectNodeContents(part);"
                " const { top, bottom } = range.getClientRects()[0]; return [top, bottom]; }"
            )
            for part in ("h2 mark", "time bdi", ".ps-snippet")
        )

        assert title[1] < byline[0] < byline[1] < snippet[0]
        assert abs((byline[0] - title[1]) - (snippet[0] - byline[1])) < 4


def test_orders_stay_at_their_edge_whether_there_are_filters_or_not(browser: Browser, site: str) -> None:
    few = FakeSearch(HITS)
    few.facets = {}
    with running(app_with(few, Settings(site_name="A"))) as bare, opened(browser, **LOOKS["390"]) as page:
        edges = []
        for address in (site, bare):
            page.goto(f"{address}/search/?q=libgfapi")
            box = page.locator(".ps-sorts").bounding_box()
            assert box
            edges.append(box["x"] + box["width"])

        assert edges == [374, 374]


@pytest.mark.parametrize("query_string", ["", "q=libgfapi"])
def test_the_first_tab_leads_into_the_field(browser: Browser, site: str, query_string: str) -> None:
    """Where the page does not put one there itself; the box has a test of its own."""
    with opened(browser, java_script_enabled=False) as page:
        page.goto(f"{site}/search/?{query_string}")
        if query_string:
            page.keyboard.press("Tab")
        page.locator("input:focus").wait_for()
        page.keyboard.type("abc")

        assert page.get_by_role("searchbox").input_value().endswith("abc")


def test_going_back_finds_the_results_where_they_were(browser: Browser, site: str) -> None:
    with opened(browser, viewport={"width": 390, "height": 600}) as page:
        page.goto(f"{site}/search/?q=libgfapi&tag=a", wait_until="networkidle")
        page.evaluate("scrollTo(0, 700)")
        page.locator(".ps-hit h2 a").nth(2).click()
        page.wait_for_url("**/2013/post-3/")
        page.go_back()
        page.wait_for_url("**/search/?q=libgfapi&tag=a")
        page.wait_for_function("() => scrollY > 500")


@pytest.mark.parametrize("root", ["100%", "62.5%"])
def test_phones_need_not_zoom_into_the_field(browser: Browser, site: str, root: str) -> None:
    """As iPhones do with fields whose letters have less than 16 pixels."""
    phone = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}
    with opened(browser, **phone, java_script_enabled=False) as page:
        page.goto(f"{site}/search/?q=libgfapi")
        page.evaluate("(size) => { document.documentElement.style.fontSize = size; }", root)

        assert page.get_by_role("searchbox").evaluate("(field) => parseFloat(getComputedStyle(field).fontSize)") >= 16


def test_print_holds_the_hits_and_where_they_lead(browser: Browser, site: str) -> None:
    with opened(browser) as page:
        page.goto(f"{site}/search/?q=libgfapi")
        page.emulate_media(media="print")

        assert not page.locator("post-search, .ps-facets, .ps-pages, .ps-sorts").first.is_visible()
        shown = page.locator(".ps-hit h2 a").first.evaluate("link => getComputedStyle(link, '::after').content")
        assert "/2013/post-1/" in shown


@pytest.mark.parametrize("path", ["search/nope", "nope/"])
def test_a_wrong_address_leads_on_to_the_search(browser: Browser, path: str) -> None:
    with running(app_with(FakeSearch([make_hit(1)]))) as address, opened(browser) as page:
        page.goto(f"{address}/{path}")
        assert page.get_by_role("alert").is_visible()
        assert violations(page) == []
        page.get_by_role("combobox").fill("libgfapi")
        page.keyboard.press("Enter")

        page.get_by_role("link", name="oVirt workshop 1").first.wait_for()


def test_a_hit_leads_to_its_preview(browser: Browser) -> None:
    with running(app_with(FakeSearch([make_hit(1)]))) as address, opened(browser) as page:
        page.goto(f"{address}/search/?q=libgfapi")
        page.get_by_role("link", name="oVirt workshop 1").click()

        page.wait_for_url("**/2013/post-1/")
        expect(page.get_by_role("heading", name="oVirt workshop 1")).to_be_visible()


def test_the_check_of_accessibility_can_fail(browser: Browser, site: str) -> None:
    with opened(browser) as page:
        page.goto(f"{site}/search/?q=libgfapi")
        page.evaluate("document.querySelector('h1').textContent = ''")

        assert any(found.startswith("empty-heading") for found in violations(page))
