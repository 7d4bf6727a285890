"""The addresses of pages that Middleman builds, by what `config.rb` says of the blog.

The rules are those of https://middlemanapp.com/basics/blogging/ and
https://middlemanapp.com/advanced/pretty-urls/. The configuration is a program, which is not run: assignments of
texts are looked for in its text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from index.markup.dialect import Dialect
from index.posts.metadata import Metadata
from index.sites.generators import Generator, GeneratorConfig, Place, Rules
from index.sites.generators.addresses import rooted, without_index
from index.sites.generators.paths import path_below, split_date
from index.sites.generators.values import first_given

__all__ = ["MIDDLEMAN", "Middleman", "read_middleman"]

ASSIGNMENT = re.compile(r"""^[ \t]*+\w+\.(prefix|permalink)\s*=\s*["']([^"'#]*)["']""", re.MULTILINE)
ZONE = re.compile(r"""^[ \t]*+(?:Time\.zone\s*=|set\s+:time_zone,)\s*["']([^"'#]*)["']""", re.MULTILINE)
HTTP_PREFIX = re.compile(r"""^[ \t]*+set\s+:http_prefix,\s*["']([^"'#]*)["']""", re.MULTILINE)
PRETTY = re.compile(r"^[ \t]*+activate\s+:directory_indexes", re.MULTILINE)
ARTICLE_FIELD = re.compile(r"\{(\w+)\}|:(\w+)")


@dataclass(frozen=True, slots=True)
class Middleman(Rules):
    """The rules of one Middleman site."""

    pattern: str = "{year}/{month}/{day}/{title}.html"
    prefix: str | None = None
    pretty: bool = False

    def url(self, path: str, post: Metadata) -> str | None:
        inner = path_below(path, "source")
        if inner is None:
            return None
        pure = PurePosixPath(re.sub(r"(?:\.html)?\.[^./]+$", "", inner))
        date, title = split_date(pure.name)
        folder = self.prefix.strip("/") if self.prefix is not None else "/".join(pure.parent.parts)
        if date and (place := path_below(inner, folder)) is not None and "/" not in place:
            found = rooted(folder, self.article(date, first_given(post.raw.get("slug"), title)))
        else:
            found = rooted(f"{pure}.html")
        address = without_index(found)
        return address.removesuffix(".html") + "/" if self.pretty and address.endswith(".html") else address

    def article(self, date: str, title: str) -> str:
        """The path of an article below the prefix; a placeholder that nothing is known of stays as it is."""
        year, month, day = date.split("-")
        values = {"year": year, "month": month.zfill(2), "day": day.zfill(2), "title": title}
        return ARTICLE_FIELD.sub(lambda match: values.get(match[1] or match[2], match[0]), self.pattern)


def find_middleman(place: Place, _: Path | None) -> GeneratorConfig | None:
    """What the text of Middleman's configuration says; names such as `a.html.md` below `source` tell it too."""
    source = place.root / "source"
    path = place.files.first(place.root, "config.rb") if source.is_dir() else None
    doubled = (next(source.glob(pattern), None) for pattern in ("*.html.m*", "*/*.html.m*"))
    if path is None and not any(doubled):
        return None
    return read_middleman(place.files.text(path))


def read_middleman(source: str) -> GeneratorConfig:
    found = dict(ASSIGNMENT.findall(source))
    zone, base = ZONE.search(source), HTTP_PREFIX.search(source)
    rules = Middleman(
        pattern=found.get("permalink", Middleman().pattern),
        prefix=found.get("prefix", "" if source else None),
        pretty=bool(PRETTY.search(source)),
    )
    return GeneratorConfig(
        rules,
        base=base[1] if base else "",
        timezone=zone[1] if zone else "",
        dialect=Dialect(templates=("attributes", "readmore")),
    )


MIDDLEMAN = Generator("middleman", find_middleman)
