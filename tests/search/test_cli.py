"""The commands as a person runs them: a real process, a real folder, the exit code, and what is printed."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from index.settings import Settings
from index.storage.lock import index_lock, watcher_lock
from search.commands.foreground import ProgressBar
from search.commands.search import results_lines
from search.query import ALSO_MEANT, Instead
from tests import ROOT
from tests.fake_search import FakeSearch, make_hit


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


@contextmanager
def started(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A command that runs until it is told to end, or until the block ends."""
    command, pipe = [sys.executable, "-m", "search.cli", *arguments], subprocess.PIPE
    with subprocess.Popen(command, cwd=folder, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


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
    assert (done.returncode, failed["path"], failed["line"], failed["served"]) == (1, "beds.md", 1, True)
    assert set(failed) == {"path", "line", "column", "error", "served"}
    assert "Raised beds" in run(site, "search", "compost").stdout
    checked = run(site, "check", "content")
    assert checked.returncode == 1
    assert f"content/beds.md:{failed['line']}:{failed['column']}: error:" in checked.stdout


def test_a_post_that_fails_is_told_with_what_is_found_in_its_place(site: Path) -> None:
    run(site, "reindex", "content")
    for name in ("beds.md", "new.md"):
        (site / "content" / name).write_text("---\ntitle: never closed\n\nBroken now.\n")

    for command in (["reindex", "content"], ["reindex", "content", "--full"], ["status"]):
        told = [line for line in run(site, *command).stdout.splitlines() if ".md:1:1" in line]
        assert [line.rsplit("(", 1)[1] for line in told] == [
            "its last good version is still found)",
            "not found until mended)",
        ]


def test_the_command_that_a_warning_leads_to_can_be_pasted(site: Path) -> None:
    warned = "---\ntitle: [\n---\nSoup.\n"
    folders = {"posts": "postsearch check posts", "my posts": "postsearch check 'my posts'"}
    for folder in folders:
        (site / folder).mkdir()
        (site / folder / "a.md").write_text(warned)

    for folder, command in folders.items():
        assert f"1 warning; see `{command}`." in run(site, "reindex", folder).stdout


def test_check_makes_annotations_at_the_lines_in_question(site: Path) -> None:
    (site / "content" / "beds.md").write_text("---\ntitle: never closed\n\nBroken now.\n")
    (site / "content" / "100%, a:b.md").write_text("---\ntitle: [\n---\nSoup.\n")
    (site / "content" / "same.md").write_text("---\nurl: /a%20b/\n---\nSoup.\n")
    (site / "content" / "twin.md").write_text("---\nurl: /a%20b/\n---\nSoup.\n")
    workspace = {"GITHUB_WORKSPACE": str(site.parent)}

    done = run(site, "check", "content", "--format", "github", environ=workspace)
    here = run(site, "check", "content", "--format", "github", environ={"GITHUB_WORKSPACE": ""})
    one = run(site, "check", "content/beds.md", "--format", "github", environ={"GITHUB_WORKSPACE": ""})

    lines = done.stdout.splitlines()
    assert done.returncode == 1
    assert all(re.match(rf"::(error|warning) file={site.name}/content/[^:,]+(,line=\d+,col=\d+)?::", s) for s in lines)
    assert f"::error file={site.name}/content/beds.md,line=1,col=1::" in done.stdout
    assert f"::warning file={site.name}/content/100%25%2C a%3Ab.md,line=2,col=" in done.stdout
    assert "/a%2520b/" in done.stdout
    assert here.stdout == done.stdout.replace(f"file={site.name}/", "file=")
    assert one.stdout.splitlines()[-1].startswith("::error file=content/beds.md,line=1,col=1::")


def test_a_file_name_and_a_message_stay_in_one_annotation(site: Path) -> None:
    (site / "content" / "a\n::error::b.md").write_text("---\ntitle: [\n---\nSoup.\n")

    (line,) = run(site, "check", "content", "--format", "github", environ={"GITHUB_WORKSPACE": ""}).stdout.splitlines()
    assert line.startswith("::warning file=content/a\\n%3A%3Aerror%3A%3Ab.md,line=2,")


def test_a_shell_completes_commands_and_flags(site: Path) -> None:
    def completed(kind: str, words: str = "") -> str:
        asked = {"_POSTSEARCH_COMPLETE": kind, "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
        command = [sys.executable, "-c", "from search.cli import main; main(prog_name='postsearch')"]
        done = subprocess.run(command, cwd=site, capture_output=True, text=True, check=True, env=os.environ | asked)
        return done.stdout

    assert "complete -o nosort -F _postsearch_completion postsearch" in completed("bash_source")
    assert completed("bash_complete", "postsearch re") == "plain,reindex\n"
    assert completed("bash_complete", "postsearch check --fo") == "plain,--format\n"
    assert completed("bash_complete", "postsearch check --format ") == "plain,text\nplain,github\n"
    assert completed("bash_complete", "postsearch check ../") == "file,../\n"
    assert completed("bash_complete", "postsearch serve ") == "dir,\n"
    assert completed("bash_complete", "postsearch reindex --index ../") == "dir,../\n"
    assert completed("bash_complete", "postsearch check --generator j") == "plain,jekyll\n"
    assert completed("bash_complete", "postsearch search --engine ") == "plain,whoosh\nplain,opensearch\n"
    (site / "other").mkdir()
    run(site, "reindex", "blog=content", "docs=other")
    assert completed("bash_complete", "postsearch search --site ") == "plain,blog\nplain,docs\n"


def test_several_folders_are_named_in_what_is_told_of_them(site: Path) -> None:
    manual = site / "manual" / "docs"
    manual.mkdir(parents=True)
    (manual / "beds.md").write_text("---\ntitle: [\nslug: tools\n---\nTools.\n")
    folders = ("blog=content", "docs=manual/docs")
    first = run(site, "reindex", *folders)
    check = first.stdout.splitlines()[-1].partition("`")[2].strip("`.")
    checked, found = run(site, *check.split()[1:]), run(site, "search", "compost", "OR", "tools", "--json")
    manual.rename(site / "away")
    second, missing = run(site, "reindex", *folders), run(site, "reindex", "docs=manual/docs")

    assert check == "postsearch check blog=content,docs=manual/docs"
    assert "\nmanual/docs/beds.md:2:8: warning: title:" in f"\n{checked.stdout}"
    assert {hit["id"]: hit["site"] for hit in json_of(found)["hits"]} == {
        "blog/beds.md": "blog",
        "docs/beds.md": "docs",
    }
    assert json_of(found)["facets"]["site"] == {"blog": 1, "docs": 1}
    narrowed = json_of(run(site, "search", "compost", "OR", "tools", "--site", "docs", "--json"))
    assert [hit["id"] for hit in narrowed["hits"]] == ["docs/beds.md"]
    assert "/tools/  docs" in run(site, "search", "tools").stdout
    other = run(site, "search", "tools", "--site", "dcos")
    assert (other.returncode, other.stderr.splitlines()[-1]) == (
        2,
        "Error: --site: there is no folder dcos; these are: blog, docs",
    )
    assert run(site, "explain", "tools", "--post", "docs/beds.md").returncode == 0
    assert second.returncode == 1
    told = f"docs/: there is no folder '{manual}' (what the index holds of it is still found)"
    assert second.stdout.splitlines()[-1] == f"  {told}"
    assert told in run(site, "status").stdout
    assert "docs/beds.md" in run(site, "search", "tools", "--json").stdout
    assert (missing.returncode, f"posts: there is no folder '{manual}'" in missing.stderr) == (4, True)
    assert "'content' has no name" in run(site, "reindex", "content", "docs=manual").stderr


def test_a_flag_that_is_misspelt_is_told_beside_what_it_finds_as_a_word(site: Path) -> None:
    run(site, "reindex", "content")
    note = "Note: {} is no flag, and was searched for; did you mean {}?\n"
    for flag, meant in {"--sites": "--site", "--per-pag=3": "--per-page"}.items():
        assert run(site, "search", flag, "compost").stderr == note.format(flag, meant)
    assert run(site, "search", "--", "compost", "--sites").stderr == ""
    assert run(site, "search", "compost", "-cardboard").stderr == ""
    told = run(site, "search", "--help").stdout
    assert "](" not in told
    assert told.index("--page ") < told.index("--index ")


def test_what_the_file_of_settings_has_wrong_is_told_of_it(site: Path) -> None:
    for line, told in {
        "port = 99999": "port: 99999 can't be used",
        "prot = 1": "prot: there is no such option",
    }.items():
        (site / "postsearch.toml").write_text(line)
        assert f"postsearch: postsearch.toml: {told}" in run(site, "reindex", "content").stderr
    (site / "postsearch.toml").write_text("port = 1")
    assert "postsearch: port: 70000" in run(site, "serve", "content", "--port", "70000").stderr


def test_a_token_that_can_not_be_used_is_told_before_anything_is_indexed(site: Path) -> None:
    done = run(site, "serve", "content", "--port", "0", environ={"POSTSEARCH_REINDEX_TOKEN": "sekrit"})

    assert (done.returncode, (site / ".postsearch").exists()) == (4, False)
    assert done.stderr.startswith("postsearch: POSTSEARCH_REINDEX_TOKEN: give at least 16 characters, of letters,")


def test_check_tells_how_a_file_of_several_folders_is_taken(site: Path) -> None:
    (site / "manual").mkdir()
    (site / "manual" / "tools.md").write_text("text")
    (site / "postsearch.toml").write_text('[folders.docs]\nposts = "manual"\nbase_url = "/d"\nlang = "fr"\n')
    done = run(site, "check", "manual/tools.md")

    assert done.stdout.splitlines()[1:] == ["Language   fr (the site, or the settings)", "Address    /d/tools/"]


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
    assert run(site, "search", "secret", "--no-typos").returncode == 1
    assert run(site, "search", "garden", "-compost").returncode == 1
    assert "There is no page 3; the last one is page 1." in run(site, "search", "compost", "--page", "3").stdout


def test_explain_tells_the_rank_and_the_parts_of_the_score(site: Path) -> None:
    (site / "content" / "more.md").write_text("---\ntitle: Soil\n---\nCardboard, and no beds.\n")
    run(site, "reindex", "content")

    done = run(site, "explain", "raised", "cardboard", "--post", "beds.md")
    told = [" ".join(line.split()) for line in done.stdout.splitlines()]
    data = json_of(run(site, "explain", "raised cardboard", "--post", "beds.md", "--no-typos", "--json"))

    assert (done.returncode, done.stderr) == (0, "")
    assert told[:3] == ["Query raised cardboard", "Post Raised beds", "/beds/ (en)"]
    assert told[3] == "Rank 1 of 2 posts"
    assert [line.split()[0] for line in told if line.endswith(("title", "body"))] == ["raised", "cardboard"]
    assert "× all words 1.20" in told
    assert told[-1] == f"= score {data['score']:.2f}"
    assert (data["parsed"], data["rank"], data["total"], data["missing"]) == ("raised cardboard", 1, 2, [])
    assert data["post"] == {"title": "Raised beds", "url": "/beds/", "lang": "en"}


def test_explain_takes_the_address_of_a_post_and_tells_of_a_misspelling_that_was_mended(site: Path) -> None:
    run(site, "reindex", "content")

    at_path, *at_address = (run(site, "explain", "cardbaord", "--post", id) for id in ("beds.md", "/beds/", "/beds"))
    data = json_of(run(site, "explain", "cardbaord", "--post", "/beds", "--json"))
    none = run(site, "explain", "cardboard", "--post", "/bed/")

    note = "Note: explained is 'cardboard'; add --no-typos to explain 'cardbaord' instead"
    assert at_path.stdout.splitlines()[0] == note
    assert {done.stdout for done in at_address} == {at_path.stdout}
    assert (data["id"], data["corrected"], data["rank"]) == ("beds.md", "cardboard", 1)
    assert "Note:" not in none.stdout
    assert "There is no post /bed/ in" in none.stdout


def test_explain_says_why_a_post_of_the_index_is_no_hit(site: Path) -> None:
    run(site, "reindex", "content")

    done = run(site, "explain", "raised -garden", "--post", "beds.md")

    assert (done.returncode, done.stderr) == (1, "")
    assert 'Missing  It holds "garden", which the query excludes, in: tags.' in done.stdout.splitlines()
    assert "score" not in done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("id", "told"),
    [
        ("draft.md", "draft.md is left out (draft: true); change that, then run `postsearch reindex {posts}`."),
        ("vendor/a.md", "vendor/a.md is left out (vendor/: build output); change that, then run"),
        ("broken.md", "broken.md could not be read (broken.md:1:1: "),
        ("new.md", "new.md was saved after the posts were last read; run `postsearch reindex {posts}`."),
        ("mended.md", "mended.md was saved after the posts were last read; run"),
        ("public/new.md", "public/new.md is left out (public/: build output); change that, then run"),
        ("bed.md", "There is no post bed.md in {posts}; similar: beds.md."),
        ("content/beds.md", "There is no post content/beds.md in {posts}; similar: beds.md."),
        ("zeppelin", "There is no post zeppelin in {posts}; give the path of a post below that folder."),
        ("", "There is no post  in {posts}; similar: "),
    ],
)
def test_explain_says_why_a_post_is_not_in_the_index(site: Path, id: str, told: str) -> None:
    posts = site / "content"
    (posts / "package.json").write_text("{}\n")
    (posts / "vendor").mkdir()
    (posts / "vendor" / "a.md").write_text("Theirs.\n")
    for name in ("broken.md", "mended.md"):
        (posts / name).write_text("---\ntitle: never closed\n\nBroken.\n")
    run(site, "reindex", "content")
    (posts / "mended.md").write_text("Mended.\n")
    (posts / "new.md").write_text("New.\n")
    (posts / "public").mkdir()
    (posts / "public" / "new.md").write_text("New.\n")

    done, data = (run(site, "explain", "raised", "--post", id, *more) for more in ([], ["--json"]))

    assert (done.returncode, done.stderr, data.returncode) == (1, "", 1)
    missing = done.stdout.splitlines()[-1].removeprefix("Missing  ")
    assert missing.startswith(told.format(posts=posts))
    assert json_of(data)["missing"] == [missing]
    assert json_of(data)["post"] is None


def test_explain_tells_that_it_is_the_last_good_version_that_is_found(site: Path) -> None:
    run(site, "reindex", "content")
    (site / "content" / "beds.md").write_text("---\ntitle: never closed\n\nBroken now.\n")
    run(site, "reindex", "content")

    done = run(site, "explain", "raised", "--post", "beds.md")

    assert done.stdout.startswith("Note: beds.md:1:1: ")
    assert "its last good version is still found" in done.stdout.splitlines()[0]
    assert "Rank     1 of 1 post" in done.stdout.splitlines()


def test_nothing_that_a_post_holds_steers_the_terminal(site: Path) -> None:
    posts = site / "content"
    header = '---\ntitle: "x\\e]0;y\\a\\u202e"\ntags: ["\\e[2J"]\n"k\\e": 1\n"k\\e": 2\n---\n'
    (posts / "a\x1b[2J.md").write_text(f"{header}zebra &#27;[2J \u009b2J \u202ez\n", "utf-8")
    (posts / "b\x1b[2J\n.md").write_text('---\ndraft: "\\e[2J"\n---\nzebra', "utf-8")
    (posts / "c\u009b.md").write_text("---\ntitle: x\nzebra", "utf-8")

    said = [
        run(site, *words).stdout
        for words in (
            ["reindex", "content"],
            ["search", "zebra"],
            ["check", "content"],
            ["status"],
            *(["explain", "zebra", "--post", id] for id in ("a\x1b[2J.md", "b\x1b[2J\n.md", "c\u009b.md", "d\x1b.md")),
        )
    ]

    assert "a\\x1b[2J.md" in said[2]
    assert "b\\x1b[2J\\n.md: draft: [2J" in said[0]
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", "".join(said))
    (hit,) = json_of(run(site, "search", "zebra", "--json"))["hits"]
    assert (hit["title"], hit["tags"]) == ("x]0;y", ["[2J"])


def test_search_tells_how_else_a_dash_may_be_read(site: Path) -> None:
    (site / "content" / "git.md").write_text("# Git\n\nType `git commit -m`, not m.\n")
    run(site, "reindex", "content")
    done = run(site, "search", "git", "commit", "-m")

    assert done.returncode == 0
    note = "Note: “-m” was searched for with its dash; to leave out posts with “m”: "
    assert done.stdout.startswith(f'{note}git commit -"m"\nGit')


def test_search_tells_what_finds_more(site: Path) -> None:
    (site / "content" / "more.md").write_text("---\ntitle: Soil\n---\nCardboard, and no beds.\n")
    run(site, "reindex", "content")
    none, little = run(site, "search", "cardboard lang:de"), run(site, "search", "title:soil", "cardboard")

    assert none.returncode == 1
    assert none.stdout.splitlines() == [
        "No posts for 'cardboard lang:de'.",
        "",
        "These searches find posts:",
        "    2 posts  cardboard  (in any language)",
    ]
    assert little.returncode == 0
    assert little.stdout.splitlines()[-3:] == [
        "These searches find more:",
        "    2 posts  soil cardboard  (with these words anywhere)",
        "    2 posts  cardboard  (without title:soil)",
    ]


def test_search_tells_of_a_misspelling_that_was_mended() -> None:
    service = FakeSearch([make_hit()])
    service.corrected = "goroutine leak"
    told = results_lines(service.run("goroutnie leek"))

    also = replace(service.run("goroutnie leek"), instead=(Instead("goroutine week", ALSO_MEANT),))

    rest = ". Add --no-typos to search for 'goroutnie leek' instead."
    assert told[0] == "Showing results for 'goroutine leak'" + rest
    assert results_lines(also)[0] == "Showing results for 'goroutine leak', perhaps you meant 'goroutine week'" + rest
    assert told[-1].startswith("1 post (")


def test_status_tells_what_the_index_holds_and_what_is_left_out(site: Path) -> None:
    none = run(site, "status", "--json")
    before = json_of(none)
    run(site, "reindex", "content")
    (site / "content" / "new.md").write_text("New.")

    after = json_of(run(site, "status", "--json"))

    assert (before["posts"], before["generation"], before["updated_at"]) == (0, 0, None)
    assert "postsearch reindex" in none.stderr
    assert none.returncode == 3
    assert list(after) == [
        *("index", "folders", "watcher", "posts", "generation", "updated_at", "pending", "excluded", "failed")
    ]
    assert (before["folders"], after["folders"], after["watcher"]) == ({}, {"": str(site / "content")}, None)
    assert (after["index"], after["posts"], after["pending"]) == (".postsearch", 1, 1)
    assert after["excluded"] == [{"path": "draft.md", "reason": "draft: true"}]
    assert "draft.md: draft: true" in run(site, "status").stdout
    with started(site, "watch", "content") as process:
        assert process.stderr is not None
        while "Indexed 1" not in process.stderr.readline():
            pass
        assert f"\nFolder         {site}/content\nWatcher        process {process.pid}" in run(site, "status").stdout


def test_options_come_from_flags_before_environment_before_file(site: Path) -> None:
    (site / "postsearch.toml").write_text('posts = "content"\nindex = "from-file"\nbase_url = "https://a.example"\n')

    run(site, "reindex")
    run(site, "reindex", environ={"POSTSEARCH_INDEX": "from-environment"})
    run(site, "reindex", "--index", "from-flag", environ={"POSTSEARCH_INDEX": "unused"})

    missing = run(site, "search", "compost", "--index", "none")
    assert "run `postsearch reindex content --index none`" in missing.stderr
    assert {path.name for path in site.glob("from-*")} == {"from-file", "from-environment", "from-flag"}
    assert json_of(run(site, "search", "compost", "--json"))["hits"][0]["url"].startswith("https://a.example/")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["reindex", "nowhere"], 4, "nowhere'; name the folder that holds the posts, as an argument or as `posts` in"),
        (["reindex", "content/beds.md"], 4, "beds.md' is a file; name the folder"),
        (["serve", "content", "--port", "99999"], 4, "port"),
        (["serve", "content", "--host", "no.such.host.invalid"], 4, "no.such.host.invalid"),
        (["reindex", "content", "--base-url", "example.org"], 4, "https://"),
        (["search", "x", "--index", "none-here"], 3, "run `postsearch reindex --index none-here`"),
        (["search", "x"], 3, "run `postsearch reindex`"),
        (["search"], 2, "WORDS"),
        (["search", "x", "--page", "0"], 2, "page is 0; give a whole number from 1"),
        (["search", "x", "--sort", "date"], 2, "sort is 'date'; give one of relevance, newest, oldest"),
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


