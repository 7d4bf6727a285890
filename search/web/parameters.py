"""What an HTTP request asks for: its query string, checked, as `Parameters` that links can be made of again.

Strict reading, for programs, refuses what it does not know, can't use or is given twice; lenient reading, for the
results page and the feed, passes over it, since links gather `utm_…` and the like on their way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import MAXYEAR, UTC, datetime, timedelta, tzinfo
from itertools import accumulate
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode

from index.errors import ParameterError
from index.settings import Settings
from search.query import SNIPPET_CHARS, SORTS, Filters, Query, Sort, sort_named
from search.query.parser import shown
from search.sentences import ENGLISH
from search.service import Search
from search.web.suggestions import MAX_SUGGESTIONS

__all__ = [
    "CALENDAR",
    "LISTS",
    "MAX_NUMBER",
    "MAX_PAGE",
    "MAX_VALUES",
    "MAX_WAIT_SECONDS",
    "SIMILAR",
    "SIMILAR_COUNT",
    "SINGLE",
    "YEAR",
    "Parameters",
    "period",
    "read_parameters",
    "read_similar",
    "read_wait",
    "typed_words",
]

LISTS = ("tag", "author", "category", "lang", "year", "site")
"""The parameters that may be given several times, any of whose values will do."""

SINGLE = ("q", "from", "to", "sort", "page", "per_page", "prefix", "typos", "explain", "suggest", "snippet_chars", "hl")
"""The parameters that are given once."""

SIMILAR = ("id", "count", "hl")
"""The parameters of posts like one."""

SIMILAR_COUNT = 5
"""How many posts like one there are, unless told."""

T = TypeVar("T")
MAX_PAGE = 1000
MAX_PARAMETERS = 100
MAX_VALUES = 20
"""How often one name may be given."""

MAX_VALUE_CHARS = 2000
"""Of one value, and on pages of all filters together, whose links repeat them; more than is read of a query, which
says so in a warning."""

MAX_WAIT_SECONDS = 20
"""For a run of the indexer, before who asked for it is told to ask again: gunicorn takes a worker for dead after 30,
and many a proxy hangs up."""

MAX_LANG_CHARS = 35
"""As long as the names of languages get (RFC 5646)."""

MIN_SNIPPET_CHARS, MAX_SNIPPET_CHARS = 20, 1000

MAX_NUMBER = 10**9 - 1
DIGITS = re.compile(f"[0-9]{{1,{len(str(MAX_NUMBER))}}}")
UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
YEAR = re.compile("[1-9][0-9]{0,3}")
"""A year as facets name it."""

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
    hits tell the parts of their scores; `suggest` completions of the text are told at most, and snippets are about
    `snippet_chars` characters long. `hl` is the language that visitors are told things in, where the request names one.
    """

    q: str = ""
    tag: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    lang: tuple[str, ...] = ()
    year: tuple[str, ...] = ()
    site: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    sort: Sort = "relevance"
    page: int = 1
    per_page: int = 10
    prefix: bool = False
    typos: bool = True
    explain: bool = False
    suggest: int = 0
    snippet_chars: int = SNIPPET_CHARS
    hl: str = ""

    @property
    def asks(self) -> bool:
        """Whether there is anything to look for: words, or what narrows the hits."""
        return bool(self.q.strip()) or any(getattr(self, name) for name in (*LISTS, "since", "until"))

    def query(self, service: Search, zone: tzinfo) -> Query:
        """The query for the service, with the days of `from` and `to` beginning and ending in the zone."""
        filters = Filters(
            tag=self.tag,
            author=self.author,
            category=self.category,
            lang=self.lang,
            since=period(self.since, zone)[0] if self.since else None,
            until=period(self.until, zone)[1] if self.until else None,
            year=tuple(map(int, self.year)),
            site=self.site,
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
            ("hl", self.hl),
        ]
        return [(name, value) for name, value in pairs if value]


