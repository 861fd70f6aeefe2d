"""Data of the meeting pages: wishes sorted by the next action, the timetable, free slots."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from fairs.accounts.actor import Actor
from fairs.core import clock, i18n
from fairs.core.i18n import N_
from fairs.core.wishes import Level, Side
from fairs.events.queries import event_by_id
from fairs.events.rows import EventRow
from fairs.events.rules import Act, allows, is_over
from fairs.matching.presentation import label, person
from fairs.meetings import queries, rules
from fairs.meetings.attendance import services as attendance
from fairs.meetings.giving import queries as giving
from fairs.meetings.rows import EmployersWish, FreeSlot, MeetingRow, PairToBook, SlotRow, Wish
from fairs.meetings.tables import MeetingOutcome, MeetingState

W = TypeVar("W", bound=Wish)
STATES: dict[str, tuple[str, object]] = {  # state → kind of badge, word
    MeetingState.SCHEDULED: ("progress", N_("Scheduled")),
    MeetingState.HELD: ("success", N_("Held")),
    MeetingState.NO_SHOW: ("warning", N_("Not present")),
    MeetingState.CANCELLED: ("neutral", N_("Cancelled")),
}
OUTCOMES: dict[str, object] = {
    MeetingOutcome.INTENT: N_("Intent to sign"),
    MeetingOutcome.TALKS: N_("Talks continue"),
    MeetingOutcome.NONE: N_("Nothing for now"),
}


async def of_talent(actor: Actor) -> dict[str, Any]:
    """The candidate's meetings and wishes; `wishes`: requests, mutual, waiting, declined."""
    talent_id = await queries.find_talent_id(actor)
    meetings = await queries.meetings_of_talent(talent_id) if talent_id else []
    begun = {m.event for m in meetings if m.state == MeetingState.SCHEDULED and m.starts_at <= clock.now()}
    if sum([await attendance.bring_up(event) for event in begun]):
        meetings = await queries.meetings_of_talent(talent_id or 0)
    wishes = await queries.wishes_of_talent(talent_id) if talent_id else []
    now = clock.now()
    return {
        "has_profile": talent_id is not None,
        "coming": [m for m in meetings if m.state == MeetingState.SCHEDULED and m.ends_at > now],
        "past": [m for m in meetings if m.state != MeetingState.SCHEDULED or m.ends_at <= now],
        "begun": lambda meeting: rules.has_begun(meeting, now),
        "wishes": _sorted(wishes, Side.TALENT),
        "states": STATES,
        "label": label,
    }


def _sorted(wishes: Sequence[W], own: Side) -> dict[str, list[W]]:
    """Grouped by the next action. A pair with a live meeting is in no group."""
    groups: dict[str, list[W]] = {"requests": [], "mutual": [], "waiting": [], "declined": []}
    for wish in wishes:
        if wish.meeting:
            continue
        level = wish.talent_level if own == Side.TALENT else wish.employer_level
        if wish.mutual:
            groups["mutual"].append(wish)
        elif level == Level.NO:
            groups["declined"].append(wish)
        elif level is None:
            groups["requests"].append(wish)
        else:
            groups["waiting"].append(wish)
    return groups


async def of_employer(actor: Actor, fair: EventRow | None) -> dict[str, Any]:
    """The employer's side of the open fair."""
    if fair is None:
        return {"fair": None}
    organisations, now = actor.organisation_ids, clock.now()
    await attendance.bring_up(fair.id)
    meetings = await queries.meetings_of_organisations(organisations, fair.id)
    wishes = await queries.wishes_of_organisations(organisations, fair.id)
    sorted_wishes = _sorted(wishes, Side.EMPLOYER)
    slots = await queries.slots(fair.id)
    live = [meeting for meeting in meetings if meeting.state != MeetingState.CANCELLED]
    due = [m for m in live if rules.to_report(m, now)]
    tables = await queries.tables_of(fair.id, organisations)
    return {
        "fair": fair,
        "own_tables": await giving.own_tables(fair.id, organisations),
        "shared_tables": (await queries.hall(fair.id)).shared_tables,
        "may_ask": allows(fair.state, Act.MEET),
        "slots": slots,
        "days": rules.timetable(slots, live, tables, fair.timezone) if live else [],
        "meetings": live,
        "due": due,
        "cancelled": [meeting for meeting in meetings if meeting.state == MeetingState.CANCELLED],
        "wishes": sorted_wishes,
        "agreements": await queries.agreements_of([m.id for m in live if m.outcome == MeetingOutcome.INTENT]),
        "free": (free := await _free(sorted_wishes["mutual"], fair)),
        "why_not": await _why_not(free, fair.id),
        "begun": lambda meeting: rules.has_begun(meeting, now),
        "outcome_due": lambda meeting: rules.outcome_due(meeting.state, meeting.starts_at, now),
        "states": STATES,
        "outcomes": OUTCOMES,
        "person": person,
        "label": label,
        "heads": _heads,
        "time": lambda moment: i18n.format_moment(moment, fair.timezone, "time"),
    }


async def of_refusal(listing_id: int, talent_id: int) -> dict[str, Any]:
    """Data for an employer whose booking was refused: the pair, and the slots in which it can meet now."""
    pair = await queries.pair_to_book(listing_id, talent_id)
    free: Sequence[FreeSlot] = []
    why_not: object = ""
    if pair.bookable:
        key = (pair.organisation, talent_id)
        free = (await _free([pair], await event_by_id(pair.event)))[key]
        why_not = (await _why_not({key: free}, pair.event)).get(key, "")
    return {"wish": pair, "free": free, "why_not": why_not, "person": person, "label": label}


async def _why_not(free: Mapping[tuple[int, int], Sequence[FreeSlot]], event_id: int) -> dict[tuple[int, int], object]:
    """(organisation, talent) → why there is no slot, for pairs without one."""
    now, found = clock.now(), {}
    for (organisation, talent), slots in free.items():
        if not slots:
            lacking = await queries.why_nothing_free(event_id, organisation, talent, now)
            found[organisation, talent] = rules.REASONS[rules.reason(lacking)]
    return found


def _heads(day: rules.Day[MeetingRow]) -> list[dict[str, Any]]:
    """The column headers of a day's timetable."""
    tables = [{"label": i18n.gettext("Table %(number)s", number=number)} for number in day.tables]
    return [{"label": i18n.gettext("Time")}, *tables]


async def _free(pairs: Sequence[EmployersWish | PairToBook], event: EventRow) -> dict[tuple[int, int], list[FreeSlot]]:
    """(organisation, talent) → slots free for both."""
    found: dict[tuple[int, int], list[FreeSlot]] = {}
    if is_over(event.ends_at, clock.now(), demo=event.demo):
        return {(pair.organisation, pair.talent): [] for pair in pairs}
    for organisation in {pair.organisation for pair in pairs}:
        talents = [pair.talent for pair in pairs if pair.organisation == organisation]
        free = await queries.free_slots(event.id, organisation, talents, clock.now())
        found.update({(organisation, talent): free.get(talent, []) for talent in talents})
    return found


def by_day(slots: Sequence[SlotRow], zone: str) -> dict[date, list[str]]:
    """Day → hours of its slots, in the event's zone."""
    hours: dict[date, list[str]] = {}
    for slot in slots:
        day = slot.starts_at.astimezone(ZoneInfo(zone)).date()
        times = (i18n.format_moment(moment, zone, "time") for moment in (slot.starts_at, slot.ends_at))
        hours.setdefault(day, []).append("–".join(times))
    return hours
