"""Counties ask for experts, who runs the event decides, experts answer, days are planned and reported, counties follow up."""

from typing import Any

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db, versions
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.i18n import N_
from fairs.core.rows import execute, fetch_value_or_none
from fairs.events.queries import event_by_slug
from fairs.files.services import attach, let_go
from fairs.files.tables import Purpose
from fairs.outreach import emails, queries, rules
from fairs.outreach.forms import BackForm, DayForm, DoneForm, FollowUpForm, RequestForm
from fairs.outreach.rows import RequestRow
from fairs.outreach.tables import (
    ExpertState,
    ServiceDay,
    ServiceExpert,
    ServiceFollowUp,
    ServiceRequest,
    ServiceState,
)

NO_EVENT = N_("Counties cannot ask for this event now")
FIXED = N_("It was decided: it is not changed any more")
NOT_ACCEPTED = N_("The request is not accepted, or the visit is over")
EARLY = N_("Report a day of the visit first")
DONE = N_("This was done already: look at it again")


def stored_request(row: RequestRow) -> dict[str, Any]:
    """The request as its form has it."""
    return {name: getattr(row, name) for name in RequestForm.__struct_fields__}


async def ask(slug: str, unit: int, form: RequestForm, *, by: Actor) -> int:
    """A county asks for experts. Raises NotFound for a unit of others, Conflict for an event that takes no requests."""
    async with db.transaction_or_join():
        if unit not in by.unit_ids:
            raise NotFound
        if slug not in {event.slug for event in await queries.open_events()}:
            raise Conflict(NO_EVENT, code="event")
        event = await event_by_slug(slug, viewer=by)
        values: dict[str, Any] = {name: getattr(form, name) for name in RequestForm.__struct_fields__}
        made = ServiceRequest(event=event.id, unit=unit, asked_by=by.account_id, asked_at=clock.now(), **values)
        await made.save()
        after = {"event": event.slug, "title": form.topic_zh or form.topic_en}
        await record("service_request.ask", "service_request", made.id, by=by, after=after)
        return int(made.id)


async def _county(request_id: int, by: Actor) -> RequestRow:
    """A request of the actor's own county, locked. Raises NotFound."""
    row = await queries.request_for(by, request_id, lock=True)
    if row.unit not in by.unit_ids and not queries.decides(by, row):
        raise NotFound
    return row


async def save(request_id: int, form: RequestForm, *, seen: str, by: Actor) -> None:
    """Change a request that is not decided; one that was sent back is asked again. Raises NotFound, Conflict, Outdated."""
    async with db.transaction_or_join():
        row = await _county(request_id, by)
        if row.state not in rules.CHANGEABLE:
            raise Conflict(FIXED, code="state")
        versions.require_current(form, stored_request(row), seen)
        values: dict[str, Any] = {name: getattr(form, name) for name in RequestForm.__struct_fields__}
        changed = sorted(name for name in values if getattr(row, name) != values[name])
        await ServiceRequest.update(**values, updated_at=clock.now()).where(ServiceRequest.id == request_id)
        await record("service_request.save", "service_request", request_id, by=by, after={"fields": changed})
        if row.state == ServiceState.RETURNED:
            await _step(row, "ask", by=by)


async def _step(row: RequestRow, act: str, *, by: Actor, reason: str = "") -> None:
    sources, target = rules.STEPS[act]
    if row.state not in sources:
        raise Conflict(DONE, code="state")
    values: dict[str, Any] = {"state": target.value, "reason": reason, "updated_at": clock.now()}
    if act in ("accept", "return"):
        values |= {"decided_at": clock.now(), "decided_by": by.account_id}
    await ServiceRequest.update(**values).where(ServiceRequest.id == row.id)
    after = {"state": target.value, **({"reason": reason} if reason else {})}
    await record(
        "service_request.step", "service_request", row.id, by=by, before={"state": row.state.value}, after=after
    )


async def _decided(request_id: int, by: Actor) -> RequestRow:
    row = await queries.request_for(by, request_id, lock=True)
    if not queries.decides(by, row):
        raise NotFound
    return row


async def accept(request_id: int, *, by: Actor) -> None:
    """Who runs the event takes the request on. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        await _step(await _decided(request_id, by), "accept", by=by)


async def send_back(request_id: int, form: BackForm, *, by: Actor) -> None:
    """Who runs the event asks for a change. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        await _step(await _decided(request_id, by), "return", by=by, reason=form.reason)


async def close(request_id: int, *, by: Actor) -> None:
    """The visit is over; days that were not reported stay planned and do not count. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        await _step(await _county(request_id, by), "close", by=by)


async def cancel(request_id: int, *, by: Actor) -> None:
    """Nobody comes. Raises NotFound, Conflict once days were reported."""
    async with db.transaction_or_join():
        row = await _county(request_id, by)
        if row.done:
            raise Conflict(N_("Days were reported: close the visit instead"), code="reported")
        await _step(row, "cancel", by=by)


async def _accepted(request_id: int, by: Actor) -> RequestRow:
    row = await _county(request_id, by)
    if row.state != ServiceState.ACCEPTED:
        raise Conflict(NOT_ACCEPTED, code="state")
    return row


async def ask_expert(request_id: int, talent: int, why: str, *, by: Actor) -> None:
    """Ask somebody to go, by mail, with the reason; whoever was asked is not asked twice. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        row = await _accepted(request_id, by)
        known = {one.talent for one in await queries.experts_of(row.id)}
        if talent in known:
            raise Conflict(N_("This person was asked already"), code="asked")
        made = ServiceExpert(request=row.id, talent=talent, why=why[:500], asked_at=clock.now())
        await made.save()
        await record("service_request.expert", "service_request", row.id, by=by, after={"talent": talent})
        await emails.ask_expert(row, int(made.id), why)


