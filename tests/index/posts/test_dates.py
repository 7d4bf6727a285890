"""Every form of a date that was met in real posts, and what is none."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.posts.dates import date_in_path, read_date


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2013-06-19", "2013-06-19T00:00:00+00:00"),
        ("2013-06-07 18:46", "2013-06-07T18:46:00+00:00"),
        ("2013-12-19 21:28 UTC", "2013-12-19T21:28:00+00:00"),
        ("2013-04-03 15:13:23 Z", "2013-04-03T15:13:23+00:00"),
        ("2017-01-20T09:00:00.000Z", "2017-01-20T09:00:00+00:00"),
        ("2009-02-04 11:55:44 +0000", "2009-02-04T11:55:44+00:00"),
        ("2013-12-02 7:37:00 -0400", "2013-12-02T07:37:00-04:00"),
        ("2013-06-19 15:23:37 +0900", "2013-06-19T15:23:37+09:00"),
        ("2013-06-19T10:00:00+05:30", "2013-06-19T10:00:00+05:30"),
        ("2008-04-16 17:00:16.000000000 -04:00", "2008-04-16T17:00:16-04:00"),
        ("2013-06-19T18:00:00.123456789Z", "2013-06-19T18:00:00.123456+00:00"),
        ("2013-06-19 10:00:00 UTC+02:00", "2013-06-19T10:00:00+02:00"),
        ("2016-03-22 14:00 EDT", "2016-03-22T14:00:00-04:00"),
        ("2013-06-19 10:00 Europe/Berlin", "2013-06-19T10:00:00+02:00"),
        ("2013-06-19 10:30 pm", "2013-06-19T22:30:00+00:00"),
        ("2013-06-19 12:30 am", "2013-06-19T00:30:00+00:00"),
        ("2016-03-03 3:00", "2016-03-03T03:00:00+00:00"),
        ("2020-12-2", "2020-12-02T00:00:00+00:00"),
        ("2024-4-09", "2024-04-09T00:00:00+00:00"),
        ("2013/06/19", "2013-06-19T00:00:00+00:00"),
        ("01/27/2026", "2026-01-27T00:00:00+00:00"),
        ("31/12/2013", "2013-12-31T00:00:00+00:00"),
        ("19.06.2013", "2013-06-19T00:00:00+00:00"),
        ("September 8, 2014", "2014-09-08T00:00:00+00:00"),
        ("Sept. 8th, 2014", "2014-09-08T00:00:00+00:00"),
        ("8 September 2014", "2014-09-08T00:00:00+00:00"),
        ("19-Jun-2013", "2013-06-19T00:00:00+00:00"),
        ("Wed, 19 Jun 2013 10:00:00 +0900", "2013-06-19T10:00:00+09:00"),
        ("Tue Jun 18 10:00:00 PDT 2013", "2013-06-18T10:00:00-07:00"),
        ("June 2013", "2013-06-01T00:00:00+00:00"),
        ("2013-06", "2013-06-01T00:00:00+00:00"),
        ("20130619", "2013-06-19T00:00:00+00:00"),
        ("1371600000", "2013-06-19T00:00:00+00:00"),
        ("  '2013-06-19' ", "2013-06-19T00:00:00+00:00"),
    ],
)
def test_a_date_is_read(text: str, expected: str) -> None:
    reading = read_date(text)

    assert reading.moment is not None
    assert reading.moment.isoformat() == expected
    assert reading.oddity == ""


@pytest.mark.parametrize(
    "value",
    [
        "2013-02-30", "2017-17-10T19:30:00.617Z", "0000-00-00", "2013-02-30 25:00", "2013-13", "20131301", "2024-08-DD",
        "2021-10-XXT16:00:00.000Z", "YYYY-MM-DD", "0001-01-01 00:00 +14:00", "9999-12-31 23:59 -14:00", "9" * 5000,
        "soon", "", None, [], {"a": "b"}, 3.5, True, "٢٠١٣-٠٢-٣٠", "32 June 2013", "2013",
    ],
)  # fmt: skip
def test_what_is_no_date_says_so(value: object) -> None:
    reading = read_date(value)

    assert reading.moment is None
    assert reading.oddity


@pytest.mark.parametrize(
    "text",
    [
        "2023-10-12:30:00.000Z",
        "2016-10-02T",
        "2019-12-12T18:R2047.733Z",
        "2013-06-19 noon",
        "2013-06-19 25:00",
        "2013-06-19T24:00:00Z",
        "2013-06-19T23:59:60Z",
        "2013-06-19 10:00 +99:00",
        "2013-06-19 10:00 Mars/Olympus",
        "2013-06-19 " + "noon " * 50,
    ],
)
def test_a_day_with_a_broken_time_counts_as_the_day(text: str) -> None:
    reading = read_date(text)

    assert reading.moment is not None
    assert reading.moment.strftime("%Y-%m-%d %H:%M") == f"{text[:10]} 00:00"
    assert "time" in reading.oddity


@pytest.mark.parametrize(
    "text", ["19 June 2013 25:61", "June 19, 2013 at noon", "06/19/2013 24:00", "19.6.2013, abends"]
)
def test_a_day_counts_in_any_form(text: str) -> None:
    assert f"{read_date(text).moment}"[:16] == "2013-06-19 00:00"


@pytest.mark.parametrize("value", ["[[2013-06-19]]", [["2013-06-19"]], "<2013-06-19>"])
def test_a_date_may_be_a_link(value: object) -> None:
    assert read_date(value).moment == datetime(2013, 6, 19, tzinfo=UTC)


def test_a_date_without_a_zone_is_in_the_zone_given() -> None:
    assert read_date("2013-06-19", ZoneInfo("Europe/Berlin")).moment == datetime(2013, 6, 18, 22, tzinfo=UTC)
    assert read_date("2013-06-19 12:00 +0000", ZoneInfo("Europe/Berlin")).moment == datetime(
        2013, 6, 19, 12, tzinfo=UTC
    )


def test_dates_of_other_formats_are_taken_as_they_are() -> None:
    assert read_date(date(2013, 6, 19)).moment == datetime(2013, 6, 19, tzinfo=UTC)
    assert read_date(datetime(2013, 6, 19, tzinfo=UTC)).moment == datetime(2013, 6, 19, tzinfo=UTC)


@pytest.mark.parametrize(
    ("id", "expected"),
    [
        ("2013-06-19-my-post.md", "2013-06-19"),
        ("blog/2017-1-5-post.html.md", "2017-01-05"),
        ("2013-06-19.md", "2013-06-19"),
        ("2013-06-19-my-post/index.md", "2013-06-19"),
        ("blog/2014/05/03/post.md", "2014-05-03"),
        ("2014/5/3/post.md", "2014-05-03"),
        ("2013-02-30-no-such-day.md", None),
        ("2013-06-190.md", None),
        ("v2013-06-19.md", None),
        ("2014/05/post.md", None),
        ("post.md", None),
    ],
)
def test_the_path_tells_the_date(id: str, expected: str | None) -> None:
    found = date_in_path(id)

    assert (found and f"{found:%Y-%m-%d}") == expected


@given(st.datetimes(min_value=datetime(1000, 1, 1), max_value=datetime(9998, 1, 1)), st.sampled_from([" ", "T"]))  # noqa: DTZ001  the strategy wants naive bounds
@settings(max_examples=100, deadline=None, print_blob=True)
def test_an_iso_date_is_read_back(moment: datetime, between: str) -> None:
    assert read_date(moment.isoformat(between)).moment == moment.replace(tzinfo=UTC)


@given(st.text("0123456789-/:.TZ+ apmJunUTC,", max_size=40))
@settings(max_examples=300, deadline=None, print_blob=True)
def test_any_text_is_a_date_or_says_why_not(text: str) -> None:
    reading = read_date(text)

    assert reading.oddity or reading.moment
