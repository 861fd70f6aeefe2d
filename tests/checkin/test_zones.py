"""Which gates count people together: one rule for pages, devices, corrections, and the database's look at each scan."""

import random
from dataclasses import dataclass

from fairs.checkin import inside, zones
from fairs.core import db as database
from fairs.events.tables import GateKind
from tests import factories
from tests.checkin.hall import NINE, open_hall

ZONE = "SELECT {} FROM gate g WHERE g.id = $1"


@dataclass(frozen=True)
class _Gate:
    id: int
    room: int | None
    kind: GateKind


def test_entries_and_zone_gates_of_a_room_are_one_place() -> None:
    gates = [
        _Gate(9, 1, GateKind.ZONE),
        _Gate(2, 1, GateKind.ENTRY),
        _Gate(3, 1, GateKind.SESSION),
        _Gate(4, None, GateKind.ENTRY),
        _Gate(5, 2, GateKind.ENTRY),
    ]
    assert zones.zones(gates) == {2: (2, 9), 9: (2, 9), 3: (3,), 4: (4,), 5: (5,)}
    assert zones.zones([]) == {}


async def test_python_the_pages_and_the_database_say_the_same(db: None) -> None:
    hall = await open_hall()
    dice = random.Random(11)
    sql = "INSERT INTO room (event, code, name_zh, name_en) VALUES ($1, $2, '厅', 'Hall') RETURNING id"
    rooms = [None, *[await database.fetchval(sql, hall.event, f"r{n}") for n in range(3)]]
    other = await factories.event()
    for event, number in ((hall.event, 24), (other, 4)):
        for n in range(number):
            kind, room = (
                dice.choice([*GateKind, *zones.TOGETHER * 4]),
                dice.choice(rooms) if event == hall.event else None,
            )
            off = NINE if dice.random() < 0.2 else None
            await factories.gate(event, code=f"g{n}", kind=kind.value, room=room, inactive_since=off)
    known = await zones.zones_of(hall.event)
    gates = await inside.gates_of(hall.event)
    assert {gate.id for gate in gates} == set(known)
    assert any(len(zone) > 2 for zone in known.values())
    for place in inside.places_of(gates):
        assert {gate.id for gate in place.gates} == set(known[place.area])
    for gate in gates:
        assert tuple(await database.fetchval(ZONE.format(zones.ZONE_OF), gate.id)) == known[gate.id]
        row = await database.fetchrow(
            "SELECT gate, zone FROM scan_state($1, ARRAY[NULL::uuid], ARRAY[$2], ARRAY[NULL::bytea], ARRAY[''],"
            " ARRAY[$3::timestamptz], ARRAY[false])",
            hall.event,
            gate.code,
            NINE.replace(hour=0),
        )
        assert row is not None
        if row["gate"] is not None:
            assert tuple(row["zone"] or (gate.id,)) == known[gate.id], "a gate of its own has none"
