"""Reading profiles. Higher slices' tables (listing, preference, meeting, registration) are read by plain SQL."""

from dataclasses import dataclass
from typing import Any

import asyncpg

from fairs.accounts.actor import Actor
from fairs.accounts.tables import Role
from fairs.core import crypto, db
from fairs.core.errors import NotFound
from fairs.talents import phones
from fairs.talents.rules import Relation, View, view_of

WANTED = "('must', 'meet')"
_RELATION = f"""
WITH mine AS (SELECT id FROM organisation WHERE id = ANY($2::bigint[]) AND state = 'approved')
SELECT t.*, u.code AS unit_code, u.name_zh AS unit_name_zh, u.name_en AS unit_name_en,
       EXISTS (SELECT 1 FROM mine) AS approved_employer,
       EXISTS (SELECT 1 FROM preference a JOIN preference b ON b.talent = a.talent AND b.listing = a.listing
               JOIN listing l ON l.id = a.listing
               WHERE a.talent = t.id AND a.side = 'talent' AND b.side = 'employer' AND a.level IN {WANTED}
                 AND b.level IN {WANTED} AND l.organisation IN (SELECT id FROM mine)) AS mutual,
       EXISTS (SELECT 1 FROM meeting m WHERE m.talent = t.id AND m.state IN ('scheduled', 'held')
               AND m.organisation IN (SELECT id FROM mine)) AS meeting
FROM talent t LEFT JOIN unit u ON u.id = t.unit WHERE t.id = $1
"""  # noqa: S608 - a constant list of levels


@dataclass(frozen=True)
class Seen:
    """A profile as this viewer may see it: without `CONTACT`, e-mail and phone are empty."""

    values: dict[str, Any]
    view: View
    is_self: bool

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def get(self, name: str, default: Any = None) -> Any:
        """So that templates may use `| pick`."""
        return self.values.get(name, default)


async def talent_of(actor: Actor) -> dict[str, Any] | None:
    """The actor's own profile, if there is one."""
    row = await db.fetchrow("SELECT * FROM talent WHERE account = $1", actor.account_id)
    return phones.opened(row) if row else None


async def talent_for(actor: Actor, talent_id: int) -> Seen:
    """A profile as far as this actor may see it. Raises NotFound for everybody whom it does not concern."""
    row = await db.fetchrow(_RELATION, talent_id, actor.organisation_ids) if 0 < talent_id < 2**63 else None
    if row is None:
        raise NotFound
    values = dict(row)
    relation = Relation(
        is_self=actor.account_id is not None and row["account"] == actor.account_id,
        sees_everything=actor.sees_everything,
        own_bureau=row["unit"] is not None and row["unit"] in actor.unit_ids,
        any_bureau=Role.BUREAU in actor.roles,
        approved_employer=values.pop("approved_employer"),
        mutual=values.pop("mutual"),
        meeting=values.pop("meeting"),
    )
    view = view_of(row["visibility"], relation)
    if view == View.NOTHING:
        raise NotFound
    if view < View.CONTACT:
        values |= {"email": "", "phone": ""}
    else:
        values = phones.opened(values)
    return Seen(values, view, relation.is_self)


async def unclaimed(actor: Actor) -> dict[str, Any] | None:
    """A profile that a registration made for the actor's address and nobody has opened yet.

    `proved`: the account has shown, by a sign-in link, that the address is its own.
    """
    row = await db.fetchrow(
        "SELECT t.*, a.email_confirmed_at IS NOT NULL AS proved FROM talent t JOIN account a ON a.email = t.email"
        " WHERE a.id = $1 AND t.account IS NULL",
        actor.account_id,
    )
    return phones.opened(row) if row else None


async def wishes_between(talent_id: int, organisation_ids: list[int]) -> list[asyncpg.Record]:
    """The published listings of these employers, each with what both sides said of meeting this person."""
    return await db.fetch(
        "SELECT l.id, l.title_zh, l.title_en, e.level AS employer_level, t.level AS talent_level FROM listing l"
        " JOIN organisation o ON o.id = l.organisation AND o.state = 'approved'"
        " LEFT JOIN preference e ON e.listing = l.id AND e.talent = $1 AND e.side = 'employer'"
        " LEFT JOIN preference t ON t.listing = l.id AND t.talent = $1 AND t.side = 'talent'"
        " WHERE l.organisation = ANY($2::bigint[]) AND l.state = 'published' ORDER BY l.published_at DESC, l.id",
        talent_id,
        organisation_ids,
    )


async def consent_history(talent_id: int) -> list[asyncpg.Record]:
    """When which version was agreed to or withdrawn, oldest first, from the audit log."""
    return await db.fetch(
        "SELECT at, action, before, after FROM audit_entry WHERE object_kind = 'talent' AND object_id = $1"
        " AND action IN ('talent.consent_give', 'talent.consent_withdraw') ORDER BY at, id",
        str(talent_id),
    )


async def registrations_of(actor: Actor) -> list[dict[str, Any]]:
    """The person's registrations, for the export: the profile's, the account's own, the proved address's."""
    rows = await db.fetch(
        "SELECT r.number, e.slug AS event, r.category, r.state, r.email, r.name_passport, r.name_native, r.nationality,"
        " r.organisation_name, r.phone, r.created_at, r.confirmed_at, r.cancelled_at FROM registration r"
        " JOIN event e ON e.id = r.event JOIN account a ON a.id = $1 WHERE r.registrant = a.id"
        " OR r.talent = (SELECT id FROM talent WHERE account = a.id)"
        " OR (r.email = a.email AND a.email_confirmed_at IS NOT NULL) ORDER BY r.created_at, r.id",
        actor.account_id,
    )
    return [{**row, "phone": crypto.open_text(row["phone"], phones.REGISTRATION)} for row in rows]


async def preferences_of(talent_id: int) -> list[asyncpg.Record]:
    """What the person said of listings, for the export."""
    return await db.fetch(
        "SELECT p.listing, l.title_zh, l.title_en, p.level, p.updated_at FROM preference p"
        " JOIN listing l ON l.id = p.listing WHERE p.talent = $1 AND p.side = 'talent' ORDER BY p.id",
        talent_id,
    )


async def meetings_of(talent_id: int) -> list[asyncpg.Record]:
    """The person's meetings, for the export; the employer's own note is the employer's."""
    return await db.fetch(
        "SELECT m.listing, o.name_zh AS organisation, m.starts_at, m.ends_at, m.state FROM meeting m"
        " JOIN organisation o ON o.id = m.organisation WHERE m.talent = $1 ORDER BY m.starts_at, m.id",
        talent_id,
    )
