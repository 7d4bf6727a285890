"""Every option of postsearch, described once: flags, environment, `postsearch.toml` and Flask config come from here.

`Settings` is read from those places; the first that names an option counts: a command-line flag, then `POSTSEARCH_…` in
the environment, then the key in `postsearch.toml`, then the default.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, tzinfo
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_type_hints
from zoneinfo import ZoneInfo

from index.errors import SettingsError
from index.log import get_logger
from index.named_folders import NamedFolder, joined_by_name, names_folders, read_folders
from index.toml import parse_toml

__all__ = ["PREFIX", "SECRETS", "Settings", "load_settings", "read_toml", "settings_from_config", "zone_named"]

logger = get_logger(__name__)

PREFIX = "POSTSEARCH_"
"""What the names of environment variables and Flask config keys begin with."""

SECRETS = {
    "POSTSEARCH_OPENSEARCH_USER": "The user of the cluster.",
    "POSTSEARCH_OPENSEARCH_PASSWORD": "Its password.",
    "POSTSEARCH_OPENSEARCH_API_KEY": "An API key, in place of user and password.",
    "POSTSEARCH_REINDEX_TOKEN": "What `POST /search/reindex` asks for: at least 16 characters, of letters, digits and "
    "-._~+/= only. While it is not set, there is no such address.",
    "POSTSEARCH_OPENSEARCH_CA": "The file of the certificates by which the nodes are known.",
}
"""What only the environment tells, so that it stands in no file, no list of processes and no log."""

MIN_LIKENESS = 0.8
"""From 0 to 1, as `difflib` measures it, for a misspelt key to be taken for an option."""

GENERATORS = (
    *("auto", "jekyll", "hugo", "pelican", "eleventy", "middleman", "docusaurus", "mdbook", "mkdocs", "hexo", "quartz"),
    *("zola", "vitepress", "astro", "none"),
)


def option(default: object, doc: str) -> Any:
    """A field of `Settings` with its default and the sentence that the reference in the docs shows."""
    return field(default=default, metadata={"doc": doc})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All options; see each field's `metadata["doc"]`, or docs/configuration.md, which is made from them.

    Texts are taken for values of any kind, so that `Settings(posts="content")` does what it says, and so does
    `Settings(posts={"blog": "content/posts", "docs": "content/docs"})`. Where there are `folders`, `posts` is the
    nearest folder that holds all of them. Raises `SettingsError` for a value that can't be used.
    """

    posts: Path = option(
        Path("posts"),
        "The folder of posts; or [several](posts.md#several-folders), each with a name: "
        "`blog=content/posts,docs=content/docs`.",
    )
    folders: tuple[NamedFolder, ...] = option(
        (), "The same several folders as tables, `[folders.docs]`, which may hold options for one of them alone."
    )
    index: Path = option(Path(".postsearch"), "The folder that holds the index; made with mode 0700.")
    engine: str = option(
        "whoosh",
        "Where the index lies: `whoosh`, in the folder `index`, or `opensearch`, in a cluster of OpenSearch nodes (see "
        "[docs/scaling.md](scaling.md)). That needs the [extra](embedding.md#getting-it) `opensearch`.",
    )
    opensearch_url: tuple[str, ...] = option(
        (), "Addresses of nodes of the cluster, such as `https://search-1.example.org:9200`."
    )
    opensearch_index: str = option(
        "postsearch", "The name of the index in the cluster; each site that uses the cluster needs one of its own."
    )
    opensearch_shards: int = option(1, "How many shards an index that is built anew gets.")
    opensearch_replicas: int = option(1, "How many copies of each shard the cluster keeps beside it.")
    opensearch_timeout: float = option(5.0, "Seconds after which a node that gives no answer is passed over.")
    host: str = option("127.0.0.1", "The address that `serve` listens on.")
    port: int = option(8000, "The port that `serve` listens on; 0 takes a free one.")
    watch: bool = option(True, "Whether `serve` watches the posts and re-indexes what changes.")
    url_prefix: str = option("/search", "Where the results page and the JSON endpoint are mounted.")
    site_name: str = option("", "The name of the site, shown on the results page.")
    base_url: str = option("", "What post URLs begin with, such as `https://example.org/blog`; empty gives paths.")
    url_pattern: str = option(
        "", "A pattern for post URLs, such as `/:year/:month/:slug/`, in place of the generator's own rules."
    )
    generator: str = option(
        "auto",
        f"Whose rules URLs and drafts follow: {', '.join(f'`{name}`' for name in GENERATORS[:-1])} or `none`.",
    )
    lang: str = option(
        "",
        "The language of posts that do not name theirs, and of what visitors are told. Empty: English for posts, and "
        "for visitors the language that their browser asks for.",
    )
    timezone: str = option("UTC", "The zone of dates that do not name theirs, such as `Europe/Berlin`.")
    meaning: str = option(
        "",
        "The model by which long questions also find what they mean: `wordllama`, for English, or the folder of a "
        "Model2Vec model. It needs the [extra](embedding.md#getting-it) `meaning`; empty for none.",
    )
    exclude: tuple[str, ...] = option((), "Glob patterns, below the posts folder, of files to leave out.")
    max_file_size: int = option(5_000_000, "The largest post in bytes; larger files are excluded.")
    per_page: int = option(10, "How many hits a page holds unless the request says so.")
    max_per_page: int = option(50, "How many hits a request may ask for.")
    facet_size: int = option(20, "How many values each facet counts, the commonest first.")
    cors_origins: tuple[str, ...] = option((), "Origins, such as `https://example.org`, whose pages may ask for hits.")
    metrics: bool = option(
        False,
        "Whether `/search/metrics` tells figures for Prometheus, to all who may ask. It needs the "
        "[extra](embedding.md#getting-it) `metrics`.",
    )
    mcp: bool = option(
        True, "Whether `/search/mcp` lets assistants search and read the posts, by the Model Context Protocol."
    )
    workers: int = option(0, "How many processes read the posts where there are many; 0: one for each core.")
    quiet_period: float = option(0.05, "Seconds without a change that the watcher waits for before it re-indexes.")
    sweep_interval: float = option(30.0, "Seconds between two looks at all files, for changes that no event told.")
    lock_timeout: float = option(60.0, "Seconds to wait for another process that writes to the index.")

    def __post_init__(self) -> None:
        folders = read_folders(self.folders)
        if names_folders(self.posts):
            known = {folder.name: folder for folder in folders}
            given = read_folders(self.posts)
            folders = tuple(replace(known.get(folder.name, folder), posts=folder.posts) for folder in given)
        if folders:
            paths = [os.path.abspath(folder.posts) for folder in folders]  # noqa: PTH100  # resolve() follows links
            object.__setattr__(self, "posts", Path(os.path.commonpath(paths)))
        object.__setattr__(self, "folders", folders)
        for name in KINDS:
            if name != "folders":
                object.__setattr__(self, name, convert(name, getattr(self, name)))
        self.check()

    @property
    def parts(self) -> dict[str, Settings]:
        """The settings for each folder of posts alone, by what its ids begin with: its name and `/`, or "" for the only
        one.
        """
        return {f"{f.name}/": replace(self, folders=(), posts=f.posts, **f.own) for f in self.folders} or {"": self}

    @property
    def posts_text(self) -> str:
        """The folder of posts, or the several, as the setting `posts` takes them from a text."""
        return joined_by_name({folder.name: folder.posts for folder in self.folders} or {"": self.posts})

    @property
    def origin(self) -> str:
        """Where the posts lie, as the index remembers it: the real path of the only folder, or the several by name."""
        paths = {f.name: os.path.abspath(f.posts) for f in self.folders}  # noqa: PTH100  # they may be missing
        return joined_by_name(paths) if paths else os.path.realpath(self.posts)

    def with_origin(self, origin: str) -> Settings:
        """The settings for the posts that lie at an `origin`; as they are, where it is ""."""
        kept = origin in ("", self.origin)
        return self if kept else replace(self, posts=origin, folders=())  # type: ignore[arg-type]  # a text will do

    def path_of(self, id: str) -> str:
        """Where the file of an id lies, for people."""
        name, _, inner = id.partition("/")
        folders = [folder.posts for folder in self.folders if folder.name == name]
        return f"{folders[0]}/{inner}" if folders else f"{self.posts}/{id}"

    @property
    def place(self) -> str:
        """Where the index lies, for people: its folder, or its name in a cluster."""
        nodes = ", ".join(self.opensearch_url)
        return f"{self.opensearch_index} at {nodes}" if self.engine == "opensearch" else str(self.index)

    def check(self) -> None:
        """Raise `SettingsError` for the first value that no part of postsearch could use."""
        checks: dict[str, tuple[object, str]] = {
            "port": (0 <= self.port <= 65535, "from 0 to 65535"),
            "max_per_page": (self.max_per_page >= 1, "at least 1"),
            "per_page": (1 <= self.per_page <= self.max_per_page, f"from 1 to max_per_page, {self.max_per_page}"),
            "max_file_size": (self.max_file_size > 0, "at least 1"),
            "workers": (self.workers >= 0, "at least 0"),
            "facet_size": (self.facet_size >= 0, "at least 0"),
            "opensearch_url": (
                all(re.fullmatch(r"https?://[^/?#@\s]+/?", url) for url in self.opensearch_url),
                "a list of addresses such as https://search-1.example.org:9200, without user and password",
            ),
            "opensearch_index": (
                re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,99}", self.opensearch_index),
                "a name of small letters, digits, dots, - and _",
            ),
            "opensearch_shards": (self.opensearch_shards >= 1, "at least 1"),
            "opensearch_replicas": (self.opensearch_replicas >= 0, "at least 0"),
            "opensearch_timeout": (0 < self.opensearch_timeout < math.inf, "more than 0"),
            "quiet_period": (0 <= self.quiet_period < math.inf, "at least 0"),
            "sweep_interval": (self.sweep_interval > 0, "more than 0"),
            "lock_timeout": (self.lock_timeout >= 0, "at least 0"),
            "generator": (self.generator in GENERATORS, f"one of {', '.join(GENERATORS)}"),
            "timezone": (zone_is_known(self.timezone), "the name of a zone such as Europe/Berlin"),
            "url_prefix": (
                re.fullmatch(r"(/[^/?#<>\s\x00-\x1f\x7f-\x9f]+)*", self.url_prefix),
                "empty or a path such as /search",
            ),
            "base_url": (re.match(r"https?://[^/]|/|$", self.base_url), "an address such as https://example.org/blog"),
            "cors_origins": (
                all(re.fullmatch(r"https?://[^/?#]+", origin) for origin in self.cors_origins),
                "a list of origins such as https://example.org",
            ),
        }
        for name, (good, needed) in checks.items():
            if not good:
                raise SettingsError(f"{name}: {getattr(self, name)!r} can't be used: it must be {needed}")
        for folder in self.folders:
            try:
                replace(self, folders=(), **folder.own)
            except SettingsError as error:
                raise SettingsError(f"folders.{folder.name}.{error}") from error


