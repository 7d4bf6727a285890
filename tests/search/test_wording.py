"""What visitors are told: every language says all that English says, with the same gaps and its own plurals."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import date
from typing import Any

import pytest
from babel import Locale

from search.sentences import ENGLISH
from search.wording import LANGUAGES, spoken, wording_of
from tests import ROOT

TABLES = ROOT / "search" / "web" / "static" / "strings"
GAP = re.compile(r"{\w+}")


def table(lang: str) -> dict[str, dict[str, Any]]:
    loaded: dict[str, dict[str, Any]] = json.loads((TABLES / f"{lang}.json").read_bytes())
    return loaded


def gaps(said: str | dict[str, str]) -> set[str]:
    return {gap for form in (said.values() if isinstance(said, dict) else [said]) for gap in GAP.findall(form)}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_language_says_all_that_english_says(lang: str) -> None:
    for part, sentences in table("en").items():
        said = table(lang)[part]
        assert list(said) == list(sentences), part
        for name, english in sentences.items():
            assert gaps(said[name]) == gaps(english), name
            if isinstance(english, dict):
                # Spanish, French, Italian and Portuguese count whole millions apart, which no folder holds.
                assert set(said[name]) == {*Locale.parse(lang).plural_form.tags, "other"} - (
                    {"many"} if lang in {"es", "fr", "it", "pt"} else set()
                ), name


@pytest.mark.parametrize("number", [0, 1, 2, 999, 1000, 123_456_789])
def test_english_is_the_same_without_the_tables_of_unicode(number: int) -> None:
    assert ENGLISH("count", n=number) == wording_of("en")("count", n=number)


def test_who_shows_no_page_loads_no_tables_of_unicode() -> None:
    code = "import sys, search.commands.search, search.commands.explain; sys.exit('babel' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_name_stands_for_one_sentence() -> None:
    names = [name for part in table("en").values() for name in part]

    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("lang", "number", "said"),
    [
        ("en", 1, "1 post"),
        ("en", 12345, "12,345 posts"),
        ("de", 12345, "12.345 Beiträge"),
        ("ru", 3, "3 записи"),
        ("ru", 5, "5 записей"),
        ("ja", 1, "1 件"),
    ],
)
def test_what_is_counted_has_the_form_of_its_number(lang: str, number: int, said: str) -> None:
    assert wording_of(lang)("count", n=number).replace("件の記事", "件") == said.replace("\u00a0", " ")


def test_what_is_told_of_is_left_as_it_is() -> None:
    assert ENGLISH("none", q="{n} \\1 <b>") == "No posts for “{n} \\1 <b>”"


def test_days_are_written_as_people_write_them() -> None:
    day = date(2025, 6, 3)

    assert [wording_of(lang).day(day) for lang in ("en", "de", "fr", "zh")] == [
        "3 Jun 2025",
        "03.06.2025",
        "3 juin 2025",
        "2025年6月3日",
    ]


@pytest.mark.parametrize(
    ("codes", "lang"), [(["de-AT", "en"], "de"), (["xx", "PT-br"], "pt"), (["tlh", ""], "en"), ([], "en")]
)
def test_the_first_language_with_a_table_is_spoken(codes: list[str], lang: str) -> None:
    assert spoken(codes) == lang


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_language_is_written_as_unicode_says(lang: str) -> None:
    assert wording_of(lang).dir == Locale.parse(lang).text_direction
