"""Read employers: an account's own, a bureau's, all for the province."""

from datetime import datetime
from uuid import UUID

from fairs.accounts.actor import Actor
from fairs.accounts.queries import owned_organisations
from fairs.core.errors import NotFound
from fairs.core.pagination import Page, paged
from fairs.core.rows import Select, fetch_as, fetch_one_as, fetch_value_or_none
from fairs.core.search_keys import fold, like_words, literal
from fairs.organisations import phones
from fairs.organisations.rows import Member, Namesake, OrganisationRow, StateCount
from fairs.organisations.tables import Organisation, OrganisationState

_COLUMNS = (
    "o.id, o.uscc, o.name_zh, o.name_en, o.kind, o.unit, o.industry, o.intro_zh, o.intro_en, o.contact_name,"
    " o.contact_phone, o.signatory, o.signatory_latin, o.state, o.decided_by, o.decided_at, o.decision_note, o.licence, o.search_key,"
    " o.demo, o.created_at, u.code AS unit_code, u.name_zh AS unit_name_zh, u.name_en AS unit_name_en,"
    " d.name AS decided_by_name"
)
_SOURCE = "organisation o JOIN unit u ON u.id = o.unit LEFT JOIN account d ON d.id = o.decided_by"
BIGGEST_ID = 2**63 - 1
_SEEN = "(:sees_everything OR o.unit = ANY(:units::bigint[]))"  # the province sees all, a bureau its own
_EMPLOYERS_MEMBERS = (
    " FROM membership m JOIN account a ON a.id = m.account"
    " WHERE m.organisation_id = :id AND m.role = 'employer' AND a.active ORDER BY m.id"
)


async def _one(condition: str, **arguments: object) -> OrganisationRow:
    """The first employer that matches a condition. Raises NotFound."""
    row = await fetch_one_as(OrganisationRow, f"SELECT {_COLUMNS} FROM {_SOURCE} {condition}", **arguments)  # noqa: S608 - constants of the code; values are named arguments
    if row is None:
        raise NotFound
    return phones.opened(row)


async def organisation_of(actor: Actor) -> OrganisationRow:
    """The employer of this account (its first membership). Raises NotFound when there is none."""
    return await _one(
        "JOIN membership m ON m.organisation_id = o.id AND m.role = 'employer' AND m.account = :account"
        " ORDER BY m.id LIMIT 1",
        account=actor.account_id,
    )


async def organisation_for(actor: Actor, organisation_id: int) -> OrganisationRow:
    """An employer for its members, its bureau and the province. Raises NotFound for all others."""
    if organisation_id > BIGGEST_ID:
        raise NotFound
    return await _one(
        f"WHERE o.id = :id AND ({_SEEN} OR o.id = ANY(:own::bigint[]))",
        sees_everything=actor.sees_everything,
        units=actor.unit_ids,
        own=actor.organisation_ids,
        id=organisation_id,
    )


async def organisation_for_bureau(actor: Actor, organisation_id: int) -> OrganisationRow:
    """An employer that this bureau (or the province) decides about. Raises NotFound."""
    if organisation_id > BIGGEST_ID:
        raise NotFound
    return await _one(
        f"WHERE {_SEEN} AND o.id = :id", sees_everything=actor.sees_everything, units=actor.unit_ids, id=organisation_id
    )


async def may_read_licence(actor: Actor, file_id: UUID) -> bool:
    """Whether the actor is a member, its bureau or the province of the employer whose licence this is."""
    owner = await fetch_value_or_none(int, "SELECT id FROM organisation WHERE licence = :file", file=file_id)
    try:
        return owner is not None and bool(await organisation_for(actor, owner))
    except NotFound:
        return False


async def organisation_by_id(organisation_id: int) -> OrganisationRow:
    """An employer by key, for jobs and higher slices. Raises NotFound."""
    return await _one("WHERE o.id = :id", id=organisation_id)


async def locked_state(organisation_id: int) -> OrganisationState:
    """The state of an employer; locks its row until the transaction ends."""
    row = (
        await Organisation.select(Organisation.state)
        .where(Organisation.id == organisation_id)
        .lock_rows("UPDATE")
        .first()
    )
    if row is None:
        raise NotFound
    return OrganisationState(row["state"])


async def members_of(organisation_id: int) -> list[Member]:
    """Accounts of an employer, the first one first."""
    return await fetch_as(
        Member, f"SELECT a.id, a.name, a.email, a.lang, m.created_at{_EMPLOYERS_MEMBERS}", id=organisation_id
    )


async def is_owner(actor: Actor, organisation_id: int) -> bool:
    """Whether this account is an employer's first member that may sign in."""
    return organisation_id in await owned_organisations(actor)


def _seen_by(actor: Actor) -> Select:
    return Select(_COLUMNS, _SOURCE).where(_SEEN, sees_everything=actor.sees_everything, units=actor.unit_ids)


async def state_counts(actor: Actor, unit: str = "") -> dict[str, int]:
    """Number of employers by state in the actor's units (or in one unit); "" counts all."""
    rows = await fetch_as(
        StateCount,
        f"SELECT o.state, count(*) FROM organisation o JOIN unit u ON u.id = o.unit WHERE {_SEEN}"  # noqa: S608 - constants of the code; values are named arguments
        " AND (:unit = '' OR u.code = :unit) GROUP BY o.state",
        sees_everything=actor.sees_everything,
        units=actor.unit_ids,
        unit=unit,
    )
    counts = {state.value: 0 for state in OrganisationState} | {row.state.value: row.count for row in rows}
    return counts | {"": sum(counts.values())}


async def oldest_pending(actor: Actor) -> datetime | None:
    """Since when the first employer of the actor's units waits for an answer; None when nobody waits."""
    return await fetch_value_or_none(
        datetime,
        f"SELECT min(o.created_at) FROM organisation o WHERE {_SEEN} AND o.state = 'pending'",  # noqa: S608 - constants of the code; values are named arguments
        sees_everything=actor.sees_everything,
        units=actor.unit_ids,
    )


async def organisations_page(
    actor: Actor, *, q: str = "", state: str = "", unit: str = "", number: int = 1, size: int = 50
) -> Page[OrganisationRow]:
    """One page of employers, waiting ones first, longest wait first. `q` matches names, pinyin, initials, code,
    contact; names that begin with it come first.
    """
    select = _seen_by(actor).where("o.search_key LIKE ALL (:words::text[])", words=like_words(q))
    if state:
        select.where("o.state = :state", state=state)
    if unit:
        select.where("u.code = :unit", unit=unit)
    order = (
        "o.search_key NOT LIKE :begins, (o.state <> 'pending'), CASE WHEN o.state = 'pending' THEN o.created_at END,"
        " o.created_at DESC, o.id"
    )
    read = select.reader(OrganisationRow, order=order, begins=f"{literal(fold(q))}%")
    return await paged((number, size, 0), select.count, read, phones.opened)


async def namesakes_of(organisation: OrganisationRow) -> list[Namesake]:
    """Other employers with the same Chinese name, for the bureau to check."""
    return await fetch_as(
        Namesake,
        "SELECT o.id, o.name_zh, o.uscc, o.state, u.name_zh AS unit_name_zh, u.name_en AS unit_name_en"
        " FROM organisation o JOIN unit u ON u.id = o.unit WHERE o.name_zh = :name AND o.id <> :id ORDER BY o.id LIMIT 5",
        name=organisation.name_zh,
        id=organisation.id,
    )
