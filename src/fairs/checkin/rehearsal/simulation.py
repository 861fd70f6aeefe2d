"""What a crowd means for each gate, the desk and the printers. Pure; times in seconds after the first ten minutes begin."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from fairs.checkin.rehearsal.crowd import Arrival, Assumptions, Kind, handling
from fairs.checkin.rehearsal.queues import lanes_needed, longest_line, quantile, serve

SPAN = 600.0  # seconds of a column of the curve
MOST_SPANS = 144


class StationKind(StrEnum):
    """What a line of people is for."""

    GATE = "gate"
    DESK = "desk"
    PRINTER = "printer"


class Lane(msgspec.Struct, frozen=True):
    """A gate with its lanes. `categories` empty: all."""

    code: str
    name_zh: str
    name_en: str
    lanes: int
    categories: list[str]


class Station(msgspec.Struct, frozen=True):
    """A line of people: a gate, the desk, or the printers. Waits in seconds; `line`: the longest in each ten minutes;
    `came`: the people of each ten minutes; `per_minute`: what one lane serves."""

    kind: StationKind
    code: str
    name_zh: str
    name_en: str
    lanes: int
    people: int
    per_minute: float
    wait_median: float
    wait_p95: float
    wait_longest: float
    needed: int
    came: list[int]
    line: list[int]


class Server(msgspec.Struct, frozen=True):
    """What the real server did: scans that it decided and took back, in milliseconds, and whom it would refuse now."""

    scans: int
    seconds: float
    p50_ms: float
    p99_ms: float
    refused: dict[str, int]


class Result(msgspec.Struct, frozen=True):
    """A whole rehearsal. `begins`: of the first ten minutes."""

    begins: datetime
    stations: list[Station]
    server: Server


@dataclass(frozen=True)
class Staffing:
    """Lanes of each gate, people at the desk, printers."""

    gates: Sequence[Lane]
    desks: int
    printers: int


@dataclass(frozen=True)
class _Line:
    """The people of one line, in order of arrival, with the seconds that each takes."""

    arrivals: list[float]
    seconds: list[float]


def gate_of(gates: Sequence[Lane], arrival: Arrival, taken: Sequence[int]) -> int | None:
    """The gate that admits this category and has had the fewest people for its lanes; None: no gate admits it."""
    open_to = [at for at, gate in enumerate(gates) if not gate.categories or arrival.category in gate.categories]
    return min(open_to, key=lambda at: (taken[at] / gates[at].lanes, at)) if open_to else None


def split(gates: Sequence[Lane], arrivals: Sequence[Arrival]) -> list[tuple[Arrival, int | None]]:
    """Each person with the gate where the person comes in; walk-ins and whom no gate admits go to the desk (None)."""
    taken = [0] * len(gates)
    found: list[tuple[Arrival, int | None]] = []
    for arrival in arrivals:
        at = None if arrival.kind == Kind.WALK_IN else gate_of(gates, arrival, taken)
        if at is not None:
            taken[at] += 1
        found.append((arrival, at))
    return found


def simulate(
    arrivals: Sequence[Arrival],
    staff: Staffing,
    given: Assumptions,
    server: Server,
    answers: Sequence[float],
    seed: int = 0,
) -> Result:
    """The lines of a crowd. `answers`: measured seconds of the server, used in turn; none: no time."""
    chance = random.Random(seed)
    begins = _floor(arrivals[0].at)
    lines = [_Line([], []) for _ in staff.gates]
    desk: list[tuple[float, float]] = []
    sent_on: list[tuple[int, int, Kind]] = []
    for number, (arrival, gate) in enumerate(split(staff.gates, arrivals)):
        came = (arrival.at - begins).total_seconds()
        if gate is None:
            desk.append((came, _at_desk(arrival.kind, given, chance)))
            continue
        if arrival.kind == Kind.TROUBLE:
            sent_on.append((gate, len(lines[gate].arrivals), arrival.kind))
        lines[gate].arrivals.append(came)
        answer = answers[number % len(answers)] if answers else 0.0
        lines[gate].seconds.append(handling(arrival.kind, given, chance) + answer)
    served = [serve(line.arrivals, line.seconds, gate.lanes) for line, gate in zip(lines, staff.gates, strict=True)]
    desk += [(served[gate].done[at], _at_desk(kind, given, chance)) for gate, at, kind in sent_on]
    desk_line = _line(desk)
    at_desk = serve(desk_line.arrivals, desk_line.seconds, staff.desks)
    prints = _line([(done, given.print_seconds) for done in at_desk.done])
    spans = _spans([*(one.done[-1] for one in served if one.done), *at_desk.done[-1:]])
    gates = [
        _station(StationKind.GATE, gate.code, (gate.name_zh, gate.name_en), line, gate.lanes, given, spans)
        for gate, line in zip(staff.gates, lines, strict=True)
    ]
    desks = _station(StationKind.DESK, "desk", ("", ""), desk_line, staff.desks, given, spans)
    printers = _station(StationKind.PRINTER, "printer", ("", ""), prints, staff.printers, given, spans)
    return Result(begins, [*gates, desks, printers], server)


def _at_desk(kind: Kind, given: Assumptions, chance: random.Random) -> float:
    mean = given.walk_in_seconds if kind == Kind.WALK_IN else given.trouble_seconds
    return mean * chance.triangular(0.5, 1.5, 1.0)


def _line(people: Sequence[tuple[float, float]]) -> _Line:
    ordered = sorted(people)
    return _Line([came for came, _ in ordered], [seconds for _, seconds in ordered])


def _floor(moment: datetime) -> datetime:
    return moment - timedelta(seconds=moment.timestamp() % SPAN)


def _spans(ends: Sequence[float]) -> int:
    return min(MOST_SPANS, int(max(ends, default=0.0) // SPAN) + 1)


def _station(
    kind: StationKind, code: str, names: tuple[str, str], line: _Line, lanes: int, given: Assumptions, spans: int
) -> Station:
    served = serve(line.arrivals, line.seconds, lanes)
    waits = served.waits
    mean = sum(line.seconds) / len(line.seconds) if line.seconds else 0.0
    came = [0] * spans
    for at in line.arrivals:
        came[min(spans - 1, int(at // SPAN))] += 1
    return Station(
        kind,
        code,
        *names,
        lanes=lanes,
        people=len(line.arrivals),
        per_minute=round(60 / mean, 1) if mean else 0.0,
        wait_median=round(quantile(waits, 0.5), 1),
        wait_p95=round(quantile(waits, 0.95), 1),
        wait_longest=round(max(waits, default=0.0), 1),
        needed=lanes_needed(line.arrivals, line.seconds, given.longest_wait_minutes * 60) if line.arrivals else 0,
        came=came,
        line=longest_line(served, 0.0, SPAN, spans),
    )
