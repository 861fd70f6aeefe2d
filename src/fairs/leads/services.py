"""Writes leads: a badge seen, the visitor's answer, what the employer notes, and the gates of booths.

Without consent a lead is only that a badge was seen, and when. Consent is asked once; whoever said no is not asked again, and
only the visitor changes the answer. What was noted goes with the consent.
"""

from typing import Any

from fairs.accounts import rate_limits, undoing
from fairs.accounts.actor import Actor
from fairs.accounts.rate_limits import Counter
from fairs.audit.services import record
from fairs.checkin import tallies
from fairs.core import clock, db, versions
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.i18n import N_
from fairs.core.rows import execute, fetch_as, fetch_value, fetch_value_or_none
from fairs.events.rows import EventRow
from fairs.events.rules import Act, allows
from fairs.leads import queries
from fairs.leads.forms import LeadForm, split_tags
from fairs.leads.rows import GateThrough, LeadRow, Visitor
from fairs.leads.tables import Answer, FollowUp, Lead, SeenBy
from fairs.meetings.attendance import services as attendance
from fairs.organisations.rows import OrganisationRow
from fairs.organisations.tables import OrganisationState

NUMBERS_AN_HOUR = 60  # typed by one account: enough for a booth, too few to try them all
NO_BADGE = N_("This is no badge of ours. Hold the code of the badge in the frame, or type the number below it.")
NO_NUMBER = N_("Nobody at this fair has this number.")
OTHER_EVENT = N_("This badge is for another fair.")
REVOKED = N_("This badge is no longer valid. The visitor gets a new one at the information desk.")
NOT_CONFIRMED = N_("This registration is not confirmed.")
COLLEAGUE = N_("This is a badge of your own organisation.")
NOT_APPROVED = N_("Visitors can be recorded as soon as your bureau has approved you.")
NOT_RUNNING = N_("Visitors are recorded while badges are scanned at the fair.")
ANSWERED = N_("The visitor has answered already. Only the visitor can change the answer, on the page of the own badge.")
NOT_AGREED = N_("The visitor has not agreed: nothing can be noted.")
GONE = N_("This visitor was deleted from your list.")


async def record_visitor(event: EventRow, organisation: OrganisationRow, code: str, *, by: Actor) -> tuple[int, bool]:
    """A visitor's badge was scanned or its number typed: the lead's id, the same one each time, and whether a meeting with
    the visitor is now noted as held.

    Raises Invalid with the reason beside the field, Conflict, and TooMany for too many typed numbers.
    """
    if organisation.state != OrganisationState.APPROVED:
        raise Conflict(NOT_APPROVED, code="not_approved")
    if not allows(event.state, Act.SCAN):
        raise Conflict(NOT_RUNNING, code="not_running")
    visitor, typed = await queries.visitor_of(event.id, organisation.id, code)
    if typed:
        await rate_limits.cap([Counter("lead-number", str(by.account_id), NUMBERS_AN_HOUR, 3600)])
    if visitor is None or (refused := _refusal(event, visitor)):
        why = (NO_NUMBER if typed else NO_BADGE) if visitor is None else refused
        raise Invalid(fields={"code": [why]})
    async with db.transaction_or_join():
        how = SeenBy.NUMBER if typed else SeenBy.BADGE
        lead_id = await _seen(event.id, organisation.id, visitor.registration, how, by)
        await record("lead.seen", "lead", lead_id, by=by, after={"by": how.value})
        met = None
        if not typed:
            met = await attendance.note_both(event.id, organisation.id, visitor.registration, by=by)
    return lead_id, met is not None


def _refusal(event: EventRow, visitor: Visitor) -> object:
    """Why this badge becomes no lead; empty when it does."""
    if visitor.event != event.id:
        return OTHER_EVENT
    if visitor.revoked:
        return REVOKED
    if not visitor.confirmed:
        return NOT_CONFIRMED
    return COLLEAGUE if visitor.colleague else ""


async def _seen(event_id: int, organisation_id: int, registration_id: int, how: SeenBy, by: Actor) -> int:
    """A deleted lead begins anew: what had been noted is not brought back."""
    return await fetch_value(
        int,
        "INSERT INTO lead AS l (event, organisation, registration, seen_by, recorded_by, seen_at, last_seen_at, updated_at)"
        " VALUES (:event, :organisation, :registration, :how, :by, :now, :now, :now)"
        " ON CONFLICT (organisation, registration) DO UPDATE SET last_seen_at = greatest(l.last_seen_at, excluded.last_seen_at),"
        " deleted_at = NULL, deleted_by = NULL, stars = CASE WHEN l.deleted_at IS NULL THEN l.stars ELSE 0 END,"
        " tags = CASE WHEN l.deleted_at IS NULL THEN l.tags ELSE '{}' END,"
        " note = CASE WHEN l.deleted_at IS NULL THEN l.note ELSE '' END,"
        " listing = CASE WHEN l.deleted_at IS NULL THEN l.listing END,"
        " follow_up = CASE WHEN l.deleted_at IS NULL THEN l.follow_up ELSE 'nothing' END,"
        " follow_up_on = CASE WHEN l.deleted_at IS NULL THEN l.follow_up_on END RETURNING id",
        event=event_id,
        organisation=organisation_id,
        registration=registration_id,
        how=how.value,
        by=by.account_id,
        now=clock.now(),
    )


