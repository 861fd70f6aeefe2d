"""Give tables: by the rule of the event, on request, or from the organiser's list."""

from collections.abc import Sequence

from fairs.accounts.actor import SYSTEM, Actor
from fairs.audit.services import record
from fairs.core import clock, db, locks, rows, versions
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.i18n import N_
from fairs.core.locks import Lock
from fairs.core.rows import fetch_value
from fairs.events.queries import event_by_id, require_run
from fairs.events.rules import Act, allows
from fairs.events.services import require
from fairs.listings.domain_events import ListingPublished
from fairs.meetings.giving import queries
from fairs.meetings.giving.forms import AskForm, RefuseForm, RuleForm
from fairs.meetings.giving.rows import OwnTables
from fairs.meetings.scheduling.slots_and_tables import MOST_TABLES
from fairs.meetings.tables import MeetingTable, TableRequestState, TableRuleKind
from fairs.organisations.domain_events import EmployerApproved

HAS_ONE = N_("This employer has a table already")
NOT_APPROVED = N_("Your bureau has not approved your organisation yet")
NOT_WAITING = N_("This employer does not wait for a table")


async def save_rule(event_id: int, form: RuleForm, *, by: Actor, seen: str = "") -> int:
    """Store how employers get a table; returns how many tables the new rule gave at once.

    Raises NotFound for others than organisers, Conflict when the event's state forbids it, and Outdated when the rule was
    changed since the version `seen`.
    """
    await require_run(by, event_id)
    async with db.transaction_or_join():
        require(await event_by_id(event_id), Act.PREPARE)
        await locks.hold(Lock.MEETINGS_HALL, event_id)
        before = await queries.rule_of(event_id)
        stored = {"kind": before.kind, "each": before.each}
        versions.require_current(form, stored, seen)
        await rows.execute(
            "INSERT INTO table_rule (event, kind, each) VALUES (:event, :kind, :each)"
            " ON CONFLICT (event) DO UPDATE SET kind = :kind, each = :each",
            event=event_id,
            kind=form.kind,
            each=form.each,
        )
        after = {"kind": form.kind, "each": form.each}
        await record("meeting.table_rule", "event", event_id, by=by, before=stored, after=after)
        if form.kind != TableRuleKind.OWN:
            return 0
        return await _give(event_id, await queries.ids_without_table(event_id), form.each, by=by)


async def _give(event_id: int, organisations: Sequence[int], each: int, *, by: Actor) -> int:
    """Make the missing tables of these employers, and answer their requests. The hall is locked."""
    owners: list[int] = []
    for one in await queries.own_tables(event_id, list(organisations)):
        owners += [one.id] * max(0, each - len(one.numbers))
    if not owners:
        return 0
    last = await fetch_value(
        int, "SELECT coalesce(max(number), 0) FROM meeting_table WHERE event = :event", event=event_id
    )
    if last + len(owners) > MOST_TABLES:
        raise Invalid(N_("At most %(most)s tables in one event", most=MOST_TABLES))
    await MeetingTable.insert(
        *(
            MeetingTable(event=event_id, organisation=owner, number=number)
            for number, owner in enumerate(owners, start=last + 1)
        )
    )
    await rows.execute(
        "UPDATE table_request SET state = 'given', answer = '', answered_at = :now WHERE event = :event"
        " AND organisation = ANY(:owners::bigint[])",
        now=clock.now(),
        event=event_id,
        owners=owners,
    )
    await record("meeting.tables", "event", event_id, by=by, after={"added": len(owners), "employers": owners})
    return len(owners)


async def give_table(event_id: int, organisation_id: int, *, by: Actor) -> None:
    """Give an employer without a table one of its own. Raises Conflict when it has one."""
    await require_run(by, event_id)
    async with db.transaction_or_join():
        require(await event_by_id(event_id), Act.PREPARE)
        await locks.hold(Lock.MEETINGS_HALL, event_id)
        one = await _employer(event_id, organisation_id)
        if one.numbers:
            raise Conflict(HAS_ONE, code="has_table")
        if not one.approved:
            raise NotFound
        await _give(event_id, [organisation_id], 1, by=by)


