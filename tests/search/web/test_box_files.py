"""What the search box weighs, and the words that it says in other languages."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from werkzeug.test import Client

from tests import ROOT
from tests.fake_search import FakeSearch, app_with

STATIC = ROOT / "search" / "web" / "static"
OPTIONAL = [STATIC / "box" / name for name in ("advice.js", "fragments.js")]
"""What is loaded for a box with a wrong attribute, and for one with a rare one."""

CORE = [STATIC / "post-search.js", *sorted(set((STATIC / "box").glob("*.js")) - set(OPTIONAL))]
LANGUAGES = sorted((STATIC / "strings").glob("*.js"))
BUDGET = 8600

PLURALS = {
    "ar": {"zero", "one", "two", "few", "many", "other"},
    "pl": {"one", "few", "many", "other"},
    "ru": {"one", "few", "many", "other"},
    "ja": {"other"},
    "ko": {"other"},
    "zh": {"other"},
}
"""The forms that a language counts with, where they are not `one` and `other`."""


def entries(text: str) -> dict[str, str]:
    """The names of a table of strings with what stands beside them."""
    return dict(re.findall(r"^  (\w+): (.+),$", text, re.MULTILINE))


ENGLISH = entries((STATIC / "box" / "strings.js").read_text("utf-8").partition("const ENGLISH")[2].partition("};")[0])


def test_the_box_with_its_looks_and_english_is_light() -> None:
    weights = {path.name: len(gzip.compress(path.read_bytes(), 9)) for path in CORE}

    assert sum(weights.values()) <= BUDGET, weights


def test_every_file_that_the_box_imports_is_weighed() -> None:
    imported = {found for path in CORE for found in re.findall(r'from "([^"]+)"', path.read_text("utf-8"))}
    later = {found for path in CORE for found in re.findall(r'import\("([^"]+)"\)', path.read_text("utf-8"))}

    assert {f"./box/{path.name}" for path in CORE[1:]} == imported
    assert {Path(found).name for found in later} == {path.name for path in OPTIONAL}


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.stem)
def test_a_language_says_all_that_english_says(path: Path) -> None:
    said = entries(path.read_text("utf-8"))

    assert list(said) == list(ENGLISH)
    for name, text in said.items():
        assert set(re.findall(r"{\w}", text)) == set(re.findall(r"{\w}", ENGLISH[name])), name
    assert set(re.findall(r"(\w+): ", said["count"])) == PLURALS.get(path.stem, {"one", "other"})


def test_the_box_knows_of_each_language() -> None:
    listed = re.search(r"\^\(([\w|]+)\)", (STATIC / "box" / "strings.js").read_text("utf-8"))

    assert listed
    assert listed[1].split("|") == [path.stem for path in LANGUAGES]
    assert len(LANGUAGES) + 1 > 12


@pytest.mark.parametrize("path", [*CORE, *OPTIONAL, LANGUAGES[0]], ids=lambda path: path.name)
def test_a_module_is_served_as_one(path: Path) -> None:
    """Browsers refuse modules of any other type."""
    with Client(app_with(FakeSearch())).get(f"/search/static/{path.relative_to(STATIC).as_posix()}") as answer:
        assert answer.status_code == 200
        assert answer.mimetype == "text/javascript"


@pytest.mark.parametrize("path", [*CORE, *OPTIONAL, *LANGUAGES], ids=lambda path: path.name)
def test_no_script_makes_elements_or_code_of_text(path: Path) -> None:
    text = path.read_text("utf-8")

    assert re.findall(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function|setHTML", text) == []
