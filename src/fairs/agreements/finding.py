"""Lists of agreements: found by words, state and unit, those that wait for a bureau, the ledger."""

from datetime import date, datetime

import msgspec

from fairs.accounts.actor import Actor
from fairs.agreements import queries
from fairs.agreements.rows import AgreementRow, LedgerRow, Overdue
from fairs.core import clock, schedule
from fairs.core.pagination import Page, paged, window
from fairs.core.rows import Select, fetch_as
from fairs.core.search_keys import like_words
from fairs.organisations import phones

_LEDGER = (
    "a.number, a.state, a.state_since, a.engagement, a.title_zh, a.amount_cny, a.months_per_year, e.title_zh AS event_zh, e.family,"
    " u.name_zh AS unit_zh, o.name_zh AS organisation_zh, o.uscc, o.kind AS organisation_kind, o.industry,"
    " o.contact_name, o.contact_phone, t.name_passport, t.name_native, t.nationality, t.degree, t.institution,"
    " t.current_employer, t.discipline, h.steps"
)
_STEPS = (
    " LEFT JOIN LATERAL (SELECT jsonb_object_agg(x.to_state, jsonb_build_array(x.fact_on, x.evidence, x.fact_number)"
    " ORDER BY x.id) AS steps FROM agreement_transition x WHERE x.agreement = a.id AND x.from_state <> x.to_state"
    " AND (x.to_state <> 'signed_intent' OR NOT EXISTS (SELECT FROM agreement_transition y WHERE y.agreement = a.id"
    " AND y.to_state = 'returned' AND y.id > x.id)))"
    " h ON true"
)
_TEXT = (
    "lower(concat_ws(' ', a.number, a.title_zh, a.title_en, o.name_zh, o.name_en, o.search_key, t.name_passport,"
    " t.name_native, t.search_key))"
)
_SORTS = {
    "number": "a.number",
    "state": "a.state_since",
    "amount": "a.amount_cny",
    "next": "a.next_step_by",
    "unit": "u.position",
}


DUE: dict[str, str] = {  # what waits for the bureau: the condition of each kind, with `:today`
    "verify": "a.verified_at IS NULL AND a.state NOT IN ('lead', 'talks', 'intent', 'returned', 'lapsed', 'terminated')"
    " AND :today::date IS NOT NULL",
    "overdue": "a.next_step_by < :today AND a.state IN ('talks', 'intent', 'signed_intent', 'contract', 'permit')",
}


def today() -> date:
    """The day by which steps are overdue, in the zone of the installation."""
    return clock.now().astimezone(schedule.zone()).date()


async def due_counts(actor: Actor) -> Overdue:
    """How many agreements of the actor's units are of each kind of `DUE`."""
    counts = ", ".join(f"count(*) FILTER (WHERE {condition}) AS {kind}" for kind, condition in DUE.items())
    (found,) = await fetch_as(
        Overdue,
        f"SELECT {counts} FROM agreement a WHERE :everything::boolean OR a.unit = ANY(:units::bigint[])",  # noqa: S608 - constants of the code; values are named arguments
        today=today(),
        everything=actor.sees_everything,
        units=actor.unit_ids,
    )
    return found


def _narrowed(select: Select, actor: Actor, side: str, *, q: str, state: str, unit: str, due: str = "") -> Select:
    """Rows visible to `side`, filtered by state, unit and a kind of `DUE` if given; `q` matches numbers, names, pinyin and
    initials."""
    select.where(queries.SIDES[side], **queries.who(actor)).where(queries.REACHED).where(
        f"{_TEXT} LIKE ALL (:words::text[])", words=like_words(queries.plain(q))
    )
    if state:
        select.where("a.state = :state", state=queries.plain(state))
    if unit:
        select.where("u.code = :unit", unit=queries.plain(unit))
    if due in DUE:
        select.where(DUE[due], today=today())
    return select


async def find_agreements(
    actor: Actor,
    side: str,
    *,
    q: str = "",
    state: str = "",
    unit: str = "",
    due: str = "",
    event: str = "",
    updated_since: datetime | None = None,
    sort: str = "",
    page: int | None = None,
    page_size: int | None = None,
    strict: bool = False,
) -> Page[AgreementRow]:
    """A page of rows visible to `side` (talent, employer, bureau); `strict`: one past the end is empty."""
    select = _narrowed(Select(queries.COLUMNS, queries.SOURCE), actor, side, q=q, state=state, unit=unit, due=due)
    if event:
        select.where("e.slug = :event", event=queries.plain(event))
    if updated_since:
        select.where("a.updated_at >= :since", since=updated_since)
    column = _SORTS.get(sort.removeprefix("-"), "a.id")
    order = f"{column} {'DESC' if sort.startswith('-') or not sort else 'ASC'} NULLS LAST, a.id DESC"
    read = select.reader(AgreementRow, order=order)
    return await paged(window(page, page_size), select.count, read, strict=strict)


async def ledger_rows(
    actor: Actor, side: str, *, state: str = "", unit: str = "", q: str = "", due: str = ""
) -> list[LedgerRow]:
    """Every agreement of a side with the ledger's data, by number; at most 20,000."""
    select = _narrowed(Select(_LEDGER, queries.SOURCE + _STEPS), actor, side, q=q, state=state, unit=unit, due=due)
    rows = await select.rows(LedgerRow, order="a.number", size=20_000)
    return [msgspec.structs.replace(row, contact_phone=phones.opened_text(row.contact_phone)) for row in rows]
