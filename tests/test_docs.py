"""The docs tell all there is and nothing else: options, commands, flags, parameters, modules, links and code."""

from __future__ import annotations

import importlib.util
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
import pytest
from flask import Flask
from werkzeug.test import Client

from index.settings import PREFIX, SECRETS, Settings
from index.sites.pattern import PLACEHOLDERS
from search.cli import COMMANDS, main
from search.service import Search
from search.web import parameters
from tests import ROOT

DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "CHANGELOG.md", *sorted(DOCS.glob("*.md"))]
EMBEDDING = [ROOT / "README.md", DOCS / "embedding.md", DOCS / "index-format.md"]
MODULES = sorted(
    path
    for package in ("index", "search")
    for path in (ROOT / package).glob("**/*.py")
    if path.parent.name != "generators" and path.stem != "__init__"
)


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def reference() -> Any:
    """The script that writes docs/configuration.md, loaded as a module."""
    spec = importlib.util.spec_from_file_location("reference", DOCS / "reference.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def code_blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", path.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def anchor(heading: str) -> str:
    """The anchor that code hosts give a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def links() -> Iterator[tuple[Path, str]]:
    for page in PAGES:
        prose = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
        yield from ((page, target) for target in re.findall(r"\]\(([^)]+)\)", prose))


def flags_of(command: click.Command) -> set[str]:
    return {name for option in command.params for name in (*option.opts, *option.secondary_opts) if name[:2] == "--"}


def test_the_reference_is_what_the_settings_say() -> None:
    assert text("docs/configuration.md") == reference().configuration(), "run `make docs`"


def command(name: str) -> click.Command:
    found = main.get_command(click.Context(main), name)
    assert found
    return found


@pytest.mark.parametrize("option", [f.name for f in fields(Settings)])
def test_every_option_is_in_the_reference_once(option: str) -> None:
    rows = [line for line in text("docs/configuration.md").splitlines() if line.startswith(f"| `{option}` |")]

    assert len(rows) == 1
    assert f"`{PREFIX}{option.upper()}`" in rows[0]


@pytest.mark.parametrize("option", [f.name for f in fields(Settings) if f.name not in {"posts", "folders"}])
def test_every_option_has_the_flag_that_the_reference_names(option: str) -> None:
    row = next(line for line in text("docs/configuration.md").splitlines() if line.startswith(f"| `{option}` |"))
    named = set(re.findall(r"`(--[\w-]+)`", row.split("|")[4]))

    assert named
    assert named <= set().union(*(flags_of(command(name)) for name in COMMANDS))


def test_option_names_in_the_docs_are_real() -> None:
    """Names written as `POSTSEARCH_…` are options, so that a renamed option leaves no trace in the docs."""
    real = {*SECRETS, *(PREFIX + f.name.upper() for f in fields(Settings))}
    named = {name for page in PAGES for name in re.findall(r"\bPOSTSEARCH_[A-Z_]+", page.read_text("utf-8"))}

    assert named - real == set()


def test_every_command_is_documented_and_no_other() -> None:
    named = set(re.findall(r"^\| `postsearch (\w+)", text("docs/command-line.md"), re.MULTILINE))

    assert named == set(COMMANDS)


def test_commands_and_flags_in_the_docs_are_real() -> None:
    for page in PAGES:
        for name, rest in re.findall(
            r"postsearch (reindex|serve|watch|search|check|status)\b([^\n`#|]*)", page.read_text()
        ):
            assert set(re.findall(r"--[\w-]+", rest)) <= flags_of(command(name)), f"{page.name}: {name}{rest}"


@pytest.mark.parametrize("name", [*parameters.SINGLE, *parameters.LISTS])
def test_every_parameter_of_the_endpoint_is_documented(name: str) -> None:
    table = text("docs/http.md").partition("## Parameters")[2].partition("##")[0]

    assert f"`{name}`" in "".join(line.split("|")[1] for line in table.splitlines() if line.startswith("|"))


@pytest.mark.parametrize("name", PLACEHOLDERS)
def test_every_name_of_a_url_pattern_is_documented(name: str) -> None:
    assert f"`:{name}`" in text("docs/posts.md")


def modules_in_the_architecture() -> set[str]:
    """The modules that ARCHITECTURE.md names, as paths from the root.

    A heading that begins with a folder (`### index/posts/`) says where the files are that are named below it without
    one; a name with a folder is a path from the root. The drawing, in its fence, is not read.
    """
    prose = re.sub(r"^```.*?^```", "", text("ARCHITECTURE.md"), flags=re.MULTILINE | re.DOTALL)
    found, folder = set(), ""
    for line in prose.splitlines():
        if heading := re.match(r"#+ (\S+/)?", line):
            folder = heading[1] or ""
        for name in re.findall(r"`([\w/]+\.py)`", line):
            found.add(name if "/" in name else folder + name)
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_architecture_names_every_module(path: Path) -> None:
    assert path.relative_to(ROOT).as_posix() in modules_in_the_architecture()


def test_the_architecture_names_no_module_that_is_not_there() -> None:
    assert {name for name in modules_in_the_architecture() if not (ROOT / name).is_file()} == set()


def test_the_drawing_of_the_architecture_names_modules_and_folders_that_are_there() -> None:
    drawing = text("ARCHITECTURE.md").split("```")[1]
    names = re.findall(r"[\w/]+(?:\.py|/)(?![\w/])", drawing)

    assert len(names) > 10
    assert [name for name in names if not (ROOT / name).exists()] == []


def test_every_dependency_has_its_reason() -> None:
    parsed = tomllib.loads(text("pyproject.toml"))
    project = parsed["project"]
    groups = [project["dependencies"], *(project["optional-dependencies"] | parsed["dependency-groups"]).values()]
    entries = [entry for group in groups for entry in group if isinstance(entry, str)]
    names = {re.split(r"[<>=~!\[; ]", entry)[0] for entry in entries}

    assert {name for name in names if f"`{name}`" not in text("docs/dependencies.md")} == set()


@pytest.mark.parametrize(
    ("page", "target"),
    [(page, target) for page, target in links() if not target.startswith(("http://", "https://"))],
    ids=lambda value: getattr(value, "name", value),
)
def test_links_lead_somewhere(page: Path, target: str) -> None:
    name, _, fragment = target.partition("#")
    goal = (page.parent / name) if name else page

    assert goal.exists()
    if fragment:
        assert fragment in {anchor(heading) for heading in re.findall(r"^#+ (.+)$", goal.read_text(), re.MULTILINE)}


def test_every_page_is_linked_from_the_readme() -> None:
    linked = {target.partition("#")[0] for page, target in links() if page.name == "README.md"}

    assert {page.relative_to(ROOT).as_posix() for page in PAGES} - {"README.md"} <= linked


@pytest.mark.parametrize(
    ("page", "code"),
    [(page, code) for page in EMBEDDING for code in code_blocks(page, "python")],
    ids=lambda value: getattr(value, "name", "code"),
)
def test_python_in_the_docs_runs(page: Path, code: str, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it makes an app, the app has the results page; where it asks for posts, it is answered."""
    monkeypatch.chdir(site)
    names: dict[str, Any] = {"__name__": "embedded"}

    exec(compile(code, page.name, "exec"), names)

    app = names.get("app") or (names["create_app"]() if "def create_app" in code else None)
    if isinstance(app, Flask):
        assert any(rule.endpoint == "postsearch.results" for rule in app.url_map.iter_rules())
    answer = names.get("results") or names.get("answer")
    if "service" in names:
        assert answer
        assert [hit["title"] for hit in answer["hits"]] == ["Raised beds"]
        names["service"].close()
    if "whoosh_index" in names:
        assert names["titles"] == ["Raised beds"]
    if "application" in names:
        assert Client(names["application"]).get("/blog/search/?q=raised+beds").status_code == 200


def test_the_answer_in_the_docs_has_the_shape_of_an_answer(site: Path) -> None:
    documented = json.loads(code_blocks(DOCS / "http.md", "json")[0])
    service = Search(Settings(index=site / ".postsearch"))

    real = service.run("raised beds", per_page=1).to_dict()
    service.close()

    assert list(documented) == list(real)
    assert list(documented["hits"][0]) == list(real["hits"][0])
    assert set(documented["facets"]) == set(real["facets"])
    assert set(documented["index"]) == set(real["index"])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["search", "beds"], 0),
        (["search", "nowhere"], 1),
        (["check", "content/posts"], 0),
        (["reindex", "--no-such-flag"], 2),
        (["search", "beds", "--index", "no-index-here"], 3),
        (["search", "beds", "--per-page", "0"], 4),
        (["reindex", "no-posts-here"], 4),
    ],
)
def test_exit_codes_are_those_of_the_docs(
    arguments: list[str], code: int, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(site)
    documented = re.findall(r"^\| (\d) \|", text("docs/command-line.md"), re.MULTILINE)

    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == code
    assert str(code) in documented


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_toml_in_the_docs_is_a_configuration(page: Path) -> None:
    for block in code_blocks(page, "toml"):
        assert Settings(**tomllib.loads(block))


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder as a reader of the docs has it: posts in content/posts and an index of them."""
    posts = tmp_path / "content" / "posts"
    posts.mkdir(parents=True)
    (posts / "beds.md").write_text("---\ntitle: Raised beds\ntags: [woodwork]\n---\nOf raised beds.\n", "utf-8")
    (posts / "other.md").write_text("---\ntitle: Other raised beds\ntags: [stone]\n---\nOf raised beds.\n", "utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["reindex", str(posts), "--index", str(tmp_path / ".postsearch"), "--quiet"])
    assert ended.value.code in (0, None)
    return tmp_path
