"""The content that Docusaurus makes pages of, by the presets and plugins in its configuration.

https://docusaurus.io/docs/api/plugins
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from index.sites.generators.addresses import is_safe
from index.sites.generators.config import ConfigFiles
from index.sites.generators.javascript import PROGRAM
from index.sites.generators.paths import named_folder
from index.sites.generators.values import all_texts, as_mapping, as_text, as_text_list

__all__ = ["CURRENT", "MAIN", "PARTIALS", "Content", "read_contents"]

KINDS = {"docs": ("docs", "docs"), "blog": ("blog", "blog"), "pages": ("src/pages", "")}
"""Each kind of content with the folder and the route that it has unless the configuration says otherwise."""

PLUGIN = re.compile(r"(?:@docusaurus/plugin-)?content-(docs|blog|pages)")
PRESETS = frozenset({"classic", "@docusaurus/preset-classic"})
CURRENT = "current"
MAIN = "default"
"""The id of a plugin that is given none."""

PARTIALS = ("**/_*.{md,mdx}", "**/_*/**")
EXCLUDED = (*PARTIALS, "**/__tests__/**")
INCLUDED = ("**/*.{md,mdx}",)


@dataclass(frozen=True, slots=True)
class Content:
    """A folder of content. `versions` are those that are built, with the path of each below the route, "" for the last,
    `unindexed` those that search engines may not know.

    `authors` are the names of those that posts of a blog name by keys; `numbered` names of docs may begin with numbers
    that only order them.
    """

    kind: str
    id: str
    folder: str
    route: str
    include: tuple[str, ...] = INCLUDED
    exclude: tuple[str, ...] = EXCLUDED
    versions: Mapping[str, str] = field(default_factory=lambda: {CURRENT: ""})
    unindexed: tuple[str, ...] = ()
    numbered: bool = True
    authors: Mapping[str, str] = field(default_factory=dict)

    def source(self, version: str) -> str:
        """The folder with the original of a version."""
        prefix = "" if self.id == MAIN else f"{self.id}_"
        return self.folder if version == CURRENT else f"{prefix}versioned_docs/version-{version}"


def read_contents(config: Mapping[str, object], root: Path, files: ConfigFiles) -> tuple[tuple[Content, ...], bool]:
    """The content of each plugin that makes pages, what lies deepest first, and whether there can't be others."""
    found: list[tuple[str, Mapping[str, object]]] = []
    presets, plugins = config.get("presets", [] if "plugins" in config else PROGRAM), config.get("plugins", [])
    complete = isinstance(presets, list) and isinstance(plugins, list)
    for name, options in named(presets if isinstance(presets, list) else ["classic"]):
        if name in PRESETS or options.keys() & KINDS.keys():
            found += [(kind, as_mapping(options.get(kind))) for kind in KINDS if options.get(kind) is not False]
        complete = complete and bool(name)
    for name, options in named(plugins if isinstance(plugins, list) else []):
        if plugin := PLUGIN.fullmatch(name):
            found.append((plugin[1], options))
        complete = complete and bool(name)
    contents = (read_content(root, kind, options, files) for kind, options in found)
    return tuple(sorted(contents, key=lambda content: -len(content.folder))), complete


def named(entries: list[object]) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The name, "" where only a program knows it, and the options of each preset or plugin."""
    for entry in entries:
        if isinstance(entry, list) and entry:
            yield (entry[0] if isinstance(entry[0], str) else ""), as_mapping(entry[1] if len(entry) > 1 else None)
        elif entry not in (None, False, ""):
            yield (entry if isinstance(entry, str) else ""), {}


def read_content(root: Path, kind: str, options: Mapping[str, object], files: ConfigFiles) -> Content:
    """The content that a plugin with these options makes pages of."""
    usual_folder, usual_route = KINDS[kind]
    id = as_text(options.get("id")) or MAIN
    folder = named_folder(options.get("path"), usual_folder)
    versions = as_mapping(options.get("versions"))
    # Where only a program knows some patterns, these may be the usual ones.
    exclude = all_texts(given := options.get("exclude"))
    return Content(
        kind=kind,
        id=id,
        folder=folder,
        route=route if isinstance(route := options.get("routeBasePath"), str) else usual_route,
        include=all_texts(options.get("include")) or INCLUDED,
        exclude=EXCLUDED + as_text_list(given) if exclude is None else exclude,
        versions=read_versions(root, id, options, files) if kind == "docs" else {CURRENT: ""},
        unindexed=tuple(name for name, said in versions.items() if as_mapping(said).get("noIndex") is True),
        numbered=options.get("numberPrefixParser") is not False,
        authors=read_authors(root / folder, options, files) if kind == "blog" else {},
    )


def read_versions(root: Path, id: str, options: Mapping[str, object], files: ConfigFiles) -> dict[str, str]:
    """The versions of docs that are built, with the path of each below the route."""
    path = files.first(root, "versions.json" if id == MAIN else f"{id}_versions.json")
    names: list[str] = []
    if path and options.get("disableVersioning") is not True:
        try:
            names += as_text_list(json.loads(files.text(path)))
        except (ValueError, RecursionError) as error:
            files.warn(path, error)
    if options.get("includeCurrentVersion") is not False and CURRENT not in names:
        names.insert(0, CURRENT)
    if (only := all_texts(options.get("onlyIncludeVersions"))) is not None:
        names = [name for name in names if name in only]
    last = as_text(options.get("lastVersion")) or next((name for name in names if name != CURRENT), CURRENT)
    usual = {name: "" if name == last else "next" if name == CURRENT else name for name in names}
    said = as_mapping(options.get("versions"))
    given = {name: as_mapping(said.get(name)).get("path") for name in names}
    return {name: part if isinstance(part := given[name], str) else usual[name] for name in names}


def read_authors(folder: Path, options: Mapping[str, object], files: ConfigFiles) -> dict[str, str]:
    """The names of the authors of a blog by their keys."""
    name = as_text(options.get("authorsMapPath"))
    path = files.first(folder, name if name and is_safe(f"/{name}") else "authors.yml")
    authors = files.mapping(path) if path and path.suffix in {".yml", ".yaml", ".json"} else {}
    return {key: name for key, author in authors.items() if (name := as_text(as_mapping(author).get("name")))}
