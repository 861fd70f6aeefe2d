"""The exact search for small tours: groups, nights and stops as one integer programme."""

from dataclasses import dataclass, field

import numpy as np

from fairs.meetings.solver.lp import INFINITY, Answer, Model, Stop, maximise
from fairs.tours.planner.instance import Bools, Instance
from fairs.tours.planner.patterns import NEVER, Leg, Patterns, Route
from fairs.tours.planner.routes import find_route

_SEEN = 0.5
_NOTHING = Answer(np.zeros(0), np.zeros(0), 0.0, 0.0)


@dataclass(slots=True)
class Rows:
    """A programme that grows: columns with their profit, rows with their limits."""

    profit: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    columns: list[list[tuple[int, float]]] = field(default_factory=list)
    limits: list[tuple[float, float]] = field(default_factory=list)

    def column(self, profit: float = 0.0, upper: float = 1.0) -> int:
        """A new column."""
        self.profit.append(profit)
        self.upper.append(upper)
        self.columns.append([])
        return len(self.profit) - 1

    def row(self, entries: list[tuple[int, float]], low: float, high: float) -> None:
        """A new row over columns."""
        for column, value in entries:
            self.columns[column].append((len(self.limits), value))
        self.limits.append((low, high))

    def model(self, continuous: int) -> Model:
        """The programme; its last columns may be broken."""
        starts = np.cumsum([0, *(len(one) for one in self.columns)])
        flat = [entry for one in self.columns for entry in one]
        return Model(
            np.array(self.profit, dtype=np.float64),
            np.zeros(len(self.profit)),
            np.array(self.upper, dtype=np.float64),
            np.array(starts, dtype=np.int64),
            np.array([row for row, _ in flat], dtype=np.int64),
            np.array([low for low, _ in self.limits], dtype=np.float64),
            np.array([high for _, high in self.limits], dtype=np.float64),
            np.array([value for _, value in flat], dtype=np.float64),
            continuous,
        )


@dataclass(frozen=True, slots=True)
class Settled:
    """The best groups that were found, and the bound of the objective of all."""

    routes: list[Route]
    members: list[Bools]
    bound: int


@dataclass(slots=True)
class _Columns:
    """Where the columns of the programme are."""

    nights: dict[tuple[int, int, int, int], int]
    fills: dict[tuple[int, int, int], int]
    seats: dict[tuple[int, int], int]


def size_of(house: Instance, ways: Patterns) -> int:
    """About how many columns the programme has."""
    each = house.days * (len(ways.parts) + house.travel.size) + house.score.size
    return house.groups * each


def settle(
    house: Instance, ways: Patterns, musts: int, beat: int, nodes: int, stop: Stop | None = None
) -> Settled | None:
    """The best plan with at least so many must stops and a larger objective than `beat`. `ways` has a kind for each stop.

    Without groups when there is none, or the search ended before it found one; its bound tells which. None when nothing is known.
    """
    rows = Rows()
    stops = [ways.stops_of(number, np.zeros(len(house.hours))) for number in range(len(ways.parts))]
    columns = _Columns({}, {}, {})
    for group in range(house.groups):
        _route_columns(house, ways, stops, rows, columns, group)
    for group in range(house.groups):
        for person in range(len(house.score)):
            columns.seats[group, person] = rows.column(
                upper=float(house.free[person].any() and (person > 0 or group == 0))
            )
    _seat_rows(house, stops, rows, columns)
    continuous = _gain_columns(house, ways, stops, rows, columns)
    _must_rows(house, stops, rows, columns, musts)
    worth = [(at, profit) for at, profit in enumerate(rows.profit) if profit]
    rows.row(worth, beat + 1.0, INFINITY)
    found = maximise(rows.model(continuous), whole=True, nodes=nodes, stop=stop, impossible=_NOTHING)
    if found is None:
        return None
    if found is _NOTHING:
        return Settled([], [], beat)
    if len(found.values) != len(rows.profit) or not found.values.any():
        return Settled([], [], _whole(found.bound))
    return _told(house, stops, columns, found.values, found.bound)


def _route_columns(
    house: Instance, ways: Patterns, stops: list[tuple[int, ...]], rows: Rows, columns: _Columns, group: int
) -> None:
    """A chain of nights, and one pattern a day that fits between them; each stop once."""
    cities, days = range(len(house.travel)), range(house.days)
    for day in days:
        here = []
        for a in cities if day else [house.start]:
            for b in cities if day < house.days - 1 else [house.end]:
                columns.nights[group, day, a, b] = rows.column()
                here.append((columns.nights[group, day, a, b], 1.0))
        rows.row(here, 1.0, 1.0)
        fills = []
        for number, chosen in enumerate(stops):
            if house.on[list(chosen), day].all():
                columns.fills[group, day, number] = rows.column()
                fills.append((columns.fills[group, day, number], 1.0))
                fits = ways.fits[ways.set_of[number]] >= ways.rank_of[number]
                around = [
                    (columns.nights[key], -1.0)
                    for a, b in np.argwhere(fits)
                    if (key := (group, day, int(a), int(b))) in columns.nights
                ]
                rows.row([fills[-1], *around], -INFINITY, 0.0)
        rows.row(fills, 1.0, 1.0)
    for day in days[:-1]:
        for b in cities:
            came = [(columns.nights[key], 1.0) for a in cities if (key := (group, day, a, b)) in columns.nights]
            left = [(columns.nights[key], -1.0) for c in cities if (key := (group, day + 1, b, c)) in columns.nights]
            rows.row([*came, *left], 0.0, 0.0)
    for one in range(len(house.hours)):
        rows.row(_visits(house, stops, columns, group, one, range(house.days)), -INFINITY, 1.0)