def test_a_port_that_is_taken_is_told_in_plain_words(site: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run(site, "serve", "content", "--port", port)

    assert done.returncode == 4
    assert f"can't listen at 127.0.0.1 port {port} (Address already in use); choose another" in done.stderr


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
    with pytest.raises(urllib.error.HTTPError, match="421") as refused:
        urllib.request.urlopen(urllib.request.Request(url + "hits", headers={"Host": "evil.example"}), timeout=10)
    refused.value.close()

    (site / "content" / "fresh.md").write_text("# Zeppelins\n\nThey fly.\n")

    def total() -> int:
        with urllib.request.urlopen(url + "hits?q=zeppelins", timeout=10) as answer:
            return int(json.load(answer)["total"])

    deadline = time.monotonic() + 30
    while not total():
        assert time.monotonic() < deadline, "the saved post was not found"


def test_watch_indexes_at_start_and_ends_cleanly(site: Path) -> None:
    with started(site, "watch", "content") as process:
        assert process.stderr is not None
        lines = [process.stderr.readline() for _ in range(2)]
        process.send_signal(signal.SIGTERM)
        code = process.wait(20)

    assert "Watching content" in lines[0]
    assert "Indexed 1" in lines[1]
    assert code == 0


def documented_codes() -> set[int]:
    page = (ROOT / "docs" / "command-line.md").read_text("utf-8")
    return {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)}


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """See that the command ended as the docs say it does when the system refuses: one line, and a code of its own."""
    (line,) = done.stderr.splitlines()
    assert line.startswith("postsearch: ")
    assert line.endswith(", then run the command again")
    assert [word for word in words if word not in line] == []
    assert done.returncode == 5
    assert done.returncode in documented_codes()


