"""The pages that Jekyll builds, what it says for them, and their addresses, by its `_config.yml`.

The rules are those of https://jekyllrb.com/docs/permalinks/, of https://jekyllrb.com/docs/collections/#permalinks and
of https://jekyllrb.com/docs/configuration/front-matter-defaults/, as Jekyll 4.3 follows them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from fnmatch import fnmatchcase
from itertools import product
from pathlib import Path, PurePosixPath

from index.markup.dialect import Dialect
from index.posts.inheritance import Inherited
from index.posts.metadata import Metadata
from index.settings import zone_named
from index.sites.generators import SITE_CONFIG, Generator, GeneratorConfig, Place, Rules
from index.sites.generators.addresses import is_absolute, safe_link
from index.sites.generators.globs import glob
from index.sites.generators.jekyll_pattern import date_values, fill, slugify, squeeze
from index.sites.generators.paths import named_folder, path_and_folders, path_below, split_path
from index.sites.generators.values import as_mapping, as_text, as_text_list, first_given, is_true

__all__ = ["JEKYLL", "Jekyll", "read_jekyll"]

STYLES = {
    "none": "/:categories/:title:output_ext",
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
}
"""https://jekyllrb.com/docs/permalinks/#built-in-formats"""

POST_NAME = re.compile(r"\d{2,4}-\d{1,2}-\d{1,2}-(.*)(\.[^.]+)", re.DOTALL)
MARKDOWN_EXT = "markdown,mkdown,mkdn,mkd,md"
"""What `markdown_ext` is where the configuration does not set it."""

PUNCTUATION = "._~!$&'()+,;=@"
OLD_TYPES = {"post": "posts", "page": "pages", "draft": "drafts"}


@dataclass(frozen=True, slots=True)
class Default:
    """Values for the files whose path begins with `path`, which may hold `*`, and whose type is `type`, if given."""

    path: str
    type: str
    values: Mapping[str, object]

    def applies(self, path: str, type: str) -> bool:
        if self.type and self.type != type:
            return False
        if "*" not in self.path:
            return path.startswith(self.path)
        return glob(self.path).match(path) is not None


@dataclass(frozen=True, slots=True)
class Jekyll(Rules):
    """The rules of one Jekyll site; `collections` maps the labels of those that have pages to their patterns."""

    style: str
    collections: Mapping[str, str]
    defaults: tuple[Default, ...]
    markdown: tuple[str, ...]
    zone: tzinfo
    source: str = ""
    destination: str = "_site"
    collections_dir: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def left_out(self, path: str) -> str | None:
        """Whether the file lies where Jekyll puts the pages that it built."""
        return None if path_below(path, self.destination) is None else "build output"

    def inherited(self, path: str) -> Iterator[Inherited]:
        """The front matter defaults of the configuration for the file."""
        if (inner := path_below(path, self.source)) is not None:
            place, label = self.place(inner)
            for default in applying_defaults(self.defaults, place, label or "pages"):
                yield Inherited(SITE_CONFIG, default.values)

    def place(self, path: str) -> tuple[str, str]:
        """The path by which the file has defaults, and the collection that it belongs to, or ""."""
        document = path_below(path, self.collections_dir)
        if document is not None and (label := self.label(document)):
            return document, label
        return path, ""

    def url(self, path: str, post: Metadata) -> str | None:
        inner = path_below(path, self.source)
        if inner is None:
            return None
        excluded = [pattern for pattern in self.exclude if pattern not in self.include]
        for place, pattern in product(path_and_folders(inner) if excluded else (), excluded):
            if f"{place}/".startswith(pattern) or fnmatchcase(place, pattern):
                return None
        place, label = self.place(inner)
        return self.document(place, label, post) if label else self.page(place, post)

    def label(self, path: str) -> str:
        """The collection that the file belongs to, or ""."""
        folders = path.split("/")[:-1]
        if "_posts" in folders or "_drafts" in folders:
            return "posts"
        label = folders[0].removeprefix("_") if folders and folders[0].startswith("_") else ""
        return label if label in self.collections else ""

    def page(self, path: str, post: Metadata) -> str | None:
        """Where the page of a file outside all collections lies; files in folders such as `_includes` have none."""
        special = [step for step in path.split("/") if step[0] in "_.#~" or step[-1] == "~"]
        if not all(any(fnmatchcase(step, name.strip("/")) for name in self.include) for step in special):
            return None
        folder, stem, suffix = split_path(path)
        name, suffix = stem.rstrip("."), self.output(suffix)
        values = {"path": folder, "basename": name, "output_ext": suffix}
        if permalink := safe_link(post.raw.get("permalink")):
            return permalink if is_absolute(permalink) else squeeze(fill(permalink, values) or permalink)
        if suffix not in {".html", ".xhtml", ".htm"}:
            return squeeze(f"/{folder}/{name}{suffix}")
        return squeeze(f"/{folder}/" if name == "index" else f"/{folder}/{name}" + self.ending(suffix))

    def document(self, path: str, label: str, post: Metadata) -> str | None:
        """Where the page of a post, or of another document of a collection, lies; posts without a date have none."""
        pure, suffix = PurePosixPath(path), self.output(PurePosixPath(path).suffix)
        dated = POST_NAME.fullmatch(pure.name)
        if label == "posts" and not dated and "_drafts" not in path:
            return None
        permalink = safe_link(post.raw.get("permalink"))
        if is_absolute(permalink):
            return permalink

        # The categories: folders above `_posts` first, then those of the defaults and of the header.
        special = "_drafts" if "_drafts" in path else f"_{label}"
        categories = [step for step in path.partition(special)[0].split("/") if step]
        defaults = applying_defaults(self.defaults, path, label)
        usual = [default.values["categories"] for default in defaults if "categories" in default.values]
        categories += [word for value in (*usual[-1:], post.raw.get("categories")) for word in plural(value)]
        categories += as_text_list(post.raw.get("category"))

        slug = first_given(post.raw.get("slug"), (dated[1] if dated else pure.stem).rstrip("."))
        values = {
            "collection": label,
            "path": path.removesuffix(pure.suffix).replace(f"_{label}", "", 1).rstrip("."),
            "name": slugify(pure.stem),
            "title": slugify(slug, PUNCTUATION, cased=True),
            "slug": slugify(slug),
            "output_ext": suffix,
            "categories": "/".join(dict.fromkeys(name.lower() for name in categories)),
            "slugified_categories": "/".join(dict.fromkeys(slugify(name) for name in categories)),
        }
        pattern = permalink or self.collections[label] or "/:collection/:path" + self.ending(suffix)
        filled = fill(pattern, values | date_values(post, self.zone))
        return squeeze(filled) if filled is not None else None

    def ending(self, suffix: str) -> str:
        """What the site's style puts behind the path of pages and of documents without a pattern of their own."""
        if self.style == "pretty" or self.style.endswith("/"):
            return "/"
        return suffix if self.style in {"date", "ordinal", "none"} or self.style.endswith(":output_ext") else ""

    def output(self, suffix: str) -> str:
        """The suffix of the page that a file with this suffix becomes."""
        return ".html" if suffix.lower().lstrip(".") in self.markdown else suffix


