"""The pages that Hexo builds, and their addresses, by its `_config.yml`.

The rules are those of https://hexo.io/docs/permalinks and https://hexo.io/docs/configuration, as Hexo 8 follows them
(plugins/processor and plugins/filter/post_permalink.js). Hexo writes dates in the zone of the machine that builds the
site, which is taken to be that of the site; a post without a date is to it as old as its file, and goes by its path.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from hashlib import sha1
from pathlib import Path
from posixpath import splitext

from index.markup.dialect import Dialect
from index.markup.hexo_slug import slugize
from index.posts.metadata import Metadata
from index.settings import zone_named
from index.sites.generators import Generator, GeneratorConfig, Place, Rules
from index.sites.generators.addresses import is_absolute, rooted, safe_link, without_index
from index.sites.generators.config import ConfigFiles
from index.sites.generators.globs import matching
from index.sites.generators.jekyll_pattern import DATE_PLACEHOLDERS, ZONE_AT_END
from index.sites.generators.paths import marked_name, named_folder, path_and_folders, path_below
from index.sites.generators.plain import plain_path
from index.sites.generators.values import as_mapping, as_text, as_text_list, first_given, is_true

__all__ = ["HEXO", "Hexo", "read_hexo"]

KEYS = frozenset(
    {"source_dir", "public_dir", "i18n_dir", "skip_render", "new_post_name", "post_asset_folder", "render_drafts"}
    | {"filename_case", "permalink_defaults", "index_generator", "archive_generator", "meta_generator"}
    | {"updated_option"}
)
"""Keys that are Hexo's alone; `titlecase` and `code_dir` are also those of Octopress, which is Jekyll."""

THEMES = frozenset({"landscape", "next", "butterfly", "fluid", "icarus", "matery", "volantis"})
OTHER_RENDERERS = re.compile(r'"hexo-renderer-(?:markdown-it|kramed|pandoc|multi-markdown|mmedjs|remark)')
"""Renderers of Markdown that give headings other ids, or none."""

RENDERED = re.compile(r"(.*)\.(?:md|markdown|mkd|mkdn|mdwn|mdtxt|mdtext|html?)", re.DOTALL)
"""Files that become pages."""

PERMALINK_PART = re.compile(r":(\w*[^_\W])", re.ASCII)
DATE_NAMES = ("year", "month", "day", "hour", "minute", "second", "i_month", "i_day")
GIVEN_BY_HEXO = frozenset({*DATE_NAMES, "timestamp", "hash", "id"})
"""What Hexo itself gives a post that does not say it."""

NAME_PARTS = {"year": r"\d{4}", "month": r"\d{2}", "day": r"\d{2}", "i_month": r"\d{1,2}", "i_day": r"\d{1,2}"}
NAME_PARTS |= {"hash": "[0-9a-f]{12}"}
"""What placeholders match in the name of a post; others match anything."""

CASES = {"1": str.lower, "2": str.upper}
"""What `filename_case` says."""


