"""The public names: exactly these, each importable, and each told of in the docs."""

from __future__ import annotations

import importlib
import re

import pytest

from tests import ROOT

PUBLIC = {
    "index": [
        "Document",
        "IndexBusy",
        "IndexDamaged",
        "IndexFault",
        "IndexMissing",
        "ParameterError",
        "PostError",
        "PostSearchError",
        "Settings",
        "SettingsError",
        "UnlikelyRemoval",
        "Watcher",
        "reindex",
    ],
    "search": ["Filters", "Hit", "PostSearch", "Results", "Search", "create_app"],
}


@pytest.mark.parametrize("package", PUBLIC)
def test_the_public_names_are_these_and_are_there(package: str) -> None:
    module = importlib.import_module(package)

    assert module.__all__ == PUBLIC[package]
    assert [name for name in module.__all__ if not hasattr(module, name)] == []
    assert (ROOT / package / "py.typed").is_file()


def test_the_docs_tell_which_names_are_stable() -> None:
    section = (
        (ROOT / "docs" / "embedding.md").read_text("utf-8").partition("## What is stable")[2].partition("\n## ")[0]
    )
    table = "".join(line for line in section.splitlines() if line.startswith("|"))

    assert set(re.findall(r"`([A-Za-z_]+)`", table)) >= {name for names in PUBLIC.values() for name in names}
