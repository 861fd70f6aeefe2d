"""What the desk does with a badge: print, replace, for a day, hand out. Each act finds the person for its actor first."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fairs.accounts.actor import SYSTEM, Actor
from fairs.audit.services import record
from fairs.badges import services as badges
from fairs.badges.desk import queries
from fairs.badges.tables import PrintWay
from fairs.core import clock, db, jobs
from fairs.core.errors import Conflict
from fairs.core.i18n import N_
from fairs.core.rows import execute, fetch_value
from fairs.registrations.entering.queries import person_at
from fairs.registrations.tables import Registration

EXPIRE = "badges.expire"
NO_TEMPORARY = N_("This person has no temporary badge")
OVER = N_("The event is over: a badge for today would open nothing")
ALREADY = N_("This badge was handed out already")
NOT_HANDED = N_("This badge was not handed out")


async def print_badge(slug: str, number: str, *, by: Actor) -> int:
    """Log that the person's badge is printed now, and make it where it is missing; returns its id.

    A temporary badge that is valid is printed instead. Raises NotFound, Conflict without a place.
    """
    _, row = await person_at(by, slug, number)
    async with db.transaction_or_join():
        await badges.issue_badge(row.id)
        badge = await queries.badge_to_print(row.id)
        assert badge is not None
        await execute(
            "INSERT INTO badge_print (badge, way, printed_by, at) VALUES (:badge, :way, :by, :now)",
            badge=badge,
            way=PrintWay.DESK.value,
            by=by.account_id,
            now=clock.now(),
        )
        await record("badge.print", "registration", row.id, by=by)
    return badge


async def replace_badge(slug: str, number: str, *, by: Actor) -> None:
    """A new badge for a lost one, which is refused from now on. Raises NotFound, Conflict without a place."""
    _, row = await person_at(by, slug, number)
    await badges.reissue_badge(row.id, by=by, reason="replaced at the desk")


async def issue_temporary(slug: str, number: str, *, by: Actor) -> None:
    """A badge for today beside the one that was left at home. Raises NotFound, Conflict after the event or without a place."""
    event, row = await person_at(by, slug, number)
    until = end_of_day(clock.now(), event.timezone)
    async with db.transaction_or_join():
        await Registration.select(Registration.id).where(Registration.id == row.id).lock_rows("NO KEY UPDATE")
        await badges.issue_badge(row.id)
        if until > event.ends_at + badges.GRACE + timedelta(days=1):
            raise Conflict(OVER, code="over")
        badge = await badges.make_temporary(row.id, event.id, until)
        await jobs.enqueue(EXPIRE, {"badge": badge}, after=until - clock.now())
        await record("badge.temporary", "registration", row.id, by=by, after={"until": until})


def end_of_day(now: datetime, zone: str) -> datetime:
    """Midnight after `now` where the event is."""
    local = now.astimezone(ZoneInfo(zone))
    return datetime.combine(local.date() + timedelta(days=1), time(0), ZoneInfo(zone))


async def end_temporary(slug: str, number: str, *, by: Actor) -> None:
    """The original is back: the temporary badge is refused from now on. Raises NotFound, Conflict."""
    _, row = await person_at(by, slug, number)
    async with db.transaction_or_join():
        ended = await execute(
            "UPDATE badge SET revoked_at = :now, revoked_reason = 'the original is back'"
            " WHERE registration = :id AND revoked_at IS NULL AND until IS NOT NULL",
            id=row.id,
            now=clock.now(),
        )
        if not ended:
            raise Conflict(NO_TEMPORARY)
        await record("badge.original", "registration", row.id, by=by)


@jobs.job(EXPIRE)
async def expire(payload: dict[str, Any]) -> None:
    """Job at the end of the day: a temporary badge is refused from now on, also where only the database is asked."""
    async with db.transaction_or_join():
        ended = await execute(
            "UPDATE badge SET revoked_at = :now, revoked_reason = 'its day is over'"
            " WHERE id = :id AND revoked_at IS NULL AND until IS NOT NULL",
            id=int(payload["badge"]),
            now=clock.now(),
        )
        if ended:
            registration = await fetch_value(
                int, "SELECT registration FROM badge WHERE id = :id", id=int(payload["badge"])
            )
            await record("badge.original", "registration", registration, by=SYSTEM)


async def hand_out(slug: str, number: str, *, by: Actor) -> None:
    """The person has received the badge. Raises NotFound, Conflict when it was so before."""
    _, row = await person_at(by, slug, number)
    async with db.transaction_or_join():
        await badges.issue_badge(row.id)
        handed = await execute(
            "UPDATE badge SET handed_at = :now, handed_by = :by WHERE registration = :id AND revoked_at IS NULL"
            " AND until IS NULL AND handed_at IS NULL",
            id=row.id,
            now=clock.now(),
            by=by.account_id,
        )
        if not handed:
            raise Conflict(ALREADY, code="already")
        await record("badge.hand_out", "registration", row.id, by=by)


async def hand_back(slug: str, number: str, *, by: Actor) -> None:
    """Undo a hand-out. Raises NotFound, Conflict."""
    _, row = await person_at(by, slug, number)
    async with db.transaction_or_join():
        undone = await execute(
            "UPDATE badge SET handed_at = NULL, handed_by = NULL WHERE registration = :id AND revoked_at IS NULL"
            " AND until IS NULL AND handed_at IS NOT NULL",
            id=row.id,
        )
        if not undone:
            raise Conflict(NOT_HANDED)
        await record("badge.hand_back", "registration", row.id, by=by)
