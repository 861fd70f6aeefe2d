"""Data types of a tour to plan and of its plan.

Days are numbered 0 to `days` − 1, hours are those of the clock. A score is a whole number; the objective is the sum of the scores of the
stops at which people are with their group. Ids are the caller's own.
"""

from dataclasses import dataclass
from enum import StrEnum

Fact = str | int | float | tuple[str, ...]
"""A name, a number or a list of names in the reason of something unmet."""
SCORE_LIMIT = 1_000_000
"""Largest score: sums over a tour stay exact in double precision."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who wants to travel, and on which days they are there (None: all). Languages change no plan."""

    id: str
    languages: tuple[str, ...] = ()
    days: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """A place to visit: how long it takes, how many people it takes at once, on which days it receives (None: all)."""

    id: str
    city: str
    hours: float
    places: int
    days: tuple[int, ...] | None = None
    must: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """What a person's visit of a stop is worth."""

    person: str
    stop: str
    score: int


@dataclass(frozen=True, slots=True)
class Pace:
    """The most stops in one day."""

    per_day: int


@dataclass(frozen=True, slots=True)
class Groups:
    """How many groups may travel, and how many people are in one at most."""

    max: int
    seats: int


@dataclass(frozen=True, slots=True)
class Tour:
    """A tour to plan. `hours` are the first and the last one of each day, `travel` the hours of driving between two cities."""

    days: int
    hours: tuple[float, float]
    pace: Pace
    groups: Groups
    start: str
    end: str
    people: tuple[Person, ...] = ()
    stops: tuple[Stop, ...] = ()
    scores: tuple[Score, ...] = ()
    travel: dict[str, dict[str, float]] | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """One stop of a group's day, with the hours at which it begins and ends."""

    stop: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a group; it ends in the city `night`."""

    day: int
    stops: tuple[Visit, ...]
    night: str


@dataclass(frozen=True, slots=True)
class Group:
    """Who travels together, and their days."""

    people: tuple[str, ...]
    days: tuple[Day, ...]


class Kind(StrEnum):
    """What could not be served."""

    MUST = "must"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Unmet:
    """A must stop that nobody visits, or a person in no group: `reason` is a code of `reasons.py`, `facts` its numbers and names,
    `why` the English sentence made of them. `proved`: no plan could do better; otherwise this plan or its search could not."""

    kind: Kind
    reason: str
    facts: dict[str, Fact]
    why: str
    stop: str | None = None
    person: str | None = None
    proved: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """A legal plan. `bound` is at least the objective of any plan that holds as many must stops; `gap` is (bound − objective) / bound,
    rounded up, 0 when the plan is proved best."""

    groups: tuple[Group, ...]
    objective: int
    bound: int
    gap: float
    unmet: tuple[Unmet, ...]
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Options:
    """How much work the search may do. All limits are counts, never seconds, so that the plan does not depend on the machine."""

    work: int = 1_000_000_000
    """Elementary steps of the search over groups and routes."""
    proof: int = 2_000_000_000
    """Elementary steps of the proof of the bound."""
    patterns: int = 400_000
    """Most ways to fill a day that are kept at once; above it, lengths of stops are rounded."""
    exact_columns: int = 4_000
    """Up to this many columns a tour is solved exactly by branch and bound."""
    nodes: int = 3_000
    """Most branches of one exact search."""
