"""Shorter periods and a purge by hand need two people: one asks, another one confirms."""

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db
from fairs.core.errors import Conflict, Forbidden, Invalid, NotFound
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.core.rows import execute, fetch_as, fetch_one_as, fetch_value
from fairs.units import catalogues
from fairs.upkeep import periods, purge, services
from fairs.upkeep.forms import PeriodForm
from fairs.upkeep.rows import Asked, Report
from fairs.upkeep.tables import PurgeRequestState

PURGE = "upkeep-purge"
SAME = N_("Somebody else must confirm what you asked for.")
WAITS = N_("This was asked for already and waits for the second person.")
DECIDED = N_("Somebody has decided this already.")
PRESENT = N_("This is the present period.")
ADMIN = N_("Only an administrator may ask for another period.")
_ASKED = (
    "SELECT r.id, r.key, r.days, r.would_go, r.state, r.asked_by, a.name AS asked_name, r.asked_at, d.name AS decided_name,"
    " r.decided_at FROM purge_request r LEFT JOIN account a ON a.id = r.asked_by LEFT JOIN account d ON d.id = r.decided_by"
)


def limits(key: str) -> tuple[int, int]:
    """The fewest and the most days that a law lets this kind be kept. Raises NotFound."""
    for one in catalogues.retention():
        if one.key == key and key not in purge.NOT_STORED:
            return one.least, one.days
    raise NotFound


async def would_go(key: str, days: int | None) -> int:
    """Rows that the next purge would let go: of a key with another period, or with an empty key of all as they are."""
    in_force = await periods.in_force()
    changed = {**in_force, key: days} if days is not None else in_force
    met = await purge.expired(clock.now(), changed)
    return sum(one.number for one in met if not key or one.rule.key == key)


async def ask_period(form: PeriodForm, *, by: Actor) -> int:
    """An administrator asks for another period; returns the request. Raises Forbidden, NotFound, Invalid, Conflict."""
    if Role.ADMIN not in by.roles:
        raise Forbidden(ADMIN)
    least, most = limits(form.key)
    if not least <= form.days <= most:
        said = N_("Between %(least)s and %(most)s days: the law wants it", least=least, most=most)
        raise Invalid(fields={"days": [said]})
    if (await periods.in_force())[form.key] == form.days:
        raise Invalid(fields={"days": [PRESENT]})
    return await _ask(form.key, form.days, by=by)


async def ask_purge(*, by: Actor) -> int:
    """Ask for a purge now; returns the request. Raises Conflict."""
    return await _ask("", None, by=by)


async def _ask(key: str, days: int | None, *, by: Actor) -> int:
    number = await would_go(key, days)
    async with db.transaction_or_join():
        with db.constraint_errors({"uq_purge_request_waiting": Conflict(WAITS, code="waits")}):
            request = await fetch_value(
                int,
                "INSERT INTO purge_request (key, days, would_go, asked_by, asked_at) VALUES (:key, :days, :number, :by, :now)"
                " RETURNING id",
                key=key,
                days=days,
                number=number,
                by=by.account_id,
                now=clock.now(),
            )
        await record(
            "retention.ask", "retention", key or PURGE, by=by, after={"key": key, "days": days, "rows": number}
        )
    return request


async def _decide(request_id: int, state: PurgeRequestState, *, by: Actor) -> Asked:
    """Lock and end a request. Raises NotFound, Conflict."""
    row = await fetch_one_as(Asked, f"{_ASKED} WHERE r.id = :id FOR UPDATE OF r", id=request_id)
    if row is None:
        raise NotFound
    if row.state != PurgeRequestState.WAITING:
        raise Conflict(DECIDED, code="decided")
    if state == PurgeRequestState.CONFIRMED and row.asked_by == by.account_id:
        raise Conflict(SAME, code="same_person")
    await execute(
        "UPDATE purge_request SET state = :state, decided_by = :by, decided_at = :now WHERE id = :id",
        id=row.id,
        state=state,
        by=by.account_id,
        now=clock.now(),
    )
    return row


async def confirm(request_id: int, *, by: Actor) -> Asked:
    """The second key: the period is in force, or the purge begins. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        row = await _decide(request_id, PurgeRequestState.CONFIRMED, by=by)
        if row.days is None:
            await services.ask(PURGE, by=by)
        else:
            await execute(
                "INSERT INTO retention_period (key, days, since) VALUES (:key, :days, :now)"
                " ON CONFLICT (key) DO UPDATE SET days = excluded.days, since = excluded.since",
                key=row.key,
                days=row.days,
                now=clock.now(),
            )
        after = {"key": row.key, "days": row.days, "asked_by": row.asked_name}
        await record("retention.confirm", "retention", row.key or PURGE, by=by, after=after)
    return row


async def refuse(request_id: int, *, by: Actor) -> None:
    """Take a request back, or refuse it. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        row = await _decide(request_id, PurgeRequestState.REFUSED, by=by)
        await record("retention.refuse", "retention", row.key or PURGE, by=by, after={"key": row.key, "days": row.days})


async def requests() -> list[Asked]:
    """The last requests, those that wait first."""
    return await fetch_as(Asked, f"{_ASKED} ORDER BY (r.state <> 'waiting'), r.id DESC LIMIT 30")


async def reports() -> list[Report]:
    """The last purges that had an effect."""
    return await fetch_as(
        Report, "SELECT at, seconds, number, lines::text AS lines FROM purge_report ORDER BY at DESC, id DESC LIMIT 30"
    )
