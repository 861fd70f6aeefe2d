"""Read groups, their people and the tables that were given in."""

from collections.abc import Sequence

from fairs.accounts.actor import Actor
from fairs.core.errors import NotFound
from fairs.core.mailboxes import looked_up
from fairs.core.pagination import Page, paged
from fairs.core.rows import Select, fetch_as, fetch_bulk, fetch_one_as
from fairs.core.search_keys import like_words
from fairs.events.rows import EventRow
from fairs.registrations import rules
from fairs.registrations.groups.rights import sees
from fairs.registrations.groups.rows import GroupRow, Known, MemberRow, RunRow

_LIVE = f"r.state NOT IN {rules.ENDED_STATES}"
_GROUP = (
    "g.id, g.event, e.unit AS event_unit, e.slug, e.title_zh, e.title_en, g.name, g.organisation, o.name_zh AS organisation_zh,"  # noqa: S608 - constants of this file
    " o.name_en AS organisation_en, g.unit, u.name_zh AS unit_zh, u.name_en AS unit_en, g.contact_email, a.name AS made_by, g.made_at,"
    " (SELECT count(*) FROM registration_group_member m WHERE m.of_group = g.id) AS people,"
    " (SELECT count(*) FROM registration_group_member m JOIN registration r ON r.id = m.registration"
    f" WHERE m.of_group = g.id AND {_LIVE}) AS live,"
    " EXISTS (SELECT 1 FROM registration_group_run x WHERE x.of_group = g.id AND x.state = 'running') AS running"
)
_GROUPS = (
    "registration_group g JOIN event e ON e.id = g.event LEFT JOIN organisation o ON o.id = g.organisation"
    " LEFT JOIN unit u ON u.id = g.unit LEFT JOIN account a ON a.id = g.made_by"
)
_MINE = (
    "(:everything OR e.unit = ANY(:units::bigint[]) OR g.unit = ANY(:units::bigint[]) OR g.organisation = ANY(:organisations::bigint[])"
    " OR (g.contact_email <> '' AND g.contact_email = :email))"
)
_RUN = (
    "SELECT x.id, x.of_group, x.key, x.state, x.rows, x.total, x.done, x.added, x.changed, x.problems::text AS problems, x.told,"
    " x.lang, x.asked_by, a.name AS asked_name, x.asked_at, x.ended_at FROM registration_group_run x"
    " LEFT JOIN account a ON a.id = x.asked_by"
)
_KNOWN = (
    "SELECT r.id, r.number, r.state, r.category, r.email, r.name_passport, r.name_native, r.nationality, r.organisation,"
    " r.organisation_name, r.phone, r.badge_name, r.days, r.lang, r.registrant, m.of_group, g.organisation AS group_organisation, g.unit AS group_unit,"
    " ARRAY(SELECT s.code FROM registration_session x JOIN event_session s ON s.id = x.session WHERE x.registration = r.id"
    " ORDER BY s.starts_at, s.code) AS sessions"
    " FROM registration r LEFT JOIN registration_group_member m ON m.registration = r.id LEFT JOIN registration_group g ON g.id = m.of_group"
)
ORDERS = {"made": "g.made_at DESC, g.id DESC", "name": "g.name, g.id", "people": "live DESC, g.id"}
_MEMBER = "r.id, r.number, r.state, r.category, r.email, r.name_passport, r.name_native, r.badge_name, r.organisation_name, r.created_at"


def _seen_by(actor: Actor) -> Select:
    return Select(_GROUP, _GROUPS).where(
        _MINE,
        everything=actor.sees_everything,
        units=actor.unit_ids,
        organisations=actor.organisation_ids,
        email=actor.email if actor.proved else "",
    )


async def groups_of(
    actor: Actor, event: EventRow, *, q: str, order: str, window: tuple[int, int, int]
) -> Page[GroupRow]:
    """The groups of an event that this actor looks after."""
    select = _seen_by(actor).where("g.event = :event", event=event.id)
    if q:
        select = select.where(
            "lower(concat_ws(' ', g.name, o.name_zh, o.name_en, u.name_zh, u.name_en, g.contact_email, a.name)) LIKE ALL (:words::text[])",
            words=like_words(q),
        )
    return await paged(window, select.count, select.reader(GroupRow, order=ORDERS.get(order, ORDERS["made"])))


