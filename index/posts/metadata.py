"""What a header says about a post: the keys and shapes of many generators, with one meaning each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

from index.errors import Finding
from index.posts.dates import date_in_path, read_date
from index.posts.languages import language_tag
from index.posts.names import people, plain_text, terms, text_of
from index.posts.visibility import exclusion, odd_answers, plain_key, prefer, truth, window

__all__ = ["Metadata", "read_metadata"]

TITLE_KEYS = ("title", "pagetitle", "headline", "name")
ALIAS_KEYS = ("aliases", "alias")
AUTHOR_KEYS = ("author", "authors", "by", "byline", "creator", "writer", "msauthor")
TAG_KEYS = ("tags", "tag", "keywords", "keyword", "topics", "topic")
CATEGORY_KEYS = ("category", "categories")
DESCRIPTION_KEYS = ("description", "summary", "excerpt", "deck", "abstract", "lead", "subtitle")
DATE_KEYS = (
    "date", "publishdate", "pubdate", "published", "publishedat", "datepublished", "publisheddate", "publicationdate",
    "publishedon", "created", "createdat", "createdon", "datecreated", "createddate", "creationdate", "posted",
    "postedon", "dateposted", "postdate", "msdate",
)  # fmt: skip
ADDRESS = re.compile(r"/|\.html?$")
"""What an alias of Hugo's and of others is, an old address of the post, and no title."""
LANGUAGE_KEYS = ("lang", "language", "locale")
URL_KEYS = ("permalink", "url", "saveas", "path")
TYPE_KEYS = ("type", "layout", "template")
NESTED_KEYS = ("taxonomies", "params", "extra")
"""Mappings below which Hugo and Zola keep keys that stand at the top elsewhere."""

MAX_DESCRIPTION_CHARS = 2_000
BOOST_RANGE = (0.1, 10.0)
"""The least and the most that a post may ask for."""

