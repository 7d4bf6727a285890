"""The results page in a real browser: no state of it overflows, breaks its own policy or fails axe-core's rules."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from index.errors import IndexMissing
from index.settings import Settings
from search.query import Instead
from search.results import SectionHit
from tests.browser import Listener, chromium, opened, running, violations
from tests.fake_search import FakeSearch, app_with, make_hit

try:
    from playwright.sync_api import Browser, Page
except ImportError:
    pytest.skip("these need the package playwright, which `make test-all` installs", allow_module_level=True)

pytestmark = pytest.mark.full

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3
ADDRESS = "https://example.org/" + "a/very-long-path-without-a-blank/" * 12
MANY = tuple(f"tag number {number}" for number in range(12))

HITS = (
    make_hit(1),
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
    "hits": "q=libgfapi",
    "filtered": "q=libgfapi&tag=a&tag=b&author=c&from=2013&to=2014-05&lang=en&sort=newest&page=3&per_page=5",
    "none": "q=nothing&page=99",
}
LOOKS = {
    "light-390": {"color_scheme": "light", "viewport": {"width": 390, "height": 800}},
    "dark-390": {"color_scheme": "dark", "viewport": {"width": 390, "height": 800}},
    "light-1200": {"color_scheme": "light", "viewport": {"width": 1200, "height": 800}},
    "dark-1200": {"color_scheme": "dark", "viewport": {"width": 1200, "height": 800}},
    # As wide as a window of 1280 pixels at 400 %.
    "light-320": {"color_scheme": "light", "viewport": {"width": 320, "height": 256}},
    "forced-800": {"forced_colors": "active", "viewport": {"width": 800, "height": 800}},
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    service = FakeSearch(HITS, total=5000)
    service.warnings = ("taken for words: after:2013-13; dates are written 2013, 2013-06 or 2013-06-19", LONG)
    service.corrected = "libgfapi"
    service.instead = (
        Instead(LONG, "without the tag a", 1200, ("tag",)),
        Instead("שלום", "of any date", 3, ("since",)),
    )
    service.facets = {"tags": dict.fromkeys((LONG, *MANY), 12), "author": {LONG: 3}, "year": {"2013": 1}}
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
        assert violations(page) == []
        # The browser itself notes an answer of 400.
        assert [told for told in heard.complaints if "status of 400" not in told] == []


@pytest.mark.parametrize("query_string", ["", "q=kept&page=0"])
def test_pages_without_hits_are_accessible_and_fit(browser: Browser, site: str, query_string: str) -> None:
    with opened(browser, **LOOKS["dark-390"]) as page:
        page.goto(f"{site}/search/?{query_string}")

        assert page.get_by_role("alert").is_visible() == ("page=0" in query_string)
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
    with running(app_with(service)) as address, opened(browser, **LOOKS["light-320"]) as page:
        page.goto(f"{address}/search/?q=libgfapi&per_page=50")

        assert page.get_by_role("article").count() == 50
        assert fits(page)


@pytest.mark.parametrize("look", ["light-320", "dark-1200", "forced-800"])
def test_a_preview_is_accessible_and_fits(browser: Browser, look: str) -> None:
    service = FakeSearch([make_hit(1, title=LONG, text=f"{LONG}\n{ADDRESS}", tags=(LONG, "b"))])
    with running(app_with(service)) as address, opened(browser, **LOOKS[look]) as page:
        page.goto(f"{address}/2013/post-1/")

        assert page.get_by_text("This is a preview by postsearch").is_visible()
        assert fits(page)
        assert violations(page) == []


def test_all_of_it_works_without_javascript(browser: Browser, site: str) -> None:
    with opened(browser, java_script_enabled=False) as page:
        page.goto(f"{site}/search/?q=libgfapi&author=a")
        hidden = page.get_by_role("complementary").get_by_role("link", name="tag number 9 12")
        assert not hidden.is_visible()
        page.get_by_text("5 more").click()
        hidden.click()
        page.wait_for_url("**/search/?q=libgfapi&tag=tag+number+9&author=a")
        page.get_by_role("searchbox").fill("other words")
        page.get_by_role("searchbox").press("Enter")
        page.wait_for_url("**/search/?q=other+words&tag=tag+number+9&author=a")
        page.get_by_role("link", name="Remove all filters").click()
        page.wait_for_url("**/search/?q=other+words")
        page.get_by_role("link", name="Next →").click()
        page.wait_for_url("**/search/?q=other+words&page=2")


def test_right_to_left_hits_are_read_from_the_right(browser: Browser, site: str) -> None:
    with opened(browser) as page:
        page.goto(f"{site}/search/?q=libgfapi")
        directions = [
            page.get_by_role("article").nth(number).evaluate("hit => getComputedStyle(hit).direction")
            for number in range(4)
        ]

        assert directions == ["ltr", "ltr", "rtl", "ltr"]


def test_nothing_moves_while_the_page_loads(browser: Browser, site: str) -> None:
    with opened(browser) as page:
        page.goto(f"{site}/search/?q=libgfapi", wait_until="networkidle")

        assert page.evaluate("window.shifts ?? 0") == 0


def test_on_a_narrow_page_a_link_leads_to_the_facets(browser: Browser, site: str) -> None:
    with opened(browser, viewport={"width": 390, "height": 800}) as page:
        page.goto(f"{site}/search/?q=libgfapi")
        page.get_by_role("link", name="Narrow the search").click()
        page.wait_for_function("document.querySelector('#ps-facets').getBoundingClientRect().top < 400")

        assert page.evaluate("document.activeElement.id") == "ps-facets"


@pytest.mark.parametrize("root", ["100%", "62.5%"])
def test_phones_need_not_zoom_into_the_field(browser: Browser, site: str, root: str) -> None:
    """As iPhones do with fields whose letters have less than 16 pixels."""
    with opened(browser, viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True) as page:
        page.goto(f"{site}/search/?q=libgfapi")
        page.evaluate("(size) => { document.documentElement.style.fontSize = size; }", root)

        assert page.get_by_role("searchbox").evaluate("(field) => parseFloat(getComputedStyle(field).fontSize)") >= 16


def test_print_holds_the_hits_and_where_they_lead(browser: Browser, site: str) -> None:
    with opened(browser) as page:
        page.goto(f"{site}/search/?q=libgfapi")
        page.emulate_media(media="print")

        assert not page.get_by_role("searchbox").is_visible()
        assert not page.locator(".ps-facets, .ps-pages, .ps-sorts").first.is_visible()
        shown = page.locator(".ps-hit h2 a").first.evaluate("link => getComputedStyle(link, '::after').content")
        assert "/2013/post-1/" in shown


def test_a_hit_leads_to_its_preview(browser: Browser) -> None:
    with running(app_with(FakeSearch([make_hit(1)]))) as address, opened(browser) as page:
        page.goto(f"{address}/search/?q=libgfapi")
        page.get_by_role("link", name="oVirt workshop 1").click()

        assert page.get_by_role("heading", name="oVirt workshop 1").is_visible()


def test_the_check_of_accessibility_can_fail(browser: Browser, site: str) -> None:
    with opened(browser) as page:
        page.goto(f"{site}/search/?q=libgfapi")
        page.evaluate("document.querySelector('label').removeAttribute('for')")

        assert any(found.startswith("label") for found in violations(page))
