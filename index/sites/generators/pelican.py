"""The pages that Pelican builds, what it says for them, and their addresses, by its `pelicanconf.py`.

The rules are those of https://docs.getpelican.com/en/latest/settings.html and of
https://docs.getpelican.com/en/latest/content.html, as Pelican 4.12 follows them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from index.latin import ascii_letters
from index.markup.dialect import Dialect
from index.posts.inheritance import Inherited
from index.posts.metadata import Metadata
from index.sites.generators import SITE_CONFIG, Generator, GeneratorConfig, Place, Rules
from index.sites.generators.addresses import MAX_LINK_CHARS, is_absolute, safe_link, without_index
from index.sites.generators.config import ConfigFiles
from index.sites.generators.paths import path_below
from index.sites.generators.values import as_mapping, as_text, as_text_list, first_given
from index.unicode import normalize

__all__ = ["PELICAN", "Pelican", "read_pelican"]

PATTERNS = {"ARTICLE": "{slug}.html", "PAGE": "pages/{slug}.html"}
LANG_PATTERNS = {"ARTICLE": "{slug}-{lang}.html", "PAGE": "pages/{slug}-{lang}.html"}
NAME_PATTERN = r"(?P<date>\d{4}-\d{2}-\d{2}).*"
SOURCE_SUFFIXES = frozenset({".md", ".markdown", ".mkd", ".mdown", ".html", ".htm"})
SLUG_SUBSTITUTIONS = ((r"[^\w\s-]", ""), (r"(?u)\A\s*", ""), (r"(?u)\s*\Z", ""), (r"[-\s]+", "-"))
HIDING_SETTINGS = ("ARTICLE_EXCLUDES", "DEFAULT_METADATA", "EXTRA_PATH_METADATA", "IGNORE_FILES", "PAGE_EXCLUDES")
REPLACEMENT_FIELD = re.compile(r"\{(\w+)(?:\.(year|month|day))?(?::([^{}]*))?\}")


@dataclass(frozen=True, slots=True)
class Pelican(Rules):
    """The rules of one Pelican site, and its settings."""

    root: Path
    settings: Mapping[str, object]
    content: str
    articles: tuple[str, ...]
    pages: tuple[str, ...]
    main_lang: str

    def left_out(self, path: str) -> str | None:
        """The setting that leaves the file, or a folder above it, out."""
        if (inner := path_below(path, self.content)) is None:
            return None
        for pattern in as_text_list(self.settings.get("IGNORE_FILES")):
            name = pattern.removeprefix("**/")
            if any(fnmatch(step, name) for step in inner.split("/")) or fnmatch(inner, pattern):
                return f"excluded by IGNORE_FILES: {pattern}"
        setting = f"{self.kind(inner) or 'ARTICLE'}_EXCLUDES"
        for folder in as_text_list(self.settings.get(setting)):
            if path_below(f"{inner}/", folder.removeprefix("./") or "-") is not None:
                return f"excluded by {setting}: {folder}"
        suffix = PurePosixPath(inner).suffix.removeprefix(".")
        readers = as_mapping(self.settings.get("READERS"))
        return f"excluded by READERS: {suffix}" if suffix in readers and not readers[suffix] else None

    def inherited(self, path: str) -> Iterator[Inherited]:
        """What the settings say for the file: for all, for its place, and by its name."""
        if (inner := path_below(path, self.content)) is None:
            return
        usual = {"author": self.settings.get("AUTHOR"), "category": self.settings.get("DEFAULT_CATEGORY")}
        date = self.settings.get("DEFAULT_DATE")
        usual["date"] = saved_at(self.root / path) if date == "fs" else as_text(date) or moment_of(date)
        yield Inherited(SITE_CONFIG, usual)
        yield Inherited(SITE_CONFIG, as_fields(self.settings.get("DEFAULT_METADATA")))
        for place, fields in sorted(as_mapping(self.settings.get("EXTRA_PATH_METADATA")).items()):
            if path_below(f"{inner}/", place) is not None:
                yield Inherited(SITE_CONFIG, as_fields(fields))
        yield Inherited("its path", self.path_fields(inner))

    def url(self, path: str, post: Metadata) -> str | None:
        """Where the page of the post lies; None outside the folders of articles and pages."""
        inner = path_below(path, self.content)
        if inner is None or PurePosixPath(inner).suffix not in SOURCE_SUFFIXES:
            return None
        kind, fields = self.kind(inner), post.raw
        if not kind or (kind == "ARTICLE" and post.date is None):
            return None
        if own := safe_link(fields.get("url")) or without_index(safe_link(fields.get("save_as"))):
            return own
        lang = first_given(fields.get("lang")) or self.main_lang
        values = self.values(inner, post, fields) | {"lang": lang}
        pattern = self.pattern(kind, main=lang == self.main_lang)
        filled = fill_fields(pattern, values, post.date)
        return f"/{filled.lstrip('/')}" if filled and not is_absolute(pattern) else filled

    def kind(self, path: str) -> str:
        """Whether the file is an "ARTICLE", a "PAGE" or, with "", neither; the deeper folder decides."""
        pages = max((len(f) for f in self.pages if path_below(path, f) is not None), default=-1)
        articles = max((len(f) for f in self.articles if path_below(path, f) is not None), default=-1)
        return "" if pages == articles == -1 else "PAGE" if pages > articles else "ARTICLE"

    def pattern(self, kind: str, *, main: bool) -> str:
        """The pattern of URLs; where only that of files is set, the URLs are made of it."""
        prefix, usual = (kind, PATTERNS[kind]) if main else (f"{kind}_LANG", LANG_PATTERNS[kind])
        url, file = self.settings.get(f"{prefix}_URL"), self.settings.get(f"{prefix}_SAVE_AS")
        return as_text(url) or without_index(as_text(file)) or usual

    def path_fields(self, path: str) -> dict[str, object]:
        """What the path says, by `FILENAME_METADATA`, `PATH_METADATA` and the folder as category."""
        pure = PurePosixPath(path)
        checks = [
            (as_text(self.settings.get("FILENAME_METADATA", NAME_PATTERN)), pure.stem),
            (as_text(self.settings.get("PATH_METADATA")), path),
        ]
        if self.settings.get("USE_FOLDER_AS_CATEGORY", True) and pure.parent.name and self.kind(path) != "PAGE":
            checks.append(("(?P<category>.*)", pure.parent.name))
        fields: dict[str, object] = {}
        for pattern, place in checks:
            with suppress(re.error, OverflowError, RecursionError):  # what is no pattern says nothing
                if pattern and (found := re.match(pattern, place)):
                    fields = {name.lower(): value for name, value in found.groupdict().items() if value} | fields
        return fields

    def values(self, path: str, post: Metadata, fields: Mapping[str, object]) -> dict[str, str]:
        others = {name: as_text(value) for name, value in fields.items() if as_text(value)}
        authors = as_text_list(fields.get("authors")) or as_text_list(fields.get("author"))
        author = re.split(r";" if ";" in (authors or ("",))[0] else r",", (authors or ("",))[0])[0].strip()
        category = first_given(fields.get("category"), "misc")
        title = first_given(post.raw.get("title"), post.title)
        named = PurePosixPath(path).stem if self.settings.get("SLUGIFY_SOURCE") == "basename" else title
        return others | {
            "path": path,
            "slug": first_given(fields.get("slug")) or self.slug(named),
            "author": self.slug(author, "AUTHOR") if author else "",
            "category": self.slug(category, "CATEGORY"),
        }

    def slug(self, name: str, kind: str = "SLUG") -> str:
        """The slug of a title, or of an author's or a category's name by the substitutions of their own.

        Of these, what is no pair of a pattern and a replacement is left out.
        """
        plain = html.unescape(re.sub(r"<!--.*?-->|<[^>]*>", "", name[:MAX_LINK_CHARS], flags=re.DOTALL))
        slug = normalize("NFKC", " ".join(plain.split()))
        slug = slug if self.settings.get("SLUGIFY_USE_UNICODE") else ascii_letters(slug)
        general = self.settings.get("SLUG_REGEX_SUBSTITUTIONS", SLUG_SUBSTITUTIONS)
        pairs = self.settings.get(f"{kind}_REGEX_SUBSTITUTIONS", general)
        for pair in pairs if isinstance(pairs, list | tuple) else ():
            match pair:
                case [str(pattern), str(replacement)]:
                    with suppress(re.error, IndexError):
                        slug = re.sub(pattern, replacement, slug, flags=re.IGNORECASE)
        return (slug if self.settings.get("SLUGIFY_PRESERVE_CASE") else slug.lower()).strip()


def find_pelican(place: Place, path: Path | None) -> GeneratorConfig:
    """What Pelican's settings say, those for publishing over the others."""
    settings = place.files.mapping(path)
    if path:
        settings |= place.files.mapping(place.files.first(place.root, "publishconf.py"))
        source = ConfigFiles().text(path)
        for name in HIDING_SETTINGS:
            if name not in settings and re.search(rf"^{name}\b", source, re.MULTILINE):
                place.files.warn_unknown(path, name)
    elif place.posts.relative_to(place.root).parts[:1] == ("content",):
        settings = {"PATH": "content"}
    return read_pelican(settings, place.root)


