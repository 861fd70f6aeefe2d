"""Read access codes; mark those of their places that are taken."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from fairs.core import clock
from fairs.core.errors import NotFound
from fairs.core.pagination import Page, paged
from fairs.core.rows import Select, execute, fetch_as, fetch_one_as
from fairs.registrations.codes.rows import CodeFacts, CodeHold, CodeRow, CodeTyped, CodeUser
from fairs.registrations.codes.rules import CodeState, mark_of
from fairs.registrations.rules import ENDED_STATES

# A place that a code kept is used for good; who only waits, or has another place, uses it as long as the registration lives.
_USED = (
    "(SELECT count(*) FROM access_code_use u JOIN registration r ON r.id = u.registration"  # noqa: S608 - a constant: the ended states
    f" WHERE u.code = c.id AND (u.took OR r.state NOT IN {ENDED_STATES}))"
)
_LEFT = "greatest(0, c.uses - (SELECT count(*) FROM access_code_use u WHERE u.code = c.id AND u.took))"
_OPEN = "c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > :now)"
_COLUMNS = (
    f"c.id, c.event, c.name, c.code, c.pool, p.name_zh AS pool_zh, p.name_en AS pool_en, c.category, c.reserves, c.uses, {_USED}"
    f" AS used, CASE WHEN c.reserves AND {_OPEN} THEN {_LEFT} ELSE 0 END AS held, c.email, c.expires_at, c.revoked_at,"
    " a.name AS made_by, c.made_at"
)
_SOURCE = "access_code c LEFT JOIN place_pool p ON p.id = c.pool LEFT JOIN account a ON a.id = c.made_by"
STATES: dict[CodeState, str] = {
    CodeState.VALID: f"{_OPEN} AND {_USED} < c.uses",
    CodeState.USED_UP: f"{_OPEN} AND {_USED} >= c.uses",
    CodeState.EXPIRED: "c.revoked_at IS NULL AND c.expires_at <= :now",
    CodeState.REVOKED: "c.revoked_at IS NOT NULL",
}


async def typed_codes(event_id: int, texts: Iterable[str]) -> dict[str, CodeFacts]:
    """Mark → code of an event; what is none is left out."""
    marks = sorted({mark_of(text) for text in texts} - {""})
    if not marks:
        return {}
    rows = await fetch_as(
        CodeTyped,
        f"SELECT c.id, c.mark, c.pool, c.category, c.uses, {_USED} AS used, c.email, c.expires_at, c.revoked_at"  # noqa: S608 - constants of the code
        " FROM access_code c WHERE c.event = :event AND c.mark = ANY(:marks::text[])",
        event=event_id,
        marks=marks,
    )
    return {
        row.mark: CodeFacts(
            row.id, row.pool, row.category, row.uses, row.used, row.email, row.expires_at, row.revoked_at
        )
        for row in rows
    }


async def holds_of(event_id: int) -> list[CodeHold]:
    """The codes of an event that keep places now."""
    return await fetch_as(
        CodeHold,
        f"SELECT c.id, c.pool, c.category, {_LEFT} AS left FROM access_code c WHERE c.event = :event AND c.reserves AND {_OPEN}",  # noqa: S608 - constants of the code
        event=event_id,
        now=clock.now(),
    )


async def mark_taken(registrations: Sequence[int]) -> None:
    """These have a place that their code kept."""
    if registrations:
        await execute(
            "UPDATE access_code_use SET took = true WHERE registration = ANY(:ids::bigint[])", ids=list(registrations)
        )


async def keep_uses(made: Sequence[tuple[int, int, bool]]) -> None:
    """Who registered with which code, and whether with a place that it kept."""
    if made:
        registrations, codes, took = (list(column) for column in zip(*made, strict=True))
        await execute(
            "INSERT INTO access_code_use (registration, code, took)"
            " SELECT * FROM unnest(:registrations::bigint[], :codes::bigint[], :took::boolean[])",
            registrations=registrations,
            codes=codes,
            took=took,
        )


async def has_codes(event_id: int) -> bool:
    """Whether a code can be typed at an event."""
    row = await fetch_one_as(
        CodeHold,
        f"SELECT c.id, c.pool, c.category, 0 AS left FROM access_code c WHERE c.event = :event AND {_OPEN} LIMIT 1",  # noqa: S608 - constants of the code
        event=event_id,
        now=clock.now(),
    )
    return row is not None


def _select(event_id: int, state: str, q: str) -> Select:
    select = Select(_COLUMNS, _SOURCE, now=clock.now()).where("c.event = :event", event=event_id)
    if state:
        select.where(STATES[CodeState(state)])
    if q:
        found = (
            "(strpos(lower(c.name), :q) > 0 OR strpos(c.mark, :mark) > 0 AND :mark <> '' OR strpos(c.email, :q) > 0)"
        )
        select.where(found, q=q.lower(), mark=mark_of(q))
    return select


async def codes_of(event_id: int, *, state: str, q: str, window: tuple[int, int, int]) -> Page[CodeRow]:
    """Codes of an event, the newest first."""
    select = _select(event_id, state, q)

    async def read(size: int, offset: int) -> list[CodeRow]:
        return await select.rows(CodeRow, order="c.id DESC", size=size, offset=offset)

    return await paged(window, select.count, read)


async def code_of(event_id: int, code_id: int) -> CodeRow:
    """One code of an event. Raises NotFound."""
    row = None
    if 0 < code_id < 2**63:
        now: datetime = clock.now()
        sql = f"SELECT {_COLUMNS} FROM {_SOURCE} WHERE c.event = :event AND c.id = :id"  # noqa: S608 - constants of the code
        row = await fetch_one_as(CodeRow, sql, event=event_id, id=code_id, now=now)
    if row is None:
        raise NotFound
    return row


async def users_of(code_id: int) -> list[CodeUser]:
    """Who registered with a code, in the order of registration."""
    return await fetch_as(
        CodeUser,
        "SELECT r.number, r.name_passport, r.name_native, r.category, r.state, r.created_at, u.took FROM access_code_use u"
        " JOIN registration r ON r.id = u.registration WHERE u.code = :code ORDER BY u.id",
        code=code_id,
    )
