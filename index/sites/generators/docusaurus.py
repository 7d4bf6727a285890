"""The pages that Docusaurus builds, and their addresses, by the literals in its configuration, which is not run.

The rules are those of https://docusaurus.io/docs/create-doc, https://docusaurus.io/docs/versioning,
https://docusaurus.io/docs/i18n/introduction and https://docusaurus.io/docs/blog, as Docusaurus 3.10 follows them. Of
`i18n`, `path`, and `baseUrl`, `path` and `translate` of a locale, are taken to be left as they are.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from index.markup.dialect import Dialect
from index.posts.inheritance import Inherited
from index.posts.metadata import Metadata
from index.sites.generators import SITE_CONFIG, Generator, GeneratorConfig, Place, Rules
from index.sites.generators.addresses import rooted
from index.sites.generators.docusaurus_content import CURRENT, MAIN, PARTIALS, Content, read_contents
from index.sites.generators.globs import matching
from index.sites.generators.javascript import read_object
from index.sites.generators.paths import marked_name, path_and_folders, path_below, split_path
from index.sites.generators.plain import plain_path
from index.sites.generators.values import all_texts, as_mapping, as_text

__all__ = ["DOCUSAURUS", "Docusaurus"]

CONFIG_KEYS = ("title", "url", "baseUrl", "presets", "plugins", "themeConfig", "i18n", "trailingSlash", "markdown")

TRANSLATED = re.compile(r"i18n/([^/]+)/docusaurus-plugin-content-(docs|blog|pages)(?:-([^/]+))?/(.+)", re.DOTALL)
VERSIONED = re.compile(r"(?:([^/]+)_)?versioned_docs/version-([^/]+)/(.+)", re.DOTALL)

NUMBERED = re.compile(r"(?!\d+[-_.]\d+)\d+\s*[-_.]+\s*([^-_.\s].*)", re.DOTALL)
BLOG_POST = re.compile(r"(?P<folder>.*)(?P<date>\d{4}[-/]\d{1,2}[-/]\d{1,2})[-/]?(?P<text>.*?)(?:/index)?", re.DOTALL)


class VersionedFile(NamedTuple):
    """A file as part of a content: its path there, its version, and its locale, "" for an original."""

    content: Content
    inner: str
    version: str = CURRENT
    locale: str = ""


@dataclass(frozen=True, slots=True)
class Docusaurus(Rules):
    """The rules of one site.

    `locales` are those that are built, none where only a program knows; so is with `complete` False what else makes
    pages. `slash` says whether addresses end with one, None that only those of folders do.
    """

    root: Path
    contents: tuple[Content, ...]
    main_locale: str = "en"
    locales: tuple[str, ...] = ()
    slash: bool | None = None
    complete: bool = False

    def place(self, path: str) -> VersionedFile | None:
        """The file as part of a content; None for what is part of none that is known."""
        if translated := TRANSLATED.fullmatch(path):
            locale, kind, id, inner = translated.groups()
            version, inner = inner.split("/", 1) if kind == "docs" and "/" in inner else (CURRENT, inner)
            version = version.removeprefix("version-")
        elif versioned := VERSIONED.fullmatch(path):
            locale, kind = "", "docs"
            id, version, inner = versioned.groups()
        else:
            places = ((content, path_below(path, content.folder)) for content in self.contents)
            return next((VersionedFile(content, inner) for content, inner in places if inner is not None), None)
        wanted = kind, id or MAIN
        content = next((one for one in self.contents if (one.kind, one.id) == wanted), None)
        return VersionedFile(content, inner, version, locale) if content else None

    def left_out(self, path: str) -> str | None:
        """Why the file is no page: where it lies, its name, or a version or language that is not built."""
        if (place := self.place(path)) is None:
            static = path_below(path, "static") is not None
            return "it lies outside of the content of docusaurus" if self.complete and not static else None
        content, inner, version, locale = place
        if pattern := matching(content.exclude, *path_and_folders(inner)):
            return marked_name(inner, "docusaurus") if pattern in PARTIALS else f"excluded by {SITE_CONFIG}: {pattern}"
        if not matching(content.include, inner):
            return f"docusaurus makes pages there only of {' '.join(content.include)}"
        if version in content.unindexed:
            return f"version {version} has noIndex"
        if version not in content.versions:
            return f"version {version} is not built"
        if locale and self.locales and locale not in self.locales:
            return f"its language, {locale}, is not among the locales"
        original = f"{content.source(version)}/{inner}"
        stale = locale and not (self.root / original).is_file()
        return f"it translates {original}, which is not there" if stale else None

    def inherited(self, path: str) -> Iterator[Inherited]:
        """The language of a translation, and the date of a post by its name."""
        if place := self.place(path):
            if place.locale:
                yield Inherited(SITE_CONFIG, {"lang": place.locale})
            if place.content.kind == "blog" and (dated := BLOG_POST.fullmatch(place.inner)):
                yield Inherited(SITE_CONFIG, {"date": dated["date"].replace("/", "-")})

    def restated(self, path: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """The header of a post with the names of its authors in place of their keys."""
        place, given = self.place(path), fields.get("authors")
        if place is None or not place.content.authors or not given:
            return fields
        named: list[object] = []
        for author in given if isinstance(given, list) else [given]:
            said = as_mapping(author)
            key = as_text(said.get("key") if said else author)
            named.append(author if said.get("name") else place.content.authors.get(key, author))
        return {**fields, "authors": named}

    def url(self, path: str, post: Metadata) -> str | None:
        if (place := self.place(path)) is None:
            static = path_below(path, "static")  # these are copied as they are
            return plain_path(path) if static is None else f"/{static}"
        content, inner, version, locale = place
        if content.kind == "docs":
            slug = doc_slug(inner, post.raw, numbered=content.numbered)
        else:
            slug = as_text(post.raw.get("slug")) or (blog_slug if content.kind == "blog" else page_slug)(inner)
        prefix = locale if locale != self.main_locale else ""
        address = rooted(prefix, content.route, content.versions.get(version, version), slug)
        if self.slash is None:
            return address
        return f"{address.rstrip('/')}/" if self.slash or address == "/" else address.rstrip("/")


def doc_slug(path: str, header: Mapping[str, object], *, numbered: bool) -> str:
    """The path of a page of the docs below its version; an index stands for its folder."""
    folder, stem, _ = split_path(path)
    numbered = numbered and str(header.get("parse_number_prefixes")).lower() != "false"
    slug, parent = as_text(header.get("slug")), folder.rpartition("/")[2].lower()
    if slug.startswith("/"):
        return slug
    steps = "/".join(bare(step) if numbered else step for step in folder.split("/"))
    if not slug and stem.lower() in {"index", "readme", parent}:
        return f"/{steps}/"
    slug = slug or as_text(header.get("id")) or (bare(stem) if numbered else stem)
    resolved = posixpath.normpath(f"/{steps}/{slug}")
    return f"{resolved}/" if slug.rpartition("/")[2] in {"", ".", ".."} else resolved


def bare(name: str) -> str:
    """The name without the number that orders it; dates and versions are none."""
    numbered = NUMBERED.fullmatch(name)
    return numbered[1] if numbered else name


def blog_slug(path: str) -> str:
    """The path of a post below its route, by the date in its name."""
    folder, stem, _ = split_path(path)
    place = f"{folder}/{stem}".strip("/")
    if dated := BLOG_POST.fullmatch(place):
        return f"/{dated['date'].replace('-', '/')}/{dated['folder']}{dated['text']}"
    return f"/{place.removesuffix('/index')}"


def page_slug(path: str) -> str:
    """The path of a page by the place of its file."""
    folder, stem, _ = split_path(path)
    return f"{folder}/" if stem.lower() == "index" else f"{folder}/{stem}"


def find_docusaurus(place: Place, path: Path | None) -> GeneratorConfig:
    """What the text of Docusaurus' configuration says, with the lists of versions and of authors."""
    config = read_object(place.files.text(path), *CONFIG_KEYS)
    contents, complete = read_contents(config, place.root, place.files)
    i18n, slash = as_mapping(config.get("i18n")), config.get("trailingSlash")
    # https://docusaurus.io/docs/api/docusaurus-config#markdown: unless it is told so, all Markdown is MDX.
    is_plain = as_mapping(config.get("markdown")).get("format") in ("detect", "md")
    main_locale = as_text(i18n.get("defaultLocale")) or "en"
    rules = Docusaurus(
        place.root,
        contents,
        main_locale=main_locale,
        locales=all_texts(i18n.get("locales", [main_locale])) or (),
        slash=slash if isinstance(slash, bool) else None,
        complete=complete,
    )
    return GeneratorConfig(
        rules,
        base=as_text(config.get("baseUrl")),
        lang=main_locale,
        dialect=Dialect(
            anchors="docusaurus", templates=("directives",) if is_plain else ("directives", "components", "mdx")
        ),
    )


DOCUSAURUS = Generator(
    "docusaurus",
    find_docusaurus,
    tuple(f"docusaurus.config.{suffix}" for suffix in ("js", "ts", "mjs", "mts", "cjs", "cts")),
    ("docs", "blog"),
)
