"""Scans go after the catalogue's period; the counters of gates stay, and of a person the days of attendance without the hour."""

from datetime import datetime

from fairs.checkin import tallies
from fairs.core import retention
from fairs.core.i18n import N_
from fairs.core.retention import Rule
from fairs.core.rows import Row, execute, fetch_as, fetch_value

_LOCAL_DAY = "((:before::timestamptz AT TIME ZONE coalesce(e.timezone, 'UTC'))::date::timestamp AT TIME ZONE coalesce(e.timezone, 'UTC'))"
_EXPIRED = (
    f"scan s LEFT JOIN gate g ON g.id = s.gate LEFT JOIN event e ON e.id = g.event WHERE s.scanned_at < {_LOCAL_DAY}"
)
"""Whole days of the event: a day's counters and its scans stay comparable."""


class _Gate(Row, frozen=True):
    """A gate with scans that expire."""

    id: int
    timezone: str


async def _count(before: datetime) -> int:
    return await fetch_value(int, f"SELECT count(*) FROM {_EXPIRED}", before=before)  # noqa: S608 - a constant above


async def _apply(before: datetime) -> int:
    """Count every scan of the gates first, so that their totals are whole."""
    gates = await fetch_as(
        _Gate,
        f"SELECT DISTINCT g.id, e.timezone FROM {_EXPIRED} AND g.id IS NOT NULL ORDER BY g.id",  # noqa: S608 - a constant above
        before=before,
    )
    for gate in gates:
        await tallies.bring_up(gate.id, gate.timezone)
    await retention.let_go(before)
    gone = await execute(f"DELETE FROM scan WHERE id IN (SELECT s.id FROM {_EXPIRED})", before=before)  # noqa: S608 - a constant above
    await execute(
        "UPDATE admission a SET first_scanned_at = a.day::timestamp AT TIME ZONE e.timezone FROM gate g, event e"  # noqa: S608 - a constant above
        f" WHERE g.id = a.gate AND e.id = g.event AND a.first_scanned_at < {_LOCAL_DAY}"
        " AND a.first_scanned_at <> a.day::timestamp AT TIME ZONE e.timezone",
        before=before,
    )
    return gone


RULES = (Rule(N_("scans at gates"), N_("the scan"), _count, _apply, key="scans"),)