@dataclass(frozen=True, slots=True)
class Hexo(Rules):
    """The rules of one Hexo site.

    `new_post_name` is the pattern of the names of posts, without a suffix. `ignored` are the patterns of what is left
    out, by their setting. `categories` maps names to what stands for them in addresses. `suffix` is the only one of
    posts where they have folders of assets.
    """

    source: str = "source"
    permalink: str = ":year/:month/:day/:title/"
    defaults: Mapping[str, str] = field(default_factory=dict)
    new_post_name: str = ":title"
    ignored: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    include: tuple[str, ...] = ()
    default_category: str = "uncategorized"
    categories: Mapping[str, object] = field(default_factory=dict)
    case: str = ""
    suffix: str = ""
    bare_html: bool = False
    zone: tzinfo = UTC

    def roots(self) -> tuple[str, ...]:
        return (self.source,)

    def left_out(self, path: str) -> str | None:
        """The name, or the pattern of the configuration, by which the file is no page."""
        if (inner := path_below(path, self.source)) is None:
            return f"it lies outside of {self.source}, which hexo makes pages of"
        post = post_path(inner)
        hidden = marked_name(inner if post is None else post, "hexo", "_.")
        if hidden and (post is not None or not matching(self.include, inner)):
            return hidden
        places = {
            "ignore": path_and_folders(path),
            "exclude": [inner] if post is None else [],
            # A page of HTML that is not rendered is copied, and is a page all the same.
            "skip_render": [] if post is None and inner.endswith((".html", ".htm")) else [inner],
        }
        found = ((setting, matching(patterns, *places[setting])) for setting, patterns in self.ignored.items())
        return next((f"excluded by _config.yml: {setting}: {pattern}" for setting, pattern in found if pattern), None)

    def url(self, path: str, post: Metadata) -> str | None:
        """Where the page of the post lies; None for a file that Hexo copies as it is."""
        inner = path_below(path, self.source)
        rendered = RENDERED.fullmatch(inner or "")
        if inner is None or rendered is None:
            return None
        written = safe_link(post.raw.get("permalink"))
        if is_absolute(written):
            return written
        if (place := post_path(inner)) is None:
            link = written or f"/{rendered[1]}.html"
            return self.tidy(link if "." in link.rpartition("/")[2] or link.endswith("/") else f"{link}.html")
        if not inner.endswith(self.suffix):
            return None
        filled = written or self.filled(rendered[1][len(inner) - len(place) :], post)
        if filled is None:
            return plain_path(inner)
        return self.tidy(f"{filled}/" if self.suffix and not filled.endswith(("/", ".html")) else filled)

    def filled(self, place: str, post: Metadata) -> str | None:
        """The permalink of a post, by its path below the posts and without suffix; None where it can't be told."""
        named = read_name(self.new_post_name, place)
        slug = named.get("title") or slugize(place)
        values = {key: as_text(value) or ",".join(as_text_list(value)) for key, value in post.raw.items()}
        values |= {
            **{name: text for name, text in named.items() if name not in DATE_NAMES},
            "slug": slug,
            "title": slug,
            "name": slug.rpartition("/")[2],
            "post_title": slugize(as_text(post.raw.get("title"))).lower(),
            "category": self.category(post) or self.default_category,
        }
        if moment := self.moment(named, post):
            seconds = str(int(moment.timestamp()))
            stamp = f"{slug}{seconds}".encode(errors="surrogateescape")
            values |= {name: moment.strftime(DATE_PLACEHOLDERS[name]) for name in DATE_NAMES}
            values["timestamp"] = seconds
            values["hash"] = sha1(stamp, usedforsecurity=False).hexdigest()[:12]
        if any(name in GIVEN_BY_HEXO - set(values) for name in PERMALINK_PART.findall(self.permalink)):
            return None
        values = {"layout": "post", **self.defaults, **values}
        return PERMALINK_PART.sub(lambda match: values.get(match[1].lower(), "undefined"), self.permalink)

    def moment(self, named: Mapping[str, str], post: Metadata) -> datetime | None:
        """The date of the post, in the zone of the site, by its header or else by its name."""
        said = as_text(post.raw.get("date"))
        try:
            if said and post.date:
                # Hexo shows the hours that YAML gives a moment in UTC as if they were those of the site.
                written = post.date.astimezone(UTC) if ZONE_AT_END.search(said) else post.date
                return written.replace(tzinfo=self.zone)
            month, day = named.get("month", named.get("i_month", "")), named.get("day", named.get("i_day", ""))
            return datetime(int(named.get("year", "")), int(month), int(day), tzinfo=self.zone)
        except (ValueError, OverflowError):
            return None

    def category(self, post: Metadata) -> str:
        """The slugs of the post's last category and of those above it; "" where it has none."""
        found = post.raw.get("categories") or post.raw.get("category")
        found = found if isinstance(found, list) else [found]
        names = found[-1] if any(isinstance(one, list) for one in found) else found
        slugs = (slugize(as_text(self.categories.get(name)) or name) for name in as_text_list(names))
        return CASES.get(self.case, str)("/".join(slugs))

    def tidy(self, link: str) -> str:
        """The path as a web server knows it, with `.html` only where the site shows it."""
        path = without_index(rooted(link.partition("?")[0]))
        return path.removesuffix(".html") if self.bare_html else path


