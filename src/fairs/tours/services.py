"""Writes a tour's plan and its stops: groups, quotas, stops added, changed, moved, copied, cancelled, and the release.

Whoever runs the event runs its tour. Before the release nobody is told of anything; from then on each change reaches the people
whom it concerns.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db, versions
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.i18n import N_
from fairs.core.rows import execute, fetch_value, fetch_value_or_none
from fairs.events.queries import event_for
from fairs.events.rows import EventRow
from fairs.events.rules import Act, days_of
from fairs.events.services import locked_event, require
from fairs.tours import queries, rules, telling
from fairs.tours.emails import Case
from fairs.tours.forms import GroupForm, MoveForm, PlanForm, QuotaForm, ReasonForm, StopForm
from fairs.tours.rows import PlanRow, StopRow
from fairs.tours.tables import StopState, TourPlan, TourStop
from fairs.units.queries import unit_id

MOST_STOPS = 400
NOT_LISTED = N_("Choose one from the list")
TOO_MANY = N_("A tour has %(limit)s stops at most", limit=MOST_STOPS)
IS_CANCELLED = N_("This stop is cancelled. Take it up again first.")
NOTHING = N_("There is no stop yet")
HELD: tuple[str, ...] = (  # values of a stop that are columns as the form has them
    "kind",
    "title_zh",
    "title_en",
    "starts_at",
    "ends_at",
    "place_zh",
    "place_en",
    "host_name",
    "host_phone",
    "host_email",
    "interpreters",
    "places",
    "bring_zh",
    "bring_en",
    "note_zh",
    "note_en",
    "pinned",
)


async def prepared(slug: str, by: Actor) -> EventRow:
    """The tour, locked: its stops and people change one after the other. Raises NotFound, Conflict after its end."""
    event = await locked_event(slug, by)
    require(event, Act.PREPARE)
    return event


async def _unit(code: str) -> int | None:
    return await unit_id(code) if code else None


def stored_plan(plan: PlanRow) -> dict[str, Any]:
    """The plan as its form has it."""
    return {name: getattr(plan, name) for name in PlanForm.__struct_fields__}


async def save_plan(slug: str, form: PlanForm, *, seen: str, by: Actor) -> None:
    """Store how the tour is planned. Raises NotFound, Conflict, Outdated."""
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        before = await queries.plan_of(event.id)
        versions.require_current(form, stored_plan(before), seen)
        await _ensure_plan(event.id)
        values: dict[str, Any] = {
            "start": await _unit(form.start),
            "finish": await _unit(form.finish),
            **{name: getattr(form, name) for name in ("begins", "ends", "per_day", "seats", "most_groups", "reply_by")},
        }
        await TourPlan.update(**values, updated_at=clock.now()).where(TourPlan.event == event.id)
        await record(
            "tour.plan",
            "event",
            event.id,
            by=by,
            before=_plain(stored_plan(before)),
            after=_plain(stored_plan_of(form)),
        )


def stored_plan_of(form: PlanForm) -> dict[str, Any]:
    """The values of a form of the plan."""
    return {name: getattr(form, name) for name in PlanForm.__struct_fields__}


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, int | str) else str(value or "") for name, value in values.items()}


async def _ensure_plan(event_id: int) -> None:
    await execute("INSERT INTO tour_plan (event) VALUES (:event) ON CONFLICT (event) DO NOTHING", event=event_id)


async def add_group(slug: str, form: GroupForm, *, by: Actor) -> int:
    """A group of this name; its id, the same one each time. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        made = await fetch_value_or_none(
            int,
            "INSERT INTO tour_group (event, name) VALUES (:event, :name) ON CONFLICT (event, name) DO NOTHING RETURNING id",
            event=event.id,
            name=form.name,
        )
        if made is None:
            sql = "SELECT id FROM tour_group WHERE event = :event AND name = :name"
            return await fetch_value(int, sql, event=event.id, name=form.name)
        await record("tour.group", "event", event.id, by=by, after={"name": form.name})
    return made


