"""The search box in a real browser: keys, answers that come late or never, strict policies, languages and looks."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pytest
from flask import Flask, Response

from index.indexer.run import reindex
from index.settings import Settings
from search import create_app
from search.query import Query
from search.query.parser import parsed_text
from search.results import Hit, Results
from tests.browser import PATIENCE_MS, POLICY, Held, Listener, another, chromium, opened, running, violations
from tests.fake_search import FakeSearch, app_with, make_hit

try:
    from playwright.sync_api import Browser, Locator, Page, Route, expect
except ImportError:
    pytest.skip("these need the package playwright, which `make test-all` installs", allow_module_level=True)

pytestmark = pytest.mark.full

MODULE = '<script type="module" src="/search/static/post-search.js"></script>'
FORM = '<form action="/search/"><input name="q" type="search" aria-label="Search"><button>Search</button></form>'
STORY = "<main><h1>The garden</h1>{}<p>Compost, soil and seeds.</p><p><a href='#x'>A link</a></p></main>"

PAGES = {
    "inline": "<post-search></post-search>",
    "dialog": "<post-search dialog></post-search>",
    "slash": "<input aria-label='Name'><post-search shortcut='/'></post-search>",
    "quiet": "<post-search shortcut=''></post-search>",
    "form": f"<post-search>{FORM}</post-search>",
    "two": "<post-search></post-search><post-search label='Second'></post-search>",
    "filter": "<post-search filter='lang=de&amp;tag=kvm' per-page='3'></post-search>",
    "forgetful": "<post-search recent='off'></post-search>",
    "foreign": "<post-search action='/search/' label='Finden' placeholder=''></post-search>",
    "kept": "<post-search action='/search/?theme=dark&amp;lang=de'><form action='/elsewhere/'><input name='q'>"
    "<input type='hidden' name='tag' value='kvm'><input type='hidden' name='from-box' value='1'></form></post-search>",
    "whole": "<post-search filter='prefix=0'></post-search>",
    "unknown": "<post-search filter='colour=red'></post-search>",
    "lost": "<post-search action='/nowhere'></post-search>",
    "elsewhere": "<post-search action='/2013/'></post-search>",
    "parent": "<dialog><post-search></post-search></dialog>",
    "narrowed": "<post-search filter='tag=generics'></post-search>",
    "answered": "<post-search><form action='/search/'><input name='q' value='soil'></form></post-search>",
    "ready": "<post-search><form action='/search/'><input name='q' aria-label='Search' autofocus></form></post-search>",
    "typed": f"<post-search>{FORM}</post-search>",
    "typed-dialog": f"<post-search dialog>{FORM}</post-search>",
}

LOOK = """
html { background: Canvas; font-family: sans-serif }
body { max-width: 50rem; margin: 1rem auto; padding: 0 1rem }
a { color: inherit }
post-search { display: block; min-height: 3rem }
"""

PHONE = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

SHOTS = os.environ.get("POSTSEARCH_SHOTS", "")


COMPLETIONS = ("Garbage collector", "garbage collection", "garbage cans", "garbage can")


class Library(FakeSearch):
    """Answers with six posts named after what was asked, and with none for `nothing`. The last word may go on, and
    `garbage c` does."""

    def answer(self, query: Query, now: Any = None, *, begun: Query | None = None) -> Results:
        self.suggestions = COMPLETIONS if query.text == "garbage c" else ()
        found = replace(super().answer(query, now, begun=begun), parsed=parsed_text(query))
        if query.text.startswith("nothing"):
            return replace(found, hits=(), total=0, pages=0)
        hits = [post(number, query.text) for number in range(1, 7)]
        return replace(found, hits=tuple(hits[: query.per_page]), total=23, pages=4)


def post(number: int, words: str) -> Hit:
    text = "A talk on libgfapi & <more>, in a long sentence. " * number
    return make_hit(number, title=f"{words} {number}", text=text, site="" if number == 1 else "docs")


def site() -> Flask:
    """The search, and pages of a site around it with the strictest policy."""
    app = app_with(Library([make_hit()]), Settings(site_name="Garden"))

    @app.get("/page/<name>")
    @app.get("/page/<name>/<lang>")
    def page(name: str, lang: str = "en") -> Response:
        direction = ' dir="rtl"' if lang == "ar" else ""
        head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        scheme = '<meta name="color-scheme" content="light dark"><title>Garden</title>'
        sheet = '<link rel="stylesheet" href="/look.css">'
        story = STORY.format(PAGES[name])
        text = f'<!doctype html><html lang="{lang}"{direction}><head>{head}{scheme}{sheet}{MODULE}</head>{story}</html>'
        return Response(text, headers={"Content-Security-Policy": f"{POLICY}; style-src 'self'"})

    @app.get("/look.css")
    def look() -> Response:
        return Response(LOOK, mimetype="text/css")

    @app.get("/2013/<path:rest>")
    def story(rest: str) -> str:
        icon = '<link rel="icon" href="data:,">'
        far = '<div style="height: 5000px">On libgfapi</div>'
        words = "<p>A talk <i>on libgfapi</i> &amp; &lt;more&gt;, in a long sentence.</p>"
        return f"<title>{rest}</title>{icon}{far}{words}{far}"

    return app


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running(site()) as address:
        yield address


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page that must not complain and whose layout must not shift."""
    with opened(browser, base_url=address) as page:
        listener = Listener(page)
        yield page
        assert listener.complaints == []
        assert page.evaluate("window.shifts ?? 0") == 0


@pytest.fixture
def troubled(browser: Browser, address: str) -> Iterator[Page]:
    """A page on which requests may fail, which browsers complain of on the console."""
    with opened(browser, base_url=address) as page:
        yield page
        assert page.evaluate("window.shifts ?? 0") == 0


def box(page: Page) -> Locator:
    return page.get_by_role("combobox")


def show(page: Page, name: str = "inline") -> Locator:
    """The box of a page, with the cursor in it."""
    page.goto(f"/page/{name}")
    if name == "dialog":
        page.get_by_role("button", name="Search").click()
    field = box(page).first
    field.focus()
    return field


def search(page: Page, words: str = "raised beds", name: str = "inline") -> Locator:
    """The box with the posts for the words below it."""
    field = show(page, name)
    field.fill(words)
    expect(page.get_by_role("option", name=f"{words} 1")).to_be_visible()
    return field


def chip(page: Page, name: str) -> Locator:
    return page.get_by_role("toolbar").get_by_role("button", name=name)


def active(page: Page) -> Locator:
    return page.locator("[role=option][aria-selected=true]")


def answer_of(words: str, *, generation: int = 7, total: int = 1) -> dict[str, Any]:
    """What the endpoint says where one post is found."""
    hits = [post(1, words).to_dict()] if total else []
    state = {"generation": generation, "updated_at": "2026-05-04T03:02:01.000+00:00", "posts": 123}
    return {
        "query": words, "parsed": words, "corrected": None, "hits": hits, "total": total, "page": 1, "per_page": 6,
        "pages": 1, "facets": {}, "processing_ms": 1, "index": state, "warnings": [], "instead": [],
        "suggestions": [],
    }  # fmt: skip


ASKED = re.compile(r"/hits\?q=([^&]+)")
"""A request for the hits of some words, and not one for the newest posts."""


def hold(page: Page) -> Held:
    """Requests for hits, from now on."""
    return Held(page, ASKED)


def asked(page: Page) -> list[str]:
    """The queries asked from now on, as they are asked."""
    queries: list[str] = []

    def note(request: Any) -> None:
        if found := ASKED.search(request.url):
            queries.append(found[1])

    page.on("request", note)
    return queries


def warnings_of(page: Page) -> list[str]:
    """What the page is told on its console from now on."""
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if message.type == "warning" else None)
    return told


def forgive_shifts(page: Page) -> None:
    """Count no shifts on this page, neither those that were nor those that the browser is yet to tell of."""
    page.evaluate("Object.defineProperty(window, 'shifts', {get: () => 0, set: () => {}})")


# Keys


def test_down_and_up_choose_an_option_while_the_cursor_stays_in_the_box(page: Page) -> None:
    field = search(page)
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(field).not_to_have_attribute("aria-activedescendant", re.compile(""))
    expect(active(page)).to_have_count(0)

    page.keyboard.press("ArrowDown")

    expect(active(page)).to_contain_text("raised beds 1")
    expect(field).to_have_attribute("aria-activedescendant", active(page).get_attribute("id") or "-")
    expect(field).to_be_focused()

    page.keyboard.press("ArrowDown")
    expect(active(page)).to_contain_text("Gluster & friends")
    page.keyboard.press("ArrowUp")
    expect(active(page)).to_contain_text("raised beds 1")
    page.keyboard.press("ArrowUp")
    expect(active(page)).to_have_count(0)
    page.keyboard.press("ArrowUp")
    expect(active(page)).to_contain_text("Gluster & friends")
    expect(active(page)).to_have_attribute("id", "option-11")
    page.keyboard.press("ArrowDown")
    expect(active(page)).to_have_count(0)


@pytest.mark.parametrize("key", ["ArrowLeft", "ArrowRight", "Home", "End", "x"])
def test_keys_that_edit_leave_the_list(page: Page, key: str) -> None:
    field = search(page)
    page.keyboard.press("ArrowDown")

    page.keyboard.press(key)

    expect(active(page)).to_have_count(0)
    expect(field).not_to_have_attribute("aria-activedescendant", re.compile(""))


def test_the_chosen_option_scrolls_into_view(page: Page) -> None:
    search(page)

    page.keyboard.press("ArrowUp")

    expect(active(page)).to_be_in_viewport(ratio=0.95)


def test_enter_opens_the_chosen_post(page: Page) -> None:
    search(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")

    page.keyboard.press("Enter")

    page.wait_for_url("**/2013/post-1/#gluster")


def test_enter_without_a_choice_leads_to_the_results_page(page: Page) -> None:
    search(page)

    page.keyboard.press("Enter")

    page.wait_for_url("**/search/?q=raised+beds&prefix=1")
    expect(box(page)).to_have_value("raised beds")


@pytest.mark.parametrize(
    ("name", "words", "url"),
    [
        ("inline", "raised be", "/search/?q=raised+be&prefix=1"),
        ("inline", '"raised beds"', "/search/?q=%22raised+beds%22"),
        ("whole", "raised be", "/search/?q=raised+be&prefix=0"),
    ],
    ids=["beginning", "phrase", "switched-off"],
)
def test_the_results_page_searches_as_the_box_did(page: Page, name: str, words: str, url: str) -> None:
    """It takes the last word for a beginning only where the box's answer did, so that the totals agree."""
    field = search(page, words, name)
    everything = page.get_by_role("link", name="Show all 23 posts")
    assert everything.evaluate("(link) => link.href").endswith(url)

    field.press("Enter")

    page.wait_for_url(f"**{url}")


def test_the_results_page_takes_words_that_were_not_answered_yet_as_they_are(page: Page) -> None:
    field = search(page, "raised be")
    hold(page)
    page.keyboard.type("d")

    field.press("Enter")

    page.wait_for_url("**/search/?q=raised+bed")


@pytest.mark.parametrize("keys", ["Control+Enter", "Shift+Enter", "Meta+Enter"])
@pytest.mark.parametrize(("steps", "url"), [(0, "**/search/?q=raised+beds&prefix=1"), (1, "**/2013/post-1/")])
def test_enter_with_a_modifier_opens_a_new_tab(page: Page, keys: str, steps: int, url: str) -> None:
    field = search(page)
    for _ in range(steps):
        page.keyboard.press("ArrowDown")

    with page.context.expect_page() as tab:
        page.keyboard.press(keys)

    tab.value.wait_for_url(url)
    assert tab.value.evaluate("window.opener") is None
    expect(field).to_have_value("raised beds")


def test_escape_closes_and_then_clears(page: Page) -> None:
    field = search(page)

    page.keyboard.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).to_have_value("raised beds")

    page.keyboard.press("Escape")
    expect(field).to_have_value("")
    expect(field).to_be_focused()


