"""A real browser for tests: serves an app on a free port and opens pages in Debian's Chromium.

Where Playwright or Chromium is missing the tests that need them are skipped, and say what to install.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.served import running

try:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Route, expect, sync_playwright
except ImportError:
    pytest.skip("these need the package playwright, which `make test-all` installs", allow_module_level=True)

__all__ = ["PATIENCE_MS", "POLICY", "Held", "Listener", "another", "chromium", "opened", "running", "violations"]

CHROMIUM = shutil.which("chromium") or ""
SHELL = shutil.which("chromium-headless-shell") or CHROMIUM
"""The same browser without what lies around a page, such as tabs and menus, which takes more time than the page."""

PATIENCE_MS = 20_000
"""For what a page is to become: long, as other tests may keep the machine busy."""

expect.set_options(timeout=PATIENCE_MS)

FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Chromium refuses its sandbox to root, who runs the tests in containers.
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
]

POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
"""The strictest policy under which a page can show the box."""

SHIFTS = """
{
  let total = 0;
  // The browser excuses what moves within half a second of a key; nothing here needs the excuse.
  const add = (entries) => entries.forEach(({ value }) => (total += value));
  const observer = new PerformanceObserver((list) => add(list.getEntries()));
  observer.observe({ type: "layout-shift", buffered: true });
  // What was noted is read when it is asked for: a busy browser tells of it late.
  Object.defineProperty(window, "shifts", {
    configurable: true,
    get: () => (add(observer.takeRecords()), total),
    set: (value) => (add(observer.takeRecords()), (total = value)),
  });
}
document.addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective}`));
"""


class Listener:
    """What a page complained of: messages on its console, and scripts that failed."""

    def __init__(self, page: Page) -> None:
        self.complaints: list[str] = []
        page.on("console", self.hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)


class Held:
    """Requests to addresses, which wait until the test lets them go."""

    def __init__(self, page: Page, url: str | re.Pattern[str]) -> None:
        self.page = page
        self.routes: list[Route] = []
        page.route(url, lambda route: self.routes.append(route))

    def wait(self, number: int) -> Route:
        """The request of that number, counted from 1, once it has been made."""
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while len(self.routes) < number:
            assert time.monotonic() < deadline, f"there was no request {number}"
            # Playwright hands out what happened only while it is asked something.
            self.page.evaluate("new Promise(requestAnimationFrame)")
        return self.routes[number - 1]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window and with a profile of its own; its shell, where that is installed."""
    if not CHROMIUM:
        pytest.skip("there is no chromium here: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=SHELL, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def another(browser: Browser, *flags: str, without: tuple[str, ...] = ()) -> Iterator[Browser]:
    """A whole Chromium beside that one, with flags more and without some of those that Playwright sets."""
    started = browser.browser_type.launch(
        executable_path=CHROMIUM, args=[*FLAGS, *flags], ignore_default_args=list(without)
    )
    try:
        yield started
    finally:
        started.close()


@contextmanager
def opened(browser: Browser, **options: Any) -> Iterator[Page]:
    """A page in a context of its own, which adds up how much its layout shifts as `window.shifts`."""
    context = browser.new_context(**{"viewport": {"width": 1000, "height": 800}, "locale": "en-GB", **options})
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(SHIFTS)
    try:
        yield context.new_page()
    finally:
        context.close()


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong with the page as it is now, one line each."""
    axe = pytest.importorskip("axe_playwright_python.base", reason="axe-core comes with axe-playwright-python")
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe.AXE_SCRIPT + "\n0")
    report = page.evaluate("axe.run()")
    return [f"{found['id']}: {node['html']}" for found in report["violations"] for node in found["nodes"]]
