from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar, Timezone

from fairs.notifications.calendars import Entry, Method, calendar

STARTS = datetime(2018, 10, 27, 1, 0, tzinfo=UTC)  # 09:00 in Zhengzhou
ENTRY = Entry(
    uid="meeting-1@fairs.test",
    sequence=2,
    starts_at=STARTS,
    ends_at=STARTS + timedelta(minutes=20),
    summary="洽谈：轴承，磨削; 与 Maria",
    description="第一行\n第二行\x00",
    location="洽谈台 12",
    organizer_email="fairs@example.org",
    organizer_name="Fairs 招才引智",
    attendee_email="maria@example.org",
    attendee_name="Maria Fernandez, PhD",
    stamp=STARTS,
)


def test_invitation_has_method_sequence_people_and_zone() -> None:
    made = Calendar.from_ical(calendar([ENTRY], method=Method.REQUEST))
    (event,) = made.walk("VEVENT")
    assert made["METHOD"] == "REQUEST"
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == ("meeting-1@fairs.test", 2, "CONFIRMED")
    assert event["ORGANIZER"] == "mailto:fairs@example.org"
    assert event["ATTENDEE"] == "mailto:maria@example.org"
    assert event["ATTENDEE"].params["CN"] == "Maria Fernandez, PhD"
    assert event["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"
    assert str(event["SUMMARY"]) == "洽谈：轴承，磨削; 与 Maria"
    assert str(event["DESCRIPTION"]) == "第一行\n第二行"
    assert event.decoded("DTSTART").astimezone(UTC) == STARTS


def test_zone_is_defined_once_and_has_the_hour_of_beijing() -> None:
    text = calendar([ENTRY, replace(ENTRY, uid="meeting-2@fairs.test")])
    assert text.count(b"BEGIN:VTIMEZONE") == 1
    assert b"DTSTART;TZID=Asia/Shanghai:20181027T090000" in text
    (zone,) = Calendar.from_ical(text).walk("VTIMEZONE")
    assert isinstance(zone, Timezone)
    assert zone.to_tz().utcoffset(datetime(2018, 10, 27, 9, 0)) == timedelta(hours=8)


@pytest.mark.parametrize(
    ("zone", "clock"), [("Europe/Berlin", b"20181027T030000"), ("America/New_York", b"20181026T21")]
)
def test_entry_of_another_zone_carries_that_zone(zone: str, clock: bytes) -> None:
    text = calendar([replace(ENTRY, timezone=zone)])
    assert b"DTSTART;TZID=" + zone.encode() + b":" + clock in text
    assert [str(found["TZID"]) for found in Calendar.from_ical(text).walk("VTIMEZONE")] == [zone]


def test_cancellation_says_so_in_both_places() -> None:
    made = Calendar.from_ical(calendar([ENTRY], method=Method.CANCEL))
    (event,) = made.walk("VEVENT")
    assert (made["METHOD"], event["STATUS"]) == ("CANCEL", "CANCELLED")


def test_lines_are_folded_by_bytes_and_end_as_the_standard_says() -> None:
    text = calendar([replace(ENTRY, summary="招才引智" * 60, description="a" * 500)])
    lines = text.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert b"\n" not in text.replace(b"\r\n", b"")
    assert str(Calendar.from_ical(text).walk("VEVENT")[0]["SUMMARY"]) == "招才引智" * 60


def test_nobody_starts_another_line() -> None:
    text = calendar([replace(ENTRY, summary="a\r\nATTENDEE:mailto:x@example.org", attendee_name='Bob";X=\r\nY:')])
    assert b"\r\nATTENDEE:mailto:x@" not in text
    assert len(Calendar.from_ical(text).walk("VEVENT")) == 1


def test_same_entries_give_the_same_bytes() -> None:
    assert calendar([ENTRY], name="大会") == calendar([ENTRY], name="大会")
