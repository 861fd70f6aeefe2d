"""Reads who was seen at the tables."""

from datetime import datetime, timedelta

from fairs.checkin import tallies
from fairs.core import clock
from fairs.core.pagination import Page, paged
from fairs.core.rows import Select, fetch_as, fetch_one_as, fetch_value_or_none
from fairs.core.search_keys import like_words
from fairs.meetings.attendance.rows import Attended, GateOfTable, HallTable, Seen, Sides, StateCount, Waits

LATE = timedelta(days=7)  # after a slot in which late scans of devices without a network still count
# A scan counts as in the room at the tables, at the gate of one table for the meetings there only; `{who}` are the registrations of one side.
_PASSED = (
    "scan s JOIN gate g ON g.id = s.gate AND g.kind = 'table' LEFT JOIN table_gate o ON o.gate = g.id"
    " JOIN registration r ON r.id = s.registration"
    " WHERE r.event = m.event AND (o.id IS NULL OR o.hall_table = m.hall_table) AND s.outcome IN ('admitted', 'already') AND {who} AND "
    + tallies.STANDING
)
_TALENT, _EMPLOYER = "r.talent = m.talent", "r.organisation = m.organisation AND r.category = 'employer'"
_AROUND = "s.direction = 'in' AND s.scanned_at >= w.begins AND s.scanned_at < m.ends_at"
# An employer stays at its table: who came in earlier that day and has not left is there when the slot begins.
_STAYED = f"""
SELECT w.begins FROM (
    SELECT DISTINCT ON (s.registration) s.direction FROM {_PASSED.format(who=_EMPLOYER)} AND s.scanned_at < w.begins
        AND (s.scanned_at AT TIME ZONE e.timezone)::date = (m.starts_at AT TIME ZONE e.timezone)::date
    ORDER BY s.registration, s.scanned_at DESC, s.id DESC
) last WHERE last.direction = 'in' LIMIT 1
"""  # noqa: S608 - constants of this file
_SIDES = f"""
SELECT m.id, m.state, m.starts_at, x.talent_at, x.employer_at, a.id IS NOT NULL AS derived
FROM meeting m JOIN event e ON e.id = m.event LEFT JOIN meeting_attendance a ON a.meeting = m.id
CROSS JOIN LATERAL (SELECT m.starts_at - make_interval(mins => :before::int) AS begins) w
CROSS JOIN LATERAL (SELECT
    least((SELECT min(s.scanned_at) FROM {_PASSED.format(who=_TALENT)} AND {_AROUND}),
        (SELECT min(t.seen_at) FROM meeting_sighting t WHERE t.meeting = m.id AND t.side = 'talent')) AS talent_at,
    least((SELECT min(s.scanned_at) FROM {_PASSED.format(who=_EMPLOYER)} AND {_AROUND}), ({_STAYED}),
        (SELECT min(t.seen_at) FROM meeting_sighting t WHERE t.meeting = m.id AND t.side = 'employer')) AS employer_at
) x
WHERE m.event = :event AND m.state <> 'cancelled' AND NOT coalesce(a.settled, false)
    AND (m.state = 'scheduled' OR a.id IS NOT NULL) AND w.begins <= :now AND m.ends_at > :since
ORDER BY m.id
"""  # noqa: S608 - constants of this file


async def waits_of(event_id: int) -> Waits:
    """The event's own waits, else the defaults that the table gives."""
    row = await fetch_one_as(
        Waits, "SELECT wait_minutes, before_minutes FROM attendance_rule WHERE event = :event", event=event_id
    )
    if row is not None:
        return row
    (row,) = await fetch_as(
        Waits,
        "INSERT INTO attendance_rule (event) VALUES (:event) ON CONFLICT (event) DO UPDATE SET event = excluded.event"
        " RETURNING wait_minutes, before_minutes",
        event=event_id,
    )
    return row


async def sides(event_id: int, waits: Waits, now: datetime) -> list[Sides]:
    """Meetings that have come up and that no person has decided, with who was seen when."""
    facts = {"before": waits.before_minutes, "now": now, "since": now - LATE}
    return await fetch_as(Sides, _SIDES, event=event_id, **facts)


