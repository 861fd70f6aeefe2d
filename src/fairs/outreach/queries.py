"""Reads visits to counties for the county, who runs the event, and experts."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fairs.accounts.actor import Actor
from fairs.core.errors import NotFound
from fairs.core.pagination import Page, paged
from fairs.core.rows import Select, fetch_as, fetch_one_as, fetch_value_or_none
from fairs.core.search_keys import like_words
from fairs.events.queries import RUN_BY_UNIT
from fairs.outreach.rows import DayRow, ExpertRow, FollowUpRow, OutreachEvent, OwnVisit, RequestRow, StateCount

BIGGEST = 2**63 - 1
_DAYS = "service_day d JOIN service_expert x ON x.id = d.expert WHERE x.request = q.id"
_COLUMNS = (
    "q.id, q.event, e.slug AS event_slug, e.title_zh AS event_zh, e.title_en AS event_en, e.state AS event_state,"  # noqa: S608 - constants of the code
    f" e.unit AS event_unit, {RUN_BY_UNIT}, e.timezone, q.unit, u.name_zh AS unit_zh, u.name_en AS unit_en, q.state,"
    " q.place_zh, q.place_en, q.topic_zh, q.topic_en, q.problem_zh, q.problem_en, q.discipline, q.people, q.experts,"
    " q.from_day, q.to_day, q.receiver, q.reason, q.asked_at,"
    " (SELECT count(*) FROM service_expert x WHERE x.request = q.id AND x.state = 'agreed') AS agreed,"
    f" (SELECT count(*) FROM {_DAYS} AND d.done_at IS NULL) AS planned,"
    f" (SELECT count(*) FROM {_DAYS} AND d.done_at IS NOT NULL) AS done,"
    f" (SELECT coalesce(sum(d.people), 0) FROM {_DAYS} AND d.done_at IS NOT NULL) AS helped"
)
_SOURCE = "service_request q JOIN event e ON e.id = q.event JOIN unit u ON u.id = q.unit"
_SEEN = "(:everything OR q.unit = ANY(:units::bigint[]) OR (e.release = 'released' AND e.state <> 'draft' AND e.unit = ANY(:units::bigint[])))"
_TOPIC = "lower(coalesce(nullif(q.topic_en, ''), q.topic_zh))"
ORDERS = {
    "topic": f"{_TOPIC}, q.id",
    "-topic": f"{_TOPIC} DESC, q.id DESC",
    "from": "q.from_day, q.id",
    "-from": "q.from_day DESC, q.id DESC",
    "done": "done, q.id",
    "-done": "done DESC, q.id",
    "helped": "helped, q.id",
    "-helped": "helped DESC, q.id",
}


def _seen(actor: Actor) -> dict[str, Any]:
    return {"everything": actor.sees_everything, "units": actor.unit_ids}


def _of(actor: Actor, asked: Mapping[str, str]) -> Select:
    select = Select(_COLUMNS, _SOURCE).where(_SEEN, **_seen(actor))
    if state := asked.get("state"):
        select.where("q.state = :state", state=state)
    if words := like_words(asked.get("q", "")):
        select.where(
            "lower(concat_ws(' ', q.topic_zh, q.topic_en, q.place_zh, q.place_en, q.problem_zh, q.problem_en, u.name_zh,"
            " u.name_en, u.pinyin)) LIKE ALL (:words::text[])",
            words=words,
        )
    return select


def _order(asked: Mapping[str, str]) -> str:
    return ORDERS.get(asked.get("sort", ""), ORDERS["-from"])


async def requests_page(actor: Actor, asked: Mapping[str, str], *, number: int, size: int) -> Page[RequestRow]:
    """One page of the requests that the actor may see."""
    select = _of(actor, asked)
    return await paged((number, size, 0), select.count, select.reader(RequestRow, order=_order(asked)))


async def all_requests(actor: Actor, asked: Mapping[str, str]) -> list[RequestRow]:
    """The same without pages, for an export."""
    return await _of(actor, asked).rows(RequestRow, order=_order(asked), size=10_000)


async def state_counts(actor: Actor) -> dict[str, int]:
    """state → number, of all that the actor may see."""
    sql = f"SELECT q.state, count(*) AS number FROM {_SOURCE} WHERE {_SEEN} GROUP BY q.state"  # noqa: S608 - constants
    return {row.state.value: row.number for row in await fetch_as(StateCount, sql, **_seen(actor))}


async def request_for(actor: Actor, request_id: int, *, lock: bool = False) -> RequestRow:
    """A request for its county's bureau and who runs the event. Raises NotFound for all others."""
    row = None
    if 0 < request_id <= BIGGEST:
        sql = f"SELECT {_COLUMNS} FROM {_SOURCE} WHERE q.id = :id AND {_SEEN}" + (" FOR UPDATE OF q" if lock else "")  # noqa: S608 - constants of the code
        row = await fetch_one_as(RequestRow, sql, id=request_id, **_seen(actor))
    if row is None or not actor.reaches(row.event):
        raise NotFound
    return row