def find_jekyll(place: Place, path: Path | None) -> GeneratorConfig | None:
    """What Jekyll's configuration says; None for another program's file of that name."""
    if not place.forced and place.files.first(place.root, "_toc.yml"):  # which is Jupyter Book's
        return None
    config = place.files.mapping(path)
    return read_jekyll(config, zone_named(place.zone(as_text(config.get("timezone")))))


def read_jekyll(config: Mapping[str, object], zone: tzinfo) -> GeneratorConfig:
    """The rules that a `_config.yml` sets, and what it says about the site."""
    style = as_text(config.get("permalink")) or "date"
    listed = config.get("collections")
    found = as_mapping(listed) if isinstance(listed, Mapping) else dict.fromkeys(as_text_list(listed))
    patterns = {
        label: as_text(as_mapping(options).get("permalink"))
        for label, options in found.items()
        if is_true(as_mapping(options).get("output"))
    }
    patterns["posts"] = as_text(as_mapping(found.get("posts")).get("permalink")) or STYLES.get(style, style)
    suffixes = tuple((as_text(config.get("markdown_ext")) or MARKDOWN_EXT).lower().replace(" ", "").split(","))
    folder = as_text(config.get("collections_dir"))
    return GeneratorConfig(
        Jekyll(
            style=style,
            collections=patterns,
            defaults=read_defaults(config.get("defaults"), folder),
            markdown=suffixes,
            zone=zone,
            source=named_folder(config.get("source"), "."),
            destination=named_folder(config.get("destination"), "_site"),
            collections_dir=folder,
            include=as_text_list(config.get("include")),
            exclude=tuple(pattern.removeprefix("/") for pattern in as_text_list(config.get("exclude"))),
        ),
        base=as_text(config.get("baseurl")),
        timezone=as_text(config.get("timezone")),
        dialect=Dialect(anchors="kramdown", templates=("tags", "outputs", "attributes")),
        lang=first_given(config.get("lang"), config.get("locale")),
    )


def read_defaults(value: object, collections_dir: str = "") -> tuple[Default, ...]:
    """The defaults that the configuration lists; what is none of the right form is left out."""
    found = []
    for item in value if isinstance(value, list) else []:
        scope, values = as_mapping(as_mapping(item).get("scope")), as_mapping(as_mapping(item).get("values"))
        path, type = as_text(scope.get("path")), as_text(scope.get("type"))
        path = path.removeprefix(f"{collections_dir}/") if collections_dir else path
        found.append(Default(path, OLD_TYPES.get(type, type), {key.lower(): v for key, v in values.items()}))
    return tuple(default for default in found if default.values)


def applying_defaults(defaults: tuple[Default, ...], path: str, type: str) -> list[Default]:
    """Those that are for the file; the later count more."""
    found: list[Default] = []
    highest = (0, False)
    for default in defaults:
        if default.applies(path, type):
            # Those of a longer path count more, then those with a type.
            rank = (len(default.path.lstrip("/")), bool(default.type))
            found.insert(len(found) if rank >= highest else 0, default)
            highest = max(highest, rank)
    return found


def plural(value: object) -> tuple[str, ...]:
    """The items of a list, or the words of a text."""
    return tuple(value.split()) if isinstance(value, str) else as_text_list(value)


JEKYLL = Generator("jekyll", find_jekyll, ("_config.yml", "_config.yaml", "_config.toml"), ("_posts", "_drafts"))
