"""Row 13: nothing that stands in a post or a query runs in a browser, also where no policy would keep it from that."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from flask import Flask, Response

from tests.browser import Listener, chromium, opened, running
from tests.stress.conftest import Scorecard
from tests.stress.test_markup import PER_PAGE, POSTS, ROW, app_of, naive_app, paths

try:
    from playwright.sync_api import Dialog, Error, Request
except ImportError:
    pytest.skip("these need the package playwright, which `make test-all` installs", allow_module_level=True)

SECONDS = 45.0
"""For each of both policies."""


BOX = "<!doctype html><script type=module src=/search/static/post-search.js></script><post-search per-page=50>"


def with_box(app: Flask, *, policy: bool) -> Flask:
    """The app with the search box on a page of its own; without `policy` nothing would keep a script from running."""

    @app.after_request
    def guard(response: Response) -> Response:
        if not policy:
            response.headers.pop("Content-Security-Policy", None)
        return response

    app.add_url_rule("/box", view_func=lambda: BOX)
    return app


def scripts_run(address: str, paths: Sequence[str], chance: Random, seconds: float) -> tuple[int, list[str]]:
    """How many pages were opened in Chromium, and what ran or was asked for there that is not ours."""
    until, tried, wrong = time.monotonic() + seconds, 0, list[str]()

    def on_dialog(dialog: Dialog) -> None:
        wrong.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def on_request(sent: Request) -> None:
        if not sent.url.startswith(address):
            wrong.append(f"request {sent.url}")

    with chromium() as browser, opened(browser) as page:
        heard = Listener(page)
        page.on("dialog", on_dialog)
        page.on("request", on_request)
        for path in paths:
            if time.monotonic() > until:
                break
            try:
                page.goto(f"{address}{path}")
                if path.startswith("/box"):
                    page.get_by_role("combobox").fill(chance.choice(("needle", "kept needle", "script", "window")))
                    page.get_by_role("option").first.wait_for()
                if page.evaluate("window.pwned"):
                    wrong.append(f"script at {path}")
            except Error as error:  # it left the page, for one
                wrong.append(f"{path}: {error}")
            tried += 1
        # A status of 400 or 404 is told there, too.
        wrong += [told for told in heard.complaints if "the server responded with a status of" not in told]
    return tried, wrong


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("policy", [True, False])
def test_nothing_runs_in_a_browser(tmp_path: Path, chance: Random, scorecard: Scorecard, policy: bool) -> None:
    app = with_box(app_of(tmp_path / "hostile", chance, POSTS), policy=policy)
    client = app.test_client()
    total = client.get("/search/hits?q=needle").get_json()["total"]
    every = paths(client, chance, -(-total // PER_PAGE))
    waiting = [path for path in every if "/search/?" in path or "/search/" not in path]
    chance.shuffle(waiting)
    with running(app) as address:
        tried, wrong = scripts_run(address, ["/box"] * 3 + waiting, chance, SECONDS)
    print(*wrong[:50], sep="\n")
    told = "with" if policy else "without"
    figure = f"{total:,} posts, {tried} pages in Chromium {told} a policy: {len(wrong)} not ours"
    scorecard(ROW, figure, "0 scripts", not wrong)


@pytest.mark.full
def test_a_script_that_runs_is_caught(tmp_path: Path, chance: Random) -> None:
    with running(naive_app(app_of(tmp_path / "hostile", chance, 60))) as address:
        pages = [f"/search/?q=needle&per_page=2&page={page}" for page in range(1, 20)]
        _, wrong = scripts_run(address, pages, chance, SECONDS)

    assert any("script at" in line for line in wrong)
