"""Every module says what it is and what it offers: a docstring, and a sorted `__all__` that holds true."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

from tests import ROOT

SOURCES = sorted([*ROOT.glob("index/**/*.py"), *ROOT.glob("search/**/*.py"), *ROOT.glob("wsgi.py")])
PROMISED = [("index", "Settings"), ("search", "PostSearch"), ("search", "Search")]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def offered(path: Path) -> list[str] | None:
    """The names in `__all__`, or None where the module has none."""
    for node in ast.parse(path.read_text("utf-8")).body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            assert isinstance(node, ast.Assign | ast.AnnAssign)
            assert node.value is not None
            return list(ast.literal_eval(node.value))
    return None


def order(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest, each by the alphabet: the order that ruff keeps."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_a_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_a_module_lists_what_it_offers_in_order(path: Path) -> None:
    names = offered(path)

    assert names is not None
    assert names == sorted(names, key=order)
    assert len(names) == len(set(names))


@pytest.mark.parametrize("path", [path for path in SOURCES if path.name != "wsgi.py"], ids=relative)
def test_what_a_module_offers_is_there(path: Path) -> None:
    module = importlib.import_module(relative(path).removesuffix(".py").removesuffix("/__init__").replace("/", "."))

    assert [name for name in offered(path) or [] if not hasattr(module, name)] == []


@pytest.mark.parametrize(("package", "name"), PROMISED)
def test_what_the_readme_imports_is_offered(package: str, name: str) -> None:
    assert name in importlib.import_module(package).__all__


@pytest.mark.parametrize("package", ["index", "search"])
def test_types_are_shipped(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()
