"""The addresses of posts by the blog plugin of Material for MkDocs, and the names of their authors.

The rules are those of https://squidfunk.github.io/mkdocs-material/plugins/blog/, as Material 9.8 follows them.
"""

from __future__ import annotations

import re
from calendar import month_abbr, month_name
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from posixpath import join, normpath

from index.errors import PostError
from index.posts.header import read_file
from index.posts.metadata import Metadata
from index.sites.generators.config import ConfigFiles
from index.sites.generators.paths import split_path
from index.sites.generators.values import as_mapping, as_text, as_text_list
from index.unicode import normalize

__all__ = ["Blog", "read_blog"]

DATE_PART = re.compile(r"'([^']*)'|(([A-Za-z])\3*)")


@dataclass(frozen=True, slots=True)
class BlogSlugs:
    """How titles become parts of addresses: `case` is that of `pymdownx.slugs.slugify`."""

    separator: str = "-"
    case: str = "lower"

    def make(self, text: str) -> str:
        """The text as such a part; its spaces become separators, one each."""
        text = re.sub(r"</?[^>]*>", "", normalize("NFC", text)).strip()
        lowered = {"lower": text.lower(), "fold": text.casefold()}.get(self.case, text)
        return re.sub(r"[^\w\- ]", "", lowered).replace(" ", self.separator)


@dataclass(frozen=True, slots=True)
class Blog:
    """One blog: the folder that its addresses begin with, that of its posts, and how their addresses are made."""

    folder: str
    posts: str
    url_format: str
    date_format: str
    slugs: BlogSlugs
    categories: BlogSlugs
    max_categories: int
    authors: Mapping[str, str]

    def place(self, path: str, post: Metadata, file: Path) -> str | None:
        """The path of the post's page, without suffix; None without a date, or where the format can't be filled.

        `file` is read where neither slug nor title stand in the header.
        """
        date = date_path(post.date, self.date_format) if post.date else None
        if date is None:
            return None
        names = as_text_list(post.raw.get("categories"))[: self.max_categories]
        stem = split_path(path)[1]
        slug = as_text(post.raw.get("slug"))
        if not slug and "{slug}" in self.url_format:
            title = as_text(post.raw.get("title")) or title_in(file) or stem.replace("-", " ").replace("_", " ")
            slug = self.slugs.make(title)
        values = {"date": date, "slug": slug, "file": stem, "categories": "/".join(map(self.categories.make, names))}
        filled = re.sub(r"\{(\w+)\}", lambda match: values.get(match[1], match[0]), self.url_format)
        return None if "{" in filled else normpath(join(self.folder, filled.strip("/")))


def title_in(file: Path) -> str:
    """The heading that the post begins with, "" where it begins with something else."""
    try:
        body = read_file(file).body
    except (OSError, PostError):
        return ""
    line = next(filter(None, map(str.strip, body.splitlines())), "")
    return line.lstrip("# ") if line.startswith("# ") else ""


def date_path(date: datetime, pattern: str) -> str | None:
    """The date by a pattern such as `yyyy/MM/dd`; None where that has a letter that nothing is known of.

    https://babel.pocoo.org/en/latest/dates.html#date-fields; months have their English names.
    """
    values = {
        "y": str(date.year), "yyyy": f"{date.year:04}", "yy": f"{date.year % 100:02}",
        "M": str(date.month), "MM": f"{date.month:02}", "MMM": month_abbr[date.month], "MMMM": month_name[date.month],
        "d": str(date.day), "dd": f"{date.day:02}",
    }  # fmt: skip
    parts = DATE_PART.findall(pattern)
    if any(letters and letters not in values for _, letters, _ in parts):
        return None
    return DATE_PART.sub(lambda part: values[part[2]] if part[2] else part[1] or "'", pattern)


def read_blog(options: Mapping[str, object], docs: Path, files: ConfigFiles) -> Blog:
    """The blog by the options of the plugin and its file of authors, in the folder of documents."""
    folder = normpath(as_text(options.get("blog_dir")) or "blog")
    path = (as_text(options.get("authors_file")) or "{blog}/.authors.yml").replace("{blog}", folder)
    file = files.first(docs, normpath(path)) if path.endswith((".yml", ".yaml")) else None
    authors = as_mapping(files.mapping(file).get("authors"))
    most = as_text(options.get("post_url_max_categories"))
    return Blog(
        folder=folder,
        posts=normpath((as_text(options.get("post_dir")) or "{blog}/posts").replace("{blog}", folder)),
        url_format=as_text(options.get("post_url_format")) or "{date}/{slug}",
        date_format=as_text(options.get("post_url_date_format")) or "yyyy/MM/dd",
        slugs=read_slugs(options, "post"),
        categories=read_slugs(options, "categories"),
        max_categories=int(most) if most.isdecimal() else 1,
        authors={key: name for key, given in authors.items() if (name := as_text(as_mapping(given).get("name")))},
    )


def read_slugs(options: Mapping[str, object], kind: str) -> BlogSlugs:
    """How slugs of a kind are made: by the separator, and by the words that a function in YAML is called with."""
    slugify = options.get(f"{kind}_slugify")
    words = as_mapping(as_mapping(slugify).get("kwds"))
    usual = "none" if isinstance(slugify, Mapping) else "lower"
    separator = as_text(options.get(f"{kind}_slugify_separator")) or "-"
    return BlogSlugs(separator, case=as_text(words.get("case")) or usual)