def test_escape_empties_the_dialog_and_then_closes_it(page: Page) -> None:
    """Words, and filters too, wherever the cursor is; the foot tells what it does."""
    field, keys = search(page, "beds", "dialog"), page.locator(".keys span").last
    expect(keys).to_have_text("esc clear", use_inner_text=True)
    page.keyboard.press("Escape")
    expect(field).to_have_value("")
    expect(field).to_be_focused()
    expect(group(page, "Newest posts")).to_have_count(6)
    expect(keys).to_have_text("esc close")

    field.fill("beds")
    chip(page, "kvm").click()
    field.fill("")
    expect(chip(page, "kvm")).to_have_attribute("aria-pressed", "true")
    chip(page, "kvm").focus()
    page.keyboard.press("Escape")
    expect(page.get_by_role("toolbar")).to_have_count(0)
    expect(field).to_be_focused()

    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_be_hidden()


def test_escape_is_the_pages_where_the_box_has_no_use_for_it(page: Page) -> None:
    """So that a dialog of the page around the box closes, or a full screen ends."""
    page.goto("/page/parent")
    page.evaluate("document.querySelector('dialog').showModal(); window.shifts = 0")
    field = box(page)
    field.fill("beds")
    expect(page.get_by_role("option").first).to_be_visible()
    for _ in range(2):
        page.keyboard.press("Escape")
        expect(field).to_be_visible()
    expect(field).to_have_value("")

    page.keyboard.press("Escape")

    expect(field).to_be_hidden()


def test_down_opens_the_list_again(page: Page) -> None:
    search(page)
    page.keyboard.press("Escape")
    queries = asked(page)

    page.keyboard.press("ArrowDown")

    expect(page.get_by_role("option").first).to_be_visible()
    assert queries == [], "the answer was known"
    page.keyboard.press("Alt+ArrowUp")
    expect(page.get_by_role("option")).to_have_count(0)
    page.keyboard.press("Alt+ArrowDown")
    expect(page.get_by_role("option").first).to_be_visible()
    expect(active(page)).to_have_count(0)


def test_tab_passes_the_filters_and_what_leads_to_all_posts_and_then_leaves_and_closes(page: Page) -> None:
    search(page)

    for stop in (chip(page, "ovirt 12"), page.get_by_role("link", name="Show all 23 posts")):
        page.keyboard.press("Tab")
        expect(stop).to_be_focused()
    page.keyboard.press("Tab")

    expect(page.get_by_role("option")).to_have_count(0)
    expect(page.get_by_role("link", name="A link")).to_be_focused()


def test_a_shortcut_moves_to_the_box_and_is_announced(page: Page) -> None:
    field = show(page)
    field.blur()

    page.keyboard.press("Control+k")

    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-keyshortcuts", "Control+k")


def test_a_slash_is_a_shortcut_only_where_asked_for_and_not_while_typing(page: Page) -> None:
    field = show(page, "slash")
    name = page.get_by_role("textbox", name="Name")
    name.focus()

    page.keyboard.press("/")
    expect(name).to_have_value("/")
    page.keyboard.press("Control+k")
    expect(name).to_be_focused()

    name.blur()
    page.keyboard.press("/")
    expect(field).to_be_focused()
    expect(field).to_have_value("")

    field = show(page)
    field.blur()
    page.keyboard.press("/")
    expect(field).not_to_be_focused()


def test_shortcuts_can_be_switched_off(page: Page) -> None:
    field = show(page, "quiet")
    expect(field).not_to_have_attribute("aria-keyshortcuts", re.compile(""))


# Coming back


@pytest.mark.parametrize("again", ["click", "focus", "tab"])
def test_the_list_of_a_box_that_was_left_opens_when_one_returns(page: Page, again: str) -> None:
    field = search(page)
    page.get_by_role("heading").click()
    expect(page.get_by_role("option")).to_have_count(0)
    queries = asked(page)

    if again == "tab":
        page.get_by_role("link", name="A link").focus()
        page.keyboard.press("Shift+Tab")
    else:
        getattr(field, again)()

    expect(page.get_by_role("option").first).to_contain_text("raised beds 1")
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(active(page)).to_have_count(0)
    assert queries == [], "the answer was known"


def test_a_click_into_the_box_opens_the_list_that_escape_closed(page: Page) -> None:
    field = search(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)

    field.click()

    expect(page.get_by_role("option").first).to_be_visible()


@pytest.mark.parametrize("blurred", [True, False], ids=["keyboard-put-away", "list-closed"])
def test_a_tap_into_the_box_opens_the_list_again(browser: Browser, address: str, blurred: bool) -> None:
    with opened(browser, base_url=address, **PHONE) as page:
        field = search(page)
        if blurred:
            field.blur()
        else:
            page.evaluate("document.querySelector('post-search').close()")
        expect(page.get_by_role("option")).to_have_count(0)

        field.tap()

        expect(page.get_by_role("option").first).to_contain_text("raised beds 1")
        field.tap()
        expect(page.get_by_role("option").first).to_be_visible()


@pytest.mark.parametrize("name", ["inline", "form", "dialog", "answered"])
def test_who_goes_back_finds_the_box_as_they_left_it(page: Page, name: str) -> None:
    """On a page that the browser has to load anew: open, with the words, the filters and the place in the list."""
    search(page, "beds", name)
    chip(page, "kvm").click()
    expect(chip(page, "kvm")).to_have_attribute("aria-pressed", "true")
    for _ in range(11):
        page.keyboard.press("ArrowDown")
    place = page.get_by_role("listbox").evaluate("(list) => list.scrollTop")
    page.keyboard.press("Enter")
    page.wait_for_url("**/2013/post-6/")
    # The second time from a page on which nothing was touched.
    for _ in range(2):
        page.go_back()
        expect(page.get_by_role("option").nth(11)).to_be_visible()
        expect(box(page)).to_have_value("beds")
        expect(chip(page, "kvm")).to_have_attribute("aria-pressed", "true")
        expect(box(page)).to_be_focused()
        assert page.get_by_role("listbox").evaluate("(list) => list.scrollTop") == place > 0
        page.goto("/2013/elsewhere/")


@pytest.mark.parametrize("name", ["inline", "dialog"])
def test_a_box_that_was_closed_is_closed_for_who_goes_back(page: Page, name: str) -> None:
    search(page, "beds", name)
    page.evaluate("document.querySelector('post-search').close()")
    page.goto("/2013/elsewhere/")

    page.go_back()

    expect(page.locator("post-search input")).to_have_value("beds")
    expect(page.get_by_role("option")).to_have_count(0)
    assert page.evaluate("document.activeElement.localName") == "body", "the cursor is the visitor's"


def test_who_goes_back_to_a_page_that_the_browser_kept_finds_the_posts(browser: Browser, address: str) -> None:
    kept = another(browser, without=("--disable-back-forward-cache",))
    with kept as keeping, opened(keeping, base_url=address, **PHONE) as page:
        search(page, "beds")
        page.evaluate("window.kept = true")
        page.get_by_role("option").first.tap()
        page.wait_for_url("**/2013/post-1/")
        page.evaluate("setTimeout(() => history.back())")
        expect(page).to_have_url(f"{address}/page/inline")
        assert page.evaluate("window.kept")

        expect(box(page)).to_have_value("beds")
        expect(page.get_by_role("option").first).to_contain_text("beds 1")


def test_a_link_that_leads_nowhere_else_closes_the_box(page: Page) -> None:
    """Since it leads to a section of the page that one reads, or a script of the page follows it without leaving."""
    answer = answer_of("beds")
    answer["hits"][0]["url"] = "/page/inline#x"
    page.route(ASKED, lambda route: route.fulfill(json=answer))
    search(page, "beds")

    page.get_by_role("option").first.click()

    expect(page.get_by_role("option")).to_have_count(0)
    assert page.url.endswith("/page/inline#x")


def test_who_emptied_the_box_finds_it_empty(page: Page) -> None:
    search(page, "beds", "answered")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(box(page)).to_have_value("")

    page.goto("/2013/elsewhere/")
    page.go_back()

    expect(box(page)).to_have_value("")


def test_a_form_around_the_box_sends_nothing_of_it(page: Page) -> None:
    show(page).fill("beds")

    sent = page.evaluate(
        """() => {
          const form = document.createElement("form");
          const search = document.querySelector("post-search");
          search.setAttribute("name", "words");
          search.replaceWith(form);
          form.append(search);
          return [...new FormData(form)];
        }"""
    )

    assert sent == []


# Dialog


def test_the_dialog_opens_by_shortcut_and_gives_the_cursor_back(page: Page) -> None:
    page.goto("/page/dialog")
    opener = page.get_by_role("button", name="Search")
    expect(opener).to_have_attribute("aria-keyshortcuts", "Control+k")
    expect(opener).to_have_text("SearchCtrl K")
    link = page.get_by_role("link")
    link.focus()

    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(box(page)).to_be_focused()
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(link).to_be_focused()

    opener.press("Enter")
    expect(box(page)).to_be_focused()
    page.keyboard.press("Control+k")
    expect(opener).to_be_focused()


def test_the_dialog_holds_the_cursor(page: Page) -> None:
    search(page, name="dialog")

    for _ in range(6):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.localName") in {"post-search", "body"}

    assert page.get_by_role("link", name="A link").evaluate("(link) => !link.matches(':focus')")


def test_the_dialog_closes_by_a_click_beside_it_and_on_phones_by_its_button(browser: Browser, address: str) -> None:
    with opened(browser, base_url=address) as desk:
        show(desk, "dialog")
        expect(desk.get_by_role("button", name="Cancel")).to_be_hidden()
        desk.mouse.click(5, 790)
        expect(desk.get_by_role("dialog")).to_be_hidden()

    with opened(browser, base_url=address, **PHONE) as phone:
        show(phone, "dialog")
        phone.get_by_role("button", name="Cancel").tap()
        expect(phone.get_by_role("dialog")).to_be_hidden()


