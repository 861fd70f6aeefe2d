"""Reading listings. Preferences of the slice above are counted by plain SQL."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime

import asyncpg

from fairs.accounts.actor import Actor
from fairs.core import clock, db
from fairs.core.errors import NotFound
from fairs.core.i18n import EVENT_ZONE
from fairs.core.pagination import Page, paged
from fairs.core.search_keys import like_words
from fairs.listings.rules import Counts, Filters, Totals

LISTING = (
    "SELECT l.*, o.name_zh AS organisation_zh, o.name_en AS organisation_en, o.kind AS organisation_kind,"
    " o.intro_zh AS organisation_intro_zh, o.intro_en AS organisation_intro_en, o.industry AS organisation_industry,"
    " o.state AS organisation_state, o.unit AS organisation_unit, e.slug AS event_slug, e.title_zh AS event_title_zh,"
    " e.title_en AS event_title_en, e.state AS event_state FROM listing l"
    " JOIN organisation o ON o.id = l.organisation JOIN event e ON e.id = l.event"
)
OPEN = "l.state = 'published' AND o.state = 'approved' AND (l.valid_to IS NULL OR l.valid_to >= $1)"
_WHERE = f" WHERE {OPEN} AND l.event = $2 AND (l.search_key || ' | ' || o.search_key) ~ ALL ($3::text[])"
_CHOSEN = {  # a filter and what passes it; all of these together are the list
    "kind": "($4 = '' OR l.kind = $4)",
    "category": "($5 = '' OR left(l.discipline, 2) = $5)",
    "discipline": "($6 = '' OR l.discipline = $6)",
    "city": "($7 = '' OR l.city = $7)",
    "degree": "($8 = '' OR l.degree = $8)",
    "engagement": "($9 = '' OR $9 = ANY(l.engagement))",
    "urgent": "($10 = '' OR l.urgent)",
}
_VALUES = {  # what a filter counts: one row a value
    "kind": "SELECT kind",
    "category": "SELECT left(discipline, 2)",
    "discipline": "SELECT discipline",
    "city": "SELECT city",
    "degree": "SELECT degree",
    "engagement": "SELECT DISTINCT unnest(engagement)",
    "urgent": "SELECT '1' WHERE urgent",
}
_ORDER = {
    "": "l.urgent DESC, l.published_at DESC NULLS LAST, l.id DESC",
    "new": "l.published_at DESC NULLS LAST, l.id DESC",
    "pay": "coalesce(l.pay_max, l.pay_min) DESC NULLS LAST, l.id DESC",
    "heads": "l.headcount DESC, l.id DESC",
    "closing": "l.valid_to NULLS LAST, l.id",
}
_EMPLOYER_ORDER = {"title": "l.title_zh", "heads": "l.headcount", "until": "l.valid_to", "changed": "l.updated_at"}


def today() -> date:
    """The day in Beijing: a listing is open to the end of its last day there."""
    from zoneinfo import ZoneInfo

    return clock.now().astimezone(ZoneInfo(EVENT_ZONE)).date()


async def listing_by_id(listing_id: int) -> asyncpg.Record:
    """A listing in whatever state, for jobs and higher slices. Raises NotFound."""
    row = await db.fetchrow(f"{LISTING} WHERE l.id = $1", listing_id) if 0 < listing_id < 2**63 else None
    if row is None:
        raise NotFound
    return row


def _is_public(row: asyncpg.Record) -> bool:
    shown = row["published_at"] is not None and row["state"] in ("published", "closed")
    return shown and row["organisation_state"] == "approved" and row["event_state"] != "draft"


async def listing_for(viewer: Actor | None, listing_id: int) -> asyncpg.Record:
    """A listing that was ever published, for everybody; a draft for its employer, its bureau and the province."""
    row = await listing_by_id(listing_id)
    own = viewer is not None and (
        viewer.sees_everything
        or row["organisation"] in viewer.organisation_ids
        or row["organisation_unit"] in viewer.unit_ids
    )
    if not (own or _is_public(row)):
        raise NotFound
    return row


async def own_listing(actor: Actor, listing_id: int) -> asyncpg.Record:
    """A listing that this actor may change: of an employer it acts for, or any for the province. Raises NotFound."""
    row = await listing_by_id(listing_id)
    if not (actor.sees_everything or row["organisation"] in actor.organisation_ids):
        raise NotFound
    return row


Near = Callable[[int, str, int], Awaitable[Sequence[int]]]
NEAR: list[Near] = []
"""(event, what was typed, how many) → listings that are near to it, nearest first; registered by the slice that can tell."""


async def near_listings(event_id: int, typed: str, most: int = 5) -> list[asyncpg.Record]:
    """What is open at an event and near to a search that found nothing."""
    ids = [listing for near in NEAR for listing in await near(event_id, typed, most)]
    if not ids:
        return []
    return await db.fetch(
        f"{LISTING} WHERE {OPEN} AND l.event = $2 AND l.id = ANY($3::bigint[]) ORDER BY array_position($3, l.id) LIMIT $4",
        today(),
        event_id,
        ids,
        most,
    )


async def patterns_of(filters: Filters) -> list[str]:
    """What to look for, worked out beside the event loop."""
    return await asyncio.to_thread(lambda: filters.patterns) if filters.q else []


async def _arguments(event_id: int, filters: Filters) -> tuple[object, ...]:
    patterns = await patterns_of(filters) or [""]
    return (today(), event_id, patterns, *(getattr(filters, name) for name in _CHOSEN))


_FILTERED = f"{_WHERE} AND {' AND '.join(_CHOSEN.values())}"


async def published_rows(event_id: int, filters: Filters, *, number: int = 1, size: int = 20) -> list[asyncpg.Record]:
    """One page of what is open at an event: in each order an index gives the rows, so that only the page is read."""
    return await db.fetch(
        f"{LISTING}{_FILTERED} ORDER BY {_ORDER[filters.sort]} LIMIT $11 OFFSET $12",
        *(await _arguments(event_id, filters)),
        size,
        (number - 1) * size,
    )


async def state_of_listings(event_id: int) -> tuple[object, ...]:
    """What changes whenever the list of an event may: two look-ups in indexes."""
    row = await db.fetchrow(
        "SELECT (SELECT max(updated_at) FROM listing WHERE event = $1), (SELECT max(decided_at) FROM organisation)",
        event_id,
    )
    assert row is not None
    return today(), *row.values()


def _counted(name: str) -> str:
    """value → number of one filter, with the others in force; a category is chosen anew without its discipline."""
    free = ("category", "discipline") if name == "category" else (name,)
    passes = " AND ".join(f"passes_{other}" for other in _CHOSEN if other not in free)
    return (
        f"SELECT '{name}' AS filter, value, count(*) AS number FROM found CROSS JOIN LATERAL ({_VALUES[name]}) v (value)"  # noqa: S608 - constants; names are keys of _CHOSEN
        f" WHERE {passes} AND value <> '' GROUP BY value"
    )


_COUNTS = (
    "WITH found AS MATERIALIZED (SELECT l.kind, l.discipline, l.city, l.degree, l.engagement, l.urgent, l.headcount,"  # noqa: S608 - constants; names are keys of _CHOSEN
    f" l.organisation, {', '.join(f'{test} AS passes_{name}' for name, test in _CHOSEN.items())}"
    f" FROM listing l JOIN organisation o ON o.id = l.organisation{_WHERE}),"
    f" listed AS (SELECT * FROM found WHERE {' AND '.join(f'passes_{name}' for name in _CHOSEN)}) "
    + " UNION ALL ".join(_counted(name) for name in _CHOSEN)
    + " UNION ALL SELECT '', 'listings', count(*) FROM listed"
    " UNION ALL SELECT '', 'heads', coalesce(sum(headcount) FILTER (WHERE kind = 'people'), 0) FROM listed"
    " UNION ALL SELECT '', 'employers', count(DISTINCT organisation) FROM listed"
)


async def counts(event_id: int, filters: Filters) -> Counts:
    """Totals of the list, and what each value of each filter would show."""
    found: dict[str, dict[str, int]] = {name: {} for name in ("", *_CHOSEN)}
    for row in await db.fetch(_COUNTS, *(await _arguments(event_id, filters))):
        found[row["filter"]][row["value"]] = int(row["number"])
    return Counts(Totals(**found.pop("")), found)


async def published_listings(
    event_id: int, filters: Filters, *, number: int = 1, size: int = 20
) -> Page[asyncpg.Record]:
    """One page of what is open at an event, and how many there are."""
    arguments = await _arguments(event_id, filters)
    return await paged(
        (number, size, 0),
        lambda: db.fetchval(
            f"SELECT count(*) FROM listing l JOIN organisation o ON o.id = l.organisation{_FILTERED}",  # noqa: S608 - a constant above
            *arguments,
        ),
        lambda size, offset: published_rows(event_id, filters, number=offset // size + 1, size=size),
    )


async def exported_listings(event_id: int, filters: Filters) -> list[asyncpg.Record]:
    """Every row of the list as filtered and sorted, for an export."""
    return await db.fetch(
        f"{LISTING}{_FILTERED} ORDER BY {_ORDER[filters.sort]}", *(await _arguments(event_id, filters))
    )


async def listings_of(organisation_id: int) -> list[asyncpg.Record]:
    """All listings of an employer, the latest change first."""
    return await db.fetch(f"{LISTING} WHERE l.organisation = $1 ORDER BY l.updated_at DESC, l.id DESC", organisation_id)


async def employer_page(
    organisation_id: int,
    *,
    q: str = "",
    state: str = "",
    kind: str = "",
    sort: str = "-changed",
    number: int = 1,
    size: int = 50,
) -> Page[asyncpg.Record]:
    """One page of an employer's own listings with how many candidates want to meet (`wanted`)."""
    where = (
        " WHERE l.organisation = $1 AND l.search_key LIKE ALL ($2::text[]) AND ($3 = '' OR l.state = $3)"
        " AND ($4 = '' OR l.kind = $4)"
    )
    arguments = (organisation_id, like_words(q), state, kind)
    order = _EMPLOYER_ORDER.get(sort.removeprefix("-"), "l.updated_at")
    wanted = "(SELECT count(*) FROM preference p WHERE p.listing = x.id AND p.side = 'talent' AND p.level <> 'no')"
    return await paged(
        (number, size, 0),
        lambda: db.fetchval(f"SELECT count(*) FROM listing l{where}", *arguments),  # noqa: S608 - a constant above
        lambda *part: db.fetch(
            f"SELECT x.*, {wanted} AS wanted FROM ({LISTING}{where}"  # noqa: S608 - constants; the order is looked up in _EMPLOYER_ORDER
            f" ORDER BY {order} {'DESC' if sort.startswith('-') else ''} NULLS LAST, l.id DESC LIMIT $5 OFFSET $6) x",
            *arguments,
            *part,
        ),
    )


