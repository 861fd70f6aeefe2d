"""Reads what came of a tour: sums that were spent, and meetings at a stop."""

from typing import Any
from uuid import UUID

from fairs.accounts.actor import Actor
from fairs.core.errors import NotFound
from fairs.core.pagination import Page, paged
from fairs.core.rows import Select, fetch_as, fetch_one_as, fetch_value_or_none
from fairs.core.search_keys import like_words
from fairs.events.queries import event_by_id
from fairs.tours import queries as tours
from fairs.tours.results.rows import ExpenseRow, ListingChoice, Pair, Spent, TalkRow
from fairs.tours.rows import HostedStop

BIGGEST = 2**63 - 1
_EXPENSE = (
    "x.id, x.event, x.day, x.kind, x.amount, x.currency, coalesce(u.code, '') AS unit, coalesce(u.name_zh, '') AS unit_zh,"
    " coalesce(u.name_en, '') AS unit_en, coalesce(w.name_zh, '') AS host_zh, coalesce(w.name_en, '') AS host_en,"
    " x.stop, x.vehicle, x.hotel, coalesce(nullif(s.title_zh, ''), nullif(s.title_en, ''), v.name, nullif(h.name_zh, ''), h.name_en, '')"
    " AS about_zh, coalesce(nullif(s.title_en, ''), nullif(s.title_zh, ''), v.name, nullif(h.name_en, ''), h.name_zh, '') AS about_en,"
    " x.note, x.receipt, coalesce(a.name, '') AS name"
)
_EXPENSES = (
    "tour_expense x LEFT JOIN unit u ON u.id = x.unit LEFT JOIN unit w ON w.id = x.host LEFT JOIN tour_stop s ON s.id = x.stop"
    " LEFT JOIN tour_vehicle v ON v.id = x.vehicle LEFT JOIN tour_hotel h ON h.id = x.hotel LEFT JOIN account a ON a.id = x.by"
)
ORDERS = {  # sort key → SQL
    "day": "x.day, x.id",
    "-day": "x.day DESC, x.id DESC",
    "amount": "x.currency, x.amount, x.id",
    "-amount": "x.currency, x.amount DESC, x.id DESC",
    "city": "u.position NULLS LAST, x.day, x.id",
    "-city": "u.position DESC NULLS LAST, x.day DESC, x.id DESC",
}
_FILTERS = {
    "kind": "x.kind = :kind",
    "unit": "CASE :unit WHEN 'none' THEN x.unit IS NULL ELSE u.code = :unit END",
    "employer": "s.organisation::text = :employer",
    "receipt": "(x.receipt IS NULL) = (:receipt = 'no')",
}


def _chosen(event_id: int, filters: dict[str, Any]) -> Select:
    select = Select(_EXPENSE, _EXPENSES).where("x.event = :event", event=event_id)
    for name, condition in _FILTERS.items():
        if value := filters.get(name):
            select.where(condition, **{name: value})
    if words := like_words(str(filters.get("q", ""))):
        select.where(
            "lower(concat_ws(' ', x.note, s.title_zh, s.title_en, v.name, h.name_zh, h.name_en, x.currency)) LIKE ALL (:words::text[])",
            words=words,
        )
    return select


async def expenses_page(
    event_id: int, filters: dict[str, Any], *, sort: str, number: int, size: int
) -> Page[ExpenseRow]:
    """One page of what a tour cost."""
    select = _chosen(event_id, filters)
    read = select.reader(ExpenseRow, order=ORDERS.get(sort, ORDERS["-day"]))
    return await paged((number, size, 0), select.count, read)


async def expenses_of(event_id: int, filters: dict[str, Any] | None = None) -> list[ExpenseRow]:
    """Everything that a tour cost and that fits, by day."""
    return await _chosen(event_id, filters or {}).rows(ExpenseRow, order=ORDERS["day"])


async def spent(event_id: int, filters: dict[str, Any]) -> dict[str, int]:
    """currency → what was spent in it."""
    select = _chosen(event_id, filters)
    select.columns = "DISTINCT x.currency, (sum(x.amount) OVER (PARTITION BY x.currency))::bigint AS amount"
    return {row.currency: row.amount for row in await select.rows(Spent, order="1")}


async def expense_of(event_id: int, expense_id: int, *, lock: bool = False) -> ExpenseRow:
    """A sum of a tour. Raises NotFound."""
    return await _one("x.event = :event", expense_id, lock=lock, event=event_id)


