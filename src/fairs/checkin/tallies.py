"""Counters of a gate, each scan counted once: scans since the last read are added to the stored counters.

Scans are append-only and a gate's scans get their ids while its event is locked, so a reader that sees one sees all
with smaller ids: `scan_tally.through` marks exactly what is counted. Writing a scan costs nothing extra.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import asyncpg

from fairs.checkin.rows import Passage
from fairs.checkin.tables import Direction, Outcome
from fairs.core import db

STANDING = "NOT EXISTS (SELECT 1 FROM scan_correction c WHERE c.scan = s.id AND c.kind = 'undone')"  # of a scan `s`
_SEEN = "(s.scanned_at AT TIME ZONE $2)::date"
_PARTS = """
    SELECT day, 'admitted' AS what, sum(admitted) AS number FROM people GROUP BY day
    UNION ALL SELECT day, 'present', sum(present) FROM people GROUP BY day
    UNION ALL SELECT day, 'already', count(*) FROM fresh WHERE outcome = 'already' GROUP BY day
    UNION ALL SELECT day, 'conflict', count(*) FROM fresh WHERE conflict GROUP BY day
    UNION ALL SELECT day, 'refused:' || reason, count(*) FROM fresh WHERE outcome = 'refused' GROUP BY day, reason
"""
_FRESH = f"""
fresh AS MATERIALIZED (
    SELECT s.id, s.registration, s.direction, CASE WHEN {STANDING} THEN s.outcome ELSE 'undone' END AS outcome, s.reason,
        s.conflict, s.scanned_at, {_SEEN} AS day
    FROM scan s WHERE s.gate = $1 AND s.id > $3
)"""  # noqa: S608 - constants of this file
# For a gate counted from the start: all people in one pass over its scans.
_WHOLE_PEOPLE = """
people AS (
    SELECT registration, day, bool_or(direction = 'in')::int AS admitted,
        ((array_agg(direction ORDER BY scanned_at DESC, id DESC))[1] = 'in')::int AS present
    FROM fresh WHERE outcome = 'admitted' GROUP BY registration, day
)"""
# For new scans: each person who passed, before and after, by the index of the person's scans.
_MOVED_PEOPLE = f"""
people AS (
    SELECT p.registration, p.day, (now.entered AND NOT coalesce(now.had_entered, false))::int AS admitted,
        (now.is_in)::int - coalesce(now.was_in, false)::int AS present
    FROM (SELECT DISTINCT registration, day FROM fresh WHERE outcome = 'admitted') p
    CROSS JOIN LATERAL (
        SELECT bool_or(s.direction = 'in') AS entered, bool_or(s.direction = 'in') FILTER (WHERE s.id <= $3) AS had_entered,
            (array_agg(s.direction ORDER BY s.scanned_at DESC, s.id DESC))[1] = 'in' AS is_in,
            (array_agg(s.direction ORDER BY s.scanned_at DESC, s.id DESC) FILTER (WHERE s.id <= $3))[1] = 'in' AS was_in
        FROM scan s WHERE s.registration = p.registration AND s.gate + 0 = $1 AND s.outcome = 'admitted'
            AND {_SEEN} = p.day AND {STANDING}
    ) now
)"""  # noqa: S608 - constants of this file
_ADD = """
, counts AS (
    INSERT INTO gate_count (gate, day, what, number) SELECT $1, day, what, number FROM ({parts}) p WHERE number <> 0
    ON CONFLICT (gate, day, what) DO UPDATE SET number = gate_count.number + excluded.number
), minutes AS (
    INSERT INTO gate_minute (gate, minute, number) SELECT $1, date_trunc('minute', scanned_at, 'UTC'), count(*)
    FROM fresh WHERE outcome = 'admitted' AND direction = 'in' GROUP BY 2
    ON CONFLICT (gate, minute) DO UPDATE SET number = gate_minute.number + excluded.number
)
UPDATE scan_tally SET through = greatest(through, (SELECT coalesce(max(id), 0) FROM fresh)) WHERE gate = $1
"""
_FIRST = f"WITH {_FRESH}, {_WHOLE_PEOPLE} {_ADD.format(parts=_PARTS)}"
_MORE = f"WITH {_FRESH}, {_MOVED_PEOPLE} {_ADD.format(parts=_PARTS)}"
# The last scan of a gate: only the index on (gate, id) gives it first in this order.
_STANDS = """
SELECT t.zone = $2 AND coalesce(last.id, 0) <= t.through FROM scan_tally t
LEFT JOIN LATERAL (SELECT s.gate, s.id FROM scan s WHERE s.gate <= t.gate ORDER BY s.gate DESC, s.id DESC LIMIT 1) last
    ON last.gate = t.gate
WHERE t.gate = $1
"""
# Planned for the actual values: there are few new scans, whatever a generic plan estimates.
_PLANNED = (
    "SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('enable_seqscan', $1, true),"
    " set_config('jit', 'off', true)"
)


async def bring_up(gate_id: int, zone: str) -> None:
    """Count a gate's scans since the last read. In another zone days differ: everything is counted again."""
    if await db.fetchval(_STANDS, gate_id, zone):
        return
    async with db.transaction_or_join():
        through = await _hold(gate_id, zone)
        await db.execute(_PLANNED, "off" if through else "on")
        await db.execute(_MORE if through else _FIRST, gate_id, zone, through)


# A person's passages at a gate on a day, as far as they count.
_STAND_OF = f"""
SELECT coalesce(bool_or(s.direction = 'in'), false) AS entered,
    coalesce((array_agg(s.direction ORDER BY s.scanned_at DESC, s.id DESC))[1] = 'in', false) AS is_in
FROM scan s WHERE s.registration = $3 AND s.gate + 0 = $1 AND s.outcome = 'admitted' AND {_SEEN} = $4 AND {STANDING}
"""  # noqa: S608 - constants of this file
_CHANGE = """
UPDATE gate_count SET number = number + $4 WHERE gate = $1 AND day = $2 AND what = $3
"""


