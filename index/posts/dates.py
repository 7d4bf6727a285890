"""Dates as people write them, in headers and in file names, each in the zone that was written.

Nothing here raises: what is no date gives None and a sentence that says so.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache

from index.settings import zone_named

__all__ = ["DateReading", "date_in_path", "read_date"]


@dataclass(frozen=True, slots=True)
class DateReading:
    """A date, or None, and what was odd about it, or ""."""

    moment: datetime | None
    oddity: str = ""


TIME = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d+))?)?(?:\s*(?P<half>[ap])\.?m\b\.?)?"
    r"(?:\s*(?P<zone>Z|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2}){0,2}|[A-Za-z_]+(?:/[A-Za-z_]+)*))?(?:\s*\([^)]*\))?"
)
MONTH_NAME = r"(?P<name>[A-Za-z]{3,9})\.?"
DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
FORMS = tuple(
    re.compile(pattern.replace("CLOCK", TIME), re.IGNORECASE)
    for pattern in (
        r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?:(?:\s*T\s*|\s+|,\s*|\s+at\s+)CLOCK)?",
        r"(?P<year>\d{4})-(?P<month>\d{1,2})",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:T?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?(?P<zone>Z)?)?",
        r"(?P<month>\d{1,2})(?P<slash>/)(?P<day>\d{1,2})/(?P<year>\d{4})(?:,?\s+CLOCK)?",
        r"(?P<day>\d{1,2})[.-](?P<month>\d{1,2})[.-](?P<year>\d{4})(?:,?\s+CLOCK)?",
        rf"(?:[a-z]{{3,9}}\.?,?\s+)?{DAY}(?:\s+of)?[\s-]+{MONTH_NAME},?[\s-]+(?P<year>\d{{4}})(?:(?:,|\s+at)?\s+CLOCK)?",
        rf"(?:[a-z]{{3,9}}\.?,?\s+)?{MONTH_NAME}\s+{DAY},?\s+(?P<year>\d{{4}})(?:(?:,|\s+at)?\s+CLOCK)?",
        rf"(?:[a-z]{{3,9}}\.?,?\s+)?{MONTH_NAME}\s+{DAY}\s+CLOCK\s+(?P<year>\d{{4}})",
        rf"{MONTH_NAME},?\s+(?P<year>\d{{4}})",
    )
)
"""Every form of a date, the commonest first."""

DAYS_FIRST = tuple(
    re.compile(f"(?:{form.pattern})(?=[T\\s,])", re.IGNORECASE) for form in FORMS if "?P<day>" in form.pattern
)
"""The forms that name a day, where something else follows."""

MAX_DATE_CHARS = 100

STAMP = re.compile(r"\d{10}(?:\d{3})?")
BEGINNING = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?=\D)")
MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH_NUMBERS = {name: number for number, name in enumerate(MONTH_NAMES, 1)}
UTC_OFFSET_HOURS = {
    "z": 0, "utc": 0, "gmt": 0, "ut": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8,
    "pdt": -7, "bst": 1, "cet": 1, "cest": 2, "eet": 2, "eest": 3, "jst": 9, "kst": 9, "wet": 0,
}  # fmt: skip
IN_NAME = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?=$|[-_. ])")
IN_FOLDERS = re.compile(r"(?:^|/)(\d{4})/(\d{1,2})/(\d{1,2})/")


def read_date(value: object, zone: tzinfo = UTC) -> DateReading:
    """The moment that the value names; `zone` is that of values which name none."""
    if isinstance(value, datetime):
        return checked(value if value.tzinfo else value.replace(tzinfo=zone))
    if isinstance(value, date):
        return checked(datetime.combine(value, time(), zone))
    while isinstance(value, list) and len(value) == 1:  # `[[2013-06-19]]`, a link to a daily note, is a list in YAML
        [value] = value
    text = " ".join(str(value).split()).strip("\"'[]<> ") if isinstance(value, str | int) else ""
    return (
        read_date_text(text[:MAX_DATE_CHARS], zone) if text else DateReading(None, f"{str(value)[:60]!r} is not a date")
    )


@lru_cache(1024)
def read_date_text(text: str, zone: tzinfo) -> DateReading:
    """The moment that the text names, whole or by its first ten characters. Many posts bear the same date."""
    try:
        if STAMP.fullmatch(text):
            return checked(datetime.fromtimestamp(int(text[:10]), UTC))
        if form := next((found for pattern in FORMS if (found := pattern.fullmatch(text))), None):
            with suppress(ValueError):
                return checked(moment_from(form.groupdict(), zone))
            day = day_from(form.groupdict())
        elif form := BEGINNING.match(text):
            day = date(*map(int, form.groups()))
        elif form := next((found for pattern in DAYS_FIRST if (found := pattern.match(text))), None):
            day = day_from(form.groupdict())
        else:
            return DateReading(None, f"{text!r} is not a date")
        moment = checked(datetime.combine(day, time(), zone)).moment
        return DateReading(moment, f"{text!r} has a time that can't be read; its day counts")
    except (ValueError, OverflowError, OSError):
        return DateReading(None, f"{text!r} is no possible date")


def moment_from(parts: dict[str, str | None], zone: tzinfo) -> datetime:
    """The moment that the parts of a form make. Raises `ValueError` where they make none."""
    hour = int(parts.get("hour") or 0)
    if half := parts.get("half"):
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    fraction = int((parts.get("fraction") or "0")[:6].ljust(6, "0"))
    clock = time(hour, int(parts.get("minute") or 0), int(parts.get("second") or 0), fraction)
    return datetime.combine(day_from(parts), clock, read_zone(parts.get("zone"), zone))


def day_from(parts: dict[str, str | None]) -> date:
    """The day that the parts of a form make. Raises `ValueError` where they make none."""
    name = (parts.get("name") or "").lower()
    month, day = int(parts.get("month") or MONTH_NUMBERS.get(name[:3], 0)), int(parts.get("day") or 1)
    if parts.get("slash") and month > 12:
        month, day = day, month
    return date(int(parts["year"] or 0), month, day)


def read_zone(text: str | None, zone: tzinfo) -> tzinfo:
    """The zone that stands behind a time: an offset, a name, or nothing. Raises `ValueError` for what is none."""
    if not text:
        return zone
    if text.lower() in UTC_OFFSET_HOURS:
        hours = UTC_OFFSET_HOURS[text.lower()]
        return timezone(timedelta(hours=hours)) if hours else UTC
    text = re.sub("^(?:UTC|GMT)(?=[+-])", "", text, flags=re.IGNORECASE)
    if text[0] not in "+-":
        return zone_named(text)
    digits = text[1:].replace(":", "")
    hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset) if offset else UTC


def checked(moment: datetime) -> DateReading:
    """The moment, unless it lies so near the ends of time that it can't be compared with others."""
    try:
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return DateReading(None, f"{moment.date()} is no possible date")
    return DateReading(moment)


def date_in_path(id: str, zone: tzinfo = UTC) -> datetime | None:
    """The date in a post's path: `2013-06-19-a-post.md`, `2013-6-9-a-post/index.md` or `2014/05/03/a-post.md`."""
    *folders, name = id.split("/")
    places = [name, *folders[-1:]] if name.lstrip("_").startswith(("index.", "README.")) else [name]
    found = next((match for place in places if (match := IN_NAME.match(place))), None) or IN_FOLDERS.search(id)
    if not found:
        return None
    try:
        return datetime(*map(int, found.groups()), tzinfo=zone)  # type: ignore[arg-type,misc]  # three numbers: no zone
    except ValueError:
        return None