def post_path(path: str) -> str | None:
    """The path of a post, or of a draft, below their folder; None for what is neither."""
    below = path_below(path, "_posts")
    return path_below(path, "_drafts") if below is None else below


def read_name(pattern: str, place: str) -> dict[str, str]:
    """What the name of a post tells by `new_post_name`; nothing where it is another name."""
    literal, *parts = PERMALINK_PART.split(pattern)
    names, literals = parts[::2], parts[1::2]
    groups = (f"({NAME_PARTS.get(name, '.+?')}){re.escape(text)}" for name, text in zip(names, literals, strict=True))
    found = re.fullmatch(re.escape(literal) + "".join(groups), place)
    return dict(zip(names, found.groups(), strict=True)) if found else {}


def find_hexo(place: Place, path: Path | None) -> GeneratorConfig | None:
    """What Hexo's configuration says; None for that of another program of the same name."""
    root, files = place.root, place.files
    config = ConfigFiles().mapping(path)
    modules = ConfigFiles().text(files.first(root, "package.json"))
    deploys = config.get("deploy")
    deploy_types = [as_mapping(one).get("type") for one in (deploys if isinstance(deploys, list) else [deploys])]
    theme = as_text(config.get("theme"))
    telling = place.forced or KEYS & set(config) or (root / "scaffolds").is_dir()
    # Sites of Jekyll have themes, are deployed and hold modules of others, too.
    jekyll = (root / "_posts").is_dir() or (root / "Gemfile").is_file()
    if not telling and (jekyll or not (theme in THEMES or "git" in deploy_types or '"hexo"' in modules)):
        return None
    # A folder of posts by itself lies in no source folder.
    config = files.mapping(path) if path else {} if (root / "source").is_dir() else {"source_dir": "."}
    found = read_hexo(config, zone_named(place.zone(as_text(config.get("timezone")))), modules)
    if path and isinstance(found.rules, Hexo) and "id" in PERMALINK_PART.findall(found.rules.permalink):
        files.warn(path, f"its permalink {found.rules.permalink!r} needs numbers that only Hexo has")
    return found


def read_hexo(config: Mapping[str, object], zone: tzinfo, modules: str = "") -> GeneratorConfig:
    """The rules that a `_config.yml` sets, and what it says about the site; `modules` is the text of `package.json`."""
    usual, marked = Hexo(), as_mapping(config.get("marked"))
    name, suffix = splitext(as_text(config.get("new_post_name")) or ":title.md")
    own_ids = is_true(marked.get("headerIds", True)) and as_text(marked.get("modifyAnchors")) in {"", "0"}
    rules = Hexo(
        source=named_folder(config.get("source_dir"), usual.source),
        permalink=as_text(config.get("permalink")) or usual.permalink,
        defaults={key.lower(): as_text(text) for key, text in as_mapping(config.get("permalink_defaults")).items()},
        new_post_name=name,
        ignored={setting: as_text_list(config.get(setting)) for setting in ("ignore", "exclude", "skip_render")},
        include=as_text_list(config.get("include")),
        default_category=as_text(config.get("default_category")) or usual.default_category,
        categories=as_mapping(config.get("category_map")),
        case=as_text(config.get("filename_case")),
        suffix=suffix if is_true(config.get("post_asset_folder")) else "",
        bare_html=str(as_mapping(config.get("pretty_urls")).get("trailing_html")).lower() == "false",
        zone=zone,
    )
    lang = next(iter(as_text_list(config.get("language"))), "")
    return GeneratorConfig(
        rules,
        base=first_given(config.get("root"), config.get("url")),
        timezone=as_text(config.get("timezone")),
        lang="" if lang == "default" else lang,
        dialect=Dialect(
            anchors="hexo" if own_ids and not OTHER_RENDERERS.search(modules) else "",
            templates=("tags", "outputs", "comments"),
        ),
    )


CONFIG_FILES = ("_config.yml", "_config.yaml", "_config.json")
HEXO = Generator("hexo", find_hexo, CONFIG_FILES, ("_posts", "_drafts", "source"))
