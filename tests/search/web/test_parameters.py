"""The parameters of a request: what is taken, what it becomes, and what is refused with which code."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import ParameterError
from index.settings import Settings
from search.query import Filters, Word
from search.service import Search
from search.web.parameters import MAX_PAGE, MAX_VALUES, Parameters, period, read_parameters, typed_words

SETTINGS = Settings(per_page=10, max_per_page=50)
SERVICE = Search(SETTINGS)


def read(query_string: str, *, strict: bool = True) -> Parameters:
    return read_parameters(query_string.encode("utf-8", "surrogateescape"), SETTINGS, strict=strict)


@pytest.mark.parametrize(
    ("query_string", "code"),
    [
        ("page=0", "invalid_page"),
        ("page=-1", "invalid_page"),
        ("page=%2B1", "invalid_page"),
        ("page=abc", "invalid_page"),
        ("page=1e3", "invalid_page"),
        ("page=1.0", "invalid_page"),
        ("page=0x10", "invalid_page"),
        ("page=1_0", "invalid_page"),
        ("page=", "invalid_page"),
        ("page=+1", "invalid_page"),
        ("page=%C2%B2", "invalid_page"),
        ("page=%D9%A1", "invalid_page"),
        ("page=%EF%BC%91", "invalid_page"),
        ("page=1%00", "invalid_page"),
        ("page=1%0A", "invalid_page"),
        (f"page={MAX_PAGE + 1}", "invalid_page"),
        (f"page={10**30}", "invalid_page"),
        (f"page={'9' * 5000}", "invalid_page"),
        ("per_page=0", "invalid_per_page"),
        ("per_page=-1", "invalid_per_page"),
        ("per_page=1_0", "invalid_per_page"),
        ("per_page=%D9%A1", "invalid_per_page"),
        ("per_page=", "invalid_per_page"),
        ("per_page=all", "invalid_per_page"),
        (f"per_page={10**30}", "invalid_per_page"),
        ("prefix=yes", "invalid_prefix"),
        ("prefix=", "invalid_prefix"),
        ("prefix=2", "invalid_prefix"),
        ("typos=", "invalid_typos"),
        ("typos=no", "invalid_typos"),
        ("explain=", "invalid_explain"),
        ("explain=true", "invalid_explain"),
        ("suggest=", "invalid_suggest"),
        ("suggest=9", "invalid_suggest"),
        ("suggest=-1", "invalid_suggest"),
        ("suggest=%D9%A1", "invalid_suggest"),
        ("snippet_chars=", "invalid_snippet_chars"),
        ("snippet_chars=19", "invalid_snippet_chars"),
        ("sort=date", "invalid_sort"),
        ("sort=Relevance", "invalid_sort"),
        ("from=yesterday", "invalid_from"),
        ("from=2013-02-30", "invalid_from"),
        ("from=2013-13", "invalid_from"),
        ("from=2013-00", "invalid_from"),
        ("from=2013-06-00", "invalid_from"),
        ("from=2013-6", "invalid_from"),
        ("from=0000", "invalid_from"),
        ("from=9999", "invalid_from"),
        ("from=2013-06-19T10:00", "invalid_from"),
        ("to=%D9%A2%D9%A0%D9%A1%D9%A3", "invalid_to"),
        ("to=20130619", "invalid_to"),
        *((f"year={year}", "invalid_year") for year in ("x", "0", "02013", "20130", "-1", "%D9%A2", "2013-06")),
        ("year=2013&year=x", "invalid_year"),
        ("&".join(f"year={n}" for n in range(2000, 2021)), "too_many_values"),
        ("limit=0", "unknown_parameter"),
        ("Q=a", "unknown_parameter"),
        ("utm_source=mail", "unknown_parameter"),
        ("=a", "unknown_parameter"),
        ("q%00=a", "unknown_parameter"),
        ("q=a&q=b", "repeated_parameter"),
        ("page=1&page=1", "repeated_parameter"),
        ("&".join(f"tag={n}" for n in range(21)), "too_many_values"),
        ("&".join(f"tag={n}" for n in range(200)), "too_many_parameters"),
        ("&" * 10_000, "too_many_parameters"),
    ],
)
def test_what_cannot_be_given_is_refused_by_name(query_string: str, code: str) -> None:
    with pytest.raises(ParameterError) as caught:
        read(query_string)

    assert caught.value.code == code
    assert len(caught.value.message) < 300


@pytest.mark.parametrize(
    ("query_string", "wanted"),
    [
        ("", {}),
        ("q=", {}),
        ("q=a+b%2Bc", {"q": "a b+c"}),
        ("q=%E6%9D%B1%E4%BA%AC", {"q": "東京"}),
        ("q=東京", {"q": "東京"}),
        ("q=a%00b", {"q": "a b"}),
        ("q=a%1B%5B31m", {"q": "a [31m"}),
        ("q=%ff", {"q": "\ufffd"}),
        ("q=%ED%A0%80", {"q": "\ufffd" * 3}),
        ("q=\udcff", {"q": "\ufffd"}),
        ("q=a&", {"q": "a"}),
        ("q=" + "x" * 5000, {"q": "x" * 2000}),
        ("tag=kvm&tag=ovirt&tag=kvm", {"tag": ("kvm", "ovirt")}),
        ("tag=&tag=+&author=", {}),
        ("tag=+web+dev+", {"tag": ("web dev",)}),
        ("author=NARUSE,+Yui", {"author": ("NARUSE, Yui",)}),
        ("category=a&lang=pt-br", {"category": ("a",), "lang": ("pt-br",)}),
        ("year=2024&year=2011&year=2024&year=+", {"year": ("2024", "2011")}),
        ("site=docs&site=blog&site=docs", {"site": ("docs", "blog")}),
        ("year=999&from=2013", {"year": ("999",), "since": "2013"}),
        ("from=2013&to=2013-06-19", {"since": "2013", "until": "2013-06-19"}),
        ("from=&to=&sort=", {}),
        ("from=2012-02-29", {"since": "2012-02-29"}),
        ("sort=newest", {"sort": "newest"}),
        ("page=1000", {"page": 1000}),
        ("page=007", {"page": 7}),
        ("per_page=50", {"per_page": 50}),
        ("per_page=51", {"per_page": 50}),
        ("per_page=999999999", {"per_page": 50}),
        ("prefix=0", {"prefix": False}),
        ("typos=0", {"typos": False}),
        ("typos=1", {"typos": True}),
        ("explain=0", {"explain": False}),
        ("explain=1", {"explain": True}),
        ("suggest=0", {"suggest": 0}),
        ("suggest=8", {"suggest": 8}),
    ],
)
def test_what_can_be_given_is_taken(query_string: str, wanted: dict[str, object]) -> None:
    assert read(query_string) == Parameters(**{"prefix": True} | wanted)  # type: ignore[arg-type]


@pytest.mark.parametrize("query_string", ["utm_source=mail&q=a", "q=a&q=b", "fbclid=1&q=a&limit=-1", "q=a&year=x"])
def test_lenient_reading_passes_over_what_it_does_not_know(query_string: str) -> None:
    assert read(query_string, strict=False) == Parameters(q="a", prefix=True)


@pytest.mark.parametrize(
    "query_string",
    [
        "page=abc",
        "page=0",
        "page=",
        "per_page=x",
        "sort=date",
        "from=never",
        "to=2013-02-30",
        "prefix=yes",
        "suggest=x",
        "year=MM",
    ],
)
def test_lenient_reading_passes_over_what_it_can_not_use(query_string: str) -> None:
    assert read(f"q=a&tag=b&{query_string}", strict=False) == Parameters(q="a", tag=("b",), prefix=True)


def test_lenient_reading_takes_as_much_as_there_may_be() -> None:
    tags = [str(number) for number in range(MAX_VALUES + 5)]
    found = read("&".join(["page=999999", *(f"tag={tag}" for tag in tags)]), strict=False)

    assert (found.page, found.tag) == (MAX_PAGE, tuple(tags[:MAX_VALUES]))


def test_a_message_shortens_the_name_it_repeats() -> None:
    with pytest.raises(ParameterError) as caught:
        read("x" * 9000 + "=1")

    assert len(caught.value.message) < 300


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2013", (2013, 1, 1), (2014, 1, 1)),
        ("2013-06", (2013, 6, 1), (2013, 7, 1)),
        ("2013-12", (2013, 12, 1), (2014, 1, 1)),
        ("2013-06-19", (2013, 6, 19), (2013, 6, 20)),
        ("2012-12-31", (2012, 12, 31), (2013, 1, 1)),
        ("2999", (2999, 1, 1), (3000, 1, 1)),
    ],
)
def test_a_period_reaches_from_its_first_day_to_the_next(
    text: str, start: tuple[int, int, int], end: tuple[int, int, int]
) -> None:
    assert period(text, UTC) == (datetime(*start, tzinfo=UTC), datetime(*end, tzinfo=UTC))


def test_the_last_day_is_within_the_filter() -> None:
    filters = read("from=2013-06&to=2013-06-19").query(SERVICE, UTC).filters

    assert filters.since == datetime(2013, 6, 1, tzinfo=UTC)
    assert filters.until == datetime(2013, 6, 20, tzinfo=UTC)


def test_days_begin_in_the_zone_of_the_site_also_where_clocks_change() -> None:
    start, end = period("2013-03-31", ZoneInfo("Europe/Berlin"))

    assert start.tzinfo == ZoneInfo("Europe/Berlin")
    assert end.astimezone(UTC) - start.astimezone(UTC) == timedelta(hours=23)


def test_the_query_holds_all_that_was_asked() -> None:
    asked = read(
        "q=beds&tag=t&author=w&category=c&lang=de&year=2013&site=docs&sort=oldest&page=3&per_page=5&prefix=0&typos=0"
    )
    query = asked.query(SERVICE, UTC)

    assert (query.text, query.clauses) == ("beds", (Word("beds"),))
    assert (query.sort, query.page, query.per_page, query.typos) == ("oldest", 3, 5, False)
    assert query.filters == Filters(("t",), ("w",), ("c",), ("de",), year=(2013,), site=("docs",))


WORDS = st.text(min_size=1, max_size=20)
ASKED = st.builds(
    Parameters,
    q=WORDS,
    tag=st.lists(WORDS, max_size=3).map(tuple),
    year=st.lists(st.integers(1, 9999).map(str), max_size=3).map(tuple),
    since=st.sampled_from(["", "2013", "2013-06"]),
    sort=st.sampled_from(["relevance", "newest", "oldest"]),
    page=st.integers(1, MAX_PAGE),
    per_page=st.integers(1, 50),
    typos=st.booleans(),
)


@settings(max_examples=150, print_blob=True)
@given(ASKED)
def test_the_query_string_of_a_request_reads_as_the_same_request(asked: Parameters) -> None:
    taken = read(asked.query_string(SETTINGS.per_page), strict=True)

    assert read(taken.query_string(SETTINGS.per_page), strict=True) == taken
    assert (taken.year, taken.since, taken.sort, taken.page, taken.per_page) == (
        tuple(dict.fromkeys(asked.year)),
        asked.since,
        asked.sort,
        asked.page,
        asked.per_page,
    )


@settings(max_examples=300, print_blob=True)
@given(
    st.binary(max_size=200) | st.text(max_size=80).map(lambda text: urlencode({"q": text}, errors="replace").encode())
)
def test_no_query_string_does_worse_than_be_refused(query_string: bytes) -> None:
    typed_words(query_string).q.encode("utf-8")
    for strict in (True, False):
        try:
            asked = read_parameters(query_string, SETTINGS, strict=strict)
        except ParameterError:
            continue
        repr(asked).encode("utf-8")
        asked.query(SERVICE, UTC)
