"""Events: created, changed, published, closed; their rooms and gates."""

from typing import Any

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db, jobs, versions
from fairs.core.errors import Conflict, Invalid
from fairs.core.i18n import N_
from fairs.core.rows import fetch_value_or_none
from fairs.events import labels, moving, page_cache, queries, readiness, rules
from fairs.events.forms import EventForm, stored_event
from fairs.events.place_forms import GateForm, RoomForm, usual_rule
from fairs.events.planning import releasing
from fairs.events.rows import EventRow
from fairs.events.tables import Event, EventState, Gate, GateKind, Release, Room
from fairs.units.queries import unit_id

FILL = "registrations.fill"  # a higher slice's job: gives new places to the waiting list
MEETINGS_MOVED = "meetings.moved"  # a higher slice's job, as moving.REGISTRATIONS_MOVED
SLUG_TAKEN = N_("There is already an event with this short name")
CODE_TAKEN = N_("There is already one with this code")
_COLUMNS = (
    "slug",
    "kind",
    "family",
    "title_zh",
    "title_en",
    "summary_zh",
    "summary_en",
    "place_zh",
    "place_en",
    "timezone",
    "starts_at",
    "ends_at",
    "capacity",
    "contact_name",
    "contact_phone",
    "contact_email",
)


async def create_event(form: EventForm, *, by: Actor, demo: bool = False) -> int:
    """A new draft's id. Raises Conflict when the slug is taken, Invalid when the parent is unknown."""
    values: dict[str, Any] = {name: getattr(form, name) for name in _COLUMNS}
    async with db.transaction_or_join():
        values |= {"unit": await unit_id(form.unit), "parent": await _parent(form.parent)}
        values |= {"state": EventState.DRAFT.value, "demo": demo}
        values |= {"created_at": clock.now(), "updated_at": clock.now()}
        with db.constraint_errors({"event_slug_key": Conflict(SLUG_TAKEN, code="slug_taken")}):
            event = Event(**values)
            await event.save()
        event_id = event.id
        await record("event.create", "event", event_id, by=by, after={"slug": form.slug, "kind": form.kind})
    return event_id


async def _parent(slug: str, *, below: int | None = None) -> int | None:
    """The parent's id. The tree has no cycle: a parent is neither the event itself nor a part of it."""
    if not slug:
        return None
    found = await fetch_value_or_none(int, "SELECT id FROM event WHERE slug = :slug", slug=slug)
    if found is None:
        raise Invalid(fields={"parent": [N_("There is no event with this short name")]})
    circle = below is not None and await fetch_value_or_none(
        bool,
        "WITH RECURSIVE up AS (SELECT id, parent FROM event WHERE id = :parent UNION SELECT e.id, e.parent FROM event e"
        " JOIN up ON e.id = up.parent) SELECT bool_or(id = :below) FROM up",
        parent=found,
        below=below,
    )
    if circle:
        raise Invalid(fields={"parent": [N_("An event cannot be a part of itself")]})
    return found


async def update_event(slug: str, form: EventForm, *, by: Actor, seen: str = "", confirmed: str = "") -> int:
    """Store the edited values; returns the id. A published event keeps its slug: links and badges contain it.

    A move that affects people or leaves rows outside, and a capacity below the confirmed, are stored only when
    `confirmed` (the digest shown, or CONFIRMED). Raises Unconfirmed otherwise, and Outdated when the event was changed
    since the version `seen`.
    """
    async with db.transaction_or_join():
        event = await locked_province_event(slug, by)
        versions.require_current(form, stored_event(event), seen)
        if form.slug != slug and event.state != EventState.DRAFT:
            raise Invalid(fields={"slug": [N_("The event has been published: its address cannot change")]})
        values: dict[str, Any] = {name: getattr(form, name) for name in _COLUMNS}
        values |= {"unit": await unit_id(form.unit), "parent": await _parent(form.parent, below=event.id)}
        before = {name: getattr(event, name) for name in values if getattr(event, name) != values[name]}
        if not before:
            return event.id
        require(event, rules.Act.PREPARE)
        moved = moving.what_moves(before)
        check_confirmed(await moving.of_event(event, values, moved), confirmed)
        with db.constraint_errors({"event_slug_key": Conflict(SLUG_TAKEN, code="slug_taken")}):
            await Event.update(**values, updated_at=clock.now()).where(Event.id == event.id)
        after = {name: values[name] for name in before}
        await record("event.update", "event", event.id, by=by, before=before, after=after)
        if "capacity" in before:
            await jobs.enqueue(FILL, {"event": event.id})
        if moved and not rules.is_over(values["ends_at"], clock.now(), demo=event.demo):
            await _notify_moved(event.id, moved)
            for part in await moving.parts_moved_along(event.id, moved):
                await _notify_moved(part, moved & moving.PLACE)
    page_cache.forget()
    return event.id


