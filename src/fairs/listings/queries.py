"""Read listings. Plain SQL counts preferences of the slice above."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime

from fairs.accounts.actor import Actor
from fairs.core import clock
from fairs.core.errors import NotFound
from fairs.core.i18n import EVENT_ZONE
from fairs.core.pagination import Page, paged, window
from fairs.core.rows import Select, fetch_as, fetch_one_as, fetch_value
from fairs.core.search_keys import like_words
from fairs.core.services import Service
from fairs.events.domain_events import EventHolding
from fairs.events.tables import EventState
from fairs.listings.rows import FilterCount, ListChange, ListingRow, StateCount, UrgentRow
from fairs.listings.rules import Counts, Filters, Totals
from fairs.listings.tables import ListingState
from fairs.organisations.tables import OrganisationState

_COLUMNS = (
    "l.id, l.organisation, l.event, l.reference, l.kind, l.state, l.title_zh, l.title_en, l.description_zh, l.description_en,"
    " l.discipline, l.degree, l.engagement, l.city, l.languages, l.headcount, l.pay_min, l.pay_max, l.sponsors_permit,"
    " l.start_by, l.valid_to, l.urgent, l.urgent_reason, l.urgent_asked,"
    " l.urgent_note, l.urgent_at, l.search_key, l.demo, l.created_at, l.updated_at, l.published_at,"
    " o.name_zh AS organisation_zh, o.name_en AS organisation_en, o.kind AS organisation_kind,"
    " o.intro_zh AS organisation_intro_zh, o.intro_en AS organisation_intro_en, o.industry AS organisation_industry,"
    " o.state AS organisation_state, o.unit AS organisation_unit, e.slug AS event_slug, e.title_zh AS event_title_zh,"
    " e.title_en AS event_title_en, e.state AS event_state"
)
_SOURCE = "listing l JOIN organisation o ON o.id = l.organisation JOIN event e ON e.id = l.event"
_OPEN = "l.state = 'published' AND o.state = 'approved' AND (l.valid_to IS NULL OR l.valid_to >= :today)"
_SAYS = "(l.search_key || ' | ' || o.search_key) ~ ALL (:patterns::text[])"
_CHOSEN = {  # filter → condition; all of them together select the list
    "kind": "l.kind = :kind",
    "category": "left(l.discipline, 2) = :category",
    "discipline": "l.discipline = :discipline",
    "city": "l.city = :city",
    "degree": "l.degree = :degree",
    "engagement": ":engagement = ANY(l.engagement)",
    "urgent": "l.urgent",
}
_VALUES = {  # counted values of a filter: one row per value
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
    """Today in Beijing: a listing is open to the end of its last day there."""
    from zoneinfo import ZoneInfo

    return clock.now().astimezone(ZoneInfo(EVENT_ZONE)).date()


async def listing_by_id(listing_id: int) -> ListingRow:
    """A listing in any state, for jobs and higher slices. Raises NotFound."""
    sql = f"SELECT {_COLUMNS} FROM {_SOURCE} WHERE l.id = :id"  # noqa: S608 - constants of the code; values are named arguments
    row = await fetch_one_as(ListingRow, sql, id=listing_id) if 0 < listing_id < 2**63 else None
    if row is None:
        raise NotFound
    return row


def _is_public(row: ListingRow) -> bool:
    shown = row.published_at is not None and row.state in (ListingState.PUBLISHED, ListingState.CLOSED)
    return shown and row.organisation_state == OrganisationState.APPROVED and row.event_state != EventState.DRAFT


async def listing_for(viewer: Actor | None, listing_id: int) -> ListingRow:
    """A listing that was ever published, for all; a draft for its employer, its bureau and the province."""
    row = await listing_by_id(listing_id)
    own = viewer is not None and (
        viewer.sees_everything
        or row.organisation in viewer.organisation_ids
        or row.organisation_unit in viewer.unit_ids
    )
    if not (own or _is_public(row)):
        raise NotFound
    return row


async def own_listing(actor: Actor, listing_id: int) -> ListingRow:
    """A listing that this actor may change: of its employer, or any for the province. Raises NotFound."""
    row = await listing_by_id(listing_id)
    if not (actor.sees_everything or row.organisation in actor.organisation_ids):
        raise NotFound
    return row


def _open() -> Select:
    return Select(_COLUMNS, _SOURCE).where(_OPEN, today=today())


Near = Callable[[int, str, int], Awaitable[Sequence[int]]]
NEAR: Service[Near | None] = Service(lambda: None)
"""Semantic search of listings: (event, typed text, how many) → ids, nearest first."""


async def near_listings(event_id: int, typed: str, most: int = 5) -> list[ListingRow]:
    """Open listings of an event near to a search without results."""
    near = NEAR()
    ids = await near(event_id, typed, most) if near else []
    if not ids:
        return []
    select = _open().where("l.event = :event", event=event_id).where("l.id = ANY(:ids::bigint[])", ids=ids)
    return await select.rows(ListingRow, order="array_position(:ids, l.id)", size=most)


async def patterns_of(filters: Filters) -> list[str]:
    """Search patterns, computed in a thread, not in the event loop."""
    return await asyncio.to_thread(lambda: filters.patterns) if filters.q else []


async def _filtered(event_id: int, filters: Filters) -> Select:
    """Open listings of an event that pass the filters."""
    select = _open().where("l.event = :event", event=event_id)
    select.where(_SAYS, patterns=await patterns_of(filters) or [""])
    for name, test in _CHOSEN.items():
        if value := getattr(filters, name):
            select.where(test, **{name: value})
    return select


async def published_rows(event_id: int, filters: Filters, *, number: int = 1, size: int = 20) -> list[ListingRow]:
    """One page of an event's open listings: an index returns rows in each order, so that only the page is read."""
    select = await _filtered(event_id, filters)
    return await select.rows(ListingRow, order=_ORDER[filters.sort], size=size, offset=(number - 1) * size)


