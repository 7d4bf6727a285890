"""The image that Containerfile makes: read, linted, its steps run here, and built where there is a builder."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from index.errors import IndexMissing
from index.settings import Settings, load_settings
from tests import ROOT
from tests.fake_search import FakeSearch, app_with
from tests.served import running

FILE = ROOT / "Containerfile"


def instructions() -> list[tuple[str, str]]:
    """The instructions with their arguments, each in one line."""
    text = re.sub(r"^\s*#.*\n", "", FILE.read_text("utf-8"), flags=re.MULTILINE).replace("\\\n", " ")
    return [
        (name, " ".join(rest.split())) for name, _, rest in (line.partition(" ") for line in text.splitlines() if line)
    ]


def told(name: str) -> list[str]:
    return [rest for instruction, rest in instructions() if instruction == name]


def environment() -> dict[str, str]:
    return dict(pair.split("=", 1) for rest in told("ENV") for pair in rest.split())


def test_it_is_small_and_runs_as_nobody_in_particular() -> None:
    build, last = told("FROM")
    names = [name for name, _ in instructions()]

    assert build.removesuffix(" AS build") == last
    assert last.endswith("-slim")
    assert [user for user in told("USER") if not re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)] == []
    assert "RUN" not in names[names.index("USER") :]
    assert json.loads(*told("VOLUME")) == [environment()["POSTSEARCH_POSTS"], environment()["POSTSEARCH_INDEX"]]
    assert [*json.loads(*told("ENTRYPOINT")), *json.loads(*told("CMD"))] == ["postsearch", "serve"]


def test_what_it_copies_and_sets_is_there() -> None:
    copied = [source for rest in told("COPY") if "--from" not in rest for source in rest.split()[:-1]]
    settings = load_settings(environ=environment(), toml=None)

    assert [source for source in copied if not (ROOT / source).exists()] == []
    assert {"constraints.txt", "pyproject.toml", "README.md", "LICENSE", "index", "search"} == {*copied}
    assert (settings.host, str(settings.port), settings.url_prefix) == ("0.0.0.0", *told("EXPOSE"), "/search")


@pytest.mark.parametrize(("error", "code"), [(None, 0), (IndexMissing("not yet"), 1)])
def test_its_health_check_fails_where_no_search_is_answered(error: Exception | None, code: int) -> None:
    (health,) = told("HEALTHCHECK")
    command = json.loads(health[health.index("[") :])

    with running(app_with(FakeSearch(error=error), Settings())) as root:
        asked = environment() | {"POSTSEARCH_PORT": root.rpartition(":")[2]}
        done = subprocess.run([sys.executable, *command[1:]], env=os.environ | asked, capture_output=True, check=False)

    assert (command[0], done.returncode) == ("python", code)


@pytest.mark.skipif(
    not (LINTER := shutil.which("hadolint", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")),
    reason="hadolint is not installed; `make lint` installs it",
)
def test_the_linter_of_such_files_finds_nothing() -> None:
    done = subprocess.run([LINTER or "", FILE], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_what_its_first_stage_installs_runs_by_itself(tmp_path: Path) -> None:
    """Its steps, in a folder in place of /opt/postsearch; pip fetches what we depend on."""
    for source in ("constraints.txt", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / source, tmp_path)
    for source in ("index", "search"):
        shutil.copytree(ROOT / source, tmp_path / source)
    steps = (
        told("RUN")[0]
        .replace("/opt/postsearch", str(tmp_path / "opt"))
        .replace("python -m venv", f"{sys.executable} -m venv")
    )
    (extras,) = (rest.removeprefix("EXTRAS=") for rest in told("ARG") if rest.startswith("EXTRAS="))
    subprocess.run(["sh", "-ec", steps], cwd=tmp_path, env=os.environ | {"EXTRAS": extras}, check=True, timeout=500)
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "beds.md").write_text("# Raised beds\n")
    asked = {"POSTSEARCH_POSTS": str(tmp_path / "posts"), "POSTSEARCH_INDEX": str(tmp_path / "made"), "PYTHONPATH": ""}

    for command in ("reindex", "search beds", "serve --help"):
        done = subprocess.run(
            [tmp_path / "opt/bin/postsearch", *command.split()],
            cwd="/",
            env=os.environ | asked,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert not (tmp_path / "opt/bin/pip").exists()
    assert sum(file.stat().st_size for file in (tmp_path / "opt").rglob("*") if file.is_file()) < 200e6


def builder() -> str | None:
    """A program that can build images here: one that is installed and has what it needs to run."""
    for name in ("podman", "docker"):
        if shutil.which(name) and not subprocess.run([name, "info"], capture_output=True, check=False).returncode:
            return name
    return None


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_it_is_built_and_answers(tmp_path: Path) -> None:
    program = builder()
    if not program:
        pytest.skip("there is no builder of images here: neither podman nor docker runs")
    subprocess.run([program, "build", "--file", FILE, "--tag", "postsearch-test", ROOT], check=True)
    (tmp_path / "beds.md").write_text("# Raised beds\n")
    tmp_path.chmod(0o755)
    shown = subprocess.run(
        [
            program,
            "run",
            "--rm",
            "--volume",
            f"{tmp_path}:/posts:ro",
            "--entrypoint",
            "sh",
            "postsearch-test",
            "-c",
            "postsearch reindex && postsearch search beds",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    size = subprocess.run(
        [program, "image", "inspect", "--format", "{{.Size}}", "postsearch-test"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "Raised beds" in shown.stdout, shown.stderr
    assert int(size.stdout) < 350e6
