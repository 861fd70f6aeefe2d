"""Reading employers: their own, a bureau's, everybody's for the province."""

from collections.abc import Mapping
from typing import Any

import asyncpg

from fairs.accounts.actor import Actor
from fairs.core import db
from fairs.core.errors import NotFound
from fairs.core.pagination import Page, paged
from fairs.core.search_keys import fold, like_words, literal
from fairs.organisations import phones

_ORGANISATION = (
    "SELECT o.*, u.code AS unit_code, u.name_zh AS unit_name_zh, u.name_en AS unit_name_en, d.name AS decided_by_name"
    " FROM organisation o JOIN unit u ON u.id = o.unit LEFT JOIN account d ON d.id = o.decided_by"
)
BIGGEST_ID = 2**63 - 1
_SEEN = "($1 OR o.unit = ANY($2::bigint[]))"  # the province sees all, a bureau its own


async def organisation_of(actor: Actor) -> dict[str, Any]:
    """The employer that this account acts for (its first membership). Raises NotFound when there is none."""
    row = await db.fetchrow(
        f"{_ORGANISATION} JOIN membership m ON m.organisation_id = o.id AND m.role = 'employer' AND m.account = $1"
        " ORDER BY m.id LIMIT 1",
        actor.account_id,
    )
    if row is None:
        raise NotFound
    return phones.opened(row)


async def organisation_for(actor: Actor, organisation_id: int) -> dict[str, Any]:
    """An employer for its members, its bureau and the province. Raises NotFound for everybody else."""
    if organisation_id > BIGGEST_ID:
        raise NotFound
    row = await db.fetchrow(
        f"{_ORGANISATION} WHERE o.id = $4 AND ({_SEEN} OR o.id = ANY($3::bigint[]))",
        actor.sees_everything,
        actor.unit_ids,
        actor.organisation_ids,
        organisation_id,
    )
    if row is None:
        raise NotFound
    return phones.opened(row)


async def organisation_for_bureau(actor: Actor, organisation_id: int) -> dict[str, Any]:
    """An employer that this bureau (or the province) decides about. Raises NotFound."""
    if organisation_id > BIGGEST_ID:
        raise NotFound
    row = await db.fetchrow(
        f"{_ORGANISATION} WHERE {_SEEN} AND o.id = $3", actor.sees_everything, actor.unit_ids, organisation_id
    )
    if row is None:
        raise NotFound
    return phones.opened(row)


async def organisation_by_id(organisation_id: int) -> dict[str, Any]:
    """An employer by key, for jobs and higher slices. Raises NotFound."""
    row = await db.fetchrow(f"{_ORGANISATION} WHERE o.id = $1", organisation_id)
    if row is None:
        raise NotFound
    return phones.opened(row)


async def progress_of(organisation_id: int) -> asyncpg.Record:
    """What this employer has done so far: published, wished (whom it wants to meet), met, agreed. Each a yes or no."""
    row = await db.fetchrow(
        "SELECT EXISTS (SELECT 1 FROM listing WHERE organisation = $1 AND state = 'published') AS published,"
        " EXISTS (SELECT 1 FROM preference p JOIN listing l ON l.id = p.listing"
        " WHERE l.organisation = $1 AND p.side = 'employer' AND p.level <> 'no') AS wished,"
        " EXISTS (SELECT 1 FROM meeting WHERE organisation = $1 AND state IN ('scheduled', 'held')) AS met,"
        " EXISTS (SELECT 1 FROM agreement a JOIN agreement_signature s ON s.agreement = a.id"
        " AND s.revision = a.revision AND s.party = 'employer' WHERE a.organisation = $1) AS agreed",
        organisation_id,
    )
    assert row is not None
    return row


async def members_of(organisation_id: int) -> list[asyncpg.Record]:
    """Accounts that act for an employer: id, name, email, lang; the first one first."""
    return await db.fetch(
        "SELECT a.id, a.name, a.email, a.lang, m.created_at FROM membership m JOIN account a ON a.id = m.account"
        " WHERE m.organisation_id = $1 AND m.role = 'employer' AND a.active ORDER BY m.id",
        organisation_id,
    )


async def is_owner(actor: Actor, organisation_id: int) -> bool:
    """Whether this account is the first of those that act for an employer and may sign in."""
    first = await db.fetchval(
        "SELECT a.id FROM membership m JOIN account a ON a.id = m.account WHERE m.organisation_id = $1"
        " AND m.role = 'employer' AND a.active ORDER BY m.id LIMIT 1",
        organisation_id,
    )
    return first is not None and first == actor.account_id


async def state_counts(actor: Actor, unit: str = "") -> dict[str, int]:
    """How many employers of one's units (or of one unit) are in each state; "" counts all."""
    rows = await db.fetch(
        f"SELECT o.state, count(*) FROM organisation o JOIN unit u ON u.id = o.unit WHERE {_SEEN}"  # noqa: S608 - constants; what is looked for is an argument
        " AND ($3 = '' OR u.code = $3) GROUP BY o.state",
        actor.sees_everything,
        actor.unit_ids,
        unit,
    )
    counts = {"pending": 0, "approved": 0, "rejected": 0} | {row["state"]: row["count"] for row in rows}
    return counts | {"": sum(counts.values())}


async def organisations_page(
    actor: Actor, *, q: str = "", state: str = "", unit: str = "", number: int = 1, size: int = 50
) -> Page[dict[str, Any]]:
    """One page of employers, those that wait first and longest. `q` finds names, pinyin, initials, code, contact; names
    that begin like it come first.
    """
    where = (
        f" WHERE {_SEEN} AND o.search_key LIKE ALL ($3::text[]) AND ($4 = '' OR o.state = $4)"
        " AND ($5 = '' OR u.code = $5)"
    )
    arguments: tuple[Any, ...] = (actor.sees_everything, actor.unit_ids, like_words(q), state, unit)
    order = (
        " ORDER BY o.search_key NOT LIKE $6, (o.state <> 'pending'), CASE WHEN o.state = 'pending' THEN o.created_at END,"
        " o.created_at DESC, o.id LIMIT $7 OFFSET $8"
    )
    begins = f"{literal(fold(q))}%"
    return await paged(
        (number, size, 0),
        lambda: db.fetchval(f"SELECT count(*) FROM organisation o JOIN unit u ON u.id = o.unit{where}", *arguments),  # noqa: S608 - constants; what is looked for is an argument
        lambda *part: db.fetch(f"{_ORGANISATION}{where}{order}", *arguments, begins, *part),
        phones.opened,
    )


async def namesakes_of(organisation: Mapping[str, Any]) -> list[asyncpg.Record]:
    """Other employers with the same Chinese name: the bureau should look twice."""
    return await db.fetch(
        "SELECT o.id, o.name_zh, o.uscc, o.state, u.name_zh AS unit_name_zh, u.name_en AS unit_name_en"
        " FROM organisation o JOIN unit u ON u.id = o.unit WHERE o.name_zh = $1 AND o.id <> $2 ORDER BY o.id LIMIT 5",
        organisation["name_zh"],
        organisation["id"],
    )
