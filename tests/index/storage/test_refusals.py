"""What the system refuses comes out as what it is, with the file's name, and is never told as damage."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from index.errors import IndexDamaged
from index.indexer.run import reindex
from index.settings import Settings
from index.storage import open_writer
from index.storage.reader import Reader
from search.engine import open_searcher
from search.query import Query, Word
from tests import ROOT
from tests.corpora import NOW


def read(settings: Settings) -> None:
    Reader(settings.index).snapshot()


def ask(settings: Settings) -> None:
    assert open_searcher(settings).search(Query(clauses=(Word("beds"),)), NOW).total == 1


def write(settings: Settings) -> None:
    with open_writer(settings) as writer:
        assert writer.ids() == {"beds.md"}


def run(settings: Settings) -> None:
    (settings.posts / "beds.md").touch()
    reindex(settings)


DEEDS: dict[str, Callable[[Settings], None]] = {deed.__name__: deed for deed in (read, ask, write, run)}


def with_few_files(deed: Callable[[Settings], None], settings: Settings) -> list[str]:
    """What comes of the deed while 0, 1, 2, … files may be opened besides those that are open, until it is done."""
    deed(settings)  # so that all modules are loaded
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    told: list[str] = []
    while told[-1:] != ["done"]:
        taken = [os.open(os.devnull, os.O_RDONLY) for _ in told]
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(taken, default=os.dup(0)) + 1, limits[1]))
        for descriptor in taken:
            os.close(descriptor)
        try:
            deed(settings)
            told.append("done")
        except Exception as error:
            told.append(f"{type(error).__name__}: {error}")
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    return told


@pytest.mark.parametrize("name", DEEDS)
def test_running_out_of_files_is_no_damage(settings: Settings, name: str) -> None:
    command = [
        sys.executable,
        "-m",
        "tests.index.storage.test_refusals",
        name,
        str(settings.posts),
        str(settings.index),
    ]
    (build,) = settings.index.glob("build-*")

    told = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout)

    assert told[-1] == "done"
    assert len(told) > 1
    assert [line for line in told[:-1] if not line.startswith("OSError: [Errno 24] Too many open files: '/")] == []
    assert [build] == list(settings.index.glob("build-*"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read every file")
@pytest.mark.parametrize("name", ["read", "ask", "write"])
def test_files_that_may_not_be_read_are_no_damage(settings: Settings, name: str) -> None:
    for path in settings.index.glob("build-*/*.posts"):
        path.chmod(0)

    with pytest.raises(PermissionError, match=r"\.posts"):
        DEEDS[name](settings)


@pytest.mark.parametrize("name", ["read", "ask", "write"])
def test_a_file_that_is_gone_is_damage(settings: Settings, name: str) -> None:
    for path in settings.index.glob("build-*/*.posts"):
        path.unlink()

    with pytest.raises(IndexDamaged, match="--full"):
        DEEDS[name](settings)


if __name__ == "__main__":
    asked, posts, index = sys.argv[1:]
    options = Settings(posts=Path(posts), index=Path(index), workers=1)
    print(json.dumps(with_few_files(DEEDS[asked], options)))
