"""Calendar files by RFC 5545: programmes, registrations, meetings. Times carry their zone, with its definition.

The VTIMEZONE of a zone is built once: icalendar takes 20 ms for it. Asia/Shanghai is written by hand, because its
only rule since 1991 is +08:00 and old clients misread the earlier summer times.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4
from zoneinfo import ZoneInfo

from fairs.core import clock
from fairs.core.rows import fetch_value
from fairs.core.services import Service
from fairs.notifications.services import base_url

PRODUCT = "-//fairs//fairs//EN"
CONTENT_TYPE = "text/calendar"
"""Litestar adds the charset."""


class Method(StrEnum):
    """What a calendar is sent for (RFC 5546)."""

    PUBLISH = "PUBLISH"
    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


class Status(StrEnum):
    """Whether an entry takes place (RFC 5545)."""

    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class Entry:
    """One event of a calendar. `uid` never changes; `sequence` rises with every change of time or place.

    `attendee_email` and `organizer_email` make it an invitation (METHOD:REQUEST needs both). `stamp`: when the entry
    was last changed; default now. `busy`: blocks the time in the calendar. `whole_days`: the days of the zone from the
    first to the last, without hours.
    """

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str = ""
    location: str = ""
    url: str = ""
    status: Status = Status.CONFIRMED
    timezone: str = "Asia/Shanghai"
    organizer_email: str = ""
    organizer_name: str = ""
    attendee_email: str = ""
    attendee_name: str = ""
    categories: tuple[str, ...] = ()
    stamp: datetime | None = None
    busy: bool = False
    whole_days: bool = False


_domain: Service[str | None] = Service(lambda: None)  # the installation's, once read


async def uid(kind: str, key: object) -> str:
    """A stable identifier of an object of this installation: `meeting-17@0b9c…`. Independent of the base address."""
    domain = _domain()
    if domain is None:
        domain = await _kept_domain()
        _domain.set(domain)
    return f"{kind}-{key}@{domain}"


async def _kept_domain() -> str:
    """The stored domain; where calendars contain entries of an earlier version, the address used then."""
    return await fetch_value(
        str,
        "INSERT INTO installation (id, calendar_domain) VALUES (1, :new) ON CONFLICT (id) DO UPDATE SET calendar_domain ="
        " coalesce(nullif(installation.calendar_domain, ''), :host) RETURNING calendar_domain",
        new=str(uuid4()),
        host=urlsplit(base_url()).hostname or "localhost",
    )


def calendar(entries: Sequence[Entry], *, method: Method = Method.PUBLISH, name: str = "") -> bytes:
    """The .ics file. The same entries with a `stamp` give the same bytes."""
    from icalendar import Calendar  # imported on use: it adds a tenth of a second to a server's start

    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", method)
    if name:
        made.add("x-wr-calname", _plain(name))
    for zone in sorted({entry.timezone for entry in entries if not entry.whole_days}):
        if zone != "UTC":
            made.add_component(_zone(zone))
    for entry in entries:
        made.add_component(_event(entry, method))
    content: bytes = made.to_ical()
    return content


@lru_cache(maxsize=32)
def _zone(name: str) -> Any:
    from icalendar import Timezone, TimezoneStandard

    if name != "Asia/Shanghai":
        return Timezone.from_tzid(name, first_date=date(2015, 1, 1), last_date=date(2045, 1, 1))
    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", name)
    standard.add("dtstart", datetime(1991, 9, 15, 1, 0))
    standard.add("tzoffsetfrom", timedelta(hours=9))
    standard.add("tzoffsetto", timedelta(hours=8))
    standard.add("tzname", "CST")
    zone.add_component(standard)
    return zone


def _plain(text: str) -> str:
    """Without control characters that a text value must not contain; line ends stay and are escaped."""
    return "".join(character for character in text if character.isprintable() or character == "\n")


def _event(entry: Entry, method: Method) -> Any:
    from icalendar import Event

    zone = UTC if entry.timezone == "UTC" else ZoneInfo(entry.timezone)
    made = Event()
    made.add("uid", entry.uid)
    made.add("sequence", entry.sequence)
    made.add("dtstamp", (entry.stamp or clock.now()).astimezone(UTC).replace(microsecond=0))
    starts_at, ends_at = (moment.astimezone(zone).replace(microsecond=0) for moment in (entry.starts_at, entry.ends_at))
    if entry.whole_days:  # DTEND is the day after the last; an end at midnight belongs to the day before
        made.add("dtstart", starts_at.date())
        made.add("dtend", (ends_at - timedelta(seconds=1)).date() + timedelta(days=1))
    else:
        made.add("dtstart", starts_at)
        made.add("dtend", ends_at)
    made.add("summary", _plain(entry.summary))
    for field, text in (("description", entry.description), ("location", entry.location)):
        if text:
            made.add(field, _plain(text))
    if entry.url:
        made.add("url", entry.url)
    if entry.categories:
        made.add("categories", [_plain(category) for category in entry.categories])
    made.add("status", "CANCELLED" if method == Method.CANCEL else entry.status)
    made.add("transp", "OPAQUE" if entry.busy else "TRANSPARENT")
    _people(made, entry, method)
    return made


def _people(made: Any, entry: Entry, method: Method) -> None:
    from icalendar import vCalAddress, vText

    if entry.organizer_email:
        organizer = vCalAddress(f"mailto:{entry.organizer_email}")
        if entry.organizer_name:
            organizer.params["CN"] = vText(_plain(entry.organizer_name))
        made["organizer"] = organizer
    if entry.attendee_email:
        attendee = vCalAddress(f"mailto:{entry.attendee_email}")
        attendee.params["CN"] = vText(_plain(entry.attendee_name or entry.attendee_email))
        attendee.params["CUTYPE"] = vText("INDIVIDUAL")
        attendee.params["ROLE"] = vText("REQ-PARTICIPANT")
        attendee.params["PARTSTAT"] = vText("NEEDS-ACTION" if method == Method.REQUEST else "ACCEPTED")
        attendee.params["RSVP"] = vText("FALSE")
        made.add("attendee", attendee, encode=0)
