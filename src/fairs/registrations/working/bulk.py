"""One act on many registrations: drafted with its people, begun once the count was seen, done row by row, taken back.

The people are kept with the draft, so that what is counted is what is done. Each row has an outcome of its own, written in the
transaction that does it: a worker that dies half-way is followed by one that goes on where it stopped.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from fairs.accounts import undoing
from fairs.accounts.actor import Actor
from fairs.accounts.queries import actor_by_id
from fairs.audit.services import record
from fairs.core import clock, db, i18n, jobs
from fairs.core.converting import clean_line
from fairs.core.errors import Conflict, DomainError, Invalid, NotFound
from fairs.core.i18n import N_, current_lang
from fairs.core.rows import execute, fetch_as, fetch_value
from fairs.events.queries import event_for
from fairs.registrations import counting, deciding, rules, services
from fairs.registrations.tables import BulkKind, BulkOutcome, BulkState
from fairs.registrations.working import bulk_queries, tagging
from fairs.registrations.working.bulk_queries import bulk_for
from fairs.registrations.working.columns import Offer
from fairs.registrations.working.queries import Selection, chosen_people
from fairs.registrations.working.rows import BulkRow, Waiting
from fairs.registrations.working.wanted import text_of

JOB = "registrations.bulk"
AT_ONCE = 50  # people: more are left to the job
TOGETHER = 20  # in one transaction
MOST = 50_000
ORDERS: dict[BulkKind, str] = {  # the first in the list first; who waits is cancelled before places get free
    BulkKind.CONFIRM: "r.queue NULLS LAST, r.id",
    BulkKind.CANCEL: "(r.state = 'confirmed'), r.id",
}
ONLY_KEPT = frozenset({BulkKind.PRINT, BulkKind.EXPORT, BulkKind.MAIL})  # done elsewhere, with the people kept here
TAKEN_BACK = frozenset({BulkKind.CANCEL, BulkKind.TAG, BulkKind.UNTAG, BulkKind.CATEGORY})
NOBODY = N_("Nobody is chosen: tick somebody first")
TOO_MANY = N_("At most 50,000 people at once")
BEGUN = N_("This has already been begun")
NOT_BACK = N_("This cannot be undone")
UNDONE = N_("This has already been undone")
NOT_YOURS = N_("You do not run this event any more")
CHANGED = N_("It has been changed meanwhile")
Act = Callable[[BulkRow, Waiting, Actor], Awaitable["Result"]]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a row; `before` is kept to take it back."""

    outcome: BulkOutcome
    why: str = ""
    before: str = ""


SAME = Result(BulkOutcome.SAME)


async def draft(slug: str, kind: BulkKind, selection: Selection, offer: Offer, *, by: Actor) -> int:
    """Keep the chosen people for an act; returns its id. Raises NotFound for strangers, Conflict when nobody is chosen."""
    event = await event_for(by, slug)
    assert selection.event == event.id
    state = BulkState.DONE if kind in ONLY_KEPT else BulkState.DRAFTED
    async with db.transaction_or_join():
        await _forget_drafts(by)
        bulk = await fetch_value(
            int,
            "INSERT INTO registration_bulk (event, kind, state, lang, asked_by, asked_at, ended_at, back)"
            " VALUES (:event, :kind, :state, :lang, :by, :now, CASE WHEN :kept THEN :now::timestamptz END, :back) RETURNING id",
            event=event.id,
            kind=kind.value,
            state=state.value,
            kept=kind in ONLY_KEPT,
            lang=current_lang(),
            by=by.account_id,
            now=clock.now(),
            back=text_of(selection.wanted),
        )
        people, arguments = chosen_people(selection, offer)
        kept = await execute(
            f"INSERT INTO registration_bulk_row (bulk, registration) SELECT :bulk, r.id{people} ORDER BY {ORDERS.get(kind, 'r.id')}",
            bulk=bulk,
            **arguments,
        )
        if not kept:
            raise Conflict(NOBODY, code="nobody")
        if kept > MOST:
            raise Conflict(TOO_MANY, code="too_many")
        if kind in ONLY_KEPT:
            after = {"kind": kind, "people": kept, "event": event.id}
            await record("registration_bulk.begin", "registration_bulk", bulk, by=by, after=after)
    return bulk


async def _forget_drafts(by: Actor) -> None:
    await execute(
        "DELETE FROM registration_bulk WHERE state = 'drafted' AND asked_by = :by AND asked_at < :now::timestamptz - interval '1 day'",
        by=by.account_id,
        now=clock.now(),
    )


