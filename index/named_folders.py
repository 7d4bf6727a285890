"""Several folders of posts, each with a name, as settings give them: `blog=content/posts,docs=content/docs`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from index.errors import SettingsError

__all__ = ["NamedFolder", "joined_by_name", "names_folders", "parted_by_name", "path_at", "read_folders"]

NAME = "[a-z0-9][a-z0-9_-]{0,49}"
"""What folders are called."""

NAMED = re.compile(rf"({NAME})=(.+)", re.DOTALL)
BORDER = re.compile(rf",\s*(?={NAME}=)")
"""The comma before a name; others may be part of a path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedFolder:
    """One of several folders of posts. An option that is None is as the settings say for all of them."""

    name: str
    posts: Path
    base_url: str | None = None
    url_pattern: str | None = None
    generator: str | None = None
    lang: str | None = None
    timezone: str | None = None

    @property
    def own(self) -> dict[str, Any]:
        """The options that it has for itself."""
        return {name: value for name in OWN_OPTIONS if (value := getattr(self, name)) is not None}


OWN_OPTIONS = tuple(f.name for f in fields(NamedFolder) if f.name not in {"name", "posts"})


def names_folders(posts: object) -> bool:
    """Whether a value of the setting `posts` gives folders by name; a path that begins so is written `./name=…`."""
    return bool(NAMED.match(posts)) if isinstance(posts, str) else isinstance(posts, Mapping | list | tuple)


def parted_by_name(text: str) -> dict[str, str]:
    """What a text such as `blog=content/posts,docs=content/docs` says by name; one that names nothing says it of ""."""
    return dict(part.split("=", 1) for part in BORDER.split(text)) if names_folders(text) else {"": text}


def path_at(origin: str, id: str) -> str:
    """Where the file of an id lay when the posts did at that `origin` (see `Settings`)."""
    folders = parted_by_name(origin)
    name, _, inner = ("", "", id) if "" in folders else id.partition("/")
    return f"{folders.get(name, '')}/{inner}"


def joined_by_name(values: Mapping[str, object]) -> str:
    """The text that `parted_by_name` parts."""
    return ",".join(f"{name}={value}" if name else str(value) for name, value in values.items())


def read_folders(value: object) -> tuple[NamedFolder, ...]:
    """The folders of a text, of a list of texts, or of a table by name: of paths, or of tables with the path as `posts`
    and options of their own. Raises `SettingsError` for what gives none, and for two of one name.
    """
    if isinstance(value, Mapping):
        given = list(value.items())
    else:
        items = BORDER.split(value) if isinstance(value, str) and value else value or ()
        given = [pair_of(item) for item in (items if isinstance(items, list | tuple) else [items])]
    folders = tuple(told if isinstance(told, NamedFolder) else read_folder(name, told) for name, told in given)
    names = [folder.name for folder in folders]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise SettingsError(f"posts: two folders are called {twice}; give each a name of its own")
    return folders


def pair_of(item: object) -> tuple[str, object]:
    """The name of a folder and what is told of it."""
    if isinstance(item, NamedFolder):
        return item.name, item
    name, _, path = str(item).partition("=")
    if not isinstance(item, str) or not path:
        raise SettingsError(f"posts: {item!r} has no name; give several folders as NAME=FOLDER, such as blog=posts")
    return name, path


def read_folder(name: object, told: object) -> NamedFolder:
    """The folder of this name, from its path or from a table."""
    if not isinstance(name, str) or not re.fullmatch(NAME, name):
        raise SettingsError(f"posts: a folder can't be called {name!r}; use small letters, digits, - and _")
    options: dict[str, Any] = dict(told) if isinstance(told, Mapping) else {"posts": told}
    path = options.pop("posts", None)
    if not isinstance(path, str | Path) or not str(path):
        raise SettingsError(f"folders.{name}.posts: {path!r} is not a path; give that of the folder")
    for key, value in options.items():
        if key not in OWN_OPTIONS:
            raise SettingsError(f"folders.{name}.{key}: there is no such option; these are: {', '.join(OWN_OPTIONS)}")
        if not isinstance(value, str):
            raise SettingsError(f"folders.{name}.{key}: {value!r} is not a text")
    return NamedFolder(name=name, posts=Path(path), **options)
