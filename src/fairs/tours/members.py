"""Writes the people of a tour: invited, accepted, approved, on the way, there; groups; substitutes.

A place is a registration of the tour's event: it is given under the lock of the event, with a badge and the usual mail, and given up
with the registration.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fairs.accounts.actor import SYSTEM, Actor
from fairs.audit.services import current_origin, record
from fairs.core import clock, db, i18n
from fairs.core.errors import Conflict, DomainError, NotFound
from fairs.core.i18n import N_
from fairs.core.mailboxes import normal
from fairs.core.rows import execute, fetch_value, fetch_value_or_none, fetch_values
from fairs.events.queries import event_by_id
from fairs.events.rows import EventRow
from fairs.events.rules import Act
from fairs.events.services import locked_event, require
from fairs.registrations import counting, phones, placing
from fairs.registrations import services as registrations
from fairs.registrations.applying import Application, Registered
from fairs.registrations.domain_events import RegistrationCancelled
from fairs.registrations.forms import RegistrationForm
from fairs.registrations.queries import live_registration
from fairs.registrations.rules import ENDED, ENDED_STATES
from fairs.registrations.tables import RegistrationState
from fairs.tours import emails, member_queries, queries, rules, telling
from fairs.tours.forms import PersonForm
from fairs.tours.papers.ending import end_letters
from fairs.tours.rows import MemberRow
from fairs.tours.tables import MemberState, Origin, TourMember
from fairs.units.queries import unit_id

FULL = N_("All places of the tour are taken")
NO_STEP = N_("This step does not follow from the present state")
NOT_IN_TIME = N_("This tour takes no answers any more")
_FROM_REGISTRATIONS = f"""
INSERT INTO tour_member (event, registration, talent, state, origin, email, name_passport, name_native, lang, state_at,
    created_at, updated_at)
SELECT r.event, r.id, r.talent, CASE r.state WHEN 'confirmed' THEN 'approved' WHEN 'pending' THEN 'accepted' ELSE 'substitute' END,
    'registration', r.email, r.name_passport, r.name_native, r.lang, :now, :now, :now
FROM registration r WHERE r.event = :event AND r.state NOT IN {ENDED_STATES} AND r.category NOT IN ('employer', 'staff')
    AND NOT EXISTS (SELECT 1 FROM tour_member m WHERE m.registration = r.id OR (m.event = r.event AND r.email <> ''
        AND m.email = r.email))
ON CONFLICT DO NOTHING RETURNING id
"""  # noqa: S608 - a constant: the ended states
_CAME = """
UPDATE tour_member m SET state = 'came', state_at = :now, updated_at = :now
WHERE m.event = :event AND m.state IN ('approved', 'confirmed', 'travelling') AND EXISTS (SELECT 1 FROM scan s JOIN gate g
    ON g.id = s.gate WHERE s.registration = m.registration AND g.event = m.event AND s.direction = 'in'
    AND s.outcome IN ('admitted', 'already') AND NOT EXISTS (SELECT 1 FROM scan_correction c WHERE c.scan = s.id AND c.kind = 'undone'))
