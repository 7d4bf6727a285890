"""The time that a post or a query takes grows with its length and not faster, whatever stands in it many times."""

from __future__ import annotations

import gc
import math
import os
import random
import re
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial

import pytest

from index.errors import PostError
from index.indexer.post import read_post
from index.segments.inversion import invert
from index.sites.site import Site
from search.query.parser import parse
from tests.bare_sites import SITE_GENERATORS, bare_site
from tests.bombs import FRAMES, TOKENS, filled

MAX_EXPONENT = 1.3
"""Of the length, to which the time may grow; 1 is a time that grows like the length."""

NOISE_SECONDS = 0.002
"""A time below this counts as this: it tells more of the machine."""

MAX_RUNS = 7
"""How often a time is taken that seems to grow too fast: the least of them counts."""

POST_CHARS, QUERY_CHARS = 5_000, 500
SAMPLE = 60

HUGO = bare_site("hugo")

ONCE_TOO_SLOW = (
    ("\u0301\u0316", "markdown"), ("&#x301;&#x316;", "markdown"), (r"\u0301\u0316", "json value"), (" ", "yaml pair"),
    ("~", "after ~~~"), ("{#", "remarks"), ("<div>", "markdown"), ("<pre>", "html"),
)  # fmt: skip


@pytest.fixture(autouse=True)
def no_collection() -> Iterator[None]:
    """No time is taken by garbage that others left."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def exponent(work: Callable[[int], object], size: int) -> float:
    """The power of the length with which the CPU time of `work` grows, from a size to four times that size.

    Where the longer time alone tells that it is below `MAX_EXPONENT`, the answer is no more than that.
    """
    short = long = found = math.inf
    for _ in range(MAX_RUNS):
        long = min(long, seconds(work, 4 * size))
        found = math.log(max(long, NOISE_SECONDS) / NOISE_SECONDS, 4)
        if found >= MAX_EXPONENT:
            short = min(short, seconds(work, size))
            found = math.log(long / max(short, NOISE_SECONDS), 4)
        if found < MAX_EXPONENT:
            break
    return found


def seconds(work: Callable[[int], object], size: int) -> float:
    """The CPU time of the work."""
    start = time.process_time()
    work(size)
    return time.process_time() - start


def read(token: str, frame: str, chars: int, *, site: Site = HUGO) -> None:
    """Read and invert the post, as the indexer does."""
    data, id = filled(token, frame, chars)
    try:
        post = read_post(data, id, site)
    except PostError:
        return
    if post.document:
        invert([post.document])


def too_fast(frame: str, tokens: Iterable[str], site: Site = HUGO) -> dict[str, float]:
    """The tokens with which the time grows too fast, and how fast."""
    found = {token: exponent(partial(read, token, frame, site=site), POST_CHARS) for token in tokens}
    return {token: power for token, power in found.items() if power >= MAX_EXPONENT}


@pytest.mark.parametrize(("token", "frame"), ONCE_TOO_SLOW)
def test_what_was_once_too_slow_no_longer_is(token: str, frame: str) -> None:
    assert exponent(lambda chars: read(token, frame, chars), 8 * POST_CHARS) < MAX_EXPONENT


WIDE = {
    "mappings to merge": lambda n: f"---\na:\n  <<: [{','.join(f'{{k{i}: 1}}' for i in range(n))}]\n---\n",
    "blanks of imports": lambda n: f"\nimport a{' ' * n}x {{{{ b }}}}" * 100,
    "blanks of authors": lambda n: "---\nauthor:\n" + f"- a{' ' * n}b\n" * 30 + "---\n",
}


@pytest.mark.parametrize("text", WIDE.values(), ids=WIDE)
def test_what_grows_within_was_once_too_slow(text: Callable[[int], str]) -> None:
    assert exponent(lambda n: read_post(text(n).encode(), "a.md", Site()), 700) < MAX_EXPONENT


@pytest.fixture
def chosen() -> random.Random:
    """POSTSEARCH_SEED repeats a run."""
    seed = int(os.environ.get("POSTSEARCH_SEED", random.randrange(2**32)))
    print(f"POSTSEARCH_SEED={seed}")
    return random.Random(seed)


def test_the_time_of_a_few_posts_grows_with_their_length(chosen: random.Random) -> None:
    for _ in range(SAMPLE):
        token, frame, generator = chosen.choice(TOKENS), chosen.choice(list(FRAMES)), chosen.choice(SITE_GENERATORS)
        assert not too_fast(frame, (token,), bare_site(generator)), (token, frame, generator)


@pytest.mark.parametrize("sample", [SAMPLE, pytest.param(len(TOKENS), marks=pytest.mark.slow)])
def test_the_time_of_a_query_grows_with_its_length(chosen: random.Random, sample: int) -> None:
    for token in chosen.sample(TOKENS, sample):
        assert exponent(partial(parse_many, token), QUERY_CHARS) < MAX_EXPONENT, token


def parse_many(token: str, chars: int) -> None:
    parse(token * (chars // len(token)))


def test_a_time_that_grows_too_fast_is_caught() -> None:
    """Each blank begins a search through all that follow."""
    planted = re.compile(r"\s+x")

    assert exponent(lambda chars: planted.search(" " * chars), POST_CHARS // 4) > MAX_EXPONENT