def test_the_page_behind_the_dialog_stays_where_it_is(browser: Browser, address: str) -> None:
    """And as wide as it is, with the bar that it is scrolled by."""
    with another(browser, without=("--hide-scrollbars",)) as barred, opened(barred, base_url=address) as page:
        page.goto("/page/dialog")
        page.evaluate("document.querySelector('main').style.height = '3000px'")
        page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done))).then(() => (shifts = 0))")
        wide = page.evaluate("document.querySelector('main').getBoundingClientRect().width")
        page.get_by_role("button", name="Search").click()
        expect(page.get_by_role("option").first).to_be_visible()
        page.mouse.move(20, 400)

        page.mouse.wheel(0, 500)
        page.keyboard.press("PageDown")

        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        assert page.evaluate("scrollY") == 0
        assert page.evaluate("document.querySelector('main').getBoundingClientRect().width") == wide
        page.keyboard.press("Escape")
        page.mouse.wheel(0, 500)
        page.wait_for_function("scrollY > 0")
        assert page.evaluate("window.shifts ?? 0") == 0


@pytest.mark.parametrize("by", ["click", "tap"])
def test_a_click_or_tap_beside_the_dialog_only_closes_it(browser: Browser, address: str, by: str) -> None:
    """The link that lies below is not followed, and the cursor goes back to the button."""
    with opened(browser, base_url=address, has_touch=True) as page:
        page.goto("/page/dialog")
        opener = page.get_by_role("button", name="Search")
        opener.click()
        page.evaluate("document.querySelector('a').style.cssText = 'position: fixed; inset: auto 0 0; height: 5rem'")
        page.evaluate("document.addEventListener('click', ({ target }) => (window.clicked = target.localName))")

        getattr(page.mouse if by == "click" else page.touchscreen, by)(500, 780)

        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(opener).to_be_focused()
        page.wait_for_function("window.clicked")
        assert page.evaluate("window.clicked") == "post-search"
        assert page.url.endswith("/page/dialog")


def test_a_drag_out_of_the_dialog_leaves_it_open(page: Page) -> None:
    """As of somebody who selects their words with a mouse."""
    place = search(page, "beds", "dialog").bounding_box()
    assert place

    page.mouse.move(place["x"] + 60, place["y"] + 20)
    page.mouse.down()
    page.mouse.move(5, 790)
    page.mouse.up()

    expect(page.get_by_role("option").first).to_be_visible()


def test_a_dialog_that_is_opened_again_at_once_stays_open(page: Page) -> None:
    """The browser tells of the closing a moment later, when the dialog may be open again."""
    show(page, "dialog")

    page.evaluate(
        """async () => {
          const search = document.querySelector("post-search");
          const dialog = search.shadowRoot.querySelector("dialog");
          const told = new Promise((tell) => dialog.addEventListener("close", () => setTimeout(tell), { once: true }));
          search.open();
          search.close();
          search.open();
          await told;
        }"""
    )

    expect(page.get_by_role("dialog")).to_be_visible()


def test_a_box_that_is_not_shown_leaves_the_shortcut_to_others(page: Page) -> None:
    show(page, "dialog")
    page.evaluate("document.querySelector('post-search').parentElement.style.display = 'none'")
    pressed = "new Promise((tell) => document.addEventListener('keydown', (event) => tell(event.defaultPrevented)))"
    page.evaluate(f"window.taken = {pressed}; null")

    page.keyboard.press("Control+k")

    assert page.evaluate("window.taken") is False


def test_a_dialog_that_is_taken_out_and_put_back_while_open_can_be_opened_again(page: Page) -> None:
    show(page, "dialog")
    page.keyboard.press("Control+k")

    page.evaluate(
        """() => {
          const search = document.querySelector("post-search");
          const after = search.nextSibling;
          search.remove();
          after.before(search);
        }"""
    )

    expect(page.get_by_role("dialog")).to_be_hidden()
    page.evaluate("document.querySelector('post-search').open()")
    expect(page.get_by_role("dialog")).to_be_visible()


def test_the_dialog_remembers_what_was_typed(page: Page) -> None:
    search(page, name="dialog")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_be_hidden()

    page.keyboard.press("Control+k")

    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.type("x")
    expect(box(page)).to_have_value("x")


def test_the_box_opens_by_script(page: Page) -> None:
    page.goto("/page/dialog")
    page.get_by_role("button", name="Search").wait_for()

    page.evaluate("document.querySelector('post-search').open()")

    expect(page.get_by_role("dialog")).to_be_visible()
    page.evaluate("document.querySelector('post-search').close()")
    expect(page.get_by_role("dialog")).to_be_hidden()


# Answers


def test_a_hit_shows_what_the_server_marked_as_text(page: Page) -> None:
    search(page, "<b>&amp;")
    first = page.get_by_role("option").first

    expect(first.locator("mark").first).to_have_text("<b>&amp; 1")
    expect(first).to_contain_text("A talk on libgfapi & <more>, in a long sentence.")
    expect(first.locator("mark").nth(1)).to_have_text("libgfapi")
    expect(first.locator("time")).to_have_attribute("datetime", "2013-06-19")
    expect(first.locator("time")).to_have_text("19 Jun 2013")
    assert first.evaluate("(option) => option.querySelectorAll('a, button, b').length") == 0
    expect(page.get_by_role("option").nth(1)).to_contain_text("Gluster & friends A talk on libgfapi")
    expect(page.get_by_role("status")).to_have_text("23 posts")


def test_a_post_is_named_by_title_folder_and_date_and_described_by_its_snippet(page: Page) -> None:
    search(page, "beds")
    post, section, other = page.get_by_role("option").all()[:3]

    expect(post).to_have_accessible_name("beds 1, 19 Jun 2013")
    expect(other).to_have_accessible_name("beds 2, docs, 19 Jun 2013")
    expect(other.locator(".byline")).to_have_text("docs 19 Jun 2013")
    expect(post).to_have_accessible_description("A talk on libgfapi & <more>, in a long sentence.")
    expect(section).to_have_accessible_name("Gluster & friends")
    expect(section).to_have_accessible_description("A talk on libgfapi & <more>, in a long sentence.")


@pytest.mark.parametrize("url", ["javascript:alert(1)", " jav\tascript:alert(1)", "data:text/html,x", "http://[", ""])
def test_an_address_that_would_run_a_script_is_no_link(page: Page, url: str) -> None:
    answer = answer_of("beds")
    answer["hits"][0]["url"] = answer["hits"][0]["sections"][0]["url"] = url
    page.route(ASKED, lambda route: route.fulfill(json=answer))

    search(page, "beds")

    for option in page.get_by_role("option").all():
        assert option.get_attribute("href") is None
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.url.endswith("/page/inline")


@pytest.mark.parametrize(
    ("snippet", "shown"),
    [
        ("&#x27;&#8230;&amp;lt; &copy; &nosuch; &toString; &", "'…&lt; &copy; &nosuch; &toString; &"),
        ("&#99999999; &#xyz; &#x110000;", "&#99999999; &#xyz; &#x110000;"),
    ],
)
def test_entities_are_decoded_or_left_as_they_are(page: Page, snippet: str, shown: str) -> None:
    answer = answer_of("beds")
    answer["hits"][0]["snippet"] = snippet
    page.route(ASKED, lambda route: route.fulfill(json=answer))

    search(page, "beds")

    expect(page.get_by_role("option").first).to_contain_text(shown)


def test_a_slow_service_is_heard_while_one_goes_on_typing(page: Page) -> None:
    """What it says of the beginning is shown, and then only the newest is asked for."""
    held = hold(page)
    field = show(page)
    field.press_sequentially("r")
    first = held.wait(1)
    field.press_sequentially("ain", delay=100)

    first.fulfill(json=answer_of("r") | {"total": 5})
    expect(page.get_by_role("option").first).to_contain_text("r 1")
    expect(page.locator(".busy")).to_have_count(1)

    held.wait(2).fulfill(json=answer_of("rain") | {"total": 5})
    expect(page.get_by_role("option").first).to_contain_text("rain 1")
    expect(page.locator(".busy")).to_have_count(0)
    expect(page.get_by_role("link", name="Show all 5 posts")).to_be_visible()
    assert [route.request.url.partition("q=")[2].partition("&")[0] for route in held.routes] == ["r", "rain"]


def test_what_is_asked_for_already_is_not_asked_for_again(page: Page) -> None:
    held = hold(page)
    field = show(page)
    field.press_sequentially("r")
    first = held.wait(1)
    field.press_sequentially("a")
    page.keyboard.press("Backspace")
    page.keyboard.press("ArrowDown")

    first.fulfill(json=answer_of("r"))
    expect(page.get_by_role("option").first).to_contain_text("r 1")
    expect(page.locator(".busy")).to_have_count(0)
    assert len(held.routes) == 1


def test_a_request_for_other_words_ends_the_older(page: Page) -> None:
    held = hold(page)
    field = show(page)
    field.press_sequentially("r")
    old = held.wait(1)

    # Sooner than the box would lose its patience.
    with page.expect_event("requestfailed", lambda request: request is old.request, timeout=5_000):
        field.fill("a")

    held.wait(2).fulfill(json=answer_of("a"))
    expect(page.get_by_role("option").first).to_contain_text("a 1")
    assert len(held.routes) == 2


def test_a_late_answer_never_overwrites_a_newer_one(page: Page) -> None:
    page.add_init_script("AbortController.prototype.abort = () => {}")
    held = hold(page)
    field = show(page)
    field.press_sequentially("r")
    old = held.wait(1)
    field.fill("a")
    held.wait(2).fulfill(json=answer_of("a"))
    expect(page.get_by_role("option").first).to_contain_text("a 1")

    with page.expect_event("requestfinished", lambda request: request is old.request):
        old.fulfill(json=answer_of("r"))
    page.evaluate("new Promise((done) => setTimeout(done))")

    expect(page.get_by_role("option").first).to_contain_text("a 1")


def test_the_last_posts_stay_while_the_next_load(page: Page) -> None:
    field = search(page, "beds")
    held = hold(page)

    field.press_sequentially("x")
    route = held.wait(1)

    expect(page.get_by_role("option").first).to_contain_text("beds 1")
    expect(page.locator(".busy")).to_have_count(1)
    route.fulfill(json=answer_of("bedsx"))
    expect(page.get_by_role("option").first).to_contain_text("bedsx 1")
    expect(page.locator(".busy")).to_have_count(0)


def test_a_choice_survives_an_answer_that_holds_it_too(page: Page) -> None:
    field = search(page, "beds")
    held = hold(page)
    field.press_sequentially("x")
    route = held.wait(1)

    page.keyboard.press("ArrowDown")
    route.fulfill(json=answer_of("bedsx"))

    expect(active(page)).to_contain_text("bedsx 1")


def test_an_answer_that_comes_after_the_box_was_left_opens_nothing(page: Page) -> None:
    held = hold(page)
    field = show(page)
    field.press_sequentially("r")
    route = held.wait(1)

    with page.expect_event("requestfailed"):
        page.keyboard.press("Escape")

    route.abort()
    expect(field).to_have_value("r")
    expect(page.get_by_role("option")).to_have_count(0)