async def state_of_listings(event_id: int) -> tuple[object, ...]:
    """Values that change whenever the list of an event may: two index look-ups."""
    (row,) = await fetch_as(
        ListChange,
        "SELECT (SELECT max(updated_at) FROM listing WHERE event = :event) AS changed_at,"
        " (SELECT max(decided_at) FROM organisation) AS decided_at",
        event=event_id,
    )
    return today(), row


def _counted(name: str) -> str:
    """value → count for one filter, with the other filters active; a category ignores the chosen discipline."""
    free = ("category", "discipline") if name == "category" else (name,)
    passes = " AND ".join(f"passes_{other}" for other in _CHOSEN if other not in free)
    return (
        f"SELECT '{name}' AS filter, value, count(*) AS number FROM found CROSS JOIN LATERAL ({_VALUES[name]}) v (value)"  # noqa: S608 - constants of the code; values are named arguments
        f" WHERE {passes} AND value <> '' GROUP BY value"
    )


def _passes(name: str, test: str) -> str:
    return f"(:{name} = '' OR {test}) AS passes_{name}"


_COUNTS = (
    "WITH found AS MATERIALIZED (SELECT l.kind, l.discipline, l.city, l.degree, l.engagement, l.urgent, l.headcount,"  # noqa: S608 - constants of the code; values are named arguments
    f" l.organisation, {', '.join(_passes(name, test) for name, test in _CHOSEN.items())}"
    f" FROM listing l JOIN organisation o ON o.id = l.organisation WHERE {_OPEN} AND l.event = :event AND {_SAYS}),"
    f" listed AS (SELECT * FROM found WHERE {' AND '.join(f'passes_{name}' for name in _CHOSEN)}) "
    + " UNION ALL ".join(_counted(name) for name in _CHOSEN)
    + " UNION ALL SELECT '', 'listings', count(*) FROM listed"
    " UNION ALL SELECT '', 'heads', coalesce(sum(headcount) FILTER (WHERE kind = 'people'), 0) FROM listed"
    " UNION ALL SELECT '', 'employers', count(DISTINCT organisation) FROM listed"
)


async def counts(event_id: int, filters: Filters) -> Counts:
    """Totals of the list, and the result count of each value of each filter."""
    found: dict[str, dict[str, int]] = {name: {} for name in ("", *_CHOSEN)}
    values = {name: getattr(filters, name) for name in _CHOSEN}
    patterns = await patterns_of(filters) or [""]
    for row in await fetch_as(FilterCount, _COUNTS, today=today(), event=event_id, patterns=patterns, **values):
        found[row.filter][row.value] = row.number
    return Counts(Totals(**found.pop("")), found)


async def published_listings(event_id: int, filters: Filters, *, number: int = 1, size: int = 20) -> Page[ListingRow]:
    """One page of an event's open listings, and their total."""
    select = await _filtered(event_id, filters)
    return await paged((number, size, 0), select.count, select.reader(ListingRow, order=_ORDER[filters.sort]))


async def exported_listings(event_id: int, filters: Filters) -> list[ListingRow]:
    """All rows of the filtered and sorted list, for an export."""
    return await (await _filtered(event_id, filters)).rows(ListingRow, order=_ORDER[filters.sort])


