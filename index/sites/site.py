"""The site that the posts belong to: whose rules its URLs follow, and what its configuration says of them.

The generator's configuration is looked for in the posts folder and in the few folders above it, never above one that
holds `.git`. It is read and never run; what can't be read becomes a warning.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path, PurePath
from urllib.parse import urlsplit

from index.errors import PostError
from index.markup.dialect import PLAIN, Dialect
from index.posts.inheritance import Inherited
from index.posts.languages import language_in_path, language_tag, multilingual_folders
from index.settings import Settings
from index.sites.generators import GeneratorConfig, Place, Rules
from index.sites.generators.addresses import is_absolute, safe_link
from index.sites.generators.astro import ASTRO
from index.sites.generators.config import ConfigFiles
from index.sites.generators.docusaurus import DOCUSAURUS
from index.sites.generators.eleventy import ELEVENTY
from index.sites.generators.hexo import HEXO
from index.sites.generators.hugo import HUGO
from index.sites.generators.jekyll import JEKYLL
from index.sites.generators.mdbook import MDBOOK
from index.sites.generators.middleman import MIDDLEMAN
from index.sites.generators.mkdocs import MKDOCS
from index.sites.generators.pelican import PELICAN
from index.sites.generators.plain import Plain
from index.sites.generators.quartz import QUARTZ
from index.sites.generators.vaults import read_vault
from index.sites.generators.vitepress import VITEPRESS
from index.sites.generators.zola import ZOLA
from index.sites.pattern import check_pattern
from index.sites.unsupported import unsupported_generator

__all__ = ["GENERATORS", "Site", "read_site"]

MAX_LEVELS_ABOVE = 4
"""How many folders above the posts may hold the configuration."""

MAX_FOLDERS_BELOW = 20
"""How many folders in that of the posts are looked into, to tell people that one is a site of its own."""

GENERATORS = {
    generator.name: generator
    for generator in (
        PELICAN, ELEVENTY, DOCUSAURUS, VITEPRESS, ASTRO, QUARTZ, MDBOOK, MKDOCS, HUGO, ZOLA, HEXO, JEKYLL, MIDDLEMAN,
    )
}  # fmt: skip
"""The generators, those with the most telling files first."""


@dataclass(frozen=True, slots=True)
class Site:
    """The site of the posts: whose rules hold there, and what counts for all posts.

    `generator` is "none" where none is known. `prefix` leads from the folder with its configuration, from which its
    `rules` see paths, to the posts: "" or with a final `/`. Addresses begin with `base_url`, and go by `url_pattern`
    (that of the settings) unless it is "". `timezone` is the zone of dates that name none, `lang` the language of posts
    that name none, "" where that isn't known either; in the folders `multilingual`, "" or with a final `/`, all folders
    that are named as languages are. `files` are the configuration files that were read, and `warnings` pair such a file
    with a sentence about it. `above` are the headers of sections that lie above the posts folder. `dialect` says how
    bodies are read. `hosts` are those that the settings and the configuration name as the site's own. `advice` is a
    sentence, also among the warnings, where the site looks like one of a generator whose addresses aren't known here,
    else "".
    """

    generator: str = "none"
    prefix: str = ""
    rules: Rules = field(default_factory=Plain)
    base_url: str = ""
    url_pattern: str = ""
    timezone: str = "UTC"
    lang: str = ""
    multilingual: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    warnings: tuple[tuple[Path, str], ...] = ()
    above: tuple[Inherited, ...] = ()
    dialect: Dialect = PLAIN
    hosts: tuple[str, ...] = ()
    advice: str = ""

    def heirs(self, id: str) -> str | None:
        """The folder, "" or with a final `/`, of the posts for which the header of this one counts too, if any."""
        folder = self.rules.heirs(self.prefix + id)
        return None if folder is None else folder.removeprefix(self.prefix)


def read_site(posts: Path, settings: Settings) -> Site:
    """The site that the posts belong to; what the settings say counts more than what its configuration says.

    Raises `SettingsError` for a `url_pattern` that can't be used.
    """
    check_pattern(settings.url_pattern)
    posts, files = Path(os.path.abspath(posts)), ConfigFiles()  # noqa: PTH100  # links in the path stay as they are
    name, place, config = next(candidates(posts, settings, files))
    steps = posts.relative_to(place.root).as_posix()
    prefix = "" if steps == "." else f"{steps}/"
    base = urlsplit(config.base).path if is_absolute(config.base) else safe_link(config.base)
    lang = settings.lang if settings.lang not in {"", "en"} else language_in_path(prefix) or config.lang
    guess = name == "none" and settings.generator == "auto" and not settings.url_pattern
    advice = (unsupported_generator(folders_above(posts)) or site_below(posts, settings)) if guess else None
    files.warnings += [advice] if advice else []
    return Site(
        generator=name,
        prefix=prefix,
        rules=config.rules,
        base_url=settings.base_url.rstrip("/") or safe_link(base).rstrip("/"),
        url_pattern=settings.url_pattern,
        timezone=place.zone(config.timezone),
        lang=language_tag(lang) or lang.lower(),
        multilingual=tuple(multilingual_folders(posts)),
        files=tuple(dict.fromkeys(files.files)),
        warnings=tuple(dict.fromkeys(files.warnings)),
        above=said_above(config.rules, prefix),
        dialect=config.dialect,
        hosts=tuple(urlsplit(url).hostname or "" for url in (settings.base_url, config.base) if is_absolute(url)),
        advice=advice[1] if advice else "",
    )


def candidates(posts: Path, settings: Settings, files: ConfigFiles) -> Iterator[tuple[str, Place, GeneratorConfig]]:
    """The generators whose configuration is found, the nearest first, then the one that the settings name, and none.

    That of a site which makes pages only of other folders than the posts lie in is another site's.
    """
    passed: list[tuple[Path, str]] = []
    wanted = GENERATORS.get(settings.generator)
    looks = tuple(GENERATORS.values()) if settings.generator == "auto" else tuple(filter(None, [wanted]))
    for root in folders_above(posts):
        place = Place(root, posts, settings, files)
        for generator in looks:
            if config := generator.find(place):
                # One of the two folders must lie in the other, or be it.
                way = posts.relative_to(root)
                folders = map(PurePath, config.rules.roots())
                if wanted or any(way.is_relative_to(folder) or folder.is_relative_to(way) for folder in folders):
                    yield generator.name, place, config
                else:
                    passed.append((root, f"{generator.name} makes no pages of what lies in the posts folder"))
    if wanted:
        # A site without configuration is known by the names that the generator gives folders.
        above = (posts, *posts.parents[:MAX_LEVELS_ABOVE])
        root = next((folder.parent for folder in above if folder.name in wanted.content_folders), posts)
        place = Place(root, posts, settings, files, forced=True)
        if config := wanted.find(place):
            yield wanted.name, place, config
    for root in folders_above(posts):
        place = Place(root, posts, settings, files)
        if config := read_vault(place):
            yield "none", place, config
    files.warnings += passed
    yield "none", Place(posts, posts, settings, files), GeneratorConfig(Plain())


def site_below(posts: Path, settings: Settings) -> tuple[Path, str] | None:
    """The configuration of a site in a folder of the posts folder, where it doesn't count, and what to do about it."""
    with suppress(OSError):
        names = sorted(entry.name for entry in os.scandir(posts) if entry.is_dir() and entry.name[0] != ".")
        for folder, generator in product((posts / name for name in names[:MAX_FOLDERS_BELOW]), GENERATORS.values()):
            files = ConfigFiles()
            if generator.find(Place(folder, folder, settings, files)):
                place = files.files[0] if files.files else folder
                known = (
                    f"{folder.name}/ holds the configuration of a site of {generator.name}, which doesn't count here"
                )
                return place, f"{known}; give {folder.name}/, or where its posts lie, as the folder of posts"
    return None


def folders_above(posts: Path) -> Iterator[Path]:
    """The posts folder and the few above it, up to one that holds `.git`."""
    for folder in (posts, *posts.parents[:MAX_LEVELS_ABOVE]):
        yield folder
        if (folder / ".git").exists():
            return


def said_above(rules: Rules, prefix: str) -> tuple[Inherited, ...]:
    """The headers of sections above the posts and not among them, which count for all posts."""
    try:
        return tuple(header for header in rules.above(prefix) if not header.source.startswith(prefix))
    except PostError as error:  # which every post below tells
        return (Inherited(error.message, {}),)
