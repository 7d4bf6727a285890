"""The site that the posts belong to: whose rules its URLs follow, and what its configuration says of them.

The generator's configuration is looked for in the posts folder and in the few folders above it, never above one that
holds `.git`. It is read and never run; what can't be read becomes a warning.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from index.errors import PostError
from index.posts.inheritance import Inherited
from index.settings import Settings, zone_named
from index.sites.generators import GeneratorConfig, Rules
from index.sites.generators.config import ConfigFiles, as_mapping, lower_keys, merged
from index.sites.generators.docusaurus import read_docusaurus
from index.sites.generators.eleventy import read_eleventy
from index.sites.generators.hugo import is_pattern, read_hugo
from index.sites.generators.jekyll import read_jekyll
from index.sites.generators.mdbook import read_mdbook
from index.sites.generators.middleman import read_middleman
from index.sites.generators.paths import as_text, as_text_list, is_absolute, safe_link
from index.sites.generators.pelican import read_pelican
from index.sites.generators.plain import Plain
from index.sites.pattern import check_pattern

__all__ = ["Site", "read_site"]

MAX_LEVELS_ABOVE = 4
"""How many folders above the posts may hold the configuration."""

HUGO_KEYS = frozenset({"baseurl", "languagecode", "defaultcontentlanguage", "permalinks", "contentdir"})
"""Keys of a `config` file that is Hugo's alone; Zola has a `base_url`."""

HUGO_SUFFIXES = (".toml", ".yaml", ".yml", ".json")
HEXO_KEYS = frozenset(
    {"source_dir", "public_dir", "i18n_dir", "skip_render", "new_post_name", "post_asset_folder", "render_drafts"}
    | {
        "filename_case",
        "permalink_defaults",
        "index_generator",
        "archive_generator",
        "meta_generator",
        "updated_option",
    }
)
"""Keys that are Hexo's alone; `titlecase` and `code_dir` are also those of Octopress, which is Jekyll."""

HEXO_THEMES = frozenset({"landscape", "next", "butterfly", "fluid", "icarus", "matery", "volantis"})
SPLIT_FILES = frozenset({"permalinks", "languages", "frontmatter", "module", "cascade"})


CONTENT_FOLDERS = {
    "hugo": ("content",),
    "jekyll": ("_posts", "_drafts"),
    "docusaurus": ("docs", "blog"),
    "mdbook": ("src",),
}
"""The names that generators give the folders with content in the folder of a site."""


@dataclass(frozen=True, slots=True)
class Site:
    """Whose rules URLs follow, and what else the configuration says that bears on posts.

    `prefix` is the way from the folder with the configuration to the posts, "" or with a final `/`. `files` are the
    configuration files that were read; `warnings` pair such a file with a sentence about it. `above` are the headers of
    sections above the posts folder.
    """

    generator: str = "none"
    prefix: str = ""
    rules: Rules = field(default_factory=Plain)
    base_url: str = ""
    url_pattern: str = ""
    timezone: str = "UTC"
    lang: str = "en"
    files: tuple[Path, ...] = ()
    warnings: tuple[tuple[Path, str], ...] = ()
    above: tuple[Inherited, ...] = ()

    def heirs(self, id: str) -> str | None:
        """The folder, "" or with a final `/`, of the posts for which the header of this one counts too, if any."""
        folder = self.rules.heirs(self.prefix + id)
        return None if folder is None else folder.removeprefix(self.prefix)


