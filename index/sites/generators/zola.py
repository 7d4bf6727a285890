"""The pages that Zola builds, what it says for them, and their addresses, by its `zola.toml` or `config.toml`.

The rules are those of https://www.getzola.org/documentation/content/page/, of
https://www.getzola.org/documentation/content/section/ and of
https://www.getzola.org/documentation/getting-started/configuration/, as Zola 0.22 follows them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from index.latin import ascii_slug
from index.markup.dialect import Dialect
from index.posts.inheritance import Inherited
from index.posts.metadata import Metadata
from index.posts.visibility import plain_key, truth
from index.sites.generators import SITE_CONFIG, Generator, GeneratorConfig, Place, Rules
from index.sites.generators.addresses import rooted, safe_link
from index.sites.generators.globs import glob
from index.sites.generators.paths import path_below, split_path
from index.sites.generators.sections import section_header
from index.sites.generators.values import as_mapping, as_text, as_text_list, is_true

__all__ = ["ZOLA", "Zola"]

CONTENT = "content"
DATED_PAGE = re.compile(
    r"(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"(?:T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d))?)(?:\s?[_-](.+$))?"
)
UNSAFE = re.compile(r'[<>:"/\\|?*]')


@dataclass(frozen=True, slots=True)
class Zola(Rules):
    """The rules of one Zola site.

    `paths` says how names become parts of addresses: `on`, `safe` or `off`. `langs` are the languages beside the main
    one. `known_headers` keeps the headers of sections by their folder, and is no part of the rules: rules are read anew
    for each run, and so are these.
    """

    root: Path
    paths: str = "on"
    keeps_dates: bool = False
    ignored: tuple[str, ...] = ()
    main_lang: str = "en"
    langs: tuple[str, ...] = ()
    author: str = ""
    known_headers: dict[str, tuple[tuple[str, Inherited], ...]] = field(default_factory=dict, repr=False, compare=False)

    def roots(self) -> tuple[str, ...]:
        return (CONTENT,)

    def left_out(self, path: str) -> str | None:
        """The pattern that leaves the file out; those are of whole paths, and their `*` matches slashes too."""
        whole = str(self.root / path)
        found = (line for line in self.ignored if glob(re.sub(r"\*+", "**", line)).fullmatch(whole))
        return next((f"excluded by ignored_content: {line}" for line in found), None)

    def inherited(self, path: str) -> Iterator[Inherited]:
        """The author of the site, and the language and the date of the page by its name."""
        if inner := path_below(path, CONTENT):
            name, lang = self.named(inner)
            dated = DATED_PAGE.match(name)
            given = {"author": self.author, "lang": lang if self.langs else "", "date": dated[1] if dated else ""}
            yield Inherited(SITE_CONFIG, {key: value for key, value in given.items() if value})

    def sections(self, path: str) -> Iterator[Inherited]:
        """What of the headers of the sections that the file lies in counts for all of these.

        A draft takes all below it along, in every language, and what is not for search its own.
        """
        folder, stem, _ = split_path(path)
        if is_section(stem):
            folder = folder.rpartition("/")[0]
        lang = self.named(path_below(path, CONTENT) or path)[1]
        for of, (source, fields) in self.headers_above(folder):
            keys = {"draft", "insearchindex"} if of == lang else {"draft"}
            if said := {key: value for key, value in fields.items() if plain_key(key) in keys}:
                yield Inherited(source, said)

    def above(self, folder: str) -> Iterator[Inherited]:
        """The headers of the sections that the folder lies in, in all languages."""
        return (header for _, header in self.headers_above(folder.rstrip("/")))

    def heirs(self, path: str) -> str | None:
        folder, stem, _ = split_path(path)
        return f"{folder}/".lstrip("/") if is_section(stem) else None

    def headers_above(self, folder: str) -> Iterator[tuple[str, Inherited]]:
        """The headers of the sections that a folder lies in, the outermost first, each with its language."""
        steps = folder.split("/")
        depths = range(1, len(steps) + 1) if steps[0] == CONTENT else ()
        for place in ("/".join(steps[:depth]) for depth in depths):
            if place not in self.known_headers:
                names = {self.main_lang: "_index.md"} | {lang: f"_index.{lang}.md" for lang in self.langs}
                found = ((lang, section_header(self.root, place, [name])) for lang, name in names.items())
                self.known_headers[place] = tuple((lang, header) for lang, header in found if header)
            yield from self.known_headers[place]

    def url(self, path: str, post: Metadata) -> str | None:
        """Where the page of the file lies; None outside of the content, and where the header says not to render it."""
        inner = path_below(path, CONTENT)
        folder, stem, suffix = split_path(inner or "")
        if inner is None or suffix != ".md" or stem.startswith(".") or truth(post.raw.get("render")) is False:
            return None
        name, lang = self.named(inner)
        if is_section(stem):
            if stem not in {"_index", *(f"_index.{other}" for other in self.langs)}:
                return None
            return self.address(lang, folder)
        if link := safe_link(post.raw.get("path")):
            return link if link.endswith("/") or not link.startswith("/") else f"{link}/"
        if stem.partition(".")[0] == "index":
            folder = folder.rpartition("/")[0]
        dated = DATED_PAGE.match(name)
        slug = as_text(post.raw.get("slug")) or (dated and not self.keeps_dates and dated[2]) or name
        if self.paths == "on":
            slug = ascii_slug(slug)
        elif self.paths == "safe":
            slug = UNSAFE.sub("", slug.rstrip(" ."))
        return self.address(lang, folder, slug)

    def named(self, path: str) -> tuple[str, str]:
        """The name of the page, that of its folder where the file is an `index`, and its language."""
        folder, stem, _ = split_path(path)
        name, _, lang = stem.partition(".")
        name, lang = (name, lang) if lang in self.langs else (stem, self.main_lang)
        return (folder.rpartition("/")[2] if name == "index" else name), lang

    def address(self, lang: str, *steps: str) -> str:
        """The address of what lies at the steps, in a language."""
        return rooted("" if lang == self.main_lang else lang, *steps, "")


def is_section(stem: str) -> bool:
    """Whether a file without its suffix is named as one that stands for its folder."""
    return stem.partition(".")[0] == "_index"


def find_zola(place: Place, path: Path | None) -> GeneratorConfig | None:
    """What Zola's configuration says; None for another program's `config.toml`."""
    config, is_zola = place.files.mapping(path), place.forced or (path and path.name == "zola.toml")
    if not is_zola and not ("base_url" in config and (place.root / CONTENT).is_dir()):
        return None
    lang = as_text(config.get("default_language")) or "en"
    slugify = as_mapping(config.get("slugify"))
    return GeneratorConfig(
        Zola(
            root=place.root,
            paths=as_text(slugify.get("paths")) or "on",
            keeps_dates=is_true(slugify.get("paths_keep_dates")),
            ignored=as_text_list(config.get("ignored_content")),
            main_lang=lang,
            langs=tuple(sorted({*as_mapping(config.get("languages"))} - {lang})),
            author=as_text(config.get("author")),
        ),
        base=as_text(config.get("base_url")),
        lang=lang,
        dialect=Dialect(
            anchors="zola" if as_text(slugify.get("anchors")) in {"", "on"} else "zola-unslugged",
            templates=("tags", "outputs", "comments"),
        ),
    )


ZOLA = Generator("zola", find_zola, ("zola.toml", "config.toml"), (CONTENT,))
