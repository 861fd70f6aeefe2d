"""Which gates count people together: the entries and zone gates of one room are one place, every other gate is one of its own.

The rule stands here, and in the database's `scan_state`, which reads it with each scan; `tests/checkin/test_zones.py` compares them.
Devices are told the place of each gate and have no rule of their own.
"""

from collections.abc import Iterable
from typing import Protocol

from fairs.checkin.rows import GatePlace
from fairs.core.rows import fetch_as
from fairs.events.tables import GateKind

TOGETHER = (GateKind.ENTRY, GateKind.ZONE)
_KINDS = ", ".join(f"'{kind}'" for kind in TOGETHER)
# The zone of gate `g` in a statement, this one among them.
ZONE_OF = f"""
ARRAY(SELECT z.id FROM gate z WHERE z.id = g.id OR (z.event = g.event AND z.room = g.room
    AND g.kind IN ({_KINDS}) AND z.kind IN ({_KINDS})) ORDER BY z.id)
"""  # noqa: S608 - constants of this file


class Standing(Protocol):
    """A gate with what decides its zone."""

    @property
    def id(self) -> int: ...

    @property
    def room(self) -> int | None: ...

    @property
    def kind(self) -> GateKind: ...


def zones(gates: Iterable[Standing]) -> dict[int, tuple[int, ...]]:
    """Each gate of an event with the gates that count people together with it, this one among them, the lowest first."""
    all_gates = sorted(gates, key=lambda gate: gate.id)
    shared: dict[int, list[int]] = {}
    for gate in all_gates:
        if gate.room is not None and gate.kind in TOGETHER:
            shared.setdefault(gate.room, []).append(gate.id)
    return {
        gate.id: tuple(shared[gate.room]) if gate.room is not None and gate.kind in TOGETHER else (gate.id,)
        for gate in all_gates
    }


async def zones_of(event_id: int) -> dict[int, tuple[int, ...]]:
    """The zones of an event's gates, those switched off too."""
    sql = "SELECT id, room, kind FROM gate WHERE event = :event ORDER BY id"
    return zones(await fetch_as(GatePlace, sql, event=event_id))
