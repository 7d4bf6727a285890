"""Row 7: no post stops, kills or starves the service, whatever stands in it, and none that is hidden is shown."""

from __future__ import annotations

import gc
import os
import re
import resource
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import islice
from multiprocessing import active_children, get_context
from pathlib import Path
from random import Random
from typing import TypeVar

import frontmatter
import pytest

from index.errors import PostError
from index.indexer.post import Post, read_post
from index.schema import Document, check_text
from index.segments.inversion import invert
from index.sites.site import Site
from tests import ROOT
from tests.bare_sites import SITE_GENERATORS, bare_site
from tests.bombs import FRAMES, TOKENS
from tests.stress.conftest import Scorecard
from tests.test_growth import too_fast

ROW = 7
MAX_CPU_SECONDS, MAX_MB = 2.0, 300
"""What the reading of one post may take; the memory is all that a process has, also for what it read before."""

MUTATED, MUTATION_SECONDS, BATCH = 50_000, 130.0, 250
BOMB_BYTES, BOMB_SECONDS = 5_000_000, 100.0
GROWTH_SECONDS, GROWTH_TOKENS = 240.0, 40
MAX_REAL_BYTES = 20_000
SUFFIXES = "md", "html", "mdx", "txt"
NOW = datetime.now(UTC)

DATA = Path(os.environ.get("POSTSEARCH_TEST_DATA", "no-such-folder")) / "posts"
POSTS = DATA if DATA.is_dir() else ROOT / "examples" / "posts"

Read = Callable[[bytes, str, Site], Post]
Task = TypeVar("Task")
Done = TypeVar("Done")

HIDDEN = (
    ("---\n", "draft: true", "\ntitle: a\ntags: [b, c]\n---\n", "md"),
    ("---\ntitle: a\n", "published: false", "\n---\n", "md"),
    ("---\ntitle: a\ndescription: b c\n", "date: 2999-01-01", "\ntags:\n- a\n---\n", "md"),
    ("---\ntitle: a\n", "expiryDate: 2001-01-01", "\nauthor: a\n---\n", "md"),
    ("---\ntitle: a\n", "private: yes", "\n---\n", "html"),
    ('+++\ntitle = "a"\n', "draft = true", '\ntags = ["b"]\n+++\n', "md"),
    ('{"title": "a",\n', '"draft": true,', '\n"tags": ["b"]}\n', "md"),
    ("Title: a\n", "Status: draft", "\nTags: b, c\n\n", "md"),
    ("<html><head><title>a</title>\n", '<meta name="draft" content="true">', "\n</head><body>", "html"),
)
"""Posts that one line of them hides: what stands before the line, the line, what follows, and the suffix."""

PUT_INTO_REAL = "draft: true", "published: false", "publishDate: 2999-01-01", "hidden: true", "noindex: true"
"""Lines that hide a real post, below its opening fence."""

ABOUT_HEADERS = re.compile(
    rb"```|~~~|^ {4}|^(?:>|\{[{%][^\0]*?[}%]\}|={3}|<(?!/?(?:html|head|title|meta)\b)|\[\w*code)|^#+ .*\n\s*\n"
    rb"|\A\s*\w+: .*\n\s*\n|^title[^\0]*^(?:---+|\+\+\++|\.\.\.)\s*$"
    rb"|^[^\s:=\d]\S*[ \t]+(?:[^:=\n]*[.!?\x85]|\S+[ \t]+\S+[ \t]+[^\s:=])",
    re.MULTILINE,
)
"""A whole header, prose, headings, quotations, tags and closed templates, below which no header is looked for.

`\\x85` is the ellipsis of Windows-1252, with which a sentence ends as with a full stop.
"""

CONTROLS = bytes({*range(32), 127} - set(b"\t\n"))
"""What is removed from every post before it is read."""

HEADER_BREAKS = (
    b"---\n", b"+++\n", b"...\n", b"\n", b"\r\n", b"\r", b"\t", b":", b"\xef\xbc\x9a", b"\xef\xbb\xbf", b"\0", b"'",
    b'"', b"- ", b"? ", b"& ", b"* ", b"{", b"[", b"]", b"}", b"#", b"|\n", b"title: b: c\n", b"draft: no\n",
    b"=", b"  ",
)  # fmt: skip


