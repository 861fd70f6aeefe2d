"""What matching reads: texts with their vectors, who may be proposed to whom, and what a page says of them.

Preferences are written by `fairs.meetings`, which also says whether a pair has a meeting.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import asyncpg

from fairs.accounts.actor import Actor
from fairs.core import db
from fairs.core.errors import NotFound
from fairs.core.events_bus import NotWired

WANTED = "('must', 'meet')"
PROFILE = (
    "t.id, t.headline, t.summary, t.summary_lang, t.skills, t.discipline, t.degree, t.languages, t.engagement, t.cities,"
    " t.available_from, t.pay_min, t.nationality, t.visibility"
)
LISTING = (
    "l.id, l.kind, l.title_zh, l.title_en, l.description_zh, l.description_en, l.discipline, l.degree, l.languages,"
    " l.engagement, l.city, l.start_by, l.pay_min, l.pay_max, l.sponsors_permit, o.industry, l.event"
)
SHOWN_LISTING = "l.state = 'published' AND o.state = 'approved'"
SHOWN_TALENT = "t.visibility IN ('employers', 'matched')"
_LISTINGS = "FROM listing l JOIN organisation o ON o.id = l.organisation"


Booked = Callable[[str, str], str]
_booked: Booked | None = None


def install_booked(booked: Booked) -> None:
    """Set the SQL of whether a pair has a live meeting, made of what names its listing and its person in a statement."""
    global _booked
    _booked = booked


def _is_booked(listing: str, talent: str) -> str:
    if _booked is None:
        raise NotWired("meetings: call fairs.wiring.wire() first")
    return _booked(listing, talent)


async def texts(kind: str, ids: list[int] | None = None, *, lock: bool = False) -> list[asyncpg.Record]:
    """Rows of talents or listings as the engine reads them; all of them without `ids`. `lock` keeps them as they are."""
    sql = f"SELECT {PROFILE} FROM talent t" if kind == "talent" else f"SELECT {LISTING} {_LISTINGS}"  # noqa: S608 - constants: columns and what is shown
    alias = "t" if kind == "talent" else "l"
    ending = f" FOR SHARE OF {alias}" if lock else ""
    where = f" WHERE $1::bigint[] IS NULL OR {alias}.id = ANY($1) ORDER BY {alias}.id"
    return await db.fetch(sql + where + ending, ids)


async def vectors(kind: str, model: str, ids: list[int] | None = None) -> dict[int, list[asyncpg.Record]]:
    """owner → its stored vectors (lang, text_hash, vector) of this model."""
    rows = await db.fetch(
        "SELECT owner_id, lang, text_hash, vector FROM text_vector WHERE owner_kind = $1 AND model = $2"
        " AND ($3::bigint[] IS NULL OR owner_id = ANY($3))",
        kind,
        model,
        ids,
    )
    found: dict[int, list[asyncpg.Record]] = {}
    for row in rows:
        found.setdefault(row["owner_id"], []).append(row)
    return found


async def listings_version(event_id: int) -> tuple[Any, ...]:
    """Changes whenever a published listing of the event, or what has been read of one, does."""
    row = await db.fetchrow(
        "SELECT count(DISTINCT l.id), sum(l.id), max(l.updated_at), count(v.id), max(v.updated_at), sum(hashtext(o.industry))"
        f" {_LISTINGS} LEFT JOIN text_vector v ON v.owner_kind = 'listing' AND v.owner_id = l.id"
        f" WHERE l.event = $1 AND {SHOWN_LISTING}",
        event_id,
    )
    return tuple(row or ())


async def talents_version() -> tuple[Any, ...]:
    """Changes whenever a visible profile, or what has been read of one, does."""
    row = await db.fetchrow(
        "SELECT count(DISTINCT t.id), sum(t.id), max(t.updated_at), count(v.id), max(v.updated_at) FROM talent t"  # noqa: S608 - constants: columns and what is shown
        f" LEFT JOIN text_vector v ON v.owner_kind = 'talent' AND v.owner_id = t.id WHERE {SHOWN_TALENT}"
    )
    return tuple(row or ())


async def listing_stamps(event_id: int) -> dict[int, tuple[Any, ...]]:
    """id → what changes whenever that published listing, or what has been read of it, does."""
    rows = await db.fetch(
        f"SELECT l.id, l.updated_at, o.industry, count(v.id), max(v.updated_at) {_LISTINGS}"
        " LEFT JOIN text_vector v ON v.owner_kind = 'listing' AND v.owner_id = l.id"
        f" WHERE l.event = $1 AND {SHOWN_LISTING} GROUP BY l.id, o.industry",
        event_id,
    )
    return {row[0]: tuple(row)[1:] for row in rows}


async def talent_stamps() -> dict[int, tuple[Any, ...]]:
    """id → what changes whenever that visible profile, or what has been read of it, does."""
    rows = await db.fetch(
        "SELECT t.id, t.updated_at, count(v.id), max(v.updated_at) FROM talent t"  # noqa: S608 - constants: columns and what is shown
        f" LEFT JOIN text_vector v ON v.owner_kind = 'talent' AND v.owner_id = t.id WHERE {SHOWN_TALENT} GROUP BY t.id"
    )
    return {row[0]: tuple(row)[1:] for row in rows}


async def sampled_listings(event_id: int, most: int) -> list[int]:
    """Ids of published listings in an order that is no order, the same each time."""
    sql = f"SELECT l.id {_LISTINGS} WHERE l.event = $1 AND {SHOWN_LISTING} ORDER BY md5(l.id::text) LIMIT $2"
    return [row["id"] for row in await db.fetch(sql, event_id, most)]


async def sampled_talents(most: int) -> list[int]:
    """The same of visible profiles."""
    sql = f"SELECT t.id FROM talent t WHERE {SHOWN_TALENT} ORDER BY md5(t.id::text) LIMIT $1"  # noqa: S608 - constants: columns and what is shown
    return [row["id"] for row in await db.fetch(sql, most)]


async def ids_after(kind: str, last: int, most: int) -> list[int]:
    """Ids of talents or listings in any state, upwards from `last`."""
    table = "talent" if kind == "talent" else "listing"
    rows = await db.fetch(f"SELECT id FROM {table} WHERE id > $1 ORDER BY id LIMIT $2", last, most)  # noqa: S608 - one of two table names
    return [row["id"] for row in rows]


async def published_listings(event_id: int, ids: list[int]) -> list[asyncpg.Record]:
    """Those of `ids` that may be proposed at an event."""
    return await db.fetch(
        f"SELECT {LISTING} {_LISTINGS} WHERE l.event = $1 AND l.id = ANY($2::bigint[]) AND {SHOWN_LISTING} ORDER BY l.id",
        event_id,
        ids,
    )


async def visible_talents(ids: list[int]) -> list[asyncpg.Record]:
    """Those of `ids` who may be proposed to employers; a private profile never is."""
    return await db.fetch(
        f"SELECT {PROFILE} FROM talent t WHERE t.id = ANY($1::bigint[]) AND {SHOWN_TALENT} ORDER BY t.id",  # noqa: S608 - constants: columns and what is shown
        ids,
    )


async def eligible_listings(event_id: int, talent_id: int, *, city: str, kind: str) -> set[str]:
    """Ids of published listings, neither declined by the person nor closed to them by the employer. A county counts
    to its city."""
    rows = await db.fetch(
        f"SELECT l.id {_LISTINGS} WHERE l.event = $1 AND {SHOWN_LISTING}"  # noqa: S608 - constants: columns and what is shown
        " AND ($3 = '' OR left(l.city, 4) = left($3, 4)) AND ($4 = '' OR l.kind = $4)"
        " AND NOT EXISTS (SELECT 1 FROM preference p WHERE p.listing = l.id AND p.talent = $2 AND p.level = 'no')",
        event_id,
        talent_id,
        city,
        kind,
    )
    return {str(row["id"]) for row in rows}


async def eligible_talents(listing_id: int, *, coming: bool) -> set[str]:
    """Ids of visible people that neither side has declined; `coming`: only those registered for the listing's event."""
    rows = await db.fetch(
        f"SELECT t.id FROM talent t WHERE {SHOWN_TALENT}"  # noqa: S608 - constants: columns and what is shown
        " AND NOT EXISTS (SELECT 1 FROM preference p WHERE p.listing = $1 AND p.talent = t.id AND p.level = 'no')"
        " AND (NOT $2 OR EXISTS (SELECT 1 FROM registration g JOIN listing l ON l.event = g.event"
        " WHERE l.id = $1 AND g.talent = t.id AND g.state = 'confirmed'))",
        listing_id,
        coming,
    )
    return {str(row["id"]) for row in rows}