async def is_seen_at_tables(event_id: int) -> bool:
    """Whether the event has a gate at its tables, or somebody was noted as arrived."""
    return bool(
        await fetch_value_or_none(
            bool,
            "SELECT EXISTS (SELECT 1 FROM gate WHERE event = :event AND kind = 'table') OR EXISTS (SELECT 1 FROM"
            " meeting_sighting t JOIN meeting m ON m.id = t.meeting WHERE m.event = :event)",
            event=event_id,
        )
    )


def _attended(event_id: int, query: dict[str, str]) -> Select:
    """The meetings of an event; `table`: of one table of the hall."""
    select = Select(
        "m.id, m.state, m.outcome, m.starts_at, m.ends_at, h.number AS table_number, t.name_passport, t.name_native,"
        " o.name_zh AS organisation_zh, o.name_en AS organisation_en, a.talent_at, a.employer_at,"
        " coalesce(a.absent, '') AS absent, a.id IS NOT NULL AND NOT a.settled AS derived",
        "meeting m JOIN meeting_table h ON h.id = m.hall_table JOIN talent t ON t.id = m.talent"
        " JOIN organisation o ON o.id = m.organisation LEFT JOIN meeting_attendance a ON a.meeting = m.id",
    ).where("m.event = :event AND m.state <> 'cancelled'", event=event_id)
    if query.get("table"):
        select.where("h.number = :table", table=int(query["table"]))
    if query.get("state"):
        select.where("m.state = :state", state=query["state"])
    if query.get("when") == "now":
        select.where(
            "m.starts_at < :now::timestamptz + interval '30 minutes' AND m.ends_at > :now::timestamptz - interval '30 minutes'",
            now=clock.now(),
        )
    if query.get("q"):
        select.where(
            "(t.search_key || ' ' || o.search_key || ' ' || lower(t.name_passport || ' ' || t.name_native || ' ' || o.name_zh"
            " || ' ' || o.name_en)) LIKE ALL (:words::text[])",
            words=like_words(query["q"]),
        )
    return select


async def attended_page(event_id: int, query: dict[str, str], *, number: int, size: int) -> Page[Attended]:
    """One page of an event's meetings, in order of time and table."""
    select = _attended(event_id, query)
    return await paged((number, size, 0), select.count, select.reader(Attended, order="m.starts_at, h.number, m.id"))


async def day_of_table(event_id: int, number: int, begins: datetime, ends: datetime) -> list[Attended]:
    """The meetings of a day at one table, in their order."""
    select = _attended(event_id, {"table": str(number)})
    select.where("m.starts_at < :ends AND m.ends_at > :begins", begins=begins, ends=ends)
    return await select.rows(Attended, order="m.starts_at, m.id", size=100)


async def table_gates(event_id: int) -> list[GateOfTable]:
    """Gates of kind table in use, each with its table, if it stands at one."""
    return await fetch_as(
        GateOfTable,
        "SELECT g.id, g.code, g.name_zh, g.name_en, h.number FROM gate g LEFT JOIN table_gate o ON o.gate = g.id"
        " LEFT JOIN meeting_table h ON h.id = o.hall_table WHERE g.event = :event AND g.kind = 'table'"
        " AND g.inactive_since IS NULL ORDER BY g.code",
        event=event_id,
    )


async def tables_of(event_id: int) -> list[HallTable]:
    """The tables of an event's hall."""
    return await fetch_as(
        HallTable,
        "SELECT h.id, h.number, coalesce(o.name_zh, '') AS organisation_zh, coalesce(o.name_en, '') AS organisation_en"
        " FROM meeting_table h LEFT JOIN organisation o ON o.id = h.organisation WHERE h.event = :event ORDER BY h.number",
        event=event_id,
    )


async def seen_at(meeting_id: int) -> Seen | None:
    """When each side of a meeting was first seen at the tables; None when nobody was."""
    return await fetch_one_as(
        Seen, "SELECT talent_at, employer_at FROM meeting_attendance WHERE meeting = :id", id=meeting_id
    )


async def state_counts(event_id: int) -> dict[str, int]:
    """How many meetings are in each state."""
    sql = "SELECT state, count(*) FROM meeting WHERE event = :event AND state <> 'cancelled' GROUP BY state"
    return {row.state: row.count for row in await fetch_as(StateCount, sql, event=event_id)}
