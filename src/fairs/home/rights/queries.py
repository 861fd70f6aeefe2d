"""Read people with their roles, invitations, and what is chosen when somebody is invited."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

from fairs.accounts.actor import Actor, Grant
from fairs.accounts.invitations import ScopeNames
from fairs.accounts.queries import HAS_SECOND
from fairs.accounts.rights import BY_THEMSELVES
from fairs.accounts.rows import EventRun
from fairs.core import clock
from fairs.core.errors import NotFound
from fairs.core.i18n import pick
from fairs.core.pagination import Page, paged
from fairs.core.roles import Role
from fairs.core.rows import Select, fetch_as, fetch_one_as, fetch_value_or_none
from fairs.core.search_keys import like_words, patterns_of
from fairs.home.rights.rows import (
    AccountState,
    EventChoice,
    GateChoice,
    InvitationState,
    InvitedRow,
    Names,
    OrganisationChoice,
    PersonRow,
    SecondCount,
    SecondState,
)

EVERYBODY = "everybody"
AFTERWARDS = timedelta(days=90)  # for so long somebody may still get a role at an event that is over
_NAMED = (
    "LEFT JOIN unit u ON u.id = {0}.unit LEFT JOIN organisation o ON o.id = {0}.organisation_id"
    " LEFT JOIN unit ou ON ou.id = o.unit LEFT JOIN event e ON e.id = {0}.event_id"
)
_SCOPE = "coalesce(e.title_zh, o.name_zh, u.name_zh, '') AS scope_zh, coalesce(e.title_en, o.name_en, u.name_en, '') AS scope_en"
_GATES = (
    "coalesce((SELECT json_agg(json_build_object('name_zh', t.name_zh, 'name_en', t.name_en) ORDER BY t.code)"
    " FROM membership_gate g JOIN gate t ON t.id = g.gate_id WHERE g.membership = m.id), '[]')"
)
_ROLES = (
    "(SELECT coalesce(json_agg(row_to_json(r) ORDER BY r.id), '[]')::text FROM (SELECT m.id, m.role, m.unit,"  # noqa: S608 - constants of the code; values are named arguments
    f" m.organisation_id, m.event_id, m.limited, {_SCOPE}, coalesce(u.name_zh, ou.name_zh, '') AS unit_zh,"
    f" coalesce(u.name_en, ou.name_en, '') AS unit_en, {_GATES} AS gates FROM membership m {_NAMED.format('m')}"
    " WHERE m.account = a.id) r) AS roles"
)
_DEMANDED = "EXISTS (SELECT 1 FROM two_factor_demand d JOIN membership m ON m.role = d.role WHERE m.account = a.id)"
_COLUMNS = (
    "a.id, a.email, a.name, a.active, a.created_at, coalesce(a.last_sign_in_at,"  # noqa: S608 - constants of the code; values are named arguments
    f" (SELECT max(s.created_at) FROM sign_in_session s WHERE s.account = a.id)) AS last_sign_in_at,"
    f" {HAS_SECOND} AS second, {_DEMANDED} AS demanded, {_ROLES}"
)
_IN_REACH = (
    "((m.role = 'bureau' AND m.unit = ANY(:units::bigint[]))"
    " OR (m.role = 'employer' AND m.organisation_id = ANY(:organisations::bigint[]))"
    " OR (m.role = 'staff' AND m.event_id IN (SELECT own.id FROM event own WHERE own.unit = ANY(:units::bigint[])"
    " AND own.release = 'released' AND own.state <> 'draft')))"
)
_SORTS = {
    "name": "a.name {0}, a.id",
    "email": "a.email {0}",
    "seen": "last_sign_in_at {0} NULLS LAST, a.id",
    "since": "a.created_at {0}, a.id",
}


@dataclass(frozen=True)
class Reach:
    """Whose people are listed: all, or those of units and employers."""

    everything: bool = False
    units: tuple[int, ...] = ()
    organisations: tuple[int, ...] = ()


def reach_of(actor: Actor) -> Reach:
    """All for the province; for others the people of their own units and employers."""
    return Reach(actor.sees_everything, tuple(actor.unit_ids), tuple(actor.organisation_ids))


def _people(reach: Reach) -> Select:
    select = Select(_COLUMNS, "account a").where("a.closed_at IS NULL")
    if reach.everything:
        return select
    return select.where(
        f"EXISTS (SELECT 1 FROM membership m WHERE m.account = a.id AND {_IN_REACH})",  # noqa: S608 - constants of the code; values are named arguments
        units=list(reach.units),
        organisations=list(reach.organisations),
    )


def _filtered(reach: Reach, query: Mapping[str, str]) -> Select:
    """`role`: one role, `everybody`, or nothing: all but employers and candidates where everything is seen."""
    select = _people(reach).where("a.search_key LIKE ALL (:words::text[])", words=like_words(query.get("q", "")))
    role = query.get("role", "")
    if role in set(Role):
        select.where("EXISTS (SELECT 1 FROM membership m WHERE m.account = a.id AND m.role = :role)", role=role)
    elif reach.everything and role != EVERYBODY:
        select.where(
            "EXISTS (SELECT 1 FROM membership m WHERE m.account = a.id AND m.role <> ALL(:others::text[]))",
            others=[Role.EMPLOYER, *BY_THEMSELVES],
        )
    if query.get("unit"):
        select.where(
            "EXISTS (SELECT 1 FROM membership m LEFT JOIN organisation o ON o.id = m.organisation_id"
            " JOIN unit u ON u.id = coalesce(m.unit, o.unit) WHERE m.account = a.id AND u.code = :unit)",
            unit=query["unit"],
        )
    if query.get("state"):
        select.where("a.active = :active", active=query["state"] == AccountState.ACTIVE)
    if query.get("second"):
        select.where(f"{HAS_SECOND} = :second", second=query["second"] == SecondState.ON)
        if query["second"] == SecondState.MISSING:
            select.where(_DEMANDED)
    return select


def _order(sort: str) -> str:
    found = _SORTS.get(sort.removeprefix("-"), _SORTS["name"])
    return found.format("DESC" if sort.startswith("-") else "ASC")


async def people_page(reach: Reach, query: Mapping[str, str], *, number: int, size: int) -> Page[PersonRow]:
    """One page of people. `q` matches name, pinyin, initials and address."""
    select = _filtered(reach, query)
    read = select.reader(PersonRow, order=_order(query.get("sort", "")))
    return await paged((number, size, 0), select.count, read)


async def all_people(reach: Reach, query: Mapping[str, str]) -> list[PersonRow]:
    """The whole list as filtered, for the export."""
    return await _filtered(reach, query).rows(PersonRow, order=_order(query.get("sort", "")))


async def second_counts() -> list[SecondCount]:
    """For each role that is held: how many active accounts, and how many of them with two factors."""
    return await fetch_as(
        SecondCount,
        "SELECT m.role, count(DISTINCT a.id) AS accounts,"  # noqa: S608 - constants of the code; values are named arguments
        f" count(DISTINCT a.id) FILTER (WHERE {HAS_SECOND}) AS protected FROM membership m"
        " JOIN account a ON a.id = m.account AND a.active WHERE m.role <> ALL(:others::text[])"
        " GROUP BY m.role ORDER BY array_position(:order::text[], m.role::text)",
        others=list(BY_THEMSELVES),
        order=list(Role),
    )


async def person(reach: Reach, account_id: int) -> PersonRow:
    """One person of the list. Raises NotFound."""
    rows = await _people(reach).where("a.id = :id", id=min(account_id, 2**63 - 1)).rows(PersonRow, order="a.id")
    if not rows:
        raise NotFound
    return rows[0]


_INVITED = (
    f"i.id, i.email, i.name, i.role, i.unit, i.organisation_id, i.event_id, i.limited, {_SCOPE}, a.name AS inviter,"  # noqa: S608 - constants of the code; values are named arguments
    " l.created_at AS sent_at, l.expires_at, i.accepted_at, i.withdrawn_at,"
    " (SELECT count(*) FROM invitation_gate g WHERE g.invitation = i.id) AS gates, h.name AS hands_over"
)
_INVITATIONS = (
    "invitation i JOIN LATERAL (SELECT max(created_at) AS created_at, max(expires_at) AS expires_at FROM invitation_link"  # noqa: S608 - constants of the code; values are named arguments
    " WHERE invitation = i.id) l ON true LEFT JOIN account a ON a.id = i.invited_by LEFT JOIN membership r"
    f" ON r.id = i.replaces LEFT JOIN account h ON h.id = r.account {_NAMED.format('i')}"
)
_STATE = (
    "CASE WHEN i.accepted_at IS NOT NULL THEN 'accepted' WHEN i.withdrawn_at IS NOT NULL THEN 'withdrawn'"
    " WHEN l.expires_at <= :now THEN 'expired' ELSE 'open' END"
)


def _invitations(reach: Reach, query: Mapping[str, str]) -> Select:
    """Those that wait, unless a state is asked for."""
    select = Select(_INVITED, _INVITATIONS)
    if not reach.everything:
        select.where(_IN_REACH.replace("m.", "i."), units=list(reach.units), organisations=list(reach.organisations))
    states = [query["state"]] if query.get("state") else [InvitationState.OPEN, InvitationState.EXPIRED]
    select.where(f"{_STATE} = ANY(:states::text[])", now=clock.now(), states=states)
    if query.get("role") in set(Role):
        select.where("i.role = :role", role=query["role"])
    select.where("lower(i.email || ' ' || i.name) ~ ALL (:patterns::text[])", patterns=patterns_of(query.get("q", "")))
    return select


async def invitations_page(reach: Reach, query: Mapping[str, str], *, number: int, size: int) -> Page[InvitedRow]:
    """One page of invitations, the latest first."""
    select = _invitations(reach, query)
    read = select.reader(InvitedRow, order="l.created_at DESC, i.id DESC")
    return await paged((number, size, 0), select.count, read)


async def waiting(reach: Reach) -> int:
    """How many invitations wait for an answer."""
    return await _invitations(reach, {}).count()


async def scope_names(grant: Grant) -> ScopeNames:
    """The name of the unit, employer or event of a role."""
    row = await fetch_one_as(
        Names,
        "SELECT name_zh AS zh, name_en AS en FROM unit WHERE id = :unit UNION ALL"
        " SELECT name_zh, name_en FROM organisation WHERE id = :organisation UNION ALL"
        " SELECT title_zh, title_en FROM event WHERE id = :event",
        unit=grant.unit_id,
        organisation=grant.organisation_id,
        event=grant.event_id,
    )
    return ScopeNames(row.zh, row.en) if row else ScopeNames()


async def scope_text(grant: Grant) -> str:
    """As `scope_names`, in the viewer's language."""
    names = await scope_names(grant)
    return pick(names.zh, names.en)


