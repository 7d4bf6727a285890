"""Time zones by name."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from index.zones import zone_named


@pytest.mark.parametrize("name", ["UTC", "utc", "GMT"])
def test_utc_needs_no_table_of_zones(name: str) -> None:
    assert zone_named(name) is UTC


def test_a_zone_has_its_own_clock() -> None:
    assert zone_named("Europe/Berlin") == ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize("name", ["Mars/Olympus", "../etc/passwd", "/etc/passwd", "\0", "Europe", ""])
def test_a_zone_that_there_is_not_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not a time zone"):
        zone_named(name)
