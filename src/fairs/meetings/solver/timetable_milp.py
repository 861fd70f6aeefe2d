"""The timetable as an integer programme over (pair, slot) cells: exact, and feasible only for a part of a hall.

Used only where simpler methods prove nothing: which musts fit together, and the last gap of a small hall.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from fairs.meetings.solver.instance import slots_of
from fairs.meetings.solver.lp import INFINITY, Model, Stop, maximise
from fairs.meetings.solver.timetable import Timetable

_NODES = 20_000
PAIR, PERSON, PERSON_ALL, EMPLOYER, EMPLOYER_ALL = (
    "pair",
    "person",
    "person_all",
    "employer",
    "employer_all",
)  # kinds of rows


@dataclass(frozen=True, slots=True)
class Cell:
    """A pair in a slot."""

    pair: int
    slot: int


@dataclass(frozen=True, slots=True)
class Placed:
    """The slot of each chosen pair, the value, and the bound that no placing can exceed."""

    slots: dict[int, int]
    worth: float
    bound: float


def cells_of(table: Timetable, pairs: Iterable[int]) -> list[Cell]:
    """The cells in which these pairs could sit beside the seated ones."""
    house = table.house
    return [
        Cell(pair, slot)
        for pair in pairs
        for slot in slots_of(table.person_open[house.left[pair]] & table.employer_open[house.right[pair]])
    ]


class Programme:
    """Rows and columns of one exact problem. Columns are the cells, then a count of missing meetings for each need."""

    def __init__(self, table: Timetable, cells: Sequence[Cell], *, needs: bool) -> None:
        self.table, self.cells = table, list(cells)
        self._row: dict[tuple[str, int, int], int] = {}
        self._lower: list[float] = []
        self._upper: list[float] = []
        self._columns: list[list[int]] = []
        for cell in self.cells:
            self._columns.append([self._row_of(*key) for key in self._uses(cell)])
        self._needs = self._add_needs() if needs else []

    def _uses(self, cell: Cell) -> list[tuple[str, int, int]]:
        house = self.table.house
        person, employer = house.left[cell.pair], house.right[cell.pair]
        return [
            (PAIR, cell.pair, 0),
            (PERSON, person, cell.slot),
            (PERSON_ALL, person, 0),
            (EMPLOYER, employer, cell.slot),
            (EMPLOYER_ALL, employer, 0),
        ]

    def _row_of(self, kind: str, at: int, slot: int) -> int:
        key = (kind, at, slot)
        if key not in self._row:
            self._row[key] = len(self._upper)
            self._lower.append(-INFINITY)
            self._upper.append(float(self._room(kind, at, slot)))
        return self._row[key]

    def _room(self, kind: str, at: int, slot: int) -> int:
        table, people, employers = self.table, self.table.house.people, self.table.house.employers
        if kind in (PAIR, PERSON):
            return 1
        if kind == PERSON_ALL:
            return people.most[at] - table.person_count[at]
        if kind == EMPLOYER:
            return employers.seats[at] - len(table.at_employer[at][slot])
        return employers.most[at] - table.employer_count[at]

    def _add_needs(self) -> list[int]:
        """One column of missing meetings for each row with a minimum; returns how many may be missing at most, by column."""
        table, needs = self.table, []
        sides = (
            (PERSON_ALL, table.house.people.least, table.person_count),
            (EMPLOYER_ALL, table.house.employers.least, table.employer_count),
        )
        for kind, least, held in sides:
            for at, wanted in enumerate(least):
                lack = wanted - held[at]
                if lack > 0:
                    row = self._row_of(kind, at, 0)
                    self._lower[row] = float(lack)
                    self._upper[row] = max(self._upper[row], float(lack))
                    self._columns.append([row])
                    needs.append(lack)
        return needs

    def solve(
        self,
        worth: Sequence[float],
        *,
        missing: float = 0.0,
        most_missing: int | None = None,
        least_of: tuple[frozenset[int], int] | None = None,
        stop: Stop | None = None,
    ) -> Placed | None:
        """The best placing when a cell is worth `worth` and a missing meeting costs `missing`.

        `most_missing` limits the meetings missing in total, `least_of` requires so many of a set of pairs to be placed. None when
        there is no such placing or the search was stopped before it found one.
        """
        columns, lower, upper = [list(rows) for rows in self._columns], list(self._lower), list(self._upper)
        if most_missing is not None:
            _add_row(columns, range(len(self.cells), len(columns)), len(upper))
            lower.append(-INFINITY)
            upper.append(float(most_missing))
        if least_of is not None:
            wanted, count = least_of
            _add_row(columns, [at for at, cell in enumerate(self.cells) if cell.pair in wanted], len(upper))
            lower.append(float(count))
            upper.append(INFINITY)
        answer = maximise(
            Model(
                profit=np.array([*worth, *[-missing] * len(self._needs)], dtype=float),
                lower=np.zeros(len(columns)),
                upper=np.array([1.0] * len(self.cells) + [float(lack) for lack in self._needs]),
                starts=np.cumsum([0, *map(len, columns)]).astype(np.int64),
                rows=np.array([row for rows in columns for row in rows], dtype=np.int64),
                row_lower=np.array(lower),
                row_upper=np.array(upper),
            ),
            whole=True,
            nodes=_NODES,
            stop=stop,
        )
        if answer is None:
            return None
        chosen = [cell for cell, value in zip(self.cells, answer.values.tolist(), strict=False) if value > 0.5]
        return Placed({cell.pair: cell.slot for cell in chosen}, answer.objective, answer.bound)


def _add_row(columns: list[list[int]], members: Iterable[int], row: int) -> None:
    for column in members:
        columns[column].append(row)