@dataclass(slots=True)
class Place:
    """A folder that may hold a generator's configuration; `forced` says that the settings name the generator."""

    root: Path
    posts: Path
    settings: Settings
    files: ConfigFiles
    forced: bool = False

    def jekyll(self) -> GeneratorConfig | None:
        """What Jekyll's configuration says; None for another program's file of that name."""
        path = self.files.first(self.root, "_config.yml", "_config.yaml", "_config.toml")
        if path is None and not self.forced:
            return None
        config = self.files.mapping(path) if path else {}
        if path and not self.forced and (program := self.other_program(config)):
            self.files.warn(path, f"it is {program}'s, whose rules are not known")
            return None
        return read_jekyll(
            config, zone_named(chosen_zone(self.settings, as_text(config.get("timezone")), ConfigFiles()))
        )

    def other_program(self, config: Mapping[str, object]) -> str | None:
        """The program that calls its configuration as Jekyll does, where this one is that program's."""
        deploys = config.get("deploy")
        deploy_types = [as_mapping(one).get("type") for one in (deploys if isinstance(deploys, list) else [deploys])]
        package = self.root / "package.json"
        if (
            HEXO_KEYS & set(config)
            or config.get("theme") in HEXO_THEMES
            or "git" in deploy_types
            or (self.root / "scaffolds").is_dir()
            or (package.is_file() and '"hexo"' in ConfigFiles().text(package))
        ):
            return "Hexo"
        return "Jupyter Book" if (self.root / "_toc.yml").is_file() else None

    def hugo(self) -> GeneratorConfig | None:
        """What Hugo's configuration says; None for another program's `config.toml`."""
        config = self.hugo_config()
        if self.forced and not config:
            return read_hugo({} if (self.root / "content").is_dir() else {"contentdir": "."}, self.root)
        folders = ("config/_default", "archetypes", "layouts", "themes")
        own = any((self.root / name).is_file() for name in hugo_names("hugo"))
        near = config and any((self.root / name).is_dir() for name in folders)
        is_hugo = own or ((HUGO_KEYS & set(config) or near) and "base_url" not in config)
        return read_hugo(config, self.root) if is_hugo or self.forced else None

    def hugo_config(self) -> dict[str, object]:
        """Hugo's configuration with keys in lower case: from one file, below those in `config/_default`, below those in
        `config/production`, where a file such as `languages.de.toml` holds what stands below `languages.de`.
        """
        config: dict[str, object] = {}

        def add(path: Path, *keys: str) -> None:
            nonlocal config
            found = lower_keys(self.files.mapping(path))
            for key in reversed(keys):
                found = {key: found}
            config = merged(config, as_mapping(found))

        for folder in (self.root, self.root / "config" / "_default", self.root / "config" / "production"):
            if path := self.files.first(folder, *hugo_names("hugo"), *hugo_names("config")):
                add(path)
            for name in names_in(folder) if folder != self.root else ():
                stem, _, lang = name.lower().rpartition(".")[0].partition(".")
                if name.endswith(HUGO_SUFFIXES) and stem in SPLIT_FILES and (not lang or stem == "languages"):
                    add(folder / name, stem, *filter(None, [lang]))
        for pattern in as_text_list(config.get("ignorefiles")):
            if not is_pattern(pattern):
                self.files.warn(
                    self.files.files[0], f"its ignoreFiles pattern {pattern!r} is none that can be read here"
                )
        return config

    def pelican(self) -> GeneratorConfig | None:
        """What Pelican's settings say, those for publishing over the others."""
        path = self.files.first(self.root, "pelicanconf.py")
        if path is None and not self.forced:
            return None
        settings = self.files.mapping(path) if path else {}
        if path and (publish := self.files.first(self.root, "publishconf.py")):
            settings |= self.files.mapping(publish)
        return read_pelican(settings, self.root)

    def eleventy(self) -> GeneratorConfig | None:
        """What Eleventy's data files, and the text of its configuration, say."""
        names = ("eleventy.config.js", "eleventy.config.mjs", "eleventy.config.cjs", ".eleventy.js")
        path = self.files.first(self.root, *names)
        return read_eleventy(self.root, self.posts, path, self.files) if path or self.forced else None

    def docusaurus(self) -> GeneratorConfig | None:
        """What the text of Docusaurus' configuration says."""
        path = self.files.first(self.root, *(f"docusaurus.config{suffix}" for suffix in (".js", ".ts", ".mjs", ".cjs")))
        return read_docusaurus(self.files.text(path) if path else "") if path or self.forced else None

    def mdbook(self) -> GeneratorConfig | None:
        """What mdBook's configuration and the summary of the book say."""
        path = self.files.first(self.root, "book.toml")
        return (
            read_mdbook(self.files.mapping(path) if path else {}, self.root, self.files)
            if path or self.forced
            else None
        )

    def middleman(self) -> GeneratorConfig | None:
        """What the text of Middleman's configuration says; names such as `a.html.md` below `source` tell it too."""
        source = self.root / "source"
        path = self.files.first(self.root, "config.rb") if source.is_dir() else None
        doubled = (next(source.glob(pattern), None) for pattern in ("*.html.m*", "*/*.html.m*"))
        if path is None and not any(doubled):
            return None
        return read_middleman(self.files.text(path) if path else "")


