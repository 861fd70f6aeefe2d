"""Rules for slugs, spans and state steps of an event. No database."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from fairs.events.rows import EventRow
from fairs.events.tables import EventKind, EventState

SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"
SLUG_MIN, SLUG_MAX = 3, 60
RESERVED_SLUGS = frozenset({"new"})  # /organise/editions/new
LONGEST = timedelta(days=366)
LONGEST_SESSION = timedelta(days=7)
EARLIEST, LATEST = 1990, 2100  # years
DEFAULT_GATE = "main-in"
USUAL_SESSION = "forum"  # a key of the catalogue `session_kinds`: what the form of a new session begins with

STEPS: dict[str, frozenset[str]] = {
    EventState.DRAFT: frozenset({EventState.PUBLISHED}),
    EventState.PUBLISHED: frozenset({EventState.CLOSED, EventState.DRAFT, EventState.CANCELLED}),
    EventState.CLOSED: frozenset({EventState.PUBLISHED, EventState.FOLLOW_UP, EventState.CANCELLED}),
    EventState.FOLLOW_UP: frozenset({EventState.ARCHIVED, EventState.CLOSED}),
    EventState.ARCHIVED: frozenset({EventState.FOLLOW_UP}),
    EventState.CANCELLED: frozenset(),
}
RUNNING = (EventState.PUBLISHED, EventState.CLOSED)
LATER_ORDER = (EventState.FOLLOW_UP, EventState.DRAFT, EventState.ARCHIVED, EventState.CANCELLED)
PUBLIC = (*RUNNING, EventState.FOLLOW_UP, EventState.ARCHIVED, EventState.CANCELLED)


class Act(StrEnum):
    """What an event may allow people to do.

    ENTER is registration by the staff. It goes on while registration is closed: who stands at the entrance, and a guest of
    honour who accepts late, must get a badge as long as the fair runs. It begins with publication, because the address of a
    draft, which badges and mails contain, may still change; and places are counted as for everybody.
    """

    PREPARE = "prepare"
    REGISTER = "register"
    ENTER = "enter"
    OFFER = "offer"
    MEET = "meet"
    SCAN = "scan"
    AGREE = "agree"


_WHILE_RUNNING = frozenset({Act.PREPARE, Act.ENTER, Act.OFFER, Act.MEET, Act.SCAN, Act.AGREE})
ALLOWS: dict[str, frozenset[Act]] = {
    EventState.DRAFT: frozenset({Act.PREPARE, Act.OFFER}),
    EventState.PUBLISHED: _WHILE_RUNNING | {Act.REGISTER},
    EventState.CLOSED: _WHILE_RUNNING,
    EventState.FOLLOW_UP: frozenset({Act.AGREE}),
    EventState.ARCHIVED: frozenset(),
    EventState.CANCELLED: frozenset(),
}


def allows(state: str, act: Act) -> bool:
    """Whether an event in this state allows the act. Its hours are a question of their own: `is_over`."""
    return act in ALLOWS[state]


class Window(StrEnum):
    """Where a moment is to the time in which people register themselves."""

    BEFORE = "before"
    OPEN = "open"
    AFTER = "after"


def window(opens_at: datetime | None, closes_at: datetime | None, now: datetime) -> Window:
    """None: without a limit. The state of the event is a question of its own: `allows`."""
    if opens_at is not None and now < opens_at:
        return Window.BEFORE
    return Window.AFTER if closes_at is not None and now >= closes_at else Window.OPEN


@dataclass(frozen=True, slots=True)
class NewHours:
    """When a released session will be."""

    session_id: int
    starts_at: datetime
    ends_at: datetime


def is_slug(text: str) -> bool:
    """3 to 60 lower-case letters and digits, parts joined by single hyphens, and no reserved word."""
    return SLUG_MIN <= len(text) <= SLUG_MAX and bool(re.fullmatch(SLUG, text)) and text not in RESERVED_SLUGS


def may_become(state: str, target: str) -> bool:
    """Whether the step is allowed; no change always is. A published one becomes a draft only before anybody registered."""
    return state == target or target in STEPS.get(state, frozenset())


def ended_at(event: EventRow, target: EventState, now: datetime) -> datetime | None:
    """Since when an event that becomes `target` is over; None while it is not. An archive keeps the moment of winding up."""
    return None if target in (EventState.DRAFT, *RUNNING) else event.ended_at or now


def is_plausible(moment: datetime) -> bool:
    """Whether the year is plausible: past editions may be recorded, typing errors are refused."""
    return EARLIEST <= moment.year <= LATEST


def is_over(ends_at: datetime, now: datetime, *, demo: bool) -> bool:
    """Whether attendance has ended. A demo edition stays open after its dates, so that it can be tried."""
    return ends_at <= now and not demo


def days_of(starts_at: datetime, ends_at: datetime, zone: str) -> list[date]:
    """Every calendar day of a span in its own zone; an end at midnight belongs to the day before."""
    first = starts_at.astimezone(ZoneInfo(zone)).date()
    last = (ends_at - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date()
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]


def lies_within(
    starts_at: datetime, ends_at: datetime, event_starts_at: datetime, event_ends_at: datetime, zone: str
) -> bool:
    """Whether a session is on the days of its event (an hour early for the doors is fine)."""
    days = set(days_of(event_starts_at, event_ends_at, zone))
    return all(day in days for day in days_of(starts_at, ends_at, zone))


def bounds(starts_at: datetime, ends_at: datetime, zone: str) -> tuple[datetime, datetime]:
    """Start of the first day of a span and end of its last, in the zone's own time."""
    days = days_of(starts_at, ends_at, zone)
    midnights = (days[0], days[-1] + timedelta(days=1))
    first, last = (datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)) for day in midnights)
    return first, last


def nearness(starts_at: datetime, ends_at: datetime, now: datetime) -> tuple[int, float]:
    """Sorts spans as people look for them: the running one, those to come, those over; each the nearest first."""
    if starts_at <= now <= ends_at:
        return 0, (now - starts_at).total_seconds()
    if starts_at > now:
        return 1, (starts_at - now).total_seconds()
    return 2, (now - ends_at).total_seconds()


def in_order(events: Sequence[EventRow], now: datetime) -> list[EventRow]:
    """Events as they are offered: running ones first, then those followed up, drafts, archived and cancelled ones; among
    them conferences before others, a whole before its parts, the nearest first."""

    def order(event: EventRow) -> tuple[int, bool, bool, tuple[int, float], int]:
        rank = 0 if event.state in RUNNING else 1 + LATER_ORDER.index(event.state)
        near = nearness(event.starts_at, event.ends_at, now)
        return rank, event.kind != EventKind.CONFERENCE, event.parent is not None, near, event.id

    return sorted(events, key=order)