@pytest.mark.parametrize(("command", "lock"), [("reindex", "lock"), ("watch", "watcher.lock"), ("serve", "lock")])
def test_a_lock_that_the_system_refuses_is_told(site: Path, command: str, lock: str) -> None:
    (site / ".postsearch" / lock).mkdir(parents=True)
    (site / ".postsearch").chmod(0o700)
    port = ["--port", "0"] if command == "serve" else []

    refused(run(site, command, "content", *port), f".postsearch/{lock}: Is a directory")


def reindex_on_a_full_disk(site: Path, limit: int, *options: str) -> subprocess.CompletedProcess[str]:
    """Run `reindex` over a post with many words where no file grows beyond `limit` bytes."""
    (site / "content" / "beds.md").write_text("# Zeppelins\n\n" + " ".join(f"word{n}" for n in range(2000)))
    program = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
        "from search.cli import main\n"
        "main()\n"
    )
    command = [sys.executable, "-c", program, "reindex", "content", *options]
    return subprocess.run(command, cwd=site, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("full", [[], ["--full"]], ids=["changes", "full"])
@pytest.mark.parametrize("limit", [0, 1000])
def test_a_full_disk_is_told_and_the_old_index_goes_on_serving(site: Path, limit: int, full: list[str]) -> None:
    run(site, "reindex", "content")

    refused(reindex_on_a_full_disk(site, limit, *full), ".postsearch", "File too large; make room for it")
    assert "Raised beds" in run(site, "search", "compost").stdout


@pytest.mark.parametrize("limit", [0, 1000])
def test_a_full_disk_gathers_no_folders_while_there_is_no_index(site: Path, limit: int) -> None:
    refused(reindex_on_a_full_disk(site, limit), ".postsearch", "File too large; make room for it")

    assert list((site / ".postsearch").glob("build-*")) == []


def test_a_run_that_leaves_out_all_posts_says_so_at_its_end(site: Path) -> None:
    posts = site / "nowhere"
    posts.mkdir()
    (posts / "_config.yml").write_text("title: x\n")
    for number in range(12):
        (posts / f"_{number}.md").write_text("seeds\n")

    told = "12 of 12 files are left out, 12 of them for this reason: jekyll makes no page of it; if the site"
    done, data, checked = (
        run(site, "reindex", "nowhere"),
        run(site, "reindex", "nowhere", "--json"),
        run(site, "check", "nowhere"),
    )

    assert done.stdout.splitlines()[-1].startswith(f"Warning: {told}")
    assert json_of(data)["indexed"] == 0
    assert data.stderr.startswith(f"Warning: {told}")
    assert checked.stdout.splitlines()[-1].startswith(f"nowhere/./: warning: {told}")


def test_a_folder_without_posts_is_told_with_what_it_holds(site: Path) -> None:
    for name in ("empty", "rst/deep", "rst/.git"):
        (site / name).mkdir(parents=True)
    for name in ("rst/a.rst", "rst/b.rst", "rst/deep/c.org", "rst/.git/config"):
        (site / name).write_text("Seeds.")
    empty, rst = run(site, "reindex", "empty"), run(site, "reindex", "rst")
    named, checked = run(site, "reindex", "blog=content", "docs=rst", "--json"), run(site, "check", "rst")

    told = "no posts in rst (3 files of other kinds: .rst, .org); looked for .md, .markdown,"
    assert "\nWarning: no posts in empty (it is empty); looked for" in empty.stdout
    assert f"\nWarning: {told}" in rst.stdout
    assert f"\nWarning: {told}" in named.stderr
    assert (checked.returncode, checked.stdout.startswith(f"rst/./: warning: {told}")) == (1, True)
    with started(site, "watch", "rst") as process:
        assert process.stderr is not None
        assert any(told.removeprefix("no posts in ") in line for line in process.stderr)


def test_check_tells_how_a_file_is_taken(site: Path) -> None:
    lab = site / "site" / "content" / "lab"
    lab.mkdir(parents=True)
    (site / "site" / "hugo.toml").write_text("defaultContentLanguage = 'de'\n")
    (lab / "a.md").write_text("seeds\n")
    (lab / "b.md").write_text("---\ndraft: true\n---\nseeds\n")
    (lab / "c.csv").write_text("1\n")

    taken, left_out, no_post = (run(site, "check", f"site/content/lab/{name}") for name in ("a.md", "b.md", "c.csv"))
    data = run(site, "check", "site/content/lab/b.md", "--json")

    rules = "Generator  hugo (../../hugo.toml)"
    assert (taken.returncode, taken.stdout) == (
        0,
        f"{rules}\nLanguage   de (the site, or the settings)\nAddress    /lab/a/\n",
    )
    assert (left_out.returncode, left_out.stdout) == (1, f"{rules}\nLeft out   draft: true\n")
    assert no_post.stdout.splitlines()[-1] == "Left out   it is no post by its name"
    assert json_of(data)["left_out"] == "draft: true"

    (lab / "a.md").write_text("---\ndate: 2999-01-01\n---\nseeds\n")
    assert (
        run(site, "check", "site/content/lab/a.md").stdout.splitlines()[-1]
        == "Left out   dated in the future: 2999-01-01"
    )
    assert "there is no file site/content/lab/d.md" in run(site, "check", "site/content/lab/d.md").stderr

    (lab / "b.md").write_text("---\ndraft: mabye\n---\nseeds\n")
    assert run(site, "check", "site/content/lab/b.md").stdout.splitlines()[-1] == (
        f"{lab}/b.md:2:1: warning: draft: mabye is neither yes nor no, and hides the post"
    )


def test_most_posts_are_removed_only_when_that_is_confirmed(site: Path) -> None:
    for number in range(20):
        (site / "content" / f"{number}.md").write_text("---\ntitle: Beds\n---\nCompost.\n")
    run(site, "reindex", "content")
    (site / "content").rename(site / "away")
    (site / "content").mkdir()
    for flags in ((), ("--full",), ("--quiet",)):
        done = run(site, "reindex", "content", *flags)

        assert (done.returncode, done.stdout) == (6, "")
        assert "21 of 21 posts are gone" in done.stderr
        assert "run `postsearch reindex content --allow-removal`" in done.stderr
        assert json_of(run(site, "search", "compost", "--json"))["total"] == 21

    assert run(site, "reindex", "content", "--allow-removal").returncode == 0
    assert run(site, "search", "compost").returncode == 1


@pytest.mark.parametrize("flags", [[], ["--no-watch"]], ids=["watching", "not watching"])
def test_serve_starts_with_the_index_that_is_there_where_most_posts_are_gone(site: Path, flags: list[str]) -> None:
    for number in range(20):
        (site / "content" / f"{number}.md").write_text("---\ntitle: Beds\n---\nCompost.\n")
    run(site, "reindex", "content")
    shutil.rmtree(site / "content")
    (site / "content").mkdir()
    with started(site, "serve", "content", "--port", "0", *flags) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[2]
        with urllib.request.urlopen(url + "hits?q=compost", timeout=10) as answer:
            total = json.load(answer)["total"]
        process.terminate()
        _, told = process.communicate(timeout=20)

    assert total == 21
    assert "served as it is: 21 of 21 posts are gone" in told


def test_another_folder_takes_the_place_of_the_posts_of_an_index_only_when_that_is_confirmed(site: Path) -> None:
    for number in range(11):
        (site / "content" / f"{number}.md").write_text("---\ntitle: Beds\n---\nCompost.\n")
    run(site, "reindex", "content")
    (site / "tiny").mkdir()
    (site / "tiny" / "a.md").write_text("Compost.")
    refused = [run(site, *command) for command in (("reindex", "tiny"), ("serve", "tiny", "--port", "0"))]
    with started(site, "watch", "tiny") as process:
        assert process.stderr is not None
        process.stderr.readline()
        refused.append(subprocess.CompletedProcess([], 6, "", process.stderr.readline()))

    for done in refused:
        assert (done.returncode, done.stdout) == (6, "")
        assert f"the index is of the posts in {site}/content, of which 12 are not in {site}/tiny" in done.stderr
        assert "with --index, or, if they are to go, run `postsearch reindex " in done.stderr
        assert "tiny --allow-removal`" in done.stderr
        assert "is now of" not in done.stderr
    assert json_of(run(site, "search", "compost", "--json"))["total"] == 12
    assert "removed 12" in run(site, "reindex", "tiny", "--allow-removal").stdout


def as_a_user() -> list[str]:
    """What to put before a command so that it may read no more than others may; for root that takes a tool."""
    if os.geteuid() != 0:
        return []
    if not shutil.which("setpriv"):
        pytest.skip("root may read everything, and there is no setpriv to give that up")
    rights = "-dac_override,-dac_read_search"
    return ["setpriv", f"--bounding-set={rights}", f"--inh-caps={rights}"]


def test_a_posts_folder_that_may_not_be_read_is_told_and_the_old_index_goes_on_serving(site: Path) -> None:
    run(site, "reindex", "content")
    command = [*as_a_user(), sys.executable, "-m", "search.cli", "reindex", "content"]
    (site / "content").chmod(0)
    try:
        done = subprocess.run(command, cwd=site, capture_output=True, text=True, check=False)
    finally:
        (site / "content").chmod(0o755)

    refused(done, "content: Permission denied; see that you may use it")
    assert "Raised beds" in run(site, "search", "compost").stdout


@pytest.mark.parametrize("why", ["it is read-only", "it is another user's"])
def test_serve_without_watching_serves_an_index_that_may_only_be_read(site: Path, why: str) -> None:
    run(site, "reindex", "content")
    index = site / ".postsearch"
    if why == "it is read-only":
        index.chmod(0o500)
    elif os.geteuid() == 0:
        index.chmod(0o755)
        os.chown(index, 65534, 65534)
    else:
        pytest.skip("only root can give a folder to another user")
    (site / "content" / "new.md").write_text("# Not indexed\n")
    command = [*as_a_user(), sys.executable, "-m", "search.cli", "serve", "content", "--port", "0", "--no-watch"]
    with subprocess.Popen(command, cwd=site, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[2]
        with urllib.request.urlopen(url + "hits", timeout=10) as answer:
            total = json.load(answer)["total"]
        process.terminate()
        _, told = process.communicate(timeout=20)

    assert (process.returncode, total) == (0, 1)
    assert "The index .postsearch may only be read: it is served as it is" in told


@pytest.mark.parametrize("command", [("serve", "content", "--port", "0", "--no-watch"), ("search", "beds")])
@pytest.mark.parametrize("part", [".", "current.json", "build-*", "build-*/*.toc", "build-*/*.posts"])
def test_an_index_that_may_not_be_read_is_told_as_that(site: Path, command: tuple[str, ...], part: str) -> None:
    run(site, "reindex", "content")
    index = site / ".postsearch"
    (place,) = index.glob(part) if part != "." else [index]
    index.chmod(0o500)
    place.chmod(0)
    program = [*as_a_user(), sys.executable, "-m", "search.cli", *command]
    done = subprocess.run(program, cwd=site, capture_output=True, text=True, check=False, timeout=20)
    place.chmod(0o700)
    index.chmod(0o700)

    named = "current.json" if part == "." else place.relative_to(index)
    refused(done, f".postsearch/{named}: Permission denied; see that you may use it")


@pytest.mark.parametrize(
    ("stop", "code", "told"), [(signal.SIGTERM, 0, ""), (signal.SIGINT, 130, "postsearch: interrupted")]
)
def test_serve_ends_cleanly_while_it_still_indexes(site: Path, stop: signal.Signals, code: int, told: str) -> None:
    settings = Settings(posts=site / "content", index=site / ".postsearch")
    with (
        index_lock(settings),  # which the first index waits for
        started(site, "serve", "content", "--port", "0") as process,
    ):
        assert process.stderr is not None
        assert "Another process is writing to .postsearch" in process.stderr.readline()
        process.send_signal(stop)
        out, err = process.communicate(timeout=20)

    assert (process.returncode, out, err.strip()) == (code, "", told)


@pytest.mark.parametrize("quiet", [[], ["--quiet"]], ids=["loud", "quiet"])
def test_reindex_says_that_it_waits_for_another_process(site: Path, quiet: list[str]) -> None:
    with index_lock(Settings(posts=site / "content", index=site / ".postsearch")):
        done = run(site, "reindex", "content", "--lock-timeout", "0.1", *quiet)
    *waits, busy = done.stderr.splitlines()

    assert ["Another process is writing to .postsearch; waiting up to 0.1 s" in line for line in waits] == (
        [] if quiet else [True]
    )
    assert busy.startswith("postsearch: another process has been writing to .postsearch for 0.1 seconds")
    assert done.returncode == 3


@pytest.mark.parametrize("as_json", [[], ["--json"]], ids=["text", "json"])
def test_bytes_that_are_no_text_are_no_obstacle(site: Path, as_json: list[str]) -> None:
    run(site, "reindex", "content")
    command = [sys.executable.encode(), b"-m", b"search.cli", b"search", b"zepp\xffelin", *map(str.encode, as_json)]
    done = subprocess.run(command, cwd=site, capture_output=True, check=False)

    assert (done.returncode, done.stderr) == (1, b"")
    assert "zepp�elin" in done.stdout.decode()


def test_watch_builds_an_index_that_was_removed_anew(site: Path) -> None:
    with started(site, "watch", "content", "--sweep-interval", "3600") as process:
        assert process.stderr is not None
        lines = [process.stderr.readline() for _ in range(2)]
        (site / ".postsearch").rename(site / "gone")  # at once, which a removal is not
        while "Indexed 1" not in lines[-1] or len(lines) == 2:
            lines.append(process.stderr.readline())
            assert lines[-1], "the watcher ended"
        process.terminate()
        assert process.wait(20) == 0

    assert "was removed: building the index anew" in "".join(lines)


def test_watch_that_lost_its_lock_to_another_process_says_so(site: Path) -> None:
    with started(site, "watch", "content") as process:
        assert process.stderr is not None
        lines = [process.stderr.readline() for _ in range(2)]
        assert "Indexed" in lines[-1]
        with watcher_lock(Settings(index=site / "next")):
            (site / "next" / "watcher.lock").replace(site / ".postsearch" / "watcher.lock")
            code = process.wait(20)
            last = process.stderr.read().splitlines()[-1]

    assert code == 3
    assert "another process watches" in last


def test_a_progress_bar_is_for_terminals(capfd: pytest.CaptureFixture[str]) -> None:
    with ProgressBar(quiet=False) as bar:
        bar.started -= 10
        bar(1, 2)

    assert capfd.readouterr().err == ""


def test_nothing_that_takes_long_is_loaded_before_ctrl_c_is_answered() -> None:
    code = "import sys, search.cli; print(*{'numpy', 'whoosh', 'flask'} & set(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert loaded.stdout == "\n"


def test_a_search_loads_nothing_that_it_does_not_need() -> None:
    code = "import sys, search.commands.search; print(*{'babel', 'flask', 'rapidfuzz', 'yaml'} & set(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert loaded.stdout == "\n"


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="asks /proc for threads")
def test_a_command_starts_one_thread_however_many_cores_there_are() -> None:
    code = "import os, search.cli as c; c.main.get_command(None, 'search'); print(len(os.listdir('/proc/self/task')))"
    threads = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert threads.stdout == "1\n"


def test_of_many_files_that_are_left_out_for_one_reason_a_report_names_some(site: Path) -> None:
    for number in range(13):
        (site / "content" / f"draft-{number:02}.md").write_text("---\ndraft: true\n---\nseeds\n")

    lines = run(site, "reindex", "content").stdout.splitlines()

    assert len([line for line in lines if line.endswith(".md: draft: true")]) == 10
    assert "  and 4 more: draft: true; `postsearch status` names them" in lines
    assert "  draft-12.md: draft: true" in run(site, "status").stdout.splitlines()
