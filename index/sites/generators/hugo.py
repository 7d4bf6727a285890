"""The pages that Hugo builds, what it says for them, and their addresses, by its configuration.

The rules are those of https://gohugo.io/content-management/urls/, of
https://gohugo.io/content-management/organization/, of https://gohugo.io/content-management/multilingual/, and of
https://gohugo.io/configuration/, as Hugo follows them from 0.123 on.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

from index.markup.dialect import Dialect
from index.posts.dates import date_in_path
from index.posts.inheritance import Inherited, effective
from index.posts.languages import is_language
from index.posts.metadata import Metadata
from index.posts.visibility import plain_key
from index.sites.generators import SITE_CONFIG, Generator, GeneratorConfig, Place, Rules
from index.sites.generators.addresses import MAX_LINK_CHARS, rooted, safe_link, without_index
from index.sites.generators.hugo_config import Mount, hugo_names, is_pattern, names_in, read_hugo_config, read_mounts
from index.sites.generators.hugo_pattern import (
    ContentFile,
    PermalinkPattern,
    expand,
    read_patterns,
    sanitize,
    without_accents,
)
from index.sites.generators.paths import split_path
from index.sites.generators.sections import read_cascades, section_header
from index.sites.generators.values import as_mapping, as_text, as_text_list, first_given, is_true

__all__ = ["HUGO", "Hugo", "read_hugo"]

HUGO_KEYS = frozenset({"baseurl", "languagecode", "defaultcontentlanguage", "permalinks", "contentdir"})
"""Keys of a `config` file that is Hugo's alone; Zola has a `base_url`."""

CONTENT_SUFFIXES = frozenset({".md", ".mdown", ".markdown", ".html", ".htm"})
SECTION_SUFFIXES = (".md", ".markdown", ".html", ".htm", ".mdown", ".org", ".adoc", ".asciidoc", ".rst", ".pandoc")
"""Files of more kinds are pages of Hugo's than are posts here; what one says of its section counts for these."""
SECTION_KEYS = frozenset({"draft", "date", "publishdate", "pubdate", "published", "expirydate", "unpublishdate"})
PAGE_DATE_KEYS = ("date", "publishdate", "pubdate", "published", "lastmod", "modified")
DEFAULT_DATES = {
    "date": PAGE_DATE_KEYS,
    "publishdate": ("publishdate", "pubdate", "published", "date"),
    "expirydate": ("expirydate", "unpublishdate"),
}
"""https://gohugo.io/configuration/front-matter/#dates"""

UNDATED = datetime(1, 1, 1, tzinfo=UTC)
"""What Hugo takes for the date of a page that has none."""