def read_pelican(settings: Mapping[str, object], root: Path) -> GeneratorConfig:
    lang = (as_text(settings.get("DEFAULT_LANG")) or "en").lower()
    return GeneratorConfig(
        Pelican(
            root=root,
            settings=settings,
            content=as_text(settings.get("PATH")).removeprefix("./"),
            articles=as_text_list(settings["ARTICLE_PATHS"]) or ("",) if "ARTICLE_PATHS" in settings else ("",),
            pages=as_text_list(settings["PAGE_PATHS"]) if "PAGE_PATHS" in settings else ("pages",),
            main_lang=lang,
        ),
        base=as_text(settings.get("SITEURL")),
        timezone=as_text(settings.get("TIMEZONE")),
        lang=lang,
        dialect=Dialect(anchors="python-markdown", templates=("attributes",)),
    )


def as_fields(value: object) -> dict[str, object]:
    """The keys and values of a header, from a dictionary or pairs of a Python module."""
    pairs = value.items() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    given = [pair for pair in pairs if isinstance(pair, tuple | list) and len(pair) == 2]
    return {str(key).lower(): list(item) if isinstance(item, tuple) else item for key, item in given}


def saved_at(path: Path) -> str | None:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat()
    except (OSError, ValueError, OverflowError):
        return None


def moment_of(parts: object) -> str | None:
    """The date that such numbers as `(2012, 3, 2, 14, 1)` make."""
    try:
        return datetime(*map(int, as_text_list(parts))).isoformat()  # type: ignore[arg-type]  # noqa: DTZ001 - the site's
    except (ValueError, TypeError, OverflowError):
        return None


def fill_fields(pattern: str, values: Mapping[str, str], date: datetime | None) -> str | None:
    """The pattern with its placeholders filled; None where it has one that nothing is known of."""
    moment = date or datetime.now(UTC)

    def value(match: re.Match[str]) -> str:
        name, part, form = match.groups()
        if name != "date":
            return values[name]
        return str(getattr(moment, part)) if part else moment.strftime(form) if form else str(moment)

    if "\0" in pattern or any(
        name != "date" and name not in values for name, _, _ in REPLACEMENT_FIELD.findall(pattern)
    ):
        return None
    return REPLACEMENT_FIELD.sub(value, pattern)


PELICAN = Generator("pelican", find_pelican, ("pelicanconf.py",), ("content",))
