"""Row 18: the text fragment of a hit leads Chromium to the words that its snippet marks, in a page made of its post."""

from __future__ import annotations

import base64
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from pathlib import Path
from random import Random
from urllib.parse import quote, unquote

import pyromark
import pytest
from flask import Flask

from index.indexer.run import reindex
from index.settings import Settings
from search.service import Search
from tests import ROOT
from tests.browser import chromium, opened, running
from tests.stress.conftest import Scorecard

ROW = 18
DATA = Path(os.environ.get("POSTSEARCH_TEST_DATA", "no-such-folder"))
LINKS, SECONDS = 400, 270.0
SAMPLE, SAMPLE_SECONDS = 12, 240.0
HITS, QUERIES = 3, 2_000

OPTIONS = reduce(
    or_,
    (getattr(pyromark.Options, f"ENABLE_{name}") for name in (
        "TABLES", "FOOTNOTES", "STRIKETHROUGH", "TASKLISTS", "SMART_PUNCTUATION", "HEADING_ATTRIBUTES",
        "YAML_STYLE_METADATA_BLOCKS",
    )),
)  # fmt: skip

PAGE = """<!doctype html><meta charset=utf-8><title>A post</title>
<style>body { margin: 0 40px; background: #fff } ::target-text { background: #f0f } div { height: 3000px }</style>
<nav>Home Archive About</nav><div></div><main>%s</main><div></div>"""

WORDS_OF_PAGE = """async ([before, words, behind]) => {
  for (const until = performance.now() + 1000; !scrollY && performance.now() < until; ) {
    await new Promise(requestAnimationFrame);
  }
  // All text with single blanks, and where each of its characters stands.
  let text = "";
  const places = [];
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.parentElement.checkVisibility()) continue;
    for (let i = 0; i < node.length; i++) {
      const sign = node.data[i].replace(/\\s/, " ");
      if (sign === " " && text.endsWith(" ")) continue;
      text += sign;
      places.push([node, i]);
    }
  }
  const sought = [before, words, behind].filter(Boolean).join(" ").toLowerCase();
  const found = text.toLowerCase().indexOf(sought);
  if (found < 0) return null;
  const start = found + (before ? before.length + 1 : 0);
  const range = document.createRange();
  range.setStart(...places[start]);
  const [node, last] = places[start + words.length - 1];
  range.setEnd(node, last + 1);
  const { x, y, width, height } = range.getClientRects()[0];
  return { x, y, width, height, view: innerHeight, scrolled: scrollY };
}"""

HAS_MARK = """async (png) => {
  const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
  const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  for (let i = 0; i < data.length; i += 4) {
    if (data[i] === 255 && data[i + 1] === 0 && data[i + 2] === 255) return true;
  }
  return false;
}"""


@dataclass(frozen=True)
class Link:
    """A fragment, and the file of the post that it leads into."""

    file: Path
    fragment: str
    snippet: str

    @property
    def words(self) -> tuple[str, str, str]:
        """The words that it names: before the marked ones, these, and behind them."""
        parts = [unquote(part) for part in self.fragment.partition(":~:text=")[2].split(",")]
        before = parts.pop(0).removesuffix("-") if parts[0].endswith("-") else ""
        behind = parts.pop().removeprefix("-") if parts[-1].startswith("-") else ""
        [words] = parts
        return before, words, behind


def links(posts: Path, index: Path, chance: Random, count: int) -> list[Link]:
    """The links of hits, and of their sections, for queries of a few words of a post, as many as are wanted."""
    settings = Settings(posts=posts, index=index, workers=1)
    reindex(settings)
    search = Search(settings)
    documents = [post for hit in search.run(per_page=100).hits if (post := search.post(hit.id))]
    found: dict[Link, None] = {}
    for _ in range(QUERIES):
        words = re.findall(r"\w{3,}", chance.choice(documents).body)
        if words:
            first = chance.randrange(len(words))
            typed = " ".join(words[first : first + chance.choice((1, 1, 2, 3))])
            query = replace(search.query(typed, prefix=chance.random() < 0.5), per_page=HITS)
            for hit in search.answer(query).hits:
                parts = [(hit.fragment, hit.snippet), *((part.fragment, part.snippet) for part in hit.sections)]
                found |= {Link(posts / hit.id, fragment, text): None for fragment, text in parts if fragment}
        if len(found) > 3 * count:
            break
    search.close()
    return chance.sample(list(found), min(count, len(found)))