@dataclass(frozen=True, slots=True)
class Hugo(Rules):
    """The rules of one Hugo site.

    `langs` are its languages, by the keys that it has for them. `dates` are the keys, or `:filename`, from which the
    site takes each kind of date. `known_headers` keeps the headers of sections by their place in the content and their
    language, `known_stems` what `stems` says of folders; they are no part of the rules: rules are read anew for each
    run, and so are these.
    """

    root: Path
    mounts: tuple[Mount, ...]
    patterns: tuple[PermalinkPattern, ...]
    ugly: bool | Mapping[str, object]
    lower: bool
    main_lang: str
    langs: Mapping[str, str]
    in_folder: bool
    names_date: bool
    accents: bool = True
    cascade: object = None
    lang_cascades: Mapping[str, object] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    disabled: tuple[str, ...] = ()
    disabled_kinds: tuple[str, ...] = ()
    dates: tuple[tuple[str, tuple[str, ...]], ...] = ()
    known_headers: dict[tuple[str, str], Inherited | None] = field(default_factory=dict, repr=False, compare=False)
    known_stems: dict[str, frozenset[str]] = field(default_factory=dict, repr=False, compare=False)

    def roots(self) -> tuple[str, ...]:
        return tuple(mount.source for mount in self.mounts)

    def left_out(self, path: str) -> str | None:
        """The pattern that leaves the file out, or its language or kind where that is disabled."""
        for pattern in self.ignored:
            if re.search(pattern, str(self.root / path)):
                return f"excluded by ignoreFiles: {pattern}"
        page = self.place(path) if self.disabled or self.disabled_kinds else None
        if page and page.lang in self.disabled:
            return f"its language, {page.lang}, is disabled"
        kind = hugo_kind(page) if page else ""
        return f"excluded by disableKinds: {kind}" if kind in self.disabled_kinds else None

    def restated(self, path: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """The header with its dates by the names that all know, where the site has other names for them."""
        given, said = {key.lower(): value for key, value in fields.items()}, {}
        for name, keys in self.dates:
            for key in keys:
                value = given.get(key)
                if key == ":filename" and (page := self.place(path)) and (moment := date_in_path(page.base)):
                    value = moment.isoformat()
                if value not in (None, ""):
                    said[name] = value
                    break
        return {key: value for key, value in fields.items() if plain_key(key) not in said} | said if said else fields

    def inherited(self, path: str) -> Iterator[Inherited]:
        """What the configuration and the sections above hand down to the page."""
        if (page := self.place(path)) is None:
            return
        address, kind = "/" + "/".join(page.path), hugo_kind(page)
        of_site = self.lang_cascades.get(page.lang, self.cascade)
        above = [Inherited(SITE_CONFIG, {"cascade": of_site}), *self.section_headers(page)]
        for source, fields in above:
            given = next((value for key, value in fields.items() if key.lower() == "cascade"), None)
            for cascade in read_cascades(given):
                if cascade.reaches(address, kind, page.lang):
                    yield Inherited(source, cascade.fields)
        if page.lang != self.main_lang:
            yield Inherited(SITE_CONFIG, {"lang": self.langs.get(page.lang, page.lang)})

    def sections(self, path: str) -> Iterator[Inherited]:
        """What of the headers of the sections that the file lies in counts for all of these: draft, and dates.

        https://gohugo.io/content-management/sections/
        """
        if page := self.place(path):
            for source, fields in self.section_headers(page):
                if source != path:
                    counts = self.restated(source, effective(fields, self.inherited(source)).fields)
                    if said := {key: value for key, value in counts.items() if key.lower() in SECTION_KEYS}:
                        yield Inherited(source, said)

    def section_headers(self, page: ContentFile) -> Iterator[Inherited]:
        """The headers of the sections that the page lies in, in its language, the outermost first."""
        for depth in range(len(page.steps_as_named) + 1):
            key = "/".join(page.steps_as_named[:depth]), page.lang
            if key not in self.known_headers:
                self.known_headers[key] = self.section_header(*key)
            if header := self.known_headers[key]:
                yield header

    def section_header(self, place: str, lang: str) -> Inherited | None:
        """The header of the section at a place in the content, in a language, if there is one."""
        for mount, folder in self.folders(place, lang):
            stems = [f"_index.{lang}", *(["_index"] if lang == (mount.lang or self.main_lang) else [])]
            names = [f"{stem}{suffix}" for stem in stems for suffix in SECTION_SUFFIXES]
            if header := section_header(self.root, folder, names):
                return header
        return None

    def above(self, folder: str) -> Iterator[Inherited]:
        """The headers of the sections that the folder lies in, in all languages."""
        for lang in self.langs:
            if page := self.place(f"{folder}a.{lang}.md"):
                yield from self.section_headers(page)

    def heirs(self, path: str) -> str | None:
        """The folder of a section, or all of them where one may lie elsewhere than Hugo sees it."""
        folder, stem, _ = split_path(path)
        if stem.partition(".")[0].lower() != "_index":
            return None
        return f"{folder}/" if folder and not any(mount.target for mount in self.mounts) else ""

    def place(self, path: str, post: Metadata | None = None) -> ContentFile | None:
        """The file as a page: which kind, in which section, in which language, with which name.

        None outside the content of the site.
        """
        post = post or Metadata()
        places = ((mount, place) for mount in self.mounts if (place := mount.content_path(path)) is not None)
        mount, place = next(places, (None, ""))
        if mount is None:
            return None
        folder, stem, suffix = split_path(place)
        name, _, ending = stem.rpartition(".")
        stem, lang = (name, ending.lower()) if name and ending.lower() in self.langs else (stem, mount.lang)
        kind = {"index": "bundle", "_index": "section"}.get(stem.lower(), "page")
        steps = folder.split("/") if folder else []

        # The date and the slug, both from the name of the file where the site says so.
        named = stem if kind == "page" else (steps or [""])[-1]
        if moment := date_in_path(named) if self.names_date else None:
            date, slug = moment, named[len("2013-06-19") :].strip(" -_")
        else:
            given = any(as_text(post.raw.get(key)) for key in PAGE_DATE_KEYS)
            date, slug = (post.date if post.date and given else UNDATED), ""
        slug = as_text(post.raw.get("slug")).strip("-") or slug
        return ContentFile(kind, tuple(steps), stem, suffix, lang or self.main_lang, slug, date, post)

    def folders(self, place: str, lang: str) -> Iterator[tuple[Mount, str]]:
        """The mounts, and the folders of the site, that a folder of the content is made of, in a language."""
        for mount in self.mounts:
            if mount.lang in {"", lang} and (folder := mount.folder(place)) is not None:
                yield mount, folder

    def url(self, path: str, post: Metadata) -> str | None:
        """Where the page of the file lies, from front matter, else from the configuration, else from the path.

        None for what belongs to the page of an `index` file beside it or in a folder above.
        """
        page = self.place(path, post)
        if page is None or page.suffix.lower() not in CONTENT_SUFFIXES:
            return None
        steps = page.folders if page.kind == "bundle" else page.steps_as_named
        if any(self.holds(steps[:depth], "index", page.lang) for depth in range(1, len(steps) + 1)):
            return None
        prefix = f"/{page.lang}" if page.lang != self.main_lang or self.in_folder else ""
        own = as_text(post.raw.get("url"))
        if 0 < len(own) <= MAX_LINK_CHARS and (url := self.own_url(own, page, prefix)):
            return url
        cleaned = self.expanded(page) or self.plain(page)
        cleaned = cleaned if self.accents else without_accents(cleaned)
        # Whether the page is a file of its own name rather than an `index.html`.
        section = page.folders[0].lower() if page.folders else ""
        ugly = self.ugly if isinstance(self.ugly, bool) else is_true(self.ugly.get(section))
        if page.kind == "section":
            return rooted(prefix, cleaned, "index.html" if ugly else "")
        return f"{prefix}/{cleaned}.html" if ugly else f"{prefix}/{cleaned}/"

    def own_url(self, own: str, page: ContentFile, prefix: str) -> str:
        """The path that the front matter gives, or "" where that can't be used."""
        filled = expand(own, page, self.section_steps(page), lower=self.lower) if ":" in own else own
        path = safe_link(unquote_plus(filled) if filled and ":" in own else filled)
        if not path or not path.startswith("/"):
            return path
        path = without_index(path) if path.endswith("/") or "." in path else f"{path}/"
        return path if own.startswith("/") else prefix + path

    def expanded(self, page: ContentFile) -> str | None:
        """The path by the first pattern of the configuration that is for the page."""
        pattern = next((p for p in self.patterns if p.matches(page)), None)
        if pattern is None:
            return None
        filled = expand(pattern.text, page, self.section_steps(page), lower=self.lower)
        path = posixpath.normpath(unquote_plus(filled)) if filled else ""
        return sanitize(path, lower=self.lower).strip("/") or None

    def plain(self, page: ContentFile) -> str:
        """The path by the place of the file."""
        steps = page.steps if self.lower else page.steps_as_named
        if page.kind != "section":
            steps = (*(steps[:-1] if page.kind == "bundle" else steps), page.slug or page.base)
        return "/".join(clean for step in steps if (clean := sanitize(step, lower=self.lower).strip("/")))

    def section_steps(self, page: ContentFile) -> tuple[str, ...]:
        """The sections that the page lies in: the first folder, and those below it that have an `_index` file."""
        steps = page.folders
        held = [n for n in range(1, len(steps) + 1) if n == 1 or self.holds(steps[:n], "_index", page.lang)]
        return tuple(step.lower().replace(" ", "-") for step in steps[: max(held, default=0)])

    def holds(self, steps: tuple[str, ...], stem: str, lang: str) -> bool:
        """Whether the content in a language holds a file of that stem at the steps, whatever language that names."""
        return any(stem in self.stems(folder) for _, folder in self.folders("/".join(steps), lang))

    def stems(self, folder: str) -> frozenset[str]:
        """Which of `index` and `_index` there are pages of in a folder of the site, in whatever language."""
        if folder not in self.known_stems:
            place, found = self.root / folder, set[str]()
            for name in names_in(place):
                stem, _, ending = name.partition(".")
                lang, dot, suffix = ending.rpartition(".")
                if stem in {"index", "_index"} and f".{suffix}" in SECTION_SUFFIXES and (not dot or lang in self.langs):
                    found |= {stem} if (place / name).is_file() else set()
            self.known_stems[folder] = frozenset(found)
        return self.known_stems[folder]


def hugo_kind(page: ContentFile) -> str:
    """What Hugo calls the kind of the page: https://gohugo.io/methods/page/kind/"""
    return "page" if page.kind != "section" else "section" if page.steps_as_named else "home"


def find_hugo(place: Place, _: Path | None) -> GeneratorConfig | None:
    """What Hugo's configuration says; None for another program's `config.toml`."""
    root = place.root
    config = read_hugo_config(root, place.files)
    if place.forced and not config:
        return read_hugo({} if (root / "content").is_dir() else {"contentdir": "."}, root)
    folders = ("config/_default", "archetypes", "layouts", "themes")
    near = config and any((root / name).is_dir() for name in folders)
    by_name = any((root / name).is_file() for name in hugo_names("hugo"))
    is_hugo = by_name or ((HUGO_KEYS & set(config) or near) and "base_url" not in config)
    return read_hugo(config, root) if is_hugo or place.forced else None


def read_hugo(config: Mapping[str, object], root: Path) -> GeneratorConfig:
    """The rules that Hugo's configuration, with its keys in lower case, sets, and what it says about the site."""
    languages = {code: as_mapping(options) for code, options in as_mapping(config.get("languages")).items()}
    # A site may call Chinese `cn`, and have another setting for what that is.
    langs = {
        code: code if is_language(code) else first_given(options.get("languagecode"), options.get("locale"), code)
        for code, options in sorted(languages.items())
    }
    default = as_text(config.get("defaultcontentlanguage")).lower()
    main_lang = default or "en"
    ugly = config.get("uglyurls")
    goldmark = as_mapping(as_mapping(config.get("markup")).get("goldmark"))
    renderer = as_mapping(goldmark.get("renderer"))
    dates = as_mapping(config.get("frontmatter"))
    disabled = {code for code, options in languages.items() if is_true(options.get("disabled"))}
    return GeneratorConfig(
        Hugo(
            root=root,
            mounts=read_mounts(config, languages),
            patterns=read_patterns(config.get("permalinks")),
            ugly=as_mapping(ugly) if isinstance(ugly, Mapping) else is_true(ugly),
            lower=not is_true(config.get("disablepathtolower")),
            main_lang=main_lang,
            langs=langs or {main_lang: main_lang},
            in_folder=is_true(config.get("defaultcontentlanguageinsubdir")),
            names_date=as_text_list(dates.get("date"))[:1] == (":filename",),
            accents=not is_true(config.get("removepathaccents")),
            cascade=config.get("cascade"),
            lang_cascades={code: options["cascade"] for code, options in languages.items() if "cascade" in options},
            ignored=tuple(filter(is_pattern, as_text_list(config.get("ignorefiles")))),
            disabled=tuple(sorted(disabled | {code.lower() for code in as_text_list(config.get("disablelanguages"))})),
            disabled_kinds=tuple(kind.lower() for kind in as_text_list(config.get("disablekinds"))),
            dates=tuple(
                (name, date_keys(dates[name], usual)) for name, usual in DEFAULT_DATES.items() if name in dates
            ),
        ),
        base=as_text(config.get("baseurl")),
        timezone=as_text(config.get("timezone")),
        lang=first_given(langs.get(default), default, config.get("languagecode"), config.get("locale")),
        dialect=Dialect(anchors="goldmark", templates=("shortcodes",), raw_html=is_true(renderer.get("unsafe"))),
    )


def date_keys(value: object, usual: tuple[str, ...]) -> tuple[str, ...]:
    """The keys from which a date is taken; `:default` stands for the usual ones."""
    named = [key.lower() for key in as_text_list(value)]
    return tuple(key for name in named for key in (usual if name == ":default" else (name,)))


HUGO = Generator("hugo", find_hugo, content_folders=("content",))
