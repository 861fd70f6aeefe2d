"""The draft of a programme: sessions added, changed, moved, taken out, put back, and its release."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec.structs import asdict, replace

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import db, versions
from fairs.core.errors import Conflict, Invalid
from fairs.core.i18n import N_
from fairs.events import page_cache, queries, services
from fairs.events.forms import SessionForm
from fairs.events.planning import drafts, releasing, rules, speaking
from fairs.events.planning import queries as planning
from fairs.events.planning.rows import Plan
from fairs.events.rows import EventRow
from fairs.events.rules import Act
from fairs.units.queries import all_units

OF_FORM = (
    "code",
    "kind",
    "title_zh",
    "title_en",
    "starts_at",
    "ends_at",
    "capacity",
    "sign_up",
    "changes_until",
)
CODE_FIXED = N_("The session has been released: its code cannot change")
CODE_CANCELLED = N_("A cancelled session has this code. Choose another.")
FIRST_RELEASED = N_("The session has not been released yet")


def stored_session(plan: Plan, zone: str) -> dict[str, Any]:
    """The form's values of a drafted session."""
    return {**asdict(plan), "room": plan.room_code or "", "unit": plan.unit_code or "", "timezone": zone}


class Finder:
    """Finds an event's rooms, units and speakers by what people type: read once for many sessions."""

    def __init__(self, rooms: dict[str, int], units: dict[str, int], people: dict[str, str]) -> None:
        self.rooms, self.units, self.people = rooms, units, people

    @classmethod
    async def of(cls, event_id: int) -> "Finder":
        """Everything that a session of this event may name."""
        people: dict[str, str] = {}
        speakers = await planning.speakers_of(event_id)
        for speaker in speakers:
            for name in (speaker.name_zh, speaker.name_en):
                people.setdefault(name.casefold(), speaker.code)
        people |= {speaker.code.casefold(): speaker.code for speaker in speakers}
        rooms = {room.code: room.id for room in await queries.rooms_of(event_id)}
        return cls(rooms, {unit.code: unit.id for unit in await all_units()}, people)

    def plan(self, form: SessionForm, session: int | None) -> Plan:
        """The drafted session of a form. Raises Invalid with all that is unknown."""
        unknown: dict[str, list[object]] = {}
        if form.room and form.room not in self.rooms:
            unknown["room"] = [N_("The event has no room with this code")]
        people = [
            speaking.Named(self.people.get(one.name.casefold(), ""), one.role) for one in speaking.parse(form.speakers)
        ]
        missing = [one.name for one, known in zip(speaking.parse(form.speakers), people, strict=True) if not known.name]
        if missing:
            names = ", ".join(missing)
            unknown["speakers"] = [N_("The event has no speaker %(names)s. Add the speaker first.", names=names)]
        if unknown:
            raise Invalid(fields=unknown)
        values: dict[str, Any] = {name: getattr(form, name) for name in OF_FORM}
        return Plan(
            session=session,
            unit=self.units[form.unit] if form.unit else None,
            room=self.rooms[form.room] if form.room else None,
            speakers=speaking.canonical(speaking.written(people)),
            removed=False,
            reason="",
            room_code=form.room or None,
            unit_code=form.unit or None,
            **values,
        )


async def add_session(event_id: int, form: SessionForm, *, by: Actor) -> None:
    """Draft a new session. Raises Conflict when the code is taken, Invalid for an unknown room or speaker."""
    async with db.transaction_or_join():
        await services.lock(event_id)
        services.require(await queries.event_by_id(event_id), Act.PREPARE)
        taken = {item.plan.code for item in await planning.draft(event_id)}
        if form.code in taken:
            raise Conflict(services.CODE_TAKEN, code="code_taken")
        if await planning.is_cancelled(event_id, [form.code]):
            raise Conflict(CODE_CANCELLED, code="code_taken")
        plan = (await Finder.of(event_id)).plan(form, None)
        await drafts.put(event_id, [plan])
        await record("session.draft", "event", event_id, by=by, after=_told(plan))