def _visits(
    house: Instance, stops: list[tuple[int, ...]], columns: _Columns, group: int, one: int, days: range | list[int]
) -> list[tuple[int, float]]:
    """The columns by which a group is at a stop on some days."""
    return [
        (columns.fills[key], 1.0)
        for day in days
        if house.on[one, day]
        for number, chosen in enumerate(stops)
        if one in chosen and (key := (group, day, number)) in columns.fills
    ]


def _seat_rows(house: Instance, stops: list[tuple[int, ...]], rows: Rows, columns: _Columns) -> None:
    """Everybody in at most one group; seats; places of the stops; no stop for a group of nobody."""
    people, groups = range(len(house.score)), range(house.groups)
    for person in people:
        rows.row([(columns.seats[group, person], 1.0) for group in groups], -INFINITY, 1.0)
    for group in groups:
        all_of = [(columns.seats[group, person], 1.0) for person in people]
        rows.row(all_of, -INFINITY, float(house.seats))
        for day in range(house.days):
            fills = [
                (columns.fills[group, day, number], -1.0)
                for number, chosen in enumerate(stops)
                if chosen and (group, day, number) in columns.fills
            ]
            rows.row([*all_of, *fills], 0.0, INFINITY)
            here = [(columns.seats[group, person], 1.0) for person in people if house.free[person, day]]
            most = min(house.seats, len(here))
            for one in range(len(house.hours)):
                places = int(house.places[one])
                if house.on[one, day] and places < most:
                    visits = _visits(house, stops, columns, group, one, [day])
                    more = [(column, float(most - places)) for column, _ in visits]
                    rows.row([*here, *more], -INFINITY, float(most))


def _gain_columns(house: Instance, ways: Patterns, stops: list[tuple[int, ...]], rows: Rows, columns: _Columns) -> int:
    """A person scores a stop when they are in the group and the group is there, and all in all no more than on a tour of their own."""
    before = len(rows.profit)
    alone = [_best_alone(house, ways, person) for person in range(len(house.score))]
    for group in range(house.groups):
        gains: dict[int, list[tuple[int, float]]] = {}
        for person, one in np.argwhere(house.score > 0).tolist():
            days = [day for day in range(house.days) if house.free[person, day]]
            visits = _visits(house, stops, columns, group, one, days)
            if visits:
                score = float(house.score[person, one])
                gain = rows.column(score)
                rows.row([(gain, 1.0), (columns.seats[group, person], -1.0)], -INFINITY, 0.0)
                rows.row([(gain, 1.0), *((column, -1.0) for column, _ in visits)], -INFINITY, 0.0)
                gains.setdefault(person, []).append((gain, score))
        for person, entries in gains.items():
            rows.row([*entries, (columns.seats[group, person], -alone[person])], -INFINITY, 0.0)
    return len(rows.profit) - before


def _best_alone(house: Instance, ways: Patterns, person: int) -> float:
    """The most that somebody could score, rounded up."""
    values = np.where(house.on.T & house.free[person][:, None], house.score[person].astype(np.float64), NEVER)
    found = find_route(house, ways, values, rounds=40)
    return float(np.ceil(found.bound - 1e-6)) if found else 0.0


def _must_rows(house: Instance, stops: list[tuple[int, ...]], rows: Rows, columns: _Columns, musts: int) -> None:
    if not musts:
        return
    held = []
    for one in np.flatnonzero(house.must):
        held.append((rows.column(), 1.0))
        visits = [
            (column, -1.0)
            for group in range(house.groups)
            for column, _ in _visits(house, stops, columns, group, int(one), range(house.days))
        ]
        rows.row([held[-1], *visits], -INFINITY, 0.0)
    rows.row(held, float(musts), INFINITY)


def _told(
    house: Instance,
    stops: list[tuple[int, ...]],
    columns: _Columns,
    values: "np.typing.NDArray[np.float64]",
    bound: float,
) -> Settled:
    routes: list[Route] = []
    members: list[Bools] = []
    for group in range(house.groups):
        nights = {day: (a, b) for (g, day, a, b), at in columns.nights.items() if g == group and values[at] > _SEEN}
        chosen = {day: stops[n] for (g, day, n), at in columns.fills.items() if g == group and values[at] > _SEEN}
        routes.append(tuple(Leg(*nights[day], chosen[day]) for day in range(house.days)))
        seats = [values[columns.seats[group, person]] > _SEEN for person in range(len(house.score))]
        members.append(np.array(seats, dtype=np.bool_))
    return Settled(routes, members, _whole(bound))


def _whole(bound: float) -> int:
    return int(np.floor(min(bound, 1e15) + 1e-4))