async def groups_of_contact(actor: Actor) -> list[GroupRow]:
    """The groups whose contact person has this address, the latest first."""
    if not actor.proved or not actor.email:
        return []
    select = Select(_GROUP, _GROUPS).where("g.contact_email = :email", email=actor.email)
    return await select.rows(GroupRow, order=ORDERS["made"], size=50)


async def group_for(actor: Actor, slug: str, group_id: int) -> GroupRow:
    """A group of an event. Raises NotFound for who does not look after it."""
    row = None
    if 0 < group_id < 2**63:
        row = await fetch_one_as(
            GroupRow,
            f"SELECT {_GROUP} FROM {_GROUPS} WHERE g.id = :id AND e.slug = :slug",  # noqa: S608 - constants of this file
            id=group_id,
            slug=slug,
        )
    if row is None or not sees(actor, row):
        raise NotFound
    return row


async def members_of(group_id: int, *, q: str, state: str, order: str, window: tuple[int, int, int]) -> Page[MemberRow]:
    """The people of a group."""
    select = Select(_MEMBER, "registration_group_member m JOIN registration r ON r.id = m.registration").where(
        "m.of_group = :of_group", of_group=group_id
    )
    if q:
        select = select.where(
            "(lower(concat_ws(' ', r.name_native, r.name_passport, r.badge_name, r.email, r.number)) LIKE ALL (:words::text[]))",
            words=like_words(q),
        )
    if state:
        select = select.where("r.state = :state", state=state)
    orders = {"number": "r.id", "name": "r.name_passport, r.id", "state": "r.state, r.id"}
    return await paged(window, select.count, select.reader(MemberRow, order=orders.get(order, "r.id")))


async def members_among(group_id: int, registrations: Sequence[int]) -> list[int]:
    """Those of these registrations that belong to a group, in the order of their making."""
    rows = await fetch_as(
        MemberRow,
        f"SELECT {_MEMBER} FROM registration_group_member m JOIN registration r ON r.id = m.registration"  # noqa: S608 - constants of this file
        " WHERE m.of_group = :of_group AND r.id = ANY(:ids::bigint[]) ORDER BY r.id",
        of_group=group_id,
        ids=list(registrations),
    )
    return [row.id for row in rows]


async def runs_of(group_id: int) -> list[RunRow]:
    """The tables that were given in for a group, the latest first."""
    return await fetch_as(RunRow, f"{_RUN} WHERE x.of_group = :of_group ORDER BY x.id DESC LIMIT 20", of_group=group_id)


async def run_by_id(run_id: int, *, lock: bool = False) -> RunRow | None:
    """A table that was given in; `lock`: until the transaction ends."""
    ending = " FOR UPDATE OF x" if lock else ""
    return await fetch_one_as(RunRow, f"{_RUN} WHERE x.id = :id{ending}", id=run_id)


async def group_of_key(key: str) -> int | None:
    """The group for which a page has given in its table already."""
    row = await fetch_one_as(RunRow, f"{_RUN} WHERE x.key = :key::uuid", key=key)
    return row.of_group if row else None


async def known_by_key(event_id: int, numbers: Sequence[str], emails: Sequence[str]) -> list[Known]:
    """Registrations of an event with one of these numbers, and live ones with one of these addresses."""
    return await fetch_bulk(
        Known,
        f"{_KNOWN} WHERE r.event = :event AND (r.number = ANY(:numbers::text[])"
        f" OR (r.email = ANY(:emails::text[]) AND r.email <> '' AND {_LIVE}))",
        event=event_id,
        numbers=list(numbers),
        emails=[looked_up(email) for email in emails],
    )


async def known_by_name(event_id: int, names: Sequence[str]) -> list[Known]:
    """Live registrations without an address under one of these names, in small letters."""
    if not names:
        return []
    return await fetch_bulk(
        Known,
        f"{_KNOWN} WHERE r.event = :event AND r.email = '' AND {_LIVE}"
        " AND (lower(r.name_native) = ANY(:names::text[]) OR lower(r.name_passport) = ANY(:names::text[]))",
        event=event_id,
        names=list(names),
    )


async def known_of_group(group_id: int) -> list[Known]:
    """The live people of a group with all their data, in the order of their making."""
    return await fetch_bulk(
        Known, f"{_KNOWN} WHERE m.of_group = :of_group AND {_LIVE} ORDER BY r.id", of_group=group_id
    )