def require(event: EventRow, act: rules.Act) -> None:
    """Raises Conflict when the event's state does not allow the act."""
    if not rules.allows(event.state, act):
        _, word = labels.state_badge(event.state)
        raise Conflict(N_("The event is in the state “%(state)s”, which does not allow this", state=word), code="state")


def check_confirmed(found: moving.Consequences, confirmed: str) -> None:
    """Raises Unconfirmed when these consequences need confirmation and their digest is not confirmed."""
    if found.needs_confirmation and confirmed not in (moving.CONFIRMED, found.digest):
        raise moving.Unconfirmed(found)


async def _notify_moved(event_id: int, moved: frozenset[str]) -> None:
    """Queue calendar updates with the committed change. Meetings keep their hours; their place and zone may change."""
    mark = clock.now().isoformat()
    await jobs.enqueue(moving.REGISTRATIONS_MOVED, {"event": event_id, "session": None, "mark": mark})
    if moved & moving.OF_MEETINGS:
        await jobs.enqueue(MEETINGS_MOVED, {"event": event_id, "mark": mark})


async def locked_event(slug: str, by: Actor) -> EventRow:
    """An event that this actor runs, locked until the transaction ends. Raises NotFound."""
    found = await queries.event_for(by, slug)
    await lock(found.id)
    return await queries.event_by_id(found.id)


async def locked_province_event(slug: str, by: Actor) -> EventRow:
    """As `locked_event`, for what only the province does. Raises NotFound."""
    await queries.province_event(by, slug)
    return await locked_event(slug, by)


async def prepared_event(slug: str, by: Actor) -> EventRow:
    """As `locked_event`, for a change of the event or of its parts. Raises Conflict in a state that does not allow it."""
    event = await locked_event(slug, by)
    require(event, rules.Act.PREPARE)
    return event


async def lock(event_id: int) -> None:
    """Lock an event's row until the transaction ends."""
    await Event.select(Event.id).where(Event.id == event_id).lock_rows("UPDATE")


async def publish_event(slug: str, *, by: Actor) -> bool:
    """Make the event public and open registration; False when it was already.

    A draft's programme is released with it. An event without an entry gate gets one, so that it can be scanned. Raises NotReady for a draft that its
    checklist blocks.
    """
    async with db.transaction_or_join():
        event = await locked_event(slug, by)
        if event.state == EventState.DRAFT:
            await _require_released(event)
            await readiness.require_ready(event)
        changed = await step(slug, EventState.PUBLISHED, by)
        if changed is not None and changed.state == EventState.DRAFT:
            await releasing.apply(changed, await releasing.prepare(changed), by=by)
        if changed is not None:
            await _ensure_entry(changed, by)
    page_cache.forget()
    return changed is not None


async def _require_released(event: EventRow) -> None:
    """A bureau's draft is published once it has asked for release: publishing is the release. Raises Conflict."""
    if event.release in (Release.DRAWN_UP, Release.RETURNED):
        raise Conflict(N_("The bureau is still drawing this up: it asks for release when it is ready"))
    if event.release == Release.ASKED:
        values: dict[str, Any] = {"release": Release.RELEASED.value, "release_note": ""}
        await Event.update(**values).where(Event.id == event.id)