@asynccontextmanager
async def taking_back(gate_id: int, zone: str, passage: Passage) -> AsyncIterator[None]:
    """Counts a gate up to now, and after the body what an undone passage changes. Inside the event's turn."""
    through = await _hold(gate_id, zone)
    await db.execute(_PLANNED, "off" if through else "on")
    await db.execute(_MORE if through else _FIRST, gate_id, zone, through)
    before = await db.fetchrow(_STAND_OF, gate_id, zone, passage.registration, passage.day)
    yield
    after = await db.fetchrow(_STAND_OF, gate_id, zone, passage.registration, passage.day)
    assert before is not None
    assert after is not None
    for what, name in (("admitted", "entered"), ("present", "is_in")):
        if before[name] != after[name]:
            await db.execute(_CHANGE, gate_id, passage.day, what, int(after[name]) - int(before[name]))
    if passage.direction == Direction.IN:
        minute = "gate = $1 AND minute = date_trunc('minute', $2::timestamptz, 'UTC')"
        await db.execute(f"UPDATE gate_minute SET number = number - 1 WHERE {minute}", gate_id, passage.scanned_at)  # noqa: S608 - a constant above
        await db.execute(f"DELETE FROM gate_minute WHERE {minute} AND number <= 0", gate_id, passage.scanned_at)  # noqa: S608 - a constant above


async def _hold(gate_id: int, zone: str) -> int:
    """The last counted scan of a gate, locked until the end of the transaction: two readers never add the same."""
    await db.execute(
        "INSERT INTO scan_tally (gate, through, zone) VALUES ($1, 0, $2) ON CONFLICT (gate) DO NOTHING", gate_id, zone
    )
    held = await db.fetchrow("SELECT through, zone FROM scan_tally WHERE gate = $1 FOR UPDATE", gate_id)
    assert held is not None
    gone = held["through"] and not await db.fetchval("SELECT EXISTS (SELECT 1 FROM scan WHERE gate = $1)", gate_id)
    if held["zone"] == zone or gone:  # scans that have expired are not counted again
        return int(held["through"])
    await forget(gate_id)
    await db.execute("UPDATE scan_tally SET through = 0, zone = $2 WHERE gate = $1", gate_id, zone)
    return 0


async def forget(gate_id: int) -> None:
    """Delete the stored counters of a gate: the next read counts everything."""
    await db.execute("DELETE FROM gate_count WHERE gate = $1", gate_id)
    await db.execute("DELETE FROM gate_minute WHERE gate = $1", gate_id)
    await db.execute("UPDATE scan_tally SET through = 0 WHERE gate = $1", gate_id)


async def last_day(gate_id: int) -> date | None:
    """The last day with an admission at a gate, as counted."""
    sql = "SELECT max(day) FROM gate_count WHERE gate = $1 AND what = 'admitted' AND number > 0"
    found: date | None = await db.fetchval(sql, gate_id)
    return found


async def counters(gate_id: int, day: date, zone: str) -> dict[str, Any]:
    """Counters of a gate on a day of the event; `per_minute`: the last 60 minutes with an entry."""
    row = await db.fetchrow(
        "SELECT (SELECT coalesce(json_object_agg(what, number), '{}') FROM gate_count WHERE gate = $1 AND day = $2)::text"
        " AS counts, (SELECT coalesce(json_agg(json_build_array(minute, number) ORDER BY minute), '[]') FROM ("
        "SELECT minute, number FROM gate_minute WHERE gate = $1 AND minute >= ($2::date)::timestamp AT TIME ZONE $3"
        " AND minute < ($2::date + 1)::timestamp AT TIME ZONE $3 ORDER BY minute DESC LIMIT 60) m)::text AS per_minute",
        gate_id,
        day,
        zone,
    )
    assert row is not None
    return _named(row)


def _named(row: asyncpg.Record) -> dict[str, Any]:
    counts = json.loads(row["counts"])
    refused = {what.partition(":")[2]: number for what, number in counts.items() if what.startswith("refused:")}
    return {
        "admitted": counts.get(Outcome.ADMITTED, 0),
        "present": counts.get("present", 0),
        "already": counts.get(Outcome.ALREADY, 0),
        "conflicts": counts.get("conflict", 0),
        "refused": refused,
        "per_minute": json.loads(row["per_minute"]),
    }


_RECOUNT = f"""
WITH {_FRESH.replace("s.id > $3", "s.id <= $3")}, {_WHOLE_PEOPLE}, again AS ({_PARTS})
SELECT coalesce(k.day, a.day) AS day, coalesce(k.what, a.what) AS what, k.number AS kept, a.number AS counted
FROM (SELECT * FROM gate_count WHERE gate = $1 AND number <> 0) k
FULL JOIN (SELECT * FROM again WHERE number <> 0) a ON a.day = k.day AND a.what = k.what
WHERE k.number IS DISTINCT FROM a.number AND coalesce(k.day, a.day) >= (SELECT min(day) FROM fresh) ORDER BY 1, 2
"""  # noqa: S608 - constants of this file


async def differences() -> list[dict[str, Any]]:
    """Stored counters that differ from a count of the scans, for every gate: empty unless a table was tampered with.

    Days whose scans have expired (`retention`) are left out: only their counters remain.
    """
    found = []
    for held in await db.fetch("SELECT gate, through, zone FROM scan_tally ORDER BY gate"):
        rows = await db.fetch(_RECOUNT, held["gate"], held["zone"], held["through"])
        found += [{"gate": held["gate"], **dict(row)} for row in rows]
    return found
