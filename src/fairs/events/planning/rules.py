"""The draft compared with the last release, and what is doubtful about it. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby

from fairs.events import rules
from fairs.events.planning import speaking
from fairs.events.planning.rows import Plan
from fairs.events.tables import ChangeKind

VALUES = (
    "kind",
    "title_zh",
    "title_en",
    "starts_at",
    "ends_at",
    "room",
    "unit",
    "capacity",
    "sign_up",
    "changes_until",
    "speakers",
)
MOVES = frozenset({"starts_at", "ends_at", "room"})


class Doubt(StrEnum):
    """What is doubtful about a session. A doubt stops nobody: the release shows it first."""

    ROOM_TWICE = "room_twice"
    SPEAKER_TWICE = "speaker_twice"
    OUTSIDE = "outside"
    MIDNIGHT = "midnight"
    CAPACITY = "capacity"


@dataclass(frozen=True)
class Warned:
    """A doubt about session `code`. `other` is the second session, `name` the room or the speaker, by code."""

    doubt: Doubt
    code: str
    other: str = ""
    name: str = ""
    seats: int = 0
    places: int = 0


@dataclass(frozen=True)
class Item:
    """A session of the draft. `was` is its last release; `change` what the next release does, None when nothing."""

    plan: Plan
    was: Plan | None
    change: ChangeKind | None

    @property
    def changed(self) -> list[str]:
        """Names of the values that differ from the last release."""
        if self.was is None or self.plan.removed:
            return []
        return [name for name in VALUES if getattr(self.plan, name) != getattr(self.was, name)]


def change_of(plan: Plan, was: Plan | None) -> ChangeKind | None:
    """What a release makes of a session."""
    if was is None:
        return ChangeKind.NEW
    if plan.removed:
        return ChangeKind.CANCELLED
    differing = {name for name in VALUES if getattr(plan, name) != getattr(was, name)}
    if differing & MOVES:
        return ChangeKind.MOVED
    return ChangeKind.CHANGED if differing else None


def merged(released: Sequence[Plan], drafted: Sequence[Plan]) -> list[Item]:
    """The draft: what is released, with the drafted sessions in their places, in order of time."""
    drafts = {plan.code: plan for plan in drafted}
    before = {plan.code: plan for plan in released}
    plans = [drafts.get(plan.code, plan) for plan in released]
    plans += [plan for plan in drafted if plan.code not in before]
    plans.sort(key=lambda plan: (plan.starts_at, plan.ends_at, plan.code))
    found = [(plan, before.get(plan.code)) for plan in plans]
    return [Item(plan, was, change_of(plan, was)) for plan, was in found]


def _overlapping(plans: Sequence[Plan]) -> Iterator[tuple[Plan, Plan]]:
    """Pairs at the same time; `plans` are in order of time."""
    running: list[Plan] = []
    for plan in plans:
        running = [one for one in running if one.ends_at > plan.starts_at]
        yield from ((one, plan) for one in running)
        running.append(plan)


def warnings(
    items: Sequence[Item], days: tuple[datetime, datetime, str], places: Mapping[str, int | None]
) -> list[Warned]:
    """All doubts, in order of time. `days`: begin, end and zone of the event; `places`: a room's code → its seats."""
    plans = [item.plan for item in items if not item.plan.removed]
    found = [warned for plan in plans for warned in _alone(plan, days, places)]
    in_rooms = sorted((plan for plan in plans if plan.room_code), key=lambda plan: str(plan.room_code))
    for room, group in groupby(in_rooms, key=lambda plan: str(plan.room_code)):
        found += [Warned(Doubt.ROOM_TWICE, b.code, a.code, room) for a, b in _overlapping(list(group))]
    said: dict[str, list[Plan]] = {}
    for plan in plans:
        for person in speaking.parse(plan.speakers):
            said.setdefault(person.name, []).append(plan)
    for name, group_ in said.items():
        found += [Warned(Doubt.SPEAKER_TWICE, b.code, a.code, name) for a, b in _overlapping(group_)]
    order = {plan.code: at for at, plan in enumerate(plans)}
    return sorted(found, key=lambda warned: (order[warned.code], warned.doubt, warned.other))


def _alone(plan: Plan, days: tuple[datetime, datetime, str], places: Mapping[str, int | None]) -> Iterator[Warned]:
    starts_at, ends_at, zone = days
    if not rules.lies_within(plan.starts_at, plan.ends_at, starts_at, ends_at, zone):
        yield Warned(Doubt.OUTSIDE, plan.code)
    if len(rules.days_of(plan.starts_at, plan.ends_at, zone)) > 1:
        yield Warned(Doubt.MIDNIGHT, plan.code)
    seats = places.get(plan.room_code or "")
    if seats is not None and plan.capacity is not None and plan.capacity > seats:
        yield Warned(Doubt.CAPACITY, plan.code, name=str(plan.room_code), seats=plan.capacity, places=seats)


def moved_hours(plan: Plan, starts_at: datetime) -> tuple[datetime, datetime, datetime | None]:
    """Begin, end and sign-up's end of a session that is moved: it keeps its length and its distance."""
    by: timedelta = starts_at - plan.starts_at
    return starts_at, plan.ends_at + by, plan.changes_until + by if plan.changes_until else None
