"""Wishes and meetings: who wants to meet whom, at which table and when, and the outcome.

Bookings of one event queue on an advisory lock, so that none fails by a deadlock; that no person is at two tables and no
table has two meetings is ensured by the database (ex_meeting_talent, ex_meeting_table, uq_meeting_pair).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from fairs.accounts import undoing
from fairs.accounts.actor import Actor
from fairs.audit.services import Origin, current_origin, record
from fairs.core import batching, clock, db, locks
from fairs.core.errors import Conflict, DomainError, Invalid, NotFound
from fairs.core.i18n import N_
from fairs.core.locks import Lock
from fairs.core.pubsub import publish
from fairs.core.roles import Role
from fairs.core.rows import execute, fetch_value
from fairs.core.wishes import Level, Side
from fairs.events.queries import event_by_id
from fairs.events.rules import Act, allows, is_over
from fairs.listings.tables import ListingState
from fairs.matching.tables import Preference
from fairs.meetings import emails, queries, rules
from fairs.meetings.attendance import services as attendance
from fairs.meetings.booking import BOOKED, TABLE_TAKEN, TALENT_BUSY, NewMeeting, announce_each, insert, lock_event
from fairs.meetings.digest import services
from fairs.meetings.forms import OutcomeForm
from fairs.meetings.rows import MeetingRow, Pair
from fairs.meetings.scheduling import weights
from fairs.meetings.tables import Meeting, MeetingState
from fairs.organisations.tables import OrganisationState
from fairs.talents.tables import Visibility
from fairs.units import catalogues

BATCH = 20  # bookings in a transaction: more would make the first wait for the last
PRIVATE = N_("Your profile is private, so nobody could answer. First choose who may see it.")
IS_PRIVATE = "private"  # the code of that refusal
MUST_LIMIT = "must_limit"
CLOSED = N_("This listing is no longer open.")
CANCEL_FIRST = N_("There is a meeting. Cancel it first.")
NOT_MUTUAL = N_("A meeting can be booked when both sides want to meet.")
SLOT_GONE = N_("This slot has begun or was removed. Choose another one.")
NOT_SCHEDULED = N_("This meeting can no longer be cancelled.")
MEETING_BEGUN = N_("This meeting has begun and can no longer be cancelled.")
TOO_EARLY = N_("This meeting has not begun yet.")
CANCELLED = N_("This meeting was cancelled.")
TALENT_BUSY_HELD = N_("The person was at another meeting at that time.")


@dataclass(frozen=True)
class Expressed:
    """The current wishes. `mutual`: both want to meet; `news`: it became mutual by this call."""

    mutual: bool
    news: bool


async def express(listing_id: int, talent_id: int, level: str, *, side: Side, by: Actor) -> Expressed:
    """Set `must`, `meet` or `no`, or withdraw it (""). Both sides positive: both get a mail, once per pair; else the other
    side is notified by its next digest.

    Raises NotFound for callers who may not see it, Conflict for a private profile, a closed listing, while there is a
    meeting, or when this side has said must as often as it may.
    """
    if level not in ("", *Level):
        raise Invalid(fields={"level": [N_("Choose one from the list")]})
    async with db.transaction_or_join():
        await locks.hold(Lock.MEETINGS_PAIR, f"{listing_id}:{talent_id}")
        pair = await queries.pair(listing_id, talent_id)
        _check_wish(pair, level, side, by)
        before, other = _levels(pair, side)
        if level != (before or ""):
            if level == Level.MUST:
                await _require_must_left(pair, side)
            await _write_wish(pair, level, side, by)
            after = {"listing": listing_id, "talent": talent_id, "side": side, "level": level}
            await record("preference.set", "talent", talent_id, by=by, before={"level": before or ""}, after=after)
        mutual = rules.is_mutual(level, other)
        news = mutual and not rules.is_positive(before)
        if news:
            await emails.notify_mutual(listing_id, talent_id)
            await publish(f"event:{pair.event}", {"what": "preference"})
        elif rules.is_positive(level) and level != before and other is None:
            await services.enqueue_digest(side.other, pair.organisation if side == Side.TALENT else pair.talent)
    return Expressed(mutual, news)


async def _require_must_left(pair: Pair, side: Side) -> None:
    """Check that this side may say once more that it must meet, under a lock. Raises Conflict with the limit."""
    owner = f"{pair.event}:{pair.talent}" if side == Side.TALENT else str(pair.listing)
    await locks.hold(Lock.MEETINGS_MUST, f"{side}:{owner}")
    limit = catalogues.must_limits()[side]
    used = await fetch_value(
        int,
        "SELECT count(*) FROM preference WHERE side = :side AND level = 'must'"
        " AND CASE WHEN :side = 'talent' THEN talent = :talent AND event = :event ELSE listing = :listing END",
        side=str(side),
        talent=pair.talent,
        event=pair.event,
        listing=pair.listing,
    )
    if used < limit:
        return
    if side == Side.TALENT:
        message = N_(
            "You may say must meet for %(limit)s listings of an event, and have done so for %(used)s. Say meet here, or take one back.",
            limit=limit,
            used=used,
        )
    else:
        message = N_(
            "A listing may say must meet to %(limit)s people, and this one has done so to %(used)s. Say meet here, or take one back.",
            limit=limit,
            used=used,
        )
    raise Conflict(message, code=MUST_LIMIT, limit=limit, used=used)


def _levels(pair: Pair, side: Side) -> tuple[str | None, str | None]:
    """The wish of this side, and of the other one."""
    levels = pair.talent_level, pair.employer_level
    return levels if side == Side.TALENT else levels[::-1]


def _is_open(pair: Pair) -> bool:
    """Whether the listing can be met for: published, of an approved employer, in an event that allows meetings."""
    allowed = allows(pair.event_state, Act.MEET)
    return (
        allowed
        and pair.listing_state == ListingState.PUBLISHED
        and pair.organisation_state == OrganisationState.APPROVED
    )


def _check_wish(pair: Pair, level: str, side: Side, by: Actor) -> None:
    if side == Side.TALENT:
        known = by.sees_everything or (by.account_id is not None and pair.talent_account == by.account_id)
        shown = pair.listing_state != ListingState.DRAFT and pair.organisation_state == OrganisationState.APPROVED
    else:
        known = queries.is_employer_of(by, pair.organisation)
        shown = pair.visibility != Visibility.PRIVATE
    if not known or not (shown or _levels(pair, side)[0] is not None):
        raise NotFound
    if pair.meeting and not rules.is_positive(level):
        raise Conflict(CANCEL_FIRST)
    if not rules.is_positive(level):
        return
    if not _is_open(pair):
        raise Conflict(CLOSED)
    if pair.visibility == Visibility.PRIVATE:
        raise Conflict(PRIVATE, code=IS_PRIVATE)


async def _write_wish(pair: Pair, level: str, side: Side, by: Actor) -> None:
    if not level:
        await Preference.delete().where(
            Preference.side == side, Preference.talent == pair.talent, Preference.listing == pair.listing
        )
        return
    await execute(
        "INSERT INTO preference (side, talent, listing, event, level, set_by, updated_at)"
        " VALUES (:side, :talent, :listing, :event, :level, :set_by, :updated_at)"
        " ON CONFLICT (side, talent, listing) DO UPDATE SET level = EXCLUDED.level, set_by = EXCLUDED.set_by,"
        " updated_at = EXCLUDED.updated_at",
        side=side,
        talent=pair.talent,
        listing=pair.listing,
        event=pair.event,
        level=level,
        set_by=by.account_id,
        updated_at=clock.now(),
    )


async def book(listing_id: int, talent_id: int, slot_id: int | None = None, *, by: Actor) -> int:
    """The new meeting's id: in this slot, else in the one that suits the person best, at the least used free table.

    For the listing's employer (organisers may help). Raises NotFound for other callers, Conflict with a sentence when the wish
    is not mutual or nothing is free. Both sides get the invitation.
    """
    pair = await _own_pair(listing_id, talent_id, by)
    if pair.meeting:  # refused without a lock: most late callers get the answer here
        raise Conflict(BOOKED)
    request = Asked(listing_id, talent_id, slot_id, by, current_origin())
    if db.in_transaction():
        [outcome] = await _book_all(pair.event, [request])
    else:
        [outcome] = await batching.enqueue(pair.event, [request], book_batch, batch=BATCH)
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


async def _own_pair(listing_id: int, talent_id: int, by: Actor) -> Pair:
    pair = await queries.pair(listing_id, talent_id)
    if not queries.is_employer_of(by, pair.organisation) or pair.visibility == Visibility.PRIVATE:
        raise NotFound
    return pair


@dataclass(frozen=True, slots=True)
class Asked:
    """A requested booking; `slot` None: the one that suits the person best."""

    listing: int
    talent: int
    slot: int | None
    by: Actor
    origin: Origin


async def book_batch(event_id: int, asked: Sequence[Asked]) -> list[int | Exception]:
    """Bookings of an event that arrived together, in one transaction: ids, or errors. A batch that fails is halved."""
    try:
        async with db.DB.transaction():
            return await _book_all(event_id, asked)
    except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError) as error:
        if len(asked) == 1:
            return [error]
    middle = len(asked) // 2
    return [*await book_batch(event_id, asked[:middle]), *await book_batch(event_id, asked[middle:])]


async def _book_all(event_id: int, asked: Sequence[Asked]) -> list[int | Exception]:
    """One after the other under the event's lock; the log, the invitations and open pages are updated once for all."""
    await lock_event(event_id)
    outcomes: list[int | Exception] = []
    written = []
    for one in asked:
        try:
            row = await _to_write(one)
            [meeting_id] = await insert([row])
        except DomainError as refused:
            outcomes.append(refused)
        else:
            outcomes.append(meeting_id)
            written.append((meeting_id, row, one.by, one.origin))
    if written:
        await announce_each(written)
    return outcomes


