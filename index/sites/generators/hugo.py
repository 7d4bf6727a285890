"""The addresses of pages that Hugo builds, by its configuration.

The rules are those of https://gohugo.io/content-management/urls/, of
https://gohugo.io/content-management/organization/ and of https://gohugo.io/content-management/multilingual/, as
Hugo follows them from 0.123 on.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote_plus

from index.posts.dates import date_in_path
from index.posts.inheritance import Inherited, effective
from index.posts.metadata import Metadata
from index.sites.generators import SITE_CONFIG, GeneratorConfig, Rules
from index.sites.generators.config import as_mapping, is_true
from index.sites.generators.hugo_pattern import ContentFile, PermalinkPattern, expand, read_patterns, sanitize
from index.sites.generators.paths import (
    MAX_LINK_CHARS,
    as_text,
    as_text_list,
    first_given,
    path_below,
    safe_link,
    split_path,
)
from index.sites.generators.sections import read_cascades, section_headers

__all__ = ["Hugo", "read_hugo"]

CONTENT_SUFFIXES = frozenset({".md", ".mdown", ".markdown", ".html", ".htm"})
SECTION_SUFFIXES = (".md", ".markdown", ".html", ".htm", ".mdown")
SECTION_KEYS = frozenset({"draft", "date", "publishdate", "pubdate", "published", "expirydate", "unpublishdate"})
PAGE_DATE_KEYS = ("date", "publishdate", "pubdate", "published", "lastmod", "modified")
UNDATED = datetime(1, 1, 1, tzinfo=UTC)
"""What Hugo takes for the date of a page that has none."""


@dataclass(frozen=True, slots=True)
class Hugo(Rules):
    """The rules of one Hugo site; `mounts` pairs each content folder with its language, or ""."""

    root: Path
    mounts: tuple[tuple[str, str], ...]
    patterns: tuple[PermalinkPattern, ...]
    ugly: bool | Mapping[str, object]
    lower: bool
    main_lang: str
    langs: tuple[str, ...]
    in_folder: bool
    names_date: bool
    cascade: object = None

    def inherited(self, path: str) -> Iterator[Inherited]:
        """What the configuration and the sections above hand down to the page."""
        if (place := self.place(path)) is None:
            return
        page, _ = place
        address, kind = "/" + "/".join(page.path), "section" if page.kind == "section" else "page"
        above = [Inherited(SITE_CONFIG, {"cascade": self.cascade}), *self.section_headers(*place)]
        for source, fields in above:
            given = next((value for key, value in fields.items() if key.lower() == "cascade"), None)
            for cascade in read_cascades(given):
                if cascade.reaches(address, kind, page.lang):
                    yield Inherited(source, cascade.fields)

    def sections(self, path: str) -> Iterator[Inherited]:
        """What of the headers of the sections that the file lies in counts for all of these: draft, and dates.

        https://gohugo.io/content-management/sections/
        """
        if place := self.place(path):
            _, folder = place
            for source, fields in self.section_headers(*place):
                if (section := folder + source) != path:
                    counts = effective(fields, self.inherited(section)).fields
                    yield Inherited(source, {key: v for key, v in counts.items() if key.lower() in SECTION_KEYS})

    def section_headers(self, page: ContentFile, folder: str) -> Iterator[Inherited]:
        """The headers of the sections that the page lies in, in its language."""
        usual = dict(self.mounts)[folder.rstrip("/")] or self.main_lang
        stems = [f"_index.{page.lang}", *(["_index"] if page.lang == usual else [])]
        names = [f"{stem}{suffix}" for stem in stems for suffix in SECTION_SUFFIXES]
        return section_headers(self.root / folder, "/".join(page.steps_as_named), names)

    def heirs(self, path: str) -> str | None:
        """The folder of a section."""
        folder, stem, _ = split_path(path)
        if stem.partition(".")[0].lower() != "_index":
            return None
        return f"{folder}/" if folder else ""

    def place(self, path: str) -> tuple[ContentFile, str] | None:
        """The file as a page, and the content folder that it lies in, "" or with a final `/`; None outside of these."""
        for folder, lang in self.mounts:
            if (inner := path_below(path, folder)) is not None:
                return self.page(inner, lang, Metadata()), f"{folder}/" if folder else ""
        return None

    def url(self, path: str, post: Metadata) -> str | None:
        """Where the page of the file lies; None for what is part of another page's bundle."""
        for folder, lang in self.mounts:
            if (inner := path_below(path, folder)) is not None:
                return self.page_url(self.page(inner, lang, post), f"{folder}/" if folder else "")
        return None

    def page(self, path: str, lang: str, post: Metadata) -> ContentFile:
        """The file as a page: which kind, in which section, in which language, with which name."""
        folder, stem, suffix = split_path(path)
        name, _, ending = stem.rpartition(".")
        if name and ending.lower() in self.langs:
            stem, lang = name, ending.lower()
        kind = {"index": "bundle", "_index": "section"}.get(stem.lower(), "page")
        steps = folder.split("/") if folder else []
        date, slug = self.dated(stem if kind == "page" else (steps or [""])[-1], post)
        slug = as_text(post.raw.get("slug")).strip("-") or slug
        return ContentFile(kind, tuple(steps), stem, suffix, lang or self.main_lang, slug, date, post)

    def dated(self, name: str, post: Metadata) -> tuple[datetime, str]:
        """The date of the page, and the slug, both from the file name where the site says so."""
        if self.names_date and (moment := date_in_path(name)):
            return moment, name[len("2013-06-19") :].strip(" -_")
        given = any(as_text(post.raw.get(key)) for key in PAGE_DATE_KEYS)
        return (post.date if post.date and given else UNDATED), ""

    def page_url(self, page: ContentFile, folder: str) -> str | None:
        """Where the page lies, from front matter, else from the configuration, else from the path."""
        if page.suffix.lower() not in CONTENT_SUFFIXES or self.is_bundled(page, folder):
            return None
        prefix = f"/{page.lang}" if page.lang != self.main_lang or self.in_folder else ""
        if 0 < len(own := as_text(page.post.raw.get("url"))) <= MAX_LINK_CHARS and (
            url := self.own_url(own, page, folder, prefix)
        ):
            return url
        cleaned = self.expanded(page, folder) or self.plain(page)
        if page.kind == "section":
            return f"{prefix}/{cleaned}/index.html" if self.is_ugly(page) else f"{prefix}/{cleaned}/".replace("//", "/")
        return f"{prefix}/{cleaned}.html" if self.is_ugly(page) else f"{prefix}/{cleaned}/"

    def own_url(self, own: str, page: ContentFile, folder: str, prefix: str) -> str:
        """The path that the front matter gives, or "" where that can't be used."""
        filled = expand(own, page, self.section_steps(page, folder), lower=self.lower) if ":" in own else own
        path = safe_link(unquote_plus(filled) if filled and ":" in own else filled)
        if not path or not path.startswith("/"):
            return path
        if path.endswith("/index.html"):
            path = path.removesuffix("index.html")
        elif not path.endswith("/") and "." not in path:
            path += "/"
        return path if own.startswith("/") else prefix + path

    def expanded(self, page: ContentFile, folder: str) -> str | None:
        """The path by the first pattern of the configuration that is for the page."""
        pattern = next((p for p in self.patterns if p.matches(page)), None)
        if pattern is None:
            return None
        filled = expand(pattern.text, page, self.section_steps(page, folder), lower=self.lower)
        path = posixpath.normpath(unquote_plus(filled)) if filled else ""
        return sanitize(path, lower=self.lower).strip("/") or None

    def plain(self, page: ContentFile) -> str:
        """The path by the place of the file."""
        steps = page.steps if self.lower else page.steps_as_named
        if page.kind != "section":
            steps = (*(steps[:-1] if page.kind == "bundle" else steps), page.slug or page.base)
        return "/".join(clean for step in steps if (clean := sanitize(step, lower=self.lower).strip("/")))

    def section_steps(self, page: ContentFile, folder: str) -> tuple[str, ...]:
        """The sections that the page lies in: the first folder, and those below it that have an `_index` file."""
        steps = page.folders
        held = [n for n in range(1, len(steps) + 1) if n == 1 or self.holds(folder, steps[:n], "_index")]
        return tuple(step.lower().replace(" ", "-") for step in steps[: max(held, default=0)])

    def is_bundled(self, page: ContentFile, folder: str) -> bool:
        """Whether the file belongs to the page of an `index` file beside it or in a folder above."""
        steps = page.folders if page.kind == "bundle" else page.steps_as_named
        return any(self.holds(folder, steps[:n], "index") for n in range(1, len(steps) + 1))

    def holds(self, folder: str, steps: tuple[str, ...], stem: str) -> bool:
        """Whether the content folder holds a file of that stem at the steps, in any language."""
        place = self.root.joinpath(folder, *steps)
        names = [stem, *(f"{stem}.{lang}" for lang in self.langs)]
        return any((place / f"{name}{suffix}").is_file() for name in names for suffix in CONTENT_SUFFIXES)

    def is_ugly(self, page: ContentFile) -> bool:
        """Whether the page is a file of its own name rather than an `index.html`."""
        section = page.folders[0].lower() if page.folders else ""
        return self.ugly if isinstance(self.ugly, bool) else is_true(self.ugly.get(section))