async def state_counts(organisation_id: int) -> dict[str, int]:
    """How many listings of an employer are in each state; "" counts all."""
    rows = await db.fetch("SELECT state, count(*) FROM listing WHERE organisation = $1 GROUP BY state", organisation_id)
    counts = {"draft": 0, "published": 0, "closed": 0} | {row["state"]: row["count"] for row in rows}
    return counts | {"": sum(counts.values())}


async def preference_on(actor: Actor, listing_id: int) -> asyncpg.Record | None:
    """The candidate's profile with what was said of this listing: `level`, None when nothing; None without a profile."""
    return await db.fetchrow(
        "SELECT t.id, t.visibility, p.level FROM talent t LEFT JOIN preference p ON p.talent = t.id AND p.listing = $2"
        " AND p.side = 'talent' WHERE t.account = $1",
        actor.account_id,
        listing_id,
    )


async def siblings_of(listing: asyncpg.Record, limit: int = 5) -> list[asyncpg.Record]:
    """Other open listings of the same employer at the same event."""
    return await db.fetch(
        f"{LISTING} WHERE {OPEN} AND l.organisation = $2 AND l.event = $3 AND l.id <> $4"
        " ORDER BY l.published_at DESC, l.id DESC LIMIT $5",
        today(),
        listing["organisation"],
        listing["event"],
        listing["id"],
        limit,
    )


async def api_page(
    *,
    event: str,
    q: list[str],
    discipline: str,
    city: str,
    updated_since: datetime | None,
    limit: int,
    offset: int,
) -> tuple[list[asyncpg.Record], int]:
    """Open listings of published events in order of change, and how many there are."""
    where = (
        f" WHERE {OPEN} AND e.state <> 'draft' AND ($2 = '' OR e.slug = $2)"
        " AND (l.search_key || ' | ' || o.search_key) ~ ALL ($3::text[]) AND l.discipline LIKE $4 || '%'"
        " AND ($5 = '' OR l.city = $5) AND ($6::timestamptz IS NULL OR l.updated_at >= $6)"
    )
    arguments = (today(), event, q or [""], discipline, city, updated_since)
    rows = await db.fetch(f"{LISTING}{where} ORDER BY l.updated_at, l.id LIMIT $7 OFFSET $8", *arguments, limit, offset)
    total = await db.fetchval(
        "SELECT count(*) FROM listing l JOIN organisation o ON o.id = l.organisation JOIN event e ON e.id = l.event"  # noqa: S608 - a constant above
        + where,
        *arguments,
    )
    return rows, int(total)