LOOKS: dict[str, Callable[[Place], GeneratorConfig | None]] = {
    "pelican": Place.pelican,
    "eleventy": Place.eleventy,
    "docusaurus": Place.docusaurus,
    "mdbook": Place.mdbook,
    "hugo": Place.hugo,
    "jekyll": Place.jekyll,
    "middleman": Place.middleman,
}
"""The generators, those with the most telling files first."""


def read_site(posts: Path, settings: Settings) -> Site:
    """The site that the posts belong to; what the settings say counts more than what its configuration says.

    Raises `SettingsError` for a `url_pattern` that can't be used.
    """
    check_pattern(settings.url_pattern)
    posts, files = Path(os.path.abspath(posts)), ConfigFiles()  # noqa: PTH100  # links in the path stay as they are
    none = ("none", posts, GeneratorConfig(Plain()))
    name, root, config = next(candidates(posts, settings, files), none)
    steps = posts.relative_to(root).as_posix()
    prefix = "" if steps == "." else f"{steps}/"
    base = urlsplit(config.base).path if is_absolute(config.base) else safe_link(config.base)
    lang = config.lang.lower().replace("_", "-").partition(".")[0]
    return Site(
        generator=name,
        prefix=prefix,
        rules=config.rules,
        base_url=settings.base_url.rstrip("/") or safe_link(base).rstrip("/"),
        url_pattern=settings.url_pattern,
        timezone=chosen_zone(settings, config.timezone, files),
        lang=settings.lang if settings.lang != "en" else lang or "en",
        files=tuple(dict.fromkeys(files.files)),
        warnings=tuple(dict.fromkeys(files.warnings)),
        above=said_above(config.rules, prefix),
    )


def candidates(posts: Path, settings: Settings, files: ConfigFiles) -> Iterator[tuple[str, Path, GeneratorConfig]]:
    """The generators whose configuration is found, the nearest first, and the one that the settings name at last."""
    wanted = settings.generator
    looks = LOOKS if wanted == "auto" else {wanted: LOOKS[wanted]} if wanted in LOOKS else {}
    for root in folders_above(posts):
        for name, look in looks.items():
            if config := look(Place(root, posts, settings, files)):
                yield name, root, config
    if wanted in LOOKS:
        root = usual_root(posts, wanted)
        if config := LOOKS[wanted](Place(root, posts, settings, files, forced=True)):
            yield wanted, root, config


def folders_above(posts: Path) -> Iterator[Path]:
    """The posts folder and the few above it, up to one that holds `.git`."""
    for folder in (posts, *posts.parents[:MAX_LEVELS_ABOVE]):
        yield folder
        if (folder / ".git").exists():
            return


def usual_root(posts: Path, generator: str) -> Path:
    """The folder of a site without configuration, by the names that the generator gives folders."""
    for folder in (posts, *posts.parents[:MAX_LEVELS_ABOVE]):
        if generator == "pelican" and folder.name == "content":
            return folder
        if folder.name in CONTENT_FOLDERS.get(generator, ()):
            return folder.parent
    return posts


def chosen_zone(settings: Settings, named: str, files: ConfigFiles) -> str:
    """The zone of the settings, unless they leave it as it is and the configuration names one."""
    if settings.timezone != "UTC" or not named:
        return settings.timezone
    try:
        zone_named(named)
    except ValueError as error:
        place = files.files[0] if files.files else settings.posts
        files.warnings.append((place, f"the time zone of the site can't be used: {error}; UTC counts"))
        return "UTC"
    return named


def hugo_names(stem: str) -> tuple[str, ...]:
    """The names of a configuration file of Hugo's, in the order in which Hugo takes them."""
    return tuple(f"{stem}{suffix}" for suffix in HUGO_SUFFIXES)


def names_in(folder: Path) -> list[str]:
    """The names of what the folder holds. Raises `PermissionError` where that can't be seen, as `ConfigFiles.first`."""
    try:
        return sorted(entry.name for entry in folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def said_above(rules: Rules, prefix: str) -> tuple[Inherited, ...]:
    """The headers of sections above the posts and not among them, which count for all posts."""
    try:
        return tuple(header for header in rules.above(prefix) if not header.source.startswith(prefix))
    except PostError as error:  # which every post below tells
        return (Inherited(error.message, {}),)