def decides(actor: Actor, row: RequestRow) -> bool:
    """Whether the actor runs the event of the request."""
    return actor.sees_everything or (row.run_by_unit and row.event_unit in actor.unit_ids)


async def experts_of(request_id: int) -> list[ExpertRow]:
    """Who was asked, those who go first; names of who agreed, or shows the own profile to employers."""
    return await fetch_as(
        ExpertRow,
        "SELECT x.id, x.request, x.talent, t.account, CASE WHEN x.state = 'agreed' OR t.visibility = 'employers'"
        " THEN t.name_passport ELSE '' END AS name_passport, CASE WHEN x.state = 'agreed' OR t.visibility = 'employers'"
        " THEN t.name_native ELSE '' END AS name_native, coalesce(t.discipline, '') AS discipline,"
        " x.state, x.why, x.answered_at FROM service_expert x JOIN talent t ON t.id = x.talent WHERE x.request = :id"
        " ORDER BY x.state <> 'agreed', x.state <> 'asked', x.id",
        id=request_id,
    )


async def days_of(request_id: int) -> list[DayRow]:
    """The days of all experts in order."""
    return await fetch_as(
        DayRow,
        "SELECT d.id, d.expert, t.name_passport, t.name_native, d.day, d.place, d.task, d.people, d.note, d.evidence, d.done_at"
        " FROM service_day d JOIN service_expert x ON x.id = d.expert JOIN talent t ON t.id = x.talent"
        " WHERE x.request = :id ORDER BY d.day, x.id",
        id=request_id,
    )


async def follow_ups_of(request_id: int) -> list[FollowUpRow]:
    """What the county said later, the latest first."""
    return await fetch_as(
        FollowUpRow,
        "SELECT f.came, f.text, coalesce(a.name, '') AS name, f.at FROM service_follow_up f LEFT JOIN account a ON a.id = f.by"
        " WHERE f.request = :id ORDER BY f.at DESC, f.id DESC",
        id=request_id,
    )


_VISIT = (
    "SELECT x.id, x.request, x.state, x.why, q.topic_zh, q.topic_en, q.problem_zh, q.problem_en, q.place_zh, q.place_en,"
    " u.name_zh AS unit_zh, u.name_en AS unit_en, q.from_day, q.to_day,"
    " CASE WHEN x.state = 'agreed' THEN q.receiver ELSE '' END AS receiver, q.state AS request_state FROM service_expert x"
    " JOIN talent t ON t.id = x.talent JOIN service_request q ON q.id = x.request JOIN unit u ON u.id = q.unit"
    " WHERE t.account = :account AND x.state <> 'withdrawn'"
)


async def own_visits(actor: Actor) -> list[OwnVisit]:
    """Visits that the actor was asked for, unanswered ones first."""
    sql = f"{_VISIT} ORDER BY x.state <> 'asked', q.from_day DESC, x.id"
    return await fetch_as(OwnVisit, sql, account=actor.account_id)


async def own_visit(actor: Actor, expert_id: int) -> OwnVisit:
    """One of them. Raises NotFound."""
    row = None
    if 0 < expert_id <= BIGGEST:
        row = await fetch_one_as(OwnVisit, f"{_VISIT} AND x.id = :id", account=actor.account_id, id=expert_id)
    if row is None:
        raise NotFound
    return row


async def may_read_evidence(actor: Actor, file_id: UUID) -> bool:
    """Whether the actor may see the request of the day that the file proves, or is its expert."""
    request = await fetch_value_or_none(
        int,
        "SELECT x.request FROM service_day d JOIN service_expert x ON x.id = d.expert WHERE d.evidence = :file",
        file=file_id,
    )
    if request is None:
        return False
    try:
        return bool(await request_for(actor, request))
    except NotFound:
        return any(visit.request == request for visit in await own_visits(actor))


async def open_events() -> list[OutreachEvent]:
    """Events for which counties may ask: outreach first, then conferences that run."""
    return await fetch_as(
        OutreachEvent,
        "SELECT e.slug, e.title_zh, e.title_en FROM event e WHERE e.state IN ('published', 'closed')"
        " AND e.kind IN ('outreach', 'conference') ORDER BY e.kind <> 'outreach', e.starts_at DESC, e.id",
    )


async def day_of(request_id: int, day_id: int) -> DayRow:
    """A day of a request. Raises NotFound."""
    day = next((one for one in await days_of(request_id) if one.id == day_id), None)
    if day is None:
        raise NotFound
    return day