async def shown_listings(ids: list[int], talent_id: int) -> dict[int, asyncpg.Record]:
    """What a page says of listings to this person, with what both sides want; only what is published."""
    rows = await db.fetch(
        "SELECT l.id, l.kind, l.title_zh, l.title_en, l.city, l.engagement, l.headcount, l.urgent, l.pay_min, l.pay_max,"
        " o.name_zh AS organisation_zh, o.name_en AS organisation_en, mine.level AS own_level,"
        f" (theirs.level IN {WANTED}) IS TRUE AS wanted, {_is_booked('l.id', '$2')} AS booked {_LISTINGS}"
        " LEFT JOIN preference mine ON mine.listing = l.id AND mine.talent = $2 AND mine.side = 'talent'"
        " LEFT JOIN preference theirs ON theirs.listing = l.id AND theirs.talent = $2 AND theirs.side = 'employer'"
        f" WHERE l.id = ANY($1::bigint[]) AND {SHOWN_LISTING}",
        ids,
        talent_id,
    )
    return {row["id"]: row for row in rows}


async def shown_talents(ids: list[int], listing_id: int) -> dict[int, asyncpg.Record]:
    """What a page says of people to the listing's employer; `named`: the name may be shown. Private ones are left out."""
    rows = await db.fetch(
        "SELECT t.id, t.name_passport, t.name_native, t.nationality, t.residence_country, t.degree, t.institution,"  # noqa: S608 - constants: columns and what is shown
        " t.discipline, t.headline, mine.level AS own_level,"
        f" (theirs.level IN {WANTED}) IS TRUE AS wanted, {_is_booked('$2', 't.id')} AS booked,"
        f" t.visibility = 'employers' OR (mine.level IN {WANTED} AND theirs.level IN {WANTED}) IS TRUE AS named,"
        " EXISTS (SELECT 1 FROM registration g WHERE g.event = l.event AND g.talent = t.id AND g.state = 'confirmed')"
        " AS coming FROM talent t JOIN listing l ON l.id = $2"
        " LEFT JOIN preference mine ON mine.listing = $2 AND mine.talent = t.id AND mine.side = 'employer'"
        " LEFT JOIN preference theirs ON theirs.listing = $2 AND theirs.talent = t.id AND theirs.side = 'talent'"
        f" WHERE t.id = ANY($1::bigint[]) AND {SHOWN_TALENT}",
        ids,
        listing_id,
    )
    return {row["id"]: row for row in rows}


async def own_talent(actor: Actor) -> asyncpg.Record | None:
    """The actor's profile as the engine reads it."""
    return await db.fetchrow(f"SELECT {PROFILE} FROM talent t WHERE t.account = $1", actor.account_id)  # noqa: S608 - constants: columns and what is shown


@dataclass(frozen=True)
class OwnListing:
    """A listing whose suggestions somebody may see."""

    id: int
    event_id: int
    state: str
    title_zh: str
    title_en: str
    approved: bool


async def listing_for(actor: Actor, listing_id: int) -> OwnListing:
    """A listing of the actor's own organisation, any for organisers. Raises NotFound for everybody else."""
    row = await db.fetchrow(
        f"SELECT l.id, l.event, l.state, l.title_zh, l.title_en, o.state = 'approved' AS approved {_LISTINGS}"
        " WHERE l.id = $1 AND ($2 OR l.organisation = ANY($3::bigint[]))",
        listing_id if 0 < listing_id < 2**63 else 0,
        actor.sees_everything,
        actor.organisation_ids,
    )
    if row is None:
        raise NotFound
    return OwnListing(row["id"], row["event"], row["state"], row["title_zh"], row["title_en"], row["approved"])
