"""The fingerprint changes with what documents depend on, and with nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from index.indexer.fingerprint import fingerprint, stable
from index.settings import Settings
from index.sites.site import read_site
from tests import ROOT

SETTINGS = Settings()


@dataclass(frozen=True)
class Rules:
    """As a site may hold them."""

    names: frozenset[str] = frozenset({"a", "b", "c", "d"})
    pattern: re.Pattern[str] = field(default_factory=lambda: re.compile("x" * 500))


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("base_url", "https://example.org"),
        ("url_pattern", "/:slug/"),
        ("generator", "hugo"),
        ("lang", "de"),
        ("timezone", "Europe/Berlin"),
    ],
)
def test_options_that_documents_depend_on_count(option: str, value: str) -> None:
    other = replace(SETTINGS, **{option: value})  # type: ignore[arg-type]

    assert fingerprint(other, Rules()) != fingerprint(SETTINGS, Rules())


@pytest.mark.parametrize("option", ["port", "per_page"])
def test_other_options_do_not_count(option: str) -> None:
    other = replace(SETTINGS, **{option: 11})  # type: ignore[arg-type]

    assert fingerprint(other, Rules()) == fingerprint(SETTINGS, Rules())


def test_all_of_the_site_counts() -> None:
    patterns = [re.compile("x" * 501), re.compile("x"), re.compile("x", re.IGNORECASE)]
    sites = [Rules(), Rules(frozenset("a")), *(Rules(pattern=pattern) for pattern in patterns)]

    assert len({fingerprint(SETTINGS, site) for site in sites}) == len(sites)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("_config.yml", "permalink: pretty\ndefaults:\n - scope: {path: x}\n   values: {layout: post}\n"),
        ("hugo.toml", "baseURL = 'https://example.org'\n[permalinks]\nposts = '/:year/:slug/'\n"),
        ("pelicanconf.py", "ARTICLE_URL = 'posts/{slug}.html'\nPATH = '.'\n"),
    ],
)
def test_it_is_the_same_in_every_process(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    code = (
        "import sys; from pathlib import Path; from index.settings import Settings\n"
        "from index.sites.site import read_site; from index.indexer.fingerprint import fingerprint\n"
        "settings = Settings(posts=Path(sys.argv[1]))\n"
        "print(fingerprint(settings, read_site(settings.posts, settings)))"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    root = ROOT
    seeds = [{"PYTHONHASHSEED": str(seed)} for seed in (1, 2)]
    prints = {subprocess.run(command, cwd=root, env=seed, capture_output=True, check=True).stdout for seed in seeds}

    assert len(prints) == 1
    assert " at 0x" not in stable(read_site(tmp_path, Settings(posts=tmp_path)))
