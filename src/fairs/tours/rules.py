"""Decisions about a tour without a database: steps of its members, who is at a stop, and conflicts as they arise."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any

from fairs.events.rules import lies_within
from fairs.tours.tables import MemberState, StopKind, StopState

HOSTED = frozenset({StopKind.VISIT, StopKind.TALK, StopKind.BRIEFING, StopKind.PARK, StopKind.LAB})
"""Kinds of stops that somebody must confirm."""
COMING = (MemberState.APPROVED, MemberState.CONFIRMED, MemberState.TRAVELLING, MemberState.CAME)
"""With a place: they see the itinerary and are told of changes."""
OPEN = (MemberState.INVITED, MemberState.ACCEPTED)
GONE = (MemberState.DECLINED, MemberState.WITHDRAWN)
STEPS: dict[MemberState, tuple[MemberState, ...]] = {
    MemberState.SUBSTITUTE: (MemberState.INVITED, MemberState.WITHDRAWN),
    MemberState.INVITED: (MemberState.ACCEPTED, MemberState.DECLINED, MemberState.SUBSTITUTE, MemberState.WITHDRAWN),
    MemberState.ACCEPTED: (MemberState.APPROVED, MemberState.SUBSTITUTE, MemberState.WITHDRAWN),
    MemberState.APPROVED: (MemberState.CONFIRMED, MemberState.WITHDRAWN),
    MemberState.CONFIRMED: (MemberState.TRAVELLING, MemberState.CAME, MemberState.WITHDRAWN),
    MemberState.TRAVELLING: (MemberState.CAME, MemberState.CONFIRMED, MemberState.WITHDRAWN),
    MemberState.CAME: (MemberState.TRAVELLING,),
    MemberState.DECLINED: (MemberState.INVITED,),
    MemberState.WITHDRAWN: (MemberState.INVITED,),
}
OWN_STEPS: dict[MemberState, tuple[MemberState, ...]] = {  # what members do themselves
    MemberState.INVITED: (MemberState.ACCEPTED, MemberState.DECLINED),
    MemberState.ACCEPTED: (MemberState.WITHDRAWN,),
    MemberState.APPROVED: (MemberState.CONFIRMED, MemberState.WITHDRAWN),
    MemberState.CONFIRMED: (MemberState.TRAVELLING, MemberState.WITHDRAWN),
    MemberState.TRAVELLING: (MemberState.WITHDRAWN,),
}
LIVE_STOPS = (StopState.PLANNED, StopState.ASKED, StopState.CONFIRMED, StopState.DECLINED)
TOLD = (  # values of a stop of whose change people are told
    "kind",
    "title_zh",
    "title_en",
    "starts_at",
    "ends_at",
    "place_zh",
    "place_en",
    "host_name",
    "host_phone",
    "bring_zh",
    "bring_en",
    "note_zh",
    "note_en",
)
ASKS_AGAIN = ("starts_at", "ends_at", "unit", "organisation")  # a confirmed host must answer again


def may_step(state: MemberState, target: MemberState, *, own: bool = False) -> bool:
    """Whether the list's staff, or the person (`own`), may take this step."""
    return target in (OWN_STEPS if own else STEPS).get(state, ())


class Warned(StrEnum):
    """Kinds of conflicts."""

    OVERLAP = "overlap"
    OUTSIDE = "outside"
    TRAVEL = "travel"
    CROWDED = "crowded"
    NO_HOST = "no_host"
    NOT_ASKED = "not_asked"
    NOT_ANSWERED = "not_answered"
    DECLINED = "declined"
    UNGROUPED = "ungrouped"
    VEHICLE_FULL = "vehicle_full"
    PICKUP_FULL = "pickup_full"
    NO_VEHICLE = "no_vehicle"
    VEHICLE_TWICE = "vehicle_twice"
    ROOM = "room"
    TWO_ROOMS = "two_rooms"
    LATE = "late"
    INTERPRETER = "interpreter"
    LETTER = "letter"
    NO_LETTER = "no_letter"
    NIGHT = "night"


URGENT = (
    Warned.OVERLAP,
    Warned.DECLINED,
    Warned.TRAVEL,
    Warned.CROWDED,
    Warned.VEHICLE_FULL,
    Warned.PICKUP_FULL,
    Warned.VEHICLE_TWICE,
    Warned.ROOM,
    Warned.TWO_ROOMS,
    Warned.LATE,
    Warned.INTERPRETER,
)


