"""The URL of a post's page.

The pattern of the settings counts first, then front matter and configuration by the generator's own rules, then the
path of the file. Whatever a header says, no URL runs a script or leads to another host, but for a `permalink` that is
an absolute http or https URL.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import quote, urlsplit

from index.posts.metadata import Metadata
from index.sites.generators.addresses import is_absolute, is_safe, rooted
from index.sites.generators.jekyll_pattern import DATE_PLACEHOLDERS, slugify
from index.sites.generators.paths import split_date, split_path
from index.sites.generators.plain import plain_path
from index.sites.generators.values import as_text
from index.sites.pattern import PLACEHOLDER, PLACEHOLDERS
from index.sites.site import Site

__all__ = ["permalink"]

UNQUOTED = "/:@!$&'()*+,;=~-._"
"""What a path holds as it is: RFC 3986, section 3.3."""


def permalink(id: str, metadata: Metadata, site: Site) -> str | None:
    """The URL of the post's page; None where the generator makes no page of it, as far as its rules are known."""
    metadata = without_links(metadata, site)
    place = patterned(id, metadata, site.url_pattern) or site.rules.url(site.prefix + id, metadata)
    if place is None and not site.url_pattern:
        return None
    if place and is_absolute(place):
        return encoded(place, UNQUOTED + "%?#[]")
    path = place if place and is_safe(place) else plain_path(id)
    return encoded(site.base_url.rstrip("/"), UNQUOTED + "%") + encoded(path, UNQUOTED)


def without_links(metadata: Metadata, site: Site) -> Metadata:
    """The metadata without a `url` on another host, which is a link that the post is about; a `permalink` is meant."""

    def is_link(value: object) -> bool:
        return is_absolute(url := as_text(value)) and urlsplit(url).hostname not in site.hosts

    own, raw = metadata.url, metadata.raw
    if is_link(own) and own != as_text(raw.get("permalink")):
        own = ""
    if is_link(raw.get("url")):
        raw = {key: value for key, value in raw.items() if key != "url"}
    # A copy takes as long as all else here, and most posts need none.
    same = own == metadata.url and raw is metadata.raw
    return metadata if same else replace(metadata, url=own, raw=raw)


def encoded(place: str, unquoted: str) -> str:
    """The path or URL, percent-encoded but for the characters in `unquoted`; what is no text by its bytes."""
    try:
        return quote(place, safe=unquoted, errors="surrogateescape")
    except UnicodeEncodeError:
        return quote(place, safe=unquoted, errors="replace")


def patterned(id: str, metadata: Metadata, pattern: str) -> str | None:
    """The path by the pattern of the settings; None without one, and where the post has nothing for a placeholder."""
    if not pattern:
        return None
    folder, stem, _ = split_path(id)
    stem = re.sub(r"\.html?$", "", stem)
    place = f"{folder}/{stem}".strip("/")
    own = folder.rpartition("/")[2] if stem.lower() in {"index", "_index"} and folder else stem
    slug = as_text(metadata.slug).strip("/")
    categories = [slugify(name) for name in metadata.category]
    values = {
        "slug": slug if slug and is_safe(f"/{slug}") else slugify(split_date(own)[1]),
        "title": slugify(metadata.title),
        "filename": own,
        "path": place.removesuffix("/index").removesuffix("/_index"),
        "section": folder.partition("/")[0],
        "sections": folder,
        "category": (categories or [""])[0],
        "categories": "/".join(dict.fromkeys(categories)),
        "lang": metadata.lang,
    }
    if date := metadata.date:
        values |= {name: date.strftime(form) for name, form in DATE_PLACEHOLDERS.items() if name in PLACEHOLDERS}
    if any(name not in values for name in PLACEHOLDER.findall(pattern)):
        return None
    filled = PLACEHOLDER.sub(lambda match: values[match[1]], pattern)
    return filled if pattern.startswith(("http://", "https://")) else rooted(filled)