KINDS: dict[str, Any] = get_type_hints(Settings)
WORDS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
ACCEPTED: dict[Any, Any] = {str: str, int: int | str, float: int | float | str, Path: str | Path}
"""What each kind of option is made from without loss."""

KIND_NAMES: dict[Any, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
    Path: "a path",
    tuple[str, ...]: "a list of texts",
}


def load_settings(
    flags: Mapping[str, object] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    toml: Path | None = Path("postsearch.toml"),
) -> Settings:
    """The settings from flags, environment and file, in this order of precedence.

    `flags` maps option names to values; None means not given. `environ` is `os.environ` unless given. `toml` is read
    where it exists. Raises `SettingsError` for a value that can't be used, for keys of the file that no option has, and
    where one place gives both `posts` and `folders`.
    """
    names = [f.name for f in fields(Settings)]
    environment = os.environ if environ is None else environ
    told = read_toml(toml) if toml and toml.exists() else {}
    values: dict[str, object] = {}
    from_environment = {n: environment[PREFIX + n.upper()] for n in names if PREFIX + n.upper() in environment}
    for given in (told, from_environment, {n: v for n, v in (flags or {}).items() if v is not None}):
        if "posts" in given and given.get("folders"):
            raise SettingsError(f"posts: {given['posts']!r} stands beside `folders`; name it there, or leave it out")
        if "posts" in given and not names_folders(given["posts"]):
            values.pop("folders", None)  # one folder that is named here counts more than several that are elsewhere
        values |= given
    for key in environment:
        # Others may have variables of this prefix too (a container's platform makes some), so this is no error.
        known = key.removeprefix(PREFIX).lower() in names or key in SECRETS
        if key.startswith(PREFIX) and not known and (near := nearest(key)):
            logger.warning("%s in the environment is no option; did you mean %s?", key, near)
    try:
        if unknown := sorted(set(values) - set(KINDS)):
            raise unknown_option(unknown[0])
        return Settings(**values)  # type: ignore[arg-type]  # Settings makes each value what it has to be
    except SettingsError as error:
        name = re.split("[:.]", str(error), maxsplit=1)[0]
        if name in told and values.get(name) is told[name]:
            raise SettingsError(f"{toml}: {error}") from error
        raise


