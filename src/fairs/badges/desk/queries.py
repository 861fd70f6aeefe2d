"""Read what the desk shows: the person, all badges, and whose badge was scanned."""

import asyncio

from fairs.accounts.actor import Actor
from fairs.badges import codes
from fairs.badges.desk.rows import DeskBadge, Scanned
from fairs.badges.queries import public_keys
from fairs.core import clock
from fairs.core.rows import fetch_as, fetch_one_as, fetch_value_or_none


async def badges_of(registration_id: int) -> list[DeskBadge]:
    """All badges of a registration, the latest first."""
    return await fetch_as(
        DeskBadge,
        "SELECT b.id, b.issued_at, b.revoked_at, b.revoked_reason, b.until, b.handed_at, a.name AS handed_name,"
        " (SELECT count(*) FROM badge_print p WHERE p.badge = b.id) AS prints,"
        " (SELECT max(p.at) FROM badge_print p WHERE p.badge = b.id) AS printed_at"
        " FROM badge b LEFT JOIN account a ON a.id = b.handed_by WHERE b.registration = :id ORDER BY b.id DESC",
        id=registration_id,
    )


async def scanned(event_id: int, text: str) -> Scanned | None:
    """Whose badge a code is; None when it is no genuine badge of this event."""
    reading = await asyncio.to_thread(codes.genuine_reading, text, await public_keys())
    if reading is None:
        return None
    return await fetch_one_as(
        Scanned,
        "SELECT r.number, b.until IS NOT NULL AS temporary, b.revoked_at IS NOT NULL AS revoked FROM badge b"
        " JOIN registration r ON r.id = b.registration WHERE b.uid = :uid AND r.event = :event",
        uid=reading[0],
        event=event_id,
    )


async def badge_to_print(registration_id: int) -> int | None:
    """The valid badge, a temporary one first; None without one."""
    sql = "SELECT id FROM badge WHERE registration = :id AND revoked_at IS NULL ORDER BY until IS NULL LIMIT 1"
    return await fetch_value_or_none(int, sql, id=registration_id)


async def desk_of(actor: Actor) -> str | None:
    """The event at which an account works as staff: the next one that is not over, else the last."""
    return await fetch_value_or_none(
        str,
        "SELECT slug::text FROM event WHERE id = ANY(:ids::bigint[]) AND state IN ('published', 'closed')"
        " ORDER BY ends_at < :now, abs(extract(epoch FROM starts_at - :now)), id LIMIT 1",
        ids=list(actor.event_ids),
        now=clock.now(),
    )
