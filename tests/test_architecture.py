"""Which module may import what: read from the source with `ast`, so that a wrong import fails before a review."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import ROOT

FLOOR = {
    "index.analysis",
    "index.arrays",
    "index.curation",
    "index.embedding",
    "index.errors",
    "index.indexer.ledger",
    "index.log",
    "index.opensearch",
    "index.schema",
    "index.segments",
    "index.settings",
    "index.stamps",
    "index.storage",
    "index.version",
    "index.watching.heartbeat",
}
"""What of the index side the query side may import, with the modules below each."""

TOP = ("wsgi", "search.cli", "search.commands", "search.web.reindexing")
"""The places that put both halves together and may import everything."""

HOMES = {
    "importlib.metadata": "index.version",
    "opensearchpy": "index.opensearch.client",
    "prometheus_client": "search.web.metrics",
    "zoneinfo": "index.settings",
}
"""What one module looks up for all others, so that it is found in one way."""

FLASK = {
    f"search.web.{name}"
    for name in ("blueprint", "context", "entity_tags", "extension", "headers", "posted", "problems", "recall", "views")
}
"""The only modules that know of Flask."""

DEFERRED = {"index.embedding", "index.storage", "search.engine", "search.web.app_state"}
"""The only modules that import inside functions: an engine, a model or figures, when the settings name it."""

WHOOSH = ("index.storage",)
"""Where Whoosh is known."""


@dataclass(frozen=True)
class Import:
    """One import as written: who imports what, where, and whether only when a function runs."""

    module: str
    target: str
    line: int
    deferred: bool

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.target}"


def below(name: str, package: str) -> bool:
    """Whether the dotted name is the package or something in it."""
    return name == package or name.startswith(package + ".")


def module_name(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def source_files(root: Path) -> dict[str, Path]:
    """The modules of ours by dotted name."""
    paths = [*root.glob("index/**/*.py"), *root.glob("search/**/*.py"), *root.glob("wsgi.py")]
    return {module_name(path, root): path for path in paths}


def imports_of(module: str, tree: ast.Module, modules: set[str]) -> Iterator[Import]:
    """Every import of a module; `from a import b` names `a.b` where that is a module of ours, and else `a`."""
    functions = [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    ]
    inside = {id(node) for function in functions for node in ast.walk(function)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            head = "." * node.level + (node.module or "")
            targets = [f"{head}.{a.name}" if f"{head}.{a.name}" in modules else head for a in node.names]
        else:
            continue
        for target in dict.fromkeys(targets):
            yield Import(module, target, node.lineno, id(node) in inside)


def all_imports(root: Path) -> list[Import]:
    files = source_files(root)
    return [
        found
        for module, path in sorted(files.items())
        for found in imports_of(module, ast.parse(path.read_text("utf-8")), set(files))
    ]


def crosses(found: Import) -> bool:
    """Whether the import goes against the direction between the two halves."""
    if any(below(found.module, top) for top in TOP):
        return False
    if below(found.module, "index"):
        return below(found.target, "search") or below(found.target, "wsgi")
    if below(found.target, "index"):
        return not any(below(found.target, floor) for floor in FLOOR)
    return below(found.target, "wsgi")


def leaks(found: Import) -> bool:
    """Whether a library is imported outside the modules that wrap it."""
    if below(found.target, "whoosh"):
        return not any(below(found.module, home) for home in WHOOSH)
    if home := next((HOMES[name] for name in HOMES if below(found.target, name)), ""):
        return found.module != home
    return below(found.target, "flask") and found.module not in FLASK and found.module != "wsgi"


def hidden(found: Import) -> bool:
    """Whether the import is inside a function, relative, or of the generic package itself."""
    relative = found.target.startswith(".")
    return relative or (found.deferred and found.module not in DEFERRED)


def folder(module: str, folders: set[str]) -> str:
    """The folder of a module directly below `index` or `search`, or the module itself where it lies beside those."""
    name = ".".join(module.split(".")[:2])
    return name if name in folders else module


def cycles(pairs: set[tuple[str, str]]) -> list[str]:
    """Rings among pairs of what imports and what is imported, each as `a > b > a`."""
    edges: dict[str, set[str]] = {}
    for importer, imported in pairs:
        if importer != imported:
            edges.setdefault(importer, set()).add(imported)
    rings: dict[frozenset[str], str] = {}

    def visit(module: str, way: tuple[str, ...]) -> None:
        if module in way:
            ring = way[way.index(module) :]
            rings.setdefault(frozenset(ring), " > ".join((*ring, module)))
        elif module not in done:
            for target in sorted(edges.get(module, ())):
                visit(target, (*way, module))
            done.add(module)

    done: set[str] = set()
    for module in sorted(edges):
        visit(module, ())
    return sorted(rings.values())


def violations(root: Path) -> list[str]:
    """What breaks the rules of imports in the modules below `root`, one line each."""
    imports = all_imports(root)
    modules = {(found.module, found.target) for found in imports if not found.deferred}
    names = source_files(root)
    folders = {".".join(name.split(".")[:2]) for name in names if name.count(".") > 1}
    between = {(folder(module, folders), folder(target, folders)) for module, target in modules}
    return [
        *(f"{found}: the wrong direction" for found in imports if crosses(found)),
        *(f"{found}: only the modules that wrap it may" for found in imports if leaks(found)),
        *(f"{found}: imports stand at the top and are absolute" for found in imports if hidden(found)),
        *(f"{ring}: a cycle" for ring in cycles(modules)),
        *(f"{ring}: a cycle of folders" for ring in cycles(between) if ring not in cycles(modules)),
    ]


def write_tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


def test_imports_of_the_project_obey_the_rules() -> None:
    assert violations(ROOT) == []


def test_the_project_is_really_read() -> None:
    found = {(i.module, i.target) for i in all_imports(ROOT)}

    assert ("index.storage", "index.schema") in found
    assert ("search.matches", "index.schema") in found


ALLOWED = {
    "index/__init__.py": "from index.settings import Settings\n",
    "index/settings.py": "from index.errors import SettingsError\n",
    "index/errors.py": "import os\n",
    "index/schema/__init__.py": "import dataclasses\n",
    "index/schema/keys.py": "NAMES = ()\n",
    "index/storage/whoosh_schema.py": "from whoosh.fields import TEXT\nfrom index.schema import FIELDS\n",
    "index/storage/__init__.py": "def open_writer():\n    from index.storage.writer import WhooshWriter\n",
    "index/storage/writer.py": "import whoosh.index\nfrom index.storage import Writer\n",
    "search/service.py": "from index.settings import Settings\nfrom index.storage.whoosh_schema import x\n",
    "search/web/views.py": "import flask\nfrom search.service import Search\n",
    "search/cli.py": "from index.indexer.run import reindex\nfrom search.web import extension\n",
    "search/web/extension.py": "from flask import Flask\n",
    "wsgi.py": "from flask import Flask\nfrom index.storage.lock import index_lock\nfrom search import PostSearch\n",
}


def test_a_tree_that_obeys_the_rules_passes(tmp_path: Path) -> None:
    assert violations(write_tree(tmp_path, ALLOWED)) == []


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("index/indexer/run.py", "from search.query import Query\n", "search.query: the wrong direction"),
        ("index/indexer/run.py", "from search.web import extension\n", "search.web.extension: the wrong direction"),
        ("index/indexer/run.py", "import wsgi\n", "wsgi: the wrong direction"),
        ("index/indexer/run.py", "if True:\n    import search\n", "search: the wrong direction"),
        ("search/service.py", "from index.indexer.run import reindex\n", "index.indexer.run: the wrong direction"),
        ("search/service.py", "from index import settings, Settings\n", "imports index: the wrong direction"),
        ("search/service.py", "import index.settings_extra\n", "index.settings_extra: the wrong direction"),
        ("search/snippet.py", "from flask import Markup\n", "flask: only the modules that wrap it may"),
        ("search/snippet.py", "import flask.json as j\n", "flask.json: only the modules that wrap it may"),
        ("search/web/app_state.py", "from zoneinfo import ZoneInfo\n", "zoneinfo: only the modules that wrap it may"),
        ("search/web/views.py", "import prometheus_client\n", "prometheus_client: only the modules that wrap it may"),
        ("search/service.py", "from whoosh.query import Term\n", "whoosh.query: only the modules that wrap it may"),
        ("index/analysis.py", "def f():\n    import re\n", "re: imports stand at the top"),
        ("index/analysis.py", "from .schema import FIELDS\n", ".schema: imports stand at the top"),
        (
            "index/schema/stored.py",
            "from index.storage.lock import Lock\n",
            "index.schema > index.storage > index.schema: a cycle of folders",
        ),
        (
            "index/errors.py",
            "from index.settings import S\n",
            "index.settings > index.errors > index.settings: a cycle",
        ),
    ],
)
def test_a_breach_is_caught(tmp_path: Path, name: str, text: str, words: str) -> None:
    found = violations(write_tree(tmp_path, ALLOWED | {name: text}))

    assert len(found) == 1
    assert words in found[0]


def test_a_longer_cycle_is_told_once(tmp_path: Path) -> None:
    ring = {"index/a.py": "import index.b\n", "index/b.py": "import index.c\n", "index/c.py": "import index.a\n"}

    assert violations(write_tree(tmp_path, ring)) == ["index.a > index.b > index.c > index.a: a cycle"]


def test_every_logger_of_a_module_escapes_what_it_is_told() -> None:
    own = [name for name, path in source_files(ROOT).items() if "getLogger(__name__)" in path.read_text("utf-8")]

    assert own == []