def read_hugo(config: Mapping[str, object], root: Path) -> GeneratorConfig:
    """The rules that Hugo's configuration, with its keys in lower case, sets, and what it says about the site."""
    languages = {code: as_mapping(options) for code, options in as_mapping(config.get("languages")).items()}
    content = as_text(config.get("contentdir")) or "content"
    main_lang = (as_text(config.get("defaultcontentlanguage")) or "en").lower()
    own = {code: as_text(options.get("contentdir")) for code, options in languages.items()}
    mounts = {folder.strip("/"): code for code, folder in own.items() if folder} | {content.strip("/"): ""}
    ugly = config.get("uglyurls")
    dates = as_mapping(config.get("frontmatter")).get("date")
    return GeneratorConfig(
        Hugo(
            root=root,
            mounts=tuple(sorted(mounts.items(), key=lambda mount: -len(mount[0]))),
            patterns=read_patterns(config.get("permalinks")),
            ugly=as_mapping(ugly) if isinstance(ugly, Mapping) else is_true(ugly),
            lower=not is_true(config.get("disablepathtolower")),
            main_lang=main_lang,
            langs=tuple(sorted(languages)) or (main_lang,),
            in_folder=is_true(config.get("defaultcontentlanguageinsubdir")),
            names_date=as_text_list(dates)[:1] == (":filename",),
            cascade=config.get("cascade"),
        ),
        base=as_text(config.get("baseurl")),
        timezone=as_text(config.get("timezone")),
        lang=first_given(config.get("defaultcontentlanguage"), config.get("languagecode"), config.get("locale")),
    )
