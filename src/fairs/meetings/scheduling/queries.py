"""Reading a hall for scheduling, and the schedulings themselves."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg

from fairs.core import db
from fairs.meetings.queries import LIVE, WANTED
from fairs.meetings.scheduling.build_problem import ExistingMeeting, HallTable, Slot

LOST_AFTER = 60  # seconds of silence after which whoever ran it is taken for dead
# Wishes of both sides that wait for a meeting: nothing live between the two at this event, and what was called off or
# missed is not arranged again until one of them has said anew that they want it.
_WAITING = f"""
SELECT a.talent, a.listing, l.organisation, (a.level = 'must')::int + (b.level = 'must')::int AS musts,
       coalesce((SELECT max(m.updated_at) FROM meeting m WHERE m.event = $1 AND m.talent = a.talent AND m.listing = a.listing
                 AND m.state IN ('cancelled', 'no_show')) > greatest(a.updated_at, b.updated_at), false) AS called_off
FROM preference a JOIN preference b ON b.talent = a.talent AND b.listing = a.listing AND b.side = 'employer'
JOIN listing l ON l.id = a.listing JOIN organisation o ON o.id = l.organisation JOIN talent t ON t.id = a.talent
WHERE a.event = $1 AND a.side = 'talent' AND a.level IN {WANTED} AND b.level IN {WANTED}
AND l.state = 'published' AND o.state = 'approved' AND t.visibility <> 'private'
AND NOT EXISTS (SELECT 1 FROM meeting m WHERE m.event = $1 AND m.talent = a.talent AND m.organisation = l.organisation
                AND m.state IN {LIVE})
"""  # noqa: S608 - constants: states and levels
_RUN = (
    "SELECT r.*, r.state = 'running' AND r.seen_at < now() - make_interval(secs => $2) AS lost, a.name AS asked_name"
    " FROM schedule_run r LEFT JOIN account a ON a.id = r.asked_by"
)


async def waiting(event_id: int) -> list[asyncpg.Record]:
    """talent, listing, organisation, musts (how many sides said so) of wishes to be scheduled, in a fixed order."""
    return await db.fetch(f"SELECT * FROM ({_WAITING}) w WHERE NOT called_off ORDER BY talent, listing", event_id)  # noqa: S608 - constants: states and levels


async def waiting_counts(event_id: int) -> asyncpg.Record:
    """pairs: people and employers who wait for a meeting; called_off: left to themselves after a cancellation."""
    row = await db.fetchrow(
        "SELECT count(DISTINCT (talent, organisation)) FILTER (WHERE NOT called_off) AS pairs,"  # noqa: S608 - constants: states and levels
        f" count(*) FILTER (WHERE called_off) AS called_off FROM ({_WAITING}) w",
        event_id,
    )
    assert row is not None
    return row


async def slots(event_id: int, after: datetime) -> list[Slot]:
    """Slots that have not begun; the fair days' of a demo that is over, which stays open to be tried."""
    rows = await db.fetch(
        "SELECT s.id, s.starts_at, s.ends_at FROM meeting_slot s WHERE s.event = $1 AND (s.starts_at > $2 OR"
        " (SELECT e.demo AND e.ends_at <= $2 AND s.starts_at >= e.starts_at FROM event e WHERE e.id = $1))"
        " ORDER BY s.starts_at",
        event_id,
        after,
    )
    return [Slot(*row) for row in rows]


async def tables(event_id: int) -> list[HallTable]:
    """All tables by number."""
    rows = await db.fetch(
        "SELECT id, number, organisation FROM meeting_table WHERE event = $1 ORDER BY number", event_id
    )
    return [HallTable(*row) for row in rows]


async def existing_meetings(
    event_id: int, slots: Sequence[Slot], talents: list[int], organisations: list[int]
) -> list[ExistingMeeting]:
    """Live meetings in these slots' hours: of this event, and of these people and employers anywhere."""
    if not slots:
        return []
    rows = await db.fetch(
        f"SELECT id, event, organisation, talent, hall_table, starts_at, ends_at FROM meeting WHERE state IN {LIVE}"  # noqa: S608 - constants: states and levels
        " AND starts_at < $3 AND ends_at > $2"
        " AND (event = $1 OR talent = ANY($4::bigint[]) OR organisation = ANY($5::bigint[])) ORDER BY starts_at, id",
        event_id,
        slots[0].starts_at,
        slots[-1].ends_at,
        talents,
        organisations,
    )
    return [ExistingMeeting(*row) for row in rows]


async def run(run_id: int, *, lock: bool = False) -> asyncpg.Record | None:
    """A scheduling; `lost`: whoever ran it has not been heard of for LOST_AFTER seconds."""
    ending = " FOR UPDATE OF r" if lock else ""
    return await db.fetchrow(f"{_RUN} WHERE r.id = $1{ending}", run_id, LOST_AFTER)


async def latest_run(event_id: int) -> asyncpg.Record | None:
    """The event's newest scheduling."""
    return await db.fetchrow(f"{_RUN} WHERE r.event = $1 ORDER BY r.id DESC LIMIT 1", event_id, LOST_AFTER)


def unmet_of(row: asyncpg.Record) -> list[dict[str, Any]]:
    """What could not be served, as the solver told it."""
    found: list[dict[str, Any]] = json.loads(row["unmet"])
    return found


async def names(talents: list[int], organisations: list[int]) -> dict[str, asyncpg.Record]:
    """By the solver's keys (t12, o5): zh and en names of people and employers."""
    people = await db.fetch(
        "SELECT 't' || id AS key, coalesce(nullif(name_native, ''), name_passport) AS zh, name_passport AS en"
        " FROM talent WHERE id = ANY($1::bigint[])",
        talents,
    )
    employers = await db.fetch(
        "SELECT 'o' || id AS key, name_zh AS zh, name_en AS en FROM organisation WHERE id = ANY($1::bigint[])",
        organisations,
    )
    return {row["key"]: row for row in (*people, *employers)}


async def timetable(event_id: int) -> list[asyncpg.Record]:
    """Every live meeting of an event with the names of both sides, by hour and table."""
    return await db.fetch(
        "SELECT m.starts_at, m.ends_at, m.state, h.number AS table_number, o.name_zh AS organisation_zh,"
        " o.name_en AS organisation_en, l.title_zh, l.title_en, t.name_passport, t.name_native"
        " FROM meeting m JOIN meeting_table h ON h.id = m.hall_table JOIN organisation o ON o.id = m.organisation"
        " JOIN listing l ON l.id = m.listing JOIN talent t ON t.id = m.talent"
        " WHERE m.event = $1 AND m.state <> 'cancelled' ORDER BY m.starts_at, h.number, m.id",
        event_id,
    )
