"""The search box by its keys, and the results page, in Firefox and in WebKit, through their own drivers.

`make browsers` runs these. Firefox needs firefox-esr and geckodriver (from crates.io; GECKODRIVER may name it); WebKit
needs webkit2gtk-driver, and xvfb where there is no display, since its browser has no mode without a window.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.browser import running
from tests.fake_search import FakeSearch, app_with, make_hit

try:
    from selenium import webdriver
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.firefox.service import Service as FirefoxService
    from selenium.webdriver.remote.webdriver import WebDriver
    from selenium.webdriver.support.wait import WebDriverWait
    from selenium.webdriver.webkitgtk.service import Service as WebKitService
except ImportError:
    pytest.skip("these need the package selenium, which `make browsers` installs", allow_module_level=True)

pytestmark = [
    pytest.mark.browsers,
    # Selenium's own WebKit driver starts its connection in a way that Selenium has deprecated.
    pytest.mark.filterwarnings("ignore:setting remote_server_addr:DeprecationWarning"),
]

PATIENCE = 10
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>A bare page</title>
{script}
<h1>A bare page</h1>
<post-search {attributes}><form action="/search/"><input name="q"></form></post-search>
</html>
"""
SCRIPT = '<script type="module" src="/search/static/post-search.js"></script>'
LOAD = """
const script = document.createElement("script");
script.type = "module";
script.src = "/search/static/post-search.js";
document.head.append(script);
"""
LOADED = "return document.readyState === 'complete' && location.href;"
STATE = """
const root = document.querySelector("post-search")?.shadowRoot;
const input = root?.querySelector("input");
const shown = (element) => element.getClientRects().length > 0;
return root && {
  options: [...root.querySelectorAll("[role=option]")].filter(shown).map((option) => option.textContent),
  marks: [...root.querySelectorAll("mark")].filter(shown).map((mark) => mark.textContent),
  selected: [...root.querySelectorAll("[aria-selected=true]")].map((option) => option.id),
  active: input.getAttribute("aria-activedescendant"),
  expanded: input.getAttribute("aria-expanded"),
  focused: root.activeElement === input,
  value: input.value,
  status: root.querySelector("[role=status]").textContent,
  dialog: !!root.querySelector("dialog")?.open,
};
"""


def program(variable: str, *names: str) -> str:
    """Where the program is: what the variable names, or the first of the names on the path; "" where there is none."""
    places = os.pathsep.join([os.environ.get("PATH", ""), str(Path.home() / ".cargo" / "bin")])
    return os.environ.get(variable) or next(filter(None, (shutil.which(name, path=places) for name in names)), "")


@contextmanager
def display() -> Iterator[None]:
    """A screen to draw on: the one that there is, or one that nobody sees."""
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        yield
        return
    if not shutil.which("Xvfb"):
        pytest.skip("there is no display for WebKit: apt install xvfb")
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1200x900x24", "-nolisten", "tcp"]
    screen = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as told:  # it says its number once it is ready
            os.environ["DISPLAY"] = f":{told.readline().strip()}"
        yield
    finally:
        os.environ.pop("DISPLAY", None)
        screen.terminate()
        screen.wait()


@contextmanager
def firefox() -> Iterator[WebDriver]:
    binary, driver = program("FIREFOX", "firefox-esr", "firefox"), program("GECKODRIVER", "geckodriver")
    if not binary or not driver:
        pytest.skip("there is no Firefox with its driver: apt install firefox-esr, cargo install geckodriver")
    options = webdriver.FirefoxOptions()
    options.binary_location = binary
    options.add_argument("-headless")
    with webdriver.Firefox(options=options, service=FirefoxService(driver, log_output=subprocess.DEVNULL)) as started:
        yield started


