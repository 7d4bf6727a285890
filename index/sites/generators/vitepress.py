"""The pages that VitePress builds, and their addresses, by the literals in its configuration, which is not run.

The rules are those of https://vitepress.dev/guide/routing and https://vitepress.dev/guide/i18n, as VitePress 1.6
follows them. A folder `.vitepress/config` may spread the configuration over files: what `index` does not say, those
beside it do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from index.markup.dialect import Dialect
from index.posts.inheritance import Inherited
from index.posts.metadata import Metadata
from index.sites.generators import SITE_CONFIG, Generator, GeneratorConfig, Place, Rules
from index.sites.generators.config import ConfigFiles
from index.sites.generators.globs import matching
from index.sites.generators.javascript import PROGRAM, read_object
from index.sites.generators.paths import named_folder, path_and_folders, path_below
from index.sites.generators.rewrites import check_rewrite, rewritten
from index.sites.generators.values import as_mapping, as_text, as_text_list, first_given

__all__ = ["VITEPRESS", "VitePress"]

SUFFIXES = ("js", "ts", "mjs", "mts")
SHARED_KEYS = ("srcDir", "srcExclude", "base", "cleanUrls", "rewrites")
"""What the whole site has in common, wherever it is said."""
CONFIG_KEYS = (*SHARED_KEYS, "title", "description", "themeConfig", "locales", "lang", "head", "markdown", "vite")
LEFT_OUT = ("**/node_modules/**", "**/dist/**", "**/.*/**")
DYNAMIC = re.compile(r"\[\w+\]")
MAX_SHARED_FILES = 50


@dataclass(frozen=True, slots=True)
class VitePress(Rules):
    """The rules of one site. `folder` holds the pages, "" where that is the folder of the site.

    `rewrites` pairs patterns of pages with where those lie, `langs` folders of the built site with their languages,
    "" being the rest.
    """

    folder: str = ""
    exclude: tuple[str, ...] = ()
    rewrites: tuple[tuple[str, str], ...] = ()
    langs: Mapping[str, str] = field(default_factory=dict)
    clean: bool = False

    def roots(self) -> tuple[str, ...]:
        return (self.folder,)

    def left_out(self, path: str) -> str | None:
        """Why the file is no page: where it lies, a pattern that excludes it, or that it stands for many."""
        inner = path_below(path, self.folder)
        if inner is None:
            return f"it lies outside of srcDir: {self.folder}"
        if path_below(inner, "public") is not None and not inner.endswith(".md"):
            return None
        if not inner.endswith(".md"):
            return "vitepress makes pages only of .md"
        if pattern := matching((*LEFT_OUT, *self.exclude), *path_and_folders(inner)):
            return f"excluded by {'vitepress' if pattern in LEFT_OUT else 'srcExclude'}: {pattern}"
        return "it stands for many pages, which a program makes" if DYNAMIC.search(inner) else None

    def page(self, path: str) -> str:
        """Where the source of the page lies as the site has it."""
        inner = path_below(path, self.folder) or path
        return next((page for rewrite in self.rewrites if (page := rewritten(inner, *rewrite)) is not None), inner)

    def inherited(self, path: str) -> Iterator[Inherited]:
        """The language of the folder that the page lies in."""
        if lang := self.langs.get(self.page(path).partition("/")[0]) or self.langs.get(""):
            yield Inherited(SITE_CONFIG, {"lang": lang})

    def url(self, path: str, post: Metadata) -> str | None:  # noqa: ARG002 - no header says where a page lies
        page = self.page(path)
        if not page.endswith(".md"):
            return f"/{path_below(page, 'public') or page}"
        folder, slash, name = page.removesuffix(".md").rpartition("/")
        return f"/{folder}{slash}" if name == "index" else f"/{folder}{slash}{name}{'' if self.clean else '.html'}"


def find_vitepress(place: Place, path: Path | None) -> GeneratorConfig:
    files = place.files
    config = read_object(files.text(path), *CONFIG_KEYS)
    if path and path.parent.name == "config":
        beside = sorted(one for one in path.parent.iterdir() if one.suffix[1:] in SUFFIXES and one != path)
        for other in beside[:MAX_SHARED_FILES]:
            shared = read_object(files.text(other), *CONFIG_KEYS)
            config = {key: shared[key] for key in SHARED_KEYS if key in shared} | config
    excluded = config.get("srcExclude")
    if path and PROGRAM in (excluded if isinstance(excluded, list) else [excluded]):
        files.warn_unknown(path, "srcExclude")
    locales = as_mapping(config.get("locales"))
    langs = {key: first_given(as_mapping(locale).get("lang"), key) for key, locale in locales.items() if key != "root"}
    main_lang = first_given(as_mapping(locales.get("root")).get("lang"), config.get("lang"))
    rules = VitePress(
        folder=named_folder(config.get("srcDir"), "."),
        exclude=tuple(pattern.removeprefix("./").strip("/") for pattern in as_text_list(excluded)),
        rewrites=tuple(read_rewrites(config.get("rewrites"), files)),
        langs={key: lang for key, lang in langs.items() if lang} | ({"": main_lang} if locales and main_lang else {}),
        clean=config.get("cleanUrls") is True,
    )
    return GeneratorConfig(
        rules,
        base=as_text(config.get("base")),
        lang=main_lang,
        dialect=Dialect(anchors="mdit-vue", templates=("outputs", "components", "directives")),
    )


def read_rewrites(value: object, files: ConfigFiles) -> Iterator[tuple[str, str]]:
    """The patterns of pages that lie elsewhere than their sources; those that can't be used become warnings."""
    rewrites = as_mapping(value)
    if value == PROGRAM or PROGRAM in rewrites.values():
        files.warn(files.files[-1], "its rewrites need the program of the site")
    for source, target in rewrites.items():
        if isinstance(target, str):
            try:
                check_rewrite(source, target)
            except ValueError as error:
                files.warn(files.files[-1], error)
            else:
                yield source, target


CONFIG_FILES = tuple(f".vitepress/{stem}.{suffix}" for suffix in SUFFIXES for stem in ("config/index", "config"))
VITEPRESS = Generator("vitepress", find_vitepress, CONFIG_FILES, ("docs",))