RETURNING m.id
"""


@dataclass
class Done:
    """What came of an act on several people: how many, and why not for others (name, sentence)."""

    number: int = 0
    refused: list[tuple[str, object]] = field(default_factory=list)


async def _prepared(slug: str, by: Actor) -> EventRow:
    event = await locked_event(slug, by)
    require(event, Act.PREPARE)
    return event


async def add_people(
    slug: str,
    forms: Sequence[PersonForm],
    *,
    substitute: bool,
    origin: Origin,
    by: Actor,
    talents: Sequence[int | None] = (),
    whys: Sequence[str] = (),
) -> Done:
    """Invite people, each address once, or let them wait as substitutes. Raises NotFound, Conflict."""
    done, made = Done(), []
    async with db.transaction_or_join():
        event = await _prepared(slug, by)
        for at, form in enumerate(forms):
            talent = talents[at] if talents else None
            member = await _insert(event, form, origin, talent, whys[at] if whys else "", by)
            if member is None:
                done.refused.append((form.name_native or form.name_passport, N_("is in the list already")))
            else:
                made.append(member)
        done.number = len(made)
        if not substitute:
            rows = await member_queries.members_by_ids(event.id, made)
            await _invite(event, rows, by)
    return done


async def _insert(
    event: EventRow, form: PersonForm, origin: Origin, talent: int | None, why: str, by: Actor
) -> int | None:
    """A substitute, until invited; None when the address or the profile is in the list."""
    email = normal(form.email) if form.email else ""
    talent = talent or await fetch_value_or_none(
        int, "SELECT id FROM talent WHERE lower(email) = :email AND :email <> '' ORDER BY id LIMIT 1", email=email
    )
    known = await fetch_value(
        bool,
        "SELECT EXISTS (SELECT 1 FROM tour_member m LEFT JOIN registration r ON r.id = m.registration WHERE m.event = :event"
        " AND ((:email <> '' AND :email IN (m.email, r.email)) OR m.talent = :talent::bigint))",
        event=event.id,
        email=email,
        talent=talent,
    )
    if known:
        return None
    now = clock.now()
    rows = await TourMember.insert(
        TourMember(
            event=event.id,
            talent=talent,
            unit=await unit_id(form.unit) if form.unit else None,
            state=MemberState.SUBSTITUTE.value,
            origin=origin.value,
            email=email,
            name_passport=form.name_passport,
            name_native=form.name_native,
            phone=phones.seal(form.phone) if form.phone else "",
            discipline=form.discipline,
            lang=form.lang,
            why=why[:300],
            state_at=now,
            created_at=now,
            updated_at=now,
        )
    )
    member = int(rows[0]["id"])
    await record("tour_member.add", "tour_member", member, by=by, after={"event": event.id, "origin": origin.value})
    return member


async def take_over(slug: str, *, by: Actor) -> int:
    """Everybody who is registered for the tour becomes a member; who has a place keeps it. Returns how many are new.

    Raises NotFound, Conflict.
    """
    async with db.transaction_or_join():
        event = await _prepared(slug, by)
        made = await fetch_values(int, _FROM_REGISTRATIONS, event=event.id, now=clock.now())
        if made:
            await record("tour.take_over", "event", event.id, by=by, after={"people": len(made)})
            rows = await member_queries.members_by_ids(event.id, made)
            await telling.joined(event, [row for row in rows if row.state in rules.COMING], by=by)
    return len(made)


async def step(slug: str, ids: Sequence[int], target: MemberState, *, by: Actor) -> Done:
    """Take these people a step on; those who cannot take it are left as they are, with the reason. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event = await _prepared(slug, by)
        rows = await member_queries.members_by_ids(event.id, list(ids))
        done = Done()
        moved = []
        for row in rows:
            try:
                await _step(event, row, target, by)
            except DomainError as refused:
                done.refused.append((row.name_native or row.name_passport, refused.message))
            else:
                moved.append(row.id)
        done.number = len(moved)
        now = await member_queries.members_by_ids(event.id, moved)
        if target == MemberState.INVITED:
            await _invite(event, now, by, stepped=True)
        if target == MemberState.APPROVED:
            await telling.joined(event, now, by=by)
    return done


async def _step(event: EventRow, row: MemberRow, target: MemberState, by: Actor, *, own: bool = False) -> None:
    if not rules.may_step(row.state, target, own=own):
        raise Conflict(NO_STEP, code="step")
    if target == MemberState.APPROVED:
        await _give_place(event, row, by)
    values: dict[str, Any] = {"state": target.value, "state_at": clock.now(), "updated_at": clock.now()}
    if own:
        values["answered_at"] = clock.now()
    if target == MemberState.INVITED and row.place in ENDED:
        values["registration"] = None
    await TourMember.update(**values).where(TourMember.id == row.id)
    await record(
        "tour_member.step", "tour_member", row.id, by=by, before={"state": row.state}, after={"state": target.value}
    )
    if target in rules.GONE:
        await end_letters([row.id], by=by)
    if target in rules.GONE and row.registration is not None and row.place not in ENDED:
        with i18n.language(row.lang):
            reason = "" if own else i18n.gettext("You are no longer on the list of the tour.")
        await registrations.cancel(row.registration, by=by, reason=reason)


async def _give_place(event: EventRow, row: MemberRow, by: Actor) -> None:
    """A registration with a place: the one there is, or a new one. Raises Conflict when there is none."""
    found = row.registration if row.place == RegistrationState.CONFIRMED else None
    if found is None and row.email and (live := await live_registration(event.id, row.email)):
        if live.state != RegistrationState.CONFIRMED:
            raise Conflict(FULL, code="full")
        found = live.id
    if found is None:
        found = await _register(event, row, by)
    await TourMember.update(registration=found).where(TourMember.id == row.id)


async def _register(event: EventRow, row: MemberRow, by: Actor) -> int:
    taken = "SELECT count(*) FROM registration WHERE event = :event AND state = 'confirmed'"
    if event.capacity is not None and await fetch_value(int, taken, event=event.id) >= event.capacity:
        raise Conflict(FULL, code="full")
    form = RegistrationForm(
        email=row.email,
        name_passport=row.name_passport,
        name_native=row.name_native,
        nationality=row.nationality,
        organisation=row.affiliation,
        phone=phones.opened(row.phone) if row.phone else "",
        lang=row.lang,
    )
    asked = Application(
        form, row.email, by, i18n.current_lang(), current_origin(), row.talent, event.demo, act=Act.ENTER
    )
    [outcome] = await placing.place(event.id, [asked])
    if isinstance(outcome, Exception):
        raise outcome
    assert isinstance(outcome, Registered)
    return outcome.id


