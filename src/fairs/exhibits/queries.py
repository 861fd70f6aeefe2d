"""Reads exhibits for the public, their owners, and who runs the event."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from fairs.accounts.actor import Actor
from fairs.checkin.tallies import STANDING
from fairs.core.errors import NotFound
from fairs.core.pagination import Page, paged
from fairs.core.rows import Select, fetch_as, fetch_one_as, fetch_value, fetch_value_or_none, fetch_values
from fairs.core.search_keys import like_words
from fairs.events.queries import event_by_id
from fairs.exhibits.rows import (
    BoothRow,
    ExhibitionRow,
    ExhibitRow,
    KindCount,
    OpenCall,
    PictureRow,
    RequestRow,
    ScoreRow,
)
from fairs.exhibits.tables import ExhibitState

BIGGEST = 2**63 - 1
_NATIVE = "coalesce(nullif(t.name_native, ''), t.name_passport)"
OWNERS = (  # of an exhibit `x`: names of who shows it
    f"coalesce(o.name_zh, b.name_zh, {_NATIVE}, '') AS owner_zh,"
    " coalesce(nullif(o.name_en, ''), o.name_zh, b.name_en, t.name_passport, '') AS owner_en"
)
VISITS = (  # of an exhibit `x`: people whose badge was scanned at its booth while it stood there, each once
    "(SELECT count(DISTINCT s.registration) FROM exhibit_stand v JOIN exhibit_booth w ON w.id = v.booth"  # noqa: S608 - constants of the code
    " JOIN scan s ON s.gate = w.gate WHERE v.exhibit = x.id AND s.outcome IN ('admitted', 'already') AND s.direction = 'in'"
    f" AND s.scanned_at >= v.since AND (v.until IS NULL OR s.scanned_at < v.until) AND {STANDING})"
)
_COLUMNS = (
    "x.id, x.event, e.slug AS event_slug, e.title_zh AS event_zh, e.title_en AS event_en, e.state AS event_state,"  # noqa: S608 - constants of the code
    f" e.timezone, x.talent, x.organisation, x.bureau, {OWNERS}, coalesce(u.name_zh, '') AS unit_zh,"
    " coalesce(u.name_en, '') AS unit_en, x.kind, x.state, x.title_zh, x.title_en, x.text_zh, x.text_en, x.stage,"
    " x.looks_for, x.discipline, x.poster, (SELECT p.picture FROM exhibit_picture p WHERE p.exhibit = x.id ORDER BY p.id"
    " LIMIT 1) AS cover, x.reason, x.submitted_at, x.decided_at, x.updated_at, h.id AS booth,"
    " coalesce(h.code, '') AS booth_code, (SELECT count(*) FROM exhibit_score j WHERE j.exhibit = x.id) AS scores,"
    " (SELECT avg(j.points)::float FROM exhibit_score j WHERE j.exhibit = x.id) AS points,"
    f" {VISITS} AS visits, (SELECT count(*) FROM exhibit_request q WHERE q.exhibit = x.id) AS requests,"
    " (SELECT count(*) FROM exhibit_request q WHERE q.exhibit = x.id AND q.done_at IS NULL) AS waiting"
)
_SOURCE = (
    "exhibit x JOIN event e ON e.id = x.event LEFT JOIN organisation o ON o.id = x.organisation"
    " LEFT JOIN talent t ON t.id = x.talent LEFT JOIN unit b ON b.id = x.bureau"
    " LEFT JOIN unit u ON u.id = coalesce(o.unit, x.bureau, t.unit)"
    " LEFT JOIN exhibit_stand g ON g.exhibit = x.id AND g.until IS NULL LEFT JOIN exhibit_booth h ON h.id = g.booth"
)
_OWN = (
    "(x.organisation = ANY(:employers::bigint[]) OR x.bureau = ANY(:units::bigint[])"
    " OR x.talent = (SELECT p.id FROM talent p WHERE p.account = :account))"
)
_TITLE = "lower(coalesce(nullif(x.title_en, ''), x.title_zh))"
ORDERS = {
    "title": f"{_TITLE}, x.id",
    "-title": f"{_TITLE} DESC, x.id DESC",
    "booth": "h.place_row NULLS LAST, h.place_column, x.id",
    "-booth": "h.place_row DESC NULLS LAST, h.place_column DESC, x.id",
    "sent": "x.submitted_at NULLS LAST, x.id",
    "-sent": "x.submitted_at DESC NULLS LAST, x.id DESC",
    "points": "points NULLS FIRST, x.id",
    "-points": "points DESC NULLS LAST, x.id",
    "visits": "visits, x.id",
    "-visits": "visits DESC, x.id",
}
FILTERS = {
    "state": "x.state = :state",
    "kind": "x.kind = :kind",
    "stage": "x.stage = :stage",
    "looks_for": ":looks_for = ANY(x.looks_for)",
    "discipline": "x.discipline LIKE :discipline || '%'",
}


def _who(actor: Actor) -> dict[str, Any]:
    return {"employers": actor.organisation_ids, "units": actor.unit_ids, "account": actor.account_id}


def _of(event_id: int, asked: Mapping[str, str]) -> Select:
    select = Select(_COLUMNS, _SOURCE).where("x.event = :event", event=event_id)
    for name, condition in FILTERS.items():
        if value := asked.get(name):
            select.where(condition, **{name: value})
    if words := like_words(asked.get("q", "")):
        select.where(
            "(x.search_key || ' ' || lower(coalesce(o.search_key, b.name_zh || ' ' || b.name_en, t.name_passport || ' ' || t.name_native, '')))"
            " LIKE ALL (:words::text[])",
            words=words,
        )
    return select


async def exhibits_page(event_id: int, asked: Mapping[str, str], *, number: int, size: int) -> Page[ExhibitRow]:
    """One page of an event's exhibits in every state, as filtered; drafts of owners are none of the staff's business."""
    select = _of(event_id, asked).where("x.state <> 'draft'")
    return await paged((number, size, 0), select.count, select.reader(ExhibitRow, order=_order(asked, "-sent")))


async def all_exhibits(event_id: int, asked: Mapping[str, str]) -> list[ExhibitRow]:
    """The same without pages, for an export."""
    select = _of(event_id, asked).where("x.state <> 'draft'")
    return await select.rows(ExhibitRow, order=_order(asked, "-sent"), size=10_000)


async def gallery_page(event_id: int, asked: Mapping[str, str], *, number: int, size: int) -> Page[ExhibitRow]:
    """One page of the released ones."""
    select = _of(event_id, asked).where("x.state = 'released'")
    return await paged((number, size, 0), select.count, select.reader(ExhibitRow, order=_order(asked, "booth")))


def _order(asked: Mapping[str, str], usual: str) -> str:
    return ORDERS.get(asked.get("sort", ""), ORDERS[usual])


async def state_counts(event_id: int) -> dict[str, int]:
    """state → number."""
    sql = "SELECT state AS value, count(*) AS number FROM exhibit WHERE event = :event GROUP BY state"
    return {row.value: row.number for row in await fetch_as(KindCount, sql, event=event_id)}


async def released_count(event_id: int) -> int:
    """How many are in the gallery."""
    sql = "SELECT count(*) FROM exhibit WHERE event = :event AND state = 'released'"
    return await fetch_value(int, sql, event=event_id)


async def _one(condition: str, exhibit_id: int, **more: Any) -> ExhibitRow:
    row = None
    if 0 < exhibit_id <= BIGGEST:
        sql = f"SELECT {_COLUMNS} FROM {_SOURCE} WHERE x.id = :id AND {condition}"  # noqa: S608 - constants of the code
        row = await fetch_one_as(ExhibitRow, sql, id=exhibit_id, **more)
    if row is None:
        raise NotFound
    return row


async def own_exhibit(actor: Actor, exhibit_id: int) -> ExhibitRow:
    """An exhibit of the actor, of its employer or its bureau. Raises NotFound for all others."""
    return await _one(_OWN, exhibit_id, **_who(actor))


async def own_exhibits(actor: Actor) -> list[ExhibitRow]:
    """All of the actor's own, the latest first."""
    sql = f"SELECT {_COLUMNS} FROM {_SOURCE} WHERE {_OWN} ORDER BY x.id DESC LIMIT 300"  # noqa: S608 - constants of the code
    return await fetch_as(ExhibitRow, sql, **_who(actor))


