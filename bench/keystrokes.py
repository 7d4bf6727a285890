"""How long a keystroke takes to its painted results: types queries into the search box in a real Chromium.

Prints the median and 95th percentile, in milliseconds, from the request that a key starts (without the box's own pause)
to the frame that shows its results, and the layout shift.

    python -m bench.keystrokes path/to/posts
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

QUERIES = ("compiler warning", "template function", "standard library", "virtual destructor", "error message")
CHROMIUM = "/usr/bin/chromium"
PREPARE = """async () => {
  const box = document.querySelector('post-search');
  while (!box.shadowRoot) await new Promise(requestAnimationFrame);
  window.times = []; window.shift = 0;
  new PerformanceObserver(list => list.getEntries().forEach(e => { shift += e.value; }))
    .observe({type: 'layout-shift', buffered: true});
  const ask = window.fetch;
  window.fetch = async (...args) => {
    const from = performance.now();
    const answer = await ask(...args);
    window.started = from;
    return answer;
  };
  const look = () => {
    if (!window.started) return;
    const from = window.started; window.started = 0;
    requestAnimationFrame(() => setTimeout(() => times.push(performance.now() - from)));
  };
  new MutationObserver(look).observe(box.shadowRoot, {childList: true, subtree: true, characterData: true});
}"""


def main(posts: Path) -> None:
    """Serve the posts, type, and print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "search.cli", "serve", str(posts), "--port", "0", "--index", f"{folder}/i"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            url = server.stdout.readline().split()[2]
            try:
                report(*typed(url))
            finally:
                server.terminate()


def typed(url: str) -> tuple[list[float], float]:
    """The times of all keystrokes that asked for results, and the layout shift that they caused."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(bypass_csp=True)
        page.goto(url)
        page.wait_for_function("!!customElements.get('post-search')")
        page.evaluate(PREPARE)
        for query in QUERIES:
            type_slowly(page, query)
        times, shift = page.evaluate("[times, shift]")
        browser.close()
        return times, shift


def type_slowly(page: Page, query: str) -> None:
    """Type as people do, a key only after the answer to the one before has been shown."""
    field = page.get_by_role("combobox")
    field.fill("")
    for letter in query:
        before = page.evaluate("times.length")
        field.press_sequentially(letter)
        if letter != " ":
            page.wait_for_function(f"times.length > {before}")


def report(times: list[float], shift: float) -> None:
    middle, late = statistics.median(times), statistics.quantiles(times, n=20)[-1]
    print(f"{len(times)} keystrokes: median {middle:.1f} ms, p95 {late:.1f} ms; layout shift {shift:.3f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
