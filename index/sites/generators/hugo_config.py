"""Hugo's configuration, which may be one file or several in folders for environments.

https://gohugo.io/configuration/introduction/
"""

from __future__ import annotations

import re
from pathlib import Path

from index.sites.generators.config import ConfigFiles
from index.sites.generators.values import as_mapping, as_text_list, lower_keys, merged

__all__ = ["has_hugo_file", "is_pattern", "names_in", "read_hugo_config"]

HUGO_SUFFIXES = (".toml", ".yaml", ".yml", ".json")
SPLIT_FILES = frozenset({"permalinks", "languages", "frontmatter", "module", "cascade"})
"""What may stand in a file of its own and bears on posts."""


def read_hugo_config(root: Path, files: ConfigFiles) -> dict[str, object]:
    """The configuration with keys in lower case: from one file, below those in `config/_default`, below those in
    `config/production`, where a file such as `languages.de.toml` holds what stands below `languages.de`.
    """
    config: dict[str, object] = {}

    def add(path: Path, *keys: str) -> None:
        nonlocal config
        found = lower_keys(files.mapping(path))
        for key in reversed(keys):
            found = {key: found}
        config = merged(config, as_mapping(found))

    for folder in (root, root / "config" / "_default", root / "config" / "production"):
        if path := files.first(folder, *hugo_names("hugo"), *hugo_names("config")):
            add(path)
        for name in names_in(folder) if folder != root else ():
            stem, _, lang = name.lower().rpartition(".")[0].partition(".")
            if name.endswith(HUGO_SUFFIXES) and stem in SPLIT_FILES and (not lang or stem == "languages"):
                add(folder / name, stem, *filter(None, [lang]))
    for pattern in as_text_list(config.get("ignorefiles")):
        if not is_pattern(pattern):
            files.warn(files.files[0], f"its ignoreFiles pattern {pattern!r} is none that can be read here")
    return config


def has_hugo_file(root: Path) -> bool:
    """Whether the folder holds a configuration file by the name that only Hugo's has."""
    return any((root / name).is_file() for name in hugo_names("hugo"))


def hugo_names(stem: str) -> tuple[str, ...]:
    """The names of a configuration file, in the order in which Hugo takes them."""
    return tuple(f"{stem}{suffix}" for suffix in HUGO_SUFFIXES)


def names_in(folder: Path) -> list[str]:
    """The names of what the folder holds. Raises `PermissionError` where that can't be seen, as `ConfigFiles.first`."""
    try:
        return sorted(entry.name for entry in folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def is_pattern(text: str) -> bool:
    """Whether it is a regular expression here too."""
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError):
        return False
    return True