async def exhibit_of(event_id: int, exhibit_id: int) -> ExhibitRow:
    """An exhibit of an event for who runs it. Raises NotFound, also for a draft."""
    return await _one("x.event = :event AND x.state <> 'draft'", exhibit_id, event=event_id)


async def released_exhibit(event_id: int, exhibit_id: int) -> ExhibitRow:
    """An exhibit in the gallery. Raises NotFound."""
    return await _one("x.event = :event AND x.state = 'released'", exhibit_id, event=event_id)


async def pictures_of(exhibit_id: int) -> list[UUID]:
    """Its pictures in their order."""
    sql = "SELECT picture FROM exhibit_picture WHERE exhibit = :id ORDER BY id"
    return [row.picture for row in await fetch_as(PictureRow, sql, id=exhibit_id)]


async def released_file(event_id: int, exhibit_id: int, file_id: UUID) -> UUID:
    """A picture or the poster of an exhibit in the gallery. Raises NotFound."""
    row = await released_exhibit(event_id, exhibit_id)
    if file_id == row.poster or file_id in await pictures_of(exhibit_id):
        return file_id
    raise NotFound


async def may_read_file(actor: Actor, file_id: UUID) -> bool:
    """Whether the file is of an exhibit of the actor, or of an event that the actor runs."""
    found = await fetch_value_or_none(
        int,
        "SELECT x.id FROM exhibit x WHERE x.poster = :file UNION SELECT p.exhibit FROM exhibit_picture p WHERE p.picture = :file",
        file=file_id,
    )
    if found is None:
        return False
    try:
        await own_exhibit(actor, found)
        return True
    except NotFound:
        row = await _one("x.state <> 'draft'", found)
        return actor.runs(await event_by_id(row.event)) and actor.reaches(row.event)


