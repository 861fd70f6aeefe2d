"""Places under the lock of an event: what is taken of the event and of its pools, and what is left."""

from collections.abc import Sequence
from typing import Protocol

from fairs.core.errors import Conflict, DomainError, NotFound
from fairs.core.i18n import N_, pick
from fairs.core.rows import fetch_as, fetch_one_as
from fairs.registrations import rules
from fairs.registrations.applying import FULL
from fairs.registrations.codes import queries as codes
from fairs.registrations.pools import queries as pools
from fairs.registrations.pools.ledger import EVENT, Hold, Ledger, Pool
from fairs.registrations.rows import Counts, LockedEvent
from fairs.registrations.rules import ENDED_STATES

NO_PLACE = N_("No place is left at this event")
NO_PLACE_IN = N_("No place is left in “%(pool)s”")
FULL_POOL = N_("All places of “%(pool)s” are taken, and nobody can wait for one")


class Limited(Protocol):
    """An event with a limit of places."""

    @property
    def id(self) -> int: ...
    @property
    def capacity(self) -> int | None: ...
    @property
    def waiting_list(self) -> bool: ...


async def lock_event(event_id: int) -> LockedEvent:
    """Lock the event's row until the transaction ends; foreign keys may still refer to it. Raises NotFound."""
    event = await fetch_one_as(
        LockedEvent,
        "SELECT id, slug, state, capacity, starts_at, ends_at, timezone, registration_opens_at, registration_closes_at,"
        " waiting_list, offer_hours, coalesce(nullif(own_categories, '{}'), (SELECT p.own_categories FROM event p"
        " WHERE p.id = event.parent), '{}') AS own_categories, companions, companion_categories, demo"
        " FROM event WHERE id = :id FOR NO KEY UPDATE",
        id=event_id,
    )
    if event is None:
        raise NotFound
    return event


async def counts(event: Limited, emails: Sequence[str] = ()) -> Counts:
    """What is taken, who waits, and which of these addresses are registered. A statement of its own, after the lock: it sees
    what the last holder of the lock has written."""
    (row,) = await fetch_as(
        Counts,
        "SELECT (SELECT count(*) FROM registration r WHERE event = :event"  # noqa: S608 - a constant condition
        f" AND {rules.HOLDS} AND :limited) AS taken, w.waiting, w.last, x.emails, x.numbers,"
        " EXISTS (SELECT 1 FROM place_pool p WHERE p.event = :event) AS pooled,"
        " EXISTS (SELECT 1 FROM access_code c WHERE c.event = :event AND c.reserves) AS kept"
        " FROM (SELECT count(*) AS waiting, coalesce(max(queue), 0) AS last FROM registration"
        " WHERE event = :event AND state = 'waitlisted') w,"
        " (SELECT coalesce(array_agg(email), '{}') AS emails, coalesce(array_agg(number), '{}') AS numbers"
        f" FROM registration WHERE event = :event AND email = ANY(:emails::text[]) AND state NOT IN {ENDED_STATES} AND email <> '') x",
        event=event.id,
        emails=list(emails),
        limited=event.capacity is not None,  # without a limit no count is needed
    )
    return row


async def ledger_of(event: Limited, found: Counts | None = None) -> Ledger:
    """The free places of an event, exact while it is locked; `found`: its counts, where they were read already."""
    found = found or await counts(event)
    free = {} if event.capacity is None else {EVENT: max(0, event.capacity - found.taken)}
    rows = await pools.taken_of(event.id) if found.pooled else []
    free |= {row.id: max(0, row.capacity - row.taken) for row in rows}
    made = [
        Pool(row.id, row.name_zh, row.name_en, row.waits, frozenset(row.categories), frozenset(row.sessions))
        for row in rows
    ]
    ledger = Ledger(free, made, event.waiting_list)
    for hold in await codes.holds_of(event.id) if found.kept else []:
        ledger.keep(Hold(hold.id, hold.left, ledger.covers(hold.pool, hold.category)))
    return ledger


def no_place(ledger: Ledger, full: Sequence[int]) -> DomainError:
    """The refusal of somebody for whom these limits have no place: the staff chose the person."""
    if full[0] == EVENT:
        return Conflict(NO_PLACE, code="full")
    pool = ledger.by_id[full[0]]
    return Conflict(NO_PLACE_IN(pool=pick(pool.name_zh, pool.name_en)), code="pool_full")


def no_waiting(ledger: Ledger, full: Sequence[int]) -> DomainError:
    """The refusal of somebody who cannot wait for a place either."""
    if EVENT in full and not ledger.waits:
        return Conflict(FULL, code="full")
    pool = next(ledger.by_id[limit] for limit in full if limit != EVENT and not ledger.by_id[limit].waits)
    return Conflict(FULL_POOL(pool=pick(pool.name_zh, pool.name_en)), code="pool_full")