@contextmanager
def webkit() -> Iterator[WebDriver]:
    driver = program("WEBKITWEBDRIVER", "WebKitWebDriver")
    found = sorted(Path("/usr/lib").glob("*/webkit*gtk-*/MiniBrowser"))
    if not driver or not found:
        pytest.skip("there is no WebKit with its driver: apt install webkit2gtk-driver")
    options = webdriver.WebKitGTKOptions()
    options.binary_location = str(found[-1])
    options.add_argument("--automation")
    service = WebKitService(driver, log_output=subprocess.DEVNULL)
    with display(), webdriver.WebKitGTK(options=options, service=service) as started:
        yield started


@pytest.fixture(scope="module", params=[firefox, webkit], ids=["firefox", "webkit"])
def browser(request: pytest.FixtureRequest) -> Iterator[WebDriver]:
    with request.param() as started:
        yield started


def site() -> Flask:
    """A site with a box, a box in a dialog, and the posts that the hits lead to."""
    app = app_with(FakeSearch([make_hit(number) for number in range(1, 4)]))
    app.add_url_rule("/inline", "inline", lambda: PAGE.format(attributes="", script=SCRIPT))
    app.add_url_rule("/dialog", "dialog", lambda: PAGE.format(attributes="dialog", script=SCRIPT))
    app.add_url_rule("/late", "late", lambda: PAGE.format(attributes="", script=""))
    app.add_url_rule("/2013/<slug>/", "post", lambda slug: f"<!doctype html><title>{slug}</title><h1>{slug}</h1>")
    return app


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running(site()) as found:
        yield found


class Box:
    """The search box of a page, used by keys alone."""

    def __init__(self, browser: WebDriver, url: str = "") -> None:
        self.browser = browser
        if url:
            browser.get(url)
            # WebKit's driver may come back earlier, while the page before was still loading.
            assert gone_to(browser, url)
        self.until(lambda state: state is not None)

    def until(self, seen: Callable[[Any], object]) -> Any:
        """The state of the box as soon as it is as wanted."""

        def look(_: WebDriver) -> Any:
            state = self.browser.execute_script(STATE)
            return (state or True) if seen(state) else None

        return WebDriverWait(self.browser, PATIENCE, poll_frequency=0.05).until(look)

    def press(self, *keys: str) -> None:
        ActionChains(self.browser).send_keys(*keys).perform()

    def search(self, words: str) -> Any:
        """Type and wait for the posts."""
        self.browser.execute_script('document.querySelector("post-search").open()')
        self.press(words)
        return self.until(lambda state: state["marks"])


def gone_to(browser: WebDriver, url: str) -> bool:
    """Whether that page has loaded; its address alone is there before it."""
    loaded = WebDriverWait(browser, PATIENCE, poll_frequency=0.05).until
    return bool(loaded(lambda _: browser.execute_script(LOADED) == url))


def test_posts_are_shown_as_one_types(browser: WebDriver, address: str) -> None:
    box = Box(browser, f"{address}/inline")
    state = box.search("libgfapi")

    assert state["options"][0].startswith("oVirt workshop 1")
    assert sum("oVirt workshop" in text for text in state["options"]) == 3
    assert sum("Gluster & friends" in text for text in state["options"]) == 3, "sections stand below their posts"
    assert "libgfapi" in state["marks"]
    assert box.until(lambda state: state["status"])["status"] == "3 posts"
    assert state["expanded"] == "true"
    assert state["active"] is None, "nothing is chosen before Down is pressed"


def test_down_and_up_choose_and_the_cursor_stays(browser: WebDriver, address: str) -> None:
    box = Box(browser, f"{address}/inline")
    options = box.search("libgfapi")["options"]

    box.press(Keys.ARROW_DOWN)
    first = box.until(lambda state: state["active"])
    box.press(Keys.ARROW_DOWN)
    second = box.until(lambda state: state["active"] != first["active"])
    box.press(Keys.ARROW_UP, Keys.ARROW_UP)
    none = box.until(lambda state: state["active"] is None)
    box.press(Keys.ARROW_UP)
    last = box.until(lambda state: state["active"])

    assert first["selected"] == [first["active"]]
    assert second["selected"] == [second["active"]] != first["selected"]
    assert none["selected"] == []
    assert last["selected"] not in (first["selected"], second["selected"])
    assert last["options"] == options
    assert last["focused"]
    assert last["value"] == "libgfapi"


