"""What the search box weighs, and the words that it says in other languages."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
from werkzeug.test import Client

from tests import ROOT
from tests.fake_search import FakeSearch, app_with

STATIC = ROOT / "search" / "web" / "static"
LATER = ["list-style.js", "posts.js", "start.js"]
"""What is loaded where somebody opens the box."""

OPTIONAL = [STATIC / "box" / name for name in ("advice.js", *LATER)]
"""What no page needs before: that, and what explains wrong attributes."""

CORE = [STATIC / "post-search.js", *sorted(set((STATIC / "box").glob("*.js")) - set(OPTIONAL))]
LANGUAGES = sorted((STATIC / "strings").glob("*.json"))
BUDGET = 11_000
LATER_BUDGET = 6_000
"""Bytes, gzipped, that every page with a box loads, and those that are loaded with the first search."""


def weight(paths: list[Path]) -> dict[str, int]:
    return {path.name: len(gzip.compress(path.read_bytes(), 9)) for path in paths}


def test_the_box_with_its_looks_and_english_is_light() -> None:
    core, later = weight(CORE), weight([STATIC / "box" / name for name in LATER])

    assert sum(core.values()) <= BUDGET, core
    assert sum(later.values()) <= LATER_BUDGET, later


def test_every_file_that_the_box_imports_is_weighed() -> None:
    def imported(paths: list[Path], way: str) -> set[str]:
        return {Path(found).name for path in paths for found in re.findall(way, path.read_text("utf-8"))}

    at_once, on_demand = r'from "([^"]+)"', r'import\("([^"]+)"\)'
    first = {path.name for path in CORE[1:]}

    assert imported(CORE, at_once) == first
    assert imported(CORE, on_demand) | imported(OPTIONAL, at_once) - first == {path.name for path in OPTIONAL}


def test_the_box_brings_its_english_along() -> None:
    source = (STATIC / "box" / "strings.js").read_text("utf-8").partition("const ENGLISH = ")[2].partition(";\n")[0]
    table = json.loads((STATIC / "strings" / "en.json").read_bytes())["common"]

    assert json.loads(re.sub(r",(?=\s*})", "", re.sub(r"(\w+): (?=[\"{])", r'"\1": ', source))) == table


def test_the_box_knows_of_each_language() -> None:
    listed = re.search(r"\^\(([\w|]+)\)", (STATIC / "box" / "strings.js").read_text("utf-8"))

    assert listed
    assert sorted([*listed[1].split("|"), "en"]) == [path.stem for path in LANGUAGES]
    assert len(LANGUAGES) > 12


@pytest.mark.parametrize("path", [*CORE, *OPTIONAL], ids=lambda path: path.name)
def test_a_module_is_served_as_one(path: Path) -> None:
    """Browsers refuse modules of any other type."""
    with Client(app_with(FakeSearch())).get(f"/search/static/{path.relative_to(STATIC).as_posix()}") as answer:
        assert answer.status_code == 200
        assert answer.mimetype == "text/javascript"


@pytest.mark.parametrize("path", [*CORE, *OPTIONAL, *LANGUAGES], ids=lambda path: path.name)
def test_no_script_makes_elements_or_code_of_text(path: Path) -> None:
    text = path.read_text("utf-8")

    assert re.findall(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function|setHTML", text) == []