def read_parameters(query_string: bytes, settings: Settings, *, strict: bool = True, prefix: bool = True) -> Parameters:
    """The parameters in a query string as it came over the wire; `prefix` is what that one is unless given.

    Read leniently, a list of all posts that an order or a page is asked of has no relevance: it is by date. Raises
    `ParameterError`; blank texts count as none.
    """
    given = values_by_name(query_string, strict=strict)
    one = {name: values[0] for name, values in given.items()}

    def used(name: str, read: Callable[[str, str], T], usual: T) -> T:
        """What `read` makes of the value of the parameter; the usual value where none is given."""
        with nullcontext() if strict else suppress(ParameterError):
            return read(name, one[name]) if name in one else usual
        return usual

    def within(least: int, most: int, *, cut: bool = False) -> Callable[[str, str], int]:
        return lambda name, text: number(name, text, least, most, cut=cut or not strict)

    chosen: dict[str, tuple[str, ...]] = {}
    for name in LISTS:
        values = tuple(dict.fromkeys(filter(None, (value.strip()[:MAX_VALUE_CHARS] for value in given.get(name, [])))))
        if strict and len(values) > MAX_VALUES:
            raise refusal("too_many_values", "too_many_values", name=name, count=len(values), most=MAX_VALUES)
        chosen[name] = values[:MAX_VALUES]
    if not strict:
        reached = accumulate(len(value) for values in chosen.values() for value in values)
        chosen = {name: tuple(v for v in values if next(reached) <= MAX_VALUE_CHARS) for name, values in chosen.items()}
    years = [year for year in chosen["year"] if YEAR.fullmatch(year)]
    if strict and len(years) < len(chosen["year"]):
        wrong = next(year for year in chosen["year"] if year not in years)
        raise refusal("invalid_year", "unusable_number", name="year", value=shown(wrong), least=1, most=MAXYEAR)
    chosen["year"] = tuple(years)
    sort = used("sort", order, None) if one.get("sort") else None
    page = used("page", within(1, MAX_PAGE), None)
    per_page = used("per_page", within(1, settings.max_per_page, cut=True), None)
    asked = Parameters(
        **chosen,
        q=one.get("q", "")[:MAX_VALUE_CHARS],
        since=used("from", date_text, ""),
        until=used("to", date_text, ""),
        sort=sort or "relevance",
        page=page or 1,
        per_page=per_page or settings.per_page,
        prefix=used("prefix", flag, prefix),
        typos=used("typos", flag, True),
        explain=used("explain", flag, False),
        suggest=used("suggest", within(0, MAX_SUGGESTIONS), 0),
        snippet_chars=used("snippet_chars", within(MIN_SNIPPET_CHARS, MAX_SNIPPET_CHARS, cut=True), SNIPPET_CHARS),
        hl=one.get("hl", "").strip()[:MAX_LANG_CHARS],
    )
    listing = not strict and not asked.asks and (sort or page or per_page)
    return replace(asked, sort="newest") if listing and sort != "oldest" else asked


def typed_words(query_string: bytes) -> Parameters:
    """Only what was typed, and the language, for a page that has to say what is wrong with the rest. Never fails."""
    try:
        given = values_by_name(query_string, strict=False, known=("q", "hl"))
    except ParameterError:
        return Parameters()
    q, hl = ("".join(given.get(name, [])[:1]) for name in ("q", "hl"))
    return Parameters(q=q[:MAX_VALUE_CHARS], hl=hl.strip()[:MAX_LANG_CHARS])


def read_similar(query_string: bytes, settings: Settings) -> tuple[str, int]:
    """The id of a post, and how many that are like it are wanted. Raises `ParameterError`."""
    given = {name: values[0] for name, values in values_by_name(query_string, strict=True, known=SIMILAR).items()}
    if not given.get("id"):
        raise refusal("invalid_id", "missing_id")
    size = number("count", given.get("count", str(SIMILAR_COUNT)), 1, settings.max_per_page, cut=True)
    return given["id"][:MAX_VALUE_CHARS], size


def read_wait(query_string: bytes) -> int:
    """How many seconds a run of the indexer is waited for. Raises `ParameterError`."""
    [given] = values_by_name(query_string, strict=True, known=["wait"]).get("wait") or [str(MAX_WAIT_SECONDS)]
    return number("wait", given, 0, MAX_WAIT_SECONDS)


def values_by_name(
    query_string: bytes, *, strict: bool, known: Collection[str] = (*SINGLE, *LISTS)
) -> dict[str, list[str]]:
    """The values of each known name that is given, in order, free of what can't be shown."""
    text = query_string.decode("utf-8", "replace")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=MAX_PARAMETERS)
    except ValueError as error:
        raise refusal("too_many_parameters", "too_many_parameters", most=MAX_PARAMETERS) from error
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        if name in known:
            if strict and name not in LISTS and name in given:
                raise refusal("repeated_parameter", "repeated_parameter", name=name)
            given.setdefault(name, []).append(UNSHOWABLE.sub(" ", value))
        elif strict:
            raise refusal("unknown_parameter", "unknown_parameter", name=shown(name), known=", ".join(known))
    return given


def refusal(code: str, sentence: str, **params: str | int) -> ParameterError:
    """The error of this code, over a parameter, told by a sentence of the tables."""
    return ParameterError(code, ENGLISH(sentence, **params), sentence, params)


def number(name: str, text: str, least: int, most: int, *, cut: bool = False) -> int:
    """The number from `least` to `most`; one that is too large is an error unless it is to be `cut`."""
    # int() alone would take `1_0`, `+1` and the digits of all scripts, each a second spelling of one request.
    if not DIGITS.fullmatch(text) or int(text) < least or (int(text) > most and not cut):
        raise refusal(f"invalid_{name}", "unusable_number", name=name, value=shown(text), least=least, most=most)
    return min(int(text), most)


def order(name: str, text: str) -> Sort:
    if text not in SORTS:
        raise refusal(f"invalid_{name}", "unusable_choice", name=name, value=shown(text), choices=", ".join(SORTS))
    return sort_named(text)


def flag(name: str, text: str) -> bool:
    if text not in {"0", "1"}:
        raise refusal(f"invalid_{name}", "unusable_flag", name=name, value=shown(text))
    return text == "1"


def date_text(name: str, text: str) -> str:
    """The text, if it is blank or names a year, a month or a day."""
    wanted = text.strip()
    try:
        if wanted:
            period(wanted, UTC)
    except ValueError as error:
        raise refusal(f"invalid_{name}", "unusable_date", name=name, value=shown(wanted)) from error
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