MAX_EXPECTED = 32
"""Queries that one post may say it is to be found by."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """All that a header says, as plain data.

    `title`, `lang`, `slug`, `url` and `type` are "" where they are not given; `url` and `slug` are as the author wrote
    them. `excluded` is the reason why the post must not be found, or None. `raw` is the whole header with its keys in
    lower case: values are texts, None, lists and mappings of these.
    """

    title: str = ""
    aliases: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    description: str = ""
    date: datetime | None = None
    lang: str = ""
    slug: str = ""
    url: str = ""
    type: str = ""
    visible_from: datetime | None = None
    visible_to: datetime | None = None
    boost: float = 1.0
    expect: tuple[str, ...] = ()
    excluded: str | None = None
    warnings: tuple[Finding, ...] = ()
    raw: Mapping[str, object] = field(default_factory=dict)


def read_metadata(header: Mapping[str, Any], id: str, *, zone: tzinfo = UTC, generator: str = "none") -> Metadata:
    """The metadata of the post with that id, from the data of its header, and the date else from its path.

    `zone` is that of dates that name none.
    """
    fields = plain_fields(header)
    date, odd_date = read_moment(fields, id, zone)
    start, end, reason, odd_window = window(fields, date, zone)
    boost, odd_boost = read_boost(fields)
    expect, odd_expect = read_expect(fields)
    return Metadata(
        title=first_text(fields, TITLE_KEYS),
        aliases=tuple(term for term in all_terms(fields, ALIAS_KEYS, generator) if not ADDRESS.search(term)),
        author=next((names for key in AUTHOR_KEYS if (names := people(fields.get(key), plural=key == "authors"))), ()),
        tags=all_terms(fields, TAG_KEYS, generator),
        category=all_terms(fields, CATEGORY_KEYS, generator),
        description=first_text(fields, DESCRIPTION_KEYS)[:MAX_DESCRIPTION_CHARS],
        date=date,
        lang=next(filter(None, map(language_tag, given_texts(fields, LANGUAGE_KEYS))), ""),
        slug=next(given_texts(fields, ("slug",)), ""),
        url=next(given_texts(fields, URL_KEYS), ""),
        type=next(given_texts(fields, TYPE_KEYS), ""),
        visible_from=start,
        visible_to=end,
        boost=boost,
        expect=expect,
        excluded=exclusion(fields, id, strict_status=generator == "pelican") or reason,
        warnings=(*odd_date, *odd_window, *odd_boost, *odd_expect, *odd_answers(fields)),
        raw=folded(header, str.lower),
    )


def folded(header: Mapping[str, Any], fold: Any) -> dict[str, object]:
    """The header with its keys folded; of keys that become one, the hiding or else the last value counts."""
    pairs: dict[str, object] = {}
    for key, value in header.items():
        name = fold(str(key))
        pairs[name] = prefer(name, pairs[name], value) if name in pairs else value
    return pairs


def plain_fields(header: Mapping[str, Any]) -> dict[str, object]:
    """The header by plain keys, with what is nested below `taxonomies` and the like where the top has no such key."""
    fields = folded(header, plain_key)
    for name in NESTED_KEYS:
        if isinstance(below := fields.get(name), Mapping):
            for key, value in folded(below, plain_key).items():
                fields[key] = prefer(key, value, fields[key]) if key in fields else value
    return fields


def first_text(fields: Mapping[str, object], keys: tuple[str, ...]) -> str:
    """The first text that stands under one of the keys, without tags and entities."""
    return next((text for key in keys if (text := plain_text(text_of(fields.get(key))))), "")


def given_texts(fields: Mapping[str, object], keys: tuple[str, ...]) -> Iterator[str]:
    """The texts that stand under the keys, as they are written; yes and no are not texts here."""
    for key in keys:
        value = fields.get(key)
        if isinstance(value, str) and value.strip() and truth(value) is not False:
            yield value.strip()


def all_terms(fields: Mapping[str, object], keys: tuple[str, ...], generator: str) -> tuple[str, ...]:
    """All terms under the keys, each once. Jekyll, and only Jekyll, takes spaces in a plural key for separators."""
    found: dict[str, str] = {}
    for key in keys:
        for term in terms(fields.get(key), by_words=generator == "jekyll" and key in {"tags", "categories"}):
            found.setdefault(term.casefold(), term)
    return tuple(found.values())


def read_moment(fields: Mapping[str, object], id: str, zone: tzinfo) -> tuple[datetime | None, tuple[Finding, ...]]:
    """The date from the header, else from the path, and what is odd about it."""
    findings: list[Finding] = []
    for key in DATE_KEYS:
        value = fields.get(key)
        if isinstance(value, Mapping):  # `date: {created: 2023-04-05, updated: 2023-06-07}`
            below = folded(value, plain_key)
            value = next((below[name] for name in DATE_KEYS if below.get(name)), None)
        if value in (None, "") or (key in {"published", "posted"} and truth(value) is not None):
            continue
        reading = read_date(value, zone)
        if reading.oddity:
            findings.append(Finding(f"{key}: {reading.oddity}"))
        if reading.moment:
            return reading.moment, tuple(findings)
    return date_in_path(id, zone), tuple(findings)


def read_boost(fields: Mapping[str, object]) -> tuple[float, tuple[Finding, ...]]:
    """How much the post asks to be raised, within bounds, and what is odd about it."""
    below = fields.get("search")
    value = below.get("boost") if isinstance(below, Mapping) else None
    value = next((one for one in (value, fields.get("searchboost"), fields.get("boost")) if one is not None), None)
    if value in (None, ""):
        return 1.0, ()
    least, most = BOOST_RANGE
    try:
        number = float(str(value))
        if least <= number <= most:
            return number, ()
        bounded = min(max(number, least), most) if number == number else 1.0
    except ValueError:
        bounded = 1.0
    message = f"search.boost: {str(value)[:60]} is not a number from {least:g} to {most:g}; {bounded:g} counts"
    return bounded, (Finding(message),)


def read_expect(fields: Mapping[str, object]) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """The queries that the post is to be found by, and what is odd about them."""
    below = fields.get("search")
    value = below.get("expect") if isinstance(below, Mapping) else None
    values = value if isinstance(value, list) else [] if value is None else [value]
    queries = tuple(" ".join(one.split()) for one in values if isinstance(one, str) and one.strip())
    if len(queries) < len(values) or len(queries) > MAX_EXPECTED:
        message = f"search.expect: give a query, or a list of at most {MAX_EXPECTED}; none counts"
        return (), (Finding(message),)
    return queries, ()