async def update_session(slug: str, code: str, form: SessionForm, *, by: Actor, seen: str = "") -> None:
    """Draft a session's new values; nobody is told before the release.

    Raises NotFound, Invalid and Conflict as `add_session`, and Outdated when it was changed since the version `seen`.
    """
    async with db.transaction_or_join():
        event = await services.prepared_event(slug, by)
        item = await planning.item_of(event.id, code)
        plan = (await Finder.of(event.id)).plan(form, item.plan.session)
        shown = stored_session(plan, event.timezone)
        resolved = SessionForm(**{name: shown[name] for name in SessionForm.__struct_fields__})
        versions.require_current(resolved, stored_session(item.plan, event.timezone), seen)
        if plan.code != code:
            await _recode(event, item, plan.code)
        await _keep(event, item, plan, by)


async def _recode(event: EventRow, item: rules.Item, code: str) -> None:
    if item.was is not None:
        raise Invalid(fields={"code": [CODE_FIXED]})
    if any(other.plan.code == code for other in await planning.draft(event.id)):
        raise Conflict(services.CODE_TAKEN, code="code_taken")
    if await planning.is_cancelled(event.id, [code]):
        raise Conflict(CODE_CANCELLED, code="code_taken")


async def _keep(event: EventRow, item: rules.Item, plan: Plan, by: Actor) -> None:
    """Store one session of the draft; a draft that equals the release is dropped."""
    before, after = _told(item.plan), _told(plan)
    if before == after:
        return
    if plan.code != item.plan.code:
        await drafts.drop(event.id, [item.plan.code])
    if rules.change_of(plan, item.was) is None:
        await drafts.drop(event.id, [plan.code])
    else:
        await drafts.put(event.id, [plan])
    names = [name for name in after if before[name] != after[name]]
    kept = {"code": plan.code}
    values = {
        "before": kept | {name: before[name] for name in names},
        "after": kept | {name: after[name] for name in names},
    }
    await record("session.draft", "event", event.id, by=by, **values)


async def move_session(
    slug: str, code: str, starts_at: datetime, room: str, *, by: Actor, seen: str = ""
) -> rules.Item:
    """Draft another hour or room of a session, which keeps its length; raises as `update_session`."""
    async with db.transaction_or_join():
        event = await services.prepared_event(slug, by)
        plan = (await planning.item_of(event.id, code)).plan
        begins, ends, until = rules.moved_hours(plan, starts_at)
        stored = stored_session(plan, event.timezone)
        values = {name: stored[name] for name in SessionForm.__struct_fields__}
        values |= {"starts_at": begins, "ends_at": ends, "changes_until": until, "room": room}
        form = SessionForm(**values)
        if wrong := form.check():
            raise Invalid(fields={name: [message] for name, message in wrong.items()})
        await update_session(slug, code, form, by=by, seen=seen)
        return await planning.item_of(event.id, code)


async def withdraw_session(slug: str, code: str, reason: str, *, by: Actor) -> bool:
    """Take a session out: True when it was never released and is gone, False when the next release cancels it."""
    async with db.transaction_or_join():
        event = await services.prepared_event(slug, by)
        item = await planning.item_of(event.id, code)
        if item.was is None:
            await drafts.drop(event.id, [code])
            await record("session.undraft", "event", event.id, by=by, before=_told(item.plan))
            return True
        if not reason.strip():
            raise Invalid(fields={"reason": [N_("Say why: everybody who signed up reads it")]})
        await _keep(event, item, replace(item.was, removed=True, reason=reason.strip()), by)
    return False


async def restore_session(slug: str, code: str, *, by: Actor) -> None:
    """Back to the released session. Raises NotFound, and Conflict for one that was never released."""
    async with db.transaction_or_join():
        event = await services.prepared_event(slug, by)
        item = await planning.item_of(event.id, code)
        if item.was is None:
            raise Conflict(FIRST_RELEASED)
        await _keep(event, item, item.was, by)