async def close_event(slug: str, *, by: Actor) -> bool:
    """End registration; the page stays. False when it was closed already."""
    async with db.transaction_or_join():
        changed = await step(slug, EventState.CLOSED, by)
    page_cache.forget()
    return changed is not None


async def step(slug: str, target: EventState, by: Actor, **values: Any) -> EventRow | None:
    """The event as it was if its state changed, None if not; `values` are stored with the state. Raises Conflict."""
    event = await locked_event(slug, by)
    if event.state == target:
        return None
    if not rules.may_become(event.state, target):
        _, word = labels.state_badge(event.state)
        raise Conflict(N_("The event is in the state “%(state)s”: that step is not possible", state=word))
    now = clock.now()
    change: dict[str, Any] = {
        "state": target,
        "ended_at": rules.ended_at(event, target, now),
        **values,
        "updated_at": now,
    }
    await Event.update(**change).where(Event.id == event.id)
    before, after = {"state": event.state}, {"state": target, **values}
    await record(f"event.{target}", "event", event.id, by=by, before=before, after=after)
    return event


async def _ensure_entry(event: EventRow, by: Actor) -> None:
    if await Gate.exists().where(Gate.event == event.id, Gate.kind == GateKind.ENTRY.value):
        return
    gate = GateForm(code=rules.DEFAULT_GATE, kind=GateKind.ENTRY.value, name_zh="主入口", name_en="Main entrance")
    await add_gate(event.id, gate, by=by)


async def add_part(event_id: int, part: Room | Gate, *, by: Actor) -> int:
    """Insert a part of an event, after locking its row. Raises Conflict when its state or a sibling's code is against it."""
    await lock(event_id)
    require(await queries.event_by_id(event_id), rules.Act.PREPARE)
    name = type(part).__name__.lower()
    with db.constraint_errors({f"uq_{name}_event_code": Conflict(CODE_TAKEN, code="code_taken")}):
        await part.save()
    await Event.update(updated_at=clock.now()).where(Event.id == event_id)
    await record(f"{name}.add", name, part.id, by=by, after={"event": event_id, "code": part.code})
    return part.id


async def add_room(event_id: int, form: RoomForm, *, by: Actor) -> int:
    """A room's id. Raises Conflict when the code is taken."""
    values = {name: getattr(form, name) for name in ("code", "name_zh", "name_en", "capacity")}
    async with db.transaction_or_join():
        return await add_part(event_id, Room(event=event_id, **values), by=by)


async def add_gate(event_id: int, form: GateForm, *, by: Actor) -> int:
    """A gate's id. Raises Conflict when the code is taken, Invalid when the session or the room is unknown."""
    async with db.transaction_or_join():
        values = await gate_values(event_id, form)
        return await add_part(event_id, Gate(event=event_id, **values), by=by)


async def gate_values(event_id: int, form: GateForm) -> dict[str, Any]:
    """Values to store. Raises Invalid."""
    if errors := form.check():
        raise Invalid(fields={name: [message] for name, message in errors.items()})
    values: dict[str, Any] = {name: getattr(form, name) for name in GateForm.__struct_fields__}
    values |= {"session": None, "room": None, "rule": form.rule or usual_rule(form.kind)}
    if form.session:
        sql = "SELECT id FROM event_session WHERE event = :event AND code = :code AND cancelled_at IS NULL"
        values["session"] = await fetch_value_or_none(int, sql, event=event_id, code=form.session)
        if values["session"] is None:
            raise Invalid(fields={"session": [N_("The released programme has no session with this code")]})
    if form.room:
        sql = "SELECT id FROM room WHERE event = :event AND code = :code"
        values["room"] = await fetch_value_or_none(int, sql, event=event_id, code=form.room)
        if values["room"] is None:
            raise Invalid(fields={"room": [N_("The event has no room with this code")]})
    return values
