"""Who is inside now: people who came in today and have not left, by place.

A place is a gate, or the entries and zone gates of one room together.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from fairs.checkin import tallies
from fairs.checkin.rows import LiveGate, PersonInside
from fairs.checkin.zones import TOGETHER, zones
from fairs.core import clock
from fairs.core.rows import Row, fetch_as, fetch_bulk
from fairs.events.tables import GateKind
from fairs.registrations import phones

COUNTED = (*TOGETHER, GateKind.SESSION)  # gates through which people are inside something
_LATEST = f"""
SELECT DISTINCT ON (w.area, s.registration) w.area, s.registration, s.direction, s.scanned_at
FROM unnest(:gates::bigint[], :areas::bigint[]) AS w (gate, area)
JOIN scan s ON s.gate = w.gate AND s.outcome = 'admitted' AND s.scanned_at >= :morning AND {tallies.STANDING}
ORDER BY w.area, s.registration, s.scanned_at DESC, s.id DESC
"""  # noqa: S608 - constants of the code


class _Count(Row, frozen=True):
    """People inside one place."""

    area: int
    people: int


@dataclass(frozen=True)
class Place:
    """A place with the gates that lead into it; the first one names it where it has no room."""

    area: int
    gates: Sequence[LiveGate]
    capacity: int | None

    @property
    def name_zh(self) -> str:
        return self.gates[0].place_zh or self.gates[0].name_zh if len(self.gates) > 1 else self.gates[0].name_zh

    @property
    def name_en(self) -> str:
        return self.gates[0].place_en or self.gates[0].name_en if len(self.gates) > 1 else self.gates[0].name_en


async def gates_of(event_id: int) -> list[LiveGate]:
    """All gates of an event, entries first."""
    return await fetch_as(
        LiveGate,
        "SELECT g.id, g.code, g.kind, g.name_zh, g.name_en, g.room, r.name_zh AS place_zh, r.name_en AS place_en,"
        " coalesce(g.capacity, s.capacity, r.capacity) AS capacity, g.inactive_since IS NULL AS in_use"
        " FROM gate g LEFT JOIN event_session s ON s.id = g.session LEFT JOIN room r ON r.id = g.room"
        " WHERE g.event = :event ORDER BY g.inactive_since IS NOT NULL, g.kind <> 'entry', g.code",
        event=event_id,
    )


def places_of(gates: Sequence[LiveGate]) -> list[Place]:
    """The places of an event, in the order of their first gates."""
    together = zones(gates)
    found: dict[tuple[int, ...], list[LiveGate]] = {}
    for gate in gates:
        if gate.kind in COUNTED:
            found.setdefault(together[gate.id], []).append(gate)
    return [
        Place(zone[0], of, min((gate.capacity for gate in of if gate.capacity is not None), default=None))
        for zone, of in found.items()
    ]


def morning(zone: str) -> datetime:
    """The beginning of today in the zone of the event."""
    return clock.now().astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)


def _pairs(places: Sequence[Place]) -> dict[str, list[int]]:
    return {
        "gates": [gate.id for place in places for gate in place.gates],
        "areas": [place.area for place in places for _ in place.gates],
    }


async def counts(places: Sequence[Place], zone: str) -> dict[int, int]:
    """Number of people inside each place, by its area."""
    sql = f"SELECT area, count(*) AS people FROM ({_LATEST}) p WHERE direction = 'in' GROUP BY area"  # noqa: S608 - constants of this file
    rows = await fetch_as(_Count, sql, morning=morning(zone), **_pairs(places))
    return {row.area: row.people for row in rows}


async def people(places: Sequence[Place], zone: str) -> list[PersonInside]:
    """Everybody inside, by place and name; `phone` as stored: see `with_tails`."""
    return await fetch_bulk(
        PersonInside,
        "SELECT p.area, p.registration, p.scanned_at AS since, r.number, r.name_passport, r.name_native, r.category,"  # noqa: S608 - constants of this file
        " coalesce(nullif(r.organisation_name, ''), o.name_zh, '') AS organisation, r.phone"
        f" FROM ({_LATEST}) p JOIN registration r ON r.id = p.registration"
        " LEFT JOIN organisation o ON o.id = r.organisation WHERE p.direction = 'in'"
        " ORDER BY p.area, r.search_key, r.id",
        morning=morning(zone),
        **_pairs(places),
    )


async def with_tails(rows: Sequence[PersonInside]) -> list[PersonInside]:
    """The same people, `phone` being the ending of the number."""
    return await asyncio.to_thread(lambda: [_with_tail(row) for row in rows])


def _with_tail(row: PersonInside) -> PersonInside:
    return replace(row, phone=phones.opened(row.phone)[-4:]) if row.phone else row
