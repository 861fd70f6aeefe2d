"""Seats existing meetings (pins). As many pins as possible are kept; each of the others gets a reason."""

from collections import Counter

import numpy as np

from fairs.meetings.solver.instance import Instance
from fairs.meetings.solver.lp import Model, maximise
from fairs.meetings.solver.problem import Kind, Unmet
from fairs.meetings.solver.reasons import unmet
from fairs.meetings.solver.timetable import NOWHERE, Timetable

Pin = tuple[int, int, int | None]  # pair, slot, table


def seat_pins(table: Timetable) -> tuple[dict[int, int], list[Unmet]]:
    """Seats and fixes the pins; returns the requested table numbers, by pair, and the pins that could not be kept."""
    house, lost = table.house, []
    sound: list[Pin] = []
    for pin in house.pins:
        trouble = _alone(house, pin)
        if trouble is None:
            sound.append(pin)
        else:
            lost.append(trouble)
    kept = sound if _legal(house, sound) else _most(house, sound)
    tables: dict[int, int] = {}
    for pair, slot, number in kept:
        table.put(pair, slot)
        table.fixed[pair] = True
        if number is not None:
            tables[pair] = number
    chosen = Counter(kept)
    for pin in sound:
        if chosen[pin]:
            chosen[pin] -= 1
        else:
            lost.append(_beside_others(table, pin))
    table.settle()
    return tables, lost


def _alone(house: Instance, pin: Pin) -> Unmet | None:
    """The error in a pin that does not depend on the others."""
    pair, slot, number = pin
    person, employer = house.left[pair], house.right[pair]
    if not house.people.free[person] >> slot & 1:
        return _lost(house, pin, "pin_person_away")
    if not house.employers.seats[employer] or (
        number is not None and not 0 <= number < house.employers.seats[employer]
    ):
        return _lost(house, pin, "pin_no_such_table", tables=house.employers.seats[employer])
    if not house.employers.free[employer] >> slot & 1:
        return _lost(house, pin, "pin_employer_away")
    if not house.people.most[person]:
        return _lost(house, pin, "pin_person_full", most=0)
    if not house.employers.most[employer]:
        return _lost(house, pin, "pin_employer_full", most=0)
    return None


def _resources(house: Instance, pin: Pin) -> list[tuple[tuple[str | int, ...], int]]:
    """The resources a pin uses, each with its capacity: on the person's side, then on the employer's."""
    pair, slot, number = pin
    person, employer = house.left[pair], house.right[pair]
    used: list[tuple[tuple[str | int, ...], int]] = [
        (("pair", pair), 1),
        (("person", person, slot), 1),
        (("person", person), house.people.most[person]),
        (("employer", employer, slot), house.employers.seats[employer]),
        (("employer", employer), house.employers.most[employer]),
    ]
    if number is not None:
        used.append((("table", employer, slot, number), 1))
    return used


def _legal(house: Instance, pins: list[Pin]) -> bool:
    used: Counter[tuple[str | int, ...]] = Counter()
    limit: dict[tuple[str | int, ...], int] = {}
    for pin in pins:
        for resource, there in _resources(house, pin):
            used[resource] += 1
            limit[resource] = there
    return all(count <= limit[resource] for resource, count in used.items())


def _most(house: Instance, pins: list[Pin]) -> list[Pin]:
    """The largest set of compatible pins; among equal sets, earlier pins first."""
    rows: dict[tuple[str | int, ...], int] = {}
    limits: list[int] = []
    starts, entries = [0], []
    for pin in pins:
        for resource, there in _resources(house, pin):
            if resource not in rows:
                rows[resource] = len(limits)
                limits.append(there)
            entries.append(rows[resource])
        starts.append(len(entries))
    count = len(pins)
    model = Model(
        profit=np.array([count + 1 - at / count for at in range(count)]) * count,
        lower=np.zeros(count),
        upper=np.ones(count),
        starts=np.array(starts, dtype=np.int64),
        rows=np.array(entries, dtype=np.int64),
        row_lower=np.zeros(len(limits)),
        row_upper=np.array(limits, dtype=float),
    )
    answer = maximise(model, whole=True, nodes=10_000)
    if answer is None:
        return []
    return [pin for pin, value in zip(pins, answer.values.tolist(), strict=True) if value > 0.5]


def _beside_others(table: Timetable, pin: Pin) -> Unmet:
    """Why a pin could not be kept, now that the others sit."""
    house, (pair, slot, _) = table.house, pin
    person, employer = house.left[pair], house.right[pair]
    if table.slot[pair] != NOWHERE:
        return _lost(house, pin, "pin_twice", kept=table.slot[pair])
    other = table.at_person[person][slot]
    if other != NOWHERE:
        return _lost(house, pin, "pin_person_taken", other=house.employers.ids[house.right[other]])
    if table.person_count[person] >= house.people.most[person]:
        return _lost(house, pin, "pin_person_full", most=house.people.most[person])
    seated = table.at_employer[employer][slot]
    if len(seated) >= house.employers.seats[employer]:
        return _lost(house, pin, "pin_tables_taken", tables=house.employers.seats[employer])
    if table.employer_count[employer] >= house.employers.most[employer]:
        return _lost(house, pin, "pin_employer_full", most=house.employers.most[employer])
    return _lost(house, pin, "pin_table_taken", table=pin[2] or 0)


def _lost(house: Instance, pin: Pin, reason: str, **facts: str | int) -> Unmet:
    pair, slot, _ = pin
    ends = house.people.ids[house.left[pair]], house.employers.ids[house.right[pair]]
    return unmet(Kind.PINNED, reason, candidate=ends[0], employer=ends[1], slot=slot, facts=dict(facts))