def test_an_empty_box_shows_the_newest_posts_and_what_was_searched_for(browser: WebDriver, address: str) -> None:
    box = Box(browser, f"{address}/inline")
    box.search("libgfapi")
    box.press(Keys.ENTER)
    assert gone_to(browser, f"{address}/search/?q=libgfapi")

    box = Box(browser, f"{address}/inline")
    browser.execute_script('document.querySelector("post-search").open()')
    options = box.until(lambda state: len(state["options"]) > 4)["options"]

    assert options[0].startswith("libgfapi")
    assert options[1].startswith("oVirt workshop 1")
    box.press(Keys.ARROW_DOWN, Keys.DELETE)
    assert box.until(lambda state: len(state["options"]) == len(options) - 1)["options"] == options[1:]


def test_enter_opens_the_chosen_post(browser: WebDriver, address: str) -> None:
    box = Box(browser, f"{address}/inline")
    box.search("libgfapi")
    box.press(Keys.ARROW_DOWN)
    box.until(lambda state: state["active"])
    box.press(Keys.ENTER)

    assert gone_to(browser, f"{address}/2013/post-1/")


def test_enter_without_a_choice_leads_to_the_results_page(browser: WebDriver, address: str) -> None:
    box = Box(browser, f"{address}/inline")
    box.search("libgfapi")
    box.press(Keys.ENTER)

    assert gone_to(browser, f"{address}/search/?q=libgfapi")


def test_escape_closes_and_then_clears(browser: WebDriver, address: str) -> None:
    box = Box(browser, f"{address}/inline")
    box.search("libgfapi")
    box.press(Keys.ESCAPE)
    closed = box.until(lambda state: not state["options"])
    box.press(Keys.ESCAPE)
    cleared = box.until(lambda state: not state["value"])

    assert closed["value"] == "libgfapi"
    assert closed["expanded"] == cleared["expanded"] == "false"
    assert cleared["focused"]


def test_what_was_typed_before_the_script_came_is_kept_and_asked_for(browser: WebDriver, address: str) -> None:
    browser.get(f"{address}/late")
    browser.find_element("name", "q").send_keys("libapi", *[Keys.ARROW_LEFT] * 3)
    browser.execute_script(LOAD)
    box = Box(browser)
    state = box.until(lambda state: state["options"])
    box.press("gf")

    assert state["focused"]
    assert box.until(lambda state: state["value"] == "libgfapi")


def test_a_shortcut_opens_the_dialog_and_escape_empties_and_closes_it(browser: WebDriver, address: str) -> None:
    box = Box(browser, f"{address}/dialog")
    ActionChains(browser).key_down(Keys.CONTROL).send_keys("k").key_up(Keys.CONTROL).perform()
    opened = box.until(lambda state: state["dialog"])
    box.press("libgfapi")
    box.until(lambda state: state["marks"])
    box.press(Keys.ESCAPE)
    emptied = box.until(lambda state: not state["value"])
    box.press(Keys.ESCAPE)
    box.until(lambda state: not state["dialog"])

    assert opened["focused"]
    assert emptied["dialog"]


def test_the_results_page(browser: WebDriver, address: str) -> None:
    browser.get(f"{address}/search/?q=libgfapi")
    titles = browser.find_elements("css selector", "article h2 a")
    marks = browser.find_elements("css selector", "article mark")

    assert [title.text for title in titles] == ["oVirt workshop 1", "oVirt workshop 2", "oVirt workshop 3"]
    assert "libgfapi" in [mark.text for mark in marks]

    browser.find_element("link text", "Newest").click()
    assert gone_to(browser, f"{address}/search/?q=libgfapi&sort=newest")

    browser.find_element("link text", "oVirt workshop 2").click()
    assert gone_to(browser, f"{address}/2013/post-2/")