async def _employer(event_id: int, organisation_id: int) -> OwnTables:
    found = await queries.own_tables(event_id, [organisation_id])
    if not found:
        raise NotFound
    return found[0]


async def give_all(event_id: int, *, by: Actor) -> int:
    """Give a table to each employer that takes part and has none, or as many as the rule says; returns how many were added."""
    await require_run(by, event_id)
    async with db.transaction_or_join():
        require(await event_by_id(event_id), Act.PREPARE)
        await locks.hold(Lock.MEETINGS_HALL, event_id)
        rule = await queries.rule_of(event_id)
        each = rule.each if rule.kind == TableRuleKind.OWN else 1
        return await _give(event_id, await queries.ids_without_table(event_id), each, by=by)


async def refuse_table(event_id: int, organisation_id: int, form: RefuseForm, *, by: Actor) -> None:
    """Answer a request that is not met; the employer reads the reason and may ask again. Raises Conflict if none waits."""
    await require_run(by, event_id)
    async with db.transaction_or_join():
        await locks.hold(Lock.MEETINGS_HALL, event_id)
        one = await _employer(event_id, organisation_id)
        if one.state != TableRequestState.WAITING:
            raise Conflict(NOT_WAITING, code="not_waiting")
        await rows.execute(
            "UPDATE table_request SET state = 'refused', answer = :answer, answered_at = :now"
            " WHERE event = :event AND organisation = :organisation",
            answer=form.answer,
            now=clock.now(),
            event=event_id,
            organisation=organisation_id,
        )
        after = {"event": event_id, "answer": form.answer}
        await record("meeting.table_refuse", "organisation", organisation_id, by=by, after=after)


async def ask_for_table(event_id: int, form: AskForm, *, by: Actor) -> bool:
    """An employer asks for a table; True when the rule of the event gave it one at once.

    Raises NotFound for another's employer, Conflict when it has one, is not approved, or the event's state forbids it.
    """
    if form.organisation not in by.organisation_ids:
        raise NotFound
    async with db.transaction_or_join():
        require(await event_by_id(event_id), Act.MEET)
        await locks.hold(Lock.MEETINGS_HALL, event_id)
        one = await _employer(event_id, form.organisation)
        if one.numbers:
            raise Conflict(HAS_ONE, code="has_table")
        if not one.approved:
            raise Conflict(NOT_APPROVED, code="not_approved")
        await rows.execute(
            "INSERT INTO table_request (event, organisation, state, note, answer, asked_at) VALUES (:event, :organisation,"
            " 'waiting', :note, '', :now) ON CONFLICT (event, organisation) DO UPDATE SET state = 'waiting', note = :note,"
            " answer = '', asked_at = :now, answered_at = NULL",
            event=event_id,
            organisation=form.organisation,
            note=form.note,
            now=clock.now(),
        )
        after = {"event": event_id, "note": form.note}
        await record("meeting.table_ask", "organisation", form.organisation, by=by, after=after)
        rule = await queries.rule_of(event_id)
        if rule.kind == TableRuleKind.OWN and one.listings:
            return await _give(event_id, [form.organisation], rule.each, by=SYSTEM) > 0
    return False


async def on_listing_published(published: ListingPublished) -> None:
    """The first listing of an employer at an event whose rule gives tables: it gets its own."""
    await _by_rule(published.event_id, published.organisation_id)


async def on_employer_approved(approved: EmployerApproved) -> None:
    """An approved employer gets its tables at the events where it takes part already."""
    for event_id in await queries.events_with_own_tables(approved.organisation_id):
        await _by_rule(event_id, approved.organisation_id)


async def _by_rule(event_id: int, organisation_id: int) -> None:
    rule = await queries.rule_of(event_id)
    if rule.kind != TableRuleKind.OWN or not allows((await event_by_id(event_id)).state, Act.OFFER):
        return
    await locks.hold(Lock.MEETINGS_HALL, event_id)
    await _give(event_id, [organisation_id], rule.each, by=SYSTEM)