async def remove_group(slug: str, group_id: int, *, by: Actor) -> None:
    """Remove a group of which no stop is; its people are in none. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        group = {row.id: row for row in await queries.groups_of(event.id)}.get(group_id)
        if group is None:
            raise NotFound
        sql = "SELECT count(*) FROM tour_stop_group WHERE grp = :group"
        if await fetch_value(int, sql, group=group_id):
            raise Conflict(N_("Stops are for this group: change them first"), code="in_use")
        await execute("DELETE FROM tour_group WHERE id = :id", id=group_id)
        await record("tour.ungroup", "event", event.id, by=by, before={"name": group.name})


async def set_quota(slug: str, form: QuotaForm, *, by: Actor) -> None:
    """How many people are wanted for a city or from a field. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        unit = await _unit(form.unit)
        await execute(
            "DELETE FROM tour_quota WHERE event = :event AND unit IS NOT DISTINCT FROM :unit::bigint AND discipline = :field",
            event=event.id,
            unit=unit,
            field=form.discipline,
        )
        await execute(
            "INSERT INTO tour_quota (event, unit, discipline, places) VALUES (:event, :unit, :field, :places)",
            event=event.id,
            unit=unit,
            field=form.discipline,
            places=form.places,
        )
        after = {"unit": form.unit, "discipline": form.discipline, "places": form.places}
        await record("tour.quota", "event", event.id, by=by, after=after)


async def remove_quota(slug: str, quota_id: int, *, by: Actor) -> None:
    """Take a quota away. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        if not await execute("DELETE FROM tour_quota WHERE id = :id AND event = :event", id=quota_id, event=event.id):
            raise NotFound
        await record("tour.quota", "event", event.id, by=by, after={"places": 0})


def stored_stop(stop: StopRow, event: EventRow) -> dict[str, Any]:
    """The stop as its form has it."""
    return {
        **{name: getattr(stop, name) for name in HELD},
        "unit": stop.unit,
        "employer": str(stop.organisation or ""),
        "groups": stop.group_names,
        "timezone": event.timezone,
    }


async def add_stop(slug: str, form: StopForm, *, by: Actor) -> int:
    """A stop's id. Raises NotFound, Conflict, Invalid."""
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        return await insert_stop(event, form, by=by)


async def insert_stop(event: EventRow, form: StopForm, *, by: Actor) -> int:
    """The same inside the open transaction, for a tour that is locked."""
    if await fetch_value(int, "SELECT count(*) FROM tour_stop WHERE event = :event", event=event.id) >= MOST_STOPS:
        raise Conflict(TOO_MANY, code="too_many")
    values, groups = await _values(event, form)
    now = clock.now()
    rows = await TourStop.insert(TourStop(event=event.id, **values, created_at=now, updated_at=now))
    stop_id = int(rows[0]["id"])
    await _set_groups(stop_id, groups)
    after = await queries.stop_of(event.id, stop_id)
    await record("tour_stop.add", "tour_stop", stop_id, by=by, after=_logged(after))
    if (await queries.plan_of(event.id)).released_at is not None:
        await telling.stop_changed(event, None, after, [], by=by)
    return stop_id


async def _values(event: EventRow, form: StopForm) -> tuple[dict[str, Any], list[int]]:
    """Columns of a stop and the ids of its groups. Raises Invalid."""
    errors: dict[str, list[object]] = {}
    known = {row.name: row.id for row in await queries.groups_of(event.id)}
    if [name for name in form.groups if name not in known]:
        errors["groups"] = [NOT_LISTED]
    employer = int(form.employer) if form.employer.isdecimal() else None
    if form.employer and employer not in {row.id for row in await queries.employers_for(event.id)}:
        errors["employer"] = [NOT_LISTED]
    if errors:
        raise Invalid(fields=errors)
    values: dict[str, Any] = {name: getattr(form, name) for name in HELD}
    values |= {"unit": await _unit(form.unit), "organisation": employer}
    return values, [known[name] for name in dict.fromkeys(form.groups)]


