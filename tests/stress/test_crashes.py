"""Runs are killed at every system call, cut from power, and refused what they ask of the system.

Whatever happens, readers find the old commit whole or the new one whole; the next run makes of it what a fresh index
holds, and nothing is left behind. Writers that do it wrong are caught.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest

from tests import ROOT
from tests.stress.conftest import Scorecard
from tests.stress.system_calls import compiled, environment

WATCHED = {"open", "write", "pwrite", "read", "mmap", "rename", "unlink", "rmdir", "mkdir", "fsync", "fdatasync"}
"""The calls that runs of ours must be seen to make: else the trial would try nothing."""


OURS = ("postsearch", "folders")
"""Over one folder of posts, and over two."""

MIN_SHARE = 0.1
"""Of the cases that a quiet machine comes to in the time: after fewer than this a trial says nothing."""

IN_MEMORY = "/dev/shm"


class Tried(NamedTuple):
    """What came of a trial: how many cases there were, what went wrong, and how often what was seen."""

    cases: int
    problems: list[str]
    counts: Counter[str]

    def __str__(self) -> str:
        states = ", ".join(f"{self.counts[state]} {state}" for state in ("old", "new", "rebuilt") if self.counts[state])
        return f"{len(self.problems)} of {self.cases} wrong ({states} at once, all as a fresh index after a run)"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What lets the calls of a process be watched."""
    return compiled(tmp_path_factory.mktemp("library"))


class Trials:
    """Starts trials, in as many processes as there are to be, which share the cases."""

    def __init__(self, library: Path, folder: Path, chance: Random) -> None:
        self.library = library
        self.folder = folder
        self.chance = chance

    def hold(
        self,
        name: str,
        seconds: float,
        cases: int,
        *,
        stores: Sequence[str] = ("postsearch",),
        processes: int = 1,
        apart: bool = False,
        seed: int | None = None,
    ) -> Tried:
        """Hold a trial for so many seconds or cases; `apart` from the file systems that others see.

        The processes take the stores in turn.
        """
        started = []
        for number in range(processes):
            store = stores[number % len(stores)]
            folder = self.folder / f"{name}-{store}-{number}"
            folder.mkdir()
            shares = [seconds, cases // processes, self.chance.randrange(1_000_000) if seed is None else seed]
            command = [sys.executable, "-m", "tests.stress.crashes", name, store, str(folder), *map(str, shares)]
            started.append(
                subprocess.Popen(
                    ["unshare", "-Urm", *command] if apart else command,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    env=environment(self.library),
                    cwd=ROOT,
                    text=True,
                )
            )
        tried = Tried(0, [], Counter())
        for process in started:
            told, errors = process.communicate()
            assert process.returncode == 0, errors[-3000:]
            found = json.loads(told)
            counts = tried.counts + Counter(found["counts"])
            tried = Tried(tried.cases + found["cases"], tried.problems + found["problems"], counts)
        return tried


@pytest.fixture
def trials(library: Path, tmp_path: Path, chance: Random) -> Iterator[Trials]:
    """Trials in a folder in memory, where there is one: nothing need reach a disk to be tried."""
    with TemporaryDirectory(dir=IN_MEMORY if os.access(IN_MEMORY, os.W_OK) else tmp_path) as folder:
        yield Trials(library, Path(folder), chance)


@pytest.fixture
def may_mount(tmp_path: Path) -> None:
    """Skips the test where a process may not have file systems of its own."""
    command = ["unshare", "-Urm", "mount", "-t", "tmpfs", "-o", "size=1m", "none", str(tmp_path)]
    if not shutil.which("unshare") or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here (unshare -Urm)")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_thousand_kills(trials: Trials, scorecard: Scorecard) -> None:
    at_calls = trials.hold("kills", 340, 1000, stores=OURS, processes=2)
    at_times = trials.hold("random_kills", 60, 40)

    assert [*at_calls.problems, *at_times.problems] == []
    assert at_calls.counts.keys() >= WATCHED
    scorecard(
        1,
        f"SIGKILL at writing calls: {at_calls}",
        "none wrong of 100 at least, 1,000 on a quiet machine",
        at_calls.cases >= 1000 * MIN_SHARE,
    )
    scorecard(
        1,
        f"SIGKILL at any time, with reading processes: {at_times}",
        "none wrong of 4 at least, 40 on a quiet machine",
        at_times.cases >= 4,
    )


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_five_hundred_power_cuts(trials: Trials, scorecard: Scorecard) -> None:
    tried = trials.hold("power_cuts", 170, 1000, stores=OURS, processes=2)

    assert tried.problems == []
    scorecard(
        2, f"power cuts: {tried}", "none wrong of 50 at least, 500 on a quiet machine", tried.cases >= 500 * MIN_SHARE
    )


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_five_hundred_refusals(trials: Trials, scorecard: Scorecard) -> None:
    tried = trials.hold("refusals", 240, 1000, stores=OURS, processes=2)

    assert tried.problems == []
    scorecard(
        3,
        f"EIO, ENOSPC, EMFILE, ENOMEM: {tried}",
        "none wrong of 50 at least, 500 on a quiet machine",
        tried.cases >= 500 * MIN_SHARE,
    )


@pytest.mark.slow
@pytest.mark.usefixtures("may_mount")
def test_disks_that_are_full(trials: Trials, scorecard: Scorecard) -> None:
    tried = trials.hold("full_disk", 60, 170, apart=True)

    assert tried.problems == []
    scorecard(
        3,
        f"full disks of 1 MB: {tried}",
        "none wrong of 17 at least, 170 on a quiet machine",
        tried.cases >= 170 * MIN_SHARE,
    )


@pytest.mark.full
@pytest.mark.parametrize("name", ["kills", "power_cuts", "refusals"])
def test_a_few_cases(trials: Trials, name: str) -> None:
    tried = trials.hold(name, 120, 30, stores=OURS, processes=2)

    assert tried.problems == []
    assert tried.cases
    assert tried.counts.keys() >= WATCHED


@pytest.mark.full
def test_a_few_kills_of_runs_that_read_in_processes(trials: Trials) -> None:
    assert trials.hold("random_kills", 120, 3).problems == []


@pytest.mark.full
@pytest.mark.usefixtures("may_mount")
def test_a_few_full_disks(trials: Trials) -> None:
    assert trials.hold("full_disk", 120, 30, apart=True).problems == []


@pytest.mark.parametrize(
    ("name", "store", "told"),
    [
        ("kills", "naive", {"unreadable"}),
        ("power_cuts", "naive-rename", {"unreadable", "its commit is gone"}),
        ("refusals", "naive", {"JSONDecodeError"}),
    ],
)
def test_a_writer_that_does_it_wrong_is_caught(trials: Trials, name: str, store: str, told: set[str]) -> None:
    """By one of the problems that are told, as chance says which."""
    tried = trials.hold(name, 120, 60, stores=[store])

    assert any(word in problem for word in told for problem in tried.problems)


@pytest.mark.usefixtures("may_mount")
def test_a_writer_that_loses_its_index_on_a_full_disk_is_caught(trials: Trials) -> None:
    # Few of the disks are full where it matters: some of the first twenty by this seed are.
    assert trials.hold("full_disk", 120, 20, stores=["naive"], apart=True, seed=3).problems
