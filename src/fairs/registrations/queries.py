"""Read registrations: a person's own, an event's list, the JSON answer."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from fairs.accounts.actor import Actor
from fairs.core import clock, db
from fairs.core.errors import NotFound
from fairs.core.mailboxes import looked_up
from fairs.core.pagination import Page, last_page, paged
from fairs.core.rows import Select, fetch_as, fetch_one_as, fetch_value_or_none
from fairs.core.services import Service, unwired
from fairs.core.shared import Shared
from fairs.events.queries import PLACE, RUN_BY_UNIT
from fairs.events.tables import Event
from fairs.registrations import finding, phones, rules
from fairs.registrations.pools.queries import POSITION
from fairs.registrations.rows import (
    EndedSession,
    Hit,
    OpenSession,
    Position,
    RegistrationRow,
    SignedSession,
    StateCount,
)
from fairs.registrations.rules import ENDED_STATES
from fairs.registrations.tables import Category

Busy = Callable[[Sequence[tuple[int, int]]], Awaitable[list[bool]]]
BUSY: Service[Busy] = Service(unwired("meetings"))
"""Of each (profile, session), whether the person has a meeting at the hour of the session."""


async def are_in_meetings(pairs: Sequence[tuple[int, int]]) -> list[bool]:
    """Of each (profile, session), whether the person has a meeting at its hour."""
    return await BUSY()(pairs) if pairs else []


TOLD = (
    "r.id, r.number, r.state, r.category, r.email, r.name_passport, r.name_native, r.nationality, r.organisation_name,"  # noqa: S608 - constants of the code
    f" r.phone, r.created_at, r.confirmed_at, r.cancelled_at, r.updated_at, e.slug, {POSITION},"
    " CASE WHEN r.state = 'offered' THEN (SELECT o.until FROM place_offer o WHERE o.registration = r.id AND o.state = 'open')"
    " END AS offer_until"
)
_ROW = (
    f"SELECT {TOLD}, r.event, e.unit AS event_unit, {RUN_BY_UNIT}, r.talent, r.organisation, r.registrant, r.entered_by, r.badge_name,"  # noqa: S608 - constants of the code; values are named arguments
    f" r.days, r.lang, r.sequence, e.title_zh, e.title_en, {PLACE},"
    " e.timezone, e.starts_at, e.ends_at, e.demo AS event_demo, t.account AS talent_account, a.id AS account,"
    " a.timezone AS own_zone, a.email_confirmed_at IS NOT NULL AS proved,"
    " EXISTS (SELECT 1 FROM registration_session x WHERE x.registration = r.id) AS has_sessions,"
    " (SELECT u.code FROM access_code_use u WHERE u.registration = r.id) AS code, r.to_review, r.companion_of, r.relation,"
    " (SELECT coalesce(h.registrant, ht.account, (SELECT ha.id FROM account ha WHERE ha.email = h.email AND ha.email_confirmed_at IS NOT NULL))"
    " FROM registration h LEFT JOIN talent ht ON ht.id = h.talent WHERE h.id = r.companion_of) AS host,"
    " (SELECT h.number FROM registration h WHERE h.id = r.companion_of) AS host_number, r.cancelled_by,"
    " r.cancelled_from, r.cancel_reason, (SELECT c.name FROM account c WHERE c.id = r.cancelled_by) AS cancelled_by_name"
    " FROM registration r JOIN event e ON e.id = r.event LEFT JOIN talent t ON t.id = r.talent"
    " LEFT JOIN account a ON a.email = r.email"
)


NEWEST, CHANGED = "r.created_at DESC, r.id DESC", "r.updated_at, r.id"
_CHOSEN = {  # filter → its condition
    "event": "r.event = :event",
    "state": "r.state = :state",
    "category": "r.category = :category",
    "updated_since": "r.updated_at >= :updated_since",
}

_SAME: Shared[list[Hit]] = Shared(0.0, of="people")  # one search for concurrent identical requests


def is_own(actor: Actor, row: RegistrationRow) -> bool:
    """A registration belongs to the account that made it or that has its talent, and to its address once proved.

    An unproved address shows nothing: any person may sign up with the address of a guest.
    """
    if actor.account_id is None:
        return False
    if actor.account_id in (row.registrant, row.talent_account):
        return True
    return row.email == actor.email and row.proved


async def registration_by_id(registration_id: int) -> RegistrationRow:
    """A registration with its event. Raises NotFound."""
    row = None
    if 0 < registration_id < 2**63:
        row = await fetch_one_as(RegistrationRow, f"{_ROW} WHERE r.id = :id", id=registration_id)
    if row is None:
        raise NotFound
    return row


async def registrations_by_ids(registration_ids: list[int]) -> dict[int, RegistrationRow]:
    """id → registration with its event; missing ones are left out."""
    rows = await fetch_as(RegistrationRow, f"{_ROW} WHERE r.id = ANY(:ids::bigint[])", ids=registration_ids)
    return {row.id: row for row in rows}


def acts_for(actor: Actor, row: RegistrationRow) -> bool:
    """Whether somebody else than the person answers for a registration: the province, the bureau of the event, the employer
    of a representative, whom a companion accompanies, and on-site staff for whom it registered itself."""
    if actor.sees_everything or row.event_unit in actor.unit_ids:
        return True
    if row.category == Category.EMPLOYER and row.organisation in actor.organisation_ids:
        return True
    if row.host is not None and row.host == actor.account_id:
        return True
    return row.event in actor.event_ids and row.entered_by is not None and row.entered_by == actor.account_id


def runs_event(actor: Actor, row: RegistrationRow) -> bool:
    """Whether the actor runs the event of a registration, as `events.queries.event_for`."""
    return actor.sees_everything or (row.run_by_unit and row.event_unit in actor.unit_ids)


async def registration_for(actor: Actor, registration_id: int, *, to_print: bool = False) -> RegistrationRow:
    """The actor's own registration, or one that it answers for; `to_print`: also any of on-site staff's event.

    Raises NotFound.
    """
    row = await registration_by_id(registration_id)
    seen = is_own(actor, row) or acts_for(actor, row) or (to_print and row.event in actor.event_ids)
    if not seen or not actor.reaches(row.event):
        raise NotFound
    return row


async def registration_by_number(actor: Actor, number: str, *, to_print: bool = False) -> RegistrationRow:
    """As `registration_for`, by the number that people quote. Raises NotFound."""
    number = number.upper()
    found = None
    if rules.is_number(number):
        found = await fetch_value_or_none(int, "SELECT id FROM registration WHERE number = :number", number=number)
    if found is None:
        raise NotFound
    return await registration_for(actor, found, to_print=to_print)


async def registrations_of(actor: Actor) -> list[RegistrationRow]:
    """The actor's own registrations, live ones first, then the newest event."""
    return await fetch_as(
        RegistrationRow,
        f"{_ROW} WHERE r.registrant = :account OR t.account = :account"
        " OR (r.email = :email AND a.email_confirmed_at IS NOT NULL)"
        f" ORDER BY (r.state IN {ENDED_STATES}), e.starts_at DESC, r.created_at DESC",
        email=actor.email,
        account=actor.account_id,
    )