async def withdraw_expert(request_id: int, expert_id: int, *, by: Actor) -> None:
    """Somebody goes no longer; planned days go, reported ones stay. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        row = await _accepted(request_id, by)
        if expert_id not in {one.id for one in await queries.experts_of(row.id)}:
            raise NotFound
        await execute("DELETE FROM service_day WHERE expert = :expert AND done_at IS NULL", expert=expert_id)
        await ServiceExpert.update(state=ExpertState.WITHDRAWN.value).where(ServiceExpert.id == expert_id)
        await record("service_request.withdraw", "service_request", row.id, by=by)


async def answer(expert_id: int, *, agrees: bool, by: Actor) -> None:
    """The expert says yes or no, and may say otherwise until the visit is over. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        visit = await queries.own_visit(by, expert_id)
        await execute("SELECT 1 FROM service_request WHERE id = :id FOR UPDATE", id=visit.request)
        visit = await queries.own_visit(by, expert_id)
        if visit.request_state != ServiceState.ACCEPTED:
            raise Conflict(N_("The visit is over, or does not take place"), code="state")
        state = ExpertState.AGREED if agrees else ExpertState.DECLINED
        if not agrees:
            sql = "SELECT 1 FROM service_day WHERE expert = :expert AND done_at IS NOT NULL LIMIT 1"
            if await fetch_value_or_none(int, sql, expert=expert_id):
                raise Conflict(N_("You have been there already"), code="been")
            await execute("DELETE FROM service_day WHERE expert = :expert", expert=expert_id)
        values: dict[str, Any] = {"state": state.value, "answered_at": clock.now()}
        await ServiceExpert.update(**values).where(ServiceExpert.id == expert_id)
        await record("service_request.answer", "service_request", visit.request, by=by, after={"state": state.value})


async def plan_day(request_id: int, form: DayForm, *, by: Actor) -> None:
    """Plan a day of an expert who agreed. Raises NotFound, Conflict, Invalid."""
    async with db.transaction_or_join():
        row = await _accepted(request_id, by)
        agreed = {one.id for one in await queries.experts_of(row.id) if one.state == ExpertState.AGREED}
        if form.expert not in agreed:
            raise Invalid(fields={"expert": [N_("Choose one from the list")]})
        if not rules.within(form.day, row.from_day, row.to_day):
            raise Invalid(fields={"day": [N_("This is not a day of the visit")]})
        taken = Invalid(fields={"day": [N_("This expert has that day already")]})
        with db.constraint_errors({"uq_service_day": taken}):
            await ServiceDay(expert=form.expert, day=form.day, place=form.place, task=form.task).save()
        await record("service_request.day", "service_request", row.id, by=by, after={"day": form.day.isoformat()})


async def report_day(request_id: int, day_id: int, form: DoneForm, *, by: Actor) -> None:
    """Report how a day went; a new file replaces the former one. Raises NotFound, Conflict, Invalid."""
    async with db.transaction_or_join():
        row = await _accepted(request_id, by)
        day = await queries.day_of(row.id, day_id)
        if day.day > clock.now().date():
            raise Invalid(fields={"people": [N_("This day has not come yet")]})
        values: dict[str, Any] = {"people": form.people, "note": form.note, "done_by": by.account_id}
        if form.evidence:
            values["evidence"] = await attach(form.evidence, Purpose.SERVICE, field="evidence")
            await let_go(day.evidence)
        await ServiceDay.update(**values, done_at=day.done_at or clock.now()).where(ServiceDay.id == day_id)
        after = {"day": day.day.isoformat(), "people": form.people}
        await record("service_request.report", "service_request", row.id, by=by, after=after)


async def remove_day(request_id: int, day_id: int, *, by: Actor) -> None:
    """Take a planned day out. Raises NotFound, Conflict for a reported one."""
    async with db.transaction_or_join():
        row = await _accepted(request_id, by)
        day = await queries.day_of(row.id, day_id)
        if day.done_at is not None:
            raise Conflict(N_("This day was reported"), code="reported")
        await execute("DELETE FROM service_day WHERE id = :id", id=day_id)
        await record("service_request.unplan", "service_request", row.id, by=by, after={"day": day.day.isoformat()})


async def follow_up(request_id: int, form: FollowUpForm, *, by: Actor) -> None:
    """The county says what came of it, once days were reported, as often as there is news. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        row = await queries.request_for(by, request_id, lock=True)
        if row.unit not in by.unit_ids:
            raise NotFound
        if not row.done:
            raise Conflict(EARLY, code="early")
        made: dict[str, Any] = {"request": row.id, "came": form.came, "text": form.text, "by": by.account_id}
        await ServiceFollowUp(at=clock.now(), **made).save()
        await record("service_request.follow_up", "service_request", row.id, by=by, after={"state": form.came})
