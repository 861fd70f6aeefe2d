"""Write mailings: drafted, started with the number typed, sent bit by bit, paused, gone on with, stopped."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, crypto, db, jobs, versions
from fairs.core.errors import Conflict, NotFound
from fairs.core.i18n import N_
from fairs.core.rows import execute, fetch_as, fetch_value
from fairs.events.domain_events import EventCloned
from fairs.events.queries import require_run
from fairs.mailings import queries
from fairs.mailings.forms import FILTERS, MailingForm, RuleForm
from fairs.mailings.rows import Filters, MailingRow, Waiting
from fairs.mailings.tables import Mailing, MailingKind, MailingState, Reason
from fairs.mailings.wording.forms import wording_in
from fairs.notifications import placeholders
from fairs.notifications.services import Message, base_url, queue_mail
from fairs.notifications.suppressing import suppressed
from fairs.registrations import emails
from fairs.registrations import queries as registrations
from fairs.registrations.rows import RegistrationRow, SignedSession
from fairs.registrations.rules import ENDED_STATES

FEED = "mailing.feed"
MINUTE = timedelta(minutes=1)
NOT_NOW = N_("That is not possible in this state of the mailing.")
ADD = (
    "INSERT INTO mailing_recipient (mailing, registration, address, state, reason, created_at) SELECT :mailing, registration,"
    " address, CASE WHEN reason = '' THEN 'waiting' ELSE 'excluded' END, reason, :now FROM ({audience}) c ORDER BY registration"
    " ON CONFLICT DO NOTHING"
)


def stored_values(row: MailingRow) -> dict[str, Any]:
    """A mailing or a rule as the values of its form."""
    values: dict[str, Any] = {name: getattr(row, name) for name in ("subject_zh", "text_zh", "subject_en", "text_en")}
    values |= {"kind": row.kind.value, "per_minute": row.per_minute}
    values |= {name: getattr(row.wanted, name) for name in FILTERS}
    return values | ({"trigger": row.trigger, "days": row.days, "hour": row.hour} if row.trigger else {})


async def save_mailing(
    event_id: int, form: MailingForm, *, by: Actor, mailing_id: int = 0, trigger: str = "", seen: str = ""
) -> int:
    """A new draft, or a changed one; returns its id. Raises NotFound, Conflict once it is being sent, Outdated."""
    stored: dict[str, Any] = {name: getattr(form, name) for name in ("subject_zh", "text_zh", "subject_en", "text_en")}
    stored |= {"per_minute": form.per_minute, "kind": form.kind, "trigger": trigger}
    if isinstance(form, RuleForm):
        stored |= {"trigger": form.trigger, "days": form.days, "hour": form.hour}
    stored["filters"] = msgspec.json.encode(form.filters).decode()
    async with db.DB.transaction():
        await require_run(by, event_id)
        if mailing_id:
            await _change(mailing_id, event_id, form, stored, by, seen)
        else:
            made = Mailing(event=event_id, made_by=by.account_id, created_at=clock.now(), **stored)
            await made.save()
            await record("mailing.create", "mailing", made.id, by=by, after=stored)
            mailing_id = int(made.id)
    return mailing_id


async def _change(
    mailing_id: int, event_id: int, form: MailingForm, stored: dict[str, Any], by: Actor, seen: str
) -> None:
    row = await queries.locked_mailing(mailing_id)
    if row.event != event_id:
        raise NotFound
    if bool(row.trigger) != isinstance(form, RuleForm):
        raise NotFound
    if row.state is not MailingState.DRAFT and not (row.trigger and row.state is MailingState.PAUSED):
        raise Conflict(N_("This is being sent: its text stays as it is. Switch a rule off to change it."))
    versions.require_current(form, stored_values(row), seen)
    await Mailing.update(**stored).where(Mailing.id == mailing_id)
    before = {"subject_zh": row.subject_zh, "subject_en": row.subject_en, "filters": row.filters}
    await record("mailing.change", "mailing", mailing_id, by=by, before=before, after=stored)


async def delete_draft(mailing_id: int, *, by: Actor) -> None:
    """Delete what was never sent. Raises NotFound, Conflict."""
    async with db.DB.transaction():
        row = await queries.locked_mailing(mailing_id)
        await require_run(by, row.event)
        if row.state is not MailingState.DRAFT:
            raise Conflict(NOT_NOW)
        await execute("DELETE FROM mailing WHERE id = :id", id=mailing_id)
        await record("mailing.delete", "mailing", mailing_id, by=by, before={"subject_zh": row.subject_zh})


async def start(mailing_id: int, typed: int, *, by: Actor) -> int:
    """Begin to send to everybody who passes the filters now; returns how many.

    Raises Conflict when that number is not the one typed, or when it has begun already.
    """
    async with db.DB.transaction():
        row = await queries.locked_mailing(mailing_id)
        await require_run(by, row.event)
        if row.trigger or row.state is not MailingState.DRAFT:
            raise Conflict(NOT_NOW)
        await add_people(row, row.wanted)
        count = await queries.waiting_in(mailing_id)
        if count == 0:
            raise Conflict(N_("Nobody would get this mail."))
        if count != typed:
            raise Conflict(N_("%(count)s people get this mail now, not the number you typed.", count=count))
        await begin(row)
        await record("mailing.start", "mailing", mailing_id, by=by, after={"people": count, "filters": row.filters})
    return count


async def add_people(row: MailingRow, filters: Filters, conditions: Sequence[str] = (), **arguments: Any) -> int:
    """Enter everybody who passes and is not entered yet; returns how many."""
    sql, values = queries.audience(row.event, filters, newsletter=row.newsletter, conditions=conditions, **arguments)
    return await execute(ADD.replace("{audience}", sql), mailing=row.id, now=clock.now(), **values)


async def begin(row: MailingRow) -> None:
    """Send from now on, in a turn of its own; jobs of earlier turns end."""
    turn = await fetch_value(
        int,
        "UPDATE mailing SET state = 'sending', turn = turn + 1, next_at = :now, started_at = coalesce(started_at, :now)"
        " WHERE id = :id RETURNING turn",
        id=row.id,
        now=clock.now(),
    )
    await jobs.enqueue(FEED, {"mailing": row.id, "turn": turn})


async def pause(mailing_id: int, *, by: Actor) -> None:
    """Write no more mails for now; those already handed to the outbox are sent. Raises NotFound, Conflict."""
    await _turn(mailing_id, "pause", (MailingState.SENDING,), MailingState.PAUSED, by)


async def go_on(mailing_id: int, *, by: Actor) -> None:
    """Go on where it was paused. Raises NotFound, Conflict."""
    async with db.DB.transaction():
        row = await queries.locked_mailing(mailing_id)
        await require_run(by, row.event)
        if row.trigger or row.state is not MailingState.PAUSED:
            raise Conflict(NOT_NOW)
        await begin(row)
        await record("mailing.go_on", "mailing", mailing_id, by=by)


async def abort(mailing_id: int, *, by: Actor) -> None:
    """Stop for good: whoever waits gets nothing, and mails in the outbox that are not on their way are stopped too."""
    async with db.DB.transaction():
        await _turn(mailing_id, "abort", (MailingState.SENDING, MailingState.PAUSED), MailingState.ABORTED, by)
        await execute(
            "UPDATE outgoing_mail SET state = 'aborted' WHERE state IN ('queued', 'retry', 'held', 'kept') AND id IN"
            " (SELECT mail FROM mailing_recipient WHERE mailing = :id AND state = 'written')",
            id=mailing_id,
        )
        await execute(
            "UPDATE mailing_recipient SET state = 'aborted' WHERE mailing = :id AND state = 'waiting'", id=mailing_id
        )


async def _turn(mailing_id: int, act: str, allowed: Sequence[MailingState], state: MailingState, by: Actor) -> None:
    async with db.transaction_or_join():
        row = await queries.locked_mailing(mailing_id)
        await require_run(by, row.event)
        if row.state not in allowed or row.trigger:
            raise Conflict(NOT_NOW)
        ended = clock.now() if state is MailingState.ABORTED else None
        await execute(
            "UPDATE mailing SET state = :state, turn = turn + 1, next_at = NULL, ended_at = :ended WHERE id = :id",
            id=mailing_id,
            state=state.value,
            ended=ended,
        )
        await record(f"mailing.{act}", "mailing", mailing_id, by=by)


@jobs.job(FEED)
async def feed(payload: dict[str, Any]) -> None:
    """Write the mails of a minute and come again after one. Safe to run twice: a job of another turn, or too early, ends."""
    async with db.DB.transaction():
        try:
            row = await queries.locked_mailing(payload["mailing"])
        except NotFound:
            return
        early = row.next_at is not None and row.next_at > clock.now() + timedelta(seconds=1)
        if row.state is not MailingState.SENDING or row.turn != payload["turn"] or early:
            return
        await _write(row)
        if await queries.waiting_in(row.id):
            await execute("UPDATE mailing SET next_at = :at WHERE id = :id", id=row.id, at=clock.now() + MINUTE)
            await jobs.enqueue(FEED, payload, after=MINUTE)
        elif row.trigger:
            await execute("UPDATE mailing SET next_at = NULL WHERE id = :id", id=row.id)
        else:
            await execute(
                "UPDATE mailing SET state = 'done', next_at = NULL, ended_at = :now WHERE id = :id",
                id=row.id,
                now=clock.now(),
            )


async def _write(row: MailingRow) -> None:
    """The next mails. Whoever withdrew or was put on the list of addresses without mailings meanwhile gets none."""
    waiting = await fetch_as(
        Waiting,
        f"SELECT x.id, x.registration, x.address, r.state IN {ENDED_STATES} AND :wanted NOT IN {ENDED_STATES} AS withdrew"  # noqa: S608 - a constant: the ended states
        " FROM mailing_recipient x JOIN registration r ON r.id = x.registration WHERE x.mailing = :mailing"
        " AND x.state = 'waiting' ORDER BY x.id LIMIT :most",
        mailing=row.id,
        wanted=row.wanted.state,
        most=row.per_minute,
    )
    left = await suppressed([one.address for one in waiting], newsletter=row.newsletter)
    people = await registrations.registrations_by_ids([one.registration for one in waiting])
    sessions = await registrations.sessions_of_all([number for number in people if people[number].has_sessions])
    for one in waiting:
        reason = Reason.WITHDREW.value if one.withdrew else str(left.get(one.address, ""))
        if reason:
            await execute(
                "UPDATE mailing_recipient SET state = 'excluded', reason = :reason WHERE id = :id",
                id=one.id,
                reason=reason,
            )
        else:
            person = people[one.registration]
            await _write_one(row, one, person, sessions.get(person.id, []))


async def _write_one(row: MailingRow, one: Waiting, person: RegistrationRow, sessions: Sequence[SignedSession]) -> None:
    token = crypto.new_token() if row.kind is MailingKind.NEWSLETTER else ""
    message = message_of(row, person, sessions, token=token, key=f"mailing:{row.id}:{one.id}", address=one.address)
    mail = await queue_mail(message)
    await execute(
        "UPDATE mailing_recipient SET state = 'written', mail = :mail, unsubscribe_hash = :hash WHERE id = :id",
        id=one.id,
        mail=mail,
        hash=crypto.hash_token(token) if token else None,
    )


def message_of(
    row: MailingRow,
    person: RegistrationRow,
    sessions: Sequence[SignedSession],
    *,
    token: str = "",
    key: str | None = None,
    address: str = "",
) -> Message:
    """The mail to one person, in the person's language."""
    texts = {name: getattr(row, name) for name in ("subject_zh", "text_zh", "subject_en", "text_en")}
    leave = f"{base_url()}/newsletters/{token}" if token else ""
    return Message(
        kind=placeholders.NEWSLETTER if row.newsletter else placeholders.MAILING,
        lang=person.lang,
        to_email=address or person.email,
        to_name=person.name_native or person.name_passport,
        account_id=person.account,
        variables=emails.variables(person, person.own_zone or "", sessions) | {"unsubscribe_link": leave},
        wording=wording_in(texts, person.lang),
        dedupe_key=key,
        event=row.event,
        unsubscribe=leave,
        secrets=(token,) if token else (),
    )


async def on_event_cloned(event: EventCloned) -> None:
    """The copy has the rules, where they were chosen, each turned off; mailings that were sent by hand stay behind."""
    if event.mails:
        await execute(
            "INSERT INTO mailing (event, kind, trigger, days, hour, subject_zh, subject_en, text_zh, text_en, filters, per_minute, state,"
            " made_by, created_at) SELECT m.new, r.kind, r.trigger, r.days, r.hour, r.subject_zh, r.subject_en, r.text_zh, r.text_en,"
            " r.filters - 'chosen', r.per_minute, 'paused', r.made_by, :now FROM unnest(:old::bigint[], :new::bigint[]) AS m (old, new)"
            " JOIN mailing r ON r.event = m.old AND r.trigger <> '' AND r.state <> 'aborted' ORDER BY r.id",
            old=list(event.pairs),
            new=list(event.pairs.values()),
            now=clock.now(),
        )