async def begin(slug: str, bulk_id: int, *, argument: str = "", reason: str = "", by: Actor) -> None:
    """Begin a drafted act; few people are done at once. Raises NotFound, Conflict when it was begun, Invalid."""
    async with db.transaction_or_join():
        event, row = await bulk_for(by, slug, bulk_id)
        if row.state != BulkState.DRAFTED:
            raise Conflict(BEGUN, code="begun")
        argument, reason = _checked(row.kind, argument, reason)
        begun = await execute(
            "UPDATE registration_bulk SET state = 'running', argument = :argument, reason = :reason, lang = :lang, asked_at = :now"
            " WHERE id = :id AND state = 'drafted'",
            id=row.id,
            argument=argument,
            reason=reason,
            lang=current_lang(),
            now=clock.now(),
        )
        if not begun:
            raise Conflict(BEGUN, code="begun")
        after = {"kind": row.kind, "people": row.total, "event": event.id, "argument": argument, "reason": reason}
        await record("registration_bulk.begin", "registration_bulk", row.id, by=by, after=after)
        await jobs.enqueue(JOB, {"bulk": row.id})
    if row.total <= AT_ONCE:
        await work({"bulk": row.id})


def _checked(kind: BulkKind, argument: str, reason: str) -> tuple[str, str]:
    """What the act needs, cleaned. Raises Invalid."""
    reason = clean_line(reason, "reason")
    if kind == BulkKind.CANCEL:
        undoing.require_reason(reason)
        return "", reason.strip()[:200]
    if kind in (BulkKind.TAG, BulkKind.UNTAG):
        return tagging.cleaned(argument), ""
    if kind == BulkKind.CATEGORY:
        if argument not in rules.categories():
            raise Invalid(fields={"category": [deciding.UNKNOWN]})
        return argument, ""
    return "", ""


async def undo(slug: str, bulk_id: int, *, reason: str, by: Actor) -> int:
    """Take back what was done, row by row; returns the new act. Raises NotFound, Conflict (too late, cannot be), Forbidden, Invalid."""
    async with db.transaction_or_join():
        event, row = await bulk_for(by, slug, bulk_id)
        if row.state != BulkState.DONE or row.kind not in TAKEN_BACK or row.undoes is not None or not row.done:
            raise Conflict(NOT_BACK, code="not_back")
        undoing.require(by, row.asked_by, row.ended_at, reason)
        with db.constraint_errors({"registration_bulk_undoes_key": Conflict(UNDONE, code="undone")}):
            made = await fetch_value(
                int,
                "INSERT INTO registration_bulk (event, kind, state, argument, reason, lang, undoes, asked_by, asked_at, back)"
                " VALUES (:event, :kind, 'running', :argument, :reason, :lang, :undoes, :by, :now, :back) RETURNING id",
                event=event.id,
                kind=row.kind.value,
                argument=row.argument,
                reason=reason.strip()[:200],
                lang=current_lang(),
                undoes=row.id,
                by=by.account_id,
                now=clock.now(),
                back=row.back,
            )
        people = await execute(
            "INSERT INTO registration_bulk_row (bulk, registration, before) SELECT :made, registration, before"
            " FROM registration_bulk_row WHERE bulk = :id AND outcome = 'done' ORDER BY id DESC",
            made=made,
            id=row.id,
        )
        after = {"kind": row.kind, "people": people, "event": event.id, "argument": row.argument, "reason": reason}
        await record("registration_bulk.undo", "registration_bulk", made, by=by, after=after)
        await jobs.enqueue(JOB, {"bulk": made})
    if people <= AT_ONCE:
        await work({"bulk": made})
    return made


@jobs.job(JOB)
async def work(payload: dict[str, Any]) -> None:
    """Job: do what waits of an act. Two workers share the rows; what is done is not done again."""
    row = await bulk_queries.bulk_by_id(int(payload["bulk"]))
    if row is None or row.state != BulkState.RUNNING:
        return
    by = await actor_by_id(row.asked_by) if row.asked_by is not None else None
    with i18n.language(row.lang):
        while await _some(row, by):
            pass
    async with db.transaction_or_join():
        ended = await execute(
            "UPDATE registration_bulk SET state = 'done', ended_at = :now WHERE id = :id AND state = 'running'"
            " AND NOT EXISTS (SELECT 1 FROM registration_bulk_row x WHERE x.bulk = :id AND x.outcome = 'waiting')",
            id=row.id,
            now=clock.now(),
        )
        found = await bulk_queries.bulk_by_id(row.id) if ended and by is not None else None
        if found is not None and by is not None:
            after = {"kind": found.kind, "done": found.done, "same": found.same, "refused": found.refused}
            await record("registration_bulk.done", "registration_bulk", row.id, by=by, after=after)