def test_what_was_answered_is_not_asked_again_until_the_posts_change(page: Page) -> None:
    generation = 7

    def reply(route: Route) -> None:
        query = route.request.url.partition("q=")[2].partition("&")[0]
        route.fulfill(json=answer_of(query, generation=generation))

    page.route(ASKED, reply)
    field = search(page, "one")
    queries = asked(page)
    for words in ("two", "one", "two"):
        field.fill(words)
        expect(page.get_by_role("option").first).to_contain_text(f"{words} 1")
    assert queries == ["two"]

    generation = 8
    for words in ("three", "one"):
        field.fill(words)
        expect(page.get_by_role("option").first).to_contain_text(f"{words} 1")

    assert queries == ["two", "three", "one"]


def test_nothing_found_says_what_might_help_and_shows_the_newest_posts(page: Page) -> None:
    field = show(page)
    field.fill("nothing at all")

    expect(page.locator("strong")).to_have_text("No posts for “nothing at all”")
    expect(page.get_by_text("Try other words")).to_be_visible()
    expect(page.get_by_role("group", name="Newest posts").get_by_role("option")).to_have_count(6)
    everything = page.get_by_role("link", name="All 23 posts").evaluate("(link) => link.href")
    assert everything.endswith("/search/?q=&sort=newest")
    expect(page.get_by_role("status")).to_have_text("No posts for “nothing at all”")
    assert page.get_by_role("listbox").get_by_text("No posts").count() == 0


@pytest.mark.parametrize("by", ["Backspace", "Delete", "button", "blanks"])
def test_who_empties_the_box_where_nothing_was_found_is_back_at_its_beginning(page: Page, by: str) -> None:
    """Though the newest posts are at hand already, since they stand below what says that nothing was found."""
    page.route(ASKED, lambda route: route.fulfill(json=answer_of("nothing", total=0)))
    field = show(page)
    expect(group(page, "Newest posts")).to_have_count(6)
    field.press_sequentially("nothing")
    expect(page.locator("strong")).to_have_text("No posts for “nothing”")

    if by == "Backspace":
        for _ in "nothing":
            field.press("Backspace")
    elif by == "Delete":
        field.press("ControlOrMeta+a")
        field.press("Delete")
    elif by == "button":
        page.get_by_role("button", name="Clear").click()
    else:
        field.fill("  ")

    expect(group(page, "Tags")).to_have_count(2)
    expect(page.get_by_text("No posts")).to_have_count(0)


@pytest.mark.parametrize("value", [None, 5, "2013-99-99", {}, [None, {}]])
def test_a_field_of_another_type_costs_an_answer_only_that_field(page: Page, value: Any) -> None:
    """As it is where the server is older or newer than the script, or faulty."""
    answer = answer_of("beds")
    hit = answer["hits"][0]
    field = show(page)
    for part in (answer, hit, hit["highlights"], hit["sections"][0]):
        for name in part.keys() - {"hits"}:
            was, part[name] = part[name], value
            faulty = json.dumps(answer)
            part[name] = was
            page.route(ASKED, partial(Route.fulfill, body=faulty, content_type="application/json"))
            with page.expect_response(ASKED):
                field.fill(f"beds {name} {id(part)}")

            expect(page.locator(".busy")).to_have_count(0)
            expect(page.locator(".hit"), name).to_have_count(1)
            assert not re.search("null|undefined|object|Invalid|NaN", page.locator(".panel").inner_text()), name


def test_warnings_and_corrections_are_told(page: Page) -> None:
    answer = answer_of("beds") | {"corrected": "beds", "warnings": ["ignored: colour:red"]}
    page.route(ASKED, lambda route: route.fulfill(json=answer))

    show(page).fill("bedz colour:red")

    expect(page.get_by_role("status")).to_have_text("Showing posts for “beds” · 1 post · ignored: colour:red")


def test_a_correction_that_finds_nothing_either_is_not_told(page: Page) -> None:
    page.route(ASKED, lambda route: route.fulfill(json=answer_of("bedz", total=0) | {"corrected": "beds"}))

    show(page).fill("bedz")

    expect(page.get_by_role("status")).to_have_text("No posts for “bedz”")
    expect(page.get_by_text("Showing posts")).to_have_count(0)


