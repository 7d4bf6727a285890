"""Who has posts indexed over HTTP finds them once that is answered, whatever is saved, killed or missing meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

import pytest

from index.errors import IndexFault
from index.settings import Settings
from index.storage.lock import index_lock
from search.commands.remote import reindex_afar
from tests.search.web.test_reindexing import TOKEN, ask
from tests.stress.conftest import Scorecard
from tests.stress.test_damage import kill_server, serving

ROW = 17
SECONDS = 120.0
AT_ONCE = 20
"""How many ask at once."""

WAIT_SECONDS, LATE_SECONDS = 5, 5.0
"""How long each request may wait for the run, and how much later its answer may come on a busy machine."""

PATIENCE = 120.0
"""How long a deployment is tried again before it counts as lost."""

NAMES = ("blog", "docs")


@dataclass
class Deployments:
    """Saves posts in two folders that are served, with the same names in both, and has them indexed."""

    folder: Path
    url: str
    done: int = 0
    longest: float = 0.0
    numbers: dict[str, Iterator[int]] = field(default_factory=lambda: {name: count() for name in NAMES})

    @property
    def settings(self) -> Settings:
        posts: Any = {name: self.folder / name for name in NAMES}
        return Settings(posts=posts, index=self.folder / "index")

    def save(self, name: str) -> str:
        """A word that only a new post in the folder of this name holds."""
        number = next(self.numbers[name])
        new = self.folder / name / f".{number}"
        new.write_text(f"# Post\n\nAll of {name}{number}.\n", "utf-8")
        new.replace(self.folder / name / f"post-{number}.md")
        return f"{name}{number}"

    def ask_to_index(self, wait: int = WAIT_SECONDS) -> dict[str, Any]:
        """What is answered in the end: asked again for as long as it goes on."""
        deadline = time.monotonic() + PATIENCE
        while True:
            started = time.monotonic()
            status, headers, told = ask(f"{self.url}reindex?wait={wait}", "POST")
            self.longest = max(self.longest, time.monotonic() - started)
            if status == 200:
                return told
            assert (status, told["status"]) == (202, "running"), told
            assert time.monotonic() < deadline, "it is never done"
            Event().wait(float(headers["Retry-After"]))

    def deploy(self, name: str, index: Callable[[], object] | None = None) -> dict[str, Any]:
        """Save a post and have it indexed, which must be found then."""
        word = self.save(name)
        told: Any = (index or self.ask_to_index)()
        self.find(word)
        self.done += 1
        return told  # type: ignore[no-any-return]

    def find(self, word: str) -> None:
        """See that the one post which holds the word is found, in its folder."""
        status, _, found = ask(f"{self.url}hits?q={word}&typos=0&prefix=0")
        sites = [hit["site"] for hit in found.get("hits", ())]
        assert (status, sites) == (200, [word.rstrip("0123456789")]), f"{word} is not found: {found}"

    def many_at_once(self, chance: Random) -> None:
        """Twenty deploy at once, while others save."""
        over = Event()

        def save() -> None:
            while not over.wait(0.05):
                self.save(chance.choice(NAMES))

        with ThreadPoolExecutor(AT_ONCE + 1) as others:
            saving = others.submit(save)
            try:
                list(others.map(self.deploy, [chance.choice(NAMES) for _ in range(AT_ONCE)]))
            finally:
                over.set()
            saving.result()

    def loss(self, chance: Random) -> None:
        """A folder is gone for a while: it is told, and takes nothing of what was found away."""
        gone, other = chance.sample(NAMES, 2)
        word = self.save(gone)
        self.ask_to_index()
        (self.folder / gone).rename(self.folder / "away")
        told = self.deploy(other)
        assert told["failed"] == 1
        self.find(word)
        (self.folder / "away").rename(self.folder / gone)
        told = self.deploy(gone)
        assert (told["failed"], told["removed"]) == (0, 0)
        self.find(word)


def kill_amid(site: Deployments, kill: Callable[[], None]) -> None:
    """The server is killed while somebody waits for a run: that is told at once, and who asks next is served."""
    with ThreadPoolExecutor(1) as others:
        with index_lock(site.settings):  # so that the run goes on until it is killed
            word = site.save("docs")
            asked = others.submit(reindex_afar, site.url, TOKEN)
            assert ask(f"{site.url}reindex?wait=1", "POST")[0] == 202
            kill()
            assert isinstance(asked.exception(PATIENCE), IndexFault)
        site.deploy("blog")
        site.find(word)


@contextmanager
def deployments(folder: Path) -> Iterator[tuple[Deployments, Callable[[], None]]]:
    """What deploys to `postsearch serve`, whose watcher looks as well, and what kills that."""
    for name in NAMES:
        (folder / name).mkdir()
        (folder / name / "same.md").write_text("# The same\n\nText.\n", "utf-8")
    with serving(folder, *(f"{name}={name}" for name in NAMES)) as (process, url):
        yield Deployments(folder, url), lambda: kill_server(process)


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTSEARCH_REINDEX_TOKEN", TOKEN)


def hold(folder: Path, seconds: float, chance: Random) -> tuple[Deployments, int]:
    """Deploy for so many seconds, but once in each way at least; and how often that was."""
    deadline, rounds = time.monotonic() + seconds, 0
    with deployments(folder) as (site, kill):
        while not rounds or time.monotonic() < deadline:
            ways = [partial(site.many_at_once, chance), partial(site.loss, chance), partial(kill_amid, site, kill)]
            for way in chance.sample(ways, len(ways)):
                way()
            rounds += 1
    return site, rounds


@pytest.mark.full
def test_what_was_saved_is_found_once_it_is_answered(tmp_path: Path, chance: Random) -> None:
    site, _ = hold(tmp_path, 0, chance)

    assert site.longest < 10 * WAIT_SECONDS  # for machines that are busy; the long trial measures it


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_what_was_saved_is_found_once_it_is_answered_over_and_over(
    tmp_path: Path, chance: Random, scorecard: Scorecard
) -> None:
    site, rounds = hold(tmp_path, SECONDS, chance)

    scorecard(ROW, f"{site.done} deployments, {rounds} kills and losses: all found at the answer", "all", True)
    longest = f"the longest answer came after {site.longest:.1f} s of {WAIT_SECONDS}"
    scorecard(ROW, longest, f"{LATE_SECONDS:g} s late", site.longest < WAIT_SECONDS + LATE_SECONDS)


@pytest.mark.full
def test_who_does_not_wait_for_the_run_is_seen(tmp_path: Path) -> None:
    with (
        deployments(tmp_path) as (site, _),
        index_lock(site.settings),  # so that the run goes on
        pytest.raises(AssertionError, match="is not found"),
    ):
        site.deploy("blog", lambda: ask(f"{site.url}reindex?wait=0", "POST"))