async def _to_write(asked: Asked) -> NewMeeting:
    """The meeting to insert, by the current state under the lock. Raises NotFound and Conflict."""
    pair = await _own_pair(asked.listing, asked.talent, asked.by)
    if pair.meeting:
        raise Conflict(BOOKED)
    if not rules.is_mutual(pair.talent_level, pair.employer_level):
        raise Conflict(NOT_MUTUAL)
    if not _is_open(pair):
        raise Conflict(CLOSED)
    return await _place(pair, asked.slot)


async def _place(pair: Pair, slot_id: int | None) -> NewMeeting:
    """The pair's slot and table. Raises Conflict when nothing is free."""
    event, organisation, talent, now = pair.event, pair.organisation, pair.talent, clock.now()
    fair = await event_by_id(event)
    if is_over(fair.ends_at, now, demo=fair.demo) or not allows(fair.state, Act.MEET):
        raise Conflict(rules.REASONS["over"], code="over")
    if slot_id is None:
        free = (await queries.free_slots(event, organisation, [talent], now)).get(talent)
        if not free:
            why = rules.reason(await queries.why_nothing_free(event, organisation, talent, now))
            raise Conflict(rules.REASONS[why], code=why)
        own = await queries.spans_of_talent(talent)
        spans = [(slot.starts_at, slot.ends_at) for slot in await queries.slots(event)]
        slot_id = rules.best_slot(free, own, spans, weights.DEFAULT.options.most_in_a_row).id
    tables = await queries.free_tables(event, organisation, talent, now, slot_id)
    if not tables:
        raise await _why_not(pair, slot_id)
    table = rules.best_table(tables)
    span = (table.starts_at, table.ends_at)
    return NewMeeting(event, organisation, pair.listing, talent, table.hall_table, table.number, *span)