def test_a_correction_leads_to_the_hits_of_the_words_as_typed(page: Page) -> None:
    answer = answer_of("bedz") | {"parsed": "beds*", "corrected": "beds"}
    page.route(ASKED, lambda route: route.fulfill(json=answer))
    show(page, "narrowed").fill("bedz")
    expect(page.get_by_role("status")).to_have_text("Showing posts for “beds” · 1 post · \u2068tag:generics\u2069")
    assert violations(page) == []

    page.keyboard.press("Tab")

    expect(page.get_by_role("link", name="Search for “bedz” instead")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=bedz&tag=generics&prefix=1&typos=0")


@pytest.mark.parametrize("total", [0, 1])
def test_what_finds_more_follows_in_the_list_where_little_is_found(page: Page, total: int) -> None:
    found = [
        {"reason": "without the tag kvm", "query": "beds", "total": 1200, "without": ["tag"]},
        {"reason": "without the quotation marks", "query": "raised beds", "total": 1, "without": []},
        {"reason": "perhaps you meant", "query": "raised -x", "total": None, "without": []},
    ]
    answer = answer_of('"raised beds"', total=total) | {"instead": found}
    page.route(ASKED, lambda route: route.fulfill(json=answer))
    show(page, "filter").fill('"raised beds"')
    expect(page.get_by_role("status")).to_contain_text("lang:de tag:kvm")
    expect(page.get_by_text("Try other words")).to_have_count(0)
    assert violations(page) == []
    ways = page.get_by_role("group", name="Try").get_by_role("option")
    ways_told = ["beds without the tag kvm · 1,200 posts", "raised beds without the quotation marks · 1 post"]
    expect(ways).to_have_text(ways_told)

    ways.nth(1).click()
    expect(box(page)).to_have_value("raised beds")
    page.keyboard.press("ArrowUp")
    while "1,200" not in active(page).inner_text():
        page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=beds&lang=de")


# The empty box


def remember(page: Page, *words: str) -> None:
    """As if these had been searched for, the last one first."""
    page.evaluate("(words) => localStorage.setItem('post-search /search/', JSON.stringify(words))", list(words))


def group(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=name).get_by_role("option")


def test_an_empty_box_shows_the_newest_posts_and_the_commonest_tags(page: Page) -> None:
    with page.expect_request(re.compile(r"/hits\?q=&")) as request:
        field = show(page)

    assert request.value.url.endswith("/search/hits?q=&sort=newest&per_page=6")
    expect(group(page, "Newest posts")).to_have_count(6)
    expect(group(page, "Tags")).to_have_text(["ovirt 12", "kvm 5"])
    expect(page.get_by_role("group", name="Recent")).to_have_count(0)
    expect(page.get_by_role("link", name="All 23 posts")).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(active(page)).to_have_accessible_name(re.compile("19 Jun 2013"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/2013/post-1/")


def test_a_tag_of_the_empty_box_shows_its_posts(page: Page) -> None:
    show(page)
    with page.expect_request(re.compile("tag=kvm")) as request:
        group(page, "Tags").nth(1).click()

    assert request.value.url.endswith("/search/hits?q=&tag=kvm&per_page=6&suggest=3&hl=en&snippet_chars=150")
    expect(chip(page, "kvm")).to_have_attribute("aria-pressed", "true")
    expect(box(page)).to_be_focused()
    page.get_by_role("button", name="Clear").click()
    expect(group(page, "Tags")).to_have_count(2)


def test_what_was_searched_for_is_recent_where_something_came_of_it(page: Page) -> None:
    search(page, "beds")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=beds&prefix=1")
    search(page, "soil")
    page.get_by_role("option").first.click()
    page.wait_for_url("**/2013/post-1/")
    search(page, "typed only")

    show(page)

    expect(group(page, "Recent")).to_have_text(["soil", "beds"])
    assert violations(page) == []
    group(page, "Recent").nth(1).click()
    expect(page.get_by_role("option").first).to_contain_text("beds 1")
    expect(box(page)).to_have_value("beds")
    expect(box(page)).to_be_focused()


def test_recent_searches_are_forgotten_one_by_one_or_all(page: Page) -> None:
    page.goto("/page/inline")
    remember(page, "one", "two", "three", "four")
    field = show(page)
    recent = group(page, "Recent")
    expect(recent).to_have_count(4)

    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(active(page)).to_have_attribute("aria-keyshortcuts", "Delete")
    page.keyboard.press("Delete")
    expect(recent).to_have_text(["one", "three", "four"])
    expect(active(page)).to_have_text("three")
    recent.first.locator(".forget").click()
    expect(recent).to_have_text(["three", "four"])
    expect(field).to_be_focused()
    page.get_by_role("button", name="Forget all").click()

    expect(recent).to_have_count(0)
    expect(group(page, "Newest posts")).to_have_count(6)
    expect(field).to_be_focused()
    show(page)
    expect(recent).to_have_count(0)


def test_recent_searches_are_the_newest_few_each_once(page: Page) -> None:
    for words in ("a1", "b2", "c3", "a1", "d4", "e5", "f6"):
        search(page, words).press("Enter")
        page.wait_for_url(f"**/search/?q={words}&prefix=1")

    show(page)

    expect(group(page, "Recent")).to_have_text(["f6", "e5", "d4", "a1", "c3"])
    expect(group(page, "Newest posts")).to_have_count(3)


@pytest.mark.parametrize("why", ["off", "refused"])
def test_recent_searches_may_be_switched_off_or_refused(page: Page, why: str) -> None:
    if why == "refused":
        refuse = "get() { throw new DOMException('refused', 'SecurityError'); }"
        page.add_init_script(f"Object.defineProperty(window, 'localStorage', {{ {refuse} }})")
    name = "forgetful" if why == "off" else "inline"
    search(page, "beds", name).press("Enter")
    page.wait_for_url("**/search/?q=beds&prefix=1")

    show(page, name)

    expect(group(page, "Newest posts")).to_have_count(6)
    expect(page.get_by_role("group", name="Recent")).to_have_count(0)
    if why == "off":
        assert page.evaluate("localStorage.length") == 0


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("5", []),
        ('"soil"', []),
        ("{}", []),
        ("true", []),
        ("null", []),
        ("[", []),
        ('[1, null, {"a": 1}, "soil", ["x"], " ", ""]', ["soil"]),
        (json.dumps([f"soil {number}" for number in range(5_000)]), [f"soil {number}" for number in range(5)]),
        (json.dumps(["x" * 100_000, "soil"]), ["soil"]),
    ],
    ids=["number", "text", "object", "flag", "null", "cut", "mixed", "many", "long"],
)
def test_recent_searches_that_are_damaged_are_none(page: Page, kept: str, shown: list[str]) -> None:
    page.goto("/page/inline")
    page.evaluate("(kept) => localStorage.setItem('post-search /search/', kept)", kept)

    show(page)

    expect(group(page, "Newest posts")).to_have_count(6 if len(shown) < 2 else 3)
    expect(group(page, "Recent")).to_have_text(shown)
    search(page, "beds").press("Enter")
    page.wait_for_url("**/search/?q=beds&prefix=1")
    show(page)
    expect(group(page, "Recent")).to_have_text(["beds", *shown][:5])


def test_a_browser_whose_storage_is_full_keeps_no_searches(page: Page) -> None:
    page.goto("/page/inline")
    page.evaluate("""() => {
      for (let size = 1 << 23; size >= 1; size /= 2)
        try { for (let n = 0; ; n++) localStorage.setItem(`${size} ${n}`, "x".repeat(size)); } catch {}
    }""")

    search(page, "beds").press("Enter")

    page.wait_for_url("**/search/?q=beds&prefix=1")
    show(page)
    expect(group(page, "Newest posts")).to_have_count(6)
    expect(page.get_by_role("group", name="Recent")).to_have_count(0)


@pytest.mark.parametrize("size", ["phone", "desk", "aside"])
def test_found_words_are_in_the_lines_that_the_list_shows(browser: Browser, tmp_path: Path, size: str) -> None:
    settings = Settings(posts=tmp_path / "posts", index=tmp_path / "index")
    settings.posts.mkdir()
    words = "soil and seeds grow in the long beds of the old garden behind our house "
    for number in range(6):
        text = f"{words * number}where tomatoes {words * (6 - number)}."
        (settings.posts / f"{number}.md").write_text(f"---\ntitle: Post {number}\n---\n{text}\n", "utf-8")
    reindex(settings)
    viewport = {"width": 390, "height": 780} if size == "phone" else {"width": 1000, "height": 800}
    with running(create_app(settings)) as address, opened(browser, viewport=viewport) as page:
        page.goto(f"{address}/search/")
        width = "20rem" if size == "aside" else "auto"
        script = f"<script type=module src={address}/search/static/post-search.js></script>"
        page.set_content(f"{script}<div style='width: {width}'><post-search></post-search></div>")
        box(page).fill("tomatoes")
        expect(page.locator(".snippet mark")).to_have_count(6)

        shown = page.locator(".snippet").evaluate_all(
            "all => all.map(one => one.querySelector('mark').getBoundingClientRect().bottom"
            " <= one.getBoundingClientRect().bottom)"
        )

        assert shown == [True] * 6


# Filters


def test_filters_narrow_in_place_over_the_same_words(page: Page) -> None:
    search(page, "beds")
    chips = page.get_by_role("toolbar", name="Filters").get_by_role("button")
    expect(chips).to_have_text(["ovirt 12", "kvm 5", "2014 2", "2013 10"])

    for name, query in (("kvm", "&tag=kvm"), ("2013", "&tag=kvm&year=2013"), ("ovirt", "&tag=kvm&year=2013&tag=ovirt")):
        with page.expect_request(ASKED) as request:
            chip(page, name).click()
        assert request.value.url.endswith(f"?q=beds{query}&per_page=6&suggest=3&hl=en&snippet_chars=150")
        expect(chip(page, name)).to_have_attribute("aria-pressed", "true")
    expect(chips).to_have_text(["kvm ", "2013 ", "ovirt ", "2014 2"])
    expect(box(page)).to_be_focused()
    assert violations(page) == []

    chip(page, "2013").click()
    expect(chip(page, "2013")).to_have_attribute("aria-pressed", "false")
    everything = page.get_by_role("link", name="Show all")
    assert everything.evaluate("(link) => link.href").endswith("/search/?q=beds&tag=kvm&tag=ovirt&prefix=1")
    box(page).fill("soil")
    expect(page.get_by_role("option").first).to_contain_text("soil 1")
    expect(chip(page, "kvm")).to_have_attribute("aria-pressed", "true")


def test_filters_are_one_stop_of_tab_in_which_arrows_move(page: Page) -> None:
    search(page, "beds")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(chip(page, "kvm")).to_be_focused()

    page.keyboard.press("Enter")

    expect(chip(page, "kvm")).to_have_attribute("aria-pressed", "true")
    expect(chip(page, "kvm")).to_be_focused()
    page.keyboard.press("Space")
    expect(chip(page, "kvm")).to_have_attribute("aria-pressed", "false")
    expect(chip(page, "kvm")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(chip(page, "ovirt")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    expect(box(page)).to_be_focused()


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_the_wheel_of_a_mouse_moves_the_filters(page: Page, lang: str) -> None:
    facets = {"tags": {f"number {number}": 9 for number in range(12)}, "year": {"2013": 1}}
    page.route(ASKED, lambda route: route.fulfill(json=answer_of("beds") | {"total": 20, "facets": facets}))
    page.goto(f"/page/inline/{lang}")
    box(page).fill("beds")
    expect(chip(page, "2013")).not_to_be_in_viewport()
    chip(page, "number 0").hover()

    page.mouse.wheel(0, 2000)

    expect(chip(page, "2013")).to_be_in_viewport(ratio=1)


def test_filters_of_a_kind_stand_together_below_its_name(page: Page) -> None:
    """For the eye, a straight line parts them from the next."""
    facets = {"site": {"blog": 2, "docs": 1}, "tags": {"kvm": 2}, "year": {"2013": 2}}
    page.route(ASKED, lambda route: route.fulfill(json=answer_of("beds") | {"total": 20, "facets": facets}))
    search(page, "beds")
    bar = page.get_by_role("toolbar")

    kinds = {name: bar.get_by_role("group", name=name) for name in ("Sites", "Tags", "Years")}

    expect(kinds["Sites"].get_by_role("button")).to_have_text(["blog 2", "docs 1"])
    expect(kinds["Tags"].get_by_role("button")).to_have_text(["kvm 2"])
    expect(kinds["Years"].get_by_role("button")).to_have_text(["2013 2"])
    edge = "(part) => [getComputedStyle(part).borderInlineStartWidth, getComputedStyle(part).borderRadius]"
    assert [kind.evaluate(edge) for kind in kinds.values()] == [["0px", "0px"], ["1px", "0px"], ["1px", "0px"]]
    assert bar.locator(".chip").first.evaluate("(chip) => getComputedStyle(chip).boxShadow") == "none"
    chip(page, "kvm").click()
    expect(bar.get_by_role("button", pressed=True)).to_have_accessible_name("kvm")
    expect(bar.get_by_role("button", pressed=True)).to_have_accessible_description("Tags")
    expect(kinds["Tags"]).to_have_count(0)


def test_filters_that_narrow_nothing_or_are_given_by_the_page_are_left_out(page: Page) -> None:
    answer = answer_of("beds", total=1) | {"facets": {"tags": {"all": 1}, "author": {}, "year": {"2013": 1}}}
    page.route(ASKED, lambda route: route.fulfill(json=answer))
    search(page, "beds")
    expect(page.get_by_role("toolbar")).to_have_count(0)

    page.unroute(ASKED)
    search(page, "beds", "narrowed")
    expect(page.get_by_role("toolbar").get_by_role("button")).to_have_text(["2014 2", "2013 10"])


def test_a_way_that_leaves_out_a_chosen_filter_is_taken_in_the_box(page: Page) -> None:
    search(page, "beds")
    other = {"reason": "", "typos": True, "query": "beds", "total": 23, "without": ["tag"]}
    answer = answer_of("beds", total=0) | {"instead": [other]}
    page.route(re.compile("tag=kvm"), lambda route: route.fulfill(json=answer))
    chip(page, "kvm").click()

    page.get_by_role("group", name="Try").get_by_role("option").click()

    expect(page.get_by_role("option").first).to_contain_text("beds 1")
    expect(chip(page, "kvm")).to_have_attribute("aria-pressed", "false")


# What screen readers are told

TRANSCRIPT = """
window.transcript = [];
const status = document.querySelector("post-search").shadowRoot.querySelector("[role=status]");
const note = () => status.textContent && transcript.push(status.textContent);
new MutationObserver(note).observe(status, { childList: true, characterData: true, subtree: true });
"""


TYPE = """async (field, words) => {
  for (const letter of words) {
    field.value += letter;
    field.dispatchEvent(new InputEvent("input", { bubbles: true, composed: true }));
    await new Promise((done) => setTimeout(done, 140));
  }
}"""
"""By the clock of the page, so that a busy machine makes no pause between two letters."""


def heard(page: Page, number: int) -> list[str]:
    """What has been announced, once there were so many announcements."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while len(told := page.evaluate("transcript")) < number:
        assert time.monotonic() < deadline, told
        page.evaluate("new Promise(requestAnimationFrame)")
    assert len(told) == number, told
    return list(told)


def test_a_sentence_is_answered_by_one_announcement_once_typing_pauses(troubled: Page) -> None:
    """As of somebody who types seven letters a second, whose screen reader tells all that changes in a live region."""
    field = show(troubled)
    expect(group(troubled, "Newest posts")).to_have_count(6)
    troubled.evaluate(TRANSCRIPT)
    queries = asked(troubled)

    field.evaluate(TYPE, "raised beds of soil")

    assert heard(troubled, 1) == ["23 posts"]
    assert len(queries) > 5, "the posts were shown all the while"
    chip(troubled, "kvm").click()
    assert heard(troubled, 2)[-1] == "23 posts"
    field.fill("nothing of it")
    assert heard(troubled, 3)[-1] == "No posts for “nothing of it”"
    troubled.route(ASKED, lambda route: route.abort())
    field.fill("gone")
    trouble = "The search is not answering. Your words are kept. It may work again in a moment."
    assert heard(troubled, 4)[-1] == trouble


# Completions


def completions(page: Page) -> Locator:
    return page.get_by_role("option", name=re.compile("^Search: "))


def test_a_completion_is_chosen_by_keys_and_searched_for_in_the_box(page: Page) -> None:
    field = search(page, "garbage c")
    expect(completions(page)).to_have_text(list(COMPLETIONS[:3]))
    expect(completions(page).first.locator("b")).to_have_text("ollector")
    expect(completions(page).first).to_have_accessible_name("Search: Garbage collector")
    queries = asked(page)

    page.keyboard.press("ArrowDown")
    expect(active(page)).to_have_text("Garbage collector")
    expect(field).to_have_attribute("aria-activedescendant", active(page).get_attribute("id") or "-")
    expect(field).to_have_value("garbage c")
    page.keyboard.press("Enter")

    expect(page.get_by_role("option").first).to_contain_text("Garbage collector 1")
    expect(field).to_have_value("Garbage collector")
    expect(field).to_be_focused()
    expect(active(page)).to_have_count(0)
    expect(completions(page)).to_have_count(0)
    assert queries == ["Garbage+collector"], "one request for all"
    assert page.url.endswith("/page/inline")
    page.keyboard.type("s")
    expect(field).to_have_value("Garbage collectors")


@pytest.mark.parametrize("name", ["inline", "dialog"])
def test_a_completion_is_searched_for_by_a_click(page: Page, name: str) -> None:
    field = search(page, "garbage c", name)

    completions(page).nth(1).click()

    expect(page.get_by_role("option").first).to_contain_text("garbage collection 1")
    expect(field).to_have_value("garbage collection")
    expect(field).to_be_focused()


@pytest.mark.parametrize("by", ["key", "click"])
def test_a_completion_opens_the_results_page_in_a_new_tab(page: Page, by: str) -> None:
    field = search(page, "garbage c", "narrowed")
    page.keyboard.press("ArrowDown")

    with page.context.expect_page() as tab:
        if by == "key":
            page.keyboard.press("Control+Enter")
        else:
            active(page).click(modifiers=["Control"])

    tab.value.wait_for_url("**/search/?q=Garbage+collector&tag=generics&prefix=1")
    expect(field).to_have_value("garbage c")


def test_where_nothing_completes_what_is_typed_posts_come_first(page: Page) -> None:
    search(page, "garbage c")
    expect(completions(page)).to_have_count(3)

    search(page, "beds")

    expect(completions(page)).to_have_count(0)
    page.keyboard.press("ArrowDown")
    expect(active(page)).to_contain_text("beds 1")


def test_completions_follow_one_another_as_the_page_is_read(page: Page) -> None:
    for lang, before in (("en", True), ("ar", False)):
        page.goto(f"/page/inline/{lang}")
        box(page).fill("garbage c")
        first, second = (page.get_by_role("option").nth(number) for number in (0, 1))
        expect(second).to_have_text("garbage collection")
        one, other = first.bounding_box(), second.bounding_box()
        assert one
        assert other
        assert (one["x"] < other["x"], one["y"]) == (before, other["y"])
    expect(first).to_have_accessible_name("بحث: Garbage collector")
    assert violations(page) == []


def test_blanks_are_no_query(page: Page) -> None:
    field = search(page, "beds")
    queries = asked(page)

    field.fill("   ")

    expect(page.get_by_role("group", name="Newest posts")).to_be_visible()
    assert queries == []


def test_filters_and_the_number_of_posts_go_along(page: Page) -> None:
    with page.expect_request(ASKED) as request:
        field = search(page, "beds", "filter")

    assert request.value.url.endswith("?q=beds&lang=de&tag=kvm&per_page=3&suggest=3&hl=en&snippet_chars=150")
    field.press("Enter")
    page.wait_for_url("**/search/?q=beds&lang=de&tag=kvm&prefix=1")


def test_what_the_address_and_the_form_add_goes_along(page: Page) -> None:
    """All of it to the results page, and to the hits what narrows them: they refuse all that they don't know."""
    page.goto("/page/kept")
    with page.expect_request(ASKED) as request:
        box(page).fill("beds")
    everything = page.get_by_role("link", name="Show all 23 posts")
    address = everything.evaluate("(link) => link.href")

    assert request.value.url.endswith("?q=beds&lang=de&tag=kvm&per_page=6&suggest=3&hl=en&snippet_chars=150")
    assert address.endswith("/search/?q=beds&theme=dark&lang=de&tag=kvm&from-box=1&prefix=1")
    box(page).press("Enter")
    page.wait_for_url(address)


def test_an_untouched_box_leads_to_the_page_with_its_filter(page: Page) -> None:
    show(page, "narrowed").press("Enter")

    page.wait_for_url("**/search/?q=&tag=generics")


def test_links_lead_to_the_words_where_the_service_knows_how(page: Page) -> None:
    answer = answer_of("beds")
    hit = answer["hits"][0]
    hit["fragment"], hit["sections"][0]["fragment"] = "#:~:text=talk%20on-,libgfapi", ":~:text=talk%20on-,libgfapi"
    page.route(ASKED, lambda route: route.fulfill(json=answer))
    search(page, "beds")
    post, section = page.get_by_role("option").all()[:2]
    assert (post.get_attribute("href") or "").endswith("/2013/post-1/#:~:text=talk%20on-,libgfapi")
    assert (section.get_attribute("href") or "").endswith("/2013/post-1/#gluster:~:text=talk%20on-,libgfapi")

    post.click()

    page.wait_for_url(re.compile("/2013/post-1/"))
    page.wait_for_function("scrollY > 4000")


def test_the_service_is_asked_in_the_language_of_the_box(page: Page) -> None:
    with page.expect_request(ASKED) as request:
        page.goto("/page/inline/de")
        box(page).fill("beds")

    assert request.value.url.endswith("/search/hits?q=beds&per_page=6&suggest=3&hl=de&snippet_chars=150")


# Trouble


@pytest.mark.parametrize(
    "break_it",
    [
        lambda route: route.abort("connectionrefused"),
        lambda route: route.fulfill(status=503, json={"code": "index_missing", "message": "x", "type": "unavailable"}),
        lambda route: route.fulfill(status=200, body="<html>", content_type="text/html"),
    ],
    ids=["refused", "503", "no-json"],
)
def test_a_failure_is_told_and_can_be_retried(troubled: Page, break_it: Callable[[Route], None]) -> None:
    troubled.route(ASKED, break_it)
    field = show(troubled)
    field.fill("beds")
    expect(troubled.get_by_text("The search is not answering", exact=True)).to_be_visible()
    expect(troubled.get_by_text("Your words are kept.")).to_be_visible()
    expect(troubled.get_by_role("option")).to_have_count(0)

    troubled.unroute(ASKED)
    troubled.get_by_role("button", name="Try again").click()

    expect(troubled.get_by_role("option").first).to_contain_text("beds 1")
    expect(field).to_be_focused()
    expect(troubled.get_by_role("button", name="Try again")).to_have_count(0)


def test_offline_is_told(troubled: Page) -> None:
    field = show(troubled)
    troubled.context.set_offline(True)
    field.fill("beds")
    expect(troubled.get_by_text("You are offline", exact=True)).to_be_visible()

    troubled.context.set_offline(False)
    page_button = troubled.get_by_role("button", name="Try again")
    page_button.press("Enter")

    expect(troubled.get_by_role("option").first).to_contain_text("beds 1")


def test_a_server_that_says_nothing_counts_as_down(troubled: Page) -> None:
    troubled.clock.install()
    held = hold(troubled)
    field = show(troubled)
    field.press("r")
    troubled.clock.run_for(100)
    held.wait(1)

    troubled.clock.run_for(10_000)

    expect(troubled.get_by_text("The search is not answering", exact=True)).to_be_visible()


@pytest.mark.parametrize(
    ("name", "asked", "advice"),
    [
        ("unknown", "/search/hits?q=&colour=red", "(status 400, “colour” is not a parameter; these are: "),
        ("lost", "/hits?q=", "(status 404): let `action` be the address of the results page"),
        ("elsewhere", "/2013/hits?q=", "(status 200): let `action` be the address of the results page"),
    ],
)
def test_wrong_attributes_are_told_on_the_console(troubled: Page, name: str, asked: str, advice: str) -> None:
    with troubled.expect_console_message(lambda message: message.type == "warning") as told:
        field = show(troubled, name)
    warnings = warnings_of(troubled)
    with troubled.expect_response("**/hits?*"):
        field.fill("bedsx")
    expect(troubled.get_by_text("The search is not answering", exact=True)).to_be_visible()

    assert asked in told.value.text
    assert advice in told.value.text
    expect(troubled.get_by_text(advice)).to_be_visible()
    assert warnings == [], "once is enough"


def test_without_javascript_the_form_inside_is_there(browser: Browser, address: str) -> None:
    with opened(browser, base_url=address, java_script_enabled=False) as page:
        page.goto("/page/form")
        page.get_by_role("searchbox").fill("beds")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search/?q=beds")


@pytest.mark.parametrize("name", ["typed", "typed-dialog"])
def test_what_was_typed_before_the_script_came_is_kept_and_asked_for(page: Page, name: str) -> None:
    script = Held(page, "**/post-search.js")
    page.goto(f"/page/{name}", wait_until="commit")
    page.get_by_role("searchbox").fill("bes")
    page.keyboard.press("ArrowLeft")

    script.wait(1).continue_()
    expect(page.get_by_role("option").first).to_contain_text("bes 1")
    expect(box(page)).to_be_focused()
    page.keyboard.type("d")

    expect(box(page)).to_have_value("beds")
    forgive_shifts(page)  # the form and the box differ in height here


def test_a_field_with_the_cursor_in_it_from_the_beginning_opens_by_a_click_or_a_key(page: Page) -> None:
    page.goto("/page/ready")
    expect(box(page)).to_be_focused()
    expect(page.get_by_role("option")).to_have_count(0)

    page.keyboard.press("ArrowDown")

    expect(group(page, "Newest posts")).to_have_count(6)
    forgive_shifts(page)  # the form and the box differ in height here


# Languages


def test_composing_a_word_asks_nothing_until_it_is_done(page: Page) -> None:
    field = show(page)
    queries = asked(page)
    keyboard = page.context.new_cdp_session(page)

    for text in ("に", "にほ", "日本"):
        keyboard.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})
    expect(field).to_have_value("日本")
    page.evaluate("new Promise(requestAnimationFrame)")
    assert queries == []
    keyboard.send("Input.insertText", {"text": "日本語"})

    expect(page.get_by_role("option").first).to_contain_text("日本語 1")
    assert len(queries) == 1


class Composer:
    """An input method; `code` is what the keys of a real keyboard are called, and those on a screen are not."""

    def __init__(self, page: Page, code: str) -> None:
        self.page = page
        self.code = code
        self.keyboard = page.context.new_cdp_session(page)

    def show(self, text: str) -> None:
        """The text under way, underlined, in place of the one before it."""
        key = {"key": "Process", "code": self.code, "keyCode": 229, "bubbles": True}
        box(self.page).dispatch_event("keydown", key)
        self.keyboard.send(
            "Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
        )


@pytest.mark.parametrize(
    ("code", "text"),
    [("", "compost"), ("", "вода"), ("", "서울"), ("KeyN", "서울")],
    ids=["latin", "cyrillic", "korean", "korean-keys"],
)
def test_words_that_are_composed_though_they_are_ready_are_asked_for(page: Page, code: str, text: str) -> None:
    """Keyboards on screens compose every word until the blank behind it; Korean is composed by syllables."""
    show(page)

    Composer(page, code).show(text)

    expect(page.get_by_role("option").first).to_contain_text(f"{text} 1")


@pytest.mark.parametrize(
    ("code", "texts"),
    [("KeyN", ["n", "ni", "ni hao"]), ("", ["に", "にほ", "日本"]), ("Digit3", ["ㄋ", "ㄋㄧ"]), ("", ["ㅅ"])],
    ids=["pinyin", "kana", "bopomofo", "jamo"],
)
def test_letters_that_are_yet_to_be_converted_are_not_asked_for(page: Page, code: str, texts: list[str]) -> None:
    field = show(page)
    queries = asked(page)
    composer = Composer(page, code)
    for text in texts:
        composer.show(text)
    expect(field).to_have_value(texts[-1])
    page.evaluate("new Promise(requestAnimationFrame)")
    assert queries == []

    composer.keyboard.send("Input.insertText", {"text": "你好"})

    expect(page.get_by_role("option").first).to_contain_text("你好 1")
    assert len(queries) == 1


def test_keys_of_a_composition_are_not_the_boxs(page: Page) -> None:
    field = search(page)
    for key in ("ArrowDown", "Enter", "Escape"):
        field.dispatch_event("keydown", {"key": key, "isComposing": True, "bubbles": True})
        field.dispatch_event("keydown", {"key": key, "keyCode": 229, "bubbles": True})

    expect(active(page)).to_have_count(0)
    expect(page.get_by_role("option").first).to_be_visible()


@pytest.mark.parametrize(
    ("lang", "label", "told"),
    [
        ("de", "Beiträge durchsuchen", "23 Beiträge"),
        ("pt-BR", "Pesquisar nas publicações", "23 publicações"),
        ("ru", "Поиск по записям", "23 записи"),
        ("ja", "記事を検索", "23 件の記事"),
        ("sv", "Search the posts", "23 posts"),
    ],
)
def test_the_box_speaks_the_language_of_the_page(page: Page, lang: str, label: str, told: str) -> None:
    page.goto(f"/page/inline/{lang}")
    field = page.get_by_role("combobox", name=label)
    field.fill("beds")
    expect(page.get_by_role("status")).to_have_text(told)


@pytest.mark.parametrize(
    ("status", "body", "label", "told"),
    [
        (404, '{"message": "There is nothing here."}', "Search the posts", "23 posts"),
        (404, '{"common": {"label": "Suche"}}', "Search the posts", "23 posts"),
        (200, "<html>", "Search the posts", "23 posts"),
        (200, "null", "Search the posts", "23 posts"),
        (200, '{"common": 5}', "Search the posts", "23 posts"),
        (200, '{"common": {}}', "Search the posts", "23 posts"),
        (200, '{"common": {"label": "Suche"}}', "Suche", "23 posts"),
        (200, '{"common": {"label": null, "count": {"one": "{n} Beitrag"}}}', "Search the posts", "23 posts"),
        (200, '{"common": {"label": ["x"], "count": {"other": "{n} da"}}}', "Search the posts", "23 da"),
        (200, '{"common": {"label": 5, "count": "{n} da"}}', "Search the posts", "23 da"),
    ],
)
def test_what_a_table_of_strings_lacks_is_said_in_english(
    troubled: Page, status: int, body: str, label: str, told: str
) -> None:
    listener = Listener(troubled)
    strings = "**/static/strings/de.json"
    troubled.route(strings, lambda route: route.fulfill(status=status, body=body, content_type="application/json"))
    troubled.goto("/page/inline/de")

    troubled.get_by_role("combobox", name=label).fill("beds")

    expect(troubled.get_by_role("status")).to_have_text(told)
    assert [told for told in listener.complaints if "404" not in told] == []


def test_right_to_left(page: Page) -> None:
    page.goto("/page/inline/ar")
    field = box(page)
    field.fill("beds")
    expect(page.get_by_role("status")).to_have_text(re.compile("مقالة"))

    button = page.get_by_role("button").first.bounding_box()
    text = field.bounding_box()

    assert button
    assert text
    assert button["x"] > text["x"]


def test_a_post_runs_as_its_title_does(page: Page) -> None:
    """In the list of a page in Arabic, an English title stands where its snippet begins, and not across from it."""
    page.goto("/page/inline/ar")
    box(page).fill("beds")
    post = page.get_by_role("option").first
    left = [post.locator(part).bounding_box() for part in (".title", ".snippet")]

    expect(post).to_have_css("direction", "ltr")
    assert len({part and part["x"] for part in left}) == 1


def test_a_date_is_written_from_right_to_left_where_its_language_is(page: Page) -> None:
    """In the list of a page in Arabic, below a title in English."""
    page.goto("/page/inline/ar")
    box(page).fill("beds")
    day, year = page.locator("time").first.evaluate(
        """({ firstChild: text }) => ["19", "2013"].map((part) => {
          const range = document.createRange();
          const start = text.data.indexOf(part);
          range.setStart(text, start);
          range.setEnd(text, start + part.length);
          return range.getBoundingClientRect().x;
        })"""
    )

    assert day > year


# Pages


def test_two_boxes_on_a_page_keep_out_of_each_others_way(page: Page) -> None:
    page.goto("/page/two")
    first, second = box(page).first, box(page).nth(1)
    first.fill("one")
    expect(page.get_by_role("option").first).to_contain_text("one 1")
    second.fill("two")
    expect(page.get_by_role("option").first).to_contain_text("two 1")
    expect(first).to_have_attribute("aria-expanded", "false")
    second.blur()

    page.keyboard.press("Control+k")

    expect(first).to_be_focused()
    expect(second).not_to_be_focused()


def test_a_box_that_is_moved_or_taken_away_leaves_nothing_behind(page: Page) -> None:
    show(page)
    page.evaluate("() => { const box = document.querySelector('post-search'); document.body.prepend(box); }")
    expect(box(page)).to_have_count(1)
    page.keyboard.press("Control+k")
    expect(box(page)).to_be_focused()

    page.evaluate("() => { window.box = document.querySelector('post-search'); window.box.remove(); }")
    page.keyboard.press("Control+k")

    assert page.evaluate("window.box.shadowRoot.activeElement") is None
    forgive_shifts(page)  # what stood below the box moves up


def test_attributes_name_the_box(page: Page) -> None:
    page.goto("/page/foreign")

    expect(page.get_by_role("combobox", name="Finden")).not_to_have_attribute("placeholder", re.compile("."))


def test_the_script_of_another_origin_works_where_it_is_listed(browser: Browser) -> None:
    host = Flask("host", static_folder=None)
    services: list[str] = []
    host.add_url_rule(
        "/",
        "home",
        lambda: (
            f'<script type="module" src="{services[0]}/search/static/post-search.js"></script>'
            '<html lang="de"><post-search></post-search>'
        ),
    )
    with running(host) as home:
        app = app_with(Library([make_hit()]), Settings(cors_origins=(home,)))
        with running(app) as service, opened(browser) as page:
            services.append(service)
            page.goto(home)
            field = page.get_by_role("combobox", name="Beiträge durchsuchen")
            field.fill("beds")

            first = page.get_by_role("option").first
            expect(first).to_contain_text("beds 1")
            assert first.evaluate("(link) => link.href") == f"{home}/2013/post-1/"
            field.press("Enter")
            page.wait_for_url(f"{service}/search/?q=beds&prefix=1")


BARE = """<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>A bare page</title>
<script type="module" src="{}/search/static/post-search.js"></script>
<main><h1>A bare page</h1><post-search></post-search></main>
"""


@contextmanager
def elsewhere(listed: bool, *, host: str = "127.0.0.1") -> Iterator[tuple[str, str]]:
    """A page with the two lines of the README, and its service at another origin."""
    site = Flask("site", static_folder=None)
    services: list[str] = []
    site.add_url_rule("/", "home", lambda: BARE.format(services[0]))
    with running(site) as home:
        home = home.replace("127.0.0.1", host)
        with running(app_with(Library([make_hit()]), Settings(cors_origins=(home,) if listed else ()))) as service:
            services.append(service)
            yield home, service


@pytest.mark.parametrize("host", ["localhost", "blog.test"])
def test_a_page_that_is_not_listed_has_a_box_that_says_which_setting_to_change(browser: Browser, host: str) -> None:
    """On the console, once; in the box only on the machine of who makes the page, since no visitor can change it."""
    named = another(browser, "--host-resolver-rules=MAP blog.test 127.0.0.1")
    with elsewhere(listed=False, host=host) as (home, service), named as naming, opened(naming) as page:
        told = warnings_of(page)
        page.goto(home)
        with page.expect_console_message(lambda message: message.type == "warning"):
            box(page).fill("beds")
        with page.expect_event("requestfailed"):
            box(page).fill("soil")
        page.evaluate("new Promise((done) => setTimeout(done))")

        sentence = (
            f"<post-search> may not read what {service} answers: "
            f"add {home} to the setting `cors_origins` of the service (POSTSEARCH_CORS_ORIGINS)"
        )
        assert told == [sentence]
        expect(page.get_by_text("The search is not answering", exact=True)).to_be_visible()
        expect(page.get_by_role("button", name="Try again")).to_be_visible()
        expect(page.get_by_text(sentence)).to_have_count(1 if host == "localhost" else 0)
        assert violations(page) == []


def test_a_page_that_is_a_file_has_a_box_that_says_what_to_do(browser: Browser, tmp_path: Path) -> None:
    with elsewhere(listed=False) as (_, service), opened(browser) as page:
        file = tmp_path / "page.html"
        file.write_text(BARE.format(service), "utf-8")
        page.goto(file.as_uri())

        box(page).fill("beds")

        expect(page.get_by_text("serve this page over HTTP, since `cors_origins` can't list")).to_be_visible()


@pytest.mark.parametrize("ends", [["abort", "abort", "abort"], ["abort", "continue_"]], ids=["down", "down-for-once"])
def test_a_service_elsewhere_that_is_down_is_not_taken_for_one_that_refuses(browser: Browser, ends: list[str]) -> None:
    with elsewhere(listed=True) as (home, _), opened(browser) as page:
        told = warnings_of(page)
        page.goto(home)
        held = hold(page)
        box(page).fill("beds")

        for number, end in enumerate(ends, 1):
            route = held.wait(number)
            with page.expect_event("requestfailed" if end == "abort" else "requestfinished"):
                getattr(route, end)()

        page.evaluate("new Promise((done) => setTimeout(done))")
        expect(page.get_by_role("button", name="Try again")).to_be_visible()
        assert told == []
        expect(page.get_by_text("cors_origins")).to_have_count(0)
        assert len(held.routes) == len(ends)


# Looks


HEAVY = """
html { font-size: 62.5% }
body { font: bold italic 1.3rem/3 serif; letter-spacing: .3em; word-spacing: 1em; text-indent: 2em }
* { letter-spacing: .2em; text-align: center; text-shadow: 1px 1px red }
button, input, a, p { font-size: 3rem; color: red; padding: 2rem; text-transform: uppercase; border-radius: 0 }
"""
MEASURES = """(search) => {
  const of = (name) => {
    const element = search.shadowRoot.querySelector(name);
    const { fontSize, fontWeight, letterSpacing, wordSpacing, textTransform, textIndent } = getComputedStyle(element);
    const { width, height } = element.getBoundingClientRect();
    return [name, width, height, fontSize, fontWeight, letterSpacing, wordSpacing, textTransform, textIndent].join(" ");
  };
  return [".field", "input", ".clear", ".chip", ".option", ".title", ".snippet", ".date", ".foot", ".all"].map(of);
}"""


@pytest.mark.parametrize("options", [PHONE, {}], ids=["phone", "desk"])
@pytest.mark.parametrize("name", ["inline", "dialog"])
def test_a_page_with_heavy_looks_of_its_own_changes_nothing_in_the_box(
    browser: Browser, address: str, name: str, options: Any
) -> None:
    """Letters have at least 16 px in the field, too, so that phones need not zoom in."""
    found = []
    for sheet in (LOOK, LOOK + HEAVY):
        with opened(browser, base_url=address, **options) as page:
            look = f"{sheet} body {{ max-width: none; margin: 0; padding: 0; font-family: sans-serif }}"
            page.route("**/look.css", partial(Route.fulfill, body=look, content_type="text/css"))
            search(page, "beds", name)
            found.append(page.locator("post-search").evaluate(MEASURES))

    assert found[0] == found[1]
    assert " 17px " in found[0][1]


@pytest.mark.parametrize(("width", "size"), [(227, 320), (500, 500), (1264, 640)], ids=["narrow", "middling", "wide"])
def test_the_list_is_neither_too_narrow_nor_too_wide(browser: Browser, address: str, width: int, size: int) -> None:
    look = f"{LOOK} body {{ max-width: none; margin: 8px; padding: 0 }} post-search {{ width: {width}px }}"
    with opened(browser, base_url=address, viewport={"width": 1280, "height": 900}) as page:
        page.route("**/look.css", lambda route: route.fulfill(body=look, content_type="text/css"))
        search(page, "beds")

        place = page.locator(".panel").bounding_box()

        assert place
        assert (place["x"], place["width"]) == (8, size)


def test_the_dialog_is_as_it_was_drawn(browser: Browser, address: str) -> None:
    """640 px wide, from a tenth of the height, with a foot that is always in sight; on phones all of the window."""
    with opened(browser, base_url=address, viewport={"width": 1280, "height": 900}) as page:
        search(page, "beds", "dialog")
        assert page.get_by_role("dialog").bounding_box() == {"x": 320, "y": 90, "width": 640, "height": 600}
        assert page.locator(".field").bounding_box() == {"x": 321, "y": 91, "width": 638, "height": 56}
        assert page.locator(".foot").bounding_box() == {"x": 321, "y": 645, "width": 638, "height": 44}
        expect(page.get_by_text("esc clear")).to_be_visible()

    with opened(browser, base_url=address, **PHONE) as page:
        search(page, "beds", "dialog")
        assert page.get_by_role("dialog").bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 800}
        assert page.locator(".foot").bounding_box() == {"x": 0, "y": 756, "width": 390, "height": 44}
        expect(page.get_by_text("esc clear")).to_be_hidden()


