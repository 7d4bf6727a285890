"""The commands as a person runs them: a real process, a real folder, the exit code, and what is printed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from index.options import ProgressBar


@pytest.fixture
def site(tmp_path: Path) -> Path:
    posts = tmp_path / "content"
    posts.mkdir()
    (posts / "beds.md").write_text("---\ntitle: Raised beds\ntags: [garden]\n---\nCompost & cardboard.\n")
    (posts / "draft.md").write_text("---\ntitle: Secret\ndraft: true\n---\nNot yet.\n")
    return tmp_path


def run(folder: Path, *arguments: str, environ: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "search.cli", *arguments]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env=os.environ | (environ or {})
    )


def json_of(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.stdout.count("\n") == 1
    return json.loads(done.stdout)


def test_reindex_reports_and_is_idempotent(site: Path) -> None:
    first, second = run(site, "reindex", "content", "--json"), run(site, "reindex", "content", "--json")

    report = json_of(first)
    assert list(report) == ["indexed", "unchanged", "removed", "excluded", "failed", "total", "seconds"]
    assert (report["indexed"], report["unchanged"], report["removed"], report["total"]) == (1, 0, 0, 2)
    assert report["excluded"] == [{"path": "draft.md", "reason": "draft: true"}]
    assert (json_of(second)["indexed"], json_of(second)["unchanged"]) == (0, 1)
    assert first.returncode == second.returncode == 0
    assert (site / ".postsearch").stat().st_mode & 0o777 == 0o700


def test_a_post_that_fails_is_named_with_its_place_and_keeps_its_last_good_version(site: Path) -> None:
    run(site, "reindex", "content")
    (site / "content" / "beds.md").write_text("---\ntitle: never closed\n\nBroken now.\n")

    done = run(site, "reindex", "content", "--json")

    (failed,) = json_of(done)["failed"]
    assert (done.returncode, failed["path"], failed["line"]) == (1, "beds.md", 1)
    assert set(failed) == {"path", "line", "column", "error"}
    assert "Raised beds" in run(site, "search", "compost").stdout
    checked = run(site, "check", "content")
    assert checked.returncode == 1
    assert f"content/beds.md:{failed['line']}:{failed['column']}: error:" in checked.stdout


def test_check_of_sound_posts_ends_with_0(site: Path) -> None:
    done = run(site, "check", "content")

    assert (done.returncode, done.stdout) == (0, "")


def test_search_prints_hits_and_ends_with_1_where_there_are_none(site: Path) -> None:
    run(site, "reindex", "content")

    found, none = run(site, "search", "cardboard"), run(site, "search", "zeppelin")
    answer = json_of(run(site, "search", "--json", "compost"))

    assert found.returncode == 0
    assert "Raised beds" in found.stdout
    assert "Compost & cardboard." in found.stdout
    assert "<mark>" not in found.stdout
    assert (none.returncode, none.stdout) == (1, "No posts for 'zeppelin'.\n")
    assert answer["hits"][0]["highlights"]["body"] == "<mark>Compost</mark> &amp; cardboard."
    assert run(site, "search", "secret").returncode == 1
    assert run(site, "search", "garden", "-compost").returncode == 1
    assert "There is no page 3: 1 post on 1." in run(site, "search", "compost", "--page", "3").stdout


def test_status_tells_what_the_index_holds_and_what_is_left_out(site: Path) -> None:
    none = run(site, "status", "--json")
    before = json_of(none)
    run(site, "reindex", "content")
    (site / "content" / "new.md").write_text("New.")

    after = json_of(run(site, "status", "--json"))

    assert (before["posts"], before["generation"], before["updated_at"]) == (0, 0, None)
    assert "postsearch reindex" in none.stderr
    assert none.returncode == 3
    assert list(after) == ["posts", "generation", "updated_at", "pending", "excluded", "failed"]
    assert (after["posts"], after["pending"]) == (1, 1)
    assert after["excluded"] == [{"path": "draft.md", "reason": "draft: true"}]
    assert "draft.md: draft: true" in run(site, "status").stdout


def test_options_come_from_flags_before_environment_before_file(site: Path) -> None:
    (site / "postsearch.toml").write_text('posts = "content"\nindex = "from-file"\nbase_url = "https://a.example"\n')

    run(site, "reindex")
    run(site, "reindex", environ={"POSTSEARCH_INDEX": "from-environment"})
    run(site, "reindex", "--index", "from-flag", environ={"POSTSEARCH_INDEX": "unused"})

    assert {path.name for path in site.glob("from-*")} == {"from-file", "from-environment", "from-flag"}
    assert json_of(run(site, "search", "compost", "--json"))["hits"][0]["url"].startswith("https://a.example/")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["reindex", "nowhere"], 4, "nowhere"),
        (["serve", "content", "--port", "99999"], 4, "port"),
        (["serve", "content", "--host", "no.such.host.invalid"], 4, "no.such.host.invalid"),
        (["reindex", "content", "--base-url", "example.org"], 4, "https://"),
        (["search", "x", "--index", "none-here"], 3, "postsearch reindex"),
        (["search"], 2, "WORDS"),
        (["reindex", "--no-such-flag"], 2, "no-such-flag"),
    ],
)
def test_what_goes_wrong_is_one_line_and_an_exit_code(
    site: Path, arguments: list[str], code: int, message: str
) -> None:
    done = run(site, *arguments)

    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def server(site: Path) -> Iterator[tuple[Path, str, subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "search.cli", "serve", "content", "--port", "0"]
    with subprocess.Popen(command, cwd=site, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield site, process.stdout.readline().split()[2], process
        process.terminate()
        assert process.wait(20) == 0


def test_serve_prints_a_url_that_works_and_sees_what_is_saved(
    server: tuple[Path, str, subprocess.Popen[str]],
) -> None:
    site, url, _ = server
    with urllib.request.urlopen(url + "?q=compost", timeout=10) as page:
        assert b"Raised beds" in page.read()

    (site / "content" / "fresh.md").write_text("# Zeppelins\n\nThey fly.\n")

    def total() -> int:
        with urllib.request.urlopen(url + "hits?q=zeppelins", timeout=10) as answer:
            return int(json.load(answer)["total"])

    assert any(total() for _ in range(2000)), "the saved post was not found"


def test_watch_indexes_at_start_and_ends_cleanly(site: Path) -> None:
    command = [sys.executable, "-m", "search.cli", "watch", "content"]
    with subprocess.Popen(command, cwd=site, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        lines = [process.stderr.readline() for _ in range(2)]
        process.send_signal(signal.SIGTERM)
        code = process.wait(20)

    assert "Watching content" in lines[0]
    assert "Indexed 1" in lines[1]
    assert code == 0


def test_a_progress_bar_is_for_terminals(capfd: pytest.CaptureFixture[str]) -> None:
    bar = ProgressBar(quiet=False)
    bar.started -= 10
    bar(1, 2)
    bar.close()

    assert capfd.readouterr().err == ""