async def _invite(event: EventRow, rows: Sequence[MemberRow], by: Actor, *, stepped: bool = False) -> None:
    """Note the invitation and its day of reply, and mail it."""
    if not rows:
        return
    until = (await queries.plan_of(event.id)).reply_by
    now, ids = clock.now(), [row.id for row in rows]
    await execute(
        "UPDATE tour_member SET state = 'invited', invited_at = :now, answered_at = NULL, reply_by = :until::date, state_at = :now,"
        " updated_at = :now WHERE id = ANY(:ids::bigint[])",
        now=now,
        until=until,
        ids=ids,
    )
    if not stepped:
        for row in rows:
            await record("tour_member.step", "tour_member", row.id, by=by, after={"state": "invited"})
    await emails.invite(event, await member_queries.members_by_ids(event.id, ids))


async def substitute(slug: str, gone_id: int, substitute_id: int, *, by: Actor) -> None:
    """Invite a substitute for somebody who has stepped back. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event = await _prepared(slug, by)
        gone = await member_queries.member_of(event.id, gone_id, lock=True)
        other = await member_queries.member_of(event.id, substitute_id, lock=True)
        if gone.state not in rules.GONE or other.state != MemberState.SUBSTITUTE:
            raise Conflict(NO_STEP, code="step")
        sql = "SELECT EXISTS (SELECT 1 FROM tour_member WHERE instead_of = :gone)"
        if await fetch_value(bool, sql, gone=gone_id):
            raise Conflict(N_("Somebody has been invited instead already"), code="taken")
        await TourMember.update(
            instead_of=gone_id, grp=gone.grp, unit=await unit_id(gone.unit) if gone.unit else None
        ).where(TourMember.id == substitute_id)
        await record("tour_member.substitute", "tour_member", substitute_id, by=by, after={"instead_of": gone_id})
        await _invite(event, [other], by)


async def set_group(slug: str, ids: Sequence[int], group_id: int | None, *, by: Actor) -> int:
    """Put people into a group, or into none; those who have a place are told. Returns how many moved. Raises NotFound."""
    async with db.transaction_or_join():
        event = await _prepared(slug, by)
        if group_id is not None and group_id not in {row.id for row in await queries.groups_of(event.id)}:
            raise NotFound
        rows = [row for row in await member_queries.members_by_ids(event.id, list(ids)) if row.grp != group_id]
        if rows:
            await execute(
                "UPDATE tour_member SET grp = :group::bigint, updated_at = :now WHERE id = ANY(:ids::bigint[])",
                group=group_id,
                now=clock.now(),
                ids=[row.id for row in rows],
            )
            await record("tour_member.group", "event", event.id, by=by, after={"group": group_id, "people": len(rows)})
            await telling.group_changed(event, rows, by=by)
    return len(rows)


async def set_city(slug: str, ids: Sequence[int], code: str, *, by: Actor) -> int:
    """Say for which city people come (empty: none); returns how many. Raises NotFound."""
    async with db.transaction_or_join():
        event = await _prepared(slug, by)
        number = await execute(
            "UPDATE tour_member SET unit = :unit::bigint, updated_at = :now WHERE event = :event AND id = ANY(:ids::bigint[])",
            unit=await unit_id(code) if code else None,
            now=clock.now(),
            event=event.id,
            ids=list(ids),
        )
        await record("tour_member.city", "event", event.id, by=by, after={"unit": code, "people": number})
    return number


async def answer(member_id: int, target: MemberState, *, by: Actor) -> None:
    """The person accepts, declines, confirms, sets off or steps back. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        row = await member_queries.own_member(by, member_id)
        await counting.lock_event(row.event)
        row = await member_queries.own_member(by, member_id, lock=True)
        event = await event_by_id(row.event)
        try:
            require(event, Act.PREPARE)
        except Conflict:
            raise Conflict(NOT_IN_TIME, code="state") from None
        await _step(event, row, target, by, own=True)


async def acknowledge(member_id: int, *, by: Actor) -> int:
    """The person has read what is new; returns how much that was. Raises NotFound."""
    async with db.transaction_or_join():
        row = await member_queries.own_member(by, member_id, lock=True)
        read = await telling.read_all(row)
        if read:
            await record("tour_member.read", "tour_member", row.id, by=by, after={"number": read})
    return read


async def bring_up(event_id: int) -> int:
    """Whose badge was scanned at a gate of the tour has come; returns how many are new."""
    async with db.transaction_or_join():
        return len(await fetch_values(int, _CAME, event=event_id, now=clock.now()))


async def on_registration_cancelled(event: RegistrationCancelled) -> None:
    """Whose registration ends, by whomever, is no longer on the tour."""
    for member in await fetch_values(
        int,
        "UPDATE tour_member SET state = 'withdrawn', state_at = :now, updated_at = :now WHERE registration = :registration"
        " AND state <> ALL(:gone::text[]) RETURNING id",
        registration=event.registration_id,
        gone=list(rules.GONE),
        now=clock.now(),
    ):
        await record("tour_member.step", "tour_member", member, by=SYSTEM, after={"state": "withdrawn"})
        await end_letters([member], by=SYSTEM)


async def remind_late(event: EventRow, rows: Sequence[MemberRow]) -> int:
    """Remind the invited of their day of reply; each once for a day. Returns the number of mails."""
    return await emails.invite(event, rows, reminder=True)
