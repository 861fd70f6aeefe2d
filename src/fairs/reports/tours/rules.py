"""Adds up what a tour has brought, by city and by employer. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from fairs.meetings.tables import MeetingOutcome
from fairs.reports.tours.rows import AgreedRow, CameRow, CostRow, MetRow, Place, VisitRow

P = TypeVar("P", bound=Place)
Key = Callable[[Place], str | None]


@dataclass(frozen=True)
class Brought:
    """All rows of a tour."""

    visits: Sequence[VisitRow]
    came: Sequence[CameRow]
    met: Sequence[MetRow]
    agreed: Sequence[AgreedRow]
    costs: Sequence[CostRow]

    def of(self, key: Key, value: str) -> "Brought":
        """Those of a city or an employer."""

        def chosen(rows: Iterable[P]) -> list[P]:
            return [row for row in rows if key(row) == value]

        return Brought(
            chosen(self.visits), chosen(self.came), chosen(self.met), chosen(self.agreed), chosen(self.costs)
        )


@dataclass(frozen=True)
class Line:
    """Numbers of a city or an employer. `key`: the value of the filter that opens the rows."""

    key: str
    name_zh: str
    name_en: str
    stops: int
    came: int
    met: int
    meetings: int
    outcomes: dict[str, int]
    intents: int
    signed: int
    costs: dict[str, int] = field(default_factory=dict)


def city_of(row: Place) -> str | None:
    """The filter of the city."""
    return row.unit or "none"


def employer_of(row: Place) -> str | None:
    """The filter of the employer; None where there is none."""
    return None if row.organisation is None else str(row.organisation)


def line(found: Brought, key: str = "", name_zh: str = "", name_en: str = "") -> Line:
    """What these rows add up to; people, meetings and agreements each once."""
    costs: dict[str, int] = {}
    for row in found.costs:
        costs[row.currency] = costs.get(row.currency, 0) + row.amount
    return Line(
        key,
        name_zh,
        name_en,
        stops=len(found.visits),
        came=len({row.member for row in found.came}),
        met=len({row.talent for row in found.met}),
        meetings=len(found.met),
        outcomes={one.value: sum(1 for row in found.met if row.outcome == one) for one in MeetingOutcome},
        intents=sum(1 for row in found.agreed if row.intent),
        signed=sum(1 for row in found.agreed if row.signed),
        costs=costs,
    )


def lines(found: Brought, key: Key, name: Callable[[Place], tuple[str, str]]) -> list[Line]:
    """A line for each city or employer, in the order in which the tour came there."""
    names: dict[str, tuple[str, str]] = {}
    for rows in (found.visits, found.came, found.met, found.agreed, found.costs):
        for row in rows:
            value = key(row)
            if value is not None and value not in names:
                names[value] = name(row)
    return [line(found.of(key, value), value, *named) for value, named in names.items()]