async def _why_not(pair: Pair, slot_id: int) -> Conflict:
    slot = await queries.slot(pair.event, slot_id)
    if slot is None or slot.starts_at <= clock.now():
        return Conflict(SLOT_GONE, code="slot_gone")
    if await queries.is_talent_busy(pair.talent, slot.starts_at, slot.ends_at):
        return Conflict(TALENT_BUSY, code="person_busy")
    lacking = await queries.why_nothing_free(pair.event, pair.organisation, pair.talent, clock.now())
    if not lacking.has_table:
        return Conflict(rules.REASONS["no_table"], code="no_table")
    return Conflict(TABLE_TAKEN, code="table_taken")


def side_of(meeting: MeetingRow, by: Actor) -> str:
    """As what the actor acts in a meeting: one of its sides, or the organiser."""
    if by.account_id is not None and meeting.talent_account == by.account_id:
        return Side.TALENT
    return Side.EMPLOYER if meeting.organisation in by.organisation_ids else Role.ORGANISER


async def cancel(meeting_id: int, *, by: Actor, reason: str = "") -> None:
    """Cancel a meeting: the slot and the table become free, both sides are notified.

    For both sides and organisers. Raises NotFound for other callers, Conflict when it was held or cancelled already and from
    its first minute on, Invalid when an organiser gives no reason.
    """
    async with db.transaction_or_join():
        meeting = await queries.meeting_for(by, meeting_id, lock=True)
        if meeting.state != MeetingState.SCHEDULED:
            raise Conflict(NOT_SCHEDULED)
        if rules.has_begun(meeting, clock.now()):
            raise Conflict(MEETING_BEGUN, code="over")
        by_side = side_of(meeting, by)
        if by_side == Role.ORGANISER and by.account_id is not None:
            undoing.require_reason(reason)
        await Meeting.update(
            {
                Meeting.state: MeetingState.CANCELLED,
                Meeting.sequence: Meeting.sequence + 1,
                Meeting.cancelled_by: by.account_id,
                Meeting.cancelled_at: clock.now(),
                Meeting.cancel_reason: reason.strip()[:200],
                Meeting.updated_at: clock.now(),
            }
        ).where(Meeting.id == meeting_id)
        before, after = {"state": meeting.state}, {"reason": reason.strip()[:200]}
        await record("meeting.cancel", "meeting", meeting_id, by=by, before=before, after=after)
        who = by.name if by_side == Role.ORGANISER else ""
        await emails.notify_cancelled(meeting_id, by_side, reason=reason.strip(), who=who)
        await publish(f"event:{meeting.event}", {"what": "meeting"})


