"""Reads what a tour has brought. A number of the report is the number of different things in these rows, so the two cannot differ."""

from typing import Any, TypeVar

from fairs.checkin.tallies import STANDING
from fairs.core.rows import Row, fetch_as
from fairs.reports.tours.rows import AgreedRow, CameRow, CostRow, MetRow, VisitRow
from fairs.tours.queries import AT_STOP

R = TypeVar("R", bound=Row)
_PLACE = (
    "coalesce(u.code, '') AS unit, coalesce(u.name_zh, '') AS unit_zh, coalesce(u.name_en, '') AS unit_en, o.id AS organisation,"
    " coalesce(o.name_zh, '') AS organisation_zh, coalesce(o.name_en, '') AS organisation_en"
)
_NAMED = "LEFT JOIN unit u ON u.id = p.unit LEFT JOIN organisation o ON o.id = p.organisation"
_STOOD = "s.event = :event AND s.state NOT IN ('cancelled', 'declined') AND s.kind <> 'transfer'"
_FIT = "(:unit::text = '' OR coalesce(u.code, 'none') = :unit) AND (:employer::text = '' OR o.id::text = :employer)"
_VISITS = f"""
SELECT {_PLACE}, p.id AS stop, p.title_zh, p.title_en FROM tour_stop p {_NAMED}
WHERE {_FIT} AND p.id IN (SELECT s.id FROM tour_stop s WHERE {_STOOD}) ORDER BY p.starts_at, p.id
"""  # noqa: S608 - constants of the code
_CAME = f"""
WITH expected AS (
    SELECT s.id AS stop, s.unit, s.organisation, s.title_zh, s.title_en, s.gate, (s.starts_at AT TIME ZONE e.timezone)::date AS day,
        e.id AS event, e.timezone, m.id AS member, r.id AS registration, r.name_passport, r.name_native
    FROM tour_stop s JOIN event e ON e.id = s.event JOIN tour_member m ON m.event = s.event AND {AT_STOP}
    JOIN registration r ON r.id = m.registration WHERE {_STOOD}
), p AS (
    SELECT x.*, (SELECT min(s.scanned_at) FROM scan s JOIN gate g ON g.id = s.gate WHERE s.registration = x.registration
        AND s.gate = coalesce(x.gate, s.gate) AND g.event = x.event AND s.direction = 'in' AND s.outcome IN ('admitted', 'already')
        AND (s.scanned_at AT TIME ZONE x.timezone)::date = x.day AND {STANDING}) AS at
    FROM expected x
)
SELECT {_PLACE}, p.stop, p.title_zh, p.title_en, p.member, p.name_passport, p.name_native, p.at FROM p {_NAMED}
WHERE {_FIT} AND p.at IS NOT NULL ORDER BY lower(p.name_passport), p.member, p.at, p.stop
"""  # noqa: S608 - constants of the code
_MET = f"""
SELECT {_PLACE}, p.stop, p.meeting, p.talent, p.name_passport, p.name_native, p.listing_zh, p.listing_en, p.outcome, p.at
FROM (SELECT s.id AS stop, s.unit, s.organisation, m.id AS meeting, m.talent, t.name_passport, t.name_native,
        l.title_zh AS listing_zh, l.title_en AS listing_en, m.outcome, m.starts_at AS at
    FROM tour_talk x JOIN tour_stop s ON s.id = x.stop JOIN meeting m ON m.id = x.meeting AND m.state = 'held'
    JOIN talent t ON t.id = m.talent JOIN listing l ON l.id = m.listing WHERE s.event = :event) p {_NAMED}
WHERE {_FIT} ORDER BY lower(p.name_passport), p.meeting
"""  # noqa: S608 - constants of the code
_REACHED = "EXISTS (SELECT 1 FROM agreement_transition g WHERE g.agreement = a.id AND g.to_state = '{}')"
_AGREED = f"""
SELECT {_PLACE}, p.id AS agreement, p.number, p.state, p.talent, p.name_passport, p.name_native, p.title_zh, p.title_en,
    p.intent, p.signed, p.amount_cny, p.next_step_by
FROM (SELECT a.*, coalesce(s.unit, a.unit) AS place, t.name_passport, t.name_native, {_REACHED.format("intent")} AS intent,
        {_REACHED.format("signed_intent")} AND a.state <> 'returned' AS signed
    FROM agreement a JOIN talent t ON t.id = a.talent LEFT JOIN tour_talk x ON x.meeting = a.meeting
    LEFT JOIN tour_stop s ON s.id = x.stop WHERE a.event = :event OR s.event = :event) p
LEFT JOIN unit u ON u.id = p.place LEFT JOIN organisation o ON o.id = p.organisation
WHERE {_FIT} ORDER BY p.number
"""  # noqa: S608 - constants of the code
_COSTS = f"""
SELECT {_PLACE}, p.id, p.currency, p.amount
FROM (SELECT x.id, x.currency, x.amount, x.unit, s.organisation FROM tour_expense x LEFT JOIN tour_stop s ON s.id = x.stop
    WHERE x.event = :event) p {_NAMED} WHERE {_FIT} ORDER BY p.id
"""  # noqa: S608 - constants of the code


async def _rows(row: type[R], sql: str, event_id: int, filters: dict[str, Any]) -> list[R]:
    unit, employer = str(filters.get("unit", "")), str(filters.get("employer", ""))
    return await fetch_as(row, sql, event=event_id, unit=unit, employer=employer)


async def visits(event_id: int, filters: dict[str, Any]) -> list[VisitRow]:
    """Stops that took place: neither cancelled nor declined, no transfers."""
    return await _rows(VisitRow, _VISITS, event_id, filters)


async def came(event_id: int, filters: dict[str, Any]) -> list[CameRow]:
    """Who was scanned for which stop: at its own gate, or at any gate of the tour on its day where it has none."""
    return await _rows(CameRow, _CAME, event_id, filters)


async def met(event_id: int, filters: dict[str, Any]) -> list[MetRow]:
    """Meetings that were held at stops, with an outcome only those with this one."""
    outcome = filters.get("outcome", "")
    return [row for row in await _rows(MetRow, _MET, event_id, filters) if not outcome or row.outcome == outcome]


async def agreed(event_id: int, filters: dict[str, Any]) -> list[AgreedRow]:
    """Agreements of the tour, each once; `reached`: only those that got so far as an intent, or as both signatures."""
    reached = filters.get("reached", "")
    rows = await _rows(AgreedRow, _AGREED, event_id, filters)
    return [row for row in rows if not reached or (row.signed if reached == "signed" else row.intent)]


async def costs(event_id: int, filters: dict[str, Any]) -> list[CostRow]:
    """What was spent, each sum once."""
    return await _rows(CostRow, _COSTS, event_id, filters)
