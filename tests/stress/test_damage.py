"""Damage of the index, at rest and under readers and a writer: no answer is wrong for long, and nothing is laundered.

Laundered is what is wrong though all checksums are right: written anew from damaged bytes, it would stay for good.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from index.errors import IndexDamaged, IndexFault
from index.indexer.run import reindex, update
from index.settings import Settings
from index.storage.verification import Verification, check_index
from search.service import Search
from tests.rot import flip, segment_files
from tests.stored import write
from tests.stress.conftest import Scorecard

CASES = 1_000
BUDGET_SECONDS = 75.0
FOLDERS = ((), ("blog", "docs"))
WORDS = ["beds", "oak", "compost", "rain", "barrel", "seed", "soup", "bike", "trailer", "ladder", "winter", "light"]
QUERIES = ["", "oak com", '"rain barrel" tag:even', "saved", "soup OR ladder -winter"]
POSTS = 8

Answers = list[object]


def post_text(number: int, version: int = 0) -> str:
    """A post; all versions but the first hold the word `saved`."""
    words = [WORDS[(number * 7 + place * (number + 3)) % len(WORDS)] for place in range(60)]
    head = f"---\ntitle: Post {number} of {words[0]}\ntags: [{'even' if number % 2 else 'odd'}, {words[1]}]\n"
    return f"{head}lang: {'de' if number % 3 else 'en'}\n---\n{' '.join(words)} {'saved ' * version}rain barrel.\n"


def answers(service: Search) -> Answers:
    """What the index answers, but for scores and times: deleted documents may count in the former."""
    found: Answers = []
    for text in QUERIES:
        results = service.run(text, per_page=50)
        hits = [replace(hit, score=0.0) for hit in results.hits]
        found.append((results.total, results.facets, sorted(hits, key=lambda hit: hit.id)))
    documents = [service.searcher.at(f"/post{number}/", results.index.updated_at) for number in range(POSTS)]
    return [*found, documents]


@dataclass
class Site:
    """A folder of posts of which one is saved again and again, with an index that is damaged."""

    folder: Path
    names: tuple[str, ...] = ()
    """Of several folders, which hold the posts in turn."""

    settings: Settings = field(init=False)
    right: dict[int, Answers] = field(default_factory=dict)
    version: int = 0

    def __post_init__(self) -> None:
        posts: Any = {name: self.folder / name for name in self.names} or self.folder / "posts"
        self.settings = Settings(posts=posts, index=self.folder / "index", workers=1)
        for part in self.settings.parts.values():
            part.posts.mkdir()
        for number in range(1, POSTS):
            self.path(number).write_text(post_text(number), "utf-8")
        for version in (1, 0):
            self.save(version)
            oracle = replace(self.settings, index=self.folder / f"oracle{version}")
            reindex(oracle)
            self.right[version] = answers(Search(oracle))
        reindex(self.settings)

    def path(self, number: int) -> Path:
        folders = [part.posts for part in self.settings.parts.values()]
        return folders[number % len(folders)] / f"post{number}.md"

    def save(self, version: int) -> None:
        """Save the first post."""
        self.version = version
        self.path(0).write_text(post_text(0, version), "utf-8")

    def is_laundered(self) -> bool:
        """Whether answers are wrong though no checksum tells."""
        try:
            for _ in check_index(self.settings.index):
                pass
            return answers(Search(self.settings)) != self.right[self.version]
        except IndexFault:
            return False


def damage(settings: Settings, chance: Random, *, live: bool) -> str:
    """Damage one file of the index; what was done. Who has a file mapped dies when it is cut, so live ones are not."""
    kinds = ["bit", "bit", "bit", "zeros", "gone"] if live else ["bit", "bit", "zeros", "gone", "cut"]
    build = segment_files(settings)[0].parent
    files = [*segment_files(settings) * 6, *build.glob("*.toc"), settings.index / "current.json"]
    path, kind = chance.choice(files), chance.choice(kinds)
    size = path.stat().st_size
    place = chance.randrange(size)
    if kind == "bit":
        flip(path, place, chance.randrange(8))
    elif kind == "zeros":
        with path.open("r+b") as file:
            file.seek(place)
            file.write(bytes(min(512, size - place)))
    elif kind == "cut":
        os.truncate(path, place)
    else:
        path.unlink()
    return f"{kind} in {path.suffix}"


@dataclass
class Tally:
    """What became of the cases."""

    cases: Counter[str] = field(default_factory=Counter)
    wrong_at_first: int = 0
    wrong_later: list[str] = field(default_factory=list)
    laundered: list[str] = field(default_factory=list)


def damage_at_rest(site: Site, chance: Random, tally: Tally) -> None:
    """Damage an index that nobody has open: it is told or without effect, and the next run heals it."""
    copy = replace(site.settings, index=site.folder / "copy")
    shutil.rmtree(copy.index, ignore_errors=True)
    shutil.copytree(site.settings.index, copy.index, copy_function=shutil.copyfile)
    copy.index.chmod(0o700)
    done = damage(copy, chance, live=False)
    tally.cases[f"at rest: {done}"] += 1
    with suppress(IndexFault):
        tally.wrong_at_first += answers(Search(copy)) != site.right[site.version]
    reindex(copy)
    if answers(Search(copy)) != site.right[site.version]:
        tally.wrong_later.append(done)


def damage_live(site: Site, service: Search, verification: Verification, chance: Random, tally: Tally) -> None:
    """Damage an index under a reader and a writer: merges launder nothing, and what a minute brings heals it."""
    done = damage(site.settings, chance, live=True)
    tally.cases[f"live: {done}"] += 1
    if chance.random() < 0.5:
        site.save(1 - site.version)
        update(site.settings, [f"{next(iter(site.settings.parts))}post0.md"])
        if site.is_laundered():
            tally.laundered.append(done)
    try:
        tally.wrong_at_first += answers(service) != site.right[site.version]
    except IndexFault:
        pass
    except Exception as error:  # damaged arrays can make anything fail
        service.searcher.suspect(error)
    # What a watcher does within a minute: it verifies all files, and looks at everything.
    verification.go_on()
    reindex(site.settings)
    if answers(service) != site.right[site.version]:
        tally.wrong_later.append(done)


def try_damage(folder: Path, chance: Random, cases: int, seconds: float, names: tuple[str, ...]) -> Tally:
    """Damage an index in so many ways, for so long at most."""
    tally, deadline = Tally(), time.monotonic() + seconds
    site = Site(folder, names)
    service, verification = Search(site.settings), Verification(site.settings.index, pause=0)
    assert answers(service) == site.right[site.version]
    for number in range(cases):
        if time.monotonic() > deadline:
            break
        if number % 2:
            damage_live(site, service, verification, chance, tally)
        else:
            damage_at_rest(site, chance, tally)
    return tally


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # Whoosh leaves damaged files open
@pytest.mark.parametrize("names", FOLDERS)
def test_some_damage_is_healed_and_none_laundered(names: tuple[str, ...], tmp_path: Path, chance: Random) -> None:
    tally = try_damage(tmp_path, chance, 30, 60, names)

    assert (tally.wrong_later, tally.laundered) == ([], [])


def test_what_trusts_damaged_files_is_seen_to_launder(tmp_path: Path) -> None:
    """An optimizer is planted that writes anew what is mapped, and compares no checksums."""
    site = Site(tmp_path)
    service = Search(site.settings)
    assert answers(Search(site.settings)) == site.right[0]
    service.state()  # which opens the index and reads no post: those that were read are kept
    (path,) = (path for path in segment_files(site.settings) if b"rain barrel." in path.read_bytes())
    flip(path, path.read_bytes().index(b"rain barrel."))
    with pytest.raises(IndexDamaged):
        list(check_index(site.settings.index))
    assert not site.is_laundered()

    found = [service.searcher.at(f"/post{number}/", service.state().updated_at) for number in range(POSTS)]
    write(site.settings, *filter(None, found), fresh=True)

    assert site.is_laundered()


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # Whoosh leaves damaged files open
@pytest.mark.parametrize("names", FOLDERS)
def test_damage_is_healed_and_none_laundered(
    names: tuple[str, ...], tmp_path: Path, chance: Random, scorecard: Scorecard
) -> None:
    tally = try_damage(tmp_path, chance, CASES, BUDGET_SECONDS, names)
    print("wrong:", tally.wrong_later, "laundered:", tally.laundered)
    for kind, count in sorted(tally.cases.items()):
        print(f"{count:5} {kind}")

    done = tally.cases.total()
    scorecard(
        4,
        f"{len(names) or 1} folders: {done:,} cases in {BUDGET_SECONDS:g} s at most",
        f"{CASES:,} bits, cuts and deletions",
        done > 0,
    )
    figure = f"{len(tally.wrong_later)} wrong answers after what a minute brings, {tally.wrong_at_first} before"
    scorecard(4, figure, "0 after", not tally.wrong_later)
    scorecard(4, f"{len(tally.laundered)} laundered", "0", not tally.laundered)


class Client(threading.Thread):
    """Asks a server all the time, and notes when it did not answer, and when what it answered was wrong."""

    def __init__(self, url: str, right: object) -> None:
        super().__init__()
        self.url = url
        self.right = right
        self.done = threading.Event()
        self.answered = time.monotonic()
        self.unavailable = 0.0
        self.wrong: list[float] = []
        self.start()

    def run(self) -> None:
        while not self.done.wait(0.01):
            try:
                found = hits(self.url)
            except (OSError, ValueError):  # a closed connection, 503, or half an answer
                continue
            now = time.monotonic()
            self.unavailable = max(self.unavailable, now - self.answered)
            self.answered = now
            if found != self.right:
                self.wrong.append(now)

    def wait_for_answer(self) -> None:
        """Wait until the server has answered what was asked from now on."""
        started, deadline = time.monotonic(), time.monotonic() + 60
        while self.answered < started + 0.5:
            assert time.monotonic() < deadline, "the server answers no more"
            self.done.wait(0.05)


def hits(url: str) -> object:
    with urllib.request.urlopen(url + "hits?q=barrel&per_page=50", timeout=20) as answer:
        found = json.load(answer)
    return found["total"], sorted((hit["id"], hit["snippet"]) for hit in found["hits"])


@contextmanager
def serving(folder: Path, *posts: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`postsearch serve` over these folders in the folder: the process, and its address."""
    command = [sys.executable, "-m", "search.cli", "serve", *posts, "--index", "index", "--port", "0"]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().split()[2]
        finally:
            process.terminate()