async def restore(meeting_id: int, *, reason: str, by: Actor) -> None:
    """Undo a cancellation within ten minutes: at the same slot and table, both sides get the invitation again.

    Raises NotFound for strangers, Conflict (too late, begun, person, table or pair taken meanwhile), Forbidden when
    another person cancelled it, Invalid without a reason.
    """
    async with db.transaction_or_join():
        meeting = await queries.meeting_for(by, meeting_id, lock=True)
        if meeting.state != MeetingState.CANCELLED:
            raise Conflict(N_("This meeting is not cancelled."))
        undoing.require(by, meeting.cancelled_by, meeting.cancelled_at, reason)
        event = await event_by_id(meeting.event)
        if rules.has_begun(meeting, clock.now()) or not allows(event.state, Act.MEET):
            raise Conflict(MEETING_BEGUN, code="over")
        taken = {
            "ex_meeting_talent": Conflict(TALENT_BUSY, code="person_busy"),
            "ex_meeting_table": Conflict(TABLE_TAKEN, code="table_taken"),
            "uq_meeting_pair": Conflict(BOOKED),
        }
        with db.constraint_errors(dict(taken)):
            await Meeting.update(
                {
                    Meeting.state: MeetingState.SCHEDULED,
                    Meeting.sequence: Meeting.sequence + 1,
                    Meeting.cancelled_by: None,
                    Meeting.cancelled_at: None,
                    Meeting.cancel_reason: "",
                    Meeting.updated_at: clock.now(),
                }
            ).where(Meeting.id == meeting_id)
        before, after = {"state": meeting.state}, {"state": "scheduled", "reason": reason[:200]}
        await record("meeting.restore", "meeting", meeting_id, by=by, before=before, after=after)
        await emails.notify_scheduled([meeting_id])
        await publish(f"event:{meeting.event}", {"what": "meeting"})


async def record_outcome(meeting_id: int, form: OutcomeForm, *, by: Actor) -> None:
    """Record whether a meeting was held and its outcome; may be repeated.

    For the employer. Raises NotFound for other callers, Conflict before its hour and after a cancellation.
    """
    held = form.state == MeetingState.HELD
    if held and not form.outcome:
        raise Invalid(fields={"outcome": [N_("Enter the result of the meeting")]})
    async with db.transaction_or_join():
        meeting = await queries.employer_meeting_for(by, meeting_id, lock=True)
        if meeting.state == MeetingState.CANCELLED:
            raise Conflict(CANCELLED)
        if not rules.outcome_due(meeting.state, meeting.starts_at, clock.now()) and not by.sees_everything:
            raise Conflict(TOO_EARLY)
        refused = {
            "ex_meeting_talent": Conflict(TALENT_BUSY_HELD),
            "ex_meeting_table": Conflict(TABLE_TAKEN),
            "uq_meeting_pair": Conflict(BOOKED),
        }
        with db.constraint_errors(dict(refused)):
            await Meeting.update(
                state=form.state,
                outcome=form.outcome if held else "",
                note=form.note,
                updated_at=clock.now(),
            ).where(Meeting.id == meeting_id)
        await attendance.settle(meeting_id)
        before = {"state": meeting.state, "outcome": meeting.outcome}
        after = {"state": form.state, "outcome": form.outcome if held else ""}
        await record("meeting.outcome", "meeting", meeting_id, by=by, before=before, after=after)
        await publish(f"event:{meeting.event}", {"what": "meeting"})