async def hosted_expenses(actor: Actor, stop_id: int) -> list[ExpenseRow]:
    """What the actor's bureau spent on a stop, by day."""
    return await fetch_as(
        ExpenseRow,
        f"SELECT {_EXPENSE} FROM {_EXPENSES} WHERE x.stop = :stop AND x.host = ANY(:units::bigint[]) ORDER BY x.day, x.id",  # noqa: S608 - constants of this file
        stop=stop_id,
        units=list(actor.unit_ids),
    )


async def hosted_expense(actor: Actor, stop_id: int, expense_id: int, *, lock: bool = False) -> ExpenseRow:
    """One of them. Raises NotFound for all others."""
    own = {"stop": stop_id, "units": list(actor.unit_ids)}
    return await _one("x.stop = :stop AND x.host = ANY(:units::bigint[])", expense_id, lock=lock, **own)


async def _one(condition: str, expense_id: int, *, lock: bool, **arguments: Any) -> ExpenseRow:
    row = None
    if 0 < expense_id <= BIGGEST:
        ending = " FOR UPDATE OF x" if lock else ""
        row = await fetch_one_as(
            ExpenseRow,
            f"SELECT {_EXPENSE} FROM {_EXPENSES} WHERE x.id = :id AND {condition}{ending}",  # noqa: S608 - constants of this file
            id=expense_id,
            **arguments,
        )
    if row is None:
        raise NotFound
    return row


async def stop_of_bureau(actor: Actor, stop_id: int) -> HostedStop:
    """A stop in a city of the actor's bureau that was asked to host it. Raises NotFound for all others."""
    stop = await tours.hosted_stop(actor, stop_id)
    if stop.unit_id not in actor.unit_ids:
        raise NotFound
    return stop


async def may_read_receipt(actor: Actor, file_id: UUID) -> bool:
    """Whether the receipt is of a tour that the actor runs, or of a sum that the actor's bureau spent."""
    found = await fetch_value_or_none(int, "SELECT event FROM tour_expense WHERE receipt = :file LIMIT 1", file=file_id)
    if found is None:
        return False
    own = await fetch_value_or_none(
        int,
        "SELECT 1 FROM tour_expense WHERE receipt = :file AND host = ANY(:units::bigint[]) LIMIT 1",
        file=file_id,
        units=list(actor.unit_ids),
    )
    return bool(own) or actor.runs(await event_by_id(found))


async def stop_of_employer(actor: Actor, stop_id: int) -> HostedStop:
    """A stop whose host is an employer of the actor, any employer for the province. Raises NotFound for all others."""
    host = None
    if 0 < stop_id <= BIGGEST:
        host = await fetch_value_or_none(int, "SELECT organisation FROM tour_stop WHERE id = :id", id=stop_id)
    if host is None or not (actor.sees_everything or host in actor.organisation_ids):
        raise NotFound
    return await tours.stop_of_host(actor, stop_id, host)


async def talks_at(stop_id: int) -> list[TalkRow]:
    """Meetings that were held at a stop, by name."""
    return await fetch_as(
        TalkRow,
        "SELECT m.id AS meeting, m.talent, t.name_passport, t.name_native, l.title_zh AS listing_zh, l.title_en AS listing_en,"
        " m.outcome, m.note, x.at FROM tour_talk x JOIN meeting m ON m.id = x.meeting JOIN talent t ON t.id = m.talent"
        " JOIN listing l ON l.id = m.listing WHERE x.stop = :stop AND m.state = 'held' ORDER BY lower(t.name_passport), m.id",
        stop=stop_id,
    )


async def listings_at(stop: HostedStop) -> list[ListingChoice]:
    """Listings of the host at the tour or at the event above it."""
    return await fetch_as(
        ListingChoice,
        "SELECT l.id, l.title_zh, l.title_en FROM listing l JOIN event e ON e.id = :event"
        " WHERE l.organisation = :host AND l.event IN (e.id, e.parent) AND l.published_at IS NOT NULL AND l.state <> 'draft'"
        " ORDER BY l.title_zh, l.id",
        event=stop.event,
        host=stop.organisation,
    )


async def pair_of(talent: int, listing: int) -> Pair | None:
    """The meeting of two about a listing, and the stop at which it was held."""
    return await fetch_one_as(
        Pair,
        "SELECT m.id, m.state, x.stop FROM meeting m LEFT JOIN tour_talk x ON x.meeting = m.id"
        " WHERE m.talent = :talent AND m.listing = :listing AND m.state IN ('scheduled', 'held') FOR UPDATE OF m",
        talent=talent,
        listing=listing,
    )
