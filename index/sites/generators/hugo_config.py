"""Hugo's configuration, which may be one file or several in folders for environments, and the folders of content.

https://gohugo.io/configuration/introduction/ and https://gohugo.io/configuration/module/#mounts
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from index.sites.generators.config import ConfigFiles
from index.sites.generators.globs import selected
from index.sites.generators.paths import named_folder, path_below
from index.sites.generators.values import as_mapping, as_text, as_text_list, lower_keys, merged

__all__ = ["Mount", "hugo_names", "is_pattern", "names_in", "read_hugo_config", "read_mounts"]

HUGO_SUFFIXES = (".toml", ".yaml", ".yml", ".json")
SPLIT_FILES = frozenset({"permalinks", "languages", "frontmatter", "module", "cascade"})
"""What may stand in a file of its own and bears on posts."""


@dataclass(frozen=True, slots=True)
class Mount:
    """A folder or file of the site, `source`, that Hugo sees at `target` in its content.

    `lang` is "" where that may be of any language. `include` and `exclude` are patterns of paths below the folder,
    in lower case.
    """

    source: str
    target: str = ""
    lang: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def content_path(self, path: str) -> str | None:
        """Where Hugo sees the file in its content, if it does."""
        inner = "" if path == self.source else path_below(path, self.source)
        found = inner is not None and selected(inner.lower(), self.include, self.exclude)
        return f"{self.target}/{inner}".strip("/") if found else None

    def folder(self, place: str) -> str | None:
        """The folder of the site that Hugo sees at a place in its content, if there may be one."""
        inner = "" if place == self.target else path_below(place, self.target)
        return None if inner is None else f"{self.source}/{inner}".strip("/")


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


def read_mounts(config: Mapping[str, object], languages: Mapping[str, Mapping[str, object]]) -> tuple[Mount, ...]:
    """The folders, the deepest first, by `module.mounts`, or else by the languages' and the site's `contentDir`."""
    listed, found = as_mapping(config.get("module")).get("mounts"), list[Mount]()
    for mount in (as_mapping(lower_keys(item)) for item in (listed if isinstance(listed, list) else [])):
        target = named_folder(mount.get("target"), "-")
        if target.split("/")[0] != "content":
            continue
        files = as_text_list(mount.get("files"))
        include = (*as_text_list(mount.get("includefiles")), *(one for one in files if one[0] != "!"))
        exclude = (*as_text_list(mount.get("excludefiles")), *(one[1:].strip() for one in files if one[0] == "!"))
        matrix = as_mapping(as_mapping(mount.get("sites")).get("matrix"))
        for lang in as_text_list(matrix.get("languages")) or (as_text(mount.get("lang")),):
            found.append(
                Mount(
                    source=named_folder(mount.get("source"), "-"),
                    target=target.removeprefix("content").strip("/"),
                    lang=lang.lower() if lang.isascii() and "*" not in lang else "",
                    include=tuple(pattern.strip("/").lower() for pattern in include),
                    exclude=tuple(pattern.strip("/").lower() for pattern in exclude),
                )
            )
    if not found:
        own = {code: as_text(options.get("contentdir")).strip("/") for code, options in languages.items()}
        found = [Mount(folder, lang=code) for code, folder in own.items() if folder]
        if not own or not all(own.values()):
            found.append(Mount(named_folder(config.get("contentdir"), "content")))
    return tuple(sorted(found, key=lambda mount: -len(mount.source)))