async def _set_groups(stop_id: int, groups: Sequence[int]) -> None:
    await execute("DELETE FROM tour_stop_group WHERE stop = :stop", stop=stop_id)
    await execute(
        "INSERT INTO tour_stop_group (stop, grp) SELECT :stop, unnest(:groups::bigint[])",
        stop=stop_id,
        groups=list(groups),
    )


def _logged(stop: StopRow) -> dict[str, Any]:
    shown = ("kind", "title_zh", "title_en", "unit", "organisation", "places", "state")
    return {name: getattr(stop, name) for name in shown} | {
        "starts_at": stop.starts_at.isoformat(),
        "ends_at": stop.ends_at.isoformat(),
        "groups": ", ".join(stop.group_names),
    }


async def save_stop(slug: str, stop_id: int, form: StopForm, *, seen: str, by: Actor) -> None:
    """Store a stop. A confirmed host is asked again when hour or host change. Raises NotFound, Conflict, Outdated, Invalid."""
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        before = await _standing(event.id, stop_id)
        versions.require_current(form, stored_stop(before, event), seen)
        values, groups = await _values(event, form)
        await write_stop(event, before, values, groups, by=by)


async def write_stop(
    event: EventRow, before: StopRow, values: dict[str, Any], groups: Sequence[int] | None, *, by: Actor
) -> StopRow:
    """Change a stop of a locked tour, tell its people, ask its host again where needed. Unchanged: nothing happens."""
    people = await telling.people_before(event, before)
    was = {name: before.unit_id if name == "unit" else getattr(before, name) for name in values}
    differ = {name: value for name, value in values.items() if was[name] != value}
    regrouped = groups is not None and set(groups) != set(before.groups)
    if not differ and not regrouped:
        return before
    asked = before.state in (StopState.ASKED, StopState.CONFIRMED, StopState.DECLINED)
    again = asked and any(name in differ for name in rules.ASKS_AGAIN)
    if again:
        other_host = "unit" in differ or "organisation" in differ
        differ |= {"state": StopState.PLANNED if other_host else StopState.ASKED, "reason": ""}
        differ |= {"asked_at": None if other_host else clock.now(), "answered_at": None, "answered_by": None}
    now = clock.now()
    await TourStop.update(**differ, revision=before.revision + 1, updated_at=now).where(TourStop.id == before.id)
    if groups is not None and regrouped:
        await _set_groups(before.id, groups)
    after = await queries.stop_of(event.id, before.id)
    await record("tour_stop.save", "tour_stop", before.id, by=by, before=_logged(before), after=_logged(after))
    await telling.stop_changed(event, before, after, people, by=by)
    if again and after.state == StopState.ASKED:
        await telling.ask_hosts(event, after, Case.AGAIN)
    elif before.asked_at is not None and (again or after.state == StopState.CANCELLED != before.state):
        await telling.ask_hosts(event, before, Case.OFF)
    return after


async def _standing(event_id: int, stop_id: int) -> StopRow:
    """A stop that is not cancelled, locked."""
    stop = await queries.stop_of(event_id, stop_id, lock=True)
    if stop.state == StopState.CANCELLED:
        raise Conflict(IS_CANCELLED, code="cancelled")
    return stop


async def move_stop(slug: str, stop_id: int, form: MoveForm, *, by: Actor) -> int:
    """Move a stop to another hour, and the later ones of its day by as much if asked. Returns how many have moved.

    Raises NotFound, Conflict.
    """
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        stop = await _standing(event.id, stop_id)
        by_much = form.starts_at - stop.starts_at
        moving = [stop]
        if form.later:
            moving += [other for other in await queries.stops_of(event.id) if _follows(stop, other, event.timezone)]
        if by_much:
            for one in moving:
                hours = {"starts_at": one.starts_at + by_much, "ends_at": one.ends_at + by_much}
                await write_stop(event, one, hours, None, by=by)
    return len(moving) if by_much else 0