def of_employer(organisation_id: int, *, q: str = "", state: str = "", kind: str = "") -> Select:
    """An employer's own listings that pass the filters; a higher slice may add columns."""
    select = Select(_COLUMNS, _SOURCE).where("l.organisation = :organisation", organisation=organisation_id)
    select.where("l.search_key LIKE ALL (:words::text[])", words=like_words(q))
    if state:
        select.where("l.state = :state", state=state)
    if kind:
        select.where("l.kind = :kind", kind=kind)
    return select


def employer_order(sort: str = "") -> str:
    """The order of an employer's list, by default the last changed first."""
    sort = sort or "-changed"
    column = _EMPLOYER_ORDER.get(sort.removeprefix("-"), "l.updated_at")
    return f"{column} {'DESC' if sort.startswith('-') else ''} NULLS LAST, l.id DESC"


async def state_counts(organisation_id: int) -> dict[str, int]:
    """Number of an employer's listings by state; "" counts all."""
    rows = await fetch_as(
        StateCount,
        "SELECT state, count(*) FROM listing WHERE organisation = :organisation GROUP BY state",
        organisation=organisation_id,
    )
    counts = {state.value: 0 for state in ListingState} | {row.state.value: row.count for row in rows}
    return counts | {"": sum(counts.values())}


async def siblings_of(listing: ListingRow, limit: int = 5) -> list[ListingRow]:
    """Other open listings of the same employer at the same event."""
    select = _open().where("l.organisation = :organisation", organisation=listing.organisation)
    select.where("l.event = :event AND l.id <> :id", event=listing.event, id=listing.id)
    return await select.rows(ListingRow, order="l.published_at DESC, l.id DESC", size=limit)


async def api_page(
    *,
    event: str,
    q: list[str],
    discipline: str,
    city: str,
    updated_since: datetime | None,
    limit: int,
    offset: int,
) -> tuple[list[ListingRow], int]:
    """Open listings of published events in order of change, and their total."""
    select = _open().where("e.state <> 'draft'").where(_SAYS, patterns=q or [""])
    if event:
        select.where("e.slug = :slug", slug=event)
    if discipline:
        select.where("l.discipline LIKE :discipline || '%'", discipline=discipline)
    if city:
        select.where("l.city = :city", city=city)
    if updated_since:
        select.where("l.updated_at >= :since", since=updated_since)
    rows = await select.rows(ListingRow, order="l.updated_at, l.id", size=limit, offset=offset)
    return rows, await select.count()


async def on_event_holding(event: EventHolding) -> None:
    """`listings` of an event, in any state."""
    sql = "SELECT count(*) FROM listing WHERE event = :event"
    event.found["listings"] = await fetch_value(int, sql, event=event.event_id)


ANSWERS: dict[str, str] = {
    "waiting": "l.urgent_at IS NULL AND NOT l.urgent",
    "granted": "l.urgent",
    "refused": "l.urgent_at IS NOT NULL AND NOT l.urgent",
}
_ASKED_COLUMNS = (
    "l.id, l.title_zh, l.title_en, l.state, o.name_zh AS organisation_zh, o.name_en AS organisation_en,"
    " u.name_zh AS unit_zh, u.name_en AS unit_en, l.urgent, l.urgent_reason, l.urgent_note, l.urgent_at,"
    " c.name AS urgent_by_name"
)
_ASKED_SOURCE = (
    "listing l JOIN organisation o ON o.id = l.organisation JOIN unit u ON u.id = o.unit"
    " LEFT JOIN account c ON c.id = l.urgent_by"
)


async def urgent_one(event_id: int, listing_id: int) -> UrgentRow | None:
    """One of the listings of `urgent_asked`; None for any other."""
    select = Select(_ASKED_COLUMNS, _ASKED_SOURCE).where("l.event = :event AND l.urgent_asked", event=event_id)
    rows = await select.where("l.id = :id", id=listing_id).rows(UrgentRow, order="l.id")
    return rows[0] if rows else None


async def urgent_asked(event_id: int, *, answer: str, q: str, page: int) -> Page[UrgentRow]:
    """Listings of an event for which urgent and scarce is asked, by the answer; those who wait longest first."""
    select = Select(_ASKED_COLUMNS, _ASKED_SOURCE).where("l.event = :event AND l.urgent_asked", event=event_id)
    select.where(
        "lower(concat_ws(' ', l.title_zh, l.title_en, l.search_key, o.name_zh, o.name_en, o.search_key))"
        " LIKE ALL (:words::text[])",
        words=like_words(q.replace("\x00", "")),
    )
    if answer in ANSWERS:
        select.where(ANSWERS[answer])
    read = select.reader(UrgentRow, order="l.urgent_at DESC NULLS FIRST, l.updated_at, l.id")
    return await paged(window(page, None), select.count, read)
