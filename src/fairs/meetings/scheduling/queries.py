"""Reads a hall for scheduling, and the scheduling runs."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fairs.core.rows import fetch_as, fetch_one_as
from fairs.core.wishes import WANTED
from fairs.meetings.queries import LIVE
from fairs.meetings.scheduling.rows import (
    ExistingMeeting,
    HallTable,
    Names,
    RunRow,
    Slot,
    TimetableRow,
    WaitingCounts,
    WaitingWish,
)

LOST_AFTER = 60  # seconds without a heartbeat after which the run's worker counts as dead
# Wishes of both sides that wait for a meeting: no live meeting of the two at this event, and a cancelled or missed one
# is not arranged again until one of them has repeated the wish.
_WAITING = f"""
SELECT a.talent, a.listing, l.organisation, (a.level = 'must')::int + (b.level = 'must')::int AS musts,
       coalesce((SELECT max(m.updated_at) FROM meeting m WHERE m.event = :event AND m.talent = a.talent AND m.listing = a.listing
                 AND m.state IN ('cancelled', 'no_show')) > greatest(a.updated_at, b.updated_at), false) AS called_off
FROM preference a JOIN preference b ON b.talent = a.talent AND b.listing = a.listing AND b.side = 'employer'
JOIN listing l ON l.id = a.listing JOIN organisation o ON o.id = l.organisation JOIN talent t ON t.id = a.talent
WHERE a.event = :event AND a.side = 'talent' AND a.level IN {WANTED} AND b.level IN {WANTED}
AND l.state = 'published' AND o.state = 'approved' AND t.visibility <> 'private'
AND NOT EXISTS (SELECT 1 FROM meeting m WHERE m.event = :event AND m.talent = a.talent AND m.organisation = l.organisation
                AND m.state IN {LIVE})
"""  # noqa: S608 - constants: states and levels
_RUN = (
    "SELECT r.id, r.event, r.state, r.asked_by, r.asked_at, r.started_at, r.ended_at, r.seen_at, r.attempt, r.phase, r.share,"
    " r.pairs, r.objective, r.bound, r.gap, r.made, r.left_out, r.unmet, r.error,"
    " r.state = 'running' AND r.seen_at < now() - make_interval(secs => :lost_after) AS lost, a.name AS asked_name"
    " FROM schedule_run r LEFT JOIN account a ON a.id = r.asked_by"
)


async def waiting(event_id: int) -> list[WaitingWish]:
    """Wishes to be scheduled, in a fixed order."""
    return await fetch_as(
        WaitingWish,
        f"SELECT talent, listing, organisation, musts FROM ({_WAITING}) w WHERE NOT called_off ORDER BY talent, listing",  # noqa: S608 - constants: states and levels
        event=event_id,
    )


async def waiting_counts(event_id: int) -> WaitingCounts:
    """Counts of those who wait for a meeting."""
    (row,) = await fetch_as(
        WaitingCounts,
        "SELECT count(DISTINCT (talent, organisation)) FILTER (WHERE NOT called_off) AS pairs,"  # noqa: S608 - constants: states and levels
        f" count(*) FILTER (WHERE called_off) AS called_off FROM ({_WAITING}) w",
        event=event_id,
    )
    return row


async def slots(event_id: int, after: datetime) -> list[Slot]:
    """Slots that have not begun; in a demo that is over, all slots of the fair days, so that it can still be tried."""
    return await fetch_as(
        Slot,
        "SELECT s.id, s.starts_at, s.ends_at FROM meeting_slot s WHERE s.event = :event AND (s.starts_at > :after OR"
        " (SELECT e.demo AND e.ends_at <= :after AND s.starts_at >= e.starts_at FROM event e WHERE e.id = :event))"
        " ORDER BY s.starts_at",
        event=event_id,
        after=after,
    )


async def tables(event_id: int) -> list[HallTable]:
    """All tables by number."""
    return await fetch_as(
        HallTable,
        "SELECT id, number, organisation FROM meeting_table WHERE event = :event ORDER BY number",
        event=event_id,
    )


async def existing_meetings(
    event_id: int, slots: Sequence[Slot], talents: list[int], organisations: list[int]
) -> list[ExistingMeeting]:
    """Live meetings in these slots' hours: of this event, and of these people and employers anywhere."""
    if not slots:
        return []
    return await fetch_as(
        ExistingMeeting,
        f"SELECT id, event, organisation, talent, hall_table, starts_at, ends_at FROM meeting WHERE state IN {LIVE}"  # noqa: S608 - constants: states and levels
        " AND starts_at < :until AND ends_at > :since AND (event = :event OR talent = ANY(:talents::bigint[])"
        " OR organisation = ANY(:organisations::bigint[])) ORDER BY starts_at, id",
        event=event_id,
        since=slots[0].starts_at,
        until=slots[-1].ends_at,
        talents=talents,
        organisations=organisations,
    )


async def run(run_id: int, *, lock: bool = False) -> RunRow | None:
    """A scheduling run; `lost`: its worker has sent no heartbeat for LOST_AFTER seconds."""
    ending = " FOR UPDATE OF r" if lock else ""
    return await fetch_one_as(RunRow, f"{_RUN} WHERE r.id = :id{ending}", id=run_id, lost_after=LOST_AFTER)


async def latest_run(event_id: int) -> RunRow | None:
    """The event's newest scheduling run."""
    return await fetch_one_as(
        RunRow, f"{_RUN} WHERE r.event = :event ORDER BY r.id DESC LIMIT 1", event=event_id, lost_after=LOST_AFTER
    )


def unmet_of(row: RunRow) -> list[dict[str, Any]]:
    """The unserved wishes, as reported by the solver."""
    found: list[dict[str, Any]] = json.loads(row.unmet)
    return found


async def names(talents: list[int], organisations: list[int]) -> dict[str, Names]:
    """By the solver's keys (t12, o5): zh and en names of people and employers."""
    people = await fetch_as(
        Names,
        "SELECT 't' || id AS key, coalesce(nullif(name_native, ''), name_passport) AS zh, name_passport AS en"
        " FROM talent WHERE id = ANY(:ids::bigint[])",
        ids=talents,
    )
    employers = await fetch_as(
        Names,
        "SELECT 'o' || id AS key, name_zh AS zh, name_en AS en FROM organisation WHERE id = ANY(:ids::bigint[])",
        ids=organisations,
    )
    return {row.key: row for row in (*people, *employers)}


async def timetable(event_id: int) -> list[TimetableRow]:
    """Every live meeting of an event with the names of both sides, by hour and table."""
    return await fetch_as(
        TimetableRow,
        "SELECT m.starts_at, m.ends_at, m.state, h.number AS table_number, o.name_zh AS organisation_zh,"
        " o.name_en AS organisation_en, l.title_zh, l.title_en, t.name_passport, t.name_native"
        " FROM meeting m JOIN meeting_table h ON h.id = m.hall_table JOIN organisation o ON o.id = m.organisation"
        " JOIN listing l ON l.id = m.listing JOIN talent t ON t.id = m.talent"
        " WHERE m.event = :event AND m.state <> 'cancelled' ORDER BY m.starts_at, h.number, m.id",
        event=event_id,
    )
