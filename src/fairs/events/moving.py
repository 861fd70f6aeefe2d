"""Consequences of a change of an event's hours, place or capacity for existing rows: counted and shown before it is stored.

What higher slices keep of it they count themselves: they are asked by `domain_events`, in the same transaction.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Any

from fairs.core import events_bus
from fairs.core.errors import Conflict
from fairs.core.i18n import N_
from fairs.core.rows import fetch_as, fetch_values
from fairs.events import rules
from fairs.events.domain_events import EventMoving
from fairs.events.rows import Concerned, EventRow

CONFIRMED = "yes"  # sent by a program that does not ask for the consequences first
HOURS = frozenset({"starts_at", "ends_at", "timezone"})
REGISTRATIONS_MOVED = "registrations.moved"  # a higher slice's job: updates calendars after a change of hour or place
OF_MEETINGS = frozenset({"timezone", "place_zh", "place_en"})  # fields of a meeting's calendar entry
PLACE = frozenset({"place_zh", "place_en"})  # what a part without a place of its own takes over
MOVES = HOURS | OF_MEETINGS


@dataclass(frozen=True)
class Consequences:
    """Counts. `sessions`, `slots`, `meetings` and `parts`: rows that would be outside the days of the event.

    `registered` have a confirmed place and a calendar entry, `waiting` are in the waiting list, `meeting_people` are
    the candidates and employers with a meeting to come. `capacity` is set when it is below the `taken` places.
    """

    sessions: int = 0
    slots: int = 0
    meetings: int = 0
    parts: int = 0
    registered: int = 0
    waiting: int = 0
    meeting_people: int = 0
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
    resized = values["capacity"] != event.capacity
    if not moved and not resized:
        return Consequences()
    asked = EventMoving(event.id, *rules.bounds(values["starts_at"], values["ends_at"], values["timezone"]))
    rows = await fetch_as(
        Concerned,
        "SELECT 'sessions' AS what, count(*) AS number FROM event_session s WHERE s.event = :event"
        " AND s.cancelled_at IS NULL AND (s.starts_at < :low OR s.ends_at > :high)"
        " UNION ALL SELECT 'parts', count(*) FROM event p WHERE p.parent = :event AND (p.starts_at < :low OR p.ends_at > :high)",
        event=event.id,
        low=asked.low,
        high=asked.high,
    )
    asked.found.update({row.what: row.number for row in rows})
    await events_bus.publish(asked)
    short = _short(values["capacity"], asked.found["taken"]) if resized else {}
    for part in await parts_moved_along(event.id, moved):
        await _count_people(part, asked)
    kept: set[str] = set()
    if moved & HOURS:
        kept |= {"sessions", "slots", "meetings", "parts"}
    if moved:
        kept |= {"registered", "waiting"}
    if moved & OF_MEETINGS:
        kept.add("meeting_people")
    return Consequences(**{name: asked.found[name] for name in kept}, **short)


async def parts_moved_along(event_id: int, moved: frozenset[str]) -> list[int]:
    """Parts that have no place of their own, when the place moves: their people have the same address in their calendars."""
    if not moved & PLACE:
        return []
    return await fetch_values(
        int,
        "SELECT id FROM event WHERE parent = :event AND place_zh = '' AND place_en = '' AND ended_at IS NULL ORDER BY id",
        event=event_id,
    )


async def _count_people(part: int, asked: EventMoving) -> None:
    """Add a part's people; its rows do not move."""
    of_part = EventMoving(part, asked.low, asked.high)
    await events_bus.publish(of_part)
    asked.found.update({name: of_part.found[name] for name in ("registered", "waiting", "meeting_people")})


def _short(capacity: int | None, taken: int) -> dict[str, int]:
    return {"capacity": capacity, "taken": taken} if capacity is not None and capacity < taken else {}
