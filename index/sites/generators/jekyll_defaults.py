"""Which front matter defaults of Jekyll's `_config.yml` apply to a file.

The rules are those of https://jekyllrb.com/docs/configuration/front-matter-defaults/.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from index.sites.generators.globs import glob
from index.sites.generators.values import as_mapping, as_text

__all__ = ["Default", "applying_defaults", "read_defaults"]

OLD_TYPES = {"post": "posts", "page": "pages", "draft": "drafts"}


@dataclass(frozen=True, slots=True)
class Default:
    """Values for the files whose path begins with `path`, which may hold `*`, and whose type is `type`, if given."""

    path: str
    type: str
    values: Mapping[str, object]

    def applies(self, path: str, type: str) -> bool:
        """Whether the values are for this file."""
        if self.type and self.type != type:
            return False
        if "*" not in self.path:
            return path.startswith(self.path)
        return glob(self.path).match(path) is not None

    def beats(self, other: Default | None) -> bool:
        """Whether its values count more than the other's: those of the longer path do, then those with a type."""
        if other is None:
            return True
        mine, theirs = self.path.lstrip("/"), other.path.lstrip("/")
        return len(mine) > len(theirs) if len(mine) != len(theirs) else bool(self.type) or not other.type


def read_defaults(value: object, collections_dir: str = "") -> tuple[Default, ...]:
    """The defaults that the configuration lists; what is none of the right form is left out."""
    found = []
    for item in value if isinstance(value, list) else []:
        scope, values = as_mapping(as_mapping(item).get("scope")), as_mapping(as_mapping(item).get("values"))
        path, type = as_text(scope.get("path")), as_text(scope.get("type"))
        path = path.removeprefix(f"{collections_dir}/") if collections_dir else path
        found.append(Default(path, OLD_TYPES.get(type, type), {key.lower(): v for key, v in values.items()}))
    return tuple(default for default in found if default.values)


def applying_defaults(defaults: tuple[Default, ...], path: str, type: str) -> list[Default]:
    """Those that are for the file; the later count more."""
    found: list[Default] = []
    winner: Default | None = None
    for default in defaults:
        if not default.applies(path, type):
            continue
        if default.beats(winner):
            winner = default
            found.append(default)
        else:
            found.insert(0, default)
    return found