async def run_events(actor: Actor) -> list[EventRun]:
    """The events that the actor's bureaus run, which the province released to them."""
    if not actor.unit_ids:
        return []
    return await fetch_as(
        EventRun,
        "SELECT e.unit, e.id AS event FROM event e WHERE e.unit = ANY(:units::bigint[]) AND e.release = 'released'"
        " AND e.state <> 'draft' ORDER BY e.id",
        units=actor.unit_ids,
    )


async def event_choices() -> list[EventChoice]:
    """Events to come and those just over, the next first."""
    return await fetch_as(
        EventChoice,
        "SELECT id, slug, title_zh, title_en FROM event WHERE ends_at > :since ORDER BY ends_at < :now, starts_at, id",
        now=clock.now(),
        since=clock.now() - AFTERWARDS,
    )


async def gate_choices(event_id: int | None = None) -> list[GateChoice]:
    """Gates of one event, or of all to which staff may be invited."""
    return await fetch_as(
        GateChoice,
        "SELECT g.id, g.event, g.name_zh, g.name_en, e.title_zh, e.title_en FROM gate g JOIN event e ON e.id = g.event"
        " WHERE e.id = :event OR (:event::bigint IS NULL AND e.ends_at > :since) ORDER BY e.starts_at DESC, e.id, g.code",
        event=event_id,
        since=clock.now() - AFTERWARDS,
    )


async def organisation_choices(ids: Collection[int]) -> list[OrganisationChoice]:
    """Employers by key."""
    return await fetch_as(
        OrganisationChoice,
        "SELECT id, name_zh, name_en FROM organisation WHERE id = ANY(:ids::bigint[]) ORDER BY id",
        ids=list(ids),
    )


async def event_id(slug: str) -> int | None:
    """An event by its address."""
    return await fetch_value_or_none(int, "SELECT id FROM event WHERE slug = :slug", slug=slug)


async def organisation_id(uscc: str) -> int | None:
    """An employer by its unified social credit code."""
    return await fetch_value_or_none(int, "SELECT id FROM organisation WHERE uscc = :uscc", uscc=uscc)


async def gate_id(event: int | None, code: str) -> int | None:
    """A gate of an event by its code."""
    sql = "SELECT id FROM gate WHERE event = :event AND code = :code"
    return await fetch_value_or_none(int, sql, event=event, code=code)
