"""What is logged: one line each, whatever stands in posts and their names, and not again and again."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from index import Settings
from index.indexer.run import reindex, update
from index.log import escaped, get_logger, without_details
from index.watching.watcher import Watcher
from search.commands.reports import ReportLog
from tests import ROOT

FORGED = "a\n2026 ERROR forged\x1b[2J\u202e.md"
SHOWN = r"a\n2026 ERROR forged\x1b[2J\u202e.md"
POSTS = {
    FORGED: "---\n\ttitle: {\n---\nSoup.\n",
    f"draft {FORGED}": "---\ndraft: true\n---\nNot yet.\n",
    f"odd {FORGED}": "---\ndate: 2026 ERROR\n---\nSoup.\n",
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    posts = tmp_path / "posts"
    posts.mkdir()
    for name, content in POSTS.items():
        (posts / name).write_text(content, "utf-8")
    return Settings(posts=posts, index=tmp_path / "index", quiet_period=0)


def text_of(caplog: pytest.LogCaptureFixture) -> str:
    """The log in the format of a host, as gunicorn has it: a line begins with a level."""
    formatter = logging.Formatter("[%(levelname)s] %(message)s")
    return "\n".join(map(formatter.format, caplog.records))


def assert_no_line_is_forged(text: str) -> None:
    assert "forged" in text
    assert not [line for line in text.splitlines() if line.startswith("2026")]
    assert not {"\x1b", "\u202e"} & {*text}


def test_a_name_forges_no_line_in_the_log_of_a_host(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    log = ReportLog()
    log.tell(reindex(settings))
    log.tell(update(settings, POSTS))
    watcher = Watcher(settings, log.tell)
    watcher.start()
    assert watcher.idle.wait(10)
    watcher.stop()

    text = text_of(caplog)
    assert_no_line_is_forged(text)
    assert all(line.startswith("[") for line in text.splitlines())
    for name in (SHOWN, f"draft {SHOWN}", f"odd {SHOWN}"):
        assert f"] {name}:" in text


def test_a_trace_forges_no_line(caplog: pytest.LogCaptureFixture) -> None:
    logger = get_logger("index.indexer.outcomes")
    try:
        raise ValueError(FORGED)
    except ValueError:
        logger.exception("Reading %s failed", FORGED)

    first, *trace = text_of(caplog).split("\n")
    assert first == f"[ERROR] Reading {SHOWN} failed"
    assert trace[0] == "  Traceback (most recent call last):"
    assert all(line.startswith("  ") for line in trace)
    assert_no_line_is_forged("\n".join(trace))


def test_a_message_without_controls_keeps_its_parts(caplog: pytest.LogCaptureFixture) -> None:
    get_logger("index.run").warning("%s of %s", 1, "a – ü 麻")

    (record,) = caplog.records
    assert (record.msg, record.args) == ("%s of %s", (1, "a – ü 麻"))
    assert escaped(escaped("\r\x9b\u2028")) == r"\r\x9b\u2028"


@pytest.mark.parametrize("command", ["reindex", "check"])
def test_a_name_forges_no_line_of_a_command(settings: Settings, command: str) -> None:
    arguments = [command, str(settings.posts), "--index", str(settings.index)]
    ended = subprocess.run(
        [sys.executable, "-m", "search.cli", *arguments], capture_output=True, text=True, check=False, cwd=ROOT
    )

    assert ended.returncode == 1
    assert_no_line_is_forged(ended.stdout + ended.stderr)


@pytest.mark.parametrize("command", ["watch", "serve"])
def test_a_name_forges_no_line_of_a_command_that_goes_on(settings: Settings, command: str) -> None:
    arguments = [command, str(settings.posts), "--index", str(settings.index)]
    arguments += ["--port", "0"] if command == "serve" else []
    with subprocess.Popen(
        [sys.executable, "-m", "search.cli", *arguments], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd=ROOT
    ) as process:
        assert isinstance(process.stderr, io.BufferedReader)
        lines = [process.stderr.readline().decode()]
        (settings.posts / f"later {FORGED}").write_text(POSTS[FORGED])
        while lines[-1] and "later" not in lines[-1]:
            lines.append(process.stderr.readline().decode())
        process.terminate()

    assert "later" in lines[-1]
    assert_no_line_is_forged("".join(lines))


def warnings_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The posts that warnings have told of since the last question."""
    told = [record.getMessage().partition(":")[0] for record in caplog.records if record.levelno >= logging.WARNING]
    caplog.clear()
    return sorted(told)


def test_a_warning_that_has_not_changed_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "odd.md").write_text("---\ndate: soon\n---\nSoup.\n")
    (posts / "broken.md").write_text("---\n\ttitle: {\n---\nSoup.\n")
    settings, log = Settings(posts=posts, index=tmp_path / "index"), ReportLog()

    log.tell(reindex(settings))
    assert warnings_of(caplog) == ["broken.md", "odd.md"]
    for _ in range(3):
        log.tell(reindex(settings, full=True))  # as after a change of the site's own configuration
        assert warnings_of(caplog) == []
    (posts / "odd.md").write_text("---\ndate: later\n---\nSoup.\n")
    log.tell(reindex(settings))
    assert warnings_of(caplog) == ["odd.md"]
    log.tell(update(settings, ["odd.md", "broken.md"]))  # saved, and still broken
    assert warnings_of(caplog) == ["broken.md"]


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (
            "the cluster at https://a:9200, https://b:9200 does not let us in; correct it",
            "the cluster does not let us in",
        ),
        (
            "no node answers as one of the cluster at http://[::1]:9200: refused",
            "no node answers as one of the cluster",
        ),
        (
            "the certificate of the cluster at https://a is not accepted (old)",
            "the certificate of the cluster is not accepted",
        ),
        ("a part is on no node (http://a:9200)", "a part is on no node"),
        ("", ""),
    ],
)
def test_what_anybody_may_read_of_a_message_names_no_address(message: str, told: str) -> None:
    assert without_details(message) == told