async def awaits_proof(actor: Actor) -> bool:
    """Whether another person entered this address and the account has not proved that it owns it."""
    rows = await fetch_as(
        RegistrationRow,
        f"{_ROW} WHERE r.email = :email AND r.state NOT IN {ENDED_STATES}",
        email=actor.email,
    )
    return any(not is_own(actor, row) for row in rows)


async def live_registration(event_id: int, email: str) -> RegistrationRow | None:
    """The registration of an address in an event that is not cancelled."""
    return await fetch_one_as(
        RegistrationRow,
        f"{_ROW} WHERE r.event = :event AND r.email = :email AND r.email <> '' AND r.state NOT IN {ENDED_STATES}",
        event=event_id,
        email=looked_up(email),
    )


async def positions_of(registration_ids: list[int]) -> dict[int, int]:
    """registration → its place in the waiting list; who has a place is left out."""
    rows = await fetch_as(
        Position,
        f"SELECT r.id, {POSITION} FROM registration r WHERE r.id = ANY(:ids::bigint[]) AND r.state = 'waitlisted'",  # noqa: S608 - constants of the code
        ids=registration_ids,
    )
    return {row.id: row.position for row in rows}


async def sessions_signed_up(registration_id: int) -> list[SignedSession]:
    """The sessions of a registration, in order of time."""
    return (await sessions_of_all([registration_id])).get(registration_id, [])


async def sessions_of_all(registration_ids: list[int]) -> dict[int, list[SignedSession]]:
    """registration → its sessions, as `sessions_signed_up`; those without are left out."""
    found: dict[int, list[SignedSession]] = {}
    if registration_ids:
        rows = await fetch_as(
            SignedSession,
            "SELECT x.registration, r.talent, s.id, s.code, s.title_zh, s.title_en, s.starts_at, s.ends_at,"
            " m.name_zh AS room_name_zh, m.name_en AS room_name_en"
            " FROM registration_session x JOIN registration r ON r.id = x.registration"
            " JOIN event_session s ON s.id = x.session LEFT JOIN room m ON m.id = s.room"
            " WHERE x.registration = ANY(:ids::bigint[]) ORDER BY s.starts_at, s.code",
            ids=registration_ids,
        )
        for row in rows:
            found.setdefault(row.registration, []).append(row)
    return found


async def open_sessions(event_id: int) -> list[OpenSession]:
    """Sessions with sign-up, in order of time."""
    return await fetch_as(
        OpenSession,
        "SELECT s.id, s.code, s.title_zh, s.title_en, s.starts_at, s.ends_at, s.capacity,"  # noqa: S608 - a constant: the ended states
        " least(s.changes_until, e.sessions_until) AS changes_until, e.demo AND e.ends_at <= :now AS stays_open,"
        " m.name_zh AS room_name_zh, m.name_en AS room_name_en, (SELECT count(*) FROM registration_session x"
        f" JOIN registration r ON r.id = x.registration WHERE x.session = s.id AND r.state NOT IN {ENDED_STATES}) AS taken"
        " FROM event_session s JOIN event e ON e.id = s.event LEFT JOIN room m ON m.id = s.room WHERE s.event = :event AND s.sign_up"
        " AND s.cancelled_at IS NULL"
        " ORDER BY s.starts_at, s.code",
        event=event_id,
        now=clock.now(),
    )


