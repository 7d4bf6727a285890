"""The pages that MkDocs builds, what it says for them, and their addresses, by its `mkdocs.yml`.

The rules are those of https://www.mkdocs.org/user-guide/configuration/, as MkDocs 1.6 follows them, and of two plugins:
the blog of Material (`mkdocs_blog.py`) and https://ultrabug.github.io/mkdocs-static-i18n/.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import translate
from pathlib import Path
from posixpath import normpath
from typing import Any

from index.markup.dialect import Dialect
from index.posts.inheritance import Inherited
from index.posts.metadata import Metadata
from index.posts.visibility import hides, plain_key
from index.sites.generators import SITE_CONFIG, Generator, GeneratorConfig, Place, Rules
from index.sites.generators.addresses import rooted, without_index
from index.sites.generators.config import ConfigFiles
from index.sites.generators.globs import gitignore
from index.sites.generators.mkdocs_blog import Blog, read_blog
from index.sites.generators.paths import named_folder, path_and_folders, path_below, split_path
from index.sites.generators.values import as_mapping, as_text, as_text_list, first_given, is_true, merged

__all__ = ["MKDOCS", "MkDocs"]

MAX_CONFIG_FILES = 8
"""How many configurations are read of which each names the next as `INHERIT`."""

MAX_META_FILES = 5000
MARKDOWN_SUFFIXES = frozenset({".markdown", ".mdown", ".mkdn", ".mkd", ".md"})
ALWAYS_EXCLUDED = (".*", "/templates/")
LABELS = ("new", "deprecated")
"""Words that Material shows as the `status` of a page; `extra.status` may name others."""

WITH_ATTRIBUTES = frozenset({"attr_list", "extra"})
"""Extensions of Python-Markdown that read attribute lists."""


@dataclass(frozen=True, slots=True)
class MkDocs(Rules):
    """The rules of one MkDocs site.

    `ignores` pairs the patterns of files that are left out, as lines of a `.gitignore`, with the option that they stand
    in; the last one that matches counts. `excluded` pairs those of plugins with their names. `meta` is what files of
    the plugin `meta` say, by folder, for all below. `titles` are those of the navigation, by file. `langs` are the
    languages, the main one first, whose files lie in folders of their own if `lang_folders`, and else name it before
    the suffix.
    """

    root: Path
    docs: str
    directory_urls: bool = True
    ignores: tuple[tuple[str, str], ...] = ()
    excluded: tuple[tuple[re.Pattern[str], str], ...] = ()
    meta: Mapping[str, Inherited] = field(default_factory=dict)
    titles: Mapping[str, str] | None = None
    labels: tuple[str, ...] = LABELS
    langs: tuple[str, ...] = ()
    lang_folders: bool = False
    blogs: tuple[Blog, ...] = ()

    def roots(self) -> tuple[str, ...]:
        return (self.docs,)

    def left_out(self, path: str) -> str | None:
        """The pattern that leaves the file out, or the page that is its folder's in its place."""
        if (inner := path_below(path, self.docs)) is None:
            return None
        line, option = next(
            (found for found in reversed(self.ignores) if gitignore(found[0].removeprefix("!")).fullmatch(inner)),
            ("!", ""),
        )
        if not line.startswith("!"):
            return f"excluded by {option}: {line}"
        if plugin := next((plugin for pattern, plugin in self.excluded if pattern.match(inner)), ""):
            return f"excluded by the plugin {plugin}"
        folder, stem, _ = split_path(path)
        if stem == "README" and (self.root / folder / "index.md").is_file():
            return "index.md beside it is the page of the folder"
        return None

    def inherited(self, path: str) -> Iterator[Inherited]:
        """What the plugin `meta` says for the file, and its language by its path, where the site has several."""
        if (inner := path_below(path, self.docs)) is None:
            return
        yield from (self.meta[folder] for folder in ("", *path_and_folders(inner)) if folder in self.meta)
        if lang := self.localized(inner)[0]:
            yield Inherited(SITE_CONFIG, {"lang": lang})

    def restated(self, path: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """The header with the title of the navigation, which counts more, the names of authors that stand there by
        their keys, and without a status that is a mere label.
        """
        inner, said = path_below(path, self.docs) or "", dict(fields)
        if title := (self.titles or {}).get(inner):
            said["title"] = title
        for key, value in fields.items():
            if plain_key(key) == "status" and as_text(value) in self.labels and not hides(key, value, in_text=True):
                del said[key]
            elif plain_key(key) == "authors" and (blog := self.blog(inner)):
                said[key] = [blog.authors.get(name, name) for name in as_text_list(value)]
        return said

    def url(self, path: str, post: Metadata) -> str | None:
        """Where the page of the file lies; None outside of the documents, and where that of a post can't be told."""
        if (inner := path_below(path, self.docs)) is None:
            return None
        suffix = split_path(inner)[2]
        if suffix in {".html", ".htm"}:
            return without_index(f"/{inner}")
        if suffix not in MARKDOWN_SUFFIXES:
            return None
        if blog := self.blog(inner):
            place = blog.place(inner, post, self.root / path)
            return self.page(place) if place else None
        lang, place = self.localized(inner.removesuffix(suffix))
        return self.page(place if lang == (self.langs or ("",))[0] else f"{lang}/{place}")

    def blog(self, path: str) -> Blog | None:
        """The blog that the file is a post of, if any."""
        return next((blog for blog in self.blogs if path_below(path, blog.posts) is not None), None)

    def localized(self, path: str) -> tuple[str, str]:
        """The language of a file, with or without its suffix, or "", and the path without that."""
        if self.lang_folders:
            lang, _, place = path.partition("/")
            return (lang, place) if lang in self.langs else (self.langs[0], path)
        suffix = split_path(path)[2] if split_path(path)[2] in MARKDOWN_SUFFIXES else ""
        place, _, lang = path.removesuffix(suffix).rpartition(".")
        return (lang, place + suffix) if lang in self.langs else ((self.langs or ("",))[0], path)

    def page(self, place: str) -> str:
        """The address of the page at a path without suffix, of which `README` and `index` are the page of a folder."""
        folder, _, name = place.rpartition("/")
        name = "index" if name == "README" else name
        if not self.directory_urls:
            return rooted(folder, f"{name}.html")
        return rooted(folder, "" if name == "index" else f"{name}/")


def find_mkdocs(place: Place, path: Path | None) -> GeneratorConfig:
    """What MkDocs' configuration says, over those that it inherits."""
    files = place.files
    config = files.mapping(path)
    for _ in range(MAX_CONFIG_FILES):
        parent = as_text(config.pop("INHERIT", ""))
        if path is None or not parent.endswith((".yml", ".yaml")):
            break
        path = files.first(path.parent, parent)
        config = merged(files.mapping(path), config) if path else config
    return read_mkdocs(config, place.root, files)


def read_mkdocs(config: Mapping[str, object], root: Path, files: ConfigFiles) -> GeneratorConfig:
    """The rules that the configuration sets, and what it says about the site; `files` reads what it names."""
    docs = named_folder(unset(config.get("docs_dir")), "docs")
    plugins = [(name.rpartition("/")[2], options) for name, options in named_options(config.get("plugins"))]
    extensions = {name.rpartition(".")[2] for name, _ in named_options(config.get("markdown_extensions"))}
    i18n = next((options for name, options in plugins if name == "i18n"), {})
    languages = i18n.get("languages")
    locales = [as_mapping(item) for item in (languages if isinstance(languages, list) else [])]
    locales.sort(key=lambda item: not is_true(item.get("default")))
    theme, directory_urls = as_mapping(config.get("theme")), unset(config.get("use_directory_urls"))
    labels = as_mapping(as_mapping(config.get("extra")).get("status"))
    langs = tuple(lang for item in locales if (lang := as_text(item.get("locale"))))
    return GeneratorConfig(
        MkDocs(
            root=root,
            docs=docs,
            directory_urls=directory_urls in (None, "") or is_true(directory_urls),
            ignores=(
                *((pattern, "MkDocs itself") for pattern in ALWAYS_EXCLUDED),
                *(
                    (line, key)
                    for key in ("exclude_docs", "draft_docs")
                    for line in map(str.strip, as_text(config.get(key)).splitlines())
                    if line and not line.startswith("#")
                ),
            ),
            excluded=tuple(read_excluded(plugins, files)),
            meta=read_meta(plugins, root / docs, files),
            titles=dict(reversed([*nav_titles(config.get("nav"))])),
            labels=(*LABELS, *labels),
            langs=langs,
            lang_folders=bool(langs) and as_text(i18n.get("docs_structure")) == "folder",
            blogs=tuple(read_blog(options, root / docs, files) for name, options in plugins if name == "blog"),
        ),
        base=as_text(unset(config.get("site_url"))),
        lang=first_given(theme.get("language"), theme.get("locale"), *langs),
        dialect=Dialect(
            anchors="python-markdown",
            templates=(
                *(("tags", "outputs", "comments") if "macros" in dict(plugins) else ()),
                *(("attributes",) if extensions & WITH_ATTRIBUTES else ()),
            ),
            pymdown=True,
        ),
    )


def named_options(value: object) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The name and the options of each of the plugins or extensions that an option lists."""
    for item in value if isinstance(value, list) else [value]:
        for name, options in (as_mapping(item) or {as_text(item): None}).items():
            yield name, as_mapping(options)


def read_excluded(
    plugins: list[tuple[str, Mapping[str, object]]], files: ConfigFiles
) -> Iterator[tuple[re.Pattern[str], str]]:
    """The patterns of https://github.com/apenwarr/mkdocs-exclude and https://github.com/chrieke/mkdocs-exclude-search."""
    for name, options in plugins:
        if name in {"exclude", "exclude-search"}:
            globs = as_text_list(options.get("glob" if name == "exclude" else "exclude"))
            for text in (*(translate(one.lstrip("/")) for one in globs), *as_text_list(options.get("regex"))):
                try:
                    yield re.compile(text), name
                except re.error as error:
                    files.warn(files.files[0], f"{text} is no pattern: {error}")


def read_meta(plugins: list[tuple[str, Mapping[str, object]]], docs: Path, files: ConfigFiles) -> dict[str, Inherited]:
    """What the files of https://squidfunk.github.io/mkdocs-material/plugins/meta/ say, by the folder, "" or a path."""
    names = [
        as_text(options.get("meta_file")).rpartition("/")[2] or ".meta.yml"
        for name, options in plugins
        if name == "meta"
    ]
    found = sorted(path for name in names for path in docs.rglob("*.y*ml") if path.name == name)[:MAX_META_FILES]
    places = {path: path.relative_to(docs).as_posix() for path in found}
    return {place.rpartition("/")[0]: Inherited(place, files.mapping(path)) for path, place in places.items()}


def unset(value: object) -> object:
    """The value as it is while no environment variable is set: `!ENV [NAME, "x"]` is "x", `!ENV NAME` is ""."""
    value = value[-1] if isinstance(value, list) and value else value
    return "" if as_text(value).startswith("!ENV") else value


def nav_titles(value: object) -> Iterator[tuple[str, str]]:
    """The files that the navigation gives a title, each with that."""
    for item in value if isinstance(value, list) else [value]:
        for title, target in as_mapping(item).items():
            if isinstance(target, str):
                yield normpath(target), title
            else:
                yield from nav_titles(target)


MKDOCS = Generator("mkdocs", find_mkdocs, ("mkdocs.yml", "mkdocs.yaml"), ("docs",))
