"""Time zones: a name such as `Europe/Berlin` goes in, the zone comes out, the same one wherever a name is read."""

from __future__ import annotations

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

__all__ = ["zone_named"]


def zone_named(name: str) -> tzinfo:
    """The zone of that name. Raises `ValueError` for a name that is none."""
    try:
        # UTC must be had also where no table of zones is installed.
        return UTC if name.upper() in {"UTC", "GMT"} else ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(f"{name!r} is not a time zone") from error
