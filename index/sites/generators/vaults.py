"""Folders of notes that no generator is known to make a site of: which files are notes, and how these are read.

Told are the vaults of Obsidian, the graphs of Logseq, and what is written in MyST, by the files of these programs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from index.markup.dialect import Dialect
from index.posts.inheritance import Inherited
from index.posts.visibility import hides, plain_key
from index.sites.generators import GeneratorConfig, Place
from index.sites.generators.paths import split_path
from index.sites.generators.plain import Plain
from index.sites.generators.values import as_text, as_text_list

__all__ = ["read_vault"]

OBSIDIAN = ".obsidian"
TEMPLATE_FOLDERS = (("templates.json", "folder"), ("plugins/templater-obsidian/data.json", "templates_folder"))
"""The files of Obsidian, and their keys, that name a folder of templates."""

HIDDEN_IN_LOGSEQ = re.compile(r"^[^;\n]*:hidden\s*\[([^\[\]]*)\]", re.MULTILINE)
JOURNAL = re.compile(r"journals/(\d{4})[_-](\d\d)[_-](\d\d)\.\w+")
MYST_EXTENSION = re.compile(r"""["']myst[-_](?:parser|nb)["']""")


@dataclass(frozen=True, slots=True)
class Vault(Plain):
    """The rules of a folder of notes; `ignored` pairs patterns of paths that are no notes with where they stand.

    With `logseq`, the names of files are those of Logseq.
    """

    ignored: tuple[tuple[re.Pattern[str], str], ...] = ()
    logseq: bool = False

    def left_out(self, path: str) -> str | None:
        """Whether the program for notes is told to leave the file out, or keeps it for itself."""
        source = next((source for pattern, source in self.ignored if pattern.search(path)), None)
        return f"left out by {source}" if source else None

    def restated(self, path: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002 - the same for all
        """The header without a `status` that is that of a task, such as `todo`, and hides nothing."""
        return {k: v for k, v in fields.items() if plain_key(k) != "status" or hides(k, v, in_text=True)}

    def inherited(self, path: str) -> Iterator[Inherited]:
        """The title, and the date of a journal, by the name of the file in a graph of Logseq."""
        folder, stem, _ = split_path(path)
        if self.logseq and (day := JOURNAL.fullmatch(path)):
            yield Inherited("its name", dict.fromkeys(("title", "date"), "-".join(day.groups())))
        elif self.logseq and folder == "pages":
            yield Inherited("its name", {"title": unquote(stem.replace("___", "/"))})


def read_vault(place: Place) -> GeneratorConfig | None:
    """How notes are read if the place is a folder of notes."""
    files = place.files
    if (place.root / OBSIDIAN).is_dir():
        return GeneratorConfig(
            Vault(tuple(ignored_by_obsidian(place))), dialect=Dialect(templates=(), notes="obsidian")
        )
    if config := files.first(place.root / "logseq", "config.edn"):
        hidden = HIDDEN_IN_LOGSEQ.search(files.text(config))
        places = re.findall(r'"/?([^"\n]+)"', hidden[1]) if hidden else ()
        ignored = [(below("logseq/"), "Logseq, which keeps it for itself"), *((below(p), ":hidden") for p in places)]
        return GeneratorConfig(Vault(tuple(ignored), logseq=True), dialect=Dialect(templates=(), notes="logseq"))
    book = files.first(place.root, "_config.yml") and files.first(place.root, "_toc.yml")
    sphinx = files.first(place.root, "conf.py")
    if files.first(place.root, "myst.yml") or book or (sphinx and MYST_EXTENSION.search(files.text(sphinx))):
        return GeneratorConfig(Plain(), dialect=Dialect(templates=(), notes="myst"))
    return None


def ignored_by_obsidian(place: Place) -> Iterator[tuple[re.Pattern[str], str]]:
    """The patterns of what a vault excludes, and of its folders of templates."""
    folder, files = place.root / OBSIDIAN, place.files
    app = files.first(folder, "app.json")
    for rule in as_text_list(files.mapping(app).get("userIgnoreFilters")) if app else ():
        try:
            written = re.fullmatch("/(.+)/", rule)
            yield re.compile(written[1]) if written else below(rule), "the excluded files of Obsidian"
        except re.error as error:
            files.warn(folder / "app.json", f"{rule} is no pattern: {error}")
    for name, key in TEMPLATE_FOLDERS:
        if (path := files.first(folder, name)) and (templates := as_text(files.mapping(path).get(key)).strip("/")):
            yield below(f"{templates}/"), f"{OBSIDIAN}/{name}, as a template"


def below(path: str) -> re.Pattern[str]:
    """What matches the paths that begin with this one."""
    return re.compile(rf"\A{re.escape(path)}")
