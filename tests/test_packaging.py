"""The package as strangers get it: what its wheel holds, that it works by itself, and that the locked versions fit."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import venv
from email import message_from_bytes
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from search.cli import COMMANDS
from tests import ROOT

LOCK = ROOT / "constraints.txt"
SITE = """
from flask import Flask
from search import PostSearch

app = Flask("site")
PostSearch(app)
for path in ("/search/?q=boards", "/search/static/post-search.js"):
    print(app.test_client().get(path).status)
"""


def run(*command: str | Path, cwd: Path) -> str:
    """What the command prints; it has to succeed."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder, cwd=ROOT)
    (built,) = folder.iterdir()
    return built


def test_the_wheel_holds_every_file_of_both_packages_and_nothing_else(wheel: Path) -> None:
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard", "index", "search", cwd=ROOT)
    files = {name for name in listed.splitlines() if (ROOT / name).is_file()}

    with ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}

    assert held == files
    assert {"index/py.typed", "search/py.typed"} <= held


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        info = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = message_from_bytes(archive.read(info))
        licence = archive.read(info.replace("METADATA", "licenses/LICENSE"))

    assert licence == (ROOT / "LICENSE").read_bytes()
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Author"] == "The postsearch authors"
    assert {"Framework :: Flask", "Typing :: Typed"} <= set(metadata.get_all("Classifier", []))
    assert metadata.get_all("Provides-Extra") == ["meaning", "metrics", "opensearch", "production"]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_wheel_works_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    """Outside the checkout; pip fetches what it depends on."""
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv/bin/python"
    postsearch = tmp_path / "venv/bin/postsearch"
    run(python, "-m", "pip", "install", "--quiet", "--constraint", LOCK, wheel, cwd=tmp_path)
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/beds.md").write_text("---\ntitle: Raised beds\n---\nOld scaffold boards.\n")

    assert "Usage: postsearch" in run(postsearch, "--help", cwd=tmp_path)
    run(postsearch, "reindex", "posts", cwd=tmp_path)
    assert "Raised beds" in run(postsearch, "search", "scaffold", cwd=tmp_path)
    assert run(python, "-c", SITE, cwd=tmp_path) == "200 OK\n200 OK\n"
    assert run(python, "-m", "pip", "check", cwd=tmp_path) == "No broken requirements found.\n"


def test_the_hook_for_pre_commit_is_a_command_of_ours() -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    program, command, *rest = hook["entry"].split()

    assert (hook["id"], hook["language"], hook["pass_filenames"]) == ("postsearch-check", "python", False)
    assert (program, command in COMMANDS, rest) == ("postsearch", True, [])


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_pre_commit_runs_the_hook_of_a_clone_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a site's pre-commit does it, which fetches what we depend on."""
    if not (ROOT / ".git").exists():
        pytest.skip("pre-commit runs hooks of Git repositories, and this copy of ours is none")
    command = [
        sys.executable,
        "-m",
        "pre_commit",
        "try-repo",
        str(ROOT),
        "postsearch-check",
        "--all-files",
        "--verbose",
    ]
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "cache"))
    site = tmp_path / "site"
    (site / "posts").mkdir(parents=True)
    (site / "posts" / "beds.md").write_text("---\ntitle: Raised beds\n---\nOld scaffold boards.\n")
    run("git", "init", "--quiet", cwd=site)
    run("git", "add", "posts", cwd=site)

    assert "Passed" in run(*command, cwd=site)
    (site / "posts" / "beds.md").write_text("---\ntitle: never closed\n\nBroken.\n")
    failed = subprocess.run(command, cwd=site, capture_output=True, text=True, check=False)
    assert failed.returncode == 1
    assert "posts/beds.md:1:1: error:" in failed.stdout


def test_the_lock_has_a_version_of_every_dependency_and_names_no_place() -> None:
    """A version that the bounds in pyproject.toml allow; `make lock` writes it."""
    pins = [Requirement(line) for line in LOCK.read_text("utf-8").splitlines() if not line.startswith("#")]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    named = [*project["project"]["dependencies"], *project["project"]["optional-dependencies"]["production"]]
    named += [entry for group in project["dependency-groups"].values() for entry in group if isinstance(entry, str)]

    assert not any(pin.url for pin in pins)
    for wanted in map(Requirement, named):
        versions = [
            specifier.version
            for pin in pins
            if canonicalize_name(pin.name) == canonicalize_name(wanted.name)
            for specifier in pin.specifier
        ]
        assert versions, f"{wanted} is not locked: run make lock"
        assert all(map(wanted.specifier.contains, versions)), f"{wanted} is locked at {versions}: run make lock"