def test_the_dialog_is_as_high_as_what_it_shows(browser: Browser, address: str) -> None:
    """With a least height, and its top stays where it is."""
    with opened(browser, base_url=address, viewport={"width": 1280, "height": 900}) as page:
        field = search(page, "beds", "dialog")
        page.route(ASKED, lambda route: route.fulfill(json=answer_of("soil")))
        field.fill("soil")
        expect(page.get_by_role("option", name="soil 1")).to_be_visible()

        assert page.get_by_role("dialog").bounding_box() == {"x": 320, "y": 90, "width": 640, "height": 298}
        assert page.locator(".foot").bounding_box() == {"x": 321, "y": 343, "width": 638, "height": 44}
        assert page.evaluate("window.shifts ?? 0") == 0


def test_where_all_posts_are_shown_the_link_to_the_page_promises_no_more(page: Page) -> None:
    page.route(ASKED, lambda route: route.fulfill(json=answer_of("beds")))
    search(page, "beds")

    page.get_by_role("link", name="Show as a page").click()

    page.wait_for_url("**/search/?q=beds")


OLD = """
delete URL.canParse;
delete Element.prototype.ariaExpanded;
Object.defineProperty(window, "CSSStyleSheet", { value: function () { throw new TypeError("Illegal constructor"); } });
"""


