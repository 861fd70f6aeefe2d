"""Read acts on many registrations."""

from collections.abc import Sequence

from fairs.accounts.actor import Actor
from fairs.core.errors import NotFound
from fairs.core.pagination import Page, paged
from fairs.core.rows import fetch_as, fetch_one_as, fetch_value, fetch_values
from fairs.events.queries import event_for
from fairs.events.rows import EventRow
from fairs.registrations.tables import BulkKind, BulkState
from fairs.registrations.working.rows import BulkLine, BulkRow, OutcomeCount

LATEST = 50
_BULK = (
    "SELECT b.id, b.event, b.kind, b.state, b.argument, b.reason, b.lang, b.undoes, (SELECT x.id FROM registration_bulk x"
    " WHERE x.undoes = b.id) AS undone_by, b.asked_by, a.name AS asked_name, b.asked_at, b.ended_at, b.back, c.total, c.done,"
    " c.same, c.refused FROM registration_bulk b LEFT JOIN account a ON a.id = b.asked_by CROSS JOIN LATERAL"
    " (SELECT count(*) AS total, count(*) FILTER (WHERE x.outcome = 'done') AS done,"
    " count(*) FILTER (WHERE x.outcome = 'same') AS same, count(*) FILTER (WHERE x.outcome = 'refused') AS refused"
    " FROM registration_bulk_row x WHERE x.bulk = b.id) c"
)


async def bulk_by_id(bulk_id: int) -> BulkRow | None:
    """An act, with how far it is."""
    return await fetch_one_as(BulkRow, f"{_BULK} WHERE b.id = :id", id=bulk_id)


async def bulk_for(actor: Actor, slug: str, bulk_id: int) -> tuple[EventRow, BulkRow]:
    """An act at an event that this actor runs; a drafted one only for who drafts it. Raises NotFound."""
    event = await event_for(actor, slug)
    row = await bulk_by_id(bulk_id) if 0 < bulk_id < 2**63 else None
    drafted = row is not None and row.state == BulkState.DRAFTED
    if row is None or row.event != event.id or (drafted and row.asked_by != actor.account_id):
        raise NotFound
    return event, row


async def bulks_of(event_id: int) -> list[BulkRow]:
    """The last acts on many at an event."""
    return await fetch_as(
        BulkRow,
        f"{_BULK} WHERE b.event = :event AND b.state <> 'drafted' ORDER BY b.id DESC LIMIT :latest",
        event=event_id,
        latest=LATEST,
    )


async def lines_of(bulk_id: int, outcome: str, window: tuple[int, int, int]) -> Page[BulkLine]:
    """What became of each registration of an act, refused ones first; `outcome`: only those."""
    source = "FROM registration_bulk_row x JOIN registration r ON r.id = x.registration WHERE x.bulk = :bulk AND :outcome IN ('', x.outcome)"

    async def total() -> int:
        return await fetch_value(int, f"SELECT count(*) {source}", bulk=bulk_id, outcome=outcome)

    async def read(size: int, offset: int) -> Sequence[BulkLine]:
        return await fetch_as(
            BulkLine,
            "SELECT r.number, coalesce(nullif(r.name_native, ''), r.name_passport) AS name, x.outcome, x.why"
            f" {source} ORDER BY (x.outcome <> 'refused'), x.id LIMIT :size OFFSET :offset",
            bulk=bulk_id,
            outcome=outcome,
            size=size,
            offset=offset,
        )

    return await paged(window, total, read)


async def states_of(bulk_id: int) -> list[OutcomeCount]:
    """How many of the chosen people are in each state now."""
    return await fetch_as(
        OutcomeCount,
        "SELECT r.state, count(*) FROM registration_bulk_row x JOIN registration r ON r.id = x.registration"
        " WHERE x.bulk = :bulk GROUP BY r.state ORDER BY 2 DESC",
        bulk=bulk_id,
    )


async def tags_of(event_id: int) -> list[str]:
    """The tags in use at an event."""
    return await fetch_values(
        str,
        "SELECT DISTINCT g.tag FROM registration_tag g JOIN registration r ON r.id = g.registration WHERE r.event = :event"
        " ORDER BY 1 LIMIT 200",
        event=event_id,
    )


async def held_by(bulk_id: int) -> list[int]:
    """The registrations of an act, in its order."""
    sql = "SELECT registration FROM registration_bulk_row WHERE bulk = :bulk ORDER BY id"
    return await fetch_values(int, sql, bulk=bulk_id)


async def print_selection(event_id: int, bulk_id: int) -> int:
    """People kept to print their badges; returns the id. Raises NotFound for anything else."""
    row = await bulk_by_id(bulk_id) if 0 < bulk_id < 2**63 else None
    if row is None or row.event != event_id or row.kind != BulkKind.PRINT:
        raise NotFound
    return row.id