@dataclass(frozen=True, slots=True)
class Facts:
    """A stop as conflicts see it. `groups` empty: everybody; `unit`: the code of its city, empty when there is none."""

    id: int
    kind: StopKind
    state: StopState
    starts_at: datetime
    ends_at: datetime
    unit: str
    hosted: bool
    groups: frozenset[int] = frozenset()
    places: int | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something to settle: at a stop, with another one, and the numbers of its sentence."""

    kind: Warned
    stop: int | None = None
    other: int | None = None
    numbers: Mapping[str, Any] = field(default_factory=dict)


def are_together(one: Facts, other: Facts) -> bool:
    """Whether somebody is to be at both stops."""
    return not one.groups or not other.groups or bool(one.groups & other.groups)


def people_at(groups: frozenset[int], sizes: Mapping[int | None, int]) -> int:
    """How many come to a stop for these groups: everybody, or those of the groups and those who are in none yet."""
    if not groups:
        return sum(sizes.values())
    return sum(sizes.get(group, 0) for group in groups)


def conflicts(
    stops: Sequence[Facts],
    sizes: Mapping[int | None, int],
    span: tuple[datetime, datetime, str],
    hours: Callable[[str, str], float],
) -> list[Conflict]:
    """All conflicts of a tour, the urgent ones first, then in order of time.

    `sizes`: group → its people with a place, None: without a group. `span`: beginning, end and zone of the tour.
    """
    standing = sorted(
        (stop for stop in stops if stop.state in LIVE_STOPS), key=lambda stop: (stop.starts_at, stop.ends_at, stop.id)
    )
    found = [*_of_hosts(standing), *_outside(standing, span), *_crowded(standing, sizes), *_overlaps(standing)]
    found += _drives(standing, sizes, hours)
    split = any(stop.groups for stop in standing)
    if split and sizes.get(None):
        found.append(Conflict(Warned.UNGROUPED, numbers={"people": sizes[None]}))
    order = {stop.id: at for at, stop in enumerate(standing)}
    return sorted(found, key=lambda one: (one.kind not in URGENT, order.get(one.stop or 0, -1), one.kind))


def _of_hosts(stops: Iterable[Facts]) -> list[Conflict]:
    kinds = {
        StopState.PLANNED: Warned.NOT_ASKED,
        StopState.ASKED: Warned.NOT_ANSWERED,
        StopState.DECLINED: Warned.DECLINED,
    }
    found = []
    for stop in stops:
        if not stop.hosted and stop.kind in HOSTED:
            found.append(Conflict(Warned.NO_HOST, stop.id))
        elif stop.state in kinds and (stop.kind in HOSTED or stop.state != StopState.PLANNED):
            found.append(Conflict(kinds[stop.state], stop.id))
    return found


def _outside(stops: Iterable[Facts], span: tuple[datetime, datetime, str]) -> list[Conflict]:
    return [Conflict(Warned.OUTSIDE, stop.id) for stop in stops if not lies_within(stop.starts_at, stop.ends_at, *span)]


def _crowded(stops: Iterable[Facts], sizes: Mapping[int | None, int]) -> list[Conflict]:
    found = []
    for stop in stops:
        people = people_at(stop.groups, sizes)
        if stop.places is not None and people > stop.places:
            found.append(Conflict(Warned.CROWDED, stop.id, numbers={"people": people, "places": stop.places}))
    return found


def _overlaps(stops: Sequence[Facts]) -> list[Conflict]:
    found = []
    for at, one in enumerate(stops):
        for other in stops[at + 1 :]:
            if other.starts_at >= one.ends_at:
                break
            if are_together(one, other):
                found.append(Conflict(Warned.OVERLAP, one.id, other.id))
    return found


def _drives(
    stops: Sequence[Facts], sizes: Mapping[int | None, int], hours: Callable[[str, str], float]
) -> list[Conflict]:
    """Stops that follow each other for some people, in cities too far apart for the time between them: each pair once."""
    standing = [stop for stop in stops if stop.unit and stop.kind != StopKind.TRANSFER]
    groups: set[int | None] = {group for stop in standing for group in stop.groups}
    if not groups or sizes.get(None):
        groups.add(None)
    found: dict[tuple[int, int], Conflict] = {}
    for group in groups:
        way = [stop for stop in standing if not stop.groups or group in stop.groups]
        for one, other in pairwise(way):
            needed, given = hours(one.unit, other.unit), other.starts_at - one.ends_at
            if timedelta(0) <= given < timedelta(hours=needed):  # before: they overlap, which is another conflict
                numbers = {"hours": needed, "minutes": int(given.total_seconds() // 60)}
                found[one.id, other.id] = Conflict(Warned.TRAVEL, one.id, other.id, numbers)
    return list(found.values())


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What of a stop is different in the eyes of its people: the values before and after."""
    names = [name for name in TOLD if before.get(name) != after.get(name)]
    return {name: before.get(name) for name in names}, {name: after.get(name) for name in names}
