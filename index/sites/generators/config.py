"""Reading the configuration files of generators, of which none is ever run.

What can't be read gives an empty mapping and a warning, so that a broken file never stops anything.
"""

from __future__ import annotations

import ast
import json
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from index.errors import PostError
from index.posts.yaml_events import read_events
from index.toml import parse_toml

__all__ = ["ConfigFiles", "is_file"]

MAX_FILE_BYTES = 1_000_000
MAX_SUM_LENGTH = 10_000
"""Of a text, list or dictionary that a Python module adds up."""


def read_python(source: str) -> dict[str, object]:
    """The names in capitals that a Python module sets, as far as these can be told without running it."""
    found: dict[str, Any] = {}
    for node in ast.parse(source).body:
        value: ast.expr
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                pass
            case ast.AugAssign(target=ast.Name(id=name) as old, op=op, value=added):
                value = ast.BinOp(old, op, added)
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name) as old, slice=key)], value=added):
                value = ast.BinOp(old, ast.BitOr(), ast.Dict([key], [added]))
            case ast.Expr(ast.Call(ast.Attribute(ast.Name(id=name) as old, "append"), [added])):
                value = ast.BinOp(old, ast.Add(), ast.List([added]))
            case ast.Expr(ast.Call(ast.Attribute(ast.Name(id=name) as old, "extend" | "update"), [added])):
                value = ast.BinOp(old, ast.Add(), added)
            case _:
                continue
        if not name.isupper():
            continue
        try:
            found[name] = python_value(value, found)
        except (ValueError, TypeError, KeyError, SyntaxError, RecursionError):
            found.pop(name, None)
    return found


def python_value(node: ast.expr, known: Mapping[str, Any]) -> Any:
    """What an expression stands for: a literal, a known name, or the sum of such texts, lists or dictionaries.

    A set is given as a list. Raises `ValueError`, `TypeError` or `KeyError` where only the program knows it.
    """
    match node:
        case ast.Name(id=name):
            return known[name]
        case ast.BinOp(left=left, op=ast.Add() | ast.BitOr(), right=right):
            one, other = python_value(left, known), python_value(right, known)
            if len(one) + len(other) > MAX_SUM_LENGTH:
                raise ValueError("it is too large")
            if isinstance(one, Mapping):
                return {**one, **other}
            return [*one, *other] if isinstance(one, list) else one + other
        case ast.Call(ast.Name("dict"), [], keywords):
            return {word.arg: ast.literal_eval(word.value) for word in keywords}
        case ast.Set(items):
            return list(map(ast.literal_eval, items))
        case ast.Dict([None, *keys], [ast.Name(id=name), *values]):
            return known[name] | ast.literal_eval(ast.Dict(keys, values))
    return ast.literal_eval(node)


PARSERS: dict[str, Callable[[str], object]] = {
    ".yml": lambda source: read_events(source)[0],
    ".yaml": lambda source: read_events(source)[0],
    ".toml": parse_toml,
    ".json": json.loads,
    ".py": read_python,
}


@dataclass(slots=True)
class ConfigFiles:
    """Reads configuration files and keeps which they were and what was wrong with them."""

    files: list[Path] = field(default_factory=list)
    warnings: list[tuple[Path, str]] = field(default_factory=list)

    def text(self, path: Path | None) -> str:
        """What the file holds, "" where there is none or it can't be read."""
        if path is None:
            return ""
        self.files.append(path)
        try:
            if path.stat().st_size > MAX_FILE_BYTES:
                raise ValueError(f"it is larger than {MAX_FILE_BYTES} bytes")
            return path.read_text("utf-8-sig")
        except (OSError, ValueError) as error:
            self.warn(path, error)
            return ""

    def mapping(self, path: Path | None) -> dict[str, object]:
        """The file as a mapping, {} where there is none or it can't be read."""
        source = self.text(path)
        if path is None or not source.strip():
            return {}
        try:
            found = PARSERS[path.suffix](source)
            if not isinstance(found, Mapping):
                raise TypeError("it is not a mapping")
            return {str(key): value for key, value in found.items()}
        except (ValueError, TypeError, PostError, SyntaxError, RecursionError, MemoryError) as error:
            self.warn(path, error)
            return {}

    def first(self, folder: Path, *names: str) -> Path | None:
        """The first of the files that the folder holds.

        Raises `PermissionError` where that can't be seen: to go on as if there were none would change every URL.
        """
        try:
            return next((folder / name for name in names if is_file(folder / name)), None)
        except PermissionError as error:
            raise PermissionError(error.errno, error.strerror, str(folder)) from error

    def warn(self, path: Path, error: object) -> None:
        said = " ".join(str(error).split())[:200] or type(error).__name__
        self.warnings.append((path, f"can't be used: {said}; check it, or set url_pattern and base_url"))

    def warn_unknown(self, path: Path, name: str) -> None:
        """Keep a warning about a setting that may hide posts, and whose value only the program knows."""
        remedy = "name in the setting exclude what it leaves out"
        self.warnings.append((path, f"its {name} needs the program of the site; {remedy}"))


def is_file(path: Path) -> bool:
    """Whether there is a file; unlike `Path.is_file`, which hides it in some versions of Python, never a guess."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except PermissionError:
        raise
    except OSError:
        return False
