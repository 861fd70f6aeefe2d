"""Each end of a span carries its own offset."""

from datetime import UTC, datetime

import pytest

from fairs.core import i18n
from fairs.registrations.emails import clocks
from fairs.registrations.labels import fair_hours

STARTS, ENDS = datetime(2018, 10, 27, 0, 30, tzinfo=UTC), datetime(2018, 10, 28, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Europe/Berlin", "Sat 27 Oct 2018, 02:30 (Berlin (UTC+02:00)) – Sun 28 Oct, 10:30 (Berlin (UTC+01:00))"),
        ("Europe/London", "Sat 27 Oct 2018, 01:30 (London (UTC+01:00)) – Sun 28 Oct, 09:30 (London (UTC+00:00))"),
        ("America/New_York", "Fri 26 Oct 2018, 20:30 – Sun 28 Oct, 05:30 (New York (UTC-04:00))"),
        ("Asia/Shanghai", "Sat 27 Oct 2018, 08:30 – Sun 28 Oct, 17:30 (Beijing time)"),
    ],
)
def test_both_ends_say_their_offset(zone: str, words: str) -> None:
    i18n.set_lang("en")
    assert i18n.span_in_zone(STARTS, ENDS, zone) == words
    i18n.set_zone(zone)
    own = "" if zone == "Asia/Shanghai" else words
    try:
        assert fair_hours(STARTS, ENDS, "Asia/Shanghai")["own"] == own
        assert clocks(STARTS, ENDS, "Asia/Shanghai", zone)["own"] == own
    finally:
        i18n.set_zone(None)


def test_clocks_that_agree_at_one_end_only_differ() -> None:
    """London and Lagos (UTC+1 all year) agree until the last Sunday of October."""
    i18n.set_lang("en")
    assert not i18n.same_clock(STARTS, ENDS, "Africa/Lagos", "Europe/London")
    assert i18n.same_clock(STARTS, STARTS, "Africa/Lagos", "Europe/London")
    assert i18n.zone_between(STARTS, ENDS, "Europe/London") == "London (UTC+01:00 → UTC+00:00)"
    assert i18n.zone_between(STARTS, ENDS, "Africa/Lagos") == "Lagos (UTC+01:00)"