async def answer_at_booth(lead_id: int, *, given: bool, contact: bool, by: Actor) -> None:
    """The visitor's answer on the employer's phone, once. Raises NotFound, and Conflict after an answer."""
    async with db.transaction_or_join():
        lead = await queries.lead_for(by, lead_id, lock=True)
        if lead.deleted_at is not None:
            raise Conflict(GONE)
        answer = Answer.GIVEN if given else Answer.REFUSED
        made = await fetch_value_or_none(
            int,
            "INSERT INTO lead_consent (registration, organisation, answer, contact, asked_by, answered_at)"
            " VALUES (:registration, :organisation, :answer, :contact, :by, :now)"
            " ON CONFLICT (registration, organisation) DO NOTHING RETURNING id",
            registration=lead.registration,
            organisation=lead.organisation,
            answer=answer.value,
            contact=given and contact,
            by=by.account_id,
            now=clock.now(),
        )
        if made is None:
            raise Conflict(ANSWERED, code="answered")
        after = {"answer": answer.value, "contact": given and contact}
        await record("lead.consent", "lead", lead_id, by=by, after=after)


async def answer_as_visitor(
    registration_id: int, organisation_id: int, *, given: bool, contact: bool, by: Actor
) -> None:
    """The visitor allows an employer to keep the own details, or takes that back: then what was noted goes.

    The caller has fetched the registration as the actor's own. Raises NotFound for an employer that is not at the event.
    """
    async with db.transaction_or_join():
        event = await fetch_value(int, "SELECT event FROM registration WHERE id = :id", id=registration_id)
        known = {row.organisation for row in await queries.recorders_of(registration_id)}
        if organisation_id not in known | {row.id for row in await queries.exhibitors(event)}:
            raise NotFound
        answer = Answer.GIVEN if given else Answer.WITHDRAWN
        await execute(
            "INSERT INTO lead_consent (registration, organisation, answer, contact, asked_by, answered_at)"
            " VALUES (:registration, :organisation, :answer, :contact, NULL, :now)"
            " ON CONFLICT (registration, organisation) DO UPDATE SET answer = excluded.answer, contact = excluded.contact,"
            " asked_by = NULL, answered_at = excluded.answered_at",
            registration=registration_id,
            organisation=organisation_id,
            answer=answer.value,
            contact=given and contact,
            now=clock.now(),
        )
        if not given:
            await _forget(registration_id, organisation_id)
        after = {"organisation": organisation_id, "answer": answer.value, "contact": given and contact}
        await record("lead.consent", "registration", registration_id, by=by, after=after)


async def _forget(registration_id: int, organisation_id: int) -> None:
    """Empty what was noted about a visitor: that a badge was seen stays."""
    await execute(
        "UPDATE lead SET stars = 0, tags = '{}', note = '', listing = NULL, follow_up = 'nothing', follow_up_on = NULL,"
        " updated_at = :now WHERE registration = :registration AND organisation = :organisation",
        registration=registration_id,
        organisation=organisation_id,
        now=clock.now(),
    )


def stored_lead(row: LeadRow) -> dict[str, Any]:
    """The lead as its form has it."""
    return {
        "stars": str(row.stars) if row.stars else "",
        "tags": ", ".join(row.tags),
        "note": row.note,
        "about": row.listing,
        "follow_up": row.follow_up,
        "follow_up_on": row.follow_up_on,
    }


async def save_lead(lead_id: int, form: LeadForm, *, seen: str, by: Actor) -> None:
    """Store what an employer notes. Raises NotFound, Outdated, Conflict without consent, Invalid for another's listing."""
    async with db.transaction_or_join():
        lead = await queries.lead_for(by, lead_id, lock=True)
        if lead.deleted_at is not None:
            raise Conflict(GONE)
        if lead.answer != Answer.GIVEN:
            raise Conflict(NOT_AGREED, code="not_agreed")
        versions.require_current(form, stored_lead(lead), seen)
        own = {row.id for row in await queries.own_listings(lead.event, lead.organisation)} | {lead.listing}
        if form.about is not None and form.about not in own:
            raise Invalid(fields={"about": [N_("Choose one of your own listings")]})
        values: dict[str, Any] = {
            "stars": int(form.stars or 0),
            "tags": split_tags(form.tags),
            "note": form.note,
            "listing": form.about,
            "follow_up": form.follow_up,
            "follow_up_on": form.follow_up_on if form.follow_up != FollowUp.NOTHING else None,
        }
        before = {name: getattr(lead, name) for name in values if getattr(lead, name) != values[name]}
        if not before:
            return
        await Lead.update(**values, updated_at=clock.now()).where(Lead.id == lead_id)
        told = {"stars": values["stars"], "follow_up": values["follow_up"], "fields": sorted(before)}
        await record("lead.save", "lead", lead_id, by=by, after=told)  # not the note: it goes with the consent