async def scores_of(exhibit_id: int) -> list[ScoreRow]:
    """What the jury gave, the best first."""
    return await fetch_as(
        ScoreRow,
        "SELECT j.juror, a.name, j.points, j.note, j.at FROM exhibit_score j JOIN account a ON a.id = j.juror"
        " WHERE j.exhibit = :id ORDER BY j.points DESC, j.id",
        id=exhibit_id,
    )


_REQUEST = (
    "SELECT q.id, q.exhibit, q.account, a.name, CASE WHEN q.contact THEN a.email ELSE '' END AS email, q.asks, q.message,"
    " q.contact, q.at, q.done_at FROM exhibit_request q JOIN account a ON a.id = q.account"
)


async def requests_of(exhibit_id: int) -> list[RequestRow]:
    """What people want of the exhibitor, what is open first."""
    sql = f"{_REQUEST} WHERE q.exhibit = :id ORDER BY q.done_at IS NOT NULL, q.at DESC LIMIT 500"
    return await fetch_as(RequestRow, sql, id=exhibit_id)


async def own_request(actor: Actor, exhibit_id: int) -> RequestRow | None:
    """What the actor asked."""
    sql = f"{_REQUEST} WHERE q.exhibit = :id AND q.account = :account"
    return await fetch_one_as(RequestRow, sql, id=exhibit_id, account=actor.account_id)


async def exhibition_of(event_id: int) -> ExhibitionRow | None:
    """The call of an event; None: it takes no exhibits."""
    sql = "SELECT event, closes_at, call_zh, call_en, plan::text AS plan FROM exhibition WHERE event = :event"
    return await fetch_one_as(ExhibitionRow, sql, event=event_id)


async def open_calls(now: datetime) -> list[OpenCall]:
    """Events that take exhibits now."""
    return await fetch_as(
        OpenCall,
        "SELECT e.slug, e.title_zh, e.title_en, coalesce(c.closes_at, e.ends_at) AS closes_at, e.timezone FROM exhibition c"
        " JOIN event e ON e.id = c.event WHERE e.state IN ('published', 'closed') AND (c.closes_at IS NULL OR c.closes_at > :now)"
        " AND (e.ends_at > :now OR e.demo) ORDER BY e.starts_at, e.id",
        now=now,
    )


_BOOTH = (
    "SELECT h.id, h.code, h.place_row, h.place_column, h.gate, x.id AS exhibit, coalesce(x.state, '') AS state,"  # noqa: S608 - a constant
    " coalesce(x.kind, '') AS kind, coalesce(x.title_zh, '') AS title_zh, coalesce(x.title_en, '') AS title_en,"
    f" {OWNERS} FROM exhibit_booth h LEFT JOIN exhibit_stand g ON g.booth = h.id AND g.until IS NULL"
    " LEFT JOIN exhibit x ON x.id = g.exhibit LEFT JOIN organisation o ON o.id = x.organisation"
    " LEFT JOIN talent t ON t.id = x.talent LEFT JOIN unit b ON b.id = x.bureau"
)


async def booths_of(event_id: int, *, released: bool = False) -> list[BoothRow]:
    """The booths along the rows of the plan; `released`: exhibits that are not in the gallery are left out of them."""
    rows = await fetch_as(
        BoothRow, f"{_BOOTH} WHERE h.event = :event ORDER BY h.place_row, h.place_column, h.id", event=event_id
    )
    if not released:
        return rows
    return [row if row.state == ExhibitState.RELEASED else _emptied(row) for row in rows]


def _emptied(row: BoothRow) -> BoothRow:
    return BoothRow(row.id, row.code, row.place_row, row.place_column, row.gate, None, "", "", "", "", "", "")


async def without_booth(event_id: int) -> list[ExhibitRow]:
    """Released exhibits that stand nowhere yet."""
    sql = f"SELECT {_COLUMNS} FROM {_SOURCE} WHERE x.event = :event AND x.state = 'released' AND g.id IS NULL ORDER BY x.id"  # noqa: S608 - constants of the code
    return await fetch_as(ExhibitRow, sql, event=event_id)


async def used_disciplines(event_id: int) -> list[str]:
    """Fields of the released exhibits."""
    sql = "SELECT DISTINCT discipline FROM exhibit WHERE event = :event AND state = 'released' AND discipline <> '' ORDER BY 1"
    return await fetch_values(str, sql, event=event_id)
