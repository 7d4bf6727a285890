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

from index.errors import PostError
from index.posts.yaml_events import read_events
from index.toml import parse_toml

__all__ = ["ConfigFiles", "is_file"]

MAX_FILE_BYTES = 1_000_000


def read_python(source: str) -> dict[str, object]:
    """The names in capitals that a Python module sets to literals, or to other such names."""
    found: dict[str, object] = {}
    for node in ast.parse(source).body:
        target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
        target = node.target if isinstance(node, ast.AnnAssign) else target
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if not isinstance(target, ast.Name) or not target.id.isupper() or value is None:
            continue
        try:
            found[target.id] = found[value.id] if isinstance(value, ast.Name) else ast.literal_eval(value)
        except (ValueError, TypeError, KeyError, SyntaxError, RecursionError):
            found.pop(target.id, None)
    return found


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
        """Keep a warning about a file."""
        said = " ".join(str(error).split())[:200] or type(error).__name__
        self.warnings.append((path, f"can't be used: {said}; check it, or set url_pattern and base_url"))


def is_file(path: Path) -> bool:
    """Whether there is a file; unlike `Path.is_file`, which hides it in some versions of Python, never a guess."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except PermissionError:
        raise
    except OSError:
        return False