@dataclass
class Tally:
    """What became of posts: how many they were, and what must not be, by name."""

    posts: int = 0
    indexed: int = 0
    hidden: int = 0
    seconds: float = 0.0
    peak_mb: int = 0
    crashes: list[str] = field(default_factory=list)
    slow: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        self.posts += other.posts
        self.indexed += other.indexed
        self.hidden += other.hidden
        self.seconds, self.peak_mb = max(self.seconds, other.seconds), max(self.peak_mb, other.peak_mb)
        self.crashes += other.crashes
        self.slow += other.slow
        self.shown += other.shown

    def read(self, name: str, data: bytes, id: str, site: Site, read: Read) -> None:
        """Read a post, make it ready for the index as the indexer does, and note what must not be."""
        self.posts += 1
        start = time.process_time()
        try:
            post = read(data, id, site)
            if post.document:
                self.indexed += 1
                check_text(post.document)
                invert([post.document])
                if name.startswith("hidden") and is_shown(post.document):
                    self.shown.append(f"{name} {data!r}"[:3_000])
        except PostError:
            pass
        except Exception as error:
            self.crashes.append(f"{name}: {type(error).__name__}: {error} {data!r}"[:3_000])
        self.hidden += name.startswith("hidden")
        took = time.process_time() - start
        self.seconds = max(self.seconds, took)
        self.peak_mb = max(self.peak_mb, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
        if took > MAX_CPU_SECONDS:
            self.slow.append(f"{name}: {took:.1f} s {data[:200]!r}")


def is_shown(document: Document) -> bool:
    since, until = document.visible_from, document.visible_to
    return not (since and since > NOW) and not (until and until <= NOW)


@cache
def real_files() -> list[Path]:
    found = (path for path in sorted(POSTS.rglob("*")) if path.suffix in {".md", ".html", ".mdx", ".markdown"})
    return [path for path in found if path.is_file() and path.stat().st_size <= MAX_REAL_BYTES]


def changed(chance: Random, data: bytes, other: bytes) -> bytes:
    """The bytes with one to four mutations."""
    for _ in range(chance.randint(1, 4)):
        at = chance.randint(0, min(len(data), chance.choice((10, 100, 1_000, 100_000))))
        end = min(len(data), at + chance.choice((1, 1, 3, 10, 100, 1_000)))
        match chance.randrange(6):
            case 0:
                data = data[:at] + bytes(chance.randrange(256) for _ in range(min(end - at, 3))) + data[end:]
            case 1:
                data = data[:at] + data[end:]
            case 2:
                start = chance.randint(0, len(other))
                data = data[:at] + other[start : start + chance.choice((3, 30, 300))] + data[at:]
            case 3:
                data = data[:at] + data[at:end] * chance.choice((2, 10, 100)) + data[end:]
            case 4:
                data = data[:at] + (chance.choice(TOKENS) * chance.choice((1, 2, 20, 1_000))).encode() + data[at:]
            case 5:
                data = data[:at] + chance.choice(HEADER_BREAKS) + data[chance.choice((at, end)) :]
    return data


def mutated_posts(seed: int, count: int) -> Iterator[tuple[str, bytes, str, Site]]:
    """Names, bytes, ids and sites of posts; every second one is hidden by a line that no mutation touches."""
    chance = Random(seed)
    for number in range(count):
        path, other = chance.choice(real_files()), chance.choice(real_files()).read_bytes()
        data, suffix = path.read_bytes(), path.suffix.removeprefix(".")
        site = bare_site(chance.choice(SITE_GENERATORS))
        if number % 2:
            id = f"a.{suffix if chance.random() < 0.9 else chance.choice(SUFFIXES)}"
            yield f"seed {seed}, number {number}", changed(chance, data, other), id, site
            continue
        before, line, after, suffix = chance.choice(HIDDEN)
        after += "a body with words\n"
        if data.startswith(b"---\n") and chance.random() < 0.5:
            before, line, after = "---\n", chance.choice(PUT_INTO_REAL), "\n" + data[4:].decode(errors="replace")
        head, tail = before.encode(), after.encode()
        broken = changed(chance, head, other)
        # What stands below a whole header, prose or code is text, a date alone may stand in any text, and a page begins
        # with a tag.
        about = (
            len(broken.splitlines()) > 4
            or ABOUT_HEADERS.search(broken.replace(b"\r", b"\n").translate(None, CONTROLS))
            or broken[:1] != head[:1] == b"<"
        )
        if chance.random() < 0.3 and not about and not line.startswith("date"):
            head = broken + b"\n" * (broken[-1:] not in {b"", b"\n"})
        tail = b"\n" + changed(chance, tail[1:], other)
        yield f"hidden by {line!r}, seed {seed}, number {number}", head + line.encode() + tail, f"a.{suffix}", site


def read_mutated(task: tuple[int, int], read: Read = read_post) -> Tally:
    tally = Tally()
    for post in mutated_posts(*task):
        tally.read(*post, read)
    return tally


def read_bomb(task: tuple[str, str]) -> Tally:
    """Read a large post of one token in a process of its own, whose memory is that of this post."""
    token, suffix = task
    tally = Tally()
    data = (token * (BOMB_BYTES // len(token.encode()))).encode()
    tally.read(f"{token!r} {suffix}", data, f"a.{suffix}", bare_site("hugo"), read_post)
    return tally


def grows_too_fast(task: tuple[str, tuple[str, ...]]) -> tuple[int, list[str]]:
    frame, tokens = task
    gc.collect()
    gc.disable()
    return len(tokens), [f"{token!r} in {frame}: {power:.2f}" for token, power in too_fast(frame, tokens).items()]


def in_processes(
    work: Callable[[Task], Done], tasks: Iterable[Task], seconds: float, *, apart: bool = False
) -> Iterator[Done | None]:
    """What comes of the tasks in processes as many as there are cores, until the time is over.

    None stands for tasks over which a process died. `apart`: each task has a process of its own.
    """
    until = time.monotonic() + seconds
    cores = len(os.sched_getaffinity(0))
    waiting = iter(tasks)
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    while time.monotonic() < until:
        with ProcessPoolExecutor(cores, context, max_tasks_per_child=1 if apart else None) as pool:
            running = {pool.submit(work, task) for task in islice(waiting, cores)}
            try:
                while running:
                    done, running = wait(running, 1, return_when=FIRST_COMPLETED)
                    if not done:
                        # Only what is submitted makes the pool look at a process that it started meanwhile.
                        pool.submit(int)
                    yield from (future.result() for future in done)
                    if time.monotonic() < until:
                        running |= {pool.submit(work, task) for task in islice(waiting, len(done))}
                return
            except BrokenProcessPool:
                # One that was being started meanwhile outlives the others, and the pool would wait for it for ever.
                for process in active_children():
                    process.kill()
                yield None


def told(tally: Tally, deaths: int) -> str:
    return (
        f"{len(tally.crashes)} crashes, {deaths} deaths, {len(tally.slow)} over {MAX_CPU_SECONDS:g} s (most"
        f" {tally.seconds:.2f} s), most memory {tally.peak_mb} MB"
    )


GOAL = f"0 crashes, 0 deaths, 0 over {MAX_CPU_SECONDS:g} s, {MAX_MB} MB"


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_mutated_posts_stop_nothing_and_stay_hidden(chance: Random, scorecard: Scorecard) -> None:
    tally, deaths = Tally(), 0
    tasks = ((chance.randrange(1 << 32), BATCH) for _ in range(MUTATED // BATCH))
    for done in in_processes(read_mutated, tasks, MUTATION_SECONDS):
        deaths += done is None
        tally.add(done or Tally())
    for line in (*tally.crashes, *tally.slow, *tally.shown):
        print(line)
    good = not (tally.crashes or deaths or tally.slow) and tally.peak_mb <= MAX_MB
    scorecard(ROW, f"{tally.posts:,} mutated posts: {told(tally, deaths)}", f"{MUTATED:,}: {GOAL}", good)
    figure = f"{len(tally.shown)} of {tally.hidden:,} hidden posts shown"
    scorecard(ROW, figure, "0", not tally.shown)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_bombs_take_little_time_and_memory(chance: Random, scorecard: Scorecard) -> None:
    tally, deaths = Tally(), 0
    tasks = [(token, suffix) for token in TOKENS for suffix in ("md", "html")]
    chance.shuffle(tasks)
    for done in in_processes(read_bomb, tasks, BOMB_SECONDS, apart=True):
        deaths += done is None
        tally.add(done or Tally())
    for line in (*tally.crashes, *tally.slow):
        print(line)
    good = not (tally.crashes or deaths or tally.slow) and tally.peak_mb <= MAX_MB
    scorecard(ROW, f"{tally.posts} of {len(tasks)} bombs of 5 MB: {told(tally, deaths)}", GOAL, good)


@pytest.mark.slow
@pytest.mark.timeout(500)
def test_the_time_of_a_post_grows_with_its_length(chance: Random, scorecard: Scorecard) -> None:
    tasks = [
        (frame, TOKENS[at : at + GROWTH_TOKENS]) for frame in FRAMES for at in range(0, len(TOKENS), GROWTH_TOKENS)
    ]
    chance.shuffle(tasks)
    done = [task or (0, ["a process died"]) for task in in_processes(grows_too_fast, tasks, GROWTH_SECONDS)]
    count, found = sum(count for count, _ in done), [line for _, lines in done for line in lines]
    print(*found, sep="\n")
    whole = len(TOKENS) * len(FRAMES)
    figure = f"{len(found)} of {count:,} of {whole:,} tokens in frames grow too fast"
    scorecard(ROW, figure, "0 of all", not found and count == whole)


def test_a_few_mutated_posts_stop_nothing_and_stay_hidden(chance: Random) -> None:
    tally = read_mutated((chance.randrange(1 << 32), 100))

    assert (tally.crashes, tally.slow, tally.shown) == ([], [], [])
    assert tally.hidden == 50


def read_naively(data: bytes, id: str, site: Site) -> Post:
    """A post as most programs read one."""
    post = frontmatter.loads(data.decode())
    hidden = post.get("draft") or post.get("published") is False
    return Post(None if hidden else Document(id, id, str(post.get("title")), post.content))


def test_a_reader_that_crashes_and_shows_hidden_posts_is_caught() -> None:
    tally = read_mutated((1, 200), read_naively)

    assert tally.crashes
    assert tally.shown


def die_over(number: int) -> int:
    if number == 1:
        os.abort()
    return number


def test_the_death_of_a_process_is_caught() -> None:
    assert None in in_processes(die_over, range(2), 60.0)
