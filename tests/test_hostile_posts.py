"""A hostile post among good ones, with as little memory as a small container has."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests import ROOT

MEMORY = 700_000_000
SIZE = 5_000_000
"""The default of `max_file_size`."""

KINDS = {
    "ligatures": "\ufdfa",
    "underscores": "a_",
    "dots": "a.",
    "Chinese": "漢字",
    "marks": "\u0301\u0316",
    "table": "| c | d |\n",
    "headings": "# a\n",
    "brackets": "[",
    "bold": "<b>",
    "paragraphs": "<p>a</p>\n",
    "emphasis": "*a* ",
    "code": "`a` ",
    "quotes": "> ",
    "outputs": "{{ a }} ",
    "entities": "&amp; ",
    "emoji": "🙂",
}

WATCH = """
from pathlib import Path
from queue import SimpleQueue
from index import Settings, Watcher

reports = SimpleQueue()
watcher = Watcher(Settings(posts="posts", index="index", max_file_size=400_000_000), on_report=reports.put)
watcher.start()
assert reports.get(timeout=200).indexed == 3
with open("posts/bad.part", "w") as file:
    for _ in range(300):
        file.write("[" * 1_000_000)
Path("posts/bad.part").rename("posts/bad.md")
while not (failed := reports.get(timeout=200).failed):
    pass
print(failed)
Path("posts/late.md").write_text("a latecomer")
while not reports.get(timeout=200).indexed:
    pass
watcher.stop()
"""


def limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def run(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with these arguments in a folder with good posts."""
    posts = tmp_path / "posts"
    posts.mkdir(exist_ok=True)
    for number in range(3):
        (posts / f"good{number}.md").write_text(f"# Good {number}\n\nA harmless text.", "utf-8")
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
        preexec_fn=limit_memory,
        capture_output=True,
        text=True,
        check=False,
    )


def reindex(tmp_path: Path) -> tuple[int, dict[str, object]]:
    done = run(tmp_path, "-m", "search.cli", "reindex", "posts", "--index", "index", "--json")
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=[] if kind == "underscores" else pytest.mark.full) for kind in KINDS]
)
@pytest.mark.parametrize("suffix", ["md", pytest.param("html", marks=pytest.mark.full)])
def test_a_hostile_post_keeps_no_other_from_being_found(tmp_path: Path, kind: str, suffix: str) -> None:
    (tmp_path / "posts").mkdir()
    token = KINDS[kind]
    (tmp_path / "posts" / f"bad.{suffix}").write_text(token * (SIZE // len(token.encode())), "utf-8")

    code, report = reindex(tmp_path)

    assert report["total"] == 4
    failed = report["failed"]
    assert isinstance(failed, list)
    assert [post["path"] for post in failed] == [f"bad.{suffix}"] * (code == 1)
    found = json.loads(run(tmp_path, "-m", "search.cli", "search", "harmless", "--index", "index", "--json").stdout)
    assert found["total"] == 3


def test_the_watcher_lives_on_when_a_post_takes_more_memory_than_there_is(tmp_path: Path) -> None:
    done = run(tmp_path, "-c", WATCH)

    assert done.returncode == 0, done.stderr
    assert "bad.md" in done.stdout
    assert "make it smaller" in done.stdout
