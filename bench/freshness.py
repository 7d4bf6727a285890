"""`python -m bench.freshness`: how long after a post is saved the search finds it, over HTTP.

Given how many posts there are and how many to save, it prints the median and slowest time from the rename that saves a
post to the first answer that holds it.
"""

from __future__ import annotations

import argparse
import http.client
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from urllib.parse import quote, urlsplit

from bench.corpus import write_posts

__all__ = ["main", "time_save"]

START_SECONDS = 300.0
FIND_SECONDS = 30.0
PAUSE_SECONDS = 0.01
"""Between two questions, so that asking does not slow down what is measured."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print the figures."""
    options = parser().parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        posts = Path(scratch, "posts")
        write_posts(posts, options.posts)
        with served(posts, Path(scratch, "index")) as url:
            times = sorted(time_save(posts, [url], number) for number in range(options.saves))
    marks = quantiles(times, n=100, method="inclusive")
    print(f"{options.saves} saves among {options.posts} posts, from the save to the first answer that holds it:")
    print(f"p50 {marks[49] * 1000:.0f} ms, p95 {marks[94] * 1000:.0f} ms, slowest {times[-1] * 1000:.0f} ms")


def parser() -> argparse.ArgumentParser:
    flags = argparse.ArgumentParser(prog="python -m bench.freshness", description=__doc__)
    flags.add_argument("--posts", type=int, default=2000, help="how many posts there are")
    flags.add_argument("--saves", type=int, default=100, help="how many of them are saved")
    return flags


@contextmanager
def served(posts: Path, place: Path) -> Iterator[str]:
    """The posts, indexed, watched and served by a process of its own; gives the URL of the search."""
    command = [sys.executable, "-c", "from search.cli import main; main()", "serve", str(posts)]
    command += ["--index", str(place), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout
            line = next((line for line in process.stdout if "http://" in line), "")
            found = re.search(r"http://[^\s/]+/\S*", line)
            if not found:
                raise SystemExit("the server did not start")
            wait_for(found[0], "an", posts=True)
            yield found[0]
        finally:
            process.terminate()


def time_save(posts: Path, urls: Sequence[str], number: int) -> float:
    """Save a post with a word that no other holds, as editors do, and give the seconds until all servers find it."""
    path, word = posts / f"{number:06}.md", f"zq{number}x{time.time_ns()}"
    new = path.with_name(f".{path.name}.tmp")
    new.write_text(f"{path.read_text('utf-8')}\n{word}\n", "utf-8")
    started = time.perf_counter()
    new.replace(path)
    for url in urls:
        wait_for(url, word)
    return time.perf_counter() - started


def wait_for(url: str, word: str, *, posts: bool = False) -> None:
    """Ask until the answer holds a hit or, with `posts`, until there is an answer at all."""
    deadline = time.monotonic() + (START_SECONDS if posts else FIND_SECONDS)
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=FIND_SECONDS)
    while True:
        connection.request("GET", f"{urlsplit(url).path}hits?q={quote(word)}&prefix=0")
        answer = connection.getresponse()
        body = answer.read()
        if answer.status == http.client.OK and (posts or json.loads(body)["total"]):
            connection.close()
            return
        if time.monotonic() > deadline:
            raise SystemExit(f"{word} was not found in time: {answer.status} {body[:200]!r}")
        time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    main()