def page_of(file: Path) -> str:
    """The post as a site may show it, without what templates do, below more than a screen of nothing."""
    text = re.sub(r"\{\{[^{}]*\}\}|\{%[^{}]*%\}", "", file.read_text(errors="replace"))
    if file.suffix == ".html":
        return PAGE % re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    return PAGE % pyromark.html(text, options=OPTIONS)


def faults(links: list[Link], seconds: float) -> Iterator[str]:
    """What is wrong about each link that can be opened in the time, or "": its words are to stand in the middle of the
    window, marked."""
    app = Flask(__name__)
    app.add_url_rule("/<int:number>", view_func=lambda number: page_of(links[number].file))
    until = time.monotonic() + seconds
    with running(app) as address, chromium() as browser, opened(browser) as page:
        for number, link in enumerate(links):
            if time.monotonic() > until:
                return
            page.goto(f"{address}/{number}#{link.fragment.removeprefix('#')}", wait_until="load")
            place = page.evaluate(WORDS_OF_PAGE, list(link.words))
            if place is None:
                yield f"the page has no such words: {link}"
            elif not place["scrolled"]:
                yield f"not found: {link}"
            elif abs(place["y"] + place["height"] / 2 - place["view"] / 2) > place["view"] / 4:
                yield f"scrolled to {place}: {link}"
            else:
                x, y, width, height = (place[name] for name in ("x", "y", "width", "height"))
                png = page.screenshot(clip={"x": x, "y": y, "width": width, "height": height})
                yield (
                    "" if page.evaluate(HAS_MARK, base64.b64encode(png).decode()) else f"not marked at {place}: {link}"
                )


@pytest.mark.slow
@pytest.mark.timeout(SECONDS + 300)
@pytest.mark.skipif(not DATA.is_dir(), reason="POSTSEARCH_TEST_DATA does not name a folder with real posts")
def test_text_fragments_lead_to_the_marked_words(tmp_path: Path, scorecard: Scorecard, chance: Random) -> None:
    drawn = [
        link
        for name in ("golang", "nodejs")
        for link in links(DATA / "posts" / name, tmp_path / name, chance, LINKS // 2)
    ]
    chance.shuffle(drawn)
    told = list(faults(drawn, SECONDS))
    wrong = [fault for fault in told if fault]

    print(*wrong, sep="\n")
    share = 1 - len(wrong) / len(told)
    scorecard(ROW, f"{share:.1%} of {len(told)} text fragments led to their words", "99 % of 300", share >= 0.99)
    scorecard(ROW, f"{len(told)} text fragments were opened in Chromium", "300", len(told) >= 300)


@pytest.mark.full
def test_text_fragments_of_a_few_posts_lead_to_the_marked_words(tmp_path: Path, chance: Random) -> None:
    drawn = links(ROOT / "examples" / "posts", tmp_path, chance, SAMPLE)

    assert list(faults(drawn, SAMPLE_SECONDS)) == [""] * SAMPLE


@pytest.mark.full
def test_fragments_that_lead_nowhere_or_astray_are_found(tmp_path: Path, chance: Random) -> None:
    post = tmp_path / "post.md"
    post.write_text(
        f"A gluster was here.\n\n{'Nothing is said. ' * 999}\n\nWe all saw how a gluster grows in the shade.\n"
    )
    right = Link(post, ":~:text=all%20saw%20how%20a-,gluster,-grows%20in%20the%20shade.", "")

    def fault(fragment: str, file: Path = post) -> str:
        class Wrong(Link):
            words = right.words

        [told] = faults([Wrong(file, fragment, "")], SAMPLE_SECONDS)
        return told.partition(" {")[0].partition(":")[0]

    assert fault(right.fragment) == ""
    assert fault(right.fragment.replace("shade", "sun")) == "not found"
    assert fault(":~:text=gluster") == "scrolled to"
    assert fault(f":~:text={quote('in the shade')}") == "not marked at"