async def _some(row: BulkRow, by: Actor | None) -> bool:
    """A few rows in a transaction of their own; False when none waits."""
    async with db.transaction_or_join():
        event = await counting.lock_event(row.event)  # before any row: all who write take it first
        waiting = await fetch_as(
            Waiting,
            "SELECT id, registration, before FROM registration_bulk_row WHERE bulk = :bulk AND outcome = 'waiting'"
            " ORDER BY id LIMIT :together FOR UPDATE SKIP LOCKED",
            bulk=row.id,
            together=TOGETHER,
        )
        if not waiting:
            return False
        act = await _act_of(row, by, event.slug)
        results = [await _outcome(act, row, one, by) for one in waiting]
        await execute(
            "UPDATE registration_bulk_row x SET outcome = t.outcome, why = t.why, before = CASE WHEN t.before = '' THEN x.before"
            " ELSE t.before END FROM unnest(:ids::bigint[], :outcomes::text[], :whys::text[], :befores::text[])"
            " AS t (id, outcome, why, before) WHERE x.id = t.id",
            ids=[one.id for one in waiting],
            outcomes=[result.outcome.value for result in results],
            whys=[result.why for result in results],
            befores=[result.before for result in results],
        )
    return True


async def _act_of(row: BulkRow, by: Actor | None, slug: str) -> Act | None:
    """What is done with a row; None when who asked for it runs the event no more."""
    if by is None:
        return None
    try:
        await event_for(by, slug)
    except NotFound:
        return None
    return (_BACK if row.undoes is not None else _ACTS)[row.kind]


async def _outcome(act: Act | None, row: BulkRow, one: Waiting, by: Actor | None) -> Result:
    if act is None or by is None:
        return Result(BulkOutcome.REFUSED, str(NOT_YOURS))
    try:
        async with db.savepoint():
            return await act(row, one, by)
    except Conflict as refused:
        if refused.code == "already_cancelled" and row.kind == BulkKind.CANCEL:
            return SAME
        return Result(BulkOutcome.REFUSED, str(refused.message))
    except Invalid as refused:
        found = [message for messages in refused.fields.values() for message in messages]
        return Result(BulkOutcome.REFUSED, str(found[0] if found else refused.message))
    except DomainError as refused:
        return Result(BulkOutcome.REFUSED, str(refused.message))


async def _confirm(row: BulkRow, one: Waiting, by: Actor) -> Result:
    return Result(BulkOutcome.DONE) if await deciding.confirm(one.registration, by=by) else SAME


async def _cancel(row: BulkRow, one: Waiting, by: Actor) -> Result:
    await services.cancel(one.registration, by=by, reason=row.reason)
    return Result(BulkOutcome.DONE)


async def _tag(row: BulkRow, one: Waiting, by: Actor) -> Result:
    return Result(BulkOutcome.DONE) if await tagging.add(one.registration, row.argument, by=by) else SAME


async def _untag(row: BulkRow, one: Waiting, by: Actor) -> Result:
    return Result(BulkOutcome.DONE) if await tagging.remove(one.registration, row.argument, by=by) else SAME


async def _move(row: BulkRow, one: Waiting, by: Actor) -> Result:
    former = await deciding.move(one.registration, row.argument, by=by)
    return SAME if former is None else Result(BulkOutcome.DONE, before=former)


async def _restore(row: BulkRow, one: Waiting, by: Actor) -> Result:
    await services.restore(one.registration, reason=row.reason, by=by)
    return Result(BulkOutcome.DONE)


async def _move_back(row: BulkRow, one: Waiting, by: Actor) -> Result:
    now = await fetch_value(str, "SELECT category FROM registration WHERE id = :id", id=one.registration)
    if now != row.argument:
        raise Conflict(CHANGED, code="changed")
    await deciding.move(one.registration, one.before, by=by)
    return Result(BulkOutcome.DONE)


_ACTS: dict[BulkKind, Act] = {
    BulkKind.CONFIRM: _confirm,
    BulkKind.CANCEL: _cancel,
    BulkKind.TAG: _tag,
    BulkKind.UNTAG: _untag,
    BulkKind.CATEGORY: _move,
}
_BACK: dict[BulkKind, Act] = {
    BulkKind.CANCEL: _restore,
    BulkKind.TAG: _untag,
    BulkKind.UNTAG: _tag,
    BulkKind.CATEGORY: _move_back,
}
assert set(_BACK) == TAKEN_BACK
