"""Read offers: the list of an event."""

from typing import Any

from fairs.core.pagination import Page, paged
from fairs.core.rows import Select, fetch_as
from fairs.registrations.offering.rows import OfferCount, OfferRow
from fairs.registrations.pools.tables import OfferState

ORDERS = {  # sort key → SQL
    "": "(o.state <> 'open'), CASE WHEN o.state = 'open' THEN o.until END, o.id DESC",
    "person": "lower(r.name_passport), o.id",
    "-person": "lower(r.name_passport) DESC, o.id",
    "until": "o.until, o.id",
    "-until": "o.until DESC, o.id",
    "made": "o.made_at, o.id",
    "-made": "o.made_at DESC, o.id",
}


async def counts_of(event_id: int) -> dict[OfferState, int]:
    """How many offers of an event are in each state."""
    rows = await fetch_as(
        OfferCount,
        "SELECT o.state, count(*) FROM place_offer o JOIN registration r ON r.id = o.registration WHERE r.event = :event"
        " GROUP BY o.state",
        event=event_id,
    )
    return dict.fromkeys(OfferState, 0) | {row.state: row.count for row in rows}


async def offers_of(
    event_id: int, *, state: str, q: str, window: tuple[int, int, int], sort: str = ""
) -> Page[OfferRow]:
    """Offers of an event in an order of `ORDERS`; without one the open ones by their deadline, then the others, the newest first."""
    select = Select(
        "o.id, r.number, r.name_passport, r.name_native, r.category, o.state, o.made_at, o.until, o.ended_at, a.name AS made_by",
        "place_offer o JOIN registration r ON r.id = o.registration LEFT JOIN account a ON a.id = o.made_by",
    ).where("r.event = :event", event=event_id)
    if state:
        select.where("o.state = :state", state=state)
    for at, word in enumerate(q.split()[:5]):
        found: dict[str, Any] = {f"word{at}": word.lower()}
        select.where(
            f"(strpos(lower(r.name_passport), :word{at}) > 0 OR strpos(lower(r.name_native), :word{at}) > 0"
            f" OR strpos(lower(r.number), :word{at}) > 0)",
            **found,
        )

    async def read(size: int, offset: int) -> list[OfferRow]:
        return await select.rows(OfferRow, order=ORDERS.get(sort, ORDERS[""]), size=size, offset=offset)

    return await paged(window, select.count, read)