def kill_server(process: subprocess.Popen[str]) -> None:
    """Kill the process that serves, which the one that holds the port starts again."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("utf-8")
    os.kill(int(children), signal.SIGKILL)


def built_anew(settings: Settings, before: set[Path]) -> bool:
    """Whether the live index has none of the segments that it had before."""
    try:
        return not before & set(segment_files(settings))
    except IndexFault:
        return False


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_server_is_healed_of_damage_under_load(tmp_path: Path, chance: Random, scorecard: Scorecard) -> None:
    site = Site(tmp_path)
    latest = 0.0
    with serving(site.folder, "posts") as (process, url):
        client = Client(url, hits(url))
        for kind in ("cut", "bit", "pointer", "kill", "bit", "cut"):
            before, (*_, path) = set(segment_files(site.settings)), segment_files(site.settings)
            started = time.monotonic()
            if kind == "cut":
                os.truncate(path, chance.randrange(path.stat().st_size // 2))
            elif kind == "bit":
                flip(path, path.read_bytes().index(b"rain barrel."))
            elif kind == "pointer":
                (site.settings.index / "current.json").unlink()
            else:
                kill_server(process)
            while kind != "kill" and not built_anew(site.settings, before):
                assert time.monotonic() < started + 90, f"{kind}: not built anew"
                client.done.wait(0.1)
            client.wait_for_answer()
            print(f"{kind}: healed after {time.monotonic() - started:.1f} s")
            latest = max([latest, *(moment - started for moment in client.wrong)])
            client.wrong.clear()
        client.done.set()
        client.join()
        assert process.poll() is None

    scorecard(4, f"unavailable for {client.unavailable:.1f} s at most", "2 s", client.unavailable <= 2)
    scorecard(4, f"under load, the last wrong answer came {latest:.1f} s after the damage", "60 s", latest <= 60)