def _follows(stop: StopRow, other: StopRow, zone: str) -> bool:
    """Whether another stop is later on the same day for some of the same people."""
    same_day = days_of(stop.starts_at, stop.ends_at, zone)[0] == days_of(other.starts_at, other.ends_at, zone)[0]
    together = not stop.groups or not other.groups or bool(set(stop.groups) & set(other.groups))
    later = other.starts_at >= stop.ends_at and other.id != stop.id
    return same_day and together and later and other.state in rules.LIVE_STOPS


async def copy_stop(slug: str, stop_id: int, *, by: Actor) -> int:
    """A stop like this one, right after it; nobody is asked yet. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        stop = await queries.stop_of(event.id, stop_id)
        values = stored_stop(stop, event) | {"starts_at": stop.ends_at, "pinned": False}
        values["ends_at"] = stop.ends_at + (stop.ends_at - stop.starts_at)
        return await insert_stop(event, StopForm(**values), by=by)


async def cancel_stop(slug: str, stop_id: int, form: ReasonForm, *, by: Actor) -> None:
    """A stop does not take place: its people and its host are told. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        before = await _standing(event.id, stop_id)
        await write_stop(event, before, {"state": StopState.CANCELLED, "reason": form.reason}, None, by=by)


async def restore_stop(slug: str, stop_id: int, *, by: Actor) -> None:
    """Take a cancelled stop up again; its host is asked anew. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        before = await queries.stop_of(event.id, stop_id, lock=True)
        if before.state != StopState.CANCELLED:
            raise Conflict(N_("This stop is not cancelled"), code="not_cancelled")
        await TourStop.update(asked_at=None, answered_at=None, answered_by=None).where(TourStop.id == stop_id)
        await write_stop(event, before, {"state": StopState.PLANNED, "reason": ""}, None, by=by)


async def store_table(slug: str, forms: Sequence[tuple[int, StopForm]], *, dry: bool, by: Actor) -> int:
    """Add the stops of a table, all or none. `dry`: only look. Raises NotFound, Conflict, Invalid by the number of the row."""
    async with db.transaction_or_join():
        event = await (event_for(by, slug) if dry else prepared(slug, by))
        errors: dict[str, list[object]] = {}
        for number, form in forms:
            try:
                await _values(event, form)
            except Invalid as refused:
                errors[str(number)] = [message for found in refused.fields.values() for message in found]
        if errors:
            raise Invalid(fields=errors)
        if not dry:
            for _, form in forms:
                await insert_stop(event, form, by=by)
    return len(forms)


async def release(slug: str, *, by: Actor) -> int:
    """From now on members see the itinerary and are told of changes; returns how many are told. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        if not [stop for stop in await queries.stops_of(event.id) if stop.state in rules.LIVE_STOPS]:
            raise Conflict(NOTHING, code="empty")
        if (await queries.plan_of(event.id)).released_at is not None:
            raise Conflict(N_("The itinerary has been released already"), code="released")
        await _ensure_plan(event.id)
        await TourPlan.update(released_at=clock.now(), released_by=by.account_id).where(TourPlan.event == event.id)
        told = await telling.released(event, by=by)
        await record("tour.release", "event", event.id, by=by, after={"people": told})
    return told


def first_free_hour(event: EventRow, stops: Sequence[StopRow], begins: int) -> tuple[datetime, datetime]:
    """When a new stop is proposed: after the last one, or on the first morning; an hour and a half."""
    standing = [stop.ends_at for stop in stops if stop.state in rules.LIVE_STOPS]
    if standing:
        start = max(standing)
    else:
        day = days_of(event.starts_at, event.ends_at, event.timezone)[0]
        start = datetime(day.year, day.month, day.day, begins, tzinfo=ZoneInfo(event.timezone))
    return start, start + timedelta(minutes=90)
