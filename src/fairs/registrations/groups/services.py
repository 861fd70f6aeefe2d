"""Register a group: looked at first, then all in one transaction; a long table by a job, row by row to its end, with progress."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from fairs.accounts import undoing
from fairs.accounts.actor import Actor
from fairs.accounts.queries import actor_by_id
from fairs.audit.services import record
from fairs.core import clock, crypto, db, i18n, jobs
from fairs.core.errors import Conflict, DomainError, Invalid, NotFound
from fairs.core.i18n import N_, current_lang
from fairs.core.pubsub import publish
from fairs.core.rows import execute, fetch_as, fetch_value, fetch_value_or_none
from fairs.core.sheet_tables import Rows
from fairs.registrations import counting, filling, phones, placing, rules, services
from fairs.registrations import queries as registrations
from fairs.registrations.applying import Registered
from fairs.registrations.asking import answering
from fairs.registrations.changing import NOT_LIVE
from fairs.registrations.entering.services import said
from fairs.registrations.groups import queries
from fairs.registrations.groups.columns import Sheet, Table, sheet_of
from fairs.registrations.groups.forms import GroupForm
from fairs.registrations.groups.planning import Plan, Planned, plan
from fairs.registrations.groups.rights import Right, event_to_group, fills
from fairs.registrations.groups.rows import RunRow
from fairs.registrations.groups.sealed import SEALED
from fairs.registrations.groups.tables import RunState
from fairs.registrations.placing import Place
from fairs.registrations.rows import LiveRegistration
from fairs.registrations.tables import Registration

JOB, MAILS = "registrations.group", "registrations.group_mails"
AT_ONCE = 300  # rows in the request itself: more are left to the job
TOGETHER = 250  # in one transaction of the job
AT_A_TIME = 50  # mails in one transaction
MOST_PROBLEMS = 2000
NOT_YOURS = N_("You do not register groups at this event any more")
NOBODY = N_("Nobody is chosen: tick somebody first")
Problem = tuple[int, str, str]


class RowsRefused(Invalid):
    """Nothing was stored: `rows` says what is wrong, as (row, column, sentence)."""

    code = "rows"

    def __init__(self, rows: Sequence[Problem]) -> None:
        super().__init__(fields={f"rows.{row}": [sentence] for row, _, sentence in rows})
        self.rows = list(rows)


class _Back(Exception):
    """Ends a transaction that was only a look."""


@dataclass(frozen=True)
class Done:
    """What became of rows."""

    added: int = 0
    changed: int = 0
    problems: Sequence[Problem] = ()


async def look(slug: str, table: Table, *, by: Actor) -> tuple[Sheet, Plan]:
    """What the table would do, with the places counted as they are now; nothing is written. Wrong rows: `table.errors`.

    Raises NotFound for who registers no groups there.
    """
    event, right = await event_to_group(by, slug)
    sheet = await sheet_of(event, right)
    made = await plan(table, sheet, by=by)
    new = [row for row in made.rows if row.application is not None]
    if not new or table.errors:
        return sheet, made
    try:
        async with db.transaction_or_join():
            _, decided, _ = await placing.decide(event.id, [row.application for row in new if row.application])
            raise _Back
    except _Back:
        pass
    for row, what in zip(new, decided, strict=True):
        if isinstance(what, Place):
            made.placed[what.state] = made.placed.get(what.state, 0) + 1
        else:
            table.errors.append(_problem(row, what or Conflict(placing.ALREADY, code="already_registered"), sheet))
    return sheet, made


def _problem(row: Planned, error: Exception, sheet: Sheet) -> Problem:
    """A refusal with the column that it concerns."""
    assert isinstance(error, DomainError)
    columns = [name for name in getattr(error, "fields", {}) if name in sheet.columns]
    known = {"session_full": "sessions", "session_closed": "sessions", "already_registered": "email"}
    column = columns[0] if columns else known.get(error.code or "", "")
    if error.code == "option_full":
        column = f"q_{error.extra.get('question', '')}"
    elif str(error.code or "").startswith("code"):
        column = "code"
    return row.row, column, str(said(error))


async def begin(slug: str, table: Table, form: GroupForm, *, key: UUID, group_id: int | None = None, by: Actor) -> int:
    """Register the people of a table, all of them or none; more than 300 rows are left to a job. The group's id.

    A page that sends its table twice gets the same group. Raises NotFound for strangers, RowsRefused, Conflict (employer not
    approved, used key).
    """
    event, right = await event_to_group(by, slug)
    if right.obstacle:
        raise Conflict(right.obstacle, code="not_approved")
    if group_id is not None and not fills(await queries.group_for(by, slug, group_id), right, by):
        raise NotFound
    if (earlier := await queries.group_of_key(str(key))) is not None:
        return earlier
    sheet = await sheet_of(event, right)
    later = len(table.rows) > AT_ONCE
    if later:
        await plan(table, sheet, by=by, told=form.told)
        _require_right(table.errors)
    async with db.transaction_or_join():
        await counting.lock_event(event.id)
        group = group_id if group_id is not None else await _new_group(event.id, form, right, by=by)
        done = Done()
        with db.constraint_errors({"uq_registration_group_run": Conflict(placing.ALREADY, code="again")}):
            run = await _new_run(group, table, form, key, later=later, by=by)
        if later:
            await jobs.enqueue(JOB, {"run": run})
        else:
            made = await plan(table, sheet, by=by, told=form.told)
            _require_right(table.errors)
            done = await _store(made, sheet, group, by=by, told=form.told)
            _require_right(done.problems)
            await execute(
                "UPDATE registration_group_run SET state = 'done', done = total, added = :added, changed = :changed, ended_at = :now"
                " WHERE id = :id",
                id=run,
                added=done.added,
                changed=done.changed,
                now=clock.now(),
            )
        after = {"event": event.id, "people": len(table.rows)}
        await record("registration_group.people", "registration_group", group, by=by, after=after)
    return group


def _require_right(problems: Sequence[Problem]) -> None:
    if problems:
        raise RowsRefused(problems)


async def _new_group(event_id: int, form: GroupForm, right: Right, *, by: Actor) -> int:
    group = await fetch_value(
        int,
        "INSERT INTO registration_group (event, name, organisation, unit, contact_email, made_by, made_at)"
        " VALUES (:event, :name, :organisation, :unit, :contact, :by, :now) RETURNING id",
        event=event_id,
        name=form.name,
        organisation=right.employer.id if right.employer else None,
        unit=right.unit,
        contact=form.contact,
        by=by.account_id,
        now=clock.now(),
    )
    after = {"event": event_id, "name": form.name}
    await record("registration_group.create", "registration_group", group, by=by, after=after)
    return group


async def _new_run(group: int, table: Table, form: GroupForm, key: UUID, *, later: bool, by: Actor) -> int:
    rows = crypto.seal_text(msgspec.json.encode(table.rows).decode(), SEALED) if later else ""
    return await fetch_value(
        int,
        "INSERT INTO registration_group_run (of_group, key, state, rows, total, done, added, changed, problems, told, lang, asked_by,"
        " asked_at) VALUES (:of_group, :key::uuid, 'running', :rows, :total, 0, 0, 0, '[]', :told, :lang, :by, :now) RETURNING id",
        of_group=group,
        key=str(key),
        rows=rows,
        total=len(table.rows),
        told=form.told,
        lang=current_lang(),
        by=by.account_id,
        now=clock.now(),
    )


async def _store(made: Plan, sheet: Sheet, group: int, *, by: Actor, told: bool, later: bool = False) -> Done:
    """Write what was planned, inside the open transaction that has locked the event. `later`: who is new is told by a job."""
    problems: list[Problem] = []
    new = [row for row in made.rows if row.application is not None]
    outcomes = await placing.place(sheet.event.id, [row.application for row in new if row.application]) if new else []
    added = []
    for row, what in zip(new, outcomes, strict=True):
        if isinstance(what, Registered):
            added.append(what.id)
        elif isinstance(what, Exception):
            problems.append(_problem(row, what, sheet))
    await execute(
        "INSERT INTO registration_group_member (of_group, registration, to_tell) SELECT :of_group, unnest(:ids::bigint[]), :later",
        of_group=group,
        later=later,
        ids=added,
    )
    changed = 0
    for row in made.of("changed"):
        try:
            async with db.savepoint():
                await _change(row, by=by, told=told)
            changed += 1
        except DomainError as refused:
            problems.append(_problem(row, refused, sheet))
    return Done(len(added), changed, problems)


async def _change(row: Planned, *, by: Actor, told: bool) -> None:
    """Store other data of somebody who is registered; a new address gets the badge by mail."""
    assert row.known is not None
    seen = await registrations.registration_by_id(row.known.id)
    if seen.state in rules.ENDED:
        raise Conflict(NOT_LIVE, code="already_cancelled")
    values = dict(row.values)
    if values:
        before = {name: "" if name == "phone" else getattr(row.known, name) for name in values}
        after = {name: "" if name == "phone" else value for name, value in values.items()}
        current = {
            name: values.get(name, getattr(row.known, name)) for name in ("name_native", "name_passport", "email")
        }
        phone = values.get("phone", phones.opened(row.known.phone))
        organisation = values.get("organisation_name", row.known.organisation_name)
        stored = values | ({"phone": phones.seal(phone)} if "phone" in values else {})
        stored["search_key"] = phones.search_text(
            current["name_native"], current["name_passport"], organisation, current["email"], phone
        )
        stored |= {"updated_at": clock.now(), "sequence": seen.sequence + 1}
        taken = Conflict(placing.ALREADY, code="already_registered")
        with db.constraint_errors({"uq_registration_of_address": taken}):
            await Registration.update(**stored).where(Registration.id == seen.id)
        await record("registration.change", "registration", seen.id, by=by, before=before, after=after)
    if row.answers is not None:
        await answering.store_answers(seen, row.answers, by=by)
    if told and values.get("email"):
        await filling.notify_placed([(seen.id, seen.state)], seen.event)


@jobs.job(JOB)
async def work(payload: dict[str, Any]) -> None:
    """Job: the rows of a long table, in transactions of 250. A worker that dies is followed by one that goes on where it stopped."""
    run = await queries.run_by_id(int(payload["run"]))
    if run is None or run.state != RunState.RUNNING:
        return
    by = await actor_by_id(run.asked_by) if run.asked_by is not None else None
    rows = msgspec.json.decode(crypto.open_text(run.rows, SEALED), type=Rows)
    with i18n.language(run.lang):
        while await _some(run, rows, by):
            pass


async def _some(run: RunRow, rows: Rows, by: Actor | None) -> bool:
    """The next rows in a transaction of their own; False when none is left."""
    slug = await fetch_value(
        str,
        "SELECT e.slug FROM registration_group g JOIN event e ON e.id = g.event WHERE g.id = :id",
        id=run.of_group,
    )
    async with db.transaction_or_join():
        event = await fetch_value(int, "SELECT event FROM registration_group WHERE id = :id", id=run.of_group)
        await counting.lock_event(event)  # before any row: all who write take it first
        current = await queries.run_by_id(run.id, lock=True)
        if current is None or current.state != RunState.RUNNING:
            return False
        part = rows[current.done : current.done + TOGETHER]
        done = await _part(slug, part, current, by)
        ends = current.done + len(part) >= current.total
        told = list(done.problems)[: max(0, MOST_PROBLEMS - len(problems_of(current)))]
        await execute(
            "UPDATE registration_group_run SET done = done + :rows, added = added + :added, changed = changed + :changed,"
            " problems = problems || :problems::text::jsonb, state = CASE WHEN :ends THEN 'done' ELSE 'running' END,"
            " rows = CASE WHEN :ends THEN '' ELSE rows END, ended_at = CASE WHEN :ends THEN :now::timestamptz END WHERE id = :id",
            id=run.id,
            rows=len(part),
            added=done.added,
            changed=done.changed,
            problems=msgspec.json.encode(told).decode(),
            ends=ends,
            now=clock.now(),
        )
        if ends and by is not None:
            after = {"done": current.added + done.added + current.changed + done.changed, "refused": len(told)}
            await record("registration_group.done", "registration_group", run.of_group, by=by, after=after)
        if ends and run.told:
            await jobs.enqueue(MAILS, {"group": run.of_group})
        await publish(f"event:{event}", {"what": "registration"})
    return not ends


@jobs.job(MAILS)
async def tell(payload: dict[str, Any]) -> None:
    """Job: the usual mails of a long table, some in each transaction, each one once."""
    while await _tell_some(int(payload["group"])):
        pass


async def _tell_some(group: int) -> bool:
    async with db.transaction_or_join():
        event = await fetch_value_or_none(int, "SELECT event FROM registration_group WHERE id = :id", id=group)
        if event is None:
            return False
        await counting.lock_event(event)
        rows = await fetch_as(
            LiveRegistration,
            "UPDATE registration_group_member m SET to_tell = false FROM registration r WHERE r.id = m.registration AND m.id IN (SELECT id"
            " FROM registration_group_member WHERE of_group = :of_group AND to_tell ORDER BY id LIMIT :some) RETURNING r.id, r.state",
            of_group=group,
            some=AT_A_TIME,
        )
        await filling.notify_placed([(row.id, row.state) for row in rows], event)
    return bool(rows)


async def _part(slug: str, rows: Rows, run: RunRow, by: Actor | None) -> Done:
    """A few rows; all are refused when who asked may not register groups there any more."""
    try:
        if by is None:
            raise NotFound
        event, right = await event_to_group(by, slug)
        if right.obstacle:
            raise NotFound
    except NotFound:
        return Done(problems=[(number, "", str(NOT_YOURS)) for number, _ in rows])
    sheet, table = await sheet_of(event, right), Table(rows)
    made = await plan(table, sheet, by=by, told=False)
    wrong = {number for number, _, _ in table.errors}
    made.rows = [row for row in made.rows if row.row not in wrong]
    done = await _store(made, sheet, run.of_group, by=by, told=run.told, later=run.told)
    return Done(done.added, done.changed, [*table.errors, *done.problems])


def problems_of(run: RunRow) -> list[Problem]:
    """What was refused: (row, column, sentence)."""
    return msgspec.json.decode(run.problems, type=list[Problem])


async def cancel_people(slug: str, group_id: int, chosen: Sequence[int], *, reason: str, by: Actor) -> int:
    """Cancel people of a group; how many. Who has ended already stays. Raises NotFound, Invalid without a reason, Conflict."""
    group = await queries.group_for(by, slug, group_id)
    undoing.require_reason(reason)
    number = 0
    async with db.transaction_or_join():
        await counting.lock_event(group.event)
        members = await queries.members_among(group.id, chosen)
        if not members:
            raise Conflict(NOBODY, code="nobody")
        for member in members:
            row = await registrations.registration_by_id(member)
            if row.state not in rules.ENDED:
                await services.end(row, by=by, reason=reason)
                number += 1
    return number
