"""Consequences of a change of hours, place or capacity for existing rows: counted and shown before it is stored.

Plain SQL counts the rows of higher slices.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Any

from fairs.core import clock
from fairs.core.errors import Conflict
from fairs.core.i18n import N_
from fairs.core.rows import fetch_as
from fairs.events import rules
from fairs.events.rows import EventConcerned, EventRow, SessionConcerned, SessionRow

CONFIRMED = "yes"  # sent by a program that does not ask for the consequences first
HOURS = frozenset({"starts_at", "ends_at", "timezone"})
OF_MEETINGS = frozenset({"timezone", "place_zh", "place_en"})  # fields of a meeting's calendar entry
MOVES = HOURS | OF_MEETINGS
LIVE = "('scheduled', 'held')"


@dataclass(frozen=True)
class Consequences:
    """Counts. `sessions`, `slots`, `meetings` and `parts`: rows that would be outside the days of the event.

    `registered` have a confirmed place and a calendar entry, `waiting` are in the waiting list, `meeting_people` are
    the candidates and employers with a meeting to come; `clashes` would have a time conflict. `capacity` is set when it
    is below the `taken` places.
    """

    sessions: int = 0
    slots: int = 0
    meetings: int = 0
    parts: int = 0
    registered: int = 0
    waiting: int = 0
    meeting_people: int = 0
    clashes: int = 0
    capacity: int | None = None
    taken: int = 0

    @property
    def needs_confirmation(self) -> bool:
        """Whether rows would be outside, people are affected, or fewer places are left than are taken."""
        return any(astuple(self))

    @property
    def digest(self) -> str:
        """Identifies the numbers shown, so that a confirmation is only valid for them."""
        return hashlib.sha256(repr(astuple(self)).encode()).hexdigest()[:16]


class Unconfirmed(Conflict):
    """Nothing is stored yet: the caller must confirm `found` first."""

    code = "unconfirmed"

    def __init__(self, found: Consequences) -> None:
        counts = {name: value for name, value in vars(found).items() if value}
        super().__init__(
            N_("This change affects people or leaves items outside. Confirm it first."),
            concerned=counts,
            confirm=found.digest,
        )
        self.found = found


def what_moves(before: Mapping[str, Any]) -> frozenset[str]:
    """The changed fields that people have in their calendars."""
    return frozenset(before) & MOVES


async def of_event(event: EventRow, values: Mapping[str, Any], moved: frozenset[str]) -> Consequences:
    """Consequences of the event's change to `values`; `moved`: names of the changed fields."""
    low, high = rules.bounds(values["starts_at"], values["ends_at"], values["timezone"])
    (row,) = await fetch_as(
        EventConcerned,
        "SELECT (SELECT count(*) FROM event_session s WHERE s.event = :event AND (s.starts_at < :low OR s.ends_at > :high)) AS sessions,"  # noqa: S608 - constants of the code; values are named arguments
        " (SELECT count(*) FROM meeting_slot s WHERE s.event = :event AND (s.starts_at < :low OR s.ends_at > :high)) AS slots,"
        f" (SELECT count(*) FROM meeting m WHERE m.event = :event AND m.state IN {LIVE}"
        " AND (m.starts_at < :low OR m.ends_at > :high)) AS meetings,"
        " (SELECT count(*) FROM event p WHERE p.parent = :event AND (p.starts_at < :low OR p.ends_at > :high)) AS parts,"
        " (SELECT count(*) FROM registration r WHERE r.event = :event AND r.state = 'confirmed') AS registered,"
        " (SELECT count(*) FROM registration r WHERE r.event = :event AND r.state = 'waitlisted') AS waiting,"
        " (SELECT count(DISTINCT m.talent) + count(DISTINCT m.organisation) FROM meeting m WHERE m.event = :event"
        " AND m.state = 'scheduled' AND m.ends_at > :now) AS meeting_people",
        event=event.id,
        low=low,
        high=high,
        now=clock.now(),
    )
    kept: set[str] = set()
    if moved & HOURS:
        kept |= {"sessions", "slots", "meetings", "parts"}
    if moved:
        kept |= {"registered", "waiting"}
    if moved & OF_MEETINGS:
        kept.add("meeting_people")
    short = _short(values["capacity"], row.registered) if values["capacity"] != event.capacity else {}
    return Consequences(**{name: getattr(row, name) for name in kept}, **short)


def _short(capacity: int | None, taken: int) -> dict[str, int]:
    return {"capacity": capacity, "taken": taken} if capacity is not None and capacity < taken else {}


async def of_session(session: SessionRow, values: Mapping[str, Any], *, moved: bool) -> Consequences:
    """Consequences of the session's change to `values`."""
    (row,) = await fetch_as(
        SessionConcerned,
        "SELECT count(*) AS taken, count(*) FILTER (WHERE r.state = 'confirmed') AS registered,"
        " count(*) FILTER (WHERE r.state = 'waitlisted') AS waiting,"
        " count(*) FILTER (WHERE EXISTS (SELECT 1 FROM registration_session y JOIN event_session o ON o.id = y.session"
        " WHERE y.registration = r.id AND o.id <> :session AND o.starts_at < :end AND o.ends_at > :start)"
        " OR EXISTS (SELECT 1 FROM meeting m WHERE m.talent = r.talent AND m.state = 'scheduled'"
        " AND m.starts_at < :end AND m.ends_at > :start)) AS clashes"
        " FROM registration_session x JOIN registration r ON r.id = x.registration AND r.state <> 'cancelled'"
        " WHERE x.session = :session",
        session=session.id,
        start=values["starts_at"],
        end=values["ends_at"],
    )
    kept = {name: getattr(row, name) for name in ("registered", "waiting", "clashes")} if moved else {}
    short = _short(values["capacity"], row.taken) if values["capacity"] != session.capacity else {}
    return Consequences(**kept, **short)
