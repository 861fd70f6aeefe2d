"""Codes are made, revoked and run out under the lock of the event: what they keep is free for nobody else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fairs.accounts import rate_limits
from fairs.accounts.actor import Actor
from fairs.accounts.rate_limits import Counter
from fairs.audit.services import record
from fairs.core import clock, db
from fairs.core.errors import Conflict, DomainError, Invalid
from fairs.core.i18n import N_
from fairs.core.mailboxes import normal
from fairs.core.rows import execute, fetch_values
from fairs.core.schedule import Every, periodic
from fairs.events.queries import event_for
from fairs.events.rules import Act
from fairs.events.services import require
from fairs.registrations import counting, filling
from fairs.registrations.codes.forms import CodesForm
from fairs.registrations.codes.queries import code_of, typed_codes
from fairs.registrations.codes.rows import CodeFacts
from fairs.registrations.codes.rules import mark_of, new_code, refusal

PER_EVENT = 5_000
TRIES, WITHIN = 20, 3600  # wrong codes of an account in seconds
TOO_MANY = N_("An event has at most %(most)s codes", most=PER_EVENT)
NOTHING = N_("Neither the event nor a pool of this kind has a limit: there is nothing to keep")
TOO_FEW = N_("Only %(free)s places are free: so many cannot be kept")
PAST = N_("This is over already")
CODE_ERRORS = frozenset({"code_used_up", "code_ended", "code_of_another", "code_elsewhere", "code_not_chosen"})


async def make_codes(slug: str, form: CodesForm, *, by: Actor) -> list[str]:
    """New codes of a kind. Raises NotFound, Invalid, Conflict when the places cannot be kept."""
    async with db.transaction_or_join():
        event = await event_for(by, slug)
        locked = await counting.lock_event(event.id)
        require(await event_for(by, slug), Act.PREPARE)
        if form.expires_at is not None and form.expires_at <= clock.now():
            raise Invalid(fields={"expires_at": [PAST]})
        there = await fetch_values(int, "SELECT count(*) FROM access_code WHERE event = :event", event=event.id)
        if there[0] + form.count > PER_EVENT:
            raise Conflict(TOO_MANY, code="too_many")
        pool = int(form.pool) if form.pool else None
        if form.reserves:
            await filling.fill_places(locked)  # who waits comes first
            ledger = await counting.ledger_of(locked)
            covers = ledger.covers(pool, form.category)
            if not covers:
                raise Invalid(fields={"reserves": [NOTHING]})
            free = min(ledger.free[limit] for limit in covers)
            if free < form.count * form.uses:
                raise Invalid(fields={"reserves": [TOO_FEW(free=free)]})
        made = sorted(await _write(event.id, form, pool, by))
        after = {
            "name": form.name,
            "count": form.count,
            "category": form.category,
            "uses": form.uses,
            "event": event.id,
        }
        await record("access_code.create", "access_code", made[0], by=by, after=after)
        return await fetch_values(
            str, "SELECT code FROM access_code WHERE id = ANY(:ids::bigint[]) ORDER BY id", ids=made
        )


async def _write(event_id: int, form: CodesForm, pool: int | None, by: Actor) -> list[int]:
    fresh = [new_code(form.prefix) for _ in range(form.count)]
    return await fetch_values(
        int,
        "INSERT INTO access_code (event, name, code, mark, pool, category, reserves, uses, email, expires_at, made_by, made_at)"
        " SELECT :event, :name, n.code, n.mark, :pool, :category, :reserves, :uses, :email, :expires_at, :by, :now"
        " FROM unnest(:codes::text[], :marks::text[]) AS n (code, mark) RETURNING id",
        event=event_id,
        name=form.name,
        pool=pool,
        category=form.category,
        reserves=form.reserves,
        uses=form.uses,
        email=normal(form.email) if form.email else "",
        expires_at=form.expires_at,
        by=by.account_id,
        now=clock.now(),
        codes=fresh,
        marks=[mark_of(code) for code in fresh],
    )


async def revoke_code(slug: str, code_id: int, *, by: Actor) -> None:
    """A code is valid no longer; the places that it kept go to who waits. Registrations made with it stay.

    Raises NotFound, Conflict when it is revoked already.
    """
    async with db.transaction_or_join():
        event = await event_for(by, slug)
        locked = await counting.lock_event(event.id)
        row = await code_of(event.id, code_id)
        if row.revoked_at is not None:
            raise Conflict(N_("This code has already been revoked"), code="revoked")
        await execute("UPDATE access_code SET revoked_at = :now WHERE id = :id", id=code_id, now=clock.now())
        await record("access_code.revoke", "access_code", code_id, by=by, before={"name": row.name, "count": row.held})
        await filling.fill_places(locked)


@asynccontextmanager
async def guessing(account_id: int | None, code: str) -> AsyncIterator[None]:
    """Wrap the use of a typed code: wrong ones count, right ones do not. Raises TooMany instead of looking."""
    if not code:
        yield
        return
    tries = [Counter("access-code", str(account_id), TRIES, WITHIN)]
    await rate_limits.cap(tries)
    try:
        yield
    except DomainError as refused:
        if "code" not in getattr(refused, "fields", {}) and refused.code not in CODE_ERRORS:
            await rate_limits.give_back(tries)
        raise
    except BaseException:
        await rate_limits.give_back(tries)
        raise
    await rate_limits.give_back(tries)


async def look_up(event_id: int, text: str, *, by: Actor) -> CodeFacts | None:
    """The code that somebody typed; None when nothing was typed.

    Raises Invalid and Conflict for one that this person cannot use, TooMany after too many wrong ones.
    """
    if not text.strip():
        return None
    async with guessing(by.account_id, text):
        code = (await typed_codes(event_id, [text])).get(mark_of(text))
        if (wrong := refusal(code, by.email, code.category if code else "", clock.now())) is not None:
            raise wrong
    return code


@periodic(
    "codes-expire",
    Every(5),
    title=N_("Codes that expire"),
    does=N_("The places that an expired code kept go to the waiting list."),
    counts=N_("Codes expired"),
)
async def pass_on() -> int:
    """The number of codes whose places were passed on, in a transaction for each event."""
    waiting = "reserves AND revoked_at IS NULL AND NOT passed_on AND expires_at <= :now"
    sql = f"SELECT DISTINCT event FROM access_code WHERE {waiting} ORDER BY 1"  # noqa: S608 - a constant condition
    events = await fetch_values(int, sql, now=clock.now())
    count = 0
    for event_id in events:
        async with db.DB.transaction():
            event = await counting.lock_event(event_id)
            sql = f"UPDATE access_code SET passed_on = true WHERE event = :event AND {waiting}"  # noqa: S608 - a constant condition
            count += await execute(sql, event=event_id, now=clock.now())
            await filling.fill_places(event)
    return count
