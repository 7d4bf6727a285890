"""What an HTTP request asks for: its query string, checked, as `Parameters` that links can be made of again.

Strict reading, for programs, refuses names that it does not know and values given twice; lenient reading, for the
results page, passes over them, since links gather `utm_…` and the like on their way.
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from urllib.parse import parse_qsl, urlencode

from index.errors import ParameterError
from index.settings import Settings
from search.query import Filters, Query, Sort, counting_number, sort_named
from search.service import Search
from search.web.suggestions import MAX_SUGGESTIONS

__all__ = [
    "CALENDAR",
    "LISTS",
    "MAX_NUMBER",
    "MAX_PAGE",
    "MAX_VALUES",
    "SIMILAR",
    "SIMILAR_COUNT",
    "SINGLE",
    "Parameters",
    "period",
    "read_parameters",
    "read_similar",
    "typed_words",
]

LISTS = ("tag", "author", "category", "lang")
"""The parameters that may be given several times, any of whose values will do."""

SINGLE = ("q", "from", "to", "sort", "page", "per_page", "prefix", "typos", "explain", "suggest")
"""The parameters that are given once."""

SIMILAR = ("id", "count")
"""The parameters of posts like one."""

SIMILAR_COUNT = 5
"""How many posts like one there are, unless told."""

MAX_PAGE = 1000
MAX_PARAMETERS = 100
MAX_VALUES = 20
"""How often one name may be given."""

MAX_VALUE_CHARS = 2000
"""More than the parser reads of a query, which says so in a warning; it keeps the links of a page from growing."""

MAX_NUMBER = 10**9 - 1
UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
DIGITS = re.compile(r"[0-9]{1,9}")
PERIOD = re.compile(r"([12][0-9]{3})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")

LEAP = "(?:[12][0-9](?:0[48]|[2468][048]|[13579][26])|(?:12|16|20|24|28)00)"
CALENDAR = (
    r"^(?:[12][0-9]{3}(?:-(?:0[1-9]|1[0-2])"
    r"|-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|-(?:0[13-9]|1[0-2])-(?:29|30)|-(?:0[13578]|1[02])-31)?"
    rf"|{LEAP}-02-29)$"
)
"""The dates that `period` takes, as a pattern for those who have nothing but patterns to say it with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """A request as it was put, checked; `since` and `until` are the texts of `from` and `to`, such as `2013-06`.

    `prefix` says that the last word may be the beginning of one, `typos` that misspelt words are mended, `explain` that
    hits tell the parts of their scores; `suggest` completions of the text are told at most.
    """

    q: str = ""
    tag: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    lang: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    sort: Sort = "relevance"
    page: int = 1
    per_page: int = 10
    prefix: bool = False
    typos: bool = True
    explain: bool = False
    suggest: int = 0

    @property
    def filtered(self) -> bool:
        """Whether anything but the words narrows the hits."""
        return any((self.tag, self.author, self.category, self.lang, self.since, self.until))

    @property
    def asks(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self.q.strip()) or self.filtered

    def query(self, service: Search, zone: tzinfo) -> Query:
        """The query for the service, with the days of `from` and `to` beginning and ending in the zone."""
        filters = Filters(
            tag=self.tag,
            author=self.author,
            category=self.category,
            lang=self.lang,
            since=period(self.since, zone)[0] if self.since else None,
            until=period(self.until, zone)[1] if self.until else None,
        )
        return service.query(
            self.q,
            filters,
            sort=self.sort,
            page=self.page,
            per_page=self.per_page,
            prefix=self.prefix,
            typos=self.typos,
        )

    def query_string(self, usual_per_page: int, **changes: Any) -> str:
        """The query string of a results page for the same request with changes; what is usual is left out."""
        other = replace(self, **changes)
        return urlencode(other.pairs(usual_per_page), errors="replace")

    def pairs(self, usual_per_page: int) -> list[tuple[str, str]]:
        """The names and values that ask for this, without those that go without saying."""
        pairs = [
            ("q", self.q),
            *((name, value) for name in LISTS for value in getattr(self, name)),
            ("from", self.since),
            ("to", self.until),
            ("sort", self.sort if self.sort != "relevance" else ""),
            ("page", str(self.page) if self.page > 1 else ""),
            ("per_page", str(self.per_page) if self.per_page != usual_per_page else ""),
            ("prefix", "1" if self.prefix else ""),
            ("typos", "" if self.typos else "0"),
        ]
        return [(name, value) for name, value in pairs if value]