def test_the_box_works_in_browsers_of_2022(browser: Browser, address: str) -> None:
    """In those that know no sheets made by script, a policy has to allow styles in the page."""
    with opened(browser, base_url=address, bypass_csp=True) as page:
        page.add_init_script(OLD)

        field = search(page)

        expect(field).to_have_attribute("aria-expanded", "true")
        assert page.locator(".panel").evaluate("(panel) => getComputedStyle(panel).position") == "absolute"


def inside(page: Page) -> bool:
    """Whether all of the list is in the part of the window that is seen."""
    return bool(
        page.locator(".panel").evaluate(
            """(panel) => {
              const { top, bottom } = panel.getBoundingClientRect();
              const { offsetTop, height } = visualViewport;
              return top >= offsetTop && bottom <= offsetTop + height && bottom - top > 100;
            }"""
        )
    )


@pytest.mark.parametrize("bottom", ["0", "160px", "300px", "calc(100vh - 3rem)"])
def test_the_list_of_a_box_that_lies_low_stays_in_the_window(page: Page, bottom: str) -> None:
    low = f"{LOOK} post-search {{ position: fixed; bottom: {bottom}; left: 1rem }}"
    page.route("**/look.css", lambda route: route.fulfill(body=low, content_type="text/css"))
    field = show(page)
    place = field.bounding_box()
    field.fill("beds")
    expect(page.get_by_role("option").first).to_be_visible()
    assert inside(page)

    # Nothing moves when there are fewer posts or more, above the box as little as below it.
    field.fill("nothing")
    expect(page.get_by_role("option")).to_have_count(6)
    field.fill("soil")
    expect(page.get_by_role("option").first).to_be_visible()
    assert inside(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    assert field.bounding_box() == place


@pytest.mark.parametrize("name", ["inline", "dialog"])
def test_the_list_stays_in_what_a_keyboard_on_the_screen_leaves(browser: Browser, address: str, name: str) -> None:
    """Which is smaller than the window, as it is where one has zoomed in."""
    with opened(browser, base_url=address, **PHONE) as page:
        search(page, name=name)
        assert inside(page)

        page.evaluate("window.told = new Promise((tell) => visualViewport.addEventListener('resize', tell)); null")
        page.context.new_cdp_session(page).send("Emulation.setPageScaleFactor", {"pageScaleFactor": 2})
        page.evaluate("window.told.then(() => 0)")

        assert page.evaluate("visualViewport.height") < 500
        assert inside(page)


@pytest.mark.parametrize("name", ["inline", "dialog"])
@pytest.mark.parametrize(
    "options",
    [{"width": 320, "height": 256}, {"width": 320, "height": 640}, {"width": 1600, "height": 1000}],
    ids=["zoomed", "phone", "desk"],
)
def test_nothing_sticks_out_of_the_window(browser: Browser, address: str, name: str, options: Any) -> None:
    with opened(browser, base_url=address, viewport=options) as page:
        search(page, "a-very-long-word-that-no-line-of-a-phone-can-hold-whatever-its-letters", name)

        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        for _ in range(4):
            page.keyboard.press("ArrowDown")
        expect(active(page)).to_be_in_viewport()
        assert page.evaluate("window.shifts ?? 0") == 0


def test_a_narrow_box_at_the_edge_opens_a_wide_list_inside_the_window(page: Page) -> None:
    field = show(page)
    field.blur()
    page.evaluate("() => { const box = document.querySelector('post-search'); box.style.width = '10rem'; "
                  "box.style.position = 'absolute'; box.style.right = '0'; }")  # fmt: skip
    field.fill("beds")
    expect(page.get_by_role("listbox")).to_be_visible()

    place = page.locator(".panel").bounding_box()

    assert place
    assert place["width"] == 320
    assert place["x"] + place["width"] == 992
    forgive_shifts(page)  # the box itself was moved


def test_fingers_find_their_goal(browser: Browser, address: str) -> None:
    with opened(browser, base_url=address, **PHONE) as page:
        show(page, "dialog").fill("garbage c")
        expect(page.get_by_role("status")).to_contain_text("post")  # the last answer is told, which may change options
        for goal in [*page.get_by_role("option").all(), *page.locator("button:visible").all(), page.locator(".all")]:
            size = goal.bounding_box()
            assert size
            assert min(size["width"], size["height"]) >= 44, goal.inner_text()
        completions(page).first.tap()
        expect(page.get_by_role("option").first).to_contain_text("Garbage collector 1")
        page.get_by_role("option").first.tap()
        page.wait_for_url("**/2013/post-1/")


def test_the_choice_can_be_seen_in_forced_colours(browser: Browser, address: str) -> None:
    with opened(browser, base_url=address, forced_colors="active") as page:
        search(page)
        page.keyboard.press("ArrowDown")
        style = "(option) => getComputedStyle(option).outlineColor"

        chosen = active(page).evaluate(style)

        assert chosen != page.get_by_role("option").nth(2).evaluate(style)
        assert "0)" not in chosen.partition(",")[2].replace("0, 0)", ""), chosen


def test_nothing_moves_by_itself_where_that_is_unwanted(browser: Browser, address: str) -> None:
    with opened(browser, base_url=address, reduced_motion="reduce") as page:
        hold(page)
        show(page).fill("beds")

        moving = page.locator(".busy").evaluate("(field) => getComputedStyle(field, '::after').animationName")

        assert moving == "none"


def show_newest(page: Page) -> None:
    expect(page.get_by_role("group", name="Newest posts")).to_be_visible()


def show_hits(page: Page) -> None:
    box(page).fill("beds")
    expect(page.get_by_role("option").first).to_contain_text("beds 1")


def show_choice(page: Page) -> None:
    show_hits(page)
    page.keyboard.press("ArrowDown")


def show_completions(page: Page) -> None:
    box(page).fill("garbage c")
    expect(completions(page)).to_have_count(3)
    page.keyboard.press("ArrowDown")


def show_recent(page: Page) -> None:
    remember(page, "raised beds", "soil")
    page.evaluate("document.querySelector('post-search').close()")
    page.evaluate("document.querySelector('post-search').open()")
    expect(page.get_by_role("group", name="Recent").get_by_role("option")).to_have_count(2)


def show_filtered(page: Page) -> None:
    show_hits(page)
    chip(page, "kvm").click()
    expect(chip(page, "kvm")).to_have_attribute("aria-pressed", "true")


def show_none(page: Page) -> None:
    box(page).fill("nothing here")
    expect(page.get_by_text("Try other words")).to_be_visible()


def show_offline(page: Page) -> None:
    page.context.set_offline(True)
    box(page).fill("beds")
    expect(page.get_by_text("You are offline", exact=True)).to_be_visible()


def show_failure(page: Page) -> None:
    page.route(ASKED, lambda route: route.abort())
    box(page).fill("beds")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


def show_loading(page: Page) -> None:
    hold(page)
    box(page).fill("beds")
    expect(page.locator(".busy")).to_be_visible()


STATES: dict[str, Callable[[Page], None]] = {
    "empty": show_newest,
    "recent": show_recent,
    "hits": show_hits,
    "filtered": show_filtered,
    "chosen": show_choice,
    "completions": show_completions,
    "none": show_none,
    "failed": show_failure,
    "offline": show_offline,
    "loading": show_loading,
}


@pytest.mark.parametrize("size", ["phone", "desk"])
@pytest.mark.parametrize("name", ["inline", "dialog"])
@pytest.mark.parametrize("state", STATES)
def test_every_state_is_accessible(browser: Browser, address: str, name: str, state: str, size: str) -> None:
    """By the rules of axe-core; with POSTSEARCH_SHOTS=folder a picture of each state is put there."""
    viewport = {"width": 390, "height": 780} if size == "phone" else {"width": 1000, "height": 800}
    with opened(browser, base_url=address, viewport=viewport, bypass_csp=True) as page:
        show(page, name)
        STATES[state](page)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            if SHOTS:
                page.screenshot(path=Path(SHOTS) / f"box-{name}-{state}-{size}-{scheme}.png", animations="disabled")

            assert violations(page) == [], scheme
        assert page.evaluate("window.shifts ?? 0") == 0