async def delete_lead(lead_id: int, *, by: Actor) -> None:
    """Take a visitor off the list; for ten minutes it can be undone, a day later it is gone. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        lead = await queries.lead_for(by, lead_id, lock=True)
        if lead.deleted_at is not None:
            raise Conflict(GONE)
        await Lead.update(deleted_at=clock.now(), deleted_by=by.account_id).where(Lead.id == lead_id)
        await record("lead.delete", "lead", lead_id, by=by)


async def restore_lead(lead_id: int, *, by: Actor) -> None:
    """Undo a deletion within ten minutes. Raises NotFound, Conflict when it is too late or another person did it."""
    async with db.transaction_or_join():
        lead = await queries.lead_for(by, lead_id, lock=True)
        if not undoing.may_undo(by, lead.deleted_by, lead.deleted_at):
            raise Conflict(undoing.TOO_LATE, code="too_late")
        await Lead.update(deleted_at=None, deleted_by=None).where(Lead.id == lead_id)
        await record("lead.restore", "lead", lead_id, by=by)


async def exported(event: EventRow, organisation_id: int, number: int, kind: str, *, by: Actor) -> None:
    """An employer has taken its list of visitors along."""
    async with db.transaction_or_join():
        after = {"event": event.id, "rows": number, "kind": kind}
        await record("lead.export", "organisation", organisation_id, by=by, after=after)


async def assign_gate(event: EventRow, gate_id: int, organisation_id: int | None, *, by: Actor) -> None:
    """Say whose booth a gate stands at: scans from now on become its leads. Raises NotFound and Invalid."""
    async with db.transaction_or_join():
        gates = {gate.id: gate for gate in await queries.booth_gates(event.id)}
        if gate_id not in gates:
            raise NotFound
        before = gates[gate_id].organisation
        if before == organisation_id:
            return
        if organisation_id is None:
            await execute("DELETE FROM booth_gate WHERE gate = :gate", gate=gate_id)
        else:
            if organisation_id not in {row.id for row in await queries.exhibitors(event.id)}:
                raise Invalid(fields={"organisation": [N_("Choose one from the list")]})
            await bring_up(event.id)
            await execute(
                "INSERT INTO booth_gate (gate, organisation, through) VALUES (:gate, :organisation,"
                " (SELECT coalesce(max(id), 0) FROM scan WHERE gate = :gate))"
                " ON CONFLICT (gate) DO UPDATE SET organisation = excluded.organisation, through = excluded.through",
                gate=gate_id,
                organisation=organisation_id,
            )
        changed = {"organisation": organisation_id}
        await record("gate.booth", "gate", gate_id, by=by, before={"organisation": before}, after=changed)


_FROM_SCANS = f"""
INSERT INTO lead AS l (event, organisation, registration, seen_by, seen_at, last_seen_at, updated_at)
SELECT r.event, :organisation, r.id, 'gate', min(s.scanned_at), max(s.scanned_at), :now
FROM scan s JOIN registration r ON r.id = s.registration
WHERE s.gate = :gate AND s.id > :through AND s.id <= :last AND s.outcome IN ('admitted', 'already') AND s.direction = 'in'
    AND {tallies.STANDING} AND NOT (r.organisation IS NOT DISTINCT FROM :organisation AND r.category = 'employer')
GROUP BY r.event, r.id
ON CONFLICT (organisation, registration) DO UPDATE SET seen_at = least(l.seen_at, excluded.seen_at),
    last_seen_at = greatest(l.last_seen_at, excluded.last_seen_at)
"""  # noqa: S608 - constants of the code


async def bring_up(event_id: int) -> None:
    """Scans at the gates of booths since the last reading become leads, each once.

    Ids of an event's scans are given in the order in which they become visible, so `through` marks what has been read.
    """
    async with db.transaction_or_join():
        gates = await fetch_as(
            GateThrough,
            "SELECT b.id, b.gate, b.organisation, b.through FROM booth_gate b JOIN gate g ON g.id = b.gate"
            " WHERE g.event = :event ORDER BY b.id FOR UPDATE OF b",
            event=event_id,
        )
        for gate in gates:
            sql = "SELECT max(id) FROM scan WHERE gate = :gate AND id > :through"
            last = await fetch_value_or_none(int, sql, gate=gate.gate, through=gate.through)
            if last is None:
                continue
            facts = {"organisation": gate.organisation, "gate": gate.gate, "through": gate.through, "last": last}
            await execute(_FROM_SCANS, **facts, now=clock.now())
            await execute("UPDATE booth_gate SET through = :last WHERE id = :id", last=last, id=gate.id)