def settings_from_config(config: Mapping[str, object]) -> Settings:
    """The settings from the `POSTSEARCH_…` keys of a Flask app's config, and else as `load_settings` finds them."""
    keys = [key for key in config if key.startswith(PREFIX)]
    for key in keys:
        if key.removeprefix(PREFIX).lower() not in KINDS:
            raise unknown_option(key)
    return load_settings({key.removeprefix(PREFIX).lower(): config[key] for key in keys})


def read_toml(path: Path) -> Mapping[str, object]:
    """The keys and values of a `postsearch.toml`. Raises `SettingsError` with the place of a mistake."""
    try:
        return parse_toml(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: {error}") from error


def unknown_option(key: str) -> SettingsError:
    """The error over a key, told as it is written."""
    hint = f"did you mean {near}?" if (near := nearest(key)) else f"the options are {', '.join(sorted(KINDS))}"
    return SettingsError(f"{key}: there is no such option; {hint}")


def nearest(key: str) -> str:
    """The option whose name is most like a misspelt key, written as that key is; "" where none is much like it."""
    prefix = PREFIX if key.startswith(PREFIX) else ""
    found = get_close_matches(key.removeprefix(prefix).lower(), KINDS, n=1, cutoff=MIN_LIKENESS)
    return prefix + (found[0].upper() if prefix else found[0]) if found else ""


def convert(name: str, value: object) -> Any:
    """The value as the type of the option: texts are parsed, lists become tuples."""
    kind = KINDS[name]
    try:
        if kind is bool:
            return value if isinstance(value, bool) else WORDS[str(value).strip().lower()]
        if kind == tuple[str, ...]:
            items: Iterable[object] = value.split(",") if isinstance(value, str) else value  # type: ignore[assignment]
            if name == "opensearch_url":  # which holds no commas, and is told with them by the nodes' own tools
                items = [url for item in items for url in str(item).split(",")]
            return tuple(text for item in items if (text := str(item).strip()))
        if not isinstance(value, ACCEPTED[kind]) or isinstance(value, bool) or (kind is Path and not str(value)):
            raise TypeError(name)
        return kind(value)
    except (KeyError, TypeError, ValueError) as error:
        raise SettingsError(f"{name}: {value!r} is not {KIND_NAMES[kind]}") from error


def zone_named(name: str) -> tzinfo:
    """The time zone of that name, such as `Europe/Berlin`. Raises `ValueError` for a name that is none."""
    try:
        # UTC must be had also where no table of zones is installed.
        return UTC if name.upper() in {"UTC", "GMT"} else ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(f"{name!r} is not a time zone") from error


def zone_is_known(name: str) -> bool:
    """Whether dates can be read in this zone."""
    try:
        zone_named(name)
    except ValueError:
        return False
    return True