def read_parameters(query_string: bytes, settings: Settings, *, strict: bool = True, prefix: bool = True) -> Parameters:
    """The parameters in a query string as it came over the wire; `prefix` is what that one is unless given.

    Raises `ParameterError`; blank texts count as none.
    """
    given = values_by_name(query_string, strict=strict)
    one = {name: values[0] for name, values in given.items()}
    chosen: dict[str, tuple[str, ...]] = {}
    for name in LISTS:
        values = (value.strip()[:MAX_VALUE_CHARS] for value in given.get(name, []))
        chosen[name] = tuple(dict.fromkeys(filter(None, values)))
        if len(chosen[name]) > MAX_VALUES:
            raise ParameterError(
                "too_many_values", f"{name} is given {len(chosen[name])} times; give it at most {MAX_VALUES} times"
            )
    page = number("page", one.get("page", "1"))
    if page > MAX_PAGE:
        raise ParameterError("invalid_page", f"page is {page}; give 1 to {MAX_PAGE}, or narrow the search")
    suggest = one.get("suggest", "0")
    if not DIGITS.fullmatch(suggest) or int(suggest) > MAX_SUGGESTIONS:
        raise ParameterError(
            "invalid_suggest",
            f"suggest is {reprlib.repr(suggest)}; give a whole number from 0 to {MAX_SUGGESTIONS} in the digits 0 to 9",
        )
    return Parameters(
        **chosen,
        q=one.get("q", "")[:MAX_VALUE_CHARS],
        since=date_text("from", one.get("from", "")),
        until=date_text("to", one.get("to", "")),
        sort=sort_named(one.get("sort") or "relevance"),
        page=page,
        per_page=min(number("per_page", one.get("per_page", str(settings.per_page))), settings.max_per_page),
        prefix=flag("prefix", one, usual=prefix),
        typos=flag("typos", one, usual=True),
        explain=flag("explain", one, usual=False),
        suggest=int(suggest),
    )


def typed_words(query_string: bytes) -> Parameters:
    """Only what was typed, for a page that has to say what is wrong with the rest. Never fails."""
    try:
        return Parameters(q="".join(values_by_name(query_string, strict=False).get("q", [])[:1])[:MAX_VALUE_CHARS])
    except ParameterError:
        return Parameters()


def read_similar(query_string: bytes, settings: Settings) -> tuple[str, int]:
    """The id of a post, and how many that are like it are wanted. Raises `ParameterError`."""
    given = {name: values[0] for name, values in values_by_name(query_string, strict=True, known=SIMILAR).items()}
    if not given.get("id"):
        raise ParameterError("invalid_id", "id is missing; give the path of a post below the posts folder")
    size = number("count", given.get("count", str(SIMILAR_COUNT)))
    return given["id"][:MAX_VALUE_CHARS], min(size, settings.max_per_page)


def values_by_name(
    query_string: bytes, *, strict: bool, known: Collection[str] = (*SINGLE, *LISTS)
) -> dict[str, list[str]]:
    """The values of each known name that is given, in order, free of what can't be shown."""
    text = query_string.decode("utf-8", "replace")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=MAX_PARAMETERS)
    except ValueError as error:
        raise ParameterError("too_many_parameters", f"give at most {MAX_PARAMETERS} parameters") from error
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        if name in known:
            if strict and name not in LISTS and name in given:
                raise ParameterError("repeated_parameter", f"{name} is given more than once; give it once")
            given.setdefault(name, []).append(UNSHOWABLE.sub(" ", value))
        elif strict:
            names = ", ".join(known)
            raise ParameterError("unknown_parameter", f"{name[:50]!r} is not a parameter; these are: {names}")
    return given


def number(name: str, text: str) -> int:
    # int() alone would take `1_0`, `+1` and the digits of all scripts, each a second spelling of one request.
    if not DIGITS.fullmatch(text):
        raise ParameterError(
            f"invalid_{name}", f"{name} is {reprlib.repr(text)}; give a whole number from 1 in the digits 0 to 9"
        )
    return counting_number(name, int(text))


def flag(name: str, given: Mapping[str, str], *, usual: bool) -> bool:
    if name in given and given[name] not in {"0", "1"}:
        raise ParameterError(f"invalid_{name}", f"{name} is {reprlib.repr(given[name])}; give 1 or 0")
    return given[name] == "1" if name in given else usual


def date_text(name: str, text: str) -> str:
    """The text, if it is blank or names a year, a month or a day."""
    wanted = text.strip()
    try:
        if wanted:
            period(wanted, UTC)
    except ValueError as error:
        raise ParameterError(
            f"invalid_{name}",
            f"{name} is {reprlib.repr(wanted)}; give a date of the calendar: YYYY, YYYY-MM or YYYY-MM-DD",
        ) from error
    return wanted


def period(text: str, zone: tzinfo) -> tuple[datetime, datetime]:
    """When a year, month or day begins, and when the next one does. Raises `ValueError` where it names none."""
    match = PERIOD.fullmatch(text)
    if not match:
        raise ValueError(text)
    year, month, day = (int(part) if part else 0 for part in match.groups())
    start = datetime(year, month if match[2] else 1, day if match[3] else 1, tzinfo=zone)
    if match[3]:
        return start, start + timedelta(days=1)
    if match[2]:
        return start, datetime(year + month // 12, month % 12 + 1, 1, tzinfo=zone)
    return start, datetime(year + 1, 1, 1, tzinfo=zone)