async def restore_all(slug: str, *, by: Actor) -> int:
    """Back to the last release: every draft is dropped. Returns how many."""
    async with db.transaction_or_join():
        event = await services.prepared_event(slug, by)
        found = [plan.code for plan in await planning.drafts_of(event.id)]
        if found:
            await drafts.drop(event.id, found)
            await record("programme.restore", "event", event.id, by=by, before={"drafts": found})
    return len(found)


@dataclass(frozen=True)
class Checked:
    """Sessions of a spreadsheet, found fit for the draft `known`."""

    known: dict[str, rules.Item]
    plans: list[Plan]

    @property
    def new(self) -> list[Plan]:
        return [plan for plan in self.plans if plan.code not in self.known]

    @property
    def changed(self) -> list[Plan]:
        return [
            plan for plan in self.plans if plan.code in self.known and _told(self.known[plan.code].plan) != _told(plan)
        ]

    @property
    def after(self) -> list[rules.Item]:
        """The draft with these sessions in it."""
        released = [item.was for item in self.known.values() if item.was]
        drafted = {item.plan.code: item.plan for item in self.known.values()}
        return rules.merged(released, list((drafted | {plan.code: plan for plan in self.plans}).values()))


async def check_all(event: EventRow, forms: Sequence[tuple[int, SessionForm]]) -> Checked:
    """The sessions of many forms, each with its row number, by their codes.

    Raises Invalid with the errors of all rows: `fields` maps a row's number to its messages.
    """
    known = {item.plan.code: item for item in await planning.draft(event.id)}
    finder = await Finder.of(event.id)
    gone = set(await planning.is_cancelled(event.id, [form.code for _, form in forms]))
    errors: dict[str, list[object]] = {}
    plans: list[Plan] = []
    for number, form in forms:
        item = known.get(form.code)
        try:
            if form.code in gone:
                raise Invalid(fields={"code": [CODE_CANCELLED]})
            plans.append(finder.plan(form, item.plan.session if item else None))
        except Invalid as wrong:
            errors[str(number)] = [message for found in wrong.fields.values() for message in found]
    if errors:
        raise Invalid(fields=errors)
    return Checked(known, plans)


async def store_all(slug: str, forms: Sequence[tuple[int, SessionForm]], *, by: Actor) -> Checked:
    """Draft many sessions, all or none; raises as `check_all`."""
    async with db.transaction_or_join():
        event = await services.prepared_event(slug, by)
        checked = await check_all(event, forms)
        new, changed, known = checked.new, checked.changed, checked.known
        back = [plan.code for plan in changed if rules.change_of(plan, known[plan.code].was) is None]
        await drafts.put(event.id, [*new, *(plan for plan in changed if plan.code not in back)])
        await drafts.drop(event.id, back)
        if new or changed:
            before = {plan.code: _told(known[plan.code].plan) for plan in changed}
            after = {plan.code: _told(plan) for plan in [*new, *changed]}
            await record("programme.import", "event", event.id, by=by, before=before, after=after)
    return checked


async def release(slug: str, *, by: Actor, confirmed: str = "") -> int:
    """Release the draft; returns the number of the version. Raises Conflict when nothing differs.

    Raises releasing.Unconfirmed unless `confirmed` is the digest of what was shown, or moving.CONFIRMED.
    """
    async with db.transaction_or_join():
        event = await services.prepared_event(slug, by)
        prepared = await releasing.prepare(event)
        if not prepared.items:
            raise Conflict(N_("Nothing differs from the released programme"), code="nothing_to_release")
        releasing.require_confirmed(prepared, confirmed)
        number = await releasing.apply(event, prepared, by=by)
    page_cache.forget()
    return number


def _told(plan: Plan) -> dict[str, Any]:
    """A session's values for the audit log: codes instead of ids."""
    values = asdict(plan)
    for name in ("session", "room", "unit"):
        del values[name]
    return values