async def ended_sessions(ids: Iterable[int]) -> dict[int, EndedSession]:
    """Cancelled sessions by id, with their reasons."""
    rows = await fetch_as(
        EndedSession,
        "SELECT id, title_zh, title_en, starts_at, ends_at, cancel_reason FROM event_session WHERE id = ANY(:ids::bigint[])",
        ids=sorted(ids),
    )
    return {row.id: row for row in rows}


async def counts_by_state(event_id: int) -> dict[str, int]:
    """How many registrations an event has in each state."""
    rows = await fetch_as(
        StateCount, "SELECT state, count(*) FROM registration WHERE event = :event GROUP BY state", event=event_id
    )
    return dict.fromkeys(rules.STATES, 0) | {row.state.value: row.count for row in rows}


def _filtered(source: str, filters: dict[str, Any], **arguments: Any) -> Select:
    """The registrations of a source that pass the active filters."""
    select = Select("r.id, count(*) OVER () AS total", source, **arguments)
    for name, test in _CHOSEN.items():
        if filters[name]:
            select.where(test, **{name: filters[name]})
    return select


async def _found(filters: dict[str, Any], q: str, order: str, *, ranked: bool) -> tuple[Select, str]:
    """Matching registrations, and ORDER BY."""
    if not q:
        return _filtered("registration r", filters), order
    if not finding.keys_of(q):
        return _filtered("registration r", filters).where("false"), order
    events = [filters["event"]] if filters["event"] else await Event.select(Event.id).output(as_list=True)
    arguments: dict[str, Any] = {"events": events}
    matches = finding.Matches(q, arguments, ":events::bigint[]").sql()
    select = _filtered(f"registration r JOIN ({matches}) m ON m.registration = r.id", filters, **arguments)
    return select, f"m.rank, {order}" if ranked else order


async def search_ids(
    *,
    event: int | None,
    q: str = "",
    state: str = "",
    category: str = "",
    updated_since: datetime | None = None,
    window: tuple[int, int, int] = (1, 50, 0),
    order: str = NEWEST,
    ranked: bool = True,
    strict: bool = False,
) -> Page[int]:
    """The ids of one page of people; `ranked`: matching names first. `order` is a fixed text, never input.

    A text alone, in one event, is answered from the keys, in their order: exact names first. `strict`: a page past the end
    is empty.
    """
    filters = {"event": event, "state": state, "category": category, "updated_since": updated_since}
    q = q.replace("\0", " ").strip()
    if event is not None and ranked and finding.keys_of(q) and not (state or category or updated_since):
        return await _by_keys(event, q, window, strict=strict)
    select, order = await _found(filters, q, order, ranked=ranked)
    counted: dict[tuple[int, int], list[Hit]] = {}

    async def ids(size: int, offset: int) -> list[Hit]:
        if not q or db.in_transaction():
            return await select.rows(Hit, order=order, size=size, offset=offset)
        values = [
            (name, tuple(value) if isinstance(value, list) else value) for name, value in select.arguments.items()
        ]
        key = (select.source, *select.conditions, order, size, offset, *values)
        asked = asyncio.get_running_loop().time()
        read = select.reader(Hit, order=order)
        return await _SAME.get(key, lambda: read(size, offset), since=asked)  # the search must start after the request

    async def count() -> int:
        """One statement searches and counts, unless the requested page is past the end."""
        size, offset = window[1:]
        rows = counted[size, offset] = await ids(size, offset)
        if rows:
            return rows[0].total
        return await select.count() if offset else 0

    async def read(size: int, offset: int) -> list[Hit]:
        return counted.get((size, offset)) or await ids(size, offset)

    return await paged(window, count, read, lambda row: row.id, strict=strict)


async def _by_keys(event: int, q: str, window: tuple[int, int, int], *, strict: bool) -> Page[int]:
    """The ids of one page of those who match a text."""
    number, size, skip = window
    ids, total = await finding.listed(event, q, size=size, skip=skip)
    if not strict and (last := last_page(number, size, total)) != number:
        number = last
        ids, total = await finding.listed(event, q, size=size, skip=(last - 1) * size)
    return Page(ids, number, size, total)


async def search(**wanted: Any) -> Page[RegistrationRow]:
    """One page of people, as `search_ids`: only the page's rows are joined with what they display."""
    page = await search_ids(**wanted)
    rows = await registrations_by_ids(list(page.rows)) if page.rows else {}
    found = [rows[number] for number in page.rows if number in rows]
    shown = [msgspec.structs.replace(row, phone=phones.opened(row.phone)) for row in found]
    return Page(shown, page.number, page.size, page.total)
